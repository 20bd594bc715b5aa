"""HTTP endpoints of operations: liveness, readiness, metrics, and the administrators' health page."""

import time
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from server.audits.service import anchor
from server.context import CONTEXT
from server.http.endpoint import Call, Routes, staff
from server.ops.health import HEALTH, HealthRegistry
from server.ops.metrics import METRICS, WebMetrics, serve_metrics
from server.ops.schemas import Health
from server.ops.standard_probes import add_standard_probes
from server.ops.version import VERSION

log = structlog.get_logger(__name__)

routes = Routes(tag="ops")
GRACE_S = 20.0
STARTED: web.AppKey[float] = web.AppKey("started", float)
"""Monotonic time of the start; for `GRACE_S` the other processes are waited for, then readiness goes on without them."""


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    app[HEALTH] = HealthRegistry()
    add_standard_probes(app[HEALTH], app[CONTEXT])
    app[METRICS] = WebMetrics()
    app[STARTED] = time.monotonic()
    app.on_response_prepare.append(app[METRICS].count)
    app.cleanup_ctx.append(_anchor_audits)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", serve_metrics)
    routes.attach(app)


async def _anchor_audits(app: web.Application) -> AsyncIterator[None]:
    try:
        await anchor(app[CONTEXT])
    except Exception:
        log.exception("audit_anchor_failed")
    yield
    try:
        await anchor(app[CONTEXT])
    except Exception:
        log.exception("audit_anchor_failed")


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _readyz(request: web.Request) -> web.Response:
    """200 when requests can be served: another process that is away takes no web process out of rotation.

    `waiting` names the processes that do not answer, `off` says in plain words what is off, and why.
    """
    items = await request.app[HEALTH].check()
    waits_for = [item.name for item in items if item.group in ("process", "worker") and item.status == "down"]
    is_starting = time.monotonic() - request.app[STARTED] < GRACE_S
    broken = [item.name for item in items if item.name == "数据库" and item.status != "up"]
    if broken or (waits_for and is_starting):
        return web.json_response({"status": "starting", "waiting": broken + waits_for}, status=503)
    off = [f"{item.name}：{item.detail}" for item in items if item.status in ("off", "down", "degraded")]
    return web.json_response({"status": "ready", "waiting": waits_for, "off": off})


@routes.get("/api/v1/admin/health", access=staff("administrator", "compliance"), response=Health)
async def show_health(call: Call[None, None]) -> Health:
    """Which engines, models, stores and workers are up."""
    context = call.request.app[CONTEXT]
    items = await call.request.app[HEALTH].check()
    return Health(mode=context.settings.mode, version=VERSION, checked_at=context.now(), items=items)
