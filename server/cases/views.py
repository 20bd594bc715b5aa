"""Cases as pages see them: the list with its counts, one case with what the caller may do next."""

import sqlalchemy as sa

from server.cases import access, finding, people, proposals
from server.cases.facts import CaseFacts, ParticipantFacts, load_case_facts
from server.cases.schemas import CaseEventView, CasePage, CaseQuery, CaseSummary, CaseView, ParticipantView, PremiumView
from server.cases.service import BEFORE_RECORDING
from server.cases.tables import case_events, cases, products
from server.cases.tables import proposals as proposal_table
from server.context import Context
from server.domain.case import CaseEvent, CaseState, allowed_events
from server.domain.masking import mask_number, mask_phone
from server.http.endpoint import Principal
from server.users.tables import staff_accounts
from storage.db.engine import Tx

CAPTURE_STATES = frozenset({CaseState.DRAFT, CaseState.IDENTITY_PENDING, CaseState.READY})


async def search(tx: Tx, context: Context, who: Principal, query: CaseQuery) -> CasePage:
    """A page of the cases the caller may see."""
    where = [access.visible(who, cases.c.agent_id)]
    if query.q:
        found_ids = cases.c.id.in_(await finding.named(tx, context, query.q))
        codes = await finding.product_codes(tx, query.q)
        sold = sa.select(proposal_table.c.proposal_no).where(proposal_table.c.product_code.in_(codes))
        where.append(sa.or_(found_ids, cases.c.proposal_no.in_(sold)) if codes else found_ids)
    if query.product_type:
        where.append(cases.c.product_type == query.product_type.value)
    if query.agent_id:
        where.append(cases.c.agent_id == query.agent_id)
    joined = (
        cases.join(proposal_table, proposal_table.c.proposal_no == cases.c.proposal_no)
        .join(products, products.c.code == proposal_table.c.product_code)
        .join(staff_accounts, staff_accounts.c.id == cases.c.agent_id)
    )
    grouped = await tx.execute(sa.select(cases.c.state, sa.func.count()).where(*where).group_by(cases.c.state))
    found = {str(state): int(count) for state, count in grouped}
    counts = {state: found.get(state.value, 0) for state in CaseState}
    states = _states(query)
    if states:
        where.append(cases.c.state.in_([state.value for state in states]))
    order = cases.c.created_at if query.sort == "created_at" else cases.c.updated_at
    rows = await tx.execute(
        sa.select(
            cases,
            proposal_table.c.channel,
            proposal_table.c.premium,
            products.c.name.label("product_name"),
            staff_accounts.c.display_name.label("agent_name"),
        )
        .select_from(joined)
        .where(*where)
        .order_by(order.desc(), cases.c.id.desc())
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    page = [dict(row) for row in rows.mappings()]
    persons = await people.of_proposals(tx, context, [row["proposal_no"] for row in page])
    items = []
    for row in page:
        named = persons[row["proposal_no"]]
        direct = {key: row[key] for key in CaseSummary.model_fields if key in row and key != "premium"}
        items.append(
            CaseSummary(
                **direct,
                premium=PremiumView(**row["premium"]),
                policyholder_name=people.named(named, "policyholder"),
                insured_name=people.named(named, "insured"),
            )
        )
    total = sum(counts[state] for state in states) if states else sum(counts.values())
    return CasePage(items=items, total=total, page=query.page, page_size=query.page_size, counts=counts)


def _states(query: CaseQuery) -> set[CaseState]:
    return set(query.state or ())


async def show(tx: Tx, context: Context, who: Principal, case_id: str) -> CaseView:
    """One case. The caller's right to see it was checked before."""
    facts = await load_case_facts(tx, context, case_id)
    query = sa.select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.seq)
    history = [
        CaseEventView(**{key: row[key] for key in CaseEventView.model_fields}) for row in (await tx.execute(query)).mappings()
    ]
    declined = next((item.note for item in history if item.event == CaseEvent.CONSENT_DECLINED.value), "")
    return CaseView(
        id=case_id,
        state=facts.state,
        proposal=await proposals.view(tx, context, facts.proposal_no),
        participants=[_participant(item) for item in facts.participants],
        agent_id=facts.agent.id,
        agent_name=facts.agent.name,
        agent_licence_no=facts.agent.licence_no,
        is_elderly=any(p.is_elderly for p in facts.participants),
        is_supplementary=facts.is_supplementary,
        declined_reason=declined,
        history=history,
        allowed_actions=allowed_actions(who, facts),
        blocked_by=[code for code in facts.blocked_by if code != "CASE_STATE"],
        created_at=facts.created_at,
        updated_at=history[-1].at,
    )


def _participant(item: ParticipantFacts) -> ParticipantView:
    direct = ("id", "name", "sex", "age", "is_elderly", "is_minor", "attends", "represented_by", "location", "cert_type")
    return ParticipantView.model_validate(
        {
            **{key: getattr(item, key) for key in direct},
            "roles": sorted(item.roles),
            "cert_no_masked": mask_number(item.cert_no),
            "phone_masked": mask_phone(item.phone) if item.phone else "",
            "is_identity_complete": not item.missing_images,
            "missing_images": list(item.missing_images),
        }
    )


def allowed_actions(who: Principal, facts: CaseFacts) -> list[str]:
    """What the caller may do with the case now; pages render exactly this."""
    is_own, events = access.owns(who, facts.agent.id), allowed_events(facts.state)
    actions = []
    if is_own and facts.state in CAPTURE_STATES:
        actions.append("capture_identity")
    if is_own and facts.state in BEFORE_RECORDING:
        actions.append("change_location")
    if is_own and facts.can_record:
        actions.append("create_session")
    if is_own and facts.state is CaseState.IN_SESSION:
        actions.append("enter_room")
    if is_own and CaseEvent.SUPPLEMENTARY_OPENED in events:
        actions.append("start_supplementary")
    if (is_own or "administrator" in who.roles) and CaseEvent.CANCELLED in events:
        actions.append("cancel")
    return actions
