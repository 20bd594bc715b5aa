"""Somebody leaves a recording and does not come back: the rest of it is a gap, in the journal, the timeline and the index."""

import json
from pathlib import Path
from typing import Any

import pytest

from media.ports import Codec, GapKind, MediaKind
from media.recorder.factory import Recorder
from media.recorder.index import write_index
from media.recorder.journal import INDEX_NAME, ClosedSegment, Journal, read_journal
from media.recorder.reader import Timeline, read_timeline
from media.recorder.recording import Recording
from media.recorder.recover import continued
from server.recordings.restore import close_lost
from tests.media import synth
from tests.media.test_recorder import Listener, feed

END_MS = 100_000


@pytest.fixture(scope="module")
def opus() -> list[tuple[float, Any]]:
    return list(synth.rtp_packets(synth.encode_opus(synth.beep(), 6_000), "opus"))


@pytest.fixture(scope="module")
def vp8() -> list[tuple[float, Any]]:
    return list(synth.rtp_packets(synth.encode_video("vp8", synth.flash_picture(320, 240, (30, 90, 160)), 6_000), "vp8"))


def put_end(recording: Recording, end_ms: int) -> None:
    """Let the recording stop at this session time: nobody waits for it."""
    now = recording._now_ms  # the only clock of the end
    assert now() < end_ms
    recording._now_ms = lambda: end_ms  # type: ignore[method-assign]


@pytest.mark.parametrize("is_compiled", [False, True])
async def test_the_rest_is_a_gap(opus: list[Any], vp8: list[Any], is_compiled: bool, tmp_path: Path) -> None:
    try:
        recorder, listener = Recorder(is_compiled=is_compiled), Listener()
    except (ImportError, OSError, RuntimeError):
        pytest.skip("the compiled recorder is not built")
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    feed(recording, "s1", "l1", {MediaKind.MIC: (Codec.OPUS, opus), MediaKind.CAMERA: (Codec.VP8, vp8)})
    recording.event("leg_closed", {"t_ms": 6_100, "seat_id": "s1", "leg_id": "l1", "reason": "lost"})
    feed(recording, "s1", "l1", {MediaKind.SCREEN: (Codec.VP8, vp8)})  # a share that ends is no absence
    put_end(recording, END_MS)
    await recording.stop()
    await recorder.aclose()
    entries = [entry for entry in read_journal(tmp_path / "journal.ndjson")[0] if entry["type"] == "gap"]
    assert {(entry["media"], entry["kind"], entry["t1_ms"]) for entry in entries} == {
        ("mic", "interrupt", END_MS),
        ("camera", "interrupt", END_MS),
    }
    assert all(abs(entry["t0_ms"] - 6_000) < 100 for entry in entries)
    gaps = read_timeline(tmp_path).gaps
    assert len(gaps) == len(listener.gaps) == 2
    index = json.loads((tmp_path / INDEX_NAME).read_bytes())
    assert [gap["t1_ms"] for gap in index["gaps"]] == [END_MS, END_MS]


async def test_only_the_camera_stays_away(opus: list[Any], vp8: list[Any], tmp_path: Path) -> None:
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    short = [item for item in vp8 if item[0] < 2_000]
    feed(recording, "s1", "l1", {MediaKind.MIC: (Codec.OPUS, opus), MediaKind.CAMERA: (Codec.VP8, short)})
    put_end(recording, 6_400)
    await recording.stop()
    await recorder.aclose()
    [gap] = read_timeline(tmp_path).gaps
    assert (gap.media, gap.kind, gap.t1_ms) == ("camera", GapKind.INTERRUPT, 6_400)


async def test_a_cause_the_room_knows_covers_the_rest(opus: list[Any], tmp_path: Path) -> None:
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(tmp_path, "r1", "room1", listener)
    feed(recording, "s1", "l1", {MediaKind.MIC: (Codec.OPUS, opus)})
    recording.gap("s1", "main", GapKind.MUTED, 5_900, END_MS - 20)  # what is left is too short to be an absence
    put_end(recording, END_MS)
    await recording.stop()
    await recorder.aclose()
    assert [gap.kind for gap in read_timeline(tmp_path).gaps] == [GapKind.MUTED]


def segment(seat: str, t1_ms: int, codec: str = "vp8+opus", track: str = "main") -> dict[str, Any]:
    file = f"segments/{seat}.l1.{track}.00000.webm"
    return ClosedSegment(file, seat, "l1", track, codec, 0, t1_ms, 1, "0" * 64, "0" * 64, 1).entry()


def written(folder: Path, *entries: tuple[str, int, dict[str, Any]]) -> Timeline:
    journal = Journal(folder / "journal.ndjson")
    start = {"recording_id": "r1", "room_id": "room1", "started_at": "2026-01-01T00:00:00Z", "started_monotonic_ns": 0}
    journal.append("recording_started", 0, start)
    for type, t_ms, fields in entries:
        journal.append(type, t_ms, fields)
    journal.close()
    return read_timeline(folder)


def spans(timeline: Timeline) -> list[tuple[str, str, int, int]]:
    return [(gap.seat_id, gap.kind, gap.t0_ms, gap.t1_ms) for gap in timeline.gaps]


LEFT = ("segment_closed", 4_000, segment("gone", 4_000))
STAYED = ("segment_closed", 90_000, segment("here", 90_000))


def test_a_journal_of_a_dead_worker_tells_who_had_left(tmp_path: Path) -> None:
    assert spans(written(tmp_path, LEFT, STAYED)) == [("gone", "interrupt", 4_000, 90_000)]


def test_what_is_being_written_is_not_missing(tmp_path: Path) -> None:
    opened = {**segment("gone", 0), "file": "segments/gone.l1.main.00001.webm"}
    assert spans(written(tmp_path, LEFT, ("segment_opened", 4_000, opened), STAYED)) == []


def test_a_lost_machine_hides_no_absence(tmp_path: Path) -> None:
    written(tmp_path, LEFT, STAYED, ("leg_connected", 95_000, {}))
    close_lost(tmp_path)
    assert spans(read_timeline(tmp_path)) == [("gone", "interrupt", 4_000, 95_000), ("here", "interrupt", 90_000, 95_000)]
    write_index(tmp_path)
    assert len(json.loads((tmp_path / INDEX_NAME).read_bytes())["gaps"]) == 2


def test_marked_and_short_ends_are_left_alone(tmp_path: Path) -> None:
    gap = {"seat_id": "gone", "track": "main", "kind": "restart", "t0_ms": 4_000, "t1_ms": 90_500}
    share = ("segment_closed", 9_000, segment("here", 9_000, "vp8", "screen"))
    stopped = ("recording_stopped", 91_000, {"duration_ms": 91_000})
    assert spans(written(tmp_path, LEFT, share, STAYED, ("gap", 90_500, gap), stopped)) == [("gone", "restart", 4_000, 90_500)]


def test_the_next_part_knows_where_everybody_ended(tmp_path: Path) -> None:
    voice = ("segment_closed", 5_000, segment("voice", 5_000, "opus"))
    opened = [("segment_opened", 0, fields) for _, _, fields in (LEFT, voice)]
    gap = {"seat_id": "voice", "track": "main", "kind": "restart", "t0_ms": 5_000, "t1_ms": 8_000}
    timeline = written(tmp_path, *opened, LEFT, voice, ("gap", 8_000, gap))
    assert continued(list(timeline.entries)).ends == {
        ("gone", MediaKind.MIC): 4_000,
        ("gone", MediaKind.CAMERA): 4_000,
        ("voice", MediaKind.MIC): 8_000,
    }
