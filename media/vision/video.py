"""A short video of one person against a reference picture, with an active challenge by head turns. Blocking.

`is_live` needs the challenge: a turn of the head seen in the landmarks, in the asked order, by the person of the reference.
Without a challenge it is None (not measured), never a pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from media.vision.faces import Embedding, Faces, Picture, main_face

_SAMPLE_MS = 200
_MAX_SAMPLES = 150
_LEAST_FACES = 3
TURNS = {"turn_left": 1.0, "turn_right": -1.0}
"""The person's own left is the right of an unmirrored picture."""


@dataclass(frozen=True, slots=True)
class VideoLook:
    """What a video shows. None is not measured."""

    similarity: float | None
    is_same: bool | None
    is_live: bool | None
    reasons: tuple[str, ...]
    best_frame: Picture | None


def samples(path: Path) -> Iterator[tuple[int, Picture]]:
    """Pictures of a video about every 200 ms. Raises `av.FFmpegError` for a file that is no video."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        due, count = -1.0, 0
        for frame in container.decode(stream):
            t_ms = (frame.time or 0.0) * 1000
            if t_ms < due:
                continue
            due, count = t_ms + _SAMPLE_MS, count + 1
            yield int(t_ms), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            if count >= _MAX_SAMPLES:
                return


def look_at_video(faces: Faces, path: Path, reference: Embedding | None, challenge: Sequence[str]) -> VideoLook:
    """Compare a video with a reference and check the challenge (`turn_left`, `turn_right`, in order)."""
    reasons: list[str] = []
    yaws: list[float] = []
    likeness: list[float] = []
    best: tuple[float, Picture] | None = None
    crowded = seen = 0
    try:
        for _, picture in samples(path):
            found = faces.look(picture)
            face = main_face(found)
            if face is None:
                crowded += len(found) > 1
                continue
            seen += 1
            yaws.append(face.yaw)
            frontal = face.score - abs(face.yaw)
            if best is None or frontal > best[0]:
                best = (frontal, picture)
            if faces.can_compare and reference is not None and abs(face.yaw) < faces.thresholds.turned:
                likeness.append(faces.same(faces.embed(picture, face), reference)[0])
    except (av.FFmpegError, IndexError):
        return VideoLook(None, None, None, ("VIDEO_UNREADABLE",), None)
    if crowded:
        reasons.append("FACE_MANY")
    if seen < _LEAST_FACES:
        return VideoLook(None, None, None, (*reasons, "FACE_NONE"), best[1] if best else None)
    similarity: float | None = None
    is_same: bool | None = None
    if likeness:
        similarity = float(np.median(likeness))
        least = float(np.quantile(likeness, 0.1))
        is_same = similarity >= faces.thresholds.same and least >= faces.thresholds.stranger
        if not is_same:
            reasons.append("FACE_DIFFERS")
    else:
        reasons.append("FACE_NOT_COMPARED")
    is_live = _is_challenge_met(yaws, challenge, faces.thresholds.turned)
    if is_live is None:
        reasons.append("CHALLENGE_NOT_MEASURED")
    elif not is_live:
        reasons.append("CHALLENGE_NOT_MET")
    elif crowded or is_same is False:
        is_live = False
    return VideoLook(similarity, is_same, is_live, tuple(reasons), best[1] if best else None)


def _is_challenge_met(yaws: Sequence[float], challenge: Sequence[str], turned: float) -> bool | None:
    """Whether the turns happened in order, from a face that looked straight ahead; None for no or an unknown challenge."""
    if not challenge or any(step not in TURNS for step in challenge):
        return None
    straight = next((index for index, yaw in enumerate(yaws) if abs(yaw) < turned / 2), None)
    if straight is None:
        return False
    at = straight
    for step in challenge:
        sign = TURNS[step]
        at = next((index for index in range(at, len(yaws)) if yaws[index] * sign >= turned), len(yaws))
    return at < len(yaws)
