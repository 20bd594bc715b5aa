"""Inspection: lock, node verdicts, pass, reject, appeal. Rules are in `server.domain.inspection`; nothing here commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.audits.service import record
from server.cases import service as cases
from server.context import Context
from server.domain.case import CaseEvent, CaseState
from server.domain.inspection import (
    TRANSITIONS,
    Act,
    Inspection,
    Inspector,
    NodeVerdict,
    Refusal,
    State,
    cooling_off_end,
    due_at,
    may,
    node_refusal,
    pass_refusal,
    reject_refusal,
    undecided_nodes,
)
from server.http.endpoint import Principal
from server.http.problem import Problem, not_found
from server.inspections import watching
from server.inspections.history import write_history
from server.inspections.schemas import NodeDecision, PassBody, PlayedBody, RejectBody
from server.inspections.tables import inspection_history, inspection_nodes, inspections
from server.outbox.service import enqueue
from server.recordings.meta import RecordingMeta
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_checks, recordings
from server.users import repository as users
from storage.db.engine import Tx

INSPECTOR = "inspector"
_STATUS = {"FORBIDDEN": 403, "INSPECTION_SELLER": 403, "INSPECTION_SELLER_TEAM": 403, "INSPECTION_SAME_INSPECTOR": 403,
           "REASON_TOO_SHORT": 422, "REASON_UNKNOWN": 422, "NODE_UNKNOWN": 422}  # fmt: skip


def inspector_of(who: Principal) -> Inspector:
    """The caller as the rules see them."""
    return Inspector(who.id, who.team, INSPECTOR in who.roles)


def domain_of(row: Mapping[str, Any]) -> Inspection:
    """A row of `get` as the rules see it."""
    return Inspection(
        state=State(row["state"]),
        seller_id=row["seller_id"],
        seller_team=row["seller_team"],
        round=row["round"],
        lock_by=row["lock_by"],
        lock_until=row["lock_until"],
        assigned_to=row["assigned_to"],
        judged_by=row["judged_by"],
        decided_at=row["decided_at"],
        seller_team_now=row["seller_team_now"],
    )


async def lock(tx: Tx, context: Context, who: Principal, inspection_id: str) -> None:
    """Take the review; taking it again extends it."""
    row = await _allowed(tx, context, who, inspection_id, Act.LOCK)
    now, rules = context.now(), load_rulebook()
    is_new = domain_of(row).locked_by(now) != who.id
    had_expired = row["lock_by"] is not None and is_new
    await _update(tx, inspection_id, lock_by=who.id, lock_by_name=who.display_name, lock_until=now + rules.lock)
    if had_expired:
        await cases.transition(tx, row["case_id"], CaseEvent.INSPECTION_RELEASED, "job:inspection", at=now)
    if is_new:
        await watching.begin_review(tx, row, who, now)
        await _history(tx, inspection_id, now, who, "locked", {})
        await cases.transition(tx, row["case_id"], CaseEvent.INSPECTION_STARTED, who, at=now)


async def release(tx: Tx, context: Context, who: Principal, inspection_id: str) -> None:
    """Give the review back to the queue."""
    row = await _allowed(tx, context, who, inspection_id, Act.RELEASE)
    await _update(tx, inspection_id, lock_by=None, lock_by_name=None, lock_until=None)
    await _history(tx, inspection_id, context.now(), who, "released", {})
    await cases.transition(tx, row["case_id"], CaseEvent.INSPECTION_RELEASED, who, at=context.now())


async def played(tx: Tx, context: Context, who: Principal, inspection_id: str, body: PlayedBody) -> None:
    """Credit what was watched, while the review is the caller's. Raises 409 `INSPECTION_NOT_PLAYED`, `INSPECTION_NOT_LOCKED`."""
    row = await _allowed(tx, context, who, inspection_id, Act.DECIDE_NODE)
    await watching.add(tx, row, who, [(span.t0_ms, span.t1_ms) for span in body.spans], context.now())


async def decide_node(tx: Tx, context: Context, who: Principal, inspection_id: str, decision: NodeDecision) -> None:
    """Store a node's verdict, replacing the one before; it extends the lock."""
    row = await _allowed(tx, context, who, inspection_id, Act.DECIDE_NODE)
    rules, now = load_rulebook(), context.now()
    meta = await meta_of(tx, row["recording_id"])
    verdict = NodeVerdict(decision.node_id, decision.verdict, decision.text)
    _raise(node_refusal(verdict, [node.node_id for node in meta.nodes], rules))
    unknown = sorted(set(decision.reason_codes) - {reason.code for reason in rules.reasons})
    _raise(Refusal("REASON_UNKNOWN", {"codes": unknown}) if unknown else None)
    table = inspection_nodes
    same = (table.c.inspection_id == inspection_id) & (table.c.round == row["round"]) & (table.c.node_id == decision.node_id)
    await tx.execute(sa.delete(table).where(same))
    values = decision.model_dump()
    await tx.execute(
        table.insert().values(
            inspection_id=inspection_id, round=row["round"], by_id=who.id, by_name=who.display_name, decided_at=now, **values
        )
    )
    await _update(tx, inspection_id, lock_until=now + rules.lock)
    await _history(tx, inspection_id, now, who, "node_decided", values)


async def pass_(tx: Tx, context: Context, who: Principal, inspection_id: str, body: PassBody) -> None:
    """Release the recording: a person's decision, with an answer to every failing check."""
    row = await _allowed(tx, context, who, inspection_id, Act.PASS)
    verdicts = await node_verdicts(tx, inspection_id, row["round"])
    failing = await failing_checks(tx, row["recording_id"])
    unmeasured = int(row["not_measured_checks"])
    notes, rules = body.check_notes, load_rulebook()
    watched = await watching.seen_by(tx, row, who.id)
    left, undecided = (await watching.lacking(tx, row, watched), await still_undecided(tx, row))
    _raise(pass_refusal(verdicts, failing, unmeasured, notes, body.acknowledges_not_measured, left, undecided, rules))
    data = {"note": body.note, "check_notes": notes, "not_measured": unmeasured, **watching.told(watched, left)}
    await _decide(
        tx, context, who, row, Act.PASS, CaseEvent.INSPECTION_PASSED, data, note=body.note, check_notes=notes, reason_codes=None,
        supplementary_due_at=None,
    )  # fmt: skip


async def reject(tx: Tx, context: Context, who: Principal, inspection_id: str, body: RejectBody) -> datetime:
    """Reject with reasons; returns until when a supplementary recording is due."""
    row = await _allowed(tx, context, who, inspection_id, Act.REJECT)
    verdicts = await node_verdicts(tx, inspection_id, row["round"])
    rules = load_rulebook()
    _raise(reject_refusal(verdicts, body.reason_codes, body.note, rules))
    due = context.now() + rules.supplementary_due
    failed = [verdict.node_id for verdict in verdicts if verdict.verdict == "fail"]
    watched = await watching.seen_by(tx, row, who.id)
    data = {"note": body.note, "reason_codes": body.reason_codes, "node_ids": failed, "supplementary_due_at": due.isoformat()}
    data |= watching.told(watched, await watching.lacking(tx, row, watched))
    await _decide(
        tx, context, who, row, Act.REJECT, CaseEvent.INSPECTION_REJECTED, data, note=body.note, reason_codes=body.reason_codes,
        supplementary_due_at=due,
    )  # fmt: skip
    return due


async def appeal(tx: Tx, context: Context, who: Principal, inspection_id: str, text: str) -> None:
    """The seller disagrees with a rejection. Raises 409 `CASE_STATE` once the case went on (a supplementary recording began)."""
    row = await _allowed(tx, context, who, inspection_id, Act.APPEAL)
    if not await is_open_to_appeal(tx, row):
        raise Problem(409, "CASE_STATE", state=(await cases.agent_of(tx, row["case_id"]))[1].value, event=Act.APPEAL.value)
    now = context.now()
    await _update(tx, inspection_id, state=TRANSITIONS[State(row["state"]), Act.APPEAL].value, due_at=_due(context, row, now))
    await _history(tx, inspection_id, now, who, "appealed", {"text": text})


async def is_open_to_appeal(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Whether the case still stands where the rejection left it."""
    return (await cases.agent_of(tx, row["case_id"]))[1] is CaseState.REJECTED


async def lapse_appeals(tx: Tx, case_id: str, at: datetime) -> None:
    """A supplementary recording was handed in: an appeal nobody judged is answered by it, and the rejection stands."""
    table = inspections
    query = sa.select(table.c.id).where(table.c.case_id == case_id, table.c.state == State.APPEALED.value)
    for inspection_id in list((await tx.execute(query)).scalars()):
        await _update(tx, inspection_id, state=State.REJECTED.value)
        await write_history(tx, inspection_id, at, "", "", "appeal_lapsed", {})


async def judge_appeal(tx: Tx, context: Context, who: Principal, inspection_id: str, text: str, *, accept: bool) -> None:
    """Somebody who has not judged it opens the next round, or lets the rejection stand."""
    act = Act.ACCEPT_APPEAL if accept else Act.REFUSE_APPEAL
    row = await _allowed(tx, context, who, inspection_id, act)
    now = context.now()
    values: dict[str, Any] = {"state": TRANSITIONS[State(row["state"]), act].value}
    if accept:
        values |= {"round": row["round"] + 1, "lock_by": None, "lock_until": None, "assigned_to": None, "decided_at": None}
        values["due_at"] = _due(context, row, now)
        await cases.transition(tx, row["case_id"], CaseEvent.REINSPECTION_OPENED, who, at=now)
    else:
        values["due_at"] = _due(context, row, row["created_at"])  # the decision that stands was due then
    await _update(tx, inspection_id, **values)
    await _history(tx, inspection_id, now, who, "appeal_accepted" if accept else "appeal_refused", {"text": text})


async def assign(tx: Tx, context: Context, who: Principal, inspector: Principal, inspection_ids: list[str]) -> dict[str, str]:
    """Give inspections to one inspector; returns refusals by id (four eyes, state)."""
    refused: dict[str, str] = {}
    for inspection_id in sorted(set(inspection_ids)):  # in one order: two who assign the same ones do not wait for each other
        row = await get(tx, inspection_id)
        refusal = may(Act.LOCK, _unassigned(row), inspector_of(inspector), context.now(), load_rulebook())
        if refusal:
            refused[inspection_id] = refusal.code
            continue
        await _update(tx, inspection_id, assigned_to=inspector.id)
        await _history(tx, inspection_id, context.now(), who, "assigned", {"to": inspector.id, "name": inspector.display_name})
    return refused


async def get(tx: Tx, inspection_id: str) -> dict[str, Any]:
    """One inspection as a plain row, with who judged it (`judged_by`) and where its seller works today (`seller_team_now`).

    Raises the 404 problem `INSPECTION_NOT_FOUND`.
    """
    row = (await tx.execute(sa.select(inspections).where(inspections.c.id == inspection_id).with_for_update())).mappings().first()
    if row is None:
        raise not_found("INSPECTION_NOT_FOUND", inspection_id=inspection_id)
    past = inspection_history.c
    judged = sa.select(past.actor_id).where(past.inspection_id == inspection_id, past.type.in_(("passed", "rejected")))
    seller = await users.get(tx, row["seller_id"])
    by = frozenset((await tx.execute(judged)).scalars()) | {row["inspector_id"]} - {None}
    return {**row, "judged_by": by, "seller_team_now": (seller["team"] or "") if seller else ""}


async def node_verdicts(tx: Tx, inspection_id: str, round_: int) -> list[NodeVerdict]:
    """Verdicts of a round."""
    table = inspection_nodes
    query = sa.select(table).where(table.c.inspection_id == inspection_id, table.c.round == round_)
    return [NodeVerdict(row["node_id"], row["verdict"], row["text"]) for row in (await tx.execute(query)).mappings()]


async def still_undecided(tx: Tx, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Nodes that need a verdict before the recording may pass."""
    decided = {verdict.node_id for verdict in await node_verdicts(tx, row["id"], row["round"])}
    nodes = [(node["node_id"], bool(node["is_critical"])) for node in await watching.nodes_of(tx, row)]
    return undecided_nodes(nodes, decided, load_rulebook())


async def failing_checks(tx: Tx, recording_id: str) -> list[str]:
    """Codes of machine checks that failed."""
    table = recording_checks
    query = sa.select(table.c.code).where(table.c.recording_id == recording_id, table.c.result == "fail").distinct()
    return sorted((await tx.execute(query)).scalars())


async def _decide(
    tx: Tx,
    context: Context,
    who: Principal,
    row: Mapping[str, Any],
    act: Act,
    event: CaseEvent,
    data: dict[str, Any],
    **values: Any,
) -> None:
    now = context.now()
    await _update(
        tx, row["id"], state=TRANSITIONS[State(row["state"]), act].value, inspector_id=who.id, inspector_name=who.display_name,
        decided_at=now, lock_by=None, lock_by_name=None, lock_until=None, **values,
    )  # fmt: skip
    kind = "passed" if act is Act.PASS else "rejected"
    await _history(tx, row["id"], now, who, kind, data)
    await record(
        tx, context, actor=who, action=f"inspection.{kind}", subject=row["case_id"],
        data={
            "inspection_id": row["id"], "recording_id": row["recording_id"], "round": row["round"],
            "watched_ms": data["watched_ms"], "watched_share": data["watched_share"],
        },
    )  # fmt: skip
    await cases.transition(tx, row["case_id"], event, who, at=now, note=data["note"])
    await tell_seller(tx, context, row, kind)


def _due(context: Context, row: Mapping[str, Any], now: datetime) -> datetime:
    """An appeal, and the review it opens, have a clock of their own; the cooling-off period bounds them as well."""
    last_day = row["cooling_off_end_on"]
    return due_at(now, cooling_off_end(last_day, context.settings.time_zone) if last_day else None, load_rulebook())


async def tell_seller(tx: Tx, context: Context, row: Mapping[str, Any], kind: str) -> None:
    """Send the seller a message that the recording passed, or was rejected; reasons are on the desk, never in a message."""
    seller = await users.get(tx, row["seller_id"])
    phone = users.phone_of(context, seller) if seller else ""
    if phone:
        key = f"inspection:{row['id']}:{row['round']}:{kind}"
        await enqueue(tx, context, phone, f"inspection_{kind}", {"proposal_no": row["proposal_no"]}, key)


async def _allowed(tx: Tx, context: Context, who: Principal, inspection_id: str, act: Act) -> dict[str, Any]:
    row = await get(tx, inspection_id)
    _raise(may(act, domain_of(row), inspector_of(who), context.now(), load_rulebook()))
    return row


def _unassigned(row: Mapping[str, Any]) -> Inspection:
    return domain_of({**row, "assigned_to": None})


def _raise(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Problem(_STATUS.get(refusal.code, 409), refusal.code, **refusal.params)


async def meta_of(tx: Tx, recording_id: str) -> RecordingMeta:
    """What the recording knows of its session."""
    return RecordingMeta.model_validate(await tx.scalar(sa.select(recordings.c.meta).where(recordings.c.id == recording_id)))


async def _update(tx: Tx, inspection_id: str, **values: Any) -> None:
    await tx.execute(inspections.update().where(inspections.c.id == inspection_id).values(**values))


async def _history(tx: Tx, inspection_id: str, at: datetime, who: Principal, kind: str, data: dict[str, Any]) -> None:
    await write_history(tx, inspection_id, at, who.id, who.display_name, kind, data)
