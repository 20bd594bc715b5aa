"""Clips, noise, and Opus packets for the speech tests."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from asr.models import SpeechModels, locate
from asr.opus import PacketDecoder
from asr.ports import SAMPLE_RATE
from tests.conftest import lacking

ROOT = Path(__file__).resolve().parents[2]
Samples = npt.NDArray[np.int16]


def _folder(variable: str, default: str) -> Path:
    given = os.environ.get(variable)
    return Path(given) if given else ROOT.parent / "shared" / default


MODELS = _folder("DR_MODEL_MIRROR", "models")
CLIPS = _folder("DR_TESTDATA", "testdata") / "speech"


def models() -> SpeechModels:
    """The models, or a visible skip."""
    found = locate(ROOT / "models", MODELS)
    for state in (found.ctc, found.vad, found.trigram):
        if not state.is_available:
            lacking(f"speech model {state.name} ({state.reason})", "run scripts/models.py or set DR_MODEL_MIRROR")
    return found


def load(path: Path) -> Samples:
    """Any sound file as 16 kHz mono."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    result: Samples = np.concatenate(parts)
    return result


def clip(name: str) -> Samples:
    """A clip by its path under the speech test data, or a visible skip."""
    path = CLIPS / name
    if not path.is_file():
        lacking(f"clip {path}", "set DR_TESTDATA")
    return load(path)


def answer(name: str) -> Samples:
    """A short human answer: `shi4_de`, `qing1_chu3`, …"""
    return clip(f"short_answers/{name}.mp3")


def transcripts() -> dict[str, str]:
    """Texts of the clips by path."""
    path = CLIPS / "transcripts.tsv"
    if not path.is_file():
        lacking(f"the clips in {CLIPS}", "set DR_TESTDATA")
    with path.open(encoding="utf-8") as file:
        return {row["file"]: row["text"] for row in csv.DictReader(file, delimiter="\t")}


def voiced(samples: Samples, *, threshold: float = 0.03, keep: int = 480) -> Samples:
    """The clip without the silence at its ends."""
    loud = np.flatnonzero(np.abs(samples) > threshold * np.abs(samples).max())
    return samples[max(0, loud[0] - keep) : loud[-1] + keep]


def quiet(ms: int) -> Samples:
    """Silence."""
    return np.zeros(ms * SAMPLE_RATE // 1000, np.int16)


def splice(*parts: Samples, gap_ms: int = 0) -> Samples:
    """Several clips said in one breath."""
    trimmed: list[Samples] = []
    for part in parts:
        trimmed += [voiced(part), quiet(gap_ms)]
    return np.concatenate(trimmed)


def noisy(samples: Samples, snr_db: float, seed: int = 7) -> Samples:
    """The clip in pink-like room noise at an SNR relative to its voiced part."""
    generator = np.random.default_rng(seed)
    spectrum = np.fft.rfft(generator.standard_normal(len(samples)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20.0))
    noise = np.fft.irfft(spectrum, len(samples))
    speech = voiced(samples).astype(np.float64)
    scale = np.sqrt(np.mean(speech**2) / np.mean(noise**2) / 10 ** (snr_db / 10))
    mixed: Samples = np.clip(samples + noise * scale, -32768, 32767).astype(np.int16)
    return mixed


def room_noise(ms: int, rms: float = 120.0, seed: int = 3) -> Samples:
    """Noise without any speech."""
    generator = np.random.default_rng(seed)
    return (generator.standard_normal(ms * SAMPLE_RATE // 1000) * rms).astype(np.int16)


def opus_packets(samples: Samples, *, bit_rate: int = 32_000) -> list[bytes]:
    """20 ms Opus packets at 48 kHz, as a browser sends them."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = 48_000, "s16", "mono"
    encoder.bit_rate = bit_rate
    encoder.options = {"frame_duration": "20", "application": "voip"}
    resampler = av.AudioResampler("s16", "mono", 48_000)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], "s16", "mono")
    frame.sample_rate = SAMPLE_RATE
    up = np.concatenate([out.to_ndarray()[0] for out in (*resampler.resample(frame), *resampler.resample(None))])
    up = np.pad(up, (0, -len(up) % 960))
    packets: list[bytes] = []
    for at in range(0, len(up), 960):
        piece = av.AudioFrame.from_ndarray(up[None, at : at + 960], "s16", "mono")
        piece.sample_rate = 48_000
        piece.pts = at
        packets += [bytes(packet) for packet in encoder.encode(piece)]
    return packets


def through_opus(samples: Samples, decoder: PacketDecoder) -> bytes:
    """PCM after one trip through Opus."""
    return b"".join(decoder.decode(packet) for packet in opus_packets(samples))


def in_pieces(pcm: bytes, size: int = 640) -> Iterator[bytes]:
    """PCM in packet-sized pieces."""
    for at in range(0, len(pcm), size):
        yield pcm[at : at + size]
