"""A recording that goes on: whoever is killed while it puts things in order, and clocks that were set meanwhile."""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from media.ports import Codec, GapKind, MediaKind
from media.recorder import Recorder
from media.recorder.journal import JOURNAL_NAME, Journal, read_journal, timestamp
from media.recorder.reader import read_timeline
from media.recorder.recording import Recording
from media.recorder.recover import boot_id, clock_of, recover
from tests.media import synth
from tests.media.test_recorder import Listener
from tests.media.test_recorder_trouble import full_disk, give


@pytest.fixture(scope="module")
def opus() -> list[tuple[float, Any]]:
    return list(synth.rtp_packets(synth.encode_opus(synth.beep(), 1_000), "opus"))


def begin(folder: Path, started_at: datetime, **of_its_boot: object) -> Journal:
    (folder / "segments").mkdir(parents=True)
    journal = Journal(folder / JOURNAL_NAME)
    start = {"recording_id": "r1", "room_id": "room1", "started_at": timestamp(started_at)}
    journal.append("recording_started", 0, {**start, "boot_id": "elsewhere", "started_monotonic_ns": 0, **of_its_boot})
    return journal


async def leave(recorder: Recorder, recording: Recording) -> None:
    """As when its process is gone."""
    await recorder.suspend()
    recording._timer.cancel()
    recording._journal.close()


def restarts(folder: Path) -> list[tuple[str, str, int]]:
    gaps = read_timeline(folder).gaps
    return [(gap.seat_id, gap.track, gap.t1_ms) for gap in gaps if gap.kind is GapKind.RESTART]


async def test_who_is_killed_while_it_recovers_hides_no_gap(opus: list[tuple[float, Any]], tmp_path: Path) -> None:
    recorder = Recorder()
    recording = await recorder.open(tmp_path / "left", "r1", "room1", Listener())
    for seat in ("a", "b", "c"):
        give(recording, recording.track(seat, f"l{seat}", MediaKind.MIC, Codec.OPUS), opus)
    await leave(recorder, recording)
    for more in range(0, 2_200, 100):  # what it wrote before it was killed, from nothing to all
        folder = tmp_path / str(more)
        shutil.copytree(tmp_path / "left", folder)
        try:
            with full_disk(folder / JOURNAL_NAME, more):
                recover(folder)
        except OSError:
            recover(folder)
        timeline = read_timeline(folder)
        assert {segment.seat_id for segment in timeline.segments} == {"a", "b", "c"}, more
        assert {seat_id for seat_id, _, _ in restarts(folder)} == {"a", "b", "c"}, more
        assert [entry["seq"] for entry in timeline.entries] == list(range(len(timeline.entries)))


def test_what_a_lost_machine_had_open_is_missing_once(tmp_path: Path) -> None:
    journal = begin(tmp_path, datetime.now(UTC) - timedelta(seconds=30))
    of_track = {"seat_id": "a", "leg_id": "l1", "track": "screen", "codec": "vp8"}
    journal.append("segment_opened", 9_000, {"file": "segments/a.l1.screen.00000.webm", **of_track, "t0_ms": 9_000})
    journal.close()
    assert recover(tmp_path) is not None
    [gap] = restarts(tmp_path)
    assert gap[2] >= 30_000
    for _ in range(2):
        again = recover(tmp_path)
        assert again is not None
        assert again.closed == 0
    assert restarts(tmp_path) == [gap]


def test_a_wall_clock_that_was_set_back_lays_no_part_over_the_one_before(tmp_path: Path) -> None:
    journal = begin(tmp_path, datetime.now(UTC) + timedelta(hours=1))
    journal.append("mark", 61_500, {"kind": "node", "data": {}})
    journal.close()
    clock = clock_of(read_journal(tmp_path / JOURNAL_NAME)[0])
    assert clock is not None
    assert 61_500 <= clock.ms(time.monotonic_ns()) < 3_600_000


async def test_a_second_return_on_the_same_boot_asks_no_wall_clock(tmp_path: Path) -> None:
    journal = begin(tmp_path, datetime.now(UTC) - timedelta(seconds=30))
    journal.close()
    recorder = Recorder()
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    await leave(recorder, recording)
    entries = read_journal(tmp_path / JOURNAL_NAME)[0]
    assert entries[-1]["boot_id"] == boot_id()
    entries[0]["started_at"] = timestamp(datetime.now(UTC) + timedelta(hours=5))  # as if the clock were set
    clock = clock_of(entries)
    assert clock is not None
    assert clock.started_monotonic_ns == recording.clock.started_monotonic_ns
