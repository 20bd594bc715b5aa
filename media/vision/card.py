"""Whether a picture shows a card (identity card, bank card: ISO/IEC 7810 ID-1, 85.6 × 54 mm): edges, shape, lines of print."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.vision.faces import Picture

_LONG_SIDE = 800
_ASPECT = (1.35, 1.85)
_LEAST_AREA = 0.06
_LINES = 2
_FILLING_LINES = 3
_LEAST_CONTRAST = 30
_LEAST_DENSITY = 0.05
_CARD = (476, 300)

Corners = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CardLook:
    """What was found. `area` is the card's part of the picture (1.0 when the card fills it), None without a card."""

    has_card: bool
    area: float | None
    lines: int
    reasons: tuple[str, ...]
    corners: "Corners | None" = None
    """Of the card in the picture, in its pixels."""

    def width(self, picture: Picture) -> float:
        """The longer side of the card in pixels; where no edges were found that of the picture, which may be cut to them."""
        if self.corners is None:
            return float(picture.shape[1])
        return float(np.linalg.norm(self.corners - np.roll(self.corners, 1, axis=0), axis=1).max())


def find_card(picture: Picture, *, is_cut: bool = True) -> CardLook:
    """Look for a card in a BGR picture.

    Args:
        is_cut: the picture may be cut to the card's edges (an upload); False for pictures of a camera.
    """
    scale = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    height, width = gray.shape
    corners = _card_corners(gray)
    if corners is not None:
        area: float | None = float(cv2.contourArea(corners)) / (width * height)
        lines = _lines(_straighten(gray, corners))
        found = np.asarray(corners / scale, np.float32)
        return CardLook(lines >= _LINES, area, lines, () if lines >= _LINES else ("CARD_PRINT_NOT_FOUND",), found)
    lines = _lines(gray)
    if is_cut and _ASPECT[0] <= max(width, height) / min(width, height) <= _ASPECT[1] and lines >= _FILLING_LINES:
        return CardLook(True, 1.0, lines, ())  # cut to the card's edges
    return CardLook(False, None, lines, ("CARD_EDGES_NOT_FOUND",))


def _card_corners(gray: Picture) -> Corners | None:
    """The largest card-shaped quadrilateral."""
    whole = gray.shape[0] * gray.shape[1]
    best: Corners | None = None
    best_area = whole * _LEAST_AREA
    smooth = cv2.bilateralFilter(gray, 7, 40, 40)
    middle = float(np.median(smooth))
    for low, high in ((0.66 * middle, 1.33 * middle), (20.0, 60.0)):
        edges = cv2.dilate(cv2.Canny(smooth, low, high), np.ones((3, 3), np.uint8), iterations=2)
        contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            if cv2.contourArea(contour) <= best_area:
                continue
            corners = cv2.approxPolyDP(contour, 0.03 * cv2.arcLength(contour, True), True)
            if len(corners) != 4 or not cv2.isContourConvex(corners):
                continue
            _, (w, h), _ = cv2.minAreaRect(corners)
            area = float(cv2.contourArea(corners))
            if min(w, h) > 0 and _ASPECT[0] <= max(w, h) / min(w, h) <= _ASPECT[1] and area > 0.8 * w * h:
                best, best_area = corners.reshape(4, 2).astype(np.float32), area
    return best


def _straighten(gray: Picture, corners: Corners) -> Picture:
    """The inside of a quadrilateral as an upright card, longer side horizontal, a margin cut off."""
    middle = corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    if np.linalg.norm(ordered[1] - ordered[0]) < np.linalg.norm(ordered[2] - ordered[1]):
        ordered = np.roll(ordered, -1, axis=0)
    width, height = _CARD
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(ordered.astype(np.float32), target)
    card = np.asarray(cv2.warpPerspective(gray, matrix, _CARD), np.uint8)
    return card[height // 16 : -height // 16, width // 16 : -width // 16]


def _lines(gray: Picture) -> int:
    """Lines of print: runs of rows with many strokes between runs with few; the better of both directions."""
    gradient = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    level, _ = cv2.threshold(gradient, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    strokes = gradient > max(level, _LEAST_CONTRAST)
    return max(_runs(strokes.mean(axis=1)), _runs(strokes.mean(axis=0)))


def _runs(density: NDArray[np.float64]) -> int:
    peak = float(np.quantile(density, 0.95))
    if peak < _LEAST_DENSITY:
        return 0
    dense = np.concatenate([[False], density > peak * 0.4, [False]])
    edges = np.flatnonzero(np.diff(dense.astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(((lengths >= 4) & (lengths <= len(density) * 0.2)).sum())
