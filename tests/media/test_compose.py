"""A composed case judged by its content: length, chapters, the time in the picture, who is where, sound, gaps."""

import asyncio
import io
import json
import subprocess
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media.compose import (
    ComposeError,
    ComposeJob,
    ComposeResult,
    Marker,
    NodeMark,
    SeatView,
    compose,
    contact_sheet,
    remux_leg,
    thumbnail,
)
from media.compose.layout import arrange, shared_spans
from media.compose.markers import spans
from media.ports import Codec, MediaKind
from media.recorder import Recorder
from media.recorder.reader import RecordingUnreadable, read_timeline
from tests.media import synth
from tests.media.test_recorder import Listener, feed

SEATS = (SeatView("agent", "李明(业务员)"), SeatView("holder", "张三:'100%'\\投保人"), SeatView("insured", "王五(被保险人)"))
COLOURS = {"agent": (200, 40, 40), "holder": (40, 180, 40), "insured": (40, 40, 200)}
LENGTH_MS = 12_000
STARTED_AT = "2026-11-22T06:30:45.250000+00:00"
NODES = (NodeMark(0, "开场与身份核验"), NodeMark(5_000, "产品说明:分红不确定"), NodeMark(9_000, "签署"))


async def make_recording(folder: Path) -> None:
    """Three people, a share from second 4 to 8, a prompt at second 2; the holder's link is away from second 6 to 9."""
    recorder, listener = Recorder(), Listener()
    recording = await recorder.open(folder, "r1", "room1", listener)
    silence = synth.encode_opus(lambda t_ms: t_ms * 0.0, LENGTH_MS)
    for seat, colour in COLOURS.items():
        codec = "h264" if seat == "insured" else "vp8"
        size = {"width": 240, "height": 320} if seat == "holder" else {"width": 320, "height": 240}
        video = synth.encode_video(codec, synth.flash_picture(size["width"], size["height"], colour), LENGTH_MS, **size)
        packets = list(synth.rtp_packets(video, codec))
        if seat == "holder":
            packets = [item for item in packets if not 6_000 <= item[0] < 8_999]
        mic = synth.encode_opus(synth.beep(), LENGTH_MS) if seat == "agent" else silence
        media = {
            MediaKind.CAMERA: (Codec(codec), packets),
            MediaKind.MIC: (Codec.OPUS, list(synth.rtp_packets(mic, "opus"))),
        }
        feed(recording, seat, f"{seat}1", media)
    screen = synth.encode_video("vp8", synth.flash_picture(640, 480, (230, 230, 60), flash_ms=0), 4_000, width=640, height=480)
    feed(recording, "holder", "holder1", {MediaKind.SCREEN: (Codec.VP8, list(synth.rtp_packets(screen, "vp8")))}, 4_000)
    prompt = synth.encode_opus(synth.beep(2_000, 800, 440), 1_000)
    feed(recording, "prompt", "prompt", {MediaKind.PROMPT: (Codec.OPUS, list(synth.rtp_packets(prompt, "opus")))}, 2_500)
    await recording.stop()
    await recorder.aclose()
    lines = (folder / "journal.ndjson").read_bytes().splitlines()
    started = json.loads(lines[0]) | {"started_at": STARTED_AT}  # what is read in the picture is the same every day
    stopped = json.loads(lines[-1]) | {"duration_ms": LENGTH_MS}  # packets were fed faster than real time
    kept = [json.dumps(started).encode(), *lines[1:-1], json.dumps(stopped).encode()]
    (folder / "journal.ndjson").write_bytes(b"\n".join(kept) + b"\n")


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> tuple[ComposeResult, list[float]]:
    folder = tmp_path_factory.mktemp("recording")
    asyncio.run(make_recording(folder))
    progress: list[float] = []
    left = folder / "out" / ".compose-case.mp4-killed"
    left.mkdir(parents=True)
    (left / "part").write_bytes(b"half")
    markers = (Marker(2_500, 3_500, "播报 <1> & 提问"),)
    job = ComposeJob(folder, folder / "out" / "case.mp4", SEATS, NODES, markers, headline="投保单 T2026-1")
    return asyncio.run(compose(job, progress.append)), progress


def picture(path: Path, t_s: float) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        container.seek(int(t_s * 1e6), backward=True)
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= t_s - 0.001:
                return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    raise AssertionError("no picture there")


def read_text(image: NDArray[np.uint8], characters: str) -> str:
    """What tesseract reads in a picture."""
    out = io.BytesIO()
    with av.open(out, "w", format="image2pipe") as container:
        stream: Any = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = image.shape[1], image.shape[0], "rgb24"
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")), *stream.encode(None)]:
            container.mux(packet)
    arguments = ["tesseract", "-", "-", "--psm", "7", "-c", f"tessedit_char_whitelist={characters}"]
    return subprocess.run(arguments, input=out.getvalue(), capture_output=True, check=True).stdout.decode().strip()


def centre(image: NDArray[np.uint8], index: int, *, has_share: bool) -> NDArray[np.float64]:
    box = arrange(1280, 720, 3, has_share=has_share).seats[index]
    cell = image[box.y + box.height // 3 : box.y + box.height // 2, box.x + box.width * 2 // 5 : box.x + box.width * 3 // 5]
    mean: NDArray[np.float64] = cell.reshape(-1, 3).mean(axis=0)
    return mean


def probe(path: Path) -> dict[str, Any]:
    arguments = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(arguments, capture_output=True, check=True).stdout)
    return found


def test_length_codecs_and_chapters(composed: tuple[ComposeResult, list[float]]) -> None:
    result, progress = composed
    found = probe(result.path)
    assert {stream["codec_name"] for stream in found["streams"]} == {"h264", "aac", "bin_data"}  # the last: chapter titles
    for stream in found["streams"]:
        assert abs(float(stream["duration"]) - LENGTH_MS / 1000) <= 0.1
    assert abs(float(found["format"]["duration"]) - LENGTH_MS / 1000) <= 0.1
    chapters = [(float(c["start_time"]), float(c["end_time"]), c["tags"]["title"]) for c in found["chapters"]]
    assert chapters == [(0, 5, NODES[0].title), (5, 9, NODES[1].title), (9, 12, NODES[2].title)]
    assert result.chapters == 3
    assert result.undecodable_frames == 0
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


@pytest.mark.parametrize("t_s", [0.5, 4.5, 8.5, 11.5])
def test_the_time_in_the_picture_is_the_wall_clock(composed: tuple[ComposeResult, list[float]], t_s: float) -> None:
    result, _ = composed
    header = picture(result.path, t_s)[:56, 820:]
    shown = read_text(header, "0123456789-: ")
    at = (result.started_at + timedelta(seconds=t_s)).astimezone(ZoneInfo("Asia/Shanghai"))
    read = datetime.strptime(shown, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert abs((read - at).total_seconds()) <= 1.05


def test_everybody_is_in_the_own_place_and_a_gap_shows_a_card(composed: tuple[ComposeResult, list[float]]) -> None:
    result, _ = composed
    for t_s, has_share in ((1.5, False), (5.5, True)):
        image = picture(result.path, t_s)
        for index, colour in enumerate(COLOURS.values()):
            assert np.abs(centre(image, index, has_share=has_share) - colour).max() < 45, (t_s, index)
    gone = centre(picture(result.path, 8.5), 1, has_share=False)
    assert np.abs(gone - COLOURS["holder"]).max() > 90
    assert np.abs(centre(picture(result.path, 11.5), 1, has_share=False) - COLOURS["holder"]).max() < 45


def test_the_share_is_shown_while_it_lasts(composed: tuple[ComposeResult, list[float]]) -> None:
    result, _ = composed
    assert result.has_share
    box = arrange(1280, 720, 3, has_share=True).share
    assert box is not None
    area = (slice(box.y + 100, box.y + 200), slice(box.x + 300, box.x + 500))
    assert picture(result.path, 5.5)[area].mean() > 150
    for t_s in (2.5, 8.5):
        image = picture(result.path, t_s)
        assert np.abs(image[area].reshape(-1, 3).mean(axis=0) - (230, 230, 60)).max() > 60, t_s
        assert np.abs(centre(image, 0, has_share=False) - COLOURS["agent"]).max() < 45, "people have the whole picture again"


def test_a_short_break_of_a_share_does_not_change_the_picture() -> None:
    assert shared_spans([]) == []
    assert shared_spans([(20_000, 30_000), (0, 4_000), (4_000, 9_000), (12_000, 15_000)]) == [(0, 30_000)]
    assert shared_spans([(0, 4_000), (10_001, 12_000)]) == [(0, 4_000), (10_001, 12_000)]


def loudness(path: Path) -> NDArray[np.float64]:
    """RMS per 50 ms."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate(parts)
    samples = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    rms: NDArray[np.float64] = np.sqrt((samples.astype(np.float64) ** 2).mean(axis=1))
    return rms


def test_beeps_and_the_prompt_are_heard_at_their_times(composed: tuple[ComposeResult, list[float]]) -> None:
    result, _ = composed
    rms = loudness(result.path)
    for second in range(1, 12):
        assert rms[second * 20 : second * 20 + 2].max() > 0.1
    for second in (1, 5, 7, 10):
        assert rms[second * 20 + 4 : second * 20 + 16].max() < 0.02
    assert rms[52:64].min() > 0.1  # the prompt, 2.5 s to 3.3 s


def test_a_recording_without_nodes_has_no_chapters() -> None:
    assert spans((), 60_000) == []
    late = NodeMark(60_000, "太晚")
    assert spans((late,), 60_000) == []
    assert spans((NodeMark(0, "一"), late), 60_000) == [(NodeMark(0, "一"), 60_000)]


def test_marker_track(composed: tuple[ComposeResult, list[float]]) -> None:
    result, _ = composed
    text = result.vtt.read_text()
    assert text.startswith("WEBVTT\n")
    assert "00:00:05.000 --> 00:00:09.000\n产品说明:分红不确定" in text
    assert "00:00:02.500 --> 00:00:03.500\n播报 &lt;1> &amp; 提问" in text


def test_what_a_killed_run_left_is_removed(composed: tuple[ComposeResult, list[float]]) -> None:
    assert {path.name for path in composed[0].path.parent.iterdir()} == {"case.mp4", "case.vtt"}


def test_playable_files_of_legs(composed: tuple[ComposeResult, list[float]], tmp_path: Path) -> None:
    result, _ = composed
    timeline = read_timeline(result.path.parent.parent)
    for chain in timeline.chains():
        [leg] = remux_leg(timeline, chain, tmp_path)
        found = probe(leg.path)
        assert abs(float(found["format"]["duration"]) * 1000 - leg.duration_ms) < 40
        assert abs(leg.offset_ms + leg.duration_ms - chain.t1_ms) < 150
        with av.open(str(leg.path)) as container:
            frames = sum(1 for packet in container.demux() for _ in packet.decode())
            assert frames == leg.frames
            assert (leg.frame_ms is not None) == chain.has_video
            if chain.has_video:
                container.seek(0)
                times = [float(frame.time) * 1000 for frame in container.decode(video=0) if frame.time is not None]
                assert leg.frame_ms == pytest.approx(median(b - a for a, b in pairwise(times)), abs=1.5)
                container.seek(2_000_000)
                shown = next(iter(container.decode(video=0)))
                assert shown.key_frame
    still = thumbnail(result.path, 5_500)
    with av.open(io.BytesIO(still), "r") as container:
        [frame] = list(container.decode(video=0))
        assert frame.width == 320
    sheet = contact_sheet(result.path, result.duration_ms, most=4, columns=2)
    assert (sheet.every_ms, sheet.count) == (5_000, 3)
    with av.open(io.BytesIO(sheet.image), "r") as container:
        [tiles] = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert tiles.shape == (2 * sheet.height, 2 * sheet.width, 3)
    assert tiles[sheet.height :, : sheet.width].mean() > 20
    assert tiles[sheet.height :, sheet.width :].mean() < 4, "no fourth tile"


async def test_nothing_to_compose_is_said(tmp_path: Path) -> None:
    job = ComposeJob(tmp_path, tmp_path / "x.mp4", SEATS)
    with pytest.raises(RecordingUnreadable):
        await compose(job)
    recorder = Recorder()
    recording = await recorder.open(tmp_path, "r1", "room1", Listener())
    await recording.stop()
    await recorder.aclose()
    with pytest.raises(ComposeError) as caught:
        await compose(job)
    assert caught.value.code == "RECORDING_EMPTY"
    assert not list(tmp_path.glob("*.mp4"))
