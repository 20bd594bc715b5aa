"""What was decided in a period: by agent, organisation, inspector, day and reason; and the same as CSV."""

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from server.http.problem import Problem
from server.inspections.schemas import InspectionFigures, InspectionReasonCount, InspectionStatistics, InspectorView
from server.inspections.tables import inspections
from server.recordings.rulebook import load_rulebook
from server.users.tables import staff_accounts
from storage.db.engine import Tx

LONGEST_DAYS = 400
_COLUMNS = ("label", "decided", "passed", "rejected", "first_pass_share", "late", "reinspected", "hours_median")
_HEAD = ("项目", "已质检", "通过", "驳回", "一次通过率", "超期", "复检", "中位用时（小时）")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a formula begins in one spreadsheet or another; the wide signs where they are taken for the narrow ones."""
_READ = (
    "state", "round", "seller_id", "seller_name", "organisation", "inspector_id", "inspector_name", "reason_codes", "due_at",
    "decided_at", "created_at",
)  # fmt: skip
_PARTS = {
    "by_agent": "业务员", "by_organisation": "机构", "by_inspector": "质检员", "by_day": "日期",
}  # fmt: skip


async def collect(tx: Tx, since: date, until: date, now: datetime, zone: ZoneInfo) -> InspectionStatistics:
    """Figures of a period. Raises 422 `PERIOD_INVALID` for one that is empty or longer than a year and a bit."""
    if until < since or (until - since).days > LONGEST_DAYS:
        raise Problem(422, "PERIOD_INVALID", days=LONGEST_DAYS)
    table = inspections
    start, end = datetime.combine(since, time(), zone), datetime.combine(until + timedelta(days=1), time(), zone)
    query = sa.select(*(table.c[name] for name in _READ)).where(
        table.c.decided_at >= start, table.c.decided_at < end, table.c.state.in_(("passed", "rejected", "appealed")),
        table.c.inspector_id.is_not(None),  # what the sampling let go is nobody's decision
    )  # fmt: skip
    rows = [dict(row) for row in (await tx.execute(query)).mappings()]
    waiting = table.c.state.in_(("queued", "appealed"))
    of_now = sa.select(sa.func.count(), sa.func.count().filter(table.c.due_at <= now)).where(waiting)
    open_, overdue = (await tx.execute(of_now)).one()
    labels = {reason.code: reason.label for reason in load_rulebook().reasons}
    reasons = Counter(code for row in rows for code in row["reason_codes"] or ())
    counted = [InspectionReasonCount(code=code, label=labels.get(code, code), count=n) for code, n in reasons.most_common()]
    return InspectionStatistics(
        all=_row("", "", rows),
        open=open_,
        overdue=overdue,
        by_agent=_grouped(rows, "seller_id", "seller_name"),
        by_organisation=_grouped(rows, "organisation", "organisation"),
        by_inspector=_grouped(rows, "inspector_id", "inspector_name"),
        by_day=_by_day(rows, zone),
        reasons=counted,
    )


def _grouped(rows: Iterable[Mapping[str, Any]], key: str, label: str) -> list[InspectionFigures]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    found = [_row(name, members[0][label] or name, members) for name, members in groups.items()]
    return sorted(found, key=lambda item: (-item.rejected, -item.decided, item.key))


def _by_day(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[InspectionFigures]:
    dated = [{**row, "day": row["decided_at"].astimezone(zone).date().isoformat()} for row in rows]
    return sorted(_grouped(dated, "day", "day"), key=lambda item: item.key)


def _row(key: str, label: str, rows: Sequence[Mapping[str, Any]]) -> InspectionFigures:
    passed = sum(row["state"] == "passed" for row in rows)
    first = sum(row["state"] == "passed" and row["round"] == 1 for row in rows)
    hours = [(row["decided_at"] - row["created_at"]).total_seconds() / 3600 for row in rows]
    return InspectionFigures(
        key=key,
        label=label,
        decided=len(rows),
        passed=passed,
        rejected=len(rows) - passed,
        first_pass_share=round(first / len(rows), 4) if rows else None,
        late=sum(row["decided_at"] > row["due_at"] for row in rows),
        reinspected=sum(row["round"] > 1 for row in rows),
        hours_median=round(statistics.median(hours), 1) if hours else None,
    )


def to_csv(found: InspectionStatistics) -> bytes:
    """Every table one after the other, with a byte-order mark for the spreadsheets that need one."""
    text = io.StringIO()
    sheet = csv.writer(text)
    for part, name in _PARTS.items():
        sheet.writerow((name, *_HEAD[1:]))
        sheet.writerows([_safe(getattr(row, column)) for column in _COLUMNS] for row in getattr(found, part))
        sheet.writerow(())
    sheet.writerow(("驳回原因", "次数"))
    sheet.writerows((_safe(reason.label), reason.count) for reason in found.reasons)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else "" if value is None else value


async def inspectors(tx: Tx) -> list[InspectorView]:
    """Active inspectors with their open inspections, the least busy first."""
    table = inspections
    held = sa.select(table.c.assigned_to, sa.func.count()).where(table.c.state == "queued", table.c.assigned_to.is_not(None))
    busy = {row[0]: int(row[1]) for row in await tx.execute(held.group_by(table.c.assigned_to))}
    names = (staff_accounts.c.id, staff_accounts.c.display_name, staff_accounts.c.team, staff_accounts.c.roles)
    people = (await tx.execute(sa.select(*names).where(staff_accounts.c.status == "active"))).all()
    found = [
        InspectorView(id=row.id, name=row.display_name, team=row.team, open=busy.get(row.id, 0))
        for row in people
        if "inspector" in row.roles
    ]
    return sorted(found, key=lambda one: (one.open, one.name))
