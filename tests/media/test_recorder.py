"""The recorder judged by what its files contain: frames decoded by FFmpeg, times, gaps, chain."""

import asyncio
import hashlib
import itertools
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import pytest

from media.ports import Codec, GapKind, MediaKind
from media.recorder import Recorder, RecordingClosed, ebml
from media.recorder.reader import Timeline, blocks, read_timeline
from media.recorder.recording import Recording
from server.recordings.measuring.clock import seat_offset
from tests.media import synth


class Listener:
    """Notes what the recorder tells the room."""

    def __init__(self) -> None:
        self.keys: list[tuple[str, MediaKind]] = []
        self.gaps: list[tuple[str, str, GapKind, int, int]] = []
        self.segments: list[Mapping[str, Any]] = []
        self.low: list[int] = []
        self.failures: list[str] = []

    def key_frame_wanted(self, seat_id: str, kind: MediaKind) -> None:
        self.keys.append((seat_id, kind))

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        self.gaps.append((seat_id, track, kind, t0_ms, t1_ms))

    def segment_closed(self, info: Mapping[str, Any]) -> None:
        self.segments.append(info)

    def disk_low(self, free_bytes: int) -> None:
        self.low.append(free_bytes)

    def failed(self, code: str, message: str) -> None:
        self.failures.append(code)


@pytest.fixture(scope="module")
def vp8() -> list[synth.Unit]:
    return synth.encode_video("vp8", synth.flash_picture(320, 240, (30, 90, 160)), 12_000)


@pytest.fixture(scope="module")
def h264() -> list[synth.Unit]:
    return synth.encode_video("h264", synth.flash_picture(320, 240, (30, 90, 160)), 12_000)


@pytest.fixture(scope="module")
def opus() -> list[synth.Unit]:
    return synth.encode_opus(synth.beep(), 12_000)


Feed = list[tuple[float, MediaKind, Any]]


def feed(
    recording: Recording, seat: str, leg: str, media: dict[MediaKind, tuple[Codec, list[tuple[float, Any]]]], shift_ms: float = 0
) -> None:
    """Give packets of several streams in the order of their arrival, with a sender report of each stream every second."""
    base = recording.clock.started_monotonic_ns
    events: list[tuple[float, MediaKind, Any]] = []
    for kind, (_, packets) in media.items():
        events += [(t_ms, kind, packet) for t_ms, packet in packets]
    sinks = {kind: recording.track(seat, leg, kind, codec) for kind, (codec, _) in media.items()}
    reported: dict[MediaKind, float] = {}
    for t_ms, kind, packet in sorted(events, key=lambda event: event[0]):
        arrival = base + int((t_ms + shift_ms) * 1e6)
        sinks[kind].rtp(packet.sequence, packet.timestamp, packet.is_marker, packet.payload, arrival)
        if t_ms - reported.get(kind, -1e9) >= 1000:
            reported[kind] = t_ms
            sinks[kind].sender_report(synth.ntp(t_ms + shift_ms), packet.timestamp, arrival)
    for sink in sinks.values():
        sink.close("done")


def decode(path: Path) -> tuple[list[float], list[float]]:
    """Times in ms of all pictures and sound frames that FFmpeg decodes from a file; any error fails."""
    pictures: list[float] = []
    sounds: list[float] = []
    with av.open(str(path)) as container:
        for packet in container.demux():
            for frame in packet.decode():
                assert isinstance(frame, av.VideoFrame | av.AudioFrame)
                assert frame.time is not None
                (pictures if isinstance(frame, av.VideoFrame) else sounds).append(frame.time * 1000)
    return pictures, sounds


def decode_chain(folder: Path, timeline: Timeline) -> tuple[list[float], list[float]]:
    pictures: list[float] = []
    sounds: list[float] = []
    for segment in timeline.segments:
        more, heard = decode(folder / segment.file)
        pictures += more
        sounds += heard
    return pictures, sounds


async def record(
    folder: Path, media: dict[MediaKind, tuple[Codec, list[tuple[float, Any]]]], shift_ms: float = 0
) -> tuple[Timeline, Listener]:
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(folder, "r1", "room1", listener)
    feed(recording, "s1", "l1", media, shift_ms)
    await recording.stop()
    await recorder.aclose()
    return read_timeline(folder), listener


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_every_frame_is_in_segments_that_stand_alone(
    codec: str, vp8: list[synth.Unit], h264: list[synth.Unit], opus: list[synth.Unit], tmp_path: Path
) -> None:
    units = vp8 if codec == "vp8" else h264
    media = {
        MediaKind.MIC: (Codec.OPUS, list(synth.rtp_packets(opus, "opus"))),
        MediaKind.CAMERA: (Codec(codec), list(synth.rtp_packets(units, codec))),
    }
    timeline, listener = await record(tmp_path, media)
    assert not listener.failures
    assert not timeline.gaps
    with_pictures = [segment for segment in timeline.segments if codec in segment.codec]
    assert len(with_pictures) >= 3
    assert {Path(segment.file).suffix for segment in with_pictures} == {".webm" if codec == "vp8" else ".mkv"}
    pictures, sounds = decode_chain(tmp_path, timeline)
    assert len(pictures) == len(units)
    assert len(sounds) == len(opus)
    assert max(abs(seen - unit.t_ms) for seen, unit in zip(pictures, units, strict=True)) <= 2
    for segment in with_pictures:
        found = ebml.scan((tmp_path / segment.file).read_bytes())
        assert found.is_whole
        first = next(block for block in found.blocks if block.track == ebml.VIDEO_TRACK)
        assert first.is_key


async def test_chain_of_hashes_matches_the_files(vp8: list[synth.Unit], opus: list[synth.Unit], tmp_path: Path) -> None:
    media = {
        MediaKind.MIC: (Codec.OPUS, list(synth.rtp_packets(opus, "opus"))),
        MediaKind.CAMERA: (Codec.VP8, list(synth.rtp_packets(vp8, "vp8"))),
    }
    timeline, listener = await record(tmp_path, media)
    previous = "0" * 64
    for segment in timeline.segments:
        content = (tmp_path / segment.file).read_bytes()
        assert segment.sha256 == hashlib.sha256(content).hexdigest()
        assert segment.bytes == len(content)
        assert segment.prev_sha256 == previous
        previous = segment.sha256
    assert [info["file"] for info in listener.segments] == [segment.file for segment in timeline.segments]
    assert (tmp_path / "index.json").exists()


async def test_reordered_and_late_packets_change_nothing(vp8: list[synth.Unit], opus: list[synth.Unit], tmp_path: Path) -> None:
    rng = random.Random(7)
    video = [(t_ms + rng.random() * 400, packet) for t_ms, packet in synth.rtp_packets(vp8, "vp8")]
    video[0] = (0.0, video[0][1])
    audio = [(t_ms + rng.random() * 200, packet) for t_ms, packet in synth.rtp_packets(opus, "opus")]
    audio[0] = (0.0, audio[0][1])
    media = {MediaKind.MIC: (Codec.OPUS, audio), MediaKind.CAMERA: (Codec.VP8, video)}
    timeline, _ = await record(tmp_path, media)
    pictures, sounds = decode_chain(tmp_path, timeline)
    assert (len(pictures), len(sounds)) == (len(vp8), len(opus))
    assert pictures == sorted(pictures)
    assert not timeline.gaps


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_lost_packets_are_journalled_and_what_remains_decodes(
    codec: str, vp8: list[synth.Unit], h264: list[synth.Unit], tmp_path: Path
) -> None:
    units = vp8 if codec == "vp8" else h264
    rest, lost = synth.lossy(list(synth.rtp_packets(units, codec)), 3, 0.02)
    assert lost
    timeline, listener = await record(tmp_path, {MediaKind.CAMERA: (Codec(codec), rest)})
    pictures, _ = decode_chain(tmp_path, timeline)
    kinds = {gap.kind for gap in timeline.gaps}
    assert kinds <= {GapKind.LOSS, GapKind.NO_KEYFRAME}
    assert GapKind.LOSS in kinds
    missing = sum(gap.t1_ms - gap.t0_ms for gap in timeline.gaps)
    assert abs(missing - (len(units) - len(pictures)) * 1000 / 15) < 150
    assert listener.keys


async def test_gaps_of_the_journal_are_the_injected_ones(opus: list[synth.Unit], tmp_path: Path) -> None:
    packets = list(synth.rtp_packets(opus, "opus"))
    holes = [(2_000, 2_020), (4_000, 4_500), (7_000, 9_400)]
    rest = [(t_ms, packet) for t_ms, packet in packets if not any(a <= t_ms < b for a, b in holes)]
    timeline, _ = await record(tmp_path, {MediaKind.MIC: (Codec.OPUS, rest)})
    found = [(gap.t0_ms, gap.t1_ms, gap.kind) for gap in timeline.gaps]
    wanted = [GapKind.LOSS, GapKind.LOSS, GapKind.INTERRUPT]
    assert [kind for *_, kind in found] == wanted
    for (t0_ms, t1_ms, _), (a, b) in zip(found, holes, strict=True):
        assert abs(t0_ms - a) <= 2
        assert abs(t1_ms - b) <= 2


async def test_a_hidden_page_does_not_hide_what_is_missing(opus: list[synth.Unit], tmp_path: Path) -> None:
    packets = [item for item in synth.rtp_packets(opus, "opus") if not 4_000 <= item[0] < 6_000]
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    recording.gap("s1", "main", GapKind.HIDDEN, 3_990, 6_010)
    recording.gap("s1", "main", GapKind.MUTED, 3_990, 6_010, MediaKind.CAMERA)
    feed(recording, "s1", "l1", {MediaKind.MIC: (Codec.OPUS, packets)})
    await recording.stop()
    await recorder.aclose()
    gaps = [(gap.kind, gap.media) for gap in read_timeline(tmp_path).gaps]
    assert (GapKind.HIDDEN, None) in gaps
    assert (GapKind.MUTED, "camera") in gaps
    assert any(media == "mic" for _, media in gaps)


async def test_a_cause_the_room_knows_replaces_the_guess(opus: list[synth.Unit], tmp_path: Path) -> None:
    packets = [item for item in synth.rtp_packets(opus, "opus") if not 4_000 <= item[0] < 6_000]
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    recording.gap("s1", "main", GapKind.MUTED, 3_990, 6_010)
    feed(recording, "s1", "l1", {MediaKind.MIC: (Codec.OPUS, packets)})
    await recording.stop()
    await recorder.aclose()
    assert [gap.kind for gap in read_timeline(tmp_path).gaps] == [GapKind.MUTED]


async def test_source_reset_and_new_leg_leave_marked_gaps(vp8: list[synth.Unit], tmp_path: Path) -> None:
    packets = list(synth.rtp_packets(vp8, "vp8"))
    again = list(synth.rtp_packets(vp8, "vp8", first_sequence=9, first_timestamp=4_000_000_000))
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    base = recording.clock.started_monotonic_ns
    sink = recording.track("s1", "l1", MediaKind.CAMERA, Codec.VP8)
    for t_ms, packet in packets[: len(packets) // 2]:
        sink.rtp(*packet[:4], base + int(t_ms * 1e6))
    end = packets[len(packets) // 2 - 1][0]
    sink.reset(Codec.VP8)
    for t_ms, packet in again[: len(again) // 2]:
        sink.rtp(*packet[:4], base + int((end + 500 + t_ms) * 1e6))
    old = sink
    end2 = end + 500 + again[len(again) // 2 - 1][0]
    sink = recording.track("s1", "l2", MediaKind.CAMERA, Codec.VP8)
    old.close("replaced")
    for t_ms, packet in packets:
        sink.rtp(*packet[:4], base + int((end2 + 2_000 + t_ms) * 1e6))
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(tmp_path)
    gaps = [(gap.t0_ms, gap.t1_ms) for gap in timeline.gaps]
    assert len(gaps) == 2
    assert abs(gaps[0][1] - gaps[0][0] - 500) < 80
    assert abs(gaps[1][1] - gaps[1][0] - 2_000) < 80
    assert {chain.leg_id for chain in timeline.chains()} == {"l1", "l2"}
    for segment in timeline.segments:
        decode(tmp_path / segment.file)


async def test_resolution_change_starts_a_new_segment(tmp_path: Path) -> None:
    small = synth.encode_video("vp8", synth.flash_picture(320, 240, (9, 9, 99)), 1_000)
    large = synth.encode_video("vp8", synth.flash_picture(640, 480, (9, 9, 99)), 1_000, width=640, height=480)
    units = small + [synth.Unit(unit.t_ms + 1_000, unit.data, unit.is_key) for unit in large]
    timeline, _ = await record(tmp_path, {MediaKind.SCREEN: (Codec.VP8, list(synth.rtp_packets(units, "vp8")))})
    videos = [ebml.scan((tmp_path / segment.file).read_bytes()).video for segment in timeline.segments]
    assert [(video.width, video.height) for video in videos if video] == [(320, 240), (640, 480)]
    assert not timeline.gaps


async def test_marks_are_on_disk_before_the_answer(tmp_path: Path) -> None:
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    t_ms = await recording.mark("node", {"node_id": "n1"})
    [mark] = read_timeline(tmp_path).marks
    assert (mark.t_ms, mark.kind, mark.data) == (t_ms, "node", {"node_id": "n1"})
    recording.event("prompt_started", {"t_ms": 5, "prompt_id": "p"})
    end = await recording.stop()
    assert (await recording.stop()) == end
    recording.event("leg_closed", {"t_ms": 6})
    recording.gap("s1", "main", GapKind.MUTED, 1, 2)
    recording.track("s1", "l1", MediaKind.MIC, Codec.OPUS).rtp(1, 1, True, b"x", 1)
    timeline = read_timeline(tmp_path)
    assert timeline.is_stopped
    assert timeline.duration_ms == end.duration_ms
    assert [entry["type"] for entry in timeline.entries] == ["recording_started", "mark", "prompt_started", "recording_stopped"]
    assert [entry["seq"] for entry in timeline.entries] == [0, 1, 2, 3]
    assert not listener.failures
    with pytest.raises(RecordingClosed):
        await recorder.open(tmp_path, "r1", "room1", listener)
    await recorder.aclose()


async def test_low_disk_is_told_and_a_refusing_disk_does_not_stop_the_room(opus: list[synth.Unit], tmp_path: Path) -> None:
    from media.recorder.writer import WriterLimits

    recorder, listener = Recorder(WriterLimits(sync_interval_s=0.05, disk_low=1 << 60)), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    async with asyncio.timeout(30):
        while not listener.low:
            await asyncio.sleep(0.01)
    (tmp_path / "segments").rename(tmp_path / "elsewhere")
    feed(recording, "s1", "l1", {MediaKind.MIC: (Codec.OPUS, list(synth.rtp_packets(opus, "opus")))})
    await recording.stop()
    assert listener.failures == ["DISK_ERROR"]
    await recorder.aclose()


async def test_how_far_sound_and_picture_lie_apart_is_in_the_journal(tmp_path: Path) -> None:
    """Sound comes 70 ms later than the picture; the sender's clocks are known from the sixth second on, then it is mended."""
    length, late = 40_000, {MediaKind.MIC: 90, MediaKind.CAMERA: 20}
    picture = synth.flash_picture(64, 48, (60, 180, 60))
    media = {
        MediaKind.MIC: (Codec.OPUS, synth.rtp_packets(synth.encode_opus(synth.beep(), length), "opus")),
        MediaKind.CAMERA: (Codec.VP8, synth.rtp_packets(synth.encode_video("vp8", picture, length), "vp8")),
    }
    recorder = Recorder()
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    base = recording.clock.started_monotonic_ns
    sinks = {kind: recording.track("s1", "l1", kind, codec) for kind, (codec, _) in media.items()}
    arrivals = [(t_ms + late[kind], kind, t_ms, packet) for kind, (_, packets) in media.items() for t_ms, packet in packets]
    reported = dict.fromkeys(late, 5_000.0)
    for at_ms, kind, t_ms, packet in sorted(arrivals, key=lambda item: item[0]):
        sinks[kind].rtp(*packet[:4], base + int(at_ms * 1e6))
        if t_ms - reported[kind] >= 1000:
            reported[kind] = t_ms
            sinks[kind].sender_report(synth.ntp(t_ms), packet.timestamp, base + int(at_ms * 1e6))
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(tmp_path)
    told = [(entry["t_ms"], entry["offset_ms"]) for entry in timeline.entries if entry["type"] == "av_offset"]
    assert len(told) == 4
    assert told[0] == (pytest.approx(6_090, abs=200), pytest.approx(70, abs=5))
    assert abs(told[-1][1]) <= 2, "slewed away"
    found = seat_offset(timeline, "s1")
    assert found is not None
    assert (found["reports"], found["worst_ms"]) == (4, max(offset for _, offset in told))
    assert seat_offset(timeline, "s2") is None


async def test_sender_reports_give_lip_sync_and_follow_a_wrong_clock(tmp_path: Path) -> None:
    opus = synth.encode_opus(synth.beep(), 60_000)
    audio = [(t_ms + 90, packet) for t_ms, packet in synth.rtp_packets(opus, "opus", rate_error=0.0005)]
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    base = recording.clock.started_monotonic_ns
    sink = recording.track("s1", "l1", MediaKind.MIC, Codec.OPUS)
    for index, (t_ms, packet) in enumerate(audio):
        sink.rtp(*packet[:4], base + int(t_ms * 1e6))
        if index % 100 == 50:
            sink.sender_report(synth.ntp(t_ms - 90), packet.timestamp, base + int((t_ms - 60) * 1e6))
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(tmp_path)
    times = [block.t_ms for _, block in blocks(tmp_path, timeline.segments)]
    # Reports travel 30 ms, so the end of the recording lies 30 ms behind capture; 500 ppm would have been 30 ms in a minute.
    errors = [t_ms - (index * 20 + 30) for index, t_ms in enumerate(times)]
    assert max(abs(error) for error in errors[500:]) <= 3
    assert all(b > a for a, b in itertools.pairwise(times))
