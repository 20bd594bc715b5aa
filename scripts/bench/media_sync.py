"""A/V sync in the recorded file: flash and beep once a second, decoded from the segments.

    python -m scripts.bench.media_sync [--minutes 60]

One sender whose audio RTP clock is 200 ppm fast, whose pictures leave 40 ms after capture, whose first audio report comes after
5 s, over a network with jitter and repaired loss. Figures count from the start of the file, the first seconds included.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from media.compose.sources import SoundSource
from media.ports import Codec, MediaKind
from media.recorder import Recorder
from media.recorder.ebml import VIDEO_TRACK
from media.recorder.reader import Timeline, blocks, read_timeline
from scripts.bench.recorded import Network, Sender, Silent, feed_person, result
from tests.media import synth

PERIOD_MS = 10_000
FPS = 20
NETWORKS = {
    "wifi": Network(delay=25, jitter=6, loss=0.01),
    "mobile": Network(delay=60, jitter=25, loss=0.05),
}


def senders() -> list[Sender]:
    """Sound and pictures of one person."""
    picture = synth.flash_picture(160, 120, (20, 60, 90))
    video = synth.encode_video("vp8", picture, PERIOD_MS, fps=FPS, width=160, height=120, key_every=FPS * 2)
    sound = synth.encode_opus(synth.beep(), PERIOD_MS)
    return [
        Sender(
            MediaKind.MIC,
            Codec.OPUS,
            sound,
            PERIOD_MS,
            rate_error=200e-6,
            send_delay=20,
            first_report_ms=5_000,
            report_every_ms=5_000,
        ),
        Sender(MediaKind.CAMERA, Codec.VP8, video, PERIOD_MS, send_delay=40),
    ]


def flashes(timeline: Timeline) -> list[float]:
    """Times in ms at which the picture turns white."""
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    found: list[float] = []
    was_bright = True
    for _, block in blocks(timeline.folder, timeline.segments):
        if block.track != VIDEO_TRACK:
            continue
        for frame in decoder.decode(av.Packet(bytes(block.data))):
            luma = np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(-1, frame.planes[0].line_size)
            is_bright = float(luma[: frame.height // 2, : frame.width].mean()) > 180
            if is_bright and not was_bright:
                found.append(block.t_ms)
            was_bright = is_bright
    return found


def beeps(timeline: Timeline) -> list[float]:
    """Times in ms at which the tone begins."""
    source = SoundSource(timeline.folder, timeline.segments)
    found: list[float] = []
    quiet_for = 0
    chunk = 48 * 1_000
    total = max(segment.t1_ms for segment in timeline.segments)
    for start in range(0, total * 48, chunk):
        samples: NDArray[np.float32] = np.zeros(chunk, np.float32)
        source.add_to(samples, start)
        loud = np.abs(samples).reshape(-1, 24).max(axis=1) > 0.1
        for index, is_loud in enumerate(loud):
            if is_loud and quiet_for > 400:
                found.append(start / 48 + index * 0.5)
            quiet_for = 0 if is_loud else quiet_for + 1
    return found


async def record(folder: Path, people: list[Sender], duration_ms: int, network: Network) -> tuple[int, float]:
    """Record; the number of packets and the CPU seconds the recorder took (packet making included)."""
    recorder = Recorder()
    recording = await recorder.open(folder, "bench", "bench", Silent())
    begun = time.process_time()
    packets = feed_person(recording, "s1", people, duration_ms, network, seed=1)
    await recording.stop()
    await recorder.aclose()
    return packets, time.process_time() - begun


def measure(people: list[Sender], minutes: float, network: Network) -> dict[str, float]:
    """Figures of one network."""
    duration_ms = int(minutes * 60_000) // PERIOD_MS * PERIOD_MS
    with tempfile.TemporaryDirectory(dir=os.environ.get("DR_BENCH_DIR")) as name:
        folder = Path(name) / "recording"
        packets, _ = asyncio.run(record(folder, people, duration_ms, network))
        timeline = read_timeline(folder)
        seen, heard = np.array(flashes(timeline)), np.array(beeps(timeline))
    pairs = [(at, float(heard[np.abs(heard - at).argmin()] - at)) for at in seen]
    offsets = np.array([offset for _, offset in pairs])
    hours = np.array([at for at, _ in pairs]) / 3_600_000
    settled = hours > 60_000 / 3_600_000
    events = duration_ms // 1_000 - 1
    return {
        "packets": packets,
        "gaps": len(timeline.gaps),
        "flashes_pct": 100 * len(seen) / events,
        "beeps_pct": min(100.0, 100 * len(heard) / events),
        "offset_p50_ms": float(np.median(offsets)),
        "offset_p99_ms": float(np.quantile(np.abs(offsets), 0.99)),
        "offset_max_ms": float(np.abs(offsets).max()),
        "drift_ms_per_h": float(np.polyfit(hours[settled], offsets[settled], 1)[0]) if settled.sum() > 60 else float("nan"),
    }


def run(minutes: float = 60.0) -> dict[str, float]:
    """Every network; the figures of the worst."""
    people = senders()
    rows: dict[str, dict[str, float]] = {}
    for name, network in NETWORKS.items():
        rows[name] = measure(people, minutes, network)
        print(f"{name:8} " + "  ".join(f"{key} {value:.2f}" for key, value in rows[name].items()), flush=True)
    return {
        "av_sync_p99_ms": round(max(row["offset_p99_ms"] for row in rows.values()), 1),
        "drift_ms_per_h": round(max(abs(row["drift_ms_per_h"]) for row in rows.values()), 2),
        "sync_minutes": minutes,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    result(run(parser.parse_args().minutes))
