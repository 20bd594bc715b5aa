"""One incoming stream: order, loss, statistics, key frames; hands each new packet to whoever is wired to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media import rtp
from media.ports import Codec, MediaKind, TrackSink
from media.rtcp import ReportBlock
from media.sfu.codec import starts_key_frame
from media.sfu.losses import LossList
from media.sfu.ring import AUDIO_SLOTS, VIDEO_SLOTS, Packet, Ring
from media.sfu.state import SourceState

if TYPE_CHECKING:
    from media.native.engine import NativeEngine, NativeRing
    from media.sfu.outgoing import Outgoing

RING_NS = 2_500_000_000
PLI_NS = 500_000_000
_RESET_GAP = 20_000
_NEVER = 1 << 62
Tap = Callable[["Source", Packet, bool], None]


@dataclass(slots=True)
class ClockPair:
    """The newest sender report: sender's NTP time, RTP timestamp, and our clock at its arrival."""

    ntp: int
    rtp_timestamp: int
    arrival_ns: int


class Source:
    """A published stream (one SSRC). `is_open` is the consent gate: nothing leaves a closed source.

    `engine` runs the inner loop in C; None runs it here, in `receive`.
    """

    def __init__(self, kind: MediaKind, codec: Codec, ssrc: int, now_ns: int, engine: "NativeEngine | None" = None) -> None:
        self.kind = kind
        self.codec = codec
        self.ssrc = ssrc
        self.clock_rate = 48_000 if codec is Codec.OPUS else 90_000
        self.is_video = codec is not Codec.OPUS
        self._engine = engine
        self.state = SourceState() if engine is None else engine.new_source(self)
        self.state.last_packet_ns = now_ns
        size = VIDEO_SLOTS if self.is_video else AUDIO_SLOTS
        self._plain_ring = Ring(size if engine is None else 1)
        self.ring: Ring | NativeRing = self._plain_ring if engine is None else engine.ring(self)
        self.losses = LossList()
        self.outgoing: list[Outgoing] = []
        self._sink: TrackSink | None = None
        self._tap: Tap | None = None
        self.on_active: Callable[[], None] | None = None
        self.on_missed: Callable[[], None] | None = None
        self.on_wanted: Callable[[], None] | None = None
        self.clock: ClockPair | None = None
        self.ntp_offset: int | None = None
        self.recovered = 0
        self.plis = 0
        self._transit: float | None = None
        self._ticks_per_ns = self.clock_rate / 1e9
        self._jump = self.clock_rate * 4
        self._key_timestamp = -1
        self._reported = (0, 0)
        self._wanted_ns = 0
        self._last_pli_ns = 0
        self.look_ns = 0
        """Before this instant `take_pli` has nothing to do."""

    # Wiring

    @property
    def sink(self) -> TrackSink | None:
        """Where the recorder takes the packets."""
        return self._sink

    @sink.setter
    def sink(self, sink: TrackSink | None) -> None:
        self._sink = sink
        self._rewire()

    @property
    def tap(self) -> Tap | None:
        """Where speech or vision takes them."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = tap
        self._rewire()

    def add_outgoing(self, stream: "Outgoing") -> None:
        """Forward to this stream from now on."""
        self.outgoing.append(stream)
        self._rewire()

    def remove_outgoing(self, stream: "Outgoing") -> None:
        """Forward to it no longer."""
        if stream in self.outgoing:
            self.outgoing.remove(stream)
            self._rewire()

    def rewire(self) -> None:
        """What the tap says of itself changed."""
        self._rewire()

    def _rewire(self) -> None:
        if self._engine is not None:
            self._engine.wire(self)

    def close(self) -> None:
        """Release what the inner loop holds of it, and who waits to be told; the numbers stay readable. Idempotent."""
        self.on_active = self.on_missed = self.on_wanted = None
        if self._engine is not None:
            self.state = self._engine.release_source(self)
            self.ring = self._plain_ring = Ring(1)
            self._engine = None

    # Packets

    def receive(self, sequence16: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int, is_repeat: bool) -> None:
        """Take one plain packet; late ones too, duplicates are dropped."""
        if self._engine is not None:
            self._engine.push(self, sequence16, timestamp, is_marker, payload, arrival_ns, is_repeat)
            return
        state, ring = self.state, self._plain_ring
        highest = state.highest
        if highest >= 0 and (sequence16 - highest) & 0xFFFF == 1:
            sequence = state.highest = highest + 1
        elif highest < 0:
            sequence = sequence16 + 0x10000
            state.base = sequence
            state.highest = sequence
        else:
            sequence = rtp.unwrap16(sequence16, highest)
            if sequence > highest:
                if sequence > highest + 1:
                    self.missed(highest + 1, sequence, arrival_ns)
                state.highest = sequence
            elif highest - sequence >= ring.size:
                if highest - sequence < _RESET_GAP or is_repeat:
                    return
                # The sender began anew far behind: go on one cycle later, as after an outage. Streams to clients do not jump
                # with it: by more than half a cycle SRTP would take them for old ones, and for nothing else from then on.
                sequence += 0x10000
                self.missed(highest + 1, sequence, arrival_ns)
                state.highest = sequence
                for stream in self.outgoing:
                    stream.begin_anew(arrival_ns)
            elif ring.get(sequence) is not None:
                return
            else:
                self.found(sequence)
        state.received += 1
        state.received_bytes += len(payload) + 12
        state.last_packet_ns = arrival_ns
        if not is_repeat:
            # RFC 3550 §6.4.1, appendix A.8.
            # RTP time that began anew is no jitter.
            before, self._transit = self._transit, arrival_ns * self._ticks_per_ns - timestamp
            if before is not None:
                difference = abs(self._transit - before)
                if difference < self._jump:
                    state.jitter += (difference - state.jitter) / 16
        if sequence == state.highest:
            state.last_timestamp = timestamp
        packet = Packet(sequence, timestamp, is_marker, payload, arrival_ns)
        ring.put(packet)
        is_key = self.is_video and starts_key_frame(self.codec, payload)
        if is_key:
            state.key_frames += 1
            state.last_key_frame_ns = arrival_ns
            self._key_timestamp = timestamp
            self.key_frame_came()
        if state.is_open:
            for stream in self.outgoing:
                stream.forward(packet, is_key)
            if self._sink is not None:
                self._sink.rtp(sequence, timestamp, is_marker, payload, arrival_ns)
            if self._tap is not None and (not self.is_video or timestamp == self._key_timestamp):
                self._tap(self, packet, is_key)

    def deliver(self, packet: Packet, is_key: bool, may_be_key_part: bool) -> None:
        """Hand a packet that C received to the file and the tap."""
        if self._sink is not None and not hasattr(self._sink, "compiled"):
            self._sink.rtp(packet.sequence, packet.timestamp, packet.is_marker, packet.payload, packet.arrival_ns)
        if self._tap is not None and (may_be_key_part or not self.is_video):
            self._tap(self, packet, is_key)

    def missed(self, first: int, end: int, now_ns: int) -> None:
        """Packets [first, end) did not come."""
        if not self.losses.add(first, end, now_ns) and self.is_video:
            self.want_key_frame(now_ns)
        if self.on_missed is not None:
            self.on_missed()

    def found(self, sequence: int) -> None:
        """A missing packet came late or again."""
        if self.losses.found(sequence):
            self.recovered += 1

    def key_frame_came(self) -> None:
        """A key frame began: nothing more to ask for."""
        self._wanted_ns = self.look_ns = 0

    # Key frames

    def want_key_frame(self, now_ns: int) -> None:
        """Ask the sender for a key frame; asked again every half second until one begins."""
        if self.is_video and not self._wanted_ns:
            self._wanted_ns = now_ns
            self.look_ns = 0
            if self.on_wanted is not None:
                self.on_wanted()

    def take_pli(self, now_ns: int, is_recording_every_ns: int) -> bool:
        """Whether a PLI is to be sent now."""
        if not self._wanted_ns:
            # Nothing asked for, and the next key frame is due later: not even a look at the numbers.
            if now_ns < self.look_ns:
                return False
            self.look_ns = now_ns + PLI_NS // 2 if self.is_video else _NEVER
        if not self.is_video or not self.state.is_active:
            return False
        if is_recording_every_ns and self.state.is_open:
            due_ns = max(self.state.last_key_frame_ns, self._last_pli_ns) + is_recording_every_ns
            if now_ns >= due_ns:
                self.want_key_frame(now_ns)
            self.look_ns = min(self.look_ns, due_ns)
        if not self._wanted_ns or now_ns - self._last_pli_ns < PLI_NS:
            return False
        self._last_pli_ns = now_ns
        self.plis += 1
        return True

    # Reports

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None:
        """Take the sender's clock pair."""
        self.clock = ClockPair(ntp, rtp_timestamp, arrival_ns)
        if not self.state.is_open:
            return
        if self._sink is not None:
            self._sink.sender_report(ntp, rtp_timestamp, arrival_ns)
        for stream in self.outgoing:
            stream.send_clock()

    def report(self, now_ns: int) -> ReportBlock | None:
        """The reception report since the last one (RFC 3550 appendix A.3)."""
        state = self.state
        if state.highest < 0:
            return None
        expected = state.highest - state.base + 1
        lost = expected - state.received
        expected_now, lost_now = expected - self._reported[0], lost - self._reported[1]
        self._reported = (expected, lost)
        fraction = 0 if expected_now <= 0 or lost_now <= 0 else min(255, (lost_now << 8) // expected_now)
        clock = self.clock
        lsr = 0 if clock is None else (clock.ntp >> 16) & 0xFFFFFFFF
        dlsr = 0 if clock is None else (now_ns - clock.arrival_ns) * 65536 // 1_000_000_000
        return ReportBlock(self.ssrc, fraction, lost, state.highest & 0xFFFFFFFF, int(state.jitter), lsr, dlsr)

    @property
    def expected(self) -> int:
        """Packets that the sender sent so far, as far as is known."""
        return 0 if self.state.highest < 0 else self.state.highest - self.state.base + 1

    @property
    def lost(self) -> int:
        """Packets that never arrived so far."""
        return max(0, self.expected - self.state.received)

    def counters(self) -> dict[str, int]:
        """What was lost, asked for, and came after all."""
        return {"lost": self.lost, "nack": self.losses.requested, "rtx": self.recovered, "pli": self.plis}
