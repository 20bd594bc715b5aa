"""What an inspector watched of a recording: credited by the server's clock (`server.domain.watching`), kept per round and person.

A page can only tell what it played. It is believed while its person holds the review, once the service has streamed the film to
them, and never faster than the clock allows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.domain.spans import Span
from server.domain.watching import Missing, Watched, begin, missing, report
from server.http.endpoint import Principal
from server.http.problem import conflict
from server.inspections.schemas import WatchView
from server.inspections.tables import inspection_watches
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_accesses, recordings
from storage.db.engine import Tx

_NO_FILM = ("composite.vtt", "thumbnails.jpg")


async def begin_review(tx: Tx, row: Mapping[str, Any], who: Principal, now: datetime) -> None:
    """The review was taken: the clock starts."""
    await _store(tx, row, who, begin(await _load(tx, row, who.id), now))


async def add(tx: Tx, row: Mapping[str, Any], who: Principal, played: Sequence[Span], now: datetime) -> None:
    """Credit what was played. Raises 409 `INSPECTION_NOT_PLAYED` where nothing was ever streamed to this person."""
    log = recording_accesses.c
    streamed = (log.recording_id == row["recording_id"]) & (log.actor_id == who.id) & (log.action == "stream")
    streamed &= log.detail["path"].as_string().not_in(_NO_FILM)
    if await tx.scalar(sa.select(log.id).where(streamed).limit(1)) is None:
        raise conflict("INSPECTION_NOT_PLAYED")
    known = await _load(tx, row, who.id)
    if known.at is None:
        known = begin(known, now)
    await _store(tx, row, who, report(known, played, int(row["duration_ms"] or 0), now, load_rulebook().watch))


async def seen_by(tx: Tx, row: Mapping[str, Any], actor_id: str | None) -> Watched:
    """What one person watched in the inspection's round; nothing where nobody is named."""
    return await _load(tx, row, actor_id) if actor_id else Watched()


async def nodes_of(tx: Tx, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each stay in a node, as it lies on the timeline."""
    timeline = await tx.scalar(sa.select(recordings.c.timeline).where(recordings.c.id == row["recording_id"]))
    return list((timeline or {"nodes": []})["nodes"])


async def lacking(tx: Tx, row: Mapping[str, Any], watched: Watched) -> Missing:
    """What the rulebook still asks for."""
    nodes = [(node["node_id"], node["t0_ms"], node["t1_ms"]) for node in await nodes_of(tx, row)]
    because: list[str] = row["sampled_because"]
    return missing(watched.spans, int(row["duration_ms"] or 0), nodes, because, load_rulebook().watch)


async def view(tx: Tx, row: Mapping[str, Any], actor_id: str | None) -> WatchView:
    """The same for the wire."""
    watched = await seen_by(tx, row, actor_id)
    left = await lacking(tx, row, watched)
    return WatchView(
        watched_ms=watched.watched_ms,
        share=round(left.share, 4),
        needed_share=left.needed_share,
        unseen_nodes=list(left.nodes),
        is_enough=left.is_enough,
        spans=[list(span) for span in watched.spans],
    )


def told(watched: Watched, left: Missing) -> dict[str, Any]:
    """What a decision's history says of it."""
    return {
        "watched_ms": watched.watched_ms,
        "watched_share": round(left.share, 4),
        "needed_share": left.needed_share,
        "unseen_nodes": list(left.nodes),
        "watched_spans": [list(span) for span in watched.spans],
    }


async def _load(tx: Tx, row: Mapping[str, Any], actor_id: str) -> Watched:
    found = (await tx.execute(sa.select(inspection_watches).where(_same(row, actor_id)))).mappings().one_or_none()
    if found is None:
        return Watched()
    return Watched(tuple((start, end) for start, end in found["spans"]), found["allowed_ms"], found["at"])


async def _store(tx: Tx, row: Mapping[str, Any], who: Principal, watched: Watched) -> None:
    values = {
        "spans": [list(span) for span in watched.spans], "watched_ms": watched.watched_ms, "allowed_ms": watched.allowed_ms,
        "at": watched.at, "actor_name": who.display_name,
    }  # fmt: skip
    table = inspection_watches
    changed = await tx.execute(table.update().where(_same(row, who.id)).values(**values))
    if not changed.rowcount:
        await tx.execute(table.insert().values(inspection_id=row["id"], round=row["round"], actor_id=who.id, **values))


def _same(row: Mapping[str, Any], actor_id: str) -> sa.ColumnElement[bool]:
    table = inspection_watches.c
    return sa.and_(table.inspection_id == row["id"], table.round == row["round"], table.actor_id == actor_id)
