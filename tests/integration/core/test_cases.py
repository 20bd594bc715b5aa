"""Proposals, documents and cases over HTTP: happy path, row-level access, everything that is refused."""

import asyncio
from io import BytesIO
from typing import Any

import pytest

from server.cases.facts import load_case_facts
from server.cases.service import abandon, transition
from server.domain.case import CaseEvent, CaseState
from server.http.problem import Problem
from server.settings import Settings
from server.users.tickets import issue_ticket
from tests.support.callbacks import whole_policy
from tests.support.core import Caller, Service, capture_all, give_documents, pdf, person, proposal, running

PROPOSALS, CASES = "/api/v1/proposals", "/api/v1/cases"


async def new_case(service: Service, agent: Caller, number: str = "P2026990001", **changes: Any) -> Any:
    core = await service.core()
    await core.ask("POST", PROPOSALS, json=proposal(number, **changes), status=201)
    await give_documents(core, number)
    return await agent.ask("POST", CASES, json={"proposal_no": number}, status=201)


async def test_from_proposal_to_a_case_that_can_be_recorded(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    assert case["state"] == "identity_pending"
    assert [(p["name"], p["roles"], p["attends"]) for p in case["participants"]] == [
        ("王建国", ["policyholder"], True),
        ("李梅", ["insured"], True),
    ]
    assert case["blocked_by"] == ["IDENTITY_INCOMPLETE"]
    assert "create_session" not in case["allowed_actions"]
    assert case["proposal"]["requirement"]["is_required"]
    assert {r["code"] for r in case["proposal"]["requirement"]["reasons"]} == {"NEW_TYPE_PRODUCT", "LARGE_ANNUAL_PREMIUM"}
    assert "110101" not in str(case["participants"]), "paper numbers are masked"
    assert "13700000001" not in str(case)
    await capture_all(agent, case["id"])
    case = await agent.ask("GET", f"{CASES}/{case['id']}")
    assert (case["state"], case["blocked_by"]) == ("ready", [])
    assert "create_session" in case["allowed_actions"]
    assert [e["to_state"] for e in case["history"]] == ["draft", "identity_pending", "ready"]


async def test_the_same_proposal_twice_is_one_other_content_is_a_conflict(service: Service) -> None:
    core = await service.core()
    assert (await core.ask("POST", PROPOSALS, json=proposal(), status=201))["is_new"]
    assert not (await core.ask("POST", PROPOSALS, json=proposal(), status=200))["is_new"]
    await core.refused("POST", PROPOSALS, 409, "PROPOSAL_CONFLICT", json=proposal(coverage="30年"))


async def test_only_the_core_system_sends_proposals(service: Service) -> None:
    nobody, agent = await service.anonymous(), await service.sign_in("zhangsan")
    await nobody.refused("POST", PROPOSALS, 401, "SIGN_IN_REQUIRED", json=proposal())
    await agent.refused("POST", PROPOSALS, 403, "FORBIDDEN", json=proposal())
    wrong = await service.bearer("not-the-key")
    await wrong.refused("POST", PROPOSALS, 401, "TICKET_INVALID", json=proposal())


def people(*items: dict[str, Any]) -> dict[str, Any]:
    return {"persons": list(items)}


HOLDER = person("王建国", ["policyholder", "insured"], phone="13700000001")
WRONG_NO = HOLDER["cert_no"][:-1] + ("1" if HOLDER["cert_no"][-1] == "0" else "0")


@pytest.mark.parametrize(
    ("changes", "code", "path", "fault"),
    [
        ({"unknown": 1}, "REQUEST_INVALID", "unknown", "extra_forbidden"),
        ({"sum_insured_fen": "300"}, "REQUEST_INVALID", "sum_insured_fen", "int_type"),
        ({"sum_insured_fen": -1}, "REQUEST_INVALID", "sum_insured_fen", "greater_than_equal"),
        ({"channel": "shop"}, "REQUEST_INVALID", "channel", "enum"),
        ({"proposal_no": "../etc"}, "REQUEST_INVALID", "proposal_no", "string_pattern_mismatch"),
        (people(), "REQUEST_INVALID", "persons", "too_short"),
        (people({**HOLDER, "name": "王\x00建国"}), "REQUEST_INVALID", "persons.0.name", "text_unprintable"),
        (people({**HOLDER, "name": "王\u202e国建"}), "REQUEST_INVALID", "persons.0.name", "text_unprintable"),
        (people({**HOLDER, "name": "王\n建国"}), "REQUEST_INVALID", "persons.0.name", "text_unprintable"),
        (people({**HOLDER, "name": "王\u200b建国"}), "REQUEST_INVALID", "persons.0.name", "text_unprintable"),
        (people({**HOLDER, "cert_type": "passport", "cert_no": "E1\u00ad2345678"}), "REQUEST_INVALID", "persons.0.cert_no",
         "text_unprintable"),
        (people({**HOLDER, "relation_to_policyholder": "本\t人"}), "REQUEST_INVALID", "persons.0.relation_to_policyholder",
         "text_unprintable"),
        ({"coverage": "20\u2028年"}, "REQUEST_INVALID", "coverage", "text_unprintable"),
        ({"not\x1bknown": "x"}, "REQUEST_INVALID", "not?known", "text_unprintable"),
        ({"org_code": "999999"}, "PROPOSAL_INVALID", "org_code", "ORGANISATION_UNKNOWN"),
        ({"channel": "bank"}, "PROPOSAL_INVALID", "channel", "CHANNEL_CONTRADICTS_AGENT"),
        ({"agent_code": "B200001"}, "PROPOSAL_INVALID", "channel", "CHANNEL_CONTRADICTS_AGENT"),
        ({"product_code": "NONE"}, "PROPOSAL_INVALID", "product_code", "PRODUCT_UNKNOWN"),
        ({"agent_code": "NONE"}, "PROPOSAL_INVALID", "agent_code", "AGENT_UNKNOWN"),
        (people({**HOLDER, "cert_no": WRONG_NO}), "PROPOSAL_INVALID", "persons.0.cert_no", "CERT_NO_INVALID"),
        (people({**HOLDER, "birth_on": "1981-03-02"}), "PROPOSAL_INVALID", "persons.0.birth_on", "BIRTH_DATE_CONTRADICTS_CERT"),
        (people({**HOLDER, "sex": "female"}), "PROPOSAL_INVALID", "persons.0.sex", "SEX_CONTRADICTS_CERT"),
        (people({**HOLDER, "phone": None}), "PROPOSAL_INVALID", "persons.0.phone", "PHONE_MISSING"),
        (people({**HOLDER, "roles": ["policyholder"]}), "PROPOSAL_INVALID", "persons", "INSURED_MISSING"),
        (people({**HOLDER, "roles": ["insured"]}), "PROPOSAL_INVALID", "persons", "POLICYHOLDER_NOT_ONE"),
        (
            people(person("王建国", ["policyholder"], phone="13700000001"), person("小王", ["insured"], age=9, order=3)),
            "PROPOSAL_INVALID", "persons.1", "GUARDIAN_MISSING",
        ),
        (people({**HOLDER, "birth_on": "2030-01-01"}), "PROPOSAL_INVALID", "persons.0.birth_on", "BIRTH_DATE_IMPOSSIBLE"),
        (
            {"premium": {"mode": "single_pay", "amount_fen": 1, "frequency": "annual", "years": 1}},
            "PROPOSAL_INVALID", "premium.frequency", "SINGLE_PAY_IS_ONCE",
        ),
        (
            people(HOLDER, {**HOLDER, "name": "别人", "roles": ["beneficiary"]}),
            "PROPOSAL_INVALID", "persons.1.cert_no", "PERSON_CONTRADICTS",
        ),
    ],
)  # fmt: skip
async def test_proposals_that_are_refused(service: Service, changes: dict[str, Any], code: str, path: str, fault: str) -> None:
    core = await service.core()
    params = await core.refused("POST", PROPOSALS, 422, code, json=proposal(**changes))
    assert {"path": path, "code": fault} in params["fields"]
    admin = await service.sign_in("admin")
    assert (await admin.ask("GET", PROPOSALS))["total"] == 0, "nothing half-written is left"


async def test_unknown_query_fields_are_refused_everywhere(service: Service) -> None:
    agent, core = await service.sign_in("zhangsan"), await service.core()
    for path in ("/api/v1/products", PROPOSALS):  # one declares no query, one does
        params = await agent.refused("GET", path, 422, "REQUEST_INVALID", params={"pgae": "1"})
        assert params["fields"] == [{"path": "pgae", "code": "extra_forbidden"}]
    await core.refused("POST", PROPOSALS, 422, "REQUEST_INVALID", json=proposal(), params={"dry_run": "1"})
    await agent.refused("GET", PROPOSALS, 422, "REQUEST_INVALID", params={"q": "王\u202e"})
    assert (await agent.ask("GET", PROPOSALS))["total"] == 0


async def test_deep_bodies_are_refused_like_others(service: Service) -> None:
    core = await service.core()
    deep = "[" * 900 + "]" * 900
    headers = {"Content-Type": "application/json"}
    await core.refused("POST", PROPOSALS, 400, "JSON_INVALID", data=f'{{"persons": {deep}}}', headers=headers)


async def test_one_person_with_several_roles_is_one_participant_and_a_minor_is_represented(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    mother = person("陈晓燕", ["policyholder"], sex="female", age=36, order=4, phone="13700000004")
    case = await new_case(
        service,
        agent,
        persons=[
            mother,
            person("陈小宝", ["insured"], age=8, order=5),
            {**mother, "roles": ["guardian"]},
            person("外婆", ["beneficiary"], sex="female", age=60, order=6),
        ],
    )
    adult, child = case["participants"]
    assert (adult["roles"], adult["attends"]) == (["guardian", "policyholder"], True)
    assert (child["attends"], child["represented_by"], child["is_minor"]) == (False, adult["id"], True)
    assert child["missing_images"] == []
    assert len(case["proposal"]["persons"]) == 3


async def test_agents_see_their_own_cases_alone(service: Service) -> None:
    owner, other = await service.sign_in("zhangsan"), await service.sign_in("lisi")
    case = await new_case(service, owner)
    path = f"{CASES}/{case['id']}"
    await other.refused("GET", path, 404, "CASE_NOT_FOUND")
    await other.refused("POST", f"{path}/cancel", 404, "CASE_NOT_FOUND", json={"reason": "不是我的"})
    await other.refused("GET", f"{path}/identity", 404, "CASE_NOT_FOUND")
    await other.refused("GET", f"{PROPOSALS}/P2026990001", 404, "PROPOSAL_NOT_FOUND")
    await other.refused("POST", CASES, 404, "PROPOSAL_NOT_FOUND", json={"proposal_no": "P2026990001"})
    document = case["proposal"]["documents"][0]["content_url"]
    await other.refused("GET", document, 404, "DOCUMENT_NOT_FOUND")
    participant = case["participants"][0]["id"]
    await other.refused("PATCH", f"{path}/participants/{participant}", 404, "CASE_NOT_FOUND", json={"location": "remote"})
    assert (await other.ask("GET", CASES))["total"] == 0
    assert (await other.ask("GET", PROPOSALS))["total"] == 0
    for login in ("zhaoliu", "admin", "sunqi", "hegui"):
        staff = await service.sign_in(login)
        view = await staff.ask("GET", path)
        assert "create_session" not in view["allowed_actions"]
        await staff.refused("POST", CASES, 403, "FORBIDDEN", json={"proposal_no": "P2026990001"})


async def test_list_filters_searches_and_pages(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    first = await new_case(service, agent, "P2026990001")
    service.clock.forward(minutes=1)
    second = await new_case(
        service,
        agent,
        "P2026990002",
        persons=[person("周大山", ["policyholder", "insured"], age=66, order=7, phone="13700000007")],
    )
    await agent.ask("POST", f"{CASES}/{first['id']}/cancel", json={"reason": "客户改期"})

    async def ids(**params: str) -> list[str]:
        return [item["id"] for item in (await agent.ask("GET", CASES, params=params))["items"]]

    assert await ids(sort="created_at") == [second["id"], first["id"]]
    assert await ids(state="cancelled") == [first["id"]]
    assert await ids(q="990002") == [second["id"]]
    assert await ids(q="周大山") == [second["id"]]
    assert await ids(q="13700000001") == [first["id"]]
    assert await ids(q="１３７ ００００ ０００１") == await ids(q="１３７０００００００１") == [first["id"]]
    assert await ids(q="９９０００２") == [second["id"]]
    assert await ids(q=second["id"]) == [second["id"]]
    assert await ids(q="分红") == await ids()
    assert await ids(q="%") == []
    assert await ids(page_size="1", page="2", sort="created_at") == [first["id"]]
    page = await agent.ask("GET", CASES, params=[("state", "cancelled"), ("state", "ready")])
    assert (page["total"], page["counts"]["cancelled"], page["counts"]["identity_pending"]) == (1, 1, 1)
    assert page["items"][0]["is_elderly"] is False
    for params in ({"page": "0"}, {"page_size": "1000"}, {"state": "nowhere"}, {"unknown": "1"}):
        await agent.refused("GET", CASES, 422, "REQUEST_INVALID", params=params)
    refused = await agent.refused("GET", CASES, 422, "REQUEST_INVALID", params={"state": "nowhere"})
    assert refused["fields"] == [{"path": "state.0", "code": "enum"}]


async def test_one_open_case_a_proposal(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    params = await agent.refused("POST", CASES, 409, "CASE_EXISTS", json={"proposal_no": "P2026990001"})
    assert params["case_id"] == case["id"]
    assert (await agent.ask("GET", PROPOSALS, params={"without_case": "true"}))["total"] == 0
    await agent.ask("POST", f"{CASES}/{case['id']}/cancel", json={"reason": "信息有误"})
    await agent.refused("POST", f"{CASES}/{case['id']}/cancel", 409, "CASE_STATE", json={"reason": "再次取消"})
    assert (await agent.ask("GET", PROPOSALS, params={"without_case": "true"}))["total"] == 1
    again = await agent.ask("POST", CASES, json={"proposal_no": "P2026990001"}, status=201)
    assert again["id"] != case["id"]


async def test_what_is_asked_for_twice_at_once_is_there_once(on_each_database: Settings) -> None:
    async with running(on_each_database) as service:
        core, agent = await service.core(), await service.sign_in("zhangsan")

        async def at_once(caller: Caller, path: str, body: dict[str, Any]) -> list[int]:
            return sorted(
                answer.status for answer in await asyncio.gather(*(caller.raw("POST", path, json=body) for _ in range(4)))
            )

        assert await at_once(core, PROPOSALS, proposal()) == [200, 200, 200, 201]
        assert await at_once(agent, CASES, {"proposal_no": "P2026990001"}) == [201, 409, 409, 409]
        event = {"kind": "premium", "event_no": "E-0001", "premium_due_on": "2026-11-20", "paid_at": "2026-11-21T00:00:00Z"}
        assert await at_once(core, "/api/v1/policies/P-OLD-0001/events", event) == [200, 200, 200, 201]
        assert await at_once(core, "/api/v1/policies", whole_policy(service)) == [200, 200, 200, 201]


async def test_location_and_its_limits(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    path = f"{CASES}/{case['id']}/participants/{case['participants'][1]['id']}"
    moved = await agent.ask("PATCH", path, json={"location": "same_place"})
    assert [p["location"] for p in moved["participants"]] == ["remote", "same_place"]
    await agent.refused("PATCH", path, 422, "REQUEST_INVALID", json={"location": "moon"})
    unknown = f"{CASES}/{case['id']}/participants/ptc_none"
    await agent.refused("PATCH", unknown, 404, "PARTICIPANT_NOT_FOUND", json={"location": "remote"})


async def drive(service: Service, case_id: str, *events: CaseEvent) -> CaseState:
    state = CaseState.DRAFT
    for event in events:
        async with service.context.db.begin() as tx:
            state = await transition(tx, case_id, event, "system:test", at=service.clock(), note="测试")
    return state


async def test_commands_in_the_wrong_state_and_the_supplementary_way(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    path = f"{CASES}/{case['id']}"
    await agent.refused("POST", f"{path}/supplementary", 409, "CASE_STATE")
    await capture_all(agent, case["id"])
    with pytest.raises(Problem) as error:
        await drive(service, case["id"], CaseEvent.RECORDING_SEALED)
    assert error.value.params == {"state": "ready", "event": "recording_sealed"}
    await drive(
        service, case["id"], CaseEvent.SESSION_STARTED, CaseEvent.RECORDING_FINISHED, CaseEvent.RECORDING_SEALED,
        CaseEvent.INSPECTION_STARTED, CaseEvent.INSPECTION_REJECTED,
    )  # fmt: skip
    core = await service.core()
    late = {"params": {"kind": "terms", "title": "新条款"}, "data": pdf("other"), "headers": {"Content-Type": "application/pdf"}}
    await core.refused("POST", f"{PROPOSALS}/P2026990001/documents", 409, "PROPOSAL_IN_RECORDING", **late)
    view = await agent.ask("GET", path)
    assert set(view["allowed_actions"]) == {"start_supplementary", "cancel"}
    view = await agent.ask("POST", f"{path}/supplementary")
    assert (view["state"], view["is_supplementary"]) == ("supplementary", True)
    assert "create_session" in view["allowed_actions"]
    assert await drive(service, case["id"], CaseEvent.SESSION_STARTED) is CaseState.IN_SESSION
    async with service.context.db.begin() as tx:
        await abandon(tx, case["id"], "session:broken", at=service.clock(), note="客户临时有事")
    view = await agent.ask("GET", path)
    assert view["state"] == "supplementary"
    assert {"create_session", "cancel"} <= set(view["allowed_actions"])
    assert "capture_identity" not in view["allowed_actions"]
    assert view["history"][-1]["event"] == "supplementary_abandoned"


async def test_declined_case_keeps_its_reason(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    await capture_all(agent, case["id"])
    await drive(service, case["id"], CaseEvent.SESSION_STARTED, CaseEvent.CONSENT_DECLINED)
    view = await agent.ask("GET", f"{CASES}/{case['id']}")
    assert (view["state"], view["declined_reason"], view["allowed_actions"]) == ("declined", "测试", [])


async def test_documents_are_real_pdfs(service: Service) -> None:
    core = await service.core()
    await core.ask("POST", PROPOSALS, json=proposal(), status=201)
    path = f"{PROPOSALS}/P2026990001/documents"
    kind = {"kind": "terms", "title": "page"}
    pdf_type = {"Content-Type": "application/pdf"}
    for data, status, code in (
        (b"hello", 422, "PDF_INVALID"),
        (b"%PDF-1.7\n" + b"x" * 500, 422, "PDF_INVALID"),
        (pdf()[:400], 422, "PDF_INVALID"),
        (pdf(side_mm=40_000), 422, "PDF_PAGE_TOO_LARGE"),
        (b"", 422, "BODY_EMPTY"),
        (b"%PDF-" + b"x" * (20 << 20), 413, "BODY_TOO_LARGE"),
    ):
        await core.refused("POST", path, status, code, params=kind, data=BytesIO(data), headers=pdf_type)
    await core.refused(
        "POST", path, 415, "CONTENT_TYPE_UNSUPPORTED", params=kind, data=pdf(), headers={"Content-Type": "text/html"}
    )
    await core.refused("POST", path, 422, "REQUEST_INVALID", params={"kind": "novel", "title": "x"}, data=pdf(), headers=pdf_type)
    await core.refused(
        "POST", f"{PROPOSALS}/P404404404/documents", 404, "PROPOSAL_NOT_FOUND", params=kind, data=pdf(), headers=pdf_type
    )
    blobs = service.context.settings.data_dir / "blobs"
    assert not any(p.is_file() for p in blobs.rglob("*")), "nothing half-written is left"
    data = pdf("P2026990001", pages=3)
    view = await core.ask("POST", path, params=kind, data=data, headers=pdf_type, status=201)
    assert (view["pages"], view["requires_signature"]) == (3, False)
    assert view["title_area"]["page"] == 1
    assert 0 < view["number_area"]["top"] < view["number_area"]["bottom"] < 1
    again = await core.ask("POST", path, params=kind, data=data, headers=pdf_type, status=200)
    assert again["id"] == view["id"]
    agent = await service.sign_in("zhangsan")
    response = await agent.raw("GET", view["content_url"])
    assert (response.content_type, await response.read()) == ("application/pdf", data)
    cached = await agent.raw("GET", view["content_url"], headers={"If-None-Match": response.headers["ETag"]})
    assert cached.status == 304
    stored = [p for p in blobs.rglob("*") if p.is_file()]
    assert len(stored) == 1
    assert b"%PDF" not in stored[0].read_bytes(), "encrypted at rest"


async def test_customers_read_documents_of_their_own_case(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    url = case["proposal"]["documents"][0]["content_url"]

    def ticket(**changes: Any) -> str:
        values = {"subject": "seat_1", "scope": "callback", "expires_s": 60, "case_id": case["id"], **changes}
        return issue_ticket(service.context, **values)

    reader = await service.bearer(ticket())
    assert (await reader.raw("GET", url)).status == 200
    await reader.refused("GET", f"{CASES}/{case['id']}", 403, "FORBIDDEN")
    for bad in (ticket(scope="identity"), ticket(case_id="case_other")):
        await (await service.bearer(bad)).refused("GET", url, 403, "TICKET_SCOPE")
    unknown = await service.bearer(ticket(scope="session", session_id="ses_none"))
    await unknown.refused("GET", url, 404, "SESSION_NOT_FOUND")
    await (await service.core()).ask("POST", PROPOSALS, json=proposal("P2026990002"), status=201)  # nobody made a case of it
    await give_documents(await service.core(), "P2026990002")
    paper = (await agent.ask("GET", f"{PROPOSALS}/P2026990002"))["documents"][0]["content_url"]
    for bad in (ticket(), issue_ticket(service.context, subject="c", scope="callback", expires_s=60, visit_id="cbv_1")):
        await (await service.bearer(bad)).refused("GET", paper, 403, "TICKET_SCOPE")
    tampered = ticket()[:-4] + "AAAA"
    await (await service.bearer(tampered)).refused("GET", url, 401, "TICKET_INVALID")
    service.clock.forward(seconds=61)
    await reader.refused("GET", url, 401, "TICKET_EXPIRED")


async def test_facts_for_other_slices(service: Service) -> None:
    agent = await service.sign_in("zhangsan")
    case = await new_case(service, agent)
    async with service.context.db.read() as tx:
        facts = await load_case_facts(tx, service.context, case["id"])
    assert facts.blocked_by == ("CASE_STATE", "IDENTITY_INCOMPLETE")
    assert facts.policyholder.phone == "13700000001"
    assert (facts.agent.licence_no, facts.agent.institution_name) == (
        "02000111010080002026001001",
        "示例人寿北京分公司东城支公司",
    )
    assert [d.kind for d in facts.documents][:2] == ["insurance_prompt", "terms"]


async def test_phones_that_hide_callbacks_are_pointed_out(service: Service) -> None:
    core, agent = await service.core(), await service.sign_in("zhangsan")
    await core.ask("POST", PROPOSALS, json=proposal("P2026990001"), status=201)
    persons = [
        person("甲", ["policyholder"], order=11, phone="13900000001"),
        person("乙", ["insured"], order=12, phone="13700000001"),
        person("丙", ["beneficiary"], order=13, phone="13700000001"),
    ]
    await core.ask("POST", PROPOSALS, json=proposal("P2026990002", persons=persons), status=201)
    view = await agent.ask("GET", f"{PROPOSALS}/P2026990002")
    names = {item["id"]: item["name"] for item in view["persons"]}
    assert {(names[w["person_id"]], w["code"]) for w in view["warnings"]} == {
        ("甲", "PHONE_OF_STAFF"), ("乙", "PHONE_SHARED"), ("丙", "PHONE_SHARED"),
        ("乙", "PHONE_OF_OTHER_CUSTOMER"), ("丙", "PHONE_OF_OTHER_CUSTOMER"),
    }  # fmt: skip


async def test_products(service: Service) -> None:
    admin, agent = await service.sign_in("admin"), await service.sign_in("zhangsan")
    assert len(await agent.ask("GET", "/api/v1/products")) == 4
    body = {"name": "新产品", "product_type": "annuity", "cooling_off_days": 15}
    await agent.refused("PUT", "/api/v1/admin/products/ANN1", 403, "FORBIDDEN", json=body)
    assert (await admin.ask("PUT", "/api/v1/admin/products/ANN1", json=body))["cooling_off_days"] == 15
    await admin.refused("PUT", "/api/v1/admin/products/ANN1", 422, "REQUEST_INVALID", json={**body, "grade": 9})
    silent = {key: value for key, value in body.items() if key != "cooling_off_days"}
    refused = await admin.refused("PUT", "/api/v1/admin/products/ANN1", 422, "REQUEST_INVALID", json=silent)
    assert [fault["path"] for fault in refused["fields"]] == ["cooling_off_days"], "no number stands in for the contract's own"
