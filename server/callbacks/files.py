"""Files of the callback desk (call recordings, forms, signed scans): encrypted before they reach the store, read by ranges.

A file is sealed in chunks of fixed size, each bound to the file, its place, and whether it is the last one: a chunk moved,
dropped or taken from another file does not open. Files stay under legal hold; custody puts the contract's period on them.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server.callbacks.media_types import Judged
from server.callbacks.schemas import CallbackFile
from server.callbacks.tables import callback_files
from server.context import Context
from server.http.problem import Problem, not_found
from server.users.tables import staff_accounts
from storage.db.crypto import FieldCipher
from storage.db.engine import Tx
from storage.db.ids import new_id
from storage.objects.port import ObjectMissing, ObjectStore, StoreError

CHUNK = 256 << 10


def _bound(file_id: str, index: int, *, is_last: bool) -> str:
    return f"callback_files:{file_id}:{index}:{'last' if is_last else 'more'}"


def _seal(cipher: FieldCipher, file_id: str, data: bytes, path: Path) -> tuple[int, str]:
    """Write the sealed chunks; returns the length of a whole sealed chunk and the hash of the sealed file."""
    count = max(1, -(-len(data) // CHUNK))
    digest, width = hashlib.sha256(), 0
    with path.open("wb") as file:
        for index in range(count):
            part = data[index * CHUNK : (index + 1) * CHUNK]
            sealed = cipher.encrypt_bytes(part, _bound(file_id, index, is_last=index == count - 1))
            width = width or len(sealed)
            digest.update(sealed)
            file.write(sealed)
    return width, digest.hexdigest()


async def put(
    context: Context, store: ObjectStore, data: bytes, *, kind: str, purpose: str, judged: Judged, made_by: str
) -> dict[str, Any]:
    """Encrypt and store a file, before any transaction. Returns its row for `insert`; without one nothing points at the object.

    Raises 503 `STORE_UNAVAILABLE`.
    """
    file_id = new_id("cbf")
    key = f"callbacks/{file_id[-2:]}/{file_id}"
    try:
        with tempfile.TemporaryDirectory(prefix="cbf") as folder:
            path = Path(folder) / "sealed"
            width, sealed_sha256 = await asyncio.to_thread(_seal, context.cipher, file_id, data, path)
            await store.put_file(key, path, sha256=sealed_sha256)
        await store.set_legal_hold(key, True)
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error
    return {
        "id": file_id,
        "kind": kind,
        "purpose": purpose,
        "content_type": judged.content_type,
        "size_bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "object_key": key,
        "facts": {**judged.facts, "sealed_chunk": width},
        "made_at": context.now(),
        "made_by": made_by,
    }


async def insert(
    tx: Tx, values: dict[str, Any], *, callback_id: str | None = None, service_call_id: str | None = None
) -> CallbackFile:
    """Write the row of a stored file."""
    await tx.execute(sa.insert(callback_files).values(**values, callback_id=callback_id, service_call_id=service_call_id))
    return (await list_files(tx, callback_files.c.id == values["id"]))[0]


async def list_files(tx: Tx, *where: sa.ColumnElement[bool]) -> list[CallbackFile]:
    """Files under conditions, oldest first; those that were disposed of are not shown any more."""
    there = callback_files.c.disposed_at.is_(None)
    query = sa.select(callback_files).where(there, *where).order_by(callback_files.c.made_at, callback_files.c.id)
    rows = [dict(row) for row in (await tx.execute(query)).mappings()]
    people = {row["made_by"].removeprefix("staff:") for row in rows}
    named = sa.select(staff_accounts.c.id, staff_accounts.c.display_name).where(staff_accounts.c.id.in_(people))
    names = {str(row.id): str(row.display_name) for row in await tx.execute(named)}
    own = ("facts", "made_by_name")
    return [
        CallbackFile(
            **{key: row[key] for key in CallbackFile.model_fields if key not in own},
            facts={key: value for key, value in row["facts"].items() if key != "sealed_chunk"},
            made_by_name=names.get(row["made_by"].removeprefix("staff:"), ""),
        )
        for row in rows
    ]


async def require(tx: Tx, file_id: str, *kinds: str) -> dict[str, Any]:
    """A file's row, or 404 `FILE_NOT_FOUND`."""
    there = (callback_files.c.id == file_id) & callback_files.c.disposed_at.is_(None)
    row = (await tx.execute(sa.select(callback_files).where(there))).mappings().one_or_none()
    if row is None or (kinds and row["kind"] not in kinds):
        raise not_found("FILE_NOT_FOUND")
    return dict(row)


async def read(
    context: Context, store: ObjectStore, row: dict[str, Any], start: int = 0, end: int | None = None
) -> AsyncIterator[bytes]:
    """Yield the plain bytes `start` (inclusive) to `end` (exclusive).

    Raises:
        Problem: 404 `FILE_MISSING`, 503 `STORE_UNAVAILABLE`.
        cryptography.exceptions.InvalidTag: the stored bytes were changed.
    """
    size, width = int(row["size_bytes"]), int(row["facts"]["sealed_chunk"])
    end = size if end is None else min(end, size)
    last = max(0, -(-size // CHUNK) - 1)
    for index in range(start // CHUNK, max(start, end - 1) // CHUNK + 1):
        sealed = bytearray()
        try:
            stop = None if index == last else (index + 1) * width
            async for part in store.stream(row["object_key"], start=index * width, end=stop):
                sealed += part
        except ObjectMissing as error:
            raise not_found("FILE_MISSING") from error
        except StoreError as error:
            raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error
        bound = _bound(row["id"], index, is_last=index == last)
        plain = await asyncio.to_thread(context.cipher.decrypt_bytes, bytes(sealed), bound)
        low, high = max(0, start - index * CHUNK), min(len(plain), end - index * CHUNK)
        yield plain[low:high]


async def read_all(context: Context, store: ObjectStore, row: dict[str, Any]) -> bytes:
    """The whole plain file."""
    return b"".join([part async for part in read(context, store, row)])


def is_intact(row: dict[str, Any], data: bytes) -> bool:
    """Whether a file still has the hash it was stored with."""
    return hashlib.sha256(data).hexdigest() == str(row["sha256"])


def file_name(row: dict[str, Any], at: datetime) -> str:
    """A name for a download."""
    ending = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg", "audio/flac": "flac", "audio/mp4": "m4a",
              "audio/webm": "webm", "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}  # fmt: skip
    return (
        f"{row['kind']}-{row['purpose'] or 'call'}-{at:%Y%m%d-%H%M%S}-{row['id'][-6:]}.{ending.get(row['content_type'], 'bin')}"
    )
