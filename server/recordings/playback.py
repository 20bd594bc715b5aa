"""Links for the players of recordings (`server.http.playback`), and the stream behind them.

Every first use of a link from an address is in the access log, together with the ticket it came from.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from aiohttp import web

from server.context import CONTEXT, Context
from server.http.endpoint import Call, Principal
from server.http.playback import answer_range, read_link, sign_link
from server.http.problem import Problem, not_found
from server.recordings.access import address_of, log_access, require_visible
from server.recordings.holder import STORE
from server.recordings.meta import RecordingMeta
from server.recordings.schemas import MediaSource, PlayTicket, ThumbnailSheet
from server.recordings.tables import recording_accesses, recording_objects
from storage.db.engine import Tx
from storage.db.ids import new_id
from storage.objects.port import ObjectMissing, StoreError

LIFETIME = timedelta(minutes=30)
_AUDIENCE = "media"
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

    def add(
        path: str, kind: Any, seat_id: str | None, label: str, t0_ms: int, duration_ms: int | None, frame_ms: float | None = None
    ) -> None:
        found = objects.get(path)
        if found is None:
            return
        token = sign_link(context, _AUDIENCE, who, expires_at, jti=ticket, rec=row["id"], path=path)
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
                frame_ms=frame_ms,
                bytes=found["bytes"],
            )
        )

    media = row["media"] or {"composite": {}, "tracks": []}
    film = media["composite"]
    add("composite.mp4", "composite", None, "合成画面", 0, film.get("duration_ms"), film.get("frame_ms"))
    add("composite.vtt", "markers", None, "节点标记", 0, None)
    sheet = media.get("thumbnails")
    if sheet is not None:
        add("thumbnails.jpg", "thumbnails", None, "缩略图", 0, None)
    for track in media["tracks"]:
        who_is = people.get(track["seat_id"], "系统")
        label = f"{who_is} · {_LABEL.get(track['track'], track['track'])}"
        add(track["file"], track["track"], track["seat_id"], label, track["t0_ms"], track["duration_ms"], track.get("frame_ms"))
    await log_access(tx, context, request, who, row["id"], "play", ticket=ticket, sources=len(sources))
    stamp = context.now().astimezone(ZoneInfo(context.settings.time_zone)).strftime("%Y-%m-%d %H:%M")
    return PlayTicket(
        sources=sources,
        thumbnails=ThumbnailSheet(**sheet) if sheet else None,
        expires_at=expires_at,
        watermark=f"{who.display_name} {who.id[-6:]} {stamp}",
    )


async def stream(call: Call[None, None]) -> web.StreamResponse:
    """Serve what a link names."""
    request = call.request
    context = request.app[CONTEXT]
    claims = read_link(context, _AUDIENCE, call.path("token"), call.who, "jti", "rec", "path")
    async with context.db.read() as tx:
        await require_visible(tx, call.who, claims["rec"])
        same = (recording_objects.c.recording_id == claims["rec"]) & (recording_objects.c.path == claims["path"])
        found = (await tx.execute(sa.select(recording_objects).where(same))).mappings().first()
        used = await tx.scalar(_uses(claims, address_of(request)))
    if found is None:
        raise not_found("OBJECT_NOT_FOUND")
    if not used:
        async with context.db.begin() as tx:
            await log_access(tx, context, request, call.who, claims["rec"], "stream", ticket=claims["jti"], path=claims["path"])
    return await answer_range(request, found["content_type"], found["bytes"], partial(_read, request, found["key"]))


async def _read(request: web.Request, key: str, start: int, end: int) -> AsyncIterator[bytes]:
    try:
        store = await request.app[STORE].get()
        async for chunk in store.stream(key, start=start, end=end):
            yield chunk
    except ObjectMissing as error:
        raise not_found("OBJECT_NOT_FOUND") from error
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error


def _uses(claims: Mapping[str, Any], address: str) -> sa.Select[tuple[str]]:
    log = recording_accesses
    return sa.select(log.c.id).where(
        log.c.recording_id == claims["rec"],
        log.c.action == "stream",
        log.c.detail["ticket"].as_string() == claims["jti"],
        log.c.detail["path"].as_string() == claims["path"],
        log.c.address == address,
    )
