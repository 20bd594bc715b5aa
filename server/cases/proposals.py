"""Proposals: taken in from the core system (idempotent by number and content), shown to their agents."""

import hashlib
from typing import Any

import orjson
import sqlalchemy as sa

from server.audits.service import record
from server.cases import access, documents, people, products
from server.cases.rules import sales_rules
from server.cases.schemas import (
    DocumentKind,
    NewProposal,
    PersonView,
    PremiumView,
    ProductView,
    ProposalAccepted,
    ProposalPage,
    ProposalQuery,
    ProposalSummary,
    ProposalView,
    ProposalWarning,
    RecordingReason,
    RecordingRequirement,
)
from server.cases.tables import cases, proposals
from server.cases.tables import products as product_table
from server.context import Context
from server.domain import rulebook
from server.domain.case import FINAL_STATES
from server.domain.masking import mask_number, mask_phone
from server.domain.proposal import Fault, Person, annual_fen, channel_faults, merge_people, people_faults, premium_faults
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from server.users import repository as users
from storage.db.engine import Tx

_ENDED = tuple(state.value for state in FINAL_STATES)


async def receive(tx: Tx, context: Context, who: Principal | str, body: NewProposal) -> ProposalAccepted:
    """Take a proposal in. 422 `PROPOSAL_INVALID` lists the faults, 409 `PROPOSAL_CONFLICT` for other content."""
    digest = hashlib.sha256(orjson.dumps(body.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)).hexdigest()
    query = sa.select(proposals).where(proposals.c.proposal_no == body.proposal_no)
    known = (await tx.execute(query)).mappings().one_or_none()
    if known:
        if known["content_hash"] != digest:
            raise conflict("PROPOSAL_CONFLICT", proposal_no=body.proposal_no)
        return await _accepted(tx, context, dict(known), is_new=False)
    product = await products.find(tx, body.product_code)
    agent = await users.by_agent_code(tx, agent_code=body.agent_code, company_code=body.company_code, work_no=body.work_no)
    merged = merge_people(
        tuple(
            Person(
                p.name, frozenset(r.value for r in p.roles), p.sex, p.birth_on, p.cert_type.value,
                p.cert_no.upper(), p.phone or "", p.relation_to_policyholder, p.location,
            )
            for p in body.persons
        )
    )  # fmt: skip
    faults = [merged] if isinstance(merged, Fault) else people_faults(merged, access.today(context), sales_rules())
    faults += premium_faults(body.premium.mode, body.premium.frequency, body.premium.years)
    if product is None or not product.is_active:
        faults.append(Fault("product_code", "PRODUCT_UNKNOWN"))
    if agent is None or "agent" not in agent["roles"]:
        faults.append(Fault("agent_code", "AGENT_UNKNOWN"))
    else:
        faults += channel_faults(body.channel.value, agent["agent_kind"] or "")
    if not await users.organisation_exists(tx, body.org_code):
        faults.append(Fault("org_code", "ORGANISATION_UNKNOWN"))
    if faults or agent is None or isinstance(merged, Fault):
        raise Problem(422, "PROPOSAL_INVALID", fields=[{"path": f.path, "code": f.code} for f in faults])
    row = {
        "proposal_no": body.proposal_no,
        "content_hash": digest,
        "product_code": body.product_code,
        "channel": body.channel.value,
        "org_code": body.org_code,
        "region_code": body.region_code,
        "agent_id": agent["id"],
        "premium": body.premium.model_dump(mode="json"),
        "sum_insured_fen": body.sum_insured_fen,
        "coverage": body.coverage,
        "is_over_one_year": body.coverage_is_over_one_year,
        "received_at": context.now(),
    }
    await tx.execute(sa.insert(proposals).values(**row))
    await people.insert(tx, context, body.proposal_no, merged)
    data = {"product": body.product_code, "agent_id": agent["id"], "persons": len(merged)}
    await record(tx, context, actor=who, action="proposal.received", subject=body.proposal_no, data=data)
    return await _accepted(tx, context, row, is_new=True)


async def _accepted(tx: Tx, context: Context, row: dict[str, Any], *, is_new: bool) -> ProposalAccepted:
    product = await products.require(tx, row["product_code"])
    persons = (await people.of_proposals(tx, context, [row["proposal_no"]]))[row["proposal_no"]]
    needed = requirement(context, row, product, persons)
    return ProposalAccepted(proposal_no=row["proposal_no"], is_new=is_new, requirement=needed)


def requirement(
    context: Context, row: dict[str, Any], product: ProductView, persons: list[people.StoredPerson]
) -> RecordingRequirement:
    """Whether a dual recording is required, and by which rules."""
    holder = next(item.person for item in persons if "policyholder" in item.person.roles)
    premium = row["premium"]
    facts = rulebook.SaleFacts(
        channel=row["channel"],
        product_type=product.product_type.value,
        region_code=row["region_code"],
        policyholder_age=rulebook.age_on(holder.birth_on, access.today(context)),
        is_over_one_year=row["is_over_one_year"],
        is_single_pay=premium["mode"] == "single_pay",
        annual_fen=annual_fen(premium["amount_fen"], premium["frequency"]),
    )
    triggers = rulebook.recording_triggers(facts, sales_rules())
    reasons = [RecordingReason(code=t.code, params=t.params) for t in triggers]
    return RecordingRequirement(is_required=bool(triggers), reasons=reasons)


def missing_documents(product: ProductView, present: set[str]) -> list[DocumentKind]:
    """Kinds that must still come from the core system."""
    needed = rulebook.required_documents(product.product_type.value, sales_rules())
    return [DocumentKind(kind) for kind in needed if kind not in present]


async def require_row(tx: Tx, proposal_no: str) -> dict[str, Any]:
    """A proposal's row, or 404."""
    row = (await tx.execute(sa.select(proposals).where(proposals.c.proposal_no == proposal_no))).mappings().one_or_none()
    if row is None:
        raise not_found("PROPOSAL_NOT_FOUND")
    return dict(row)


async def view(tx: Tx, context: Context, proposal_no: str) -> ProposalView:
    """A proposal, masked."""
    row = await require_row(tx, proposal_no)
    product = await products.require(tx, row["product_code"])
    persons = (await people.of_proposals(tx, context, [proposal_no]))[proposal_no]
    papers = await documents.of_proposal(tx, proposal_no)
    agent = await users.get(tx, row["agent_id"])
    shared = ("proposal_no", "channel", "org_code", "agent_id", "premium", "sum_insured_fen", "coverage", "received_at")
    return ProposalView(
        **{key: row[key] for key in shared},
        product=product,
        agent_name=agent["display_name"] if agent else "",
        persons=[_person_view(context, item) for item in persons],
        documents=papers,
        requirement=requirement(context, row, product, persons),
        missing_documents=missing_documents(product, {paper.kind.value for paper in papers}),
        warnings=await _warnings(tx, context, proposal_no, persons),
        case_id=await open_case_id(tx, proposal_no),
    )


async def _warnings(tx: Tx, context: Context, proposal_no: str, persons: list[people.StoredPerson]) -> list[ProposalWarning]:
    found: list[ProposalWarning] = []
    phones = [item.person.phone for item in persons]
    for item in persons:
        phone = item.person.phone
        if not phone:
            continue
        if await users.phone_taken(tx, context, phone):
            found.append(ProposalWarning(code="PHONE_OF_STAFF", person_id=item.id))
        if phones.count(phone) > 1:
            found.append(ProposalWarning(code="PHONE_SHARED", person_id=item.id))
        if await people.phone_of_others(tx, context, phone, item.person.cert_no, but=proposal_no):
            found.append(ProposalWarning(code="PHONE_OF_OTHER_CUSTOMER", person_id=item.id))
    return found


def _person_view(context: Context, item: people.StoredPerson) -> PersonView:
    person = item.person
    return PersonView.model_validate(
        {
            "id": item.id,
            "name": person.name,
            "roles": sorted(person.roles),
            "sex": person.sex,
            "birth_on": person.birth_on,
            "age": rulebook.age_on(person.birth_on, access.today(context)),
            "cert_type": person.cert_type,
            "cert_no_masked": mask_number(person.cert_no),
            "phone_masked": mask_phone(person.phone) if person.phone else "",
            "relation_to_policyholder": person.relation_to_policyholder,
        }
    )


async def open_case_id(tx: Tx, proposal_no: str) -> str | None:
    """The proposal's case that is not ended, if any."""
    query = sa.select(cases.c.id).where(cases.c.proposal_no == proposal_no, cases.c.state.not_in(_ENDED))
    return await tx.scalar(query.limit(1))


async def search(tx: Tx, context: Context, who: Principal, query: ProposalQuery) -> ProposalPage:
    """A page of the proposals the caller may see, newest first."""
    where = [access.visible(who, proposals.c.agent_id)]
    if query.q:
        by_number = proposals.c.proposal_no.icontains(query.q, autoescape=True)
        where.append(sa.or_(by_number, people.matches(context, query.q, proposals.c.proposal_no)))
    open_case = sa.and_(cases.c.proposal_no == proposals.c.proposal_no, cases.c.state.not_in(_ENDED))
    if query.without_case:
        where.append(~sa.select(cases.c.id).where(open_case).correlate(proposals).exists())
    total = (await tx.execute(sa.select(sa.func.count()).select_from(proposals).where(*where))).scalar_one()
    rows = await tx.execute(
        sa.select(
            proposals, product_table.c.name.label("product_name"), product_table.c.product_type, cases.c.id.label("case_id")
        )
        .join(product_table, product_table.c.code == proposals.c.product_code)
        .outerjoin(cases, open_case)
        .where(*where)
        .order_by(proposals.c.received_at.desc(), proposals.c.proposal_no.desc())
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    found = [dict(row) for row in rows.mappings()]
    persons = await people.of_proposals(tx, context, [row["proposal_no"] for row in found])
    shared = ("proposal_no", "product_name", "product_type", "channel", "received_at", "case_id")
    items = [
        ProposalSummary(
            **{key: row[key] for key in shared},
            policyholder_name=people.named(persons[row["proposal_no"]], "policyholder"),
            premium=PremiumView(**row["premium"]),
        )
        for row in found
    ]
    return ProposalPage(items=items, total=int(total), page=query.page, page_size=query.page_size)
