"""What a recording holds of known events: flashes and beeps at the multiples of a period of the machine's monotonic clock.

The native client of the media tests shows and sounds them (tests/media/native_client.mjs); here they are looked for in the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.recorder.reader import Timeline, merge_spans, read_timeline
from scripts.bench.media_sync import beeps, flashes

PERIOD_MS = 500
_NEAR_MS = 150
Times = NDArray[np.float64]


class ClientStalled(Exception):
    """The sender itself stood still for so long that what it recorded cannot be judged."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Events of one seat: how many there were, how many the file has, and how far sound and picture of one event are apart."""

    expected_flashes: int
    flashes: int
    expected_beeps: int
    beeps: int
    offsets_ms: tuple[float, ...]
    missing_ms: tuple[float, ...]
    """Session times of flashes that are not in the file."""


def of_seat(folder: Path, seat_id: str) -> Timeline:
    """The recording as if only this seat had been there."""
    timeline = read_timeline(folder)
    mine = tuple(item for item in timeline.segments if item.seat_id == seat_id and item.track == "main")
    return replace(timeline, segments=mine, gaps=tuple(gap for gap in timeline.gaps if gap.seat_id == seat_id))


def presence(
    folder: Path, seat_id: str, started_ns: int, first_ms: float, last_ms: float, made: Mapping[str, Any] | None = None
) -> Presence:
    """Look for every event that happened between two session times.

    Sound has the sender's sample count as its clock, so a beep belongs to its place however late it was made; a picture has the
    time at which it was given to the camera.

    Args:
        started_ns: CLOCK_MONOTONIC of session time 0.
        made: what the client says it made (`shown`). A flash it showed less than twice (a stalled machine) is no event, one it
            showed late is compared with the time it was shown.

    Raises:
        ClientStalled: the client left out sound, so that its own clock stood still: nothing can be judged.
    """
    shown: Mapping[str, int] | None = None if made is None else made["shown"]
    shown_at: Mapping[str, float] = {} if made is None else made["shown_at"]
    if made is not None and made["sound"]["skipped"]:
        raise ClientStalled(f"the client left out sound: {made['sound']['skipped']}")
    timeline = of_seat(folder, seat_id)
    zero = started_ns / 1e6
    truth: Times = np.float64(PERIOD_MS) * np.arange(
        np.ceil((zero + first_ms) / PERIOD_MS), np.floor((zero + last_ms) / PERIOD_MS), dtype=np.float64
    )
    bright = truth[[shown is None or shown.get(str(int(at // PERIOD_MS)), 0) >= 2 for at in truth]]
    seen, has_seen = _match(np.array(flashes(timeline)) + zero, bright)
    heard, has_heard = _match(np.array(beeps(timeline)) + zero, truth)
    late = {at: shown_at.get(str(int(at // PERIOD_MS)), at) - at for at in seen}
    pairs = [(seen[at] - late[at], heard[at]) for at in seen if at in heard]
    return Presence(
        len(bright),
        int(sum(has_seen)),
        len(truth),
        int(sum(has_heard)),
        tuple(b - a for a, b in pairs),
        tuple(float(at - zero) for at, has in zip(bright, has_seen, strict=True) if not has),
    )


def _match(found: Times, truth: Times) -> tuple[dict[float, float], list[bool]]:
    """Where each event was found, all being late by the same (the median); and whether it was."""
    if not len(found):
        return {}, [False] * len(truth)
    late = float(np.median((found % PERIOD_MS + 100) % PERIOD_MS - 100))
    nearest = [float(found[np.abs(found - at - late).argmin()]) for at in truth]
    has = [abs(near - at - late) < _NEAR_MS for near, at in zip(nearest, truth, strict=True)]
    return {float(at): near for at, near, ok in zip(truth, nearest, has, strict=True) if ok}, has


def gap_around(timeline: Timeline, media: str, at_ms: float) -> tuple[int, int] | None:
    """The journalled gap of a seat's `mic` or `camera` at an instant: its entries there made one."""
    spans = [(gap.t0_ms, gap.t1_ms) for gap in timeline.gaps if gap.media in (None, media) and gap.track == "main"]
    return next((span for span in merge_spans(spans, join_ms=25) if span[0] <= at_ms <= span[1]), None)


def pause_around(times: list[float], at: float) -> tuple[float, float] | None:
    """Last packet before and first packet behind an instant, monotonic seconds."""
    before = [time for time in times if time <= at]
    after = [time for time in times if time > at]
    return (before[-1], after[0]) if before and after else None
