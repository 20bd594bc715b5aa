"""A scripted WebRTC client over a plain UDP socket: STUN, DTLS and SRTP are real, every packet is chosen by the test."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable
from typing import Any

from aioice import stun
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtp import AnyRtcpPacket, RtcpPacket, RtpPacket

from media.rpc import RpcClient
from media.transport.private import Buffer, DtlsPipe, SrtpPair, make_dtls

OPUS, VP8, VP8_RTX, H264 = 111, 96, 97, 102
SENDING = {"mic": "0", "camera": "1", "screen": "2"}
VP8_KEY = b"\x10" + b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00" + bytes(60)
VP8_DELTA = b"\x10\x01" + bytes(60)


class Peer:
    """Joins a seat through the worker's RPC. `is_silent` mutes it, `announces_ssrcs` and `takes_h264` shape its answer."""

    def __init__(self, rpc: RpcClient, room_id: str, seat_id: str, certificate: RTCCertificate) -> None:
        self.rpc = rpc
        self.room_id = room_id
        self.seat_id = seat_id
        self.certificate = certificate
        self.leg_id = ""
        self.slots: list[dict[str, Any]] = []
        self.ssrcs = {kind: secrets.randbits(32) for kind in SENDING}
        self.rtx_ssrcs = {kind: secrets.randbits(32) for kind in ("camera", "screen")}
        self.packets: dict[str, list[RtpPacket]] = {}
        self.rtx: dict[str, list[RtpPacket]] = {}
        self.rtcp: list[AnyRtcpPacket] = []
        self.is_silent = False
        self.announces_ssrcs = True
        self.takes_h264 = False
        self._mids: dict[int, str] = {}
        self._rtx_mids: dict[int, str] = {}
        self._rtx_out = secrets.randbits(14)
        self._user = secrets.token_hex(4)
        self._password = secrets.token_hex(12)
        self._remote: dict[str, str] = {}
        self._server = ("", 0)
        self._socket = self._open()
        self._buffer = Buffer()
        self._pipe = DtlsPipe(self._send)
        self._srtp: SrtpPair | None = None
        self._changed = asyncio.Event()
        self._checks = 0
        self._dtls: Any = None
        self.keeper: asyncio.Task[None] | None = None

    # Session

    async def join(self, joined: dict[str, Any] | None = None) -> None:
        """Offer (unless it was asked for before), answer, checks, DTLS."""
        if joined is None:
            joined = await self.rpc.call("seat.join", {"room_id": self.room_id, "seat_id": self.seat_id})
        self.leg_id, self.slots = joined["leg_id"], joined["slots"]
        self._read_offer(joined["sdp"])
        await self.rpc.call("seat.answer", {"leg_id": self.leg_id, "sdp": self._answer(joined["sdp"])})
        self._check()
        await self.until(lambda: self._checks > 0)
        self._dtls = make_dtls(self._pipe, self.certificate, "client", lambda: None)
        algorithm, _, value = self._remote["fingerprint"].partition(" ")
        async with asyncio.timeout(30):
            await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))
        self._srtp = SrtpPair(self._dtls)

    async def restart(self) -> None:
        """ICE restart on the same leg: new credentials from a new socket, same DTLS and SRTP."""
        result = await self.rpc.call("seat.restart", {"leg_id": self.leg_id})
        self._read_offer(result["sdp"])
        self._user, self._password = secrets.token_hex(4), secrets.token_hex(12)
        self.move()
        await self.rpc.call("seat.answer", {"leg_id": self.leg_id, "sdp": self._answer(result["sdp"])})
        before = self._checks
        self._check()
        await self.until(lambda: self._checks > before)

    def move(self) -> None:
        """Go on from another source port, telling nobody."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = self._open()

    @property
    def checks(self) -> int:
        """Connectivity checks that were answered."""
        return self._checks

    def check(self) -> None:
        """Send one connectivity check."""
        self._check()

    async def aclose(self, *, says_goodbye: bool = False) -> None:
        """Vanish, or close DTLS properly."""
        if self._dtls is not None:
            if not says_goodbye:
                self.is_silent = True
            await self._dtls.stop()
        self._pipe.close()
        with contextlib.suppress(OSError, ValueError):
            asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    # Media

    def send_audio(self, sequence: int, payload: bytes = b"\xf8\xff\xfe", *, level: int | None = None) -> None:
        extension = b"" if level is None else bytes([0x40, level])
        self.send("mic", OPUS, sequence, sequence * 960, payload, is_marker=False, extension=extension)

    def send_video(self, kind: str, sequence: int, payload: bytes, *, transport: int | None = None) -> None:
        extension = b"" if transport is None else b"\x31" + transport.to_bytes(2, "big")
        self.send(kind, VP8, sequence, sequence * 3000, payload, is_marker=True, extension=extension)

    def send(
        self, kind: str, number: int, sequence: int, timestamp: int, payload: bytes, *, is_marker: bool, extension: bytes = b""
    ) -> None:
        head = self._head(number, sequence, timestamp, self.ssrcs[kind], is_marker, extension)
        self.send_raw(head + payload)

    def send_rtx(self, kind: str, sequence: int, payload: bytes, *, extension: bytes = b"") -> None:
        self._rtx_out += 1
        head = self._head(VP8_RTX, self._rtx_out, sequence * 3000, self.rtx_ssrcs[kind], True, extension)
        self.send_raw(head + (sequence & 0xFFFF).to_bytes(2, "big") + payload)

    def send_raw(self, packet: bytes) -> None:
        """Protect and send a plain RTP packet, whatever it is."""
        assert self._srtp is not None
        self._buffer.view[: len(packet)] = packet
        size = self._srtp.protect(self._buffer, len(packet))
        assert size > 0
        self._send(bytes(self._buffer.view[:size]))

    def send_rtcp(self, packet: bytes) -> None:
        assert self._srtp is not None
        self._buffer.view[: len(packet)] = packet
        size = self._srtp.protect_rtcp(self._buffer, len(packet))
        assert size > 0
        self._send(bytes(self._buffer.view[:size]))

    def send_datagram(self, data: bytes) -> None:
        """Unprotected bytes."""
        self._send(data)

    def mid(self, kind: str, seat_id: str | None = None) -> str:
        """The section on which a seat's stream (or the prompt) arrives."""
        for slot in self.slots:
            if slot["direction"] == "recv" and slot["kind"] == kind and slot["seat_id"] == seat_id:
                return str(slot["mid"])
        raise LookupError(kind)

    def ssrc_of(self, mid: str) -> int:
        return next(ssrc for ssrc, value in self._mids.items() if value == mid)

    async def until(self, predicate: Callable[[], Any], timeout: float = 30) -> None:
        """Wait until something received makes the predicate true."""
        async with asyncio.timeout(timeout):
            while not predicate():
                self._changed.clear()
                await self._changed.wait()

    # Inside

    def _head(self, number: int, sequence: int, timestamp: int, ssrc: int, is_marker: bool, extension: bytes) -> bytes:
        first = 0x90 if extension else 0x80
        head = bytes([first, number | (0x80 if is_marker else 0)])
        head += (sequence & 0xFFFF).to_bytes(2, "big") + (timestamp & 0xFFFFFFFF).to_bytes(4, "big") + ssrc.to_bytes(4, "big")
        if extension:
            extension += bytes(-len(extension) % 4)
            head += b"\xbe\xde" + (len(extension) // 4).to_bytes(2, "big") + extension
        return head

    def _open(self) -> socket.socket:
        item = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        item.setblocking(False)
        item.bind(("127.0.0.1", 0))
        asyncio.get_running_loop().add_reader(item, self._readable)
        return item

    def _send(self, data: bytes) -> None:
        if not self.is_silent:
            self._socket.sendto(data, self._server)

    def _readable(self) -> None:
        while True:
            try:
                data = self._socket.recv(4096)
            except (BlockingIOError, OSError):
                return
            if not self.is_silent:
                self._take(data)
                self._changed.set()

    def _take(self, data: bytes) -> None:
        first = data[0]
        if first <= 3:
            message = stun.parse_message(data)
            if message.message_class == stun.Class.REQUEST:
                response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=message.transaction_id)
                response.attributes["XOR-MAPPED-ADDRESS"] = self._server
                response.add_message_integrity(self._password.encode())
                self._send(bytes(response))
            elif message.message_class == stun.Class.RESPONSE:
                assert message.check_message_integrity(self._remote["ice-pwd"].encode())
                self._checks += 1
        elif 20 <= first <= 63:
            self._pipe.feed(data)
        elif self._srtp is not None:
            self._buffer.view[: len(data)] = data
            if 192 <= data[1] <= 223:
                size = self._srtp.unprotect_rtcp(self._buffer, len(data))
                assert size > 0
                self.rtcp += RtcpPacket.parse(bytes(self._buffer.view[:size]))
            else:
                size = self._srtp.unprotect(self._buffer, len(data))
                if size < 0:
                    return
                packet = RtpPacket.parse(bytes(self._buffer.view[:size]))
                if packet.ssrc in self._mids:
                    self.packets.setdefault(self._mids[packet.ssrc], []).append(packet)
                else:
                    self.rtx.setdefault(self._rtx_mids[packet.ssrc], []).append(packet)

    def _check(self) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote['ice-ufrag']}:{self._user}"
        request.attributes["PRIORITY"] = 1
        request.attributes["ICE-CONTROLLING"] = 1
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote["ice-pwd"].encode())
        self._send(bytes(request))

    def _read_offer(self, text: str) -> None:
        mid = ""
        for line in text.splitlines():
            name, _, value = line[2:].partition(":")
            if name in ("ice-ufrag", "ice-pwd", "fingerprint"):
                self._remote[name] = value
            elif name == "candidate":
                parts = value.split()
                self._server = (parts[4], int(parts[5]))
            elif name == "mid":
                mid = value
            elif name == "ssrc":
                ssrc = int(value.split()[0])
                if ssrc not in self._mids and ssrc not in self._rtx_mids:
                    (self._rtx_mids if mid in self._mids.values() else self._mids)[ssrc] = mid

    def _answer(self, offer: str) -> str:
        fingerprint = next(item for item in self.certificate.getFingerprints() if item.algorithm == "sha-256")
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        sending = {mid: kind for kind, mid in SENDING.items()}
        for section in offer.split("m=")[1:]:
            mid = section.split("a=mid:")[1].splitlines()[0]
            is_video = section.startswith("video")
            lines.append(f"m={'video 9 UDP/TLS/RTP/SAVPF 96 97' if is_video else 'audio 9 UDP/TLS/RTP/SAVPF 111'}")
            lines += [f"a=ice-ufrag:{self._user}", f"a=ice-pwd:{self._password}", "a=setup:active", f"a=mid:{mid}"]
            lines += [f"a=fingerprint:sha-256 {fingerprint.value}", "a=sendonly" if mid in sending else "a=recvonly"]
            if is_video:
                lines += ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
            else:
                lines += ["a=rtpmap:111 opus/48000/2"]
            if is_video and self.takes_h264:
                lines += [f"a=rtpmap:{H264} H264/90000", f"a=rtpmap:{H264 + 1} rtx/90000", f"a=fmtp:{H264 + 1} apt={H264}"]
            kind = sending.get(mid)
            if kind is not None and self.announces_ssrcs:
                if kind in self.rtx_ssrcs:
                    lines.append(f"a=ssrc-group:FID {self.ssrcs[kind]} {self.rtx_ssrcs[kind]}")
                    lines.append(f"a=ssrc:{self.rtx_ssrcs[kind]} cname:x")
                lines.append(f"a=ssrc:{self.ssrcs[kind]} cname:x")
        return "\r\n".join(lines) + "\r\n"
