"""Where everybody is on the composed picture. Pure arithmetic; even numbers because of 4:2:0 chroma."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADER = 56
LABEL = 30
_MARGIN = 4
_BREAK_MS = 6_000
"""A share that comes back so soon (a reload, the next document) does not throw the picture about."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells hold pictures; each seat's label is the strip of `LABEL` pixels under its cell."""

    width: int
    height: int
    seats: tuple[Box, ...]
    share: Box | None


def arrange(width: int, height: int, seats: int, has_share: bool) -> Layout:
    """Lay out seats in a grid, or beside a share."""
    top, room = HEADER, height - HEADER
    if has_share:
        share = _even(_MARGIN, top, width * 7 // 10 - 2 * _MARGIN, room - _MARGIN)
        left = width * 7 // 10
        rows = max(1, seats)
        cells = [_cell(left, top + index * room // rows, width - left, room // rows) for index in range(seats)]
        return Layout(width, height, tuple(cells), share)
    columns = 1 if seats <= 1 else 2 if seats <= 4 else 3
    rows = max(1, -(-seats // columns))
    cells = []
    for index in range(seats):
        row, column = divmod(index, columns)
        in_row = columns if row < rows - 1 else seats - columns * (rows - 1)
        cell_width = width // columns
        shift = (width - in_row * cell_width) // 2
        cells.append(_cell(shift + column * cell_width, top + row * room // rows, cell_width, room // rows))
    return Layout(width, height, tuple(cells), None)


def shared_spans(shares: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """When somebody shares, from the times (ms) of the pieces of shares. A short break between two pieces is not the end."""
    spans: list[tuple[int, int]] = []
    for t0_ms, t1_ms in sorted(shares):
        if spans and t0_ms - spans[-1][1] <= _BREAK_MS:
            spans[-1] = spans[-1][0], max(spans[-1][1], t1_ms)
        else:
            spans.append((t0_ms, t1_ms))
    return spans


def _cell(x: int, y: int, width: int, height: int) -> Box:
    return _even(x + _MARGIN, y, width - 2 * _MARGIN, height - LABEL - _MARGIN)


def _even(x: int, y: int, width: int, height: int) -> Box:
    return Box(x // 2 * 2, y // 2 * 2, max(2, width // 2 * 2), max(2, height // 2 * 2))


def fit(width: int, height: int, box: Box) -> Box:
    """The largest rectangle of the picture's shape inside a box, centred."""
    scale = min(box.width / width, box.height / height)
    w, h = max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
    return Box((box.x + (box.width - w) // 2) // 2 * 2, (box.y + (box.height - h) // 2) // 2 * 2, w, h)
