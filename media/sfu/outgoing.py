"""One stream of ours to one client: a receiving slot of the offer. Rewrites the packets of whatever source is behind it.

The SSRC, sequence numbers and timestamps go on without a break when the source changes (reconnect, other codec), so that the
browser's jitter buffer and decoder live through it. Losses are repaired from the source's ring and never asked of the sender.
"""

import secrets
import time
from struct import Struct
from typing import TYPE_CHECKING

from media import rtcp
from media.ports import Codec
from media.rtp import HEADER, unwrap16
from media.sfu.ring import Packet
from media.sfu.source import Source
from media.sfu.state import OutgoingState

if TYPE_CHECKING:
    from media.native.engine import NativeEngine
    from media.transport.connection import Connection

_OSN = Struct("!H")
_RESEND_NS = 15_000_000
# Ten times the packets of a stream of 2.5 Mbit/s: who asks for more, as no receiver does, takes no time from the others.
_ASKED, _ASKED_NS = 512, 200_000_000


class Outgoing:
    """`types` maps the codecs the client accepted on this section to (payload type, RTX payload type or None)."""

    def __init__(
        self,
        connection: "Connection",
        ssrc: int,
        rtx_ssrc: int | None,
        cname: str,
        engine: "NativeEngine | None" = None,
    ) -> None:
        self._connection = connection
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.cname = cname
        self.types: dict[Codec, tuple[int, int | None]] = {}
        self.source: Source | None = None
        self._engine = engine
        self.state = OutgoingState() if engine is None else engine.new_outgoing(self, connection)
        self._rtx_type: int | None = None
        # Below 32768, so that the receiver's rollover counter begins at zero (RFC 3711 §3.3.1).
        self.state.last_sequence = secrets.randbits(14)
        self.state.last_timestamp = secrets.randbits(31)
        self._rtx_sequence = secrets.randbits(14)
        self._resent: dict[int, int] = {}
        self._asked = (0, 0)
        """Since when is counted, and for how many packets the client asked again."""
        self._clock_ntp: tuple[int, int] | None = None
        self.nacked = 0
        self.resent = 0
        self.resent_plain = 0
        self.rtt_ms: float | None = None
        self.fraction_lost: float | None = None
        self.reported_lost = 0
        self.reported_highest: int | None = None

    @property
    def is_paused(self) -> bool:
        """Whether the client gets nothing for now."""
        return bool(self.state.is_paused)

    def attach(self, source: Source | None, now_ns: int) -> None:
        """Put another source behind this stream, or none."""
        if source is self.source:
            return
        if self.source is not None:
            self.source.remove_outgoing(self)
        numbers = self.types.get(source.codec) if source is not None else None
        if source is None or numbers is None:
            self.source = None
            return
        self.source = source
        self.state.payload_type, self._rtx_type = numbers
        self._wait(source, now_ns)
        source.add_outgoing(self)

    def pause(self, is_paused: bool, now_ns: int) -> None:
        """Stop or resume sending (a client whose link carries only audio)."""
        if is_paused == self.is_paused:
            return
        self.state.is_paused = is_paused
        if not is_paused and self.source is not None:
            self._wait(self.source, now_ns)

    def close(self) -> None:
        """Leave the source for good and release what the inner loop holds; the numbers stay readable. Idempotent."""
        self.attach(None, 0)
        if self._engine is not None:
            self.state = self._engine.release_outgoing(self)
            self._engine = None

    def begin_anew(self, now_ns: int) -> None:
        """The next packet follows the last one, whatever its number: with a key frame where there are pictures."""
        if self.source is not None:
            self._wait(self.source, now_ns)

    def _wait(self, source: Source, now_ns: int) -> None:
        self._resent.clear()
        self.state.started_at = -1
        self.state.waits_for_key = source.is_video
        source.want_key_frame(now_ns)

    def forward(self, packet: Packet, is_key: bool) -> None:
        """Send one packet of the source, rewritten."""
        state = self.state
        if state.is_paused:
            return
        if packet.sequence < state.started_at:
            return
        if state.started_at < 0:
            if state.waits_for_key and not is_key:
                return
            self._begin(packet)
        self._send(packet)

    def _begin(self, packet: Packet) -> None:
        state, source = self.state, self.source
        state.waits_for_key = False
        state.started_at = packet.sequence
        rate = source.clock_rate if source is not None else 90_000
        elapsed = (packet.arrival_ns - state.last_ns) * rate // 1_000_000_000 if state.last_ns else 0
        state.sequence_offset = state.last_sequence + 1 - packet.sequence
        state.timestamp_offset = state.last_timestamp + max(elapsed, 1) - packet.timestamp
        self.send_clock()

    def _send(self, packet: Packet) -> None:
        state = self.state
        sequence, timestamp, is_marker, payload, arrival_ns = packet
        sequence += state.sequence_offset
        timestamp = (timestamp + state.timestamp_offset) & 0xFFFFFFFF
        if sequence > state.last_sequence:
            state.last_sequence = sequence
            state.last_timestamp = timestamp
            state.last_ns = arrival_ns
        connection = self._connection
        view = connection.tx.view
        length = 12 + len(payload)
        second = state.payload_type | (0x80 if is_marker else 0)
        HEADER.pack_into(view, 0, 0x80, second, sequence & 0xFFFF, timestamp, self.ssrc)
        view[12:length] = payload
        connection.send_rtp(length)
        state.packets += 1
        state.bytes += length

    def answer_nack(self, sequences: tuple[int, ...], now_ns: int) -> None:
        """Send lost packets again, as RTX where the client took it."""
        source, state = self.source, self.state
        if source is None or state.started_at < 0:
            return
        self.nacked += len(sequences)
        since, count = self._asked
        if now_ns - since >= _ASKED_NS:
            since, count = now_ns, 0
            self._resent = {number: at for number, at in self._resent.items() if now_ns - at < _RESEND_NS}
        sequences = sequences[: _ASKED - count]
        self._asked = (since, count + len(sequences))
        for number in sequences:
            outgoing = unwrap16(number, state.last_sequence)
            packet = source.ring.get(outgoing - state.sequence_offset)
            if packet is None or packet.sequence < state.started_at:
                continue
            if now_ns - self._resent.get(outgoing, 0) < _RESEND_NS:
                continue
            self._resent[outgoing] = now_ns
            self.resent += 1
            if self._rtx_type is None or self.rtx_ssrc is None:
                self.resent_plain += 1
                self._send(packet)
            else:
                self._send_rtx(packet, outgoing)

    def _send_rtx(self, packet: Packet, outgoing: int) -> None:
        connection = self._connection
        view = connection.tx.view
        length = 14 + len(packet.payload)
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        second = (self._rtx_type or 0) | (0x80 if packet.is_marker else 0)
        timestamp = (packet.timestamp + self.state.timestamp_offset) & 0xFFFFFFFF
        HEADER.pack_into(view, 0, 0x80, second, self._rtx_sequence, timestamp, self.rtx_ssrc)
        _OSN.pack_into(view, 12, outgoing & 0xFFFF)
        view[14:length] = packet.payload
        connection.send_rtp(length)

    # Reports

    def send_clock(self) -> None:
        """Our sender report: the source's own clock pair, moved onto our NTP time by one offset for all streams of its leg."""
        source = self.source
        if source is None or source.clock is None or source.ntp_offset is None or self.state.started_at < 0:
            return
        ntp = (source.clock.ntp + source.ntp_offset) & 0xFFFFFFFFFFFFFFFF
        self._clock_ntp = ((ntp >> 16) & 0xFFFFFFFF, time.monotonic_ns())
        timestamp = (source.clock.rtp_timestamp + self.state.timestamp_offset) & 0xFFFFFFFF
        report = rtcp.SenderReport(self.ssrc, ntp, timestamp, self.state.packets, self.state.bytes)
        self._connection.send_rtcp(rtcp.sender_report(report) + rtcp.source_description(self.ssrc, self.cname))

    def reception(self, block: rtcp.ReportBlock, now_ns: int) -> None:
        """Take the client's report about this stream."""
        self.fraction_lost = block.fraction_lost / 256
        self.reported_lost, self.reported_highest = block.packets_lost, block.highest_sequence
        sent = self._clock_ntp
        if sent is not None and block.lsr == sent[0]:
            rtt = (now_ns - sent[1]) / 1e6 - block.dlsr * 1000 / 65536
            if 0 <= rtt < 60_000:
                self.rtt_ms = rtt
