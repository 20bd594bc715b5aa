"""Closes what a killed worker left open. Only open segments are read, so a long recording takes no longer than a short one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from media.ports import GapKind, MediaKind, RecordingClock
from media.recorder.journal import JOURNAL_NAME, NO_SHA256, ClosedSegment, Entry, Journal, read_journal
from media.recorder.recording import Continued
from media.recorder.salvage import salvage

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `recover` did with one recording."""

    folder: Path
    recording_id: str
    room_id: str
    closed: int
    duration_ms: int


def boot_id() -> str:
    """Which boot of the machine this is: monotonic times compare only within one."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def clock_of(entries: list[Entry]) -> RecordingClock | None:
    """The session clock of a journal; None without a start.

    Carried over a reboot, and to another machine, by the wall clock, but never behind what is recorded: a wall clock that was set
    back must not lay the next part over the one before. From then on it is that boot's own.
    """
    start = next((entry for entry in entries if entry.get("type") == "recording_started"), None)
    if start is None:
        return None
    started_at, boot = datetime.fromisoformat(start["started_at"]), boot_id()
    for entry in reversed(entries):
        if entry.get("type") in ("recording_started", "recording_resumed") and entry.get("boot_id") == boot:
            return RecordingClock(started_at, entry["started_monotonic_ns"])
    elapsed_ns = int((datetime.now(UTC) - started_at).total_seconds() * 1e9)
    recorded_ms = max(max(entry.get("t_ms", 0), entry.get("t1_ms", 0)) for entry in entries)
    return RecordingClock(started_at, time.monotonic_ns() - max(elapsed_ns, recorded_ms * 1_000_000))


def is_unfinished(entries: list[Entry]) -> bool:
    """Whether a journal has a start and no end."""
    return any(e.get("type") == "recording_started" for e in entries) and not any(
        e.get("type") == "recording_stopped" for e in entries
    )


def recover(folder: Path) -> Recovered | None:
    """Close the open segments of one folder and journal a `restart` gap per track; None when it is finished or empty.

    Idempotent. Raises `OSError`, and `JournalHeld` for a recording that another process goes on with.
    """
    entries, _ = read_journal(folder / JOURNAL_NAME)
    if clock_of(entries) is None or not is_unfinished(entries):
        return None
    journal = Journal(folder / JOURNAL_NAME)
    try:
        return _recover(folder, journal)
    finally:
        journal.close()


def _recover(folder: Path, journal: Journal) -> Recovered | None:
    entries, _ = read_journal(folder / JOURNAL_NAME)  # nobody writes any more
    clock = clock_of(entries)
    if clock is None or not is_unfinished(entries):
        return None
    previous = {ClosedSegment.of(e).chain: e["sha256"] for e in entries if e["type"] == "segment_closed"}
    open_segments = _open_segments(folder, entries)
    now_ms = clock.ms(time.monotonic_ns())
    salvaged: list[ClosedSegment] = []
    for entry in open_segments:
        segment = salvage(folder, entry, previous)
        if segment is not None:
            previous[segment.chain] = segment.sha256
            salvaged.append(segment)
            entries.append({"type": "segment_closed", **segment.entry()})
    # Gaps first: whoever is killed from here on leaves segments open, and the next one marks what is missing up to then.
    for (seat_id, track), t0_ms in _ends(entries, open_segments).items():
        t1_ms = max(now_ms, t0_ms + 1)  # a restart is marked however short it was
        fields = {"seat_id": seat_id, "track": track, "kind": GapKind.RESTART, "t0_ms": t0_ms, "t1_ms": t1_ms}
        journal.append("gap", now_ms, fields)
    for segment in salvaged:
        journal.append("segment_closed", segment.t1_ms, segment.entry())
    start = entries[0]
    return Recovered(folder, start["recording_id"], start.get("room_id", ""), len(open_segments), now_ms)


def _open_segments(folder: Path, entries: list[Entry]) -> list[Entry]:
    """What was being written when the worker died. A segment that was found to have nothing in it is over since then."""
    closed = {entry["file"] for entry in entries if entry["type"] == "segment_closed"}
    found: list[Entry] = []
    for entry in entries:
        if entry["type"] == "segment_opened" and entry["file"] not in closed:
            found.append(entry)
        elif entry["type"] == "gap" and entry["kind"] in (GapKind.RESTART, GapKind.LOSS) and entry.get("media") is None:
            part = entry["seat_id"], entry["track"]
            found = [
                opened
                for opened in found
                if (opened["seat_id"], opened["track"]) != part
                or opened["t_ms"] > entry["t1_ms"]
                or (folder / opened["file"]).exists()
            ]
    return found


def _ends(entries: list[Entry], open_segments: list[Entry]) -> dict[tuple[str, str], int]:
    """Where the media of each track ended that was being recorded when the worker died."""
    wanted = {(entry["seat_id"], entry["track"]) for entry in open_segments}
    ends: dict[tuple[str, str], int] = {}
    found = {entry["file"] for entry in entries if entry["type"] == "segment_closed"}
    for entry in open_segments:
        if entry["file"] not in found:  # nothing of it is here: missing from its beginning on
            ends.setdefault((entry["seat_id"], entry["track"]), entry["t_ms"])
    for entry in entries:
        if entry["type"] == "segment_closed" and (key := (entry["seat_id"], entry["track"])) in wanted:
            ends[key] = max(ends.get(key, 0), entry["t1_ms"])
    return ends


def continued(entries: list[Entry]) -> Continued:
    """Where the chains and the media of an earlier part ended, so that the next part goes on there."""
    chains: dict[str, tuple[int, str]] = {}
    ends: dict[tuple[str, MediaKind], int] = {}
    filmed = {entry["seat_id"] for entry in entries if entry["type"] == "segment_opened" and entry["codec"] != "opus"}
    for entry in entries:
        t1_ms = 0
        if entry["type"] == "segment_opened":
            chain = f"{entry['seat_id']}.{entry['leg_id']}.{entry['track']}"
            chains[chain] = (int(entry["file"].rsplit(".", 2)[1]) + 1, chains.get(chain, (0, NO_SHA256))[1])
        elif entry["type"] == "segment_closed":
            segment = ClosedSegment.of(entry)
            chains[segment.chain] = (chains.get(segment.chain, (1, ""))[0], segment.sha256)
            t1_ms = segment.t1_ms
        elif entry["type"] == "gap" and entry["kind"] == GapKind.RESTART:
            t1_ms = entry["t1_ms"]
        if t1_ms and entry["track"] == "main":
            for kind in (MediaKind.MIC, MediaKind.CAMERA) if entry["seat_id"] in filmed else (MediaKind.MIC,):
                key = (entry["seat_id"], kind)
                ends[key] = max(t1_ms, ends.get(key, 0))
    return Continued(chains, ends)
