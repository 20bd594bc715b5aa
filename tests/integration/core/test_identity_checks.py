"""Machine checks of identity images by the real vision engine over its RPC: they flag, and never pass what they cannot see."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from media.rpc import RpcServer
from media.vision.models import locate
from media.vision.service import VisionService
from scripts.demo.assets import card
from server.identity.checks import compare_faces
from server.identity.routes import VISION
from server.ops.vision_process import VisionRpc
from server.settings import Settings
from tests.integration.core.test_cases import new_case
from tests.integration.core.test_identity import JPEG, image_path
from tests.support.core import Caller, Service, running

pytestmark = pytest.mark.needs_models


@pytest.fixture
async def service(settings: Settings, model_dir: Path) -> AsyncIterator[Service]:
    """The application with a vision process beside it."""
    rpc = RpcServer(settings.internal_token.get_secret_value())
    async with VisionService(locate(settings.model_dir, model_dir), rpc.emit) as engine:
        VisionRpc(engine).register(rpc)
        app = web.Application()
        rpc.attach(app)
        vision = TestServer(app)
        await vision.start_server()
        settings.vision_rpc_port = vision.port or 0
        async with running(settings) as it:
            await it.server.app[VISION].wait_connected(60)
            yield it
        await vision.close()


async def upload(agent: Caller, case: dict[str, Any], kind: str, data: bytes) -> dict[str, dict[str, Any]]:
    view = await agent.ask("PUT", image_path(case, kind), data=data, headers=JPEG)
    return {check["code"]: check for check in view["checks"]}


async def missing(agent: Caller, case: dict[str, Any]) -> list[str]:
    """What the one participant that pictures are uploaded for still lacks."""
    overview = await agent.ask("GET", f"/api/v1/cases/{case['id']}/identity")
    return next(p["missing"] for p in overview["participants"] if p["images"])


async def test_faces_are_found_and_compared_with_the_card(service: Service, testdata: Path, tmp_path: Path) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    same, other = ((testdata / "faces" / f"{name}.jpg").read_bytes() for name in ("obama_2", "biden_1"))
    await upload(agent, case, "id_front", card("id_front", "王建国", tmp_path / "front.jpg", "obama_1.jpg").read_bytes())
    checks = await upload(agent, case, "face", same)
    assert (checks["face_present"]["result"], checks["face_matches_card"]["result"]) == ("ok", "ok")
    assert checks["face_matches_card"]["value"] > 0.4
    checks = await upload(agent, case, "face", other)
    assert (checks["face_matches_card"]["result"], checks["face_matches_card"]["reasons"]) == ("failed", ["FACE_DIFFERS"])
    health = await (await service.sign_in("admin")).ask("GET", "/api/v1/admin/health")
    assert {item["status"] for item in health["items"] if item["group"] == "model"} == {"up"}


async def test_what_shows_no_face_or_two_or_is_dark_is_flagged(service: Service, testdata: Path) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    black = cv2.imencode(".jpg", np.zeros((480, 640, 3), np.uint8))[1].tobytes()
    checks = await upload(agent, case, "face", black)
    assert (checks["face_present"]["result"], checks["face_present"]["reasons"]) == ("failed", ["FACE_NONE"])
    assert (checks["brightness"]["result"], checks["sharpness"]["result"]) == ("warning", "warning")
    checks = await upload(agent, case, "face", (testdata / "faces" / "two_people.jpg").read_bytes())
    assert checks["face_present"]["reasons"] == ["FACE_MANY"]
    overview = await agent.ask("GET", f"/api/v1/cases/{case['id']}/identity")
    mine = next(p for p in overview["participants"] if any(image["kind"] == "face" for image in p["images"]))
    assert "face" in mine["missing"], "a picture of two people is nobody's reference"
    await upload(agent, case, "face", (testdata / "faces" / "obama_1.jpg").read_bytes())
    overview = await agent.ask("GET", f"/api/v1/cases/{case['id']}/identity")
    mine = next(p for p in overview["participants"] if p["participant_id"] == mine["participant_id"])
    assert "face" not in mine["missing"]
    checks = await upload(agent, case, "id_front", black)
    assert checks["card_present"]["result"] == "warning"
    assert checks["face_matches_card"]["result"] == "not_measured", "a card without a face is not a pass"


async def test_a_comparison_is_of_the_two_pictures_that_are_there(service: Service, testdata: Path, tmp_path: Path) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    front = card("id_front", "王建国", tmp_path / "front.jpg", "obama_1.jpg").read_bytes()

    async def shown() -> dict[str, str]:
        """The comparison's result by the picture where it stands."""
        overview = await agent.ask("GET", f"/api/v1/cases/{case['id']}/identity")
        images = next(p["images"] for p in overview["participants"] if p["images"])
        return {i["kind"]: c["result"] for i in images for c in i["checks"] if c["code"] == "face_matches_card"}

    photos = {name: (testdata / "faces" / f"{name}.jpg").read_bytes() for name in ("biden_1", "obama_2", "two_people")}
    await upload(agent, case, "face", photos["biden_1"])
    await upload(agent, case, "id_front", front)
    assert await shown() == {"id_front": "failed"}
    await upload(agent, case, "face", photos["obama_2"])
    assert await shown() == {"face": "ok"}, "what was said of the former face is gone"
    await upload(agent, case, "face", photos["two_people"])
    assert await shown() == {}, "nobody's reference is compared with nothing"
    await upload(agent, case, "face", photos["obama_2"])
    assert await shown() == {"face": "ok"}
    await agent.ask("DELETE", image_path(case, "id_front"))
    assert await shown() == {}
    assert (await compare_faces(service.server.app[VISION], front, front)).result == "not_measured"


REFUSED, DOUBTED = ("biden_1", "biden_2", "obama_1"), ("obama_2", "obama_240p", "two_people")
"""Photos of people: with a face as wide as on no card, and with a smaller one."""


async def test_a_face_photo_is_no_front_of_a_card(service: Service, testdata: Path, tmp_path: Path) -> None:
    """It is kept with what is wrong with it, and the front stays missing; a drawn card with the same face is accepted."""
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    own = cv2.imread(str(testdata / "faces" / "obama_2.jpg"))
    assert own is not None
    await upload(agent, case, "face", cv2.imencode(".jpg", cv2.flip(own, 1))[1].tobytes())
    for name in REFUSED:
        for kind in ("id_back", "bank_card"):
            checks = await upload(agent, case, kind, (testdata / "faces" / f"{name}.jpg").read_bytes())
            assert (kind, checks["card_present"]["result"]) == (kind, "failed")
            assert "FACE_FILLS_PICTURE" in checks["card_present"]["reasons"]
            assert kind in await missing(agent, case)
            await agent.ask("DELETE", image_path(case, kind))
        checks = await upload(agent, case, "id_front", (testdata / "faces" / f"{name}.jpg").read_bytes())
        assert (name, checks["card_present"]["result"]) == (name, "failed")
        assert "FACE_FILLS_PICTURE" in checks["card_present"]["reasons"]
        assert "face_matches_card" not in checks, "there is no card to compare with"
        assert "id_front" in await missing(agent, case)
    for name in DOUBTED:
        checks = await upload(agent, case, "id_front", (testdata / "faces" / f"{name}.jpg").read_bytes())
        assert (name, checks["card_present"]["result"]) == (name, "warning")
        assert checks["card_present"]["reasons"] == ["CARD_EDGES_NOT_FOUND"]
    for photo in ("obama_1", "biden_1"):
        drawn = card("id_front", "王建国", tmp_path / f"{photo}.jpg", f"{photo}.jpg").read_bytes()
        picture = cv2.imdecode(np.frombuffer(drawn, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        for shown in (picture, picture[40:600, 40:960]):  # on a table, and cut to its edges
            checks = await upload(agent, case, "id_front", cv2.imencode(".jpg", shown)[1].tobytes())
            assert checks["card_present"]["result"] == "ok", checks["card_present"]
            assert checks["face_matches_card"]["result"] == ("ok" if photo == "obama_1" else "failed")
            assert "id_front" not in await missing(agent, case)


async def test_without_the_face_model_a_front_is_not_measured(settings: Settings, tmp_path: Path) -> None:
    rpc = RpcServer(settings.internal_token.get_secret_value())
    async with VisionService(locate(tmp_path), rpc.emit) as engine:
        drawn = card("id_front", "王建国", tmp_path / "front.jpg", None).read_bytes()
        look = await engine.inspect_card(drawn, "id_front")
        assert (look["has_card"], look["has_face"]) == (None, None)
        assert any(reason.startswith("MODEL_MISSING") for reason in look["reasons"])
        assert (await engine.inspect_card(drawn, "id_back"))["has_card"] is True
