"""The jobs process: `main(settings)` runs durable jobs and ticks until SIGTERM or SIGINT."""

import asyncio
import contextlib
import socket

import sqlalchemy as sa
import structlog

from server.bootstrap import build_context, read_shipped
from server.jobs import progress
from server.jobs.engine import Engine
from server.jobs.registry import JobKind, Registry, Services, Tick
from server.jobs.slices import build_registry
from server.ops.ending import stop_on_signals
from server.recordings.stores import build_authority, build_ring, build_store
from server.settings import Settings

log = structlog.get_logger(__name__)

__all__ = ["Runtime", "build_registry", "is_alive", "main"]

SWEEP_S = 1.0


async def main(settings: Settings, *, worker: str | None = None, stop: asyncio.Event | None = None) -> None:
    """Run until told to stop.

    Args:
        settings: installation settings.
        worker: identity of this process where several run; the host name by default.
        stop: set it to end; without one SIGTERM and SIGINT end it.
    """
    stop = stop or stop_on_signals()
    read_shipped()
    context = build_context(settings)
    store = await build_store(settings)
    services = Services(context, store, build_ring(settings, context.now()), build_authority(settings))
    runtime = Runtime(services, build_registry(), worker or socket.gethostname())
    try:
        await runtime.run(stop)
    finally:
        await store.aclose()
        await context.db.aclose()


async def is_alive(settings: Settings, worker: str | None) -> bool:
    """Whether the jobs process of this name (the host's by default) holds its lease."""
    context = build_context(settings)
    try:
        async with context.db.read() as tx:
            return await progress.has_lease(tx, worker or socket.gethostname(), context.now())
    finally:
        await context.db.aclose()


class Runtime:
    """The loop of one jobs process."""

    def __init__(self, services: Services, registry: Registry, worker: str) -> None:
        self._services = services
        self._registry = registry
        self._worker = worker
        self._engine = Engine(registry, services, worker)
        self._started: dict[str, int] = {}
        self.launched = asyncio.Event()
        """Set once the engine runs. Launching blocks the loop while the engine migrates its own tables."""

    async def run(self, stop: asyncio.Event) -> None:
        """Launch the engine and work until `stop` is set."""
        context = self._services.context
        await progress.keep_lease(context, self._worker, socket.gethostname())
        await self._engine.launch()
        self.launched.set()
        log.info("jobs_started", worker=self._worker, kinds=sorted(self._registry.kinds), ticks=sorted(self._registry.ticks))
        tasks = [asyncio.create_task(self._repeat(tick), name=f"tick-{tick.name}") for tick in self._ticks()]
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._engine.aclose()
            with contextlib.suppress(sa.exc.DBAPIError):
                await progress.drop_lease(context, self._worker)
            log.info("jobs_stopped", worker=self._worker)

    def _ticks(self) -> list[Tick]:
        return [
            Tick("sweep", SWEEP_S, self._sweep),
            Tick("lease", progress.LEASE.total_seconds() / 3, self._keep_lease),
            Tick("orphans", progress.LEASE.total_seconds() / 3, self._take_over),
            *self._registry.ticks.values(),
        ]

    async def _repeat(self, tick: Tick) -> None:
        while True:
            try:
                await tick.run(self._services)
            except Exception:  # a tick must never stop the others; what it failed to do is due again next time
                log.exception("tick_failed", tick=tick.name)
            await asyncio.sleep(tick.every_s)

    async def _sweep(self, services: Services) -> None:
        for kind in self._registry.kinds.values():
            await self._start_due(services, kind)

    async def _start_due(self, services: Services, kind: JobKind) -> None:
        for due in await kind.due(services):
            key = f"{kind.name}:{due.subject_id}"
            if self._started.get(key) == due.attempt:
                continue
            await progress.announce(services.context, kind, due.subject_id)
            if due.attempt:
                await self._engine.give_up(kind.name, due.subject_id, due.attempt - 1)
            await self._engine.start(kind.name, due.subject_id, due.attempt)
            self._started[key] = due.attempt
        if len(self._started) > 10_000:
            self._started.clear()

    async def _keep_lease(self, services: Services) -> None:
        await progress.keep_lease(services.context, self._worker, socket.gethostname())

    async def _take_over(self, services: Services) -> None:
        for key, attempt in await progress.claim_orphans(services.context, self._worker):
            log.warning("job_taken_over", job=key)
            await self._engine.take_over(key, attempt)
