"""The time of a packet on the session clock.

A stream starts at its arrival. Sender reports (RFC 3550 §6.4.1) tie its RTP clock to the sender's NTP clock, and the lowest delay
seen ties that clock to ours; mic and camera of one seat share this second tie, so lip sync is the sender's own. Corrections
step during the first two seconds only, later they slew by at most 5 ms per second. A source reset, or media time that parted
from real time (a phone call stops the sender's RTP clock), starts a new anchor; the track then has a marked gap.
"""

from collections import deque
from typing import Protocol

STEP_MS = 2_000.0
SLEW = 0.005
JUMP_MS = 300.0
JUMP_HOLD_MS = 1_000.0
_WINDOW_MS = 30_000.0
_BUCKET_MS = 5_000.0


class SeatClock:
    """Ties a sender's NTP clock to the session clock: the smallest (arrival - NTP) of the last half minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    @property
    def offset(self) -> float | None:
        """Session ms minus NTP ms, or None before the first sender report."""
        return self._seen[0][1] if self._seen else None

    def observe(self, ntp_ms: float, arrival_ms: float) -> None:
        """Take the times of one sender report (of any track of the seat)."""
        difference = arrival_ms - ntp_ms
        if self._seen and abs(difference - self._seen[-1][1]) > 10_000:
            self._seen.clear()  # the sender's wall clock was set
        while self._seen and self._seen[-1][1] >= difference:
            self._seen.pop()
        self._seen.append((arrival_ms, difference))
        while len(self._seen) > 1 and arrival_ms - self._seen[0][0] > _WINDOW_MS:
            self._seen.popleft()


def ntp_to_ms(ntp: int) -> float:
    """Milliseconds of a 64-bit NTP timestamp."""
    return (ntp >> 32) * 1000.0 + (ntp & 0xFFFFFFFF) * 1000.0 / 4_294_967_296.0


class PacketClock(Protocol):
    """What a stream needs of its clock."""

    @property
    def anchors(self) -> int:
        """Number of anchors set; a growing number tells the track that time jumped."""

    def ms(self, timestamp: int) -> float:
        """Session time of a timestamp; needs one `observe` before."""

    def observe(self, timestamp: int, arrival_ms: float) -> None:
        """Take the arrival of a packet."""

    def report(self, ntp_ms: float, timestamp: int, arrival_ms: float) -> None:
        """Take a sender report of this stream (after `SeatClock.observe`)."""


class TrackClock:
    """Maps RTP timestamps of one stream to session milliseconds.

    Args:
        rate: RTP clock rate in Hz.
        seat: the shared tie of all tracks of the seat.
    """

    def __init__(self, rate: int, seat: SeatClock) -> None:
        self._per_tick = 1000.0 / rate
        self._seat = seat
        self._last_ts: int | None = None
        self.anchors = 0
        """Number of anchors set; a growing number tells the track that time jumped."""
        self._forget()

    def _forget(self) -> None:
        self._shift = 0.0
        self._is_anchored = False
        self._first_arrival = 0.0
        self._last_arrival = 0.0
        self._newest = 0
        self._report: tuple[int, float] | None = None
        self._early: tuple[float, int, float] | None = None
        self._envelope = [float("inf"), float("inf")]
        self._bucket_start = 0.0
        self._apart_since: float | None = None
        self._apart_least = 0.0

    def reset(self) -> None:
        """The source changed: the next packet sets a new anchor at its arrival."""
        self._last_ts = None
        self._forget()

    def _extend(self, timestamp: int) -> int:
        last = self._last_ts
        if last is None:
            self._last_ts = timestamp
            return timestamp
        delta = (timestamp - last) & 0xFFFFFFFF
        if delta & 0x8000_0000:
            return last + delta - 0x1_0000_0000
        self._last_ts = extended = last + delta
        return extended

    def ms(self, timestamp: int) -> float:
        """Session time of a timestamp; needs one `observe` before."""
        return self._extend(timestamp) * self._per_tick + self._shift

    def observe(self, timestamp: int, arrival_ms: float) -> None:
        """Take the arrival of a packet, in any order; older ones than the newest are ignored."""
        ticks = self._extend(timestamp)
        media = ticks * self._per_tick
        if not self._is_anchored:
            self._anchor(arrival_ms - media, arrival_ms)
            self._newest = ticks
            if self._early is not None:
                early, self._early = self._early, None
                self.report(*early)
        elif ticks < self._newest:
            return
        self._newest = ticks
        delay = arrival_ms - media
        if arrival_ms - self._bucket_start > _BUCKET_MS:
            self._envelope = [self._envelope[1], delay]
            self._bucket_start = arrival_ms
        elif delay < self._envelope[1]:
            self._envelope[1] = delay
        apart = delay - self._shift
        if -JUMP_MS <= apart <= JUMP_MS:
            self._apart_since = None
        elif self._watch_jump(apart, arrival_ms):
            self._anchor(delay, arrival_ms)
            self._report = None
            return
        self._steer(self._target(), arrival_ms)

    def report(self, ntp_ms: float, timestamp: int, arrival_ms: float) -> None:
        """Take a sender report of this stream (after `SeatClock.observe`)."""
        if not self._is_anchored:
            self._early = (ntp_ms, timestamp, arrival_ms)
            return
        ticks = self._extend(timestamp)
        if abs(ticks - self._newest) * self._per_tick > 60_000:
            return  # of another source
        before, self._report = self._report, (ticks, ntp_ms)
        target = self._target()
        if self._newest * self._per_tick + target > max(arrival_ms, self._last_arrival) + 1_000.0:
            self._report = before  # media from the future: the report does not belong to these timestamps
            return
        if target - self._shift > JUMP_MS and arrival_ms - self._first_arrival > STEP_MS:
            # Real time passed that the sender's RTP clock did not count.
            self._anchor(target, arrival_ms)
        else:
            self._steer(target, arrival_ms)

    def _anchor(self, shift: float, arrival_ms: float) -> None:
        if not self._is_anchored:
            self._first_arrival = arrival_ms
            self._is_anchored = True
        self._shift = shift
        self._last_arrival = arrival_ms
        self._envelope = [float("inf"), shift]
        self._bucket_start = arrival_ms
        self._apart_since = None
        self.anchors += 1

    def _target(self) -> float:
        offset = self._seat.offset
        if self._report is not None and offset is not None:
            ticks, ntp_ms = self._report
            return ntp_ms + offset - ticks * self._per_tick
        return min(self._envelope)

    def _steer(self, target: float, arrival_ms: float) -> None:
        error = target - self._shift
        elapsed = arrival_ms - self._last_arrival
        if elapsed > 0:
            self._last_arrival = arrival_ms
        else:
            elapsed = 0.0
        if arrival_ms - self._first_arrival <= STEP_MS:
            self._shift = target
        else:
            limit = SLEW * (elapsed if elapsed < 1000.0 else 1000.0)
            self._shift += limit if error > limit else -limit if error < -limit else error

    def _watch_jump(self, apart: float, arrival_ms: float) -> bool:
        """Whether media and real time, farther apart than a network delays, have been so for too long."""
        if apart < -5_000 or apart > 30_000:
            return True
        if self._apart_since is None:
            self._apart_since = arrival_ms
        return arrival_ms - self._apart_since >= JUMP_HOLD_MS and not (apart > 0 and self._report is not None)
