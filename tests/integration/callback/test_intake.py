"""Policies from the core system: idempotent, strictly checked, taken only after a passed recording."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.callbacks.tables import callbacks, policies
from server.domain.case import CaseEvent
from server.domain.identity_no import make_identity_no
from server.ops.demo.proposals import ACCOUNT_CHARGES
from tests.support.callbacks import messages, passed_case, whole_policy
from tests.support.core import TODAY, Service, proposal

URL = "/api/v1/policies"


async def counts(service: Service) -> tuple[int, int, int]:
    async with service.context.db.read() as tx:
        found = [int(await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0) for table in (policies, callbacks)]
    return found[0], found[1], len(await messages(service.context))


async def test_the_same_policy_again_changes_nothing(service: Service) -> None:
    core = await service.core()
    body = whole_policy(service)
    first = await core.ask("POST", URL, json=body, status=201)
    again = await core.ask("POST", URL, json=body, status=200)
    assert (first["is_new"], again["is_new"], again["callback_id"]) == (True, False, first["callback_id"])
    await core.refused("POST", URL, 409, "POLICY_CONFLICT", json={**body, "coverage": "20年"})
    both = await asyncio.gather(*(core.raw("POST", URL, json=whole_policy(service, "00001354407801111")) for _ in range(4)))
    assert sorted(r.status for r in both) == [200, 200, 200, 201]
    assert await counts(service) == (2, 2, 2)


BAD: dict[str, tuple[Any, str]] = {
    "an unknown field": ({"more": 1}, "REQUEST_INVALID"),
    "a number that is none": ({"policy_no": "x"}, "REQUEST_INVALID"),
    "a time without a zone": ({"issued_at": "2026-11-22T10:00:00"}, "REQUEST_INVALID"),
    "a time that is a number": ({"issued_at": 5}, "REQUEST_INVALID"),
    "a future issue": ({"issued_at": "2027-01-01T00:00:00Z"}, "POLICY_INVALID"),
    "no product": ({"product": None}, "POLICY_INVALID"),
    "an amount as text": (
        {"premium": {"mode": "single_pay", "amount_fen": "1", "frequency": "once"}},
        "REQUEST_INVALID",
    ),
    "single pay every year": (
        {"premium": {"mode": "single_pay", "amount_fen": 100, "frequency": "annual"}},
        "POLICY_INVALID",
    ),
    "a channel nobody has": ({"channel": "street"}, "REQUEST_INVALID"),
    "no phone": (
        {"policyholder": {"name": "周", "birth_on": "1980-01-01", "cert_type": "passport", "cert_no": "E1234"}},
        "POLICY_INVALID",
    ),
    "an identity number that is none": (
        {"policyholder": {"name": "周", "birth_on": "1980-01-01", "cert_no": "110101198001010000", "phone": "13700000000"}},
        "POLICY_INVALID",
    ),
    "born tomorrow": (
        {"insured": {"name": "赵", "birth_on": "2030-01-01", "cert_type": "passport", "cert_no": "E1234"}},
        "POLICY_INVALID",
    ),
    "a universal product without its rate": (
        {"product": {"name": "万能", "product_type": "universal"}},
        "POLICY_INVALID",
    ),
    "a rate that is none": (
        {"product": {"name": "万能", "product_type": "universal", "guaranteed_rate": "viel"}},
        "REQUEST_INVALID",
    ),
}


@pytest.mark.parametrize("what", BAD)
async def test_bad_input_leaves_nothing_behind(service: Service, what: str) -> None:
    change, code = BAD[what]
    core = await service.core()
    params = await core.refused("POST", URL, 422, code, json=whole_policy(service, **change))
    assert params["fields"], "the place is named"
    assert await counts(service) == (0, 0, 0)


async def test_who_may_send_policies(service: Service) -> None:
    body = whole_policy(service)
    await (await service.anonymous()).refused("POST", URL, 401, "SIGN_IN_REQUIRED", json=body)
    await (await service.sign_in("admin")).refused("POST", URL, 403, "FORBIDDEN", json=body)
    core = await service.core()
    await core.refused("POST", URL, 400, "JSON_INVALID", data=b"{", headers={"Content-Type": "application/json"})
    await core.refused(
        "POST", URL, 413, "BODY_TOO_LARGE", data=io.BytesIO(b" " * (2 << 20)), headers={"Content-Type": "application/json"}
    )


async def test_a_required_recording_must_have_passed(service: Service) -> None:
    core = await service.core()
    await core.ask("POST", "/api/v1/proposals", json=proposal("P2026990001"))
    body = {"policy_no": "00001354400000002", "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026990001"}
    await core.refused("POST", URL, 409, "RECORDING_NOT_PASSED", json=body)
    await core.refused("POST", URL, 404, "PROPOSAL_NOT_FOUND", json={**body, "proposal_no": "P0000000000"})
    agent = await service.sign_in("zhangsan")
    case = await agent.ask("POST", "/api/v1/cases", json={"proposal_no": "P2026990001"}, status=201)
    params = await core.refused("POST", URL, 409, "RECORDING_NOT_PASSED", json=body)
    assert params["state"] == "identity_pending"
    from server.cases.service import transition

    async with service.context.db.begin() as tx:
        for step in (CaseEvent.IDENTITY_COMPLETED, CaseEvent.SESSION_STARTED, CaseEvent.CONSENT_DECLINED):
            await transition(tx, case["id"], step, "system:test", at=service.clock.at)
    await core.refused("POST", URL, 409, "CASE_DECLINED", json=body)
    assert await counts(service) == (0, 0, 0)


async def test_the_case_page_sees_its_callback(service: Service) -> None:
    made = await passed_case(service)
    agent = await service.sign_in("zhangsan")
    url = f"/api/v1/cases/{made.case_id}/callback"
    await agent.refused("GET", url, 404, "CALLBACK_NOT_FOUND")
    core = await service.core()
    body = {"policy_no": "00001354400000003", "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026010001"}
    accepted = await core.ask("POST", URL, json=body, status=201)
    shown = await agent.ask("GET", url)
    assert (shown["callback_id"], shown["state"], shown["result"]) == (accepted["callback_id"], "open", "not_done")
    await (await service.sign_in("lisi")).refused("GET", url, 404, "CASE_NOT_FOUND")


async def test_a_policy_that_needs_no_recording_is_called_back_without_one(service: Service) -> None:
    core = await service.core()
    small = {"mode": "regular_pay", "amount_fen": 30_000, "frequency": "annual", "years": 10}
    await core.ask("POST", "/api/v1/proposals", json=proposal("P2026990009", product_code="TRM001", premium=small))
    body = {"policy_no": "00001354400000009", "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026990009"}
    accepted = await core.ask("POST", URL, json=body, status=201)
    assert accepted["has_recording"] is False


@pytest.mark.parametrize(("days", "asked", "age"), [(0, "Q2", 18), (-1, "Q2m", 17)])
async def test_who_was_a_minor_when_the_policy_was_issued_signed_nothing(
    service: Service, days: int, asked: str, age: int
) -> None:
    service.context.settings.callback_rulebook = "S0"
    core, operator = await service.core(), await service.sign_in("sunqi")
    birth_on = TODAY.replace(year=TODAY.year - 18)  # eighteen today
    insured = {"name": "周小雨", "birth_on": birth_on.isoformat(), "cert_no": make_identity_no("110101", birth_on, 78, "female")}
    issued_at = (service.clock.at + timedelta(days=days)).isoformat()
    body = whole_policy(service, insured=insured, issued_at=issued_at)
    accepted = await core.ask("POST", URL, json=body, status=201)
    view = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    assert [question["id"] for question in view["questions"] if question["subject"] == "own_signature"] == [asked]
    assert view["policy"]["insured_age"] == age


UNIVERSAL = {"name": "安盈终身寿险（万能型）", "product_type": "universal", "guaranteed_rate": "1.75%"}


async def test_what_the_questionnaire_needs_and_the_policy_lacks_is_named_at_its_place(service: Service) -> None:
    core = await service.core()
    bare = whole_policy(service, product=UNIVERSAL)
    assert (await core.ask("POST", URL, json=bare, status=201))["rulebook"] == "S1", "it asks for no charges in figures"
    service.context.settings.callback_rulebook = "S3"
    bare = whole_policy(service, "00001354407801111", product=UNIVERSAL)
    params = await core.refused("POST", URL, 422, "POLICY_INVALID", json=bare)
    asked_by = {"code": "FACT_MISSING", "why": "questionnaire S3 asks for it: Q15"}
    assert params["fields"] == [{"path": "fees_text", **asked_by}, {"path": "net_amount_fen", **asked_by}]
    params = await core.refused("POST", URL, 422, "POLICY_INVALID", json={**bare, "fees_text": "初始费用3%"})
    assert params["fields"] == [{"path": "net_amount_fen", **asked_by}]
    assert (await counts(service))[:2] == (1, 1)


async def test_the_demo_has_what_s3_asks_of_a_product_with_an_account(service: Service) -> None:
    service.context.settings.callback_rulebook = "S3"
    made = await passed_case(service, proposal_no="P2026010003", login="wangwu")
    core, operator = await service.core(), await service.sign_in("sunqi")
    body = {"policy_no": "882026010003", "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026010003"}
    params = await core.refused("POST", URL, 422, "POLICY_INVALID", json=body)
    assert {fault["path"] for fault in params["fields"]} == {"fees_text", "net_amount_fen"}
    accepted = await core.ask("POST", URL, json={**body, **ACCOUNT_CHARGES["P2026010003"]}, status=201)
    assert (accepted["rulebook"], accepted["state"], accepted["has_recording"]) == ("S3", "phone", True)
    view = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    assert view["policy"]["case_id"] == made.case_id
    [fees] = [question for question in view["questions"] if question["id"] == "Q15"]
    assert "初始费用为所交保险费的3%" in fees["text"]
    assert "净额为97,000.00元" in fees["text"]
