"""How well each leg of a session did, kept with the case: totals, and one point each ten seconds, for inspection.

Measured by the media worker, asked for by the session's process. What nobody measured is null, never zero.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.media_workers.tables import leg_qualities
from storage.db.engine import Tx

EVERY_S = 10.0
MAX_POINTS = 2_000
COUNTERS = ("packets", "bytes", "packets_sent", "bytes_sent", "lost", "nack", "rtx", "pli", "nacked", "resent", "gap_ms")


async def note(tx: Tx, session_id: str, legs: list[dict[str, Any]], now: datetime) -> None:
    """Add one look at the legs of a room (`room.stats`)."""
    query = sa.select(leg_qualities).where(leg_qualities.c.session_id == session_id)
    known = {row["leg_id"]: row for row in (await tx.execute(query)).mappings()}
    for leg in legs:
        if not leg.get("packets"):
            continue  # still connecting
        row = known.get(leg["leg_id"])
        counters = {key: leg.get(key) for key in COUNTERS}
        if row is None:
            point = _point(leg, 0, None)
            await tx.execute(
                leg_qualities.insert().values(
                    session_id=session_id, leg_id=leg["leg_id"], seat_id=leg["seat_id"], first_at=now, last_at=now,
                    counters=counters, points=[point],
                )
            )  # fmt: skip
            continue
        at_s = round((now - row["first_at"]).total_seconds())
        points = [*row["points"], _point(leg, at_s, row["counters"])][-MAX_POINTS:]
        same = (leg_qualities.c.session_id == session_id) & (leg_qualities.c.leg_id == leg["leg_id"])
        await tx.execute(leg_qualities.update().where(same).values(last_at=now, counters=counters, points=points))


def _point(leg: Mapping[str, Any], at_s: int, before: Mapping[str, Any] | None) -> list[Any]:
    before = before or {}
    packets = leg["packets"] - (before.get("packets") or 0)
    lost = max(0, (leg.get("lost") or 0) - (before.get("lost") or 0))
    loss = round(lost / (packets + lost), 4) if packets + lost > 0 else None
    rate = round((leg.get("bitrate") or 0) / 1000)
    away_ms = None if leg.get("gap_ms") is None else max(0, leg["gap_ms"] - (before.get("gap_ms") or 0))
    return [at_s, leg.get("score"), loss, _rounded(leg.get("rtt_ms")), rate, _rounded(leg.get("jitter_ms")), away_ms]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


async def of_session(tx: Tx, session_id: str) -> list[dict[str, Any]]:
    """All legs of a session, oldest first."""
    query = sa.select(leg_qualities).where(leg_qualities.c.session_id == session_id)
    rows = (await tx.execute(query.order_by(leg_qualities.c.first_at, leg_qualities.c.leg_id))).mappings()
    return [dict(row) for row in rows]


def summary(points: list[list[Any]]) -> dict[str, Any]:
    """What a reader wants to know first: the usual and the worst of each figure, and how long the link was away."""

    def column(number: int) -> list[float]:
        return [point[number] for point in points if point[number] is not None]

    scores, losses, rtts, rates, jitters, gaps = (column(number) for number in (1, 2, 3, 4, 5, 6))
    return {
        "score_mean": round(sum(scores) / len(scores), 2) if scores else None,
        "score_min": min(scores) if scores else None,
        "poor_share": round(sum(score < 3 for score in scores) / len(scores), 3) if scores else None,
        "loss_mean": round(sum(losses) / len(losses), 4) if losses else None,
        "loss_max": max(losses) if losses else None,
        "rtt_ms_max": max(rtts) if rtts else None,
        "kbit_s_mean": round(sum(rates) / len(rates)) if rates else None,
        "jitter_ms_max": max(jitters) if jitters else None,
        "gap_ms_sum": round(sum(gaps)) if gaps else None,
    }
