"""Rulebook and questionnaire versions by administrators, and the figures of a period."""

from typing import Any

from tests.integration.callback.test_desk import all_yes, problem_case, send
from tests.support.callbacks import Customer, tick, whole_policy
from tests.support.core import Service

BOOKS = "/api/v1/callback-rulebooks"
FORMS = "/api/v1/callback-questionnaires"


async def test_a_published_rulebook_rules_new_callbacks_only(service: Service) -> None:
    admin, core = await service.sign_in("admin"), await service.core()
    listed = {item["id"]: item for item in (await admin.ask("GET", BOOKS))["items"]}
    assert set(listed) == {"S0", "S1", "S2", "S3", "default"}
    assert (listed["S1"]["is_used"], listed["S1"]["versions"]) == (True, [2])
    before = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    shown = await admin.ask("GET", f"{BOOKS}/S1/versions/2")
    assert shown["is_shipped"] is True
    data: dict[str, Any] = shown["data"]
    data["answering"]["min_answer_seconds"] = 90
    preview = await admin.ask("POST", f"{BOOKS}/S1/preview", json={"data": data}, status=200)
    assert (preview["method"], preview["min_answer_seconds"]) == ("face", 90)
    assert [step["kind"] for step in preview["steps"]] == ["created", "sms_sent", "window_ended", "expired"]
    body = {"data": data, "effective_from": "2026-11-23", "note": "延长阅读时间"}
    published = await admin.ask("POST", f"{BOOKS}/S1/versions", json=body, status=201)
    assert (published["version"], published["data"]["effective_from"]) == (3, "2026-11-23")
    today = await core.ask("POST", "/api/v1/policies", json=whole_policy(service, "00001354407800002"), status=201)
    service.clock.forward(days=1)
    tomorrow = await core.ask("POST", "/api/v1/policies", json=whole_policy(service, "00001354407800003"), status=201)
    assert [p["rulebook_version"] for p in (before, today, tomorrow)] == [2, 2, 3]
    admin = await service.sign_in("admin")
    later = {"data": data, "effective_from": "2026-12-01", "note": "下月起"}
    await admin.ask("POST", f"{BOOKS}/S1/versions", json=later, status=201)
    at_once = {"data": data, "effective_from": "2026-11-23", "note": "今天起"}
    assert (await admin.ask("POST", f"{BOOKS}/S1/versions", json=at_once, status=201))["version"] == 5
    now = await core.ask("POST", "/api/v1/policies", json=whole_policy(service, "00001354407800004"), status=201)
    assert now["rulebook_version"] == 5, "of two that begin on one day the newer"
    service.clock.forward(days=8)
    then = await core.ask("POST", "/api/v1/policies", json=whole_policy(service, "00001354407800005"), status=201)
    assert then["rulebook_version"] == 4, "the version announced for that day, though it was published before"
    customer = Customer(service, "13700008888")
    assert (await customer.open())["min_answer_seconds"] == 90


async def test_a_wrong_version_is_refused_with_its_place(service: Service) -> None:
    admin = await service.sign_in("admin")
    data = (await admin.ask("GET", f"{BOOKS}/S1/versions/2"))["data"]
    for change, path in (
        ({"window": {"anchor": "issued_on", "days": -1}}, "window.days"),
        ({"sms": {**data["sms"], "link_valid_days": -4}}, "sms.link_valid_days"),
        ({"opening": {"first_time_days": -3, "returning_minutes": 0}}, "opening.first_time_days"),
        ({"opening": {"first_time_days": 0}}, "opening.returning_minutes"),
        ({"colour": "red"}, "colour"),
        ({"id": "S9"}, "id"),
        (
            {"identity": {**data["identity"], "by_certificate": {"id_card": "face"}}},
            "identity.by_certificate",
        ),
    ):
        for action in ("preview", "versions"):
            more = {"note": "试试"} if action == "versions" else {}
            params = await admin.refused(
                "POST", f"{BOOKS}/S1/{action}", 422, "RULEBOOK_INVALID", json={"data": {**data, **change}, **more}
            )
            assert params["path"] == path
    body = {"data": data, "effective_from": "2020-01-01", "note": "倒签"}
    assert (await admin.refused("POST", f"{BOOKS}/S1/versions", 422, "RULEBOOK_INVALID", json=body))["path"] == "effective_from"
    form = (await admin.ask("GET", f"{FORMS}/S1/versions/1"))["data"]
    form["questions"][0]["text"] = "您好{nobody}"
    for action in ("preview", "versions"):
        more = {"note": "试试"} if action == "versions" else {}
        params = await admin.refused("POST", f"{FORMS}/S1/{action}", 422, "QUESTIONNAIRE_INVALID", json={"data": form, **more})
        assert params["path"] == "questions[0].text"
    form["questions"][0]["text"] = " "
    body_of_form = {"data": form, "note": "空题目"}
    params = await admin.refused("POST", f"{FORMS}/S1/versions", 422, "QUESTIONNAIRE_INVALID", json=body_of_form)
    assert (params["path"], params["why"]) == ("questions[0].text", "must not be empty")
    offer = await admin.ask("GET", "/api/v1/callback-rule-fields")
    assert {"receipt", "cooling_off"} <= set(offer["subjects"])
    await admin.refused("GET", f"{FORMS}/S1/versions/7", 404, "VERSION_NOT_FOUND")
    operator = await service.sign_in("sunqi")
    await operator.refused("POST", f"{BOOKS}/S1/versions", 403, "FORBIDDEN", json=body)


async def test_a_questionnaire_is_previewed_and_published(service: Service) -> None:
    admin, core = await service.sign_in("admin"), await service.core()
    form = (await admin.ask("GET", f"{FORMS}/S1/versions/1"))["data"]
    form["questions"].append({"id": "Q20", "text": "您对服务满意吗？", "when": ["regular_pay"]})
    sample = {"product_type": "universal", "payment_mode": "single_pay", "has_recording": False}
    preview = await admin.ask("POST", f"{FORMS}/S1/preview", json={"data": form, "sample": sample}, status=200)
    asked = [question["id"] for question in preview["questions"]]
    assert {"Q7b", "Q8b", "Q10", "Q11"} <= set(asked)
    assert not {"Q5", "Q7a", "Q8a", "Q20"} & set(asked)
    assert any("1.75%" in question["text"] for question in preview["questions"])
    await admin.ask("POST", f"{FORMS}/S1/versions", json={"data": form, "note": "加一题"}, status=201)
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    customer = Customer(service, "13700008888")
    await customer.open()
    await customer.prove_by_code()
    assert (await customer.to_questions())["questions"][-1]["id"] == "Q20"


async def test_the_figures_of_a_period(service: Service) -> None:
    callback_id = await problem_case(service)
    operator, core = await service.sign_in("sunqi"), await service.core()
    view = await operator.ask("GET", f"/api/v1/callbacks/{callback_id}")
    await send(operator, callback_id, command="phone_result", result="success", answers=all_yes(view))
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service, "00001354407800002", org_code="110102"), status=201)
    await tick(service, seconds=1)
    period = {"since": "2026-11-01", "until": "2026-11-30"}
    found = await operator.ask("GET", "/api/v1/callback-statistics", params=period)
    assert [(row["org_code"], row["total"], row["success"]) for row in found["by_org"]] == [("110101", 1, 1), ("110102", 1, 0)]
    row = found["all"]
    assert (row["total"], row["phone"], row["problem"], row["open"], row["first_day"]) == (2, 1, 1, 1, 1)
    assert (row["completion_share"], row["electronic_share"]) == (0.5, 0.0)
    assert found["problem_reasons"] == {"unclassified": 1}
    response = await operator.raw("GET", "/api/v1/callback-statistics.csv", params=period)
    text = (await response.read()).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("机构,应回访,成功")
    assert text.splitlines()[-1].startswith("合计,2,1,0.5")
    assert dict(zip(text.splitlines()[0].split(","), text.splitlines()[-1].split(","), strict=True))["当日完成率"] == "0.5"
    empty = await operator.ask("GET", "/api/v1/callback-statistics", params={"since": "2020-01-01", "until": "2020-01-02"})
    assert (empty["all"]["total"], empty["all"]["completion_share"]) == (0, None), "no figure where nothing was measured"
    await operator.refused(
        "GET", "/api/v1/callback-statistics", 422, "PERIOD_INVALID", params={"since": "2026-11-02", "until": "2026-11-01"}
    )


async def test_the_preview_says_what_becomes_of_the_second_message(service: Service) -> None:
    admin = await service.sign_in("admin")
    data = (await admin.ask("GET", f"{BOOKS}/S0/versions/2"))["data"]
    sold_today = {"effective_in_days": 0}
    service.clock.forward(hours=2)  # after the batch of the day
    for change, sample, said in (
        ({}, {}, "in_window"),
        ({}, sold_today, "after_window"),
        ({"repeat_after_window": False}, sold_today, "dropped"),
        ({"repeat_after_days": 0}, {}, "none"),
    ):
        body = {"data": {**data, "sms": {**data["sms"], **change}}, "sample": sample}
        assert (await admin.ask("POST", f"{BOOKS}/S0/preview", json=body))["second_sms"] == said
