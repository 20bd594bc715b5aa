"""One client's transport: ICE-lite credentials, DTLS handshake, SRTP. Hands plain packets to its handler."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Sequence
from typing import Protocol

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from media.transport import ice
from media.transport.ice import Address, Credentials, StunMessage
from media.transport.port import MAX_PACKET, UdpPort, now_ns
from media.transport.private import Buffer, DtlsPipe, SrtpPair, make_dtls, srtp_profile
from media.transport.state import ConnectionState

log = logging.getLogger(__name__)
_HANDSHAKE_TIMEOUT_S = 30
_QUIET_NS = 700_000_000
_PROBE_NS = 400_000_000
_ADDRESSES = 16
"""How many addresses of one client are remembered: more than it has at a time, however many it writes into its checks."""


class ConnectionHandler(Protocol):
    """Who gets the packets; every method is called on the loop and must not block."""

    def on_rtp(self, view: memoryview, length: int, arrival_ns: int) -> None:
        """A plain RTP packet; the view is reused after the call."""

    def on_rtcp(self, data: bytes, arrival_ns: int) -> None:
        """A plain compound RTCP packet."""

    def on_connected(self) -> None:
        """DTLS finished, media can flow."""

    def on_disconnected(self, reason: str) -> None:
        """The peer closed DTLS, or the handshake failed."""


class _Nobody:
    """The handler of a closed connection, so that neither holds the other."""

    def on_rtp(self, view: memoryview, length: int, arrival_ns: int) -> None: ...

    def on_rtcp(self, data: bytes, arrival_ns: int) -> None: ...

    def on_connected(self) -> None: ...

    def on_disconnected(self, reason: str) -> None: ...


class Connection:
    """State of one client on the port. `aclose` once; everything else tolerates a closed connection."""

    def __init__(self, port: UdpPort, certificate: RTCCertificate, handler: ConnectionHandler) -> None:
        self._port = port
        self.tx = port.tx
        """The buffer to build an RTP packet in before `send_rtp`."""
        self.state: ConnectionState = port.new_connection(self)
        self._certificate = certificate
        self._handler = handler
        self._generations: list[Credentials] = []
        self._remote: Credentials | None = None
        self._tie_breaker = secrets.randbits(63)
        self._probes: dict[bytes, int] = {}
        self._last_probe_ns = 0
        self._pipe = DtlsPipe(self._send_dtls)
        self._dtls: RTCDtlsTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self.srtp: SrtpPair | None = None
        self.profile = ""
        self.address: Address | None = None
        self._addresses: dict[Address, None] = {}
        self.binds = 0
        """How often the inner loop was told an address of it."""
        self.rtt_ms: float | None = None
        self.state.last_received_ns = now_ns()
        self.new_generation()

    @property
    def local(self) -> Credentials:
        """The newest ICE credentials."""
        return self._generations[-1]

    @property
    def last_received_ns(self) -> int:
        """When anything authentic last came from the client."""
        return self.state.last_received_ns

    @property
    def is_connected(self) -> bool:
        """Whether SRTP keys exist and an address is nominated."""
        return self.srtp is not None and self.address is not None and not self._is_closed

    def new_generation(self) -> Credentials:
        """Fresh credentials (ICE restart); the former ones stay valid until the new ones are used."""
        credentials = Credentials()
        self._generations.append(credentials)
        while len(self._generations) > 2:
            self._port.drop_credentials(self._generations.pop(0).ufrag)
        self._port.add_credentials(credentials.ufrag, self)
        return credentials

    def credentials_of(self, ufrag: str) -> Credentials | None:
        """The generation with this user fragment."""
        return next((item for item in self._generations if item.ufrag == ufrag), None)

    def set_remote(self, remote: Credentials, fingerprints: Sequence[tuple[str, str]], is_active: bool) -> None:
        """Take the client's answer; the first one starts DTLS (we are the server when the client is active)."""
        self._remote = remote
        if self._dtls is not None or self._is_closed:
            return
        dtls = make_dtls(self._pipe, self._certificate, "server" if is_active else "client", self._on_dtls_state)
        self._dtls = dtls
        parameters = RTCDtlsParameters([RTCDtlsFingerprint(algorithm=name, value=value) for name, value in fingerprints])
        self._task = asyncio.create_task(self._handshake(dtls, parameters))

    async def aclose(self) -> None:
        """Say goodbye (DTLS alert) and release everything; idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._dtls is not None:
            with contextlib.suppress(Exception):
                await self._dtls.stop()
        self._pipe.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task
        self.srtp = self._dtls = self._task = None
        self.state = self._port.forget(self)
        self._handler = _Nobody()

    # Packets in

    def on_srtp(self, buffer: Buffer, length: int) -> bool:
        """An SRTP packet from the network. Returns whether it was authentic."""
        srtp = self.srtp
        if srtp is None:
            return False
        size = srtp.unprotect(buffer, length)
        if size < 12:
            self.state.refused += 1
            return False
        arrival = now_ns()
        state = self.state
        state.last_received_ns = arrival
        state.packets_in += 1
        state.bytes_in += length
        self._handler.on_rtp(buffer.view, size, arrival)
        return True

    def on_srtcp(self, buffer: Buffer, length: int) -> None:
        """An SRTCP packet from the network."""
        srtp = self.srtp
        if srtp is None:
            return
        size = srtp.unprotect_rtcp(buffer, length)
        if size < 8:
            self.state.refused += 1
            return
        arrival = self.state.last_received_ns = now_ns()
        self.state.bytes_in += length
        self._handler.on_rtcp(bytes(buffer.view[:size]), arrival)

    def on_plain_rtp(self, view: memoryview, length: int, arrival_ns: int) -> None:
        """An RTP packet that the inner loop decrypted but does not know."""
        self._handler.on_rtp(view, length, arrival_ns)

    def on_dtls(self, data: bytes) -> None:
        """A DTLS datagram from an address that passed a check."""
        self.state.last_received_ns = now_ns()
        self._pipe.feed(data)

    def on_check(self, ufrag: str, address: Address, *, is_nominated: bool) -> None:
        """An authentic connectivity check arrived."""
        newest = self._generations[-1]
        if ufrag == newest.ufrag and len(self._generations) > 1:
            self._port.drop_credentials(self._generations.pop(0).ufrag)
        self.on_address(address, is_nominated=is_nominated)

    def remember(self, address: Address) -> Address | None:
        """The client was authentic from here. Returns an old address of it that is to be forgotten, never the one in use."""
        self._addresses[address] = None
        if len(self._addresses) <= _ADDRESSES:
            return None
        oldest = next(item for item in self._addresses if item not in (address, self.address))
        del self._addresses[oldest]
        return oldest

    def on_address(self, address: Address, *, is_nominated: bool) -> None:
        """The client can be reached here; a nominated address is where media goes from now on."""
        self.state.last_received_ns = now_ns()
        if (is_nominated or self.address is None) and address != self.address:
            self.address = address
            self._port.set_target(self)

    def on_probe_answer(self, message: StunMessage) -> None:
        """The client answered a probe of ours."""
        sent = self._probes.pop(message.transaction_id, None)
        if sent is None or self._remote is None or not ice.is_authentic(message, self._remote.password):
            return
        now = self.state.last_received_ns = now_ns()
        self.rtt_ms = (now - sent) / 1e6

    # Packets out

    def send_rtp(self, length: int) -> None:
        """Protect and send the packet that lies in `tx`."""
        srtp, address = self.srtp, self.address
        if srtp is None or address is None or length > MAX_PACKET:
            return
        tx = self.tx
        size = srtp.protect(tx, length)
        if size > 0:
            self._port.post(bytes(tx.view[:size]), address)
            state = self.state
            state.packets_out += 1
            state.bytes_out += size

    def send_rtcp(self, data: bytes) -> None:
        """Protect and send a compound RTCP packet."""
        if self.srtp is not None and self.address is not None and len(data) <= MAX_PACKET:
            self._port.send_rtcp(self, data)

    def probe_if_quiet(self, now: int) -> None:
        """Ask a client that has been silent for a while for a sign of life."""
        if now - self.last_received_ns >= _QUIET_NS and now - self._last_probe_ns >= _PROBE_NS:
            self.probe(now)

    def probe(self, now: int) -> None:
        """Ask for a sign of life, which also measures the round trip."""
        if self._remote is None or self.address is None or self._is_closed:
            return
        self._last_probe_ns = now
        transaction, data = ice.probe(self.local, self._remote, self._tie_breaker)
        while len(self._probes) >= 16:
            self._probes.pop(next(iter(self._probes)))
        self._probes[transaction] = now
        self._port.send(data, self.address)

    # DTLS

    def _send_dtls(self, data: bytes) -> None:
        if self.address is not None:
            self._port.send(data, self.address)

    async def _handshake(self, dtls: RTCDtlsTransport, parameters: RTCDtlsParameters) -> None:
        try:
            async with asyncio.timeout(_HANDSHAKE_TIMEOUT_S):
                await dtls.start(parameters)
        except TimeoutError:
            self._handler.on_disconnected("dtls_timeout")
        except Exception:
            log.exception("dtls handshake failed")
            self._handler.on_disconnected("dtls_failed")

    def _on_dtls_state(self) -> None:
        dtls = self._dtls
        if dtls is None or self._is_closed:
            return
        if dtls.state == "connected":
            self.srtp = SrtpPair(dtls)
            self._port.set_target(self)
            self.profile = srtp_profile(dtls)
            self._handler.on_connected()
        elif dtls.state == "failed":
            self._handler.on_disconnected("dtls_failed")
        elif dtls.state == "closed":
            self._handler.on_disconnected("closed_by_peer")
