"""Whether a mouth moves: how much the region around it changes between frames, compared with the eyes and nose of the same face.

The comparison takes out what moves the whole picture: light, the coder's noise, a hand that shakes. Needs the face detector only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline
from media.vision import Faces
from media.vision.faces import Face
from server.recordings.measuring.frames import Picture, stretch

EVERY_MS = 120
LEAST_FRAMES = 5
AROUND_MS = 150
"""A mouth opens before the sound and closes after it."""
QUIET_MS = 2_400
"""The person listens before they answer: how the mouth looks when it is still."""
_SIZE = 96
_EYES_AND_NOSE = np.array([(0.32, 0.34), (0.68, 0.34), (0.5, 0.55)], np.float32) * _SIZE
_MOUTH = (slice(int(0.62 * _SIZE), int(0.98 * _SIZE)), slice(int(0.24 * _SIZE), int(0.76 * _SIZE)))
_STILL = (slice(int(0.2 * _SIZE), int(0.6 * _SIZE)), slice(int(0.15 * _SIZE), int(0.85 * _SIZE)))


def moving_mouths(
    timeline: Timeline, camera: Sequence[ClosedSegment], wanted: Iterable[Mapping[str, Any]], faces: Faces | None
) -> list[dict[str, Any]]:
    """How much more the mouth moved while an answer was heard than just before."""
    if faces is None:
        return []
    found = []
    for answer in wanted:
        t0, t1 = answer["t0_ms"] - AROUND_MS, answer["t1_ms"] + AROUND_MS
        facts = mouth_motion(faces, stretch(timeline, camera, t0, t1, EVERY_MS))
        quiet = mouth_motion(faces, stretch(timeline, camera, t0 - QUIET_MS, t0 - AROUND_MS, EVERY_MS))
        names = {name: answer[name] for name in ("node_id", "person_id", "seat_id")}
        found.append({**names, **facts, "motion": against(facts["motion"], quiet["motion"])})
    return found


def mouth_motion(faces: Faces, pictures: Iterable[tuple[Picture, int]]) -> dict[str, Any]:
    """Figures of one stretch: `motion` is the mouth's change over the upper face's (about 1: still), None: too few faces."""
    mouth: list[float] = []
    still: list[float] = []
    before: NDArray[np.float32] | None = None
    looked = 0
    part: _Part | None = None
    for picture, _t_ms in pictures:
        looked += 1
        face = part.look(faces, picture) if part is not None else None
        if face is None:
            found = faces.look(picture)
            face = found[0] if found else None
            part = _Part.around(face, picture) if face is not None else None
        patch = _aligned(picture, face) if face is not None else None
        if patch is not None and before is not None:
            change = np.abs(patch - before)
            mouth.append(float(change[_MOUTH].mean()))
            still.append(float(change[_STILL].mean()))
        before = patch
    if len(mouth) < LEAST_FRAMES - 1:
        return {"looked": looked, "compared": len(mouth), "motion": None}
    upper = float(np.mean(still)) + 0.5  # half a grey level: a perfectly still picture has no change to compare with
    return {"looked": looked, "compared": len(mouth), "motion": round(float(np.mean(mouth)) / upper, 2)}


class _Part(NamedTuple):
    """The part of the picture a face moves in: looking for it there alone takes a fraction of the time."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, face: Face, picture: Picture) -> "_Part":
        """A face and as much as it is wide or high on each side, half of that above and below."""
        x, y, w, h = face.box
        height, width = picture.shape[:2]
        return cls(max(0, int(x - w)), max(0, int(y - h / 2)), min(width, int(x + 2 * w)), min(height, int(y + 1.5 * h)))

    def look(self, faces: Faces, picture: Picture) -> Face | None:
        """The largest face inside, in the picture's own pixels."""
        found = faces.look(np.ascontiguousarray(picture[self.top : self.bottom, self.left : self.right]))
        if not found:
            return None
        x, y, w, h = found[0].box
        points = tuple((px + self.left, py + self.top) for px, py in found[0].landmarks)
        return Face((x + self.left, y + self.top, w, h), found[0].score, points)


def against(speaking: float | None, quiet: float | None) -> float | None:
    """Motion while speaking over that of the same face just before: faces, beards and light differ, one face does not."""
    return None if speaking is None or quiet is None else round(speaking / max(0.1, quiet), 2)


def _aligned(picture: Picture, face: Face) -> NDArray[np.float32] | None:
    """The face upright at a fixed size, placed by eyes and nose alone, so that a moving mouth cannot move it; even brightness."""
    points = np.array(face.landmarks[:3], np.float32)
    matrix: Any = cv2.estimateAffinePartial2D(points, _EYES_AND_NOSE, method=cv2.LMEDS)[0]
    if matrix is None:
        return None
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    patch = np.asarray(cv2.warpAffine(grey, matrix, (_SIZE, _SIZE)), np.float32)
    patch = np.asarray(cv2.GaussianBlur(patch, (0, 0), 1.2), np.float32)
    spread = float(patch.std())
    if spread < 4:
        return None
    return np.asarray((patch - patch.mean()) / spread * 40, np.float32)
