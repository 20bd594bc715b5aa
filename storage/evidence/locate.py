"""Finds where a file differs from what was sealed, from its block sums alone."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from storage.evidence.digest import BLOCK

_MAX_REPAIRS = 64


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ 0xEDB88320 if value & 1 else value >> 1
        table.append(value)
    return table


_T = _table()
_BY_TOP = {entry >> 24: index for index, entry in enumerate(_T)}
_ERROR_OF = {entry: index for index, entry in enumerate(_T)}


@dataclass(frozen=True, slots=True)
class ByteChange:
    """A byte that differs. `sealed` and `found` are its values."""

    offset: int
    sealed: int
    found: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two versions of a file part.

    Attributes:
        block_start: first byte of the first block whose sum differs.
        block_end: end of that block in the found file (exclusive).
        changes: single changed bytes, in order, where each bad block has exactly one; else empty.
        is_proven: whether putting `changes` back gives the sealed SHA-256.
        bad_blocks: how many blocks differ.
    """

    block_start: int
    block_end: int
    changes: tuple[ByteChange, ...]
    is_proven: bool
    bad_blocks: int


def single_byte_changes(block: bytes, sealed_crc: int) -> Iterator[tuple[int, int]]:
    """Yield `(index, sealed value)` of every single byte change that explains the sum's difference (usually one)."""
    state = zlib.crc32(block) ^ sealed_crc
    for index in range(len(block) - 1, -1, -1):
        error = _ERROR_OF.get(state)
        if error:
            yield index, block[index] ^ error
        low = _BY_TOP[state >> 24]
        state = ((state ^ _T[low]) << 8 | low) & 0xFFFFFFFF


def blocks_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into blocks of `BLOCK` bytes; the last one may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= BLOCK:
            yield bytes(held[:BLOCK])
            del held[:BLOCK]
    if held:
        yield bytes(held)


def locate(reopen: Callable[[], Iterable[bytes]], sealed_size: int, sealed_sha256: str, sealed_crc32: str) -> Difference | None:
    """Compare a stream with its sealed block sums.

    Args:
        reopen: gives the file's chunks from the start; called up to twice.
        sealed_size: size when sealed, bytes.
        sealed_sha256: whole-file hash when sealed.
        sealed_crc32: block sums when sealed.

    Returns:
        The difference, or None when every common block agrees (then only the length differs, or the sums were fooled).
    """
    sums = [int(sealed_crc32[i : i + 8], 16) for i in range(0, len(sealed_crc32), 8)]
    first: tuple[int, int] | None = None
    options: list[list[ByteChange]] = []
    bad = 0
    size = 0
    for number, block in enumerate(blocks_of(reopen())):
        start = number * BLOCK
        size += len(block)
        if number >= len(sums) or zlib.crc32(block) == sums[number]:
            continue
        bad += 1
        first = first or (start, start + len(block))
        if bad <= _MAX_REPAIRS:
            options.append([ByteChange(start + i, v, block[i]) for i, v in single_byte_changes(block, sums[number])])
    if first is None:
        return None
    if size != sealed_size or bad > _MAX_REPAIRS or any(not found for found in options):
        return Difference(*first, changes=(), is_proven=False, bad_blocks=bad)
    choice = _prove(reopen, sealed_sha256, options)
    changes = choice if choice is not None else tuple(found[0] for found in options)
    return Difference(*first, changes=changes, is_proven=choice is not None, bad_blocks=bad)


def _prove(
    reopen: Callable[[], Iterable[bytes]], sealed_sha256: str, options: list[list[ByteChange]]
) -> tuple[ByteChange, ...] | None:
    """The combination that restores the sealed hash; ambiguous blocks are rare, so at most a few are tried."""
    combinations: list[tuple[ByteChange, ...]] = [()]
    for found in options:
        combinations = [(*held, change) for held in combinations for change in found][:8]
    for choice in combinations:
        if _sha_with(reopen(), choice) == sealed_sha256:
            return choice
    return None


def _sha_with(chunks: Iterable[bytes], changes: tuple[ByteChange, ...]) -> str:
    sha = hashlib.sha256()
    position = 0
    left = list(changes)
    for chunk in chunks:
        end = position + len(chunk)
        if left and left[0].offset < end:
            mended = bytearray(chunk)
            while left and left[0].offset < end:
                change = left.pop(0)
                mended[change.offset - position] = change.sealed
            chunk = bytes(mended)
        sha.update(chunk)
        position = end
    return sha.hexdigest()
