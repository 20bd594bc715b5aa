"""The callback desk: the work list in the order of due times, one callback with everything about it, its commands and tasks."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, get_args

import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.callbacks import files, service, store
from server.callbacks.pages import list_pages
from server.callbacks.phones import phone_of
from server.callbacks.policies import require as require_policy
from server.callbacks.recorded import contradictions_of, said_by_subject
from server.callbacks.schemas import (
    CallbackDetail,
    CallbackEventView,
    CallbackPage,
    CallbackQuery,
    CallbackQuestion,
    CallbackRow,
    CallResults,
    CaseCallback,
    DeskCommand,
    DeskView,
    PolicyFactsView,
    RecordedAnswer,
    SkippedView,
    View,
)
from server.callbacks.service import calendar, current
from server.callbacks.store import StoredEvent
from server.callbacks.tables import callback_events, callback_files, callback_tasks, callbacks, policies
from server.callbacks.tasks import DONE_BY, late_at_of, tasks_of
from server.callbacks.trace import detail, question_names, rule_name, title
from server.callbacks.visitors import staff_role
from server.context import Context
from server.domain.callback import comparison
from server.domain.callback.case import ELECTRONIC, FINAL, CallbackCase, Command, State
from server.domain.callback.desk import INBOUND, OUTBOUND, results_of
from server.domain.callback.timers import is_eligible, window_ends_at
from server.domain.masking import mask_phone
from server.http.endpoint import Principal
from server.http.problem import Problem, not_found
from storage.db.engine import Tx

_WITH_DESK = (State.PHONE, State.PHONE_FAILED, State.PROBLEM, State.VISIT, State.LETTER)
_OPEN_TASK = callback_tasks.c.status == "open"
_ON_PAPER = {
    "visit_form_returned": "explanation",
    "re_signed": "re_signature",
    "visit_result": "visit",
    "letter_result": "letter",
}
"""Commands that bring a signed paper, and for which purpose its scan was uploaded (A8: signatures are kept as scans)."""


def _due() -> sa.ScalarSelect[Any]:
    return _of_open_tasks(sa.func.min(callback_tasks.c.due_at))


def _of_open_tasks(what: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    return (
        sa.select(what).where(callback_tasks.c.callback_id == callbacks.c.id, _OPEN_TASK).correlate(callbacks).scalar_subquery()
    )


def _filters(query: CallbackQuery) -> list[sa.ColumnElement[bool]]:
    table, found = callbacks.c, list[sa.ColumnElement[bool]]()
    if query.state:
        found.append(table.state == query.state.value)
    for column, value in (
        (table.org_code, query.org_code),
        (table.problem_category, query.category),
        (table.channel, query.channel),
        (table.rulebook_id, query.rulebook),
    ):
        if value:
            found.append(column == value)
    if query.since:
        found.append(table.created_at >= calendar().at(query.since))
    if query.until:
        found.append(table.created_at < calendar().at(query.until + timedelta(days=1)))
    if query.task:
        open_one = sa.exists().where(callback_tasks.c.callback_id == table.id, _OPEN_TASK, callback_tasks.c.kind == query.task)
        found.append(open_one.correlate(callbacks))
    return found


def _in_view(view: View) -> sa.ColumnElement[bool]:
    finished = [state.value for state in FINAL]
    if view == "todo":
        has_task = sa.exists().where(callback_tasks.c.callback_id == callbacks.c.id, _OPEN_TASK)
        return sa.and_(has_task.correlate(callbacks), callbacks.c.state.not_in(finished))
    if view == "electronic":
        return callbacks.c.state.in_([state.value for state in ELECTRONIC])
    return callbacks.c.state.in_(finished) if view == "finished" else sa.true()


async def search(tx: Tx, context: Context, query: CallbackQuery) -> CallbackPage:
    """A page of the work list: what can be done now by priority and age, then what comes due; the rest by its next deadline."""
    where: list[sa.ColumnElement[bool]] = []
    if query.q:
        hashed = context.cipher.search_hash
        where.append(
            sa.or_(
                callbacks.c.policy_no.icontains(query.q, autoescape=True),
                policies.c.proposal_no == query.q,
                policies.c.name_hash == hashed(query.q),
                policies.c.phone_hash == hashed(query.q),
                policies.c.cert_hash == hashed(query.q.upper()),
            )
        )
    where += _filters(query)
    joined = callbacks.join(policies, policies.c.policy_no == callbacks.c.policy_no)
    counts: dict[View, int] = {}
    for view in get_args(View):
        counted = sa.select(sa.func.count()).select_from(joined).where(*where, _in_view(view))
        counts[view] = int(await tx.scalar(counted) or 0)
    due, now = _due().label("due_at"), context.now()
    priority = _of_open_tasks(sa.func.min(callback_tasks.c.priority)).label("priority")
    is_callable = sa.case((due <= now, 0), (due.is_not(None), 1), else_=2)
    last = sa.desc(callbacks.c.finished_at if query.view == "finished" else callbacks.c.created_at)
    rows = await tx.execute(
        sa.select(callbacks, policies.c.recording_id, policies.c.data_enc, due, priority)
        .select_from(joined)
        .where(*where, _in_view(query.view))
        .order_by(
            is_callable,
            sa.case((due <= now, priority), else_=0),
            sa.nulls_last(sa.asc(due)),
            sa.nulls_last(callbacks.c.next_due_at),
            last,
            callbacks.c.id,
        )
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    items = [await _row(tx, context, dict(row)) for row in rows.mappings()]
    return CallbackPage(items=items, total=counts[query.view], page=query.page, page_size=query.page_size, counts=counts)


async def _row(tx: Tx, context: Context, row: dict[str, Any]) -> CallbackRow:
    facts = store.facts_from_json(context.cipher.decrypt(row["facts_enc"], f"callbacks.facts:{row['id']}"))
    last = (
        await tx.execute(
            sa.select(callback_events.c.kind, callback_events.c.rule).where(
                callback_events.c.callback_id == row["id"], callback_events.c.seq == row["seq"]
            )
        )
    ).one()
    task = (
        await tx.execute(
            sa.select(callback_tasks.c.kind)
            .where(callback_tasks.c.callback_id == row["id"], _OPEN_TASK)
            .order_by(callback_tasks.c.due_at, callback_tasks.c.priority)
            .limit(1)
        )
    ).scalar_one_or_none()
    calls = (callback_events.c.kind == "call_unsuccessful") | (callback_events.c.kind == "phone_gave_up")
    attempts = await tx.scalar(
        sa.select(sa.func.count()).select_from(callback_events).where(callback_events.c.callback_id == row["id"], calls)
    )
    due_at = row["due_at"]
    late_at = late_at_of(task, due_at, store.rulebook_of(row["frozen"]).phone) if due_at is not None else None
    direct = (
        "id", "policy_no", "state", "result", "channel", "problem_category", "org_code", "priority", "due_at", "created_at",
        "finished_at",
    )  # fmt: skip
    return CallbackRow(
        **{key: row[key] for key in direct},
        product_name=facts.product_name,
        policyholder_name=facts.policyholder_name,
        phone_masked=mask_phone(phone_of(context, row)),
        why=last.kind,
        why_text=title(last.kind),
        rule=last.rule,
        rule_name=rule_name(last.rule),
        task=task,
        late_at=late_at,
        is_overdue=late_at is not None and late_at < context.now(),
        phone_attempts=int(attempts or 0),
        has_recording=row["recording_id"] is not None,
    )


async def of_case(tx: Tx, case_id: str) -> CaseCallback:
    """The newest callback of a case in short, or 404 `CALLBACK_NOT_FOUND`."""
    query = (
        sa.select(callbacks, _due().label("due_at"))
        .join(policies, policies.c.policy_no == callbacks.c.policy_no)
        .where(policies.c.case_id == case_id)
        .order_by(callbacks.c.created_at.desc())
    )
    row = (await tx.execute(query.limit(1))).mappings().one_or_none()
    if row is None:
        raise not_found("CALLBACK_NOT_FOUND")
    return CaseCallback(
        callback_id=row["id"],
        policy_no=row["policy_no"],
        state=row["state"],
        result=row["result"],
        due_at=row["due_at"] or row["next_due_at"],
        finished_at=row["finished_at"],
    )


async def show(tx: Tx, context: Context, who: Principal, callback_id: str) -> CallbackDetail:
    """One callback with everything about it."""
    loaded = await store.load(tx, context, callback_id)
    now = context.now()
    case = current(loaded, now)
    row = (await tx.execute(sa.select(callbacks).where(callbacks.c.id == callback_id))).mappings().one()
    policy = await require_policy(tx, loaded.policy_no)
    events = await store.history(tx, context, callback_id)
    said = await said_by_subject(tx, context, policy["case_id"])
    hours = case.rulebook.phone.hours
    names = question_names(row["frozen"]["questionnaire"]["questions"])
    return CallbackDetail(
        id=callback_id,
        state=case.state,
        result=case.result,
        channel=row["channel"],
        problem_category=case.problem_category,
        verification=case.verification,
        signed_paper=case.signed_paper,
        rulebook=case.rulebook.id,
        rulebook_version=case.rulebook.version,
        insurer=case.rulebook.insurer,
        has_electronic=is_eligible(case),
        window_ends_at=window_ends_at(case, calendar()),
        next_call_at=case.next_call_at,
        can_call_from=_can_call_from(case, now),
        phone_attempts=case.phone_attempts,
        phone_attempts_max=case.rulebook.phone.max_attempts,
        policy=_policy(case, policy, phone_of(context, policy)),
        desk=DeskView(
            is_open=calendar().is_desk_open(now, hours),
            opens_at=calendar().next_desk_time(now, hours),
            hours=hours.text,
            number=case.rulebook.phone.number,
        ),
        notice=case.questionnaire.notice,
        remark=next((str(e.event.data.get("remark", "")) for e in reversed(events) if e.event.kind == "answers_submitted"), ""),
        questions=_questions(case, said),
        skipped=[SkippedView(id=s.id, reason=s.reason) for s in case.questionnaire.skipped],
        history=[_event(item, context.settings.time_zone, names) for item in events],
        tasks=await tasks_of(tx, now, callback_tasks.c.callback_id == callback_id),
        pages=await list_pages(tx, callback_id),
        files=await files.list_files(tx, callback_files.c.callback_id == callback_id),
        allowed=allowed(who, case, now),
        call_results=CallResults.model_validate({name: results_of(case, name, now) for name in (OUTBOUND, INBOUND)}),
        is_history_intact=store.is_intact(callback_id, events),
        created_at=row["created_at"],
        finished_at=row["finished_at"],
    )


def _can_call_from(case: CallbackCase, now: datetime) -> datetime | None:
    waits = case.rulebook.phone.enforces_retry_plan and case.state in _WITH_DESK
    return case.retry_at if waits and case.retry_at is not None and now < case.retry_at else None


def _policy(case: CallbackCase, row: dict[str, Any], phone: str) -> PolicyFactsView:
    policy = case.policy
    same = (
        "policy_no", "product_name", "product_type", "premium_fen", "payment_frequency", "payment_years", "term_text",
        "issued_at", "effective_on", "policyholder_name", "policyholder_age", "insured_name", "insured_age",
    )  # fmt: skip
    return PolicyFactsView(
        **{key: getattr(policy, key) for key in same},
        phone=phone,
        **{key: row[key] for key in ("proposal_no", "case_id", "recording_id", "status")},
        channel=policy.channel.value,
        payment_mode=policy.payment_mode.value,
        certificate=policy.certificate.value,
        cooling_off_ends_hint=f"自签收合同之日起 {policy.cooling_off_days} 天",
    )


def _questions(case: CallbackCase, said: dict[str, comparison.Said]) -> list[CallbackQuestion]:
    found: list[CallbackQuestion] = []
    for question in case.questionnaire.asked:
        answer: Any = case.answers.get(question.id)
        then = said.get(question.subject)
        found.append(
            CallbackQuestion(
                id=question.id,
                text=question.text,
                subject=question.subject,
                expected=question.expected,
                because=list(question.because),
                answer=answer,
                is_unexpected=answer is not None and answer != question.expected,
                contradiction=comparison.contradiction(question, answer, then) if answer else None,
                said=RecordedAnswer(**{key: value for key, value in asdict(then).items() if key in RecordedAnswer.model_fields})
                if then
                else None,
            )
        )
    return found


def _event(item: StoredEvent, zone: str, questions: dict[str, str]) -> CallbackEventView:
    event = item.event
    return CallbackEventView(
        seq=item.seq,
        at=event.at,
        kind=event.kind,
        title=title(event.kind),
        detail=detail(event, zone, questions),
        rule=event.rule,
        rule_name=rule_name(event.rule),
        state=event.state,
        actor=item.actor,
        data={key: value for key, value in event.data.items() if key != "answers"},
    )


def allowed(who: Principal, case: CallbackCase, now: datetime) -> list[str]:
    """The commands the caller may send now; desk hours are told apart (`desk`)."""
    if "callback_operator" not in who.roles or case.is_final:
        return []
    found = ["close"]
    found += [kind for kind, way in (("inbound_call", INBOUND), ("phone_result", OUTBOUND)) if results_of(case, way, now)]
    if case.in_problem:
        found.append("classify")
        step = {
            "explanation": "explained",
            "visit_form": "visit_form_returned",
            "re_signature": "re_signed",
            "verify_call": "verify_call",
        }
        waits_for_number = case.needs_number and case.verification in ("explanation", "verify_call")  # these two are calls
        found += [step[case.verification]] if case.verification in step and not waits_for_number else []
    if case.state is State.PHONE_FAILED or case.awaits_number:
        found.append("number_confirmed")
    if case.state in _WITH_DESK:
        found.append("assign")
    found += {State.VISIT: ["visit_result"], State.LETTER: ["letter_result"]}.get(case.state, [])
    return found


async def _require_scan(tx: Tx, callback_id: str, purpose: str, scan_id: str) -> None:
    table = callback_files.c
    query = sa.select(table.id).where(
        table.id == scan_id, table.callback_id == callback_id, table.kind == "scan", table.purpose == purpose
    )
    if await tx.scalar(query) is None:
        raise Problem(422, "SCAN_REQUIRED", purpose=purpose)


async def _open_tasks(tx: Tx, callback_id: str, kinds: Sequence[str]) -> list[str]:
    query = sa.select(callback_tasks.c.id).where(
        callback_tasks.c.callback_id == callback_id, _OPEN_TASK, callback_tasks.c.kind.in_(kinds)
    )
    return [str(row.id) for row in await tx.execute(query)]


async def command(tx: Tx, context: Context, who: Principal, callback_id: str, body: DeskCommand) -> service.Done:
    """Carry out a command of the desk. The caller raises a refusal after the commit."""
    data = body.model_dump(mode="json", exclude={"command"})
    kind: str = body.command
    if kind in _ON_PAPER and data["signed_by_policyholder"] and data.get("reached", True):
        await _require_scan(tx, callback_id, _ON_PAPER[kind], data["scan_id"])
    if data.get("visitor_id"):
        data["staff_role"] = await staff_role(tx, data["visitor_id"])
    elif kind == "visit_result" and data["reached"]:
        raise Problem(422, "VISITOR_REQUIRED")
    if kind == "phone_result" and data.get("from_phone"):
        kind = "inbound_call"
    if data.get("answers"):
        loaded = await store.load(tx, context, callback_id)
        data["contradictions"] = await contradictions_of(tx, context, loaded, data["answers"])
    fulfilled = await _open_tasks(tx, callback_id, DONE_BY.get(body.command, ()))
    done = await service.run(tx, context, callback_id, [Command(kind, data)], actor_of(who))
    if done.refusal is not None:
        return done
    now = context.now()
    await tx.execute(  # also those that an event, the callback's end, or a new task of their kind has just taken off the list
        sa.update(callback_tasks)
        .where(callback_tasks.c.id.in_(fulfilled))
        .values(status="done", done_at=now, done_by=who.id, outcome={"command": body.command})
    )
    said = {"state": done.case.state.value, **({"note": data["note"]} if data.get("note") else {})}
    await record(tx, context, actor=who, action=f"callback.{body.command}", subject=callback_id, data=said)
    return done
