"""The evidence package as a stream: a ZIP of stored files straight from the object store, and verification of what is stored."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from storage.evidence.package import PackageError
from storage.objects.port import ObjectMissing, ObjectStore, StoreError

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_READ_TIMEOUT_S = 60.0


class _Outlet(io.RawIOBase):
    """Where the ZIP writer writes to; `take` hands out what has gathered."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


async def zip_stream(
    store: ObjectStore, objects: Sequence[Mapping[str, Any]], extra: Mapping[str, bytes]
) -> AsyncIterator[bytes]:
    """Yield a ZIP whose members are stored, in constant memory.

    Args:
        objects: rows of `recording_objects`.
        extra: small files that are not part of the seal, such as `annex/access-log.json`.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for found in sorted(objects, key=lambda item: item["path"]):
            with archive.open(zipfile.ZipInfo(found["path"], _FIXED_TIME), "w", force_zip64=True) as member:
                async for chunk in store.stream(found["key"]):
                    member.write(chunk)
                    yield outlet.take()
            yield outlet.take()
        for path, data in sorted(extra.items()):
            archive.writestr(zipfile.ZipInfo(path, _FIXED_TIME), data)
    yield outlet.take()


class StorePackage:
    """A stored package as `storage.evidence` reads one, from a thread while `loop` serves the store.

    Args:
        store: the object store, used on `loop`.
        keys: object key by package path.
        sizes: bytes by package path.
    """

    def __init__(
        self, store: ObjectStore, keys: Mapping[str, str], sizes: Mapping[str, int], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._store = store
        self._keys = keys
        self._sizes = sizes
        self._loop = loop

    @classmethod
    async def open(cls, store: ObjectStore, prefix: str) -> "StorePackage":
        """List what lies under a prefix."""
        keys: dict[str, str] = {}
        sizes: dict[str, int] = {}
        async for key in store.list(prefix):
            keys[key.removeprefix(prefix)] = key
            sizes[key.removeprefix(prefix)] = (await store.stat(key)).size
        return cls(store, keys, sizes, asyncio.get_running_loop())

    def names(self) -> list[str]:
        """All files, sorted."""
        return sorted(self._keys)

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._sizes[name]

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        source = aiter(self._store.stream(self._keys[name]))
        while True:
            try:
                chunk = asyncio.run_coroutine_threadsafe(_next(source), self._loop).result(_READ_TIMEOUT_S)
            except (ObjectMissing, StoreError, TimeoutError) as error:
                raise PackageError(f"{name}: {error}") from error
            if chunk is None:
                return
            yield chunk


async def _next(source: AsyncIterator[bytes]) -> bytes | None:
    return await anext(source, None)
