"""The agent of a machine with media workers: keeps their leases, carries out drains, raises alarms, uploads what they recorded.

A process of its own (`python -m server media-agent`, started beside the workers), so that neither the database nor the object
store is ever in the way of media. Without it running rooms go on; new ones are not placed here once the leases end.
"""

import asyncio
import contextlib
from typing import Any

import structlog

from media.rpc import RpcClient, RpcError
from server.bootstrap import build_context
from server.context import Context
from server.media_workers import alarms, service
from server.ops.ending import stop_on_signals
from server.recordings import cleanup
from server.recordings.stores import build_store
from server.recordings.uploads import Uploader
from server.settings import Settings
from storage.objects.port import ObjectStore, StoreError

log = structlog.get_logger(__name__)

CLEAN_EVERY_S = 60.0
LAST_UPLOADS_S = 10.0
_STORE_RETRY_S = 5.0


class Agent:
    """Runs until `aclose`. One per machine.

    Args:
        context: shared services.
        urls: internal API of each worker, by number; by default those of the settings.
    """

    def __init__(self, context: Context, urls: list[str] | None = None) -> None:
        self.context = context
        settings = context.settings
        self._store: ObjectStore | None = None
        self.uploader: Uploader | None = None
        host = settings.internal_host
        urls = urls or [f"http://{host}:{settings.media_rpc_port + 100 * n}" for n in range(settings.media_workers)]
        self.identities = [
            service.Identity(
                worker_id=f"{settings.media_node}:{number}",
                node=settings.media_node,
                url=url,
                speech_url=f"http://{host}:{settings.speech_rpc_port}",
                vision_url=f"http://{host}:{settings.vision_rpc_port}",
                public_ip=settings.media_public_ip or settings.media_host,
            )
            for number, url in enumerate(urls)
        ]
        secret = settings.internal_token.get_secret_value()
        self._clients = {who.worker_id: RpcClient(who.url, secret) for who in self.identities}
        self._rates: dict[str, float] = {}
        self._told: dict[str, bool] = {}
        self._was_up: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin."""
        for client in self._clients.values():
            client.start()
        self._tasks = [asyncio.create_task(self._keep_leases()), asyncio.create_task(self._keep_store())]

    async def aclose(self) -> None:
        """Store what is closed, then stop; idempotent."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        if self.uploader is not None:
            await self.uploader.drain(LAST_UPLOADS_S)
        for client in self._clients.values():
            await client.aclose()
        if self._store is not None:
            await self._store.aclose()
            self._store = None

    # Leases

    async def _keep_leases(self) -> None:
        while True:
            try:
                await asyncio.gather(*(self.beat(who) for who in self.identities))
            except Exception:  # a PostgreSQL that is away raises OSError, too
                log.exception("lease_not_renewed")
            await asyncio.sleep(service.BEAT_S)

    async def beat(self, who: service.Identity) -> None:
        """Ask one worker how it is and renew its lease; without an answer the lease runs out by itself."""
        others = sum(rate for worker_id, rate in self._rates.items() if worker_id != who.worker_id)
        client = self._clients[who.worker_id]
        try:
            info: dict[str, Any] = await client.call("worker.beat", {"elsewhere_bytes_per_s": others}, timeout=service.BEAT_S)
        except RpcError:
            await self._missing(who)
            return
        self._was_up.add(who.worker_id)
        self._rates[who.worker_id] = info["disk_bytes_per_s"]
        uploads = self.uploader.state.wire() if self.uploader is not None else None
        now = self.context.now()
        async with self.context.db.begin() as tx:
            wanted = await service.beat(tx, who, info, uploads, now)
            found = {
                **alarms.of_worker(info, self.context.settings.media_disk_hours),
                **(alarms.of_uploads(uploads, now) if who is self.identities[0] else {}),
            }
            await alarms.settle(tx, who.worker_id, alarms.KINDS, found, now)
        if wanted != self._told.get(who.worker_id, False):
            with contextlib.suppress(RpcError):
                await client.call("worker.drain", {"is_on": wanted})
                self._told[who.worker_id] = wanted

    async def _missing(self, who: service.Identity) -> None:
        self._rates.pop(who.worker_id, None)
        self._told.pop(who.worker_id, None)
        if who.worker_id not in self._was_up:
            return  # it is only starting
        now = self.context.now()
        async with self.context.db.begin() as tx:
            row = await service.get(tx, who.worker_id)
            # A worker that stops in good order, or starts anew at once, is no alarm.
            if row is not None and row["lease_until"] + service.LEASE < now:
                await alarms.settle(tx, who.worker_id, ("lost",), {"lost": {"rooms": row["rooms"]}}, now)

    # Uploads

    async def _keep_store(self) -> None:
        """Open the store (again and again while it is away), then upload and clean up until cancelled."""
        while True:
            try:
                self._store = await build_store(self.context.settings)
                break
            except StoreError as error:
                log.error("object_store_not_open", code=error.code, detail=str(error)[:200])
                await asyncio.sleep(_STORE_RETRY_S)
        self.uploader = Uploader(self.context, self._store)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.uploader.run())
            tasks.create_task(self._clean(self._store))

    async def _clean(self, store: ObjectStore) -> None:
        while True:
            try:
                await cleanup.clean_node(self.context, store)
            except Exception:  # it must not take the uploads with it
                log.exception("cleanup_failed")
            await asyncio.sleep(CLEAN_EVERY_S)


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = stop_on_signals()
    context = build_context(settings)
    agent = Agent(context)
    try:
        await agent.start()
        await stop.wait()
    finally:
        await agent.aclose()
        await context.db.aclose()
