"""What the sampling does not draw goes on by the rulebook, and only when every machine check that matters holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from server.cases.tables import case_events, cases
from server.inspections.jobs import open_inspections
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_checks
from storage.db.ids import new_id
from storage.objects.local import LocalObjectStore
from tests.support.core import Service
from tests.support.custody import sealed_recording, services_of

ALL_PASS = {"segment_chain": "pass", "answer": "pass", "forbidden_phrases": "pass", "gaps": "warn"}


async def opened(service: Service, store: LocalObjectStore, proposal_no: str, checks: dict[str, str], ratio: float) -> str:
    """Seal a recording with these check results and open its inspection; returns the case."""
    made = await sealed_recording(service.context, store, proposal_no=proposal_no)
    async with service.context.db.begin() as tx:
        rows: list[dict[str, Any]] = [
            {"id": new_id("chk"), "recording_id": made.recording_id, "code": code, "scope": "", "result": result,
             "source": "media", "value": None, "limit": None, "reason": None, "spans": []}
            for code, result in checks.items()
        ]  # fmt: skip
        if rows:
            await tx.execute(recording_checks.insert(), rows)
    await open_inspections(services_of(service.context, store), rules=replace(load_rulebook(), general_ratio=ratio))
    return made.case_id


async def outcome(service: Service, case_id: str) -> tuple[str, str, list[str]]:
    """State of the case, of its inspection, and what the inspection's history says, newest first."""
    inspector = await service.sign_in("zhaoliu")
    item = (await inspector.ask("GET", f"/api/v1/inspections?q={case_id}"))["items"][0]
    view = await inspector.ask("GET", f"/api/v1/inspections/{item['id']}")
    async with service.context.db.read() as tx:
        state = await tx.scalar(sa.select(cases.c.state).where(cases.c.id == case_id))
    return str(state), item["state"], [entry["type"] for entry in view["history"]]


async def test_an_unsampled_recording_without_a_finding_is_released_and_says_so(
    service: Service, store: LocalObjectStore
) -> None:
    case_id = await opened(service, store, "P2026010001", ALL_PASS, 0.0)
    assert await outcome(service, case_id) == ("passed", "passed", ["released_unsampled", "opened"])
    async with service.context.db.read() as tx:
        query = sa.select(case_events.c.event, case_events.c.actor).where(case_events.c.case_id == case_id)
        last = (await tx.execute(query.order_by(case_events.c.seq.desc()))).first()
    assert last is not None
    assert tuple(last) == ("inspection_passed", "job:sampling")
    inspector = await service.sign_in("zhaoliu")
    today = service.clock().date()
    period = f"since={today - timedelta(days=1)}&until={today + timedelta(days=1)}"
    counted = await inspector.ask("GET", f"/api/v1/inspections/statistics?{period}")
    assert (counted["all"]["decided"], counted["by_agent"]) == (0, []), "nobody decided that"


async def test_everything_else_waits_for_a_person(service: Service, store: LocalObjectStore) -> None:
    waiting = {
        "P2026010001": {**ALL_PASS, "picture_black": "fail"},
        "P2026010004": {**ALL_PASS, "answer": "not_measured"},
        "P2026010005": ALL_PASS,  # an elderly policyholder
    }
    for proposal_no, checks in waiting.items():
        case_id = await opened(service, store, proposal_no, checks, 0.0)
        assert await outcome(service, case_id) == ("pending_inspection", "queued", ["opened"]), proposal_no
