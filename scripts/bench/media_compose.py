"""How fast a case is composed: three people (640×480, 15 pictures a second, moving and noisy) and a 720p share for a third of it.

    python -m scripts.bench.media_compose [--minutes 15] [--preset superfast]

All of it is pinned to one core: `compose_x` is the length of the case divided by the CPU seconds it took, decoding, drawing and
encoding together. On two cores that share their units each second is worth less, and would not tell the speed on one.
The wall-clock speed beside it depends on what else the machine does.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from media.compose import ComposeJob, NodeMark, SeatView, compose, remux_leg
from media.ports import Codec, MediaKind
from media.recorder import Recorder
from media.recorder.reader import read_timeline
from scripts.bench.recorded import Network, Sender, Silent, feed_person, result, set_duration
from tests.media import synth

PERIOD_MS = 10_000


def person_picture(seed: int) -> synth.Picture:
    """Somebody before a wall: a smooth background with sensor noise, and a head that moves."""
    rng = np.random.default_rng(seed)
    y, x = np.ogrid[0:480, 0:640]
    wall = np.stack(np.broadcast_arrays(90 + x // 12, 80 + y // 10, 110 + (x + y) // 20), axis=2).astype(np.int16)
    noise = [rng.normal(0, 4, (480, 640, 1)).astype(np.int16) for _ in range(8)]

    def draw(t_ms: float) -> NDArray[np.uint8]:
        picture = wall.copy()
        centre_x, centre_y = 320 + 40 * np.sin(t_ms / 900 + seed), 240 + 15 * np.sin(t_ms / 400)
        picture[((x - centre_x) / 90) ** 2 + ((y - centre_y) / 130) ** 2 < 1] = (205, 165, 140)
        open_by = 4 + 10 * abs(np.sin(t_ms / 130))
        picture[((x - centre_x) / 28) ** 2 + ((y - centre_y - 60) / open_by) ** 2 < 1] = (120, 40, 50)
        return np.asarray(np.clip(picture + noise[int(t_ms) % 8], 0, 255), np.uint8)

    return draw


def page_picture(t_ms: float) -> NDArray[np.uint8]:
    """A page of print that scrolls."""
    picture = np.full((720, 1280, 3), 250, np.uint8)
    shift = int(t_ms / 40)
    for row in range(-20, 740, 26):
        top = row - shift % 26
        for column in range(80, 1180, 22):
            if (column * 7 + (row + shift // 26) * 13) % 5:
                picture[max(0, top) : max(0, top + 14), column : column + 16] = 40
    return picture


def voice(t_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """A hum with syllables."""
    sound: NDArray[np.float64] = np.sin(t_ms * 0.9) * np.maximum(0, np.sin(t_ms / 110)) * 0.3
    return sound


async def make_case(folder: Path, minutes: float) -> None:
    """Record the case."""
    duration_ms = int(minutes * 60_000) // PERIOD_MS * PERIOD_MS
    recorder = Recorder()
    recording = await recorder.open(folder, "bench", "bench", Silent())
    sound = synth.encode_opus(voice, PERIOD_MS)
    for seat in range(3):
        video = synth.encode_video("vp8", person_picture(seat), PERIOD_MS, width=640, height=480, key_every=75)
        senders = [Sender(MediaKind.MIC, Codec.OPUS, sound, PERIOD_MS), Sender(MediaKind.CAMERA, Codec.VP8, video, PERIOD_MS)]
        feed_person(recording, f"s{seat}", senders, duration_ms, Network(delay=20, jitter=5), seat)
        await asyncio.sleep(1.0)
    share = synth.encode_video("vp8", page_picture, PERIOD_MS, fps=8, width=1280, height=720, key_every=40)
    third = duration_ms // 3 // PERIOD_MS * PERIOD_MS
    screen = Sender(MediaKind.SCREEN, Codec.VP8, share, PERIOD_MS)
    feed_person(recording, "s1", [screen], third, Network(delay=20), 9, start_ms=third)
    await recording.stop()
    await recorder.aclose()
    set_duration(folder, duration_ms)


def run(minutes: float = 15.0, preset: str = "superfast") -> dict[str, float]:
    """Record and compose one case."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("DR_BENCH_DIR")) as name:
        folder = Path(name) / "recording"
        asyncio.run(make_case(folder, minutes))
        timeline = read_timeline(folder)
        started = time.perf_counter()
        for chain in timeline.chains():
            remux_leg(timeline, chain, Path(name) / "legs")
        remux_s = time.perf_counter() - started
        seats = tuple(SeatView(f"s{seat}", text) for seat, text in enumerate(("李明(业务员)", "张三(投保人)", "王五(被保险人)")))
        step = timeline.duration_ms // 12
        nodes = tuple(NodeMark(index * step, f"第{index + 1}节") for index in range(12))
        progress: list[float] = []
        job = ComposeJob(folder, Path(name) / "case.mp4", seats, nodes, headline="投保单 BENCH-1", preset=preset)
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores)})
        own, children = time.process_time(), _children_s()
        started = time.perf_counter()
        made = asyncio.run(compose(job, progress.append))
        wall = time.perf_counter() - started
        cpu = time.process_time() - own + _children_s() - children
        os.sched_setaffinity(0, cores)
        with av.open(str(made.path)) as container:
            length = (container.duration or 0) / 1e6
        print(
            f"{timeline.duration_ms / 60_000:.1f} min, {sum(s.bytes for s in timeline.segments) / 1e6:.0f} MB recorded, "
            f"{made.bytes / 1e6:.0f} MB composed; CPU {cpu:.1f} s, wall {wall:.1f} s ({made.duration_ms / 1000 / wall:.1f}×), "
            f"legs remuxed in {remux_s:.1f} s, {len(progress)} progress reports, length {length:.3f} s",
            flush=True,
        )
        return {
            "compose_x": round(made.duration_ms / 1000 / cpu, 2),
            "compose_wall_x": round(made.duration_ms / 1000 / wall, 2),
            "compose_length_error_ms": round(abs(length * 1000 - made.duration_ms), 1),
        }


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--preset", default="superfast")
    options = parser.parse_args()
    result(run(options.minutes, options.preset))
