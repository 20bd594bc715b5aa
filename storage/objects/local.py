"""Objects in a local folder: for development and single-machine trials.

Content lies under `objects/<key>` as plain files, facts under `facts/<key>.json`. Writes are atomic and once only. Retention
and legal hold are kept and honoured by this adapter, but whoever owns the folder can still delete files: it says so
(`enforces_lock=False`), and the service shows it.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from storage.objects.keys import CHUNK, ChecksumMismatch, ObjectExists, checked_key
from storage.objects.port import ObjectInfo, ObjectLocked, ObjectMissing, StoreCapabilities, StoreError

T = TypeVar("T")


class LocalObjectStore:
    """The port over a folder.

    Args:
        root: made on first use.
        now: clock that retention is judged by.
    """

    def __init__(self, root: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.capabilities = StoreCapabilities("local", enforces_lock=False, can_presign=False)
        self._objects = root / "objects"
        self._facts = root / "facts"
        self._lock_file = root / ".lock"
        self._now = now
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="objects")

    def path_of(self, key: str) -> Path:
        """Where an object's bytes lie."""
        return self._objects / checked_key(key)

    async def put_file(self, key: str, path: Path, *, sha256: str, content_type: str = "application/octet-stream") -> ObjectInfo:
        """Copy a file in, verifying `sha256` on the way and reading back the size."""
        return await self._run(self._put, key, _file_chunks(path), sha256, content_type)

    async def put_bytes(self, key: str, data: bytes, *, content_type: str = "application/octet-stream") -> ObjectInfo:
        """Store a small blob."""
        return await self._run(self._put, key, iter([data]), hashlib.sha256(data).hexdigest(), content_type)

    async def confirm(self, key: str, path: Path, *, sha256: str) -> bool:
        """Read the stored bytes back and compare them with the file."""

        def compare() -> bool:
            known = self._stat(checked_key(key))
            with self.path_of(key).open("rb") as stored:
                actual = hashlib.file_digest(stored, "sha256").hexdigest()
            return actual == sha256 == known.sha256 and path.stat().st_size == known.size

        return await self._run(compare)

    async def stat(self, key: str) -> ObjectInfo:
        """What is known of a key."""
        return await self._run(self._stat, checked_key(key))

    async def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield a range of an object's bytes."""
        path = self.path_of(key)
        try:
            file = await self._run(_open, path)
        except FileNotFoundError:
            raise ObjectMissing(key) from None
        with file:
            await self._run(file.seek, start)
            left = None if end is None else max(0, end - start)
            while left is None or left > 0:
                chunk = await self._run(file.read, CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk

    async def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield keys under a prefix in lexical order."""
        for key in await self._run(_keys_under, self._objects, prefix):
            yield key

    async def delete(self, key: str) -> None:
        """Delete an object that nothing holds."""
        await self._run(self._delete, checked_key(key))

    async def set_legal_hold(self, key: str, on: bool) -> None:
        """Place or lift a legal hold."""
        await self._run(self._change, checked_key(key), lambda facts: {**facts, "legal_hold": on})

    async def extend_retention(self, key: str, until: datetime) -> None:
        """Retention that only grows."""

        def grow(facts: dict[str, Any]) -> dict[str, Any]:
            current = facts.get("retain_until")
            if current and datetime.fromisoformat(current) > until:
                raise ObjectLocked(key)
            return {**facts, "retain_until": until.astimezone(UTC).isoformat()}

        await self._run(self._change, checked_key(key), grow)

    async def presign(self, key: str, *, expires_s: int) -> str | None:
        """A folder has no addresses: the service streams."""
        return None

    async def ping(self) -> None:
        """Raise if the folder cannot be written."""
        await self._run(self._ping)

    async def aclose(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError("STORE_UNAVAILABLE", str(error), retryable=True) from error

    def _ping(self) -> None:
        self._objects.mkdir(parents=True, exist_ok=True)
        if not os.access(self._objects, os.W_OK):
            raise StoreError("STORE_UNAVAILABLE", f"{self._objects} is not writable", retryable=True)

    def _put(self, key: str, chunks: Iterator[bytes], sha256: str, content_type: str) -> ObjectInfo:
        path = self.path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{id(chunks)}")
        digest = hashlib.sha256()
        size = 0
        try:
            with temporary.open("wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() != sha256 or temporary.stat().st_size != size:
                raise ChecksumMismatch(key)
            with self._exclusive():
                facts = self._read_facts(key)
                if path.exists() and facts:
                    if facts["sha256"] != sha256:
                        raise ObjectExists(key)
                    return self._info(key, facts)
                facts = {
                    "size": size,
                    "sha256": sha256,
                    "content_type": content_type,
                    "stored_at": self._now().astimezone(UTC).isoformat(),
                    "legal_hold": False,
                    "retain_until": None,
                }
                self._write_facts(key, facts)
                temporary.replace(path)
                _sync_folder(path.parent)
                return self._info(key, facts)
        finally:
            temporary.unlink(missing_ok=True)

    def _stat(self, key: str) -> ObjectInfo:
        facts = self._read_facts(key)
        if not facts or not self.path_of(key).is_file():
            raise ObjectMissing(key)
        return self._info(key, facts)

    def _delete(self, key: str) -> None:
        with self._exclusive():
            facts = self._read_facts(key)
            if not facts or not self.path_of(key).is_file():
                raise ObjectMissing(key)
            until = facts.get("retain_until")
            if facts["legal_hold"] or (until and datetime.fromisoformat(until) > self._now()):
                raise ObjectLocked(key)
            self.path_of(key).unlink()
            self._facts_path(key).unlink()

    def _change(self, key: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        with self._exclusive():
            facts = self._read_facts(key)
            if not facts:
                raise ObjectMissing(key)
            self._write_facts(key, change(facts))

    def _info(self, key: str, facts: dict[str, Any]) -> ObjectInfo:
        until = facts.get("retain_until")
        return ObjectInfo(
            key=key,
            size=facts["size"],
            sha256=facts["sha256"],
            stored_at=datetime.fromisoformat(facts["stored_at"]),
            legal_hold=facts["legal_hold"],
            retain_until=datetime.fromisoformat(until) if until else None,
        )

    def _facts_path(self, key: str) -> Path:
        return self._facts / f"{checked_key(key)}.json"

    def _read_facts(self, key: str) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads(self._facts_path(key).read_bytes())
        except FileNotFoundError:
            return {}
        return facts

    def _write_facts(self, key: str, facts: dict[str, Any]) -> None:
        path = self._facts_path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with temporary.open("wb") as file:
            file.write(json.dumps(facts).encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        """One changer at a time, across threads and processes."""
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_file.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keys_under(root: Path, prefix: str) -> list[str]:
    """Sorted keys; only the deepest folder the prefix names is walked."""
    base = root / prefix.rpartition("/")[0]
    keys = (
        (Path(folder) / file).relative_to(root).as_posix()
        for folder, _, files in os.walk(base)
        for file in files
        if not file.startswith(".")
    )
    return sorted(key for key in keys if key.startswith(prefix))
