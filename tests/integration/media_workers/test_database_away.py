"""A database that is away for a while ends neither the leases nor the look at them: PostgreSQL then raises OSError, too."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from structlog.testing import capture_logs

from media.rpc import RpcServer
from server.context import Context
from server.media_workers import agent, service
from server.media_workers.tables import media_workers
from server.sessions import engines
from server.sessions.engines import MEDIA, Engines
from storage.db.engine import Database
from tests.support.media_workers import info, register


@pytest.fixture
async def away() -> AsyncIterator[Database]:
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        database = Database.connect(f"postgresql+asyncpg://nobody@127.0.0.1:{probe.getsockname()[1]}/none")
        yield database
        await database.aclose()


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BEAT_S", 0.05)
    monkeypatch.setattr(engines, "REFRESH_S", 0.02)


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_it_is_no_sqlalchemy_error(away: Database) -> None:
    with pytest.raises(OSError, match="111") as caught:
        await away.ping()
    assert not isinstance(caught.value, sa.exc.SQLAlchemyError)


async def test_leases_are_renewed_again(context: Context, away: Database) -> None:
    beats = 0

    async def beat(_: dict[str, Any]) -> dict[str, Any]:
        nonlocal beats
        beats += 1
        return info()

    server = RpcServer(context.settings.internal_token.get_secret_value())
    server.method("worker.beat", beat)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    keeper = agent.Agent(replace(context, db=away), [f"http://127.0.0.1:{runner.addresses[0][1]}"])
    await keeper.start()
    try:
        with capture_logs() as logs:
            await until(lambda: [log["event"] for log in logs].count("lease_not_renewed") >= 2)
        keeper.context = context
        beats = 0
        await until(lambda: beats >= 2)  # the answer to the first is written down by then
        async with context.db.read() as tx:
            [row] = await service.everyone(tx)
        assert service.is_live(row, context.now())
    finally:
        await keeper.aclose()
        await runner.cleanup()


async def test_workers_are_looked_for_again(context: Context, away: Database, caplog: pytest.LogCaptureFixture) -> None:
    web_process = Engines(context, lambda *_: None, lambda *_: None)
    await web_process.start()
    try:
        web_process._context = replace(context, db=away)
        await until(lambda: "media workers cannot be read" in caplog.text)
        web_process._context = context
        await register(context, "new:0", "http://127.0.0.1:9")
        await until(lambda: (MEDIA, "new:0") in web_process._clients)
    finally:
        await web_process.aclose()


async def test_a_worker_that_came_back_elsewhere_and_went_again_stops_no_look(context: Context) -> None:
    await register(context, "w:0", "http://127.0.0.1:9")
    web_process = Engines(context, lambda *_: None, lambda *_: None)
    await web_process.start()
    try:
        await register(context, "w:0", "http://127.0.0.1:10")
        ended = context.now() - timedelta(seconds=1)
        async with context.db.begin() as tx:
            await tx.execute(media_workers.update().values(lease_until=ended))
        for _ in range(3):
            await web_process.refresh()
        assert (MEDIA, "w:0") not in web_process._clients
    finally:
        await web_process.aclose()
