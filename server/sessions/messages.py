"""What goes over a session's socket: commands with their parameters, updates, replies and pushes (`docs/session-protocol.md`)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from server.http.endpoint import Schema
from server.sessions.schemas import Location, SessionView, ShareMode

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
