"""The web process ends within its own time, and says what held it up."""

import asyncio

from aiohttp import web
from structlog.testing import capture_logs

from server.http.server import ProblemRunner
from server.ops.web_process import stop_serving


async def test_what_does_not_end_is_named_and_left_behind() -> None:
    never = asyncio.Event()

    async def hold_up(_app: web.Application) -> None:
        await never.wait()

    app = web.Application()
    app.on_shutdown.append(hold_up)
    runner = ProblemRunner(app, access_log=None)
    await runner.setup()
    task = asyncio.create_task(never.wait(), name="held")
    await asyncio.sleep(0)
    with capture_logs() as logs:
        await stop_serving(runner, limit_s=0.1)
    told = [entry for entry in logs if entry["event"] == "web_stop_incomplete"]
    assert len(told) == 1
    assert any("Event.wait" in name for name in told[0]["tasks"])
    never.set()
    await task
    await runner.cleanup()


async def test_a_stop_in_time_says_nothing() -> None:
    runner = ProblemRunner(web.Application(), access_log=None)
    await runner.setup()
    with capture_logs() as logs:
        await stop_serving(runner)
    assert logs == []
