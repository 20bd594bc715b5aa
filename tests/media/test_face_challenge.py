"""The anti-spoof challenge on videos of real faces: turns in the asked windows, and what must not pass for them."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from media.vision.faces import Embedding, Faces, main_face
from media.vision.picture import decode_image
from media.vision.video import TAIL_MS, Step, VideoLook, look_at_video
from scripts.demo.poses import poses

pytestmark = [pytest.mark.needs_models, pytest.mark.needs_clips]

Picture = np.ndarray[Any, Any]
FPS = 10
ME, OTHER = "obama_1.jpg", "biden_1.jpg"
STEPS = (
    Step("straight", 0, 1000),
    Step("turn_left", 1000, 2800),
    Step("straight", 2800, 4200),
    Step("turn_right", 4200, 6000),
)
Film = list[tuple[str, str]]
ASKED: Film = [(ME, step.action) for step in STEPS]


@pytest.fixture(scope="module")
def faces(model_dir: Path) -> Faces:
    found = Faces.open(model_dir)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def reference(faces: Faces, testdata: Path) -> Embedding:
    picture = decode_image((testdata / "faces" / "obama_2.jpg").read_bytes())
    assert picture is not None
    face = main_face(faces.look(picture))
    assert face is not None
    return faces.embed(picture, face)


@pytest.fixture
def look(faces: Faces, reference: Embedding, tmp_path: Path) -> Callable[..., VideoLook]:
    def judge(
        shown: Film, *, mend: Callable[[Picture], Picture] = lambda picture: picture, fps: int = FPS, lost_ms: int = 0
    ) -> VideoLook:
        """Film the poses, one per step, each late by 600 ms as people are, and look at it. The first `lost_ms` are not filmed."""
        path = tmp_path / "face.webm"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libvpx", fps, options={"deadline": "realtime", "cpu-used": "8"})
            stream.width, stream.height, stream.pix_fmt, stream.time_base = 480, 360, "yuv420p", Fraction(1, fps)
            noise = np.random.default_rng(3)
            for number in range((STEPS[-1].to_ms + TAIL_MS - lost_ms) * fps // 1000):
                at = min(max(0, lost_ms + number * 1000 // fps - 600), STEPS[-1].to_ms - 1)
                photo, action = shown[next(i for i, step in enumerate(STEPS) if at < step.to_ms)]
                picture = mend(poses(photo)[action]).astype(np.int16) + noise.integers(-3, 4, (360, 480, 3), dtype=np.int16)
                frame = av.VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="bgr24")
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return look_at_video(faces, path, reference, STEPS)

    return judge


def test_the_person_who_does_what_is_asked_is_live(look: Callable[..., VideoLook]) -> None:
    seen = look(ASKED)
    assert (seen.is_same, seen.is_live, seen.reasons) == (True, True, ())
    assert seen.similarity is not None
    assert seen.similarity >= 0.38
    assert seen.best_frame is not None
    assert 6200 <= seen.duration_ms <= 6700


def test_a_slow_phone_that_loses_the_first_second_refuses_nobody(look: Callable[..., VideoLook]) -> None:
    seen = look(ASKED, fps=5, lost_ms=1000)
    assert (seen.is_same, seen.is_live, seen.reasons) == (True, True, ())
    assert look([(ME, "straight"), (ME, "turn_right"), *ASKED[2:]], fps=5, lost_ms=1000).is_live is False


@pytest.mark.parametrize(
    "actions",
    [
        ["straight", "turn_right", "straight", "turn_left"],  # the video of another challenge
        ["straight", "turn_left", "straight", "straight"],
        ["straight", "turn_left", "turn_left", "turn_right"],  # does not come back
        ["straight"] * 4,  # a photograph
    ],
)
def test_other_movements_are_not_live(look: Callable[..., VideoLook], actions: list[str]) -> None:
    seen = look([(ME, action) for action in actions])
    assert (seen.is_same, seen.is_live) == (True, False)
    assert "CHALLENGE_NOT_MET" in seen.reasons


def test_a_tilted_photograph_does_not_turn(look: Callable[..., VideoLook]) -> None:
    def tilt(picture: Picture) -> Picture:
        corners = np.array([[0, 0], [480, 0], [480, 360], [0, 360]], np.float32)
        seen = np.array([[110, 40], [370, 0], [370, 360], [110, 320]], np.float32)
        return np.asarray(cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, seen), (480, 360)))

    seen = look([(ME, "straight")] * 4, mend=tilt)
    assert seen.is_live is False


def test_a_stranger_is_refused_whatever_he_does(look: Callable[..., VideoLook]) -> None:
    seen = look([(OTHER, step.action) for step in STEPS])
    assert (seen.is_same, seen.is_live) == (False, False)
    assert "FACE_DIFFERS" in seen.reasons


def test_turning_for_a_photograph_does_not_pass(look: Callable[..., VideoLook]) -> None:
    """The photograph looks straight ahead, somebody else turns his head."""
    seen = look([(ME if step.action == "straight" else OTHER, step.action) for step in STEPS])
    assert seen.is_live is not True or seen.is_same is not True


def test_an_unknown_step_is_not_measured(faces: Faces, reference: Embedding, testdata: Path) -> None:
    path = testdata / "video" / "synth_person_change.mp4"
    seen = look_at_video(faces, path, reference, [Step("smile", 0, 1000)])
    assert seen.is_live is None
