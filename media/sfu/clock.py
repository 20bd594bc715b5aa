"""The worker's NTP time: taken from the system clock once, then monotonic, so that a clock step never bends a timeline."""

import time

from media.rtcp import NTP_EPOCH


class NtpClock:
    """Converts CLOCK_MONOTONIC instants to 64-bit NTP timestamps."""

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() + NTP_EPOCH * 1_000_000_000 - time.monotonic_ns()

    def at(self, monotonic_ns: int) -> int:
        """The 32.32 fixed-point NTP time of the instant."""
        return ((monotonic_ns + self._offset_ns) << 32) // 1_000_000_000
