"""The compiled inner loop and the Python one do the same with the same packets; the compiled one survives anything under ASan."""

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiortc import RTCCertificate
from aiortc.rtp import RtcpPacket
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.native.build import SOURCES
from media.native.engine import NativeArrivals, NativeEngine, NativePort, load
from media.ports import Codec, MediaKind
from media.sfu.outgoing import Outgoing
from media.sfu.source import RING_NS, Source
from media.sfu.twcc import ArrivalLog
from media.transport.connection import Connection
from media.transport.port import UdpPort
from tests.conftest import lacking
from tests.media.feedback import read_feedback
from tests.media.peer import VP8_DELTA, VP8_KEY

H264_SPS, H264_FU_IDR, H264_STAP, H264_DELTA = (
    b"\x67\x42\xe0",
    b"\x7c\x85\x88",
    b"\x18\x00\x03\x67\x42\xe0\x00\x02\x65\x88",
    b"\x41\x9a",
)
PAYLOADS = [b"", VP8_KEY, VP8_DELTA, b"\x00\x01", b"\x90\x80\x80\x01\x00", b"\x90", H264_SPS, H264_FU_IDR, H264_STAP, H264_DELTA]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 0, -1, 2, 3, -3, 300, -300, 2000, -25_000, 25_000]),
        st.sampled_from(PAYLOADS),
        st.booleans(),
        st.booleans(),
    ),
    max_size=60,
)


class Handler:
    def on_rtp(self, view: memoryview, length: int, arrival_ns: int) -> None: ...

    def on_rtcp(self, data: bytes, arrival_ns: int) -> None: ...

    def on_connected(self) -> None: ...

    def on_disconnected(self, reason: str) -> None: ...


@dataclass
class Sink:
    """Remembers what the recorder would get."""

    calls: list[tuple[int, int, bool, bytes, int]] = field(default_factory=list)

    def rtp(self, sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int) -> None:
        self.calls.append((sequence, timestamp, is_marker, payload, arrival_ns))

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None: ...

    def reset(self, codec: Codec) -> None: ...

    def close(self, reason: str) -> None: ...


@pytest.fixture
def engine() -> NativeEngine:
    found = load()
    if found is None:
        lacking("the compiled inner loop", "run `make native`")
        raise AssertionError("unreachable")
    return found


@pytest.fixture
def ports(engine: NativeEngine) -> Iterator[tuple[UdpPort, NativePort]]:
    plain, native = UdpPort("127.0.0.1", 0), NativePort("127.0.0.1", 0, engine)
    yield plain, native
    plain.close()
    native.close()


Steps = list[tuple[int, bytes, bool, bool]]
NUMBERS = ("highest", "base", "received", "received_bytes", "last_packet_ns", "last_key_frame_ns", "last_timestamp", "key_frames")
SENT = ("started_at", "sequence_offset", "timestamp_offset", "last_sequence", "last_timestamp", "last_ns", "waits_for_key")


def run(port: UdpPort, certificate: RTCCertificate, codec: Codec, start: int, steps: Steps) -> object:
    """Everything observable after these packets."""
    engine = port.engine if isinstance(port, NativePort) else None
    connection = Connection(port, certificate, Handler())
    source = Source(MediaKind.MIC if codec is Codec.OPUS else MediaKind.CAMERA, codec, 5, 0, engine)
    stream = Outgoing(connection, 9, 10, "cname", engine)
    stream.types = {codec: (96, 97)}
    stream.state.last_sequence, stream.state.last_timestamp = 1000, 2000
    sink, taps = Sink(), list[tuple[int, bool]]()
    source.sink = sink
    source.tap = lambda origin, packet, is_key: taps.append((packet.sequence, is_key)) if is_key else None
    source.state.is_open = source.state.is_active = True
    stream.attach(source, 0)
    sequence, now = start, 1_000_000_000
    for delta, payload, is_marker, is_repeat in steps:
        sequence = (sequence + delta) & 0xFFFF
        now += 3_000_000
        source.receive(sequence, (sequence * 3000) & 0xFFFFFFFF, is_marker, payload, now, is_repeat)
    near = [source.ring.get(source.state.highest - back) for back in range(40) if source.state.highest - back >= 0]
    numbers = [int(getattr(source.state, name)) for name in NUMBERS]
    sent = [int(getattr(stream.state, name)) for name in SENT]
    losses = sorted(source.losses._missing)
    result = (sink.calls, taps, near, numbers, sent, losses, source.recovered, round(source.state.jitter, 1))
    stream.close()
    source.close()
    connection.state = port.forget(connection)
    return result


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(codec=st.sampled_from(list(Codec)), start=st.sampled_from([0, 100, 65_500]), steps=STEPS)
def test_both_inner_loops_agree(
    ports: tuple[UdpPort, NativePort],
    certificate: RTCCertificate,
    codec: Codec,
    start: int,
    steps: Steps,
) -> None:
    plain, native = ports
    assert run(plain, certificate, codec, start, steps) == run(native, certificate, codec, start, steps)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(-3, 40), st.integers(0, 80_000_000)), min_size=1, max_size=80))
def test_both_write_feedback_that_says_the_same(
    ports: tuple[UdpPort, NativePort], certificate: RTCCertificate, steps: list[tuple[int, int]]
) -> None:
    native = ports[1]
    connection = Connection(native, certificate, Handler())
    try:
        logs: list[ArrivalLog | NativeArrivals] = [ArrivalLog(), native.engine.arrivals(connection)]
        sequence, now = 65_400, 9_000_000_000
        for delta, delay in steps:
            sequence, now = (sequence + delta) & 0xFFFF, now + delay
            for log in logs:
                log.add(sequence, now)
        packets = [log.build(1, 2) for log in logs]
        assert packets[0] is not None
        assert packets[1] is not None
        assert read_feedback(packets[0]) == read_feedback(packets[1])
        assert RtcpPacket.parse(packets[1])
    finally:
        connection.state = native.forget(connection)


def test_ring_gives_back_only_what_it_still_holds(ports: tuple[UdpPort, NativePort]) -> None:
    native = ports[1]
    source = Source(MediaKind.CAMERA, Codec.VP8, 5, 0, native.engine)
    chance = random.Random(1)
    sent: dict[int, bytes] = {}
    for number in range(5000):
        payload = chance.randbytes(chance.randrange(1, 1200))
        source.receive(number & 0xFFFF, number, False, payload, number + 1, False)
        sent[number + 0x10000] = payload
    held = 0
    for sequence, payload in sent.items():
        packet = source.ring.get(sequence)
        if packet is not None:
            held += 1
            assert packet.payload == payload
    assert 600 < held <= 1024
    source.close()


@pytest.mark.parametrize("is_native", [False, True])
@pytest.mark.parametrize(
    ("codec", "size", "per_second"), [(Codec.VP8, 1_100, 284), (Codec.H264, 600, 500), (Codec.OPUS, 120, 100)]
)
def test_ring_holds_two_seconds(
    ports: tuple[UdpPort, NativePort], is_native: bool, codec: Codec, size: int, per_second: int
) -> None:
    """At 2.5 Mbit/s, what a browser goes up to; with many small packets; with sound in packets of 10 ms at 96 kbit/s."""
    kind = MediaKind.MIC if codec is Codec.OPUS else MediaKind.CAMERA
    source = Source(kind, codec, 5, 0, ports[1].engine if is_native else None)
    count = per_second * 5
    for number in range(count):
        now = number * 1_000_000_000 // per_second
        source.receive(number & 0xFFFF, number, False, number.to_bytes(4, "big") * (size // 4), now + 1, False)
        if number % per_second == 0:
            source.ring.trim(now - RING_NS)  # as a leg does each second
    oldest = count - 2 * per_second
    for number in range(oldest, count):
        packet = source.ring.get(number + 0x10000)
        assert packet is not None, (number, oldest)
        assert packet.payload[:4] == number.to_bytes(4, "big")
    source.close()


@pytest.mark.parametrize("has_segments", [True, False])
def test_packets_that_leave_together_arrive_one_by_one_in_order(has_segments: bool) -> None:
    port = UdpPort("127.0.0.1", 0)
    port._has_segments = has_segments
    chance = random.Random(3)
    sizes = [1100] * 130 + [700, 900, 900, 80, 80, 80, 1200, 1, 1100] + [chance.randrange(1, 1400) for _ in range(40)]
    sent = [chance.randbytes(size) for size in sizes]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        for item in (near, far):
            item.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            item.bind(("127.0.0.1", 0))
            item.settimeout(5)
        port._is_draining = True
        for data in sent:
            port.post(data, near.getsockname())
            port.post(data[::-1], far.getsockname())
        port._send_posted()
        assert [near.recv(2000) for _ in sent] == sent
        assert [far.recv(2000) for _ in sent] == [data[::-1] for data in sent]
    assert port._has_segments == has_segments
    assert not port.counters
    port.close()


def test_compiled_loop_is_clean_under_address_sanitizer(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    binary = tmp_path / "fuzz"
    command = ["cc", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I", str(root / "media/native")]
    command += [str(root / "media/native" / name) for name in SOURCES]
    command += [str(root / "tests/media/fuzz_inner.c"), "-pthread", "-lm", "-o", str(binary)]
    try:
        built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        lacking("a C compiler", "apt-get install gcc")
        raise
    if built.returncode and "cannot find" in built.stderr:
        lacking("the sanitizer libraries", "apt-get install gcc libasan8")
    assert built.returncode == 0, built.stderr
    seed = os.environ.get("DR_FUZZ_SEED", "1")
    done = subprocess.run(
        [str(binary), seed, "60000", str(tmp_path / "blocks")], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    sys.stdout.write(done.stdout)
