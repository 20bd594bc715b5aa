"""Quality sampling: draws finished callbacks by rules that are data, keeps what a checker found, never of their own calls."""

from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.callbacks import store
from server.callbacks.admin_schemas import (
    SamplePage,
    SampleQuery,
    SampleRow,
    SampleRules,
    SampleVerdict,
    SamplingCheck,
    SamplingRuleView,
)
from server.callbacks.library import sampling_rules
from server.callbacks.store import Loaded
from server.callbacks.tables import callback_events, callback_samples, callbacks
from server.context import Context
from server.domain.callback.calendar import Calendar
from server.domain.callback.sampling import choose, facts_of
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from storage.db.engine import Tx
from storage.db.ids import new_id


async def draw(tx: Tx, loaded: Loaded, channel: str, actor: str, at: datetime, calendar: Calendar) -> None:
    """Draw for a callback that has just succeeded, or that staff have closed; what was drawn or not is kept either way."""
    events = callback_events.c
    was_problem = sa.select(events.seq).where(events.callback_id == loaded.id, events.kind == "problem_found").limit(1)
    had_problem = await tx.scalar(was_problem) is not None
    rule = choose(sampling_rules(), facts_of(loaded.id, loaded.case, channel, had_problem))
    hours = loaded.case.rulebook.phone.hours
    due = (
        calendar.at(
            calendar.add_workdays(calendar.local_date(at), rule.due_workdays), time(hours.closes.hour, hours.closes.minute)
        )
        if rule
        else None
    )
    await tx.execute(
        sa.insert(callback_samples).values(
            id=new_id("cbq"),
            callback_id=loaded.id,
            org_code=loaded.org_code,
            rule=rule.id if rule else "",
            status="open" if rule else "not_chosen",
            operator=actor,
            checks={},
            note="",
            finished_at=at,
            due_at=due,
            reviewed_by="",
        )
    )


def rules() -> SampleRules:
    """The rules and the list of checks, as the page shows them."""
    found = sampling_rules()
    return SampleRules(
        rules=[SamplingRuleView(id=r.id, title=r.title, share=r.share, due_workdays=r.due_workdays) for r in found.rules],
        checks=[SamplingCheck(id=check.id, title=check.title) for check in found.checks],
    )


async def search(tx: Tx, context: Context, who: Principal, query: SampleQuery) -> SamplePage:
    """A page of drawn callbacks: open ones by due time, reviewed ones newest first."""
    table = callback_samples
    by_status = sa.select(table.c.status, sa.func.count()).group_by(table.c.status)
    found = {str(status): int(count) for status, count in await tx.execute(by_status)}
    counts = {status: found.get(status, 0) for status in ("open", "passed", "failed", "not_chosen")}
    order = (table.c.due_at, table.c.id) if query.status == "open" else (sa.desc(table.c.reviewed_at), table.c.id)
    rows = await tx.execute(
        sa.select(table, callbacks.c.policy_no, callbacks.c.facts_enc, callbacks.c.channel, callbacks.c.problem_category)
        .join(callbacks, callbacks.c.id == table.c.callback_id)
        .where(table.c.status == query.status)
        .order_by(*order)
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    items = [_row(context, who, dict(row)) for row in rows.mappings()]
    return SamplePage(items=items, total=counts[query.status], page=query.page, page_size=query.page_size, counts=counts)


def _row(context: Context, who: Principal, row: dict[str, Any]) -> SampleRow:
    facts = store.facts_from_json(context.cipher.decrypt(row["facts_enc"], f"callbacks.facts:{row['callback_id']}"))
    titles = {rule.id: rule.title for rule in sampling_rules().rules}
    own = ("policyholder_name", "product_name", "rule_title", "is_overdue", "is_own")
    return SampleRow(
        **{key: row[key] for key in SampleRow.model_fields if key not in own},
        policyholder_name=facts.policyholder_name,
        product_name=facts.product_name,
        rule_title=titles.get(row["rule"], row["rule"]),
        is_overdue=row["status"] == "open" and row["due_at"] is not None and row["due_at"] < context.now(),
        is_own=row["operator"] == actor_of(who),
    )


async def review(tx: Tx, context: Context, who: Principal, sample_id: str, body: SampleVerdict) -> SampleRow:
    """Write down what the checker found.

    Raises:
        Problem: 404 `SAMPLE_NOT_FOUND`, 409 `SAMPLE_DONE`, 403 `SAMPLE_OF_OWN_CALL`, 422 `CHECKS_INCOMPLETE`.
    """
    query = (
        sa.select(
            callback_samples, callbacks.c.policy_no, callbacks.c.facts_enc, callbacks.c.channel, callbacks.c.problem_category
        )
        .join(callbacks, callbacks.c.id == callback_samples.c.callback_id)
        .where(callback_samples.c.id == sample_id)
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None or row["status"] == "not_chosen":
        raise not_found("SAMPLE_NOT_FOUND")
    if row["status"] != "open":
        raise conflict("SAMPLE_DONE", sample_status=row["status"])
    if row["operator"] == actor_of(who):
        raise Problem(403, "SAMPLE_OF_OWN_CALL")
    missing = [check.id for check in sampling_rules().checks if check.id not in body.checks]
    unknown = sorted(set(body.checks) - {check.id for check in sampling_rules().checks})
    if missing or unknown:
        raise Problem(422, "CHECKS_INCOMPLETE", missing=missing, unknown=unknown)
    failed = sorted(name for name, found in body.checks.items() if found == "fail")
    if failed and len(body.note) < 2:
        raise Problem(422, "CHECKS_INCOMPLETE", missing=["note"], unknown=[])
    now, status = context.now(), "failed" if failed else "passed"
    values = {"status": status, "checks": body.checks, "note": body.note, "reviewed_at": now, "reviewed_by": actor_of(who)}
    await tx.execute(sa.update(callback_samples).where(callback_samples.c.id == sample_id).values(**values))
    data = {"sample": sample_id, "status": status, "failed": failed}
    await record(tx, context, actor=who, action="callback.sampled", subject=row["callback_id"], data=data)
    return _row(context, who, {**row, **values})
