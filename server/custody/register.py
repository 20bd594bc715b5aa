"""The register of what is in custody: each sealed recording with its state, counted and paged by the database."""

from datetime import date
from typing import Any, cast, get_args

import sqlalchemy as sa

from server.cases.tables import cases
from server.custody.schemas import CustodyPage, CustodyQuery, CustodyRow, CustodyState
from server.custody.tables import contracts, recording_custody
from server.recordings.tables import recordings
from storage.db.engine import Tx


def state_on(today: date) -> sa.ColumnElement[str]:
    """The state of a row of `sources()` as an expression; the first that fits."""
    custody = recording_custody.c
    return sa.case(
        (custody.disposed_at.is_not(None), "disposed"),
        (custody.disposal_id.is_not(None), "listed"),
        (sa.func.coalesce(custody.version, 0) < contracts.c.version, "pending"),
        (sa.or_(custody.is_held.is_(None), custody.is_held, custody.retain_until.is_(None)), "held"),
        (custody.retain_until < today, "due"),
        else_="retained",
    )


def sources() -> sa.FromClause:
    """Recordings with their case, contract and custody."""
    return (
        recordings.join(cases, cases.c.id == recordings.c.case_id)
        .outerjoin(contracts, contracts.c.proposal_no == cases.c.proposal_no)
        .outerjoin(recording_custody, recording_custody.c.recording_id == recordings.c.id)
    )


async def search(tx: Tx, query: CustodyQuery, today: date) -> CustodyPage:
    """A page, the earliest end of a period first; what has none comes last."""
    state = state_on(today).label("custody_state")
    kept = recordings.c.state.in_(("sealed", "disposed"))
    where: list[sa.ColumnElement[bool]] = [kept]
    if query.q:
        numbers = (recordings.c.id, recordings.c.case_id, cases.c.proposal_no, contracts.c.policy_no)
        where.append(sa.or_(*(column == query.q for column in numbers)))
    by_state = sa.select(state, sa.func.count()).select_from(sources()).where(*where).group_by(state)
    counts: dict[CustodyState, int] = dict.fromkeys(get_args(CustodyState), 0)
    for name, count in await tx.execute(by_state):
        counts[cast(CustodyState, name)] = count
    total = counts[query.state] if query.state else sum(counts.values())
    if query.state:
        where.append(state_on(today) == query.state)
    wanted = (
        sa.select(
            recordings.c.id.label("recording_id"), recordings.c.case_id, cases.c.proposal_no, contracts.c.policy_no,
            recordings.c.started_at.label("recorded_at"), recordings.c.total_bytes, recordings.c.is_locked,
            contracts.c.ended_on, recording_custody.c.retain_until, recording_custody.c.disposal_id,
            recording_custody.c.disposed_at, state,
        )
        .select_from(sources())
        .where(*where)
        .order_by(recording_custody.c.retain_until.is_(None), recording_custody.c.retain_until, recordings.c.started_at)
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )  # fmt: skip
    rows = (await tx.execute(wanted)).mappings()
    items = [_row(row, today) for row in rows]
    return CustodyPage(items=items, total=total, counts=counts, page=query.page, page_size=query.page_size)


def _row(row: Any, today: date) -> CustodyRow:
    until = row["retain_until"]
    return CustodyRow(
        recording_id=row["recording_id"],
        case_id=row["case_id"],
        proposal_no=row["proposal_no"],
        policy_no=row["policy_no"],
        recorded_at=row["recorded_at"],
        bytes=row["total_bytes"] or 0,
        is_locked=bool(row["is_locked"]),
        contract_ended_on=row["ended_on"],
        retain_until=until,
        days_left=(until - today).days + 1 if until and until >= today else None,
        state=row["custody_state"],
        disposal_id=row["disposal_id"],
        disposed_at=row["disposed_at"],
    )
