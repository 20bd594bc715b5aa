"""Where everybody is on the composed picture. Pure arithmetic; even numbers because of 4:2:0 chroma."""

from dataclasses import dataclass

HEADER = 56
LABEL = 30
_MARGIN = 4


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


def _cell(x: int, y: int, width: int, height: int) -> Box:
    return _even(x + _MARGIN, y, width - 2 * _MARGIN, height - LABEL - _MARGIN)


def _even(x: int, y: int, width: int, height: int) -> Box:
    return Box(x // 2 * 2, y // 2 * 2, max(2, width // 2 * 2), max(2, height // 2 * 2))


def fit(width: int, height: int, box: Box) -> Box:
    """The largest rectangle of the picture's shape inside a box, centred."""
    scale = min(box.width / width, box.height / height)
    w, h = max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
    return Box((box.x + (box.width - w) // 2) // 2 * 2, (box.y + (box.height - h) // 2) // 2 * 2, w, h)
