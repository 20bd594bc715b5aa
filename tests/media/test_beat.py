"""The kernel's repeating timer as the worker's clock of work."""

import asyncio
import time
from collections.abc import Callable

import pytest
import uvloop

from media.transport.beat import Beat

_MS = 1_000_000


async def _beats() -> None:
    slow: list[int] = []
    fast: list[int] = []
    both = asyncio.Event()

    def enough() -> None:
        if len(slow) >= 3 and len(fast) >= 6:
            both.set()

    def on_slow(due: int) -> None:
        assert due <= time.monotonic_ns()
        slow.append(due)
        enough()

    def on_fast(due: int) -> None:
        fast.append(due)
        enough()

    first, second = Beat(on_slow), Beat(on_fast)
    first.start(20 * _MS)
    second.start(10 * _MS)
    async with asyncio.timeout(60):
        await both.wait()
    # On whole multiples, each later than the one before: so the slow ones fall on fast ones.
    assert all(due % (20 * _MS) == 0 for due in slow)
    assert all(due % (10 * _MS) == 0 for due in fast)
    assert slow == sorted(set(slow))
    assert fast == sorted(set(fast))
    # Another pace, begun from within its own call too.
    fast.clear()
    second.start(4 * _MS)
    second.start(4 * _MS)
    async with asyncio.timeout(60):
        while len(fast) < 3:
            await asyncio.sleep(0)
    assert all(due % (4 * _MS) == 0 for due in fast)
    first.stop()
    second.stop()
    second.stop()
    assert first.is_running is second.is_running is False
    count = len(slow)
    first.start(10 * _MS)
    async with asyncio.timeout(60):
        while len(slow) == count:
            await asyncio.sleep(0)
    first.stop()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_beats_fall_together_change_their_pace_and_stop(run: Callable[..., None]) -> None:
    run(_beats())


def test_missed_beats_come_as_one() -> None:
    async def check() -> None:
        seen: list[int] = []
        beat = Beat(seen.append)
        beat.start(2 * _MS)
        began = time.monotonic_ns()
        while time.monotonic_ns() - began < 20 * _MS:
            pass  # the loop is held up
        async with asyncio.timeout(60):
            while len(seen) < 2:
                await asyncio.sleep(0)
        beat.stop()
        assert seen[0] < began + 2 * _MS
        assert seen[1] >= began + 18 * _MS

    asyncio.run(check())


def test_one_that_stops_itself() -> None:
    async def check() -> None:
        done = asyncio.Event()

        def once(_: int) -> None:
            beat.stop()
            done.set()

        beat = Beat(once)
        beat.start(_MS)
        async with asyncio.timeout(60):
            await done.wait()

    asyncio.run(check())
