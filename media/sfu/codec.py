"""Just enough of VP8 (RFC 7741) and H264 (RFC 6184) payload formats to see key frames and to put one together for the tap."""

from media.ports import Codec

_START = b"\x00\x00\x00\x01"


def starts_key_frame(codec: Codec, payload: bytes) -> bool:
    """Whether this RTP payload begins a key frame (for H264: carries an SPS, or begins an IDR picture)."""
    if codec is Codec.VP8:
        if not payload or payload[0] & 0x17 != 0x10:
            return False
        at = vp8_header_size(payload)
        return 0 < at < len(payload) and payload[at] & 1 == 0
    if codec is Codec.H264 and len(payload) > 1:
        kind = payload[0] & 31
        if kind == 24:
            return any(nal[0] & 31 in (5, 7) for nal in _aggregated(payload))
        if kind == 28:
            return payload[1] & 0x80 != 0 and payload[1] & 31 in (5, 7)
        return kind in (5, 7)
    return False


def vp8_header_size(payload: bytes) -> int:
    """Length of the VP8 payload descriptor, 0 when it is truncated."""
    size = len(payload)
    if size < 1:
        return 0
    at = 1
    if payload[0] & 0x80:
        if size < 2:
            return 0
        flags = payload[1]
        at = 2
        if flags & 0x80:
            if size <= at:
                return 0
            at += 2 if payload[at] & 0x80 else 1
        if flags & 0x40:
            at += 1
        if flags & 0x30:
            at += 1
    return at if at <= size else 0


def _aggregated(payload: bytes) -> list[bytes]:
    nals: list[bytes] = []
    at = 1
    while at + 2 <= len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        at += 2
        if size == 0 or at + size > len(payload):
            break
        nals.append(payload[at : at + size])
        at += size
    return nals


def assemble(codec: Codec, payloads: list[bytes]) -> bytes:
    """One encoded frame (VP8 frame, or H264 Annex-B access unit) from the payloads of its packets in order. Empty when broken."""
    if codec is Codec.VP8:
        parts: list[bytes] = []
        for payload in payloads:
            at = vp8_header_size(payload)
            if at == 0:
                return b""
            parts.append(payload[at:])
        return b"".join(parts)
    out = bytearray()
    for payload in payloads:
        if len(payload) < 2:
            continue
        kind = payload[0] & 31
        if kind == 24:
            for nal in _aggregated(payload):
                out += _START + nal
        elif kind == 28:
            if payload[1] & 0x80:
                out += _START + bytes([(payload[0] & 0xE0) | (payload[1] & 31)])
            out += payload[2:]
        elif 1 <= kind <= 23:
            out += _START + payload
    return bytes(out)
