"""The notice before the identity check, once for the whole visit (S0 E10): nothing personal in it, no check before it."""

import orjson
import sqlalchemy as sa

from server.callbacks.tables import callback_events, callback_pages
from tests.support.callbacks import BASE, STROKES, Customer, whole_policy
from tests.support.core import Service

PHONE = "13700008888"


async def notice_first(service: Service) -> None:
    """S1, with the notice where S0 has it."""
    admin, books = await service.sign_in("admin"), "/api/v1/callback-rulebooks/S1/versions"
    data = (await admin.ask("GET", f"{books}/2"))["data"]
    data["answering"]["notice_before_identity"] = True
    today = service.clock.at.date().isoformat()
    await admin.ask("POST", books, json={"data": data, "effective_from": today, "note": "先勾选须知"}, status=201)
    core = await service.core()
    for number in ("00001354407800001", "00001354407800002"):
        await core.ask("POST", "/api/v1/policies", json=whole_policy(service, number), status=201)


async def test_nobody_is_checked_before_the_notice_is_ticked(service: Service) -> None:
    await notice_first(service)
    customer = Customer(service, PHONE)
    entry = await customer.open()
    assert entry["steps"][:3] == ["notice", "identity", "policy"]
    shown = orjson.dumps(entry["notice"]).decode()
    assert "周**" in shown
    assert "周云峰" not in shown
    assert "0000135440780000" not in shown
    assert customer.link
    await customer.link.refused("POST", f"{BASE}/identity/code", 409, "NOTICE_NOT_CONFIRMED")
    await customer.link.ask("POST", f"{BASE}/notice", json={"is_confirmed": True})
    service.clock.forward(minutes=30)
    await customer.link.refused("POST", f"{BASE}/identity/code", 409, "NOTICE_NOT_CONFIRMED")


async def test_one_tick_serves_the_visit_and_the_next_one_needs_its_own(service: Service) -> None:
    await notice_first(service)
    customer = Customer(service, PHONE)
    await customer.open()
    assert customer.link
    await customer.link.ask("POST", f"{BASE}/notice", json={"is_confirmed": True})
    assert (await customer.prove_by_code())["result"] == "passed"
    assert customer.pages
    waiting = [item["callback_id"] for item in (await customer.pages.ask("GET", f"{BASE}/policies"))["items"]]
    assert len(waiting) == 2
    for callback_id in waiting:
        assert (await customer.step("begin", callback_id))["requires_tick"] is False
        view = await customer.step("notice", callback_id, json={"is_confirmed": True})
        customer.asked = [question["id"] for question in view["questions"]]
        await customer.answer(callback_id)
        await customer.step("signature", callback_id, json={"strokes": STROKES})
        assert (await customer.step("confirm", callback_id))["outcome"] == "success"
    async with service.context.db.read() as tx:
        ticked = await tx.scalar(
            sa.select(sa.func.count()).select_from(callback_events).where(callback_events.c.kind == "notice_confirmed")
        )
        kept = await tx.scalar(sa.select(sa.func.count()).select_from(callback_pages).where(callback_pages.c.kind == "notice"))
    assert (ticked, kept) == (1, 1)


async def test_a_visit_that_was_left_begins_with_the_notice_again(service: Service) -> None:
    await notice_first(service)
    customer = Customer(service, PHONE)
    await customer.open()
    assert customer.link
    await customer.link.ask("POST", f"{BASE}/notice", json={"is_confirmed": True})
    await customer.prove_by_code()
    assert (await customer.to_questions())["questions"]
    assert customer.pages
    await customer.pages.ask("POST", f"{BASE}/leave")
    await customer.open()
    await customer.link.refused("POST", f"{BASE}/identity/code", 409, "NOTICE_NOT_CONFIRMED")
