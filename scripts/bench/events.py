"""What a recording holds of known events: flashes and beeps at the multiples of a period of the machine's monotonic clock.

The native client of the media tests shows and sounds them (tests/media/native_client.mjs); here they are looked for in the files.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from media.recorder.reader import Timeline, merge_spans, read_timeline
from scripts.bench.media_sync import beeps, flashes

PERIOD_MS = 500
_NEAR_MS = 150


@dataclass(frozen=True, slots=True)
class Presence:
    """Events of one seat: how many there were, how many the file has, and how far sound and picture of one event are apart."""

    expected: int
    flashes: int
    beeps: int
    offsets_ms: tuple[float, ...]

    @property
    def percent(self) -> float:
        """Share of flashes and beeps that are in the file."""
        return 100 * (self.flashes + self.beeps) / (2 * self.expected)


def of_seat(folder: Path, seat_id: str) -> Timeline:
    """The recording as if only this seat had been there."""
    timeline = read_timeline(folder)
    mine = tuple(item for item in timeline.segments if item.seat_id == seat_id and item.track == "main")
    return replace(timeline, segments=mine, gaps=tuple(gap for gap in timeline.gaps if gap.seat_id == seat_id))


def presence(folder: Path, seat_id: str, started_ns: int, first_ms: float, last_ms: float) -> Presence:
    """Look for every event that happened between two session times.

    Args:
        started_ns: CLOCK_MONOTONIC of session time 0.
    """
    timeline = of_seat(folder, seat_id)
    zero = started_ns / 1e6
    seen, heard = np.array(flashes(timeline)) + zero, np.array(beeps(timeline)) + zero
    truth = np.arange(np.ceil((zero + first_ms) / PERIOD_MS), np.floor((zero + last_ms) / PERIOD_MS)) * PERIOD_MS
    late = [float(np.median((found % PERIOD_MS + 100) % PERIOD_MS - 100)) if len(found) else 0.0 for found in (seen, heard)]
    has = [[bool(len(found)) and np.abs(found - at - wait).min() < _NEAR_MS for at in truth]
           for found, wait in zip((seen, heard), late, strict=True)]  # fmt: skip
    both = [at for at, is_seen, is_heard in zip(truth, *has, strict=True) if is_seen and is_heard]
    offsets = tuple(_nearest(heard, at + late[1]) - _nearest(seen, at + late[0]) for at in both)
    return Presence(len(truth), sum(has[0]), sum(has[1]), offsets)


def _nearest(found: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", at: float) -> float:
    return float(found[np.abs(found - at).argmin()])


def gap_around(timeline: Timeline, media: str, at_ms: float) -> tuple[int, int] | None:
    """The journalled gap of a seat's `mic` or `camera` at an instant: its entries there made one."""
    spans = [(gap.t0_ms, gap.t1_ms) for gap in timeline.gaps if gap.media in (None, media) and gap.track == "main"]
    return next((span for span in merge_spans(spans, join_ms=25) if span[0] <= at_ms <= span[1]), None)


def pause_around(times: list[float], at: float) -> tuple[float, float] | None:
    """Last packet before and first packet behind an instant, monotonic seconds."""
    before = [time for time in times if time <= at]
    after = [time for time in times if time > at]
    return (before[-1], after[0]) if before and after else None
