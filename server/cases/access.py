"""Who may see which cases and proposals: agents their own, the others by role. What may not be seen does not exist (404)."""

from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from server.context import Context
from server.http.endpoint import Principal

SEES_ALL = frozenset({"inspector", "callback_operator", "administrator", "compliance"})


def may_see(who: Principal, agent_id: str) -> bool:
    """Whether this member of staff may see what belongs to an agent."""
    return who.kind == "staff" and (bool(SEES_ALL & who.roles) or agent_id == who.id)


def owns(who: Principal, agent_id: str) -> bool:
    """Whether the caller is the case's own agent."""
    return who.kind == "staff" and "agent" in who.roles and agent_id == who.id


def visible(who: Principal, agent_column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The same rule as a condition."""
    return sa.true() if SEES_ALL & who.roles else agent_column == who.id


def today(context: Context) -> date:
    """The local date."""
    return context.now().astimezone(ZoneInfo(context.settings.time_zone)).date()
