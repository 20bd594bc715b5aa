"""Pictures of people: faces, likeness, sharpness, alerts during a call. What cannot be measured is said, never passed."""

from media.vision.faces import Face, Faces, main_face
from media.vision.models import Thresholds, locate

__all__ = ["Face", "Faces", "Thresholds", "locate", "main_face"]
