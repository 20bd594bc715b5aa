"""Sound files in and out for prompts: any file to 48 kHz mono, 48 kHz mono to Ogg Opus in 20 ms packets."""

import os
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
RATE = 48_000
_PACKET = RATE // 50
_BIT_RATE = 32_000


def read(path: Path) -> Floats:
    """Decode the first audio stream of a file to mono samples in ±1. Raises `av.FFmpegError`, or `ValueError` without audio."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            raise ValueError(f"{path.name} has no audio")
        resampler = av.AudioResampler("flt", "mono", RATE)
        parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def resample(pcm: bytes, rate: int) -> Floats:
    """16-bit mono PCM at `rate` to 48 kHz samples in ±1."""
    samples = np.frombuffer(pcm, "<i2")
    if rate == RATE:
        return samples.astype(np.float32) / np.float32(32768)
    frame = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("flt", "mono", RATE)
    parts = [out.to_ndarray()[0] for out in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def write_opus(samples: Floats, path: Path) -> int:
    """Write an Ogg Opus file atomically; returns its duration in ms (whole packets). The bytes depend on the samples alone."""
    padded = np.pad(samples, (0, -len(samples) % _PACKET))
    whole = (np.clip(padded, -1, 1) * 32767).astype(np.int16)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with av.open(str(part), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
            stream: Any = container.add_stream("libopus", rate=RATE, layout="mono")
            stream.bit_rate = _BIT_RATE
            stream.options = {"frame_duration": "20", "application": "voip"}
            frame = av.AudioFrame.from_ndarray(whole[None], "s16", "mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return len(padded) * 1000 // RATE
