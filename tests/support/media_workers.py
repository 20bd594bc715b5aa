"""Leases of media workers for tests that do not run the agent which keeps them."""

from datetime import UTC, datetime
from typing import Any

from server.context import Context
from server.media_workers import service
from server.media_workers.tables import media_workers

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def info(**changes: Any) -> dict[str, Any]:
    """What a worker with nothing to do says of itself."""
    return {
        "udp_port": 50_000, "generation": "g1", "is_draining": False, "refuses": None, "rooms": 0, "legs": 0, "cpu": 0.01,
        "loop_lag_p99_ms": 1.0, "rss_bytes": 1, "disk_free_bytes": 1 << 40, "disk_bytes_per_s": 0, "disk_hours": 900.0,
        "queues": {"rpc_events": 0, "writer_bytes": 0, "tap_bytes": 0}, **changes,
    }  # fmt: skip


async def put_room(context: Context, room_id: str, worker_id: str) -> None:
    """A room that is nowhere is on this worker now."""
    async with context.db.begin() as tx:
        claim = await service.claim(tx, room_id, "web_test", context.now())
        assert claim.is_mine, claim
        assert await service.place(tx, room_id, worker_id, "web_test", context.now())


async def end_lease(context: Context, worker_id: str) -> None:
    """The worker's lease ended so long ago that its rooms go to another one."""
    ended = context.now() - 2 * service.MOVE_AFTER
    async with context.db.begin() as tx:
        await tx.execute(media_workers.update().where(media_workers.c.id == worker_id).values(lease_until=ended))


async def register(context: Context, worker_id: str, url: str, speech_url: str = "", **changes: Any) -> None:
    """A worker whose lease never ends; with its own speech process when it is on a machine of its own."""
    settings = context.settings
    speech, vision = (f"http://127.0.0.1:{port}" for port in (settings.speech_rpc_port, settings.vision_rpc_port))
    who = service.Identity(worker_id, worker_id.partition(":")[0], url, speech_url or speech, vision, "127.0.0.1")
    async with context.db.begin() as tx:
        await service.beat(tx, who, info(**changes), None, context.now())
        await tx.execute(media_workers.update().where(media_workers.c.id == worker_id).values(lease_until=FAR))
