"""Pictures of one track: how bright and sharp its key frames are, how many are black, covered or the same as the one before."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline
from server.recordings.measuring.frames import Picture, key_frames

BLACK = 16
COVERED = 6.0
"""Grey levels by which a small picture varies; a hand, a wall or a lens cap varies less."""
_PICTURE = (160, 90)


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
        "luma": round(float(np.median(luma)), 2),
        "sharpness": round(float(np.median(sharp)), 2),
        "black_ratio": round(float(np.mean(is_black)), 4),
        "covered_ratio": round(float(np.mean(is_covered)), 4),
        "frozen_ratio": round(float(np.mean(still)), 4) if still else None,
        "black_at_ms": [t_ms for t_ms, bad in zip(times, is_black, strict=True) if bad][:200],
        "covered_at_ms": [t_ms for t_ms, bad in zip(times, is_covered, strict=True) if bad][:200],
    }
