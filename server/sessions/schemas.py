"""The wire contract of live sessions: the personalised view, commands, pushes, and the join flow.

`docs/session-protocol.md` is the prose to it. The view is complete and authoritative: a page renders it and decides nothing.
Enum values are snake_case, codes upper snake case; texts for codes live in the front end's locale files.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from server.http.endpoint import Schema
from server.http.typed import FourDigits, SixDigits

Role = Literal["agent", "policyholder", "insured", "guardian"]
Phase = Literal["lobby", "recording", "ended", "declined", "aborted"]
Presence = Literal["expected", "waiting", "present", "interrupted", "left"]
NodeKind = Literal["notice", "agent_statement", "show_id", "question", "reading", "signing", "closing"]
NodeStatus = Literal["pending", "current", "done"]
PromptState = Literal["none", "preparing", "playing", "finished", "stopped", "failed", "read_aloud"]
AnswerState = Literal["waiting", "listening", "affirmative", "negative", "unclear", "silent", "not_measured", "overridden"]
Location = Literal["remote", "with_agent"]
ShareMode = Literal["reader", "screen"]

# ── the view ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── WebSocket: client → server ──────────────────────────────────────────────────────────────────────────────────────────────


class Hello(Schema):
    """First message. Staff send `ticket: null` (their cookie counts), customers the seat ticket."""

    type: Literal["hello"]
    ticket: str | None = None
    last_seq: int = 0


class ClientCommand(Schema):
    """A command; `params` is validated by the command's own model below."""

    type: Literal["command"]
    id: str = Field(max_length=64)
    command: str = Field(max_length=40)
    params: dict[str, Any] = Field(default_factory=dict)


class Ping(Schema):
    """A heartbeat of the page; answered with `{type: "pong"}` at once."""

    type: Literal["ping"]


class NoParams(Schema):
    """Commands without parameters: enter_room, leave_room, start_recording, prompt_read_aloud, end_recording, media.join."""


class NodeParams(Schema):
    """advance, replay_prompt: the node the page shows, so that a double click cannot skip one."""

    node_id: str


class OverrideParams(Schema):
    """override_answer: the agent decides, with a reason inspection will read (≥ the rulebook's length)."""

    node_id: str
    person_id: str
    verdict: Literal["affirmative", "negative"] = "affirmative"
    reason: str = Field(max_length=500)


class ConfirmIdParams(Schema):
    """confirm_id: the agent for a customer's certificate, the policyholder for the agent's (their person_id: `agent`)."""

    node_id: str
    person_id: str
    method: Literal["camera", "share", "on_site"] = "camera"


class ConfirmOnSiteParams(Schema):
    """confirm_on_site (T17): the agent saw this person, at the agent's place, read and sign these documents."""

    node_id: str
    person_id: str
    document_ids: list[str] = Field(min_length=1, max_length=50)


class LocationParams(Schema):
    """set_location: whether a customer sits with the agent."""

    seat_id: str
    location: Location


class NoteParams(Schema):
    """add_note (T4)."""

    text: str = Field(min_length=1, max_length=1000)


class ReportStateParams(Schema):
    """report_state: what a page says of itself, whole each time; what lasts is a gap on the recording's timeline."""

    is_hidden: bool = False
    is_mic_muted: bool = False
    is_camera_muted: bool = False


class ShareStartParams(Schema):
    """start_share."""

    mode: ShareMode


class ShareStopParams(Schema):
    """stop_share: `user` by the button, `track_ended` when the browser ended it, `unload` on leaving the page."""

    reason: Literal["user", "track_ended", "unload"] = "user"


class AbortParams(Schema):
    """abort_session: ends at once, with a reason."""

    reason: str = Field(min_length=1, max_length=500)


class DeclineParams(Schema):
    """decline: a customer withdraws consent (or the agent records a spoken refusal); the session ends as declined."""

    reason: str = Field(default="", max_length=500)


class ReleaseSeatParams(Schema):
    """release_seat: the agent frees a seat whose role was claimed by the wrong person (lobby only)."""

    seat_id: str


class DocumentOpenParams(Schema):
    """document.open."""

    person_id: str | None = None
    document_id: str


class DocumentViewParams(Schema):
    """document.view: raw facts once a second while reading; the server derives the rest.

    `visible` is the part of the page on screen, (left, top, right, bottom) in 0…1 of the page; `zoom` 1.0 = page width fits.
    """

    document_id: str
    page: int = Field(ge=1, le=2000)
    zoom: float = Field(ge=0.1, le=20)
    visible: tuple[float, float, float, float]


class StrokePoint(Schema):
    """One point: x, y in 0…1 of the pad, t in ms since the first point, p pressure if known."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    t: int = Field(ge=0, le=600_000)
    p: float | None = Field(default=None, ge=0, le=1)


class DocumentSignParams(Schema):
    """document.sign: strokes as drawn; the server hashes and keeps them encrypted. Without person_id: the seat's first person."""

    document_id: str
    person_id: str | None = None
    strokes: list[Annotated[list[StrokePoint], Field(min_length=1, max_length=2000)]] = Field(min_length=1, max_length=100)


class MediaAnswerParams(Schema):
    """media.answer."""

    leg_id: str
    sdp: str = Field(max_length=200_000)


class MediaRestartParams(Schema):
    """media.restart → `{sdp, ice_servers}`."""

    leg_id: str


# ── WebSocket: server → client ──────────────────────────────────────────────────────────────────────────────────────────────


class Slot(Schema):
    """A transceiver in fixed order (docs/protocols.md). `seat_id` null: nobody there now."""

    mid: str
    direction: Literal["send", "recv"]
    kind: Literal["mic", "camera", "screen", "prompt"]
    seat_id: str | None = None


class IceServer(Schema):
    """As RTCPeerConnection takes it."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class MediaJoined(Schema):
    """Result of `media.join`: the server's offer; answer with `media.answer`."""

    leg_id: str
    sdp: str
    slots: list[Slot]
    ice_servers: list[IceServer] = Field(default_factory=list)


class EventInUpdate(Schema):
    """What happened, for toasts and sounds; the view already contains its effect. Data is personalised (names masked)."""

    seq: int
    type: str
    at: datetime
    t_ms: int | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class ProblemOnWire(Schema):
    """Same fields as the HTTP problem."""

    code: str
    status: int
    retryable: bool = False
    params: dict[str, Any] = Field(default_factory=dict)


class Update(Schema):
    """After hello and after every event."""

    type: Literal["update"] = "update"
    seq: int
    events: list[EventInUpdate] = Field(default_factory=list)
    view: SessionView


class Reply(Schema):
    """Answer to one command."""

    type: Literal["reply"] = "reply"
    id: str
    ok: bool
    result: dict[str, Any] | None = None
    problem: ProblemOnWire | None = None


class Push(Schema):
    """Ephemeral, never stored, may be dropped. `push` says which:

    partial {person_id, seat_id, text} · levels {levels: {seat_id: 0…1}} · quality {seat_id, score, loss, rtt_ms, bitrate} ·
    alert {seat_id, kind, is_active} · slots {slots} · caption {seat_id, name, text} · rejoin {reason} (make a new media.join) ·
    renegotiate {leg_id} (media.restart on this leg: another codec is wanted).
    """

    type: Literal["push"] = "push"
    push: Literal["partial", "levels", "quality", "alert", "slots", "caption", "rejoin", "renegotiate"]
    data: dict[str, Any]


class Goodbye(Schema):
    """Last before the server closes: TAKEN_OVER, TICKET_INVALID, SESSION_OVER, TOO_SLOW, MESSAGE_INVALID, SERVER_STOPS."""

    type: Literal["goodbye"] = "goodbye"
    code: str
    retryable: bool


class Pong(Schema):
    """Answer to a ping."""

    type: Literal["pong"] = "pong"


ServerMessage = Annotated[Update | Reply | Push | Goodbye | Pong, Field(discriminator="type")]


class SocketMessages(Schema):
    """Only to carry the socket's types into the OpenAPI document: never sent as such."""

    message: ServerMessage
    media_joined: MediaJoined
    hello: Hello
    ping: Ping
    command: ClientCommand
    node: NodeParams
    override_answer: OverrideParams
    confirm_id: ConfirmIdParams
    confirm_on_site: ConfirmOnSiteParams
    set_location: LocationParams
    add_note: NoteParams
    report_state: ReportStateParams
    start_share: ShareStartParams
    stop_share: ShareStopParams
    abort_session: AbortParams
    decline: DeclineParams
    release_seat: ReleaseSeatParams
    document_open: DocumentOpenParams
    document_view: DocumentViewParams
    document_sign: DocumentSignParams
    media_answer: MediaAnswerParams
    media_restart: MediaRestartParams


# ── REST ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class SessionSummary(Schema):
    """A session in a list (T23)."""

    session_id: str
    case_id: str
    phase: Phase
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    recording_id: str | None
    supplements_recording_id: str | None
    talk_script: str
    people: list[str]


class CreateSessionRequest(Schema):
    """`POST /api/v1/cases/{case_id}/session`. `mode` audio_visual is the only one offered (T2)."""

    mode: Literal["audio_visual"] = "audio_visual"
    supplements_recording_id: str | None = None


class JoinCodeView(Schema):
    """The code to read aloud."""

    code: str
    expires_at: datetime
    link: str
    sms_sent_to: list[str]
    resend_after_s: int


class SessionCreated(Schema):
    """A created session; the agent enters it at `/ws/sessions/{session_id}`."""

    session_id: str
    case_id: str
    join_code: JoinCodeView


class JoinRequest(Schema):
    """`POST /api/v1/join`: the code from the SMS."""

    code: SixDigits


class JoinInfo(Schema):
    """As much as a stranger with the code may know."""

    insurer_name: str
    agent_name: str
    product_name: str
    expires_at: datetime
    phase: Phase


class JoinSmsRequest(Schema):
    """`POST /api/v1/join/sms`: send a one-time code to the phone that ends with these digits, if it is one of the case's."""

    code: SixDigits
    phone_last4: FourDigits


class JoinSmsSent(Schema):
    """Same answer whether or not the phone is known, so that numbers cannot be guessed."""

    expires_at: datetime
    resend_after_s: int


class JoinVerifyRequest(Schema):
    """`POST /api/v1/join/verify`."""

    code: SixDigits
    phone_last4: FourDigits
    sms_code: SixDigits


class RoleChoice(Schema):
    """A role of the application. `state`: mine (already my seat's), free, taken, foreign (another person's)."""

    role_id: str
    role: Role
    person_id: str
    name: str
    state: Literal["mine", "free", "taken", "foreign"]
    is_required: bool


class JoinVerified(Schema):
    """Short-lived ticket for claiming roles; send it as `Authorization: Bearer`."""

    ticket: str
    session_id: str
    expires_at: datetime
    roles: list[RoleChoice]


class ClaimRequest(Schema):
    """`POST /api/v1/join/claim` with the join ticket: one or several role_ids."""

    role_ids: list[str] = Field(min_length=1, max_length=8)


class SeatTicket(Schema):
    """The seat ticket: keep it in sessionStorage; it brings the person back to the same seat after a reload."""

    ticket: str
    session_id: str
    seat_id: str
    roles: list[Role]
    care_mode: bool
    expires_at: datetime
    consents: list["ConsentText"]


class ConsentText(Schema):
    """One consent to show, separately ticked."""

    kind: Literal["recording", "face_and_identity", "ai_voice"]
    title: str
    text: str
    version: str
    is_required: bool


class ConsentRequest(Schema):
    """`POST /api/v1/join/consents` with the seat ticket. A required consent that is false declines the session."""

    recording: bool
    face_and_identity: bool
    ai_voice: bool


class ConsentResult(Schema):
    """What became of it."""

    granted: bool
    phase: Phase
