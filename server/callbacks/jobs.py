"""The clock of callbacks: reminders, opening, unlocking, end of the window and expiry, by whichever jobs process is alive.

A few callbacks share a transaction, each under a lock of its row, so that two processes, or one that was killed half-way, neither
lose a message nor send one twice. Where one of the few cannot be advanced, each gets a transaction of its own.
"""

import time
from collections.abc import Sequence

import sqlalchemy as sa
import structlog

from server.callbacks.calendars import refresh
from server.callbacks.cooling_off import follow_cooling_off
from server.callbacks.phone_checks import check_due
from server.callbacks.service import let_time_pass
from server.callbacks.tables import callbacks
from server.context import Context
from server.http.problem import Problem
from server.jobs.registry import Registry, Services, Tick

log = structlog.get_logger(__name__)

BATCH = 500
_TOGETHER = 8
"""Callbacks a transaction: to begin and commit costs time, and other writers of SQLite wait for the lot."""
_PAUSE_S = 60.0
_paused: dict[str, float] = {}


def register(registry: Registry) -> None:
    """Declare the ticks."""
    registry.add_tick(Tick("cooling_off_deadlines", 30.0, follow_cooling_off))
    registry.add_tick(Tick("advance_callbacks", 1.0, _tick))
    registry.add_tick(Tick("check_phones", 5.0, _check_phones))


async def _tick(services: Services) -> None:
    await refresh(services.context)
    is_more = True
    while is_more:
        is_more = await advance_due(services.context) == BATCH


async def _check_phones(services: Services) -> None:
    while await check_due(services.context):
        pass


async def advance_due(context: Context, limit: int = BATCH) -> int:
    """Advance callbacks whose time has come, the earliest first. Returns how many were looked at."""
    clock = time.monotonic()
    for callback_id, until in list(_paused.items()):
        if until <= clock:
            del _paused[callback_id]
    query = (
        sa.select(callbacks.c.id)
        .where(callbacks.c.next_due_at <= context.now(), callbacks.c.id.not_in(list(_paused)))
        .order_by(callbacks.c.next_due_at, callbacks.c.id)
        .limit(limit)
    )
    async with context.db.read() as tx:
        due = [str(row.id) for row in await tx.execute(query)]
    for start in range(0, len(due), _TOGETHER):
        await _advance_together(context, due[start : start + _TOGETHER])
    return len(due)


async def _advance_together(context: Context, due: Sequence[str]) -> None:
    # Whoever holds a lock waits for no other: a row that somebody works on is left for later, in a transaction of its own.
    mine = sa.select(callbacks.c.id).where(callbacks.c.id.in_(due)).with_for_update(skip_locked=True)
    left: Sequence[str] = due
    try:
        async with context.db.begin() as tx:
            free = {str(row.id) for row in await tx.execute(mine)}
            for callback_id in due:
                if callback_id in free:
                    await let_time_pass(tx, context, callback_id)
    except Exception:
        log.info("callbacks_advanced_singly", count=len(due), exc_info=True)
    else:
        left = [callback_id for callback_id in due if callback_id not in free]
    for callback_id in left:
        try:
            async with context.db.begin() as tx:
                await let_time_pass(tx, context, callback_id)
        except Problem as problem:  # somebody else was first; what is left is due again
            log.info("callback_advance_postponed", callback=callback_id, code=problem.code)
        except Exception:  # one broken callback must not hold up the others
            _paused[callback_id] = time.monotonic() + _PAUSE_S
            log.exception("callback_advance_failed", callback=callback_id)
