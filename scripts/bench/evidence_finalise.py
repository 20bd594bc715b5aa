"""How long it takes from the end of a call to the sealed recording, for a case of 15 minutes.

    python -m scripts.bench.evidence_finalise [--minutes 15]

A whole session (events, papers, signatures) with a recording of three people, 640×480 at 15 pictures a second, and a 720p share
for a third of it, really encoded and really recorded; every microphone carries human speech, and every camera a moving photograph
of a face, where the clips are there. The customers' faces were captured beforehand (other photographs), so that each key frame
is compared. Then the real jobs and speech processes finalise it: chain, measuring, transcribing, checks, composing, seal,
store, hold. The clock runs from the moment the recording is marked stopped. Last line: `RESULT {json}`: `finalise_15min_s` (for
15 minutes alone), seconds by step, and what the face check compared.
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

import cv2
import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from media.ports import Codec, MediaKind
from media.recorder import Recorder
from scripts.bench.media_compose import PERIOD_MS, page_picture, person_picture, voice
from scripts.bench.recorded import Network, Sender, Silent, feed_person, set_duration
from scripts.demo.service import environment
from server.blobs import BlobStore
from server.context import Context
from server.identity.pictures import clean_picture
from server.identity.schemas import ImageKind
from server.identity.service import blob_key, new_image_id
from server.identity.tables import identity_images
from server.jobs.tables import job_steps
from server.ops.migrations import upgrade
from server.recordings import service
from server.recordings.tables import recording_checks, recordings
from server.settings import ROOT, Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.media import synth
from tests.support.recordings import Made, make_session

TESTDATA = Path(os.environ.get("DR_TESTDATA") or ROOT.parent / "shared" / "testdata")
CLIPS = TESTDATA / "speech" / "aishell3"
FACES = (("biden_2.jpg", None), ("obama_1.jpg", "obama_2.jpg"), ("biden_2.jpg", "biden_1.jpg"))
"""Photographs before the camera and as captured beforehand: agent, first and second customer."""
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


def face_picture(number: int) -> synth.Picture:
    """A photograph before the camera, moving a little, with sensor noise; a drawn head where the photographs are missing."""
    photo = cv2.imread(str(TESTDATA / "faces" / FACES[number % len(FACES)][0]))
    if photo is None:
        return person_picture(number)
    photo = cv2.resize(photo[: photo.shape[1]], (560, 560), interpolation=cv2.INTER_AREA)  # head and shoulders
    scene = np.full((620, 800, 3), (120, 105, 95), np.uint8)
    scene[60:, 120:680] = cv2.cvtColor(photo, cv2.COLOR_BGR2RGB)
    rng = np.random.default_rng(number)
    noise = [rng.normal(0, 4, (480, 640, 1)).astype(np.int16) for _ in range(8)]

    def draw(t_ms: float) -> NDArray[np.uint8]:
        left = 80 + int(30 * np.sin(t_ms / 900 + number))
        top = 40 + int(20 * np.sin(t_ms / 400))
        part = scene[top : top + 480, left : left + 640].astype(np.int16)
        return np.asarray(np.clip(part + noise[int(t_ms) % 8], 0, 255), np.uint8)

    return draw


async def capture_faces(context: Context, made: Made) -> int:
    """Store the customers' pictures as if they had been captured before the session; returns how many there are."""
    stored = 0
    for (_, name), person in zip(FACES[1:], made.setup.required(), strict=False):
        photo = cv2.imread(str(TESTDATA / "faces" / str(name)))
        if photo is None:
            continue
        picture = await clean_picture(cv2.imencode(".jpg", photo)[1].tobytes())
        image_id = new_image_id()
        await BlobStore(context).put(blob_key(image_id), picture.data)
        async with context.db.begin() as tx:
            await tx.execute(
                identity_images.insert().values(
                    id=image_id, participant_id=person.person_id, kind=ImageKind.FACE.value, width=picture.width,
                    height=picture.height, size_bytes=len(picture.data), sha256=picture.sha256, checks=[], captured_by="agent",
                    captured_by_id="bench", captured_at=context.now(),
                )
            )  # fmt: skip
        stored += 1
    return stored


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
        video = synth.encode_video("vp8", face_picture(number), PERIOD_MS, width=640, height=480, key_every=75)
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
        captured = await capture_faces(context, made)
        is_human = await record_case(made, minutes)
        size = sum(path.stat().st_size for path in (made.folder / "segments").iterdir()) / 1e6
        print(
            f"{minutes:g} minutes recorded, {size:.0f} MB, {'human speech' if is_human else 'no speech clips: hum'}, "
            f"{captured} faces captured beforehand, load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        with process(env, "speech", folder / "speech.log"), process(env, "jobs", folder / "jobs.log"):
            await asyncio.sleep(10)  # both are up; the clock starts with the end of the call, not with theirs
            seconds = await _finalised(context, made, minutes)
        steps = await _steps(context)
        compared = await _compared(context)
    finally:
        await database.aclose()
    print(", ".join(f"{name} {value:.1f} s" for name, value in steps.items()))
    print(f"faces compared: {compared}; load average {os.getloadavg()[0]:.1f}")
    key = "finalise_15min_s" if minutes == 15 else f"finalise_{minutes:g}min_s"
    return {key: round(seconds, 1), "finalise_steps_s": steps, "finalise_faces": compared}


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


async def _compared(context: Context) -> list[dict[str, object]]:
    """What the check of the same person found: its result and figures, by seat."""
    query = sa.select(recording_checks.c.result, recording_checks.c.value).where(recording_checks.c.code == "same_person")
    async with context.db.read() as tx:
        rows = list(await tx.execute(query.order_by(recording_checks.c.scope)))
    return [{"result": row.result, **(row.value or {})} for row in rows]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Finalising a case")
    parser.add_argument("--minutes", type=float, default=15.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-finalise", dir=os.environ.get("DR_BENCH_DIR")) as name:
        print("RESULT " + json.dumps(asyncio.run(measure(Path(name), options.minutes))))


if __name__ == "__main__":
    main()
