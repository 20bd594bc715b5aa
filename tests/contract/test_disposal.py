"""Retention and disposal on a real store that enforces Object Lock: refused before it is due, really gone after it."""

import hashlib
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.error import S3Error
from pydantic import SecretStr

from server.settings import Settings
from storage.db.ids import new_id
from storage.objects.s3 import S3ObjectStore, open_s3
from tests.contract.rgw import ACCESS, SECRET, Gateway
from tests.support.core import Service, running
from tests.support.custody import run_due, sealed_recording, state_of

pytestmark = pytest.mark.needs_rgw
LISTS = "/api/v1/custody/disposals"
REASON = "保存期限已满，按制度销毁"


@pytest.fixture
async def house(gateway: Gateway, tmp_path: Path) -> AsyncIterator[tuple[Service, S3ObjectStore, str]]:
    """The service twelve years ago, on a bucket of its own."""
    bucket = new_id("custody").replace("_", "-")
    store = await open_s3(gateway.options(bucket))
    settings = Settings(
        data_dir=tmp_path / "data", http_port=0, model_dir=tmp_path / "none", object_store="s3", s3_endpoint=gateway.endpoint,
        s3_access_key=ACCESS, s3_secret_key=SecretStr(SECRET), s3_bucket=bucket, s3_secure=False,
    )  # fmt: skip
    async with running(settings) as service:
        service.clock.at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=12 * 366)
        yield service, store, bucket
    await store.aclose()


async def test_compliance_before_it_is_due_and_real_deletion_after_it(
    house: tuple[Service, S3ObjectStore, str], gateway: Gateway
) -> None:
    service, store, bucket = house
    raw = Minio(gateway.endpoint, access_key=ACCESS, secret_key=SECRET, secure=False, region="default")
    old = await sealed_recording(service.context, store, proposal_no="P2026010001")
    young = await sealed_recording(service.context, store, proposal_no="P2026010004")
    overlaid = f"evidence/{old.case_id}/{old.recording_id}/manifest.json"
    raw.put_object(bucket, overlaid, io.BytesIO(b"laid over"), 9, metadata={"sha256": hashlib.sha256(b"laid over").hexdigest()})

    def versions(recording_id: str) -> list[Any]:
        found = raw.list_objects(bucket, prefix="evidence/", recursive=True, include_version=True)
        return [item for item in found if recording_id in str(item.object_name)]

    def nothing_goes(recording_id: str) -> bool:
        for item in versions(recording_id):
            with pytest.raises(S3Error):
                raw.remove_object(bucket, str(item.object_name), version_id=item.version_id)
        return True

    core = await service.core()
    then = service.clock.at.date()
    await core.ask("PUT", "/api/v1/proposals/P2026010001/contract", json=report(then))
    service.clock.at = datetime.now(UTC).replace(microsecond=0)
    await core.ask("PUT", "/api/v1/proposals/P2026010004/contract", json=report(service.clock.at.date() - timedelta(days=1)))
    assert len(await run_due(service.context, store)) == 2
    one, two = await service.sign_in("hegui"), await service.sign_in("admin")
    page = await one.ask("GET", "/api/v1/custody/recordings")
    assert {item["recording_id"]: item["state"] for item in page["items"]} == {
        old.recording_id: "due",
        young.recording_id: "retained",
    }
    assert nothing_goes(young.recording_id)
    both = {"recording_ids": [old.recording_id, young.recording_id], "reason": REASON}
    params = await one.refused("POST", LISTS, 409, "DISPOSAL_NOT_DUE", json=both)
    assert params["recording_ids"] == [young.recording_id]
    made = await one.ask("POST", LISTS, status=201, json={**both, "recording_ids": [old.recording_id]})
    for keeper in (one, two):
        await keeper.ask("POST", f"{LISTS}/{made['id']}/approve")
    await run_due(service.context, store)
    assert (await one.ask("GET", f"{LISTS}/{made['id']}"))["state"] == "done"
    assert versions(old.recording_id) == [], "no version of any object is left"
    assert await state_of(service.context, old.recording_id) == "disposed"
    assert len(versions(young.recording_id)) == 3
    assert nothing_goes(young.recording_id)


def report(day: Any) -> dict[str, Any]:
    return {"ended_on": day.isoformat(), "end_reason": "expired"}
