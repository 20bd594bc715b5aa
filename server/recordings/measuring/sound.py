"""Sound of one seat: level, noise, stretches of speech; its WAV on the session clock."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from media.recorder import ebml
from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline, blocks

RATE = 16_000
FRAME_MS = 100
JOIN_MS = 60
"""Packets whose time differs by less than this from the running position are laid end to end."""

Samples = npt.NDArray[np.int16]


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
