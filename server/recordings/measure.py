"""Measures a recording by decoding it: sound of every seat, key frames of every camera and share. Runs as its own process.

    python -m server.recordings.measure FOLDER OUT < JSON (see `measure`)

Writes `OUT/measure.json` and `OUT/audio/<seat>.wav` (16 kHz mono on the session clock, silence where nothing was recorded) and
prints progress as one number a line. Nothing is judged here: limits belong to the rulebook. What could not be decoded is null.
"""

import json
import multiprocessing
import os
import sys
import wave
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from media.recorder import ebml
from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline, blocks, merge_spans, read_timeline
from media.vision import Faces
from server.recordings.child import child_environment, die_with_parent
from server.recordings.measuring import cards, mouths
from server.recordings.measuring.cards import card_shown
from server.recordings.measuring.faces import FaceWatch, embeddings
from server.recordings.measuring.frames import Picture, key_frames, stretch
from server.recordings.measuring.mouths import mouth_motion
from server.recordings.measuring.shares import Papers, ShareWatch

MOST_WORKERS = 4
RATE = 16_000
FRAME_MS = 100
JOIN_MS = 60
"""Packets whose time differs by less than this from the running position are laid end to end."""
_PICTURE = (160, 90)
AROUND_MS = 150
"""A mouth opens before the sound and closes after it."""
SHARE_MS = 250
QUIET_MS = 2_400
"""The person listens before they answer: how the mouth looks when it is still."""
BLACK = 16
COVERED = 6.0
"""Grey levels by which a small picture varies; a hand, a wall or a lens cap varies less."""

Samples = npt.NDArray[np.int16]


def main(arguments: list[str]) -> int:
    """Command line."""
    die_with_parent()
    folder, out = Path(arguments[0]), Path(arguments[1])
    (out / "audio").mkdir(parents=True, exist_ok=True)
    os.environ.update(child_environment())  # who measures a seat dies with this process
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    result = measure(folder, out, json.loads(sys.stdin.read() or "{}"), workers=workers)
    (out / "measure.json").write_text(json.dumps(result))
    return 0


def measure(folder: Path, out: Path, wanted: Mapping[str, Any], *, workers: int = 1) -> dict[str, Any]:
    """Measure every seat.

    Args:
        wanted: {models: [folders], references: {seat: base64 picture | None}, answers: [{node_id, person_id, seat_id, t0_ms,
            t1_ms}], cards: the same, shares: {seat: {views, ends}}, documents: see `Papers`}; everything is optional.
        workers: how many seats are measured at once, each in a process of its own; 1: here, one after the other.
    """
    timeline = read_timeline(folder)
    recorded = {segment.seat_id for segment in timeline.segments}
    asked = {item["seat_id"] for name in ("answers", "cards") for item in wanted.get(name, ())}
    seat_ids = sorted(recorded | asked)  # of who was never recorded, it is said that there is no picture
    found: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        results: Iterable[dict[str, Any]]
        if workers > 1 and len(seat_ids) > 1:
            context = multiprocessing.get_context("spawn")  # models and decoders do not survive a fork
            pool = stack.enter_context(ProcessPoolExecutor(workers, context, initializer=die_with_parent))
            results = pool.map(measure_seat, repeat(folder), repeat(out), repeat(wanted), seat_ids)
        else:
            results = (measure_seat(folder, out, wanted, seat_id) for seat_id in seat_ids)
        for seat_id, result in zip(seat_ids, results, strict=True):
            found[seat_id] = result
            print(len(found) / (len(seat_ids) + 1), flush=True)  # noqa: T201  this is the process's interface
    return {
        "duration_ms": timeline.duration_ms,
        "is_stopped": timeline.is_stopped,
        "seats": {seat_id: result["facts"] for seat_id, result in found.items() if seat_id in recorded},
        "answers": _in_order(wanted.get("answers", ()), [item for result in found.values() for item in result["answers"]]),
        "cards": _in_order(wanted.get("cards", ()), [item for result in found.values() for item in result["cards"]]),
    }


def measure_seat(folder: Path, out: Path, wanted: Mapping[str, Any], seat_id: str) -> dict[str, Any]:
    """One seat: its facts, and what was wanted of its answers and cards."""
    timeline = read_timeline(folder)
    faces = Faces.open(*(Path(model) for model in wanted.get("models", ())))
    references: Mapping[str, str | None] = wanted.get("references", {})
    known = embeddings(faces, references) if faces else {}
    papers = Papers(wanted.get("documents", {}))
    segments = [segment for segment in timeline.segments if segment.seat_id == seat_id]
    main_track = [segment for segment in segments if segment.track != "screen"]
    screen = [segment for segment in segments if segment.track == "screen"]
    watch = FaceWatch(faces, seat_id, known) if faces and seat_id in references else None
    shown = wanted.get("shares", {}).get(seat_id)
    share = ShareWatch(papers, shown["views"], shown.get("ends", ())) if shown and papers.documents else None
    for t_ms in share.moments() if share else ():
        for picture, at_ms in stretch(timeline, screen, t_ms, t_ms + SHARE_MS, SHARE_MS):
            share.look(picture, at_ms)  # type: ignore[union-attr]  # there is one where there are moments
            break
    lost = [gap for gap in timeline.gaps if gap.seat_id == seat_id and gap.track == "main" and gap.kind != "hidden"]
    unseen = merge_spans((g.t0_ms, g.t1_ms) for g in lost if g.media == "camera" or (g.media is None and g.kind != "muted"))
    facts = {
        "audio": measure_audio(timeline, seat_id, main_track, out),
        "camera": measure_video(timeline, main_track, watch.look if watch else None),
        "screen": measure_video(timeline, screen, None) if screen else None,
        "faces": watch.facts(timeline.duration_ms, unseen) if watch else None,
        "shares": share.facts() if share else None,
        "av_offset": seat_offset(timeline, seat_id),
        "media_ms": _covered(main_track),
        "gap_ms": sum(t1 - t0 for t0, t1 in merge_spans((gap.t0_ms, gap.t1_ms) for gap in lost)),
    }
    own = {name: [item for item in wanted.get(name, ()) if item["seat_id"] == seat_id] for name in ("answers", "cards")}
    return {
        "facts": facts,
        "answers": _answers(timeline, main_track, own["answers"], faces),
        "cards": _cards(timeline, main_track, own["cards"], faces),
    }


def _in_order(wanted: Iterable[Mapping[str, Any]], found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was found, in the order it was asked for."""
    places = {(item["node_id"], item["person_id"], item["seat_id"]): number for number, item in enumerate(wanted)}
    return sorted(found, key=lambda item: places[item["node_id"], item["person_id"], item["seat_id"]])


def seat_offset(timeline: Timeline, seat_id: str) -> dict[str, Any] | None:
    """How far sound lies behind the picture, as the recorder found it at the sender's reports; None without any."""
    entries = [entry for entry in timeline.entries if entry.get("type") == "av_offset" and entry["seat_id"] == seat_id]
    if not entries:
        return None
    worst = max(entries, key=lambda entry: abs(entry["offset_ms"]))
    found = [entry["offset_ms"] for entry in entries]
    return {
        "reports": len(found),
        "median_ms": round(float(np.median(found)), 1),
        "worst_ms": worst["offset_ms"],
        "worst_at_ms": worst["t_ms"],
    }


Stretch = Mapping[str, Any]


def _answers(
    timeline: Timeline, camera: list[ClosedSegment], wanted: Iterable[Stretch], faces: Faces | None
) -> list[dict[str, Any]]:
    """How much more the mouth moved while an answer was heard than just before."""
    if faces is None:
        return []
    found = []
    for answer in wanted:
        t0, t1 = answer["t0_ms"] - AROUND_MS, answer["t1_ms"] + AROUND_MS
        facts = mouth_motion(faces, stretch(timeline, camera, t0, t1, mouths.EVERY_MS))
        quiet = mouth_motion(faces, stretch(timeline, camera, t0 - QUIET_MS, t0 - AROUND_MS, mouths.EVERY_MS))
        names = {name: answer[name] for name in ("node_id", "person_id", "seat_id")}
        found.append({**names, **facts, "motion": mouths.against(facts["motion"], quiet["motion"])})
    return found


def _cards(
    timeline: Timeline, camera: list[ClosedSegment], wanted: Iterable[Stretch], faces: Faces | None
) -> list[dict[str, Any]]:
    """Cards held to the camera in the nodes that ask for them."""
    found = []
    for node in wanted:
        facts = card_shown(faces, stretch(timeline, camera, node["t0_ms"], node["t1_ms"], cards.EVERY_MS))
        found.append({**{name: node[name] for name in ("node_id", "person_id", "seat_id")}, **facts})
    return found


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


def measure_video(
    timeline: Timeline, segments: list[ClosedSegment], look: Callable[[Picture, int], None] | None
) -> dict[str, Any] | None:
    """Brightness, sharpness, black, covered, dark, blurred and frozen share of the key frames. None without any picture.

    Args:
        look: is shown every key frame as well.
    """
    luma: list[float] = []
    sharp: list[float] = []
    spread: list[float] = []
    still: list[bool] = []
    times: list[int] = []
    before: npt.NDArray[np.uint8] | None = None
    frames = 0
    sizes: set[tuple[int, int]] = set()
    for segment in segments:
        for found, picture, t_ms in key_frames(timeline, segment):
            frames += 1
            if picture is None:
                continue
            times.append(t_ms)
            if found.video:
                sizes.add((picture.shape[1], picture.shape[0]))
            if look is not None:
                look(picture, t_ms)
            grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
            small = np.asarray(cv2.resize(grey, _PICTURE, interpolation=cv2.INTER_AREA), np.uint8)
            luma.append(float(small.mean()))
            spread.append(float(small.std()))
            sharp.append(float(cv2.Laplacian(grey, cv2.CV_64F).var()))
            if before is not None:
                still.append(bool(np.abs(small.astype(np.int16) - before).max() <= 2))
            before = small
    if not times:
        return None
    is_black = np.array(luma) < BLACK
    is_covered = ~is_black & (np.array(spread) < COVERED)
    return {
        "frames": frames,
        "key_frames": len(times),
        "sizes": [list(size) for size in sorted(sizes)],
        "luma": _rounded(float(np.median(luma))),
        "sharpness": _rounded(float(np.median(sharp))),
        "black_ratio": round(float(np.mean(is_black)), 4),
        "covered_ratio": round(float(np.mean(is_covered)), 4),
        "frozen_ratio": round(float(np.mean(still)), 4) if still else None,
        "black_at_ms": [t_ms for t_ms, bad in zip(times, is_black, strict=True) if bad][:200],
        "covered_at_ms": [t_ms for t_ms, bad in zip(times, is_covered, strict=True) if bad][:200],
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
