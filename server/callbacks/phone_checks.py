"""Duplicate phones at underwriting (A9): one phone of different policyholders, or an agent's own phone on a policy.

Every proposal and policy is looked at once, by a tick and when underwriting asks; what is found stays on a list until somebody
has investigated it. An agent who wrote down their own phone is misconduct and goes to compliance.
"""

from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.callbacks.schemas import PolicyNo
from server.callbacks.service import calendar
from server.callbacks.service_events import rulebook_of_calls
from server.callbacks.service_schemas import (
    PhoneCheck,
    PhoneCheckResult,
    PhoneWarningOutcome,
    PhoneWarningPage,
    PhoneWarningQuery,
    PhoneWarningView,
)
from server.callbacks.tables import callback_tasks, phone_checks, phone_warnings, policies
from server.cases.tables import proposal_persons, proposals
from server.context import Context
from server.domain.callback.service_calls import phone_warnings as find_warnings
from server.domain.masking import mask_phone
from server.http.endpoint import Principal
from server.http.problem import conflict, not_found
from server.users.tables import staff_accounts
from server.webhooks.service import enqueue
from storage.db.engine import Tx
from storage.db.ids import new_id

BATCH = 100
_CONFIRMED = ("phone_corrected", "agent_wrote_own")


async def check_due(context: Context) -> int:
    """Look at proposals and policies that were not looked at yet. Returns how many."""
    async with context.db.read() as tx:
        if not await _due(tx):
            return 0
    async with context.db.begin() as tx:
        due = await _due(tx)
        for item in due:
            await check(tx, context, **item)
    return len(due)


async def _due(tx: Tx) -> list[dict[str, Any]]:
    person = proposal_persons
    of_proposals = (
        sa.select(proposals.c.proposal_no, proposals.c.org_code, person.c.roles, person.c.phone_hash, person.c.cert_hash)
        .join(person, person.c.proposal_no == proposals.c.proposal_no)
        .outerjoin(phone_checks, phone_checks.c.number == proposals.c.proposal_no)
        .where(phone_checks.c.number.is_(None))
        .order_by(proposals.c.received_at, person.c.position)
        .limit(BATCH)
    )
    found = [
        {"number": row.proposal_no, "org_code": row.org_code, "phone_hash": row.phone_hash or "", "cert_hash": row.cert_hash}
        for row in await tx.execute(of_proposals)
        if "policyholder" in row.roles
    ]
    of_policies = (
        sa.select(policies.c.policy_no, policies.c.org_code, policies.c.phone_hash, policies.c.cert_hash)
        .outerjoin(
            phone_checks,
            (phone_checks.c.number == policies.c.policy_no) & (phone_checks.c.phone_hash == policies.c.phone_hash),
        )
        .where(phone_checks.c.number.is_(None))
        .order_by(policies.c.received_at)
        .limit(BATCH)
    )
    return found + [
        {"number": row.policy_no, "org_code": row.org_code, "phone_hash": row.phone_hash, "cert_hash": row.cert_hash}
        for row in await tx.execute(of_policies)
    ]


async def check(
    tx: Tx, context: Context, *, number: PolicyNo, org_code: str, phone_hash: str, cert_hash: str, masked: str = ""
) -> list[str]:
    """Look at one number; new warnings are kept. Returns the ids of the open warnings about it."""
    now = context.now()
    await tx.execute(sa.delete(phone_checks).where(phone_checks.c.number == number))
    await tx.execute(sa.insert(phone_checks).values(number=number, phone_hash=phone_hash, checked_at=now))
    if not phone_hash:
        return []
    same, numbers_of = await _same_phone(tx, phone_hash)
    entries = [(number, cert_hash, phone_hash), *(e for e in same if e[0] != number and e[0] not in numbers_of.get(number, ()))]
    agents = {
        str(row.phone_hash): (str(row.id), str(row.phone_masked))
        for row in await tx.execute(sa.select(staff_accounts).where(staff_accounts.c.phone_hash == phone_hash))
    }
    found = find_warnings(entries, {phone: agent for phone, (agent, _) in agents.items()}, only_policy=number)
    ids: list[str] = []
    for warning in found:
        table = phone_warnings
        same_one = (table.c.kind == warning.kind) & (table.c.number == number) & (table.c.phone_hash == phone_hash)
        known = (await tx.execute(sa.select(table.c.id, table.c.status).where(same_one))).one_or_none()
        if known is not None:
            ids += [str(known.id)] if known.status == "open" else []
            continue
        warning_id, agent = new_id("pw"), agents.get(phone_hash)
        shown = masked or (agent[1] if agent else "") or await _masked(tx, context, phone_hash)
        await tx.execute(
            sa.insert(table).values(
                id=warning_id,
                kind=warning.kind,
                number=number,
                phone_hash=phone_hash,
                phone_masked=shown,
                others=[other for other in warning.policy_nos if other != number],
                agent_id=agent[0] if agent and warning.kind == "belongs_to_agent" else None,
                org_code=org_code,
                rule=warning.rule,
                status="open",
                outcome="",
                note="",
                found_at=now,
                done_by="",
            )
        )
        ids.append(warning_id)
        told = {"number": number, "kind": warning.kind, "others": list(warning.policy_nos), "rule": warning.rule}
        await enqueue(tx, context, "phone_warning.found", warning_id, told, f"phone_warning:{warning_id}:found")
    return ids


async def _same_phone(tx: Tx, phone_hash: str) -> tuple[list[tuple[str, str, str]], dict[str, set[str]]]:
    """Everybody who is a policyholder with this phone; and which proposal and policy numbers are the same sale."""
    person = proposal_persons
    rows = await tx.execute(
        sa.select(person.c.proposal_no, person.c.cert_hash, person.c.roles).where(person.c.phone_hash == phone_hash)
    )
    found = [(str(row.proposal_no), str(row.cert_hash), phone_hash) for row in rows if "policyholder" in row.roles]
    twins: dict[str, set[str]] = {}
    query = sa.select(policies.c.policy_no, policies.c.proposal_no, policies.c.cert_hash)
    for row in await tx.execute(query.where(policies.c.phone_hash == phone_hash)):
        found.append((str(row.policy_no), str(row.cert_hash), phone_hash))
        if row.proposal_no:
            twins.setdefault(str(row.policy_no), set()).add(str(row.proposal_no))
            twins.setdefault(str(row.proposal_no), set()).add(str(row.policy_no))
    return found, twins


async def _masked(tx: Tx, context: Context, phone_hash: str) -> str:

    row = (
        await tx.execute(sa.select(policies.c.policy_no, policies.c.data_enc).where(policies.c.phone_hash == phone_hash).limit(1))
    ).one_or_none()
    if row is not None:
        return mask_phone(orjson.loads(context.cipher.decrypt(row.data_enc, f"policies.data:{row.policy_no}"))["phone"])
    person = proposal_persons
    found = (
        await tx.execute(sa.select(person.c.id, person.c.data_enc).where(person.c.phone_hash == phone_hash).limit(1))
    ).one_or_none()
    if found is None:
        return ""
    data = orjson.loads(context.cipher.decrypt(found.data_enc, f"proposal_persons.data:{found.id}"))
    return mask_phone(str(data.get("phone", "")))


async def ask(tx: Tx, context: Context, body: PhoneCheck) -> PhoneCheckResult:
    """Underwriting asks before it accepts an application."""
    ids = await check(
        tx,
        context,
        number=body.number,
        org_code=body.org_code,
        phone_hash=context.cipher.search_hash(body.phone),
        cert_hash=context.cipher.search_hash(body.cert_no.upper()),
        masked=mask_phone(body.phone),
    )
    views = [await _view(tx, row) for row in await _rows(tx, phone_warnings.c.id.in_(ids))]
    return PhoneCheckResult(number=body.number, warnings=views)


async def _rows(tx: Tx, *where: sa.ColumnElement[bool], limit: int = 100, offset: int = 0) -> list[dict[str, Any]]:
    query = sa.select(phone_warnings).where(*where).order_by(phone_warnings.c.found_at.desc(), phone_warnings.c.id)
    return [dict(row) for row in (await tx.execute(query.limit(limit).offset(offset))).mappings()]


async def _view(tx: Tx, row: dict[str, Any]) -> PhoneWarningView:
    name = await tx.scalar(sa.select(staff_accounts.c.display_name).where(staff_accounts.c.id == row["agent_id"]))
    direct = {key: row[key] for key in PhoneWarningView.model_fields if key != "agent_name"}
    return PhoneWarningView(**direct, agent_name=name or "")


async def search(tx: Tx, query: PhoneWarningQuery) -> PhoneWarningPage:
    """A page of warnings, newest first."""
    by_status = sa.select(phone_warnings.c.status, sa.func.count()).group_by(phone_warnings.c.status)
    found = {str(status): int(count) for status, count in await tx.execute(by_status)}
    counts = {status: found.get(status, 0) for status in ("open", "cleared", "confirmed")}
    offset = (query.page - 1) * query.page_size
    rows = await _rows(tx, phone_warnings.c.status == query.status, limit=query.page_size, offset=offset)
    items = [await _view(tx, row) for row in rows]
    return PhoneWarningPage(items=items, total=counts[query.status], page=query.page, page_size=query.page_size, counts=counts)


async def resolve(tx: Tx, context: Context, who: Principal, warning_id: str, body: PhoneWarningOutcome) -> PhoneWarningView:
    """Write down what the investigation found. 404 `PHONE_WARNING_NOT_FOUND`, 409 `PHONE_WARNING_DONE`."""
    rows = await _rows(tx, phone_warnings.c.id == warning_id)
    if not rows:
        raise not_found("PHONE_WARNING_NOT_FOUND")
    [row] = rows
    if row["status"] != "open":
        raise conflict("PHONE_WARNING_DONE", warning_status=row["status"])
    now = context.now()
    status = "confirmed" if body.outcome in _CONFIRMED else "cleared"
    change = sa.update(phone_warnings).where(phone_warnings.c.id == warning_id, phone_warnings.c.status == "open")
    await tx.execute(change.values(status=status, outcome=body.outcome, note=body.note, done_at=now, done_by=actor_of(who)))
    if body.outcome == "agent_wrote_own":
        desk = (await rulebook_of_calls(tx, context, calendar().local_date(now))).phone
        for kind in ("compliance_report", "sales_report"):
            await tx.execute(
                sa.insert(callback_tasks).values(
                    id=new_id("cbt"),
                    policy_no=row["number"],
                    org_code=row["org_code"],
                    kind=kind,
                    detail=f"{warning_id}: agent_phone",
                    rule="S3.A16",
                    priority=desk.priority_of(kind),
                    due_at=calendar().next_desk_time(now + timedelta(hours=desk.due_hours), desk.hours),
                    status="open",
                    created_at=now,
                )
            )
    data = {"number": row["number"], "kind": row["kind"], "outcome": body.outcome}
    await record(tx, context, actor=who, action="phone_warning.resolved", subject=warning_id, data=data)
    await enqueue(tx, context, "phone_warning.resolved", warning_id, data, f"phone_warning:{warning_id}:resolved")
    return await _view(tx, (await _rows(tx, phone_warnings.c.id == warning_id))[0])
