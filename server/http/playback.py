"""Playback of stored sound and pictures: links of one person that die soon, and answers by byte ranges (RFC 9110 §14).

A link is worth nothing to anybody else: the stream behind it wants the same person signed in. Knows no store and no table.
"""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import jwt
from aiohttp import web

from server.context import Context
from server.http.endpoint import Principal
from server.http.problem import Problem, forbidden

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def sign_link(context: Context, audience: str, who: Principal, expires_at: datetime, **claims: Any) -> str:
    """The token of a link.

    Args:
        audience: which player it is for; another one's tokens are refused.
        claims: what `read_link` gives back.
    """
    wanted = {**claims, "aud": audience, "sub": who.id, "exp": expires_at}
    return jwt.encode(wanted, context.settings.ticket_key.get_secret_value(), algorithm="HS256")


def read_link(context: Context, audience: str, token: str, who: Principal, *required: str) -> dict[str, Any]:
    """The claims of a link. Raises 403 `MEDIA_LINK_INVALID`, `MEDIA_LINK_EXPIRED`, `MEDIA_LINK_OF_OTHERS`."""
    options: Any = {"require": ["exp", "sub", *required], "verify_exp": False}
    try:
        key = context.settings.ticket_key.get_secret_value()
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["HS256"], audience=audience, options=options)
    except jwt.PyJWTError as error:
        raise forbidden("MEDIA_LINK_INVALID") from error
    if claims["exp"] < context.now().timestamp():
        raise forbidden("MEDIA_LINK_EXPIRED")
    if claims["sub"] != who.id:
        raise forbidden("MEDIA_LINK_OF_OTHERS")
    return claims


async def answer_range(
    request: web.Request, content_type: str, size: int, read: Callable[[int, int], AsyncIterator[bytes]]
) -> web.StreamResponse:
    """Serve the part that the Range header asks for, never cached.

    Args:
        read: yields the bytes from start to end (exclusive). A `Problem` before its first part becomes the answer.
    """
    start, end, status = byte_range(request.headers.get("Range"), size)
    response = web.StreamResponse(status=status)
    response.content_type = content_type
    response.content_length = end - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    parts = aiter(read(start, end))
    first = await anext(parts, None) if request.method != "HEAD" and end > start else None
    await response.prepare(request)
    try:
        if first is not None:
            await response.write(first)
            async for part in parts:
                await response.write(part)
    except ConnectionError:
        return response  # the player has what it wanted
    await response.write_eof()
    return response


def byte_range(header: str | None, size: int) -> tuple[int, int, int]:
    """Start, end (exclusive) and HTTP status of a Range header (RFC 9110 §14.2). Raises 416 `RANGE_INVALID`."""
    if not header:
        return 0, size, 200
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return 0, size, 200  # an unknown unit, several ranges or no numbers: the whole is a valid answer
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) + 1, size) if match[2] else size
    else:
        start, end = max(0, size - int(match[2])), size
    if start >= size or end <= start:
        raise Problem(416, "RANGE_INVALID", size=size)
    return start, end, 206
