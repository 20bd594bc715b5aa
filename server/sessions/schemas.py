"""The wire contract of live sessions: the personalised view. Messages are in `messages`, the way in is in `join_schemas`.

`docs/session-protocol.md` is the prose to it. The view is complete and authoritative: a page renders it and decides nothing.
Enum values are snake_case, codes upper snake case; texts for codes live in the front end's locale files.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from server.http.endpoint import Schema

Role = Literal["agent", "policyholder", "insured", "guardian"]
Phase = Literal["lobby", "recording", "ended", "declined", "aborted"]
Presence = Literal["expected", "waiting", "present", "interrupted", "left"]
NodeKind = Literal["notice", "agent_statement", "show_id", "question", "reading", "signing", "closing"]
NodeStatus = Literal["pending", "current", "done"]
PromptState = Literal["none", "preparing", "playing", "finished", "stopped", "failed", "read_aloud"]
AnswerState = Literal["waiting", "listening", "affirmative", "negative", "unclear", "silent", "not_measured", "overridden"]
Location = Literal["remote", "with_agent"]
ShareMode = Literal["reader", "screen"]


class Reason(Schema):
    """Why something is refused or still missing. `params` may carry person_id, name, roles, document_id, document_name, …"""

    code: str
    params: dict[str, Any] = Field(default_factory=dict)


class AllowedAction(Schema):
    """One button. Absent actions are not this person's at all; a disabled one says why."""

    action: str
    enabled: bool
    reasons: list[Reason] = Field(default_factory=list)


class CaseInView(Schema):
    """The case in the header."""

    case_id: str
    proposal_no: str
    product_name: str
    product_kind: str
    insurer_name: str
    policyholder_name: str


class RecordingInView(Schema):
    """The recording clock: elapsed = server time − started_at; take the offset from `server_time` of the view."""

    state: Literal["idle", "starting", "running", "stopping", "stopped", "failed"]
    recording_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    problem: Reason | None = None


class SoftTimer(Schema):
    """Usual length of a session (T22). It warns; it stops nothing."""

    limit_s: int
    is_over: bool


class MeInView(Schema):
    """Who I am here."""

    seat_id: str
    kind: Literal["agent", "customer"]
    name: str
    roles: list[Role]
    person_ids: list[str]
    care_mode: bool
    is_media_allowed: bool
    """Whether `media.join` will be accepted now (agent first, consents given)."""
    missing_consents: list[Literal["recording", "face_and_identity", "ai_voice"]] = Field(default_factory=list)
    instruction: Reason
    """The one thing to do now, as a code. Lobby: ENTER_ROOM, WAIT_FOR_AGENT, WAIT_FOR_PEOPLE, WAIT_FOR_START, START_RECORDING.
    Everybody: LISTEN, WAIT_FOR_OTHERS, SESSION_OVER. Agent: READ_ALOUD, SPEAK, SHOW_ID, CHECK_IDS, REPEAT_PROMPT,
    DECIDE_OR_REPEAT, DECIDE_ANSWER, PRESS_NEXT, END_RECORDING. Customers: ANSWER_NOW, ANSWERED, WAIT_FOR_REPEAT, SHOW_ID,
    CONFIRM_AGENT_ID, SHARE_AND_READ, SHARE_AND_SIGN, READ_ON, SIGN_NOW, STOP_SHARING, WAIT_FOR_SHARE,
    READ_WITH_AGENT (sits with the agent: may read and sign here without sharing)."""


class Alert(Schema):
    """A machine finding about a person, still active. Advice only: a person decides."""

    code: str
    since_ms: int


class MediaInView(Schema):
    """What arrives at the server from this seat."""

    is_connected: bool
    tracks: list[Literal["mic", "camera", "screen"]] = Field(default_factory=list)
    lapses: list[Literal["hidden", "mic_muted", "camera_muted"]] = Field(default_factory=list)
    """What the page reports of itself: behind another app, microphone or camera taken away."""
    quality: float | None = None


class PersonInView(Schema):
    """One chair. Customers see the others' names masked."""

    seat_id: str
    kind: Literal["agent", "customer"]
    name: str
    roles: list[Role]
    parties: list["PartyInView"] = Field(default_factory=list)
    presence: Presence
    since: datetime | None = None
    location: Location
    has_consented: bool
    care_mode: bool
    media: MediaInView
    alerts: list[Alert] = Field(default_factory=list)
    is_sharing: bool
    is_me: bool


class PartyInView(Schema):
    """A person of the application; one seat can stand for several who sit together before one phone."""

    person_id: str
    name: str
    roles: list[Role]
    is_required: bool


class NodeInList(Schema):
    """A line of the node list."""

    node_id: str
    number: int
    kind: NodeKind
    title: str
    status: NodeStatus
    has_override: bool = False
    is_not_measured: bool = False
    is_locked: bool = False


class Caption(Schema):
    """A prompt's text with its timing: `marks` are (character index, ms after the prompt's start)."""

    text: str
    marks: list[tuple[int, int]] = Field(default_factory=list)


class PromptInView(Schema):
    """The prompt of the current node."""

    prompt_id: str | None = None
    state: PromptState
    plays: int = 0
    started_t_ms: int | None = None
    duration_ms: int | None = None
    is_synthetic: bool = True
    caption: Caption | None = None
    problem: Reason | None = None


class AnswerCard(Schema):
    """One person's answer at the current node."""

    person_id: str
    seat_id: str | None
    name: str
    roles: list[Role]
    state: AnswerState
    is_satisfied: bool
    attempt: int
    attempts_max: int
    text: str | None = None
    phrase: str | None = None
    confidence: float | None = None
    window_closes_at: datetime | None = None
    override_reason: str | None = None
    can_override: bool = False
    reasons: list[str] = Field(default_factory=list)


class LedgerLine(Schema):
    """One document of one person. All booleans are derived by the server."""

    person_id: str
    name: str
    document_id: str
    document_name: str
    needs: Literal["read", "sign"]
    page_count: int
    is_opened: bool
    pages_seen: list[int]
    pages_at_bottom: list[int]
    is_title_enlarged: bool
    is_number_enlarged: bool | None
    dwell_ms: int
    min_dwell_ms: int
    is_read: bool
    is_signed: bool
    signature_sha256: str | None = None
    is_on_site_confirmed: bool = False
    is_complete: bool
    missing: list[str] = Field(default_factory=list)


class IdCheck(Schema):
    """One certificate to be shown at this node."""

    person_id: str
    name: str
    roles: list[Role]
    confirmed_by: Literal["agent", "policyholder"]
    is_confirmed: bool
    method: Literal["camera", "share", "on_site"] | None = None


class CurrentNode(Schema):
    """Everything about the node that is on."""

    node_id: str
    number: int
    kind: NodeKind
    title: str
    text: str
    agent_text: str | None = None
    is_locked: bool
    is_last: bool
    entered_at: datetime
    min_ms: int
    audience: list[Role]
    must_repeat: list[str] = Field(default_factory=list)
    """person_ids who missed the prompt; the node must be repeated."""
    prompt: PromptInView
    answers: list[AnswerCard] = Field(default_factory=list)
    documents: list[LedgerLine] = Field(default_factory=list)
    id_checks: list[IdCheck] = Field(default_factory=list)
    notes: list["NoteInView"] = Field(default_factory=list)


class NoteInView(Schema):
    """A question-and-answer note the agent took (T4). Agent only."""

    at_ms: int
    text: str


class ShareInView(Schema):
    """The share that is on."""

    share_id: str
    seat_id: str
    name: str
    mode: ShareMode
    started_at: datetime
    document_id: str | None = None
    page: int | None = None
    is_mine: bool
    is_silent: bool = False
    """No picture comes for the moment."""


class DocumentInView(Schema):
    """A document I may open; bytes at `url` with my ticket."""

    document_id: str
    name: str
    kind: str
    page_count: int
    sha256: str
    needs: Literal["read", "sign"]
    url: str


class JoinCodeInView(Schema):
    """The code, for the agent only. `is_locked`: dead of wrong tries; customers need a new one (`POST …/code`).

    `blocked_until`: somebody with this session's code was turned away, because too many wrong tries came from that network
    address (which is not told); until then it may not try. Null when nobody is.
    """

    code: str
    expires_at: datetime
    is_active: bool
    is_locked: bool = False
    blocked_until: datetime | None = None


class EngineInView(Schema):
    """Which helpers are up. `speech` down means the agent decides answers and inspection sees not_measured."""

    media: bool
    speech: bool
    vision: bool


class SessionView(Schema):
    """The whole truth for one person at one `seq`."""

    session_id: str
    seq: int
    server_time: datetime
    phase: Phase
    outcome_reason: Reason | None = None
    case: CaseInView
    recording: RecordingInView
    soft_timer: SoftTimer
    me: MeInView
    people: list[PersonInView]
    nodes: list[NodeInList]
    node: CurrentNode | None = None
    share: ShareInView | None = None
    documents: list[DocumentInView] = Field(default_factory=list)
    ledger: list[LedgerLine] = Field(default_factory=list)
    missing: list[Reason] = Field(default_factory=list)
    """What keeps `start_recording` (lobby) or `advance` / `end_recording` (recording) from being accepted. Agent only."""
    allowed_actions: list[AllowedAction]
    join_code: JoinCodeInView | None = None
    engines: EngineInView
    answer_limits: dict[str, int] = Field(default_factory=dict)
