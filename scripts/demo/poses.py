"""A real face that looks straight ahead or turns its head, for the camera of a browser and for test videos.

The turn is made from a photograph: its pixels are laid over a head-shaped surface with a nose, which is rotated. The landmarks of
such a picture move as those of a turned head do; a flat photograph that is tilted does not do that.
"""

import base64
import json
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from media.vision.faces import Faces, main_face
from scripts.demo.assets import ROOT, AssetsMissing, portrait

Picture = np.ndarray[Any, Any]
TURN_SHOWN = 0.42
"""How far the nose of a turned head leaves the middle of the eyes, in eye distances: a turn that nobody would call a glance."""
_TURN_ERROR = 0.08
_DEGREES = (42.0, 48.0, 36.0)
_PUSHES = (0.25, 0.0, 0.4, 0.5)
ACTIONS = {"straight": 0, "turn_left": 1, "turn_right": -1}
"""The person's own left is the right of an unmirrored picture."""


def turn_head(picture: Picture, landmarks: Sequence[tuple[float, float]], degrees: float) -> Picture:
    """The picture with its head turned; positive towards the right of the picture. `landmarks`: eyes and nose."""
    (ax, ay), (bx, by), (nx, ny) = landmarks[:3]
    eyes = float(np.hypot(bx - ax, by - ay))
    cx, cy = (ax + bx) / 2, (ay + by) / 2 + 0.35 * eyes
    height, width = picture.shape[:2]
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = np.deg2rad(degrees)
    far = ((xx - cx) / (1.5 * eyes)) ** 2 + ((yy - cy) / (2.1 * eyes)) ** 2
    inside = np.clip(1.25 - far, 0, 1)
    source = xx.copy()
    for _ in range(30):  # where a pixel comes from: a fixed point of the rotation
        round_ = np.clip(1 - ((source - cx) / (1.15 * eyes)) ** 2 - ((yy - cy) / (1.75 * eyes)) ** 2, 0, None)
        nose = np.exp(-(((source - nx) / (0.22 * eyes)) ** 2 + ((yy - ny + 0.1 * eyes) / (0.35 * eyes)) ** 2) / 2)
        depth = eyes * (1.15 * np.sqrt(round_) + 0.45 * nose)
        rotated = cx + ((xx - cx) - depth * np.sin(angle)) / np.cos(angle)
        source = 0.5 * source + 0.5 * (inside * rotated + (1 - inside) * xx)
    return np.asarray(cv2.remap(picture, source.astype(np.float32), yy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


@lru_cache(maxsize=1)
def faces() -> Faces:
    """The face models of this machine. Raises `AssetsMissing`."""
    folders = [Path(os.environ[name]) for name in ("DR_MODEL_DIR", "DR_MODEL_MIRROR") if os.environ.get(name)]
    found = Faces.open(*folders, ROOT / "models", ROOT.parent / "shared" / "models")
    if found is None:
        raise AssetsMissing("the face models are missing: run scripts/models.py or set DR_MODEL_MIRROR")
    return found


def _push_nose(picture: Picture, landmarks: Sequence[tuple[float, float]], eye_distances: float) -> Picture:
    """Noses stand further out than a rotated photograph shows them."""
    (ax, ay), (bx, by), (nx, ny) = landmarks[:3]
    eyes = float(np.hypot(bx - ax, by - ay))
    height, width = picture.shape[:2]
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    near = np.exp(-(((xx - nx) / (0.5 * eyes)) ** 2 + ((yy - ny - 0.2 * eyes) / (0.5 * eyes)) ** 2) / 2)
    moved = (xx - eye_distances * eyes * near).astype(np.float32)
    return np.asarray(cv2.remap(picture, moved, yy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def _turned(base: Picture, landmarks: Sequence[tuple[float, float]], sign: int) -> Picture:
    """The head turned until the detector sees about `TURN_SHOWN`, one way or the other: photographs differ in what they give."""
    best: tuple[float, Picture] | None = None
    for degrees in _DEGREES:
        turned = turn_head(base, landmarks, sign * degrees)
        face = main_face(faces().look(turned))
        if face is None:
            continue
        for push in _PUSHES:
            pushed = _push_nose(turned, face.landmarks, sign * push)
            seen = main_face(faces().look(pushed))
            error = abs(seen.yaw * sign - TURN_SHOWN) if seen is not None else 1.0
            if best is None or error < best[0]:
                best = error, pushed
            if error < _TURN_ERROR / 2:
                return pushed
    if best is None or best[0] > _TURN_ERROR:
        raise AssetsMissing("the head of this photograph cannot be shown turned")
    return best[1]


@lru_cache(maxsize=8)
def poses(photo: str) -> dict[str, Picture]:
    """The head of a photograph by action (`straight`, `turn_left`, `turn_right`), 480x360 BGR."""
    base = portrait(photo)
    face = main_face(faces().look(base))
    if face is None:
        raise AssetsMissing(f"{photo} does not show one face")
    return {action: _turned(base, face.landmarks, sign) if sign else base for action, sign in ACTIONS.items()}


def camera_script(*photos: str) -> str:
    """JavaScript for a page: a camera that shows the first photo's person, who follows the prompts of the face check.

    `window.__camera.person` names the photo that is shown; the head moves half a second after the prompt, as people do.
    """
    pictures = {
        photo: {
            action: base64.b64encode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()).decode()
            for action, picture in poses(photo).items()
        }
        for photo in photos
    }
    return _CAMERA.replace("PICTURES", json.dumps(pictures)).replace("PERSON", json.dumps(photos[0]))


_CAMERA = """
(() => {
  if (!navigator.mediaDevices) return;
  const before = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const camera = window.__camera = { person: PERSON };
  const pictures = PICTURES;
  for (const poses of Object.values(pictures)) {
    for (const action of Object.keys(poses)) {
      const image = new Image();
      image.src = 'data:image/jpeg;base64,' + poses[action];
      poses[action] = image;
    }
  }
  let shown = 'straight', asked = 'straight', since = 0;
  const draw = (context) => {
    const now = performance.now();
    const prompt = document.querySelector('[data-testid="face-prompt"]')?.dataset.action ?? 'straight';
    const wanted = prompt.startsWith('turn_') ? prompt : 'straight';
    if (wanted !== asked) { asked = wanted; since = now; }
    if (now - since > 500) shown = asked;
    context.drawImage(pictures[camera.person][shown], 0, 0, 480, 360);
    for (let i = 0; i < 40; i++) {
      context.fillStyle = `rgba(${Math.random() * 255},${Math.random() * 255},${Math.random() * 255},0.06)`;
      context.fillRect(Math.random() * 480, Math.random() * 360, 8, 8);
    }
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = constraints?.audio ? await before({ audio: constraints.audio }) : new MediaStream();
    if (constraints?.video) {
      const canvas = Object.assign(document.createElement('canvas'), { width: 480, height: 360 });
      const context = canvas.getContext('2d');
      draw(context);
      const timer = setInterval(() => draw(context), 80);
      const [track] = canvas.captureStream(12).getVideoTracks();
      const stop = track.stop.bind(track);
      track.stop = () => { clearInterval(timer); stop(); };
      stream.addTrack(track);
    }
    return stream;
  };
})();
"""
