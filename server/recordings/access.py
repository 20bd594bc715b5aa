"""Who may see a recording, and the log of everybody who did."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from server.cases.access import SEES_ALL, may_see
from server.cases.tables import cases
from server.context import Context
from server.http.endpoint import Principal, staff
from server.http.problem import not_found
from server.recordings import service
from server.recordings.tables import recording_accesses
from storage.db.engine import Tx
from storage.db.ids import new_id

REVIEWERS = staff("inspector", "compliance", "administrator")
"""Who checks a recording, takes its package and reads who looked at it."""
SAME_LOOK = timedelta(minutes=10)


async def require_visible(tx: Tx, who: Principal, recording_id: str) -> dict[str, Any]:
    """The row, or 404 for what may not be seen: agents see recordings of their own cases, the others by role."""
    row = await service.get(tx, recording_id)
    agent_id = await tx.scalar(sa.select(cases.c.agent_id).where(cases.c.id == row["case_id"]))
    if not may_see(who, str(agent_id or "")):
        raise not_found("RECORDING_NOT_FOUND", recording_id=recording_id)
    return row


def only_visible(who: Principal, case_id_column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same rule as a condition on a column of case ids."""
    if SEES_ALL & who.roles:
        return sa.true()
    return case_id_column.in_(sa.select(cases.c.id).where(cases.c.agent_id == who.id))


async def log_access(
    tx: Tx, context: Context, request: web.Request, who: Principal, recording_id: str, action: str, **detail: Any
) -> None:
    """Write down who looked at what, from where."""
    await tx.execute(
        recording_accesses.insert().values(
            id=new_id("acc"),
            recording_id=recording_id,
            at=context.now(),
            actor_kind=who.kind,
            actor_id=who.id,
            actor_name=who.display_name,
            action=action,
            detail=detail,
            address=address_of(request),
        )
    )


def address_of(request: web.Request) -> str:
    """The caller's network address as the log writes it."""
    return (request.remote or "")[:64]


async def log_look(context: Context, request: web.Request, who: Principal, recording_id: str, action: str) -> None:
    """Write down a look at a part of a recording, in a transaction of its own.

    Looking again from the same place within ten minutes is the same look: pages ask anew by themselves.
    """
    log = recording_accesses.c
    same = (log.recording_id == recording_id) & (log.actor_id == who.id) & (log.action == action)
    same &= log.address == address_of(request)
    async with context.db.read() as tx:
        if await tx.scalar(sa.select(log.id).where(same, log.at > context.now() - SAME_LOOK).limit(1)) is not None:
            return
    async with context.db.begin() as tx:
        await log_access(tx, context, request, who, recording_id, action)
