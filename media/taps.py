"""Taps: copies of encoded packets for the speech and vision processes, over unix datagram sockets.

The media worker sends and forgets: a full or missing socket drops the packet and counts it; the media path never waits.
Layout (big endian): `DRT1` · kind u8 · flags u8 · chunk u16 · chunks u16 · t_ms i64 · rtp_seq u16 · frame u32 ·
len(room) u8 · room · len(seat) u8 · seat · payload. Kind 1 = one Opus packet (20 ms, 48 kHz); kind 2 = part of one encoded
video key frame (VP8 frame, or H264 Annex-B access unit with SPS/PPS), cut into chunks of at most `CHUNK` bytes.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct("!4sBBHHqHI")
_MAGIC = b"DRT1"
_MANY = b"DRTM"
CHUNK = 60_000
FLAG_H264 = 1
FLAG_SCREEN = 2
FLAG_RECORDING = 4


class TapKind(IntEnum):
    """What a datagram carries."""

    AUDIO = 1
    KEY_FRAME = 2


@dataclass(frozen=True, slots=True)
class TapPacket:
    """One datagram.

    `t_ms` is the arrival on the session clock (ms since recording start; before recording, ms since the room opened). `frame` is
    the RTP timestamp (48 kHz) of audio, and the running number of a key frame.
    """

    kind: TapKind
    flags: int
    chunk: int
    chunks: int
    t_ms: int
    rtp_seq: int
    frame: int
    room_id: str
    seat_id: str
    payload: bytes


def tail(room_id: str, seat_id: str) -> bytes:
    """The part of a head that names room and seat."""
    room, seat = room_id.encode(), seat_id.encode()
    return b"".join((bytes((len(room),)), room, bytes((len(seat),)), seat))


def pack_many(packets: bytes) -> bytes:
    """One datagram of several packets, each already behind its length (u32)."""
    return _MANY + packets


def unpack_all(data: bytes) -> list[TapPacket]:
    """Parse one datagram of one packet or several. Raises `ValueError` for anything else."""
    if not data.startswith(_MANY):
        return [unpack(data)]
    packets: list[TapPacket] = []
    at = len(_MANY)
    while at + 4 <= len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise ValueError("short tap datagram")
        packets.append(unpack(data[at + 4 : end]))
        at = end
    return packets


def pack(packet: TapPacket) -> bytes:
    """Serialise one datagram."""
    head = _HEAD.pack(
        _MAGIC,
        packet.kind,
        packet.flags,
        packet.chunk,
        packet.chunks,
        packet.t_ms,
        packet.rtp_seq & 0xFFFF,
        packet.frame & 0xFFFFFFFF,
    )
    return b"".join((head, tail(packet.room_id, packet.seat_id), packet.payload))


def unpack(data: bytes) -> TapPacket:
    """Parse one datagram. Raises `ValueError` for anything else."""
    if len(data) < _HEAD.size + 2:
        raise ValueError("short tap datagram")
    magic, kind, flags, chunk, chunks, t_ms, seq, frame = _HEAD.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError("not a tap datagram")
    at = _HEAD.size
    room_end = at + 1 + data[at]
    if room_end >= len(data):
        raise ValueError("short tap datagram")
    seat_end = room_end + 1 + data[room_end]
    if seat_end > len(data):
        raise ValueError("short tap datagram")
    return TapPacket(
        TapKind(kind),
        flags,
        chunk,
        chunks,
        t_ms,
        seq,
        frame,
        data[at + 1 : room_end].decode(),
        data[room_end + 1 : seat_end].decode(),
        data[seat_end:],
    )
