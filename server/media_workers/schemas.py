"""Wire models of the administrators' media page, and of the quality of a session's legs."""

from datetime import datetime
from typing import Any, Literal

from server.http.endpoint import Schema


class WorkerQueues(Schema):
    """What waits in a worker: answers and events for a web process, bytes for its disk, bytes for speech and vision."""

    rpc_events: int
    writer_bytes: int
    tap_bytes: int


class MediaWorker(Schema):
    """A media worker and its load. `cpu` is a share of one core.

    `unwatched`: it answers, but its machine's agent does not: its rooms go on, no new ones come, the figures are the last known.
    """

    id: str
    node: str
    state: Literal["up", "draining", "full", "disk_low", "unwatched", "away", "lost"]
    public_ip: str
    udp_port: int
    rooms: int
    legs: int
    cpu: float
    cpu_limit: float
    loop_lag_p99_ms: float | None
    rss_bytes: int
    disk_free_bytes: int
    disk_bytes_per_s: int
    disk_hours: float
    disk_hours_limit: float
    queues: WorkerQueues | None
    is_drain_wanted: bool
    uploads_waiting: int | None
    uploads_waiting_bytes: int | None
    uploads_oldest_at: datetime | None
    is_store_up: bool | None
    started_at: datetime
    seen_at: datetime


class MediaRoom(Schema):
    """A room and where it is."""

    room_id: str
    worker_id: str
    case_id: str
    phase: str
    placed_at: datetime
    is_recording: bool


class MediaAlarm(Schema):
    """Something an administrator should look at. `cleared_at` is null while it stands."""

    id: str
    worker_id: str
    kind: Literal["disk_low", "busy", "lagging", "lost", "uploads_late"]
    detail: dict[str, Any]
    raised_at: datetime
    cleared_at: datetime | None


class MediaOverview(Schema):
    """Everything of the media page."""

    checked_at: datetime
    workers: list[MediaWorker]
    rooms: list[MediaRoom]
    alarms: list[MediaAlarm]


class DrainRequest(Schema):
    """`is_on`: take no new rooms; false takes it back."""

    is_on: bool


class RoomLeg(Schema):
    """Live counters of one leg; null where nothing was measured. `gap_ms`: how long its link was away in all."""

    leg_id: str
    seat_id: str
    packets: int
    lost: int
    nack: int
    rtx: int
    pli: int
    bitrate: int
    jitter_ms: float | None
    rtt_ms: float | None
    gap_ms: int | None
    score: int | None


class LegPoint(Schema):
    """One look at a leg, ten seconds after the one before. `gap_ms`: how long its link was away since then."""

    at_s: int
    score: float | None
    loss: float | None
    rtt_ms: float | None
    kbit_s: float | None
    jitter_ms: float | None
    gap_ms: float | None


class LegQuality(Schema):
    """How well one connection of one person did."""

    leg_id: str
    seat_id: str
    first_at: datetime
    last_at: datetime
    packets: int
    lost: int
    nack: int
    rtx: int
    pli: int
    score_mean: float | None
    score_min: float | None
    poor_share: float | None
    loss_mean: float | None
    loss_max: float | None
    rtt_ms_max: float | None
    kbit_s_mean: float | None
    jitter_ms_max: float | None
    gap_ms_sum: float | None
    points: list[LegPoint]


class SessionQuality(Schema):
    """All legs of a session, oldest first; empty where nothing was measured."""

    session_id: str
    started_at: datetime | None
    legs: list[LegQuality]
