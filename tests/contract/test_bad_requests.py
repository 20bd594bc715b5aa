"""What never reaches a handler: requests that cannot be parsed are answered with a problem and a stable code, like all others."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from server.app import build_app
from server.http.server import ProblemHandler, ProblemRunner
from server.settings import Settings
from tests.support.core import running

HEAD = "POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
JSON = "Content-Type: application/json\r\n"


@pytest.fixture
async def port(settings: Settings) -> AsyncIterator[int]:
    """The application behind the server of the web process."""
    async with running(settings) as service:
        runner = ProblemRunner(build_app(service.context), shutdown_timeout=1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()


async def send(port: int, raw: str | bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; the status, headers and body of the first answer."""
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(raw.encode() if isinstance(raw, str) else raw)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
        finally:
            writer.close()
    return int(lines[0].split()[1]), headers, body


BAD: dict[str, tuple[str | bytes, int, str]] = {
    "two content types": (f"{HEAD}{JSON}{JSON}Content-Length: 2\r\n\r\n{{}}", 400, "REQUEST_MALFORMED"),
    "two lengths": (f"{HEAD}{JSON}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}", 400, "REQUEST_MALFORMED"),
    "no length": (f"{HEAD}{JSON}Content-Length: two\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "length and chunks": (f"{HEAD}{JSON}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "request line": ("NONSENSE\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "method": ("G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "version": ("GET /api/v1/auth/me HTTP/9.9\r\nHost: x\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "header without a name": (f"{HEAD}: nothing\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "header with a control character": (f"{HEAD}X-A: a\x00b\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "TLS to a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), 400, "REQUEST_MALFORMED"),
    "long header": (f"{HEAD}X-Long: {'a' * 20000}\r\n\r\n", 431, "REQUEST_HEADERS_TOO_LARGE"),
    "long address": (f"GET /api/v1/auth/me?{'a' * 20000} HTTP/1.1\r\nHost: x\r\n\r\n", 431, "REQUEST_HEADERS_TOO_LARGE"),
    "bad chunk": (f"{HEAD}{JSON}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n", 400, "REQUEST_MALFORMED"),
    "not what its encoding says": (
        f"{HEAD}{JSON}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{{}}",
        400,
        "REQUEST_MALFORMED",
    ),
    "expectation": (f"{HEAD}{JSON}Expect: miracles\r\nContent-Length: 2\r\n\r\n{{}}", 417, "REQUEST_INVALID"),
    "socket without upgrade": ("GET /ws/sessions/nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400, "REQUEST_INVALID"),
    "unknown address": ("GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND"),
    "unknown page, asked by a program": ("GET /nope HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND"),
    "unknown file of a page": ("GET /desk/assets/none.js HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n", 404, "NOT_FOUND"),
    "address that is no text": ("GET /api/v1/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND"),
    "zero byte in a page's address": ("GET /desk/a%00b.js HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND"),
    "name that no file has": (f"GET /desk/{'a' * 300}.js HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND"),
    "name in an address that no row has": ("GET /ws/sessions/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NOT_FOUND"),
    "credential that is no text": (
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xc4\xe3\r\n\r\n",
        401,
        "TICKET_INVALID",
    ),
    "cookie that is no text": (
        b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nCookie: dr_session=\xc4\xe3\r\n\r\n",
        401,
        "SIGN_IN_REQUIRED",
    ),
    "origin that is no address": (f"{HEAD}{JSON}Origin: http://[\r\nContent-Length: 2\r\n\r\n{{}}", 403, "ORIGIN_FORBIDDEN"),
}


async def test_what_cannot_be_parsed_is_a_problem_with_a_code(port: int) -> None:
    wrong = {}
    for name, (raw, status, code) in BAD.items():
        found, headers, body = await send(port, raw)
        kind = headers.get("content-type", "")
        if kind != "application/problem+json" or (found, json.loads(body)["code"]) != (status, code):
            wrong[name] = (found, kind, body[:200])
        assert b"Traceback" not in body
        assert b"aiohttp" not in body.lower()
    assert wrong == {}
    assert (await send(port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))[0] == 200, "and the service goes on"


async def test_a_browser_gets_a_page_in_plain_words_where_there_is_none(port: int) -> None:
    accept = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"
    for path in ("/nope", "/nope/deeper?x=1", "/%ff%fe"):
        status, headers, body = await send(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n{accept}\r\n\r\n")
        assert (status, headers["content-type"], headers["x-content-type-options"]) == (
            404,
            "text/html; charset=utf-8",
            "nosniff",
        )
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "没有这个页面" in body.decode()
    status, headers, _ = await send(port, f"GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\n{accept}\r\n\r\n")
    assert (status, headers["content-type"]) == (404, "application/problem+json"), "the API speaks to programs"
    assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store")


def test_private_names_of_aiohttp() -> None:
    assert inspect.iscoroutinefunction(web.AppRunner.__dict__["_make_server"])
    assert list(inspect.signature(web.RequestHandler.handle_error).parameters) == ["self", "request", "status", "exc", "message"]
    assert "_kwargs" in inspect.getsource(web.Server.__init__)
    assert "self, loop=self._loop, **self._kwargs" in inspect.getsource(web.Server.__call__)
    assert issubclass(ProblemHandler, asyncio.Protocol)
    assert aiohttp.__version__ == "3.14.5", "checked against this version; read server/http/server.py again"
