"""Arrival times of one transport's packets, turned into feedback for the sender's bandwidth estimation."""

from media import rtcp, rtp

_MAX_REPORT = 1000


class ArrivalLog:
    """Collects (transport sequence, arrival); `build` every 50–100 ms."""

    __slots__ = ("_arrivals", "_count", "_highest", "_next", "_noted")

    def __init__(self) -> None:
        self._arrivals: dict[int, int] = {}
        self._noted: list[tuple[int, int]] = []
        self._highest: int | None = None
        self._next: int | None = None
        self._count = 0

    def add(self, sequence: int, arrival_ns: int) -> None:
        """Note a packet (every one on the transport, padding and retransmissions included)."""
        self._noted.append((sequence, arrival_ns))
        if len(self._noted) > _MAX_REPORT:
            self._sort()

    def _sort(self) -> None:
        arrivals, near = self._arrivals, self._highest
        for sequence, arrival_ns in self._noted:
            full = sequence + 0x10000 if near is None else rtp.unwrap16(sequence, near)
            if near is None or full > near:
                near = full
            arrivals.setdefault(full, arrival_ns)
        self._highest = near
        self._noted.clear()

    def build(self, sender: int, media: int) -> bytes | None:
        """The feedback packet for what arrived since the last one, None when nothing did."""
        self._sort()
        if not self._arrivals:
            return None
        arrivals = sorted(self._arrivals.items())[-_MAX_REPORT:]
        self._arrivals.clear()
        base = arrivals[0][0]
        if self._next is not None and self._next < base and arrivals[-1][0] - self._next < _MAX_REPORT:
            base = self._next
        self._next = arrivals[-1][0] + 1
        if self._next - base > 2 * _MAX_REPORT:
            return None
        packet = rtcp.transport_feedback(sender, media, self._count, arrivals, base)
        self._count = (self._count + 1) & 0xFF
        return packet
