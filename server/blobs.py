"""Encrypted small files outside the evidence: identity images and proposal documents.

Each file is sealed under the data key and bound to its own name; a file moved to another name does not open. Written whole or
not at all. Larger evidence lives in the object store.
"""

import asyncio
import os
import re
import secrets
from pathlib import Path

from server.context import Context

_KEY = re.compile(r"^[a-z_]+/[A-Za-z0-9_\-]{1,60}$")


class BlobMissing(Exception):
    """The file is not there."""


class BlobStore:
    """Files below `<data_dir>/blobs`, by keys such as `identity/img_…`."""

    def __init__(self, context: Context) -> None:
        self._root = context.settings.data_dir / "blobs"
        self._cipher = context.cipher

    async def put(self, key: str, data: bytes) -> None:
        """Write a blob; it is on disk when this returns."""
        path = self._path(key)
        await asyncio.to_thread(self._write, path, self._cipher.encrypt_bytes(data, f"blob:{key}"))

    async def get(self, key: str) -> bytes:
        """Read a blob. Raises `BlobMissing`."""
        try:
            sealed = await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError as error:
            raise BlobMissing(key) from error
        return self._cipher.decrypt_bytes(sealed, f"blob:{key}")

    async def delete(self, key: str) -> None:
        """Remove a blob; idempotent."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise ValueError("not a blob key")
        return self._root / key

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
