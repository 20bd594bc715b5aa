"""Where the face models are, what is missing, and the thresholds as data. Nothing is downloaded here, nothing is guessed."""

from dataclasses import asdict, dataclass
from pathlib import Path

DETECTOR = "face-detection-yunet"
EMBEDDER = "face-reidentification-retail-0095"
_FILES = {
    DETECTOR: "face_detection_yunet_2023mar.onnx",
    EMBEDDER: "face_reidentification_retail_0095.onnx",
}


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model: its file, or why it cannot be used."""

    name: str
    path: Path | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits in cosine similarity and of pictures; docs/vision.md has what was measured on real faces.

    Brightness is the mean luma, sharpness the variance of the Laplacian, both of the picture scaled to 640 pixels.
    """

    same: float = 0.38
    stranger: float = 0.25
    """Below it a single picture is enough to call somebody a stranger; between it and `same` it takes two."""
    face_score: float = 0.7
    clear_score: float = 0.85
    """A second face must reach it; a single one only `face_score`."""
    face_width: float = 0.04
    """Least face width, as a part of the picture's width: people on a poster behind do not count."""
    black_luma: float = 20.0
    black_spread: float = 8.0
    dark_luma: float = 45.0
    frozen_difference: float = 0.12
    frozen_ms: int = 1_900
    sharp: float = 40.0
    turned: float = 0.28
    """How far the nose leaves the middle of the eyes (in eye distances) when a head is turned."""

    def data(self) -> dict[str, float]:
        """As plain data."""
        return asdict(self)


def locate(*folders: Path | None) -> dict[str, ModelState]:
    """Look for both models in folders laid out as `<folder>/<name>/<file>`; first hit wins."""
    states: dict[str, ModelState] = {}
    for name, file in _FILES.items():
        paths = [folder / name / file for folder in folders if folder is not None]
        found = next((path for path in paths if path.is_file()), None)
        states[name] = ModelState(name, found, "" if found else f"MODEL_MISSING: {name}/{file}")
    return states
