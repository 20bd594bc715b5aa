"""Links for players: signed, short-lived, of one person; and the stream behind them, with Range.

A link is worth nothing to anybody else: the stream wants the same member of staff signed in. Every first use of a link is in
the access log, together with the ticket it came from.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import sqlalchemy as sa
from aiohttp import web

from server.context import CONTEXT, Context
from server.http.endpoint import Call, Principal
from server.http.problem import Problem, forbidden, not_found
from server.recordings.access import log_access, require_visible
from server.recordings.holder import STORE
from server.recordings.meta import RecordingMeta
from server.recordings.schemas import MediaSource, PlayTicket
from server.recordings.tables import recording_accesses, recording_objects
from storage.db.engine import Tx
from storage.db.ids import new_id
from storage.objects.port import ObjectMissing, StoreError

LIFETIME = timedelta(minutes=30)
_AUDIENCE = "media"
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
_LABEL = {"main": "画面与声音", "screen": "屏幕共享", "prompt": "系统播报"}


async def issue(tx: Tx, context: Context, request: web.Request, who: Principal, row: Mapping[str, Any]) -> PlayTicket:
    """Links to everything playable of a sealed recording. Raises 409 `RECORDING_NOT_SEALED`."""
    if row["state"] != "sealed":
        raise Problem(409, "RECORDING_NOT_SEALED", state=row["state"])
    meta = RecordingMeta.model_validate(row["meta"])
    people = {seat.seat_id: f"{seat.label} {seat.display_name}" for seat in meta.seats}
    query = sa.select(recording_objects).where(recording_objects.c.recording_id == row["id"])
    objects = {found["path"]: found for found in (await tx.execute(query)).mappings()}
    ticket = new_id("play")
    expires_at = context.now() + LIFETIME
    sources: list[MediaSource] = []

    def add(path: str, kind: Any, seat_id: str | None, label: str, t0_ms: int, duration_ms: int | None) -> None:
        found = objects.get(path)
        if found is None:
            return
        claims = {"aud": _AUDIENCE, "sub": who.id, "jti": ticket, "rec": row["id"], "path": path, "exp": expires_at}
        token = jwt.encode(claims, context.settings.ticket_key.get_secret_value(), algorithm="HS256")
        sources.append(
            MediaSource(
                id=path,
                kind=kind,
                seat_id=seat_id,
                label=label,
                url=f"/api/v1/media/{token}",
                content_type=found["content_type"],
                t0_ms=t0_ms,
                duration_ms=duration_ms,
                bytes=found["bytes"],
            )
        )

    media = row["media"] or {"composite": {}, "tracks": []}
    add("composite.mp4", "composite", None, "合成画面", 0, media["composite"].get("duration_ms"))
    add("composite.vtt", "markers", None, "节点标记", 0, None)
    for track in media["tracks"]:
        who_is = people.get(track["seat_id"], "系统")
        label = f"{who_is} · {_LABEL.get(track['track'], track['track'])}"
        add(track["file"], track["track"], track["seat_id"], label, track["t0_ms"], track["duration_ms"])
    await log_access(tx, context, request, who, row["id"], "play", ticket=ticket, sources=len(sources))
    stamp = context.now().astimezone(ZoneInfo(context.settings.time_zone)).strftime("%Y-%m-%d %H:%M")
    return PlayTicket(sources=sources, expires_at=expires_at, watermark=f"{who.display_name} {who.id[-6:]} {stamp}")


async def stream(call: Call[None, None]) -> web.StreamResponse:
    """Serve what a link names."""
    request = call.request
    context = request.app[CONTEXT]
    claims = _claims(context, call.path("token"), call.who)
    async with context.db.read() as tx:
        await require_visible(tx, call.who, claims["rec"])
        same = (recording_objects.c.recording_id == claims["rec"]) & (recording_objects.c.path == claims["path"])
        found = (await tx.execute(sa.select(recording_objects).where(same))).mappings().first()
        used = await tx.scalar(_uses(claims))
    if found is None:
        raise not_found("OBJECT_NOT_FOUND")
    if not used:
        async with context.db.begin() as tx:
            await log_access(tx, context, request, call.who, claims["rec"], "stream", ticket=claims["jti"], path=claims["path"])
    start, end, status = byte_range(request.headers.get("Range"), found["bytes"])
    response = web.StreamResponse(status=status)
    response.content_type = found["content_type"]
    response.content_length = end - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = "inline"
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{found['bytes']}"
    await _send(request, response, found["key"], start, end)
    return response


async def _send(request: web.Request, response: web.StreamResponse, key: str, start: int, end: int) -> None:
    try:
        store = await request.app[STORE].get()
        chunks = store.stream(key, start=start, end=end)
        first = await anext(aiter(chunks), None) if request.method != "HEAD" and end > start else None
    except ObjectMissing as error:
        raise not_found("OBJECT_NOT_FOUND") from error
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error
    await response.prepare(request)
    try:
        if first is not None:
            await response.write(first)
            async for chunk in chunks:
                await response.write(chunk)
    except ConnectionError:
        return  # the player has what it wanted
    await response.write_eof()


def byte_range(header: str | None, size: int) -> tuple[int, int, int]:
    """Start, end (exclusive) and HTTP status of a Range header (RFC 9110 §14.2). Raises 416 `RANGE_INVALID`."""
    if not header:
        return 0, size, 200
    match = _RANGE.match(header.strip())
    if match is None or not (match[1] or match[2]):
        return 0, size, 200  # an unknown unit or several ranges: the whole is a valid answer
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) + 1, size) if match[2] else size
    else:
        start, end = max(0, size - int(match[2])), size
    if start >= size or end <= start:
        raise Problem(416, "RANGE_INVALID", size=size)
    return start, end, 206


def _claims(context: Context, token: str, who: Principal) -> dict[str, Any]:
    try:
        options: Any = {"require": ["exp", "sub", "jti", "rec", "path"], "verify_exp": False}
        key = context.settings.ticket_key.get_secret_value()
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["HS256"], audience=_AUDIENCE, options=options)
    except jwt.PyJWTError as error:
        raise forbidden("MEDIA_LINK_INVALID") from error
    if claims["exp"] < context.now().timestamp():
        raise forbidden("MEDIA_LINK_EXPIRED")
    if claims["sub"] != who.id:
        raise forbidden("MEDIA_LINK_OF_OTHERS")
    return claims


def _uses(claims: Mapping[str, Any]) -> sa.Select[tuple[str]]:
    log = recording_accesses
    return sa.select(log.c.id).where(
        log.c.recording_id == claims["rec"],
        log.c.action == "stream",
        log.c.detail["ticket"].as_string() == claims["jti"],
        log.c.detail["path"].as_string() == claims["path"],
    )
