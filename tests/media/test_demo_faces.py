"""The people of the demo case are three people to the recogniser, too."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from media.vision.faces import Faces, main_face
from scripts.demo import cast
from scripts.demo.assets import film, portrait
from scripts.demo.third import third_person

pytestmark = [pytest.mark.needs_models, pytest.mark.needs_clips]


def test_the_agent_looks_like_neither_customer(model_dir: Path, testdata: Path, tmp_path: Path) -> None:
    faces = Faces.open(model_dir)
    assert faces is not None
    agent = third_person(faces, *cast.AGENT_MIX)
    shown = cv2.VideoCapture(str(film(agent, tmp_path / "agent.mjpeg", seconds=1)))
    is_there, frame = shown.read()
    assert is_there
    vectors = []
    for picture in (np.asarray(frame, np.uint8), portrait(cast.POLICYHOLDER_PHOTO), portrait(cast.INSURED_PHOTO)):
        face = main_face(faces.look(picture))
        assert face is not None
        vectors.append(faces.embed(picture, face))
    for a, b in ((0, 1), (0, 2), (1, 2)):
        similarity, is_same = faces.same(vectors[a], vectors[b])
        assert not is_same, (a, b, similarity)
        assert similarity < faces.thresholds.same - 0.05, "clearly"
