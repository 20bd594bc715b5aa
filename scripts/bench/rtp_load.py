"""Load for media benchmarks, in its own process: clients that replay pre-encoded RTP and count what comes back.

Packets carry the header extensions of a browser (mid, abs-send-time, transport-wide sequence number, audio level). Each client
is a real one on the wire (STUN, DTLS, SRTP) but neither encodes nor decrypts, so that one process can be dozens of people.
"""

import asyncio
import contextlib
import heapq
import random
import secrets
import socket
import time
from dataclasses import dataclass, field
from fractions import Fraction
from struct import Struct
from typing import Any

import av
import numpy as np
from aioice import stun
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters

from media import rtcp
from media.sfu.clock import NtpClock
from media.transport.private import Buffer, DtlsPipe, SrtpPair, make_dtls

_HEAD = Struct("!BBHIIHH")
MTU = 1100


@dataclass(frozen=True, slots=True)
class ClipPacket:
    """One packet of a clip: when, RTP time relative to the clip, marker, payload."""

    at_s: float
    timestamp: int
    is_marker: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class Clip:
    """A loop of packets of one stream."""

    payload_type: int
    clock_rate: int
    length_s: float
    packets: list[ClipPacket]


def video_clip(width: int, height: int, fps: int, bitrate: int, seconds: int = 6, seed: int = 1) -> Clip:
    """Noisy VP8, a key frame each two seconds."""
    codec: Any = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt, codec.bit_rate = width, height, "yuv420p", bitrate
    codec.time_base, codec.framerate, codec.gop_size = Fraction(1, fps), Fraction(fps), fps * 2
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "error-resilient": "1"}
    noise = np.random.default_rng(seed)
    packets: list[ClipPacket] = []
    number, block = 0, 40
    small = noise.integers(0, 256, (height // block, width // block, 3), dtype=np.uint8)
    for index in range(seconds * fps):
        if index % 3 == 0:
            small = noise.integers(0, 256, (height // block, width // block, 3), dtype=np.uint8)
        image = np.kron(small, np.ones((block, block, 1), dtype=np.uint8))
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:height, :width]), format="rgb24")
        frame.pts = index
        for encoded in codec.encode(frame.reformat(format="yuv420p")):
            data = bytes(encoded)
            parts = [data[at : at + MTU] for at in range(0, len(data), MTU)]
            for part, chunk in enumerate(parts):
                head = bytes((0x90 if part == 0 else 0x80, 0x80, 0x80 | (number >> 8 & 0x7F), number & 0xFF))
                packets.append(ClipPacket(number / fps, number * 90_000 // fps, part == len(parts) - 1, head + chunk))
            number += 1
    return Clip(96, 90_000, number / fps, packets)


def audio_clip(seconds: int = 6) -> Clip:
    """Opus at 32 kbit/s, 20 ms packets."""
    noise = random.Random(3)
    packets = [ClipPacket(n * 0.02, n * 960, False, b"\x78" + noise.randbytes(79)) for n in range(seconds * 50)]
    return Clip(111, 48_000, seconds, packets)


@dataclass(slots=True)
class Outlet:
    """One published stream: where it is in its clip."""

    clip: Clip
    mid: bytes
    ssrc: int = field(default_factory=lambda: secrets.randbits(32) | 1)
    sequence: int = field(default_factory=lambda: secrets.randbits(14))
    base: int = field(default_factory=lambda: secrets.randbits(30))
    at: int = 0
    round: int = 0
    start: float = 0.0
    sent: int = 0

    def due_at(self) -> float:
        return self.start + self.round * self.clip.length_s + self.clip.packets[self.at].at_s

    def timestamp(self, packet: ClipPacket) -> int:
        return (self.base + int(self.round * self.clip.length_s * self.clip.clock_rate) + packet.timestamp) & 0xFFFFFFFF


class Link:
    """One transport to the server: STUN client, DTLS client, SRTP. `received` counts media datagrams."""

    def __init__(self, host: str, certificate: RTCCertificate) -> None:
        self.user, self.password = secrets.token_hex(4), secrets.token_hex(12)
        self.certificate = certificate
        self.received = self.received_bytes = self.sent = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((host, 0))
        self.host = host
        self.port: int = self.socket.getsockname()[1]
        self.server = ("", 0)
        self.remote: dict[str, str] = {}
        self.srtp: SrtpPair | None = None
        self._buffer = Buffer()
        self._receive = bytearray(2048)
        self._pipe = DtlsPipe(lambda data: self._send_now(data))
        self._answered = asyncio.Event()
        self._transport_sequence = 0
        self._dtls: Any = None
        asyncio.get_running_loop().add_reader(self.socket, self._readable)

    def fingerprint(self) -> str:
        return next(item.value for item in self.certificate.getFingerprints() if item.algorithm == "sha-256")

    def read_remote(self, sdp: str) -> None:
        for line in sdp.splitlines():
            name, _, value = line[2:].partition(":")
            if name in ("ice-ufrag", "ice-pwd", "fingerprint") and name not in self.remote:
                self.remote[name] = value.strip()
            elif name == "candidate" and self.server == ("", 0):
                parts = value.split()
                if parts[2].lower() == "udp" and "." in parts[4]:
                    self.server = (parts[4], int(parts[5]))

    async def connect(self) -> None:
        for _ in range(50):
            self._check()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), 0.2)
                break
        else:
            raise ConnectionError("no answer to connectivity checks")
        self._dtls = make_dtls(self._pipe, self.certificate, "client", lambda: None)
        algorithm, _, value = self.remote["fingerprint"].partition(" ")
        async with asyncio.timeout(30):
            await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))
        self.srtp = SrtpPair(self._dtls)

    def send_media(self, outlet: Outlet, packet: ClipPacket, now: float) -> None:
        """Build the packet with its extensions, protect, send."""
        assert self.srtp is not None
        buffer = self._buffer
        view = buffer.view
        self._transport_sequence = (self._transport_sequence + 1) & 0xFFFF
        _HEAD.pack_into(
            view,
            0,
            0x90,
            outlet.clip.payload_type | (0x80 if packet.is_marker else 0),
            outlet.sequence & 0xFFFF,
            outlet.timestamp(packet),
            outlet.ssrc,
            0xBEDE,
            3,
        )
        send_time = int(now * 262_144) & 0xFFFFFF
        extension = (
            b"\x10" + outlet.mid + b"\x22" + send_time.to_bytes(3, "big") + b"\x31" + self._transport_sequence.to_bytes(2, "big")
        )
        extension += b"\x40\x1e" if outlet.clip.clock_rate == 48_000 else b"\0\0"
        view[16:28] = extension[:12].ljust(12, b"\0")
        length = 28 + len(packet.payload)
        view[28:length] = packet.payload
        size = self.srtp.protect(buffer, length)
        with contextlib.suppress(BlockingIOError):
            self.socket.sendto(view[:size], self.server)
            self.sent += 1
        outlet.sequence += 1
        outlet.sent += 1

    def send_rtcp(self, data: bytes) -> None:
        assert self.srtp is not None
        self._buffer.view[: len(data)] = data
        size = self.srtp.protect_rtcp(self._buffer, len(data))
        self._send_now(bytes(self._buffer.view[:size]))

    def check(self) -> None:
        self._check()

    def close(self) -> None:
        self._pipe.close()
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()

    def _send_now(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            self.socket.sendto(data, self.server)

    def _readable(self) -> None:
        data = self._receive
        for _ in range(256):
            try:
                length, address = self.socket.recvfrom_into(data)
            except (BlockingIOError, OSError):
                return
            first = data[0]
            if first >= 128:
                if not 192 <= data[1] <= 223:
                    self.received += 1
                    self.received_bytes += length
            elif first <= 3:
                self._stun(bytes(data[:length]), address)
            elif 20 <= first <= 63:
                self._pipe.feed(bytes(data[:length]))

    def _stun(self, data: bytes, address: tuple[str, int]) -> None:
        message = stun.parse_message(data)
        if message.message_class == stun.Class.REQUEST:
            response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=message.transaction_id)
            response.attributes["XOR-MAPPED-ADDRESS"] = address
            response.add_message_integrity(self.password.encode())
            self.socket.sendto(bytes(response), address)
        elif message.message_class == stun.Class.RESPONSE:
            self._answered.set()

    def _check(self) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote['ice-ufrag']}:{self.user}"
        request.attributes["PRIORITY"] = 1853824767
        request.attributes["ICE-CONTROLLING"] = 77
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self.remote["ice-pwd"].encode())
        self._send_now(bytes(request))


@dataclass(slots=True)
class Person:
    """A client: the link it sends on and the links it receives on (often the same)."""

    sending: Link
    receiving: Link
    outlets: list[Outlet]


async def replay(people: list[Person], seconds: float, stop: asyncio.Event | None = None) -> dict[str, float]:
    """Send every clip at its own pace. Returns counters of the time between the two readings (warm-up excluded by the caller)."""
    clock = NtpClock()
    start = time.monotonic() + 0.05
    spread = random.Random(5)
    queue: list[tuple[float, int, Person, Outlet]] = []
    for person in people:
        for outlet in person.outlets:
            if outlet.start == 0.0:
                outlet.start = start + spread.random() * 0.5
            heapq.heappush(queue, (outlet.due_at(), len(queue), person, outlet))
    late = 0.0
    end = start + seconds
    report_at = start
    while (now := time.monotonic()) < end and not (stop is not None and stop.is_set()):
        while queue and queue[0][0] <= now:
            due, number, person, outlet = queue[0]
            late = max(late, now - due)
            packet = outlet.clip.packets[outlet.at]
            person.sending.send_media(outlet, packet, now)
            outlet.at += 1
            if outlet.at >= len(outlet.clip.packets):
                outlet.at, outlet.round = 0, outlet.round + 1
            heapq.heapreplace(queue, (outlet.due_at(), number, person, outlet))
        if now >= report_at:
            report_at = now + 1
            for person in people:
                for outlet in person.outlets:
                    packet = outlet.clip.packets[outlet.at]
                    ahead = outlet.due_at() - now
                    stamp = (outlet.timestamp(packet) - int(ahead * outlet.clip.clock_rate)) & 0xFFFFFFFF
                    report = rtcp.SenderReport(outlet.ssrc, clock.at(time.monotonic_ns()), stamp, outlet.sent, outlet.sent * 900)
                    person.sending.send_rtcp(rtcp.sender_report(report) + rtcp.source_description(outlet.ssrc, "load"))
                person.sending.check()
                if person.receiving is not person.sending:
                    person.receiving.check()
        await asyncio.sleep(0.004)
    links = {id(link): link for person in people for link in (person.sending, person.receiving)}.values()
    return {
        "sent": sum(link.sent for link in links),
        "received": sum(link.received for link in links),
        "late_ms": round(late * 1000, 1),
    }
