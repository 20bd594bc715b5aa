"""Service calls at the desk: grace periods, lapses, surrenders and claims; script, results, and what they bring to light."""

from datetime import date, datetime, timedelta
from typing import Any, get_args

import orjson
import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.callbacks.forms import service_letter
from server.callbacks.library import service_scripts, stored_rulebook
from server.callbacks.papers import Paper
from server.callbacks.rulebooks import rulebook_in_force
from server.callbacks.service import calendar
from server.callbacks.service_schemas import (
    CallView,
    NewNumber,
    ServiceCallDetail,
    ServiceCallNote,
    ServiceCallPage,
    ServiceCallQuery,
    ServiceCallResult,
    ServiceCallRow,
    ServiceQuestion,
)
from server.callbacks.tables import callback_files, callback_tasks, callbacks, service_calls
from server.callbacks.trace import rule_name
from server.context import Context
from server.domain.callback.questionnaire import format_yuan
from server.domain.callback.rulebook import Phone
from server.domain.callback.service_calls import CallRefusal, ScriptItem, call_result
from server.domain.masking import mask_phone
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from server.webhooks.service import enqueue
from storage.db.engine import Tx
from storage.db.ids import new_id

NOT_FINISHED = ("open", "number_failed", "paper")
_VIEWS: dict[CallView, tuple[str, ...]] = {
    "todo": ("open", "paper"),
    "waiting": ("open",),
    "number": ("number_failed",),
    "finished": ("done", "cancelled", "closed"),
    "all": (),
}


async def search(tx: Tx, context: Context, query: ServiceCallQuery) -> ServiceCallPage:
    """A page of service calls, what is due first."""
    now = context.now()
    where: list[sa.ColumnElement[bool]] = []
    if query.kind:
        where.append(service_calls.c.kind == query.kind)
    if query.q:
        where.append(service_calls.c.policy_no.icontains(query.q, autoescape=True))
    counts: dict[CallView, int] = {}
    for view in get_args(CallView):
        counted = sa.select(sa.func.count()).select_from(service_calls).where(*where, _in_view(view, now))
        counts[view] = int(await tx.scalar(counted) or 0)
    rows = await tx.execute(
        sa.select(service_calls)
        .where(*where, _in_view(query.view, now))
        .order_by(service_calls.c.due_at, service_calls.c.id)
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    items = [_row(dict(row), _data(context, row), now) for row in rows.mappings()]
    return ServiceCallPage(items=items, total=counts[query.view], page=query.page, page_size=query.page_size, counts=counts)


def _in_view(view: CallView, now: datetime) -> sa.ColumnElement[bool]:
    if view == "all":
        return sa.true()
    found = service_calls.c.status.in_(_VIEWS[view])
    callable_from = sa.func.coalesce(service_calls.c.next_call_at, service_calls.c.not_before)  # by the retry plan
    if view == "todo":
        return found & (callable_from <= now)
    return found & (callable_from > now) if view == "waiting" else found


def _data(context: Context, row: Any) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(context.cipher.decrypt(row["data_enc"], f"service_calls.data:{row['id']}"))
    return data


def _row(row: dict[str, Any], data: dict[str, Any], now: datetime) -> ServiceCallRow:
    own = ("product_name", "policyholder_name", "phone_masked", "is_overdue", "rule_name")
    return ServiceCallRow(
        **{key: row[key] for key in ServiceCallRow.model_fields if key not in own},
        product_name=data["product_name"],
        policyholder_name=data["policyholder_name"],
        phone_masked=mask_phone(data["phone"]) if data["phone"] else "",
        is_overdue=row["status"] in NOT_FINISHED and row["due_at"] < now,
        rule_name=rule_name(row["rule"]),
    )


async def _load(tx: Tx, call_id: str, *, is_update: bool = False) -> dict[str, Any]:
    query = sa.select(service_calls).where(service_calls.c.id == call_id)
    row = (await tx.execute(query.with_for_update() if is_update else query)).mappings().one_or_none()
    if row is None:
        raise not_found("SERVICE_CALL_NOT_FOUND")
    return dict(row)


async def show(tx: Tx, context: Context, who: Principal, call_id: str) -> ServiceCallDetail:
    """One call with its script."""
    row = await _load(tx, call_id)
    data, now = _data(context, row), context.now()
    phone = await _phone_rules(tx, context, row)
    hours, call_from = phone.hours, _call_from(row, phone, now)
    notice, asked = script_of(row["kind"], data, row["policy_no"])
    return ServiceCallDetail(
        **_row(row, data, now).model_dump(),
        phone=data["phone"],
        notice=notice,
        questions=[ServiceQuestion(id=i.id, text=i.text, kind=i.kind, answer=data["answers"].get(i.id)) for i in asked],
        notes=[ServiceCallNote(**note) for note in data["notes"]],
        premium_fen=data.get("premium_fen"),
        premium_due_on=data.get("premium_due_on"),
        grace_ends_on=data.get("grace_ends_on"),
        amount_fen=data.get("amount_fen"),
        collector=data.get("collector", ""),
        callback_id=await tx.scalar(sa.select(callbacks.c.id).where(callbacks.c.policy_no == row["policy_no"])),
        is_desk_open=calendar().is_desk_open(now, hours),
        desk_opens_at=calendar().next_desk_time(now, hours),
        desk_hours=hours.text,
        can_call_from=call_from,
        allowed=[one for one in _allowed(who, row, now) if call_from is None or one not in _CALLED],
    )


_CALLED = ("no_answer", "wrong_number")
"""Results of a call that we made: who calls us is neither out of reach nor at a wrong number."""


def _call_from(row: dict[str, Any], phone: Phone, now: datetime) -> datetime | None:
    """Until when the retry plan lets nobody call, or None."""
    at: datetime | None = row["next_call_at"] if row["status"] == "open" and row["attempts"] else None
    return at if phone.enforces_retry_plan and at is not None and now < at else None


def _allowed(who: Principal, row: dict[str, Any], now: datetime) -> list[str]:
    if "callback_operator" not in who.roles:
        return []
    match row["status"]:
        case "open":
            return ["reached", "no_answer", "refused", "wrong_number"] if row["not_before"] <= now else []
        case "paper":
            return ["paper_returned", "paper_missed", "reached"]
        case "number_failed":
            return ["number"]
        case _:
            return []


async def _phone_rules(tx: Tx, context: Context, row: dict[str, Any]) -> Phone:
    book_id = str(row["rule"]).split(".", 1)[0]
    return stored_rulebook(await rulebook_in_force(tx, context, book_id, calendar().local_date(row["created_at"]))).phone


def script_of(kind: str, data: dict[str, Any], policy_no: str) -> tuple[str, list[ScriptItem]]:
    """Notice and questions of a call with its own figures. Raises `KeyError` for a field it lacks: nothing is left blank."""
    script = service_scripts().by_kind[kind]
    fields = {
        "policyholder_name": data["policyholder_name"],
        "product_name": data["product_name"],
        "policy_no": policy_no,
        **({"premium": format_yuan(data["premium_fen"])} if data.get("premium_fen") else {}),
        **({"amount": format_yuan(data["amount_fen"])} if data.get("amount_fen") else {}),
        **({"due_on": _day(data["premium_due_on"])} if data.get("premium_due_on") else {}),
        **({"grace_ends_on": _day(data["grace_ends_on"])} if data.get("grace_ends_on") else {}),
        **({"collector": data["collector"]} if data.get("collector") else {}),
    }
    conditions = frozenset({"collected_by_other"} if data.get("collector") else ())
    asked = [
        ScriptItem(i.id, i.text.format_map(fields), i.kind, i.when, i.finding, i.finding_on) for i in script.asked(conditions)
    ]
    return script.notice.format_map(fields), asked


def _day(value: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.year}年{day.month}月{day.day}日"


async def letter(tx: Tx, context: Context, call_id: str, now: datetime) -> Paper:
    """The letter of a call. 404 `SERVICE_CALL_NOT_FOUND`."""
    row = await _load(tx, call_id)
    data = _data(context, row)
    book_id = str(row["rule"]).split(".", 1)[0]
    book = stored_rulebook(await rulebook_in_force(tx, context, book_id, calendar().local_date(row["created_at"])))
    notice, asked = script_of(row["kind"], data, row["policy_no"])
    return service_letter(book.insurer, row["policy_no"], data, notice, asked, call_id[-12:].upper(), now)


async def result(tx: Tx, context: Context, who: Principal, call_id: str, body: ServiceCallResult) -> None:
    """Write down what a call brought.

    Raises:
        Problem: 409 `SERVICE_CALL_NOT_OPEN`, `DESK_CLOSED`, `CALL_NOT_DUE`, `NOT_YET`; 422 `ANSWERS_INCOMPLETE`, `SCAN_REQUIRED`.
    """
    row = await _load(tx, call_id, is_update=True)
    now, data = context.now(), _data(context, row)
    allowed = _allowed(who, row, now)
    if row["status"] == "open" and row["not_before"] > now:
        raise conflict("NOT_YET", not_before=row["not_before"].isoformat())
    if body.result not in allowed:
        raise conflict("SERVICE_CALL_NOT_OPEN", call_status=row["status"], allowed=allowed)
    phone = await _phone_rules(tx, context, row)
    if not body.result.startswith("paper_") and not calendar().is_desk_open(now, phone.hours):
        raise conflict("DESK_CLOSED", opens_at=calendar().next_desk_time(now, phone.hours).isoformat())
    next_at = _call_from(row, phone, now)
    if body.result in _CALLED and next_at is not None:
        raise conflict("CALL_NOT_DUE", next_call_at=next_at.isoformat())
    if body.result == "paper_returned":
        await _require_scan(tx, call_id, body.scan_id)
    _, asked = script_of(row["kind"], data, row["policy_no"])
    decided = call_result(
        body.result,
        body.answers,
        asked,
        attempts=row["attempts"],
        retry_after_hours=phone.retry_after_hours,
        now=now,
        reports=service_scripts().reports,
    )
    if isinstance(decided, CallRefusal):
        raise Problem(422, decided.code, **decided.params)
    next_call = calendar().next_desk_time(decided.next_call_at, phone.hours) if decided.next_call_at else None
    data["answers"] = dict(body.answers) or data["answers"]
    data["notes"].append({"at": now.isoformat(), "by": who.display_name, "result": body.result, "note": body.note})
    is_final = decided.status in ("done", "closed")
    await _save(
        tx,
        context,
        row["id"],
        data,
        status=decided.status,
        attempts=row["attempts"] + 1,
        result=body.result,
        findings=list(decided.findings),
        next_call_at=next_call,
        done_at=now if is_final else None,
        done_by=actor_of(who) if is_final else "",
    )
    if decided.is_reported:
        await _report(tx, row, decided.findings, phone, now)
    noted = {"result": body.result, "status": decided.status, "findings": list(decided.findings)}
    await record(tx, context, actor=who, action="service_call.result", subject=call_id, data=noted)
    if is_final or decided.status == "number_failed":
        told = {"policy_no": row["policy_no"], "kind": row["kind"], **noted}
        name: Any = "service_call.finished" if is_final else "service_call.number_failed"
        await enqueue(tx, context, name, call_id, told, f"service_call:{call_id}:{row['attempts'] + 1}")


async def _require_scan(tx: Tx, call_id: str, scan_id: str) -> None:
    files = callback_files
    query = sa.select(files.c.id).where(files.c.id == scan_id, files.c.service_call_id == call_id, files.c.kind == "scan")
    if await tx.scalar(query) is None:
        raise Problem(422, "SCAN_REQUIRED")


async def _save(tx: Tx, context: Context, call_id: str, data: dict[str, Any], **values: Any) -> None:
    encrypted = context.cipher.encrypt(orjson.dumps(data).decode(), f"service_calls.data:{call_id}")
    await tx.execute(sa.update(service_calls).where(service_calls.c.id == call_id).values(data_enc=encrypted, **values))


async def _report(tx: Tx, row: dict[str, Any], findings: tuple[str, ...], phone: Phone, now: datetime) -> None:
    """Misconduct goes to sales management and to compliance (A16.3)."""
    reported = [name for name in findings if name in service_scripts().reports]
    for kind in ("compliance_report", "sales_report"):
        await tx.execute(
            sa.insert(callback_tasks).values(
                id=new_id("cbt"),
                policy_no=row["policy_no"],
                org_code=row["org_code"],
                kind=kind,
                detail=f"{row['id']}: {', '.join(reported)}",
                rule=f"{str(row['rule']).split('.', 1)[0]}.A16",
                priority=phone.priority_of(kind),
                due_at=calendar().next_desk_time(now + timedelta(hours=phone.due_hours), phone.hours),
                status="open",
                created_at=now,
            )
        )


async def new_number(tx: Tx, context: Context, who: Principal, call_id: str, body: NewNumber) -> None:
    """The responsible unit found a number: the desk calls again, with its tries anew (A14). 409 `NOT_WAITING_FOR_NUMBER`."""
    row = await _load(tx, call_id, is_update=True)
    if row["status"] != "number_failed":
        raise conflict("NOT_WAITING_FOR_NUMBER")
    await _take_number(tx, context, row, body.phone, who.display_name, body.note)
    await record(tx, context, actor=who, action="service_call.number", subject=call_id, data={"phone": body.phone})


async def take_new_phone(tx: Tx, context: Context, policy_no: str, phone: str) -> None:
    """The core system has another phone of the policyholder: every call that is not finished is made to it."""
    mine = sa.and_(service_calls.c.policy_no == policy_no, service_calls.c.status.in_(NOT_FINISHED))
    query = sa.select(service_calls).where(mine).order_by(service_calls.c.id).with_for_update()  # a result may come just now
    for row in (await tx.execute(query)).mappings().all():
        await _take_number(tx, context, dict(row), phone, "核心系统", "电话变更")


async def _take_number(tx: Tx, context: Context, row: dict[str, Any], phone: str, by: str, note: str) -> None:
    """Another number of a call; who was on the list for one is called again, with the tries anew (A14)."""
    now, data = context.now(), _data(context, row)
    data["phone"] = phone
    data["notes"].append({"at": now.isoformat(), "by": by, "result": "number", "note": note})
    if row["status"] != "number_failed":
        await _save(tx, context, row["id"], data)
        return
    hours = (await _phone_rules(tx, context, row)).hours
    at = calendar().next_desk_time(max(now, row["not_before"]), hours)
    await _save(tx, context, row["id"], data, status="open", attempts=0, next_call_at=at)
