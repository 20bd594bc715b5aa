"""Finds faces and compares them: YuNet through cv2.FaceDetectorYN, an embedding network through onnxruntime, one thread each.

Pictures are BGR arrays. Not safe for several threads at once: give each thread its own `Faces`.
"""

from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from media.vision.models import DETECTOR, EMBEDDER, ModelState, Thresholds, locate

Picture = NDArray[np.uint8]
Embedding = NDArray[np.float32]

_LONG_SIDE = 640
_INPUT = 128
_POINTS = np.array(
    [
        (0.31556875, 0.46157410714),
        (0.68262291667, 0.46157410714),
        (0.5002625, 0.64050535714),
        (0.349471875, 0.82469196428),
        (0.65343645833, 0.82469196428),
    ],
    np.float32,
)


class Face(NamedTuple):
    """One face, in pixels of the picture: box (x, y, width, height), score, five landmarks (eyes, nose, mouth corners)."""

    box: tuple[float, float, float, float]
    score: float
    landmarks: tuple[tuple[float, float], ...]

    @property
    def yaw(self) -> float:
        """How far the nose is from the middle of the eyes, in eye distances; positive towards the right of the picture."""
        (ax, _), (bx, _), (nx, _) = self.landmarks[:3]
        return (nx - (ax + bx) / 2) / max(1.0, abs(bx - ax))


class Faces:
    """The face models of one thread. `can_compare` is False where only the detector is there."""

    def __init__(self, detector: Path, embedder: Path | None, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds()
        cv2.setNumThreads(1)
        self._detector: Any = cv2.FaceDetectorYN.create(str(detector), "", (320, 320), self.thresholds.face_score, 0.3, 50)
        self._network: Any = None
        if embedder is not None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._network = onnxruntime.InferenceSession(str(embedder), options, providers=["CPUExecutionProvider"])
            self._input = self._network.get_inputs()[0].name

    @classmethod
    def open(cls, *model_dirs: Path | None, thresholds: Thresholds | None = None) -> "Faces | None":
        """Load what the folders hold; None without a detector (then nothing about faces can be measured)."""
        return cls.of(locate(*model_dirs), thresholds)

    @classmethod
    def of(cls, states: dict[str, ModelState], thresholds: Thresholds | None = None) -> "Faces | None":
        """Load located models."""
        detector = states[DETECTOR].path
        return cls(detector, states[EMBEDDER].path, thresholds) if detector is not None else None

    @property
    def can_compare(self) -> bool:
        """Whether faces can be compared."""
        return self._network is not None

    def look(self, picture: Picture) -> list[Face]:
        """Faces of a picture, largest first; those smaller than the threshold are left out."""
        height, width = picture.shape[:2]
        scale = min(1.0, _LONG_SIDE / max(height, width))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._detector.detect(small)
        faces: list[Face] = []
        for row in [] if rows is None else rows:
            x, y, w, h = (float(value) / scale for value in row[:4])
            points = tuple((float(row[i]) / scale, float(row[i + 1]) / scale) for i in range(4, 14, 2))
            if w >= width * self.thresholds.face_width and float(row[14]) >= self.thresholds.face_score:
                faces.append(Face((x, y, w, h), float(row[14]), points))
        # Folds of a curtain score like a turned or blurred face: such a one counts only where there is no clearer face.
        clear = [face for face in faces if face.score >= self.thresholds.clear_score]
        if not clear:
            return sorted(faces, key=lambda face: -face.score)[:1]
        return sorted(clear, key=lambda face: -face.box[2] * face.box[3])

    def embed(self, picture: Picture, face: Face) -> Embedding:
        """The unit-length embedding of a face. Raises `RuntimeError` without the network."""
        if self._network is None:
            raise RuntimeError(f"MODEL_MISSING: {EMBEDDER}")
        source = np.array(face.landmarks, np.float32)
        matrix: Any = cv2.estimateAffinePartial2D(source, _POINTS * _INPUT, method=cv2.LMEDS)[0]
        if matrix is None:  # landmarks on one line
            x, y, w, h = face.box
            matrix = np.array([[_INPUT / w, 0, -x * _INPUT / w], [0, _INPUT / h, -y * _INPUT / h]], np.float32)
        aligned = cv2.warpAffine(picture, matrix, (_INPUT, _INPUT))
        blob = aligned.astype(np.float32).transpose(2, 0, 1)[None]
        vector: Embedding = self._network.run(None, {self._input: blob})[0].reshape(-1)
        return vector / max(1e-9, float(np.linalg.norm(vector)))

    def same(self, a: Embedding, b: Embedding) -> tuple[float, bool | None]:
        """(cosine similarity, whether it is one person); None in between where the figure decides nothing."""
        similarity = float(np.dot(a, b))
        if similarity >= self.thresholds.same:
            return similarity, True
        return similarity, False if similarity < self.thresholds.stranger else None


def main_face(faces: list[Face]) -> Face | None:
    """The face that is clearly the subject: the largest, unless a second one is more than half as wide. None: there is none."""
    if not faces or (len(faces) > 1 and faces[1].box[2] > faces[0].box[2] / 2):
        return None
    return faces[0]


def pack_embedding(vector: Embedding) -> bytes:
    """Little-endian float32 bytes."""
    return vector.astype("<f4").tobytes()
