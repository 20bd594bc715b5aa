"""The recorder where things go wrong: a disk that stands still or is full at the end, folders that cannot be read, odd media."""

import asyncio
import fcntl
import hashlib
import os
import resource
import shutil
import sys
import termios
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.compose.sources import PictureSource
from media.ports import Codec, GapKind, MediaKind
from media.recorder import Recorder, ebml
from media.recorder.compiled import CompiledStream, core
from media.recorder.depacketise import H264Assembler
from media.recorder.journal import JOURNAL_NAME, NO_SHA256, Journal, read_journal
from media.recorder.reader import merge_spans, read_timeline
from media.recorder.recording import Recording
from media.recorder.stream import Stream
from media.recorder.writer import DiskWriter, WriterLimits
from media.rpc import RpcError
from media.vision.keyframes import decode_key_frame
from server.recordings.measuring.frames import key_frames
from tests.conftest import lacking
from tests.media import synth
from tests.media.conftest import ROOM, Control
from tests.media.peer import VP8, VP8_KEY
from tests.media.test_forwarding import MakePeer, pair
from tests.media.test_others_unharmed import plain
from tests.media.test_recorder import Listener


@pytest.fixture(params=[False, True], ids=["python", "compiled"])
def is_compiled(request: pytest.FixtureRequest) -> bool:
    if request.param and core() is None:
        lacking("the compiled recorder", "run `make native`")
    return bool(request.param)


@pytest.fixture(scope="module")
def opus() -> list[tuple[float, Any]]:
    return list(synth.rtp_packets(synth.encode_opus(synth.beep(), 4_000), "opus"))


def give(recording: Recording, sink: Stream, packets: list[tuple[float, Any]], shift_ms: float = 0) -> None:
    for t_ms, packet in packets:
        arrival = recording.clock.started_monotonic_ns + int((t_ms + shift_ms) * 1e6)
        sink.rtp(packet.sequence, packet.timestamp, packet.is_marker, packet.payload, arrival)


def later(packets: list[tuple[float, Any]], turn: int) -> list[tuple[float, Any]]:
    """The same four seconds of sound, following those before."""
    shift = {"sequence": 200 * turn, "timestamp": 192_000 * turn}
    return [
        (t_ms + 4_000 * turn, packet._replace(**{name: getattr(packet, name) + more for name, more in shift.items()}))
        for t_ms, packet in packets
    ]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.01)


# A disk that stands still


@asynccontextmanager
async def standing_still(writer: DiskWriter, folder: Path) -> AsyncIterator[None]:
    """The writer hangs in a write, as on a disk that does not answer: into a pipe that nobody reads."""
    read, write = os.pipe()
    file = writer.new_file(folder / "pipe", lambda error: None)
    file.state.fd = write
    size = 100_000  # more than a pipe takes
    await until(lambda: not writer.backlog)
    writer.append(file, bytes(size))
    await until(lambda: int.from_bytes(fcntl.ioctl(read, termios.FIONREAD, bytes(4)), sys.byteorder) >= 65_536)
    try:
        yield
    finally:
        while size:
            size -= len(os.read(read, size))
        os.close(read)


async def test_a_file_that_cannot_be_read_back_stops_no_other(tmp_path: Path) -> None:
    """The compiled writer hashes what it wrote when it makes it durable."""
    if core() is None:
        lacking("the compiled recorder", "run `make native`")
    recorder = Recorder(WriterLimits(sync_interval_s=0.02), is_compiled=True)
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    told: asyncio.Queue[OSError] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(error: OSError) -> None:
        loop.call_soon_threadsafe(told.put_nowait, error)

    read, write = os.pipe()
    file = recorder._writer.new_file(tmp_path / "pipe", tell)
    file.state.fd = write
    recorder._writer.append(file, b"written, but not to be read")
    async with asyncio.timeout(60):
        await told.get()
        await recording.mark("node", {})
        await recording.stop()
    await recorder.aclose()
    os.close(read)


async def test_behind_a_disk_that_stands_still_memory_does_not_fill(
    is_compiled: bool, opus: list[tuple[float, Any]], tmp_path: Path
) -> None:
    limit = 110_000
    recorder, listener = Recorder(WriterLimits(max_backlog=limit), is_compiled=is_compiled), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    video = list(synth.rtp_packets(synth.encode_video("vp8", synth.flash_picture(320, 240, (30, 90, 160)), 4_000), "vp8"))
    mic = recording.track("s1", "l1", MediaKind.MIC, Codec.OPUS)
    camera = recording.track("s1", "l1", MediaKind.CAMERA, Codec.VP8)
    loud = [(t_ms, packet._replace(payload=packet.payload[:1] + bytes(1_100))) for t_ms, packet in opus]
    writer = recorder._writer
    give(recording, mic, loud[:10])
    give(recording, camera, video[: len(video) // 4])
    async with standing_still(writer, tmp_path):
        give(recording, mic, loud[10:])
        give(recording, camera, video[len(video) // 4 :])
        for turn in (1, 2):
            give(recording, mic, later(loud, turn))
        assert limit < writer.backlog < 4 * limit + 3_000
    await until(lambda: not writer.backlog)
    give(recording, mic, later(loud, 3))
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(tmp_path)
    heard = [gap for gap in timeline.gaps if gap.media == MediaKind.MIC]
    assert [gap.kind for gap in heard] == [GapKind.LOSS]
    assert heard[0].t1_ms == pytest.approx(12_000, abs=3)
    assert any(gap.media == MediaKind.CAMERA for gap in timeline.gaps)
    assert not listener.failures


# A disk that is full


@contextmanager
def full_disk(path: Path, more: int = 0) -> Iterator[None]:
    """No file may grow beyond the size of this one (and `more` bytes)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_what_a_full_disk_refused_is_a_gap_and_the_rest_is_whole(
    is_compiled: bool, opus: list[tuple[float, Any]], tmp_path: Path
) -> None:
    recorder, listener = Recorder(is_compiled=is_compiled), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    mic = recording.track("s1", "l1", MediaKind.MIC, Codec.OPUS)
    opus = [(t_ms, packet._replace(payload=packet.payload[:1] + bytes(200))) for t_ms, packet in opus]
    give(recording, mic, opus[:100])
    await recording.mark("node", {})  # all of it is in the file
    [first] = (tmp_path / "segments").iterdir()
    with full_disk(first, 150):  # in the middle of a block
        give(recording, mic, opus[100:110])
        await until(lambda: bool(listener.failures))
        give(recording, mic, opus[110:])
        give(recording, mic, later(opus, 1))
        give(recording, mic, later(opus, 2)[:1])
        await until(lambda: not recorder.counters()["backlog"])
    give(recording, mic, later(opus, 2)[1:])
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(tmp_path)
    previous = NO_SHA256
    heard: list[tuple[int, int]] = []
    for segment in timeline.segments:
        content = timeline.path(segment).read_bytes()
        found = ebml.scan(content)
        assert found.is_whole
        assert (segment.bytes, segment.frames) == (len(content), len(found.blocks))
        assert (segment.sha256, segment.prev_sha256) == (hashlib.sha256(content).hexdigest(), previous)
        previous = segment.sha256
        heard += [(block.t_ms, block.t_ms + 20) for block in found.blocks]
    assert sorted((tmp_path / "segments").iterdir()) == [timeline.path(segment) for segment in timeline.segments]
    opened = [entry for entry in timeline.entries if entry["type"] == "segment_opened"]
    assert len(opened) < 12, "each attempt is a file: not one for each packet"
    missing = [(gap.t0_ms, gap.t1_ms) for gap in timeline.gaps]
    assert {gap.kind for gap in timeline.gaps} == {GapKind.LOSS}
    assert sum(t1 - t0 for t0, t1 in merge_spans(missing)) > 900
    [whole] = merge_spans(heard + missing, 2)
    assert whole[0] <= 1
    assert whole[1] >= 11_990
    assert listener.failures == ["DISK_ERROR"]


def test_what_the_disk_refused_of_a_journal_follows_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    journal = Journal(path)
    journal.append("first", 0, {})
    with full_disk(path, 20):
        for type_ in ("second", "third"):
            with pytest.raises(OSError, match="File too large"):
                journal.append(type_, 0, {}, is_kept=True)
        with pytest.raises(OSError, match="File too large"):
            journal.append("refused", 0, {})
        journal.sync()
    assert len(read_journal(path)[0]) == 1
    journal.append("fourth", 0, {})
    with full_disk(path), pytest.raises(OSError, match="File too large"):
        journal.append("last", 0, {}, is_kept=True)
    journal.sync()
    journal.close()
    entries = read_journal(path)[0]
    assert [entry["type"] for entry in entries] == ["first", "second", "third", "fourth", "last"]
    assert [entry["seq"] for entry in entries] == [0, 1, 2, 3, 4]


async def test_a_mark_that_the_disk_refused_is_told_and_follows(tmp_path: Path) -> None:
    recorder = Recorder()
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    with full_disk(tmp_path / JOURNAL_NAME), pytest.raises(OSError, match="File too large"):
        await recording.mark("first", {})
    await recording.mark("second", {})
    await recording.stop()
    await recorder.aclose()
    assert [mark.kind for mark in read_timeline(tmp_path).marks] == ["first", "second"]


async def test_a_recording_that_the_disk_kept_from_going_on_goes_on_later(tmp_path: Path) -> None:
    await left_behind(Recorder(), [tmp_path], [])
    recorder = Recorder()
    with full_disk(tmp_path / JOURNAL_NAME), pytest.raises(OSError, match="File too large"):
        await recorder.open(tmp_path, "r1", "room1", Listener())
    again = await recorder.open(tmp_path, "r1", "room1", Listener())
    await again.stop()
    await recorder.aclose()
    kinds = [entry["type"] for entry in read_timeline(tmp_path).entries]
    assert kinds == ["recording_started", "recording_resumed", "recording_stopped"]


# Ends


async def test_an_end_that_the_disk_refused_can_be_written_later(is_compiled: bool, tmp_path: Path) -> None:
    recorder, listener = Recorder(is_compiled=is_compiled), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    await recording.mark("node", {})
    with full_disk(tmp_path / JOURNAL_NAME), pytest.raises(OSError, match="File too large"):
        await recording.stop()
    again = await recorder.open(tmp_path, "r1", "room1", listener)
    await again.stop()
    assert read_timeline(tmp_path).is_stopped
    await recorder.aclose()


async def test_a_recording_whose_folder_is_gone_ends_and_so_does_its_room(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    folder = control.data_dir / "recordings" / "rec"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    a.send_audio(0)
    await control.event("track.started", seat_id="a", kind="mic")
    shutil.rmtree(folder)
    with pytest.raises(RpcError, match="INTERNAL"):
        await control.call("room.close", room_id=ROOM)
    assert not control.worker.api.rooms
    assert control.worker.api.emptied.is_set()


async def test_a_stream_that_begins_as_the_recording_ends_is_in_the_next_one(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    folder = control.data_dir / "recordings"
    await control.call("recording.start", room_id=ROOM, recording_id="one", dir=str(folder / "one"))
    room = control.worker.api.rooms[ROOM]
    leg = room.seats["a"].leg
    assert leg is not None
    ending = asyncio.create_task(room.stop_recording())
    await asyncio.sleep(0)
    leg.on_rtp(*plain(a, "camera", VP8, 1, VP8_KEY), 1)
    await ending
    assert leg.sources[MediaKind.CAMERA].sink is None
    assert room.prompt.source.sink is None
    await control.call("recording.start", room_id=ROOM, recording_id="two", dir=str(folder / "two"))
    assert leg.sources[MediaKind.CAMERA].sink is not None


# Starts


async def left_behind(recorder: Recorder, folders: list[Path], opus: list[tuple[float, Any]]) -> None:
    """Recordings of a worker that ends without ending them."""
    begun = [await recorder.open(folder, folder.name, "room1", Listener()) for folder in folders]
    for recording in begun:
        give(recording, recording.track("prompt", "prompt", MediaKind.PROMPT, Codec.OPUS), opus)
    await recorder.suspend()
    for recording in begun:
        recording._timer.cancel()
        recording._journal.close()  # as when its process is gone


async def test_one_recording_that_cannot_be_recovered_keeps_no_worker_from_starting(
    opus: list[tuple[float, Any]], tmp_path: Path
) -> None:
    await left_behind(Recorder(), [tmp_path / "bad", tmp_path / "good"], opus)
    opened = read_timeline(tmp_path / "bad").entries[-1]
    assert opened["type"] == "segment_opened"
    (tmp_path / "bad" / opened["file"]).unlink()
    (tmp_path / "bad" / opened["file"]).mkdir()  # as a sector that cannot be read: an OSError
    found = await Recorder().recover(tmp_path)
    assert [item.recording_id for item in found] == ["good"]


async def test_a_file_that_nobody_lived_to_journal_is_passed_by(
    is_compiled: bool, opus: list[tuple[float, Any]], tmp_path: Path
) -> None:
    await left_behind(Recorder(is_compiled=is_compiled), [tmp_path / "rec"], opus)
    orphan = tmp_path / "rec" / "segments" / "prompt.prompt.prompt.00001.webm"
    orphan.write_bytes(b"killed")
    recorder, listener = Recorder(is_compiled=is_compiled), Listener()
    recording = await recorder.open(tmp_path / "rec", "rec", "room1", listener)
    give(recording, recording.track("prompt", "prompt", MediaKind.PROMPT, Codec.OPUS), opus, 5_000)
    await recording.stop()
    await recorder.aclose()
    assert not listener.failures
    assert orphan.read_bytes() == b"killed"
    assert [segment.file[-10:] for segment in read_timeline(tmp_path / "rec").segments] == ["00000.webm", "00002.webm"]


# Odd media


async def test_parameter_sets_of_any_length_are_not_kept(is_compiled: bool, tmp_path: Path) -> None:
    """Reading one takes a step for each of its bits, on the loop, at each key frame."""
    recorder = Recorder(is_compiled=is_compiled)
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    sink = recording.track("s1", "l1", MediaKind.CAMERA, Codec.H264)
    sequence = 0

    def send(payload: bytes, *, is_marker: bool = False) -> None:
        nonlocal sequence
        sequence += 1
        arrival = recording.clock.started_monotonic_ns + sequence * 1_000_000
        sink.rtp(sequence, 9, is_marker, payload, arrival)

    for kind in (7, 8):
        send(bytes((0x7C, 0x80 | kind)) + bytes(1_000))
        for _ in range(20):
            send(bytes((0x7C, kind)) + bytes(1_000))
        send(bytes((0x7C, 0x40 | kind)) + bytes(1_000))
    send(b"\x65\x88", is_marker=True)
    if isinstance(sink, CompiledStream):
        kept = [sink.compiled.assembler.sps.used, sink.compiled.assembler.pps.used]
    else:
        assert isinstance(sink._assembler, H264Assembler)
        kept = [len(sink._assembler._sps), len(sink._assembler._pps)]
    assert kept == [0, 0]
    assert sink.state.needs_key
    await recording.stop()
    await recorder.aclose()


async def test_a_frame_that_unfolds_to_a_gigabyte_is_no_picture(tmp_path: Path) -> None:
    """Some kilobytes on the wire: neither the look at faces nor the film nor the checks may take what it asks for."""
    [frame] = synth.encode_video("h264", flat(4_352, 4_096), 67, width=4_352, height=4_096)
    assert len(frame.data) < 200_000
    assert decode_key_frame(frame.data, True) is None
    recorder = Recorder()
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    give(recording, recording.track("s1", "l1", MediaKind.CAMERA, Codec.H264), list(synth.rtp_packets([frame], "h264")))
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(tmp_path)
    pictures = PictureSource(tmp_path, timeline.segments, 1_500)
    assert pictures.at(100) is None
    assert pictures.undecodable == 1
    assert [picture for _, picture, _ in key_frames(timeline, timeline.segments[0])] == [None]


def flat(width: int, height: int) -> synth.Picture:
    return lambda t_ms: np.full((height, width, 3), 128, np.uint8)
