"""One suite over every object store."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.db.ids import new_id
from storage.objects.keys import ChecksumMismatch, ObjectExists, checked_key
from storage.objects.local import LocalObjectStore
from storage.objects.port import ObjectLocked, ObjectMissing, ObjectStore, StoreError
from tests.contract.rgw import Gateway, make_store


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.needs_rgw)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    made: ObjectStore
    if request.param == "local":
        made = LocalObjectStore(tmp_path / "store")
    else:
        gateway: Gateway = request.getfixturevalue("gateway")
        made = await make_store(gateway)
    yield made
    await made.aclose()


@pytest.fixture
def key() -> str:
    return f"contract/{new_id('obj')}/file.bin"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def read(store: ObjectStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.stream(key, start=start, end=end)])


async def test_what_is_put_is_what_is_read(store: ObjectStore, key: str) -> None:
    info = await store.put_bytes(key, b"evidence", content_type="text/plain")
    assert (info.key, info.size, info.sha256, info.legal_hold, info.retain_until) == (key, 8, sha(b"evidence"), False, None)
    assert abs(info.stored_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert await store.stat(key) == info
    assert await read(store, key) == b"evidence"


async def test_an_empty_object_is_an_object(store: ObjectStore, key: str) -> None:
    assert (await store.put_bytes(key, b"")).size == 0
    assert await read(store, key) == b""


async def test_a_large_file_goes_in_parts_and_comes_back_whole(store: ObjectStore, key: str, tmp_path: Path) -> None:
    data = hashlib.shake_256(b"large").digest(21 << 20)
    path = tmp_path / "large.bin"
    path.write_bytes(data)
    info = await store.put_file(key, path, sha256=sha(data))
    assert (info.size, info.sha256) == (len(data), sha(data))
    digest = hashlib.sha256()
    async for chunk in store.stream(key):
        assert len(chunk) <= 1 << 20
        digest.update(chunk)
    assert digest.hexdigest() == sha(data)
    assert await read(store, key, 20_000_000, 20_000_010) == data[20_000_000:20_000_010]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 120), length=st.none() | st.integers(0, 120))
async def test_a_range_is_a_slice(store: ObjectStore, key: str, start: int, length: int | None) -> None:
    data = bytes(range(100))
    await store.put_bytes(key, data)
    end = None if length is None else start + length
    assert await read(store, key, start, end) == data[start:end]


async def test_putting_the_same_again_is_a_no_op_and_other_content_is_refused(store: ObjectStore, key: str) -> None:
    first = await store.put_bytes(key, b"one")
    assert (await store.put_bytes(key, b"one")).stored_at == first.stored_at
    with pytest.raises(ObjectExists):
        await store.put_bytes(key, b"two")
    assert await read(store, key) == b"one"


async def test_a_file_that_is_not_what_was_promised_is_not_stored(store: ObjectStore, key: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"changed meanwhile")
    with pytest.raises(ChecksumMismatch):
        await store.put_file(key, path, sha256=sha(b"as promised"))
    with pytest.raises(ObjectMissing):
        await store.stat(key)


async def test_missing_objects_are_missing(store: ObjectStore, key: str) -> None:
    with pytest.raises(ObjectMissing):
        await store.stat(key)
    with pytest.raises(ObjectMissing):
        await read(store, key)
    with pytest.raises(ObjectMissing):
        await store.delete(key)
    with pytest.raises(ObjectMissing):
        await store.set_legal_hold(key, True)


async def test_listing_is_by_prefix_and_in_order(store: ObjectStore) -> None:
    prefix = f"contract/{new_id('list')}"
    for name in ("b", "a/2", "a/1", "ab"):
        await store.put_bytes(f"{prefix}/{name}", name.encode())
    assert [key async for key in store.list(f"{prefix}/")] == [f"{prefix}/{name}" for name in ("a/1", "a/2", "ab", "b")]
    assert [key async for key in store.list(f"{prefix}/a/")] == [f"{prefix}/a/1", f"{prefix}/a/2"]
    assert [key async for key in store.list(f"{prefix}/none")] == []


async def test_a_free_object_can_be_deleted(store: ObjectStore, key: str) -> None:
    await store.put_bytes(key, b"x")
    await store.delete(key)
    with pytest.raises(ObjectMissing):
        await store.stat(key)


async def test_a_legal_hold_forbids_deletion_until_it_is_lifted(store: ObjectStore, key: str) -> None:
    await store.put_bytes(key, b"x")
    await store.set_legal_hold(key, True)
    assert (await store.stat(key)).legal_hold
    with pytest.raises(ObjectLocked):
        await store.delete(key)
    assert await read(store, key) == b"x"
    await store.set_legal_hold(key, False)
    await store.delete(key)


async def test_retention_forbids_deletion_and_only_grows(store: ObjectStore, key: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    await store.put_bytes(key, b"x")
    await store.extend_retention(key, now + timedelta(days=2))
    with pytest.raises(ObjectLocked):
        await store.delete(key)
    await store.extend_retention(key, now + timedelta(days=3))
    assert (await store.stat(key)).retain_until == now + timedelta(days=3)
    with pytest.raises(ObjectLocked):
        await store.extend_retention(key, now + timedelta(days=1))
    assert (await store.stat(key)).retain_until == now + timedelta(days=3)
    await store.set_legal_hold(key, True)
    await store.set_legal_hold(key, False)
    with pytest.raises(ObjectLocked):
        await store.delete(key)


async def test_ping_and_closing_twice(store: ObjectStore) -> None:
    await store.ping()
    await store.aclose()
    await store.aclose()


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "a/.b", "a b", "ключ", "a\\b", "a" * 513])
def test_keys_that_could_escape_are_refused(key: str) -> None:
    with pytest.raises(StoreError):
        checked_key(key)


async def test_local_says_that_it_cannot_lock(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path)
    assert store.capabilities.enforces_lock is False
    assert await store.presign("a", expires_s=60) is None
    await store.aclose()


async def test_retention_ends_with_the_clock(tmp_path: Path) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    store = LocalObjectStore(tmp_path, now=lambda: now)
    await store.put_bytes("a", b"x")
    await store.extend_retention("a", now + timedelta(days=1))
    now += timedelta(days=2)
    await store.delete("a")
    await store.aclose()
