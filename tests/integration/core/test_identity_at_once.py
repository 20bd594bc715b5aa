"""Pictures of one person that come at the same moment, on each database: one is written after the other."""

import asyncio

import cv2
import numpy as np
import pytest

from server.settings import Settings
from tests.integration.core.test_cases import CASES, new_case
from tests.integration.core.test_identity import JPEG, image_path, stored_files
from tests.support.core import Service, jpeg


@pytest.fixture
def settings(on_each_database: Settings) -> Settings:
    return on_each_database


async def test_pictures_that_come_at_once_are_held_against_each_other(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    kinds = ("id_front", "id_back", "bank_card", "face")
    views = await asyncio.gather(
        *(agent.ask("PUT", image_path(case, kind), data=jpeg(seed=seed), headers=JPEG) for seed, kind in enumerate(kinds))
    )
    assert [view["kind"] for view in views] == list(kinds)
    overview = await agent.ask("GET", f"{CASES}/{case['id']}/identity")
    images = next(p["images"] for p in overview["participants"] if p["images"])
    compared = [i["kind"] for i in images for c in i["checks"] if c["code"] == "face_matches_card"]
    assert len(compared) == 1, "one of the two compares, whichever came later"
    assert len(stored_files(service)) == 4


async def test_one_picture_sent_for_two_kinds_at_once_is_taken_once(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    image = cv2.imdecode(np.frombuffer(jpeg(seed=3), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    again = cv2.imencode(".jpg", cv2.resize(image, (512, 384), interpolation=cv2.INTER_AREA), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    answers = await asyncio.gather(
        agent.raw("PUT", image_path(case, "face"), data=jpeg(seed=3), headers=JPEG),
        agent.raw("PUT", image_path(case, "id_back"), data=again.tobytes(), headers=JPEG),
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(stored_files(service)) == 1
