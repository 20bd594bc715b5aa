"""The object-store port. Adapters: `storage.objects.local`, `storage.objects.s3`; one contract suite runs over both."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class StoreError(Exception):
    """A store fault. `retryable` says whether the same call may succeed later."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class ObjectMissing(StoreError):
    """The key does not exist."""

    def __init__(self, key: str) -> None:
        super().__init__("OBJECT_MISSING", f"no object {key}", retryable=False)


class ObjectLocked(StoreError):
    """Retention or legal hold forbids the change."""

    def __init__(self, key: str) -> None:
        super().__init__("OBJECT_LOCKED", f"{key} is locked", retryable=False)


@dataclass(frozen=True, slots=True)
class StoreCapabilities:
    """What a store proved it can do, not what it claims."""

    name: str
    enforces_lock: bool
    can_presign: bool
    clears_unfinished_uploads: bool = False


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """Facts the store itself reports. `sha256` is lower-case hex of the stored bytes, checked by the store or read back."""

    key: str
    size: int
    sha256: str
    stored_at: datetime
    legal_hold: bool
    retain_until: datetime | None


class ObjectStore(Protocol):
    """Keys are `/`-separated ASCII. Every call may raise `StoreError`."""

    capabilities: StoreCapabilities

    async def put_file(self, key: str, path: Path, *, sha256: str, content_type: str = "application/octet-stream") -> ObjectInfo:
        """Store a file. Idempotent for equal content; different content under an existing key is `OBJECT_EXISTS`."""
        ...

    async def put_bytes(self, key: str, data: bytes, *, content_type: str = "application/octet-stream") -> ObjectInfo:
        """Store a small blob; same rules as `put_file`."""
        ...

    async def confirm(self, key: str, path: Path, *, sha256: str) -> bool:
        """Whether the store holds exactly this file, by a checksum of its own: the proof that is needed before a local copy goes.

        Raises `ObjectMissing`.
        """
        ...

    async def stat(self, key: str) -> ObjectInfo:
        """Return what the store knows. Raises `ObjectMissing`."""
        ...

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes `start` (inclusive) to `end` (exclusive), in chunks of at most 1 MiB."""
        ...

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield keys under a prefix in lexical order."""
        ...

    async def delete(self, key: str) -> None:
        """Delete. Raises `ObjectLocked` while hold or retention stands."""
        ...

    async def set_legal_hold(self, key: str, on: bool) -> None:
        """Place or lift a legal hold (法律保全)."""
        ...

    async def extend_retention(self, key: str, until: datetime) -> None:
        """Set COMPLIANCE retention. It can only grow: an earlier date raises `ObjectLocked`."""
        ...

    async def presign(self, key: str, *, expires_s: int) -> str | None:
        """A short-lived URL that honours Range, or None where the service must stream it itself."""
        ...

    async def ping(self) -> None:
        """Raise if the store does not answer."""
        ...

    async def aclose(self) -> None:
        """Release threads and sockets; idempotent."""
        ...


async def is_stored(store: ObjectStore, key: str) -> bool:
    """Whether the key exists."""
    try:
        await store.stat(key)
    except ObjectMissing:
        return False
    return True


async def read_all(store: ObjectStore, key: str) -> bytes:
    """A small object in one piece. Raises `ObjectMissing`."""
    return b"".join([chunk async for chunk in store.stream(key)])
