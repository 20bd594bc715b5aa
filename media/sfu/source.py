"""One incoming stream: order, loss, statistics, key frames; hands each new packet to whoever is wired to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media import rtp
from media.ports import Codec, MediaKind, TrackSink
from media.rtcp import ReportBlock
from media.sfu.codec import starts_key_frame
from media.sfu.losses import LossList
from media.sfu.ring import Packet, Ring

if TYPE_CHECKING:
    from media.sfu.outgoing import Outgoing

RING_NS = 2_500_000_000
PLI_NS = 500_000_000
_RESET_GAP = 20_000
Tap = Callable[["Source", Packet, bool], None]


@dataclass(slots=True)
class ClockPair:
    """The newest sender report: sender's NTP time, RTP timestamp, and our clock at its arrival."""

    ntp: int
    rtp_timestamp: int
    arrival_ns: int


class Source:
    """A published stream (one SSRC). `is_open` is the consent gate: nothing leaves a closed source."""

    def __init__(self, kind: MediaKind, codec: Codec, ssrc: int, now_ns: int) -> None:
        self.kind = kind
        self.codec = codec
        self.ssrc = ssrc
        self.clock_rate = 48_000 if codec is Codec.OPUS else 90_000
        self.is_video = codec is not Codec.OPUS
        self.ring = Ring(1024 if self.is_video else 128)
        self.losses = LossList()
        self.outgoing: list[Outgoing] = []
        self.sink: TrackSink | None = None
        self.tap: Tap | None = None
        self.is_open = False
        self.is_active = False
        self.level: int | None = None
        self.clock: ClockPair | None = None
        self.ntp_offset: int | None = None
        self.started_ns = now_ns
        self.last_packet_ns = now_ns
        self.last_key_frame_ns = 0
        self.last_timestamp = 0
        self.highest = -1
        self.base = 0
        self.received = 0
        self.received_bytes = 0
        self.recovered = 0
        self.key_frames = 0
        self.plis = 0
        self.jitter = 0.0
        self._transit: int | None = None
        self._reported = (0, 0)
        self._wanted_ns = 0
        self._last_pli_ns = 0

    # Packets

    def receive(self, sequence16: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int, is_repeat: bool) -> None:
        """Take one plain packet; late ones too, duplicates are dropped."""
        highest = self.highest
        if highest < 0:
            sequence = sequence16 + 0x10000
            self.base = sequence
            self.highest = sequence
        else:
            sequence = rtp.unwrap16(sequence16, highest)
            if sequence > highest:
                if sequence > highest + 1:
                    self._gap(highest + 1, sequence, arrival_ns)
                self.highest = sequence
            elif highest - sequence >= self.ring.size:
                if highest - sequence < _RESET_GAP or is_repeat:
                    return
                # The sender began anew far behind: go on one cycle later, as after an outage.
                sequence += 0x10000
                self._gap(highest + 1, sequence, arrival_ns)
                self.highest = sequence
            elif self.ring.get(sequence) is not None:
                return
            elif self.losses.found(sequence):
                self.recovered += 1
        self.received += 1
        self.received_bytes += len(payload) + 12
        self.last_packet_ns = arrival_ns
        if not is_repeat:
            self._note_jitter(timestamp, arrival_ns)
        if sequence == self.highest:
            self.last_timestamp = timestamp
        packet = Packet(sequence, timestamp, is_marker, payload, arrival_ns)
        self.ring.put(packet)
        is_key = self.is_video and starts_key_frame(self.codec, payload)
        if is_key:
            self.key_frames += 1
            self.last_key_frame_ns = arrival_ns
            self._wanted_ns = 0
        if self.is_open:
            self._deliver(packet, is_key)

    def _deliver(self, packet: Packet, is_key: bool) -> None:
        for stream in self.outgoing:
            stream.forward(packet, is_key)
        if self.sink is not None:
            self.sink.rtp(packet.sequence, packet.timestamp, packet.is_marker, packet.payload, packet.arrival_ns)
        if self.tap is not None:
            self.tap(self, packet, is_key)

    def _gap(self, first: int, end: int, now_ns: int) -> None:
        if not self.losses.add(first, end, now_ns) and self.is_video:
            self.want_key_frame(now_ns)

    def _note_jitter(self, timestamp: int, arrival_ns: int) -> None:
        # RFC 3550 §6.4.1, appendix A.8.
        transit = arrival_ns * self.clock_rate // 1_000_000_000 - timestamp
        if self._transit is not None:
            difference = abs(((transit - self._transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000)
            if difference < self.clock_rate * 4:
                self.jitter += (difference - self.jitter) / 16
        self._transit = transit

    # Key frames

    def want_key_frame(self, now_ns: int) -> None:
        """Ask the sender for a key frame; asked again every half second until one begins."""
        if self.is_video and not self._wanted_ns:
            self._wanted_ns = now_ns

    def take_pli(self, now_ns: int, is_recording_every_ns: int) -> bool:
        """Whether a PLI is to be sent now."""
        if not self.is_video or not self.is_active:
            return False
        if is_recording_every_ns and now_ns - max(self.last_key_frame_ns, self._last_pli_ns) >= is_recording_every_ns:
            self.want_key_frame(now_ns)
        if not self._wanted_ns or now_ns - self._last_pli_ns < PLI_NS:
            return False
        self._last_pli_ns = now_ns
        self.plis += 1
        return True

    # Reports

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None:
        """Take the sender's clock pair."""
        self.clock = ClockPair(ntp, rtp_timestamp, arrival_ns)
        if not self.is_open:
            return
        if self.sink is not None:
            self.sink.sender_report(ntp, rtp_timestamp, arrival_ns)
        for stream in self.outgoing:
            stream.send_clock()

    def report(self, now_ns: int) -> ReportBlock | None:
        """The reception report since the last one (RFC 3550 appendix A.3)."""
        if self.highest < 0:
            return None
        expected = self.highest - self.base + 1
        lost = expected - self.received
        expected_now, lost_now = expected - self._reported[0], lost - self._reported[1]
        self._reported = (expected, lost)
        fraction = 0 if expected_now <= 0 or lost_now <= 0 else min(255, (lost_now << 8) // expected_now)
        clock = self.clock
        lsr = 0 if clock is None else (clock.ntp >> 16) & 0xFFFFFFFF
        dlsr = 0 if clock is None else (now_ns - clock.arrival_ns) * 65536 // 1_000_000_000
        return ReportBlock(self.ssrc, fraction, lost, self.highest & 0xFFFFFFFF, int(self.jitter), lsr, dlsr)

    @property
    def lost(self) -> int:
        """Packets that never arrived so far."""
        return 0 if self.highest < 0 else max(0, self.highest - self.base + 1 - self.received)
