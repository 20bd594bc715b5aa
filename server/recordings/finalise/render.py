"""Step `compose`: one MP4 with burnt-in clock, names and node titles, a marker track, and a playable file per person.

Film and marker track are evidence and carry full names, from the session's encrypted setup (docs/adr/0008); views and logs mask.
"""

import asyncio
import json
import sys
from typing import Any

from server.jobs.registry import JobError, Json, Services, StepRun
from server.recordings.child import child_environment
from server.recordings.facts import SessionFacts, answers_of
from server.recordings.finalise.work import Work, facts_of, open_work
from server.recordings.lanes import node_spans
from server.recordings.render import RESULT
from server.recordings.tables import recordings
from server.settings import ROOT

_VERDICT = {
    "affirmative": "肯定",
    "negative": "否定",
    "unclear": "不清楚",
    "silent": "无应答",
    "not_measured": "未测量",
}


async def compose(services: Services, run: StepRun) -> Json:
    """Render in a process of its own. Raises `JobError` `COMPOSE_FAILED`."""
    work = await open_work(services, run)
    facts = await facts_of(services.context, work)
    job = work.out / "render-job.json"
    job.write_text(json.dumps(render_job(work, facts, services.context.settings.time_zone), ensure_ascii=False))
    process = await asyncio.create_subprocess_exec(
        "nice", "-n", "10", sys.executable, "-m", "server.recordings.render", str(job),
        cwd=ROOT, env=child_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(process.stderr.read())
    reported = 0.0
    try:
        async for line in process.stdout:
            value = float(line)
            if value - reported >= 0.02:
                reported = value
                await run.progress(value)
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        job.unlink(missing_ok=True)  # it names people
    tail = (await errors).decode(errors="replace")[-1000:]
    if code != 0:
        # A signal (out of memory, a machine going down) may pass; a fault of the composer itself will not.
        raise JobError("COMPOSE_FAILED", tail, retryable=code < 0)
    found: Json = json.loads((work.out / RESULT).read_bytes())
    async with services.context.db.begin() as tx:
        await tx.execute(recordings.update().where(recordings.c.id == work.id).values(media=found))
    return found


def full_names(facts: SessionFacts) -> dict[str, str]:
    """Full names by seat. None where the session is unknown (an orphaned recording); then the masked ones are shown."""
    if facts.state is None:
        return {}
    setup = facts.state.setup
    return {setup.agent.seat_id: setup.agent.name} | {person.seat_id: person.name for person in setup.required()}


def render_job(work: Work, facts: SessionFacts, time_zone: str) -> dict[str, Any]:
    """The job of `server.recordings.render`."""
    meta = work.meta
    full = full_names(facts)
    shown = {seat.seat_id: full.get(seat.seat_id, seat.display_name) for seat in meta.seats}
    names = {seat.person_id: shown[seat.seat_id] for seat in meta.seats}
    return {
        "folder": str(work.folder),
        "out": str(work.out),
        "seats": [{"seat_id": seat.seat_id, "name": f"{shown[seat.seat_id]} ({seat.label})"} for seat in meta.seats],
        "nodes": [{"t_ms": span["t0_ms"], "title": span["title"]} for span in node_spans(facts, meta)],
        "markers": [
            {
                "t0_ms": answer["start_ms"],
                "t1_ms": max(answer["end_ms"] or 0, answer["start_ms"] + 500),
                "text": f"应答 {names.get(answer['person_id'], '')}: {_VERDICT.get(answer['verdict'], answer['verdict'])}",
            }
            for answer in answers_of(facts, meta)
            if answer["start_ms"] is not None
        ],
        "headline": f"投保单 {meta.proposal_no}" if meta.proposal_no else "",
        "time_zone": time_zone,
    }
