"""Lists for the responsible units: whose number failed, or who left none (A14); a page, and a spreadsheet per organisation."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from server.callbacks import store
from server.callbacks.service_schemas import NumberList, NumberRow
from server.callbacks.tables import callback_tasks, callbacks, service_calls
from server.context import Context
from server.domain.callback.case import UNREACHED, State
from server.domain.masking import mask_phone
from storage.db.engine import Tx

REASONS = {
    "no_answer": "多次无人接听",
    "wrong_number": "号码错误",
    "no_phone": "未留电话",
    "refused": "拒绝接听",
    "not_met": "上门或信函未联系到",
}
_FAILED = ("phone_gave_up", "no_phone", "call_unsuccessful", "paper_unsuccessful")
"""Events that put a customer on the list."""
_LIMIT = 5000


async def number_list(tx: Tx, context: Context, org_code: str = "", *, is_full: bool = False) -> NumberList:
    """Everybody whose number must be found, by organisation and age. `is_full`: with whole numbers, which the unit checks."""
    rows = [*await _of_callbacks(tx, context, org_code), *await _of_calls(tx, context, org_code)]
    if not is_full:
        rows = [row.model_copy(update={"phone": ""}) for row in rows]
    rows.sort(key=lambda row: (row.org_code, row.failed_at))
    by_org: dict[str, int] = {}
    for row in rows:
        by_org[row.org_code] = by_org.get(row.org_code, 0) + 1
    return NumberList(items=rows, by_org=by_org)


async def _of_callbacks(tx: Tx, context: Context, org_code: str) -> list[NumberRow]:
    tasks = callback_tasks.c
    is_listed = sa.exists().where(
        tasks.callback_id == callbacks.c.id, tasks.status == "open", tasks.kind == "confirm_number"
    )  # problem cases too
    where = [sa.or_(callbacks.c.state == State.PHONE_FAILED.value, is_listed.correlate(callbacks))]
    if org_code:
        where.append(callbacks.c.org_code == org_code)
    found: list[NumberRow] = []
    for row in (await tx.execute(sa.select(callbacks).where(*where).limit(_LIMIT))).mappings().all():
        facts = store.facts_from_json(context.cipher.decrypt(row["facts_enc"], f"callbacks.facts:{row['id']}"))
        events = await store.history(tx, context, row["id"])
        last = next(e.event for e in reversed(events) if e.event.kind in _FAILED)
        phones = [str(e.event.data["phone"]) for e in events if "phone" in e.event.data]
        phone = phones[-1] if phones else facts.phone
        calls = sum(1 for e in events if e.event.kind in ("call_unsuccessful", "phone_gave_up"))
        due = await tx.scalar(
            sa.select(sa.func.min(tasks.due_at)).where(
                tasks.callback_id == row["id"], tasks.status == "open", tasks.kind.in_(UNREACHED)
            )
        )
        found.append(
            NumberRow(
                source="callback",
                id=row["id"],
                policy_no=row["policy_no"],
                product_name=facts.product_name,
                policyholder_name=facts.policyholder_name,
                phone_masked=mask_phone(phone) if phone else "",
                phone=phone,
                org_code=row["org_code"],
                reason="not_met" if last.kind == "paper_unsuccessful" else str(last.data.get("reason", "")),
                attempts=calls,
                failed_at=last.at,
                due_at=due,
            )
        )
    return found


async def _of_calls(tx: Tx, context: Context, org_code: str) -> list[NumberRow]:
    where = [service_calls.c.status == "number_failed"]
    if org_code:
        where.append(service_calls.c.org_code == org_code)
    found: list[NumberRow] = []
    for row in (await tx.execute(sa.select(service_calls).where(*where).limit(_LIMIT))).mappings():
        data: dict[str, Any] = orjson.loads(context.cipher.decrypt(row["data_enc"], f"service_calls.data:{row['id']}"))
        found.append(
            NumberRow(
                source="service_call",
                id=row["id"],
                policy_no=row["policy_no"],
                product_name=data["product_name"],
                policyholder_name=data["policyholder_name"],
                phone_masked=mask_phone(data["phone"]) if data["phone"] else "",
                phone=data["phone"] or "",
                org_code=row["org_code"],
                reason=row["result"],
                attempts=row["attempts"],
                failed_at=data["notes"][-1]["at"] if data["notes"] else row["created_at"],
                due_at=row["due_at"],
            )
        )
    return found


def zone(context: Context) -> ZoneInfo:
    """The installation's time zone."""
    return ZoneInfo(context.settings.time_zone)


def lines(found: NumberList, context: Context) -> list[list[Any]]:
    """The list as it goes to a unit, with columns for what it finds out. Times are local."""

    def local(at: datetime | None) -> datetime | str:
        return at.astimezone(zone(context)).replace(tzinfo=None) if at else ""

    head = [
        "机构",
        "保单号",
        "投保人",
        "产品",
        "原号码",
        "原因",
        "拨打次数",
        "发现时间",
        "应反馈时间",
        "新号码",
        "核实情况",
        "经办人",
    ]
    body = [
        [
            row.org_code,
            row.policy_no,
            row.policyholder_name,
            row.product_name,
            row.phone or row.phone_masked or "—",
            REASONS.get(row.reason, row.reason),
            row.attempts,
            local(row.failed_at),
            local(row.due_at),
            "",
            "",
            "",
        ]
        for row in found.items
    ]
    return [head, *body]
