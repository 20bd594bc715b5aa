"""Puts packets back into sequence order, waiting a bounded time for retransmissions. Far longer than live playout would."""

from dataclasses import dataclass

from media.recorder.depacketise import Packet

_MAX_HELD = 4096
_RESTART_DISTANCE = 30_000


@dataclass(frozen=True, slots=True)
class Hole:
    """Packets that did not come in time."""

    count: int


class Reorder:
    """Reorder buffer of one stream.

    Args:
        window_ns: how long a missing packet is waited for, counted from the arrival of the first packet behind it.
    """

    def __init__(self, window_ns: int) -> None:
        self._window = window_ns
        self._next: int | None = None
        self._held: dict[int, Packet] = {}
        self._since = 0
        self.late = 0

    def reset(self) -> None:
        """Forget everything: sequence numbers start anew."""
        self._next = None
        self._held.clear()

    @property
    def following(self) -> int:
        """The sequence number that is next; -1 before the first packet."""
        return -1 if self._next is None else self._next

    @following.setter
    def following(self, sequence: int) -> None:
        self._next = None if sequence < 0 else sequence

    @property
    def held(self) -> int:
        """Packets that wait for earlier ones."""
        return len(self._held)

    def accept(self, sequence: int) -> bool:
        """The common case at no cost: the packet is the next and nothing is held. True: take it, without `push`."""
        if sequence == self._next and not self._held:
            self._next = sequence + 1
            return True
        return False

    def push(self, packet: Packet) -> list[Packet | Hole]:
        """Take a packet in any order; returns what is now in order."""
        following = self._next
        if following is None:
            following = packet.sequence
        if packet.sequence == following:
            self._next = following + 1
            out: list[Packet | Hole] = [packet]
            if self._held:
                self._release(out)
                if self._held:
                    self._since = packet.arrival_ns
            return out
        if packet.sequence < following:
            if following - packet.sequence > _RESTART_DISTANCE:
                out = self.flush()
                self._next = packet.sequence + 1
                return [*out, Hole(1), packet]
            self.late += 1
            return []
        if not self._held:
            self._since = packet.arrival_ns
        self._held.setdefault(packet.sequence, packet)
        out = []
        if len(self._held) > _MAX_HELD:
            self._skip(out)
        return out + self.expire(packet.arrival_ns)

    def expire(self, now_ns: int) -> list[Packet | Hole]:
        """Give up on packets that were waited for long enough."""
        out: list[Packet | Hole] = []
        while self._held and now_ns - self._since >= self._window:
            self._skip(out)
            if self._held:
                self._since = min(packet.arrival_ns for packet in self._held.values())
        return out

    def flush(self) -> list[Packet | Hole]:
        """Give out everything held, holes included."""
        out: list[Packet | Hole] = []
        while self._held:
            self._skip(out)
        return out

    def _skip(self, out: list[Packet | Hole]) -> None:
        first = min(self._held)
        assert self._next is not None
        out.append(Hole(first - self._next))
        self._next = first
        self._release(out)

    def _release(self, out: list[Packet | Hole]) -> None:
        following = self._next
        assert following is not None
        while (packet := self._held.pop(following, None)) is not None:
            out.append(packet)
            following += 1
        self._next = following
