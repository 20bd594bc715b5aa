"""Digests of files: SHA-256 of the whole, and a CRC-32 of every 64 KiB block.

SHA-256 proves that a file is or is not what was sealed. The block sums add *where* it differs: CRC-32 is linear, so the
difference of two sums gives the place and the value of a single changed byte, and SHA-256 of the corrected file then proves
it. The sums stand in the signed manifest; they are never trusted alone.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Digest:
    """Size, SHA-256 (lower-case hex) and block sums (8 hex digits for each block, joined)."""

    size: int
    sha256: str
    crc32: str


class Digester:
    """Feed bytes in any portions, then ask for the digest."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self._sums: list[str] = []
        self._crc = 0
        self._filled = 0
        self._size = 0

    def update(self, data: bytes | memoryview) -> None:
        """Add bytes."""
        self._sha.update(data)
        view = memoryview(data)
        self._size += len(view)
        while view:
            part = view[: BLOCK - self._filled]
            self._crc = zlib.crc32(part, self._crc)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == BLOCK:
                self._sums.append(f"{self._crc:08x}")
                self._crc = self._filled = 0

    def digest(self) -> Digest:
        """The digest of everything fed so far."""
        sums = "".join(self._sums) + (f"{self._crc:08x}" if self._filled else "")
        return Digest(self._size, self._sha.hexdigest(), sums)


def read_chunks(file: BinaryIO, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield a binary file in chunks."""
    while chunk := file.read(size):
        yield chunk


def digest_chunks(chunks: Iterable[bytes]) -> Digest:
    """Digest an iterable of chunks in constant memory."""
    digester = Digester()
    for chunk in chunks:
        digester.update(chunk)
    return digester.digest()


def digest_file(path: Path) -> Digest:
    """Digest a file in constant memory."""
    with path.open("rb") as file:
        return digest_chunks(read_chunks(file))


def digest_bytes(data: bytes) -> Digest:
    """Digest a blob."""
    return digest_chunks([data])
