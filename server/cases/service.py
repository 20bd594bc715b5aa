"""Cases: made from proposals, moved by events of the one transition table, never by hand."""

from datetime import datetime

import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.cases import access, people, products, proposals
from server.cases.rules import sales_rules
from server.cases.schemas import Location
from server.cases.tables import case_events, case_participants, cases
from server.cases.tables import proposals as proposal_table
from server.context import Context
from server.domain.case import CaseEvent, CaseState, Refusal, next_state
from server.domain.proposal import attendees
from server.domain.rulebook import age_on
from server.http.endpoint import Principal
from server.http.problem import conflict, forbidden, not_found
from storage.db.engine import Tx
from storage.db.ids import new_id


async def create(tx: Tx, context: Context, who: Principal, proposal_no: str) -> str:
    """Make a case from a proposal of the caller's own. Returns its id. 409 `CASE_EXISTS`."""
    row = await proposals.require_row(tx, proposal_no)
    if not access.may_see(who, row["agent_id"]):
        raise not_found("PROPOSAL_NOT_FOUND")
    if not access.owns(who, row["agent_id"]):
        raise forbidden()
    # One after the other: two that come at once would both find none.
    await tx.execute(sa.select(proposal_table.c.proposal_no).where(proposal_table.c.proposal_no == proposal_no).with_for_update())
    known = await proposals.open_case_id(tx, proposal_no)
    if known:
        raise conflict("CASE_EXISTS", case_id=known)
    product = await products.require(tx, row["product_code"])
    stored = (await people.of_proposals(tx, context, [proposal_no]))[proposal_no]
    persons = tuple(item.person for item in stored)
    day, case_id, now = access.today(context), new_id("case"), context.now()
    chosen = attendees(persons, day, sales_rules())
    ages = [age_on(persons[a.person].birth_on, day) for a in chosen]
    await tx.execute(
        sa.insert(cases).values(
            id=case_id,
            proposal_no=proposal_no,
            state=CaseState.DRAFT.value,
            agent_id=row["agent_id"],
            product_type=product.product_type.value,
            is_elderly=any(age >= sales_rules().elderly_age for age in ages),
            has_minor=any(age < sales_rules().adult_age for age in ages),
            created_at=now,
            updated_at=now,
        )
    )
    ids = {a.person: new_id("ptc") for a in chosen}
    for position, attendee in enumerate(chosen):
        person = persons[attendee.person]
        await tx.execute(
            sa.insert(case_participants).values(
                id=ids[attendee.person],
                case_id=case_id,
                person_id=stored[attendee.person].id,
                position=position,
                roles=sorted(person.roles),
                attends=attendee.attends,
                represented_by=ids.get(attendee.represented_by) if attendee.represented_by is not None else None,
                location=person.location,
            )
        )
    await _append(tx, case_id, CaseEvent.OPENED, None, CaseState.DRAFT, who, now, "")
    await record(tx, context, actor=who, action="case.created", subject=case_id, data={"proposal_no": proposal_no})
    await transition(tx, case_id, CaseEvent.IDENTITY_REQUESTED, who, at=now)
    return case_id


async def transition(
    tx: Tx, case_id: str, event: CaseEvent, actor: Principal | str, *, at: datetime, note: str = ""
) -> CaseState:
    """Apply an event to a case and write it into its history.

    Args:
        tx: the open transaction.
        case_id: the case.
        event: what happened.
        actor: who did it; a caller, or a text such as `job:seal`.
        at: when, from the one clock.
        note: a reason for people, at most 400 characters.

    Returns:
        The new state. Raises 409 `CASE_STATE` where the event does not apply, 404 `CASE_NOT_FOUND`.
    """
    state = await tx.scalar(sa.select(cases.c.state).where(cases.c.id == case_id).with_for_update())
    if state is None:
        raise not_found("CASE_NOT_FOUND")
    before = CaseState(state)
    after = next_state(before, event)
    if isinstance(after, Refusal):
        raise conflict(after.code, state=before.value, event=event.value)
    values: dict[str, object] = {"state": after.value, "updated_at": at}
    if event is CaseEvent.SUPPLEMENTARY_OPENED:
        values["is_supplementary"] = True
    await tx.execute(sa.update(cases).where(cases.c.id == case_id).values(**values))
    await _append(tx, case_id, event, before, after, actor, at, note)
    return after


async def abandon(tx: Tx, case_id: str, actor: Principal | str, *, at: datetime, note: str = "") -> CaseState:
    """A session was broken off: the case may be recorded again. A rejected one still owes its supplementary recording."""
    owes = await tx.scalar(sa.select(cases.c.is_supplementary).where(cases.c.id == case_id))
    event = CaseEvent.SUPPLEMENTARY_ABANDONED if owes else CaseEvent.SESSION_ABANDONED
    return await transition(tx, case_id, event, actor, at=at, note=note)


async def _append(
    tx: Tx,
    case_id: str,
    event: CaseEvent,
    before: CaseState | None,
    after: CaseState,
    actor: Principal | str,
    at: datetime,
    note: str,
) -> None:
    last = await tx.scalar(sa.select(sa.func.max(case_events.c.seq)).where(case_events.c.case_id == case_id))
    is_staff = isinstance(actor, Principal) and actor.kind == "staff"
    await tx.execute(
        sa.insert(case_events).values(
            case_id=case_id,
            seq=(last or 0) + 1,
            at=at,
            event=event.value,
            from_state=before.value if before else None,
            to_state=after.value,
            actor=(actor_of(actor) if isinstance(actor, Principal) else actor)[:80],
            actor_name=actor.display_name if is_staff and isinstance(actor, Principal) else "",
            note=note[:400],
        )
    )


async def agent_of(tx: Tx, case_id: str) -> tuple[str, CaseState]:
    """The case's agent and state, or 404."""
    row = (await tx.execute(sa.select(cases.c.agent_id, cases.c.state).where(cases.c.id == case_id))).one_or_none()
    if row is None:
        raise not_found("CASE_NOT_FOUND")
    return row.agent_id, CaseState(row.state)


async def require_visible(tx: Tx, who: Principal, case_id: str) -> CaseState:
    """The state of a case the caller may see; 404 for others."""
    agent_id, state = await agent_of(tx, case_id)
    if not access.may_see(who, agent_id):
        raise not_found("CASE_NOT_FOUND")
    return state


async def require_own(tx: Tx, who: Principal, case_id: str) -> CaseState:
    """The state of the caller's own case; 404 for what he may not see, 403 for what he may only see."""
    agent_id, state = await agent_of(tx, case_id)
    if not access.may_see(who, agent_id):
        raise not_found("CASE_NOT_FOUND")
    if not access.owns(who, agent_id):
        raise forbidden()
    return state


BEFORE_RECORDING = frozenset({CaseState.DRAFT, CaseState.IDENTITY_PENDING, CaseState.READY, CaseState.SUPPLEMENTARY})


async def move_participant(
    tx: Tx, context: Context, who: Principal, case_id: str, participant_id: str, location: Location
) -> None:
    """Write where a participant sits; possible until the session begins."""
    state = await require_own(tx, who, case_id)
    if state not in BEFORE_RECORDING:
        raise conflict("CASE_STATE", state=state.value)
    changed = await tx.execute(
        sa.update(case_participants)
        .where(case_participants.c.id == participant_id, case_participants.c.case_id == case_id)
        .values(location=location)
    )
    if changed.rowcount != 1:
        raise not_found("PARTICIPANT_NOT_FOUND")
    data = {"participant_id": participant_id, "location": location}
    await record(tx, context, actor=who, action="case.location_changed", subject=case_id, data=data)


async def cancel(tx: Tx, context: Context, who: Principal, case_id: str, reason: str) -> None:
    """End a case that is not recorded, or was rejected; its agent or an administrator may."""
    agent_id, _ = await agent_of(tx, case_id)
    if not access.may_see(who, agent_id):
        raise not_found("CASE_NOT_FOUND")
    if not access.owns(who, agent_id) and "administrator" not in who.roles:
        raise forbidden()
    await transition(tx, case_id, CaseEvent.CANCELLED, who, at=context.now(), note=reason)
    await record(tx, context, actor=who, action="case.cancelled", subject=case_id, data={"reason": reason})


async def open_supplementary(tx: Tx, context: Context, who: Principal, case_id: str) -> None:
    """Answer a rejection with a supplementary recording (补录); the first recording stays."""
    await require_own(tx, who, case_id)
    await transition(tx, case_id, CaseEvent.SUPPLEMENTARY_OPENED, who, at=context.now())
    await record(tx, context, actor=who, action="case.supplementary_opened", subject=case_id)
