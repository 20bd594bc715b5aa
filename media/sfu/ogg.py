"""Reads the packets of an Ogg Opus file (RFC 3533, RFC 7845). Only what prompts need: one logical stream, any packet length."""

from pathlib import Path

_SAMPLES = {0: 480, 1: 960, 2: 1920, 3: 2880}
MAX_FILE = 64 << 20


class OggError(ValueError):
    """Not a readable Ogg Opus file."""


def read_opus(path: Path) -> list[tuple[bytes, int]]:
    """The packets with their length in 48 kHz samples. Blocking; call it in a thread. Raises `OggError`."""
    if path.stat().st_size > MAX_FILE:
        raise OggError("too large")
    packets = _packets(path.read_bytes())
    if len(packets) < 3 or not packets[0].startswith(b"OpusHead") or not packets[1].startswith(b"OpusTags"):
        raise OggError("no Opus stream")
    return [(packet, samples(packet)) for packet in packets[2:] if packet]


def _packets(data: bytes) -> list[bytes]:
    packets: list[bytes] = []
    partial = b""
    at = 0
    while at + 27 <= len(data):
        if data[at : at + 4] != b"OggS":
            raise OggError("lost page")
        count = data[at + 26]
        table = data[at + 27 : at + 27 + count]
        at += 27 + count
        if len(table) < count or at + sum(table) > len(data):
            raise OggError("truncated page")
        for size in table:
            partial += data[at : at + size]
            at += size
            if size < 255:
                packets.append(partial)
                partial = b""
    return packets


def samples(packet: bytes) -> int:
    """Duration of an Opus packet in 48 kHz samples (RFC 6716 §3.1)."""
    config = packet[0] >> 3
    if config < 12:
        size = _SAMPLES[config & 3]
    elif config < 16:
        size = 480 << (config & 1)
    else:
        size = 120 << (config & 3)
    code = packet[0] & 3
    if code == 0:
        return size
    if code < 3:
        return 2 * size
    return size * (packet[1] & 63) if len(packet) > 1 else size
