"""RTP header reading (RFC 3550 §5.1, RFC 8285) without building objects; header extension ids are ours, fixed in every offer."""

from struct import Struct
from typing import NamedTuple

HEADER = Struct("!BBHII")
_EXTENSION = Struct("!HH")

EXT_MID = 1
EXT_ABS_SEND_TIME = 2
EXT_TRANSPORT_CC = 3
EXT_AUDIO_LEVEL = 4
ONE_BYTE = 0xBEDE


class Layout(NamedTuple):
    """Where the parts of a packet lie. `extension_start == extension_end` when there is none that we read."""

    payload_start: int
    payload_end: int
    extension_start: int
    extension_end: int


def layout(view: memoryview, length: int) -> Layout | None:
    """Find payload and extensions of a plain packet. None when it is not well formed."""
    if length < 12 or length > len(view):
        return None
    first = view[0]
    if first >> 6 != 2:
        return None
    at = 12 + (first & 15) * 4
    start = end = 0
    if first & 0x10:
        if at + 4 > length:
            return None
        profile, words = _EXTENSION.unpack_from(view, at)
        start = at + 4
        at = end = start + words * 4
        if profile != ONE_BYTE:
            start = end
    stop = length
    if first & 0x20:
        padding = view[length - 1]
        if padding == 0:
            return None
        stop = length - padding
    if at > stop:
        return None
    return Layout(at, stop, start, end)


def extensions(view: memoryview, start: int, end: int) -> dict[int, bytes]:
    """One-byte header extensions by id; a truncated one ends the list."""
    found: dict[int, bytes] = {}
    while start < end:
        head = view[start]
        start += 1
        if head == 0:
            continue
        number, size = head >> 4, (head & 15) + 1
        if number == 15 or start + size > end:
            break
        found[number] = bytes(view[start : start + size])
        start += size
    return found


class MarkReader:
    """Reads (transport-wide sequence number, audio level), -1 where absent, of one stream's packets: what each is asked for.

    A browser shapes the block of a stream alike for seconds: where all heads stand as in the last one, nothing is walked through.
    """

    __slots__ = ("_heads", "_level_at", "_size", "_transport_at", "_unpack")

    def __init__(self) -> None:
        self._size = -1
        self._heads: tuple[int, ...] = ()
        self._unpack = Struct("").unpack_from
        self._transport_at = self._level_at = -1

    def read(self, view: memoryview, start: int, end: int) -> tuple[int, int]:
        """The two of the block [start, end), which lies within the packet."""
        if end - start != self._size or self._unpack(view, start) != self._heads:
            self._learn(view, start, end)
        at = self._transport_at
        transport = -1 if at < 0 else view[start + at] << 8 | view[start + at + 1]
        at = self._level_at
        return transport, -1 if at < 0 else view[start + at] & 0x7F

    def _learn(self, view: memoryview, start: int, end: int) -> None:
        heads: list[int] = []
        shape = "!"
        self._transport_at = self._level_at = -1
        at, self._size = start, end - start
        while at < end:
            head = view[at]
            at += 1
            heads.append(head)
            shape += "B"
            if head == 0:
                continue
            number, size = head >> 4, (head & 15) + 1
            if number == 15 or at + size > end:
                break
            shape += f"{size}x"
            if number == EXT_TRANSPORT_CC:
                self._transport_at = at - start if size >= 2 else -1
            elif number == EXT_AUDIO_LEVEL:
                self._level_at = at - start
            at += size
        self._heads, self._unpack = tuple(heads), Struct(shape).unpack_from


def unwrap16(value: int, near: int) -> int:
    """The full sequence number closest to `near` whose low 16 bits are `value`."""
    return near + ((value - near + 0x8000) & 0xFFFF) - 0x8000
