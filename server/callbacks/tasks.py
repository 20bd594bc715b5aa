"""Tasks of the callback desk: the list by due time, and ticking off what no command fulfils."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from server.audits.service import record
from server.callbacks import store
from server.callbacks.schemas import CallbackTask, CallbackTaskPage, TaskQuery
from server.callbacks.service import calendar
from server.callbacks.tables import callback_tasks, callbacks
from server.callbacks.trace import report_text, rule_name
from server.context import Context
from server.domain.callback.rulebook import Phone
from server.http.endpoint import Principal
from server.http.problem import conflict, not_found
from storage.db.engine import Tx

DONE_BY = {
    "phone_result": ("phone_call", "choose_channel"),
    "explained": ("explanation",),
    "visit_form_returned": ("explanation_visit",),
    "re_signed": ("re_signature",),
    "verify_call": ("verify_call",),
    "number_confirmed": ("confirm_number", "choose_channel"),
    "assign": ("phone_call", "confirm_number", "choose_channel"),
    "visit_result": ("visit",),
    "letter_result": ("letter",),
}
"""Tasks that a command fulfils, of those that were open when it came."""
CALL = "phone_call"
"""The kind of task whose `due_at` is the first moment it may be done, not the last."""
_BY_COMMAND = frozenset(kind for kinds in DONE_BY.values() for kind in kinds)


async def list_tasks(tx: Tx, context: Context, query: TaskQuery) -> CallbackTaskPage:
    """Tasks by due time."""
    where: list[sa.ColumnElement[bool]] = [callback_tasks.c.status == query.status]
    if query.kind:
        where.append(callback_tasks.c.kind == query.kind)
    total = await tx.scalar(sa.select(sa.func.count()).select_from(callback_tasks).where(*where))
    items = await tasks_of(tx, context.now(), *where, limit=query.page_size, offset=(query.page - 1) * query.page_size)
    return CallbackTaskPage(items=items, total=int(total or 0), page=query.page, page_size=query.page_size)


async def tasks_of(
    tx: Tx, now: datetime, *where: sa.ColumnElement[bool], limit: int = 200, offset: int = 0
) -> list[CallbackTask]:
    """Tasks under conditions, by due time."""
    query = (
        sa.select(callback_tasks).where(*where).order_by(callback_tasks.c.due_at, callback_tasks.c.priority, callback_tasks.c.id)
    )
    rows = (await tx.execute(query.limit(limit).offset(offset))).mappings()
    made = ("detail", "is_overdue", "late_at", "rule_name")
    direct = [key for key in CallbackTask.model_fields if key not in made]
    found = rows.all()
    desks = await _desks(tx, {row["callback_id"] for row in found if row["kind"] == CALL})
    tasks: list[CallbackTask] = []
    for row in found:
        late_at = late_at_of(row["kind"], row["due_at"], desks.get(row["callback_id"]))
        tasks.append(
            CallbackTask(
                **{key: row[key] for key in direct},
                detail=report_text(row["detail"]),
                late_at=late_at,
                rule_name=rule_name(row["rule"]),
                is_overdue=row["status"] == "open" and late_at < now,
            )
        )
    return tasks


def late_at_of(kind: str | None, due_at: datetime, desk: Phone | None) -> datetime:
    """When a task is late. A call is due from a moment on and has the rulebook's time from there; the others are due by it."""
    if kind != CALL or desk is None:
        return due_at
    return calendar().next_desk_time(due_at + timedelta(hours=desk.due_hours), desk.hours)


async def _desks(tx: Tx, ids: Collection[str]) -> dict[str, Phone]:
    if not ids:
        return {}
    rows = await tx.execute(sa.select(callbacks.c.id, callbacks.c.frozen).where(callbacks.c.id.in_(sorted(ids))))
    return {row.id: store.rulebook_of(row.frozen).phone for row in rows}


async def finish_task(tx: Tx, context: Context, who: Principal, task_id: str, note: str) -> CallbackTask:
    """Tick a task off that no command fulfils (a report to compliance, say).

    409 `TASK_NOT_OPEN`, `TASK_BY_COMMAND`: what a command fulfils leaves the list with it; no callback is left without a task.
    """
    row = (await tx.execute(sa.select(callback_tasks).where(callback_tasks.c.id == task_id))).mappings().one_or_none()
    if row is None:
        raise not_found("TASK_NOT_FOUND")
    if row["status"] != "open":
        raise conflict("TASK_NOT_OPEN", task_status=row["status"])
    if row["kind"] in _BY_COMMAND:
        raise conflict("TASK_BY_COMMAND", kind=row["kind"])
    now = context.now()
    await tx.execute(
        sa.update(callback_tasks)
        .where(callback_tasks.c.id == task_id, callback_tasks.c.status == "open")
        .values(status="done", done_at=now, done_by=who.id, outcome={"note": note})
    )
    await record(tx, context, actor=who, action="callback.task_done", subject=task_id, data={"kind": row["kind"], "note": note})
    return (await tasks_of(tx, now, callback_tasks.c.id == task_id))[0]
