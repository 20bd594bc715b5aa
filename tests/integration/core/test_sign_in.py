"""Signing in, registration, accounts: what is allowed and what is refused."""

import asyncio
import re
from io import BytesIO
from typing import Any

import pyotp
import pytest

from server.outbox.schemas import OutboxQuery
from server.outbox.service import search
from server.settings import Settings
from server.users.demo import DEMO_PASSWORD
from server.users.jobs import forget_expired
from tests.support.core import Caller, Service, running

SIGN_IN = "/api/v1/auth/sign-in"
ME = "/api/v1/auth/me"


async def code_sent_to(service: Service, phone: str) -> str:
    async with service.context.db.read() as tx:
        page = await search(tx, service.context, OutboxQuery(q=phone))
    match = re.search(r"\d{6}", page.items[0].text)
    assert match
    return match.group()


def company(phone: str, code: str, **changes: Any) -> dict[str, Any]:
    return {
        "agent_kind": "company", "agent_name": "钱多", "agent_code": "A777", "org_code": "110101", "sex": "male",
        "phone": phone, "sms_code": code, "password": "Wander-lamp-41", "channel_code": "individual",
        "outlet_code": "W9", "licence_no": "L-777", **changes,
    }  # fmt: skip


async def test_signs_in_and_out(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    me = await agent.ask("GET", ME)
    assert (me["display_name"], me["roles"], me["agent_kind"]) == ("张三", ["agent"], "company")
    cookies = {c.key: c for c in agent.client.session.cookie_jar}
    assert cookies["dr_session"]["httponly"]
    assert cookies["dr_session"]["samesite"] == "Strict"
    await agent.ask("POST", "/api/v1/auth/sign-out", status=204)
    await agent.refused("GET", ME, 401, "SIGN_IN_REQUIRED")


async def test_signing_out_kills_the_token_not_only_the_cookie(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    token = next(c.value for c in agent.client.session.cookie_jar if c.key == "dr_session")
    await agent.ask("POST", "/api/v1/auth/sign-out", status=204)
    thief = await service.anonymous()
    await thief.refused("GET", ME, 401, "SIGN_IN_REQUIRED", headers={"Cookie": f"dr_session={token}"})


async def test_phone_is_a_login_too(service: Service) -> None:
    agent = await service.sign_in("１３９０００００００１ ")
    assert (await agent.ask("GET", ME))["login"] == "zhangsan"


async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(service: Service) -> None:
    nobody = await service.anonymous()
    answers = []
    for login in ("zhangsan", "nobody-at-all"):
        response = await nobody.raw("POST", SIGN_IN, json={"login": login, "password": "wrong-password"})
        answers.append((response.status, await response.json(content_type=None)))
    assert answers[0] == answers[1]
    assert answers[0][1]["code"] == "SIGN_IN_FAILED"


async def test_session_expires(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    service.clock.forward(hours=12, seconds=1)
    await agent.refused("GET", ME, 401, "SIGN_IN_REQUIRED")


async def test_guessing_one_account_is_stopped(service: Service) -> None:
    nobody = await service.anonymous()
    for _ in range(8):
        await nobody.refused("POST", SIGN_IN, 401, "SIGN_IN_FAILED", json={"login": "lisi", "password": "x"})
    params = await nobody.refused("POST", SIGN_IN, 429, "RATE_LIMITED", json={"login": "lisi", "password": DEMO_PASSWORD})
    assert params["retry_after_s"] > 0
    await service.sign_in("zhangsan")


async def test_another_origin_is_refused(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    await agent.refused("POST", "/api/v1/auth/sign-out", 403, "ORIGIN_FORBIDDEN", headers={"Origin": "https://evil.example"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "zhangsan"},
        {"login": "zhangsan", "password": 5},
        {"login": "zhangsan", "password": "x", "remember": True},
        {"login": "", "password": "x"},
        [],
        "text",
    ],
)
async def test_malformed_sign_in(service: Service, body: Any) -> None:
    nobody = await service.anonymous()
    await nobody.refused("POST", SIGN_IN, 422, "REQUEST_INVALID", json=body)


async def test_bodies_that_are_no_json(service: Service) -> None:
    nobody = await service.anonymous()
    json_type = {"Content-Type": "application/json"}
    await nobody.refused("POST", SIGN_IN, 400, "JSON_INVALID", data=b"{", headers=json_type)
    twice = b'{"login": "zhangsan", "password": "x", "login": "lisi"}'
    params = await nobody.refused("POST", SIGN_IN, 422, "REQUEST_INVALID", data=twice, headers=json_type)
    assert params["fields"] == [{"path": "login", "code": "name_twice"}]
    await nobody.refused("POST", SIGN_IN, 415, "JSON_EXPECTED", data=b"a=b", headers={"Content-Type": "text/plain"})
    await nobody.refused("POST", SIGN_IN, 413, "BODY_TOO_LARGE", data=BytesIO(b" " * (1 << 20) + b"{}"), headers=json_type)


async def test_registration_of_the_three_kinds_waits_for_approval(service: Service) -> None:
    nobody, admin = await service.anonymous(), await service.sign_in("admin")
    kinds: list[dict[str, Any]] = [
        {},
        {"agent_kind": "bank", "agent_code": "B777", "channel_code": "bank"},
        {"agent_kind": "intermediary", "company_code": "Z1", "work_no": "9", "channel_code": "intermediary"},
    ]
    for number, changes in enumerate(kinds):
        phone = f"1360000000{number}"
        await nobody.ask("POST", "/api/v1/auth/sms-codes", json={"phone": phone}, status=204)
        body = company(phone, await code_sent_to(service, phone), **changes)
        if "company_code" in changes:
            del body["agent_code"]
        done = await nobody.ask("POST", "/api/v1/auth/registrations", json=body, status=201)
        assert done["status"] == "pending"
        sign_in = {"login": done["login"], "password": body["password"]}
        await nobody.refused("POST", SIGN_IN, 403, "ACCOUNT_PENDING", json=sign_in)
        await admin.ask("PATCH", f"/api/v1/admin/users/{done['id']}", json={"status": "active"})
        agent = await service.sign_in(done["login"], body["password"])
        assert (await agent.ask("GET", ME))["agent_kind"] == body["agent_kind"]
    pending = await admin.ask("GET", "/api/v1/admin/users", params={"status": "pending"})
    assert pending["total"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agent_kind": "bank", "channel_code": "individual"}, "REQUEST_INVALID"),
        ({"agent_kind": "customer"}, "REQUEST_INVALID"),
        ({"phone": "123"}, "REQUEST_INVALID"),
        ({"agent_code": ""}, "REQUEST_INVALID"),
        ({"sex": "x"}, "REQUEST_INVALID"),
        ({"company_code": "Z1"}, "REQUEST_INVALID"),
        ({"password": "short"}, "REQUEST_INVALID"),
        ({"password": "aaaaaaaaaaaa"}, "PASSWORD_WEAK"),
        ({"password": "password-2026"}, "PASSWORD_WEAK"),
        ({"sms_code": "000000"}, "SMS_CODE_INVALID"),
    ],
)
async def test_registrations_that_are_refused(service: Service, changes: dict[str, Any], code: str) -> None:
    nobody = await service.anonymous()
    body = {**company("13600000009", "123456"), **changes}
    await nobody.refused("POST", "/api/v1/auth/registrations", 422, code, json=body)


async def test_sms_codes_are_limited_in_tries_and_used_once(service: Service) -> None:
    nobody, phone = await service.anonymous(), "13600000008"
    send, register = "/api/v1/auth/sms-codes", "/api/v1/auth/registrations"
    await nobody.ask("POST", send, json={"phone": phone}, status=204)
    params = await nobody.refused("POST", send, 429, "SMS_CODE_TOO_SOON", json={"phone": phone})
    assert 0 < params["retry_after_s"] <= 61
    right = await code_sent_to(service, phone)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        await nobody.refused("POST", register, 422, "SMS_CODE_INVALID", json=company(phone, wrong))
    await nobody.refused("POST", register, 422, "SMS_CODE_INVALID", json=company(phone, right))
    service.clock.forward(seconds=61)
    await nobody.ask("POST", send, json={"phone": phone}, status=204)
    right = await code_sent_to(service, phone)
    await nobody.ask("POST", register, json=company(phone, right), status=201)
    await nobody.refused("POST", register, 422, "SMS_CODE_INVALID", json=company(phone, right))


async def test_a_code_expires(service: Service) -> None:
    nobody, phone = await service.anonymous(), "13600000007"
    await nobody.ask("POST", "/api/v1/auth/sms-codes", json={"phone": phone}, status=204)
    right = await code_sent_to(service, phone)
    service.clock.forward(seconds=301)
    await nobody.refused("POST", "/api/v1/auth/registrations", 422, "SMS_CODE_INVALID", json=company(phone, right))


async def test_known_agents_cannot_register_again(service: Service) -> None:
    nobody, phone = await service.anonymous(), "13900000001"
    await nobody.ask("POST", "/api/v1/auth/sms-codes", json={"phone": phone}, status=204)
    body = company(phone, await code_sent_to(service, phone))
    await nobody.refused("POST", "/api/v1/auth/registrations", 409, "AGENT_ALREADY_REGISTERED", json=body)


async def test_nobody_takes_the_code_that_proposals_find_another_agent_by(service: Service) -> None:
    nobody, admin, phone = await service.anonymous(), await service.sign_in("admin"), "13600000011"
    taken: list[dict[str, Any]] = [
        {"agent_code": "A100001"},
        {"agent_code": "b200001", "agent_kind": "bank", "channel_code": "bank"},
    ]
    for changes in taken:
        service.clock.forward(seconds=61)
        await nobody.ask("POST", "/api/v1/auth/sms-codes", json={"phone": phone}, status=204)
        body = company(phone, await code_sent_to(service, phone), **changes)
        await nobody.refused("POST", "/api/v1/auth/registrations", 409, "AGENT_ALREADY_REGISTERED", json=body)
    body = {
        "login": "other",
        "display_name": "别人",
        "roles": ["agent"],
        "password": "Fresh-lamp-77",
        "agent_kind": "intermediary",
    }
    body |= {"company_code": "Z300", "work_no": "0007"}
    await admin.refused("POST", "/api/v1/admin/users", 409, "USER_AGENT_CODE_TAKEN", json=body)
    await admin.ask("POST", "/api/v1/admin/users", json={**body, "work_no": "0008"}, status=201)


async def new_user(admin: Caller, **changes: Any) -> Any:
    body = {"login": "newbie", "display_name": "新人", "roles": ["inspector"], "password": "Fresh-lamp-77", **changes}
    return await admin.ask("POST", "/api/v1/admin/users", json=body, status=201)


async def test_an_account_made_by_an_administrator_changes_its_password_first(service: Service) -> None:
    admin = await service.sign_in("admin")
    user = await new_user(admin)
    newbie = await service.sign_in("newbie", "Fresh-lamp-77")
    await newbie.refused("GET", "/api/v1/cases", 403, "PASSWORD_CHANGE_REQUIRED")
    change = "/api/v1/auth/password"
    await newbie.refused("POST", change, 403, "PASSWORD_WRONG", json={"current": "x", "new": "Other-lamp-78"})
    await newbie.ask("POST", change, json={"current": "Fresh-lamp-77", "new": "Other-lamp-78"}, status=204)
    await newbie.ask("GET", "/api/v1/cases")
    reset = await admin.ask("POST", f"/api/v1/admin/users/{user['id']}/reset-password")
    await newbie.refused("GET", ME, 401, "SIGN_IN_REQUIRED")
    again = await service.sign_in("newbie", reset["password"])
    assert (await again.ask("GET", ME))["must_change_password"]


async def test_who_has_somebodys_session_cannot_guess_the_password_with_it(service: Service) -> None:
    agent, change = await service.sign_in("lisi"), "/api/v1/auth/password"
    for number in range(8):
        guess = {"current": f"wrong-{number}", "new": "Other-lamp-78"}
        await agent.refused("POST", change, 403, "PASSWORD_WRONG", json=guess)
    right = {"current": DEMO_PASSWORD, "new": "Other-lamp-78"}
    await agent.refused("POST", change, 429, "RATE_LIMITED", json=right)
    await service.sign_in("lisi")  # signing in counts by itself


async def test_disabling_ends_sessions_and_sign_ins(service: Service) -> None:
    admin, agent = await service.sign_in("admin"), await service.sign_in("lisi")
    page = await admin.ask("GET", "/api/v1/admin/users", params={"q": "lisi"})
    path = f"/api/v1/admin/users/{page['items'][0]['id']}"
    await admin.ask("PATCH", path, json={"status": "disabled"})
    await agent.refused("GET", ME, 401, "SIGN_IN_REQUIRED")
    await agent.refused("POST", SIGN_IN, 401, "SIGN_IN_FAILED", json={"login": "lisi", "password": DEMO_PASSWORD})
    await admin.ask("PATCH", path, json={"status": "active"})
    await service.sign_in("lisi")


async def test_administration_is_for_administrators(service: Service) -> None:
    agent, nobody = await service.sign_in("zhangsan"), await service.anonymous()
    for path in ("users", "outbox", "audits", "health"):
        await agent.refused("GET", f"/api/v1/admin/{path}", 403, "FORBIDDEN")
        await nobody.refused("GET", f"/api/v1/admin/{path}", 401, "SIGN_IN_REQUIRED")


async def test_sales_and_inspection_stay_apart_and_administrators_keep_themselves(service: Service) -> None:
    admin = await service.sign_in("admin")
    users = "/api/v1/admin/users"
    body = {
        "login": "both",
        "display_name": "两头",
        "roles": ["agent", "inspector"],
        "password": "Fresh-lamp-77",
        "agent_kind": "bank",
    }
    await admin.refused("POST", users, 422, "USER_ROLES_CONFLICT", json=body)
    await admin.refused("POST", users, 409, "USER_LOGIN_TAKEN", json={**body, "login": "zhangsan", "roles": ["agent"]})
    await admin.refused("POST", users, 409, "USER_PHONE_TAKEN", json={**body, "roles": ["agent"], "phone": "13900000001"})
    me = (await admin.ask("GET", ME))["id"]
    await admin.refused("PATCH", f"{users}/{me}", 409, "USER_IS_YOURSELF", json={"status": "disabled"})
    await admin.refused("GET", f"{users}/usr_none", 404, "USER_NOT_FOUND")


async def test_totp(service: Service) -> None:
    admin = await service.sign_in("admin")
    setup = await admin.ask("POST", "/api/v1/auth/totp")
    totp = pyotp.TOTP(setup["secret"])
    await admin.refused("POST", "/api/v1/auth/totp/confirm", 422, "TOTP_INVALID", json={"code": "000000"})
    first = totp.at(int(service.clock().timestamp()))
    await admin.ask("POST", "/api/v1/auth/totp/confirm", json={"code": first}, status=204)
    nobody, body = await service.anonymous(), {"login": "admin", "password": DEMO_PASSWORD}
    await nobody.refused("POST", SIGN_IN, 401, "TOTP_REQUIRED", json=body)
    await nobody.refused("POST", SIGN_IN, 401, "TOTP_INVALID", json={**body, "totp": first})
    service.clock.forward(seconds=30)
    code = totp.at(int(service.clock().timestamp()))
    await nobody.ask("POST", SIGN_IN, json={**body, "totp": code})
    assert (await nobody.ask("GET", ME))["has_totp"]


async def test_demo_logins_are_shown_in_development_only(service: Service) -> None:
    nobody = await service.anonymous()
    options = await nobody.ask("GET", "/api/v1/auth/options")
    assert {item["login"] for item in options["demo_logins"]} >= {"zhangsan", "lisi", "wangwu", "admin"}
    service.context.settings.mode = "production"
    assert (await nobody.ask("GET", "/api/v1/auth/options"))["demo_logins"] == []


async def test_expired_credentials_are_forgotten_and_live_ones_kept(service: Service) -> None:
    await service.sign_in("zhangsan")
    nobody = await service.anonymous()
    await nobody.ask("POST", "/api/v1/auth/sms-codes", json={"phone": "13600000001"}, status=204)
    assert await forget_expired(service.context) == 0
    service.clock.forward(days=31)
    agent = await service.sign_in("lisi")
    assert await forget_expired(service.context) == 2
    await agent.ask("GET", ME)


async def test_an_installation_may_open_registrations_at_once(settings: Settings) -> None:
    async with running(settings.model_copy(update={"registration_needs_approval": False})) as service:
        nobody = await service.anonymous()
        assert (await nobody.ask("GET", "/api/v1/auth/options"))["requires_approval"] is False
        await nobody.ask("POST", "/api/v1/auth/sms-codes", json={"phone": "13600000009"}, status=204)
        body = company("13600000009", await code_sent_to(service, "13600000009"))
        done = await nobody.ask("POST", "/api/v1/auth/registrations", json=body, status=201)
        assert done["status"] == "active"
        await service.sign_in(done["login"], body["password"])


async def test_guessing_the_second_factor_is_stopped_whatever_one_signs_in_with(service: Service) -> None:
    admin = await service.sign_in("admin")
    totp = pyotp.TOTP((await admin.ask("POST", "/api/v1/auth/totp"))["secret"])
    right = totp.at(int(service.clock().timestamp()))
    await admin.ask("POST", "/api/v1/auth/totp/confirm", json={"code": right}, status=204)
    service.clock.forward(seconds=60)
    right = totp.at(int(service.clock().timestamp()))
    for login in ("admin", "13900000006"):
        nobody, body = await service.anonymous(), {"login": login, "password": DEMO_PASSWORD}
        for _ in range(8):
            wrong = f"{(int(right) + 1) % 10**6:06d}"
            await nobody.refused("POST", SIGN_IN, 401, "TOTP_INVALID", json={**body, "totp": wrong})
        await nobody.refused("POST", SIGN_IN, 429, "RATE_LIMITED", json={**body, "totp": right})
    failed = await admin.ask("GET", "/api/v1/admin/audits", params={"action": "auth.sign_in_failed"})
    assert [(row["actor"], row["data"]) for row in failed["items"]] == [("anonymous", {"factor": "totp"})] * 16


async def test_one_code_of_the_second_factor_opens_one_session(service: Service) -> None:
    admin = await service.sign_in("admin")
    totp = pyotp.TOTP((await admin.ask("POST", "/api/v1/auth/totp"))["secret"])
    await admin.ask("POST", "/api/v1/auth/totp/confirm", json={"code": totp.at(int(service.clock().timestamp()))}, status=204)
    service.clock.forward(seconds=60)
    body = {"login": "admin", "password": DEMO_PASSWORD, "totp": totp.at(int(service.clock().timestamp()))}
    callers = [await service.anonymous() for _ in range(4)]
    answers = await asyncio.gather(*(caller.raw("POST", SIGN_IN, json=body) for caller in callers))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_the_documented_password_opens_nothing_in_production(service: Service) -> None:
    """A database that was filled in development and then put into service still has the demo accounts."""
    service.context.settings.mode = "production"
    nobody = await service.anonymous()
    for login in ("admin", "zhangsan", "13900000006"):
        body = {"login": login, "password": DEMO_PASSWORD}
        await nobody.refused("POST", SIGN_IN, 401, "SIGN_IN_FAILED", json=body)
