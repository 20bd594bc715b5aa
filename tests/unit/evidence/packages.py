"""Builds small, real evidence packages for tests."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage.evidence.chain import ZERO, chain_events
from storage.evidence.manifest import EventsEntry, Manifest, SegmentEntry
from storage.evidence.seal import Source, entries_of, seal, trust_sources, write_seal
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import LocalAuthority

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def build_package(root: Path, *, segments: int = 4, segment_bytes: int = 3000, events: int = 6) -> Path:
    """Write a sealed package folder below `root` and return it. Keys are in `root/ring`, the authority in `root/tsa`."""
    folder = root / "package"
    content: dict[str, bytes] = {}
    entries: list[SegmentEntry] = []
    journal: list[dict[str, Any]] = [{"seq": 0, "type": "recording_started", "t_ms": 0}]
    for seat in ("s1", "s2"):
        prev = ZERO
        for number in range(segments):
            data = hashlib.shake_256(f"{seat}{number}".encode()).digest(segment_bytes)
            name = f"{seat}.l1.main.{number:05d}.webm"
            sha = hashlib.sha256(data).hexdigest()
            content[f"segments/{name}"] = data
            times = {"t0_ms": number * 4000, "t1_ms": (number + 1) * 4000}
            entries.append(
                SegmentEntry(
                    path=f"segments/{name}", seat_id=seat, leg_id="l1", track="main", codec="vp8+opus", **times, sha256=sha,
                    prev_sha256=prev,
                )
            )  # fmt: skip
            closed = {"type": "segment_closed", "file": f"segments/{name}", "sha256": sha, "prev_sha256": prev, **times}
            journal.append({"seq": len(journal), **closed})
            prev = sha
    content["journal.ndjson"] = b"".join(json.dumps(line).encode() + b"\n" for line in journal)
    lines, hashes = chain_events(
        {
            "seq": n,
            "at": AT.isoformat(),
            "t_ms": n * 1000,
            "type": "node.entered",
            "actor": "agent",
            "payload": {"node_id": f"n{n}"},
        }
        for n in range(events)
    )
    content["events.ndjson"] = lines
    ring, authority = KeyRing(root / "ring"), LocalAuthority(root / "tsa")
    sources = [
        Source(path, "segment" if path.startswith("segments/") else "other", "application/octet-stream", data)
        for path, data in content.items()
    ] + trust_sources(ring, authority, AT)
    manifest = Manifest(
        recording={"id": "rec_1"}, session={}, versions={}, legs=[], segments=entries, journal={"path": "journal.ndjson"},
        events=EventsEntry(path="events.ndjson", count=events, hashes=hashes), documents=[], signatures=[], answers=[], checks=[],
        files=entries_of(sources),
    )  # fmt: skip
    for source in sources:
        path = folder / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(source.content, bytes)
        path.write_bytes(source.content)
    write_seal(folder, asyncio.run(seal(manifest, ring, authority, AT, {"recording_id": "rec_1"})))
    return folder
