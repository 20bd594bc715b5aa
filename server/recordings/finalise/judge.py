"""Step `check`: machine checks from the journal, the measured media, the session's events and its ledger."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain import machine_checks as rules
from server.domain import machine_pictures as pictures
from server.domain import machine_speech as speech
from server.domain.machine_checks import Check
from server.jobs.registry import Json, Services, StepRun
from server.recordings.facts import SessionFacts, alert_spans, answers_of, ledger_of
from server.recordings.finalise.listen import measured_of
from server.recordings.finalise.wanted import card_nodes, prompts, required, sounds, windows
from server.recordings.finalise.work import CHECKS, TRANSCRIPT, Work, facts_of, open_work
from server.recordings.lanes import build_lanes
from server.recordings.rulebook import load_rulebook
from server.recordings.spoken import sound_of
from server.recordings.tables import recording_checks, recordings
from server.sessions.repository import signatures_of
from storage.db.ids import new_id


async def check(services: Services, run: StepRun) -> Json:
    """Judge, store the checks and the player's lanes."""
    work = await open_work(services, run)
    facts = await facts_of(services.context, work)
    checks = await judge(services, work, facts, run)
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


async def judge(services: Services, work: Work, facts: SessionFacts, run: StepRun) -> list[Check]:
    """All checks of a recording, in a fixed order."""
    limits = load_rulebook().limits
    timeline = work.timeline()
    chain = run.results["verify_chain"]
    wall_ms = int((work.row["ended_at"] - work.row["started_at"]).total_seconds() * 1000) if work.row["ended_at"] else None
    gaps = [
        {"seat_id": gap.seat_id, "track": gap.track, "t0_ms": gap.t0_ms, "t1_ms": gap.t1_ms}
        for gap in timeline.gaps
        if gap.kind != "hidden"  # a hidden page may go on sending; what it does not send has a gap of its own
    ]
    measured = measured_of(work)
    checks = [rules.check_chain(chain["segments"], chain["faults"])]
    checks += rules.check_media(measured, wall_clock_ms=wall_ms, seats=work.people(), gaps=gaps, limits=limits)
    checks += pictures.check_covered(measured, work.people(), limits)
    customers = [seat.seat_id for seat in work.meta.seats if seat.kind == "customer"]
    checks += pictures.check_faces(measured, work.people(), limits, compared=customers)
    checks += rules.check_alerts(alert_spans(facts))
    done = {event.data["node_id"]: event.data for event in facts.of_type("node_completed")}
    if work.row["outcome"] == "completed":
        checks += rules.check_nodes([node.node_id for node in work.meta.nodes], done)
        checks += rules.check_documents(ledger_of(facts))
        checks += _seen(measured, work, facts, limits)
        async with services.context.db.read() as tx:
            checks += pictures.check_signatures(_drawn(await signatures_of(tx, services.context, work.row["session_id"])), limits)
    checks += rules.check_answers(answers_of(facts, work.meta))
    heard = run.results["transcribe"]
    if not heard["is_measured"]:
        checks.append(rules.not_measured("transcript", "", "speech", heard["reason"] or "SPEECH_UNAVAILABLE"))
    else:
        checks.append(Check("transcript", "", "pass" if heard["lines"] else "warn", "speech", value=heard["lines"]))
    checks += _heard(measured, work, facts, limits, _said(work) if heard["is_measured"] else None)
    return checks


def _seen(measured: Mapping[str, Any] | None, work: Work, facts: SessionFacts, limits: Mapping[str, float]) -> list[Check]:
    """Cards and shares."""
    shares = None
    if measured is not None:
        shares = {seat: found["shares"] for seat, found in measured["seats"].items() if found.get("shares")}
    cards = None if measured is None else measured["cards"]
    return [
        *pictures.check_cards(cards, card_nodes(work, facts), limits),
        *pictures.check_shares(shares, ledger_of(facts), limits),
    ]


def _heard(
    measured: Mapping[str, Any] | None,
    work: Work,
    facts: SessionFacts,
    limits: Mapping[str, float],
    said: list[dict[str, Any]] | None,
) -> list[Check]:
    """Who spoke when, and what the agent said."""
    voices = None
    if measured is not None:
        voices = {seat: found["audio"]["voices"] for seat, found in measured["seats"].items() if found.get("audio")}
    people = {seat: spans for seat, spans in (voices or {}).items() if seat in work.people()}
    agents = [seat.seat_id for seat in work.meta.seats if seat.kind == "agent"]
    checks = [speech.check_overlap(None if voices is None else people, limits)]
    checks += speech.check_prompts(prompts(facts), None if voices is None else voices.get("prompt"), limits)
    mouths = (measured or {}).get("answers") or []
    checks += speech.check_spoken_answers(answers_of(facts, work.meta), voices, mouths, limits)
    for agent in agents:
        checks += speech.check_coaching(windows(facts), voices, agent, limits)
    lines = None if said is None else [{**line, "syllables": sounds(line["text"])} for line in said]
    checks += speech.check_required(required(work, facts), lines, limits)
    checks += rules.check_forbidden(said, agents, sound_of)
    return checks


def _drawn(signatures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for signature in signatures:
        strokes = json.loads(signature["strokes"])
        found.append({**signature, "points": sum(len(stroke) for stroke in strokes)})
    return found


def _said(work: Work) -> list[dict[str, Any]]:
    """The transcript's lines, with speaker and time."""
    path = work.out / TRANSCRIPT
    lines: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["lines"] if path.is_file() else []
    return lines
