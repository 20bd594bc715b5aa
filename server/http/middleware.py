"""Middlewares of the web process: problems for every fault, security headers, request ids, cross-site protection."""

import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from server.http.missing import missing_page, wants_page
from server.http.problem import Problem

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "BODY_TOO_LARGE", 401: "SIGN_IN_REQUIRED", 403: "FORBIDDEN"}
_API = ("/api/", "/ws/")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_POLICY = "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
"""What no page of ours does: be framed, embed plug-ins, move its base address or send a form elsewhere."""


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into problem+json (a page nobody has: into a page); never leak an exception's text."""
    request_id = uuid.uuid4().hex[:16]
    structlog.contextvars.bind_contextvars(request_id=request_id)
    try:
        response = await handler(request)
    except Problem as problem:
        response = problem.to_response()
    except web.HTTPException as error:
        known = answer_to(request, error)
        if known is None:
            raise
        response = known
    except web.RequestPayloadError:  # bad chunks, a body that is not what its Content-Encoding says
        response = Problem(400, "REQUEST_MALFORMED").to_response()
    except Exception:
        log.exception("request_failed", method=request.method, route=str(request.match_info.route.resource))
        response = Problem(500, "INTERNAL", retryable=True, request_id=request_id).to_response()
    finally:
        structlog.contextvars.unbind_contextvars("request_id")
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
    return response


def answer_to(request: web.BaseRequest, error: web.HTTPException) -> web.Response | None:
    """The answer to a refusal by aiohttp itself. None where it is no refusal (a redirect)."""
    if error.status < 400:
        return None
    if error.status == 404 and not request.path.startswith(_API) and wants_page(request.headers.get("Accept", "")):
        return missing_page()
    return Problem(error.status, _CODES.get(error.status, "REQUEST_INVALID")).to_response()


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse unsafe requests and sockets that a page of another origin makes with our cookies."""
    origin = request.headers.get("Origin")
    is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    if origin and (request.method not in _SAFE or is_socket) and _host_of(origin) != request.host:
        raise Problem(403, "ORIGIN_FORBIDDEN")
    return await handler(request)


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # no address
        return None


@web.middleware
async def security_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Headers that keep pages from being framed, sniffed or leaking addresses."""
    response = await handler(request)
    if not response.prepared:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        else:
            response.headers.setdefault("Content-Security-Policy", _POLICY)
    return response


def middlewares() -> list[Callable[..., Awaitable[web.StreamResponse]]]:
    """All middlewares, outermost first."""
    return [security_headers, problems, same_origin]
