"""What goes with the last recording of a case: identity pictures, documents, files of the callback desk."""

from typing import Any

import pytest
import sqlalchemy as sa

from server.audits.tables import audit_entries
from server.blobs import BlobMissing, BlobStore
from server.callbacks.tables import callback_files, callbacks
from server.cases import service as case_service
from server.cases.tables import proposal_documents
from server.context import Context
from server.domain.case import CaseEvent
from server.identity.service import blob_key
from server.identity.tables import identity_images
from storage.objects.local import LocalObjectStore
from storage.objects.port import ObjectLocked, ObjectMissing
from tests.integration.callback.test_files import WAV, sound
from tests.support.callbacks import put_face
from tests.support.core import Service, jpeg
from tests.support.custody import run_due, sealed_recording

PROPOSAL = "P2026010001"
POLICY = "8800000001"
CONTRACT = f"/api/v1/proposals/{PROPOSAL}/contract"
LISTS = "/api/v1/custody/disposals"
KINDS = ("retain", "retain_file", "dispose")
REASON = "保存期限已满，按制度销毁"


async def one_row(context: Context, table: sa.Table, *where: sa.ColumnElement[bool]) -> Any:
    async with context.db.read() as tx:
        return (await tx.execute(sa.select(table).where(*where))).mappings().first()


async def call_recording(service: Service, seconds: int) -> Any:
    """A call recording of the proposal's callback, as the desk takes it in."""
    operator = await service.sign_in("sunqi")
    callback = await one_row(service.context, callbacks, callbacks.c.policy_no == POLICY)
    path = f"/api/v1/callbacks/{callback['id']}/call-recordings"
    kept = await operator.ask("POST", path, data=sound(seconds), headers=WAV, status=201)
    return await one_row(service.context, callback_files, callback_files.c.id == kept["id"])


async def approved(service: Service, *recordings: str) -> str:
    """A disposal list that two people approved."""
    one, two = await service.sign_in("hegui"), await service.sign_in("admin")
    made = await one.ask("POST", LISTS, status=201, json={"recording_ids": list(recordings), "reason": REASON})
    for keeper in (one, two):
        await keeper.ask("POST", f"{LISTS}/{made['id']}/approve")
    return str(made["id"])


async def test_callback_files_keep_the_contracts_period_and_all_papers_go_with_the_last_recording(
    service: Service, store: LocalObjectStore
) -> None:
    context, core = service.context, await service.core()
    first = await sealed_recording(context, store)
    async with context.db.begin() as tx:
        for step in (CaseEvent.RECORDING_SEALED, CaseEvent.INSPECTION_STARTED, CaseEvent.INSPECTION_PASSED):
            await case_service.transition(tx, first.case_id, step, "system:test", at=context.now())
    await put_face(context, first, jpeg(600, 600))
    picture = await one_row(context, identity_images)
    document = await one_row(context, proposal_documents, proposal_documents.c.proposal_no == PROPOSAL)
    now = service.clock.at
    policy = {"policy_no": POLICY, "proposal_no": PROPOSAL, "issued_at": now.isoformat(), "effective_on": now.date().isoformat()}
    await core.ask("POST", "/api/v1/policies", json=policy, status=201)
    early = await call_recording(service, 20)
    assert (await store.stat(early["object_key"])).legal_hold
    assert await run_due(context, store, KINDS) == [], "without a report nothing moves"
    until = now.date().replace(year=now.year + 10)
    await core.ask("PUT", CONTRACT, json={"ended_on": now.date().isoformat(), "end_reason": "surrendered"})
    assert f"retain_file:{early['id']}.1" in await run_due(context, store, KINDS)
    late = await call_recording(service, 21)
    assert await run_due(context, store, KINDS) == [f"retain_file:{late['id']}.1"], "one that comes later gets the period too"
    for file in (early, late):
        info = await store.stat(file["object_key"])
        assert (info.legal_hold, info.retain_until and info.retain_until.date()) == (False, until)
        with pytest.raises(ObjectLocked):
            await store.delete(file["object_key"])
    service.clock.at = now.replace(year=now.year + 10)
    service.clock.forward(days=1)
    list_id = await approved(service, first.recording_id)
    await run_due(context, store, KINDS)
    done = await (await service.sign_in("hegui")).ask("GET", f"{LISTS}/{list_id}")
    assert (done["state"], done["deleted"]) == ("done", 1)
    for file in (early, late):
        with pytest.raises(ObjectMissing):
            await store.stat(file["object_key"])
    blobs = BlobStore(context)
    for key in (blob_key(picture["id"]), f"documents/{document['id']}"):
        with pytest.raises(BlobMissing):
            await blobs.get(key)
    assert await one_row(context, identity_images) is None
    proof = await one_row(context, audit_entries, audit_entries.c.action == "proposal.papers_disposed")
    assert (proof["subject"], proof["data"]["disposal_id"]) == (PROPOSAL, list_id)
    assert proof["data"]["pictures"] == [{"id": picture["id"], "sha256": picture["sha256"]}]
    assert {item["id"] for item in proof["data"]["files"]} == {early["id"], late["id"]}
    operator = await service.sign_in("sunqi")
    callback_id = early["callback_id"]
    assert (await operator.ask("GET", f"/api/v1/callbacks/{callback_id}"))["files"] == []
    await operator.refused("POST", f"/api/v1/callback-files/{early['id']}/play", 404, "FILE_NOT_FOUND")
    exported = await operator.raw("GET", f"/api/v1/callbacks/{callback_id}/evidence.zip")
    assert exported.status == 200, "the callback's history stays and can be exported without its files"
