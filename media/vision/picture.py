"""Measures of one picture without any model: sharpness, brightness, black, and how far two pictures differ."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.vision.faces import Picture
from media.vision.models import Thresholds

_LONG_SIDE = 640
_MAX_BYTES = 16 << 20
_MAX_PIXELS = 40_000_000
_SMALL = (64, 48)

Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureMeasures:
    """Mean luma, variance of the Laplacian, and spread of the luma."""

    brightness: float
    sharpness: float
    spread: float

    def is_black(self, thresholds: Thresholds) -> bool:
        """A covered lens or no signal: dark and without structure."""
        return self.brightness < thresholds.black_luma and self.spread < thresholds.black_spread


def measure(picture: Picture) -> PictureMeasures:
    """Measures of a BGR picture, scaled so that they compare between resolutions."""
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = _LONG_SIDE / max(gray.shape)
    if scale < 1:
        gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    sharpness = float(cv2.Laplacian(gray, cv2.CV_64F).var())
    return PictureMeasures(float(gray.mean()), sharpness, float(gray.std()))


def shrink(picture: Picture) -> Gray:
    """A small grey copy to compare with later ones."""
    gray = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), _SMALL, interpolation=cv2.INTER_AREA)
    return np.asarray(gray, np.uint8)


def difference(a: Gray, b: Gray) -> float:
    """Mean absolute difference of two small copies, 0…255."""
    return float(np.abs(a.astype(np.int16) - b.astype(np.int16)).mean())


def decode_image(data: bytes) -> Picture | None:
    """A JPEG or PNG as BGR; None when it is none, is damaged, or is unreasonably large."""
    if not (data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n") or len(data) > _MAX_BYTES:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if picture is None or picture.shape[0] * picture.shape[1] > _MAX_PIXELS:
        return None
    return np.asarray(picture, np.uint8)


def encode_jpeg(picture: Picture, quality: int = 88) -> bytes:
    """A BGR picture as JPEG."""
    is_done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not is_done:
        raise ValueError("picture cannot be encoded")
    return data.tobytes()
