"""What the recorder promises to have on the disk is there: what was synced, by which thread, before which answer."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from media.ports import Codec, MediaKind
from media.recorder import Recorder
from media.recorder.compiled import core
from media.recorder.writer import WriterLimits
from tests.conftest import lacking
from tests.media import synth
from tests.media.test_recorder import Listener


class Sync(NamedTuple):
    """One call that makes a file durable."""

    name: str
    size: int
    thread: str


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Sync]:
    """Every fsync and fdatasync of this process, noted once it is done."""
    done: list[Sync] = []
    for call in ("fsync", "fdatasync"):
        real = getattr(os, call)

        def spy(fd: int, real: Any = real) -> None:
            name, size = Path(f"/proc/self/fd/{fd}").readlink().name, os.fstat(fd).st_size
            real(fd)
            done.append(Sync(name, size, threading.current_thread().name))

        monkeypatch.setattr(os, call, spy)
    return done


@pytest.fixture(params=[False, True], ids=["python", "compiled"])
def is_compiled(request: pytest.FixtureRequest) -> bool:
    if request.param and core() is None:
        lacking("the compiled recorder", "run `make native`")
    return bool(request.param)


def test_it_is_every_second() -> None:
    assert WriterLimits().sync_interval_s == 1.0


async def test_open_segments_are_synced_by_their_own_thread(is_compiled: bool, synced: list[Sync], tmp_path: Path) -> None:
    recorder, listener = Recorder(WriterLimits(sync_interval_s=0.02), is_compiled=is_compiled), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    base = recording.clock.started_monotonic_ns
    sink = recording.track("s1", "l1", MediaKind.MIC, Codec.OPUS)
    packets = list(synth.rtp_packets(synth.encode_opus(synth.beep(), 6_000), "opus"))

    def size() -> int:
        """How much of the open segment is durable."""
        return max((item.size for item in synced if item.name.endswith(".webm")), default=0)

    for part in (packets[:50], packets[50:100]):
        before = size()
        for t_ms, packet in part:
            sink.rtp(*packet[:4], base + int(t_ms * 1e6))
        async with asyncio.timeout(30):  # the same file, again
            while size() <= before:
                await asyncio.sleep(0.01)
    assert not listener.segments, "it is still open"
    for t_ms, packet in packets[100:]:
        sink.rtp(*packet[:4], base + int(t_ms * 1e6))
    async with asyncio.timeout(30):
        while not listener.segments:
            await asyncio.sleep(0.01)
    [first] = listener.segments[:1]
    name = Path(first["file"]).name
    assert Sync(name, first["bytes"], "recorder-sync") in synced, "told as closed before it was durable"
    await recording.stop()
    await recorder.aclose()
    media = {item.thread for item in synced if item.name.endswith(".webm")}
    assert media == {"recorder-sync"}
    assert "segments" in {item.name for item in synced}, "a new file's name is durable with the folder only"


async def test_a_mark_is_durable_before_its_answer(is_compiled: bool, synced: list[Sync], tmp_path: Path) -> None:
    recorder = Recorder(is_compiled=is_compiled)
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    journal = tmp_path / "journal.ndjson"
    for number in range(3):
        synced.clear()
        await recording.mark("node", {"number": number})
        whole = [item for item in synced if item.name == journal.name]
        assert whole
        assert whole[-1].size == journal.stat().st_size
        assert f'"number":{number}' in journal.read_text()
    await recording.stop()
    assert [item for item in synced if item.name == journal.name][-1].size == journal.stat().st_size
    await recorder.aclose()
