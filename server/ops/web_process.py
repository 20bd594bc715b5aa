"""The web process: serves the application until it is told to stop."""

import asyncio
import signal

from aiohttp import web

from server.app import build_app
from server.bootstrap import build_context
from server.http.server import ProblemRunner
from server.ops.local_tls import ensure_certificate, names_to_cover, server_context
from server.settings import Settings


async def main(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; pages are told first (`SERVER_STOPS`), then requests have five seconds to end."""
    context = build_context(settings)
    tls = None
    if settings.https:
        certificate, key = settings.tls_cert, settings.tls_key
        if certificate is None or key is None:
            certificate, key = ensure_certificate(settings.data_dir / "tls", names_to_cover(settings.public_url))
        tls = server_context(certificate, key)
    runner = ProblemRunner(build_app(context), shutdown_timeout=5, access_log=None)
    try:
        await runner.setup()
        await web.TCPSite(runner, settings.http_host, settings.http_port, ssl_context=tls, reuse_port=False).start()
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()
        await context.db.aclose()
