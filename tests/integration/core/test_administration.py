"""Audit log, outbox, talk scripts, health: what administrators see and what nobody can change unseen."""

import copy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from server.audits import service as audits
from server.audits.tables import audit_entries, audit_heads
from server.media_workers import alarms
from server.ops.routes import GRACE_S, STARTED
from server.ops.seed import SCRIPTS
from server.outbox.provider import Sms, SmsError
from server.outbox.service import enqueue, send_due
from server.talkscripts.service import current
from tests.support.core import Service

OUTBOX, AUDITS = "/api/v1/admin/outbox", "/api/v1/admin/audits"
KEY = "standard-life"
VERSIONS = f"/api/v1/talk-scripts/{KEY}/versions"


async def write_entries(service: Service, count: int = 5) -> None:
    for number in range(count):
        async with service.context.db.begin() as tx:
            await audits.record(
                tx, service.context, actor="system:test", action="test.done", subject=f"s{number}",
                data={"phone": "13812345678", "note": "证件110101198103010038", "name": "王建国"},
            )  # fmt: skip


async def verdict(service: Service) -> tuple[str | None, int | None]:
    async with service.context.db.read() as tx:
        result = await audits.verify(tx, service.context)
    return result.fault, result.seq


async def test_the_chain_is_intact_and_masks_personal_data(service: Service) -> None:
    await write_entries(service)
    admin = await service.sign_in("admin")
    result = await admin.ask("GET", f"{AUDITS}/verify")
    assert (result["is_intact"], result["fault"]) == (True, None)
    page = await admin.ask("GET", AUDITS, params={"action": "test.", "subject": "s3"})
    assert page["items"][0]["data"] == {"phone": "138****5678", "note": "证件110***********0038", "name": "王**"}
    assert page["total"] == 1
    await admin.refused("GET", AUDITS, 422, "REQUEST_INVALID", params={"since": "yesterday"})


@pytest.mark.parametrize("column", ["at", "actor", "action", "subject", "data", "address", "hash", "prev_hash"])
async def test_one_changed_field_is_found(service: Service, column: str) -> None:
    await write_entries(service)
    changed: Any = {"at": service.clock(), "data": {"phone": "138****5679"}}.get(column, "x")
    if column == "at":
        service.clock.forward(microseconds=1)
        changed = service.clock()
    async with service.context.db.begin() as tx:
        last = await tx.scalar(sa.select(sa.func.max(audit_entries.c.seq))) or 0
        await tx.execute(sa.update(audit_entries).where(audit_entries.c.seq == last - 2).values({column: changed}))
    assert await verdict(service) == ("ENTRY_CHANGED", last - 2)


async def test_a_removed_entry_and_a_cut_tail_are_found(service: Service) -> None:
    await write_entries(service)
    async with service.context.db.begin() as tx:
        last = await tx.scalar(sa.select(sa.func.max(audit_entries.c.seq)))
        await tx.execute(sa.delete(audit_entries).where(audit_entries.c.seq == last))
    assert await verdict(service) == ("TAIL_CUT", last)
    async with service.context.db.begin() as tx:
        await tx.execute(sa.delete(audit_entries).where(audit_entries.c.seq == last - 3))
    assert await verdict(service) == ("ENTRY_MISSING", last - 3)
    async with service.context.db.begin() as tx:
        await tx.execute(sa.delete(audit_entries))
    assert await verdict(service) == ("TAIL_CUT", 1)


async def test_a_head_moved_back_is_found_by_its_key_and_by_the_anchor_file(service: Service) -> None:
    await write_entries(service, 3)
    async with service.context.db.read() as tx:
        earlier = (await tx.execute(sa.select(audit_heads))).mappings().one()
    await write_entries(service, 3)
    await audits.anchor(service.context)
    async with service.context.db.begin() as tx:
        await tx.execute(sa.delete(audit_entries).where(audit_entries.c.seq > earlier["seq"]))
        await tx.execute(sa.update(audit_heads).values(seq=earlier["seq"], hash=earlier["hash"]))
    assert (await verdict(service))[0] == "HEAD_FORGED"
    async with service.context.db.begin() as tx:
        await tx.execute(sa.update(audit_heads).values(mac=earlier["mac"]))
    assert await verdict(service) == ("TAIL_CUT", earlier["seq"] + 1), "an old head, rightly keyed, is caught by the anchor"


class Flaky:
    """A provider that fails as told, then works."""

    name = "flaky"

    def __init__(self, *failures: SmsError) -> None:
        self.failures = list(failures)
        self.sent: list[Sms] = []

    async def send(self, sms: Sms) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(sms)
        return "ref"


async def put_message(service: Service, key: str, expires_s: int | None = None) -> str:
    async with service.context.db.begin() as tx:
        params = {"code": "424242", "minutes": "5"}
        return await enqueue(tx, service.context, "13811112222", "verification_code", params, key, expires_s=expires_s)


async def test_outbox_delivers_once_retries_and_gives_up(service: Service) -> None:
    first = await put_message(service, "a")
    assert await put_message(service, "a") == first, "one message a key"
    provider = Flaky(SmsError("BUSY", retryable=True))
    assert await send_due(service.context, provider) == 0
    assert await send_due(service.context, provider) == 0, "not before its time"
    service.clock.forward(minutes=1)
    assert await send_due(service.context, provider) == 1
    assert await send_due(service.context, provider) == 0
    assert [(s.phone, "424242" in s.text) for s in provider.sent] == [("13811112222", True)]
    refused = await put_message(service, "b")
    assert await send_due(service.context, Flaky(SmsError("NUMBER_INVALID", retryable=False))) == 0
    admin = await service.sign_in("admin")
    page = await admin.ask("GET", OUTBOX, params={"status": "failed"})
    assert [(m["id"], m["error"], m["to_masked"]) for m in page["items"]] == [(refused, "NUMBER_INVALID", "138****2222")]
    assert page["counts"] == {"queued": 0, "sending": 0, "sent": 1, "failed": 1, "expired": 0}
    again = await admin.ask("POST", f"{OUTBOX}/{refused}/resend")
    assert again["status"] == "queued"
    assert await send_due(service.context, provider) == 1
    await admin.refused("POST", f"{OUTBOX}/sms_none/resend", 404, "OUTBOX_MESSAGE_NOT_FOUND")


async def test_outbox_drops_what_expired_and_a_dead_sender_is_no_loss(service: Service) -> None:
    late = await put_message(service, "late", expires_s=60)
    service.clock.forward(seconds=61)
    assert await send_due(service.context, Flaky()) == 0
    admin = await service.sign_in("admin")
    assert (await admin.ask("GET", OUTBOX))["items"][0]["status"] == "expired"
    await admin.refused("POST", f"{OUTBOX}/{late}/resend", 409, "OUTBOX_MESSAGE_EXPIRED")

    class Dies(Flaky):
        async def send(self, sms: Sms) -> str:
            raise KeyboardInterrupt

    await put_message(service, "left")
    with pytest.raises(KeyboardInterrupt):
        await send_due(service.context, Dies())
    assert await send_due(service.context, Flaky()) == 0, "still leased"
    service.clock.forward(seconds=61)
    assert await send_due(service.context, Flaky()) == 1


async def test_a_message_of_a_rolled_back_change_does_not_exist(service: Service) -> None:
    async def change(params: dict[str, str], *, fails: bool) -> None:
        async with service.context.db.begin() as tx:
            await enqueue(tx, service.context, "13811112222", "notice", params, "gone")
            if fails:
                raise ConnectionError

    with pytest.raises(ConnectionError):
        await change({"text": "x"}, fails=True)
    with pytest.raises(KeyError):
        await change({}, fails=False)
    assert await send_due(service.context, Flaky()) == 0


async def test_codes_are_readable_in_development_only(service: Service) -> None:
    await put_message(service, "a")
    admin = await service.sign_in("admin")
    assert "424242" in (await admin.ask("GET", OUTBOX))["items"][0]["text"]
    service.context.settings.mode = "production"
    message = (await admin.ask("GET", OUTBOX))["items"][0]
    assert ("424242" in message["text"], message["is_text_masked"]) == (False, True)


def shipped() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((Path(SCRIPTS) / f"{KEY}.yaml").read_text("utf-8"))
    return content


async def test_talk_script_versions(service: Service) -> None:
    admin, agent = await service.sign_in("admin"), await service.sign_in("zhangsan")
    await agent.refused("GET", VERSIONS, 404, "TALK_SCRIPT_NOT_FOUND")
    first = await admin.ask("POST", VERSIONS, json={"content": shipped()}, status=201)
    assert (first["version"], first["status"]) == (1, "draft")
    await admin.refused("POST", VERSIONS, 409, "TALK_SCRIPT_UNCHANGED", json={"content": shipped()})
    await admin.ask("POST", f"{VERSIONS}/1/publish", json={})
    changed = copy.deepcopy(shipped())
    changed["title"] = "改过的标题"
    node = changed["nodes"][1]
    node["title"] = "新的权益提示"
    await admin.ask("POST", VERSIONS, json={"content": changed, "note": "改标题"}, status=201)
    tomorrow = service.clock().replace(day=23).isoformat()
    await admin.refused("POST", f"{VERSIONS}/1/publish", 409, "TALK_SCRIPT_PUBLISHED", json={})
    past = {"effective_at": "2020-01-01T00:00:00Z"}
    await admin.refused("POST", f"{VERSIONS}/2/publish", 422, "TALK_SCRIPT_EFFECTIVE_IN_PAST", json=past)
    await admin.ask("POST", f"{VERSIONS}/2/publish", json={"effective_at": tomorrow})
    scripts = await agent.ask("GET", "/api/v1/talk-scripts")
    assert [(s["published_version"], s["latest_version"]) for s in scripts["items"]] == [(1, 2)]
    diff = await agent.ask("GET", f"{VERSIONS}/2/diff", params={"against": 1})
    assert {(e["path"], e["change"]) for e in diff["entries"]} == {
        ("title", "changed"),
        (f"nodes[{node['id']}].title", "changed"),
    }
    service.clock.forward(days=2)
    await agent.refused("GET", VERSIONS, 401, "SIGN_IN_REQUIRED")
    agent = await service.sign_in("zhangsan")
    statuses = {v["version"]: v["status"] for v in (await agent.ask("GET", VERSIONS))["items"]}
    assert statuses == {1: "retired", 2: "published"}
    async with service.context.db.read() as tx:
        stored = await current(tx, KEY, service.clock())
    assert (stored.version, stored.content["title"]) == (2, "改过的标题")


async def test_talk_scripts_that_are_refused(service: Service) -> None:
    admin, agent = await service.sign_in("admin"), await service.sign_in("zhangsan")
    await agent.refused("POST", VERSIONS, 403, "FORBIDDEN", json={"content": shipped()})
    await admin.refused("POST", VERSIONS, 422, "TALK_SCRIPT_INVALID", json={"content": {}})
    without_consent = {**shipped(), "nodes": [n for n in shipped()["nodes"] if not n.get("locked")]}
    params = await admin.refused("POST", VERSIONS, 422, "TALK_SCRIPT_INVALID", json={"content": without_consent})
    assert params["fields"], "the locked notice cannot be removed"
    other = "/api/v1/talk-scripts/other/versions"
    params = await admin.refused("POST", other, 422, "TALK_SCRIPT_INVALID", json={"content": shipped()})
    assert params["fields"][0]["code"] == "KEY_DIFFERS"
    for number in ("9", "x", "-1", "99999999999"):
        await admin.refused("GET", f"{VERSIONS}/{number}", 404, "TALK_SCRIPT_NOT_FOUND")


async def test_health_says_what_is_down_and_readiness_waits_first(service: Service) -> None:
    admin, nobody = await service.sign_in("admin"), await service.anonymous()
    health = await admin.ask("GET", "/api/v1/admin/health")
    states = {item["name"]: item["status"] for item in health["items"]}
    assert states["数据库"] == "up"
    assert (states["语音进程"], states["视觉进程"]) == ("down", "down")
    assert (states["对象存储"], states["对象锁定"]) == ("up", "off"), "a folder works, it only cannot lock"
    waiting = await nobody.ask("GET", "/readyz", status=503)
    assert "语音进程" in waiting["waiting"]
    service.server.app._state[STARTED] = service.server.app[STARTED] - GRACE_S  # as if it had started earlier
    ready = await nobody.ask("GET", "/readyz", status=200)
    assert any("未测量" in line for line in ready["off"])
    assert (await nobody.ask("GET", "/healthz"))["status"] == "ok"


async def test_while_an_alarm_stands_not_everything_is_fine(service: Service) -> None:
    admin = await service.sign_in("admin")
    async with service.context.db.begin() as tx:
        busy = {"lagging": {"loop_lag_p99_ms": 70.0}}
        await alarms.settle(tx, "w1", ("lagging",), busy, service.context.now())
    items = (await admin.ask("GET", "/api/v1/admin/health"))["items"]
    assert [item["status"] for item in items if item["name"] == "告警 w1：处理变慢"] == ["degraded"]
    async with service.context.db.begin() as tx:
        await alarms.settle(tx, "w1", ("lagging",), {}, service.context.now())
    items = (await admin.ask("GET", "/api/v1/admin/health"))["items"]
    assert not [item for item in items if item["name"].startswith("告警")]


async def test_metrics_count_by_route_pattern(service: Service) -> None:
    agent, nobody = await service.sign_in("zhangsan"), await service.anonymous()
    await agent.refused("GET", "/api/v1/cases/case_secret", 404, "CASE_NOT_FOUND")
    text = await (await nobody.raw("GET", "/metrics")).text()
    assert 'route="/api/v1/cases/{case_id}",status="4xx"' in text
    assert "case_secret" not in text


async def test_openapi_describes_every_endpoint(service: Service) -> None:
    nobody = await service.anonymous()
    document = await nobody.ask("GET", "/api/v1/openapi.json")
    assert {"/api/v1/proposals", "/api/v1/cases/{case_id}", "/api/v1/auth/registrations"} <= set(document["paths"])


async def test_openapi_says_what_a_file_answer_is(service: Service) -> None:
    """Reading something answers with it: no GET says "nothing", and a file has its content types."""
    nobody = await service.anonymous()
    paths = (await nobody.ask("GET", "/api/v1/openapi.json"))["paths"]
    reads = {path: operations["get"]["responses"] for path, operations in paths.items() if "get" in operations}
    assert [path for path, responses in reads.items() if "200" not in responses] == []
    files = {path: set(r["200"]["content"]) for path, r in reads.items() if "application/json" not in r["200"]["content"]}
    assert len(files) >= 10
    assert files["/api/v1/documents/{document_id}/content"] == {"application/pdf"}
    assert files["/api/v1/callback-files/{file_id}/content"] == {"application/pdf", "image/jpeg", "image/png"}
    manifest = paths["/api/v1/recordings/{recording_id}/manifest"]["get"]["responses"]["200"]["content"]
    assert manifest == {"application/json": {"schema": {"type": "string", "format": "binary"}}}, "as it is stored"


async def test_openapi_says_what_a_raw_body_is(service: Service) -> None:
    """A client made from the document sends the file; every endpoint that reads one says so."""
    nobody = await service.anonymous()
    paths = (await nobody.ask("GET", "/api/v1/openapi.json"))["paths"]
    add = paths["/api/v1/proposals/{proposal_no}/documents"]["post"]
    assert {p["name"] for p in add["parameters"] if p["in"] == "query"} == {"kind", "title"}
    binary = {"schema": {"type": "string", "format": "binary"}}
    assert add["requestBody"]["required"] is True
    assert add["requestBody"]["content"] == {"application/pdf": binary}
    assert str(20 << 20) in add["requestBody"]["description"]
    raw = {
        operation["operationId"]
        for path in paths.values()
        for operation in path.values()
        if binary in operation.get("requestBody", {}).get("content", {}).values()
    }
    assert raw == {
        "add_document", "put_image", "put_customer_image", "check_callback_face", "add_call_recording",
        "add_service_call_recording", "add_callback_scan", "add_service_call_scan",
    }  # fmt: skip
    core = await service.core()
    params = await core.refused(
        "POST", "/api/v1/proposals/P1/documents", 415, "CONTENT_TYPE_UNSUPPORTED",
        params={"kind": "terms", "title": "条款"}, data=b"x", headers={"Content-Type": "text/plain"},
    )  # fmt: skip
    assert params["expected"] == list(add["requestBody"]["content"])
