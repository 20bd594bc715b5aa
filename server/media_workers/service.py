"""Workers, leases and placements in the database. Called inside the caller's transaction; never commits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from server.http.problem import not_found
from server.media_workers.tables import media_placements, media_workers
from storage.db.engine import Tx

LEASE = timedelta(seconds=9)
BEAT_S = 2.0
MOVE_AFTER = timedelta(seconds=20)
"""A machine whose lease ended so long ago gives up its rooms: a worker that died is back long before."""
LOST_AFTER = timedelta(seconds=60)
"""A machine whose lease ended so long ago is taken as lost: what it uploaded is all there is."""
CLAIM = timedelta(seconds=15)
"""A web process that places a room and says nothing for so long is taken as gone; it renews before each worker it asks (4 s)."""
ROOM_CPU = 0.03
_SETTLED = timedelta(seconds=20)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What asking for a room gave: it is here to place (`is_mine`), or on a worker, or with another web process (neither).

    `asked`: the worker that a process which gave nothing back had asked; it may have the room already.
    """

    is_mine: bool = False
    worker_id: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a worker is: what does not change while it runs."""

    worker_id: str
    node: str
    url: str
    speech_url: str
    vision_url: str
    public_ip: str


async def beat(tx: Tx, who: Identity, info: Row, uploads: Row | None, now: datetime) -> bool:
    """Renew a worker's lease with what it said of itself. Returns whether an administrator wants it drained."""
    values = {
        "node": who.node, "url": who.url, "speech_url": who.speech_url, "vision_url": who.vision_url, "public_ip": who.public_ip,
        "uploads": uploads, "queues": info.get("queues"), "seen_at": now, "lease_until": now + LEASE,
        **{key: info[key] for key in _INFO},
    }  # fmt: skip
    row = await get(tx, who.worker_id)
    if row is None:
        await tx.execute(media_workers.insert().values(id=who.worker_id, started_at=now, is_drain_wanted=False, **values))
        return False
    if row["generation"] != info["generation"]:
        # A new process is a new start: an order to drain was for the old one (rolling update).
        values |= {"started_at": now, "is_drain_wanted": False}
        row = {**row, "is_drain_wanted": False}
    await tx.execute(media_workers.update().where(media_workers.c.id == who.worker_id).values(**values))
    return bool(row["is_drain_wanted"])


_INFO = ("udp_port", "generation", "is_draining", "refuses", "rooms", "legs", "cpu", "loop_lag_p99_ms", "rss_bytes",
         "disk_free_bytes", "disk_bytes_per_s", "disk_hours")  # fmt: skip


async def get(tx: Tx, worker_id: str) -> dict[str, Any] | None:
    """One worker, alive or not."""
    row = (await tx.execute(sa.select(media_workers).where(media_workers.c.id == worker_id))).mappings().first()
    return dict(row) if row else None


async def everyone(tx: Tx) -> list[dict[str, Any]]:
    """All workers that were seen within a day, by name."""
    newest = await tx.scalar(sa.select(sa.func.max(media_workers.c.seen_at)))
    query = sa.select(media_workers).order_by(media_workers.c.id)
    if newest is not None:
        query = query.where(media_workers.c.seen_at > newest - timedelta(days=1))
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def want_drain(tx: Tx, worker_id: str, is_on: bool) -> None:
    """Ask a worker to take no new rooms (or to take them again). Its machine carries it out with its next beat."""
    changed = await tx.execute(media_workers.update().where(media_workers.c.id == worker_id).values(is_drain_wanted=is_on))
    if not changed.rowcount:
        raise not_found("MEDIA_WORKER_NOT_FOUND")


async def placement_of(tx: Tx, room_id: str) -> str | None:
    """The worker of a room, while it is placed."""
    query = sa.select(media_placements.c.worker_id).where(
        media_placements.c.room_id == room_id, media_placements.c.released_at.is_(None)
    )
    return await tx.scalar(query)


async def last_worker(tx: Tx, room_id: str) -> dict[str, Any] | None:
    """The worker a room is or was on, alive or not."""
    worker_id = await tx.scalar(sa.select(media_placements.c.worker_id).where(media_placements.c.room_id == room_id))
    return None if worker_id is None else await get(tx, worker_id)


async def nodes_of(tx: Tx, room_ids: Collection[str]) -> dict[str, str]:
    """The machine each room is, or at its end was, on."""
    query = (
        sa.select(media_placements.c.room_id, media_workers.c.node)
        .join(media_workers, media_workers.c.id == media_placements.c.worker_id)
        .where(media_placements.c.room_id.in_(room_ids))
    )
    return {row.room_id: row.node for row in await tx.execute(query)}


async def placements(tx: Tx) -> dict[str, str]:
    """Every placed room and its worker."""
    query = sa.select(media_placements.c.room_id, media_placements.c.worker_id).where(media_placements.c.released_at.is_(None))
    return {row.room_id: row.worker_id for row in await tx.execute(query)}


async def claim(tx: Tx, room_id: str, who: str, now: datetime) -> Claim:
    """Take a room that is on no worker in order to place it: one web process has it, however many ask at once.

    Args:
        who: the web process. What it claimed and did not place within `CLAIM` goes to the next one that asks.
    """
    first = {"room_id": room_id, "placed_at": now, "released_at": now, "claimed_by": who, "claimed_until": now + CLAIM}
    await tx.execute(_if_new(tx, first))
    is_free = sa.or_(
        media_placements.c.claimed_until.is_(None),
        media_placements.c.claimed_until <= now,
        media_placements.c.claimed_by == who,
    )
    free = media_placements.update().where(_unplaced(room_id), is_free)
    await tx.execute(free.values(claimed_by=who, claimed_until=now + CLAIM))
    row = (await tx.execute(sa.select(media_placements).where(media_placements.c.room_id == room_id))).one()
    if row.released_at is None:
        return Claim(worker_id=row.worker_id)
    return Claim(is_mine=row.claimed_by == who, asked=row.asked_worker)


async def ask(tx: Tx, room_id: str, worker_id: str, who: str, now: datetime) -> bool:
    """Note that a worker is being asked to take a claimed room; renews the claim. False: it is another process' by now."""
    mine = media_placements.update().where(_unplaced(room_id), media_placements.c.claimed_by == who)
    return (await tx.execute(mine.values(asked_worker=worker_id, claimed_until=now + CLAIM))).rowcount == 1


async def place(tx: Tx, room_id: str, worker_id: str, who: str, now: datetime) -> bool:
    """Put a claimed room on a worker. False: the claim is another process' by now, the room is not there."""
    mine = media_placements.update().where(_unplaced(room_id), media_placements.c.claimed_by == who)
    values = {"worker_id": worker_id, "placed_at": now, "released_at": None, **_NO_CLAIM}
    return (await tx.execute(mine.values(**values))).rowcount == 1


async def give_up(tx: Tx, room_id: str, who: str) -> None:
    """No worker takes the claimed room: whoever asks next may try."""
    mine = media_placements.update().where(_unplaced(room_id), media_placements.c.claimed_by == who)
    await tx.execute(mine.values(**_NO_CLAIM))


_NO_CLAIM: Mapping[str, None] = {"claimed_by": None, "claimed_until": None, "asked_worker": None}


def _held(room_id: str, worker_id: str) -> sa.Update:
    return media_placements.update().where(
        media_placements.c.room_id == room_id,
        media_placements.c.worker_id == worker_id,
        media_placements.c.released_at.is_(None),
    )


def _unplaced(room_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(media_placements.c.room_id == room_id, media_placements.c.released_at.is_not(None))


def _if_new(tx: Tx, values: Mapping[str, Any]) -> sa.Insert:
    """An insert that does nothing where the row is there, however many insert it at once."""
    if tx.dialect.name == "postgresql":
        return postgresql.insert(media_placements).values(values).on_conflict_do_nothing()
    return sqlite.insert(media_placements).values(values).on_conflict_do_nothing()


async def release(tx: Tx, room_id: str, worker_id: str, now: datetime) -> None:
    """The room on this worker is over. The row stays: it says where the recording was made."""
    await tx.execute(_held(room_id, worker_id).values(released_at=now))


async def take_over(tx: Tx, room_id: str, worker_id: str, who: str, now: datetime) -> bool:
    """Release the room of a lost worker and claim it in one step: one caller gets it, however many ask at once."""
    values = {**_NO_CLAIM, "released_at": now, "claimed_by": who, "claimed_until": now + CLAIM}
    return (await tx.execute(_held(room_id, worker_id).values(**values))).rowcount == 1


async def placed_lately(tx: Tx, now: datetime) -> dict[str, int]:
    """Rooms by worker that were placed a moment ago, so that their load is not measured yet."""
    query = (
        sa.select(media_placements.c.worker_id, sa.func.count())
        .where(media_placements.c.released_at.is_(None), media_placements.c.placed_at > now - _SETTLED)
        .group_by(media_placements.c.worker_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


def is_live(row: Row, now: datetime) -> bool:
    """Whether the worker's lease stands."""
    return bool(row["lease_until"] > now)


def gives_up(row: Row, now: datetime) -> bool:
    """Whether the worker has been away for so long that its rooms go to another one."""
    return bool(row["lease_until"] + MOVE_AFTER < now)


def is_lost(row: Row, now: datetime) -> bool:
    """Whether the worker has been away for so long that nobody waits for it any more."""
    return bool(row["lease_until"] + LOST_AFTER < now)


def ranked(rows: Sequence[Row], lately: Mapping[str, int], now: datetime) -> list[Row]:
    """Workers that would take a room, least loaded first: measured CPU plus what was placed a moment ago."""
    open_ = [row for row in rows if is_live(row, now) and not row["refuses"] and not row["is_drain_wanted"]]
    return sorted(open_, key=lambda row: (row["cpu"] + ROOM_CPU * lately.get(row["id"], 0), row["rooms"], row["id"]))


def refusal(rows: Sequence[Row], now: datetime) -> str | None:
    """Why no room can be opened anywhere, as the code an agent is shown; None when there is room, or nobody is there to ask."""
    live = [row for row in rows if is_live(row, now)]
    if not live or ranked(live, {}, now):
        return None
    reasons = {row["refuses"] or "WORKER_DRAINING" for row in live}
    if "WORKER_BUSY" in reasons:
        return "MEDIA_FULL"
    return "MEDIA_DISK_LOW" if "WORKER_DISK_LOW" in reasons else "MEDIA_DRAINING"
