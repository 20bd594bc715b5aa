"""A short video of one person against a reference picture, with an active challenge by head turns. Blocking.

`is_live` needs the challenge: turns of the head seen in the landmarks, in the asked order and inside their windows of time, by
the person of the reference, with one face all along. Without a challenge it is None (not measured), never a pass. A photograph
that is tilted or moved does not turn: its nose stays in the middle of the eyes.
"""

import errno
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from media.vision.faces import Embedding, Faces, Picture, main_face
from media.vision.models import Thresholds

_SAMPLE_MS = 200
_MAX_SAMPLES = 150
_MAX_FRAMES = 3_600
"""A minute at 60 pictures a second; a file that says they were all taken at once is not decoded to its end."""
_MAX_PIXELS = 4096 * 2304
"""A picture of 16 383 × 16 383 compresses to some kilobytes and unfolds to a gigabyte."""
_CONTAINERS = {"format_whitelist": "matroska,mov"}
"""What phones record (WebM, MP4). Playlists, which name other files, are none, whatever the file is called."""
_LEAST_FACES = 3
TURNS = {"turn_left": 1.0, "turn_right": -1.0}
"""The person's own left is the right of an unmirrored picture."""
STRAIGHT = "straight"
_REACTION_MS = 1200
"""Nobody turns at once: what is seen in the first moments of a window still belongs to the step before."""
_LATE_MS = 400
_SETTLED_MS = 900
TAIL_MS = 700
"""How long the page goes on recording after the last step."""
_EARLIEST_MS, _LATEST_MS = -700, 1500
"""How much later than the page's clock the first picture may have been taken: cameras wake up while the recorder is on."""
_JITTER_MS = 50
_LEAST_SEEN = 0.6
"""Part of the pictures that must show exactly one face."""


class Step(NamedTuple):
    """One step of a challenge: `turn_left`, `turn_right` or `straight`, inside a window on the video's own clock."""

    action: str
    from_ms: int
    to_ms: int


class Sight(NamedTuple):
    """A picture with one face: its time on the video's clock, how far the head is turned, how like the reference it is."""

    t_ms: int
    yaw: float
    likeness: float | None


@dataclass(frozen=True, slots=True)
class VideoLook:
    """What a video shows. None is not measured."""

    similarity: float | None
    is_same: bool | None
    is_live: bool | None
    reasons: tuple[str, ...]
    best_frame: Picture | None
    duration_ms: int = 0


def samples(path: Path) -> Iterator[tuple[int, Picture]]:
    """Pictures about every 200 ms with their own time stamps. Raises `av.FFmpegError` for a file that is no video of a phone."""
    with av.open(str(path), options=_CONTAINERS) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        due, count = -math.inf, 0
        if stream.width * stream.height > _MAX_PIXELS:
            raise av.InvalidDataError(errno.EINVAL, "pictures too large", str(path))
        for frame in itertools.islice(container.decode(stream), _MAX_FRAMES):
            if frame.width * frame.height > _MAX_PIXELS:  # it may grow in the middle
                raise av.InvalidDataError(errno.EINVAL, "pictures too large", str(path))
            t_ms = (frame.time or 0.0) * 1000
            if t_ms < due:
                continue
            due, count = t_ms + _SAMPLE_MS - _JITTER_MS, count + 1  # five pictures a second never come in step
            yield int(t_ms), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            if count >= _MAX_SAMPLES:
                return


def look_at_video(faces: Faces, path: Path, reference: Embedding | None, challenge: Sequence[str | Step]) -> VideoLook:
    """Compare a video with a reference and check the challenge.

    Args:
        challenge: steps in order; a plain `turn_left` or `turn_right` may happen at any time after the one before.
    """
    sights: list[Sight] = []
    best: tuple[float, Picture] | None = None
    crowded = looked = last_ms = 0
    start_ms: int | None = None
    try:
        for stamp_ms, picture in samples(path):
            start_ms = stamp_ms if start_ms is None else start_ms
            t_ms = stamp_ms - start_ms
            looked, last_ms = looked + 1, t_ms
            found = faces.look(picture)
            face = main_face(found)
            if face is None:
                crowded += len(found) > 1
                continue
            frontal = face.score - abs(face.yaw)
            if best is None or frontal > best[0]:
                best = (frontal, picture)
            can_compare = faces.can_compare and reference is not None
            likeness = faces.same(faces.embed(picture, face), reference)[0] if can_compare and reference is not None else None
            sights.append(Sight(t_ms, face.yaw, likeness))
    except (av.FFmpegError, IndexError):
        return VideoLook(None, None, None, ("VIDEO_UNREADABLE",), None)
    frame = best[1] if best else None
    reasons = ["FACE_MANY"] if crowded else []
    if len(sights) < _LEAST_FACES:
        return VideoLook(None, None, None, (*reasons, "FACE_NONE"), frame, last_ms)
    limits = faces.thresholds
    similarity, is_same = _likeness(sights, limits)
    if is_same is not True:
        reasons.append("FACE_NOT_COMPARED" if is_same is None else "FACE_DIFFERS")
    is_live = is_challenge_met(sights, challenge, limits.turned, shifts(challenge, start_ms or 0, last_ms))
    if is_live is None:
        reasons.append("CHALLENGE_NOT_MEASURED")
    elif not is_live:
        reasons.append("CHALLENGE_NOT_MET")
    elif crowded or is_same is False:
        is_live = False
    elif len(sights) < looked * _LEAST_SEEN:
        is_live = None
        reasons.append("FACE_NONE")
    elif is_same and not _is_same_when_turned(sights, limits):
        is_live = None  # somebody else's head may have turned; a turned face is too unlike to say who it was
        reasons.append("TURN_NOT_COMPARED")
    return VideoLook(similarity, is_same, is_live, tuple(reasons), frame, last_ms)


def _likeness(sights: Sequence[Sight], limits: Thresholds) -> tuple[float | None, bool | None]:
    """(median similarity of the frontal pictures, whether all of them show the person of the reference)."""
    frontal = [sight.likeness for sight in sights if sight.likeness is not None and abs(sight.yaw) < limits.turned]
    if not frontal:
        return None, None
    similarity, least = float(np.median(frontal)), float(np.quantile(frontal, 0.1))
    return similarity, similarity >= limits.same and least >= limits.stranger


def _is_same_when_turned(sights: Sequence[Sight], limits: Thresholds) -> bool:
    for sign in TURNS.values():
        turned = [sight.likeness for sight in sights if sight.likeness is not None and sight.yaw * sign >= limits.turned]
        if turned and max(turned) < limits.stranger:
            return False
    return True


def shifts(challenge: Sequence[str | Step], start_ms: int, last_ms: int) -> tuple[int, ...]:
    """What may have to be added to the video's clock to get the page's: nobody knows it exactly, few values are possible.

    The first picture was taken as the page's clock began; or as late as its own time stamp says (the sound began before it); or
    so late that the last one falls on the end of the recording.

    Args:
        challenge: the steps; without windows there is nothing to shift.
        start_ms: time stamp of the first picture.
        last_ms: time of the last picture since the first.
    """
    ends = [step.to_ms for step in challenge if isinstance(step, Step)]
    if not ends:
        return (0,)
    from_end = ends[-1] + TAIL_MS - last_ms
    return tuple(dict.fromkeys(shift for shift in (0, start_ms, from_end) if _EARLIEST_MS <= shift <= _LATEST_MS)) or (0,)


def is_challenge_met(
    sights: Sequence[Sight], challenge: Sequence[str | Step], turned: float, possible: Sequence[int] = (0,)
) -> bool | None:
    """Whether the steps happened, from a face that looked straight ahead; None for no or an unknown challenge.

    `possible`: the clock's `shifts`; under one of them every step must have happened.
    """
    windows = [step for step in challenge if isinstance(step, Step)]
    if windows:
        if len(windows) != len(challenge) or any(step.action not in (*TURNS, STRAIGHT) for step in windows):
            return None
        moved = [[sight._replace(t_ms=sight.t_ms + shift) for sight in sights] for shift in possible]
        return any(all(_is_step_met(on_time, step, turned) for step in windows) for on_time in moved)
    if not challenge or any(step not in TURNS for step in challenge):
        return None
    yaws = [sight.yaw for sight in sights]
    straight = next((index for index, yaw in enumerate(yaws) if abs(yaw) < turned / 2), None)
    if straight is None:
        return False
    at = straight
    for step in challenge:
        sign = TURNS[str(step)]
        at = next((index for index in range(at, len(yaws)) if yaws[index] * sign >= turned), len(yaws))
    return at < len(yaws)


def _is_step_met(sights: Sequence[Sight], step: Step, turned: float) -> bool:
    """A turn: seen inside the window and never to the other side. Straight: the head has come back by the end of the window."""
    sign = TURNS.get(step.action)
    if sign is None:
        settled = [s.yaw for s in sights if max(step.from_ms, step.to_ms - _SETTLED_MS) <= s.t_ms <= step.to_ms + _LATE_MS]
        return any(abs(yaw) < turned / 2 for yaw in settled)
    inside = [s.yaw * sign for s in sights if step.from_ms + _REACTION_MS <= s.t_ms <= step.to_ms + _LATE_MS]
    return any(yaw >= turned for yaw in inside) and all(yaw > -turned for yaw in inside)
