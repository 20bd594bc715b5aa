"""Large objects in parts against a real server: resumed after an interruption, proven by the server's own checksum."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from storage.db.ids import new_id
from storage.objects.multipart import etag_of, put_resumable
from storage.objects.s3 import PART, S3ObjectStore, open_s3
from tests.contract.rgw import Gateway

pytestmark = pytest.mark.needs_rgw


class Interrupted(Exception):
    """The process was killed between two parts."""


class Dying:
    """The client, gone after so many parts; what reached the server stays there."""

    def __init__(self, client: Any, parts: int) -> None:
        self._client = client
        self._left = parts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _upload_part(self, *arguments: Any) -> str:
        if not self._left:
            raise Interrupted
        self._left -= 1
        return str(self._client._upload_part(*arguments))


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(hashlib.shake_256(b"multipart").digest(3 * PART + 12_345))
    return path


async def opened(gateway: Gateway) -> tuple[S3ObjectStore, str]:
    bucket = new_id("parts").replace("_", "-")
    return await open_s3(gateway.options(bucket)), bucket


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_an_interrupted_upload_goes_on_at_its_next_part(gateway: Gateway, large: Path) -> None:
    store, bucket = await opened(gateway)
    headers = {"x-amz-meta-sha256": sha(large)}
    with pytest.raises(Interrupted):
        put_resumable(Dying(store._client, 2), bucket, "a/large", large, PART, headers)
    assert [key async for key in store.list("a/")] == []
    _, etag, resumed = put_resumable(store._client, bucket, "a/large", large, PART, headers)
    assert resumed == 2
    assert store._client.stat_object(bucket, "a/large").etag == etag == etag_of(large, PART)
    assert await store.confirm("a/large", large, sha256=sha(large))
    assert not store._client._list_multipart_uploads(bucket, prefix="a/").uploads
    await store.aclose()


async def test_parts_of_other_bytes_are_sent_anew_and_never_mixed_in(gateway: Gateway, large: Path) -> None:
    store, bucket = await opened(gateway)
    right = large.read_bytes()
    large.write_bytes(bytes(len(right)))
    with pytest.raises(Interrupted):
        put_resumable(Dying(store._client, 1), bucket, "a", large, PART, {"x-amz-meta-sha256": sha(large)})
    large.write_bytes(right)
    _, _, resumed = put_resumable(store._client, bucket, "a", large, PART, {"x-amz-meta-sha256": sha(large)})
    assert resumed == 0
    assert b"".join([chunk async for chunk in store.stream("a")]) == right
    await store.aclose()


async def test_only_the_same_bytes_are_confirmed(gateway: Gateway, tmp_path: Path) -> None:
    store, bucket = await opened(gateway)
    path = tmp_path / "small"
    path.write_bytes(b"evidence")
    await store.put_file("a", path, sha256=sha(path))
    assert await store.confirm("a", path, sha256=sha(path))
    path.write_bytes(b"evidencf")
    assert not await store.confirm("a", path, sha256=sha(path))
    # Somebody who may write gives other bytes the right metadata: the server's own checksum tells.
    honest = hashlib.sha256(b"evidence").hexdigest()
    store._client.put_object(bucket, "a", io.BytesIO(b"forgery!"), 8, metadata={"sha256": honest})
    path.write_bytes(b"evidence")
    assert not await store.confirm("a", path, sha256=honest)
    await store.aclose()
