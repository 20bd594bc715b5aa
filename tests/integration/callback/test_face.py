"""The face check with its challenge, by the real vision and speech engines over their RPC, on videos of real faces."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer

from asr.models import locate as locate_speech
from asr.service import SpeechOptions, SpeechService
from media.rpc import RpcServer
from media.vision.models import locate
from media.vision.service import VisionService
from server.customers.challenges import SPEECH
from server.customers.tables import face_challenges
from server.identity.routes import VISION
from server.identity.tables import identity_images
from server.ops.speech_process import SpeechRpc
from server.ops.vision_process import VisionRpc
from server.settings import Settings
from tests.support.callbacks import BASE, Customer, passed_case, put_face, tick
from tests.support.core import Service, running
from tests.support.face_videos import film
from tests.support.speech import clip, quiet

pytestmark = [pytest.mark.needs_models, pytest.mark.needs_clips]
PHONE = "13800001001"
ME, OTHER = "obama_1.jpg", "biden_1.jpg"
Film = Callable[..., bytes]


@pytest.fixture
async def service(settings: Settings, model_dir: Path, tmp_path: Path) -> AsyncIterator[Service]:
    """The application with a vision and a speech process beside it."""
    token = settings.internal_token.get_secret_value()
    vision_rpc, speech_rpc = RpcServer(token), RpcServer(token)
    options = SpeechOptions(models=locate_speech(model_dir), prompt_cache=tmp_path / "prompts")
    async with VisionService(locate(model_dir), vision_rpc.emit) as vision, SpeechService(options, speech_rpc.emit) as speech:
        VisionRpc(vision).register(vision_rpc)
        SpeechRpc(speech).register(speech_rpc)
        servers: list[TestServer] = []
        for rpc in (vision_rpc, speech_rpc):
            app = web.Application()
            rpc.attach(app)
            servers.append(TestServer(app))
            await servers[-1].start_server()
        settings.vision_rpc_port, settings.speech_rpc_port = (server.port or 0 for server in servers)
        async with running(settings) as it:
            await it.server.app[VISION].wait_connected(60)
            await it.server.app[SPEECH].wait_connected(60)
            yield it
        for server in servers:
            await server.close()


@pytest.fixture
def faces(testdata: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (testdata / "faces").glob("*.jpg")}


@pytest.fixture
def record(tmp_path: Path) -> Film:
    seeds = iter(range(1000))

    def make(challenge: dict[str, Any], photo: str = ME, **more: Any) -> bytes:
        return film(tmp_path / "face.webm", challenge["steps"], photo, seed=next(seeds), **more)

    return make


async def policy(service: Service, number: str = "00001354400000001") -> dict[str, Any]:
    core = await service.core()
    body = {"policy_no": number, "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026010001"}
    accepted: dict[str, Any] = await core.ask("POST", "/api/v1/policies", json=body, status=201)
    return accepted


async def test_the_right_person_who_does_what_is_asked_passes(service: Service, faces: dict[str, bytes], record: Film) -> None:
    await passed_case(service, face=faces["obama_2"])
    assert (await policy(service))["has_recording"] is True
    customer = Customer(service, PHONE)
    entry = await customer.open()
    assert (entry["method"], entry["can_measure"], entry["tries_left"]) == ("face", True, 5)
    assert entry["challenges"] == ["turns", "digits"]
    challenge = await customer.challenge()
    wrong = await customer.show_video(challenge, record(challenge, OTHER))
    assert (wrong["result"], wrong["reason"], wrong["tries_left"], wrong["ticket"]) == ("failed", "FACE_DIFFERS", 4, None)
    challenge = await customer.challenge()
    video = record(challenge)
    assert (await customer.show_video(challenge, video))["result"] == "passed"
    view = await customer.to_questions()
    assert [q["id"] for q in view["questions"]] == ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7a", "Q8a", "Q9"]
    await customer.answer()
    assert (await customer.finish())["outcome"] == "success"
    inspector = await service.sign_in("sunqi")
    shown = await inspector.ask("GET", f"/api/v1/callbacks/{customer.callback_id}")
    kept = [page for page in shown["pages"] if page["kind"] == "identity"]
    proof = (await inspector.ask("GET", f"/api/v1/callbacks/{customer.callback_id}/pages/{kept[-1]['id']}"))["content"]
    assert (proof["result"], proof["is_live"], proof["challenge"]) == ("passed", True, "turns")
    assert proof["asked"] == [step["action"] for step in challenge["steps"]]
    assert proof["similarity"] > proof["threshold"]
    said = {q["id"]: q["said"] for q in shown["questions"]}
    assert said["Q7a"]["verdict"] == "affirmative"
    assert said["Q3"]["kind"] == "signed"
    assert shown["is_history_intact"] is True


async def test_other_videos_are_refused(service: Service, faces: dict[str, bytes], record: Film) -> None:
    await passed_case(service, face=faces["obama_2"])
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    challenge = await customer.challenge("turns")
    still = record({"steps": [{**step, "action": "straight"} for step in challenge["steps"]]})
    result = await customer.show_video(challenge, still)
    assert (result["result"], result["reason"]) == ("failed", "CHALLENGE_NOT_MET")
    mirrored = {"turn_left": "turn_right", "turn_right": "turn_left"}
    challenge = await customer.challenge("turns")
    other = record({"steps": [{**step, "action": mirrored.get(step["action"], step["action"])} for step in challenge["steps"]]})
    result = await customer.show_video(challenge, other)
    assert (result["result"], result["reason"]) == ("failed", "CHALLENGE_NOT_MET")
    result = await customer.show_video(await customer.challenge(), other)
    assert (result["result"], result["reason"], result["tries_left"]) == ("failed", "VIDEO_REPLAYED", 2)
    used = challenge
    result = await customer.show_video(used, record(used))
    assert (result["result"], result["reason"], result["tries_left"]) == ("not_measured", "CHALLENGE_EXPIRED", 2)
    challenge = await customer.challenge()
    assert customer.link
    path = f"{BASE}/identity/face/{challenge['challenge_id']}"
    headers = {"Content-Type": "video/webm"}
    result = await customer.link.ask("POST", path, data=record(challenge), headers=headers, status=200)
    assert (result["result"], result["reason"]) == ("failed", "VIDEO_TOO_EARLY"), "made before it was asked for"
    challenge = await customer.challenge()
    service.clock.forward(minutes=4)
    result = await customer.show_video(challenge, b"late")
    assert (result["result"], result["reason"], result["tries_left"]) == ("not_measured", "CHALLENGE_EXPIRED", 1)
    async with service.context.db.read() as tx:
        results = [row.result for row in await tx.execute(sa.select(face_challenges.c.result))]
    assert results.count("failed") == 4


async def test_digits_are_read_aloud(service: Service, faces: dict[str, bytes], record: Film) -> None:
    """The digits that a person really read are the challenge; then the same voice under other digits."""
    await passed_case(service, face=faces["obama_2"])
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    sixty, thirty_three = clip("aishell3/SSB02870480.wav")[16_000:27_200], clip("aishell3/SSB03070366.wav")[12_800:25_600]
    voice = np.concatenate([quiet(1200), thirty_three, quiet(150), sixty, quiet(3000)])
    challenge = await customer.challenge("digits")
    assert len(challenge["digits"]) == 4
    assert challenge["steps"][0]["action"] == "read"
    await ask_for(service, challenge, "9158")
    result = await customer.show_video(challenge, record(challenge, voice=voice))
    assert (result["result"], result["reason"]) == ("failed", "DIGITS_DIFFER")
    challenge = await customer.challenge("digits")
    result = await customer.show_video(challenge, record(challenge, voice=quiet(6000)))
    assert (result["result"], result["reason"], result["tries_left"]) == ("not_measured", "DIGITS_SILENT", 4)
    challenge = await customer.challenge("digits")
    await ask_for(service, challenge, "3360")
    assert (await customer.show_video(challenge, record(challenge, voice=voice)))["result"] == "passed"


async def ask_for(service: Service, challenge: dict[str, Any], digits: str) -> None:
    """Make the random challenge ask for digits that there is a human voice for, or is not."""
    async with service.context.db.begin() as tx:
        mine = sa.update(face_challenges).where(face_challenges.c.id == challenge["challenge_id"])
        await tx.execute(mine.values(digits=digits))


async def test_five_failures_lock_the_day_and_three_such_days_go_to_the_phone(
    service: Service, faces: dict[str, bytes], record: Film
) -> None:
    await passed_case(service, face=faces["obama_2"])
    await policy(service)
    customer = Customer(service, PHONE)
    headers, path = {"Content-Type": "video/webm"}, ""
    for day in range(3):
        assert (await customer.open())["blocked"] is None, day
        assert customer.link
        results = []
        for _ in range(5):
            challenge = await customer.challenge()
            path = f"{BASE}/identity/face/{challenge['challenge_id']}"
            results.append((await customer.link.ask("POST", path, data=b"too early", headers=headers, status=200))["result"])
        assert results == ["failed"] * 4 + ["locked"]
        await customer.link.refused("POST", path, 409, "IDENTITY_LOCKED", data=b"x", headers=headers)
        await customer.link.refused("POST", f"{BASE}/identity/challenge", 409, "IDENTITY_LOCKED", json={})
        await tick(service, days=1)
    assert (await customer.open())["state"] == "phone"


async def test_what_cannot_be_measured_is_no_failure_and_never_a_pass(
    service: Service, faces: dict[str, bytes], record: Film, testdata: Path
) -> None:
    made = await passed_case(service)
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    result = await customer.show_video(await customer.challenge(), b"no video")
    assert (result["result"], result["reason"], result["tries_left"]) == ("not_measured", "FACE_REFERENCE_MISSING", 5)
    await put_face(service.context, made, faces["biden_2"], at=service.clock.at)
    result = await customer.show_video(await customer.challenge(), b"no video")
    assert result["reason"] == "FACE_REFERENCE_MISSING", "a picture put there after the recording is no reference"
    async with service.context.db.begin() as tx:
        await tx.execute(sa.delete(identity_images))
    await put_face(service.context, made, faces["obama_2"])
    result = await customer.show_video(await customer.challenge(), b"not a video either")
    assert (result["result"], result["reason"]) == ("not_measured", "VIDEO_UNREADABLE")
    crowd = (testdata / "video" / "synth_person_change.mp4").read_bytes()
    result = await customer.show_video(await customer.challenge(), crowd, "video/mp4")
    assert (result["result"], result["reason"]) == ("not_measured", "FACE_MANY")
    challenge = await customer.challenge("turns")
    short = record({"steps": challenge["steps"][:1]})
    result = await customer.show_video(challenge, short)
    assert (result["result"], result["reason"]) == ("not_measured", "VIDEO_TOO_SHORT")
    assert customer.link
    path = f"{BASE}/identity/face/{challenge['challenge_id']}"
    await customer.link.refused("POST", path, 415, "CONTENT_TYPE_UNSUPPORTED", data=b"{}", headers={"Content-Type": "image/jpeg"})
    await customer.link.refused("POST", f"{BASE}/identity/code", 409, "IDENTITY_METHOD_WRONG")
    await customer.link.refused("POST", f"{BASE}/identity/challenge", 422, "REQUEST_INVALID", json={"kind": "smile"})
    await service.server.app[VISION].aclose()
    result = await customer.show_video(await customer.challenge(), b"away")
    assert (result["result"], result["reason"], result["ticket"]) == ("not_measured", "VISION_UNAVAILABLE", None)
    assert (await customer.open())["tries_left"] == 5
