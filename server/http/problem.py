"""Errors people and programs can act on: a stable code, parameters, `application/problem+json`.

Domain code returns refusals; the edge turns them into a `Problem`. Texts for people live in the front end's locale files,
keyed by `code`.
"""

from typing import Any

import orjson
from aiohttp import web


class Problem(Exception):
    """A refusal or fault on its way to the client.

    Args:
        status: HTTP status.
        code: stable, upper snake case (`CASE_NOT_FOUND`).
        retryable: whether the same request may succeed later.
        params: values the text needs. Of people at most the name, and only where the caller sees that person anyway.
    """

    def __init__(self, status: int, code: str, *, retryable: bool = False, **params: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retryable = retryable
        self.params = params

    def to_wire(self) -> dict[str, Any]:
        """The JSON object of the response (RFC 9457)."""
        return {
            "type": f"urn:dual-recording:problem:{self.code}",
            "title": self.code,
            "status": self.status,
            "code": self.code,
            "retryable": self.retryable,
            "params": self.params,
        }

    def to_response(self) -> web.Response:
        """The HTTP response."""
        headers = {"Retry-After": str(self.params["retry_after_s"])} if "retry_after_s" in self.params else None
        return web.Response(
            status=self.status,
            body=orjson.dumps(self.to_wire(), default=str),
            content_type="application/problem+json",
            headers=headers,
        )


def not_found(code: str, **params: Any) -> Problem:
    """404 with a code."""
    return Problem(404, code, **params)


def conflict(code: str, **params: Any) -> Problem:
    """409 with a code."""
    return Problem(409, code, **params)


def forbidden(code: str = "FORBIDDEN", **params: Any) -> Problem:
    """403 with a code."""
    return Problem(403, code, **params)
