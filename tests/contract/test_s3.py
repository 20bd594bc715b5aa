"""What only the S3 adapter promises, against a real server."""

import hashlib
import io
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.error import S3Error
from pydantic import SecretStr

from server.recordings.stores import build_store
from server.settings import Settings
from storage.db.ids import new_id
from storage.objects import s3
from storage.objects.port import StoreError
from storage.objects.s3 import open_s3, sse_of
from tests.contract.rgw import ACCESS, SECRET, Gateway, make_store

pytestmark = pytest.mark.needs_rgw


def client(gateway: Gateway) -> Minio:
    return Minio(gateway.endpoint, access_key=ACCESS, secret_key=SECRET, secure=False, region="default")


async def test_the_lock_is_proven_at_start(gateway: Gateway) -> None:
    store = await make_store(gateway)
    assert store.capabilities.enforces_lock is True
    assert await store.prove_lock() is True
    await store.aclose()


async def test_a_bucket_that_cannot_lock_is_found_out_and_refused_in_production(gateway: Gateway, tmp_path: Path) -> None:
    bucket = new_id("plain").replace("_", "-")
    client(gateway).make_bucket(bucket)
    store = await open_s3(gateway.options(bucket))
    assert store.capabilities.enforces_lock is False
    await store.aclose()
    settings = Settings(
        mode="development", data_dir=tmp_path, object_store="s3", s3_endpoint=gateway.endpoint, s3_access_key=ACCESS,
        s3_secret_key=SecretStr(SECRET), s3_bucket=bucket, s3_secure=False,
    )  # fmt: skip
    await (await build_store(settings)).aclose()
    with pytest.raises(StoreError, match="locked objects"):
        await build_store(settings.model_copy(update={"mode": "production"}))


class Lax(Minio):
    """A client that stands for a server which writes a kind of lock down and enforces nothing of it: it takes the lock off again
    before it deletes, as if there had been none."""

    lax = ""

    def remove_object(self, bucket_name: str, object_name: str, version_id: str | None = None) -> None:
        if self.lax == "hold":
            self.disable_object_legal_hold(bucket_name, object_name, version_id=version_id)
        if self.lax != "compliance" or not object_name.startswith("canary/lock"):
            super().remove_object(bucket_name, object_name, version_id)

    def remove_objects(self, *given: Any, **more: Any) -> Any:
        return iter(()) if self.lax == "list" else super().remove_objects(*given, **more)

    def set_object_retention(self, bucket_name: str, object_name: str, config: Any, version_id: str | None = None) -> None:
        if self.lax != "shorten":
            super().set_object_retention(bucket_name, object_name, config, version_id=version_id)


@pytest.mark.parametrize("kind", ["", "hold", "compliance", "list", "shorten"])
async def test_each_kind_of_lock_is_proven_by_itself(gateway: Gateway, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lax, "lax", kind)
    monkeypatch.setattr(s3, "Minio", Lax)
    store = await open_s3(gateway.options(new_id("lax").replace("_", "-")))
    assert store.capabilities.enforces_lock is (kind == "")
    await store.aclose()


async def test_compliance_retention_cannot_be_got_around(gateway: Gateway) -> None:
    bucket = new_id("worm").replace("_", "-")
    store = await open_s3(gateway.options(bucket))
    await store.put_bytes("evidence/a", b"evidence")
    await store.extend_retention("evidence/a", datetime.now(UTC) + timedelta(days=1))
    raw = client(gateway)
    version = next(found.version_id for found in raw.list_objects(bucket, prefix="evidence/", include_version=True))
    with pytest.raises(S3Error):
        raw.remove_object(bucket, "evidence/a", version_id=version)
    bypass: dict[str, Any] = {"x-amz-bypass-governance-retention": "true"}
    with pytest.raises(S3Error):
        raw._execute("DELETE", bucket, "evidence/a", query_params={"versionId": str(version)}, headers=bypass)
    assert (await store.stat("evidence/a")).size == 8
    await store.aclose()


async def test_a_presigned_address_honours_range_and_dies(gateway: Gateway) -> None:
    store = await make_store(gateway)
    await store.put_bytes("a", bytes(range(100)))
    address = await store.presign("a", expires_s=60)
    assert address
    request = urllib.request.Request(address, headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert (answer.status, answer.read()) == (206, bytes(range(10, 20)))
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(address.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"), timeout=10)
    await store.aclose()


async def test_content_changed_behind_our_back_is_told_apart_by_its_hash(gateway: Gateway) -> None:
    bucket = new_id("swap").replace("_", "-")
    store = await open_s3(gateway.options(bucket))
    first = await store.put_bytes("a", b"one")
    client(gateway).put_object(bucket, "a", io.BytesIO(b"two"), 3)
    assert (await store.stat("a")).sha256 != first.sha256
    await store.aclose()


async def test_a_server_that_is_away_is_a_retryable_fault(gateway: Gateway) -> None:
    options = gateway.options("away")
    with pytest.raises(StoreError) as caught:
        await open_s3(replace(options, endpoint="127.0.0.1:9"))
    assert caught.value.retryable


async def test_every_version_of_an_object_is_held_kept_and_deleted(gateway: Gateway) -> None:
    bucket = new_id("many").replace("_", "-")
    store = await open_s3(gateway.options(bucket))
    await store.put_bytes("evidence/a", b"evidence")
    raw = client(gateway)
    raw.put_object(bucket, "evidence/a", io.BytesIO(b"laid over"), 9)  # somebody with the keys, past the service

    def versions() -> list[str]:
        found = raw.list_objects(bucket, prefix="evidence/", include_version=True)
        return [str(item.version_id) for item in found]

    assert len(versions()) == 2
    await store.set_legal_hold("evidence/a", True)
    for version in versions():
        with pytest.raises(S3Error):
            raw.remove_object(bucket, "evidence/a", version_id=version)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    await store.extend_retention("evidence/a", until)
    await store.set_legal_hold("evidence/a", False)
    for version in versions():
        head = raw.stat_object(bucket, "evidence/a", version_id=version)
        assert head.metadata is not None
        assert head.metadata["x-amz-object-lock-retain-until-date"].startswith(until.strftime("%Y-%m-%dT%H:%M:%S"))
    await store.put_bytes("evidence/b", b"one")
    raw.put_object(bucket, "evidence/b", io.BytesIO(b"two"), 3)
    raw.remove_object(bucket, "evidence/b")  # only a marker on top
    await store.delete("evidence/b")
    assert [item.object_name for item in raw.list_objects(bucket, prefix="evidence/b", include_version=True)] == []
    await store.aclose()


async def test_the_server_is_told_to_drop_unfinished_uploads(gateway: Gateway) -> None:
    bucket = new_id("parts").replace("_", "-")
    store = await open_s3(gateway.options(bucket))
    assert store.capabilities.clears_unfinished_uploads is True
    rules = client(gateway).get_bucket_lifecycle(bucket)
    assert rules is not None
    assert [
        (rule.rule_id, rule.abort_incomplete_multipart_upload.days_after_initiation)
        for rule in rules.rules
        if rule.abort_incomplete_multipart_upload
    ] == [("drop-unfinished-uploads", 7)]
    assert all(rule.expiration is None for rule in rules.rules), "nothing else is ever dropped"
    await store.aclose()
    await (await open_s3(gateway.options(bucket))).aclose()
    again = client(gateway).get_bucket_lifecycle(bucket)
    assert again is not None
    assert len(again.rules) == 1


async def test_objects_encrypted_on_the_server_are_verified_locked_and_read(gateway: Gateway, tmp_path: Path) -> None:
    options = gateway.encrypting(new_id("kms").replace("_", "-"))
    store = await open_s3(options)
    assert store.capabilities.enforces_lock is True
    data = bytes(range(256)) * 4096 * 20  # in parts
    path = tmp_path / "large"
    path.write_bytes(data)
    info = await store.put_file("a", path, sha256=hashlib.sha256(data).hexdigest())
    head = store._client.stat_object(options.bucket, "a")
    assert head.metadata["x-amz-server-side-encryption"] == "aws:kms"
    assert b"".join([chunk async for chunk in store.stream("a", start=10, end=20)]) == data[10:20]
    await store.set_legal_hold("a", True)
    assert (await store.stat("a")).legal_hold
    assert info.size == len(data)
    await store.aclose()


def test_an_unknown_encryption_is_refused() -> None:
    with pytest.raises(ValueError, match="sse-kms"):
        sse_of("sse-c:secret")
