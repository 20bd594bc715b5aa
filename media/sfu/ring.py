"""The last packets of one stream, for retransmission, de-duplication and frame assembly."""

from typing import NamedTuple

VIDEO_SLOTS, AUDIO_SLOTS = 1024, 256
"""Two seconds and more: 500 packets of video a second, sound in packets of 10 ms. The compiled ring has as many."""


class Packet(NamedTuple):
    """A plain packet as it is kept: unwrapped sequence number, raw timestamp, payload without extensions and padding."""

    sequence: int
    timestamp: int
    is_marker: bool
    payload: bytes
    arrival_ns: int


class Ring:
    """Fixed number of slots addressed by sequence number; `size` is a power of two."""

    __slots__ = ("_mask", "_newest", "_oldest", "_slots", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._mask = size - 1
        self._newest = self._oldest = -1
        self._slots: list[Packet | None] = [None] * size

    def put(self, packet: Packet) -> None:
        """Keep a packet, in place of the one `size` before it."""
        sequence = packet.sequence
        self._slots[sequence & self._mask] = packet
        if sequence > self._newest:
            self._newest = sequence

    def get(self, sequence: int) -> Packet | None:
        """The packet with this sequence number, while it is kept."""
        packet = self._slots[sequence & self._mask]
        return packet if packet is not None and packet.sequence == sequence else None

    def trim(self, before_ns: int) -> None:
        """Forget packets that arrived before this instant."""
        slots, mask = self._slots, self._mask
        at = max(self._oldest, self._newest - mask)
        while at <= self._newest:
            packet = slots[at & mask]
            if packet is not None:
                if packet.arrival_ns < before_ns:
                    slots[at & mask] = None
                elif packet.sequence == at:
                    break
            at += 1
        self._oldest = at

    def clear(self) -> None:
        """Forget everything."""
        self._slots = [None] * self.size
