"""Events present in the file when the link loses packets both ways: native clients behind the link emulator, files decoded.

    python -m scripts.bench.media_loss [--seconds 75]

Two clients behind one link (30 ms each way, 5 % lost at random, then 5 % lost in bursts by the Gilbert–Elliott model, 50 %
inside a burst of 11 packets on average), each with a flash and a beep every half second. An event is present when the decoded
file shows or sounds it within 150 ms of its place; a flash that the client itself did not show (a stalled machine) is none. Sound
against picture of the same event is the A/V sync of a real sender, less what the client was late with the picture; how late it
was with its sound is printed. Takes about 3 minutes. Needs root.
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

import numpy as np

from scripts.bench.events import presence
from scripts.bench.recorded import result
from scripts.link_emulator import PROFILES, LinkEmulator, Profile
from tests.media.conftest import ROOM
from tests.media.link_room import LinkRoom

SEATS = ("a", "b")
RUNS = {"random": PROFILES["random_5"], "burst": PROFILES["burst_5"]}


async def measure(profile: Profile, seconds: float, seed: int) -> dict[str, float]:
    """Record two people over such a link; what the file holds of them."""
    with tempfile.TemporaryDirectory(prefix="dr-", dir=os.environ.get("DR_BENCH_DIR")) as name, LinkEmulator(seed=seed) as link:
        folder = Path(name) / "recordings" / "bench"
        room = await LinkRoom.start(Path(name), link)
        try:
            await room.open(*SEATS)
            await room.consent(*SEATS)
            for seat in SEATS:
                await room.client(seat)
            for seat in SEATS:
                await room.clients[seat].until(lambda stats: stats["seen"].get("5", {}).get("frames", 0) > 5)
            link.profile = profile
            sent, dropped = link.sent, link.dropped
            started = await room.call("recording.start", room_id=ROOM, recording_id="bench", dir=str(folder))
            await asyncio.sleep(seconds)
            lost = (link.dropped - dropped) / (link.sent + link.dropped - sent - dropped)
            legs = [await room.leg_stats(seat) for seat in SEATS]
            made = [await room.clients[seat].call("shown") for seat in SEATS]
            # The last losses are repaired before the end, as they are when a person presses stop a moment later.
            link.profile = PROFILES["clean"]
            await asyncio.sleep(1.5)
            end = await room.call("recording.stop", room_id=ROOM)
        finally:
            await room.aclose()
        found = [
            presence(folder, seat, started["started_monotonic_ns"], 1_500, end["duration_ms"] - 2_000, what)
            for seat, what in zip(SEATS, made, strict=True)
        ]
    offsets = np.abs([offset for item in found for offset in item.offsets_ms])
    flashes, beeps = sum(item.flashes for item in found), sum(item.beeps for item in found)
    expected = sum(item.expected_flashes for item in found), sum(item.expected_beeps for item in found)
    return {
        "events": sum(expected),
        "present_pct": 100 * (flashes + beeps) / sum(expected),
        "flashes_pct": 100 * flashes / expected[0],
        "beeps_pct": 100 * beeps / expected[1],
        "link_loss_pct": 100 * lost,
        "unrepaired_pct": 100 * sum(leg["lost"] for leg in legs) / max(1, sum(leg["packets"] for leg in legs)),
        "client_late_ms": max(what["sound"]["late_ms"] for what in made),
        "client_late_frames": sum(what["sound"]["late_frames"] for what in made),
        "sync_p50_ms": float(np.median(offsets)),
        "sync_p99_ms": float(np.quantile(offsets, 0.99)),
    }


def run(seconds: float = 75.0) -> dict[str, float]:
    """Both kinds of loss."""
    rows: dict[str, dict[str, float]] = {}
    for name, profile in RUNS.items():
        rows[name] = asyncio.run(measure(profile, seconds, seed=11))
        print(f"{name:8} " + "  ".join(f"{key} {value:.2f}" for key, value in rows[name].items()), flush=True)
    return {
        "events_present_random_pct": round(float(rows["random"]["present_pct"]), 2),
        "events_present_burst_pct": round(rows["burst"]["present_pct"], 2),
        "loss_sync_p99_ms": round(float(max(row["sync_p99_ms"] for row in rows.values())), 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=75.0)
    result(run(parser.parse_args().seconds))
