"""The way in: codes, SMS, roles, consents, and everything that is refused in plain codes."""

import asyncio
from datetime import datetime, timedelta

import pytest

from server.settings import DEMO_INSURER, Settings
from server.talkscripts import service as talkscripts
from tests.support.core import Caller, capture, give_documents, person, proposal
from tests.support.session_room import script_data
from tests.support.session_service import Live, live_service

JOIN = "/api/v1/join"


async def created_session(live: Live) -> tuple[Caller, dict[str, str], str]:
    agent = await live.service.sign_in("zhangsan")
    created = await live.create(agent, await live.ready_case(agent))
    return agent, created["join_code"], created["session_id"]


async def wrong_sms_code(live: Live) -> str:
    """One that was sent to nobody."""
    return other_code(await live.sms_code()) if await live.messages("verification_code") else "000000"


def other_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_t2_only_the_audio_visual_mode_is_offered(live: Live) -> None:
    agent = await live.service.sign_in("zhangsan")
    path = f"/api/v1/cases/{await live.ready_case(agent)}/session"
    await agent.refused("POST", path, 422, "REQUEST_INVALID", json={"mode": "audio_and_photos"})
    await agent.ask("POST", path, json={"mode": "audio_visual"}, status=201)


async def test_t3_session_needs_complete_identity(live: Live) -> None:
    agent, core = await live.service.sign_in("zhangsan"), await live.service.core()
    await core.ask("POST", "/api/v1/proposals", json=proposal(), status=201)
    await give_documents(core, "P2026990001")
    case = await agent.ask("POST", "/api/v1/cases", json={"proposal_no": "P2026990001"}, status=201)
    path = f"/api/v1/cases/{case['id']}/session"
    missing = (await agent.refused("POST", path, 409, "IDENTITY_INCOMPLETE", json={}))["missing"]
    items = ["bank_card", "face", "id_back", "id_front"]
    assert [(one["name"], sorted(one["items"])) for one in missing] == [("王建国", items), ("李梅", items)]
    holder, insured = missing
    for kind in holder["items"]:
        await capture(agent, case["id"], holder["person_id"], kind)
    missing = (await agent.refused("POST", path, 409, "IDENTITY_INCOMPLETE", json={}))["missing"]
    assert [one["person_id"] for one in missing] == [insured["person_id"]]


async def test_t5_code_goes_out_by_sms_to_every_customer(live: Live) -> None:
    _, code, _ = await created_session(live)
    messages = await live.messages("session_invitation")
    assert len(messages) == 2
    assert all(code["code"] in m["text"] and f"/m/join?code={code['code']}" in m["text"] for m in messages)
    assert len(code["sms_sent_to"]) == 2


async def test_only_the_own_agent_creates_and_sees(live: Live) -> None:
    agent, _, session_id = await created_session(live)
    other = await live.service.sign_in("lisi")
    await other.refused("GET", f"/api/v1/sessions/{session_id}", 404, "CASE_NOT_FOUND")
    await other.refused("POST", f"/api/v1/sessions/{session_id}/code", 404, "CASE_NOT_FOUND")
    nobody = await live.service.anonymous()
    await nobody.refused("GET", f"/api/v1/sessions/{session_id}", 401, "SIGN_IN_REQUIRED")
    view = await agent.ask("GET", f"/api/v1/sessions/{session_id}")
    assert (view["phase"], view["join_code"]["is_active"]) == ("lobby", True)
    await agent.refused("GET", "/api/v1/sessions/ses_none", 404, "SESSION_NOT_FOUND")


async def test_join_shows_little(live: Live) -> None:
    _, code, _ = await created_session(live)
    phone = await live.service.anonymous()
    info = await phone.ask("POST", JOIN, json={"code": code["code"]})
    assert set(info) == {"insurer_name", "agent_name", "product_name", "expires_at", "phase"}
    assert info["insurer_name"] == live.service.context.settings.insurer_name == DEMO_INSURER


async def test_wrong_expired_and_used_up_codes(live: Live) -> None:
    agent, code, session_id = await created_session(live)
    phone = await live.service.anonymous()
    await phone.refused("POST", JOIN, 404, "JOIN_CODE_WRONG", json={"code": other_code(code["code"])})
    await agent.refused("POST", f"/api/v1/sessions/{session_id}/code", 429, "RESEND_TOO_SOON")
    live.forward(31)
    newer = await agent.ask("POST", f"/api/v1/sessions/{session_id}/code", status=200)
    assert newer["code"] != code["code"]
    await phone.refused("POST", JOIN, 410, "JOIN_CODE_USED_UP", json={"code": code["code"]})
    live.forward(30 * 60 + 1)
    await phone.refused("POST", JOIN, 410, "JOIN_CODE_EXPIRED", json={"code": newer["code"]})


@pytest.mark.parametrize("code", ["12345", "abcdef", "1234567", "", "١٢٣٤٥٦", None])
async def test_codes_that_are_none(live: Live, code: str | None) -> None:
    phone = await live.service.anonymous()
    await phone.refused("POST", JOIN, 422, "REQUEST_INVALID", json={"code": code})


async def test_attempts_are_limited_per_address(live: Live) -> None:
    _, code, _ = await created_session(live)
    phone = await live.service.anonymous()
    for number in range(15):
        await phone.refused(
            "POST", JOIN, 404, "JOIN_CODE_WRONG", json={"code": f"{(int(code['code']) + 7 + number) % 10**6:06d}"}
        )
    params = await phone.refused("POST", JOIN, 429, "JOIN_ATTEMPTS_LIMITED", json={"code": code["code"]})
    assert 0 < params["retry_after_s"] <= 600
    live.forward(601)
    await phone.ask("POST", JOIN, json={"code": code["code"]})


async def test_behind_a_proxy_of_ours_the_callers_address_counts(settings: Settings) -> None:
    """One who guesses turns nobody else away, and what he writes into the header himself makes no new address of him."""
    settings.trusted_proxies = ["127.0.0.1", "::1"]
    async with live_service(settings) as live:
        _, code, _ = await created_session(live)
        phone = await live.service.anonymous()
        for number in range(15):
            wrong = {"code": f"{(int(code['code']) + 7 + number) % 10**6:06d}"}
            headers = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.9"}
            await phone.refused("POST", JOIN, 404, "JOIN_CODE_WRONG", json=wrong, headers=headers)
        right = {"code": code["code"]}
        refused = {"X-Forwarded-For": "198.51.100.77, 203.0.113.9"}
        await phone.refused("POST", JOIN, 429, "JOIN_ATTEMPTS_LIMITED", json=right, headers=refused)
        await phone.ask("POST", JOIN, json=right, headers={"X-Forwarded-For": "203.0.113.10"})


async def test_the_agent_learns_that_somebody_with_the_code_is_turned_away(live: Live) -> None:
    """Not from what address, not for a code of nobody, and only as long as it lasts. Administrators see how many there are."""
    caller, code, session_id = await created_session(live)
    agent, admin, phone = await live.page(caller, session_id), await live.service.sign_in("admin"), await live.service.anonymous()
    for number in range(15):
        await phone.refused(
            "POST", JOIN, 404, "JOIN_CODE_WRONG", json={"code": f"{(int(code['code']) + 7 + number) % 10**6:06d}"}
        )
    assert await blocked(admin) == ("degraded", 1)
    wrong = await phone.refused(
        "POST", JOIN, 429, "JOIN_ATTEMPTS_LIMITED", json={"code": f"{(int(code['code']) + 5) % 10**6:06d}"}
    )
    assert agent.view["join_code"]["blocked_until"] is None, "that try cannot be tied to anybody"
    live.forward(60)
    right = await phone.refused(
        "POST", f"{JOIN}/sms", 429, "JOIN_ATTEMPTS_LIMITED", json={"code": code["code"], "phone_last4": "0001"}
    )
    assert set(right) == set(wrong) == {"retry_after_s"}, "the answer does not tell a right code from a wrong one"
    await agent.until(lambda p: p.view["join_code"]["blocked_until"])
    until = datetime.fromisoformat(str(agent.view["join_code"]["blocked_until"]))
    assert until - live.service.clock() == timedelta(seconds=600 - 60)
    told = [event for event in agent.events if event["type"] == "join_blocked"]
    assert [set(event["data"]) for event in told] == [{"until"}]
    await phone.refused("POST", JOIN, 429, "JOIN_ATTEMPTS_LIMITED", json={"code": code["code"]})
    await agent.ok("enter_room")
    assert len([event for event in agent.events if event["type"] == "join_blocked"]) == 1, "once, however often it is tried"
    live.forward(541)
    view = await caller.ask("GET", f"/api/v1/sessions/{session_id}")
    assert view["join_code"]["blocked_until"] is None
    assert await blocked(admin) == ("up", 0)
    seat = await live.seat_ticket(code["code"], "0001")
    customer = await live.page(await live.service.anonymous(), session_id, seat["ticket"])
    assert customer.view["join_code"] is None


async def blocked(admin: Caller) -> tuple[str, int]:
    items = (await admin.ask("GET", "/api/v1/admin/health"))["items"]
    found = next(item for item in items if item["name"] == "加入会话的尝试")
    return found["status"], found["data"]["addresses"]


async def test_many_guesses_at_once_count_like_many_in_a_row(live: Live) -> None:
    _, code, _ = await created_session(live)
    phone = await live.service.anonymous()

    async def guess(number: int) -> int:
        body = {"code": f"{(int(code['code']) + 7 + number) % 10**6:06d}"}
        return (await phone.raw("POST", JOIN, json=body)).status

    found = await asyncio.gather(*(guess(number) for number in range(60)))
    assert (found.count(404), found.count(429)) == (15, 45)


async def test_attempts_are_limited_per_code(live: Live) -> None:
    agent, code, session_id = await created_session(live)
    phone = await live.service.anonymous()
    body = {"code": code["code"], "phone_last4": "0001"}
    left: list[int] = []
    for number in range(19):
        if number % 5 == 0:  # each code by SMS has five tries
            live.forward(301)  # another address would do the same
            await phone.ask("POST", f"{JOIN}/sms", json=body)
        answer = await phone.raw("POST", f"{JOIN}/verify", json={**body, "sms_code": await wrong_sms_code(live)})
        left.append((await answer.json())["params"]["attempts_left"])
    assert left == [4, 3, 2, 1, 0] * 3 + [4, 3, 2, 1]
    await phone.refused("POST", f"{JOIN}/verify", 410, "JOIN_CODE_LOCKED", json={**body, "sms_code": await wrong_sms_code(live)})
    live.forward(301)
    assert await phone.refused("POST", JOIN, 410, "JOIN_CODE_LOCKED", json={"code": code["code"]}) == {}
    view = await agent.ask("GET", f"/api/v1/sessions/{session_id}")
    assert (view["join_code"]["is_active"], view["join_code"]["is_locked"]) == (False, True)
    newer = await agent.ask("POST", f"/api/v1/sessions/{session_id}/code", status=200)
    await phone.ask("POST", JOIN, json={"code": newer["code"]})
    view = await agent.ask("GET", f"/api/v1/sessions/{session_id}")
    assert (view["join_code"]["is_active"], view["join_code"]["is_locked"]) == (True, False)


@pytest.mark.parametrize("last4", ["0001", "9999"])
async def test_tries_are_counted_for_the_code_by_sms(live: Live, last4: str) -> None:
    """Each try tells what is left with this code; when nothing is, a new one is the way out. An unknown phone hears the same."""
    _, code, _ = await created_session(live)
    phone = await live.service.anonymous()
    body = {"code": code["code"], "phone_last4": last4}
    wrong = {**body, "sms_code": "000000"}
    await phone.refused("POST", f"{JOIN}/verify", 410, "JOIN_SMS_CODE_EXPIRED", json=wrong)  # none was sent yet
    await phone.ask("POST", f"{JOIN}/sms", json=body)
    wrong["sms_code"] = await wrong_sms_code(live)
    for left in (4, 3, 2, 1):
        params = await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_WRONG", json=wrong)
        assert params["attempts_left"] == left
    await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_USED_UP", json=wrong)
    await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_USED_UP", json=wrong)
    live.forward(61)
    await phone.ask("POST", f"{JOIN}/sms", json=body)
    assert (await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_WRONG", json=wrong))["attempts_left"] == 4
    live.forward(301)
    await phone.refused("POST", f"{JOIN}/verify", 410, "JOIN_SMS_CODE_EXPIRED", json=wrong)


async def test_tries_that_cannot_succeed_do_not_limit_the_address(live: Live) -> None:
    """A household shares one address: who types on at a dead code guesses nothing and must not shut the others out."""
    _, code, _ = await created_session(live)
    phone = await live.service.anonymous()
    body = {"code": code["code"], "phone_last4": "0001"}
    wrong = {**body, "sms_code": "000000"}
    for _ in range(6):
        await phone.refused("POST", f"{JOIN}/verify", 410, "JOIN_SMS_CODE_EXPIRED", json=wrong)
    await phone.ask("POST", f"{JOIN}/sms", json=body)
    wrong["sms_code"] = await wrong_sms_code(live)
    for _ in range(4):
        await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_WRONG", json=wrong)
    for _ in range(12):
        await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_USED_UP", json=wrong)
    await phone.ask("POST", JOIN, json={"code": code["code"]})


async def test_a_locked_join_code_does_not_limit_the_address(live: Live) -> None:
    agent, code, session_id = await created_session(live)
    phone = await live.service.anonymous()
    for number in range(20):  # a wrong phone counts for the code and for the address
        if number == 10:
            live.forward(601)
        answer = await phone.raw("POST", f"{JOIN}/sms", json={"code": code["code"], "phone_last4": "9999"})
        assert answer.status == 200
    for _ in range(16):
        await phone.refused("POST", JOIN, 410, "JOIN_CODE_LOCKED", json={"code": code["code"]})
    newer = await agent.ask("POST", f"/api/v1/sessions/{session_id}/code", status=200)
    await phone.ask("POST", JOIN, json={"code": newer["code"]})


async def test_unknown_phone_gets_the_same_answer_and_no_sms(live: Live) -> None:
    _, code, _ = await created_session(live)
    phone = await live.service.anonymous()
    known = await phone.ask("POST", f"{JOIN}/sms", json={"code": code["code"], "phone_last4": "0001"})
    unknown = await phone.ask("POST", f"{JOIN}/sms", json={"code": code["code"], "phone_last4": "9999"})
    assert known == unknown
    assert len(await live.messages("verification_code")) == 1
    body = {"code": code["code"], "phone_last4": "9999", "sms_code": await live.sms_code()}
    await phone.refused("POST", f"{JOIN}/verify", 403, "JOIN_SMS_CODE_WRONG", json=body)


async def test_full_width_digits_are_the_same_digits(live: Live) -> None:
    """A Chinese keyboard types them; each of the three codes is compared in plain form, and so is what is limited by code."""
    _, code, _ = await created_session(live)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    phone = await live.service.anonymous()
    assert await phone.ask("POST", JOIN, json={"code": code["code"].translate(wide)})
    body = {"code": code["code"].translate(wide), "phone_last4": "０００１"}
    await phone.ask("POST", f"{JOIN}/sms", json=body)
    body |= {"sms_code": (await live.sms_code()).translate(wide)}
    assert (await phone.ask("POST", f"{JOIN}/verify", json=body))["ticket"]


async def test_one_time_code_works_once(live: Live) -> None:
    _, code, _ = await created_session(live)
    await live.verify(code["code"], "0001")
    phone = await live.service.anonymous()
    body = {"code": code["code"], "phone_last4": "0001", "sms_code": await live.sms_code()}
    await phone.refused("POST", f"{JOIN}/verify", 410, "JOIN_SMS_CODE_EXPIRED", json=body)


async def test_roles_mine_foreign_taken_and_unknown(live: Live) -> None:
    _, code, _ = await created_session(live)
    first = await live.verify(code["code"], "0001")
    assert [(r["role"], r["state"]) for r in first["roles"]] == [("policyholder", "free"), ("insured", "foreign")]
    assert [r["name"] for r in first["roles"]] == ["王建国", "李*"]
    holder = await live.service.bearer(first["ticket"])
    mine, foreign = (r["role_id"] for r in first["roles"])
    await holder.refused("POST", f"{JOIN}/claim", 403, "ROLE_FOREIGN", json={"role_ids": [foreign]})
    await holder.refused("POST", f"{JOIN}/claim", 404, "ROLE_NOT_IN_CASE", json={"role_ids": ["guardian:x"]})
    await holder.refused("POST", f"{JOIN}/claim", 422, "REQUEST_INVALID", json={"role_ids": []})
    await holder.ask("POST", f"{JOIN}/claim", json={"role_ids": [mine]})
    second = await live.verify(code["code"], "0002")
    assert [r["state"] for r in second["roles"]] == ["taken", "free"]
    insured = await live.service.bearer(second["ticket"])
    await insured.refused("POST", f"{JOIN}/claim", 403, "ROLE_TAKEN", json={"role_ids": [mine]})


async def test_one_person_with_several_roles(live: Live) -> None:
    agent = await live.service.sign_in("zhangsan")
    both = [person("王建国", ["policyholder", "insured"], order=1, phone="13700000001")]
    created = await live.create(agent, await live.ready_case(agent, persons=both))
    seat = await live.seat_ticket(created["join_code"]["code"], "0001")
    assert seat["roles"] == ["policyholder", "insured"]


async def test_consents_are_separate_and_a_refusal_declines(live: Live) -> None:
    agent, code, session_id = await created_session(live)
    seat = await live.seat_ticket(code["code"], "0001", consent=False)
    assert {c["kind"] for c in seat["consents"]} == {"recording", "face_and_identity", "ai_voice"}
    holder = await live.service.bearer(seat["ticket"])
    body = {"recording": True, "face_and_identity": False, "ai_voice": True}
    result = await holder.ask("POST", f"{JOIN}/consents", json=body)
    assert result == {"granted": False, "phase": "declined"}
    assert (await agent.ask("GET", f"/api/v1/sessions/{session_id}"))["phase"] == "declined"
    phone = await live.service.anonymous()
    await phone.refused("POST", JOIN, 410, "JOIN_CODE_USED_UP", json={"code": code["code"]})


async def test_tickets_are_bound_to_their_purpose(live: Live) -> None:
    _, code, _ = await created_session(live)
    verified = await live.verify(code["code"], "0001")
    holder = await live.service.bearer(verified["ticket"])
    consents = {"recording": True, "face_and_identity": True, "ai_voice": True}
    await holder.refused("POST", f"{JOIN}/consents", 403, "TICKET_SCOPE", json=consents)
    forged = await live.service.bearer(verified["ticket"][:-4] + "AAAA")
    await forged.refused("POST", f"{JOIN}/claim", 401, "TICKET_INVALID", json={"role_ids": ["x"]})
    live.forward(16 * 60)
    await holder.refused("POST", f"{JOIN}/claim", 401, "TICKET_EXPIRED", json={"role_ids": ["x"]})


async def test_released_seat_makes_its_ticket_worthless(live: Live) -> None:
    caller, code, session_id = await created_session(live)
    seat = await live.seat_ticket(code["code"], "0001")
    page = await live.page(await live.service.anonymous(), session_id, seat["ticket"])
    agent = await live.page(caller, session_id)
    await agent.ok("release_seat", seat_id=seat["seat_id"])
    await page.until(lambda p: p.goodbye)
    again = await live.page(await live.service.anonymous(), session_id, seat["ticket"])
    assert again.goodbye is not None
    assert again.goodbye["code"] == "TICKET_INVALID"
    live.forward(61)
    right = await live.seat_ticket(code["code"], "0001")
    late = await live.page(await live.service.anonymous(), session_id, seat["ticket"])
    assert late.goodbye is not None, "somebody has the same roles again: the former ticket is not theirs"
    assert late.goodbye["code"] == "TICKET_INVALID"
    assert (await live.page(await live.service.anonymous(), session_id, right["ticket"])).goodbye is None


async def test_documents_open_with_the_seat_ticket_only(live: Live) -> None:
    _, code, session_id = await created_session(live)
    seat = await live.seat_ticket(code["code"], "0001")
    page = await live.page(await live.service.anonymous(), session_id, seat["ticket"])
    url = page.view["documents"][0]["url"]
    holder, agent = await live.service.bearer(seat["ticket"]), await live.service.sign_in("zhangsan")
    response = await agent.raw("GET", url)
    assert (response.status, response.content_type) == (200, "application/pdf")
    nobody = await live.service.anonymous()
    await nobody.refused("GET", url, 401, "SIGN_IN_REQUIRED")
    await holder.refused("GET", url, 409, "PHASE_WRONG")  # T3: nothing is read before the recording
    await holder.refused("GET", url, 409, "PHASE_WRONG", headers={"If-None-Match": response.headers["ETag"]})
    other = await live.seat_ticket(code["code"], "0002", consent=False)
    insured = await live.service.bearer(other["ticket"])
    await insured.refused("GET", url, 409, "CONSENT_MISSING")
    await (await live.page(agent, session_id)).ok("release_seat", seat_id=seat["seat_id"])
    await holder.refused("GET", url, 401, "TICKET_INVALID")


async def test_missing_merge_field_refuses_the_session(settings: Settings) -> None:
    async with live_service(settings) as live:
        agent = await live.service.sign_in("zhangsan")
        case_id = await live.ready_case(agent)
        content = script_data()
        content = {
            **content,
            "nodes": [*content["nodes"][:2], {**content["nodes"][2], "prompt": "{{waiting_period_days}}"}, *content["nodes"][3:]],
        }
        async with live.service.context.db.begin() as tx:
            added = await talkscripts.add_version(tx, live.service.context, "system:test", "standard-life", content, "test")
            await talkscripts.publish(tx, live.service.context, "system:test", "standard-life", added.version, None)
        params = await agent.refused("POST", f"/api/v1/cases/{case_id}/session", 409, "TALK_SCRIPT_FIELD_MISSING", json={})
        assert params["fields"][0]["detail"] == "waiting_period_days"
        assert (await agent.ask("GET", f"/api/v1/cases/{case_id}"))["state"] == "ready", "nothing half-written is left behind"
