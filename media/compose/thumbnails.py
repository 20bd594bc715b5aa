"""Still pictures of a composed file or of any playable one."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from media.compose.job import ComposeError

LEAST_STEP_MS = 5_000


def thumbnail(path: Path, t_ms: int, width: int = 320) -> bytes:
    """The picture shown at a time, as JPEG (blocking).

    Raises:
        ComposeError: THUMBNAIL_NONE when no picture can be decoded there.
    """
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise ComposeError("THUMBNAIL_NONE", str(path))
        stream = container.streams.video[0]
        stream.thread_count = 1
        container.seek(int(t_ms * 1000), backward=True)
        shown: av.VideoFrame | None = None
        for frame in container.decode(stream):
            if shown is not None and frame.time is not None and frame.time * 1000 > t_ms:
                break
            shown = frame
        if shown is None:
            raise ComposeError("THUMBNAIL_NONE", f"{path} at {t_ms} ms")
        height = max(2, round(shown.height * width / shown.width) // 2 * 2)
        return _jpeg(shown, width, height)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Many small pictures of a film in one: `count` tiles of `width`×`height`, row by row, one each `every_ms`."""

    image: bytes
    every_ms: int
    columns: int
    count: int
    width: int
    height: int


def contact_sheet(path: Path, duration_ms: int, *, most: int = 120, width: int = 192, columns: int = 10) -> Sheet:
    """A film at a glance, as JPEG (blocking): only key frames are decoded, each tile shows the last one before its time.

    Raises:
        ComposeError: THUMBNAIL_NONE when there is no picture.
    """
    every_ms = max(LEAST_STEP_MS, -(-duration_ms // most // 1000) * 1000)
    wanted = max(1, -(-duration_ms // every_ms))
    tiles: list[NDArray[np.uint8]] = []
    shown: NDArray[np.uint8] | None = None
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise ComposeError("THUMBNAIL_NONE", str(path))
        stream = container.streams.video[0]
        stream.thread_count = 1
        stream.codec_context.skip_frame = "NONKEY"
        height = max(2, round(stream.height * width / stream.width) // 2 * 2)
        for frame in container.decode(stream):
            while shown is not None and len(tiles) < wanted and len(tiles) * every_ms < (frame.time or 0.0) * 1000:
                tiles.append(shown)
            shown = np.asarray(frame.reformat(width=width, height=height, format="rgb24").to_ndarray(), np.uint8)
    if shown is None:
        raise ComposeError("THUMBNAIL_NONE", str(path))
    tiles += [shown] * (wanted - len(tiles))
    return Sheet(_joined(tiles, columns), every_ms, columns, wanted, width, height)


def _joined(tiles: list[NDArray[np.uint8]], columns: int) -> bytes:
    height, width = tiles[0].shape[:2]
    sheet = np.zeros((-(-len(tiles) // columns) * height, columns * width, 3), np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + height, left : left + width] = tile
    return _jpeg(av.VideoFrame.from_ndarray(sheet, format="rgb24"), sheet.shape[1], sheet.shape[0])


def _jpeg(picture: av.VideoFrame, width: int, height: int) -> bytes:
    small = picture.reformat(width=width, height=height, format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": "3", "qmax": "5"}
    return b"".join(bytes(packet) for packet in [*encoder.encode(small), *encoder.encode(None)])
