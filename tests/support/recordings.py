"""A finished session with a real recording folder: real case, frozen script, event log, encoded media of every seat.

Media are synthetic but really encoded and really recorded (`media.recorder`); nothing of the service is replaced.
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.ports import Codec, MediaKind
from media.recorder import Recorder
from server.cases import service as cases
from server.cases.facts import load_case_facts
from server.context import Context
from server.domain.case import CaseEvent
from server.domain.ledger import min_dwell_ms
from server.domain.session import Event
from server.domain.session_checks import all_duties
from server.domain.session_papers import canonical_strokes, strokes_sha256
from server.domain.session_setup import Setup
from server.domain.session_state import SessionState
from server.http.endpoint import Principal
from server.inspections import jobs as inspection_jobs
from server.jobs import progress
from server.jobs.registry import Registry, Services, StepRun, job_id
from server.ops.seed import seed
from server.recordings import jobs as recording_jobs
from server.recordings import service as recordings
from server.recordings.meta import meta_of
from server.recordings.stores import build_authority, build_ring, build_store
from server.sessions import repository
from server.sessions.rules import load_rules
from server.sessions.setup import STANDARD_SCRIPT, Script, build_setup
from server.talkscripts.service import current
from server.users import repository as users
from tests.media import synth
from tests.media.test_recorder import Listener, feed
from tests.support.papers import drawn_once

LENGTH_MS = 12_000
STROKES = [[{"x": i / 20, "y": (i % 5) / 10, "t": i * 16} for i in range(20)]]


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    case_id: str
    session_id: str
    recording_id: str
    setup: Setup
    folder: Path
    started_at: datetime

    @property
    def customers(self) -> list[str]:
        """Customers' seats."""
        return [person.seat_id for person in self.setup.required()]


async def principal(context: Context, login: str) -> Principal:
    """A demo member of staff as a caller."""
    async with context.db.read() as tx:
        row = await users.by_login(tx, context, login)
    assert row is not None
    return Principal("staff", row["id"], frozenset(row["roles"]), row["org_code"] or "", row["team"] or "", row["display_name"])


async def make_session(
    context: Context, *, proposal_no: str = "P2026010001", login: str = "zhangsan", length_ms: int = LENGTH_MS,
    outcome: str = "completed", verdicts: dict[int, str] | None = None, with_media: bool = True, stop: bool = True,
) -> Made:  # fmt: skip
    """Make a case, hold its session, record it, and leave the recording `stopped`.

    Args:
        verdicts: spoken verdict by the number of the question (0, 1, …); the others are affirmative.
        stop: False leaves the recording in state `recording` with an unfinished journal.
    """
    with drawn_once():
        await seed(context)
    who = await principal(context, login)
    async with context.db.begin() as tx:
        case_id = await cases.create(tx, context, who, proposal_no)
        for step in (CaseEvent.IDENTITY_COMPLETED, CaseEvent.SESSION_STARTED):
            await cases.transition(tx, case_id, step, who, at=context.now())
        facts = await load_case_facts(tx, context, case_id)
        script = Script.of(await current(tx, STANDARD_SCRIPT, context.now()))
        setup = build_setup(facts, script, load_rules(), None)
        await repository.insert_session(tx, context, setup, context.now())
    async with context.db.begin() as tx:
        recording_id = await recordings.create(
            tx, context, case_id=case_id, session_id=setup.session_id, meta=meta_of(setup), started_at=context.now()
        )
    folder = recordings.recording_dir(context, recording_id)
    started_at = context.now() - timedelta(milliseconds=length_ms)
    if with_media:
        seats = [setup.agent.seat_id, *(person.seat_id for person in setup.required())]
        await record_media(folder, recording_id, seats, length_ms, started_at, stop=stop)
    events = session_log(setup, recording_id, started_at, length_ms, outcome, verdicts or {})
    async with context.db.begin() as tx:
        await repository.append(tx, context, setup.session_id, events)
        for event in events:
            if event.type == "document_signed":
                await repository.insert_signature(
                    tx, context, setup.session_id, event.data["document_id"], event.data["person_id"],
                    canonical_strokes(STROKES), event.data["strokes_sha256"], event.at,
                )  # fmt: skip
        if stop:
            await recordings.mark_stopped(
                tx, context, recording_id, ended_at=started_at + timedelta(milliseconds=length_ms), duration_ms=length_ms,
                outcome=outcome,  # type: ignore[arg-type]
            )  # fmt: skip
            over = CaseEvent.RECORDING_FINISHED if outcome == "completed" else CaseEvent.CONSENT_DECLINED
            await cases.transition(tx, case_id, over, "system:session", at=context.now())
    return Made(case_id, setup.session_id, recording_id, setup, folder, started_at)


def voice(t_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Something like speech: a rough tone with short pauses, over a faint hiss."""
    tone = sum(np.sin(t_ms * (2 * np.pi * hertz / 1000)) for hertz in (180, 360, 900)) * 0.15
    hiss = np.sin(t_ms * 31.7) * 0.002
    result: NDArray[np.float64] = np.where(t_ms % 600 < 400, tone, 0.0) + hiss
    return result


async def record_media(
    folder: Path, recording_id: str, seats: list[str], length_ms: int, started_at: datetime, *, stop: bool = True
) -> None:
    """Camera and microphone of every seat, a share of the first customer, a prompt; H264 for the last seat."""
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(folder, recording_id, "room1", listener)
    mic = synth.encode_opus(voice, length_ms)
    for number, seat in enumerate(seats):
        codec = "h264" if number == len(seats) - 1 else "vp8"
        colour = [(200, 60, 60), (60, 180, 60), (60, 60, 200), (160, 160, 40)][number % 4]
        video = synth.encode_video(codec, synth.flash_picture(320, 240, colour), length_ms)
        media: dict[MediaKind, tuple[Codec, list[tuple[float, Any]]]] = {
            MediaKind.CAMERA: (Codec(codec), list(synth.rtp_packets(video, codec))),
            MediaKind.MIC: (Codec.OPUS, list(synth.rtp_packets(mic, "opus"))),
        }
        feed(recording, seat, f"leg{number}", media)
    screen = synth.encode_video("vp8", synth.flash_picture(320, 240, (230, 230, 60), flash_ms=0), 3_000)
    feed(recording, seats[1], "leg1", {MediaKind.SCREEN: (Codec.VP8, list(synth.rtp_packets(screen, "vp8")))}, 4_000)
    prompt = synth.encode_opus(synth.beep(2_000, 800, 440), 1_000)
    feed(recording, "prompt", "prompt", {MediaKind.PROMPT: (Codec.OPUS, list(synth.rtp_packets(prompt, "opus")))}, 1_000)
    await recording.stop()
    await recorder.aclose()
    # Packets were fed faster than real time: the journal's start and end tell the time they stand for.
    lines = (folder / "journal.ndjson").read_bytes().splitlines()
    first = json.loads(lines[0]) | {"started_at": started_at.astimezone(UTC).isoformat()}
    last = json.loads(lines[-1]) | {"duration_ms": length_ms}
    first["started_monotonic_ns"] = time.monotonic_ns() - length_ms * 1_000_000
    kept = [json.dumps(first).encode(), *lines[1:-1], *([json.dumps(last).encode()] if stop else [])]
    (folder / "journal.ndjson").write_bytes(b"\n".join(kept) + b"\n")


class Log:
    """Builds an event log with growing numbers and times."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.events: list[Event] = []

    def add(self, kind: str, t_ms: int, actor: str = "system", /, **data: Any) -> None:
        at = self.start + timedelta(milliseconds=t_ms)
        self.events.append(Event(kind, at, data, actor, max(t_ms, 0) if t_ms >= 0 else None, len(self.events) + 1))


def session_log(
    setup: Setup, recording_id: str, started_at: datetime, length_ms: int, outcome: str, verdicts: dict[int, str]
) -> list[Event]:
    """The events of a whole session, evenly spread: every node entered and completed, answers, papers read and signed."""
    log = Log(started_at)
    log.add("session_created", -60_000, "agent", case_id=setup.case_id)
    for engine in ("media", "speech", "vision"):
        log.add("engine_changed", -50_000, engine=engine, is_up=True)
    log.add("person_entered", -40_000, "agent", seat_id=setup.agent.seat_id)
    log.add("media_connected", -40_000, seat_id=setup.agent.seat_id, leg_id="leg0")
    for number, person in enumerate(setup.required()):
        log.add(
            "role_claimed",
            -30_000,
            "customer",
            seat_id=person.seat_id,
            role_ids=[f"{r}:{person.person_id}" for r in person.roles],
        )
        log.add("consent_given", -29_000, "customer", seat_id=person.seat_id, consents=list(setup.rules.consents), version="1")
        log.add("person_entered", -20_000, "customer", seat_id=person.seat_id)
        log.add("media_connected", -19_000, seat_id=person.seat_id, leg_id=f"leg{number + 1}")
    log.add("recording_requested", -10, "agent", recording_id=recording_id)
    log.add("recording_started", 0, recording_id=recording_id, started_at=started_at.isoformat())
    step = length_ms / max(1, len(setup.nodes))
    question = 0
    for index, node in enumerate(setup.nodes):
        at = int(index * step)
        log.add("node_entered", at, node_id=node.node_id, index=index, title=node.title, kind=node.kind)
        prompt = {"node_id": node.node_id, "prompt_id": f"p{index}"}
        if node.prompt_text:
            log.add("prompt_requested", at, text_sha256=node.prompt_sha256, **prompt)
            log.add("prompt_started", at + 20, t_ms=at + 20, duration_ms=200, **prompt)
            log.add("prompt_finished", at + 220, t_ms=at + 220, completed=True, **prompt)
        is_negative = False
        if node.lexicon is not None:
            for person in setup.standing_for(node.audience):
                verdict = verdicts.get(question, node.expect)
                is_negative = is_negative or verdict != node.expect
                answer = {"node_id": node.node_id, "person_id": person.person_id, "seat_id": person.seat_id}
                log.add(
                    "answer_given", at + 400, **answer, window_id=f"w{index}", attempt=1, verdict=verdict, engine_verdict=verdict,
                    text="是的" if verdict == "affirmative" else "不清楚", phrase="", confidence=0.93, margin=3.1,
                    start_ms=at + 260, end_ms=at + 380, engine="ctc", reasons=[],
                )  # fmt: skip
                if verdict != node.expect:
                    log.add("answer_overridden", at + 420, "agent", node_id=node.node_id, person_id=person.person_id,
                            verdict=node.expect, reason="客户随后口头补充确认", heard=verdict)  # fmt: skip
                log.add("transcript_added", at + 410, seat_id=person.seat_id, text="是的，我清楚",
                        start_ms=at + 260, end_ms=at + 380, words=[], engine="ctc", node_id=node.node_id)  # fmt: skip
            question += 1
        _papers(log, setup, node.node_id, at, int(step))
        done = {"node_id": node.node_id, "has_override": is_negative, "is_not_measured": False, "plays": 1}
        log.add("node_completed", at + int(step) - 5, "agent", **done)
    log.add("session_ended", length_ms, "agent", outcome=outcome, reason="")
    log.add("recording_stopped", length_ms, recording_id=recording_id, duration_ms=length_ms)
    return log.events


def _papers(log: Log, setup: Setup, node_id: str, at: int, step: int) -> None:
    node = next(node for node in setup.nodes if node.node_id == node_id)
    if node.kind not in ("reading", "signing"):
        return
    first = setup.required()[0]
    share = {"share_id": f"share-{node_id}", "seat_id": first.seat_id}
    log.add("share_started", at + 30, "customer", mode="reader", **share)
    for duty in all_duties(SessionState(setup, log.start)):
        if duty.document.kind not in {document.kind for document in node.documents}:
            continue
        document = duty.document
        about = {"seat_id": duty.person.seat_id, "document_id": document.document_id, "person_ids": [duty.person.person_id]}
        log.add("document_opened", at + 40, "customer", **about)
        rounds = max(3, -(-min_dwell_ms(document, setup.rules) // setup.rules.view_gap_max_ms) + 1)
        clock = at + 50
        for _ in range(rounds):
            for page in range(1, document.page_count + 1):
                for visible, zoom in (([0.0, 0.0, 1.0, 0.5], 1.0), ([0.0, 0.0, 0.6, 0.3], 1.6), ([0.4, 0.0, 1.0, 0.3], 1.6),
                                      ([0.0, 0.5, 1.0, 1.0], 1.0)):  # fmt: skip
                    log.add("document_viewed", clock, "customer", page=page, zoom=zoom, visible=visible, **about)
                    clock += 900
        if node.kind == "signing" and duty.needs == "sign":
            log.add("document_signed", clock, "customer", seat_id=duty.person.seat_id, person_id=duty.person.person_id,
                    document_id=document.document_id, document_sha256=document.sha256, strokes_sha256=strokes_sha256(STROKES),
                    points=20, strokes=1)  # fmt: skip
    log.add("share_ended", at + step - 10, "customer", reason="user", **share)


async def finalise(context: Context, recording_id: str) -> None:
    """Run every step of the finalising job, one after the other, without the workflow engine; then open the inspection."""
    registry = Registry()
    recording_jobs.register(registry)
    kind = registry.kinds["finalise"]
    store = await build_store(context.settings)
    services = Services(context, store, build_ring(context.settings, context.now()), build_authority(context.settings))
    results = await progress.begin(context, kind, recording_id, 0, "test")

    async def ignore(_value: float) -> None:
        return None

    try:
        key = job_id(kind.name, recording_id)
        for step in kind.steps:
            await progress.step_started(context, key, step.name)
            results[step.name] = await step.run(services, StepRun(key, recording_id, dict(results), ignore)) or {}
            await progress.step_done(context, key, step.name, results[step.name])
        await progress.finish(context, key, None)
        await inspection_jobs.open_inspections(services)
    finally:
        await store.aclose()
