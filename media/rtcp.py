"""RTCP reading and writing (RFC 3550 §6, RFC 4585, RFC 5104, transport-wide congestion control feedback)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from struct import Struct, error

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
FMT_NACK, FMT_TWCC = 1, 15
FMT_PLI, FMT_FIR, FMT_APP = 1, 4, 15
_HEAD = Struct("!BBH")
_BLOCK = Struct("!IIIIII")
_SR = Struct("!IQIII")
_TWO = Struct("!II")
_NACK = Struct("!HH")
_FIR = Struct("!IBxxx")
# 1900-01-01 to 1970-01-01 in seconds.
NTP_EPOCH = 2_208_988_800


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How one stream is received. `jitter` in timestamp units, `dlsr` in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    lsr: int
    dlsr: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """Sender's clock pair."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Nack:
    """Lost sequence numbers of `ssrc`."""

    ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """PLI or FIR for `ssrc`."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Bye:
    """The sources that end."""

    ssrcs: tuple[int, ...]


RtcpMessage = ReportBlock | SenderReport | Nack | KeyFrameRequest | Bye


def parse(data: bytes) -> list[RtcpMessage]:
    """What a compound packet says. Malformed parts end the reading; nothing is raised."""
    out: list[RtcpMessage] = []
    with suppress(error, IndexError):
        out.extend(_parse(data))
    return out


def _parse(data: bytes) -> Iterator[RtcpMessage]:
    at, end = 0, len(data)
    while at + 4 <= end:
        first, kind, words = _HEAD.unpack_from(data, at)
        stop = at + 4 + words * 4
        if first >> 6 != 2 or stop > end:
            return
        count = first & 31
        if kind == SR and stop - at >= 28:
            ssrc, ntp, rtp_timestamp, packets, octets = _SR.unpack_from(data, at + 4)
            yield SenderReport(ssrc, ntp, rtp_timestamp, packets, octets)
            yield from _blocks(data, at + 28, stop, count)
        elif kind == RR:
            yield from _blocks(data, at + 8, stop, count)
        elif kind == BYE:
            yield Bye(tuple(int.from_bytes(data[p : p + 4], "big") for p in range(at + 4, min(at + 4 + count * 4, stop), 4)))
        elif kind == RTPFB and count == FMT_NACK and stop - at >= 16:
            yield Nack(_TWO.unpack_from(data, at + 4)[1], tuple(_lost(data, at + 12, stop)))
        elif kind == PSFB and count == FMT_PLI and stop - at >= 12:
            yield KeyFrameRequest(_TWO.unpack_from(data, at + 4)[1])
        elif kind == PSFB and count == FMT_FIR:
            for p in range(at + 12, stop - 7, 8):
                yield KeyFrameRequest(_FIR.unpack_from(data, p)[0])
        at = stop


def _blocks(data: bytes, at: int, stop: int, count: int) -> Iterator[ReportBlock]:
    for _ in range(count):
        if at + 24 > stop:
            return
        ssrc, loss, highest, jitter, lsr, dlsr = _BLOCK.unpack_from(data, at)
        lost = loss & 0xFFFFFF
        yield ReportBlock(ssrc, loss >> 24, lost - (1 << 24) if lost & 0x800000 else lost, highest, jitter, lsr, dlsr)
        at += 24


def _lost(data: bytes, at: int, stop: int) -> Iterator[int]:
    while at + 4 <= stop:
        first, mask = _NACK.unpack_from(data, at)
        yield first
        while mask:
            bit = mask & -mask
            yield (first + bit.bit_length()) & 0xFFFF
            mask ^= bit
        at += 4


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, kind, len(body) // 4) + body


def receiver_report(ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """RR with up to 31 blocks."""
    body = ssrc.to_bytes(4, "big") + b"".join(
        _BLOCK.pack(
            item.ssrc,
            (item.fraction_lost << 24) | (max(-0x800000, min(0x7FFFFF, item.packets_lost)) & 0xFFFFFF),
            item.highest_sequence & 0xFFFFFFFF,
            min(item.jitter, 0xFFFFFFFF),
            item.lsr & 0xFFFFFFFF,
            item.dlsr & 0xFFFFFFFF,
        )
        for item in blocks[:31]
    )
    return _packet(RR, min(len(blocks), 31), body)


def sender_report(report: SenderReport) -> bytes:
    """SR without report blocks."""
    body = _SR.pack(
        report.ssrc, report.ntp, report.rtp_timestamp & 0xFFFFFFFF, report.packets & 0xFFFFFFFF, report.octets & 0xFFFFFFFF
    )
    return _packet(SR, 0, body)


def source_description(ssrc: int, cname: str) -> bytes:
    """SDES with a CNAME."""
    text = cname.encode()[:255]
    body = ssrc.to_bytes(4, "big") + bytes((1, len(text))) + text + b"\0"
    return _packet(SDES, 1, body + b"\0" * (-len(body) % 4))


def nack(sender: int, media: int, sequences: Iterable[int]) -> bytes:
    """Generic NACK (RFC 4585 §6.2.1); `sequences` ascending."""
    pairs: list[tuple[int, int]] = []
    for sequence in sequences:
        if pairs:
            distance = (sequence - pairs[-1][0]) & 0xFFFF
            if 0 < distance <= 16:
                pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << (distance - 1))
                continue
        pairs.append((sequence & 0xFFFF, 0))
    return _packet(RTPFB, FMT_NACK, _TWO.pack(sender, media) + b"".join(_NACK.pack(*pair) for pair in pairs))


def picture_loss(sender: int, media: int) -> bytes:
    """PLI (RFC 4585 §6.3.1)."""
    return _packet(PSFB, FMT_PLI, _TWO.pack(sender, media))


def transport_feedback(sender: int, media: int, count: int, arrivals: Sequence[tuple[int, int]], base: int) -> bytes:
    """Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

    Args:
        count: the feedback packet count, one more each time.
        arrivals: (unwrapped transport sequence, arrival in ns), ascending, none before `base`.
        base: the first sequence number reported on.
    """
    reference = arrivals[0][1] // 64_000_000
    last = reference * 64_000_000
    symbols: list[int] = []
    deltas = bytearray()
    expected = base
    for sequence, arrival in arrivals:
        if sequence != expected:
            symbols.extend([0] * (sequence - expected))
        expected = sequence + 1
        delta = round((arrival - last) / 250_000)
        last += delta * 250_000
        if 0 <= delta <= 255:
            symbols.append(1)
            deltas.append(delta)
        else:
            symbols.append(2)
            deltas += max(-32768, min(32767, delta)).to_bytes(2, "big", signed=True)
    total = len(symbols)
    if symbols.count(1) == total:
        chunks = bytearray((1 << 13 | total).to_bytes(2, "big"))
    else:
        chunks = bytearray()
        symbols.extend([0] * (-total % 7))
        for at in range(0, total, 7):
            a, b, c, d, e, f, g = symbols[at : at + 7]
            chunks += (0xC000 | a << 12 | b << 10 | c << 8 | d << 6 | e << 4 | f << 2 | g).to_bytes(2, "big")
    head = (
        _TWO.pack(sender, media)
        + _NACK.pack(base & 0xFFFF, total)
        + (((reference & 0xFFFFFF) << 8) | (count & 0xFF)).to_bytes(4, "big")
    )
    body = head + bytes(chunks) + bytes(deltas)
    return _packet(RTPFB, FMT_TWCC, body + b"\0" * (-len(body) % 4))
