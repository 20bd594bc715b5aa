"""The web process: serves the application until it is told to stop."""

import asyncio

import structlog
from aiohttp import web

from server.app import build_app
from server.bootstrap import build_context
from server.http.server import ProblemRunner
from server.ops.ending import stop_on_signals
from server.ops.local_tls import ensure_certificate, names_to_cover, server_context
from server.settings import Settings

log = structlog.get_logger(__name__)

SHUTDOWN_S = 5
"""How long requests that are on may take to end; they are cancelled then, and have as long again."""
STOP_LIMIT_S = 15.0
"""After that the rest is left behind and named: less than the supervisor waits before it kills (`STOP_WAIT_S`)."""


async def main(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; pages are told first (`SERVER_STOPS`), then requests have `SHUTDOWN_S` to end."""
    context = build_context(settings)
    tls = None
    if settings.https:
        certificate, key = settings.tls_cert, settings.tls_key
        if certificate is None or key is None:
            certificate, key = ensure_certificate(settings.data_dir / "tls", names_to_cover(settings.public_url))
        tls = server_context(certificate, key)
    runner = ProblemRunner(build_app(context), shutdown_timeout=SHUTDOWN_S, access_log=None)
    try:
        await runner.setup()
        await web.TCPSite(runner, settings.http_host, settings.http_port, ssl_context=tls, reuse_port=False).start()
        await stop_on_signals().wait()
    finally:
        await stop_serving(runner)
        await context.db.aclose()


async def stop_serving(runner: web.AppRunner, limit_s: float = STOP_LIMIT_S) -> None:
    """The whole shutdown in its order, within `limit_s`; what does not end is named in the log and left behind."""
    try:
        async with asyncio.timeout(limit_s):
            await runner.cleanup()
    except TimeoutError:
        current = asyncio.current_task()
        left = sorted({str(task.get_coro()) for task in asyncio.all_tasks() if task is not current})
        log.error("web_stop_incomplete", limit_s=limit_s, tasks=left[:20])
