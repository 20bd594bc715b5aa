"""Alerts of one seat during the call: a state machine over what each key frame shows. Pure: no I/O, no clock, no models.

An alert is raised at the first picture that shows its cause (a stranger that is only likely takes two) and clears by itself at
the first picture that does not. While the picture is black nothing is said about faces.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from media.vision.models import Thresholds


class AlertKind(StrEnum):
    """What is wrong with a seat's picture."""

    FACE_LOST = "face_lost"
    TWO_FACES = "two_faces"
    STRANGER = "stranger"
    DARK = "dark"
    BLACK = "black"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Look:
    """What one key frame shows. `faces` is None where faces cannot be measured; `similarity` where there is no comparison."""

    t_ms: int
    faces: int | None
    similarity: float | None
    brightness: float
    sharpness: float
    is_black: bool
    still_ms: int
    """For how long the picture has not changed at all."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert begins or ends."""

    kind: AlertKind
    is_active: bool
    t_ms: int


@dataclass(slots=True)
class SeatSummary:
    """Figures of a seat over a whole watch; ratios are None when nothing was measured."""

    pictures: int = 0
    faces_measured: int = 0
    with_face: int = 0
    compared: int = 0
    similarity_min: float | None = None
    similarity_sum: float = 0.0
    alerts: dict[str, int] = field(default_factory=dict)

    def data(self) -> Mapping[str, object]:
        """As plain data."""
        return {
            "pictures": self.pictures,
            "presence": self.with_face / self.faces_measured if self.faces_measured else None,
            "compared": self.compared,
            "similarity_min": self.similarity_min,
            "similarity_mean": self.similarity_sum / self.compared if self.compared else None,
            "alerts": {str(kind): count for kind, count in self.alerts.items()},
        }


class SeatWatch:
    """The alerts of one seat."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._unlike = 0
        self.active: set[AlertKind] = set()
        self.summary = SeatSummary()

    def take(self, look: Look) -> list[Alert]:
        """Take the next picture; returns what begins or ends with it."""
        self._count(look)
        alerts: list[Alert] = []
        for kind, is_seen in self._causes(look).items():
            if is_seen is None or is_seen == (kind in self.active):
                continue
            if is_seen:
                self.active.add(kind)
                self.summary.alerts[kind] = self.summary.alerts.get(kind, 0) + 1
            else:
                self.active.discard(kind)
            alerts.append(Alert(kind, is_seen, look.t_ms))
        return alerts

    def _causes(self, look: Look) -> dict[AlertKind, bool | None]:
        """Per kind: seen, not seen, or None (this picture says nothing about it)."""
        limits = self._thresholds
        is_stranger: bool | None = None
        if look.similarity is not None:
            self._unlike = self._unlike + 1 if look.similarity < limits.same else 0
            is_stranger = look.similarity < limits.stranger or self._unlike >= 2
            if not is_stranger and self._unlike:
                is_stranger = None  # only likely: keep what was until the next picture
        elif look.faces == 0:
            self._unlike = 0
            is_stranger = False
        faces = None if look.is_black else look.faces
        return {
            AlertKind.BLACK: look.is_black,
            AlertKind.DARK: not look.is_black and look.brightness < limits.dark_luma,
            AlertKind.FROZEN: not look.is_black and look.still_ms >= limits.frozen_ms,
            AlertKind.FACE_LOST: None if faces is None else faces == 0,
            AlertKind.TWO_FACES: None if faces is None else faces >= 2,
            AlertKind.STRANGER: is_stranger,
        }

    def _count(self, look: Look) -> None:
        summary = self.summary
        summary.pictures += 1
        if look.faces is not None:
            summary.faces_measured += 1
            summary.with_face += look.faces > 0
        if look.similarity is not None:
            summary.compared += 1
            summary.similarity_sum += look.similarity
            least = summary.similarity_min
            summary.similarity_min = look.similarity if least is None else min(least, look.similarity)
