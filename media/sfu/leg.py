"""One client connection of a seat: its sources, its receiving slots, the RTCP between us. The room decides the wiring."""

import logging
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiortc import RTCCertificate

from media import rtcp, rtp, sdp
from media.native.engine import NativeArrivals, NativeEngine
from media.ports import Codec, MediaKind
from media.sfu.clock import NtpClock
from media.sfu.outgoing import Outgoing
from media.sfu.source import RING_NS, Source
from media.sfu.twcc import ArrivalLog
from media.transport.connection import Connection
from media.transport.port import UdpPort

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LegContext:
    """What every leg of a worker shares."""

    port: UdpPort
    certificate: RTCCertificate
    addresses: tuple[tuple[str, int], ...]
    clock: NtpClock
    engine: NativeEngine | None = None


class LegOwner(Protocol):
    """The room, as its legs see it."""

    def leg_connected(self, leg: "Leg") -> None:
        """Media can flow."""

    def leg_answered(self, leg: "Leg") -> None:
        """The client said what it takes."""

    def leg_disconnected(self, leg: "Leg", reason: str) -> None:
        """DTLS ended or never began."""

    def source_added(self, leg: "Leg", source: Source, former: Source | None) -> None:
        """A first packet of a stream arrived; `former` was the stream of the same kind before."""

    def source_activated(self, leg: "Leg", source: Source) -> None:
        """A stream began to flow, or flows again."""

    def packets_missed(self, leg: "Leg") -> None:
        """`ask_again` has something to ask for, until it answers False."""


# What a client may send is what was offered, whatever its answer left in: browsers keep sending the offer's first codec.
_CODECS = {number: codec for codec, number in sdp.PAYLOAD_TYPES.items()}
_PROBE_LOOK_NS = 190_000_000
_FAR_NS = 1 << 62
_LATE_NS = 1_000_000_000
"""Packets of a stream that another replaced (codec, SSRC) may still be under way for so long."""
_ROUTES = 64
"""SSRCs of one client, however often it answers: the oldest is forgotten. By MID alone no more are learned."""
_REPAIRS = {number: sdp.PAYLOAD_TYPES[codec] for codec, number in sdp.RTX_TYPES.items()}


@dataclass(slots=True)
class _Route:
    kind: MediaKind
    is_rtx: bool
    marks: rtp.MarkReader = field(default_factory=rtp.MarkReader)


class Leg:
    """Handler of one connection (see `ConnectionHandler`)."""

    def __init__(
        self,
        leg_id: str,
        seat_id: str,
        context: LegContext,
        owner: LegOwner,
        video: tuple[Codec, ...] = (Codec.VP8, Codec.H264),
    ) -> None:
        self.leg_id = leg_id
        self.video = video
        self.offered = video
        """The order of codecs in its newest offer."""
        self.seat_id = seat_id
        self._context = context
        self._owner = owner
        self.connection = Connection(context.port, context.certificate, self)
        self.rtcp_ssrc = _ssrc()
        self.sources: dict[MediaKind, Source] = {}
        self.outgoing: dict[str, Outgoing] = {}
        self.is_connected = False
        self.is_closed = False
        self.interrupted_ns: int | None = None
        self.resumed_ns = 0
        self.away_ns = 0
        """How long its link was away so far, without an absence that still lasts."""
        self.past: Counter[str] = Counter(lost=0, nack=0, rtx=0, pli=0)
        """Counters of streams that others of the same kind replaced (another SSRC or codec)."""
        self.created_ns = self.connection.last_received_ns
        self._routes: dict[int, _Route] = {}
        self._former: dict[tuple[int, Codec], int] = {}
        """Streams that others replaced a moment ago."""
        self._marks = rtp.MarkReader()
        self._answer: sdp.Answer | None = None
        self._arrivals: ArrivalLog | NativeArrivals = (
            ArrivalLog() if context.engine is None else context.engine.arrivals(self.connection)
        )
        self._ntp_offset: int | None = None
        self.look_ns = self._probe_look_ns = 0
        self._session_id = secrets.randbits(62)
        self._version = 0
        self._by_ssrc: dict[int, Outgoing] = {}
        for section in sdp.SECTIONS:
            if not section.is_client_sending:
                rtx = _ssrc() if section.is_video else None
                stream = Outgoing(self.connection, _ssrc(), rtx, f"{leg_id}-{_group(section)}", context.engine)
                self.outgoing[section.mid] = stream
                self._by_ssrc[stream.ssrc] = stream

    # Signalling

    def offer(self) -> str:
        """The current offer of this leg."""
        self._version += 1
        self.offered = self.video
        context = self._context
        return sdp.offer(
            sdp.OfferParameters(
                session_id=self._session_id,
                version=self._version,
                credentials=self.connection.local,
                fingerprints=tuple(
                    (item.algorithm, item.value) for item in context.certificate.getFingerprints() if item.algorithm == "sha-256"
                ),
                addresses=context.addresses,
                streams={mid: sdp.SendStream(item.ssrc, item.rtx_ssrc) for mid, item in self.outgoing.items()},
                cname=self.leg_id,
                video=self.video,
            )
        )

    def restart(self) -> str:
        """An offer with fresh ICE credentials; the old ones work until the new ones are used."""
        self.connection.new_generation()
        return self.offer()

    @property
    def takes_h264(self) -> bool:
        """Whether the client sends and shows H264."""
        if self._answer is None:
            return False
        taken = {section.mid for section in self._answer.sections.values() if Codec.H264 in section.codecs.values()}
        return all(
            any(item.mid in taken for item in sdp.SECTIONS if item.is_video and item.is_client_sending is is_sending)
            for is_sending in (True, False)
        )

    def accept(self, answer: sdp.Answer) -> None:
        """Take the client's answer."""
        self._answer = answer
        for section in sdp.SECTIONS:
            given = answer.sections.get(section.mid)
            if given is None:
                continue
            if section.is_client_sending:
                self._add_route(given.ssrc, _Route(section.kind, False))
                self._add_route(given.rtx_ssrc, _Route(section.kind, True))
            else:
                repair = {media: number for number, media in given.rtx.items()}
                usable = not given.is_rejected and given.direction in ("recvonly", "sendrecv")
                self.outgoing[section.mid].types = (
                    {codec: (number, repair.get(number)) for number, codec in given.codecs.items()} if usable else {}
                )
        self._owner.leg_answered(self)
        self.connection.set_remote(answer.credentials, answer.fingerprints, answer.is_active)

    async def aclose(self) -> None:
        """Close the connection and leave every source; idempotent."""
        self.is_closed = True
        self.is_connected = False
        for stream in self.outgoing.values():
            stream.close()
        for source in self.sources.values():
            self._retire(source)
        await self.connection.aclose()

    # Connection handler

    def on_connected(self) -> None:
        """DTLS finished."""
        if self.is_closed:
            return
        self.is_connected = True
        self._owner.leg_connected(self)

    def on_disconnected(self, reason: str) -> None:
        """DTLS ended."""
        if not self.is_closed:
            self._owner.leg_disconnected(self, reason)

    def on_rtp(self, view: memoryview, length: int, arrival_ns: int) -> None:
        """One plain RTP packet of the client."""
        first, second, sequence, timestamp, ssrc = rtp.HEADER.unpack_from(view)
        extension_start, end = 16, length
        if first == 0x90 and length >= 16 and view[12] == 0xBE and view[13] == 0xDE:
            # What a browser sends: one block of extensions, nothing else in the head. The rest is read as strictly as it comes.
            start = extension_end = 16 + (view[14] << 8 | view[15]) * 4
            if start > end:
                self.connection.state.malformed += 1
                return
        else:
            layout = rtp.layout(view, length)
            if layout is None:
                self.connection.state.malformed += 1
                return
            start, end, extension_start, extension_end = layout
        route = self._routes.get(ssrc)
        number = second & 0x7F
        level = -1
        if extension_start != extension_end:
            transport, level = (self._marks if route is None else route.marks).read(view, extension_start, extension_end)
            if transport >= 0:
                self._arrivals.add(transport, arrival_ns)
        if route is None:
            route = self._learn(ssrc, rtp.extensions(view, extension_start, extension_end).get(rtp.EXT_MID), number)
            if route is None:
                self.connection.state.malformed += 1
                return
        is_rtx = route.is_rtx
        if is_rtx:
            if end - start < 2:
                return
            number = _REPAIRS.get(number, -1)
            sequence = (view[start] << 8) | view[start + 1]
            start += 2
        codec = _CODECS.get(number)
        if codec is None or (codec is Codec.OPUS) != (route.kind is MediaKind.MIC):
            return
        source = self.sources.get(route.kind)
        if source is None or source.codec is not codec or (not is_rtx and source.ssrc != ssrc):
            if is_rtx or self.is_closed or self._is_of_a_former(ssrc, codec, arrival_ns):
                return
            source = self._new_source(route.kind, codec, ssrc, arrival_ns)
        if level >= 0:
            source.state.level = level
        if not source.state.is_active:
            source.state.is_active = True
            self._owner.source_activated(self, source)
        source.receive(sequence, timestamp, second > 127, bytes(view[start:end]), arrival_ns, is_rtx)

    def on_rtcp(self, data: bytes, arrival_ns: int) -> None:
        """One compound RTCP packet of the client."""
        for message in rtcp.parse(data):
            if isinstance(message, rtcp.ReportBlock):
                stream = self._by_ssrc.get(message.ssrc)
                if stream is not None:
                    stream.reception(message, arrival_ns)
            elif isinstance(message, rtcp.Nack):
                stream = self._by_ssrc.get(message.ssrc)
                if stream is not None:
                    stream.answer_nack(message.sequences, arrival_ns)
            elif isinstance(message, rtcp.KeyFrameRequest):
                stream = self._by_ssrc.get(message.ssrc)
                if stream is not None and stream.source is not None:
                    stream.source.want_key_frame(arrival_ns)
            elif isinstance(message, rtcp.SenderReport):
                self._clock_pair(message, arrival_ns)

    # Timers, called by the room

    def ask_again(self, now_ns: int) -> bool:
        """NACK what is missing; every 20 ms. Returns whether anything is still missing."""
        rtt = self.rtt_ms
        for source in self.sources.values():
            if source.losses and (due := source.losses.due(now_ns, rtt)):
                self.connection.send_rtcp(rtcp.nack(self.rtcp_ssrc, source.ssrc, [sequence & 0xFFFF for sequence in due]))
        return any(len(source.losses) for source in self.sources.values())

    def feed_back(self, now_ns: int, key_frame_every_ns: Mapping[MediaKind, int]) -> None:
        """Bandwidth feedback and key-frame requests; every 60–100 ms. A kind without an interval is asked only when needed.

        Where C sends the feedback, nothing is to be done before `look_ns`.
        """
        if isinstance(self._arrivals, ArrivalLog):
            packet = self._arrivals.build(self.rtcp_ssrc, self._media_ssrc)
            if packet is not None:
                self.connection.send_rtcp(packet)
        for source in self.sources.values():
            if now_ns >= source.look_ns and source.take_pli(now_ns, key_frame_every_ns.get(source.kind, 0)):
                self.connection.send_rtcp(rtcp.picture_loss(self.rtcp_ssrc, source.ssrc))
        if now_ns >= self._probe_look_ns:
            self._probe_look_ns = now_ns + _PROBE_LOOK_NS
            self.connection.probe_if_quiet(now_ns)
        if isinstance(self._arrivals, NativeArrivals):
            self.look_ns = min(self._probe_look_ns, *(source.look_ns for source in self.sources.values()), _FAR_NS)

    def report(self, now_ns: int) -> None:
        """Receiver report and ring housekeeping; every second."""
        blocks = [block for source in self.sources.values() if (block := source.report(now_ns)) is not None]
        if blocks:
            packet = rtcp.receiver_report(self.rtcp_ssrc, blocks) + rtcp.source_description(self.rtcp_ssrc, self.leg_id)
            self.connection.send_rtcp(packet)
        for source in self.sources.values():
            source.ring.trim(now_ns - RING_NS)

    @property
    def _media_ssrc(self) -> int:
        return next((source.ssrc for source in self.sources.values()), 0)

    @property
    def rtt_ms(self) -> float | None:
        """Round trip time: by STUN probe, else from receiver reports; None when not measured."""
        if self.connection.rtt_ms is not None:
            return self.connection.rtt_ms
        return next((item.rtt_ms for item in self.outgoing.values() if item.rtt_ms is not None), None)

    # Inside

    def _look_soon(self) -> None:
        self.look_ns = 0

    def _add_route(self, ssrc: int | None, route: _Route) -> None:
        if ssrc is None:
            return
        if ssrc not in self._routes and len(self._routes) >= _ROUTES:
            heard = {source.ssrc for source in self.sources.values()}
            oldest = next(known for known in self._routes if known not in heard)
            del self._routes[oldest]
            self._context.port.drop_ssrc(oldest, self.connection)
        self._routes[ssrc] = route
        self._context.port.add_ssrc(ssrc, self.connection)

    def _learn(self, ssrc: int, mid: bytes | None, number: int) -> _Route | None:
        """An SSRC that the answer did not announce: its MID extension says what it is."""
        if mid is None or self._answer is None or len(self._routes) >= _ROUTES:
            return None
        name = mid.decode("ascii", "replace")
        section = next((item for item in sdp.SECTIONS if item.is_client_sending and item.mid == name), None)
        if section is None:
            return None
        route = _Route(section.kind, number in _REPAIRS)
        self._add_route(ssrc, route)
        return route

    def _is_of_a_former(self, ssrc: int, codec: Codec, now_ns: int) -> bool:
        """Whether a packet belongs to a stream that another replaced a moment ago: it is late, and begins nothing."""
        return now_ns - self._former.get((ssrc, codec), -_LATE_NS) < _LATE_NS

    def _new_source(self, kind: MediaKind, codec: Codec, ssrc: int, now_ns: int) -> Source:
        former = self.sources.get(kind)
        engine = self._context.engine
        source = Source(kind, codec, ssrc, now_ns, engine)
        source.on_active = lambda: self._owner.source_activated(self, source)
        source.on_missed = lambda: self._owner.packets_missed(self)
        source.on_wanted = self._look_soon
        source.ntp_offset = self._ntp_offset
        self.sources[kind] = source
        if isinstance(self._arrivals, NativeArrivals):
            self._arrivals.announce(self.rtcp_ssrc, self._media_ssrc)
        self._owner.source_added(self, source, former)
        if former is not None:
            self._former = {key: at for key, at in self._former.items() if now_ns - at < _LATE_NS}
            self._former[former.ssrc, former.codec] = now_ns
            self._retire(former)
            self.past.update(former.counters())
        if engine is not None:
            repairs = [number for number, route in self._routes.items() if route.kind is kind and route.is_rtx]
            engine.route(self.connection, source, sdp.PAYLOAD_TYPES[codec], sdp.RTX_TYPES.get(codec, -1), ssrc, repairs)
        return source

    def _retire(self, source: Source) -> None:
        for stream in list(source.outgoing):
            stream.attach(None, 0)
        if self._context.engine is not None:
            self._context.engine.unroute(self.connection, source)
        source.close()

    def _clock_pair(self, report: rtcp.SenderReport, arrival_ns: int) -> None:
        source = next((item for item in self.sources.values() if item.ssrc == report.ssrc), None)
        if source is None:
            return
        if self._ntp_offset is None:
            self._ntp_offset = self._context.clock.at(arrival_ns) - report.ntp
        source.ntp_offset = self._ntp_offset
        source.sender_report(report.ntp, report.rtp_timestamp, arrival_ns)


def _ssrc() -> int:
    return secrets.randbelow(0xFFFFFFFE) + 1


def _group(section: sdp.Section) -> str:
    if section.seat is None:
        return section.kind.value
    return f"seat{section.seat}-screen" if section.kind is MediaKind.SCREEN else f"seat{section.seat}"
