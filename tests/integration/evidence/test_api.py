"""Recordings and inspection over HTTP, on one finalised recording."""

import io
import shutil
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import av
import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestServer

from media.vision.picture import decode_image
from server.app import build_app
from server.callbacks.cooling_off import follow_cooling_off
from server.callbacks.tables import policies
from server.cases.tables import cases
from server.context import Context
from server.inspections.tables import inspections
from server.jobs.registry import Services
from server.jobs.tables import jobs
from server.outbox.tables import outbox_messages
from server.recordings.tables import recordings
from server.settings import Settings
from server.users.passwords import hash_password
from server.users.schemas import NewUser, Role, Sex
from server.users.service import create as create_user
from server.users.tables import staff_accounts
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from storage.evidence.package import ZipPackage
from storage.evidence.verify import verify
from tests.support.core import Caller, Clock, Service, running
from tests.support.recordings import Made, finalise, make_session

RECORDING_MS = 6_000
TEMPLATE: list[tuple[Path, Made]] = []


@pytest.fixture
async def house(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Service, Made]]:
    """The application with one finalised recording: made once, each test works on its own copy."""
    if not TEMPLATE:
        folder = tmp_path_factory.mktemp("template") / "data"
        async with running(Settings(data_dir=folder, http_port=0, model_dir=folder / "no-models", model_mirror=None)) as service:
            made = await make_session(service.context, length_ms=RECORDING_MS, verdicts={1: "unclear"})
            await finalise(service.context, made.recording_id)
        TEMPLATE.append((folder, made))
    folder, made = TEMPLATE[0]
    shutil.copytree(folder, tmp_path / "data")
    settings = Settings(data_dir=tmp_path / "data", http_port=0, model_dir=tmp_path / "no-models", model_mirror=None)
    clock, database = Clock(), Database.connect(settings.database_url)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=clock)
    server = TestServer(build_app(context))
    await server.start_server()
    service = Service(server, context, clock)
    try:
        yield service, made
    finally:
        for caller in service.callers:
            await caller.client.close()
        await server.close()
        await database.aclose()


async def case_state(service: Service, made: Made) -> str:
    async with service.context.db.read() as tx:
        return str(await tx.scalar(sa.select(cases.c.state).where(cases.c.id == made.case_id)))


async def test_an_inspector_reviews_and_passes(house: tuple[Service, Made], tmp_path: Path) -> None:
    service, made = house
    inspector = await service.sign_in("zhaoliu")
    await look_at_recording(inspector, made)
    await play(service, inspector, made)
    await export(inspector, made, tmp_path)
    await pass_it(service, inspector, made)


async def look_at_recording(inspector: Caller, made: Made) -> None:
    base = f"/api/v1/recordings/{made.recording_id}"
    listed = await inspector.ask("GET", f"/api/v1/recordings?case_id={made.case_id}")
    assert [item["id"] for item in listed["items"]] == [made.recording_id]
    view = await inspector.ask("GET", base)
    assert view["state"] == "sealed"
    assert {step["state"] for step in view["steps"]} == {"done"}
    assert view["is_locked"] is False
    assert view["is_development_stamp"] is True
    timeline = await inspector.ask("GET", f"{base}/timeline")
    assert len(timeline["nodes"]) == len(made.setup.nodes)
    events = await inspector.ask("GET", f"{base}/events?type=node_entered")
    assert len(events) == len(made.setup.nodes)
    transcript = await inspector.ask("GET", f"{base}/transcript")
    assert transcript["is_measured"] is True
    answers = await inspector.ask("GET", f"{base}/answers")
    assert any(answer["override_reason"] for answer in answers)
    ledger = await inspector.ask("GET", f"{base}/ledger")
    assert ledger
    assert not [entry for entry in ledger if entry["missing"]]
    checks = await inspector.ask("GET", f"{base}/checks")
    assert {check["result"] for check in checks} >= {"pass", "warn"}
    report = await inspector.ask("POST", f"{base}/verify", status=200)
    assert report["is_intact"] is True, report["findings"]
    keys = await inspector.ask("GET", "/api/v1/evidence/keys")
    assert report["signed_by"] in [key["key_id"] for key in keys["keys"]]


async def play(service: Service, inspector: Caller, made: Made) -> None:
    ticket = await inspector.ask("POST", f"/api/v1/recordings/{made.recording_id}/play", status=200)
    kinds = {source["kind"] for source in ticket["sources"]}
    assert kinds == {"composite", "markers", "thumbnails", "main", "screen", "prompt"}
    sheet = next(source for source in ticket["sources"] if source["kind"] == "thumbnails")
    picture = decode_image(await (await inspector.raw("GET", sheet["url"])).read())
    cut = ticket["thumbnails"]
    assert picture is not None
    assert (cut["every_ms"], cut["count"]) == (5_000, 2), "six seconds: one at 0 s, one at 5 s"
    assert (picture.shape[1], picture.shape[0]) == (cut["columns"] * cut["width"], cut["height"])
    composite = next(source for source in ticket["sources"] if source["kind"] == "composite")
    with av.open(io.BytesIO(await (await inspector.raw("GET", composite["url"])).read()), "r") as film:
        rate = film.streams.video[0].average_rate
    assert rate is not None
    assert composite["frame_ms"] == pytest.approx(1000 / float(rate), abs=0.01)
    steps = {source["kind"]: source["frame_ms"] is not None for source in ticket["sources"]}
    assert steps == {"composite": True, "main": True, "screen": True, "prompt": False, "markers": False, "thumbnails": False}
    whole = await inspector.raw("GET", composite["url"])
    content = await whole.read()
    assert (whole.status, whole.headers["Accept-Ranges"], len(content)) == (200, "bytes", composite["bytes"])
    for header, part in (
        ("bytes=10-19", content[10:20]),
        ("bytes=-7", content[-7:]),
        (f"bytes={len(content) - 3}-", content[-3:]),
    ):
        answer = await inspector.raw("GET", composite["url"], headers={"Range": header})
        assert answer.status == 206
        assert await answer.read() == part
    await inspector.refused("GET", composite["url"], 416, "RANGE_INVALID", headers={"Range": f"bytes={len(content)}-"})
    other = await service.sign_in("hegui")
    await other.refused("GET", composite["url"], 403, "MEDIA_LINK_OF_OTHERS")
    nobody = await service.anonymous()
    await nobody.refused("GET", composite["url"], 401, "SIGN_IN_REQUIRED")
    forged = composite["url"][:-4] + ("AAAA" if composite["url"][-4:] != "AAAA" else "BBBB")
    await inspector.refused("GET", forged, 403, "MEDIA_LINK_INVALID")
    accesses = await inspector.ask("GET", f"/api/v1/recordings/{made.recording_id}/accesses")
    actions = [entry["action"] for entry in accesses]
    assert actions.count("stream") == 2, "the film and the small pictures, once each"
    looks = {"view", "timeline", "events", "transcript", "answers", "ledger", "checks", "play", "verify"}
    assert looks <= set(actions)
    await inspector.ask("GET", f"/api/v1/recordings/{made.recording_id}/answers")
    again = await inspector.ask("GET", f"/api/v1/recordings/{made.recording_id}/accesses")
    assert len(again) == len(accesses), "asking again within minutes is the same look"
    service.clock.forward(minutes=11)
    await inspector.ask("GET", f"/api/v1/recordings/{made.recording_id}/answers")
    again = await inspector.ask("GET", f"/api/v1/recordings/{made.recording_id}/accesses")
    assert [entry["action"] for entry in again].count("answers") == 2


async def export(inspector: Caller, made: Made, tmp_path: Path) -> None:
    answer = await inspector.raw("GET", f"/api/v1/recordings/{made.recording_id}/package")
    data = await answer.read()
    assert answer.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert "annex/access-log.json" in archive.namelist()
    path = tmp_path / "package.zip"
    path.write_bytes(data)
    report = verify(ZipPackage(path))
    assert report.is_intact, [finding for finding in report.findings if finding.is_error]
    manifest = await inspector.raw("GET", f"/api/v1/recordings/{made.recording_id}/manifest")
    assert (await manifest.read()).startswith(b'{"answers"')


async def pass_it(service: Service, inspector: Caller, made: Made) -> None:
    queue = await inspector.ask("GET", "/api/v1/inspections")
    assert queue["counts"] == {"queued": 1}
    item = queue["items"][0]
    assert item["urgency"] == "normal"
    base = f"/api/v1/inspections/{item['id']}"
    await inspector.refused("POST", f"{base}/pass", 409, "INSPECTION_NOT_LOCKED", json={})
    locked = await inspector.ask("POST", f"{base}/lock", status=200)
    assert locked["lock"]["is_mine"] is True
    assert await case_state(service, made) == "in_inspection"
    node = made.setup.nodes[2].node_id
    short = {"node_id": node, "verdict": "fail", "text": "太短"}
    assert (await inspector.refused("PUT", f"{base}/nodes", 422, "REASON_TOO_SHORT", json=short))["min"] == 10
    await inspector.refused("PUT", f"{base}/nodes", 422, "NODE_UNKNOWN", json={**short, "node_id": "nowhere"})
    for spec in made.setup.nodes:
        await inspector.ask("PUT", f"{base}/nodes", json={"node_id": spec.node_id, "verdict": "pass"})
    body: dict[str, Any] = {"note": "全部节点已完整查看"}
    assert locked["failing_checks"] == []
    assert locked["not_measured_checks"] > 0
    await inspector.refused("POST", f"{base}/pass", 409, "INSPECTION_UNMEASURED", json=body)
    body["acknowledges_not_measured"] = True
    nothing = await inspector.refused("POST", f"{base}/pass", 409, "INSPECTION_UNWATCHED", json=body)
    assert nothing["percent"] == 0
    assert locked["watch"]["unseen_nodes"] == nothing["node_ids"] != []
    early = await inspector.ask("POST", f"{base}/watched", status=200, json={"spans": [{"t0_ms": 0, "t1_ms": RECORDING_MS}]})
    assert (early["watched_ms"], early["is_enough"]) == (0, False), "no time has gone by since the review was taken"
    seen = await watch(service, inspector, made, base)
    assert (seen["share"], seen["unseen_nodes"], seen["is_enough"]) == (1.0, [], True)
    done = await inspector.ask("POST", f"{base}/pass", status=200, json=body)
    assert (done["state"], done["inspector_name"], done["lock"]) == ("passed", "赵柳", None)
    assert done["watch"]["spans"] == done["history"][0]["data"]["watched_spans"] == [[0, RECORDING_MS]]
    assert await case_state(service, made) == "passed"
    assert done["history"][0]["type"] == "passed"
    await inspector.refused("POST", f"{base}/lock", 409, "INSPECTION_STATE")


async def watch(service: Service, inspector: Caller, made: Made, base: str) -> dict[str, Any]:
    """Play the film from its beginning to its end, and tell so."""
    ticket = await inspector.ask("POST", f"/api/v1/recordings/{made.recording_id}/play", status=200)
    film = next(source for source in ticket["sources"] if source["kind"] == "composite")
    await (await inspector.raw("GET", film["url"], headers={"Range": "bytes=0-9"})).read()
    service.clock.forward(seconds=RECORDING_MS / 1000)
    told = {"spans": [{"t0_ms": 0, "t1_ms": 2 * RECORDING_MS}]}
    seen: dict[str, Any] = await inspector.ask("POST", f"{base}/watched", status=200, json=told)
    return seen


async def inspector_of(service: Service, team: str, login: str, phone: str) -> Caller:
    user = NewUser.model_validate({
        "login": login, "display_name": "钱八", "roles": [Role.INSPECTOR], "password": "Another-2026-pass", "sex": Sex.MALE,
        "phone": phone, "org_code": "110000", "team": team,
    })  # fmt: skip
    async with service.context.db.begin() as tx:
        await create_user(tx, service.context, "system:test", user, await hash_password("Another-2026-pass"), must_change=False)
    return await service.sign_in(login, "Another-2026-pass")


async def test_reject_four_eyes_lock_and_appeal(house: tuple[Service, Made]) -> None:
    service, made = house
    inspector, seller = await service.sign_in("zhaoliu"), await service.sign_in("zhangsan")
    item = (await inspector.ask("GET", "/api/v1/inspections"))["items"][0]
    base = f"/api/v1/inspections/{item['id']}"
    assert (await seller.ask("GET", base))["allowed_actions"] == []
    await seller.refused("POST", f"{base}/lock", 403, "FORBIDDEN")
    mate = await inspector_of(service, "east-1", "teammate", "13900000018")
    await mate.refused("POST", f"{base}/lock", 403, "INSPECTION_SELLER_TEAM")
    other_agent = await service.sign_in("lisi")
    await other_agent.refused("GET", base, 404, "RECORDING_NOT_FOUND")
    await other_agent.refused("GET", f"/api/v1/recordings/{made.recording_id}", 404, "RECORDING_NOT_FOUND")
    await inspector.ask("POST", f"{base}/lock", status=200)
    second = await inspector_of(service, "quality", "qianba", "13900000019")
    await second.refused("POST", f"{base}/lock", 409, "INSPECTION_LOCKED")
    service.clock.forward(minutes=31)
    await second.ask("POST", f"{base}/lock", status=200)
    await inspector.refused("POST", f"{base}/pass", 409, "INSPECTION_NOT_LOCKED", json={})
    told_late = {"spans": [{"t0_ms": 0, "t1_ms": 900}]}
    await inspector.refused("POST", f"{base}/watched", 409, "INSPECTION_NOT_LOCKED", json=told_late)
    await second.refused("POST", f"{base}/watched", 409, "INSPECTION_NOT_PLAYED", json=told_late)
    reject = {"note": "第三节点应答不是本人声音", "reason_codes": ["third_party"]}
    await second.refused("POST", f"{base}/reject", 409, "INSPECTION_NO_NODE_FAILED", json=reject)
    fail = {"node_id": made.setup.nodes[2].node_id, "verdict": "fail", "reason_codes": ["third_party"], "at_ms": 900}
    await second.ask("PUT", f"{base}/nodes", json={**fail, "text": "应答声音与此前不一致，疑似代答"})
    await second.refused("POST", f"{base}/pass", 409, "INSPECTION_NODES_FAILED", json={"acknowledges_not_measured": True})
    await second.refused("POST", f"{base}/reject", 422, "REASON_UNKNOWN", json={**reject, "reason_codes": ["whatever"]})
    done = await second.ask("POST", f"{base}/reject", status=200, json=reject)
    assert done["state"] == "rejected"
    assert done["supplementary_due_at"]
    assert (done["history"][0]["data"]["watched_ms"], done["history"][0]["data"]["needed_share"]) == (0, 0.95), (
        "said, not asked for"
    )
    assert await case_state(service, made) == "rejected"
    assert await told(service) == ["inspection_rejected"]
    seen = await seller.ask("GET", base)
    assert seen["nodes"][0]["text"].startswith("应答声音")
    assert seen["allowed_actions"] == ["appeal"]
    await seller.ask("POST", f"{base}/appeal", status=200, json={"text": "客户本人在场，有公证处人员陪同"})
    judged = await second.ask("GET", base)
    assert (judged["allowed_actions"], judged["refusal"]) == ([], "INSPECTION_SAME_INSPECTOR")
    yes = {"is_accepted": True, "text": "同意重新检查本次录制"}
    await second.refused("POST", f"{base}/appeal-decision", 403, "INSPECTION_SAME_INSPECTOR", json=yes)
    again = await inspector.ask("POST", f"{base}/appeal-decision", status=200, json=yes)
    assert (again["state"], again["round"], again["nodes"]) == ("queued", 2, [])
    assert again["decided_at"] is None
    assert again["due_at"] > item["due_at"], "the review that an appeal opens has a clock of its own"
    assert await case_state(service, made) == "pending_inspection"
    await second.refused("POST", f"{base}/lock", 403, "INSPECTION_SAME_INSPECTOR")
    await inspector.ask("POST", f"{base}/lock", status=200)
    service.clock.at += timedelta(days=4)
    inspector = await service.sign_in("zhaoliu")
    late = await inspector.ask("GET", "/api/v1/inspections?urgency=overdue")
    assert [entry["id"] for entry in late["items"]] == [item["id"]]
    assert late["urgent"]["overdue"] == 1
    again = await inspector.ask("POST", f"{base}/lock", status=200)
    assert again["watch"]["watched_ms"] == 0, "a new round is watched anew"
    await watch(service, inspector, made, base)
    assert again["undecided_nodes"] == [node.node_id for node in made.setup.nodes if node.is_critical]
    blank = {"acknowledges_not_measured": True}
    left = await inspector.refused("POST", f"{base}/pass", 409, "INSPECTION_NODES_UNDECIDED", json=blank)
    assert left["node_ids"] == again["undecided_nodes"] != []
    for node_id in left["node_ids"]:
        judged = await inspector.ask("PUT", f"{base}/nodes", json={"node_id": node_id, "verdict": "pass"})
    assert judged["undecided_nodes"] == []
    passed = await inspector.ask("POST", f"{base}/pass", status=200, json={"acknowledges_not_measured": True})
    assert (passed["state"], passed["reason_codes"], passed["supplementary_due_at"]) == ("passed", [], None)
    period = f"since={service.clock().date()}&until={service.clock().date() + timedelta(days=1)}"
    found = await inspector.ask("GET", f"/api/v1/inspections/statistics?{period}")
    assert (found["all"]["passed"], found["all"]["reinspected"], found["reasons"]) == (1, 1, [])
    assert await told(service) == ["inspection_rejected", "inspection_passed"]


async def test_four_eyes_follow_a_seller_who_changes_teams(house: tuple[Service, Made]) -> None:
    service, _ = house
    admin, inspector = await service.sign_in("admin"), await service.sign_in("zhaoliu")
    line = (await inspector.ask("GET", "/api/v1/inspections"))["items"][0]
    base = f"/api/v1/inspections/{line['id']}"
    async with service.context.db.read() as tx:
        seller = await tx.scalar(sa.select(staff_accounts.c.id).where(staff_accounts.c.login == "zhangsan"))
        reviewer = await tx.scalar(sa.select(staff_accounts.c.id).where(staff_accounts.c.login == "zhaoliu"))
    await admin.ask("PATCH", f"/api/v1/admin/users/{seller}", json={"team": "quality"})
    await inspector.refused("POST", f"{base}/lock", 403, "INSPECTION_SELLER_TEAM")
    assign = {"inspection_ids": [line["id"]] * 2, "inspector_id": reviewer}
    refused = await admin.ask("POST", "/api/v1/inspections/assign", status=200, json=assign)
    assert refused == {"assigned": [], "refused": {line["id"]: "INSPECTION_SELLER_TEAM"}}
    await admin.ask("PATCH", f"/api/v1/admin/users/{seller}", json={"team": "west-1"})
    given = await admin.ask("POST", "/api/v1/inspections/assign", status=200, json=assign)
    assert given == {"assigned": [line["id"]], "refused": {}}
    assert [entry["type"] for entry in (await admin.ask("GET", base))["history"]] == ["assigned", "opened"]
    await admin.ask("PATCH", f"/api/v1/admin/users/{reviewer}", json={"status": "disabled"})
    await admin.refused("POST", "/api/v1/inspections/assign", 404, "USER_NOT_FOUND", json=assign)


async def told(service: Service) -> list[str]:
    """Messages about inspections, in the order they were written."""
    table = outbox_messages
    query = sa.select(table.c.template).where(table.c.template.startswith("inspection_")).order_by(table.c.created_at)
    async with service.context.db.read() as tx:
        return list((await tx.execute(query)).scalars())


async def test_a_refused_appeal_leaves_the_rejection_and_its_deadline(house: tuple[Service, Made]) -> None:
    service, made = house
    inspector, seller = await service.sign_in("zhaoliu"), await service.sign_in("zhangsan")
    judge = await inspector_of(service, "quality", "qianba", "13900000019")
    item = (await inspector.ask("GET", "/api/v1/inspections"))["items"][0]
    base, text = f"/api/v1/inspections/{item['id']}", "应答声音与此前不一致，疑似代答"
    await inspector.ask("POST", f"{base}/lock", status=200)
    fail = {"node_id": made.setup.nodes[2].node_id, "verdict": "fail", "reason_codes": ["third_party"], "text": text}
    await inspector.ask("PUT", f"{base}/nodes", json=fail)
    rejected = await inspector.ask("POST", f"{base}/reject", status=200, json={"note": text, "reason_codes": ["third_party"]})
    service.clock.at += timedelta(days=4)
    seller, judge = await service.sign_in("zhangsan"), await service.sign_in("qianba", "Another-2026-pass")
    appealed = await seller.ask("POST", f"{base}/appeal", status=200, json={"text": "客户本人在场，有公证处人员陪同"})
    assert (appealed["state"], appealed["urgency"]) == ("appealed", "normal"), "an appeal has its own time to be judged"
    no = {"is_accepted": False, "text": "声音确实不是同一个人，维持驳回"}
    kept = await judge.ask("POST", f"{base}/appeal-decision", status=200, json=no)
    assert (kept["state"], kept["round"], kept["reason_codes"]) == ("rejected", 1, ["third_party"])
    assert kept["decided_at"] == rejected["decided_at"]
    assert kept["decided_at"] < kept["due_at"] < appealed["due_at"]


async def test_once_it_is_recorded_again_nobody_appeals(house: tuple[Service, Made]) -> None:
    service, made = house
    inspector, seller = await service.sign_in("zhaoliu"), await service.sign_in("zhangsan")
    base = f"/api/v1/inspections/{(await inspector.ask('GET', '/api/v1/inspections'))['items'][0]['id']}"
    await inspector.ask("POST", f"{base}/lock", status=200)
    node, text = made.setup.nodes[2], "应答声音与此前不一致，疑似代答"
    fail = {"node_id": node.node_id, "verdict": "fail", "reason_codes": ["third_party"], "text": text}
    assert (await inspector.ask("PUT", f"{base}/nodes", json=fail))["nodes"][0]["title"] == node.title
    await inspector.ask("POST", f"{base}/reject", status=200, json={"note": text, "reason_codes": ["third_party"]})
    await seller.ask("POST", f"/api/v1/cases/{made.case_id}/supplementary")
    assert (await seller.ask("GET", base))["allowed_actions"] == []
    await seller.refused("POST", f"{base}/appeal", 409, "CASE_STATE", json={"text": "客户本人在场，有公证处人员陪同"})


async def test_jobs_are_for_administrators(house: tuple[Service, Made]) -> None:
    service, made = house
    admin, inspector = await service.sign_in("admin"), await service.sign_in("zhaoliu")
    await inspector.refused("GET", "/api/v1/admin/jobs", 403, "FORBIDDEN")
    page = await admin.ask("GET", "/api/v1/admin/jobs")
    assert page["counts"] == {"done": 1}
    assert [step["name"] for step in page["items"][0]["steps"]][:2] == ["collect", "verify_chain"]
    await admin.refused("POST", f"/api/v1/admin/jobs/finalise:{made.recording_id}/retry", 409, "JOB_NOT_FAILED")
    await admin.refused("POST", "/api/v1/admin/jobs/finalise:nothing/retry", 404, "JOB_NOT_FOUND")
    assert (await admin.ask("GET", "/api/v1/admin/workers")) == []


async def test_work_without_movement_is_listed_and_retried(house: tuple[Service, Made]) -> None:
    service, made = house
    admin, key = await service.sign_in("admin"), f"finalise:{made.recording_id}"

    async def stand(job: str, recording: str) -> None:
        async with service.context.db.begin() as tx:
            await tx.execute(jobs.update().where(jobs.c.id == key).values(state=job, updated_at=service.clock()))
            await tx.execute(recordings.update().where(recordings.c.id == made.recording_id).values(state=recording))

    async def listed() -> list[tuple[str, bool]]:
        page = await admin.ask("GET", "/api/v1/admin/jobs?attention=true")
        assert page["stuck"] == len(page["items"])
        return [(item["state"], item["is_stuck"]) for item in page["items"]]

    for job, recording in (("running", "finalising"), ("waiting", "stopped")):
        await stand(job, recording)
        service.clock.forward(minutes=9)
        assert await listed() == []
        await admin.refused("POST", f"/api/v1/admin/jobs/{key}/retry", 409, "JOB_NOT_FAILED")
        service.clock.forward(minutes=2)
        assert await listed() == [(job, True)]
        assert (await admin.ask("POST", f"/api/v1/admin/jobs/{key}/retry", status=200))["state"] == "waiting"
        assert await listed() == []
    async with service.context.db.begin() as tx:
        attempt = await tx.scalar(sa.select(recordings.c.finalise_attempt).where(recordings.c.id == made.recording_id))
        moving = {"id": "retain:x.1", "kind": "retain", "subject_id": "x.1", "state": "running", "attempt": 0}
        service.clock.forward(minutes=11)
        await tx.execute(jobs.insert().values(**moving, created_at=service.clock(), updated_at=service.clock()))
    assert attempt == 2
    assert await listed() == [], "what waits behind others that move is not stuck"


async def test_assignment_statistics_and_export(house: tuple[Service, Made]) -> None:
    service, made = house
    inspector = await service.sign_in("zhaoliu")
    [line] = (await inspector.ask("GET", "/api/v1/inspections"))["items"]
    [first, *_] = people = await inspector.ask("GET", "/api/v1/inspections/inspectors")
    assert {"zhaoliu"} <= {person["name"] for person in people} or first["open"] == 0
    view = await inspector.ask("GET", f"/api/v1/inspections/{line['id']}")
    assert view["score"]["of"] == 100
    assert 0 <= view["score"]["points"] <= 100
    body = {"inspection_ids": [line["id"]], "inspector_id": first["id"]}
    assert (await inspector.ask("POST", "/api/v1/inspections/assign", json=body, status=200))["assigned"] == [line["id"]]
    again = await inspector.ask("GET", "/api/v1/inspections/inspectors")
    assert next(person for person in again if person["id"] == first["id"])["open"] == 1
    [given] = (await inspector.ask("GET", "/api/v1/inspections"))["items"]
    shown = await inspector.ask("GET", f"/api/v1/inspections/{line['id']}")
    assert (line["assigned_name"], line["is_assigned_to_me"]) == (None, False)
    wanted = (first["name"], first["name"] == "赵柳")
    assert [(one["assigned_name"], one["is_assigned_to_me"]) for one in (given, shown)] == [wanted, wanted]
    today = service.clock().date()
    period = f"since={today - timedelta(days=7)}&until={today + timedelta(days=1)}"
    empty = await inspector.ask("GET", f"/api/v1/inspections/statistics?{period}")
    assert (empty["all"]["decided"], empty["all"]["first_pass_share"], empty["open"]) == (0, None, 1)
    async with service.context.db.begin() as tx:
        decided = {
            "state": "rejected",
            "decided_at": service.clock(),
            "reason_codes": ["misleading"],
            "inspector_id": first["id"],
        }
        named = {"inspector_name": first["name"], "seller_name": "=1+1"}
        await tx.execute(inspections.update().where(inspections.c.id == line["id"]).values(**decided, **named))
    found = await inspector.ask("GET", f"/api/v1/inspections/statistics?{period}")
    assert (found["all"]["decided"], found["all"]["rejected"], found["open"]) == (1, 1, 0)
    assert [row["label"] for row in found["by_agent"]] == ["=1+1"]
    assert [(reason["code"], reason["count"]) for reason in found["reasons"]] == [("misleading", 1)]
    assert [row["key"] for row in found["by_inspector"]] == [first["id"]]
    sheet = await inspector.raw("GET", f"/api/v1/inspections/statistics.csv?{period}")
    text = (await sheet.read()).decode("utf-8-sig")
    assert "误导或承诺收益,1" in text
    assert "'=1+1" in text  # no formula for a spreadsheet
    await inspector.refused("GET", f"/api/v1/inspections/statistics?since={today}&until=2020-01-01", 422, "PERIOD_INVALID")
    agent = await service.sign_in("zhangsan")
    await agent.refused("GET", f"/api/v1/inspections/statistics?{period}", 403, "FORBIDDEN")
    assert made.case_id == line["case_id"]


async def test_the_cooling_off_period_bounds_the_deadline(house: tuple[Service, Made]) -> None:
    service, made = house
    context = service.context
    now = service.clock()
    async with context.db.begin() as tx:
        number = await tx.scalar(sa.select(cases.c.proposal_no).where(cases.c.id == made.case_id))
        texts = dict.fromkeys(("content_hash", "data_enc", "customer_hash", "cert_hash", "name_hash", "phone_hash"), "")
        kinds = {"rulebook_id": "S0", "product_type": "participating", "channel": "agent", "org_code": "110101"}
        issued = now - timedelta(days=14)
        await tx.execute(policies.insert().values(
            policy_no="L1", proposal_no=number, case_id=made.case_id, status="in_force", issued_at=issued, received_at=now,
            **texts, **kinds,
        ))  # fmt: skip
    services = cast(Services, SimpleNamespace(context=context))
    await follow_cooling_off(services)
    await follow_cooling_off(services)
    async with context.db.read() as tx:
        row = (await tx.execute(sa.select(inspections).where(inspections.c.case_id == made.case_id))).mappings().one()
    assert row["cooling_off_end_on"] == issued.date() + timedelta(days=15)
    assert now <= row["due_at"] <= now + timedelta(days=1)
