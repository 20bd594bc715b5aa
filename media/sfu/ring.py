"""The last packets of one stream, for retransmission, de-duplication and frame assembly."""

from typing import NamedTuple


class Packet(NamedTuple):
    """A plain packet as it is kept: unwrapped sequence number, raw timestamp, payload without extensions and padding."""

    sequence: int
    timestamp: int
    is_marker: bool
    payload: bytes
    arrival_ns: int


class Ring:
    """Fixed number of slots addressed by sequence number; `size` is a power of two."""

    __slots__ = ("_mask", "_slots", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self._mask = size - 1
        self._slots: list[Packet | None] = [None] * size

    def put(self, packet: Packet) -> None:
        """Keep a packet, in place of the one `size` before it."""
        self._slots[packet.sequence & self._mask] = packet

    def get(self, sequence: int) -> Packet | None:
        """The packet with this sequence number, while it is kept."""
        packet = self._slots[sequence & self._mask]
        return packet if packet is not None and packet.sequence == sequence else None

    def trim(self, before_ns: int) -> None:
        """Forget packets that arrived before this instant."""
        slots = self._slots
        for index, packet in enumerate(slots):
            if packet is not None and packet.arrival_ns < before_ns:
                slots[index] = None

    def clear(self) -> None:
        """Forget everything."""
        self._slots = [None] * self.size
