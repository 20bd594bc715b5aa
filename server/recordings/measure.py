"""Measures a recording by decoding it: sound of every seat, key frames of every camera and share. Runs as its own process.

    python -m server.recordings.measure FOLDER OUT < {"models": [folders], "references": {seat: base64 picture}}

Writes `OUT/measure.json` and `OUT/audio/<seat>.wav` (16 kHz mono on the session clock, silence where nothing was recorded) and
prints progress as one number a line. Nothing is judged here: limits belong to the rulebook. What could not be decoded is null.
"""

import base64
import json
import sys
import wave
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from media.recorder import ebml
from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline, blocks, read_timeline
from media.vision import Faces, main_face
from server.recordings.child import die_with_parent

RATE = 16_000
FRAME_MS = 100
JOIN_MS = 60
"""Packets whose time differs by less than this from the running position are laid end to end."""
_PICTURE = (160, 90)

Samples = npt.NDArray[np.int16]


def main(arguments: list[str]) -> int:
    """Command line."""
    die_with_parent()
    folder, out = Path(arguments[0]), Path(arguments[1])
    (out / "audio").mkdir(parents=True, exist_ok=True)
    wanted = json.loads(sys.stdin.read() or "{}")
    faces = Faces.open(*(Path(model) for model in wanted.get("models", ())))
    watch = {seat: FaceWatch(faces, picture) for seat, picture in wanted.get("references", {}).items()} if faces else {}
    result = measure(folder, out, watch)
    (out / "measure.json").write_text(json.dumps(result))
    return 0


class FaceWatch:
    """Faces of one seat over its key frames: how many, and whether they are the person captured before the recording.

    Args:
        faces: the models.
        reference: base64 picture of the person, None where there is none to compare with.
    """

    def __init__(self, faces: Faces, reference: str | None) -> None:
        self._faces = faces
        self._known: Any = None
        if reference and faces.can_compare:
            decoded: Any = cv2.imdecode(np.frombuffer(base64.b64decode(reference), np.uint8), cv2.IMREAD_COLOR)
            face = main_face(faces.look(decoded)) if decoded is not None else None
            self._known = faces.embed(decoded, face) if face is not None else None
        self._absent: list[int] = []
        self._several: list[int] = []
        self._others: list[int] = []
        self._likeness: list[float] = []
        self._looked = self._same = self._unsure = 0

    def look(self, picture: "npt.NDArray[np.uint8]", t_ms: int) -> None:
        """Take a key frame."""
        found = self._faces.look(picture)
        self._looked += 1
        if not found:
            self._absent.append(t_ms)
            return
        if len(found) > 1:
            self._several.append(t_ms)
        if self._known is None:
            return
        likeness, is_same = self._faces.same(self._known, self._faces.embed(picture, found[0]))
        self._likeness.append(likeness)
        if is_same is None:
            self._unsure += 1
        elif is_same:
            self._same += 1
        else:
            self._others.append(t_ms)

    def facts(self) -> dict[str, Any] | None:
        """What was seen; None when no key frame was looked at."""
        if not self._looked:
            return None
        return {
            "looked": self._looked,
            "face_ratio": round(1 - len(self._absent) / self._looked, 4),
            "absent_at_ms": self._absent[:500],
            "several_at_ms": self._several[:500],
            "compared": len(self._likeness),
            "same": self._same,
            "unsure": self._unsure,
            "others_at_ms": self._others[:500],
            "likeness": _rounded(float(np.median(self._likeness))) if self._likeness else None,
        }


def measure(folder: Path, out: Path, watch: dict[str, FaceWatch]) -> dict[str, Any]:
    """Measure every seat; see the module docstring."""
    timeline = read_timeline(folder)
    by_seat: dict[str, list[ClosedSegment]] = defaultdict(list)
    for segment in timeline.segments:
        by_seat[segment.seat_id].append(segment)
    seats: dict[str, Any] = {}
    for number, (seat_id, segments) in enumerate(sorted(by_seat.items())):
        main_track = [segment for segment in segments if segment.track != "screen"]
        screen = [segment for segment in segments if segment.track == "screen"]
        seats[seat_id] = {
            "audio": measure_audio(timeline, seat_id, main_track, out),
            "camera": measure_video(timeline, main_track, watch.get(seat_id)),
            "screen": measure_video(timeline, screen, None) if screen else None,
            "faces": watch[seat_id].facts() if seat_id in watch else None,
            "media_ms": _covered(main_track),
            "gap_ms": sum(gap.t1_ms - gap.t0_ms for gap in timeline.gaps if gap.seat_id == seat_id and gap.track == "main"),
        }
        print((number + 1) / len(by_seat), flush=True)  # noqa: T201  this is the process's interface
    return {"duration_ms": timeline.duration_ms, "is_stopped": timeline.is_stopped, "seats": seats}


def measure_audio(timeline: Timeline, seat_id: str, segments: list[ClosedSegment], out: Path) -> dict[str, Any] | None:
    """Level, noise, speech of one seat; writes its WAV. None when there is no sound to measure."""
    samples = np.zeros(max(1, timeline.duration_ms * RATE // 1000), np.int16)
    heard = np.zeros(timeline.duration_ms // FRAME_MS + 1, bool)
    packets = 0
    for at_ms, run in _sound(timeline, segments):
        start = max(0, at_ms * RATE // 1000)
        part = run[: max(0, len(samples) - start)]
        samples[start : start + len(part)] = part
        heard[start * 1000 // RATE // FRAME_MS : (start + len(part)) * 1000 // RATE // FRAME_MS + 1] = True
        packets += 1
    if not packets:
        return None
    with wave.open(str(out / "audio" / f"{seat_id}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    frames = samples[: len(samples) // (RATE * FRAME_MS // 1000) * (RATE * FRAME_MS // 1000)].reshape(-1, RATE * FRAME_MS // 1000)
    level = _dbfs(np.sqrt(np.mean(frames.astype(np.float32) ** 2, axis=1)))
    present = heard[: len(level)]
    if not present.any():
        return None
    noise = float(np.percentile(level[present], 10))
    threshold = max(noise + 9.0, -50.0)
    active = (level > threshold) & present
    speech = float(np.mean(level[active])) if active.any() else None
    clipped = float(np.mean(np.abs(samples[samples != 0]) >= 32700)) if samples.any() else 0.0
    return {
        "present_ms": int(present.sum()) * FRAME_MS,
        "speech_ms": int(active.sum()) * FRAME_MS,
        "speech_dbfs": _rounded(speech),
        "noise_dbfs": _rounded(noise),
        "snr_db": _rounded(speech - noise) if speech is not None else None,
        "clipped_ratio": round(clipped, 6),
        "voices": _spans(active),
    }


def measure_video(timeline: Timeline, segments: list[ClosedSegment], watch: FaceWatch | None) -> dict[str, Any] | None:
    """Brightness, sharpness, black and frozen share of the key frames. None when no picture could be decoded.

    Args:
        watch: also looks for faces.
    """
    luma: list[float] = []
    sharp: list[float] = []
    still: list[bool] = []
    dark_at: list[int] = []
    before: npt.NDArray[np.uint8] | None = None
    frames = keys = 0
    sizes: set[tuple[int, int]] = set()
    for segment in segments:
        for found, picture, t_ms in _pictures(timeline, segment):
            frames += 1
            if picture is None:
                continue
            keys += 1
            if found.video:
                sizes.add((picture.shape[1], picture.shape[0]))
            if watch is not None:
                watch.look(picture, t_ms)
            grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
            small = np.asarray(cv2.resize(grey, _PICTURE, interpolation=cv2.INTER_AREA), np.uint8)
            luma.append(float(small.mean()))
            sharp.append(float(cv2.Laplacian(grey, cv2.CV_64F).var()))
            if luma[-1] < 16:
                dark_at.append(t_ms)
            if before is not None:
                still.append(bool(np.abs(small.astype(np.int16) - before).max() <= 2))
            before = small
    if not keys:
        return None
    return {
        "frames": frames,
        "key_frames": keys,
        "sizes": [list(size) for size in sorted(sizes)],
        "luma": _rounded(float(np.median(luma))),
        "sharpness": _rounded(float(np.median(sharp))),
        "black_ratio": round(float(np.mean(np.array(luma) < 16)), 4),
        "frozen_ratio": round(float(np.mean(still)), 4) if still else None,
        "black_at_ms": dark_at[:200],
    }


def _sound(timeline: Timeline, segments: list[ClosedSegment]) -> Iterator[tuple[int, Samples]]:
    """Runs of decoded sound with their start on the session clock; packets that follow each other are one run."""
    decoder = av.CodecContext.create("opus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    position: float | None = None
    for _found, block in blocks(timeline.folder, segments):
        if block.track != ebml.AUDIO_TRACK:
            continue
        if position is None or abs(block.t_ms - position) > JOIN_MS:
            position = float(block.t_ms)
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        try:
            decoded = decoder.decode(av.Packet(bytes(block.data)))
        except av.FFmpegError:
            continue
        for frame in decoded:
            frame.pts = None
            for out in resampler.resample(frame):
                run = np.asarray(out.to_ndarray()).reshape(-1).astype(np.int16)
                yield round(position), run
                position += len(run) * 1000 / RATE


def _pictures(timeline: Timeline, segment: ClosedSegment) -> Iterator[tuple[ebml.Scan, "npt.NDArray[np.uint8] | None", int]]:
    """Every video frame of a segment; only key frames come decoded (BGR)."""
    for found, block in blocks(timeline.folder, [segment]):
        if block.track != ebml.VIDEO_TRACK:
            continue
        picture = _decode(found, block) if block.is_key else None
        yield found, picture, block.t_ms


def _decode(found: ebml.Scan, block: ebml.Block) -> "npt.NDArray[np.uint8] | None":
    if found.video is None:
        return None
    name = "vp8" if "VP8" in found.video.codec.upper() else "h264"
    decoder = av.CodecContext.create(name, "r")
    if name == "h264" and found.video.private:
        decoder.extradata = found.video.private
    assert isinstance(decoder, av.VideoCodecContext)
    try:
        frames = [*decoder.decode(av.Packet(bytes(block.data))), *decoder.decode(None)]
    except av.FFmpegError:
        return None
    return np.asarray(frames[0].to_ndarray(format="bgr24"), np.uint8) if frames else None


def _covered(segments: Iterable[ClosedSegment]) -> int:
    total, end = 0, 0
    for t0, t1 in sorted((segment.t0_ms, segment.t1_ms) for segment in segments):
        total += max(0, t1 - max(t0, end))
        end = max(end, t1)
    return total


def _spans(active: npt.NDArray[np.bool_], join: int = 5, least: int = 2) -> list[list[int]]:
    """Stretches of speech in ms: pauses up to 0.5 s are bridged, stretches under 0.2 s are left out."""
    spans: list[list[int]] = []
    for index in np.flatnonzero(active):
        if spans and index - spans[-1][1] <= join:
            spans[-1][1] = int(index) + 1
        else:
            spans.append([int(index), int(index) + 1])
    return [[start * FRAME_MS, end * FRAME_MS] for start, end in spans if end - start >= least]


def _dbfs(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.asarray(20 * np.log10(np.maximum(values, 1.0) / 32768.0), np.float64)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
