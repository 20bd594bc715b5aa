"""A third person for the demo: the test folder shows two people only, and an agent must not look like one of the customers.

The face of one photograph is drawn over that of another, so that the recogniser takes the result for neither of the two. It is
never compared with a reference: agents have none. Customers always show real photographs.
"""

from typing import Any

import cv2
import numpy as np

from media.vision.faces import Faces, main_face
from scripts.demo.assets import AssetsMissing, portrait

Picture = np.ndarray[Any, Any]
WEIGHT = 0.6
"""How much of the face comes from the second photograph."""


def third_person(faces: Faces, below: str, above: str) -> Picture:
    """The head and shoulders of `below` with a face that is mixed from both photographs, 480x360 BGR."""
    base, other = portrait(below), portrait(above)
    found, given = main_face(faces.look(base)), main_face(faces.look(other))
    if found is None or given is None:
        raise AssetsMissing(f"{below} or {above} does not show one face")
    here, there = np.array(found.landmarks, np.float32), np.array(given.landmarks, np.float32)
    mixed = (1 - WEIGHT) * here + WEIGHT * _moved(there, _similar(there, here))
    under, over = (_warped(base, here, mixed), _warped(other, there, mixed).astype(np.float32))
    eyes, (cx, cy) = float(np.linalg.norm(mixed[0] - mixed[1])), mixed.mean(axis=0)
    yy, xx = np.mgrid[0 : base.shape[0], 0 : base.shape[1]]
    far = np.hypot((xx - cx) / (1.15 * eyes), (yy - cy + 0.1 * eyes) / (1.5 * eyes))
    inside = far < 0.8
    skin, lent = under[inside].astype(np.float32), over[inside]
    over = (over - lent.mean(axis=0)) * (skin.std(axis=0) / lent.std(axis=0)) + skin.mean(axis=0)
    part = WEIGHT * np.clip((1 - far) / 0.25, 0, 1)[..., None]
    return np.asarray(np.clip(under * (1 - part) + over * part, 0, 255).astype(np.uint8))


def _similar(source: Picture, target: Picture) -> Picture:
    """The turn, scale and shift (2x3) that brings points closest to others."""
    ones, zeros = np.ones(len(source)), np.zeros(len(source))
    rows = np.vstack([np.c_[source[:, 0], -source[:, 1], ones, zeros], np.c_[source[:, 1], source[:, 0], zeros, ones]])
    a, b, x, y = np.linalg.lstsq(rows, np.r_[target[:, 0], target[:, 1]], rcond=None)[0]
    return np.array([[a, -b, x], [b, a, y]])


def _moved(points: Picture, matrix: Picture) -> Picture:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def _warped(picture: Picture, source: Picture, target: Picture) -> Picture:
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, _similar(source, target), size, borderMode=cv2.BORDER_REFLECT))
