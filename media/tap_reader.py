"""Reads a tap socket: the receiving end of `media.taps`, for the speech and vision processes."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from media.taps import TapPacket, unpack_all


class TapReader:
    """Reads datagrams on the loop, in bursts; damaged ones are counted and dropped.

    Args:
        path: where to bind the unix datagram socket.
        take: called on the loop with each packet; must not block.
        receive_buffer: bytes the kernel may hold.
        largest: bytes of the largest datagram taken whole.
        burst: datagrams read in one turn of the loop.
    """

    def __init__(self, path: Path, take: Callable[[TapPacket], None], *, receive_buffer: int, largest: int, burst: int) -> None:
        self._path = path
        self._take = take
        self._receive_buffer = receive_buffer
        self._largest = largest
        self._burst = burst
        self._socket: socket.socket | None = None
        self.damaged = 0

    def open(self) -> None:
        """Bind the socket; a former process's leftover is replaced."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        sock.setblocking(False)
        sock.bind(str(self._path))
        self._path.chmod(0o600)
        asyncio.get_running_loop().add_reader(sock, self._read)
        self._socket = sock

    def close(self) -> None:
        """Unbind; idempotent."""
        sock, self._socket = self._socket, None
        if sock is not None:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()
            self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        sock = self._socket
        if sock is None:
            return
        for _ in range(self._burst):
            try:
                data = sock.recv(self._largest)
            except BlockingIOError:
                return
            try:
                packets = unpack_all(data)
            except ValueError:
                self.damaged += 1
                continue
            for packet in packets:
                self._take(packet)
