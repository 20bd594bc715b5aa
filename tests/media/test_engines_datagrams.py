"""Whatever a client's datagrams hold, the compiled loop and the Python one make the same of them: streams, order, refusals."""

import contextlib
import random
import select
import socket
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiortc import RTCCertificate, RTCDtlsTransport
from pylibsrtp import Error, Policy, Session

from media.native.engine import NativePort, load
from media.ports import Codec, MediaKind
from media.sdp import Answer, AnswerSection
from media.sfu.clock import NtpClock
from media.sfu.leg import Leg, LegContext
from media.sfu.source import Source
from media.transport.ice import Credentials
from media.transport.port import UdpPort
from media.transport.private import SrtpPair
from tests.conftest import lacking
from tests.media.peer import H264, OPUS, VP8, VP8_DELTA, VP8_KEY, VP8_RTX

MIC, CAMERA, REPAIR, SCREEN, SCREEN_REPAIR, NOBODY = 1, 2, 3, 12, 13, 99
TYPES = {MIC: OPUS, CAMERA: VP8, REPAIR: VP8_RTX, SCREEN: VP8, SCREEN_REPAIR: VP8_RTX, NOBODY: OPUS}
MIDS = {SCREEN: b"2", SCREEN_REPAIR: b"2"}
"""Known by their section's name only."""
PAYLOADS = [b"", VP8_KEY, VP8_DELTA, b"\x10\x00\x9d\x01\x2a", b"\x90\x80\x80\x01\x10\x00", b"\x90", b"\xf8abc"]
STEPS = [1, 1, 1, 1, 1, 2, 3, 0, -1, -2, 50, 400, -400, 25_000]
NUMBERS = ("highest", "base", "received", "received_bytes", "last_timestamp", "key_frames", "level", "is_active")


@dataclass
class Owner:
    """A room that opens every stream and remembers what the recorder would get."""

    log: list[tuple[Any, ...]] = field(default_factory=list)

    def leg_connected(self, leg: Leg) -> None: ...

    def leg_answered(self, leg: Leg) -> None: ...

    def leg_disconnected(self, leg: Leg, reason: str) -> None: ...

    def packets_missed(self, leg: Leg) -> None: ...

    def source_activated(self, leg: Leg, source: Source) -> None:
        self.log.append(("active", source.kind))

    def source_added(self, leg: Leg, source: Source, former: Source | None) -> None:
        self.log.append(("added", source.kind, source.codec, source.ssrc))
        source.state.is_open = True
        source.sink = Sink(source.kind, self.log)


@dataclass
class Sink:
    kind: MediaKind
    log: list[tuple[Any, ...]]

    def rtp(self, sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int) -> None:
        self.log.append((self.kind, sequence, timestamp, is_marker, payload))

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None: ...

    def reset(self, codec: Codec) -> None: ...

    def close(self, reason: str) -> None: ...


def session(kind: int) -> Session:
    policy = Policy()
    policy.key, policy.ssrc_type = bytes(range(30)), kind
    policy.allow_repeat_tx, policy.window_size = True, 1024
    return Session(policy)


def extensions(chance: random.Random, mid: bytes | None) -> bytes:
    """A block of header extensions: now and then cut off, of another profile, or longer than the packet."""
    body = b"" if mid is None else bytes([0x10 | len(mid) - 1]) + mid
    for _ in range(chance.randrange(5)):
        number, size = chance.choice([0, 2, 3, 3, 4, 4, 5, 14, 15]), chance.randrange(1, 5)
        body += b"\0" if number == 0 else bytes([number << 4 | size - 1]) + chance.randbytes(size)
    if chance.random() < 0.1:
        body += b"\x4f"
    body += bytes(-len(body) % 4)
    profile = 0xBEDE if chance.random() < 0.85 else chance.choice([0x1000, 0, 0xBEDF])
    words = len(body) // 4 if chance.random() < 0.95 else chance.randrange(300)
    return profile.to_bytes(2, "big") + words.to_bytes(2, "big") + body


def packets(chance: random.Random) -> list[bytes]:
    at = {ssrc: chance.choice([0, 5, 30_000, 65_530]) for ssrc in TYPES}
    out: list[bytes] = []
    for _ in range(200):
        ssrc = chance.choice([MIC, MIC, MIC, CAMERA, CAMERA, CAMERA, REPAIR, REPAIR, SCREEN, SCREEN, SCREEN_REPAIR, NOBODY])
        number = TYPES[ssrc] if chance.random() < 0.94 else chance.choice([0, 35, 63, OPUS, VP8_RTX, H264 + 1, 127])
        at[ssrc] = sequence = (at[ssrc] + chance.choice(STEPS)) & 0xFFFF
        count = chance.choice([0] * 9 + [1, 3, 15])
        first, data = 0x80 | count, chance.randbytes(4 * count)
        if ssrc in MIDS or chance.random() < 0.7:
            first, data = first | 0x10, data + extensions(chance, MIDS.get(ssrc))
        if number in (VP8_RTX, H264 + 1):
            of = at[SCREEN if ssrc == SCREEN_REPAIR else CAMERA] - chance.randrange(8)
            data += (of & 0xFFFF).to_bytes(2, "big")[: 2 if chance.random() < 0.9 else 1]
        data += chance.choice(PAYLOADS)
        if chance.random() < 0.15:
            padding = chance.choice([1, 2, 4, 8, 0, 200])
            first, data = first | 0x20, data + bytes(min(max(padding, 1), 8) - 1) + bytes([padding])
        if chance.random() < 0.03:
            data = data[: chance.randrange(len(data) + 1)]
        head = bytes([first, chance.choice([0, 0x80]) | number]) + sequence.to_bytes(2, "big")
        out.append(head + (sequence * 3000 & 0xFFFFFFFF).to_bytes(4, "big") + ssrc.to_bytes(4, "big") + data)
    return out


def made_of(port: UdpPort, certificate: RTCCertificate, datagrams: list[bytes]) -> dict[str, Any]:
    """What a leg makes of them, one after the other."""
    owner = Owner()
    engine = port.engine if isinstance(port, NativePort) else None
    leg = Leg("leg", "seat", LegContext(port, certificate, (("127.0.0.1", 1),), NtpClock(), engine), owner)
    connection = leg.connection
    keys = SimpleNamespace(_rx_srtp=session(Policy.SSRC_ANY_INBOUND), _tx_srtp=session(Policy.SSRC_ANY_OUTBOUND))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        sections = {
            "0": AnswerSection(mid="0", direction="sendonly", codecs={OPUS: Codec.OPUS}, ssrc=MIC),
            "1": AnswerSection(mid="1", direction="sendonly", codecs={VP8: Codec.VP8}, ssrc=CAMERA, rtx_ssrc=REPAIR),
        }
        connection._is_closed = True  # no handshake: the keys are given
        leg.accept(Answer(Credentials(), (), True, sections))
        connection._is_closed = False
        connection.srtp = SrtpPair(cast(RTCDtlsTransport, keys))
        port._bind(client.getsockname(), connection)
        connection.on_address(client.getsockname(), is_nominated=True)
        for data in datagrams:
            client.sendto(data, ("127.0.0.1", port.number))
            assert select.select([port.fileno], [], [], 30)[0]
            assert port._look() == 1
        state = connection.state
        found = {
            "log": owner.log,
            "counted": [state.packets_in, state.bytes_in, state.refused, state.malformed],
            "streams": {
                kind: (source.ssrc, [int(getattr(source.state, name)) for name in NUMBERS], sorted(source.losses._missing))
                for kind, source in leg.sources.items()
            },
            "marks": leg._arrivals.build(1, 2) is not None,
        }
        for source in leg.sources.values():
            leg._retire(source)
        for stream in leg.outgoing.values():
            stream.close()
        connection.srtp = None
        connection.state = port.forget(connection)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_both_loops_make_the_same_of_a_clients_datagrams(seed: int, certificate: RTCCertificate) -> None:
    engine = load()
    if engine is None:
        lacking("the compiled inner loop", "run `make native`")
        raise AssertionError("unreachable")
    sender = session(Policy.SSRC_ANY_OUTBOUND)
    datagrams: list[bytes] = []
    for packet in packets(random.Random(seed)):
        with contextlib.suppress(Error):  # too far back for a sender of SRTP
            datagrams.append(sender.protect(packet))
    found: list[dict[str, Any]] = []
    for port in (UdpPort("127.0.0.1", 0), NativePort("127.0.0.1", 0, engine)):
        try:
            found.append(made_of(port, certificate, datagrams))
        finally:
            port.close()
    assert len(found[0]["log"]) > 50
    assert found[0]["counted"][3] > 0
    assert found[0] == found[1]
