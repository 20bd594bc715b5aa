"""Short links for SMS: a random key that is exchanged for a ticket. A whole ticket would not fit into a message.

The key stands in the link's fragment, which browsers send to no server and no log; only its hash is stored. A link may be
opened several times until it expires or is revoked (a customer changes the browser), each time for a fresh short ticket.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.context import Context
from server.http.problem import Problem
from server.users.tables import customer_links
from server.users.tickets import issue_ticket
from storage.db.engine import Tx
from storage.db.ids import new_id

TICKET_S = 2 * 3600


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a link opened."""

    ticket: str
    scope: str
    expires_at: datetime


async def create_link(
    tx: Tx, context: Context, *, page: str, scope: str, subject: str, expires_s: int, claims: dict[str, Any]
) -> str:
    """Make a link to a customer page, such as `identity`. Returns the whole address."""
    key, now = secrets.token_urlsafe(16), context.now()
    await tx.execute(
        sa.insert(customer_links),
        {
            "id": new_id("lnk"),
            "key_hash": _hash(key),
            "scope": scope,
            "subject": subject,
            "claims": claims,
            "created_at": now,
            "expires_at": now + timedelta(seconds=expires_s),
            "uses": 0,
        },
    )
    return f"{context.settings.public_url}/m/{page}#k={key}"


async def redeem(tx: Tx, context: Context, key: str) -> Redeemed:
    """Exchange a key for a ticket. Raises 401 `LINK_INVALID` or `LINK_EXPIRED`."""
    now = context.now()
    row = (await tx.execute(sa.select(customer_links).where(customer_links.c.key_hash == _hash(key)))).one_or_none()
    if row is None or row.revoked_at is not None:
        raise Problem(401, "LINK_INVALID")
    if row.expires_at <= now:
        raise Problem(401, "LINK_EXPIRED")
    await tx.execute(sa.update(customer_links).where(customer_links.c.id == row.id).values(uses=row.uses + 1))
    seconds = min(TICKET_S, int((row.expires_at - now).total_seconds()) + 1)
    ticket = issue_ticket(context, subject=row.subject, scope=row.scope, expires_s=seconds, **row.claims)
    return Redeemed(ticket, row.scope, now + timedelta(seconds=seconds))


async def find_dead(tx: Tx, context: Context, key: str, *, scope: str) -> dict[str, Any]:
    """The claims of a link that expired or was replaced. Raises 401 `LINK_INVALID`, 409 `LINK_STILL_VALID`."""
    mine = sa.and_(customer_links.c.key_hash == _hash(key), customer_links.c.scope == scope)
    row = (await tx.execute(sa.select(customer_links).where(mine))).one_or_none()
    if row is None:
        raise Problem(401, "LINK_INVALID")
    if row.revoked_at is None and row.expires_at > context.now():
        raise Problem(409, "LINK_STILL_VALID")
    return dict(row.claims)


async def revoke_links(tx: Tx, context: Context, *, scope: str, subject: str) -> None:
    """End all links of a scope for somebody (a new one was sent)."""
    mine = sa.and_(customer_links.c.scope == scope, customer_links.c.subject == subject)
    await tx.execute(
        sa.update(customer_links).where(mine, customer_links.c.revoked_at.is_(None)).values(revoked_at=context.now())
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
