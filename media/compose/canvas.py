"""The composed picture as one I420 canvas: only cells whose picture changed are drawn again."""

from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from media.compose.layout import Box, fit
from media.compose.sources import PictureSource

Canvas = NDArray[np.uint8]


@dataclass(slots=True)
class Cell:
    """One place on the canvas."""

    source: PictureSource
    box: Box
    drawn: int = -1
    """Version of the picture drawn; -1 for the absent card, -2 for the gap card."""
    shape: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Scene:
    """One arrangement of the canvas.

    Args:
        absent: the empty canvas with its texts, cells saying that nobody has come yet (I420, height*3/2 × width).
        interrupted: the same, cells saying that the picture is interrupted.
    """

    absent: Canvas
    interrupted: Canvas
    cells: list[Cell]


class Painter:
    """Draws scenes on a canvas.

    Args:
        scene_at: the scene that is shown at a time.
        first: the scene at the beginning.
    """

    def __init__(self, scene_at: Callable[[float], Scene], first: Scene) -> None:
        self.canvas = first.absent.copy()
        self._scene_at = scene_at
        self._scene = first
        self._height = first.absent.shape[0] * 2 // 3
        self._width = first.absent.shape[1]

    def paint(self, t_ms: float) -> Canvas:
        """The canvas at a time; times must not fall. Valid until the next call."""
        scene = self._scene_at(t_ms)
        if scene is not self._scene:
            self._scene = scene
            self.canvas[:] = scene.absent
            for cell in scene.cells:
                cell.drawn, cell.shape = -1, (0, 0)
        for cell in scene.cells:
            frame = cell.source.at(t_ms)
            if frame is None:
                wanted = -2 if cell.source.has_begun else -1
                if cell.drawn != wanted:
                    self._copy(scene.interrupted if wanted == -2 else scene.absent, cell.box)
                    cell.drawn = wanted
            elif cell.drawn != cell.source.version:
                self._draw(cell, frame)
                cell.drawn = cell.source.version
        return self.canvas

    def _draw(self, cell: Cell, frame: av.VideoFrame) -> None:
        shape = (frame.width, frame.height)
        if cell.drawn < 0 or cell.shape != shape:
            cell.shape = shape
            self._blank(cell.box)
        box = fit(frame.width, frame.height, cell.box)
        small = frame.reformat(width=box.width, height=box.height, format="yuv420p", interpolation="BILINEAR")
        for target, plane in zip(self._planes(self.canvas, box), small.planes, strict=True):
            source = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            target[:] = source[: target.shape[0], : target.shape[1]]

    def _copy(self, source: Canvas, box: Box) -> None:
        for target, plane in zip(self._planes(self.canvas, box), self._planes(source, box), strict=True):
            target[:] = plane

    def _blank(self, box: Box) -> None:
        for target, value in zip(self._planes(self.canvas, box), (16, 128, 128), strict=True):
            target[:] = value

    def _planes(self, canvas: Canvas, box: Box) -> tuple[Canvas, Canvas, Canvas]:
        height, width = self._height, self._width
        luma = canvas[:height]
        chroma = canvas[height:].reshape(2, height // 2, width // 2)
        rows, columns = slice(box.y // 2, (box.y + box.height) // 2), slice(box.x // 2, (box.x + box.width) // 2)
        area = luma[box.y : box.y + box.height, box.x : box.x + box.width]
        return area, chroma[0, rows, columns], chroma[1, rows, columns]
