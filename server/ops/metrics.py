"""Prometheus metrics of the web process. Labels are route patterns and status classes, never anything personal."""

import hmac

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from server.context import CONTEXT
from server.http.problem import Problem
from server.media_workers.metrics import render
from server.outbox.service import counts


class WebMetrics:
    """One application's registry; other slices may add their own collectors to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dr_http_requests_total", "Answered requests", ["method", "route", "status"], registry=self.registry
        )
        self.outbox = Gauge("dr_outbox_messages", "Messages by status", ["status"], registry=self.registry)

    async def count(self, request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler for every response."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        self.requests.labels(request.method, route, f"{response.status // 100}xx").inc()


METRICS: web.AppKey[WebMetrics] = web.AppKey("metrics", WebMetrics)
_LOCAL = {"127.0.0.1", "::1"}


async def serve_metrics(request: web.Request) -> web.Response:
    """The metrics page: from this machine, or with the metrics token (never the internal secret, which does not travel)."""
    context = request.app[CONTEXT]
    token = context.settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    is_known = bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())
    # A proxy on this machine speaks for somebody else.
    is_local = request.remote in _LOCAL and "X-Forwarded-For" not in request.headers
    if not is_local and not is_known:
        raise Problem(403, "FORBIDDEN")
    async with context.db.read() as tx:
        media = await render(tx, context.now())
        for status, count in (await counts(tx)).items():
            request.app[METRICS].outbox.labels(status).set(count)
    body = generate_latest(request.app[METRICS].registry) + media
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
