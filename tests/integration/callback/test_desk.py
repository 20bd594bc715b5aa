"""The callback desk over HTTP: the work list, phone results in desk hours, a problem case to its end, misconduct, rights."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.callbacks.tables import callback_samples
from tests.support.callbacks import Customer, tick, whole_policy
from tests.support.core import Caller, Service, jpeg

PHONE = "13700008888"


async def problem_case(service: Service) -> str:
    """A callback whose customer answered one question with no, on a Monday at ten."""
    service.clock.forward(days=1)
    core = await service.core()
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    customer = Customer(service, PHONE)
    await customer.open()
    await customer.prove_by_code()
    await customer.to_questions()
    await customer.answer(Q1="no")
    await customer.finish()
    return customer.callback_id


def command(callback_id: str) -> str:
    return f"/api/v1/callbacks/{callback_id}/commands"


async def send(operator: Caller, callback_id: str, **body: Any) -> dict[str, Any]:
    view: dict[str, Any] = await operator.ask("POST", command(callback_id), json=body, status=200)
    return view


async def scan(operator: Caller, callback_id: str, purpose: str) -> dict[str, Any]:
    """Upload the scan of a signed paper."""
    path, params = f"/api/v1/callbacks/{callback_id}/scans", {"purpose": purpose}
    headers = {"Content-Type": "image/jpeg"}
    kept: dict[str, Any] = await operator.ask("POST", path, params=params, data=jpeg(900, 1200), headers=headers, status=201)
    return kept


async def staff_id(service: Service, login: str) -> str:
    return str((await (await service.sign_in(login)).ask("GET", "/api/v1/auth/me"))["id"])


def all_yes(view: dict[str, Any]) -> dict[str, str]:
    return {question["id"]: question["expected"] for question in view["questions"]}


async def test_a_no_becomes_a_success_by_phone(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    page = await operator.ask("GET", "/api/v1/callbacks")
    [row] = page["items"]
    assert (row["id"], row["state"], row["task"], row["why"], row["rule"]) == (
        callback_id, "problem", "phone_call", "problem_found", "S1.E14",
    )  # fmt: skip
    assert (row["policyholder_name"], row["phone_masked"]) == ("周云峰", "137****8888")
    view = await operator.ask("GET", f"/api/v1/callbacks/{callback_id}")
    assert view["policy"]["phone"] == PHONE
    assert [q["id"] for q in view["questions"] if q["is_unexpected"]] == ["Q1"]
    assert {"phone_result", "classify", "close"} <= set(view["allowed"])
    assert view["desk"]["is_open"] is True
    wrong = {"command": "phone_result", "result": "success", "answers": {**all_yes(view), "Q1": "no"}}
    await operator.refused("POST", command(callback_id), 422, "ANSWERS_NOT_EXPECTED", json=wrong)
    view = await send(operator, callback_id, command="phone_result", result="success", answers=all_yes(view), note="已解释")
    assert (view["state"], view["result"], view["channel"], view["allowed"]) == ("success", "success", "phone", [])
    assert all(task["status"] != "open" for task in view["tasks"])
    assert view["is_history_intact"] is True
    await operator.refused(
        "POST", command(callback_id), 409, "CALLBACK_FINISHED", json={"command": "close", "reason": "再来一次"}
    )
    page = await operator.ask("GET", "/api/v1/callbacks", params={"view": "finished"})
    assert (page["counts"]["todo"], page["counts"]["finished"]) == (0, 1)


async def test_a_call_that_ends_early_keeps_what_was_said(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    view = await operator.ask("GET", f"/api/v1/callbacks/{callback_id}")
    first, second = (question["id"] for question in view["questions"][:2])
    said = {first: "yes", second: "no"}
    view = await send(operator, callback_id, command="phone_result", result="problem", answers=said, note="说到第二题就不愿再答")
    assert {q["id"]: q["answer"] for q in view["questions"] if q["answer"]} == said
    assert [q["id"] for q in view["questions"] if q["is_unexpected"]] == [second]
    [found] = [entry for entry in view["history"] if entry["data"].get("channel") == "phone"]
    assert found["data"]["unexpected"] == [second], "a question that nobody asked is no unexpected answer"


async def test_calls_are_made_in_desk_hours_only(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    service.clock.forward(hours=9)
    body = {"command": "phone_result", "result": "no_answer"}
    params = await operator.refused("POST", command(callback_id), 409, "DESK_CLOSED", json=body)
    assert params["opens_at"].startswith("2026-11-24T09:00")
    view = await operator.ask("GET", f"/api/v1/callbacks/{callback_id}")
    answers = all_yes(view)
    inbound = {"command": "phone_result", "result": "success", "answers": answers, "from_phone": "13911112222"}
    await operator.refused("POST", command(callback_id), 409, "PHONE_NOT_REGISTERED", json=inbound)
    inbound["from_phone"] = PHONE
    await operator.refused("POST", command(callback_id), 409, "DESK_CLOSED", json=inbound)
    service.clock.forward(hours=14)
    operator = await service.sign_in("sunqi")
    await operator.refused("POST", command(callback_id), 422, "RESULT_UNKNOWN", json={**inbound, "result": "wrong_number"})
    view = await send(operator, callback_id, **inbound)
    assert (view["state"], view["channel"]) == ("success", "inbound")
    assert "来电 137****8888" in view["history"][-1]["detail"], "the number that the telephone showed is kept"


async def test_a_problem_case_step_by_step_to_its_end(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    view = await send(operator, callback_id, command="classify", category="misconduct", note="收取现金")
    assert (view["verification"], view["problem_category"]) == ("explanation", "misconduct")
    await operator.refused(
        "POST", command(callback_id), 409, "NO_VERIFICATION_PENDING", json={"command": "verify_call", "is_confirmed": True}
    )
    answers = {"command": "phone_result", "result": "success", "answers": all_yes(view)}
    await operator.refused("POST", command(callback_id), 409, "EXPLANATION_PENDING", json=answers)
    view = await send(operator, callback_id, command="phone_result", result="wrong_number")
    assert not {"explained", "verify_call"} & set(view["allowed"]), "nobody is called before there is a number"
    explained = {"command": "explained", "needs_visit": True}
    await operator.refused("POST", command(callback_id), 409, "NUMBER_NOT_CONFIRMED", json=explained)
    await send(operator, callback_id, command="number_confirmed", phone=None)
    view = await send(operator, callback_id, **explained)
    visitors = (await operator.ask("GET", "/api/v1/callback-visitors"))["items"]
    assert {"孙琪", "何规"} <= {item["name"] for item in visitors}
    assert not {"张三", "李思", "王武"} & {item["name"] for item in visitors}, "sales staff never visit"
    form = {"command": "visit_form_returned", "signed_by_policyholder": True, "visitor_id": visitors[0]["id"]}
    await operator.refused("POST", command(callback_id), 422, "SCAN_REQUIRED", json=form)
    wrong = await scan(operator, callback_id, "letter")
    await operator.refused("POST", command(callback_id), 422, "SCAN_REQUIRED", json={**form, "scan_id": wrong["id"]})
    form["scan_id"] = (await scan(operator, callback_id, "explanation"))["id"]
    seller = await staff_id(service, "zhangsan")
    await operator.refused("POST", command(callback_id), 409, "VISIT_BY_SALES_STAFF", json={**form, "visitor_id": seller})
    await operator.refused("POST", command(callback_id), 422, "VISITOR_UNKNOWN", json={**form, "visitor_id": "usr_nobody"})
    unsigned = {**form, "signed_by_policyholder": False}
    await operator.refused("POST", command(callback_id), 409, "SIGNATURE_REQUIRED", json=unsigned)
    view = await send(operator, callback_id, **form)
    returned = next(event for event in view["history"] if event["kind"] == "visit_form_returned")
    assert returned["data"] == {"visitor_id": form["visitor_id"], "scan_id": form["scan_id"], "next": "verify_call"}
    assert (view["verification"], view["signed_paper"]) == ("verify_call", "visit_form")
    asked = {"command": "verify_call", "is_confirmed": True}
    await operator.refused("POST", command(callback_id), 422, "SIGNATURE_ANSWER", json=asked)
    view = await send(operator, callback_id, **asked, is_signature_genuine=True)
    assert (view["state"], view["channel"]) == ("success", "phone")
    assert {t["kind"]: t["status"] for t in view["tasks"]}["verify_call"] == "done", "what was carried out is not cancelled"
    reports = await operator.ask("GET", "/api/v1/callback-tasks", params={"kind": "compliance_report"})
    assert reports["total"] == 1, "misconduct is followed up although the customer is content"
    compliance = await service.sign_in("hegui")
    done = f"/api/v1/callback-tasks/{reports['items'][0]['id']}/done"
    assert (await compliance.ask("POST", done, json={"note": "已立案"}, status=200))["status"] == "done"
    await compliance.refused("POST", done, 409, "TASK_NOT_OPEN", json={"note": "再次"})


async def test_nobody_answers_until_the_plan_is_used_up(service: Service) -> None:
    service.clock.forward(days=1)
    core = await service.core()
    accepted = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    operator = await service.sign_in("sunqi")
    body = {"command": "phone_result", "result": "no_answer"}
    await operator.refused("POST", command(accepted["callback_id"]), 409, "NOT_WITH_PHONE_DESK", json=body)
    await tick(service, days=4)
    operator = await service.sign_in("sunqi")
    page = await operator.ask("GET", "/api/v1/callbacks")
    assert [(row["state"], row["task"], row["rule"]) for row in page["items"]] == [("phone", "phone_call", "S1.E5")]
    states = []
    for _ in range(4):
        view = await send(operator, accepted["callback_id"], **body)
        states.append(view["state"])
        if view["next_call_at"]:
            assert view["can_call_from"] == view["next_call_at"], "the plan holds the next call up until then"
            assert view["call_results"]["outbound"] == []
            service.clock.at = max(service.clock.at, datetime.fromisoformat(view["next_call_at"])) + timedelta(minutes=1)
            operator = await service.sign_in("sunqi")
            [row] = (await operator.ask("GET", "/api/v1/callbacks"))["items"]
            assert datetime.fromisoformat(row["due_at"]) == datetime.fromisoformat(view["next_call_at"])
            late = datetime.fromisoformat(row["late_at"]) - datetime.fromisoformat(row["due_at"])
            assert (late >= timedelta(hours=24), row["is_overdue"]) == (True, False), "a call is due from a moment on, not by it"
            assert (await operator.ask("GET", f"/api/v1/callbacks/{row['id']}"))["can_call_from"] is None
    assert states == ["phone", "phone", "phone", "letter"]
    assert view["phone_attempts"] == 4
    [row] = (await operator.ask("GET", "/api/v1/callbacks"))["items"]
    assert (row["task"], row["rule"]) == ("letter", "S1.E17"), "who writes the letter sees it"
    paper = {"command": "letter_result", "reached": True, "signed_by_policyholder": True, "answers": all_yes(view)}
    await operator.refused("POST", command(row["id"]), 422, "SCAN_REQUIRED", json=paper)
    paper["scan_id"] = (await scan(operator, row["id"], "letter"))["id"]
    view = await send(operator, row["id"], **paper)
    assert (view["state"], view["channel"]) == ("success", "letter")
    assert {task["kind"]: task["status"] for task in view["tasks"]}["letter"] == "done"


async def test_a_customer_whom_the_phone_does_not_reach_stays_on_the_work_list(service: Service) -> None:
    service.context.settings.callback_rulebook = "S0"
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    callback_id = (await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201))["callback_id"]
    view: dict[str, Any] = {}
    for result, task in (("refused", "choose_channel"), ("wrong_number", "confirm_number"), ("refused", "choose_channel")):
        if any(item["status"] == "open" and item["kind"] == "confirm_number" for item in view.get("tasks", ())):
            await send(operator, callback_id, command="number_confirmed", phone="13655556666")  # a wrong number is not called
        view = await send(operator, callback_id, command="phone_result", result=result)
        assert view["state"] == "phone_failed"
        page = await operator.ask("GET", "/api/v1/callbacks", params={"task": task})
        assert [(row["id"], row["task"]) for row in page["items"]] == [(callback_id, task)]
        assert [item["kind"] for item in view["tasks"] if item["status"] == "open"] == [task]
    [waiting] = [item for item in view["tasks"] if item["status"] == "open"]
    path = f"/api/v1/callback-tasks/{waiting['id']}/done"
    await operator.refused("POST", path, 409, "TASK_BY_COMMAND", json={"note": "以后再说"})
    view = await send(operator, callback_id, command="assign", channel="letter")
    assert [item["kind"] for item in view["tasks"] if item["status"] == "open"] == ["letter"]
    view = await send(operator, callback_id, command="letter_result", reached=False, signed_by_policyholder=False)
    assert (view["state"], view["history"][-1]["detail"]) == ("closed", "信函没有联系到客户")
    async with service.context.db.read() as tx:
        drawn = [str(row.callback_id) for row in await tx.execute(sa.select(callback_samples.c.callback_id))]
    assert drawn == [callback_id], "what staff ended without the customer's answers is drawn as well"


async def test_who_may_see_and_do_what(service: Service) -> None:
    callback_id = await problem_case(service)
    close = {"command": "close", "reason": "犹豫期退保"}
    for login in ("zhangsan", "lisi"):
        agent = await service.sign_in(login)
        await agent.refused("GET", "/api/v1/callbacks", 403, "FORBIDDEN")
        await agent.refused("GET", f"/api/v1/callbacks/{callback_id}", 403, "FORBIDDEN")
    for login in ("zhaoliu", "admin", "hegui"):
        reader = await service.sign_in(login)
        assert (await reader.ask("GET", f"/api/v1/callbacks/{callback_id}"))["allowed"] == []
        await reader.refused("POST", command(callback_id), 403, "FORBIDDEN", json=close)
    operator = await service.sign_in("sunqi")
    await operator.refused("GET", "/api/v1/callbacks/cb_nothing", 404, "CALLBACK_NOT_FOUND")
    for bad in ({}, {"command": "dance"}, {"command": "close"}, {**close, "more": 1}, {"command": "phone_result", "result": "x"}):
        await operator.refused("POST", command(callback_id), 422, "REQUEST_INVALID", json=bad)
    for q, total in (("00001354407808088", 1), ("0780", 1), ("周云峰", 1), (PHONE, 1), ("e12345678", 1), ("周", 0), ("%", 0)):
        page = await operator.ask("GET", "/api/v1/callbacks", params={"q": q, "view": "all"})
        assert page["total"] == total, q
    view = await send(operator, callback_id, **close)
    assert view["state"] == "closed"


async def test_another_classification_ends_the_tasks_of_the_former(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    await send(operator, callback_id, command="classify", category="misconduct")
    view = await send(operator, callback_id, command="classify", category="signature_missing")
    open_now = {task["kind"] for task in view["tasks"] if task["status"] == "open"}
    assert open_now == {"phone_call", "re_signature"}
    assert {task["status"] for task in view["tasks"] if task["kind"] == "explanation"} == {"cancelled"}
