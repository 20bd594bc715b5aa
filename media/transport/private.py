"""Every private name of aiortc and pylibsrtp that is touched, in one place (checked against aiortc 1.16.0, pylibsrtp 1.0.0).

`tests/media/test_private_names.py` fails when one of them changes. Needed because aiortc gives neither an injectable ICE
transport nor the SRTP sessions of a finished handshake; both go away when its public API offers them.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from aiortc import RTCCertificate, RTCDtlsTransport
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    SRTP_PROFILES,
    SRTPProtectionProfile,
)
from OpenSSL import SSL
from pylibsrtp._binding import ffi, lib

BUFFER_SIZE = 2048
# They answer 0 (srtp_err_status_ok) when they did it.
_PROTECT, _UNPROTECT = lib.srtp_protect, lib.srtp_unprotect
# The cheaper AES-GCM first (2.3 µs against 3.9 µs a packet of AES-CM with HMAC-SHA1).
_PREFERRED = (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80)


class DatagramPipe(Protocol):
    """What a DTLS transport needs below it."""

    role: str
    state: str

    async def _recv(self) -> bytes: ...

    async def _send(self, data: bytes) -> None: ...

    async def stop(self) -> None:
        """End."""


class Buffer:
    """A preallocated packet buffer that both Python (`view`) and libsrtp see; packets are (un)protected in place."""

    __slots__ = ("data", "length", "view")

    def __init__(self) -> None:
        self.data = ffi.new("unsigned char[]", BUFFER_SIZE)
        self.view = memoryview(ffi.buffer(self.data)).cast("B")
        self.length = ffi.new("int *")


class SrtpPair:
    """The two SRTP sessions of a finished handshake."""

    __slots__ = ("_keep", "_rx", "_tx")

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._keep = (dtls._rx_srtp, dtls._tx_srtp)
        self._rx = dtls._rx_srtp._srtp[0]
        self._tx = dtls._tx_srtp._srtp[0]

    def unprotect(self, buffer: Buffer, length: int) -> int:
        """Decrypt an SRTP packet in place; -1 when it is not authentic or a replay."""
        cell: Any = buffer.length
        cell[0] = length
        size: int = -1 if _UNPROTECT(self._rx, buffer.data, cell) else cell[0]
        return size

    def unprotect_rtcp(self, buffer: Buffer, length: int) -> int:
        """Decrypt an SRTCP packet in place."""
        cell: Any = buffer.length
        cell[0] = length
        size: int = -1 if lib.srtp_unprotect_rtcp(self._rx, buffer.data, cell) else cell[0]
        return size

    def protect(self, buffer: Buffer, length: int) -> int:
        """Encrypt an RTP packet in place; the buffer must have room for the trailer."""
        cell: Any = buffer.length
        cell[0] = length
        size: int = -1 if _PROTECT(self._tx, buffer.data, cell) else cell[0]
        return size

    def protect_rtcp(self, buffer: Buffer, length: int) -> int:
        """Encrypt an RTCP packet in place."""
        cell: Any = buffer.length
        cell[0] = length
        size: int = -1 if lib.srtp_protect_rtcp(self._tx, buffer.data, cell) else cell[0]
        return size

    @property
    def pointers(self) -> tuple[int, int]:
        """Addresses of the two libsrtp contexts (receive, send)."""
        return int(ffi.cast("uintptr_t", self._rx)), int(ffi.cast("uintptr_t", self._tx))


def srtp_functions() -> tuple[int, int, int]:
    """Addresses of libsrtp's protect, unprotect and protect_rtcp, for compiled code in this process."""
    names = ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp")
    protect, unprotect, protect_rtcp = (int(ffi.cast("uintptr_t", ffi.addressof(lib, name))) for name in names)
    return protect, unprotect, protect_rtcp


class WorkerCertificate(RTCCertificate):
    """A certificate whose handshakes share one SSL context.

    aiortc makes a context a connection; each leaves a cycle behind (pyOpenSSL's verify helper) that only the collector releases.
    """

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
            # A context keeps the sessions of its clients otherwise. Nobody resumes one: each connection is authenticated anew.
            self._context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return self._context


def make_dtls(pipe: DatagramPipe, certificate: RTCCertificate, role: str, on_state: Callable[[], None]) -> RTCDtlsTransport:
    """A DTLS transport over a pipe of ours, with our order of SRTP profiles. `role` is `server` or `client`."""
    dtls = RTCDtlsTransport(pipe, [certificate])  # type: ignore[arg-type]
    dtls._srtp_profiles = [profile for profile in _PREFERRED if profile in SRTP_PROFILES]
    dtls._set_role(role)
    dtls.on("statechange", on_state)
    return dtls


def srtp_profile(dtls: RTCDtlsTransport) -> str:
    """Name of the negotiated SRTP profile."""
    selected = dtls._ssl.get_selected_srtp_profile() if dtls._ssl is not None else b""
    return bytes(selected).decode()


class DtlsPipe:
    """The duck-typed ICE transport: DTLS datagrams in through `feed`, out through `send`."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.role = "controlled"
        self.state = "completed"
        self._send_datagram = send
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(64)

    def feed(self, data: bytes) -> None:
        """Take a datagram; a peer that floods the handshake loses the surplus."""
        if not self._queue.full():
            self._queue.put_nowait(data)

    def close(self) -> None:
        """End the DTLS transport above."""
        if self.state == "closed":
            return
        self.state = "closed"
        self._send_datagram = _drop  # it holds the connection, which holds this pipe
        while self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def stop(self) -> None:
        """Part of the ICE transport's shape."""
        self.close()

    async def _recv(self) -> bytes:
        data = await self._queue.get()
        if data is None:
            raise ConnectionError("closed")
        return data

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)


def _drop(data: bytes) -> None:
    """Where datagrams of a closed pipe go."""
