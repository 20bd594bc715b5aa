"""SIGKILL of real recording processes at random times, and how fast an unfinished half hour is closed.

    python -m scripts.bench.media_crash [--kills 200] [--parallel 4]

Each process records sound and 30 pictures a second in real time and tells each picture it has handed over; the tail lost is the
number of such pictures that FFmpeg does not decode from the files, read before and after recovery. Pictures handed over within
one frame period count as one: where the machine is overloaded, a process wakes up late and catches up in a burst.
"""

import argparse
import asyncio
import os
import pickle
import random
import signal
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from media.ports import Codec, MediaKind
from media.recorder import Recorder
from media.recorder.reader import read_timeline
from media.recorder.recover import recover
from scripts.bench.recorded import Network, Sender, Silent, feed_person, result
from tests.crash.test_recorder_kill import record_and_kill
from tests.media import synth

FPS = 30
LENGTH_MS = 8_000
HALF_HOUR_MS = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kill."""

    is_playable: bool
    tail_frames: int
    recover_s: float


def write_media(path: Path) -> None:
    """What the processes record, ready to be sent."""
    video = synth.encode_video("vp8", synth.flash_picture(320, 240, (30, 90, 160)), LENGTH_MS, fps=FPS, key_every=60)
    sound = synth.encode_opus(synth.beep(), LENGTH_MS)
    events: list[tuple[float, MediaKind, Codec, Any]] = []
    events += [(t_ms, MediaKind.CAMERA, Codec.VP8, packet) for t_ms, packet in synth.rtp_packets(video, "vp8")]
    events += [(t_ms, MediaKind.MIC, Codec.OPUS, packet) for t_ms, packet in synth.rtp_packets(sound, "opus")]
    path.write_bytes(pickle.dumps(sorted(events, key=lambda event: event[0])))


def decoded(paths: list[Path]) -> int:
    """Pictures that decode; raises for a file that does not play."""
    count = 0
    for path in paths:
        with av.open(str(path)) as container:
            for packet in container.demux():
                count += sum(isinstance(frame, av.VideoFrame) for frame in packet.decode())
    return count


def kill_once(media: Path, seed: int) -> Outcome:
    """Record, kill, judge."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("DR_BENCH_DIR")) as name:
        folder = Path(name) / "recording"
        given = record_and_kill(folder, media, random.Random(seed).uniform(0.2, 5.2))
        try:
            before = decoded(sorted((folder / "segments").iterdir()))
            started = time.perf_counter()
            recover(folder)
            took = time.perf_counter() - started
            timeline = read_timeline(folder)
            after = decoded([timeline.path(segment) for segment in timeline.segments])
        except (av.FFmpegError, OSError) as error:
            print(f"seed {seed}: {error}", file=sys.stderr)
            return Outcome(False, given, 0.0)
        return Outcome(True, max(0, given - min(before, after)), took)


async def record_half_hour(folder: Path) -> None:
    """Three people and a share for half an hour, never stopped; the process kills itself."""
    video = synth.encode_video("vp8", synth.flash_picture(320, 240, (9, 90, 9)), 10_000)
    sound = synth.encode_opus(synth.beep(), 10_000)
    recording = await Recorder().open(folder, "bench", "bench", Silent())
    loop = asyncio.get_running_loop()
    for seat in range(3):
        senders = [Sender(MediaKind.MIC, Codec.OPUS, sound, 10_000), Sender(MediaKind.CAMERA, Codec.VP8, video, 10_000)]
        feed_person(recording, f"s{seat}", senders, HALF_HOUR_MS, Network(), seat, is_left_open=True)
        await asyncio.sleep(0.2)
    await loop.run_in_executor(None, time.sleep, 2.0)
    os.kill(os.getpid(), signal.SIGKILL)


async def close_half_hour() -> float:
    """Seconds to close an unfinished recording of half an hour."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("DR_BENCH_DIR")) as name:
        folder = Path(name) / "recordings" / "bench"
        # A process of its own records as a worker does, so that what it leaves is what a worker leaves.
        code = "import asyncio, pathlib, sys; from scripts.bench import media_crash as m; "
        code += "asyncio.run(m.record_half_hour(pathlib.Path(sys.argv[1])))"
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(folder))
        status = await process.wait()
        if status != -signal.SIGKILL:
            raise SystemExit(f"recording process ended with {status}")
        size = sum(path.stat().st_size for path in (folder / "segments").iterdir())
        recorder = Recorder()
        started = time.perf_counter()
        found = await recorder.recover(folder.parent)
        took = time.perf_counter() - started
        await recorder.aclose()
        print(f"half hour: {size / 1e6:.0f} MB in {len(list((folder / 'segments').iterdir()))} segments, closed in {took:.3f} s")
        if len(found) != 1:
            raise SystemExit("recording not found again")
        return took


def run(kills: int = 200, parallel: int = 4) -> dict[str, float]:
    """All kills, then the half hour."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("DR_BENCH_DIR")) as name:
        media = Path(name) / "media.pickle"
        write_media(media)
        with ThreadPoolExecutor(parallel) as pool:
            outcomes = list(pool.map(lambda seed: kill_once(media, seed), range(kills)))
    tails = [outcome.tail_frames for outcome in outcomes if outcome.is_playable]
    playable = sum(outcome.is_playable for outcome in outcomes)
    mean = statistics.mean(tails) if tails else float("nan")
    slowest = max(outcome.recover_s for outcome in outcomes)
    tail = f"tail frames mean {mean:.2f} max {max(tails, default=0)}"
    print(f"kills {kills}, playable {playable}, {tail}, recovery max {slowest:.3f} s", flush=True)
    return {
        "kills": kills,
        "kills_playable": playable,
        "tail_frames_max": max(tails, default=0),
        "close_30min_s": round(asyncio.run(close_half_hour()), 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=4)
    options = parser.parse_args()
    result(run(options.kills, options.parallel))
