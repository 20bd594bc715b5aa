"""Wire models of recordings: detail, timeline lanes, transcript, checks, access, durable-job progress."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from server.http.endpoint import Schema
from server.http.typed import MOST

RecordingState = Literal["recording", "stopped", "finalising", "sealed", "failed", "disposed"]
StepState = Literal["pending", "running", "done", "failed"]
CheckResult = Literal["pass", "warn", "fail", "not_measured"]


class StepView(Schema):
    """One step of finalising. `progress` is null where a step reports none."""

    name: str
    state: StepState
    progress: float | None
    tries: int
    started_at: datetime | None
    ended_at: datetime | None
    error_code: str | None


class SeatView(Schema):
    """A person of the recording; names are masked."""

    seat_id: str
    kind: str
    label: str
    roles: list[str]
    display_name: str


class RecordingSummary(Schema):
    """A recording in lists. `outcome` is the session's; null while it records. Only a completed one is inspected."""

    id: str
    case_id: str
    session_id: str
    kind: Literal["initial", "supplementary"]
    parent_id: str | None
    state: RecordingState
    started_at: datetime
    ended_at: datetime | None
    duration_ms: int | None
    outcome: Literal["completed", "declined", "aborted"] | None
    sealed_at: datetime | None


class RecordingView(RecordingSummary):
    """Everything about a recording except its long lists."""

    proposal_no: str
    product_name: str
    product_type: str
    talk_script: str | None
    rulebook: str | None
    seats: list[SeatView]
    steps: list[StepView]
    finalise_error: str | None
    manifest_sha256: str | None
    seal_key_id: str | None
    time_stamp_at: datetime | None
    is_development_stamp: bool | None
    store_name: str | None
    is_locked: bool | None
    total_bytes: int | None
    check_counts: dict[CheckResult, int]
    supplements: list[RecordingSummary]


class Span(Schema):
    """A stretch of the session clock."""

    t0_ms: int
    t1_ms: int


class NodeSpan(Span):
    """A node's stay on the timeline."""

    node_id: str
    title: str
    kind: str
    is_critical: bool


class VoiceSpan(Span):
    """Somebody speaks; `seat_id` is `prompt` for the system voice."""

    seat_id: str


class ShareSpan(Span):
    """A screen share; `ended_by` tells a tap from a lost track."""

    seat_id: str
    ended_by: str | None


class GapSpan(Span):
    """Missing media, recorded as such."""

    seat_id: str
    track: str
    kind: str


class CheckSpan(Span):
    """Where a machine check found something."""

    code: str
    result: CheckResult
    seat_id: str | None


class Timeline(Schema):
    """The lanes under the player. Lists are ordered by time."""

    duration_ms: int
    started_at: datetime
    nodes: list[NodeSpan]
    voices: list[VoiceSpan]
    shares: list[ShareSpan]
    gaps: list[GapSpan]
    checks: list[CheckSpan]


class EventView(Schema):
    """One session event, as sealed."""

    seq: int
    at: datetime
    t_ms: int | None
    type: str
    actor: str
    payload: dict[str, Any]


class EventQuery(Schema):
    """Paging and filter of events."""

    after: int = Field(-1, ge=-1, le=MOST, description="return events with a greater seq")
    limit: int = Field(1000, ge=1, le=5000)
    type: str | None = Field(None, max_length=60)


class TranscriptLine(Schema):
    """A sentence of one person. `engine` says who heard it."""

    ordinal: int
    seat_id: str
    start_ms: int
    end_ms: int
    text: str
    engine: str
    words: list[tuple[str, int, int]]


class Transcript(Schema):
    """The whole transcript. `is_measured` is false where no recogniser was available; then `lines` is empty."""

    is_measured: bool
    reason: str | None
    lines: list[TranscriptLine]


class AnswerView(Schema):
    """A spoken answer as it was judged during the session, with an override where the agent gave one."""

    node_id: str
    node_title: str
    person_id: str
    seat_id: str
    expect: str
    verdict: str
    text: str
    """The transcript."""
    phrase: str
    """What the verdict rests on: the closed answer that was scored highest. The transcript comes from another engine."""
    confidence: float | None
    start_ms: int | None
    end_ms: int | None
    engine: str | None
    attempt: int | None
    reasons: list[str]
    override_verdict: str | None
    override_reason: str | None


class LedgerEntry(Schema):
    """What one person did with one document they had to read or sign; `missing` are codes, empty when complete."""

    seat_id: str
    person_id: str
    document_id: str
    title: str
    needs: Literal["read", "sign"]
    pages: int
    pages_seen: int
    bottom_reached: bool
    zoomed: bool
    dwell_ms: int
    is_on_site: bool
    signature_sha256: str | None
    opened_at_ms: int | None
    missing: list[str]


class CheckView(Schema):
    """A machine check. `not_measured` is a result of its own and never counts as a pass."""

    code: str
    scope: str
    result: CheckResult
    value: Any
    limit: Any
    reason: str | None
    spans: list[dict[str, Any]]
    source: str


class MediaSource(Schema):
    """Something the player can play, under a link of this person that dies soon.

    `frame_ms`: how long one picture of it stands; null where that was not measured, or there are no pictures.
    """

    id: str
    kind: Literal["composite", "main", "screen", "prompt", "markers", "thumbnails"]
    seat_id: str | None
    label: str
    url: str
    content_type: str
    t0_ms: int
    duration_ms: int | None
    frame_ms: float | None
    bytes: int


class ThumbnailSheet(Schema):
    """How the source of kind `thumbnails` is cut: tiles row by row, one each `every_ms` of the composition."""

    every_ms: int
    columns: int
    count: int
    width: int
    height: int


class PlayTicket(Schema):
    """Short-lived links. `watermark` is drawn over the picture by the player."""

    sources: list[MediaSource]
    thumbnails: ThumbnailSheet | None
    expires_at: datetime
    watermark: str


class AccessView(Schema):
    """Who looked, when, at what."""

    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    action: str
    detail: dict[str, Any]
    address: str


class Finding(Schema):
    """One finding of `verify`, worst first."""

    code: str
    severity: Literal["error", "warning"]
    path: str | None
    offset: int | None
    detail: dict[str, Any]


class VerifyReport(Schema):
    """Result of verifying the stored package now."""

    is_intact: bool
    findings: list[Finding]
    files: int
    bytes: int
    manifest_sha256: str | None
    signed_by: str | None
    time_stamp_at: datetime | None
    is_development_stamp: bool | None
    checked_at: datetime


class PublishedKey(Schema):
    """A public seal key: Ed25519, `public_key` in base64. `retired_at` is null while it seals."""

    key_id: str
    algorithm: Literal["Ed25519"]
    public_key: str
    active_from: str
    retired_at: str | None


class PublishedKeys(Schema):
    """Every key that recordings were sealed with."""

    keys: list[PublishedKey]


class RecordingQuery(Schema):
    """Filter of the list of recordings."""

    case_id: str | None = Field(None, max_length=40)
    state: RecordingState | None = None
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(50, ge=1, le=200)


class RecordingPage(Schema):
    """A page of recordings, newest first. `next_cursor` is null on the last page."""

    items: list[RecordingSummary]
    next_cursor: str | None
