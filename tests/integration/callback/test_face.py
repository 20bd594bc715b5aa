"""The face check by the real vision engine over its RPC, on real photos."""

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
from server.identity.routes import VISION
from server.ops.vision_process import VisionRpc
from server.settings import Settings
from tests.support.callbacks import BASE, Customer, passed_case, tick
from tests.support.core import Service, running

pytestmark = pytest.mark.needs_models
PHONE = "13800001001"


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
            await it.server.app[VISION].wait_connected()
            yield it
        await vision.close()


@pytest.fixture
def faces(testdata: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (testdata / "faces").glob("*.jpg")}


async def policy(service: Service, number: str = "00001354400000001") -> dict[str, Any]:
    core = await service.core()
    body = {"policy_no": number, "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026010001"}
    accepted: dict[str, Any] = await core.ask("POST", "/api/v1/policies", json=body, status=201)
    return accepted


async def test_the_right_face_passes_and_a_wrong_one_is_refused(service: Service, faces: dict[str, bytes]) -> None:
    await passed_case(service, face=faces["obama_1"])
    assert (await policy(service))["has_recording"] is True
    customer = Customer(service, PHONE)
    entry = await customer.open()
    assert (entry["method"], entry["can_measure"], entry["tries_left"]) == ("face", True, 5)
    result = await customer.prove_by_face(faces["biden_1"])
    assert (result["result"], result["tries_left"], result["ticket"]) == ("failed", 4, None)
    result = await customer.prove_by_face(faces["obama_2"])
    assert result["result"] == "passed"
    view = await customer.to_questions()
    assert [q["id"] for q in view["questions"]] == ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7a", "Q8a", "Q9"]
    await customer.answer()
    assert (await customer.finish())["outcome"] == "success"
    inspector = await service.sign_in("sunqi")
    shown = await inspector.ask("GET", f"/api/v1/callbacks/{customer.callback_id}")
    proof = await inspector.ask("GET", f"/api/v1/callbacks/{customer.callback_id}/pages/{shown['pages'][-6]['id']}")
    said = {q["id"]: q["said"] for q in shown["questions"]}
    assert said["Q7a"]["verdict"] == "affirmative"
    assert said["Q3"]["kind"] == "signed"
    assert shown["is_history_intact"] is True
    assert proof["is_intact"] is True
    assert proof["content"]["similarity"] > proof["content"]["threshold"]


async def test_five_wrong_faces_lock_the_day_and_three_such_days_go_to_the_phone(
    service: Service, faces: dict[str, bytes]
) -> None:
    await passed_case(service, face=faces["obama_1"])
    await policy(service)
    customer = Customer(service, PHONE)
    for day in range(3):
        assert (await customer.open())["blocked"] is None, day
        results = [(await customer.prove_by_face(faces["biden_2"]))["result"] for _ in range(5)]
        assert results == ["failed"] * 4 + ["locked"]
        assert customer.link
        headers = {"Content-Type": "image/jpeg"}
        await customer.link.refused(
            "POST", f"{BASE}/identity/face", 409, "IDENTITY_LOCKED", data=faces["obama_2"], headers=headers
        )
        await tick(service, days=1)
    assert (await customer.open())["state"] == "phone"


async def test_what_cannot_be_measured_is_no_failure_and_never_a_pass(service: Service, faces: dict[str, bytes]) -> None:
    made = await passed_case(service)
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    result = await customer.prove_by_face(faces["obama_2"])
    assert (result["result"], result["reason"], result["tries_left"]) == ("not_measured", "FACE_REFERENCE_MISSING", 5)
    from tests.support.callbacks import put_face

    await put_face(service.context, made, faces["obama_1"])
    black = cv2.imencode(".jpg", np.zeros((480, 640, 3), np.uint8))[1].tobytes()
    assert (await customer.prove_by_face(black))["reason"] == "FACE_NONE"
    assert (await customer.prove_by_face(faces["two_people"]))["reason"] == "FACE_MANY"
    assert customer.link
    await customer.link.refused(
        "POST", f"{BASE}/identity/face", 422, "IMAGE_INVALID", data=b"no picture", headers={"Content-Type": "image/jpeg"}
    )
    await customer.link.refused(
        "POST", f"{BASE}/identity/face", 415, "CONTENT_TYPE_UNSUPPORTED", data=b"{}", headers={"Content-Type": "text/plain"}
    )
    await customer.link.refused("POST", f"{BASE}/identity/code", 409, "IDENTITY_METHOD_WRONG")
    await service.server.app[VISION].aclose()
    result = await customer.prove_by_face(faces["obama_2"])
    assert (result["result"], result["reason"], result["ticket"]) == ("not_measured", "VISION_UNAVAILABLE", None)
    assert (await customer.open())["tries_left"] == 5
