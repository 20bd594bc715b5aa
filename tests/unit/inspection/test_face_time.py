"""How long a face was there is measured against the whole recording, not against the time with pictures."""

from typing import Any, cast

import numpy as np
import pytest

from media.vision import Faces
from server.recordings.measuring.faces import FaceWatch
from server.recordings.measuring.frames import Picture


class Eyes:
    """Finds as many faces as the first grey level says."""

    def look(self, picture: Picture) -> list[Any]:
        return [object()] * int(picture[0, 0, 0])


def watched(looks: list[tuple[int, int]]) -> FaceWatch:
    watch = FaceWatch(cast("Faces", Eyes()), "seat", {})
    for t_ms, faces in looks:
        watch.look(np.full((1, 1, 3), faces, np.uint8), t_ms)
    return watch


def facts(looks: list[tuple[int, int]], duration_ms: int, unseen: list[tuple[int, int]]) -> dict[str, Any]:
    found = watched(looks).facts(duration_ms, unseen)
    assert found is not None
    return found


THERE = [(t_ms, 1) for t_ms in range(0, 20_000, 2_000)]


def test_who_stays_is_there_all_the_time() -> None:
    found = facts(THERE, 20_000, [])
    assert (found["face_ratio"], found["absent"]) == (1.0, [])


def test_who_leaves_for_good_is_absent() -> None:
    found = facts(THERE, 100_000, [(19_500, 100_000)])
    assert found["face_ratio"] == pytest.approx(0.195)
    assert found["absent"] == [[19_500, 100_000]]


def test_who_comes_back_was_absent() -> None:
    found = facts([*THERE, *((t_ms, 1) for t_ms in range(80_000, 100_000, 2_000))], 100_000, [(20_000, 80_000), (85_000, 85_100)])
    assert found["face_ratio"] == pytest.approx(0.399)
    assert found["absent"] == [[20_000, 80_000]]


def test_an_empty_chair_in_the_picture_counts_as_well() -> None:
    found = facts([*THERE, (20_000, 0), (22_000, 0), (24_000, 1)], 26_000, [])
    assert found["face_ratio"] == pytest.approx(22 / 26, abs=1e-4)
    assert found["absent"] == [[20_000, 24_000]]


def test_without_a_look_nothing_is_measured() -> None:
    assert watched([]).facts(20_000, [(0, 20_000)]) is None
