"""Puts sealed recordings into the inspectors' queue, and gives back reviews that nobody finished."""

from datetime import datetime

import sqlalchemy as sa
import structlog

from server.cases import service as cases
from server.cases.facts import CaseFacts, load_case_facts
from server.context import Context
from server.domain.case import CaseEvent
from server.domain.inspection import Rulebook, SampledPerson, SampleFacts, due_at, may_release_unseen, sampled_because
from server.http.problem import Problem
from server.inspections.history import write_history
from server.inspections.service import get, lapse_appeals, tell_seller
from server.inspections.tables import inspections
from server.jobs.registry import Registry, Services, Tick
from server.recordings.meta import RecordingMeta
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_checks, recordings
from storage.db.engine import Tx
from storage.db.ids import new_id

log = structlog.get_logger(__name__)


def register(registry: Registry) -> None:
    """Declare the ticks."""
    told: set[str] = set()

    async def open_all(services: Services) -> None:
        await open_inspections(services, told)

    registry.add_tick(Tick("open_inspections", 1.0, open_all))
    registry.add_tick(Tick("release_locks", 15.0, release_locks))


async def open_inspections(services: Services, told: set[str] | None = None, rules: Rulebook | None = None) -> None:
    """One inspection for every sealed, completed recording that has none.

    Args:
        told: recordings whose case is not ready, already logged; kept between runs.
        rules: the rulebook; None: the one in force.
    """
    told = set() if told is None else told
    context = services.context
    known = sa.select(inspections.c.recording_id)
    query = sa.select(recordings.c.id).where(
        recordings.c.state == "sealed", recordings.c.outcome == "completed", recordings.c.id.not_in(known)
    )
    async with context.db.read() as tx:
        waiting = list((await tx.execute(query.limit(100))).scalars())
    for recording_id in waiting:
        try:
            async with context.db.begin() as tx:
                await open_one(tx, context, recording_id, rules or load_rulebook())
        except (Problem, sa.exc.IntegrityError) as error:
            # The case is not there yet, or another process was faster; both show at the next tick.
            if recording_id not in told:
                told.add(recording_id)
                reason = error.code if isinstance(error, Problem) else type(error).__name__
                log.warning("inspection_not_opened", recording_id=recording_id, reason=reason)


async def open_one(tx: Tx, context: Context, recording_id: str, rules: Rulebook) -> str:
    """Insert the inspection of a recording and move its case to pending inspection. Raises `Problem` from the case."""
    row = (await tx.execute(sa.select(recordings).where(recordings.c.id == recording_id))).mappings().one()
    meta = RecordingMeta.model_validate(row["meta"])
    facts = await load_case_facts(tx, context, row["case_id"])
    counts = await _check_counts(tx, recording_id)
    now = context.now()
    await lapse_appeals(tx, row["case_id"], now)
    because = sampled_because(_sample(row["id"], row["kind"], facts, counts["fail"]), rules)
    inspection_id = new_id("ins")
    await tx.execute(
        inspections.insert().values(
            id=inspection_id,
            recording_id=recording_id,
            case_id=row["case_id"],
            round=1,
            state="queued",
            is_supplementary=row["kind"] == "supplementary",
            sampled_because=list(because),
            proposal_no=facts.proposal_no,
            product_name=facts.product.name,
            product_type=facts.product.product_type,
            organisation=facts.agent.institution_name or meta.organisation,
            seller_id=facts.agent.id,
            seller_name=facts.agent.name,
            seller_team=facts.agent.team,
            recorded_at=row["started_at"],
            duration_ms=row["duration_ms"],
            failed_checks=counts["fail"],
            not_measured_checks=counts["not_measured"],
            due_at=due_at(row["sealed_at"], None, rules),
            created_at=now,
        )
    )
    await write_history(tx, inspection_id, now, "", "", "opened", {"sampled_because": list(because)})
    await cases.transition(tx, row["case_id"], CaseEvent.RECORDING_SEALED, "job:finalise", at=now)
    if may_release_unseen(because, await _results(tx, recording_id), rules):
        await _release_unseen(tx, context, inspection_id, now)
    return inspection_id


async def _release_unseen(tx: Tx, context: Context, inspection_id: str, now: datetime) -> None:
    """By the rulebook's sampling: not drawn, and every check that matters was measured and holds."""
    row = await get(tx, inspection_id)
    await tx.execute(inspections.update().where(inspections.c.id == inspection_id).values(state="passed", decided_at=now))
    await write_history(tx, inspection_id, now, "", "", "released_unsampled", {})
    for event in (CaseEvent.INSPECTION_STARTED, CaseEvent.INSPECTION_PASSED):
        await cases.transition(tx, row["case_id"], event, "job:sampling", at=now)
    await tell_seller(tx, context, row, "passed")


async def _results(tx: Tx, recording_id: str) -> list[tuple[str, str]]:
    table = recording_checks
    found = await tx.execute(sa.select(table.c.code, table.c.result).where(table.c.recording_id == recording_id))
    return [(code, result) for code, result in found]


def _sample(recording_id: str, kind: str, facts: CaseFacts, failed: int) -> SampleFacts:
    return SampleFacts(
        recording_id=recording_id,
        people=tuple(SampledPerson(person.roles, person.age) for person in facts.participants),
        product_type=facts.product.product_type,
        is_supplementary=kind == "supplementary",
        has_failed_check=failed > 0,
    )


async def _check_counts(tx: Tx, recording_id: str) -> dict[str, int]:
    query = sa.select(recording_checks.c.result, sa.func.count()).where(recording_checks.c.recording_id == recording_id)
    found = {row[0]: int(row[1]) for row in await tx.execute(query.group_by(recording_checks.c.result))}
    return {"fail": found.get("fail", 0), "not_measured": found.get("not_measured", 0)}


async def release_locks(services: Services) -> None:
    """Reviews whose lock ran out go back to the queue."""
    context = services.context
    now = context.now()
    expired = sa.and_(inspections.c.state == "queued", inspections.c.lock_by.is_not(None), inspections.c.lock_until <= now)
    async with context.db.read() as tx:
        found = [dict(row) for row in (await tx.execute(sa.select(inspections).where(expired))).mappings()]
    for row in found:
        async with context.db.begin() as tx:
            same = sa.and_(inspections.c.id == row["id"], inspections.c.lock_by == row["lock_by"], expired)
            free = inspections.update().where(same).values(lock_by=None, lock_by_name=None, lock_until=None)
            if (await tx.execute(free)).rowcount:
                await write_history(tx, row["id"], now, row["lock_by"], row["lock_by_name"] or "", "lock_expired", {})
                await cases.transition(tx, row["case_id"], CaseEvent.INSPECTION_RELEASED, "job:inspection", at=now)
