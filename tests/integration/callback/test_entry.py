"""The web entry: binding, the password alone, lockouts, changed phones, and the way to the identity check."""

import asyncio
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from server.callbacks.tables import callback_events, policies
from server.customers.tables import customer_accounts
from server.domain.identity_no import make_identity_no
from server.users.links import revoke_links
from tests.support.callbacks import BASE as CALLBACK
from tests.support.callbacks import Customer, last_code, last_link, messages, tick, whole_policy
from tests.support.core import Caller, Service

ENTRY = "/api/v1/customer/entry"
PHONE, CERT_NO, PASSWORD = "13700008888", "E12345678", "plum-tree-7"


@pytest.fixture
async def issued(service: Service) -> dict[str, Any]:
    """A policy of S1 (open at once) whose policyholder has a passport."""
    core = await service.core()
    accepted: dict[str, Any] = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    return accepted


async def ticket_for(service: Service, caller: Caller, cert_no: str = CERT_NO, phone: str = PHONE) -> Caller:
    """Certificate number, phone and code: the ticket that sets a password."""
    await caller.ask("POST", f"{ENTRY}/bind/code", json={"cert_no": cert_no, "phone": phone}, status=200)
    body = {"cert_no": cert_no, "phone": phone, "code": await last_code(service.context, phone)}
    opened = await caller.ask("POST", f"{ENTRY}/bind/check", json=body, status=200)
    caller.headers["Authorization"] = f"Bearer {opened['ticket']}"
    return caller


async def bound(service: Service) -> Caller:
    """A browser that has bound the account; its cookie is kept, its ticket opens the list."""
    caller = await ticket_for(service, await service.anonymous())
    opened = await caller.ask("POST", f"{ENTRY}/bind", json={"password": PASSWORD}, status=200)
    caller.headers["Authorization"] = f"Bearer {opened['ticket']}"
    return caller


def codes(texts: list[tuple[str, str]]) -> int:
    return sum(1 for template, _ in texts if template == "verification_code")


async def test_bind_once_then_the_password_alone(service: Service, issued: dict[str, Any]) -> None:
    caller = await bound(service)
    listed = await caller.ask("GET", f"{ENTRY}/policies")
    [item] = listed["items"]
    assert (item["callback_id"], item["blocked"]) == (issued["callback_id"], None)
    assert "00001354407808088" not in str(listed), "numbers and names are masked until identity is proven"
    assert "周云峰" not in str(listed)
    caller.headers.clear()
    state = await caller.ask("GET", ENTRY)
    assert (state["is_known"], state["name_masked"]) == (True, "周**")
    opened = await caller.ask("POST", f"{ENTRY}/sign-in", json={"password": PASSWORD}, status=200)
    assert opened["ticket"]
    async with service.context.db.read() as tx:
        row = (await tx.execute(sa.select(customer_accounts))).one()
    assert row.password_hash.startswith("$argon2id$")
    assert CERT_NO not in str(tuple(row))
    stranger = await service.anonymous()
    assert (await stranger.ask("GET", ENTRY))["is_known"] is False
    await stranger.refused("POST", f"{ENTRY}/sign-in", 401, "ENTRY_UNKNOWN_BROWSER", json={"password": PASSWORD})
    await stranger.ask("POST", f"{ENTRY}/sign-in", json={"password": PASSWORD, "cert_no": CERT_NO.lower()}, status=200)
    await caller.ask("POST", f"{ENTRY}/forget", status=204)
    assert (await caller.ask("GET", ENTRY))["is_known"] is False


async def test_from_the_entry_to_success(service: Service, issued: dict[str, Any]) -> None:
    caller = await bound(service)
    opened = await caller.ask("POST", f"{ENTRY}/policies/{issued['callback_id']}", status=200)
    customer = Customer(service, PHONE, link=await service.bearer(opened["ticket"]))
    assert customer.link
    entry = await customer.link.ask("GET", CALLBACK)
    assert (entry["blocked"], entry["method"], entry["has_account"]) == (None, "sms_code", True)
    service.clock.forward(minutes=2)
    await customer.prove_by_code()
    await customer.to_questions()
    await customer.answer()
    assert (await customer.finish())["outcome"] == "success"
    assert (await caller.ask("GET", f"{ENTRY}/policies"))["items"] == []
    async with service.context.db.read() as tx:
        query = sa.select(callback_events.c.data_enc, callback_events.c.seq).where(callback_events.c.kind == "identity_passed")
        row = (await tx.execute(query)).one()
    name = f"callback_events.data:{issued['callback_id']}:{row.seq}"
    assert '"entry":"web"' in service.context.cipher.decrypt(row.data_enc, name)


async def test_binding_tells_a_stranger_nothing(service: Service, issued: dict[str, Any]) -> None:
    caller = await service.anonymous()
    answers = []
    for cert_no, phone in ((CERT_NO, PHONE), (CERT_NO, "13700009999"), ("E00000000", PHONE)):
        body = {"cert_no": cert_no, "phone": phone}
        answers.append(await caller.ask("POST", f"{ENTRY}/bind/code", json=body, status=200))
    assert answers[0] == answers[1] == answers[2]
    assert codes(await messages(service.context)) == 1, "one code, to the registered phone of this certificate"
    for cert_no, phone in ((CERT_NO, PHONE), (CERT_NO, "13700009999"), ("E00000000", PHONE)):
        body = {"cert_no": cert_no, "phone": phone, "code": "000000"}
        await caller.refused("POST", f"{ENTRY}/bind/check", 401, "ENTRY_CODE_WRONG", json=body)
    await caller.ask("POST", f"{ENTRY}/bind/code", json={"cert_no": CERT_NO, "phone": PHONE}, status=200)
    assert codes(await messages(service.context)) == 1, "too soon for another one, and nobody is told"


async def test_wrong_passwords_lock_known_and_unknown_alike(service: Service, issued: dict[str, Any]) -> None:
    await bound(service)
    caller = await service.anonymous()
    for cert_no in (CERT_NO, "E00000000"):
        body = {"password": "wrong-pass-1", "cert_no": cert_no}
        for _ in range(4):
            await caller.refused("POST", f"{ENTRY}/sign-in", 401, "ENTRY_SIGN_IN_FAILED", json=body)
        await caller.refused("POST", f"{ENTRY}/sign-in", 429, "ENTRY_LOCKED", json=body)
    right = {"password": PASSWORD, "cert_no": CERT_NO}
    await caller.refused("POST", f"{ENTRY}/sign-in", 429, "ENTRY_LOCKED", json=right)
    service.clock.forward(minutes=31)
    await caller.ask("POST", f"{ENTRY}/sign-in", json=right, status=200)


async def test_wrong_passwords_at_once_lock_like_those_in_a_row(service: Service, issued: dict[str, Any]) -> None:
    await bound(service)
    callers = [await service.anonymous() for _ in range(5)]
    body = {"password": "wrong-pass-1", "cert_no": CERT_NO}
    answers = await asyncio.gather(*(caller.raw("POST", f"{ENTRY}/sign-in", json=body) for caller in callers))
    assert sorted(answer.status for answer in answers) == [401] * 4 + [429]
    await callers[0].refused("POST", f"{ENTRY}/sign-in", 429, "ENTRY_LOCKED", json={**body, "password": PASSWORD})


async def test_a_cookie_that_is_no_text_knows_nobody(service: Service) -> None:
    head = f"GET {ENTRY} HTTP/1.1\r\nHost: x\r\nCookie: dr_entry=".encode()
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.server.port)
        writer.write(head + b"\xc4\xe3\r\n\r\n")
        assert b" 200 " in await reader.readline()
        writer.close()


async def test_a_forgotten_password_is_replaced_by_the_phone(service: Service, issued: dict[str, Any]) -> None:
    old = await bound(service)
    service.clock.forward(minutes=2)
    caller = await ticket_for(service, await service.anonymous())
    for weak, code in (("kurz1", "PASSWORD_SHORT"), ("11111111", "PASSWORD_WEAK"), ("password1", "PASSWORD_WEAK")):
        await caller.refused("POST", f"{ENTRY}/bind", 422, code, json={"password": weak})
    await caller.ask("POST", f"{ENTRY}/bind", json={"password": "other-tree-8"}, status=200)
    old.headers.clear()
    assert (await old.ask("GET", ENTRY))["is_known"] is False, "browsers known before are forgotten"
    await old.refused("POST", f"{ENTRY}/sign-in", 401, "ENTRY_SIGN_IN_FAILED", json={"password": PASSWORD, "cert_no": CERT_NO})


async def test_a_changed_phone_binds_the_next_day(service: Service, issued: dict[str, Any]) -> None:
    """S0 E18: 更改成功后的次日可绑定."""
    async with service.context.db.begin() as tx:
        new = {"phone_hash": service.context.cipher.search_hash("13700009999"), "phone_changed_at": service.context.now()}
        await tx.execute(sa.update(policies).values(**new))
    caller = await service.anonymous()
    body = {"cert_no": CERT_NO, "phone": "13700009999"}
    await caller.ask("POST", f"{ENTRY}/bind/code", json=body, status=200)
    [(template, text)] = await messages(service.context, "13700009999")
    assert template == "notice"
    assert "11月23日起" in text
    await caller.ask("POST", f"{ENTRY}/bind/code", json={"cert_no": CERT_NO, "phone": PHONE}, status=200)
    assert codes(await messages(service.context, PHONE)) == 0, "the old phone no longer binds"
    await tick(service, hours=14)
    await ticket_for(service, caller, phone="13700009999")


async def test_a_first_time_customer_of_s0_binds_the_day_after_effect(service: Service) -> None:
    """S0 E4: 5/8 proposal, effective 5/9, binding from 5/10."""
    service.context.settings.callback_rulebook = "S0"
    core = await service.core()
    birth_on = whole_policy(service)["policyholder"]["birth_on"]
    cert_no = make_identity_no("110101", date.fromisoformat(birth_on), 5, "male")
    holder = {"name": "丁华清", "birth_on": birth_on, "cert_no": cert_no, "phone": "13700006666"}
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service, policyholder=holder), status=201)
    caller = await service.anonymous()
    body = {"cert_no": cert_no, "phone": "13700006666"}
    await caller.ask("POST", f"{ENTRY}/bind/code", json=body, status=200)
    assert [template for template, _ in await messages(service.context, "13700006666")] == ["notice"]
    await tick(service, days=1, hours=14)  # 24 November, 00:00 in Shanghai: effective on the 23rd
    await ticket_for(service, caller, cert_no, "13700006666")


async def test_a_customer_opens_nobody_elses_policy(service: Service, issued: dict[str, Any]) -> None:
    core = await service.core()
    birth_on = whole_policy(service)["policyholder"]["birth_on"]
    other = {"name": "钱二", "birth_on": birth_on, "cert_type": "passport", "cert_no": "E99999999", "phone": "13700007777"}
    body = whole_policy(service, policy_no="00001354407800001", policyholder=other)
    foreign = await core.ask("POST", "/api/v1/policies", json=body, status=201)
    caller = await bound(service)
    await caller.refused("POST", f"{ENTRY}/policies/{foreign['callback_id']}", 404, "CALLBACK_NOT_FOUND")
    await caller.refused("GET", CALLBACK, 403, "TICKET_SCOPE")
    anonymous = await service.anonymous()
    await anonymous.refused("GET", f"{ENTRY}/policies", 401, "SIGN_IN_REQUIRED")
    linked = Customer(service, PHONE)
    await linked.open()
    assert linked.link
    await linked.link.refused("GET", f"{ENTRY}/policies", 403, "TICKET_SCOPE")
    await linked.link.refused("POST", f"{ENTRY}/bind", 403, "TICKET_SCOPE", json={"password": PASSWORD})


async def test_a_dead_link_is_renewed_to_the_same_phone(service: Service, issued: dict[str, Any]) -> None:
    key = await last_link(service.context, PHONE)
    anonymous = await service.anonymous()
    renew = f"{CALLBACK}/renew-link"
    await anonymous.refused("POST", renew, 409, "LINK_STILL_VALID", json={"key": key})
    await anonymous.refused("POST", renew, 401, "LINK_INVALID", json={"key": "x" * 22})
    async with service.context.db.begin() as tx:
        await revoke_links(tx, service.context, scope="callback_link", subject=issued["callback_id"])
    for _ in range(3):
        service.clock.forward(minutes=1)
        assert (await anonymous.ask("POST", renew, json={"key": key}, status=200))["phone_masked"] == "137****8888"
    params = await anonymous.refused("POST", renew, 409, "LINK_RENEWED_OFTEN", json={"key": key})
    assert params["max"] == 3
    fresh = await last_link(service.context, PHONE)
    assert fresh != key
    assert (await Customer(service, PHONE).open())["blocked"] is None
    await tick(service, days=4)
    await anonymous.refused("POST", renew, 409, "WINDOW_ENDED", json={"key": key})
