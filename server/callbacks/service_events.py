"""Takes in what the core system tells of policies in force: changes, grace periods, premiums, surrenders and claims.

Idempotent by event number and content. What an event makes necessary (calls, the end of a callback) happens in its transaction.
"""

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, get_args

import orjson
import sqlalchemy as sa

from server.audits.service import record
from server.callbacks import store
from server.callbacks.library import stored_rulebook
from server.callbacks.phones import keep_phone
from server.callbacks.policies import require as require_policy
from server.callbacks.rulebooks import rulebook_in_force
from server.callbacks.service import calendar, run_one
from server.callbacks.service_calls import NOT_FINISHED, take_new_phone
from server.callbacks.service_schemas import (
    Change,
    Grace,
    Payout,
    PlannedCall,
    PolicyBrief,
    PolicyEvent,
    PolicyEventTaken,
    Premium,
)
from server.callbacks.tables import callbacks, policies, service_calls, service_events
from server.context import Context
from server.domain.callback.rulebook import Rulebook
from server.domain.callback.service_calls import ServiceCall, grace_calls, payout_call
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from storage.db.engine import Tx
from storage.db.ids import new_id

FALLBACK_RULEBOOK = "S3"
"""Service calls follow the Shandong guideline where the insurer's own rulebook says nothing of them."""
ENDED = ("surrendered", "cancelled", "ended")
_Field = Literal["phone", "status"]
_FIELDS: tuple[_Field, ...] = get_args(_Field)
_OF_CALL = ("id", "kind", "not_before", "due_at", "rule")
_ALIVE = service_calls.c.status.in_(NOT_FINISHED)


async def rulebook_of_calls(tx: Tx, context: Context, on: date) -> Rulebook:
    """The rulebook that service calls follow on a day."""
    book = stored_rulebook(await rulebook_in_force(tx, context, context.settings.callback_rulebook, on))
    if book.service_calls.is_enabled:
        return book
    return stored_rulebook(await rulebook_in_force(tx, context, FALLBACK_RULEBOOK, on))


async def take(tx: Tx, context: Context, who: Principal, policy_no: str, body: PolicyEvent) -> PolicyEventTaken:
    """Take an event in.

    Raises:
        Problem: 409 `EVENT_CONFLICT` for other content under a known number, 404 `POLICY_NOT_FOUND` for a policy that is neither
            known nor described, 422 `EVENT_INVALID` with the fault.
    """
    plain = {"policy_no": policy_no, **body.model_dump(mode="json")}
    digest = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()
    query = sa.select(service_events).where(service_events.c.event_no == body.event_no)
    known = (await tx.execute(query)).mappings().one_or_none()
    if known is not None:
        if known["content_hash"] != digest:
            raise conflict("EVENT_CONFLICT", event_no=body.event_no)
        return PolicyEventTaken.model_validate({**known["answer"], "is_new": False})
    now = context.now()
    await tx.execute(
        sa.insert(service_events).values(
            event_no=body.event_no,
            content_hash=digest,
            kind=body.kind,
            policy_no=policy_no,
            subject=_premium(body) if isinstance(body, (Grace, Premium)) else "",
            answer={},
            received_at=now,
        )
    )
    calls: list[PlannedCall] = []
    cancelled, closed, outdated = 0, None, tuple[_Field, ...]()
    match body:
        case Change():
            cancelled, closed, outdated = await _change(tx, context, policy_no, body)
        case Grace():
            calls = await _grace(tx, context, policy_no, body)
        case Premium():
            _check_past(context, "paid_at", body.paid_at)
            cancelled = await _cancel(tx, context, policy_no, _premium(body))
        case Payout():
            calls = await _payout(tx, context, policy_no, body)
    answer = PolicyEventTaken(
        event_no=body.event_no,
        is_new=True,
        calls=calls,
        cancelled_calls=cancelled,
        closed_callback=closed,
        outdated=outdated,
    )
    change = sa.update(service_events).where(service_events.c.event_no == body.event_no)
    await tx.execute(change.values(answer=answer.model_dump(mode="json")))
    data = {"kind": body.kind, "event_no": body.event_no, "calls": len(calls), "closed": closed}
    await record(tx, context, actor=who, action="policy.event_received", subject=policy_no, data=data)
    return answer


async def _change(tx: Tx, context: Context, policy_no: str, body: Change) -> tuple[int, str | None, tuple[_Field, ...]]:
    row = await require_policy(tx, policy_no)
    if body.phone is None and body.status is None:
        raise _invalid("status", "NOTHING_CHANGED")
    _check_past(context, "happened_at", body.happened_at)
    outdated = tuple(
        name
        for name in _FIELDS
        if getattr(body, name) is not None and (known := row[f"{name}_changed_at"]) is not None and body.happened_at < known
    )  # a newer event came first: each field keeps the newest
    callback_id = await tx.scalar(sa.select(callbacks.c.id).where(callbacks.c.policy_no == policy_no))
    is_open = callback_id and await tx.scalar(sa.select(callbacks.c.finished_at.is_(None)).where(callbacks.c.id == callback_id))
    cancelled, closed = 0, None
    if body.phone is not None and "phone" not in outdated:
        await keep_phone(tx, context, policy_no, body.phone, body.happened_at)
        await take_new_phone(tx, context, policy_no, body.phone)
        if callback_id and is_open:
            await run_one(tx, context, str(callback_id), "phone_changed", "system:core", {"phone": body.phone})
    if body.status is not None and "status" not in outdated:
        values = {"status": body.status, "status_changed_at": body.happened_at}
        await tx.execute(sa.update(policies).where(policies.c.policy_no == policy_no).values(**values))
        if body.status in ENDED:
            cancelled = await _cancel(tx, context, policy_no)
            if callback_id and is_open:
                await run_one(tx, context, str(callback_id), "policy_ended", "system:core", {"reason": body.status})
                closed = str(callback_id)
    return cancelled, closed, outdated


async def _grace(tx: Tx, context: Context, policy_no: str, body: Grace) -> list[PlannedCall]:
    if body.grace_ends_on <= body.premium_due_on:
        raise _invalid("grace_ends_on", "BEFORE_DUE_DATE")
    if await _is_settled(tx, context, policy_no, _premium(body)):
        return []
    now = context.now()
    book = await rulebook_of_calls(tx, context, calendar().local_date(now))
    data = {
        "subject": _premium(body),
        "premium_fen": body.premium_fen,
        "premium_due_on": body.premium_due_on.isoformat(),
        "grace_ends_on": body.grace_ends_on.isoformat(),
    }
    planned = []
    for call in grace_calls(body.grace_ends_on, book.service_calls, calendar()):
        planned.append(await _plan(tx, context, policy_no, body.event_no, body.policy, call, book, data, now))
    return planned


def _premium(body: Grace | Premium) -> str:
    """What makes a grace period one: the premium it is about, by its day. Another premium's is another one."""
    return f"premium:{body.premium_due_on.isoformat()}"


async def _is_settled(tx: Tx, context: Context, policy_no: str, subject: str) -> bool:
    """Whether there is nothing to remind of: the premium was paid, in whichever order we were told, or the policy ended."""
    if await tx.scalar(sa.select(policies.c.status).where(policies.c.policy_no == policy_no)) in ENDED:
        return True
    paid = sa.and_(
        service_events.c.policy_no == policy_no, service_events.c.kind == "premium", service_events.c.subject == subject
    )
    if await tx.scalar(sa.select(service_events.c.event_no).where(paid).limit(1)) is not None:
        return True
    cancelled = sa.and_(
        service_calls.c.policy_no == policy_no, service_calls.c.status == "cancelled", service_calls.c.result == "paid"
    )
    for row in (await tx.execute(sa.select(service_calls.c.id, service_calls.c.data_enc).where(cancelled))).all():
        if orjson.loads(context.cipher.decrypt(row.data_enc, f"service_calls.data:{row.id}"))["subject"] == subject:
            return True  # paid before events kept what they are about
    return False


async def _payout(tx: Tx, context: Context, policy_no: str, body: Payout) -> list[PlannedCall]:
    now = context.now()
    _check_past(context, "paid_at", body.paid_at)
    book = await rulebook_of_calls(tx, context, calendar().local_date(body.paid_at))
    call = payout_call(body.kind, body.amount_fen, body.paid_at, book.service_calls, calendar())
    if call is None:
        return []
    data = {"subject": f"payout:{body.event_no}", "amount_fen": body.amount_fen, "collector": body.collector or ""}
    return [await _plan(tx, context, policy_no, body.event_no, body.policy, call, book, data, now)]


async def _plan(
    tx: Tx,
    context: Context,
    policy_no: str,
    event_no: str,
    brief: PolicyBrief | None,
    call: ServiceCall,
    book: Rulebook,
    data: dict[str, Any],
    now: datetime,
) -> PlannedCall:
    person = await _person(tx, context, policy_no, brief)
    hours = book.phone.hours
    begin = now if call.not_before == date.min else calendar().at(call.not_before)
    not_before = calendar().next_desk_time(max(begin, now), hours)
    due_at = calendar().at(call.due_on, time(hours.closes.hour, hours.closes.minute))
    known = await _planned(tx, context, policy_no, call, data, not_before, due_at)
    if known is not None:
        return known
    call_id, rule = new_id("svc"), f"{book.id}.{call.rule}"
    content = {**person, **data, "answers": {}, "notes": []}
    has_phone = bool(person["phone"])
    await tx.execute(
        sa.insert(service_calls).values(
            id=call_id,
            event_no=event_no,
            policy_no=policy_no,
            org_code=person["org_code"],
            kind=call.kind,
            rule=rule,
            not_before=not_before,
            due_at=due_at,
            next_call_at=not_before,
            status="open" if has_phone else "number_failed",
            attempts=0,
            result="" if has_phone else "no_phone",
            findings=[],
            data_enc=context.cipher.encrypt(orjson.dumps(content).decode(), f"service_calls.data:{call_id}"),
            created_at=now,
            done_by="",
        )
    )
    return PlannedCall(id=call_id, kind=call.kind, not_before=not_before, due_at=due_at, rule=rule, is_late=due_at < now)


async def _planned(
    tx: Tx,
    context: Context,
    policy_no: str,
    call: ServiceCall,
    data: dict[str, Any],
    not_before: datetime,
    due_at: datetime,
) -> PlannedCall | None:
    """The call that an earlier event made necessary for the same reason: nobody is called twice about one premium.

    One that is not made yet takes the later event's days.
    """
    table = service_calls
    query = sa.select(table).where(table.c.policy_no == policy_no, table.c.kind == call.kind, table.c.status != "cancelled")
    for row in (await tx.execute(query)).mappings().all():
        place = f"service_calls.data:{row['id']}"
        kept = orjson.loads(context.cipher.decrypt(row["data_enc"], place))
        if kept["subject"] != data["subject"]:
            continue
        found = {name: row[name] for name in _OF_CALL}
        if row["status"] == "open" and row["attempts"] == 0 and any(kept.get(key) != value for key, value in data.items()):
            found |= {"not_before": not_before, "due_at": due_at}
            content = context.cipher.encrypt(orjson.dumps({**kept, **data}).decode(), place)
            changes = {"not_before": not_before, "next_call_at": not_before, "due_at": due_at, "data_enc": content}
            await tx.execute(sa.update(table).where(table.c.id == row["id"]).values(**changes))
        return PlannedCall(**found, is_late=found["due_at"] < context.now())
    return None


async def _person(tx: Tx, context: Context, policy_no: str, brief: PolicyBrief | None) -> dict[str, str]:
    if brief is not None:
        return {
            "policyholder_name": brief.policyholder_name,
            "phone": brief.phone or "",
            "product_name": brief.product_name,
            "org_code": brief.org_code,
        }
    row = (await tx.execute(sa.select(policies).where(policies.c.policy_no == policy_no))).mappings().one_or_none()
    if row is None:
        raise not_found("POLICY_NOT_FOUND", needs="policy")
    facts = store.facts_from_json(context.cipher.decrypt(row["data_enc"], f"policies.data:{policy_no}"))
    return {
        "policyholder_name": facts.policyholder_name,
        "phone": facts.phone,
        "product_name": facts.product_name,
        "org_code": str(row["org_code"]),
    }


async def _cancel(tx: Tx, context: Context, policy_no: str, subject: str = "") -> int:
    """Cancel what is no longer needed: calls about a paid premium, or all grace calls of a policy that ended."""
    kinds = service_calls.c.kind.in_(("grace_reminder", "lapse_followup"))
    rows = await tx.execute(sa.select(service_calls).where(service_calls.c.policy_no == policy_no, kinds, _ALIVE))
    count = 0
    for row in rows.mappings().all():
        data = orjson.loads(context.cipher.decrypt(row["data_enc"], f"service_calls.data:{row['id']}"))
        if subject and data["subject"] != subject:
            continue
        change = sa.update(service_calls).where(service_calls.c.id == row["id"])
        await tx.execute(change.values(status="cancelled", result="paid" if subject else "policy_ended", done_at=context.now()))
        count += 1
    return count


def _check_past(context: Context, path: str, at: datetime) -> None:
    """Events have happened; clocks of two systems differ a little."""
    if at > context.now() + timedelta(minutes=5):
        raise _invalid(path, "IN_THE_FUTURE")


def _invalid(path: str, code: str) -> Problem:
    return Problem(422, "EVENT_INVALID", fields=[{"path": path, "code": code}])
