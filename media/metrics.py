"""Loop lag and Prometheus metrics of a worker. Names begin with `dr_media_`."""

from collections import deque
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from media.native.engine import NativePort
from media.sfu.quality import TOTALS
from media.sfu.tapping import TapSender
from media.transport.port import UdpPort

if TYPE_CHECKING:
    from media.api import WorkerApi


class LoopLag:
    """How late the 20 ms ticker ran, over the last minute."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=3000)

    def add(self, late_s: float) -> None:
        """Note one tick."""
        self._late.append(late_s)

    def p99_ms(self) -> float | None:
        """None until measured."""
        if not self._late:
            return None
        ordered = sorted(self._late)
        return round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 2)


_WORKER_FIGURES = ("rooms", "legs", "cpu", "rss_bytes", "disk_free_bytes", "disk_bytes_per_s", "disk_hours")
_LEG_FIGURES = (
    "packets",
    "bytes",
    "packets_sent",
    "bytes_sent",
    "lost",
    "nack",
    "rtx",
    "pli",
    "nacked",
    "resent",
    "bitrate",
    "refused",
    "malformed",
)
_OPTIONAL = ("jitter_ms", "rtt_ms", "gap_ms", "score")


def render_metrics(api: "WorkerApi", port: UdpPort, taps: TapSender, lag: LoopLag) -> bytes:
    """The current figures in Prometheus' text format. A room's go on growing when a leg of it is closed."""
    registry = CollectorRegistry()
    info = api.info()
    for name in _WORKER_FIGURES:
        Gauge(f"dr_media_{name}", name, registry=registry).set(info[name])
    Gauge("dr_media_is_draining", "no new rooms", registry=registry).set(info["is_draining"])
    refuses = Gauge("dr_media_refuses_rooms", "why new rooms are refused", ["reason"], registry=registry)
    for reason in ("WORKER_DRAINING", "WORKER_BUSY", "WORKER_DISK_LOW"):
        refuses.labels(reason).set(info["refuses"] == reason)
    queues = Gauge("dr_media_queue_depth", "what waits", ["queue"], registry=registry)
    for name, depth in info["queues"].items():
        queues.labels(name).set(depth)
    late = lag.p99_ms()
    if late is not None:
        Gauge("dr_media_loop_lag_p99_ms", "loop lag", registry=registry).set(late)
    events = Gauge("dr_media_transport_events", "transport counters", ["event"], registry=registry)
    for name, value in (port.counters + taps.counters).items():
        events.labels(name).set(value)
    if isinstance(port, NativePort):
        names = ("send_full", "send_error", "records_lost", "batches", "tap_full")
        for index, name in enumerate(names):
            events.labels(f"native_{name}").set(port.engine.counter(index))
    rooms = Gauge("dr_media_room_legs", "connections of a room", ["room", "is_recording"], registry=registry)
    for room in api.rooms.values():
        rooms.labels(room.room_id, str(room.recording_id is not None).lower()).set(len(room.legs))
    totals = {name: Gauge(f"dr_media_room_{name}", name, ["room"], registry=registry) for name in (*TOTALS, "bitrate")}
    labels = ["room", "seat", "leg"]
    gauges = {name: Gauge(f"dr_media_leg_{name}", name, labels, registry=registry) for name in (*_LEG_FIGURES, *_OPTIONAL)}
    for room in api.rooms.values():
        legs = room.stats()
        for leg in legs:
            for name, gauge in gauges.items():
                if leg[name] is not None:
                    gauge.labels(room.room_id, leg["seat_id"], leg["leg_id"]).set(leg[name])
        for name, value in room.totals(legs).items():
            totals[name].labels(room.room_id).set(value)
        totals["bitrate"].labels(room.room_id).set(sum(leg["bitrate"] for leg in legs))
    return generate_latest(registry)
