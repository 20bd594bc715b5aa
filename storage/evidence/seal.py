"""Seals a set of files: manifest, signature, time stamp. Reads every byte once, in constant memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from storage.evidence.digest import digest_bytes, digest_file
from storage.evidence.manifest import FileEntry, FileKind, Manifest
from storage.evidence.package import KEYS, MANIFEST, SEAL, STAMP, TSA_ROOTS
from storage.evidence.signing import KeyRing, published
from storage.evidence.timestamp import TimeStampAuthority


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be sealed: where it is (a path or its bytes), and what it is called in the package."""

    path: str
    kind: FileKind
    content_type: str
    content: Path | bytes


@dataclass(frozen=True, slots=True)
class SealedSet:
    """What sealing adds to the files."""

    manifest: bytes
    signature: bytes
    stamp: bytes
    key_id: str
    entries: tuple[FileEntry, ...]


def entries_of(sources: Iterable[Source], on_progress: Callable[[int], None] | None = None) -> list[FileEntry]:
    """Digest sources into manifest entries, in the order of their paths. Raises `ValueError` for a repeated path."""
    entries: dict[str, FileEntry] = {}
    for source in sources:
        if source.path in entries:
            raise ValueError(f"two files called {source.path}")
        digest = digest_file(source.content) if isinstance(source.content, Path) else digest_bytes(source.content)
        entries[source.path] = FileEntry.of(source.path, source.kind, source.content_type, digest)
        if on_progress:
            on_progress(digest.size)
    return [entries[path] for path in sorted(entries)]


def trust_sources(ring: KeyRing, authority: TimeStampAuthority, now: datetime) -> list[Source]:
    """Published keys and authority roots, so that a package can be checked for integrity with nothing else at hand."""
    ring.active(now)
    roots = b"".join(root.public_bytes(Encoding.PEM) for root in authority.roots())
    return [
        Source(KEYS, "keys", "application/json", published(ring.public_keys())),
        Source(TSA_ROOTS, "keys", "application/x-pem-file", roots),
    ]


async def seal(
    manifest: Manifest, ring: KeyRing, authority: TimeStampAuthority, sealed_at: datetime, facts: dict[str, Any] | None = None
) -> SealedSet:
    """Sign and stamp a manifest. Raises `TimeStampError` when the authority gives no token."""
    data = manifest.to_bytes()
    signature = ring.sign(data, sealed_at, facts=facts)
    stamp = await authority.stamp(signature)
    return SealedSet(data, signature, stamp, ring.active(sealed_at).key_id, tuple(manifest.files))


def write_seal(folder: Path, sealed: SealedSet) -> None:
    """Write the three seal files into a package folder."""
    for name, data in ((MANIFEST, sealed.manifest), (SEAL, sealed.signature), (STAMP, sealed.stamp)):
        (folder / name).write_bytes(data)
