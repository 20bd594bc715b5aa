"""From RTP payloads in order to whole encoded frames: VP8 (RFC 7741), H264 packetisation mode 1 (RFC 6184).

Input is what a browser sent, so anything may be malformed: nothing here raises, a bad packet spoils its frame and is told by
`is_broken`, and the caller then waits for a key frame.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from media.recorder import h264
from media.recorder.ebml import VideoFormat

_MAX_FRAME = 8 << 20
_MAX_PARAMETERS = 256
"""A parameter set takes some ten bytes. Reading one takes a step for each bit, on the loop."""


class Packet(NamedTuple):
    """One RTP packet of a stream; `sequence` is unwrapped, `timestamp` raw."""

    sequence: int
    timestamp: int
    is_marker: bool
    payload: bytes
    arrival_ns: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole encoded picture. `video` is set for key frames only."""

    timestamp: int
    data: bytes
    is_key: bool
    video: VideoFormat | None


class Assembler(Protocol):
    """Collects packets in sequence order into frames."""

    is_broken: bool
    """A frame was lost or damaged since this was last set to False."""

    def push(self, packet: Packet) -> list[Frame]:
        """Take the next packet; returns the frames it completes (0, 1 or 2)."""

    def hole(self) -> None:
        """Packets before the next one are lost."""


class Vp8Assembler:
    """VP8 frames. A hole between two whole frames whose picture ids are neighbours (lost padding) does no harm."""

    def __init__(self) -> None:
        self.is_broken = False
        self._parts: list[bytes] = []
        self._size = 0
        self._timestamp = -1
        self._is_after_hole = False
        self._picture = -1
        self._picture_bits = 0

    def hole(self) -> None:
        """Packets before the next one are lost."""
        self._is_after_hole = True
        if self._parts:
            self._spoil()

    def push(self, packet: Packet) -> list[Frame]:
        """Take the next packet in order."""
        frames: list[Frame] = []
        _, timestamp, is_marker, payload, _ = packet
        if not payload:
            return frames
        head = _vp8_descriptor(payload)
        if head is None:
            self._spoil()
            return frames
        is_start, picture, picture_bits, start = head
        if is_start and (timestamp != self._timestamp or not self._parts):
            if self._parts:
                self._emit(frames)
            if self._is_after_hole:
                expected = (self._picture + 1) & ((1 << picture_bits) - 1) if picture_bits else -2
                if picture_bits != self._picture_bits or picture != expected:
                    self.is_broken = True
                self._is_after_hole = False
            self._timestamp = timestamp
            self._picture, self._picture_bits = picture, picture_bits
        elif not self._parts or timestamp != self._timestamp:
            self._spoil()
            return frames
        self._parts.append(payload[start:])
        self._size += len(payload) - start
        if self._size > _MAX_FRAME:
            self._spoil()
        elif is_marker:
            self._emit(frames)
        return frames

    def _spoil(self) -> None:
        self.is_broken = True
        self._parts = []
        self._size = 0

    def _emit(self, frames: list[Frame]) -> None:
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        self._size = 0
        if not data:
            return
        is_key = not data[0] & 1
        video = None
        if is_key:
            if len(data) < 10 or data[3:6] != b"\x9d\x01\x2a":
                self.is_broken = True
                return
            width, height = int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
            if not width or not height:
                self.is_broken = True
                return
            video = VideoFormat("vp8", width, height)
        frames.append(Frame(self._timestamp, data, is_key, video))


def _vp8_descriptor(payload: bytes) -> tuple[bool, int, int, int] | None:
    """(starts a frame, picture id, bits of it, length of the descriptor), or None when malformed. RFC 7741 §4.2."""
    first = payload[0]
    at, picture, bits = 1, -1, 0
    if first & 0x80:
        if len(payload) < 2:
            return None
        extension = payload[1]
        at = 2
        if extension & 0x80:
            if len(payload) <= at + 1:
                return None
            if payload[at] & 0x80:
                picture, bits = int.from_bytes(payload[at : at + 2], "big") & 0x7FFF, 15
                at += 2
            else:
                picture, bits = payload[at], 7
                at += 1
        at += bool(extension & 0x40) + bool(extension & 0x30)
    if at >= len(payload):
        return None
    return bool(first & 0x10) and not first & 0x07, picture, bits, at


class H264Assembler:
    """H264 access units as length-prefixed NAL units; parameter sets are kept and given with each key frame."""

    def __init__(self) -> None:
        self.is_broken = False
        self._nals: list[bytes] = []
        self._size = 0
        self._timestamp = -1
        self._fragment: bytearray | None = None
        self._is_spoiled = False
        self._is_after_hole = False
        self._has_idr = False
        self._sps = b""
        self._pps = b""

    def hole(self) -> None:
        """Packets before the next one are lost."""
        self._is_after_hole = True
        self._fragment = None

    def push(self, packet: Packet) -> list[Frame]:
        """Take the next packet in order."""
        frames: list[Frame] = []
        payload = packet.payload
        if not payload:
            return frames
        is_same = packet.timestamp == self._timestamp
        if not is_same:
            if self._nals and not self._is_after_hole:
                self._emit(frames)
            self._start(packet.timestamp)
        if self._is_after_hole:
            # The lost packets may have belonged to this picture, unless it visibly begins here.
            self._is_after_hole = False
            self.is_broken = True
            if is_same or not _begins_picture(payload):
                self._is_spoiled = True
        if not self._take(payload) or self._size > _MAX_FRAME:
            self._is_spoiled = True
            self._nals = []
        if packet.is_marker:
            self._emit(frames)
        return frames

    def _start(self, timestamp: int) -> None:
        self._timestamp = timestamp
        self._nals = []
        self._size = 0
        self._fragment = None
        self._is_spoiled = False
        self._has_idr = False

    def _take(self, payload: bytes) -> bool:
        kind = payload[0] & 0x1F
        if 1 <= kind <= 23:
            return self._nal(payload)
        if kind == 24:
            at = 1
            while at + 2 < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                if not size or at + 2 + size > len(payload) or not self._nal(payload[at + 2 : at + 2 + size]):
                    return False
                at += 2 + size
            return at == len(payload)
        if kind == 28 and len(payload) > 2:
            head = payload[1]
            if head & 0x80:
                self._fragment = bytearray((payload[0] & 0xE0 | head & 0x1F,))
            if self._fragment is None:
                return False
            self._fragment += payload[2:]
            if head & 0x40:
                nal, self._fragment = bytes(self._fragment), None
                return self._nal(nal)
            return len(self._fragment) <= _MAX_FRAME
        return False

    def _nal(self, nal: bytes) -> bool:
        kind = nal[0] & 0x1F
        if kind == 7:
            if not 5 <= len(nal) <= _MAX_PARAMETERS:
                return False
            self._sps = nal
        elif kind == 8:
            if len(nal) > _MAX_PARAMETERS:
                return False
            self._pps = nal
        elif kind in (1, 2, 3, 4, 5, 6):
            self._has_idr |= kind == 5
            self._nals.append(len(nal).to_bytes(4, "big") + nal)
            self._size += len(nal)
        return True

    def _emit(self, frames: list[Frame]) -> None:
        nals, is_key = self._nals, self._has_idr
        is_spoiled = self._is_spoiled or self._fragment is not None
        timestamp = self._timestamp
        self._start(-1)
        if is_spoiled:
            self.is_broken = True
            return
        if not nals:
            return
        video = None
        if is_key:
            size = h264.picture_size(self._sps) if self._sps and self._pps else None
            if size is None:
                self.is_broken = True
                return
            video = VideoFormat("h264", *size, h264.avcc(self._sps, self._pps))
        frames.append(Frame(timestamp, b"".join(nals), is_key, video))


def _begins_picture(payload: bytes) -> bool:
    """Whether a packet can only be the first of its picture: an SPS or an access unit delimiter leads."""
    kind = payload[0] & 0x1F
    if kind == 24 and len(payload) > 3:
        kind = payload[3] & 0x1F
    return kind in (7, 9)


_OPUS_FRAME_US = (10_000, 20_000, 40_000, 60_000)
_CELT_FRAME_US = (2_500, 5_000, 10_000, 20_000)


def opus_duration_ms(payload: bytes) -> float:
    """Duration of an Opus packet from its TOC byte (RFC 6716 §3.1); 0 for an empty or impossible one."""
    if not payload:
        return 0.0
    config, code = payload[0] >> 3, payload[0] & 3
    if config < 12:
        frame = _OPUS_FRAME_US[config & 3]
    elif config < 16:
        frame = _OPUS_FRAME_US[config & 1]
    else:
        frame = _CELT_FRAME_US[config & 3]
    count = 1 if code == 0 else 2
    if code == 3:
        count = payload[1] & 0x3F if len(payload) > 1 else 0
    total = frame * count
    return total / 1000 if total <= 120_000 else 0.0
