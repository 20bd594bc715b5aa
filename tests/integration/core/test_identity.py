"""Identity capture over HTTP: complete or not, what is no picture, who may look, and what is on disk."""

from typing import Any

import cv2
import numpy as np
import pytest
from cryptography.exceptions import InvalidTag

from server.blobs import BlobStore
from server.domain.case import CaseEvent
from server.users.tickets import issue_ticket
from tests.integration.core.test_cases import CASES, drive, new_case
from tests.support.core import Caller, Service, capture_all, jpeg, person

JPEG = {"Content-Type": "image/jpeg"}
PNG = {"Content-Type": "image/png"}


def image_path(case: dict[str, Any], kind: str, number: int = 0) -> str:
    return f"{CASES}/{case['id']}/participants/{case['participants'][number]['id']}/images/{kind}"


def stored_files(service: Service) -> list[bytes]:
    folder = service.context.settings.data_dir / "blobs" / "identity"
    return [path.read_bytes() for path in folder.glob("*")] if folder.is_dir() else []


async def test_capture_look_and_take_again(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    path = image_path(case, "id_front")
    view = await agent.ask("PUT", path, data=jpeg(seed=1), headers=JPEG)
    assert (view["width"], view["height"], view["captured_by"]) == (640, 480, "agent")
    checks = {check["code"]: check for check in view["checks"]}
    assert set(checks) == {"sharpness", "brightness", "card_present"}
    assert all(c["result"] == "not_measured" and c["reasons"] == ["VISION_UNAVAILABLE"] for c in checks.values())
    first = await (await agent.raw("GET", path)).read()
    image = cv2.imdecode(np.frombuffer(first, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (480, 640, 3)
    assert all(b"\xff\xd8\xff" not in data[:64] for data in stored_files(service)), "encrypted at rest"
    await agent.ask("PUT", path, data=jpeg(seed=2), headers=JPEG)
    assert await (await agent.raw("GET", path)).read() != first
    assert len(stored_files(service)) == 1, "the replaced picture is gone from disk"
    await agent.ask("DELETE", path)
    assert stored_files(service) == []
    await agent.refused("GET", path, 404, "IMAGE_NOT_FOUND")
    await agent.refused("DELETE", path, 404, "IMAGE_NOT_FOUND")


async def test_one_picture_stands_for_one_kind_only(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    kinds, files = ("id_front", "id_back", "bank_card", "face"), stored_files
    for seed, kind in enumerate(kinds):
        await agent.ask("PUT", image_path(case, kind), data=jpeg(seed=seed), headers=JPEG)
        await agent.ask("PUT", image_path(case, kind), data=jpeg(seed=seed), headers=JPEG)  # its own kind: taken again
    image = cv2.imdecode(np.frombuffer(jpeg(seed=3), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    smaller = cv2.imencode(".jpg", cv2.resize(image, (512, 384), interpolation=cv2.INTER_AREA), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    for seed, other in enumerate(kinds):
        for kind in kinds:
            if kind != other:
                code = f"IMAGE_SAME_AS_{other.upper()}"
                refused = await agent.refused("PUT", image_path(case, kind), 409, code, data=jpeg(seed=seed), headers=JPEG)
                assert refused["kind"] == other
    await agent.refused("PUT", image_path(case, "id_back"), 409, "IMAGE_SAME_AS_FACE", data=smaller.tobytes(), headers=JPEG)
    assert len(files(service)) == 4, "nothing of a refused picture stays"
    await agent.ask("PUT", image_path(case, "face", 1), data=jpeg(seed=3), headers=JPEG)  # another person is another matter


async def test_removing_an_image_takes_readiness_back(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    await capture_all(agent, case["id"])
    assert (await agent.ask("GET", f"{CASES}/{case['id']}/identity"))["is_complete"]
    await agent.ask("DELETE", image_path(case, "face", 1))
    view = await agent.ask("GET", f"{CASES}/{case['id']}")
    assert (view["state"], view["participants"][1]["missing_images"]) == ("identity_pending", ["face"])


async def test_images_are_fixed_once_recording_began(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    await capture_all(agent, case["id"])
    await drive(service, case["id"], CaseEvent.SESSION_STARTED)
    path = image_path(case, "face")
    await agent.refused("PUT", path, 409, "CASE_STATE", data=jpeg(), headers=JPEG)
    await agent.refused("DELETE", path, 409, "CASE_STATE")
    assert not (await agent.ask("GET", f"{CASES}/{case['id']}/identity"))["can_capture"]


async def test_location_and_camera_data_are_stripped(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    secret = b"GPS 39.9042N 116.4074E"
    plain = jpeg()
    exif = b"Exif\x00\x00" + secret
    marked = plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]
    path = image_path(case, "face")
    await agent.ask("PUT", path, data=marked, headers=JPEG)
    assert secret not in await (await agent.raw("GET", path)).read()


def png(width: int, height: int) -> bytes:
    ok, data = cv2.imencode(".png", np.zeros((height, width, 3), np.uint8))
    assert ok
    return data.tobytes()


def bomb() -> bytes:
    """A PNG whose header claims 20000 × 20000 pixels."""
    data = bytearray(png(300, 300))
    data[16:24] = (20_000).to_bytes(4, "big") * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "headers", "status", "code"),
    [
        (b"", JPEG, 422, "BODY_EMPTY"),
        (b"not an image at all", JPEG, 422, "IMAGE_INVALID"),
        (b"\xff\xd8\xff" + b"\x00" * 2000, JPEG, 422, "IMAGE_INVALID"),
        (jpeg()[:-3000], JPEG, 422, "IMAGE_INVALID"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDRIEND", PNG, 422, "IMAGE_INVALID"),
        (png(640, 480)[:-20], PNG, 422, "IMAGE_INVALID"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PNG, 422, "IMAGE_INVALID"),
        (b"%PDF-1.7", PNG, 422, "IMAGE_INVALID"),
        (png(200, 640), PNG, 422, "IMAGE_TOO_SMALL"),
        (bomb(), PNG, 422, "IMAGE_TOO_LARGE"),
        (jpeg(), {"Content-Type": "image/gif"}, 415, "CONTENT_TYPE_UNSUPPORTED"),
        (jpeg(), {"Content-Type": "application/json"}, 415, "CONTENT_TYPE_UNSUPPORTED"),
    ],
)
async def test_what_is_no_picture(service: Service, data: bytes, headers: dict[str, str], status: int, code: str) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    await agent.refused("PUT", image_path(case, "face"), status, code, data=data, headers=headers)
    assert stored_files(service) == []
    assert (await agent.ask("GET", f"{CASES}/{case['id']}/identity"))["participants"][0]["images"] == []


async def test_an_oversized_body_is_cut_off(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)

    async def endless() -> Any:
        for _ in range(200):
            yield b"\xff" * (1 << 17)

    await agent.refused("PUT", image_path(case, "face"), 413, "BODY_TOO_LARGE", data=endless(), headers=JPEG)


async def test_large_pictures_are_brought_to_size_and_png_is_taken(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    view = await agent.ask("PUT", image_path(case, "bank_card"), data=png(4000, 3000), headers=PNG)
    assert (view["width"], view["height"]) == (2400, 1800)


async def test_unknown_kinds_people_and_what_is_not_needed(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    mother = person("陈晓燕", ["policyholder", "guardian"], sex="female", age=36, order=4, phone="13700000004")
    case = await new_case(service, agent, persons=[mother, person("陈小宝", ["insured"], age=8, order=5)])
    put = {"data": jpeg(), "headers": JPEG}
    await agent.refused("PUT", image_path(case, "passport"), 404, "IMAGE_KIND_UNKNOWN", **put)
    await agent.refused("PUT", image_path(case, "face", 1), 404, "PARTICIPANT_NOT_FOUND", **put)
    foreign = f"{CASES}/{case['id']}/participants/ptc_none/images/face"
    await agent.refused("PUT", foreign, 404, "PARTICIPANT_NOT_FOUND", **put)


async def test_a_passport_has_no_back_side(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    foreigner = {
        **person("Smith", ["policyholder", "insured"], phone="13700000009"),
        "cert_type": "passport",
        "cert_no": "E12345678",
    }
    case = await new_case(service, agent, persons=[foreigner])
    assert case["participants"][0]["missing_images"] == ["id_front", "bank_card", "face"]
    await agent.refused("PUT", image_path(case, "id_back"), 409, "IMAGE_NOT_REQUIRED", data=jpeg(), headers=JPEG)


async def test_who_may_look_and_each_look_is_logged(service: Service) -> None:
    agent, other = await service.sign_in("zhangsan"), await service.sign_in("wangwu")
    case = await new_case(service, agent)
    path = image_path(case, "face")
    await agent.ask("PUT", path, data=jpeg(), headers=JPEG)
    await other.refused("GET", path, 404, "CASE_NOT_FOUND")
    await other.refused("PUT", path, 404, "CASE_NOT_FOUND", data=jpeg(), headers=JPEG)
    inspector, admin = await service.sign_in("zhaoliu"), await service.sign_in("admin")
    assert (await inspector.raw("GET", path)).status == 200
    await inspector.refused("PUT", path, 403, "FORBIDDEN", data=jpeg(), headers=JPEG)
    looks = await admin.ask("GET", "/api/v1/admin/audits", params={"action": "identity.viewed", "subject": case["id"]})
    assert [row["actor_name"] for row in looks["items"]] == ["赵柳"]


async def link_of(agent: Caller, case: dict[str, Any], number: int = 0) -> str:
    participant = case["participants"][number]["id"]
    link = await agent.ask("POST", f"{CASES}/{case['id']}/participants/{participant}/identity-link")
    url: str = link["url"]
    return url.partition("#k=")[2]


async def opened(service: Service, key: str) -> Caller:
    nobody = await service.anonymous()
    answer = await nobody.ask("POST", "/api/v1/customer/tickets", json={"key": key})
    assert answer["scope"] == "identity"
    return await service.bearer(answer["ticket"])


async def test_customers_take_their_own_pictures(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    key = await link_of(agent, case, 1)
    customer = await opened(service, key)
    page = await customer.ask("GET", "/api/v1/customer/identity")
    assert (page["name_masked"], page["missing"]) == ("李*", ["id_front", "id_back", "bank_card", "face"])
    images = "/api/v1/customer/identity/images"
    for seed, kind in enumerate(page["missing"]):
        await customer.ask("PUT", f"{images}/{kind}", data=jpeg(seed=seed), headers=JPEG)
        if seed:
            await customer.refused("PUT", f"{images}/{kind}", 409, "IMAGE_SAME_AS_ID_FRONT", data=jpeg(seed=0), headers=JPEG)
    assert (await customer.ask("GET", "/api/v1/customer/identity"))["is_complete"]
    view = await agent.ask("GET", f"{CASES}/{case['id']}/identity")
    assert [p["is_complete"] for p in view["participants"]] == [False, True]
    assert {i["captured_by"] for i in view["participants"][1]["images"]} == {"customer"}
    await customer.refused("GET", image_path(case, "face", 1), 403, "FORBIDDEN")
    admin = await service.sign_in("admin")
    sent = (await admin.ask("GET", "/api/v1/admin/outbox", params={"q": "13700000002"}))["items"]
    assert [message["template"] for message in sent] == ["identity_link"]
    assert len(sent[0]["text"]) < 140, "fits into two short messages"
    service.clock.forward(hours=3)
    await customer.refused("GET", "/api/v1/customer/identity", 401, "TICKET_EXPIRED")
    again = await opened(service, key)
    assert (await again.ask("GET", "/api/v1/customer/identity"))["is_complete"]


async def test_links_expire_and_a_new_one_ends_the_old(service: Service) -> None:
    agent, nobody = await service.sign_in("zhangsan"), await service.anonymous()
    case = await new_case(service, agent)
    tickets = "/api/v1/customer/tickets"
    old, new = await link_of(agent, case), await link_of(agent, case)
    await nobody.refused("POST", tickets, 401, "LINK_INVALID", json={"key": old})
    await nobody.refused("POST", tickets, 401, "LINK_INVALID", json={"key": "x" * 22})
    await nobody.refused("POST", tickets, 422, "REQUEST_INVALID", json={"key": "../"})
    await nobody.ask("POST", tickets, json={"key": new})
    service.clock.forward(hours=49)
    await nobody.refused("POST", tickets, 401, "LINK_EXPIRED", json={"key": new})


async def test_tickets_of_other_scopes_open_nothing(service: Service) -> None:
    ticket = issue_ticket(service.context, subject="x", scope="session", expires_s=60, case_id="c", participant_id="p")
    customer = await service.bearer(ticket)
    await customer.refused("GET", "/api/v1/customer/identity", 403, "TICKET_SCOPE")
    nobody = await service.anonymous()
    await nobody.refused("GET", "/api/v1/customer/identity", 401, "SIGN_IN_REQUIRED")


async def test_a_file_moved_to_another_name_does_not_open(service: Service) -> None:
    blobs = BlobStore(service.context)
    await blobs.put("identity/one", b"picture")
    folder = service.context.settings.data_dir / "blobs" / "identity"
    (folder / "one").rename(folder / "two")
    with pytest.raises(InvalidTag):
        await blobs.get("identity/two")
    with pytest.raises(ValueError, match="blob key"):
        await blobs.get("../service.db")
