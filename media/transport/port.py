"""The worker's one UDP socket: reads in bursts, tells STUN, DTLS, SRTP and SRTCP apart, finds the connection.

A datagram from an unknown address is answered only when STUN authenticates it, or when its SRTP tag does (a client whose source
port changed, noticed at its next media packet instead of its next STUN check).
"""

import asyncio
import errno
import logging
import math
import socket
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from media.transport import ice
from media.transport.beat import Beat
from media.transport.ice import Address
from media.transport.private import BUFFER_SIZE, Buffer
from media.transport.state import ConnectionState

if TYPE_CHECKING:
    from media.transport.connection import Connection

log = logging.getLogger(__name__)
_BURST = 128
_SOCKET_BUFFER = 4 << 20
# Above this many datagrams a second the socket is looked at every few milliseconds instead of at each arrival: one wake-up then
# serves several packets. Below the lower rate every arrival wakes the loop again.
_POLL_ABOVE, _POLL_BELOW = 400, 250
_WINDOW_S = 0.25
# As media/native/send.c does it (Linux); not in Python's socket module.
_UDP_SEGMENT, _SEGMENTS, _MESSAGE = 103, 48, 60_000
# Not in Python's socket module; they exceed the system's limit where the process may.
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
# Buffers beyond this are no RTP of ours and could not be protected in place.
MAX_PACKET = BUFFER_SIZE - 160


class UdpPort:
    """Owns the socket; connections register themselves."""

    paces: tuple[tuple[float, int], ...] = ((4_000, 20_000_000), (8_000, 10_000_000), (math.inf, 4_000_000))
    """Up to so many datagrams a second, a look every so many ns. The busier, the sooner: what lies there fits one burst.

    Whole parts of the worker's tick, so that both wake the loop together. In Python a wake-up is dear: one a frame of sound.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")  # "::" is both families
        for force, option in ((_SO_RCVBUFFORCE, socket.SO_RCVBUF), (_SO_SNDBUFFORCE, socket.SO_SNDBUF)):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, force, _SOCKET_BUFFER)
            except OSError:
                self._socket.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER)
        self._socket.bind((host, port))
        self.number: int = self._socket.getsockname()[1]
        self.counters: Counter[str] = Counter()
        self.tx = Buffer()
        self._rx = Buffer()
        self._by_address: dict[Address, Connection] = {}
        self._by_ufrag: dict[str, Connection] = {}
        self._by_ssrc: dict[int, Connection] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beat = Beat(self._poll)
        self._batches: dict[Address, list[bytes]] = {}
        self._is_draining = False
        self._has_segments = True
        self._alone: set[Address] = set()
        """Where messages that the kernel cuts do not go: a tunnel, packets larger than the way takes."""
        self._window = (0.0, 0)

    @property
    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    def start(self) -> None:
        """Begin reading; needs a running loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._on_readable)

    def close(self) -> None:
        """Stop reading and close the socket; idempotent."""
        self._beat.stop()
        if self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._loop = None
        self._socket.close()

    def add_credentials(self, ufrag: str, connection: "Connection") -> None:
        """Route binding requests for this user fragment to the connection."""
        self._by_ufrag[ufrag] = connection

    def drop_credentials(self, ufrag: str) -> None:
        """Forget an old ICE generation."""
        self._by_ufrag.pop(ufrag, None)

    def add_ssrc(self, ssrc: int, connection: "Connection") -> None:
        """Remember which connection sends this SSRC, to find it again at a new address."""
        self._by_ssrc[ssrc] = connection

    def drop_ssrc(self, ssrc: int, connection: "Connection") -> None:
        """Forget an SSRC that the connection announced long ago."""
        if self._by_ssrc.get(ssrc) is connection:
            del self._by_ssrc[ssrc]

    def new_connection(self, connection: "Connection") -> ConnectionState:
        """The counters of a new connection."""
        return ConnectionState()

    def set_target(self, connection: "Connection") -> None:
        """The connection's address or keys changed."""

    def forget(self, connection: "Connection") -> ConnectionState:
        """Remove every route to a closed connection. Returns its last counters."""
        self._by_address = {key: value for key, value in self._by_address.items() if value is not connection}
        self._by_ufrag = {key: value for key, value in self._by_ufrag.items() if value is not connection}
        self._by_ssrc = {key: value for key, value in self._by_ssrc.items() if value is not connection}
        self._alone.clear()  # found out again where it is still so
        return connection.state

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Send one datagram now; a full socket buffer loses it, as a network would."""
        try:
            self._socket.sendto(data, address)
        except (BlockingIOError, InterruptedError):
            self.counters["send_full"] += 1
            return False
        except OSError:
            self.counters["send_error"] += 1
            return False
        return True

    def post(self, data: bytes, address: Address) -> None:
        """Send a media packet with the others of this wake-up, or now when none is under way."""
        batch = self._batches.get(address)
        if batch is None:
            self._batches[address] = [data]
        else:
            batch.append(data)
        if not self._is_draining:
            self._send_posted()

    def _send_posted(self) -> None:
        batches, self._batches = self._batches, {}
        for address, batch in batches.items():
            # Packets of one size, and a last shorter one, are one message that the kernel cuts.
            run = batch[:1]
            size = last = len(run[0])
            for data in batch[1:]:
                length = len(data)
                if length > size or last != size or len(run) == _SEGMENTS or size * len(run) + length > _MESSAGE:
                    self._send_run(run, size, address)
                    run, size = [], length
                run.append(data)
                last = length
            self._send_run(run, size, address)

    def _send_run(self, run: list[bytes], size: int, address: Address) -> None:
        if len(run) > 1 and self._has_segments and address not in self._alone:
            try:
                self._socket.sendmsg(run, [(socket.IPPROTO_UDP, _UDP_SEGMENT, size.to_bytes(2, sys.byteorder))], 0, address)
            except (BlockingIOError, InterruptedError):
                self.counters["send_full"] += len(run)
                return
            except OSError as error:
                if error.errno in (errno.EIO, errno.EINVAL, errno.ENOPROTOOPT):
                    self._alone.add(address)
            else:
                return
        for data in run:
            self.send(data, address)

    def send_rtcp(self, connection: "Connection", data: bytes) -> None:
        """Protect and send a compound RTCP packet of a connection that has keys and an address."""
        srtp, address = connection.srtp, connection.address
        assert srtp is not None
        assert address is not None
        self.tx.view[: len(data)] = data
        size = srtp.protect_rtcp(self.tx, len(data))
        if size > 0 and self.send(self.tx.view[:size], address):
            connection.state.bytes_out += size

    @property
    def is_polled(self) -> bool:
        """Whether the socket is looked at every few milliseconds."""
        return self._beat.is_running

    def _on_readable(self) -> None:
        rate = self._measure(self._look())
        if rate > _POLL_ABOVE and self._loop is not None:
            # First: without a free descriptor it raises, and arrivals must go on waking the loop.
            self._beat.start(self.paces[0][1])
            self._loop.remove_reader(self._socket.fileno())

    def _poll(self, due_ns: int) -> None:
        rate = self._measure(self._look())
        if self._loop is None or rate < 0:
            return
        if rate < _POLL_BELOW:
            self._beat.stop()
            self._loop.add_reader(self._socket.fileno(), self._on_readable)
        else:
            self._beat.start(next(every_ns for limit, every_ns in self.paces if rate < limit))

    def _measure(self, count: int) -> float:
        """Datagrams a second, each time a window closes; -1 in between."""
        if self._loop is None:
            return -1
        since, total = self._window
        now = self._loop.time()
        if now - since < _WINDOW_S:
            self._window = (since, total + count)
            return -1
        self._window = (now, 0)
        return (total + count) / (now - since)

    def _look(self) -> int:
        self._is_draining = True
        try:
            return self._drain()
        finally:
            self._is_draining = False
            if self._batches:
                self._send_posted()

    def _drain(self) -> int:
        """Handle what has arrived, at most a burst. Returns the number of datagrams."""
        receive = self._socket.recvfrom_into
        buffer = self._rx
        view = buffer.view
        for count in range(_BURST):
            try:
                length, address = receive(view)
            except (BlockingIOError, InterruptedError):
                return count
            except OSError:
                self.counters["receive_error"] += 1
                return count
            # Media of a known client, nearly always; `_dispatch` tells the rest apart.
            if (
                length >= 12
                and 128 <= view[0] <= 191
                and not 192 <= view[1] <= 223
                and (connection := self._by_address.get(address))
            ):
                try:
                    connection.on_srtp(buffer, length)
                except Exception:
                    self._fault()
            else:
                self.take(length, address)
        return _BURST

    def take(self, length: int, address: Address) -> None:
        """Handle the datagram that lies in the receive buffer."""
        try:
            self._dispatch(length, address)
        except Exception:
            self._fault()

    def _fault(self) -> None:
        # Foreign bytes must never end the loop; the counter is an alarm that a parser let one through.
        self.counters["handler_error"] += 1
        log.exception("datagram handler failed")

    def _dispatch(self, length: int, address: Address) -> None:
        if length < 1:
            return
        buffer = self._rx
        first = buffer.view[0]
        connection = self._by_address.get(address)
        if 128 <= first <= 191:
            if length < 12:
                return
            if connection is None:
                self._roam(length, address)
            elif 192 <= buffer.view[1] <= 223:
                connection.on_srtcp(buffer, length)
            else:
                connection.on_srtp(buffer, length)
        elif first <= 3:
            self._stun(bytes(buffer.view[:length]), address)
        elif 20 <= first <= 63 and connection is not None:
            connection.on_dtls(bytes(buffer.view[:length]))
        else:
            self.counters["unknown"] += 1

    def _bind(self, address: Address, connection: "Connection") -> None:
        if self._by_address.get(address) is connection:
            return
        self._by_address[address] = connection
        oldest = connection.remember(address)
        if oldest is not None and self._by_address.get(oldest) is connection:
            del self._by_address[oldest]

    def _roam(self, length: int, address: Address) -> None:
        view = self._rx.view
        if 192 <= view[1] <= 223:
            self.counters["unknown"] += 1
            return
        connection = self._by_ssrc.get(int.from_bytes(view[8:12], "big"))
        if connection is None or not connection.on_srtp(self._rx, length):
            self.counters["unknown"] += 1
            return
        self.counters["roamed"] += 1
        self._bind(address, connection)
        connection.on_address(address, is_nominated=True)

    def _stun(self, data: bytes, address: Address) -> None:
        message = ice.parse(data)
        if message is None:
            self.counters["stun_malformed"] += 1
            return
        if message.is_response:
            connection = self._by_address.get(address)
            if connection is not None:
                connection.on_probe_answer(message)
            return
        connection = self._by_ufrag.get(message.local_ufrag) if message.is_request else None
        if connection is None:
            self.counters["stun_unknown"] += 1
            return
        credentials = connection.credentials_of(message.local_ufrag)
        if credentials is None or not ice.is_authentic(message, credentials.password):
            self.counters["stun_forged"] += 1
            return
        self.send(ice.success(message, address, credentials.password), address)
        self._bind(address, connection)
        connection.on_check(message.local_ufrag, address, is_nominated=message.is_nominated)


now_ns = time.monotonic_ns
"""The worker's one clock: CLOCK_MONOTONIC in nanoseconds."""
