"""Prometheus figures of all media workers, from their leases; per room and leg ask each worker's own /metrics."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from server.media_workers import alarms, service
from server.media_workers.tables import media_alarms
from storage.db.engine import Tx

_FIGURES: Mapping[str, str] = {
    "rooms": "Open rooms",
    "legs": "Connections",
    "cpu": "Share of one core",
    "loop_lag_p99_ms": "Loop lag, 99th percentile of the last minute",
    "rss_bytes": "Memory",
    "disk_free_bytes": "Free disk",
    "disk_bytes_per_s": "Recorded bytes a second",
    "disk_hours": "Hours of recording left on the disk",
}
_UPLOADS: Mapping[str, str] = {"waiting": "Segments that wait for the store", "waiting_bytes": "Bytes that wait for the store"}


async def render(tx: Tx, now: datetime) -> bytes:
    """The figures in Prometheus' text format. What was not measured is left out."""
    registry = CollectorRegistry()
    label = ["worker"]
    gauges = {name: Gauge(f"dr_media_worker_{name}", text, label, registry=registry) for name, text in _FIGURES.items()}
    queues = Gauge("dr_media_worker_queue_depth", "What waits in the worker", ["worker", "queue"], registry=registry)
    uploads = {name: Gauge(f"dr_media_uploads_{name}", text, label, registry=registry) for name, text in _UPLOADS.items()}
    up = Gauge("dr_media_worker_up", "Whether the lease stands", label, registry=registry)
    takes = Gauge("dr_media_worker_takes_rooms", "Whether new rooms are placed here", label, registry=registry)
    store = Gauge("dr_media_store_up", "Whether the object store takes uploads", label, registry=registry)
    alarm = Gauge("dr_media_alarm", "1 while the alarm stands", ["worker", "kind"], registry=registry)
    for row in await service.everyone(tx):
        is_live = service.is_live(row, now)
        up.labels(row["id"]).set(is_live)
        takes.labels(row["id"]).set(bool(service.ranked([row], {}, now)))
        if is_live:
            _set(gauges, row, row["id"])
            for name, depth in (row["queues"] or {}).items():
                queues.labels(row["id"], name).set(depth)
            _set(uploads, row["uploads"] or {}, row["id"])
            if row["uploads"]:
                store.labels(row["id"]).set(row["uploads"]["is_store_up"])
        for kind in alarms.KINDS:
            alarm.labels(row["id"], kind).set(0)
    query = sa.select(media_alarms.c.worker_id, media_alarms.c.kind).where(media_alarms.c.cleared_at.is_(None))
    for worker_id, kind in await tx.execute(query):
        alarm.labels(worker_id, kind).set(1)
    return generate_latest(registry)


def _set(gauges: Mapping[str, Gauge], values: Mapping[str, Any], worker_id: str) -> None:
    for name, gauge in gauges.items():
        if values.get(name) is not None:
            gauge.labels(worker_id).set(values[name])
