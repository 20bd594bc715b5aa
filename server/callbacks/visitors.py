"""Who may visit customers: service staff, never sales staff (A15). The account decides, not what somebody says of themselves."""

from typing import Literal

import sqlalchemy as sa

from server.callbacks.schemas import Visitor
from server.http.problem import Problem
from server.users.tables import staff_accounts
from storage.db.engine import Tx


async def visitors(tx: Tx) -> list[Visitor]:
    """Active staff without a sales role, by name."""
    table = staff_accounts.c
    rows = await tx.execute(
        sa.select(table.id, table.display_name, table.org_code, table.roles, table.agent_kind)
        .where(table.status == "active")
        .order_by(table.display_name, table.id)
    )
    return [
        Visitor(id=row.id, name=row.display_name, org_code=row.org_code)
        for row in rows
        if not row.agent_kind and "agent" not in row.roles
    ]


async def staff_role(tx: Tx, staff_id: str) -> Literal["service", "sales"]:
    """Service or sales, by the account. 422 `VISITOR_UNKNOWN`."""
    row = (await tx.execute(sa.select(staff_accounts).where(staff_accounts.c.id == staff_id))).mappings().one_or_none()
    if row is None or row["status"] != "active":
        raise Problem(422, "VISITOR_UNKNOWN")
    return "sales" if row["agent_kind"] or "agent" in row["roles"] else "service"
