"""Grace periods, surrenders, claims, changes from the core system; number lists; phone warnings; results sent out."""

import contextlib
import io
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pypdfium2

from server.callbacks.phone_checks import check_due
from server.webhooks.delivery import deliver_due
from tests.integration.callback.test_desk import command, send
from tests.support.callbacks import last_link, messages, tick, whole_policy
from tests.support.core import Caller, Service, jpeg, person, proposal
from tests.support.receiver import receiving

NO = "00001354407808088"
EVENTS = f"/api/v1/policies/{NO}/events"
CALLS = "/api/v1/service-calls"
PHONE = "13700008888"
"""Of the policy in `whole_policy`."""
BRIEF = {"policyholder_name": "陈桂兰", "phone": "13711112222", "product_name": "福满堂养老年金", "org_code": "110101"}


def grace(service: Service, number: str = "E-grace-1", days: int = 60, **changes: Any) -> dict[str, Any]:
    today = service.clock.at.date()
    return {
        "kind": "grace",
        "event_no": number,
        "premium_due_on": (today - timedelta(days=60 - days)).isoformat() if days < 60 else today.isoformat(),
        "grace_ends_on": (today + timedelta(days=days)).isoformat(),
        "premium_fen": 323_300,
        "policy": BRIEF,
        **changes,
    }


def payout(service: Service, kind: str = "claim", fen: int = 100_000, number: str = "E-pay-1", **changes: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "event_no": number,
        "paid_at": service.clock.at.isoformat(),
        "amount_fen": fen,
        "policy": BRIEF,
        **changes,
    }


async def work(operator: Caller, view: str = "todo") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await operator.ask("GET", CALLS, params={"view": view}))["items"]
    return items


async def test_a_grace_period_is_called_about_before_and_after_its_end(service: Service) -> None:
    service.clock.forward(days=1)  # Monday, ten in the morning
    core = await service.core()
    body = grace(service)
    taken = await core.ask("POST", EVENTS, json=body, status=201)
    assert [call["kind"] for call in taken["calls"]] == ["grace_reminder", "lapse_followup"]
    assert [call["rule"] for call in taken["calls"]] == ["S3.A11.2", "S3.A11.2"]
    assert (await core.ask("POST", EVENTS, json=body, status=200)) == {**taken, "is_new": False}
    await core.refused("POST", EVENTS, 409, "EVENT_CONFLICT", json={**body, "premium_fen": 1})
    operator = await service.sign_in("sunqi")
    [row] = await work(operator)
    assert (row["kind"], row["policyholder_name"], row["phone_masked"]) == ("grace_reminder", "陈桂兰", "137****2222")
    assert [item["kind"] for item in await work(operator, "waiting")] == ["lapse_followup"]
    view = await operator.ask("GET", f"{CALLS}/{row['id']}")
    ends = datetime.fromisoformat(body["grace_ends_on"])
    assert f"宽限期到{ends.year}年{ends.month}月{ends.day}日为止" in view["notice"]
    assert "3,233.00元" in view["notice"]
    result = f"{CALLS}/{row['id']}/result"
    await operator.refused("POST", result, 422, "ANSWERS_INCOMPLETE", json={"result": "reached", "answers": {"G1": "yes"}})
    answers = {"G1": "yes", "G2": "yes", "G3": "no"}
    view = await operator.ask("POST", result, json={"result": "reached", "answers": answers, "note": "明天交"}, status=200)
    assert (view["status"], view["findings"], view["allowed"]) == ("done", [], [])
    await operator.refused("POST", result, 409, "SERVICE_CALL_NOT_OPEN", json={"result": "no_answer"})
    [later] = await work(operator, "waiting")
    await operator.refused("POST", f"{CALLS}/{later['id']}/result", 409, "NOT_YET", json={"result": "no_answer"})
    service.clock.at = datetime.fromisoformat(later["not_before"]) + timedelta(minutes=5)
    operator = await service.sign_in("sunqi")
    assert [item["id"] for item in await work(operator)] == [later["id"]]
    told = {"L1": "交给业务员了", "L2": "yes", "L3": "yes", "L4": "yes"}
    view = await operator.ask("POST", f"{CALLS}/{later['id']}/result", json={"result": "reached", "answers": told}, status=200)
    assert view["findings"] == ["premium_embezzled"]
    reports = await operator.ask("GET", "/api/v1/callback-tasks", params={"kind": "compliance_report"})
    [report] = reports["items"]
    assert (report["policy_no"], report["callback_id"], report["rule"]) == (NO, None, "S3.A16")
    assert report["detail"] == "服务回访：客户称保险费已经交给销售人员", "words, no name of a finding"
    answer_by = datetime.fromisoformat(report["due_at"])
    assert answer_by >= service.clock.at + timedelta(hours=24), "the rulebook's time, as a callback's report has it"
    assert not report["is_overdue"]


async def test_a_paid_premium_ends_the_calls_and_a_late_notice_is_overdue(service: Service) -> None:
    service.clock.forward(days=1)
    core = await service.core()
    body = grace(service, days=10)
    taken = await core.ask("POST", EVENTS, json=body, status=201)
    assert taken["calls"][0]["is_late"] is True
    operator = await service.sign_in("sunqi")
    assert (await work(operator))[0]["is_overdue"] is True
    other = {"kind": "premium", "event_no": "E-paid-0", "premium_due_on": "2020-01-01", "paid_at": service.clock.at.isoformat()}
    assert (await core.ask("POST", EVENTS, json=other, status=201))["cancelled_calls"] == 0
    paid = {**other, "event_no": "E-paid-1", "premium_due_on": body["premium_due_on"]}
    assert (await core.ask("POST", EVENTS, json=paid, status=201))["cancelled_calls"] == 2
    assert await work(operator) == []
    assert {item["status"] for item in await work(operator, "finished")} == {"cancelled"}
    faults = await core.refused(
        "POST", EVENTS, 422, "EVENT_INVALID", json=grace(service, "E-bad", grace_ends_on=body["premium_due_on"])
    )
    assert faults["fields"] == [{"path": "grace_ends_on", "code": "BEFORE_DUE_DATE"}]


async def test_one_grace_period_is_called_about_once_and_never_after_it_was_paid(service: Service) -> None:
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    body = grace(service)
    first = await core.ask("POST", EVENTS, json=body, status=201)
    again = await core.ask("POST", EVENTS, json={**body, "event_no": "E-grace-2"}, status=201)
    assert [call["id"] for call in again["calls"]] == [call["id"] for call in first["calls"]]
    paid = {"kind": "premium", "event_no": "E-paid-1", "paid_at": service.clock.at.isoformat()}
    await core.ask("POST", EVENTS, json={**paid, "premium_due_on": body["premium_due_on"]}, status=201)
    late = await core.ask("POST", EVENTS, json={**body, "event_no": "E-grace-3"}, status=201)
    assert (late["calls"], await work(operator)) == ([], []), "the premium was paid: there is nothing to remind of"
    anew = {**body, "event_no": "E-grace-4", "premium_due_on": "2027-11-23", "grace_ends_on": "2028-01-22"}
    assert len((await core.ask("POST", EVENTS, json=anew, status=201))["calls"]) == 2, "the next premium is another grace period"
    early = {**paid, "event_no": "E-paid-2", "premium_due_on": "2028-11-23"}
    await core.ask("POST", EVENTS, json=early, status=201)
    anew |= {"event_no": "E-grace-5", "premium_due_on": "2028-11-23", "grace_ends_on": "2029-01-22"}
    assert (await core.ask("POST", EVENTS, json=anew, status=201))["calls"] == [], "told of in the wrong order"


async def test_a_policy_that_ended_has_no_grace_period(service: Service) -> None:
    service.clock.forward(days=1)
    core = await service.core()
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    ended = {"kind": "change", "event_no": "E-chg-1", "happened_at": service.clock.at.isoformat(), "status": "surrendered"}
    await core.ask("POST", EVENTS, json=ended, status=201)
    assert (await core.ask("POST", EVENTS, json=grace(service), status=201))["calls"] == []
    await core.ask("POST", EVENTS, json={**ended, "event_no": "E-chg-2", "status": "in_force"}, status=201)
    assert len((await core.ask("POST", EVENTS, json=grace(service, "E-grace-2"), status=201))["calls"]) == 2


async def test_surrenders_and_claims_of_a_thousand_yuan_and_more(service: Service) -> None:
    service.clock.forward(days=1)
    core = await service.core()
    assert (await core.ask("POST", EVENTS, json=payout(service, fen=99_999, number="E-0000"), status=201))["calls"] == []
    await core.ask("POST", EVENTS, json=payout(service, collector="王经理"), status=201)
    await core.ask("POST", EVENTS, json=payout(service, "surrender", 5_000_000, "E-pay-2"), status=201)
    operator = await service.sign_in("sunqi")
    rows = {row["kind"]: row for row in await work(operator)}
    claim = await operator.ask("GET", f"{CALLS}/{rows['claim']['id']}")
    assert [q["id"] for q in claim["questions"]] == ["P1", "P2"], "somebody collected for the customer"
    assert "王经理代您领取" in claim["questions"][1]["text"]
    surrender = await operator.ask("GET", f"{CALLS}/{rows['surrender']['id']}")
    assert [q["id"] for q in surrender["questions"]] == ["P1"]
    assert "退保金50,000.00元" in surrender["notice"]
    body = {"result": "reached", "answers": {"P1": "yes", "P2": "no"}}
    done = await operator.ask("POST", f"{CALLS}/{rows['claim']['id']}/result", json=body, status=200)
    assert done["findings"] == ["money_not_arrived"]
    path = f"{CALLS}/{rows['surrender']['id']}"
    refused = await operator.ask("POST", f"{path}/result", json={"result": "refused"}, status=200)
    assert (refused["status"], refused["allowed"]) == ("paper", ["paper_returned", "paper_missed", "reached"])
    letter = await operator.ask("POST", f"{path}/forms", status=201)
    assert letter["facts"]["title"] == "客户服务回访函"
    answered = {"result": "paper_returned", "answers": {"P1": "yes"}}
    await operator.refused("POST", f"{path}/result", 422, "SCAN_REQUIRED", json=answered)
    headers = {"Content-Type": "image/jpeg"}
    scan = await operator.ask("POST", f"{path}/scans", data=jpeg(900, 1200), headers=headers, status=201)
    done = await operator.ask("POST", f"{path}/result", json={**answered, "scan_id": scan["id"]}, status=200)
    assert done["status"] == "done"
    assert len((await operator.ask("GET", f"{path}/files"))["items"]) == 2


async def test_failed_numbers_go_to_the_responsible_unit_and_come_back(service: Service) -> None:
    service.context.settings.callback_rulebook = "S3"
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    accepted = await core.ask(
        "POST", "/api/v1/policies", json=whole_policy(service, fees_text="无", net_amount_fen=2_000_000), status=201
    )
    await core.ask("POST", f"/api/v1/policies/{NO}x/events", json=payout(service, policy={**BRIEF, "phone": None}), status=201)
    await core.ask("POST", f"/api/v1/policies/{NO}y/events", json=payout(service, number="E-pay-3"), status=201)
    await send(operator, accepted["callback_id"], command="phone_result", result="wrong_number", note="空号")
    for _ in range(4):
        row = next(row for row in await work(operator, "all") if row["policy_no"] == f"{NO}y")
        service.clock.at = datetime.fromisoformat(row["next_call_at"]) + timedelta(minutes=1)
        operator = await service.sign_in("sunqi")
        await operator.ask("POST", f"{CALLS}/{row['id']}/result", json={"result": "no_answer"}, status=200)
    found = await operator.ask("GET", "/api/v1/callback-numbers")
    assert found["by_org"] == {"110101": 3}
    assert {(row["source"], row["reason"]) for row in found["items"]} == {
        ("callback", "wrong_number"), ("service_call", "no_phone"), ("service_call", "no_answer"),
    }  # fmt: skip
    answer = await operator.raw("GET", "/api/v1/callback-numbers.xlsx", params={"org_code": "110101"})
    page = openpyxl.load_workbook(io.BytesIO(await answer.read()))["号码核实清单"]
    assert [cell.value for cell in page[1]][:3] == ["机构", "保单号", "投保人"]
    assert page.max_row == 4
    assert {row[5].value for row in page.iter_rows(min_row=2)} == {"号码错误", "未留电话", "多次无人接听"}
    assert {row[4].value for row in page.iter_rows(min_row=2)} == {PHONE, BRIEF["phone"], "—"}, "the unit checks whole numbers"
    assert {row["phone"] for row in found["items"]} == {""}, "the page has them masked"
    compliance = await service.sign_in("hegui")
    answer = await compliance.raw("GET", "/api/v1/callback-numbers.xlsx", params={"org_code": "110101"})
    page = openpyxl.load_workbook(io.BytesIO(await answer.read()))["号码核实清单"]
    assert PHONE not in {row[4].value for row in page.iter_rows(min_row=2)}
    letter = await operator.ask(
        "POST", f"/api/v1/callbacks/{accepted['callback_id']}/forms", json={"purpose": "letter"}, status=201
    )
    content = await (await operator.raw("GET", f"/api/v1/callback-files/{letter['id']}/content")).read()
    with contextlib.closing(pypdfium2.PdfDocument(content)) as document:
        lines = "".join(page.get_textpage().get_text_bounded() for page in document).splitlines()
    text = "".join(lines)
    assert "填写并签署本问卷的是投保人" in text
    assert "核对身份证号码" not in text, "nothing is compared on paper as on the phone"
    assert "未能通过电话与您取得联系" not in text, "who refused was reached"
    assert not [line for line in lines if line.strip() in ("1.", "2.")], "a line to write on has no number"
    body = {"command": "number_confirmed", "phone": "13655556666"}
    view = await send(operator, accepted["callback_id"], **body)
    assert (view["state"], view["policy"]["phone"], view["phone_attempts"]) == ("phone", "13655556666", 0)
    silent = next(row for row in found["items"] if row["reason"] == "no_phone")
    view = await operator.ask("POST", f"{CALLS}/{silent['id']}/number", json={"phone": "13655557777"}, status=200)
    assert (view["status"], view["phone"]) == ("open", "13655557777")
    assert (await operator.ask("GET", "/api/v1/callback-numbers"))["by_org"] == {"110101": 1}
    for result in ("problem", "wrong_number"):
        await send(operator, accepted["callback_id"], command="phone_result", result=result)
    listed = (await operator.ask("GET", "/api/v1/callback-numbers"))["items"]
    [row] = [row for row in listed if row["source"] == "callback"]
    assert (row["id"], row["reason"], row["due_at"] is not None) == (accepted["callback_id"], "wrong_number", True), "problems"


async def test_a_policyholder_without_a_phone_begins_on_the_number_list(service: Service) -> None:
    service.context.settings.callback_rulebook = "S3"
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    body = whole_policy(service, fees_text="无", net_amount_fen=2_000_000)
    body["policyholder"].pop("phone")
    accepted = await core.ask("POST", "/api/v1/policies", json=body, status=201)
    assert accepted["state"] == "phone_failed"
    view = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    assert [(task["kind"], task["rule"]) for task in view["tasks"]] == [("confirm_number", "S3.A14")]
    path = command(accepted["callback_id"])
    await operator.refused("POST", path, 422, "PHONE_MISSING", json={"command": "number_confirmed"})
    view = await send(operator, accepted["callback_id"], command="number_confirmed", phone="13655556666")
    assert view["state"] == "phone"
    service.context.settings.callback_rulebook = "S1"
    fields = await core.refused("POST", "/api/v1/policies", 422, "POLICY_INVALID", json={**body, "policy_no": "P-OTHER-1"})
    assert fields["fields"] == [{"path": "policyholder.phone", "code": "PHONE_MISSING"}], "S1 sends an SMS to it"


async def test_changes_of_a_policy(service: Service) -> None:
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    accepted = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    change = {"kind": "change", "event_no": "E-chg-1", "happened_at": service.clock.at.isoformat()}
    await core.refused("POST", EVENTS, 422, "EVENT_INVALID", json=change)
    await core.ask("POST", EVENTS, json={**change, "phone": "13600001111"}, status=201)
    view = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    assert view["policy"]["phone"] == "13600001111"
    assert (await operator.ask("GET", "/api/v1/callbacks", params={"q": "13600001111", "view": "all"}))["total"] == 1
    ended = {**change, "event_no": "E-chg-2", "status": "surrendered"}
    assert (await core.ask("POST", EVENTS, json=ended, status=201))["closed_callback"] == accepted["callback_id"]
    view = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    assert (view["state"], view["policy"]["status"]) == ("closed", "surrendered")
    await core.refused("POST", "/api/v1/policies/UNKNOWN-1/events", 404, "POLICY_NOT_FOUND", json={**ended, "event_no": "E-9999"})
    unknown = {key: value for key, value in payout(service, number="E-8888").items() if key != "policy"}
    assert await core.refused("POST", "/api/v1/policies/UNKNOWN-1/events", 404, "POLICY_NOT_FOUND", json=unknown)
    await operator.refused("POST", EVENTS, 403, "FORBIDDEN", json=ended)
    for bad in ({}, {"kind": "dance"}, {**ended, "status": "sleeping"}, {**ended, "event_no": "x"}):
        await core.refused("POST", EVENTS, 422, "REQUEST_INVALID", json=bad)


async def test_a_change_counts_when_it_happened(service: Service) -> None:
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    accepted = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    sent: list[str] = []

    def change(minutes: int, **fields: str) -> dict[str, Any]:
        at = service.clock.at + timedelta(minutes=minutes)
        sent.append(f"E-chg-{len(sent)}")
        return {"kind": "change", "event_no": sent[-1], "happened_at": at.isoformat(), **fields}

    for fields in ({"status": "surrendered"}, {"phone": "13600002222"}):
        refused = await core.refused("POST", EVENTS, 422, "EVENT_INVALID", json=change(30, **fields))
        assert refused["fields"] == [{"path": "happened_at", "code": "IN_THE_FUTURE"}]
    assert (await core.ask("POST", EVENTS, json=change(-10, phone="13600001111"), status=201))["outdated"] == []
    late = change(-130, phone="13600002222", status="lapsed")
    assert (await core.ask("POST", EVENTS, json=late, status=201))["outdated"] == ["phone"], "each field keeps its newest"
    assert (await core.ask("POST", EVENTS, json=late))["outdated"] == ["phone"]
    early = await core.ask("POST", EVENTS, json=change(-140, status="surrendered"), status=201)
    assert (early["outdated"], early["closed_callback"]) == (["status"], None)
    view = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    assert (view["policy"]["phone"], view["policy"]["status"]) == ("13600001111", "lapsed")
    paid = {"kind": "premium", "event_no": "E-paid-1", "premium_due_on": service.clock.at.date().isoformat()}
    ahead = (service.clock.at + timedelta(days=1)).isoformat()
    await core.refused("POST", EVENTS, 422, "EVENT_INVALID", json={**paid, "paid_at": ahead})


async def test_calls_that_are_not_finished_are_made_to_the_changed_phone(service: Service) -> None:
    service.clock.forward(days=1)
    core, operator = await service.core(), await service.sign_in("sunqi")
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    await core.ask("POST", EVENTS, json={**grace(service), "policy": None}, status=201)
    await core.ask("POST", EVENTS, json={**payout(service), "policy": None}, status=201)
    calls = {row["kind"]: f"{CALLS}/{row['id']}" for row in await work(operator, "all")}
    answered = {"result": "reached", "answers": {"P1": "yes"}}
    await operator.ask("POST", f"{calls['claim']}/result", json=answered, status=200)
    wrong = await operator.ask("POST", f"{calls['grace_reminder']}/result", json={"result": "wrong_number"}, status=200)
    assert (wrong["status"], wrong["phone"]) == ("number_failed", PHONE)
    change = {"kind": "change", "event_no": "E-chg-1", "happened_at": service.clock.at.isoformat(), "phone": "13600001111"}
    await core.ask("POST", EVENTS, json=change, status=201)
    views = {kind: await operator.ask("GET", path) for kind, path in calls.items()}
    assert {kind: (view["status"], view["phone"]) for kind, view in views.items()} == {
        "grace_reminder": ("open", "13600001111"), "lapse_followup": ("open", "13600001111"), "claim": ("done", PHONE),
    }  # fmt: skip
    assert (views["grace_reminder"]["attempts"], views["grace_reminder"]["notes"][-1]["by"]) == (0, "核心系统")
    assert (await operator.ask("GET", "/api/v1/callback-numbers"))["items"] == [], "the number that was looked for is known"


async def test_list_search_and_detail_know_one_phone(service: Service) -> None:
    service.context.settings.callback_rulebook = "S3"
    service.clock.forward(days=1)  # Monday, ten in the morning
    core, operator = await service.core(), await service.sign_in("sunqi")
    accepted = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    path = f"/api/v1/callbacks/{accepted['callback_id']}"

    async def known(phone: str, former: str) -> None:
        found = await operator.ask("GET", "/api/v1/callbacks", params={"q": phone, "view": "all"})
        assert [row["phone_masked"] for row in found["items"]] == [f"{phone[:3]}****{phone[-4:]}"]
        assert (await operator.ask("GET", "/api/v1/callbacks", params={"q": former, "view": "all"}))["total"] == 0
        assert (await operator.ask("GET", path))["policy"]["phone"] == phone

    change = {"kind": "change", "event_no": "E-chg-1", "happened_at": service.clock.at.isoformat(), "phone": "13600001111"}
    await core.ask("POST", EVENTS, json=change, status=201)
    await known("13600001111", PHONE)
    await send(operator, accepted["callback_id"], command="phone_result", result="wrong_number")
    again = {"command": "phone_result", "result": "no_answer"}
    await operator.refused("POST", f"{path}/commands", 409, "NUMBER_NOT_CONFIRMED", json=again)
    service.clock.forward(minutes=1)
    await send(operator, accepted["callback_id"], command="number_confirmed", phone="13655556666")
    await known("13655556666", "13600001111")
    before = {**change, "event_no": "E-chg-2", "phone": "13600003333"}
    assert (await core.ask("POST", EVENTS, json=before, status=201))["outdated"] == ["phone"]
    await known("13655556666", "13600003333")


async def test_the_second_reminder_goes_to_the_changed_phone(service: Service) -> None:
    service.context.settings.callback_rulebook = "default"
    core = await service.core()
    body = whole_policy(service)
    await core.ask("POST", "/api/v1/policies", json=body, status=201)
    change = {"kind": "change", "event_no": "E-chg-1", "happened_at": service.clock.at.isoformat(), "phone": "13600001111"}
    await core.ask("POST", EVENTS, json=change, status=201)
    await tick(service, days=2)
    assert [template for template, _ in await messages(service.context, "13600001111")] == ["callback_reminder"]
    assert await last_link(service.context, "13600001111")


async def test_one_phone_of_two_policyholders_and_an_agents_phone(service: Service) -> None:
    core = await service.core()
    await core.ask("POST", "/api/v1/proposals", json=proposal("P2026990001"), status=201)
    people = [
        person("李四喜", ["policyholder", "insured"], order=7, phone="13700000001"),
    ]
    await core.ask("POST", "/api/v1/proposals", json=proposal("P2026990002", persons=people), status=201)
    people = [person("赵六一", ["policyholder", "insured"], order=8, phone="13900000001")]
    await core.ask("POST", "/api/v1/proposals", json=proposal("P2026990003", persons=people), status=201)
    async with receiving() as receiver:
        admin = await service.sign_in("admin")
        body = {"name": "核心", "url": receiver.url, "events": ["phone_warning.found"]}
        receiver.secret = (await admin.ask("POST", "/api/v1/admin/webhook-endpoints", json=body, status=201))["secret"]
        assert await check_due(service.context) == 3
        assert await check_due(service.context) == 0
        while await deliver_due(service.context):
            pass
        assert {got["data"]["kind"] for got in receiver.got} == {"shared_by_policyholders", "belongs_to_agent"}
    operator = await service.sign_in("sunqi")
    page = await operator.ask("GET", "/api/v1/phone-warnings")
    found = {(item["kind"], item["number"]): item for item in page["items"]}
    shared = found["shared_by_policyholders", "P2026990002"]
    assert (shared["others"], shared["phone_masked"], shared["rule"]) == (["P2026990001"], "137****0001", "S3.A9")
    assert found["belongs_to_agent", "P2026990003"]["agent_name"] == "张三"
    asked = {"number": "P2026990009", "phone": "13900000002", "cert_no": "110101198103010038", "org_code": "110101"}
    answer = await core.ask("POST", "/api/v1/underwriting/phone-checks", json=asked, status=200)
    assert [item["kind"] for item in answer["warnings"]] == ["belongs_to_agent"]
    answer = await core.ask("POST", "/api/v1/underwriting/phone-checks", json={**asked, "phone": "13612340000"}, status=200)
    assert answer["warnings"] == []
    path = f"/api/v1/phone-warnings/{found['belongs_to_agent', 'P2026990003']['id']}/resolve"
    outcome = {"outcome": "agent_wrote_own", "note": "业务员承认留了自己的号码"}
    assert (await operator.ask("POST", path, json=outcome, status=200))["status"] == "confirmed"
    await operator.refused("POST", path, 409, "PHONE_WARNING_DONE", json=outcome)
    reports = await operator.ask("GET", "/api/v1/callback-tasks", params={"kind": "compliance_report"})
    [report] = reports["items"]
    assert (report["policy_no"], report["detail"]) == ("P2026990003", "号码预警：业务员在保单上留了自己的号码")
    assert datetime.fromisoformat(report["due_at"]) >= service.clock.at + timedelta(hours=24)
    path = f"/api/v1/phone-warnings/{shared['id']}/resolve"
    assert (await operator.ask("POST", path, json={"outcome": "family_phone", "note": "夫妻"}, status=200))["status"] == "cleared"


async def test_results_reach_the_core_system(service: Service) -> None:
    service.clock.forward(days=1)
    core = await service.core()
    async with receiving() as receiver:
        admin = await service.sign_in("admin")
        body = {"name": "核心", "url": receiver.url}
        receiver.secret = (await admin.ask("POST", "/api/v1/admin/webhook-endpoints", json=body, status=201))["secret"]
        accepted = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
        await tick(service, days=4)
        operator = await service.sign_in("sunqi")
        view = await send(operator, accepted["callback_id"], command="phone_result", result="problem", note="不清楚责任")
        await send(operator, accepted["callback_id"], command="classify", category="misconduct", note="收现金")
        await send(operator, accepted["callback_id"], command="explained", needs_visit=False)
        view = await send(operator, accepted["callback_id"], command="verify_call", is_confirmed=True)
        assert view["state"] == "success"
        while await deliver_due(service.context):
            pass
        assert [(got["event"], got["data"]["category"]) for got in receiver.got] == [
            ("callback.problem_found", ""), ("callback.problem_classified", "misconduct"), ("callback.succeeded", "misconduct"),
        ]  # fmt: skip
        assert {got["data"]["policy_no"] for got in receiver.got} == {NO}
        assert all(receiver.valid)


async def test_misconduct_is_always_sampled_and_never_by_the_one_who_called(service: Service) -> None:
    service.clock.forward(days=1)
    core = await service.core()
    accepted = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    await tick(service, days=4)
    operator = await service.sign_in("sunqi")
    await send(operator, accepted["callback_id"], command="phone_result", result="problem")
    await send(operator, accepted["callback_id"], command="classify", category="misconduct")
    await send(operator, accepted["callback_id"], command="explained", needs_visit=False)
    await send(operator, accepted["callback_id"], command="verify_call", is_confirmed=True)
    day = service.clock.at.date().isoformat()
    figures = await operator.ask("GET", "/api/v1/callback-statistics", params={"since": "2026-11-20", "until": day})
    assert (figures["all"]["problem"], figures["all"]["contradiction"]) == (1, 0), (
        "a problem heard on the phone contradicts nothing"
    )
    assert figures["by_day"][0]["problem"] == 1
    rules = await operator.ask("GET", "/api/v1/callback-samples/rules")
    checks = {check["id"]: "pass" for check in rules["checks"]}
    [row] = (await operator.ask("GET", "/api/v1/callback-samples"))["items"]
    assert (row["rule"], row["is_own"], row["channel"]) == ("contradiction", True, "phone")
    path = f"/api/v1/callback-samples/{row['id']}/review"
    await operator.refused("POST", path, 403, "SAMPLE_OF_OWN_CALL", json={"checks": checks})
    inspector = await service.sign_in("zhaoliu")
    await inspector.refused("POST", path, 422, "CHECKS_INCOMPLETE", json={"checks": {"identity": "pass"}})
    bad = {**checks, "answers": "fail"}
    await inspector.refused("POST", path, 422, "CHECKS_INCOMPLETE", json={"checks": bad})
    done = await inspector.ask("POST", path, json={"checks": bad, "note": "录音中客户没有回答第 3 题"}, status=200)
    assert done["status"] == "failed"
    await inspector.refused("POST", path, 409, "SAMPLE_DONE", json={"checks": checks})
    page = await inspector.ask("GET", "/api/v1/callback-samples", params={"status": "failed"})
    assert (page["total"], page["counts"]["open"]) == (1, 0)
    agent = await service.sign_in("zhangsan")
    await agent.refused("GET", "/api/v1/callback-samples", 403, "FORBIDDEN")


async def test_a_premium_that_two_events_name_is_called_about_once(service: Service) -> None:
    core = await service.core()
    first = await core.ask("POST", EVENTS, json=grace(service), status=201)
    same = await core.ask("POST", EVENTS, json=grace(service, "E-grace-2"), status=201)
    assert [call["id"] for call in same["calls"]] == [call["id"] for call in first["calls"]]
    later = await core.ask("POST", EVENTS, json=grace(service, "E-grace-3", days=90), status=201)
    assert [call["id"] for call in later["calls"]] == [call["id"] for call in first["calls"]]
    assert later["calls"][0]["due_at"] > first["calls"][0]["due_at"], "the later word on its days counts"
    operator = await service.sign_in("sunqi")
    page = await operator.ask("GET", "/api/v1/service-calls", params={"view": "all"})
    assert page["total"] == 2
