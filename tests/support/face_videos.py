"""Short videos of real faces that do what a challenge asks, as a phone's browser would record them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from scripts.demo.poses import poses

FPS = 8
LATE_MS = 600
"""People follow a prompt late."""
RATE = 16_000


def film(
    path: Path, steps: Sequence[dict[str, Any]], photo: str, *, voice: npt.NDArray[np.int16] | None = None, seed: int = 0
) -> bytes:
    """A WebM of a face (a photo of the test data) following the steps; `voice`: 16 kHz sound from its beginning."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w", format="webm") as container:
        video = container.add_stream("libvpx", FPS, options={"deadline": "realtime", "cpu-used": "8"})
        video.width, video.height, video.pix_fmt, video.time_base = 480, 360, "yuv420p", Fraction(1, FPS)
        sound = container.add_stream("libopus", 48_000, layout="mono") if voice is not None else None
        for number in range(steps[-1]["to_ms"] * FPS // 1000):
            at = max(0, number * 1000 // FPS - LATE_MS)
            action = next(step["action"] for step in steps if at < step["to_ms"])
            pose = poses(photo)["straight" if action == "read" else action].astype(np.int16)
            noisy = np.clip(pose + rng.integers(-3, 4, pose.shape, dtype=np.int16), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if sound is not None and voice is not None:
            resampler = av.AudioResampler("s16", "mono", 48_000, frame_size=960)
            piece = av.AudioFrame.from_ndarray(voice[None, :], format="s16", layout="mono")
            piece.rate, piece.pts = RATE, 0
            for part in (*resampler.resample(piece), *resampler.resample(None)):
                container.mux(sound.encode(part))
            container.mux(sound.encode(None))
    return path.read_bytes()
