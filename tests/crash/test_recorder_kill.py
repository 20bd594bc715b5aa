"""SIGKILL of a real recording process at random times: everything stays playable, at most one frame is lost."""

import hashlib
import os
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from media.ports import Codec, GapKind, MediaKind
from media.recorder import Recorder, ebml
from media.recorder.reader import Timeline, read_timeline
from media.recorder.recover import recover
from server.settings import ROOT
from tests.media import synth
from tests.media.test_recorder import Listener, decode, decode_chain, feed

FPS = 30
FRAME_NS = 1_000_000_000 // FPS


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of one seat's sound and pictures, as the writing process takes them."""
    picture = synth.flash_picture(320, 240, (30, 90, 160))
    video = synth.encode_video("vp8", picture, 10_000, fps=FPS, key_every=60)
    sound = synth.encode_opus(synth.beep(), 10_000)
    events: list[tuple[float, MediaKind, Codec, Any]] = []
    events += [(t_ms, MediaKind.CAMERA, Codec.VP8, packet) for t_ms, packet in synth.rtp_packets(video, "vp8")]
    events += [(t_ms, MediaKind.MIC, Codec.OPUS, packet) for t_ms, packet in synth.rtp_packets(sound, "opus")]
    path = tmp_path_factory.mktemp("media") / "media.pickle"
    path.write_bytes(pickle.dumps(sorted(events, key=lambda event: event[0])))
    return path


def record_and_kill(folder: Path, media: Path, after_s: float, leg_id: str = "l1") -> int:
    """Start a recording process, kill it `after_s` seconds after its first packet; the number of frames it had been given.

    Frames given within one frame period before the last count as one: where the machine is overloaded, the process wakes up late
    and catches up in a burst.
    """
    arguments = [sys.executable, "-m", "tests.crash.recording_process", str(folder), str(media), leg_id]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"start\n"
        deadline = time.monotonic() + after_s
        os.set_blocking(process.stdout.fileno(), False)
        while time.monotonic() < deadline:
            time.sleep(0.001)
        process.kill()
        process.wait()
        os.set_blocking(process.stdout.fileno(), True)
        given = [int(line) for line in process.stdout.read().split() if line.isdigit()]
        return sum(at <= given[-1] - FRAME_NS for at in given) + 1 if given else 0


def check_chain(timeline: Timeline) -> None:
    previous: dict[str, str] = {}
    for segment in timeline.segments:
        content = timeline.path(segment).read_bytes()
        assert hashlib.sha256(content).hexdigest() == segment.sha256
        assert segment.prev_sha256 == previous.get(segment.chain, "0" * 64)
        assert ebml.scan(content).is_whole
        previous[segment.chain] = segment.sha256


@pytest.mark.parametrize("seed", range(6))
def test_kill_at_a_random_time_loses_at_most_one_frame(seed: int, media: Path, tmp_path: Path) -> None:
    given = record_and_kill(tmp_path, media, random.Random(seed).uniform(0.3, 6.0))
    for path in (tmp_path / "segments").iterdir():
        decode(path)  # before any repair
    result = recover(tmp_path)
    assert result is not None
    again = recover(tmp_path)
    assert again is not None
    assert again.closed == 0
    timeline = read_timeline(tmp_path)
    check_chain(timeline)
    pictures, sounds = decode_chain(tmp_path, timeline)
    assert given - len(pictures) <= 1
    assert len(sounds) * 20 >= pictures[-1] - 60
    restarts = [gap for gap in timeline.gaps if gap.kind is GapKind.RESTART]
    assert [gap.track for gap in restarts][:1] == ["main"]
    assert abs(restarts[0].t0_ms - pictures[-1]) < 150


async def test_recording_goes_on_after_a_kill_on_the_same_clock(media: Path, tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / "r1"
    record_and_kill(folder, media, 1.5)
    recorder, listener = Recorder(), Listener()
    [found] = await recorder.recover(tmp_path / "recordings")
    assert (found.recording_id, found.room_id, found.directory) == ("r1", "room1", folder)
    started = read_timeline(folder).started_at
    recording = await recorder.open(folder, "r1", "room1", listener)
    assert recording.clock.started_at == started
    again = recording.clock.ms(time.monotonic_ns())
    video = synth.encode_video("vp8", synth.flash_picture(320, 240, (160, 9, 9)), 2_000)
    feed(recording, "s1", "l2", {MediaKind.CAMERA: (Codec.VP8, list(synth.rtp_packets(video, "vp8")))}, shift_ms=again)
    feed(recording, "s1", "l1", {MediaKind.CAMERA: (Codec.VP8, list(synth.rtp_packets(video, "vp8")))}, shift_ms=again + 2_500)
    end = await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(folder)
    check_chain(timeline)
    assert timeline.duration_ms == end.duration_ms
    legs = {chain.leg_id: chain for chain in timeline.chains()}
    assert abs(legs["l2"].t0_ms - again) < 50
    numbers = [segment.file for segment in legs["l1"].segments]
    assert len(set(numbers)) == len(numbers)
    assert {gap.kind for gap in timeline.gaps} >= {GapKind.RESTART}
    assert [entry["seq"] for entry in timeline.entries] == list(range(len(timeline.entries)))


@pytest.mark.parametrize("cut", [1, 7, 40, 400])
async def test_a_file_cut_anywhere_is_closed_behind_its_last_whole_block(cut: int, media: Path, tmp_path: Path) -> None:
    record_and_kill(tmp_path, media, 1.2)
    paths = sorted((tmp_path / "segments").iterdir())
    content = paths[-1].read_bytes()
    paths[-1].write_bytes(content[:-cut])
    journal = tmp_path / "journal.ndjson"
    journal.write_bytes(journal.read_bytes() + b'{"seq": 99, "type": "ma')
    before = len(ebml.scan(content).blocks)
    assert recover(tmp_path) is not None
    timeline = read_timeline(tmp_path)
    check_chain(timeline)
    decode_chain(tmp_path, timeline)
    assert 0 < before - timeline.segments[-1].frames <= 1 + cut // 20


def test_finished_and_foreign_folders_are_left_alone(tmp_path: Path) -> None:
    assert recover(tmp_path) is None
    (tmp_path / "journal.ndjson").write_bytes(b"not json\n")
    assert recover(tmp_path) is None
