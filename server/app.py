"""The web process: builds the aiohttp application from its slices. No rules here, no globals."""

from collections.abc import Awaitable, Callable

from aiohttp import web

import server.audits.routes
import server.callbacks.routes
import server.cases.routes
import server.custody.routes
import server.customers.routes
import server.identity.routes
import server.inspections.routes
import server.jobs.routes
import server.media_workers.routes
import server.ops.routes
import server.outbox.routes
import server.recordings.routes
import server.search.routes
import server.sessions.routes
import server.signalling.routes
import server.talkscripts.routes
import server.users.routes
import server.webhooks.routes
from server.bootstrap import read_shipped
from server.context import CONTEXT, Context
from server.http.forwarded import networks, real_addresses
from server.http.middleware import middlewares
from server.http.openapi import document
from server.http.static import setup_static
from server.ops.version import VERSION

SLICES: tuple[Callable[[web.Application], None], ...] = (
    server.ops.routes.setup,
    server.users.routes.setup,
    server.audits.routes.setup,
    server.outbox.routes.setup,
    server.talkscripts.routes.setup,
    server.cases.routes.setup,
    server.identity.routes.setup,
    server.sessions.routes.setup,
    server.signalling.routes.setup,
    server.media_workers.routes.setup,
    server.jobs.routes.setup,
    server.recordings.routes.setup,
    server.custody.routes.setup,
    server.inspections.routes.setup,
    server.search.routes.setup,
    server.callbacks.routes.setup,
    server.customers.routes.setup,
    server.webhooks.routes.setup,
)


def build_app(context: Context) -> web.Application:
    """Build the application. The caller owns the context's resources and closes them after the app."""
    read_shipped()
    trusted = networks(context.settings.trusted_proxies)
    outermost = (real_addresses(trusted),) if trusted else ()
    app = web.Application(middlewares=(*outermost, *middlewares()), client_max_size=32 << 20)
    app[CONTEXT] = context
    for setup in SLICES:
        setup(app)
    app.router.add_get("/api/v1/openapi.json", _openapi(app))
    setup_static(app)
    return app


def _openapi(app: web.Application) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_request: web.Request) -> web.Response:
        return web.json_response(document(app, version=VERSION))

    return serve
