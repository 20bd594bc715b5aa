"""The electronic callback through the real application: policy in, SMS, link, identity, answers, result."""

import asyncio
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from server.callbacks.tables import callback_events, callback_pages
from server.settings import DEMO_INSURER_PHONE
from tests.support.callbacks import BASE, STROKES, Customer, last_code, last_link, messages, passed_case, tick, whole_policy
from tests.support.core import Service

PHONE = "13700008888"


async def policy(service: Service, **changes: Any) -> dict[str, Any]:
    core = await service.core()
    accepted: dict[str, Any] = await core.ask("POST", "/api/v1/policies", json=whole_policy(service, **changes), status=201)
    return accepted


async def at_questions(service: Service) -> Customer:
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    await customer.prove_by_code()
    await customer.to_questions()
    return customer


async def test_what_is_kept_and_sent_is_what_the_customer_saw(service: Service) -> None:
    admin, books = await service.sign_in("admin"), "/api/v1/callback-rulebooks/S1/versions"
    data = (await admin.ask("GET", f"{books}/2"))["data"]
    data["answering"]["requires_notice"] = False
    today = service.clock.at.date().isoformat()
    await admin.ask("POST", books, json={"data": data, "effective_from": today, "note": "没有须知"}, status=201)
    customer = await at_questions(service)
    assert (await customer.step("begin"))["requires_tick"] is False
    async with service.context.db.read() as tx:
        kinds = {str(row.kind) for row in await tx.execute(sa.select(callback_pages.c.kind))}
    assert kinds == {"identity", "questionnaire"}, "a notice that was not shown is no evidence"
    senders = {text.partition("】")[0] for _, text in await messages(service.context, PHONE)}
    assert senders == {f"【{data['sms']['sender']}"}, "invitation and code name one sender, the insurer"


async def test_a_browser_that_names_itself_in_another_encoding_is_served(service: Service) -> None:
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    assert customer.link
    await customer.link.ask("POST", f"{BASE}/identity/code", status=200)
    body = f'{{"code": "{await last_code(service.context, PHONE)}"}}'.encode()
    head = [
        f"POST {BASE}/identity/code/check HTTP/1.1", "Host: x", f"Authorization: {customer.link.headers['Authorization']}",
        "Content-Type: application/json", f"Content-Length: {len(body)}", "User-Agent: ",
    ]  # fmt: skip
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.server.port)
        writer.write("\r\n".join(head).encode() + "微信 Browser/1.0".encode("gbk") + b"\r\n\r\n" + body)
        assert b" 200 " in await reader.readline()
        writer.close()
    async with service.context.db.read() as tx:
        device = await tx.scalar(sa.select(callback_pages.c.device))
    assert device is not None
    assert device.endswith("Browser/1.0")


async def test_from_the_policy_to_success(service: Service) -> None:
    accepted = await policy(service)
    assert (accepted["state"], accepted["rulebook"], accepted["has_recording"]) == ("open", "S1", False)
    [(template, text)] = await messages(service.context)
    assert template == "callback_invitation"
    assert "00001354407808088" in text
    assert "11月25日24时" in text, "three natural days after the day of the reminder"
    customer = Customer(service, PHONE)
    entry = await customer.open()
    assert entry["blocked"] is None
    assert (entry["method"], entry["phone_masked"], entry["policyholder_masked"]) == ("sms_code", "137****8888", "周**")
    assert entry["min_answer_seconds"] == 60
    assert (await customer.prove_by_code())["result"] == "passed"
    assert customer.pages
    waiting = await customer.pages.ask("GET", f"{BASE}/policies")
    (item,) = waiting["items"]
    assert (item["policy_no"], item["policy_status"]) == ("00001354407808088", "in_force")
    assert item["issued_on"] == service.context.now().astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    notice = await customer.step("begin")
    assert notice["notice"].startswith("尊敬的周云峰先生/女士")
    questions = await customer.step("notice", json={"is_confirmed": True})
    asked = {question["id"]: question["text"] for question in questions["questions"]}
    assert list(asked) == ["Q1", "Q2", "Q3", "Q6", "Q7a", "Q8a"], "no recording: no recording question"
    assert "缴费期限是5年，您需要每年缴纳保费20,000.00元" in asked["Q8a"]
    assert (questions["seconds_left"], questions["min_answer_seconds"]) == (60, 60)
    customer.asked = list(asked)
    step = await customer.answer()
    assert [line["answer"] for line in step["confirm"]["answers"]] == ["yes"] * 6
    await customer.refused("confirm", 409, "SIGNATURE_REQUIRED")
    result = await customer.finish()
    assert (result["outcome"], result["state"], result["next"]) == ("success", "success", [])
    waiting = await customer.pages.ask("GET", f"{BASE}/policies")
    assert waiting["items"] == [], "a finished policy leaves the list"
    async with service.context.db.read() as tx:
        kinds = [str(row.kind) for row in await tx.execute(sa.select(callback_pages.c.kind).order_by(callback_pages.c.at))]
        events = [str(r.kind) for r in await tx.execute(sa.select(callback_events.c.kind).order_by(callback_events.c.seq))]
    assert sorted(kinds) == ["confirm", "identity", "notice", "questionnaire", "result", "signature"]
    assert events == [
        "created", "sms_sent", "identity_passed", "notice_confirmed", "questionnaire_rendered", "answers_submitted",
        "signed", "succeeded",
    ]  # fmt: skip


async def test_too_fast_and_wrong_bodies_are_refused(service: Service) -> None:
    customer = await at_questions(service)
    answers = dict.fromkeys(customer.asked, "yes")
    service.clock.forward(seconds=59)
    params = await customer.refused("answers", 409, "ANSWERED_TOO_FAST", json={"answers": answers})
    assert (params["seconds_left"], params["min_seconds"], params["rule"]) == (1, 60, "S1.E11")
    service.clock.forward(seconds=1)
    params = await customer.refused("answers", 422, "ANSWERS_INCOMPLETE", json={"answers": {**answers, "Q99": "yes"}})
    assert params["unknown"] == ["Q99"]
    answers.pop("Q1")
    params = await customer.refused("answers", 422, "ANSWERS_INCOMPLETE", json={"answers": answers})
    assert params["missing"] == ["Q1"]
    for bad in ({"answers": {"Q1": "maybe"}}, {"answers": [], "remark": ""}, {}, {"answers": {}, "more": 1}):
        await customer.refused("answers", 422, "REQUEST_INVALID", json=bad)
    await customer.refused("answers", 422, "REMARK_TOO_LONG", json={"answers": {**answers, "Q1": "yes"}, "remark": "x"})
    await customer.refused("signature", 422, "ANSWERS_INCOMPLETE", json={"strokes": STROKES})
    await customer.refused("abort", 409, "ABORT_NOT_OFFERED")
    await customer.refused("confirm", 422, "ANSWERS_INCOMPLETE")


async def test_a_dot_is_no_signature_and_editing_drops_it(service: Service) -> None:
    customer = await at_questions(service)
    await customer.answer()
    await customer.refused("signature", 422, "SIGNATURE_EMPTY", json={"strokes": [[{"x": 0.5, "y": 0.5, "t": 0}]]})
    await customer.refused("signature", 422, "REQUEST_INVALID", json={"strokes": [[{"x": 1.5, "y": 0.5, "t": 0}]]})
    await customer.step("signature", json={"strokes": STROKES})
    view = await customer.step("edit")
    assert view["seconds_left"] == 0, "the clock runs from the first rendering"
    await customer.answer(wait=timedelta(0))
    await customer.refused("confirm", 409, "SIGNATURE_REQUIRED")
    assert (await customer.finish())["outcome"] == "success"


async def test_one_no_goes_to_the_phone_desk_and_never_back(service: Service) -> None:
    customer = await at_questions(service)
    await customer.answer(Q6="no")
    result = await customer.finish()
    assert (result["outcome"], result["state"], result["desk_phone"]) == ("phone", "problem", DEMO_INSURER_PHONE)
    entry = await Customer(service, PHONE).open()
    assert (entry["blocked"]["code"], entry["blocked"]["phone"]) == ("PROBLEM_BY_PHONE_ONLY", DEMO_INSURER_PHONE)
    again = Customer(service, PHONE)
    await again.open()
    assert again.link
    await again.link.refused("POST", f"{BASE}/identity/code", 409, "PROBLEM_BY_PHONE_ONLY")


async def test_a_wrong_code_counts_and_five_lock_the_day(service: Service) -> None:
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    assert customer.link
    for left in (4, 3, 2, 1):
        result = await customer.link.ask("POST", f"{BASE}/identity/code/check", json={"code": "000000"}, status=200)
        assert (result["result"], result["tries_left"], result["ticket"]) == ("failed", left, None)
    result = await customer.link.ask("POST", f"{BASE}/identity/code/check", json={"code": "000000"}, status=200)
    assert (result["result"], result["tries_left"]) == ("locked", 0)
    params = await customer.link.refused("POST", f"{BASE}/identity/code", 409, "IDENTITY_LOCKED")
    assert params["until"] == "2026-11-23T00:00:00+08:00"
    assert (await customer.open())["blocked"]["code"] == "IDENTITY_LOCKED"
    await tick(service, hours=14)
    assert (await customer.open())["blocked"] is None, "a new day"
    assert (await customer.prove_by_code())["result"] == "passed"
    for bad in ({"code": "12345"}, {"code": 123456}, {"code": "123456", "phone": PHONE}, {}):
        await customer.link.refused("POST", f"{BASE}/identity/code/check", 422, "REQUEST_INVALID", json=bad)


async def test_a_code_that_went_to_a_former_phone_proves_nothing(service: Service) -> None:
    accepted, core = await policy(service), await service.core()
    customer = Customer(service, PHONE)
    await customer.open()
    assert customer.link
    await customer.link.ask("POST", f"{BASE}/identity/code", status=200)
    former = {"code": await last_code(service.context, PHONE)}
    change = {"kind": "change", "event_no": "E-chg-1", "happened_at": service.clock.at.isoformat(), "phone": "13600001111"}
    await core.ask("POST", f"/api/v1/policies/{accepted['policy_no']}/events", json=change, status=201)
    assert (await customer.link.ask("POST", f"{BASE}/identity/code/check", json=former, status=200))["result"] == "failed"
    await customer.link.ask("POST", f"{BASE}/identity/code", status=200)
    new = {"code": await last_code(service.context, "13600001111")}
    assert (await customer.link.ask("POST", f"{BASE}/identity/code/check", json=new, status=200))["result"] == "passed"


async def test_failures_count_for_the_customer_not_for_one_policy(service: Service) -> None:
    await policy(service)
    first = await last_link(service.context, PHONE)
    await policy(service, policy_no="00001354407809999")
    for key, tries in ((first, 2), (None, 3)):
        customer = Customer(service, PHONE)
        await customer.open(key)
        assert customer.link
        for _ in range(tries):
            result = await customer.link.ask("POST", f"{BASE}/identity/code/check", json={"code": "000000"}, status=200)
    assert (result["result"], result["tries_left"]) == ("locked", 0)
    assert (await Customer(service, PHONE).open(first))["blocked"]["code"] == "IDENTITY_LOCKED"
    await policy(service, policy_no="00001354407807777")
    new = Customer(service, PHONE)
    assert (await new.open())["blocked"]["code"] == "IDENTITY_LOCKED", "a policy of the same day is no way around the lock"
    await tick(service, hours=14)
    assert (await new.open())["blocked"] is None


async def test_a_pass_takes_no_failure_of_the_day_away(service: Service) -> None:
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    assert customer.link
    for _ in range(4):
        await customer.link.ask("POST", f"{BASE}/identity/code/check", json={"code": "000000"}, status=200)
    assert (await customer.prove_by_code())["result"] == "passed"
    again = Customer(service, PHONE)
    assert (await again.open())["tries_left"] == 1
    assert again.link
    result = await again.link.ask("POST", f"{BASE}/identity/code/check", json={"code": "000000"}, status=200)
    assert (result["result"], result["tries_left"]) == ("locked", 0)


async def test_leaving_keeps_no_draft_and_asks_identity_again(service: Service) -> None:
    customer = await at_questions(service)
    service.clock.forward(seconds=61)
    await customer.step("answers", json={"answers": dict.fromkeys(customer.asked, "yes")})
    assert customer.pages
    await customer.pages.ask("POST", f"{BASE}/leave", status=204)
    await customer.refused("begin", 401, "IDENTITY_REQUIRED")
    await customer.open()
    await customer.prove_by_code()
    view = await customer.to_questions()
    assert view["seconds_left"] == 60, "the minimum time begins again"
    await customer.refused("confirm", 422, "ANSWERS_INCOMPLETE")


async def test_a_second_visit_ends_the_first(service: Service) -> None:
    first = await at_questions(service)
    second = Customer(service, PHONE)
    service.clock.forward(minutes=2)
    await second.open()
    await second.prove_by_code()
    await first.refused("answers", 401, "IDENTITY_REQUIRED", json={"answers": {}})
    await second.to_questions()
    await second.answer()
    assert (await second.finish())["outcome"] == "success"


async def test_idle_for_half_an_hour_counts_as_leaving(service: Service) -> None:
    customer = await at_questions(service)
    await tick(service, minutes=31)
    await customer.refused("answers", 401, "IDENTITY_REQUIRED", json={"answers": {}})


async def test_several_policies_in_one_visit(service: Service) -> None:
    first = await policy(service)
    second = await policy(service, policy_no="00001354407809999")
    customer = Customer(service, PHONE)
    await customer.open(await last_link(service.context, PHONE))
    await customer.prove_by_code()
    assert customer.callback_id == second["callback_id"]
    await customer.to_questions()
    await customer.answer()
    result = await customer.finish()
    assert [item["callback_id"] for item in result["next"]] == [first["callback_id"]]
    await customer.to_questions(first["callback_id"])
    await customer.answer(first["callback_id"])
    assert (await customer.finish(first["callback_id"]))["outcome"] == "success"


async def test_a_customer_reaches_nobody_elses_policy(service: Service) -> None:
    await policy(service)
    birth_on = whole_policy(service)["policyholder"]["birth_on"]
    other = {"name": "钱二", "birth_on": birth_on, "cert_type": "passport", "cert_no": "E99999999", "phone": "13700007777"}
    foreign = await policy(service, policy_no="00001354407800001", policyholder=other)
    customer = Customer(service, PHONE)
    await customer.open()
    await customer.prove_by_code()
    assert customer.pages
    await customer.pages.refused("POST", f"{BASE}/policies/{foreign['callback_id']}/begin", 404, "CALLBACK_NOT_FOUND")
    await customer.pages.refused("GET", BASE, 403, "TICKET_SCOPE")
    assert customer.link
    await customer.link.refused("GET", f"{BASE}/policies", 403, "TICKET_SCOPE")
    await customer.link.refused("POST", f"{BASE}/policies/{customer.callback_id}/confirm", 403, "TICKET_SCOPE")
    anonymous = await service.anonymous()
    await anonymous.refused("GET", BASE, 401, "SIGN_IN_REQUIRED")
    await anonymous.refused("POST", "/api/v1/customer/tickets", 401, "LINK_INVALID", json={"key": "x" * 22})


async def test_links_expire_are_replaced_and_open_nothing_after_the_end(service: Service) -> None:
    await policy(service)
    key = await last_link(service.context, PHONE)
    customer = Customer(service, PHONE)
    await customer.open(key)
    await customer.prove_by_code()
    await customer.to_questions()
    await customer.answer()
    await customer.finish()
    entry = await customer.open(key)
    assert (entry["state"], entry["blocked"]["code"]) == ("success", "CALLBACK_FINISHED"), "a used link shows that all is done"
    assert customer.link
    await customer.link.refused("POST", f"{BASE}/identity/code", 409, "CALLBACK_FINISHED")
    service.clock.forward(days=4, seconds=1)
    anonymous = await service.anonymous()
    await anonymous.refused("POST", "/api/v1/customer/tickets", 401, "LINK_EXPIRED", json={"key": key})


async def test_the_window_ends_on_the_fourth_day(service: Service) -> None:
    await policy(service)
    customer = Customer(service, PHONE)
    await tick(service, days=3, hours=13, minutes=59)  # 25 November, 23:59
    assert (await customer.open())["blocked"] is None
    await tick(service, minutes=2)
    entry = await customer.open()
    assert (entry["state"], entry["blocked"]["code"]) == ("phone", "WINDOW_ENDED")


@pytest.mark.parametrize("verdicts", [{}, {3: "negative"}])
async def test_a_contradiction_with_the_recording_makes_a_problem(service: Service, verdicts: dict[int, str]) -> None:
    """The policyholder said no to a subject in the recording and says yes now: a contradiction, overridden or not."""
    from server.callbacks.recorded import said_by_subject
    from server.domain.callback.comparison import contradiction
    from server.domain.callback.questionnaire import AskedQuestion

    made = await passed_case(service, verdicts=verdicts)
    async with service.context.db.read() as tx:
        said = await said_by_subject(tx, service.context, made.case_id)
    assert {"recording", "cooling_off", "payment", "dividend", "terms", "own_signature"} <= set(said)
    assert said["terms"].kind == "documents"
    assert said["cooling_off"].t_ms is not None
    overridden = [s for s in said.values() if s.override_verdict is not None]
    assert bool(overridden) == bool(verdicts)
    for then in overridden:
        question = AskedQuestion("Q", "?", "yes", "any", ())
        assert contradiction(question, "no", then) == "no_after_override"
        assert contradiction(question, "yes", then) == "yes_after_negative", "an override erases no recorded no"


async def test_who_aborts_is_told_so_and_not_that_a_deadline_is_over(service: Service) -> None:
    service.context.settings.callback_rulebook = "default"
    await policy(service)
    customer = Customer(service, PHONE)
    await customer.open()
    assert (await customer.prove_by_code())["result"] == "passed"
    await customer.step("begin")
    await customer.step("notice", json={"is_confirmed": True})
    result = await customer.step("abort")
    assert (result["outcome"], result["state"]) == ("aborted", "phone")
    assert (await customer.open())["blocked"]["code"] == "ABORTED_TO_PHONE"
