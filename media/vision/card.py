"""Whether a picture shows a card (identity card, bank card: ISO/IEC 7810 ID-1, 85.6 × 54 mm): edges, shape, lines of print."""

from dataclasses import dataclass

import cv2
import numpy as np

from media.vision.faces import Picture

_LONG_SIDE = 800
_ASPECT = (1.35, 1.85)
_LEAST_AREA = 0.06
_LINES = 2


@dataclass(frozen=True, slots=True)
class CardLook:
    """What was found. `area` is the card's part of the picture (1.0 when the card fills it), None without a card."""

    has_card: bool
    area: float | None
    lines: int
    reasons: tuple[str, ...]


def find_card(picture: Picture) -> CardLook:
    """Look for a card in a BGR picture."""
    scale = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    area = _card_area(gray)
    lines = _lines(gray)
    reasons: list[str] = []
    if area is None:
        height, width = gray.shape
        aspect = max(width, height) / min(width, height)
        if _ASPECT[0] <= aspect <= _ASPECT[1] and lines >= _LINES:
            return CardLook(True, 1.0, lines, ())
        reasons.append("CARD_EDGES_NOT_FOUND")
    if lines < _LINES:
        reasons.append("CARD_PRINT_NOT_FOUND")
    return CardLook(area is not None and lines >= _LINES, area, lines, tuple(reasons))


def _card_area(gray: Picture) -> float | None:
    """Part of the picture that the largest card-shaped quadrilateral covers."""
    whole = gray.shape[0] * gray.shape[1]
    best: float | None = None
    smooth = cv2.bilateralFilter(gray, 7, 40, 40)
    middle = float(np.median(smooth))
    for low, high in ((0.66 * middle, 1.33 * middle), (20.0, 60.0)):
        edges = cv2.dilate(cv2.Canny(smooth, low, high), np.ones((3, 3), np.uint8), iterations=2)
        contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            if cv2.contourArea(contour) < whole * _LEAST_AREA:
                continue
            corners = cv2.approxPolyDP(contour, 0.03 * cv2.arcLength(contour, True), True)
            if len(corners) != 4 or not cv2.isContourConvex(corners):
                continue
            _, (w, h), _ = cv2.minAreaRect(corners)
            area = float(cv2.contourArea(corners))
            if min(w, h) > 0 and _ASPECT[0] <= max(w, h) / min(w, h) <= _ASPECT[1] and area > 0.8 * w * h:
                best = max(best or 0.0, area / whole)
    return best


def _lines(gray: Picture) -> int:
    """Number of wide, flat regions of dense strokes: lines of print."""
    gradient = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    _, strokes = cv2.threshold(gradient, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((1, 15), np.uint8))
    contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    count = 0
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        filled = float((strokes[y : y + h, x : x + w] > 0).mean())
        if h >= 6 and w >= 2.5 * h and h <= gray.shape[0] * 0.2 and filled > 0.25:
            count += 1
    return count
