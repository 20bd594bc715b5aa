"""The manifest: what belongs to a recording's evidence, with a hash of every byte. Signed and stamped by `seal`."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from storage.evidence.canonical import canonical
from storage.evidence.chain import ZERO
from storage.evidence.digest import Digest

FileKind = Literal[
    "segment", "journal", "events", "transcript", "checks", "document", "signature", "video", "track", "markers", "keys", "photo",
    "index", "other",
]  # fmt: skip
_HEX64 = r"^[0-9a-f]{64}$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Part):
    """A file of the package. `crc32`: see `storage.evidence.digest`."""

    path: str = Field(max_length=300)
    kind: FileKind
    content_type: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_HEX64)
    crc32: str = Field(pattern=r"^([0-9a-f]{8})*$")

    @classmethod
    def of(cls, path: str, kind: FileKind, content_type: str, digest: Digest) -> "FileEntry":
        """Build an entry from a digest."""
        return cls(path=path, kind=kind, content_type=content_type, bytes=digest.size, sha256=digest.sha256, crc32=digest.crc32)


class SegmentEntry(_Part):
    """A media segment in its leg's chain; times on the session clock, ms."""

    path: str
    seat_id: str
    leg_id: str
    track: str
    codec: str
    t0_ms: int
    t1_ms: int
    sha256: str = Field(pattern=_HEX64)
    prev_sha256: str = Field(pattern=_HEX64)


class EventsEntry(_Part):
    """The session's event file: hash of every event, in order."""

    path: str
    count: int
    hashes: list[str]


class Manifest(_Part):
    """Everything that is sealed. Plain values only; personal data is masked or given as hashes by the caller."""

    format: Literal["dual-recording-evidence/1"] = "dual-recording-evidence/1"
    recording: dict[str, Any]
    session: dict[str, Any]
    versions: dict[str, Any]
    legs: list[dict[str, Any]]
    segments: list[SegmentEntry]
    journal: dict[str, Any]
    events: EventsEntry
    documents: list[dict[str, Any]]
    signatures: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    files: list[FileEntry]

    def to_bytes(self) -> bytes:
        """Canonical bytes."""
        return canonical(self.model_dump(mode="json"))


def parse_manifest(data: bytes) -> Manifest:
    """Parse and check a manifest. Raises `ValueError`."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise ValueError(f"not a manifest: {error.error_count()} faults") from error
    if manifest.to_bytes() != data:
        raise ValueError("the manifest is not canonical JSON")
    return manifest


def chain_faults(segments: list[SegmentEntry]) -> list[tuple[SegmentEntry, str]]:
    """Segments whose `prev_sha256` is not the hash of the one before in the same seat, leg and track."""
    heads: dict[tuple[str, str, str], str] = {}
    faults: list[tuple[SegmentEntry, str]] = []
    for segment in segments:
        key = (segment.seat_id, segment.leg_id, segment.track)
        expected = heads.get(key, ZERO)
        if segment.prev_sha256 != expected:
            faults.append((segment, expected))
        heads[key] = segment.sha256
    return faults
