"""Wire models of inspections from rows, and the queue's query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.domain.inspection import Act, State, may, urgency
from server.domain.score_card import score
from server.http.endpoint import Principal
from server.inspections import service, watching
from server.inspections.schemas import (
    HistoryView,
    InspectionQuery,
    InspectionSummary,
    InspectionView,
    LockView,
    NodeDecisionView,
    ReasonView,
    ScoreView,
)
from server.inspections.tables import inspection_history, inspection_nodes, inspections
from server.recordings.access import only_visible
from server.recordings.paging import parse_cursor
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_checks
from server.users.tables import staff_accounts
from storage.db.engine import Tx

_ACTS = (Act.LOCK, Act.RELEASE, Act.DECIDE_NODE, Act.PASS, Act.REJECT, Act.APPEAL, Act.ACCEPT_APPEAL, Act.REFUSE_APPEAL)


async def assigned_names(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names of those who were given one of these inspections, by id."""
    ids = {row["assigned_to"] for row in rows} - {None}
    if not ids:
        return {}
    table = staff_accounts.c
    found = await tx.execute(sa.select(table.id, table.display_name).where(table.id.in_(sorted(ids))))
    return {row.id: row.display_name for row in found}


def summary(row: Mapping[str, Any], who: Principal, now: datetime, names_by_id: Mapping[str, str]) -> InspectionSummary:
    """A line of the queue. `names_by_id`: see `assigned_names`."""
    rules = load_rulebook()
    holder = row["assigned_to"] if row["state"] == State.QUEUED else None
    is_locked = row["lock_by"] is not None and row["lock_until"] > now
    names = (
        "id", "recording_id", "case_id", "proposal_no", "product_name", "product_type", "organisation", "state", "round",
        "is_supplementary", "sampled_because", "due_at", "duration_ms", "recorded_at", "failed_checks", "not_measured_checks",
        "inspector_name", "decided_at",
    )  # fmt: skip
    return InspectionSummary(
        **{name: row[name] for name in names},
        agent_name=row["seller_name"],
        urgency=urgency(State(row["state"]), row["due_at"], now, rules),  # type: ignore[arg-type]  # the rules' four words
        lock=LockView(
            by_id=row["lock_by"], by_name=row["lock_by_name"] or "", until=row["lock_until"], is_mine=row["lock_by"] == who.id
        )
        if is_locked
        else None,
        assigned_name=names_by_id.get(holder or ""),
        is_assigned_to_me=holder == who.id,
    )


async def view(tx: Tx, row: Mapping[str, Any], who: Principal, now: datetime) -> InspectionView:
    """Everything the review page needs besides the recording."""
    rules, inspection, inspector = load_rulebook(), service.domain_of(row), service.inspector_of(who)
    allowed = [act for act in _ACTS if may(act, inspection, inspector, now, rules) is None]
    if not await service.is_open_to_appeal(tx, row):
        allowed = [act for act in allowed if act not in (Act.APPEAL, Act.ACCEPT_APPEAL)]
    step = Act.ACCEPT_APPEAL if inspection.state is State.APPEALED else Act.LOCK
    refusal = may(step, inspection, inspector, now, rules)
    reviewer = inspection.locked_by(now) or (row["inspector_id"] if inspection.state is not State.QUEUED else None)
    return InspectionView(
        **summary(row, who, now, await assigned_names(tx, [row])).model_dump(),
        allowed_actions=[act.value for act in allowed],
        refusal=refusal.code if refusal else None,
        nodes=await _nodes(tx, row),
        reasons=[ReasonView(code=reason.code, is_critical=reason.is_critical, label=reason.label) for reason in rules.reasons],
        failing_checks=await service.failing_checks(tx, row["recording_id"]),
        score=await _score(tx, row["recording_id"]),
        watch=await watching.view(tx, row, reviewer),
        undecided_nodes=list(await service.still_undecided(tx, row)),
        reason_codes=row["reason_codes"] or [],
        note=row["note"],
        cooling_off_end_on=row["cooling_off_end_on"],
        supplementary_due_at=row["supplementary_due_at"],
        history=await _history(tx, row["id"]),
    )


async def _score(tx: Tx, recording_id: str) -> ScoreView:
    table = recording_checks
    found = await tx.execute(sa.select(table.c.code, table.c.result).where(table.c.recording_id == recording_id))
    result = score([(code, outcome) for code, outcome in found], load_rulebook().score_card)
    return ScoreView(
        points=result.points, of=result.of, is_good=result.is_good, lost=dict(result.lost), critical=list(result.critical)
    )


async def _nodes(tx: Tx, row: Mapping[str, Any]) -> list[NodeDecisionView]:
    table = inspection_nodes
    query = sa.select(table).where(table.c.inspection_id == row["id"], table.c.round == row["round"])
    titles = {node.node_id: node.title for node in (await service.meta_of(tx, row["recording_id"])).nodes}
    found = [dict(node) for node in (await tx.execute(query)).mappings()]
    names = NodeDecisionView.model_fields.keys() - {"title"}
    return [NodeDecisionView(title=titles.get(node["node_id"], ""), **{name: node[name] for name in names}) for node in found]


async def _history(tx: Tx, inspection_id: str) -> list[HistoryView]:
    table = inspection_history
    query = sa.select(table).where(table.c.inspection_id == inspection_id).order_by(table.c.at.desc(), table.c.id.desc())
    names = HistoryView.model_fields
    return [HistoryView(**{name: line[name] for name in names}) for line in (await tx.execute(query)).mappings()]


def queue_query(wanted: InspectionQuery, who: Principal, now: datetime) -> sa.Select[Any]:
    """The filtered queue, nearest deadline first; decided ones after the open ones, newest first by their deadline."""
    table, rules = inspections, load_rulebook()
    query = sa.select(table).where(only_visible(who, table.c.case_id))
    if wanted.state:
        query = query.where(table.c.state == wanted.state)
    if wanted.product_type:
        query = query.where(table.c.product_type == wanted.product_type)
    if wanted.mine:
        held = sa.and_(table.c.lock_by == who.id, table.c.lock_until > now)
        query = query.where(sa.or_(table.c.inspector_id == who.id, table.c.assigned_to == who.id, held))
    if wanted.q:
        query = query.where(sa.or_(table.c.proposal_no.startswith(wanted.q, autoescape=True), table.c.case_id == wanted.q))
    if wanted.sampled_reason:
        text = sa.cast(table.c.sampled_because, sa.Text)
        query = query.where(text.contains(f'"{wanted.sampled_reason}"', autoescape=True))
    if wanted.urgency:
        is_open = table.c.state.in_((State.QUEUED, State.APPEALED))
        soon = now + rules.soon
        query = query.where(
            {
                "overdue": sa.and_(is_open, table.c.due_at <= now),
                "soon": sa.and_(is_open, table.c.due_at > now, table.c.due_at <= soon),
                "normal": sa.and_(is_open, table.c.due_at > soon),
                "none": sa.not_(is_open),
            }[wanted.urgency]
        )
    if wanted.cursor:
        at, last = parse_cursor(wanted.cursor)
        query = query.where(sa.tuple_(table.c.due_at, table.c.id) > (at, last))
    return query.order_by(table.c.due_at, table.c.id).limit(wanted.limit + 1)


async def counts(tx: Tx, who: Principal) -> dict[str, int]:
    """How many by state."""
    table = inspections
    query = sa.select(table.c.state, sa.func.count()).where(only_visible(who, table.c.case_id)).group_by(table.c.state)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def urgent(tx: Tx, who: Principal, now: datetime) -> dict[str, int]:
    """How many open ones are overdue, or soon will be."""
    table = inspections
    is_open = sa.and_(table.c.state.in_((State.QUEUED, State.APPEALED)), only_visible(who, table.c.case_id))
    overdue = sa.func.count().filter(table.c.due_at <= now)
    soon = sa.func.count().filter(sa.and_(table.c.due_at > now, table.c.due_at <= now + load_rulebook().soon))
    row = (await tx.execute(sa.select(overdue, soon).where(is_open))).one()
    return {"overdue": row[0], "soon": row[1]}
