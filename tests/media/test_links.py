"""Native clients over an emulated bad link: what is lost is repaired, what is gone is told, who moves keeps the leg (root)."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from media.recorder.reader import read_timeline
from scripts.bench.events import presence
from scripts.bench.media_recovery import gap_errors, media_back, sound_pause_ms, ssrcs
from scripts.link_emulator import PROFILES, LinkEmulator
from tests.conftest import lacking
from tests.media.conftest import ROOM
from tests.media.link_room import LinkRoom
from tests.media.native import missing

pytestmark = pytest.mark.needs_root


@asynccontextmanager
async def linked(seed: int) -> AsyncIterator[tuple[LinkRoom, LinkEmulator, Path]]:
    """A recorded room: `a` behind the link, `b` on this machine. Gives the recording's folder too."""
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists():
        lacking("root with /dev/net/tun", "run as root")
    if what := missing():
        lacking(what, "run `npm ci` in web/")
    with tempfile.TemporaryDirectory(prefix="dr-link-") as name, LinkEmulator(seed=seed) as link:
        folder = Path(name) / "recordings" / "rec"
        room = await LinkRoom.start(Path(name), link)
        try:
            await room.open("a", "b")
            await room.consent("a", "b")
            await room.client("a")
            await room.client("b", is_far=False)
            for seat in ("a", "b"):
                await room.clients[seat].until(lambda stats: stats["seen"].get("5", {}).get("frames", 0) > 5)
            yield room, link, folder
        finally:
            await room.aclose()


async def record(room: LinkRoom, folder: Path) -> dict[str, Any]:
    started: dict[str, Any] = await room.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    return started


async def test_burst_loss_both_ways_leaves_every_event_in_the_file() -> None:
    async with linked(seed=7) as (room, link, folder):
        started = await record(room, folder)
        link.profile = PROFILES["burst_5"]
        await room.event_number(2, "quality", 60, seat_id="a")
        # A sender that the machine does not let run is late with its sound; it loses none of it and moves none of it.
        await room.clients["a"].call("stall", ms=1_300)
        await room.event_number(6, "quality", 60, seat_id="a")
        leg = await room.leg_stats("a")
        link.profile = PROFILES["clean"]
        await room.event_number(7, "quality", 60, seat_id="a")
        made = await room.clients["a"].call("shown")
        end = await room.call("recording.stop", room_id=ROOM)
        found = presence(folder, "a", started["started_monotonic_ns"], 1_000, end["duration_ms"] - 1_000, made)
    assert link.dropped > 50
    assert leg["nack"] > 0
    assert leg["rtx"] > 0
    assert found.expected_flashes >= 10
    assert (found.flashes, found.beeps) == (found.expected_flashes, found.expected_beeps), (found, leg)


async def test_black_out_is_recorded_as_it_was_and_a_new_address_keeps_the_leg() -> None:
    async with linked(seed=8) as (room, link, folder):
        numbers = await ssrcs(room.clients["a"])
        started = await record(room, folder)
        await room.event_number(2, "quality", 60, seat_id="a")
        cut = time.monotonic()
        link.blackout(3)
        interrupted = await room.event("leg.interrupted", seat_id="a")
        detected = time.monotonic() - cut
        # The sender stands still over the end of the black-out: what it has to say of that time comes late, and is not missing.
        await asyncio.sleep(max(0.0, cut + 2.6 - time.monotonic()))
        await room.clients["a"].call("stall", ms=900)
        await room.event("leg.resumed", seat_id="a")
        resumed_after = [await media_back(link, ssrc, cut + 3) for ssrc in numbers.values()]
        # Sender reports and the recorder's wait for a cause settle the gap.
        await room.event_number(5, "quality", 60, seat_id="a")
        seen, silent_ms = link.media(cut - 1), sound_pause_ms(link, numbers["mic"], cut + 1.5)
        link.roam()
        await room.event_number(2, "leg.interrupted", seat_id="a")
        began = await room.restart_ice("a")
        back = [await media_back(link, ssrc, began) for ssrc in numbers.values()]
        await room.event_number(2, "leg.resumed", seat_id="a")
        assert not room.found("leg.closed")
        assert len(room.found("leg.connected", seat_id="a")) == 1
        await room.call("recording.stop", room_id=ROOM)
        zero = started["started_monotonic_ns"] / 1e6
        errors = gap_errors(folder, {media: seen[ssrc] for media, ssrc in numbers.items()}, cut + 1.5, zero, silent_ms)
        timeline = read_timeline(folder)
        legs = {segment.leg_id for segment in timeline.segments if segment.seat_id == "a"}
    # Wide enough for a crowded machine; the reach (100 ms, 1 s) is the bench's, `media_recovery`.
    assert detected < 6
    assert abs(interrupted["t_ms"] - (cut * 1e3 - zero)) < 1_000
    assert max(resumed_after) < cut + 3 + 5
    assert max(abs(error) for error in errors.values()) <= 1_000, (errors, zero, numbers, timeline.gaps)
    assert max(back) - began < 5
    assert len(legs) == 1
