"""Each supervised process is a line of the health page; who keeps failing is named there and on the console."""

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from media.rpc import RpcServer
from server.jobs import progress
from server.media_workers import service as workers
from server.ops import failing, process_probes
from server.ops import health as ops_health
from server.ops.routes import GRACE_S, STARTED
from server.ops.start import tell_when_ready
from server.ops.supervisor import Supervisor
from server.settings import Settings
from tests.support.core import Caller, Service

JOBS, AGENT, WEB = "作业进程", "媒体代理进程", "网页进程"


async def health(admin: Caller) -> dict[str, tuple[str, str]]:
    items = (await admin.ask("GET", "/api/v1/admin/health"))["items"]
    return {item["name"]: (item["status"], item["detail"]) for item in items}


async def test_silent_jobs_are_down_and_the_page_says_what_does_not_happen(service: Service) -> None:
    admin, nobody = await service.sign_in("admin"), await service.anonymous()
    found = await health(admin)
    assert (found[JOBS][0], found[WEB][0]) == ("down", "up")
    assert all(words in found[JOBS][1] for words in ("录制不能封存", "通知不能发出", "jobs.log"))
    service.server.app._state[STARTED] = service.server.app[STARTED] - GRACE_S
    ready = await nobody.ask("GET", "/readyz", status=200)
    assert JOBS in ready["waiting"], "the web process goes on serving, and says who is missing"
    await progress.keep_lease(service.context, "one", "host")
    assert (await health(admin))[JOBS][0] == "up"
    assert JOBS not in (await nobody.ask("GET", "/readyz"))["waiting"]
    service.clock.forward(seconds=16)
    assert (await health(admin))[JOBS][0] == "down", "its lease ran out"


async def test_of_two_jobs_processes_the_other_takes_over(service: Service) -> None:
    admin = await service.sign_in("admin")
    await progress.keep_lease(service.context, "one", "host")
    service.clock.forward(seconds=16)
    await progress.keep_lease(service.context, "two", "host")
    found = await health(admin)
    assert (found[f"{JOBS} one"][0], found[f"{JOBS} two"][0]) == ("degraded", "up")
    service.clock.forward(hours=2)
    await progress.keep_lease(service.context, "two", "host")
    found = await health(admin)
    assert found[JOBS][0] == "up"
    assert f"{JOBS} one" not in found, "it was taken away"


async def test_a_process_that_keeps_failing_is_down_although_its_lease_is_fresh(service: Service) -> None:
    admin, settings = await service.sign_in("admin"), service.context.settings
    await progress.keep_lease(service.context, "one", "host")
    failing.note(settings, {"jobs": failing.Failing(4, 1, "logs/jobs.log")})
    status, detail = (await health(admin))[JOBS]
    assert (status, detail.startswith("反复退出（已 4 次，退出码 1）"), "录制不能封存" in detail) == ("down", True, True)
    failing.note(settings, {})
    assert (await health(admin))[JOBS][0] == "up"


INFO = {
    "udp_port": 1, "generation": "g", "is_draining": False, "refuses": None, "rooms": 0, "legs": 0, "cpu": 0.0,
    "loop_lag_p99_ms": None, "rss_bytes": 1, "disk_free_bytes": 1, "disk_bytes_per_s": 0, "disk_hours": 9.0,
}  # fmt: skip


async def test_the_agent_lives_by_the_leases_it_renews_and_is_down_when_only_the_workers_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, context = await service.sign_in("admin"), service.context
    assert (await health(admin))[AGENT][0] == "not_measured", "nothing answers that could tell"
    app, rpc = web.Application(), RpcServer(context.settings.internal_token.get_secret_value())
    rpc.method("worker.info", lambda _params: returned({}))
    rpc.attach(app)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        who = workers.Identity("here:0", "here", url, speech_url="", vision_url="", public_ip="")
        async with context.db.begin() as tx:
            await workers.beat(tx, who, INFO, None, context.now())
        assert (await health(admin))[AGENT] == ("up", "运行中")
        service.clock.forward(seconds=10)
        monkeypatch.setattr(process_probes, "ASK_S", 60.0)  # it answers, however busy the machine is
        monkeypatch.setattr(ops_health, "PROBE_TIMEOUT_S", 60.0)
        for _ in range(2):  # the second time the lease is long over: still nothing is lost while the worker answers
            found = await health(admin)
            assert (found[AGENT][0], "不能开始新的会话" in found[AGENT][1]) == ("down", True)
            status, detail = found["媒体进程 here:0"]
            assert (status, "进行中的会话和录制照常" in detail, "房间暂时中断" in detail) == ("degraded", True, False)
            service.clock.forward(seconds=90)
    monkeypatch.setattr(process_probes, "ASK_S", 0.1)
    found = await health(admin)
    assert found[AGENT][0] == "not_measured", "the worker is away as well"
    assert found["媒体进程"] == ("down", "没有应答，现在不能录制")


async def returned(value: dict[str, Any]) -> dict[str, Any]:
    return value


async def test_the_console_names_who_keeps_failing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DR_HTTP_PORT", "no number")  # every start of a process ends at once
    monkeypatch.setattr("server.ops.supervisor.HEALTHY_AFTER_S", 3600.0)  # also where that takes its time
    supervisor = Supervisor(settings, only=("jobs",))
    work = asyncio.create_task(supervisor.run())
    while "jobs" not in failing.read(settings):
        await asyncio.sleep(0.05)
    assert supervisor.failed() == ["jobs"]
    supervisor.stop()
    assert await work == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "反复退出" in line]
    assert len(said) == 1
    assert "作业进程反复退出（已 3 次，退出码 2）" in said[0]
    assert said[0].endswith("jobs.log")
    assert failing.read(settings) == {}


async def test_started_is_said_only_when_every_process_has_answered(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [(503, ["语音进程", JOBS]), (200, [JOBS]), (200, []), (200, [])]
    failed = [[], [], ["jobs"], []]
    seen: list[bool] = []

    async def readyz(_request: web.Request) -> web.Response:
        status, waiting = answers.pop(0)
        seen.append("远程双录已启动" in capsys.readouterr().out)
        return web.json_response({"status": "x", "waiting": waiting, "off": []}, status=status)

    app = web.Application()
    app.router.add_get("/readyz", readyz)
    async with TestServer(app) as server:
        mine = settings.model_copy(update={"http_port": server.port, "media_workers": 0})
        await tell_when_ready(mine, lambda: failed.pop(0), time.monotonic())
    assert "远程双录已启动" in capsys.readouterr().out
    assert (seen, answers) == ([False] * 4, [])
