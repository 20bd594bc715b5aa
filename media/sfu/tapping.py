"""Copies audio packets and whole key frames to the speech and vision processes (media/taps.py). Sends and forgets."""

import errno
import socket
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path

from media import taps
from media.native.engine import TapHead
from media.ports import Codec, MediaKind
from media.sfu.codec import assemble
from media.sfu.ring import Packet
from media.sfu.source import Source
from media.transport.port import now_ns

_ABSENT_NS = 250_000_000
_MAX_PACKETS = 600
_MAX_WAITING = 4 << 20
_LONGEST_TAIL = 160


class TapSender:
    """One unix datagram socket that nobody needs to listen on.

    A listener that is busy for a moment loses nothing: what its queue refuses (the kernel's is ten datagrams long by default)
    waits here, bounded, and goes out at the next `flush`.
    """

    def __init__(self, speech: Path | None, vision: Path | None) -> None:
        paths = {taps.TapKind.AUDIO: speech, taps.TapKind.KEY_FRAME: vision}
        self._paths = {kind: None if path is None else str(path) for kind, path in paths.items()}
        self._absent_until_ns = dict.fromkeys(paths, 0)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._waiting: dict[taps.TapKind, deque[tuple[bytes, int]]] = {kind: deque() for kind in paths}
        self._waiting_bytes = dict.fromkeys(paths, 0)
        self.counters: Counter[str] = Counter()

    def send(self, packet: taps.TapPacket) -> None:
        """Send one packet; a missing listener loses it."""
        self._put(packet.kind, taps.pack(packet), 1)

    def send_sound(self, packets: bytes, count: int) -> None:
        """Send packets that are each behind their length, as one datagram."""
        if self.is_wanted(taps.TapKind.AUDIO, now_ns(), count):
            self._put(taps.TapKind.AUDIO, taps.pack_many(packets), count)

    @property
    def waiting_bytes(self) -> int:
        """What the listeners' queues did not take yet."""
        return sum(self._waiting_bytes.values())

    def flush(self) -> None:
        """Try again what waits; every few milliseconds while anything does."""
        for kind, waiting in self._waiting.items():
            while waiting and self._send(kind, *waiting[0]):
                self._waiting_bytes[kind] -= len(waiting.popleft()[0])

    def _put(self, kind: taps.TapKind, data: bytes, count: int) -> None:
        if self._paths[kind] is None:
            return
        waiting = self._waiting[kind]
        if waiting:
            self.flush()
        if not waiting and self._send(kind, data, count):
            return
        if self._waiting_bytes[kind] + len(data) > _MAX_WAITING:
            self.counters[f"{kind.name.lower()}_dropped"] += count
            return
        waiting.append((data, count))
        self._waiting_bytes[kind] += len(data)

    def _send(self, kind: taps.TapKind, data: bytes, count: int) -> bool:
        """False when the listener's queue is full."""
        path = self._paths[kind]
        assert path is not None
        try:
            self._socket.sendto(data, path)
        except (FileNotFoundError, ConnectionRefusedError):
            # Nobody listens: look again soon instead of asking the kernel for every packet.
            self._absent_until_ns[kind] = now_ns() + _ABSENT_NS
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                return False
        else:
            self.counters[f"{kind.name.lower()}_sent"] += count
            return True
        self.counters[f"{kind.name.lower()}_dropped"] += count
        return True

    def is_wanted(self, kind: taps.TapKind, at_ns: int, count: int = 1) -> bool:
        """Whether somebody listens, as far as was seen lately: spares the packing."""
        if at_ns >= self._absent_until_ns[kind]:
            return self._paths[kind] is not None
        self.counters[f"{kind.name.lower()}_dropped"] += count
        return False

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class SourceTap:
    """The tap of one source; `clock` gives (the instant session time counts from, whether recording)."""

    def __init__(self, sender: TapSender, room_id: str, seat_id: str, clock: Callable[[], tuple[int, bool]]) -> None:
        self._sender = sender
        self._room_id = room_id
        self._seat_id = seat_id
        self._clock = clock
        self._frame = 0
        self._key_timestamp: int | None = None
        self._key_first = 0
        self._key_end = -1
        self._key_parts: list[bytes] = []

    def head(self) -> TapHead | None:
        """What the compiled loop puts before sound; None when the names are too long for it."""
        end = taps.tail(self._room_id, self._seat_id)
        base_ns, is_recording = self._clock()
        return TapHead(end, base_ns, taps.FLAG_RECORDING if is_recording else 0) if len(end) <= _LONGEST_TAIL else None

    def __call__(self, source: Source, packet: Packet, is_key: bool) -> None:
        """Take a packet that the source delivers."""
        if source.codec is Codec.OPUS:
            if packet.payload and self._sender.is_wanted(taps.TapKind.AUDIO, packet.arrival_ns):
                self._emit(taps.TapKind.AUDIO, 0, packet, packet.timestamp, packet.payload)
            return
        if is_key and self._key_timestamp != packet.timestamp:
            self._key_timestamp, self._key_first, self._key_end = packet.timestamp, packet.sequence, -1
            self._key_parts = []
        if packet.timestamp != self._key_timestamp:
            return
        if is_key and packet.sequence < self._key_first:
            self._key_first, self._key_parts = packet.sequence, []
        if packet.is_marker:
            self._key_end = packet.sequence
        if self._key_end >= 0:
            self._finish(source, packet)

    def _finish(self, source: Source, last: Packet) -> None:
        count = self._key_end - self._key_first + 1
        if not 0 < count <= _MAX_PACKETS:
            self._key_timestamp = None
            return
        parts = self._key_parts
        for sequence in range(self._key_first + len(parts), self._key_end + 1):
            packet = source.ring.get(sequence)
            if packet is None:
                return  # A retransmission may still complete it; the next packet of this frame goes on there.
            parts.append(packet.payload)
        self._key_timestamp, self._key_parts = None, []
        frame = assemble(source.codec, parts)
        if not frame:
            return
        flags = taps.FLAG_H264 if source.codec is Codec.H264 else 0
        if source.kind is MediaKind.SCREEN:
            flags |= taps.FLAG_SCREEN
        self._frame += 1
        self._emit(taps.TapKind.KEY_FRAME, flags, last, self._frame, frame)

    def _emit(self, kind: taps.TapKind, flags: int, packet: Packet, frame: int, data: bytes) -> None:
        base_ns, is_recording = self._clock()
        t_ms = (packet.arrival_ns - base_ns) // 1_000_000
        if is_recording:
            flags |= taps.FLAG_RECORDING
        chunks = max(1, -(-len(data) // taps.CHUNK))
        for index in range(chunks):
            part = data[index * taps.CHUNK : (index + 1) * taps.CHUNK]
            sequence = packet.sequence & 0xFFFF
            self._sender.send(
                taps.TapPacket(kind, flags, index, chunks, t_ms, sequence, frame, self._room_id, self._seat_id, part)
            )
