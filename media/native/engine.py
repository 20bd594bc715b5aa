"""The compiled inner loop seen from Python: same objects as the Python path, with their numbers in C structs.

`load()` gives None where the library was not built; then everything runs in Python. One engine per worker and thread.
"""

import importlib
import logging
import math
import socket
from collections.abc import Callable, Sequence
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast, runtime_checkable

from media.ports import Codec, MediaKind
from media.sfu.ring import AUDIO_SLOTS, VIDEO_SLOTS, Packet
from media.sfu.state import OutgoingState, SourceState
from media.transport import private
from media.transport.ice import Address
from media.transport.port import UdpPort
from media.transport.state import ConnectionState

if TYPE_CHECKING:
    from media.sfu.outgoing import Outgoing
    from media.sfu.source import Source
    from media.transport.connection import Connection

log = logging.getLogger(__name__)

_RECORD = Struct("=qqqIIIiHHBBBx")
_MEDIA, _FOREIGN, _PLAIN, _BEGAN = range(4)
_DELIVER, _GAP, _LATE, _KEY, _KEY_PART, _ACTIVE, _MARKER = (1 << bit for bit in range(7))
_CODECS = {Codec.OPUS: 0, Codec.VP8: 1, Codec.H264: 2}
_MEMORY = (64 + 256) * private.BUFFER_SIZE
# Slots and bytes kept for retransmission: two seconds of video at 2.5 Mbit/s (what browsers go up to), of sound at 96 kbit/s.
_VIDEO_RING = (VIDEO_SLOTS, 640 << 10)
_AUDIO_RING = (AUDIO_SLOTS, 24 << 10)
_BURSTS = 8
_BINDS = 64
_COUNT, _MORE, _RECORDS, _TAP = 0xFFFF, 1 << 16, 1 << 17, 1 << 18


def load() -> "NativeEngine | None":
    """The engine, or None when `make native` has not been run (or was built for another Python, or from an older source)."""
    try:
        module = importlib.import_module("media.native._inner")
    except ImportError:
        return None
    return NativeEngine(module.ffi, module.lib) if hasattr(module.lib, "dr_rebind") else None


class TapHead(NamedTuple):
    """What goes into every tapped packet of a source: flags, the end of its head, and the instant its clock counts from."""

    tail: bytes
    base_ns: int
    flags: int


@runtime_checkable
class SoundTap(Protocol):
    """A tap whose sound is copied in C."""

    def head(self) -> TapHead | None:
        """None: take the packets in Python."""


class NativeEngine:
    """Owns the C side. Objects it makes must be released through it."""

    def __init__(self, ffi: Any, lib: Any) -> None:
        self._ffi = ffi
        self._lib = lib
        self._work_in_c = lib.dr_work
        if ffi.sizeof("dr_record") != _RECORD.size:
            raise RuntimeError("the compiled inner loop does not fit this version")
        self._engine: Any = ffi.NULL
        self._memory: memoryview = memoryview(b"")
        self._records: Any = ffi.new("dr_record **")
        self._found: Any = ffi.new("dr_record *")
        self._tapped: Any = ffi.new("uint8_t **")
        self._scratch: Any = ffi.new("uint8_t[]", private.BUFFER_SIZE)
        self._scratch_view = memoryview(ffi.buffer(self._scratch)).cast("B")
        self._numbers = 0
        self._sources: dict[int, Source] = {}
        self._outgoing: dict[int, Outgoing] = {}
        self._connections: dict[int, Connection] = {}
        self._is_handling = False
        self.on_foreign: Callable[[memoryview, int, Address], None] | None = None
        self.on_tap: Callable[[bytes, int], None] | None = None

    def open(self, fileno: int) -> None:
        """Attach to the socket."""
        self._engine = self._lib.dr_engine_new(fileno, *private.srtp_functions())
        if not self._engine:
            raise MemoryError
        self._memory = memoryview(self._ffi.buffer(self._lib.dr_memory(self._engine), _MEMORY)).cast("B")

    def close(self) -> None:
        """Release the engine; idempotent."""
        self._memory = memoryview(b"")
        engine, self._engine = self._engine, self._ffi.NULL
        self._lib.dr_engine_free(engine)

    def counter(self, which: int) -> int:
        """0 send_full, 1 send_error, 2 records_lost, 3 batches, 4 tap_full, 5 messages."""
        return int(self._lib.dr_counter(self._engine, which))

    # Objects

    def new_connection(self, connection: "Connection") -> ConnectionState:
        """The C side of a connection."""
        struct = self._lib.dr_conn_new(self._engine, self._number(self._connections, connection))
        return cast(ConnectionState, self._checked(struct))

    def set_target(self, connection: "Connection") -> None:
        """Tell the C side where and with which keys to send."""
        struct: Any = connection.state
        if connection.address is not None:
            struct.ip, struct.port = _packed(connection.address)
        if connection.srtp is not None:
            struct.rx, struct.tx = connection.srtp.pointers

    def bind(self, address: Address, connection: "Connection") -> None:
        """Media from this address belongs to the connection."""
        self._lib.dr_bind(self._engine, *_packed(address), connection.state)

    def rebind(self, address: Address, connection: "Connection") -> None:
        """Should the address be known as somebody else's, it is this connection's from now on."""
        self._lib.dr_rebind(self._engine, *_packed(address), connection.state)

    def release_connection(self, connection: "Connection") -> ConnectionState:
        """Free the C side. Returns the last counters."""
        struct: Any = connection.state
        if isinstance(struct, ConnectionState):
            return struct
        last = ConnectionState(*(int(getattr(struct, name)) for name in ConnectionState.__slots__))
        self._connections.pop(int(struct.id), None)
        self._lib.dr_conn_free(self._engine, struct)
        return last

    def new_source(self, source: "Source") -> SourceState:
        """The C side of a source."""
        slots, size = _VIDEO_RING if source.is_video else _AUDIO_RING
        struct = self._lib.dr_source_new(self._number(self._sources, source), _CODECS[source.codec], slots, size)
        return cast(SourceState, self._checked(struct))

    def release_source(self, source: "Source") -> SourceState:
        """Free the C side. Returns the last numbers."""
        struct: Any = source.state
        last = SourceState(**{name: getattr(struct, name) for name in SourceState.__slots__})
        self._sources.pop(int(struct.id), None)
        self._lib.dr_source_free(struct)
        return last

    def ring(self, source: "Source") -> "NativeRing":
        """The C ring of a source."""
        return NativeRing(self, source)

    def wire(self, source: "Source") -> None:
        """Tell the C side who gets the packets of a source."""
        struct: Any = source.state
        streams = source.outgoing[: len(struct.out)]
        for index, stream in enumerate(streams):
            struct.out[index] = stream.state
        struct.outs = len(streams)
        # A compiled sink takes its packets in C; any other, and the tap, get them from `_work`.
        compiled = getattr(source.sink, "compiled", None)
        struct.sink = self._ffi.NULL if compiled is None else compiled
        is_python_sink = source.sink is not None and compiled is None
        tap: Any = source.tap
        head = tap.head() if isinstance(tap, SoundTap) and source.kind is MediaKind.MIC else None
        struct.is_tapped = head is not None
        if head is not None:
            struct.tap_tail[0 : len(head.tail)] = head.tail
            struct.tap_tail_length, struct.tap_base_ns, struct.tap_flags = len(head.tail), head.base_ns, head.flags
        is_python_tap = source.tap is not None and head is None
        struct.wants = (1 if is_python_sink or (is_python_tap and source.kind is MediaKind.MIC) else 0) | (
            2 if is_python_tap else 0
        )

    def route(
        self, connection: "Connection", source: "Source", payload_type: int, rtx_type: int, ssrc: int, repairs: Sequence[int]
    ) -> None:
        """Packets of these SSRCs on the connection belong to the source."""
        struct: Any = source.state
        struct.payload_type, struct.rtx_type = payload_type, rtx_type
        self._lib.dr_route(connection.state, ssrc, struct, 0)
        for repair in repairs:
            self._lib.dr_route(connection.state, repair, struct, 1)

    def unroute(self, connection: "Connection", source: "Source") -> None:
        """Forget the SSRCs of a source."""
        sender: Any = connection.state
        struct: Any = source.state
        if not isinstance(sender, ConnectionState) and not isinstance(struct, SourceState):
            self._lib.dr_unroute(sender, struct)

    def new_outgoing(self, stream: "Outgoing", connection: "Connection") -> OutgoingState:
        """The C side of an outgoing stream."""
        struct = self._lib.dr_out_new(self._number(self._outgoing, stream), connection.state, stream.ssrc)
        return cast(OutgoingState, self._checked(struct))

    def release_outgoing(self, stream: "Outgoing") -> OutgoingState:
        """Free the C side. Returns the last numbers."""
        struct: Any = stream.state
        last = OutgoingState(**{name: getattr(struct, name) for name in OutgoingState.__slots__})
        self._outgoing.pop(int(struct.id), None)
        self._lib.dr_out_free(struct)
        return last

    def arrivals(self, connection: "Connection") -> "NativeArrivals":
        """The arrival log of a connection."""
        return NativeArrivals(self, connection)

    # Packets

    def receive(self) -> int:
        """Work through what the socket holds. Returns the number of datagrams."""
        total = 0
        for _ in range(_BURSTS):
            done: int = self._work_in_c(self._engine)
            total += done & _COUNT
            if done > _COUNT:
                if done & _RECORDS:
                    self._handle()
                    self._lib.dr_flush(self._engine)
                if done & _TAP:
                    self._hand_taps()
                if done & _MORE:
                    continue
            break
        return total

    def tick(self, turn: int, *, is_polled: bool = False) -> None:
        """Every 20 ms: bandwidth feedback of a fifth of the connections, sound for the tap.

        Sends what is queued, or leaves it to the next look at the socket, which may be of the same wake-up.
        """
        if self._lib.dr_tick(self._engine, turn, is_polled):
            self._hand_taps()

    def _hand_taps(self) -> None:
        size = int(self._lib.dr_tap_take(self._engine, self._tapped))
        if size and self.on_tap is not None:
            self.on_tap(bytes(self._ffi.buffer(self._tapped[0], size)), int(self._lib.dr_tap_count(self._engine)))

    def push(
        self, source: "Source", sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int, is_repeat: bool
    ) -> None:
        """A packet that came through Python: a prompt, or the first of a stream."""
        self._lib.dr_push(
            self._engine, source.state, sequence, timestamp, is_marker, payload, len(payload), arrival_ns, is_repeat
        )
        self._handle()

    def ring_get(self, source: "Source", sequence: int) -> Packet | None:
        """A packet the ring still holds."""
        struct: Any = source.state
        if isinstance(struct, SourceState):
            return None
        found = self._found
        length = self._lib.dr_ring_get(struct, sequence, found, self._scratch)
        if length < 0:
            return None
        payload = bytes(self._scratch_view[:length])
        return Packet(sequence, int(found.timestamp), bool(found.flags & _MARKER), payload, int(found.arrival_ns))

    def add_arrival(self, connection: "Connection", sequence: int, arrival_ns: int) -> None:
        """Note a transport-wide sequence number."""
        self._lib.dr_arrival(connection.state, sequence, arrival_ns)

    def set_feedback(self, connection: "Connection", sender: int, media: int) -> None:
        """From now on `tick` sends transport-wide feedback in these names."""
        struct: Any = connection.state
        if not isinstance(struct, ConnectionState):
            struct.feedback_sender, struct.feedback_media = sender, media

    def send_rtcp(self, connection: "Connection", data: bytes) -> None:
        """Protect and queue; it leaves with the next packets, at the latest with the next `tick` or look."""
        struct: Any = connection.state
        if not isinstance(struct, ConnectionState):
            self._lib.dr_send_rtcp(self._engine, struct, data, len(data))

    def feedback(self, connection: "Connection", sender: int, media: int) -> bytes | None:
        """The transport-wide feedback packet."""
        size = self._lib.dr_feedback(connection.state, sender, media, self._scratch, 1400)
        return bytes(self._scratch_view[:size]) if size > 0 else None

    def _handle(self) -> None:
        """Work through the records; pushes from within are worked through by the outer call."""
        if self._is_handling:
            return
        self._is_handling = True
        lib = self._lib
        try:
            done = 0
            while (count := int(lib.dr_records(self._engine, self._records))) > done:
                data = bytes(self._ffi.buffer(self._records[0] + done, (count - done) * _RECORD.size))
                done = count
                self._work(data)
            lib.dr_clear(self._engine)
        finally:
            self._is_handling = False

    def _work(self, data: bytes) -> None:
        memory, sources = self._memory, self._sources
        for sequence, first, arrival, timestamp, offset, ip, number, length, port, kind, flags, _ in _RECORD.iter_unpack(data):
            try:
                if kind == _MEDIA:
                    source = sources.get(number)
                    if source is not None:
                        if flags & (_GAP | _LATE | _KEY | _ACTIVE):
                            self._note(source, flags, first, sequence, arrival)
                        if flags & _DELIVER:
                            payload = bytes(memory[offset : offset + length])
                            packet = Packet(sequence, timestamp, flags & _MARKER != 0, payload, arrival)
                            source.deliver(packet, flags & _KEY != 0, flags & _KEY_PART != 0)
                elif kind == _BEGAN:
                    stream = self._outgoing.get(number)
                    if stream is not None:
                        stream.send_clock()
                elif kind == _PLAIN:
                    connection = self._connections.get(number)
                    if connection is not None:
                        connection.on_plain_rtp(memory[offset : offset + length], length, arrival)
                elif self.on_foreign is not None:
                    address = (socket.inet_ntoa(ip.to_bytes(4, "little")), socket.ntohs(port))
                    self.on_foreign(memory[offset : offset + length], length, address)
            except Exception:
                log.exception("record failed")

    def _note(self, source: "Source", flags: int, first: int, sequence: int, arrival: int) -> None:
        if flags & _GAP:
            source.missed(first, sequence, arrival)
        if flags & _LATE:
            source.found(sequence)
        if flags & _KEY:
            source.key_frame_came()
        if flags & _ACTIVE and source.on_active is not None:
            source.on_active()

    def _number(self, table: dict[int, Any], item: Any) -> int:
        self._numbers += 1
        table[self._numbers] = item
        return self._numbers

    def _checked(self, struct: Any) -> Any:
        if not struct:
            raise MemoryError
        return struct


class NativeRing:
    """`Ring` over the C side; trims itself."""

    def __init__(self, engine: NativeEngine, source: "Source") -> None:
        self._engine = engine
        self._source = source

    def get(self, sequence: int) -> Packet | None:
        """The packet with this sequence number, while it is kept."""
        return self._engine.ring_get(self._source, sequence)

    def trim(self, before_ns: int) -> None:
        """Nothing to do: the arena bounds itself."""


class NativeArrivals:
    """`ArrivalLog` over the C side."""

    def __init__(self, engine: NativeEngine, connection: "Connection") -> None:
        self._engine = engine
        self._connection = connection

    def add(self, sequence: int, arrival_ns: int) -> None:
        """Note a packet that came through Python."""
        self._engine.add_arrival(self._connection, sequence, arrival_ns)

    def announce(self, sender: int, media: int) -> None:
        """The engine sends feedback of its own accord from now on."""
        self._engine.set_feedback(self._connection, sender, media)

    def build(self, sender: int, media: int) -> bytes | None:
        """The feedback packet for what arrived since the last one."""
        return self._engine.feedback(self._connection, sender, media)


class NativePort(UdpPort):
    """The port whose media goes through the inner loop; everything else takes the Python path. IPv4 only."""

    paces = ((8_000, 10_000_000), (math.inf, 4_000_000))

    def __init__(self, host: str, port: int, engine: NativeEngine) -> None:
        super().__init__(host, port)
        self.engine = engine
        engine.open(self.fileno)
        engine.on_foreign = self._foreign

    def close(self) -> None:
        """Stop reading, close the socket, free the engine."""
        super().close()
        self.engine.close()

    def new_connection(self, connection: "Connection") -> ConnectionState:
        """The C side of a connection."""
        return self.engine.new_connection(connection)

    def set_target(self, connection: "Connection") -> None:
        """Pass on where to send."""
        self.engine.set_target(connection)

    def forget(self, connection: "Connection") -> ConnectionState:
        """Remove every route to a closed connection."""
        super().forget(connection)
        return self.engine.release_connection(connection)

    def _bind(self, address: Address, connection: "Connection") -> None:
        # The table in C is for everybody: who came from so many addresses is found in Python from the next one on.
        if self._by_address.get(address) is not connection:
            if connection.binds < _BINDS:
                connection.binds += 1
                self.engine.bind(address, connection)
            else:
                self.engine.rebind(address, connection)  # a NAT may have given it to another client before
        super()._bind(address, connection)

    def send_rtcp(self, connection: "Connection", data: bytes) -> None:
        """Protect in C and send with the next packets."""
        self.engine.send_rtcp(connection, data)

    def _drain(self) -> int:
        return self.engine.receive()

    def _foreign(self, view: memoryview, length: int, address: Address) -> None:
        self._rx.view[:length] = view
        self.take(length, address)


def _packed(address: Address) -> tuple[int, int]:
    """(ip, port) as they lie in memory in network byte order, read as numbers of this machine."""
    return int.from_bytes(socket.inet_aton(address[0]), "little"), socket.htons(address[1])
