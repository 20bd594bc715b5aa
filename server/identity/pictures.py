"""Takes a picture apart and puts it together again: what is stored is our own JPEG, without EXIF, place or thumbnails.

Type and completeness are read from the bytes, never believed from a header. Size is checked before anything is decoded, so a
small file cannot unfold into gigabytes.
"""

import asyncio
import hashlib
import struct
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from server.http.problem import Problem

MAX_BYTES = 12 << 20
MIN_SIDE = 240
MAX_PIXELS = 60_000_000
STORED_SIDE = 2400
_QUALITY = 92
_SAME_DIFFERENCE, _SAME_CORRELATION = 3.0, 0.997
"""Of sketches of 64 × 64 grey values: one photo saved twice differs by less, two photos of one card on one table by more."""
_SOF = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean JPEG."""

    data: bytes
    width: int
    height: int
    sha256: str


async def clean_picture(data: bytes) -> Picture:
    """Check and re-encode in a thread.

    Raises 422 `IMAGE_INVALID` (not a whole JPEG or PNG), `IMAGE_TOO_SMALL`, `IMAGE_TOO_LARGE`.
    """
    size = picture_size(data)
    if size is None:
        raise Problem(422, "IMAGE_INVALID")
    width, height = size
    if width * height > MAX_PIXELS:
        raise Problem(422, "IMAGE_TOO_LARGE", max_pixels=MAX_PIXELS)
    if min(width, height) < MIN_SIDE:
        raise Problem(422, "IMAGE_TOO_SMALL", min_side=MIN_SIDE)
    return await asyncio.to_thread(_reencode, data)


def is_same_picture(one: bytes, other: bytes) -> bool:
    """Whether two clean pictures are one, also after another size or another compression. Blocking: decodes both."""
    if one == other:
        return True
    a, b = _sketch(one), _sketch(other)
    return float(np.abs(a - b).mean()) < _SAME_DIFFERENCE and _correlation(a, b) > _SAME_CORRELATION


def _sketch(data: bytes) -> NDArray[np.float32]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None, "our own JPEG"
    return np.asarray(cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA), np.float32)


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Of what is in two sketches; flat ones are alike when their brightness is."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > a.size else 1.0


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a whole JPEG or PNG as its header has them, None for anything else. Nothing is decoded."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        if len(data) < 24 or data[12:16] != b"IHDR" or b"IEND" not in data[-64:]:
            return None
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    return _jpeg_size(data) if data.startswith(b"\xff\xd8\xff") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    size, at = (0, 0), 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _SOF and at + 9 <= len(data):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            size = (width, height)
        if marker == 0xDA:
            if size == (0, 0) or data.find(b"\xff\xd9", at) < 0:
                break
            return size
        at += 2 + length
    return None


def _reencode(data: bytes) -> Picture:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise Problem(422, "IMAGE_INVALID") from error
    if image is None:
        raise Problem(422, "IMAGE_INVALID")
    height, width = image.shape[:2]
    scale = STORED_SIDE / max(width, height)
    if scale < 1:
        image = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    ok, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not ok:
        raise Problem(422, "IMAGE_INVALID")
    stored = encoded.tobytes()
    return Picture(stored, int(image.shape[1]), int(image.shape[0]), hashlib.sha256(stored).hexdigest())
