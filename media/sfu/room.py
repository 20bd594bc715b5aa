"""One room: seats, consent, who sees whom, the recording, prompts. Runs on the loop; timers are driven by the worker's ticker."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media import sdp
from media.ports import Codec, GapKind, MediaKind, RecorderFactory, RecordingEnd, RoomRecorder, TrackSink
from media.rpc import RpcError
from media.sfu.hearing import Hearing
from media.sfu.leg import Leg, LegContext
from media.sfu.ogg import OggError
from media.sfu.prompt import PromptPlayer
from media.sfu.quality import TOTALS, LegQuality
from media.sfu.source import Source
from media.sfu.tapping import SourceTap, TapSender
from media.transport.port import now_ns

log = logging.getLogger(__name__)

Emit = Callable[[str, dict[str, Any]], None]
PROMPT_SEAT = "prompt"
INTERRUPTED_NS = 2_400_000_000
LOST_NS = 120_000_000_000
CONNECT_NS = 30_000_000_000
_STOPPED_NS = {MediaKind.MIC: 2_000_000_000, MediaKind.CAMERA: 2_500_000_000, MediaKind.SCREEN: 4_000_000_000}
# What a page reports of itself, as a gap. A hidden page may go on sending, so it names no medium.
_LAPSES: dict[str, tuple[GapKind, MediaKind | None]] = {
    "hidden": (GapKind.HIDDEN, None),
    "mic_muted": (GapKind.MUTED, MediaKind.MIC),
    "camera_muted": (GapKind.MUTED, MediaKind.CAMERA),
}
# While recording. A camera is looked at only through its key frames, and whoever steps into the picture is to be told within two
# seconds; a page stands still for long, and its key frames are large.
_KEY_FRAME_EVERY_NS = {MediaKind.CAMERA: 1_500_000_000, MediaKind.SCREEN: 4_700_000_000}


@dataclass(slots=True)
class Seat:
    """A place in the room. `leg` is the connection that counts; `legs` also holds those that still connect."""

    seat_id: str
    label: str
    kind: str
    has_consent: bool = False
    leg: Leg | None = None
    legs: dict[str, Leg] = field(default_factory=dict)
    lapses: dict[str, int] = field(default_factory=dict)
    """What its page reports of itself, and since when."""


class Room:
    """Implements `LegOwner` and `RecorderListener`. `aclose` once."""

    def __init__(self, room_id: str, context: LegContext, recorders: RecorderFactory, taps: TapSender, emit: Emit) -> None:
        self.room_id = room_id
        self._context = context
        self._recorders = recorders
        self._taps = taps
        self._emit = emit
        self.opened_ns = now_ns()
        # Browsers send the first codec of the offer. Phones encode H264 in hardware; it gives way to VP8 for a member without it.
        self.video: tuple[Codec, ...] = (Codec.H264, Codec.VP8)
        self.seats: dict[str, Seat] = {}
        self.recorder: RoomRecorder | None = None
        self.recording_id: str | None = None
        self.prompt = PromptPlayer(context.clock, context.engine)
        self.quality: dict[str, LegQuality] = {}
        self.is_closing = False
        """It ends: nobody joins any more, nothing begins."""
        self._closing: set[asyncio.Task[None]] = set()
        self._recording_lock = asyncio.Lock()
        self._hearing = Hearing(room_id, emit)
        self._lossy: set[Leg] = set()
        self._away: set[Leg] = set()
        self._taken: dict[str, int] = {}
        """By leg: the last packet of a microphone that something else took."""
        self._past: Counter[str] = Counter()
        """Totals of the legs that are closed."""

    # Seats

    def set_seats(self, seats: list[Seat]) -> None:
        """Add seats; those that exist keep their state."""
        before = list(self.seats)
        for seat in seats[: sdp.REMOTE_SEATS + 1]:
            known = self.seats.get(seat.seat_id)
            if known is None:
                if len(self.seats) > sdp.REMOTE_SEATS:
                    raise RpcError("SEATS_TOO_MANY", self.room_id)
                self.seats[seat.seat_id] = seat
            else:
                known.label, known.kind = seat.label, seat.kind
        if before and list(self.seats) != before:
            self._rewire()
            for seat_id in self.seats:
                self._emit("slots", {"room_id": self.room_id, "seat_id": seat_id, "slots": self.slots(seat_id)})

    def seat(self, seat_id: str) -> Seat:
        """The seat. Raises `RpcError`."""
        seat = self.seats.get(seat_id)
        if seat is None:
            raise RpcError("SEAT_UNKNOWN", seat_id)
        return seat

    def slots(self, seat_id: str) -> list[dict[str, Any]]:
        """What is behind each section, seen from this seat's client."""
        others = self._others(seat_id)
        out: list[dict[str, Any]] = []
        for section in sdp.SECTIONS:
            behind: str | None = None
            if section.is_client_sending:
                behind = seat_id
            elif section.seat is not None and section.seat < len(others):
                behind = others[section.seat].seat_id
            direction = "send" if section.is_client_sending else "recv"
            out.append({"mid": section.mid, "direction": direction, "kind": section.kind.value, "seat_id": behind})
        return out

    def join(self, seat_id: str) -> Leg:
        """A new leg for the seat; the former one goes when this one connects. Raises `RpcError`."""
        if self.is_closing:
            raise RpcError("ROOM_UNKNOWN", self.room_id)
        seat = self.seat(seat_id)
        for leg in [leg for leg in seat.legs.values() if leg is not seat.leg]:
            self._close_leg(leg, "superseded")
        leg = Leg(secrets.token_hex(6), seat_id, self._context, self, self.video)
        seat.legs[leg.leg_id] = leg
        return leg

    def leave(self, seat_id: str, reason: str) -> None:
        """Close every leg of the seat."""
        for leg in list(self.seat(seat_id).legs.values()):
            self._close_leg(leg, reason)

    def leg(self, leg_id: str) -> Leg | None:
        """The leg, while it lives in this room."""
        return next((seat.legs[leg_id] for seat in self.seats.values() if leg_id in seat.legs), None)

    @property
    def legs(self) -> list[Leg]:
        """All legs, connecting ones included."""
        return [leg for seat in self.seats.values() for leg in seat.legs.values()]

    def set_consent(self, seat_id: str, is_granted: bool) -> None:
        """Open or shut the gate of a seat."""
        seat = self.seat(seat_id)
        if seat.has_consent == is_granted:
            return
        seat.has_consent = is_granted
        if seat.leg is not None:
            for source in seat.leg.sources.values():
                self._gate(seat, seat.leg, source)
        self._rewire()

    def set_lapses(self, seat_id: str, names: set[str]) -> None:
        """The page is hidden, or its microphone or camera is muted; what ends is a gap on the timeline."""
        seat = self.seat(seat_id)
        now = now_ns()
        for name in [name for name in seat.lapses if name not in names]:
            self._end_lapse(seat, name, now)
        for name in names & _LAPSES.keys():
            seat.lapses.setdefault(name, now)

    def _end_lapse(self, seat: Seat, name: str, now: int) -> None:
        since = seat.lapses.pop(name)
        if self.recorder is None or not seat.has_consent:
            return
        t0, t1 = max(0, self.t_ms(since)), self.t_ms(now)
        kind, media = _LAPSES[name]
        if t1 > t0:
            self.recorder.gap(seat.seat_id, "main", kind, t0, t1, media)

    # Legs (LegOwner)

    def leg_connected(self, leg: Leg) -> None:
        """The new leg takes the seat."""
        seat = self.seats[leg.seat_id]
        former = seat.leg
        seat.leg = leg
        if former is not None and former is not leg:
            self._close_leg(former, "replaced")
        self._leg_event("leg.connected", "leg_connected", leg, now_ns())
        for source in leg.sources.values():
            self._gate(seat, leg, source)
        self._rewire()
        self._renegotiate(leg)

    def leg_answered(self, leg: Leg) -> None:
        """A member without H264 turns the room to VP8; those who send H264 are asked to negotiate again, on their legs."""
        if leg.takes_h264:
            self._renegotiate(leg)
        elif self.video[0] is Codec.H264:
            self.video = (Codec.VP8, Codec.H264)
            for other in self.legs:
                other.video = self.video
                self._renegotiate(other)

    def _renegotiate(self, leg: Leg) -> None:
        """A client goes on sending the first codec it was offered; one that still connects is asked when it has."""
        if leg.is_connected and leg.takes_h264 and leg.offered != self.video:
            self._emit("leg.renegotiate", {"room_id": self.room_id, "seat_id": leg.seat_id, "leg_id": leg.leg_id})

    def leg_disconnected(self, leg: Leg, reason: str) -> None:
        """The client is gone."""
        self._close_leg(leg, reason)

    def source_added(self, leg: Leg, source: Source, former: Source | None) -> None:
        """A stream appeared, or began anew with another SSRC or codec."""
        seat = self.seats[leg.seat_id]
        if former is not None:
            sink, former.sink = former.sink, None
            for stream in list(former.outgoing):
                stream.attach(None, now_ns())
            if sink is not None:
                sink.reset(source.codec)
                source.sink = sink
        if seat.leg is leg:
            self._gate(seat, leg, source)
            self._rewire()

    def source_activated(self, leg: Leg, source: Source) -> None:
        """A stream flows (again)."""
        seat = self.seats[leg.seat_id]
        if seat.leg is not leg:
            return  # it was replaced or closed: what is still under way of it is nobody's
        now = now_ns()
        source.want_key_frame(now)
        if seat.has_consent:
            self._track_event("track.started", leg, source, {"t_ms": self.t_ms(now)})

    def packets_missed(self, leg: Leg) -> None:
        """The next ticks ask this leg again."""
        self._lossy.add(leg)

    # Clock

    def t_ms(self, at_ns: int) -> int:
        """Session time: since the recording's start, before that since the room opened."""
        if self.recorder is not None:
            return self.recorder.clock.ms(at_ns)
        return (at_ns - self.opened_ns) // 1_000_000

    # Recording

    async def start_recording(self, directory: Path, recording_id: str, bring: Callable[[], None] | None = None) -> RoomRecorder:
        """Begin; asking again for the same recording answers the same.

        Args:
            bring: puts what was recorded elsewhere into the folder first; runs in a thread, never beside a running recording.
        """
        async with self._recording_lock:
            if self.recorder is not None:
                if self.recording_id == recording_id:
                    return self.recorder
                raise RpcError("RECORDING_ACTIVE", str(self.recording_id))
            if self.is_closing:
                raise RpcError("ROOM_UNKNOWN", self.room_id)
            if bring is not None:
                await asyncio.to_thread(bring)
            try:
                recorder = await self._recorders.open(directory, recording_id, self.room_id, self)
            except OSError as error:
                raise RpcError("RECORDER_FAILED", type(error).__name__, retryable=True) from error
            self.recorder, self.recording_id = recorder, recording_id
            now = now_ns()
            for seat in self.seats.values():
                if seat.leg is None:
                    continue
                recorder.event("leg_connected", {"seat_id": seat.seat_id, "leg_id": seat.leg.leg_id, "t_ms": self.t_ms(now)})
                for source in seat.leg.sources.values():
                    self._gate(seat, seat.leg, source)
                    source.want_key_frame(now)
            return recorder

    async def stop_recording(self) -> RecordingEnd | None:
        """End and flush; None when nothing was recorded."""
        async with self._recording_lock:
            recorder = self.recorder
            if recorder is None:
                return None
            self.prompt.stop()
            now = now_ns()
            for seat in self.seats.values():
                for name in list(seat.lapses):
                    self._end_lapse(seat, name, now)
            for leg in self.legs:
                for source in leg.sources.values():
                    self._close_sink(source, "stopped")
            self._close_sink(self.prompt.source, "stopped")
            try:
                return await recorder.stop()
            finally:
                self.recorder = self.recording_id = None
                # Streams that began meanwhile have a way to that recording too, which leads nowhere; and taps tell its end.
                for source in [self.prompt.source, *(source for leg in self.legs for source in leg.sources.values())]:
                    self._close_sink(source, "stopped")

    # Prompts

    async def play_prompt(self, prompt_id: str, path: Path) -> dict[str, int]:
        """Speak a prepared file to everyone."""
        try:
            duration = await self.prompt.play(prompt_id, path, self._prompt_finished)
        except (OSError, OggError) as error:
            raise RpcError("PROMPT_UNREADABLE", str(error)) from error
        t_ms = self.t_ms(now_ns())
        params = {"prompt_id": prompt_id, "t_ms": t_ms}
        self._emit("prompt.started", {"room_id": self.room_id, **params})
        if self.recorder is not None:
            self.recorder.event("prompt_started", {**params, "duration_ms": duration})
        return {"t_ms": t_ms, "duration_ms": duration}

    def _prompt_finished(self, prompt_id: str, is_completed: bool) -> None:
        params = {"prompt_id": prompt_id, "t_ms": self.t_ms(now_ns()), "completed": is_completed}
        self._emit("prompt.finished", {"room_id": self.room_id, **params})
        if self.recorder is not None:
            self.recorder.event("prompt_finished", params)

    # RecorderListener

    def key_frame_wanted(self, seat_id: str, kind: MediaKind) -> None:
        """The file needs a key frame."""
        seat = self.seats.get(seat_id)
        source = seat.leg.sources.get(kind) if seat is not None and seat.leg is not None else None
        if source is not None:
            source.want_key_frame(now_ns())

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        """A gap was journalled."""
        params = {"seat_id": seat_id, "track": track, "kind": kind.value, "t0_ms": t0_ms, "t1_ms": t1_ms}
        self._emit("gap", {"room_id": self.room_id, "recording_id": self.recording_id, **params})

    def segment_closed(self, info: Mapping[str, Any]) -> None:
        """A segment is ready."""
        self._emit("segment.closed", {"room_id": self.room_id, "recording_id": self.recording_id, **info})

    def disk_low(self, free_bytes: int) -> None:
        """The disk fills up."""
        self._emit("disk.low", {"free_bytes": free_bytes})

    def failed(self, code: str, message: str) -> None:
        """The recorder lost its disk."""
        params = {"room_id": self.room_id, "recording_id": self.recording_id, "code": code, "message": message}
        self._emit("recording.failed", params)

    # Timers

    def tick_losses(self, now: int) -> None:
        """Every 20 ms."""
        if not self._lossy and not self._away:
            return
        for leg in list(self._lossy):
            if not leg.is_connected or not leg.ask_again(now):
                self._lossy.discard(leg)
        for leg in list(self._away):
            if leg.is_connected and leg.interrupted_ns is not None:
                self._find_resumed(leg, now)
            else:
                self._away.discard(leg)

    def tick_feedback(self, now: int) -> None:
        """Every 100 ms."""
        every = _KEY_FRAME_EVERY_NS if self.recorder is not None else {}
        for seat in self.seats.values():
            for leg in seat.legs.values():
                if now >= leg.look_ns and leg.is_connected:
                    leg.feed_back(now, every)

    def tick_liveness(self, now: int) -> None:
        """Every 300 ms: who is gone, who speaks."""
        for leg in self.legs:
            quiet = now - leg.connection.last_received_ns
            if not leg.is_connected:
                if now - leg.created_ns > CONNECT_NS:
                    self._close_leg(leg, "connect_timeout")
                continue
            if leg.interrupted_ns is None and quiet > INTERRUPTED_NS:
                self._interrupt(leg, leg.connection.last_received_ns)
            elif quiet > LOST_NS:
                self._close_leg(leg, "lost")
            if leg.interrupted_ns is None:
                self._find_stopped(leg, now)
        self._hearing.tick(self.seats.values(), now, self.t_ms(now))

    def tick_report(self, now: int) -> None:
        """Every second."""
        for leg in self.legs:
            if leg.is_connected:
                leg.report(now)

    def tick_quality(self, now: int) -> None:
        """Every two seconds."""
        for seat in self.seats.values():
            leg = seat.leg
            if leg is None:
                continue
            quality = self.quality.setdefault(leg.leg_id, LegQuality())
            quality.update(leg, now)
            leg.connection.probe(now)
            self._renegotiate(leg)  # a page that was busy with its way back may not have heard it
            params = {"score": quality.score, "loss": quality.loss, "rtt_ms": leg.rtt_ms, "bitrate": quality.bitrate}
            params["is_audio_only"] = quality.is_audio_only
            self._emit("quality", {"room_id": self.room_id, "seat_id": seat.seat_id, **params})

    def stats(self) -> list[dict[str, Any]]:
        """Counters of every leg."""
        now = now_ns()
        return [self._stats(leg, now) for leg in self.legs]

    def totals(self, legs: list[dict[str, Any]]) -> Counter[str]:
        """Counters of the room since it was opened, closed legs included; `legs` is what `stats` said."""
        totals = self._past.copy()
        for leg in legs:
            totals.update({name: leg[name] for name in TOTALS})
        return totals

    def _stats(self, leg: Leg, now: int) -> dict[str, Any]:
        return self.quality.get(leg.leg_id, LegQuality()).stats(leg, now)

    async def aclose(self) -> None:
        """Stop the recording first, then close every leg; idempotent."""
        self.is_closing = True
        try:
            await self.stop_recording()
        finally:
            self.prompt.stop()
            for leg in self.legs:
                self._close_leg(leg, "room_closed")
            if self._closing:
                await asyncio.wait(self._closing, timeout=5)
            self.prompt.source.close()

    # Inside

    def _others(self, seat_id: str) -> list[Seat]:
        return [seat for seat in self.seats.values() if seat.seat_id != seat_id][: sdp.REMOTE_SEATS]

    def _rewire(self) -> None:
        now = now_ns()
        for leg in self.legs:
            if not leg.is_connected:
                continue
            others = self._others(leg.seat_id)
            for section in sdp.SECTIONS:
                if section.is_client_sending:
                    continue
                source: Source | None = None
                if section.kind is MediaKind.PROMPT:
                    source = self.prompt.source
                elif section.seat is not None and section.seat < len(others):
                    behind = others[section.seat]
                    if behind.has_consent and behind.leg is not None:
                        source = behind.leg.sources.get(section.kind)
                leg.outgoing[section.mid].attach(source, now)

    def _gate(self, seat: Seat, leg: Leg, source: Source) -> None:
        """Bring one source in line with consent and recording."""
        is_open = seat.has_consent and seat.leg is leg
        was_open, source.state.is_open = source.state.is_open, is_open
        if not is_open:
            source.tap = None
            self._close_sink(source, "consent")
            return
        if source.tap is None:
            source.tap = SourceTap(self._taps, self.room_id, seat.seat_id, self._tap_clock)
        if self.recorder is not None and source.sink is None:
            source.sink = self.recorder.track(seat.seat_id, leg.leg_id, source.kind, source.codec)
            if source.clock is not None:
                source.sink.sender_report(source.clock.ntp, source.clock.rtp_timestamp, source.clock.arrival_ns)
        if self.recorder is not None and self.prompt.source.sink is None:
            self._open_prompt_sink(self.recorder)
        if not was_open:
            source.want_key_frame(now_ns())
            if source.state.is_active:
                self._track_event("track.started", leg, source, {"t_ms": self.t_ms(now_ns())})

    def _open_prompt_sink(self, recorder: RoomRecorder) -> None:
        source = self.prompt.source
        source.sink = recorder.track(PROMPT_SEAT, PROMPT_SEAT, MediaKind.PROMPT, source.codec)

    def _close_sink(self, source: Source, reason: str) -> None:
        sink, source.sink = source.sink, None
        if sink is not None:
            sink.close(reason)

    def _tap_clock(self) -> tuple[int, bool]:
        if self.recorder is not None:
            return self.recorder.clock.started_monotonic_ns, True
        return self.opened_ns, False

    def _interrupt(self, leg: Leg, since_ns: int) -> None:
        leg.interrupted_ns = since_ns
        self._away.add(leg)
        self._leg_event("leg.interrupted", "leg_interrupted", leg, since_ns)

    def _find_resumed(self, leg: Leg, now: int) -> None:
        # Looked for every 20 ms, so that the gap ends where media is back and not at the next look.
        at = leg.connection.last_received_ns
        if now - at < INTERRUPTED_NS:
            self._resume(leg, at)

    def _resume(self, leg: Leg, now: int) -> None:
        since = leg.interrupted_ns
        leg.interrupted_ns, leg.resumed_ns = None, now
        leg.away_ns += 0 if since is None else now - since
        self._leg_event("leg.resumed", "leg_resumed", leg, now)
        if self.recorder is not None and since is not None and self.seats[leg.seat_id].has_consent:
            t0, t1 = max(0, self.t_ms(since)), self.t_ms(now)
            active = [kind for kind, item in leg.sources.items() if item.state.is_active]
            for track in sorted({"screen" if kind is MediaKind.SCREEN else "main" for kind in active}):
                self.recorder.gap(leg.seat_id, track, GapKind.INTERRUPT, t0, t1)
        for source in leg.sources.values():
            source.want_key_frame(now)
        for stream in leg.outgoing.values():
            if stream.source is not None:
                stream.source.want_key_frame(now)

    def _find_stopped(self, leg: Leg, now: int) -> None:
        for source in leg.sources.values():
            state = source.state
            if state.is_active:
                if now - state.last_packet_ns <= _STOPPED_NS[source.kind]:
                    continue
                state.is_active = False
                if state.is_open:
                    self._track_event("track.stopped", leg, source, {"reason": "silent"})
            if source.kind is MediaKind.MIC and source.sink is not None:
                self._find_taken(leg, source, source.sink)

    def _find_taken(self, leg: Leg, source: Source, sink: TrackSink) -> None:
        """A microphone is still while its link lives: a phone call has it, and its RTP clock stands.

        What comes next is placed by its arrival, at once, instead of by the sender report that may be seconds behind.
        """
        last = source.state.last_packet_ns
        is_link_there = leg.connection.last_received_ns - last > _STOPPED_NS[MediaKind.MIC] and leg.resumed_ns < last
        if is_link_there and last != self._taken.get(leg.leg_id):
            self._taken[leg.leg_id] = last
            sink.reset(source.codec)

    def _close_leg(self, leg: Leg, reason: str) -> None:
        seat = self.seats.get(leg.seat_id)
        if seat is None or seat.legs.pop(leg.leg_id, None) is None:
            return
        was_connected = leg.is_connected
        for source in leg.sources.values():
            if source.state.is_active and source.state.is_open and was_connected:
                self._track_event("track.stopped", leg, source, {"reason": reason})
            source.state.is_open = source.state.is_active = False
            source.tap = None
            self._close_sink(source, reason)
        if seat.leg is leg:
            seat.leg = None
        last = self._stats(leg, now_ns())
        self._past.update({name: last[name] for name in TOTALS})
        self.quality.pop(leg.leg_id, None)
        self._taken.pop(leg.leg_id, None)
        self._lossy.discard(leg)
        self._away.discard(leg)
        leg.is_closed = True  # at once: a handshake that ends in this very moment, or a first packet, comes too late
        task = asyncio.create_task(leg.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._leg_event("leg.closed", "leg_closed", leg, now_ns(), reason)
        self._rewire()

    def _leg_event(self, event: str, entry: str, leg: Leg, at_ns: int, reason: str | None = None) -> None:
        params: dict[str, Any] = {"seat_id": leg.seat_id, "leg_id": leg.leg_id, "t_ms": self.t_ms(at_ns)}
        if reason is not None:
            params["reason"] = reason
        self._emit(event, {"room_id": self.room_id, **params})
        if self.recorder is not None:
            self.recorder.event(entry, params)

    def _track_event(self, event: str, leg: Leg, source: Source, extra: dict[str, Any]) -> None:
        params = {"room_id": self.room_id, "seat_id": leg.seat_id, "leg_id": leg.leg_id, "kind": source.kind.value}
        self._emit(event, {**params, **extra})
