"""What the recording gives to the callback: its own question, and questions left out with their reason (Art. 35)."""

from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from server.callbacks.tables import callback_events
from tests.support.callbacks import passed_case
from tests.support.core import Service


async def issued(service: Service, rulebook: str) -> dict[str, Any]:
    """A policy of the recorded demo case; what the desk sees of its callback."""
    service.context.settings.callback_rulebook = rulebook
    core = await service.core()
    body = {"policy_no": "00001354400000001", "issued_at": service.clock.at.isoformat(), "proposal_no": "P2026010001"}
    accepted = await core.ask("POST", "/api/v1/policies", json=body, status=201)
    operator = await service.sign_in("sunqi")
    shown: dict[str, Any] = await operator.ask("GET", f"/api/v1/callbacks/{accepted['callback_id']}")
    return shown


async def test_a_passed_recording_shortens_the_callback_where_the_rulebook_allows_it(service: Service) -> None:
    made = await passed_case(service)
    shown = await issued(service, "default")
    reasons = {entry["id"]: entry["reason"] for entry in shown["skipped"]}
    by_recording = {name: reason for name, reason in reasons.items() if reason.startswith("recording:")}
    assert by_recording, "the default rulebook lets recordings shorten the callback"
    assert all(made.recording_id in reason for reason in by_recording.values()), "the reason names recording and node"
    asked = {question["id"] for question in shown["questions"]}
    assert not asked & set(by_recording)
    assert "Q5" in asked, "the recording itself is always asked about"
    async with service.context.db.read() as tx:
        query = sa.select(callback_events.c.data_enc).where(callback_events.c.kind == "created")
        stored = str(await tx.scalar(query))
    kept = orjson.loads(service.context.cipher.decrypt(stored, f"callback_events.data:{shown['id']}:1"))
    assert kept["data"]["skipped"] == reasons, "and stands in the history"


async def test_whoever_reads_what_was_said_is_in_the_recording_s_access_log(service: Service) -> None:
    made = await passed_case(service)
    shown = await issued(service, "S1")
    assert any(question["said"] for question in shown["questions"])
    log = await (await service.sign_in("zhaoliu")).ask("GET", f"/api/v1/recordings/{made.recording_id}/accesses")
    assert [(entry["action"], entry["actor_name"]) for entry in log] == [("answers", "孙琪")]


async def test_without_that_permission_everything_is_asked(service: Service) -> None:
    await passed_case(service)
    shown = await issued(service, "S1")
    assert "Q5" in {question["id"] for question in shown["questions"]}
    assert not [entry for entry in shown["skipped"] if entry["reason"].startswith("recording:")]


async def test_what_the_customer_denied_in_the_recording_is_asked_again(service: Service) -> None:
    await passed_case(service, verdicts={3: "negative"})
    shown = await issued(service, "default")
    denied = [question for question in shown["questions"] if question["said"] and question["said"]["verdict"] == "negative"]
    assert denied, "a subject that was answered with no is not covered, whatever the agent noted"


async def test_a_denial_in_the_recording_contradicts_a_good_answer_on_the_phone(service: Service) -> None:
    await passed_case(service, verdicts={3: "negative"})
    shown = await issued(service, "S1")
    service.clock.forward(days=1)
    while service.clock.at.astimezone(ZoneInfo("Asia/Shanghai")).weekday() > 4:
        service.clock.forward(days=1)
    operator = await service.sign_in("sunqi")
    answers = {question["id"]: question["expected"] for question in shown["questions"]}
    inbound = {"command": "phone_result", "result": "success", "answers": answers, "from_phone": shown["policy"]["phone"]}
    path = f"/api/v1/callbacks/{shown['id']}"
    view = await operator.ask("POST", f"{path}/commands", json=inbound, status=200)
    assert (view["state"], view["result"]) == ("problem", "problem"), "an override does not erase what the customer said"
    [found] = [event for event in view["history"] if event["kind"] == "problem_found"]
    assert found["rule"] == "S1.E7"
    denied = [q["id"] for q in view["questions"] if q["contradiction"] == "yes_after_negative"]
    assert denied
    assert [entry["question"] for entry in found["data"]["contradictions"]] == denied
