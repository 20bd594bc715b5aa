"""Tells inspection when the cooling-off period of a sale ends, once the core system has issued its policy."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from server.callbacks.tables import policies
from server.cases.tables import products, proposals
from server.domain.inspection import cooling_off_end
from server.inspections.tables import inspections
from server.jobs.registry import Services
from server.recordings.rulebook import load_rulebook


async def follow_cooling_off(services: Services) -> None:
    """Once the core system has issued the policy, the end of its cooling-off period is the deadline's outer limit."""
    context, rules = services.context, load_rulebook()
    table = inspections
    query = (
        sa.select(table.c.id, table.c.due_at, sa.func.max(policies.c.issued_at), sa.func.max(products.c.cooling_off_days))
        .join(policies, policies.c.proposal_no == table.c.proposal_no)
        .join(proposals, proposals.c.proposal_no == table.c.proposal_no)
        .join(products, products.c.code == proposals.c.product_code)
        .where(table.c.state.in_(("queued", "appealed")), table.c.cooling_off_end_on.is_(None))
        .group_by(table.c.id, table.c.due_at)
        .limit(200)
    )
    async with context.db.read() as tx:
        found = (await tx.execute(query)).all()
    if not found:
        return
    zone = ZoneInfo(context.settings.time_zone)
    async with context.db.begin() as tx:
        for inspection_id, due, issued_at, days in found:
            end_on = issued_at.astimezone(zone).date() + timedelta(days=days)
            end = cooling_off_end(end_on, context.settings.time_zone)
            sooner = min(due, max(end - rules.before_cooling_off_end, context.now()))
            await tx.execute(table.update().where(table.c.id == inspection_id).values(cooling_off_end_on=end_on, due_at=sooner))
