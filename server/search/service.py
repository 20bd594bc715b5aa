"""Finds cases. Conditions first narrow by index (numbers, keyed hashes, dates), then the newest are read; nothing is counted.

Spoken words are found through keyed hashes of their sounds; each candidate is decrypted and looked at before it is shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from server.callbacks.tables import policies
from server.cases import access, finding, people
from server.cases.tables import cases, products, proposals
from server.context import Context
from server.domain.case import CaseState
from server.http.endpoint import Principal
from server.http.problem import Problem
from server.inspections.tables import inspections
from server.recordings import spoken
from server.recordings.paging import cursor_of, parse_cursor
from server.recordings.tables import recording_words, recordings
from server.search.schemas import InspectionRef, SearchBody, SearchHit, SearchPage, SpokenHit
from server.users.tables import staff_accounts
from storage.db.engine import Tx

MOST_CANDIDATES = 500
"""Transcripts looked at for one page; a page may come back short with a cursor to go on."""
FEW = 1500
"""Recordings that are named one by one to the full-text index rather than walking it."""
HITS = 5
"""Lines shown of one recording."""

_FTS = sa.table("recording_words_fts", sa.column("rowid", sa.Integer))


async def search(tx: Tx, context: Context, who: Principal, wanted: SearchBody) -> SearchPage:
    """A page of the cases the caller may see."""
    if wanted.words:
        return await _by_words(tx, context, who, wanted)
    where = await _conditions(tx, context, who, wanted)
    if where is None:
        return SearchPage(items=[], next_cursor=None)
    if wanted.cursor:
        at, last = parse_cursor(wanted.cursor)
        where.append(sa.tuple_(cases.c.created_at, cases.c.id) < (at, last))
    query = _cases().where(*where).order_by(cases.c.created_at.desc(), cases.c.id.desc()).limit(wanted.limit + 1)
    rows = [dict(row) for row in (await tx.execute(query)).mappings()]
    more, rows = rows[wanted.limit :], rows[: wanted.limit]
    return SearchPage(
        items=await _hits(tx, context, rows, {}),
        next_cursor=cursor_of(rows[-1]["created_at"], rows[-1]["id"]) if more else None,
    )


def _cases(source: sa.FromClause = cases) -> sa.Select[Any]:
    """Cases with product and agent; `source` is `cases`, or a join that ends in it."""
    joined = (
        source.join(proposals, proposals.c.proposal_no == cases.c.proposal_no)
        .join(products, products.c.code == proposals.c.product_code)
        .join(staff_accounts, staff_accounts.c.id == cases.c.agent_id)
    )
    named = (products.c.name.label("product_name"), staff_accounts.c.display_name.label("agent_name"))
    return sa.select(cases, *named).select_from(joined)


async def _conditions(tx: Tx, context: Context, who: Principal, wanted: SearchBody) -> list[sa.ColumnElement[bool]] | None:
    """Conditions over `cases`; None when nothing can match."""
    where = [access.visible(who, cases.c.agent_id)]
    if wanted.q:
        found = await _named(tx, context, wanted.q)
        if not found:
            return None
        where.append(cases.c.id.in_(found))
    if wanted.agent:
        agents = await _agents(tx, wanted.agent)
        if not agents:
            return None
        where.append(cases.c.agent_id.in_(agents))
    if wanted.product:
        codes = await finding.product_codes(tx, wanted.product)
        if not codes:
            return None
        where.append(proposals.c.product_code.in_(codes))
    if wanted.product_type:
        where.append(cases.c.product_type == wanted.product_type.value)
    if wanted.state:
        where.append(cases.c.state == wanted.state.value)
    if wanted.verdict:
        same = sa.and_(inspections.c.case_id == cases.c.id, inspections.c.state == wanted.verdict)
        where.append(sa.exists().where(same))
    if wanted.from_on or wanted.to_on:
        where.append(sa.exists().where(recordings.c.case_id == cases.c.id, *_recorded(context, wanted)))
        where.append(cases.c.created_at < _until(context, wanted))  # a recording is never older than its case
    return where


def _recorded(context: Context, wanted: SearchBody) -> list[sa.ColumnElement[bool]]:
    zone, at = ZoneInfo(context.settings.time_zone), recordings.c.started_at
    where: list[sa.ColumnElement[bool]] = [at < _until(context, wanted)]
    if wanted.from_on:
        where.append(at >= datetime.combine(wanted.from_on, time(), zone))
    return where


def _until(context: Context, wanted: SearchBody) -> datetime:
    if wanted.to_on is None:
        return context.now() + timedelta(days=1)
    return datetime.combine(wanted.to_on + timedelta(days=1), time(), ZoneInfo(context.settings.time_zone))


async def _named(tx: Tx, context: Context, q: str) -> set[str]:
    """Ids of cases with this number (a policy's as well) or person."""
    found = await finding.named(tx, context, q)
    if q.isascii():
        sold = await finding.numbers(tx, policies.c.proposal_no, policies.c.policy_no, q, is_whole=bool(found))
        found |= await finding.of_proposals(tx, [number for number in sold if number])
    return found


async def _agents(tx: Tx, text: str) -> list[str]:
    table = staff_accounts
    query = sa.select(table.c.id).where(
        sa.or_(
            table.c.id == text, table.c.agent_code == text, table.c.login == text,
            table.c.display_name.contains(text, autoescape=True),
        )
    )  # fmt: skip
    return list((await tx.execute(query.limit(500))).scalars())


async def _by_words(tx: Tx, context: Context, who: Principal, wanted: SearchBody) -> SearchPage:
    tokens = spoken.tokens_of(context.cipher, [wanted.words])
    if not tokens:
        return SearchPage(items=[], next_cursor=None, reason="WORDS_TOO_SHORT")
    where = await _conditions(tx, context, who, wanted.model_copy(update={"from_on": None, "to_on": None}))
    if where is None:
        return SearchPage(items=[], next_cursor=None)
    if wanted.from_on or wanted.to_on:
        where += _recorded(context, wanted)
    sought = spoken.Wanted(wanted.words)
    numbers = await _narrowed(tx, wanted, where)
    before = _position(wanted.cursor)
    rows: list[dict[str, Any]] = []
    said: dict[str, list[SpokenHit]] = {}
    looked, size, is_over = 0, wanted.limit + 1, False
    while len(rows) <= wanted.limit and looked < MOST_CANDIDATES and not is_over:
        query = _candidates(tx, tokens, before).where(*(where if numbers is None else [recording_words.c.no.in_(numbers)]))
        query = query.limit(size)
        found = [dict(row) for row in (await tx.execute(query)).mappings()]
        is_over = len(found) < size
        looked += len(found)
        lines = await spoken.lines_of(tx, context, [row["recording_id"] for row in found])
        for row in found:
            before = row["no"]
            hits = _lines(row, lines[row["recording_id"]], sought)
            if hits:
                rows.append(row)
                said[row["recording_id"]] = hits
                if len(rows) > wanted.limit:
                    break
    page = rows[: wanted.limit]
    cursor = str(page[-1]["no"]) if len(rows) > wanted.limit else None if is_over else str(before)
    return SearchPage(items=await _hits(tx, context, page, said), next_cursor=cursor)


async def _narrowed(tx: Tx, wanted: SearchBody, where: Sequence[sa.ColumnElement[bool]]) -> list[int] | None:
    """Index entries of the recordings that other conditions leave over, where these are few; None where the words decide."""
    if not (wanted.q or wanted.agent or wanted.from_on or wanted.to_on):
        return None
    joined = recordings.join(cases, cases.c.id == recordings.c.case_id).join(
        proposals, proposals.c.proposal_no == cases.c.proposal_no
    )
    ids = sa.select(recordings.c.id).select_from(joined).where(*where).limit(FEW + 1)
    found = list((await tx.execute(ids)).scalars())
    if len(found) > FEW:
        return None
    query = sa.select(recording_words.c.no).where(recording_words.c.recording_id.in_(found))
    return list((await tx.execute(query)).scalars())


def _candidates(tx: Tx, tokens: Sequence[str], before: int | None) -> sa.Select[Any]:
    order: sa.ColumnElement[int]
    matched: sa.FromClause
    if tx.dialect.name == "sqlite":
        order = _FTS.c.rowid
        matched = _FTS.join(recording_words, recording_words.c.no == order)
        is_said = sa.literal_column(_FTS.name).op("MATCH", is_comparison=True)(" AND ".join(tokens))
    else:
        order, matched = recording_words.c.no, recording_words
        is_said = recording_words.c.tokens.op("@@", is_comparison=True)(sa.func.to_tsquery("simple", " & ".join(tokens)))
    source = matched.join(recordings, recordings.c.id == recording_words.c.recording_id).join(
        cases, cases.c.id == recordings.c.case_id
    )
    query = _cases(source).add_columns(recording_words.c.no, recording_words.c.recording_id, recordings.c.meta).where(is_said)
    if before is not None:
        query = query.where(order < before)
    return query.order_by(order.desc())


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:
        raise Problem(422, "CURSOR_INVALID")
    return int(cursor)


def _lines(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], words: spoken.Wanted) -> list[SpokenHit]:
    found = [(line, *words.find(str(line["text"]))) for line in lines]
    hits = [(line, is_exact) for line, is_heard, is_exact in found if is_heard]
    if not hits:
        return []
    speakers = {
        seat["seat_id"]: f"{seat['label']} {seat.get('display_name', '')}".strip() for seat in row["meta"].get("seats", ())
    }
    return sorted(
        (
            SpokenHit(
                recording_id=row["recording_id"],
                seat_id=line["seat_id"],
                speaker=speakers.get(line["seat_id"], ""),
                t_ms=line["start_ms"],
                text=line["text"],
                is_exact=is_exact,
            )
            for line, is_exact in hits
        ),
        key=lambda hit: not hit.is_exact,
    )[:HITS]


async def _hits(
    tx: Tx, context: Context, rows: Sequence[Mapping[str, Any]], said: Mapping[str, list[SpokenHit]]
) -> list[SearchHit]:
    ids, numbers = [case["id"] for case in rows], [case["proposal_no"] for case in rows]
    persons = await people.of_proposals(tx, context, numbers)
    of_policy = sa.select(policies.c.proposal_no, policies.c.policy_no).where(policies.c.proposal_no.in_(numbers))
    policy_nos: dict[str, list[str]] = {}
    for row in await tx.execute(of_policy):
        policy_nos.setdefault(row.proposal_no, []).append(row.policy_no)
    of_case = sa.select(recordings.c.case_id, recordings.c.id, recordings.c.started_at).where(recordings.c.case_id.in_(ids))
    ordered = of_case.order_by(recordings.c.started_at)
    recorded = {row.case_id: (row.id, row.started_at) for row in await tx.execute(ordered)}
    table = inspections
    verdicts = sa.select(table.c.case_id, table.c.id, table.c.state, table.c.is_supplementary).where(table.c.case_id.in_(ids))
    judged: dict[str, list[InspectionRef]] = {}
    for one in await tx.execute(verdicts.order_by(table.c.recorded_at.desc())):
        found = InspectionRef(id=one.id, state=one.state, is_supplementary=one.is_supplementary)
        judged.setdefault(one.case_id, []).append(found)
    return [
        SearchHit(
            case_id=case["id"],
            policy_nos=sorted(policy_nos.get(case["proposal_no"], [])),
            state=CaseState(case["state"]),
            policyholder_name=people.named(persons[case["proposal_no"]], "policyholder"),
            insured_name=people.named(persons[case["proposal_no"]], "insured"),
            recorded_at=recorded.get(case["id"], (None, None))[1],
            recording_id=case.get("recording_id") or recorded.get(case["id"], (None, None))[0],
            inspections=judged.get(case["id"], []),
            spoken=said.get(case.get("recording_id", ""), []),
            **{
                key: case[key]
                for key in ("proposal_no", "product_name", "product_type", "agent_name", "is_elderly", "created_at")
            },
        )
        for case in rows
    ]
