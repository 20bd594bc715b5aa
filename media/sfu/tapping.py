"""Copies audio packets and whole key frames to the speech and vision processes (media/taps.py). Sends and forgets."""

import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from media import taps
from media.ports import Codec, MediaKind
from media.sfu.codec import assemble
from media.sfu.ring import Packet
from media.sfu.source import Source
from media.transport.port import now_ns

_ABSENT_NS = 250_000_000
_MAX_PACKETS = 600


class TapSender:
    """One unix datagram socket that nobody needs to listen on."""

    def __init__(self, speech: Path | None, vision: Path | None) -> None:
        paths = {taps.TapKind.AUDIO: speech, taps.TapKind.KEY_FRAME: vision}
        self._paths = {kind: None if path is None else str(path) for kind, path in paths.items()}
        self._absent_until_ns = dict.fromkeys(paths, 0)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.counters: Counter[str] = Counter()

    def send(self, packet: taps.TapPacket) -> None:
        """Send one datagram; a missing or full listener loses it."""
        kind = packet.kind
        path = self._paths[kind]
        if path is None:
            return
        try:
            self._socket.sendto(taps.pack(packet), path)
        except (FileNotFoundError, ConnectionRefusedError):
            # Nobody listens: look again soon instead of asking the kernel for every packet.
            self._absent_until_ns[kind] = now_ns() + _ABSENT_NS
            self.counters[f"{kind.name.lower()}_dropped"] += 1
        except OSError:
            self.counters[f"{kind.name.lower()}_dropped"] += 1
        else:
            self.counters[f"{kind.name.lower()}_sent"] += 1

    def is_wanted(self, kind: taps.TapKind, at_ns: int) -> bool:
        """Whether somebody listens, as far as was seen lately: spares the packing."""
        if at_ns >= self._absent_until_ns[kind]:
            return self._paths[kind] is not None
        self.counters[f"{kind.name.lower()}_dropped"] += 1
        return False

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class SourceTap:
    """The tap of one source; `clock` gives (session ms, whether recording) of an arrival instant."""

    def __init__(self, sender: TapSender, room_id: str, seat_id: str, clock: Callable[[int], tuple[int, bool]]) -> None:
        self._sender = sender
        self._room_id = room_id
        self._seat_id = seat_id
        self._clock = clock
        self._frame = 0
        self._key_timestamp: int | None = None
        self._key_first = 0
        self._key_end = -1

    def __call__(self, source: Source, packet: Packet, is_key: bool) -> None:
        """Take a packet that the source delivers."""
        if source.codec is Codec.OPUS:
            if packet.payload and self._sender.is_wanted(taps.TapKind.AUDIO, packet.arrival_ns):
                self._emit(taps.TapKind.AUDIO, 0, packet, packet.timestamp, packet.payload)
            return
        if is_key and self._key_timestamp != packet.timestamp:
            self._key_timestamp, self._key_first, self._key_end = packet.timestamp, packet.sequence, -1
        if packet.timestamp != self._key_timestamp:
            return
        if is_key:
            self._key_first = min(self._key_first, packet.sequence)
        if packet.is_marker:
            self._key_end = packet.sequence
        if self._key_end >= 0:
            self._finish(source, packet)

    def _finish(self, source: Source, last: Packet) -> None:
        count = self._key_end - self._key_first + 1
        if not 0 < count <= _MAX_PACKETS:
            self._key_timestamp = None
            return
        payloads: list[bytes] = []
        for sequence in range(self._key_first, self._key_end + 1):
            packet = source.ring.get(sequence)
            if packet is None:
                return  # A retransmission may still complete it; the next packet of this frame tries again.
            payloads.append(packet.payload)
        self._key_timestamp = None
        frame = assemble(source.codec, payloads)
        if not frame:
            return
        flags = taps.FLAG_H264 if source.codec is Codec.H264 else 0
        if source.kind is MediaKind.SCREEN:
            flags |= taps.FLAG_SCREEN
        self._frame += 1
        self._emit(taps.TapKind.KEY_FRAME, flags, last, self._frame, frame)

    def _emit(self, kind: taps.TapKind, flags: int, packet: Packet, frame: int, data: bytes) -> None:
        t_ms, is_recording = self._clock(packet.arrival_ns)
        if is_recording:
            flags |= taps.FLAG_RECORDING
        chunks = max(1, -(-len(data) // taps.CHUNK))
        for index in range(chunks):
            part = data[index * taps.CHUNK : (index + 1) * taps.CHUNK]
            sequence = packet.sequence & 0xFFFF
            self._sender.send(
                taps.TapPacket(kind, flags, index, chunks, t_ms, sequence, frame, self._room_id, self._seat_id, part)
            )
