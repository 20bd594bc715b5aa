"""Forgets credentials that can no longer be used: old sessions, one-time codes, links. What was done with them is audited."""

from datetime import timedelta

import sqlalchemy as sa

from server.context import Context
from server.jobs.registry import Registry, Services, Tick
from server.outbox.tables import sms_codes
from server.users.tables import customer_links, staff_sessions

EVERY_S = 3600.0
KEPT_DAYS = 30


def register(registry: Registry) -> None:
    """Declare the tick."""
    registry.add_tick(Tick("forget_credentials", EVERY_S, _forget))


async def _forget(services: Services) -> None:
    await forget_expired(services.context)


async def forget_expired(context: Context) -> int:
    """Delete what expired more than `KEPT_DAYS` ago (codes: one day). Returns how many rows."""
    now = context.now()
    before, yesterday = now - timedelta(days=KEPT_DAYS), now - timedelta(days=1)
    async with context.db.begin() as tx:
        done = [
            await tx.execute(sa.delete(staff_sessions).where(staff_sessions.c.expires_at < before)),
            await tx.execute(sa.delete(customer_links).where(customer_links.c.expires_at < before)),
            await tx.execute(sa.delete(sms_codes).where(sms_codes.c.expires_at < yesterday)),
        ]
    return sum(result.rowcount for result in done)
