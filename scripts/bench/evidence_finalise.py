"""How long it takes from the end of a call to the sealed recording, for a case of 15 minutes.

    python -m scripts.bench.evidence_finalise [--minutes 15]

A whole session (events, papers, signatures) with a recording of three people, 640×480 at 15 pictures a second, and a 720p share
for a third of it, really encoded and really recorded; every microphone carries human speech where the clips are there. Then the
real jobs and speech processes finalise it: chain, measuring, transcribing, checks, composing, seal, store, hold. The clock
runs from the moment the recording is marked stopped. Last line: `RESULT {json}`: `finalise_15min_s` (for 15 minutes alone),
seconds by step.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from media.ports import Codec, MediaKind
from media.recorder import Recorder
from scripts.bench.media_compose import PERIOD_MS, page_picture, person_picture, voice
from scripts.bench.recorded import Network, Sender, Silent, feed_person, set_duration
from scripts.demo.service import environment
from server.context import Context
from server.jobs.tables import job_steps
from server.ops.migrations import upgrade
from server.recordings import service
from server.recordings.tables import recordings
from server.settings import ROOT, Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.media import synth
from tests.support.recordings import Made, make_session

CLIPS = Path(os.environ.get("DR_TESTDATA") or ROOT.parent / "shared" / "testdata") / "speech" / "aishell3"
LIMIT_S = 3600.0
Sound = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def speech(number: int) -> tuple[Sound, bool]:
    """Ten seconds of a person: clips with pauses, over a faint hiss. Without clips a hum, and False."""
    files = sorted(CLIPS.glob("*.wav"))[number * 4 : number * 4 + 4]
    if not files:
        return voice, False
    samples = np.zeros(PERIOD_MS * 48)
    at = 48_000 * number  # people do not all speak at once
    for path in files:
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "48000", "-f", "s16le", "-"]
        clip = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.int16) / 32768
        clip = clip[: max(0, len(samples) - at)]
        samples[at : at + len(clip)] += clip * 0.8
        at += len(clip) + 24_000
    samples += np.random.default_rng(number).normal(0, 0.0005, len(samples))
    return lambda t_ms: samples[(t_ms * 48).astype(int) % len(samples)], True


async def record_case(made: Made, minutes: float) -> bool:
    """Record the media of a made session. Returns whether the voices are human."""
    duration_ms = int(minutes * 60_000) // PERIOD_MS * PERIOD_MS
    recorder = Recorder()
    recording = await recorder.open(made.folder, made.recording_id, "bench", Silent())
    seats = [made.setup.agent.seat_id, *made.customers]
    is_human = True
    for number, seat in enumerate(seats):
        sound, is_clip = speech(number)
        is_human &= is_clip
        video = synth.encode_video("vp8", person_picture(number), PERIOD_MS, width=640, height=480, key_every=75)
        mic = Sender(MediaKind.MIC, Codec.OPUS, synth.encode_opus(sound, PERIOD_MS), PERIOD_MS)
        camera = Sender(MediaKind.CAMERA, Codec.VP8, video, PERIOD_MS)
        feed_person(recording, seat, [mic, camera], duration_ms, Network(delay=20, jitter=5), number)
        await asyncio.sleep(1.0)  # the writer thread catches up
    share = synth.encode_video("vp8", page_picture, PERIOD_MS, fps=8, width=1280, height=720, key_every=40)
    third = duration_ms // 3 // PERIOD_MS * PERIOD_MS
    screen = Sender(MediaKind.SCREEN, Codec.VP8, share, PERIOD_MS)
    feed_person(recording, seats[1], [screen], third, Network(delay=20), 9, start_ms=third)
    await recording.stop()
    await recorder.aclose()
    set_duration(made.folder, duration_ms)
    return is_human


@contextlib.contextmanager
def process(env: dict[str, str], name: str, log: Path) -> Iterator[None]:
    """One of the service's processes."""
    with log.open("ab") as out:
        child = subprocess.Popen([sys.executable, "-m", "server", name], cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()


async def measure(folder: Path, minutes: float) -> dict[str, object]:
    """Make the case, finalise it, read the times."""
    env = environment(folder / "data")
    settings = Settings(data_dir=folder / "data", http_port=0, model_dir=Path(env["DR_MODEL_DIR"]))
    await asyncio.to_thread(upgrade, settings.database_url)
    database = Database.connect(settings.database_url)
    context = Context(settings, database, FieldCipher(settings.data_keys()), lambda: datetime.now(UTC))
    try:
        made = await make_session(context, length_ms=int(minutes * 60_000), with_media=False, stop=False)
        is_human = await record_case(made, minutes)
        size = sum(path.stat().st_size for path in (made.folder / "segments").iterdir()) / 1e6
        print(
            f"{minutes:g} minutes recorded, {size:.0f} MB, {'human speech' if is_human else 'no speech clips: hum'}", flush=True
        )
        with process(env, "speech", folder / "speech.log"), process(env, "jobs", folder / "jobs.log"):
            await asyncio.sleep(10)  # both are up; the clock starts with the end of the call, not with theirs
            seconds = await _finalised(context, made, minutes)
        steps = await _steps(context)
    finally:
        await database.aclose()
    print(", ".join(f"{name} {value:.1f} s" for name, value in steps.items()))
    key = "finalise_15min_s" if minutes == 15 else f"finalise_{minutes:g}min_s"
    return {key: round(seconds, 1), "finalise_steps_s": steps}


async def _finalised(context: Context, made: Made, minutes: float) -> float:
    start = time.perf_counter()
    async with context.db.begin() as tx:
        ended_at = made.started_at + timedelta(minutes=minutes)
        await service.mark_stopped(tx, context, made.recording_id, ended_at=ended_at, duration_ms=int(minutes * 60_000))
    while time.perf_counter() - start < LIMIT_S:
        async with context.db.read() as tx:
            state = await tx.scalar(sa.select(recordings.c.state).where(recordings.c.id == made.recording_id))
        if state in ("sealed", "failed"):
            if state == "failed":
                raise RuntimeError("finalising failed")
            return time.perf_counter() - start
        await asyncio.sleep(0.2)
    raise TimeoutError("not sealed in time")


async def _steps(context: Context) -> dict[str, float]:
    query = sa.select(job_steps.c.name, job_steps.c.started_at, job_steps.c.ended_at).order_by(job_steps.c.ordinal)
    async with context.db.read() as tx:
        rows = list(await tx.execute(query))
    return {row.name: round((row.ended_at - row.started_at).total_seconds(), 1) for row in rows if row.ended_at}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Finalising a case")
    parser.add_argument("--minutes", type=float, default=15.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-finalise", dir=os.environ.get("DR_BENCH_DIR")) as name:
        print("RESULT " + json.dumps(asyncio.run(measure(Path(name), options.minutes))))


if __name__ == "__main__":
    main()
