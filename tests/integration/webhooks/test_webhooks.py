"""Results to other systems: signed, retried, dead after the last try, delivered again by hand; two workers, one delivery."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from server.jobs.runtime import Runtime, build_registry
from server.recordings.stores import build_store
from server.webhooks import service as webhooks
from server.webhooks.delivery import RETRY_S, deliver_due
from server.webhooks.signing import MAX_AGE_S, is_valid, sign
from tests.support.core import Caller, Service
from tests.support.custody import services_of
from tests.support.receiver import Receiver, receiving

ENDPOINTS = "/api/v1/admin/webhook-endpoints"
DELIVERIES = "/api/v1/admin/webhook-deliveries"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as it:
        yield it


async def endpoint(service: Service, receiver: Receiver, **changes: Any) -> tuple[Caller, str]:
    admin = await service.sign_in("admin")
    body = {"name": "核心系统", "url": receiver.url, **changes}
    made = await admin.ask("POST", ENDPOINTS, json=body, status=201)
    receiver.secret = made["secret"]
    return admin, made["id"]


async def put(service: Service, key: str = "one", subject: str = "cb_1") -> int:
    context = service.context
    async with context.db.begin() as tx:
        return await webhooks.enqueue(tx, context, "callback.succeeded", subject, {"policy_no": "P1", "名": "值"}, key)


async def test_a_receiver_that_fails_first_gets_it_in_the_end(service: Service, receiver: Receiver) -> None:
    admin, _ = await endpoint(service, receiver)
    receiver.answers = [503, 302, 0]
    assert await put(service) == 1
    assert await put(service) == 0, "the same key goes out once"
    seen = []
    for wait in (0, *RETRY_S[:3]):
        service.clock.forward(seconds=wait)
        assert await deliver_due(service.context) == 1
        assert await deliver_due(service.context) == 0, "not before its time"
        [item] = (await admin.ask("GET", DELIVERIES))["items"]
        seen.append((item["status"], item["last_status"], item["error"].split(":")[0]))
    assert seen == [
        ("queued", 503, "HTTP_503"), ("queued", 302, "HTTP_302"), ("queued", None, "UNREACHABLE"), ("delivered", 200, ""),
    ]  # fmt: skip
    assert receiver.valid == [True] * 4
    assert len({got["id"] for got in receiver.got}) == 1, "the receiver can tell it is the same one"
    assert len(set(receiver.bodies)) == 1
    assert receiver.got[0]["event"] == "callback.succeeded"
    assert receiver.got[0]["data"] == {"policy_no": "P1", "名": "值"}


async def test_the_jobs_process_delivers(service: Service, receiver: Receiver) -> None:
    await endpoint(service, receiver)
    await put(service)
    store = await build_store(service.context.settings)
    runtime = Runtime(services_of(service.context, store), build_registry(), "test")
    stop = asyncio.Event()
    task = asyncio.create_task(runtime.run(stop))
    try:
        async with asyncio.timeout(60):
            while not receiver.got:
                assert not task.done()
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await task
        await store.aclose()
    assert [(got["event"], got["subject"]) for got in receiver.got] == [("callback.succeeded", "cb_1")]
    assert receiver.valid == [True]


async def test_dead_letters_are_listed_and_delivered_again_by_hand(service: Service, receiver: Receiver) -> None:
    admin, endpoint_id = await endpoint(service, receiver)
    receiver.answers = [500] * (len(RETRY_S) + 1)
    await put(service)
    for wait in (0, *RETRY_S):
        service.clock.forward(seconds=wait)
        await deliver_due(service.context)
    admin = await service.sign_in("admin")  # two days have passed
    page = await admin.ask("GET", DELIVERIES, params={"status": "dead"})
    [dead] = page["items"]
    assert (page["counts"]["dead"], dead["attempts"], dead["next_attempt_at"]) == (1, len(RETRY_S) + 1, None)
    service.clock.forward(days=30)
    assert await deliver_due(service.context) == 0, "a dead one waits for a person"
    admin = await service.sign_in("admin")
    assert (await admin.ask("GET", ENDPOINTS))["items"][0]["dead"] == 1
    await admin.ask("POST", f"{DELIVERIES}/{dead['id']}/redeliver", status=200)
    await admin.refused("POST", f"{DELIVERIES}/{dead['id']}/redeliver", 409, "WEBHOOK_DELIVERY_WAITS")
    await deliver_due(service.context)
    assert (await admin.ask("GET", DELIVERIES))["counts"] == {"queued": 0, "sending": 0, "delivered": 1, "dead": 0}
    assert await admin.ask("POST", f"{ENDPOINTS}/{endpoint_id}/redeliver", status=200) == {"count": 0}
    receiver.answers = [410]
    await put(service, "two")
    await deliver_due(service.context)
    assert (await admin.ask("GET", DELIVERIES))["counts"]["dead"] == 1, "410: gone for good"
    assert (await admin.ask("POST", f"{ENDPOINTS}/{endpoint_id}/redeliver", status=200))["count"] == 1


async def test_two_workers_deliver_once_and_a_dead_worker_loses_nothing(service: Service, receiver: Receiver) -> None:
    await endpoint(service, receiver)
    for number in range(30):
        await put(service, f"k{number}", f"cb_{number}")
    await asyncio.gather(*(deliver_due(service.context) for _ in range(4)))
    await deliver_due(service.context)
    assert sorted(got["subject"] for got in receiver.got) == sorted(f"cb_{n}" for n in range(30))
    await put(service, "last", "cb_last")
    task = asyncio.create_task(deliver_due(service.context))
    receiver.answers = [0]
    while len(receiver.got) < 31:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await deliver_due(service.context) in (0, 1)
    service.clock.forward(seconds=61)
    await deliver_due(service.context)
    assert [got["subject"] for got in receiver.got][31:] == ["cb_last"], "claimed again when the lease is over"


async def test_rights_addresses_and_secrets(service: Service, receiver: Receiver) -> None:
    admin, endpoint_id = await endpoint(service, receiver, events=["callback.closed"])
    assert await put(service) == 0, "it did not ask for this event"
    shown = await admin.ask("GET", ENDPOINTS)
    assert "secret" not in shown["items"][0]
    changed = {"name": "核心系统", "url": receiver.url, "events": ["*"], "is_active": True}
    await admin.ask("PUT", f"{ENDPOINTS}/{endpoint_id}", json=changed)
    await admin.ask("POST", f"{ENDPOINTS}/{endpoint_id}/test", status=200)
    old = receiver.secret
    receiver.secret = (await admin.ask("POST", f"{ENDPOINTS}/{endpoint_id}/secret", status=200))["secret"]
    assert receiver.secret != old
    await deliver_due(service.context)
    assert (receiver.valid, receiver.got[0]["event"]) == ([True], "webhook.test")
    for url in ("ftp://x/y", "http://user@host/", "javascript:alert(1)", "http://", "//host"):
        await admin.refused("POST", ENDPOINTS, 422, "REQUEST_INVALID", json={"name": "x", "url": url})
    await admin.refused("POST", ENDPOINTS, 422, "REQUEST_INVALID", json={"name": "x", "url": receiver.url, "events": ["nothing"]})
    await admin.refused("GET", f"{DELIVERIES}?status=lost", 422, "REQUEST_INVALID")
    await admin.refused("PUT", f"{ENDPOINTS}/whe_x", 404, "WEBHOOK_ENDPOINT_NOT_FOUND", json=changed)
    for login in ("sunqi", "hegui", "zhangsan"):
        other = await service.sign_in(login)
        await other.refused("GET", ENDPOINTS, 403, "FORBIDDEN")
        await other.refused("GET", DELIVERIES, 403, "FORBIDDEN")


def test_signatures_are_bound_to_everything() -> None:
    made = sign("s", timestamp=100, delivery_id="d", body=b"{}")
    assert is_valid("s", made, timestamp=100, delivery_id="d", body=b"{}", now=100 + MAX_AGE_S)
    assert not is_valid("s", made, timestamp=100, delivery_id="d", body=b"{}", now=101 + MAX_AGE_S)
    assert not is_valid("s", made, timestamp=100, delivery_id="e", body=b"{}", now=100)
    assert not is_valid("s", made, timestamp=101, delivery_id="d", body=b"{}", now=100)
    assert not is_valid("t", made, timestamp=100, delivery_id="d", body=b"{}", now=100)
    assert not is_valid("s", made, timestamp=100, delivery_id="d", body=b"{} ", now=100)
