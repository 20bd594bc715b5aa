"""Faces of one seat over its key frames: present, alone, the person captured beforehand, somebody nobody knows."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from media.recorder.reader import merge_spans
from media.recorder.recording import subtract
from media.vision import Faces, main_face
from media.vision.faces import Embedding, Face
from server.recordings.measuring.frames import Picture

LONGEST_MS = 10_000
"""A picture stands for the time until the next one, but never for longer."""
EXTRA_FACES = 3
MOST = 500
AWAY_MS = 1_000
"""A gap from this length on is an absence to look at; shorter ones only count."""


def embeddings(faces: Faces, references: Mapping[str, str | None]) -> dict[str, Embedding]:
    """The captured face of each seat that has one to compare with.

    Args:
        references: seat → base64 picture.
    """
    known = {}
    for seat, picture in references.items():
        if not picture or not faces.can_compare:
            continue
        decoded: Any = cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), cv2.IMREAD_COLOR)
        face = main_face(faces.look(decoded)) if decoded is not None else None
        if face is not None:
            known[seat] = faces.embed(decoded, face)
    return known


class FaceWatch:
    """Looks at a seat's key frames.

    Args:
        faces: the models.
        seat: whose tile it is.
        known: everybody's captured face, by seat.
    """

    def __init__(self, faces: Faces, seat: str, known: Mapping[str, Embedding]) -> None:
        self._faces = faces
        self._own = known.get(seat)
        self._known = known
        self._looks: list[tuple[int, int]] = []
        self._others: list[int] = []
        self._strangers: list[int] = []
        self._likeness: list[float] = []
        self._same = self._unsure = 0

    def look(self, picture: Picture, t_ms: int) -> None:
        """Take a key frame."""
        found = self._faces.look(picture)
        self._looks.append((t_ms, len(found)))
        if not found or not self._known:
            return
        is_strange = False
        if self._own is not None:
            vector = self._faces.embed(picture, found[0])
            likeness, is_same = self._faces.same(self._own, vector)
            self._likeness.append(likeness)
            if is_same is None:
                self._unsure += 1
            elif is_same:
                self._same += 1
            else:
                self._others.append(t_ms)
                is_strange = self._is_strange(vector)
        is_strange = is_strange or any(self._is_unknown(picture, face) for face in found[1 : 1 + EXTRA_FACES])
        if is_strange:
            self._strangers.append(t_ms)

    def _is_unknown(self, picture: Picture, face: Face) -> bool:
        return self._is_strange(self._faces.embed(picture, face))

    def _is_strange(self, vector: Embedding) -> bool:
        return all(self._faces.same(known, vector)[1] is False for known in self._known.values())

    def facts(self, duration_ms: int, unseen: Sequence[tuple[int, int]] = ()) -> dict[str, Any] | None:
        """What was seen; None when no key frame was looked at. Times of absence are spans on the session clock.

        Args:
            duration_ms: length of the recording: the person has to be there all the time.
            unseen: when pictures are missing; nobody is seen then, whatever the last picture showed.
        """
        if not self._looks:
            return None
        looks = self._weighted(duration_ms)
        shown = merge_spans((t_ms, t_ms + span) for (t_ms, faces), span in looks if faces)
        seen = sum(t1 - t0 for t0, t1 in subtract(shown, list(unseen)))
        away = [(t0, t1) for t0, t1 in unseen if t1 - t0 >= AWAY_MS]
        return {
            "looked": len(self._looks),
            "face_ratio": round(min(1.0, seen / max(1, duration_ms)), 4),
            "absent": [list(span) for span in merge_spans([*self._absent(looks), *away])][:MOST],
            "several_at_ms": [t_ms for t_ms, faces in self._looks if faces > 1][:MOST],
            "compared": len(self._likeness),
            "same": self._same,
            "unsure": self._unsure,
            "others_at_ms": self._others[:MOST],
            "can_know": bool(self._known),
            "strangers_at_ms": self._strangers[:MOST],
            "likeness": round(float(np.median(self._likeness)), 2) if self._likeness else None,
            "likeness_min": round(min(self._likeness), 2) if self._likeness else None,
        }

    def _weighted(self, duration_ms: int) -> list[tuple[tuple[int, int], int]]:
        ends = [t_ms for t_ms, _ in self._looks[1:]] + [max(duration_ms, self._looks[-1][0] + 1)]
        return [(look, max(1, min(end - look[0], LONGEST_MS))) for look, end in zip(self._looks, ends, strict=True)]

    def _absent(self, looks: Sequence[tuple[tuple[int, int], int]]) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        was_absent = False
        for (t_ms, faces), span in looks:
            if faces == 0:
                if was_absent and t_ms - spans[-1][1] <= LONGEST_MS:
                    spans[-1] = (spans[-1][0], t_ms + span)
                else:
                    spans.append((t_ms, t_ms + span))
            was_absent = faces == 0
        return spans
