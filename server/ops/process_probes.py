"""Health of the processes that nobody calls: jobs and media agents by their leases, the web process by answering at all."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from media.rpc import RpcClient, RpcError
from server.context import Context
from server.jobs import progress
from server.media_workers import service as workers
from server.ops import failing
from server.ops.schemas import HealthItem
from server.settings import Settings

ASK_S = 1.5
GONE_AFTER = timedelta(hours=1)
"""A jobs process of several that is silent so long was taken away, not lost."""
_NO_JOBS = "录制不能封存，质检和回访任务不能建立，短信和通知不能发出。已录的内容不会丢失，恢复后会接着处理"
_NO_AGENT = "不能开始新的会话，录像片段留在本机等待上传；进行中的录制不受影响"

Probe = Callable[[], Awaitable[list[HealthItem]]]


def jobs_probe(context: Context) -> Probe:
    """The jobs processes, by their leases."""

    async def probe() -> list[HealthItem]:
        now = context.now()
        async with context.db.read() as tx:
            rows = await progress.leases(tx)
        live = [row.id for row in rows if row.lease_until > now]
        name = failing.NAMES["jobs"]
        ends = failing.read(context.settings).get("jobs")
        if ends is not None or not live:
            why = ends.text() if ends is not None else f"没有应答；原因见数据目录下的 {failing.log_of('jobs')}"
            return [_item(name, "down", f"{why}。{_NO_JOBS}")]
        silent = [row.id for row in rows if now - GONE_AFTER < row.lease_until <= now]
        items = [_item(f"{name} {who}" if len(live) + len(silent) > 1 else name, "up", "运行中") for who in live]
        return items + [_item(f"{name} {who}", "degraded", "没有应答，它的工作由其余作业进程接手") for who in silent]

    return probe


def agent_probe(context: Context) -> Probe:
    """The agent of each machine with media workers. Where the workers are away too, nothing can be said of it."""

    async def probe() -> list[HealthItem]:
        settings, now = context.settings, context.now()
        async with context.db.read() as tx:
            rows = await workers.everyone(tx)
        nodes: dict[str, list[workers.Row]] = {}
        for row in rows:
            nodes.setdefault(row["node"], []).append(row)
        name = failing.NAMES["agent"]
        ends = failing.read(settings).get("agent")
        if ends is not None:
            return [_item(name, "down", f"{ends.text()}。{_NO_AGENT}")]
        items, silent = [], []
        for node, of_node in nodes.items():
            label = f"{name} {node}" if len(nodes) > 1 else name
            if any(workers.is_live(row, now) for row in of_node):
                items.append(_item(label, "up", "运行中"))
            else:
                silent.append((label, of_node))
        answers = await asyncio.gather(*(_any_answers(context, [row["url"] for row in of_node]) for _, of_node in silent))
        for (label, of_node), is_answering in zip(silent, answers, strict=True):
            if is_answering:
                items.append(_item(label, "down", f"没有应答：{_NO_AGENT}；原因见数据目录下的 {failing.log_of('agent')}"))
            elif not all(workers.is_lost(row, now) for row in of_node):
                items.append(_item(label, "not_measured", "媒体进程没有应答，无法判断"))
        if items:
            return items
        if await _any_answers(context, [f"http://{settings.internal_host}:{settings.media_rpc_port}"]):
            return [_item(name, "down", f"没有应答：{_NO_AGENT}；原因见数据目录下的 {failing.log_of('agent')}")]
        return [_item(name, "not_measured", "媒体进程没有应答，无法判断")]

    return probe


def web_probe(context: Context) -> Probe:
    """The web process: who reads this has its answer."""

    async def probe() -> list[HealthItem]:
        ends = failing.read(context.settings).get("web")
        return [_item(failing.NAMES["web"], "down" if ends else "up", ends.text() if ends else "运行中")]

    return probe


async def _any_answers(context: Context, urls: list[str]) -> bool:
    return any(await asyncio.gather(*(answers(context.settings, url) for url in urls)))


async def answers(settings: Settings, url: str) -> bool:
    """Whether the media worker at this internal address answers."""
    client = RpcClient(url, settings.internal_token.get_secret_value())
    client.start()
    try:
        async with asyncio.timeout(ASK_S):
            await client.wait_connected(ASK_S)
            await client.call("worker.info", timeout=ASK_S)
    except (TimeoutError, RpcError):
        return False
    finally:
        await client.aclose()
    return True


def _item(name: str, status: str, detail: str) -> HealthItem:
    return HealthItem.model_validate({"group": "process", "name": name, "status": status, "detail": detail, "data": {}})
