"""Takes in what the core system reports of a contract: its end, disputes. The period only grows. Never commits.

The report is applied on the store afterwards, by the durable job `retain`; until then the legal hold from the seal stands.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from server.audits.service import record
from server.callbacks.tables import policies
from server.cases.access import today
from server.cases.proposals import require_row
from server.cases.tables import cases
from server.context import Context
from server.custody.rules import load_rules
from server.custody.schemas import ContractReport, ContractView
from server.custody.tables import contracts, recording_custody
from server.domain.retention import Contract, contract_faults, retain_until
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from server.recordings.tables import recordings
from storage.db.engine import Tx


async def report_of_policy(tx: Tx, context: Context, who: Principal, policy_no: str, body: ContractReport) -> ContractView:
    """A report under the policy's number. Raises 404 `POLICY_NOT_FOUND`, 409 `POLICY_HAS_NO_PROPOSAL` (nothing was recorded)."""
    query = sa.select(policies.c.policy_no, policies.c.proposal_no).where(policies.c.policy_no == policy_no)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise not_found("POLICY_NOT_FOUND")
    if row.proposal_no is None:
        raise conflict("POLICY_HAS_NO_PROPOSAL", policy_no=policy_no)
    return await report(tx, context, who, row.proposal_no, body, policy_no=policy_no)


async def report(
    tx: Tx, context: Context, who: Principal, proposal_no: str, body: ContractReport, *, policy_no: str | None = None
) -> ContractView:
    """Take a report in; the same again changes nothing.

    Raises:
        Problem: 404 `PROPOSAL_NOT_FOUND`; 422 `CONTRACT_INVALID` with the codes of what cannot be true.
    """
    proposal = await require_row(tx, proposal_no)
    known = (await tx.execute(sa.select(contracts).where(contracts.c.proposal_no == proposal_no).with_for_update())).mappings()
    old: dict[str, Any] = dict(known.one_or_none() or {})
    is_over = body.is_over_one_year if body.is_over_one_year is not None else old.get("is_over_one_year")
    contract = Contract(
        is_over_one_year=bool(proposal["is_over_one_year"]) if is_over is None else is_over,
        ended_on=body.ended_on,
        disputes_ended_on=tuple(item.ended_on for item in body.disputes if item.ended_on),
        has_open_dispute=any(item.ended_on is None for item in body.disputes),
    )
    _check(context, contract, body, proposal, old.get("disputes", ()))
    floor = old.get("retain_until")
    until = retain_until(contract, load_rules(), floor)
    values = {
        "policy_no": policy_no or old.get("policy_no"),
        "is_over_one_year": contract.is_over_one_year,
        "ended_on": body.ended_on,
        "end_reason": body.end_reason,
        "disputes": [item.model_dump(mode="json") for item in body.disputes],
        "retain_until": until or floor,
        "is_held": until is None,
    }
    if not old or any(old[name] != value for name, value in values.items()):
        values |= {"version": old.get("version", 0) + 1, "reported_at": context.now()}
        if old:
            await tx.execute(contracts.update().where(contracts.c.proposal_no == proposal_no).values(**values))
        else:
            await tx.execute(contracts.insert().values(proposal_no=proposal_no, **values))
        data = {**values, "disputes": len(body.disputes)}
        await record(tx, context, actor=who, action="contract.reported", subject=proposal_no, data=data)
    return await show(tx, proposal_no)


def _check(context: Context, contract: Contract, body: ContractReport, proposal: Any, known: Iterable[Mapping[str, Any]]) -> None:
    received_on = proposal["received_at"].date()
    faults = contract_faults(contract, received_on, today(context))
    if any(item.ended_on and item.ended_on < item.opened_on for item in body.disputes):
        faults.append("DISPUTE_ENDS_BEFORE_IT_OPENS")
    if len({item.dispute_no for item in body.disputes}) != len(body.disputes):
        faults.append("DISPUTE_TWICE")
    if {item["dispute_no"] for item in known if item["ended_on"] is None} - {item.dispute_no for item in body.disputes}:
        faults.append("OPEN_DISPUTE_MISSING")  # left out by mistake it would end the hold, and nobody knew when it was over
    if (body.ended_on is None) != (body.end_reason is None):
        faults.append("END_NEEDS_REASON")
    if faults:
        raise Problem(422, "CONTRACT_INVALID", faults=faults)


async def show(tx: Tx, proposal_no: str) -> ContractView:
    """A contract and how far it is applied. Raises 404 `CONTRACT_NOT_REPORTED`."""
    row = (await tx.execute(sa.select(contracts).where(contracts.c.proposal_no == proposal_no))).mappings().one_or_none()
    if row is None:
        raise not_found("CONTRACT_NOT_REPORTED", proposal_no=proposal_no)
    of_contract = (
        sa.select(sa.func.count(), sa.func.count().filter(recording_custody.c.version >= row["version"]))
        .select_from(
            recordings.join(cases, cases.c.id == recordings.c.case_id).outerjoin(
                recording_custody, recording_custody.c.recording_id == recordings.c.id
            )
        )
        .where(cases.c.proposal_no == proposal_no, recordings.c.state == "sealed")
    )
    total, applied = (await tx.execute(of_contract)).one()
    plain = {name: row[name] for name in ContractView.model_fields if name not in ("recordings", "applied")}
    return ContractView(**plain, recordings=total, applied=applied)
