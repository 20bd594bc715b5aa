"""Reads a recording folder: the journal as a typed timeline, and the blocks of its segments. Used after the call."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from media.ports import GapKind
from media.recorder import ebml
from media.recorder.journal import JOURNAL_NAME, ClosedSegment, Entry, read_journal

ABSENT_MS = 1_000
"""A track that ends this long before the recording does belongs to somebody who left."""


class RecordingUnreadable(Exception):
    """The folder holds no recording. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing media. `media` is mic, camera, screen or prompt where the recorder found it, else None (the whole track)."""

    seat_id: str
    track: str
    kind: GapKind
    t0_ms: int
    t1_ms: int
    media: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark set through `recording.mark`."""

    t_ms: int
    kind: str
    data: Mapping[str, Any]
    seq: int


@dataclass(frozen=True, slots=True)
class Chain:
    """All segments of one track of one leg, in order."""

    seat_id: str
    leg_id: str
    track: str
    segments: tuple[ClosedSegment, ...]

    @property
    def t0_ms(self) -> int:
        """Where it begins."""
        return min(segment.t0_ms for segment in self.segments)

    @property
    def t1_ms(self) -> int:
        """Where it ends."""
        return max(segment.t1_ms for segment in self.segments)

    @property
    def has_video(self) -> bool:
        """Whether any segment has pictures."""
        return any(not segment.codec.startswith("opus") for segment in self.segments)

    @property
    def has_audio(self) -> bool:
        """Whether any segment declares sound."""
        return any("opus" in segment.codec for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A recording as its journal tells it."""

    folder: Path
    recording_id: str
    room_id: str
    started_at: datetime
    duration_ms: int
    is_stopped: bool
    """False for a recording whose worker died and that nobody went on with: the duration is then that of its media."""
    segments: tuple[ClosedSegment, ...]
    gaps: tuple[Gap, ...]
    marks: tuple[Mark, ...]
    entries: tuple[Entry, ...] = field(repr=False, default=())

    def chains(self) -> list[Chain]:
        """Segments by track of leg, in the order of their beginning."""
        groups: dict[tuple[str, str, str], list[ClosedSegment]] = {}
        for segment in self.segments:
            groups.setdefault((segment.seat_id, segment.leg_id, segment.track), []).append(segment)
        return sorted((Chain(*key, tuple(value)) for key, value in groups.items()), key=lambda chain: chain.t0_ms)

    def path(self, segment: ClosedSegment) -> Path:
        """Where a segment lies."""
        return self.folder / segment.file


def read_timeline(folder: Path) -> Timeline:
    """Parse the journal of a recording folder.

    Raises:
        RecordingUnreadable: `JOURNAL_MISSING` or `JOURNAL_DAMAGED` (no recording_started entry).
    """
    path = folder / JOURNAL_NAME
    if not path.exists():
        raise RecordingUnreadable("JOURNAL_MISSING", str(path))
    entries, _ = read_journal(path)
    start = next((entry for entry in entries if entry.get("type") == "recording_started"), None)
    if start is None:
        raise RecordingUnreadable("JOURNAL_DAMAGED", str(path))
    segments: list[ClosedSegment] = []
    gaps: list[Gap] = []
    marks: list[Mark] = []
    duration: int | None = None
    for entry in entries:
        match entry.get("type"):
            case "segment_closed":
                segments.append(ClosedSegment.of(entry))
            case "gap":
                gaps.append(_gap(entry))
            case "mark":
                marks.append(Mark(entry["t_ms"], entry["kind"], entry.get("data") or {}, entry["seq"]))
            case "recording_stopped":
                duration = entry["duration_ms"]
            case _:
                pass
    length = duration if duration is not None else max((segment.t1_ms for segment in segments), default=0)
    gaps += _absent(entries, segments, gaps, length, is_stopped=duration is not None)
    return Timeline(
        folder=folder,
        recording_id=start["recording_id"],
        room_id=start.get("room_id", ""),
        started_at=datetime.fromisoformat(start["started_at"]),
        duration_ms=length,
        is_stopped=duration is not None,
        segments=tuple(segments),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.t0_ms)),
        marks=tuple(marks),
        entries=tuple(entries),
    )


def _absent(
    entries: Iterable[Entry], segments: Iterable[ClosedSegment], gaps: Iterable[Gap], end_ms: int, *, is_stopped: bool
) -> list[Gap]:
    """What no recorder lived to write down: seats whose media ended before the recording did."""
    ends: dict[str, int] = {}
    closed = set()
    for segment in segments:
        closed.add(segment.file)
        if segment.track == "main":
            ends[segment.seat_id] = max(segment.t1_ms, ends.get(segment.seat_id, 0))
    for gap in gaps:
        if gap.track == "main" and gap.seat_id in ends:
            ends[gap.seat_id] = max(gap.t1_ms, ends[gap.seat_id])
    if not is_stopped:  # what is being written at this moment is not missing
        for entry in entries:
            if entry.get("type") == "segment_opened" and entry["file"] not in closed:
                ends.pop(entry["seat_id"], None)
    return [
        Gap(seat_id, "main", GapKind.INTERRUPT, t0_ms, end_ms) for seat_id, t0_ms in ends.items() if end_ms - t0_ms > ABSENT_MS
    ]


def _gap(entry: Entry) -> Gap:
    kind = GapKind(entry["kind"])
    return Gap(entry["seat_id"], entry["track"], kind, entry["t0_ms"], entry["t1_ms"], entry.get("media"))


def blocks(folder: Path, segments: Iterable[ClosedSegment]) -> Iterator[tuple[ebml.Scan, ebml.Block]]:
    """All blocks of segments in file order, with the description of their file. Missing files are left out."""
    for segment in segments:
        try:
            content = (folder / segment.file).read_bytes()
        except FileNotFoundError:
            continue
        found = ebml.scan(content)
        for block in found.blocks:
            yield found, block


def merge_spans(spans: Iterable[tuple[int, int]], join_ms: int = 0) -> list[tuple[int, int]]:
    """Spans in order, those closer than `join_ms` made one."""
    merged: list[tuple[int, int]] = []
    for t0, t1 in sorted(spans):
        if merged and t0 - merged[-1][1] <= join_ms:
            merged[-1] = (merged[-1][0], max(t1, merged[-1][1]))
        else:
            merged.append((t0, t1))
    return merged
