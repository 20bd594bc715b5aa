"""From the core system's report to the store, and from what is due to a list that two people approve, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.audits.tables import audit_entries
from server.custody.tables import disposal_items, disposals, recording_custody
from server.recordings.tables import recording_transcripts, recording_words
from server.sessions.tables import session_events, session_signatures
from storage.objects.local import LocalObjectStore
from storage.objects.port import ObjectLocked, ObjectMissing
from tests.support.callbacks import whole_policy
from tests.support.core import Caller, Service
from tests.support.custody import FILES, run_due, sealed_recording, state_of
from tests.support.recordings import Made

PROPOSAL = "P2026010001"
CONTRACT = f"/api/v1/proposals/{PROPOSAL}/contract"
LISTS = "/api/v1/custody/disposals"
REASON = "保存期限已满，按制度销毁"


def key(made: Made, path: str = FILES[0]) -> str:
    return f"evidence/{made.case_id}/{made.recording_id}/{path}"


def ended(service: Service, **more: Any) -> dict[str, Any]:
    return {"ended_on": service.clock.at.date().isoformat(), "end_reason": "surrendered", **more}


async def row(caller: Caller, made: Made) -> dict[str, Any]:
    page = await caller.ask("GET", f"/api/v1/custody/recordings?q={made.recording_id}")
    found: dict[str, Any] = page["items"][0]
    return found


async def audited(service: Service, action: str) -> list[dict[str, Any]]:
    query = sa.select(audit_entries.c.data).where(audit_entries.c.action == action).order_by(audit_entries.c.seq)
    async with service.context.db.read() as tx:
        return list((await tx.execute(query)).scalars())


async def spoken_rows(service: Service, made: Made) -> list[int]:
    """Rows of what was said, and of the full-text index."""
    async with service.context.db.read() as tx:
        tables = (recording_transcripts, recording_words)
        counts = [sa.select(sa.func.count()).where(table.c.recording_id == made.recording_id) for table in tables]
        return [int(await tx.scalar(count) or 0) for count in counts]


async def test_the_period_runs_from_the_end_of_the_contract_and_is_put_on_every_object(
    service: Service, store: LocalObjectStore
) -> None:
    made = await sealed_recording(service.context, store)
    core, keeper = await service.core(), await service.sign_in("hegui")
    assert (await row(keeper, made))["state"] == "held"
    assert await run_due(service.context, store) == [], "without a report nothing moves"
    await core.ask("PUT", CONTRACT, json={})
    await run_due(service.context, store)
    assert (await row(keeper, made))["state"] == "held", "in force: the hold stays"
    service.clock.forward(days=500)
    keeper = await service.sign_in("hegui")
    until = service.clock.at.date().replace(year=service.clock.at.year + 10)
    seen = await core.ask("PUT", CONTRACT, json=ended(service))
    assert (seen["retain_until"], seen["is_held"], seen["recordings"], seen["applied"]) == (until.isoformat(), False, 1, 0)
    assert (await row(keeper, made))["state"] == "pending"
    assert await core.ask("PUT", CONTRACT, json=ended(service)) == seen, "the same again changes nothing"
    assert await run_due(service.context, store) == [f"retain:{made.recording_id}.{seen['version']}"]
    for path in FILES:
        info = await store.stat(key(made, path))
        assert (info.legal_hold, info.retain_until and info.retain_until.date()) == (False, until)
        with pytest.raises(ObjectLocked):
            await store.delete(key(made, path))
    shown = await row(keeper, made)
    assert (shown["state"], shown["retain_until"]) == ("retained", until.isoformat())
    assert (await core.ask("GET", CONTRACT))["applied"] == 1
    assert [entry["retain_until"] for entry in await audited(service, "recording.retained")] == [None, until.isoformat()]


async def test_a_dispute_holds_again_and_prolongs_and_nothing_shortens(service: Service, store: LocalObjectStore) -> None:
    made = await sealed_recording(service.context, store)
    core, keeper = await service.core(), await service.sign_in("hegui")
    first = await core.ask("PUT", CONTRACT, json=ended(service, is_over_one_year=False))
    await run_due(service.context, store)
    five = date.fromisoformat(first["retain_until"])
    assert five.year == service.clock.at.year + 5
    opened = service.clock.at.date().isoformat()
    dispute = {"dispute_no": "D1", "opened_on": opened}
    seen = await core.ask("PUT", CONTRACT, json=ended(service, disputes=[dispute]))
    assert (seen["is_held"], seen["retain_until"]) == (True, five.isoformat())
    await run_due(service.context, store)
    assert (await store.stat(key(made))).legal_hold is True
    assert (await row(keeper, made))["state"] == "held"
    service.clock.forward(days=365 * 4)
    over = service.clock.at.date()
    report = {"ended_on": opened, "end_reason": "surrendered", "is_over_one_year": False}
    seen = await core.ask("PUT", CONTRACT, json={**report, "disputes": [{**dispute, "ended_on": over.isoformat()}]})
    assert seen["retain_until"] == over.replace(year=over.year + 2).isoformat()
    await run_due(service.context, store)
    shorter = await core.ask("PUT", CONTRACT, json=report)
    assert shorter["retain_until"] == seen["retain_until"], "a report without the dispute does not bring it forward"
    await run_due(service.context, store)
    info = await store.stat(key(made))
    assert info.legal_hold is False
    assert info.retain_until
    assert info.retain_until.date().isoformat() == seen["retain_until"]


async def test_an_open_dispute_does_not_end_by_being_left_out(service: Service, store: LocalObjectStore) -> None:
    made = await sealed_recording(service.context, store)
    core = await service.core()
    today = service.clock.at.date().isoformat()
    dispute = {"dispute_no": "D1", "opened_on": today}
    await core.ask("PUT", CONTRACT, json=ended(service, disputes=[dispute]))
    for left_out in ([], [{"dispute_no": "D2", "opened_on": today, "ended_on": today}]):
        refused = await core.refused("PUT", CONTRACT, 422, "CONTRACT_INVALID", json=ended(service, disputes=left_out))
        assert refused["faults"] == ["OPEN_DISPUTE_MISSING"]
    assert (await core.ask("GET", CONTRACT))["is_held"] is True
    over = await core.ask("PUT", CONTRACT, json=ended(service, disputes=[{**dispute, "ended_on": today}]))
    assert over["is_held"] is False
    await run_due(service.context, store)
    assert (await store.stat(key(made))).legal_hold is False


async def test_reports_that_cannot_be_true_are_refused(service: Service, store: LocalObjectStore) -> None:
    await sealed_recording(service.context, store)
    core, agent = await service.core(), await service.sign_in("zhangsan")
    today = service.clock.at.date()

    async def faults(**report: Any) -> list[str]:
        found: list[str] = (await core.refused("PUT", CONTRACT, 422, "CONTRACT_INVALID", json=report))["faults"]
        return found

    tomorrow, long_ago = (today + timedelta(days=1)).isoformat(), (today - timedelta(days=4000)).isoformat()
    assert await faults(ended_on=tomorrow, end_reason="expired") == ["END_IN_THE_FUTURE"]
    assert await faults(ended_on=long_ago, end_reason="expired") == ["END_BEFORE_PROPOSAL"]
    assert await faults(ended_on=today.isoformat()) == ["END_NEEDS_REASON"]
    wrong = [{"dispute_no": "D", "opened_on": today.isoformat(), "ended_on": long_ago}] * 2
    assert await faults(disputes=wrong) == ["DISPUTE_ENDS_BEFORE_IT_OPENS", "DISPUTE_TWICE"]
    await core.refused("PUT", "/api/v1/proposals/P0/contract", 404, "PROPOSAL_NOT_FOUND", json={})
    await core.refused("PUT", "/api/v1/policies/0000/contract", 404, "POLICY_NOT_FOUND", json={})
    policy = whole_policy(service)
    await core.ask("POST", "/api/v1/policies", json=policy, status=201)
    number = policy["policy_no"]
    await core.refused("PUT", f"/api/v1/policies/{number}/contract", 409, "POLICY_HAS_NO_PROPOSAL", json={})
    await agent.refused("PUT", CONTRACT, 403, "FORBIDDEN", json={})
    await agent.refused("GET", "/api/v1/custody/recordings", 403, "FORBIDDEN")
    await agent.refused("POST", LISTS, 403, "FORBIDDEN", json={"recording_ids": ["x"], "reason": REASON})


async def due_recording(service: Service, store: LocalObjectStore) -> Made:
    """A recording whose ten years are over."""
    made = await sealed_recording(service.context, store)
    core = await service.core()
    await core.ask("PUT", CONTRACT, json=ended(service))
    await run_due(service.context, store)
    service.clock.at = service.clock.at.replace(year=service.clock.at.year + 10)
    keeper = await service.sign_in("hegui")
    body = {"recording_ids": [made.recording_id], "reason": REASON}
    assert (await row(keeper, made))["state"] == "retained", "the last day still counts"
    params = await keeper.refused("POST", LISTS, 409, "DISPOSAL_NOT_DUE", json=body)
    assert params == {"recording_ids": [made.recording_id]}
    service.clock.forward(days=1)
    assert (await row(await service.sign_in("hegui"), made))["state"] == "due"
    return made


async def test_only_a_list_that_two_people_approved_deletes_and_leaves_the_proof(
    service: Service, store: LocalObjectStore
) -> None:
    made = await due_recording(service, store)
    one, two = await service.sign_in("hegui"), await service.sign_in("admin")
    assert await spoken_rows(service, made) == [1, 1]
    body = {"recording_ids": [made.recording_id], "reason": REASON}
    made_list = await one.ask("POST", LISTS, status=201, json=body)
    base = f"{LISTS}/{made_list['id']}"
    assert (made_list["state"], made_list["recordings"], made_list["approvals_needed"]) == ("proposed", 1, 2)
    await two.refused("POST", LISTS, 409, "DISPOSAL_NOT_DUE", json=body)
    assert await run_due(service.context, store) == []
    after_one = await one.ask("POST", f"{base}/approve")
    assert (after_one["state"], after_one["allowed_actions"]) == ("proposed", ["withdraw"])
    await one.refused("POST", f"{base}/approve", 403, "DISPOSAL_SAME_PERSON")
    assert await run_due(service.context, store) == [], "one approval deletes nothing"
    assert (await two.ask("POST", f"{base}/approve"))["state"] == "approved"
    await two.refused("POST", f"{base}/withdraw", 409, "DISPOSAL_STATE", json={"reason": REASON})
    assert await run_due(service.context, store) == [f"dispose:{made_list['id']}"]
    done = await one.ask("GET", base)
    assert (done["state"], done["deleted"], done["refused"]) == ("done", 1, 0)
    assert [key async for key in store.list("evidence/")] == []
    assert not made.folder.exists()
    assert await state_of(service.context, made.recording_id) == "disposed"
    async with service.context.db.read() as tx:
        for table in (session_events, session_signatures):
            assert await tx.scalar(sa.select(sa.func.count()).where(table.c.session_id == made.session_id)) == 0
    assert await spoken_rows(service, made) == [0, 0], "neither what was said nor the index over it"
    await one.refused("POST", f"/api/v1/recordings/{made.recording_id}/play", 409, "RECORDING_NOT_SEALED")
    assert (await row(one, made))["state"] == "disposed"
    proof = (await audited(service, "recording.disposed"))[0]
    assert (proof["objects"], len(proof["approved_by"]), len(proof["manifest_sha256"])) == (3, 2, 64)
    assert await audited(service, "disposal.done") == [{"deleted": 1, "refused": 0}]
    listed = await one.ask("GET", LISTS)
    assert {item["user_name"] for item in listed[0]["approvals"]} == {"何规", "周管理"}


async def test_a_dispute_after_the_approval_stops_the_deletion(service: Service, store: LocalObjectStore) -> None:
    made = await due_recording(service, store)
    one, two, core = await service.sign_in("hegui"), await service.sign_in("admin"), await service.core()
    made_list = await one.ask("POST", LISTS, status=201, json={"recording_ids": [made.recording_id], "reason": REASON})
    for keeper in (one, two):
        await keeper.ask("POST", f"{LISTS}/{made_list['id']}/approve")
    dispute = {"dispute_no": "D9", "opened_on": service.clock.at.date().isoformat()}
    old = await core.ask("GET", CONTRACT)
    report = {"ended_on": old["ended_on"], "end_reason": "surrendered", "disputes": [dispute]}
    await core.ask("PUT", CONTRACT, json=report)
    await run_due(service.context, store, ("dispose",))
    done = await one.ask("GET", f"{LISTS}/{made_list['id']}")
    assert [(item["state"], item["code"]) for item in done["items"]] == [("refused", "NOT_DUE")]
    assert (await store.stat(key(made))).size > 0
    await run_due(service.context, store)
    assert (await row(one, made))["state"] == "held"
    assert (await store.stat(key(made))).legal_hold


async def test_a_withdrawn_list_frees_its_recordings(service: Service, store: LocalObjectStore) -> None:
    made = await due_recording(service, store)
    one = await service.sign_in("hegui")
    body = {"recording_ids": [made.recording_id], "reason": REASON}
    made_list = await one.ask("POST", LISTS, status=201, json=body)
    assert (await row(one, made))["state"] == "listed"
    base = f"{LISTS}/{made_list['id']}"
    assert (await one.ask("POST", f"{base}/withdraw", json={"reason": REASON}))["state"] == "withdrawn"
    assert (await row(one, made))["state"] == "due"
    await one.refused("POST", f"{base}/approve", 409, "DISPOSAL_STATE")
    await one.ask("POST", LISTS, status=201, json=body)


async def test_a_forged_list_deletes_nothing_that_the_store_holds(service: Service, store: LocalObjectStore) -> None:
    made = await sealed_recording(service.context, store)
    core = await service.core()
    await core.ask("PUT", CONTRACT, json=ended(service))
    await run_due(service.context, store)
    past = service.clock.at.date() - timedelta(days=1)
    async with service.context.db.begin() as tx:  # somebody who can write to the database
        await tx.execute(
            disposals.insert().values(
                id="dsp_x", state="approved", reason=REASON, created_by="x", created_by_name="x", created_at=service.clock()
            )
        )
        await tx.execute(
            disposal_items.insert().values(
                disposal_id="dsp_x", recording_id=made.recording_id, case_id=made.case_id, proposal_no=PROPOSAL, objects=3,
                retain_until=past, bytes=1, state="planned",
            )
        )  # fmt: skip
        forged = recording_custody.update().where(recording_custody.c.recording_id == made.recording_id)
        await tx.execute(forged.values(retain_until=past, is_held=False, disposal_id="dsp_x"))
    assert await run_due(service.context, store) == ["dispose:dsp_x"]
    keeper = await service.sign_in("hegui")
    seen = await keeper.ask("GET", f"{LISTS}/dsp_x")
    assert [(item["state"], item["code"]) for item in seen["items"]] == [("refused", "OBJECT_LOCKED")]
    assert (await store.stat(key(made))).size > 0
    assert await state_of(service.context, made.recording_id) == "sealed"


async def test_a_retention_that_failed_is_listed_and_retried(service: Service, store: LocalObjectStore) -> None:
    made = await sealed_recording(service.context, store)
    core, admin = await service.core(), await service.sign_in("admin")
    await core.ask("PUT", CONTRACT, json=ended(service))
    lost = store.path_of(key(made))
    lost.rename(lost.with_name("aside"))
    with pytest.raises(ObjectMissing):
        await store.stat(key(made))
    await run_due(service.context, store)
    page = await admin.ask("GET", "/api/v1/admin/jobs?attention=true")
    assert [(job["kind"], job["state"], job["error_code"]) for job in page["items"]] == [("retain", "failed", "OBJECT_MISSING")]
    lost.with_name("aside").rename(lost)
    await admin.ask("POST", f"/api/v1/admin/jobs/{page['items'][0]['id']}/retry", status=200)
    await run_due(service.context, store)
    assert (await admin.ask("GET", "/api/v1/admin/jobs?attention=true"))["items"] == []
    assert (await row(admin, made))["state"] == "retained"
