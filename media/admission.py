"""Whether a worker takes another room: below its share of a core, and with hours of disk left at the measured rate.

Rooms that run are never touched by this; it only says no to new ones. The worker itself decides, whatever a placement thought.
"""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """When to say no.

    Args:
        cpu: share of one core above which no new room is taken (issue: 70 %).
        disk_hours: hours of recording that must be left on the disk with the new room.
        room_bytes_per_s: what a room writes as long as none was measured (three people and a 720p share, 2.5 Mbit/s).
        room_cpu: what a room takes as long as none was measured.
    """

    cpu: float = 0.7
    disk_hours: float = 2.0
    room_bytes_per_s: float = 312_500.0
    room_cpu: float = 0.03


class Admission:
    """Smoothed load of this worker. Feed `measure` every few seconds."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self.limits = limits
        self.cpu: float | None = None
        self.bytes_per_s = 0.0
        self.elsewhere_bytes_per_s = 0.0
        """What other workers on the same disk write; told by whoever sees them all."""
        self._written: int | None = None
        self._at = 0.0
        self._used = 0.0

    def measure(self, cpu_seconds: float, written: int, recordings: int, now_s: float | None = None) -> None:
        """Note the process' CPU time and the bytes written so far."""
        now = time.monotonic() if now_s is None else now_s
        if self._written is not None:
            passed = max(1e-3, now - self._at)
            # Weighted by time: a change counts fully after some ten seconds (disk: thirty), whatever the interval.
            self.cpu = _blend(self.cpu, (cpu_seconds - self._used) / passed, passed / 4)
            rate = max(0, written - self._written) / passed
            self.bytes_per_s = 0.0 if not recordings else _blend(self.bytes_per_s or None, rate, passed / 12)
        self._written, self._at, self._used = written, now, cpu_seconds

    def room_bytes_per_s(self, recordings: int) -> float:
        """What one more room will write: as the running ones do, never less than a quarter of the usual rate."""
        if not recordings or not self.bytes_per_s:
            return self.limits.room_bytes_per_s
        return max(self.bytes_per_s / recordings, self.limits.room_bytes_per_s / 4)

    def disk_hours(self, free_bytes: int, recordings: int, waiting: int, more: int = 0) -> float:
        """Hours of disk at the measured rate, with rooms that wait for their red button and `more` new ones counted in."""
        expected = self.room_bytes_per_s(recordings) * (waiting + more)
        rate = self.bytes_per_s + self.elsewhere_bytes_per_s + expected
        return free_bytes / max(rate, self.limits.room_bytes_per_s) / 3600

    def refusal(self, free_bytes: int, rooms: int, recordings: int, empty: int) -> str | None:
        """Why a new room is refused now, or None.

        Args:
            rooms, recordings: open rooms, and how many of them record.
            empty: rooms that nobody entered yet, so that their load is not measured.
        """
        if self.disk_hours(free_bytes, recordings, rooms - recordings, 1) < self.limits.disk_hours:
            return "WORKER_DISK_LOW"
        cost = self.limits.room_cpu
        if self.cpu is not None and rooms > empty:
            cost = max(self.cpu / (rooms - empty), self.limits.room_cpu / 4)
        if (self.cpu or 0.0) + cost * empty >= self.limits.cpu:
            return "WORKER_BUSY"
        return None


def _blend(old: float | None, new: float, weight: float) -> float:
    if old is None:
        return new
    share = min(1.0, weight)
    return old + (new - old) * share
