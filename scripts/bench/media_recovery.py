"""What a link that goes away costs: ICE restart after an address change, and whether recorded gaps equal the real black-outs.

    python -m scripts.bench.media_recovery [--restarts 6] [--outages 3,10,30,90]

Native clients behind the link emulator. The truth comes from the emulator, which sees every media packet that reaches the worker
(SSRCs and timestamps are plain in SRTP), not from the worker. A recorded gap is the journal's; the camera's ends at its first
picture, so its truth ends where the file shows a picture again; that of the sound where anything arrives and the sender's own
clock says so (one that stood still delivers late what belongs into the black-out). Black-outs of 30 s and more end with an ICE
restart by the client, as its page does it; shorter ones end by themselves. Last, the worker of a running session (web process,
pages on sockets) is killed and started again as the supervisor does: `worker_kill_s` is the longest recorded gap of anybody's
sound. Takes about 3.5 minutes. Needs root.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.recorder.ebml import VIDEO_TRACK
from media.recorder.reader import blocks
from scripts.bench.events import gap_around, of_seat, pause_around
from scripts.bench.recorded import result
from scripts.link_emulator import PROFILES, LinkEmulator
from server.settings import Settings
from tests.media.conftest import ROOM
from tests.media.link_room import LinkRoom
from tests.media.native import NativeClient
from tests.support.killed_session import kill_once

_RESTART_FROM_S = 30.0


@dataclass(frozen=True, slots=True)
class Outage:
    """One black-out: errors in ms of the recorded gap's length, and how long media took to be back."""

    seconds: float
    sound_error_ms: float
    picture_error_ms: float
    back_s: float
    is_same_leg: bool


async def ssrcs(client: NativeClient) -> dict[str, int]:
    """SSRCs of what the client sends, by `mic` and `camera`."""
    stats = await client.until(lambda item: item["outbound"].get("0") and item["outbound"].get("1"))
    return {"mic": int(stats["outbound"]["0"]["ssrc"]), "camera": int(stats["outbound"]["1"]["ssrc"])}


async def start_room(folder: Path, link: LinkEmulator) -> tuple[LinkRoom, dict[str, int], dict[str, Any]]:
    """A recorded room with a far sender (`a`) and a near viewer (`b`)."""
    room = await LinkRoom.start(folder, link)
    try:
        await room.open("a", "b")
        await room.consent("a", "b")
        client = await room.client("a")
        viewer = await room.client("b", is_far=False, kinds=["mic"])
        await viewer.until(lambda stats: stats["seen"].get("5", {}).get("frames", 0) > 5)
        recording = folder / "recordings" / "bench"
        started = await room.call("recording.start", room_id=ROOM, recording_id="bench", dir=str(recording))
        numbers = await ssrcs(client)
        await asyncio.sleep(3)
    except BaseException:
        await room.aclose()
        raise
    return room, numbers, started


async def media_back(link: LinkEmulator, ssrc: int, since: float, timeout: float = 20) -> float:
    """Wait for the first packet of a stream after an instant; its time."""
    async with asyncio.timeout(timeout):
        while not (times := link.media(since).get(ssrc)):  # noqa: ASYNC110 - the link is a thread
            await asyncio.sleep(0.02)
    return times[0]


async def black_out(seconds: float, seed: int) -> Outage:
    """Cut the link for a while."""
    with (
        tempfile.TemporaryDirectory(prefix="dr-", dir=os.environ.get("DR_BENCH_DIR")) as name,
        LinkEmulator(PROFILES["4g"], seed=seed) as link,
    ):
        folder = Path(name)
        room, numbers, started = await start_room(folder, link)
        try:
            cut = time.monotonic()
            link.blackout(seconds)
            await asyncio.sleep(seconds)
            over = time.monotonic()
            if seconds >= _RESTART_FROM_S:
                await room.restart_ice("a")
            back = max([await media_back(link, ssrc, over) for ssrc in numbers.values()])
            await room.event("leg.resumed", seat_id="a")
            await asyncio.sleep(4)
            seen = link.media(cut - 1)
            silent_ms = sound_pause_ms(link, numbers["mic"], cut + seconds / 2)
            closed = bool(room.found("leg.closed"))
            await room.call("recording.stop", room_id=ROOM)
        finally:
            await room.aclose()
        zero = started["started_monotonic_ns"] / 1e6
        errors = gap_errors(
            folder / "recordings" / "bench", {m: seen[ssrc] for m, ssrc in numbers.items()}, cut + seconds / 2, zero, silent_ms
        )
    return Outage(seconds, errors["mic"], errors["camera"], back - over, not closed)


def sound_pause_ms(link: LinkEmulator, ssrc: int, middle: float) -> float:
    """How long sound was away around an instant; a sender that stood still is late, and what it sends late is not missing."""
    seconds = link.pause(ssrc, 48_000, middle)
    if seconds is None:
        raise SystemExit("no sound on both sides of the black-out")
    return seconds * 1e3


def gap_errors(folder: Path, seen: dict[str, list[float]], middle: float, zero_ms: float, silent_ms: float) -> dict[str, float]:
    """Recorded minus real length in ms of the gap around an instant.

    Args:
        seen: when packets of `mic` and `camera` reached this host, monotonic seconds.
        zero_ms: monotonic ms of session time 0.
        silent_ms: how long the sound was away (`sound_pause_ms`).
    """
    timeline = of_seat(folder, "a")
    at = middle * 1e3 - zero_ms
    errors: dict[str, float] = {}
    for media, times in seen.items():
        recorded, real = gap_around(timeline, media, at), pause_around(times, middle)
        if recorded is None or real is None:
            raise SystemExit(f"no gap of {media} found: recorded {recorded}, real {real}")
        end = real[1] * 1e3 - zero_ms
        if media == "camera":
            pictures = (block.t_ms for _, block in blocks(folder, timeline.segments) if block.track == VIDEO_TRACK)
            end = next(t_ms for t_ms in pictures if t_ms > at)
        is_sound = media == "mic"
        errors[media] = (recorded[1] - recorded[0]) - (silent_ms if is_sound else end - (real[0] * 1e3 - zero_ms))
    return errors


async def roam(restarts: int) -> tuple[list[float], bool]:
    """Move the client to another address and restart ICE; seconds until its sound and pictures reach the worker again."""
    took: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="dr-", dir=os.environ.get("DR_BENCH_DIR")) as name,
        LinkEmulator(PROFILES["4g"], seed=5) as link,
    ):
        room, numbers, _ = await start_room(Path(name), link)
        try:
            for _ in range(restarts):
                link.roam()
                # The client's list of its networks is two seconds old at most; a browser is told at once.
                await asyncio.sleep(2.5)
                began = await room.restart_ice("a")
                took.append(max([await media_back(link, ssrc, began) for ssrc in numbers.values()]) - began)
                await asyncio.sleep(3)
            closed = bool(room.found("leg.closed"))
            await room.call("recording.stop", room_id=ROOM)
        finally:
            await room.aclose()
    return took, not closed


async def killed_worker() -> dict[str, int]:
    """Kill the worker of a running session; the gap in ms of each seat's sound."""
    with tempfile.TemporaryDirectory(prefix="dr-", dir=os.environ.get("DR_BENCH_DIR")) as name:
        settings = Settings(data_dir=Path(name), http_port=0, database_url="", model_dir=Path(name) / "no-models")
        return (await kill_once(settings)).away_ms


async def all_outages(lengths: list[float]) -> list[Outage]:
    """Every length at once, each on a link and a worker of its own."""
    return list(await asyncio.gather(*(black_out(seconds, index) for index, seconds in enumerate(lengths))))


def run(restarts: int, lengths: list[float], kills: int = 5) -> dict[str, float]:
    """Everything; the worst figures."""
    took, same_legs = asyncio.run(roam(restarts))
    print(
        f"{restarts} address changes: media back after {statistics.median(took):.2f} s (median), "
        f"{min(took):.2f}…{max(took):.2f} s; same leg: {same_legs}",
        flush=True,
    )
    outages = asyncio.run(all_outages(lengths))
    for item in outages:
        print(
            f"black-out {item.seconds:4.0f} s: recorded minus real gap: sound {item.sound_error_ms:+.0f} ms, "
            f"pictures {item.picture_error_ms:+.0f} ms; media back after {item.back_s:.2f} s; same leg: {item.is_same_leg}",
            flush=True,
        )
    figures = {"ice_restart_s": round(max(took), 2), "ice_restart_median_s": round(statistics.median(took), 2)}
    if outages:
        figures["gap_error_ms_max"] = round(max(max(abs(item.sound_error_ms), abs(item.picture_error_ms)) for item in outages))
    away = [max(asyncio.run(killed_worker()).values()) for _ in range(kills)]
    print(f"{kills} killed workers: sound away for {statistics.median(away)} ms (median), {min(away)}…{max(away)} ms", flush=True)
    figures["worker_kill_s"] = round(max(away) / 1e3, 2)
    figures["legs_kept"] = int(same_legs and all(item.is_same_leg for item in outages))
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=6)
    parser.add_argument("--outages", default="3,10,30,90")
    options = parser.parse_args()
    result(run(options.restarts, [float(part) for part in options.outages.split(",") if part]))
