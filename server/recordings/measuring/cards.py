"""Whether somebody holds a card to the camera in a stretch: its edges, its shape, print on it, and a portrait inside it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cv2

from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline
from media.vision import Faces
from media.vision.card import find_card
from server.recordings.measuring.frames import Picture, stretch

EVERY_MS = 700
LARGEST = 0.85
"""A quadrilateral that fills the picture is the picture."""


def card_shown(faces: Faces | None, pictures: Iterable[tuple[Picture, int]]) -> dict[str, Any]:
    """Figures of one stretch: pictures looked at, with a card, with a card that has a portrait (None without the model)."""
    looked, at, portraits = 0, [], 0
    largest = 0.0
    for picture, t_ms in pictures:
        looked += 1
        card = find_card(picture, is_cut=False)
        if not card.has_card or card.area is None or card.area > LARGEST or card.corners is None:
            continue
        at.append(t_ms)
        largest = max(largest, card.area)
        if faces is not None:
            left, top, width, height = cv2.boundingRect(card.corners)
            inside = picture[max(0, top) : top + height, max(0, left) : left + width]
            portraits += bool(inside.size and faces.look(inside))
    return {
        "looked": looked,
        "cards": len(at),
        "portraits": portraits if faces is not None else None,
        "largest": round(largest, 3),
        "at_ms": at[:50],
    }


def shown_cards(
    timeline: Timeline, camera: Sequence[ClosedSegment], wanted: Iterable[Mapping[str, Any]], faces: Faces | None
) -> list[dict[str, Any]]:
    """Cards held to the camera in the nodes that ask for them."""
    found = []
    for node in wanted:
        facts = card_shown(faces, stretch(timeline, camera, node["t0_ms"], node["t1_ms"], EVERY_MS))
        found.append({**{name: node[name] for name in ("node_id", "person_id", "seat_id")}, **facts})
    return found
