"""Step `check`: machine checks from the journal, the measured media, the session's events and its ledger."""

import json
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain import machine_checks as rules
from server.domain.machine_checks import Check
from server.jobs.registry import Json, Services, StepRun
from server.recordings.facts import SessionFacts, alert_spans, answers_of, ledger_of
from server.recordings.finalise.listen import measured_of
from server.recordings.finalise.work import CHECKS, TRANSCRIPT, Work, facts_of, open_work
from server.recordings.lanes import build_lanes
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_checks, recordings
from storage.db.ids import new_id


async def check(services: Services, run: StepRun) -> Json:
    """Judge, store the checks and the player's lanes."""
    work = await open_work(services, run)
    facts = await facts_of(services.context, work)
    checks = judge(work, facts, run)
    timeline = work.timeline()
    gaps = [
        {"seat_id": gap.seat_id, "track": gap.track, "kind": str(gap.kind), "t0_ms": gap.t0_ms, "t1_ms": gap.t1_ms}
        for gap in timeline.gaps
    ]
    lanes = build_lanes(facts, work.meta, measured=measured_of(work), gaps=gaps, checks=checks)
    wire = [asdict(found) for found in checks]
    (work.out / CHECKS).write_text(json.dumps(wire, ensure_ascii=False))
    async with services.context.db.begin() as tx:
        await tx.execute(sa.delete(recording_checks).where(recording_checks.c.recording_id == work.id))
        rows = [{**found, "id": new_id("chk"), "recording_id": work.id, "spans": list(found["spans"])} for found in wire]
        await tx.execute(recording_checks.insert(), rows)
        await tx.execute(recordings.update().where(recordings.c.id == work.id).values(timeline=lanes))
    return rules.worst(checks)


def judge(work: Work, facts: SessionFacts, run: StepRun) -> list[Check]:
    """All checks of a recording, in a fixed order."""
    limits = load_rulebook().limits
    timeline = work.timeline()
    chain = run.results["verify_chain"]
    wall_ms = int((work.row["ended_at"] - work.row["started_at"]).total_seconds() * 1000) if work.row["ended_at"] else None
    gaps = [{"seat_id": g.seat_id, "track": g.track, "t0_ms": g.t0_ms, "t1_ms": g.t1_ms} for g in timeline.gaps]
    checks = [rules.check_chain(chain["segments"], chain["faults"])]
    checks += rules.check_media(measured_of(work), wall_clock_ms=wall_ms, seats=work.people(), gaps=gaps, limits=limits)
    customers = [seat.seat_id for seat in work.meta.seats if seat.kind == "customer"]
    checks += rules.check_faces(measured_of(work), customers, limits)
    checks += rules.check_alerts(alert_spans(facts))
    done = {event.data["node_id"]: event.data for event in facts.of_type("node_completed")}
    if work.row["outcome"] == "completed":
        checks += rules.check_nodes([node.node_id for node in work.meta.nodes], done)
        checks += rules.check_documents(ledger_of(facts))
    checks += rules.check_answers(answers_of(facts, work.meta))
    heard = run.results["transcribe"]
    if not heard["is_measured"]:
        checks.append(rules.not_measured("transcript", "", "speech", heard["reason"] or "SPEECH_UNAVAILABLE"))
    else:
        checks.append(Check("transcript", "", "pass" if heard["lines"] else "warn", "speech", value=heard["lines"]))
    agents = [seat.seat_id for seat in work.meta.seats if seat.kind == "agent"]
    checks += rules.check_forbidden(_said(work) if heard["is_measured"] else None, agents)
    return checks


def _said(work: Work) -> list[dict[str, Any]]:
    """The transcript's lines, with speaker and time."""
    path = work.out / TRANSCRIPT
    lines: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["lines"] if path.is_file() else []
    return lines
