"""A customer's visit: from a passed identity check until leaving. One visit serves all policies of the customer (E16)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.callbacks import service, store
from server.callbacks.store import Loaded
from server.callbacks.tables import callback_identity_sessions as sessions
from server.context import Context
from server.domain.callback.case import Command, State
from server.http.endpoint import Principal
from server.http.problem import Problem, not_found
from server.users.tickets import issue_ticket, require_scope
from storage.db.engine import Tx
from storage.db.ids import new_id

SCOPE = "callback"
TICKET_S = 2 * 3600
ACTOR = "customer"


@dataclass(frozen=True, slots=True)
class Visit:
    """A running visit."""

    id: str
    customer_hash: str
    callback_id: str
    entry: str = "link"
    has_notice: bool = False
    """Whether the notice was ticked at its beginning, for all policies (S0 E10)."""


async def open_visit(
    tx: Tx, context: Context, loaded: Loaded, entry: str, method: str, proof: dict[str, Any]
) -> tuple[str, datetime]:
    """Begin a visit after a passed check; earlier visits of the customer end. Returns the ticket and its end."""
    now = context.now()
    await tx.execute(
        sa.update(sessions)
        .where(sessions.c.customer_hash == loaded.customer_hash, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    visit_id = new_id("cbv")
    await tx.execute(
        sa.insert(sessions).values(
            id=visit_id,
            customer_hash=loaded.customer_hash,
            callback_id=loaded.id,
            entry=entry,
            method=method,
            proof=proof,
            passed_at=now,
            last_at=now,
        )
    )
    ticket = issue_ticket(context, subject=loaded.customer_hash[:40], scope=SCOPE, expires_s=TICKET_S, visit_id=visit_id)
    return ticket, now + timedelta(seconds=TICKET_S)


async def require_visit(tx: Tx, context: Context, who: Principal) -> Visit:
    """The caller's running visit; it counts as active now. 401 `IDENTITY_REQUIRED` when it ended or was idle too long."""
    require_scope(who, SCOPE)
    row = (await tx.execute(sa.select(sessions).where(sessions.c.id == str(who.claims.get("visit_id"))))).one_or_none()
    if row is None or row.ended_at is not None:
        raise Problem(401, "IDENTITY_REQUIRED", reason="visit_ended")
    first = await store.load(tx, context, row.callback_id)
    idle = timedelta(minutes=first.case.rulebook.identity.idle_minutes)
    now = context.now()
    if now - row.last_at > idle:
        raise Problem(401, "IDENTITY_REQUIRED", reason="idle")
    await tx.execute(sa.update(sessions).where(sessions.c.id == row.id).values(last_at=now))
    has_notice = first.case.rulebook.answering.notice_before_identity
    return Visit(row.id, row.customer_hash, row.callback_id, row.entry, has_notice)


async def require_own(tx: Tx, context: Context, visit: Visit, callback_id: str) -> Loaded:
    """A callback of the visiting customer, locked; 404 for anybody else's."""
    loaded = await store.load(tx, context, callback_id, is_update=True)
    if loaded.customer_hash != visit.customer_hash:
        raise not_found("CALLBACK_NOT_FOUND")
    return loaded


async def end_visit(tx: Tx, context: Context, visit: Visit, reason: str) -> None:
    """The customer leaves: running attempts are dropped without a draft, the next visit proves identity again (E15, E16)."""
    await leave_attempts(tx, context, visit.customer_hash, reason)
    first = await store.load(tx, context, visit.callback_id)
    if first.case.rulebook.identity.ends_on_leave:
        await tx.execute(sa.update(sessions).where(sessions.c.id == visit.id).values(ended_at=context.now()))


async def leave_attempts(tx: Tx, context: Context, customer_hash: str, reason: str, *, but: str = "") -> None:
    """Drop every running attempt of a customer, except on the callback `but`."""
    for callback_id in await service.of_customer(tx, customer_hash):
        if callback_id == but:
            continue
        loaded = await store.load(tx, context, callback_id)
        if loaded.case.state is State.IN_PROGRESS:
            await service.run(tx, context, callback_id, [Command("left", {"reason": reason})], ACTOR)
