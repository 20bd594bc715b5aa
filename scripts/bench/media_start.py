"""From the red button to the first sound and picture in the file.

    python -m scripts.bench.media_start [--starts 20]

Two native clients behind a 4G-like link (40 ms each way, jitter, 0.5 % loss) talk; recordings begin at arbitrary moments. Counted
from the call that starts the recording, to the session time of each seat's first sound and first picture that can be decoded.
Needs root.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

from media.recorder.ebml import VIDEO_TRACK
from media.recorder.reader import blocks
from scripts.bench.events import of_seat
from scripts.bench.recorded import result
from scripts.link_emulator import PROFILES, LinkEmulator
from tests.media.conftest import ROOM
from tests.media.link_room import LinkRoom

SEATS = ("a", "b")


async def measure(starts: int) -> tuple[list[float], list[float]]:
    """Seconds to sound and to pictures, of every start and seat."""
    sound: list[float] = []
    pictures: list[float] = []
    chance = random.Random(4)
    with (
        tempfile.TemporaryDirectory(prefix="dr-", dir=os.environ.get("DR_BENCH_DIR")) as name,
        LinkEmulator(PROFILES["4g"], seed=4) as link,
    ):
        room = await LinkRoom.start(Path(name), link)
        try:
            await room.open(*SEATS)
            await room.consent(*SEATS)
            for seat in SEATS:
                await room.client(seat)
            for seat in SEATS:
                await room.clients[seat].until(lambda stats: stats["seen"].get("5", {}).get("frames", 0) > 5)
            for number in range(starts):
                folder = Path(name) / "recordings" / str(number)
                await asyncio.sleep(chance.uniform(0.5, 2.0))
                pressed = time.monotonic_ns()
                started = await room.call("recording.start", room_id=ROOM, recording_id=str(number), dir=str(folder))
                await asyncio.sleep(1.5)
                await room.call("recording.stop", room_id=ROOM)
                before = (started["started_monotonic_ns"] - pressed) / 1e6
                for seat in SEATS:
                    timeline = of_seat(folder, seat)
                    firsts: dict[bool, float] = {}
                    for _, block in blocks(folder, timeline.segments):
                        firsts.setdefault(block.track == VIDEO_TRACK, block.t_ms)
                    sound.append((before + firsts.get(False, float("inf"))) / 1e3)
                    pictures.append((before + firsts.get(True, float("inf"))) / 1e3)
        finally:
            await room.aclose()
    return sound, pictures


def run(starts: int) -> dict[str, float]:
    """Every start; the slowest counts."""
    sound, pictures = asyncio.run(measure(starts))
    for name, took in (("sound", sound), ("pictures", pictures)):
        print(f"{name:8} median {statistics.median(took):.3f} s, slowest {max(took):.3f} s of {len(took)}", flush=True)
    return {"start_audio_s": round(max(sound), 3), "start_video_s": round(max(pictures), 3)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=20)
    result(run(parser.parse_args().starts))
