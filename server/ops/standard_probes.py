"""The standard lines of the health page: database, disk, messages, calendar, and the processes of this installation."""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from media.rpc import RpcClient, RpcError
from server.callbacks.calendars import years_needed
from server.callbacks.library import installed_calendar
from server.context import Context
from server.media_workers import alarms
from server.media_workers import service as workers
from server.ops.health import Group, HealthRegistry, Probe
from server.ops.process_probes import agent_probe, answers, jobs_probe, web_probe
from server.ops.schemas import HealthItem
from server.outbox.provider import sends_out
from server.outbox.service import lateness, newest_outcome
from server.sessions.codes import blocked_addresses
from server.sessions.rules import load_rules

CONNECT_TIMEOUT_S = 1.0
LOW_DISK_BYTES = 2 << 30


def add_standard_probes(registry: HealthRegistry, context: Context) -> None:
    """Database, disk and the processes of this machine."""
    settings = context.settings

    async def database() -> list[HealthItem]:
        await context.db.ping()
        return [HealthItem(group="store", name="数据库", status="up", detail=context.db.dialect, data={})]

    async def disk() -> list[HealthItem]:
        usage = await asyncio.to_thread(shutil.disk_usage, settings.data_dir)
        is_low = usage.free < LOW_DISK_BYTES
        detail = f"剩余 {usage.free / 2**30:.1f} GiB" + ("，空间不足，请清理或扩容" if is_low else "")
        status: Literal["up", "degraded"] = "degraded" if is_low else "up"
        return [HealthItem(group="store", name="数据盘", status=status, detail=detail, data={"free_bytes": usage.free})]

    async def sms() -> list[HealthItem]:
        if not sends_out(settings):
            if settings.mode == "development":
                detail = "开发模式：短信只进入发件箱页面，不会发出"
                return [HealthItem(group="engine", name="短信", status="off", detail=detail, data={})]
            return [HealthItem(group="engine", name="短信", status="down", detail="没有配置短信服务商", data={})]
        async with context.db.read() as tx:
            newest = await newest_outcome(tx)
        status: Literal["up", "degraded", "not_measured"]
        if newest is None:
            status, detail = "not_measured", "已配置短信服务商，还没有发过短信"
        elif newest.is_answered:
            status, detail = "up", f"最近一条短信 {newest.provider} 已应答"
        else:
            status, detail = "degraded", f"最近一条短信没有发出（{newest.error}），请查看短信发件箱和短信服务商"
        return [HealthItem(group="engine", name="短信", status=status, detail=detail, data={})]

    async def punctual() -> list[HealthItem]:
        now = context.now()
        async with context.db.read() as tx:
            found = await lateness(tx, now, now - timedelta(days=1))
        data = {"overdue": found.overdue, "sent_late": found.sent_late}
        if found.overdue:
            detail = f"{found.overdue} 条应按时发出的短信已超过时限还没有发出，请查看短信发件箱和短信服务商"
        else:
            detail = f"最近一天有 {found.sent_late} 条短信超过时限才发出" if found.sent_late else "规定时限内的短信都已按时发出"
        status: Literal["up", "degraded", "down"] = "down" if found.overdue else "degraded" if found.sent_late else "up"
        return [HealthItem(group="notice", name="短信时限", status=status, detail=detail, data=data)]

    async def workdays() -> list[HealthItem]:
        calendar, fault = installed_calendar()
        today = calendar.local_date(context.now())
        missing = [year for year in sorted(years_needed(today)) if year not in calendar.published_years]
        detail = f"放假安排已公布到 {max(calendar.published_years)} 年"
        if missing:
            years = "、".join(map(str, missing))
            detail = f"{years} 年的放假安排还没有录入，工作日按法定节假日估算，调休未计入，请按国务院办公厅通知录入"
        if fault:
            detail = f"放假安排文件有误，没有采用：{fault}"
        status: Literal["up", "degraded"] = "degraded" if missing or fault else "up"
        return [HealthItem(group="notice", name="工作日历", status=status, detail=detail, data={"estimated_years": missing})]

    join_rules = load_rules()

    async def tries() -> list[HealthItem]:
        now = context.now()
        async with context.db.read() as tx:
            count, until = await blocked_addresses(tx, now, join_rules)
        detail, data = "没有网络地址因为输错太多而被拦下", {"addresses": count, "until": until.isoformat() if until else None}
        if until is not None:
            clock = until.astimezone(ZoneInfo(settings.time_zone)).strftime("%H:%M:%S")
            detail = (
                f"{count} 个网络地址输错会议码或短信验证码太多，暂时不能加入，最晚到 {clock}。可能是客户输错，也可能有人在猜码"
            )
        status: Literal["up", "degraded"] = "degraded" if count else "up"
        return [HealthItem(group="notice", name="加入会话的尝试", status=status, detail=detail, data=data)]

    registry.add("notice", "加入会话的尝试", tries)
    registry.add("notice", "短信时限", punctual)
    registry.add("notice", "工作日历", workdays)
    registry.add("store", "数据库", database)
    registry.add("store", "数据盘", disk)
    registry.add("engine", "短信", sms)
    registry.add("process", "网页进程", web_probe(context))
    registry.add("process", "作业进程", jobs_probe(context))
    registry.add("process", "媒体代理进程", agent_probe(context))
    registry.add("worker", "媒体进程", _media_probe(context))
    registry.add("process", "语音进程", _speech_probe(context))
    registry.add("process", "视觉进程", _vision_probe(context))


async def ask(context: Context, port: int, method: str) -> dict[str, Any] | None:
    """One call to a process of this machine; None when it is away."""
    client = RpcClient(f"http://{context.settings.internal_host}:{port}", context.settings.internal_token.get_secret_value())
    client.start()
    try:
        await client.wait_connected(CONNECT_TIMEOUT_S)
        answer = await client.call(method, timeout=1.5)
    except (TimeoutError, RpcError):
        return None
    finally:
        await client.aclose()
    return dict(answer or {})


_REFUSES = {
    "WORKER_DRAINING": "正在退出，不接新会话",
    "WORKER_BUSY": "已接近满负荷，暂不接新会话",
    "WORKER_DISK_LOW": "磁盘空间不足两小时的录制，暂不接新会话；正在录制的不受影响，请清理或扩容",
}


def _media_probe(context: Context) -> Probe:
    async def probe() -> list[HealthItem]:
        async with context.db.read() as tx:
            rows = await workers.everyone(tx)
            raised = await alarms.standing(tx)
        now, settings = context.now(), context.settings
        silent = {str(row["id"]): row["url"] for row in rows if not workers.is_live(row, now)}
        if not rows:
            silent[""] = f"http://{settings.internal_host}:{settings.media_rpc_port}"
        asked = await asyncio.gather(*(answers(settings, url) for url in silent.values()))
        alone = {worker_id for worker_id, is_answering in zip(silent, asked, strict=True) if is_answering}
        items = [
            _media_item(row, workers.is_live(row, now), row["id"] in alone)
            for row in rows
            if not workers.is_lost(row, now) or row["id"] in alone
        ]
        if "" in alone:
            items = [HealthItem(group="worker", name="媒体进程", status="degraded", detail=_UNWATCHED, data={})]
        if not items:
            items = [HealthItem(group="worker", name="媒体进程", status="down", detail="没有应答，现在不能录制", data={})]
        return items + [_alarm_item(alarm) for alarm in raised]

    return probe


_ALARMS = {
    "disk_low": "磁盘不足",
    "busy": "负荷已满",
    "lagging": "处理变慢",
    "lost": "进程失联",
    "uploads_late": "上传积压",
}


def _alarm_item(alarm: Mapping[str, Any]) -> HealthItem:
    """An alarm that stands: while there is one, not everything is fine."""
    name = f"告警 {alarm['worker_id']}：{_ALARMS.get(alarm['kind'], alarm['kind'])}"
    status: Literal["degraded", "down"] = "down" if alarm["kind"] == "lost" else "degraded"
    data = {"id": alarm["id"], "kind": alarm["kind"]}
    return HealthItem(group="notice", name=name, status=status, detail="详见运行状况页面上方的媒体服务", data=data)


_UNWATCHED = "媒体代理没有应答，看不到它的负荷。进行中的会话和录制照常；新的会话要等代理恢复才能进入房间"


def _media_item(row: workers.Row, is_live: bool, is_answering: bool) -> HealthItem:
    """What a worker does. Without a lease nobody places rooms on it, but as long as it answers its rooms go on."""
    name = f"媒体进程 {row['id']}"
    if not is_live and is_answering:
        return HealthItem(group="worker", name=name, status="degraded", detail=_UNWATCHED, data={"id": row["id"]})
    if not is_live:
        return HealthItem(group="worker", name=name, status="down", detail="没有应答，它的房间暂时中断", data={"id": row["id"]})
    data = {
        key: row[key] for key in ("id", "rooms", "legs", "cpu", "loop_lag_p99_ms", "disk_free_bytes", "disk_hours", "is_draining")
    }
    if row["refuses"]:
        detail = _REFUSES.get(str(row["refuses"]), "暂不接新会话")
        return HealthItem(group="worker", name=name, status="degraded", detail=detail, data=data)
    return HealthItem(group="worker", name=name, status="up", detail=f"{row['rooms']} 个房间，{row['legs']} 条连接", data=data)


def _speech_probe(context: Context) -> Probe:
    async def probe() -> list[HealthItem]:
        info = await ask(context, context.settings.speech_rpc_port, "speech.info")
        if info is None:
            detail = "没有应答：系统播报和应答判定不可用，节点由业务员判定并标记为未测量"
            return [HealthItem(group="process", name="语音进程", status="down", detail=detail, data={})]
        items = [HealthItem(group="process", name="语音进程", status="up", detail="运行中", data={})]
        roles = {"verdict": "应答判定", "transcript": "文字转写"}
        for engine in info.get("engines", []):
            name = f"{roles.get(str(engine.get('role')), '语音')}：{engine.get('name')}"
            items.append(_part("engine", name, engine, "可用"))
        voice = info.get("voice")
        spoken = f"播报语音：{voice}" if voice else "没有可用的播报语音，由业务员朗读"
        items.append(HealthItem(group="engine", name="系统播报", status="up" if voice else "off", detail=spoken, data={}))
        return items

    return probe


def _vision_probe(context: Context) -> Probe:
    async def probe() -> list[HealthItem]:
        info = await ask(context, context.settings.vision_rpc_port, "vision.info")
        if info is None:
            detail = "没有应答：人脸与证件检查一律记为未测量"
            return [HealthItem(group="process", name="视觉进程", status="down", detail=detail, data={})]
        items = [HealthItem(group="process", name="视觉进程", status="up", detail="运行中", data={})]
        items += [_part("model", f"视觉模型：{model.get('name')}", model, "可用") for model in info.get("models", [])]
        return items

    return probe


def _part(group: Group, name: str, part: dict[str, Any], fine: str) -> HealthItem:
    is_available = bool(part.get("available"))
    detail = str(part.get("model") or fine) if is_available else f"不可用：{part.get('reason') or '没有说明原因'}"
    return HealthItem(group=group, name=name, status="up" if is_available else "off", detail=detail, data=part)
