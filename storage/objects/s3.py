"""Objects on an S3 server that proves it enforces Object Lock. The minio client runs in bounded threads.

At start a canary object is locked and its deletion tried; what happened becomes `capabilities.enforces_lock`, whatever the server
claims. Every stored object is checked against the server's own checksum: its ETag (MD5, or MD5 of part MD5s) is computed here
while sending and compared with what the server answers to a HEAD afterwards; where the ETag is not an MD5 (server-side
encryption) the object is read back. The SHA-256 travels as metadata.
"""

import asyncio
import contextlib
import hashlib
import queue
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, Filter
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule
from minio.retention import Retention
from minio.sse import Sse, SseKMS, SseS3

from storage.db.ids import new_id
from storage.objects.keys import CHUNK, ChecksumMismatch, ObjectExists, checked_key
from storage.objects.multipart import etag_of, put_resumable
from storage.objects.port import ObjectInfo, ObjectLocked, ObjectMissing, StoreCapabilities, StoreError

T = TypeVar("T")
PART = 16 << 20
_HOLD = "x-amz-object-lock-legal-hold"
_UNTIL = "x-amz-object-lock-retain-until-date"
_SHA = "x-amz-meta-sha256"
_MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "MethodNotAllowed"}
_RULE = "drop-unfinished-uploads"
_DENIED = {"AccessDenied", "ObjectLocked", "InvalidRequest"}


@dataclass(frozen=True, slots=True)
class S3Options:
    """Where and how."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str = "default"
    secure: bool = True
    threads: int = 8
    timeout_s: float = 30.0
    encryption: str = ""
    """Encryption on the server: empty, `sse-s3`, or `sse-kms:<key id>`. A key that the client would have to send with every read
    (SSE-C) is not offered: no presigned address could be read with it."""
    ca_file: Path | None = None
    abort_uploads_days: int = 7
    """Parts of an upload that nobody finished are dropped by the server after so many days."""


class S3ObjectStore:
    """The port over S3. Make one with `open_s3`."""

    def __init__(self, options: S3Options, client: Any, pool: ThreadPoolExecutor, http: urllib3.PoolManager) -> None:
        self.capabilities = StoreCapabilities("s3", enforces_lock=False, can_presign=True)
        self._options = options
        self._client = client
        self._pool = pool
        self._http = http
        self._sse = sse_of(options.encryption)

    async def put_file(self, key: str, path: Path, *, sha256: str, content_type: str = "application/octet-stream") -> ObjectInfo:
        """Send a file, in parts when it is large; nothing that differs from `sha256` stays stored."""

        def send() -> ObjectInfo:
            with path.open("rb") as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
                if actual != sha256:
                    raise ChecksumMismatch(key)
                file.seek(0)
                size = path.stat().st_size
                if size > PART:
                    return self._put_large(key, path, size, sha256, content_type)
                return self._put(key, file, size, sha256, content_type)

        return await self._run(send)

    async def put_bytes(self, key: str, data: bytes, *, content_type: str = "application/octet-stream") -> ObjectInfo:
        """Send a small blob."""
        sha256 = hashlib.sha256(data).hexdigest()
        return await self._run(lambda: self._put(key, BytesIO(data), len(data), sha256, content_type))

    async def confirm(self, key: str, path: Path, *, sha256: str) -> bool:
        """Compare the server's own checksum with the file; where its ETag is no MD5, read the object back."""

        def compare() -> bool:
            head = self._client.stat_object(self._bucket, checked_key(key))
            size = path.stat().st_size
            is_known = bool(_info(key, head).sha256 == sha256 and head.size == size)
            return is_known and self._is_same(key, head, etag_of(path, PART), sha256)

        return await self._run(compare, key)

    async def stat(self, key: str) -> ObjectInfo:
        """What the server knows."""
        return await self._run(lambda: self._stat(checked_key(key)))

    async def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield a range. A thread reads ahead by at most four chunks."""
        if end is not None and end <= start:
            await self.stat(key)
            return
        chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(4)
        stopped = threading.Event()
        reading = self._pool.submit(self._read, checked_key(key), start, end, chunks, stopped)
        try:
            while True:
                chunk = await asyncio.to_thread(chunks.get)
                if chunk is None:
                    return
                if isinstance(chunk, BaseException):
                    raise chunk
                yield chunk
        finally:
            stopped.set()
            with contextlib.suppress(queue.Empty):
                while True:
                    chunks.get_nowait()
            with contextlib.suppress(queue.Full):
                chunks.put_nowait(None)  # the thread that still waits for a chunk, when it was this wait that was cancelled
            reading.cancel()

    async def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield keys under a prefix in lexical order."""
        names = await self._run(
            lambda: tuple(found.object_name for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True))
        )
        for name in sorted(names):
            yield name

    async def delete(self, key: str) -> None:
        """Delete every version of an object that nothing holds."""
        await self._run(lambda: self._delete(checked_key(key)))

    async def set_legal_hold(self, key: str, on: bool) -> None:
        """Place or lift a legal hold on every version."""

        def hold() -> None:
            change = self._client.enable_object_legal_hold if on else self._client.disable_object_legal_hold
            for version in self._versions(checked_key(key)):
                change(self._bucket, key, version_id=version)

        await self.stat(key)
        await self._run(hold, key)

    async def extend_retention(self, key: str, until: datetime) -> None:
        """COMPLIANCE retention of every version, that only grows; the server refuses to shorten it, we refuse first."""

        def extend() -> None:
            current = self._stat(checked_key(key)).retain_until
            if current is not None and current > until:
                raise ObjectLocked(key)
            for version in self._versions(key):
                self._client.set_object_retention(self._bucket, key, Retention(COMPLIANCE, until), version_id=version)

        await self._run(extend, key)

    async def presign(self, key: str, *, expires_s: int) -> str | None:
        """A short-lived address for one GET with Range."""
        return str(
            await self._run(
                lambda: self._client.presigned_get_object(self._bucket, checked_key(key), expires=timedelta(seconds=expires_s))
            )
        )

    async def ping(self) -> None:
        """Raise if the server does not answer for our bucket."""
        if not await self._run(lambda: self._client.bucket_exists(self._bucket)):
            raise StoreError("BUCKET_MISSING", self._bucket, retryable=False)

    async def aclose(self) -> None:
        """Stop the threads, close the sockets."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    async def prove_lock(self) -> bool:
        """Lock canaries and try to delete them. True only if the server refused each time and they are all still there.

        What the service relies on is tried each by itself, since a server may enforce one and only write down the other: a legal
        hold alone, and COMPLIANCE retention alone, which must not be shortened either.
        """

        def prove() -> bool:
            self._sweep_canaries()
            try:
                return self._hold_is_enforced() and self._compliance_is_enforced()
            except S3Error:
                return False  # the bucket was made without Object Lock, or the server does not know it

        return await self._run(prove)

    def _hold_is_enforced(self) -> bool:
        key = f"canary/{new_id('hold')}"
        made = self._client.put_object(self._bucket, key, BytesIO(b"canary"), 6, legal_hold=True)
        is_kept = self._is_refused(key, made.version_id)
        self._client.disable_object_legal_hold(self._bucket, key, version_id=made.version_id)
        return is_kept

    def _compliance_is_enforced(self) -> bool:
        # Two minutes: the proof must not leave undeletable objects behind for long; the next start sweeps them.
        key, until = f"canary/{new_id('lock')}", datetime.now(UTC) + timedelta(minutes=2)
        kept = Retention(COMPLIANCE, until)
        made = self._client.put_object(self._bucket, key, BytesIO(b"canary"), 6, retention=kept)
        if not self._is_refused(key, made.version_id):
            return False
        try:
            earlier = Retention(COMPLIANCE, until - timedelta(minutes=1))
            self._client.set_object_retention(self._bucket, key, earlier, version_id=made.version_id)
        except S3Error as error:
            return error.code in _DENIED
        return False

    def _is_refused(self, key: str, version: str | None) -> bool:
        """Whether the server refuses to delete a version, alone and in a list with the bypass of governance, and still has it."""
        try:
            self._client.remove_object(self._bucket, key, version_id=version)
        except S3Error as error:
            if error.code not in _DENIED:
                raise
        else:
            return False
        listed = self._client.remove_objects(self._bucket, [DeleteObject(key, version)], bypass_governance_mode=True)
        if [error.code in _DENIED for error in listed] != [True]:
            return False
        self._client.stat_object(self._bucket, key, version_id=version)
        return True

    def _sweep_canaries(self) -> None:
        """Canaries of earlier starts whose minutes are over; what is still locked stays."""
        with contextlib.suppress(S3Error):
            for old in tuple(self._client.list_objects(self._bucket, prefix="canary/", include_version=True)):
                with contextlib.suppress(S3Error):
                    self._client.remove_object(self._bucket, old.object_name, version_id=old.version_id)

    @property
    def _bucket(self) -> str:
        return self._options.bucket

    async def _run(self, function: Callable[[], T], key: str = "") -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function)
        except S3Error as error:
            raise _translated(error, key) from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreError("STORE_UNAVAILABLE", str(error)[:300], retryable=True) from error

    def _put_large(self, key: str, path: Path, size: int, sha256: str, content_type: str) -> ObjectInfo:
        with contextlib.suppress(ObjectMissing):
            known = self._stat(checked_key(key))
            if known.sha256 != sha256:
                raise ObjectExists(key)
            return known
        headers = {"Content-Type": content_type, _SHA: sha256, **(self._sse.headers() if self._sse else {})}
        version, etag, _ = put_resumable(self._client, self._bucket, key, path, PART, headers)
        head = self._client.stat_object(self._bucket, key, version_id=version)
        # The SHA-256 in the metadata is that of whoever began the upload: another one means another file.
        if head.size != size or _info(key, head).sha256 != sha256 or not self._is_same(key, head, etag, sha256):
            with contextlib.suppress(S3Error):
                self._client.remove_object(self._bucket, key, version_id=version)
            raise ChecksumMismatch(key)
        return _info(key, head)

    def _put(self, key: str, file: BinaryIO, size: int, sha256: str, content_type: str) -> ObjectInfo:
        with contextlib.suppress(ObjectMissing):
            known = self._stat(checked_key(key))
            if known.sha256 != sha256:
                raise ObjectExists(key)
            return known
        source = _EtagReader(file, size)
        made = self._client.put_object(
            self._bucket, key, source, size, content_type=content_type, metadata={"sha256": sha256}, part_size=PART,
            sse=self._sse,
        )  # fmt: skip
        head = self._client.stat_object(self._bucket, key, version_id=made.version_id)
        if head.size != size or not self._is_same(key, head, source.etag(), sha256):
            with contextlib.suppress(S3Error):
                self._client.remove_object(self._bucket, key, version_id=made.version_id)
            raise ChecksumMismatch(key)
        return _info(key, head)

    def _is_same(self, key: str, head: Any, etag: str, sha256: str) -> bool:
        if head.etag == etag:
            return True
        digest = hashlib.sha256()
        response = self._client.get_object(self._bucket, key, version_id=head.version_id)
        try:
            for chunk in response.stream(CHUNK):
                digest.update(chunk)
        finally:
            response.close()
            response.release_conn()
        return digest.hexdigest() == sha256

    def _stat(self, key: str) -> ObjectInfo:
        try:
            return _info(key, self._client.stat_object(self._bucket, key))
        except S3Error as error:
            raise _translated(error, key) from error

    def _versions(self, key: str, *, with_markers: bool = False) -> tuple[str, ...]:
        found = tuple(self._client.list_objects(self._bucket, prefix=key, include_version=True))
        kept = (item for item in found if item.object_name == key and (with_markers or not item.is_delete_marker))
        return tuple(str(item.version_id) for item in kept)

    def _delete(self, key: str) -> None:
        versions = self._versions(key, with_markers=True)
        if not versions:
            raise ObjectMissing(key)
        for version in versions:
            try:
                self._client.remove_object(self._bucket, key, version_id=version)
            except S3Error as error:
                raise (ObjectLocked(key) if error.code in _DENIED else _translated(error, key)) from error

    def _read(
        self, key: str, start: int, end: int | None, chunks: "queue.Queue[bytes | BaseException | None]", stopped: threading.Event
    ) -> None:
        def put(item: bytes | BaseException | None) -> None:
            while not stopped.is_set():
                try:
                    chunks.put(item, timeout=0.5)
                except queue.Full:
                    continue
                return

        try:
            length = 0 if end is None else end - start
            response = self._client.get_object(self._bucket, key, offset=start, length=length)
            try:
                for chunk in response.stream(CHUNK):
                    put(chunk)
                    if stopped.is_set():
                        return
            finally:
                response.close()
                response.release_conn()
        except S3Error as error:
            if error.code == "InvalidRange":
                put(None)  # a range behind the end is empty, as in a slice
                return
            put(_translated(error, key))
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            put(StoreError("STORE_UNAVAILABLE", str(error)[:300], retryable=True))
        else:
            put(None)


class _EtagReader:
    """Hands a file's bytes on and computes the ETag an S3 server will give them."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._is_multipart = size > PART
        self._whole: Any = hashlib.md5(usedforsecurity=False)
        self._parts: list[bytes] = []
        self._filled = 0

    def read(self, amount: int = -1) -> bytes:
        """Read on."""
        data = self._file.read(amount)
        view = memoryview(data)
        while view:
            part = view[: PART - self._filled] if self._is_multipart else view
            self._whole.update(part)
            self._filled += len(part)
            view = view[len(part) :]
            if self._is_multipart and self._filled == PART:
                self._close_part()
        return data

    def etag(self) -> str:
        """MD5, or MD5 of part MD5s with the number of parts."""
        if not self._is_multipart:
            return str(self._whole.hexdigest())
        if self._filled:
            self._close_part()
        return f"{hashlib.md5(b''.join(self._parts), usedforsecurity=False).hexdigest()}-{len(self._parts)}"

    def _close_part(self) -> None:
        self._parts.append(self._whole.digest())
        self._whole = hashlib.md5(usedforsecurity=False)
        self._filled = 0


async def open_s3(options: S3Options) -> S3ObjectStore:
    """Connect, make the bucket with Object Lock when it is missing, prove the lock.

    Raises:
        StoreError: the server does not answer or refuses the keys.
    """
    http = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=5, read=options.timeout_s),
        maxsize=options.threads,
        retries=urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        cert_reqs="CERT_REQUIRED",
        ca_certs=str(options.ca_file or certifi.where()),
    )
    client = Minio(
        options.endpoint,
        access_key=options.access_key,
        secret_key=options.secret_key,
        secure=options.secure,
        region=options.region or None,
        http_client=http,
    )
    pool = ThreadPoolExecutor(options.threads, thread_name_prefix="s3")
    store = S3ObjectStore(options, client, pool, http)
    try:
        await store._run(lambda: _ensure_bucket(client, options.bucket))
        clears = await store._run(lambda: _ensure_lifecycle(client, options))
        proven = await store.prove_lock()
        store.capabilities = StoreCapabilities("s3", enforces_lock=proven, can_presign=True, clears_unfinished_uploads=clears)
    except BaseException:
        await store.aclose()
        raise
    return store


def _ensure_bucket(client: Any, bucket: str) -> None:
    if not client.bucket_exists(bucket):
        client.make_bucket(bucket, object_lock=True)


def _ensure_lifecycle(client: Any, options: S3Options) -> bool:
    """Have the server drop unfinished uploads. False where it has no lifecycle rules: an old part is then only wasted space."""
    abort = AbortIncompleteMultipartUpload(days_after_initiation=options.abort_uploads_days)
    rule = Rule(ENABLED, rule_filter=Filter(prefix=""), rule_id=_RULE, abort_incomplete_multipart_upload=abort)
    try:
        present = client.get_bucket_lifecycle(options.bucket)
        others = [item for item in present.rules if item.rule_id != _RULE] if present else []
        same = present is not None and any(
            item.rule_id == _RULE and item.abort_incomplete_multipart_upload == abort for item in present.rules
        )
        if not same:
            client.set_bucket_lifecycle(options.bucket, LifecycleConfig([*others, rule]))
    except S3Error as error:
        if error.code in ("NotImplemented", "MethodNotAllowed", "AccessDenied"):
            return False
        raise
    return True


def sse_of(encryption: str) -> Sse | None:
    """The encryption of an option. Raises `ValueError` for anything unknown."""
    kind, _, key = encryption.partition(":")
    if not encryption:
        return None
    if kind == "sse-s3" and not key:
        return SseS3()
    if kind == "sse-kms" and key:
        return SseKMS(key, {})
    raise ValueError("encryption is empty, sse-s3, or sse-kms:<key id>")


def _info(key: str, head: Any) -> ObjectInfo:
    headers = head.metadata or {}
    until = headers.get(_UNTIL)
    return ObjectInfo(
        key=key,
        size=head.size,
        sha256=headers.get(_SHA, ""),
        stored_at=head.last_modified.astimezone(UTC),
        legal_hold=headers.get(_HOLD, "").upper() == "ON",
        retain_until=_instant(until) if until else None,
    )


def _instant(text: str) -> datetime:
    """An S3 instant; some servers write nine digits of a second, which `datetime` does not take."""
    head, _, tail = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(head + (f".{tail[:6].ljust(6, '0')}" if tail else "")).replace(tzinfo=UTC)


def _translated(error: S3Error, key: str) -> StoreError:
    code = error.code or ""
    if code in _MISSING:
        return ObjectMissing(key)
    if code in ("AccessDenied", "ObjectLocked") and key:
        return ObjectLocked(key)
    retryable = code in ("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout")
    return StoreError(f"S3_{code or 'ERROR'}".upper(), str(error.message)[:300], retryable=retryable)
