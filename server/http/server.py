"""The HTTP server under the application: what never reaches a middleware is answered with problem+json as well.

aiohttp answers as text what it cannot parse (two Content-Type headers, a broken request line, oversized headers) and what is
raised around the middlewares. Here each gets a stable code. No rules, no routes.

Private names of aiohttp are touched in this file alone (`AppRunner._make_server`, `Server._kwargs`, `Server._loop`; checked
against 3.14.5); `tests/contract/test_bad_requests.py` fails when one changes.
"""

import structlog
from aiohttp import http_exceptions, web

from server.http.middleware import answer_to
from server.http.problem import Problem

log = structlog.get_logger(__name__)

MALFORMED = Problem(400, "REQUEST_MALFORMED")
TOO_LARGE = Problem(431, "REQUEST_HEADERS_TOO_LARGE")


class ProblemHandler(web.RequestHandler):
    """One connection. A fault is answered as a problem and the connection closed; never an exception's text."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to a request that could not be parsed (400) or whose handling failed outside the application (5xx)."""
        if status >= 500:
            log.error("request_failed", status=status, exc_info=exc)
            problem = Problem(status, "INTERNAL", retryable=True)
        else:
            log.info("request_malformed", fault=type(exc).__name__)
            problem = TOO_LARGE if isinstance(exc, http_exceptions.LineTooLong) else MALFORMED
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has already begun")
        response = problem.to_response()
        response.headers["X-Content-Type-Options"] = "nosniff"  # no middleware sees this answer
        response.force_close()
        return response


class ProblemServer(web.Server):
    """Makes the connections' handlers; wraps the application, whose router may refuse before any middleware runs."""

    def __init__(self, inner: web.Server) -> None:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            try:
                return await inner.request_handler(request)
            except web.HTTPException as error:
                response = answer_to(request, error)
                if response is None:
                    raise
                response.headers["X-Content-Type-Options"] = "nosniff"  # no middleware sees this answer
                return response

        super().__init__(handle, request_factory=inner.request_factory, loop=inner._loop, **inner._kwargs)

    def __call__(self) -> web.RequestHandler:
        """The handler of a new connection."""
        return ProblemHandler(self, loop=self._loop, **self._kwargs)


class ProblemRunner(web.AppRunner):
    """An `AppRunner` whose server answers every fault with a problem."""

    async def _make_server(self) -> web.Server:
        return ProblemServer(await super()._make_server())
