"""Loop lag and Prometheus metrics of a worker. Names begin with `dr_media_`."""

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

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


class _Page:
    """Prometheus' text format, written straight: its client takes many times as long, and packets wait for it."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def gauge(self, name: str, about: str, rows: Mapping[str, float]) -> None:
        """One figure: by labels (as `_labels` writes them, empty for none) its value."""
        name = f"dr_media_{name}"
        self._lines += (f"# HELP {name} {about}", f"# TYPE {name} gauge")
        self._lines += [f"{name}{labels} {float(value)}" for labels, value in rows.items()]

    def text(self) -> bytes:
        """The whole page."""
        return "\n".join([*self._lines, ""]).encode()


def _labels(**values: str) -> str:
    escaped = {name: text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') for name, text in sorted(values.items())}
    return "{" + ",".join(f'{name}="{text}"' for name, text in escaped.items()) + "}"


def render_metrics(api: "WorkerApi", port: UdpPort, taps: TapSender, lag: LoopLag) -> bytes:
    """The current figures in Prometheus' text format. A room's go on growing when a leg of it is closed."""
    page, info = _Page(), api.info()
    for name in _WORKER_FIGURES:
        page.gauge(name, name, {"": info[name]})
    page.gauge("is_draining", "no new rooms", {"": info["is_draining"]})
    reasons = ("WORKER_DRAINING", "WORKER_BUSY", "WORKER_DISK_LOW")
    page.gauge("refuses_rooms", "why new rooms are refused", {_labels(reason=item): info["refuses"] == item for item in reasons})
    page.gauge("queue_depth", "what waits", {_labels(queue=name): depth for name, depth in info["queues"].items()})
    late = lag.p99_ms()
    if late is not None:
        page.gauge("loop_lag_p99_ms", "loop lag", {"": late})
    events = {_labels(event=name): value for name, value in (port.counters + taps.counters).items()}
    if isinstance(port, NativePort):
        names = ("send_full", "send_error", "records_lost", "batches", "tap_full", "messages")
        events |= {_labels(event=f"native_{name}"): port.engine.counter(index) for index, name in enumerate(names)}
    page.gauge("transport_events", "transport counters", events)
    rooms: dict[str, float] = {}
    totals: dict[str, dict[str, float]] = {name: {} for name in (*TOTALS, "bitrate")}
    figures: dict[str, dict[str, float]] = {name: {} for name in (*_LEG_FIGURES, *_OPTIONAL)}
    for room in api.rooms.values():
        rooms[_labels(room=room.room_id, is_recording=str(room.recording_id is not None).lower())] = len(room.legs)
        legs, whole = room.stats(), _labels(room=room.room_id)
        for name, value in room.totals(legs).items():
            totals[name][whole] = value
        totals["bitrate"][whole] = sum(leg["bitrate"] for leg in legs)
        for leg in legs:
            labels = _labels(room=room.room_id, seat=leg["seat_id"], leg=leg["leg_id"])
            for name, rows in figures.items():
                if leg[name] is not None:
                    rows[labels] = leg[name]
    page.gauge("room_legs", "connections of a room", rooms)
    for prefix, tables in (("room", totals), ("leg", figures)):
        for name, rows in tables.items():
            page.gauge(f"{prefix}_{name}", name, rows)
    return page.text()
