"""One published stream on its way to the file: reorder, reassemble, time, and tell apart what is missing and why.

Runs on the event loop, called by the packet path: never raises, never waits. Implements `media.ports.TrackSink`.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from media.ports import Codec, GapKind, MediaKind
from media.recorder.clock import PacketClock, SeatClock, TrackClock, ntp_to_ms
from media.recorder.depacketise import (
    Assembler,
    Frame,
    H264Assembler,
    Packet,
    Vp8Assembler,
    opus_duration_ms,
)
from media.recorder.reorder import Hole, Reorder
from media.recorder.segments import SegmentedTrack
from media.recorder.state import StreamState

log = logging.getLogger(__name__)

VIDEO_WINDOW_NS = 1_000_000_000
AUDIO_WINDOW_NS = 500_000_000
SILENCE_MS = {MediaKind.MIC: 1_000, MediaKind.PROMPT: 600_000, MediaKind.CAMERA: 3_000, MediaKind.SCREEN: 6_000}
"""How long a sender may send nothing (without loss) before it is a gap; prompts come and go."""
INTERRUPT_MS = 1_000
_KEY_REPEAT_NS = 1_000_000_000
_MAX_FRAME_MS = 200


FOREIGN_MS = 10_000
"""A report this far from its stream is another source's."""


class Host(Protocol):
    """What a stream needs of its recording."""

    @property
    def started_ns(self) -> int:
        """Instant of session time 0."""

    @property
    def is_overloaded(self) -> bool:
        """The disk does not keep up: pictures are left out."""

    @property
    def is_stuffed(self) -> bool:
        """The disk has not kept up for so long that sound is left out, too."""

    def session_ms(self, monotonic_ns: int) -> float:
        """Session time of an instant, with fractions."""

    def found_gap(self, stream: "Stream", kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        """Media is missing; t1 > t0."""

    def wants_key_frame(self, stream: "Stream") -> None:
        """The stream has no decodable picture, or a segment waits to be cut."""

    def former_end_ms(self, stream: "Stream") -> int | None:
        """Where media of this kind of this seat ended on another leg, or None."""

    def reported(self, stream: "Stream", error_ms: float, at_ms: float) -> None:
        """A sender report came: media of the stream lies `error_ms` behind where its sender's clock has it."""

    def stream_closed(self, stream: "Stream") -> None:
        """The stream ended and everything held is written."""


class Stream:
    """One stream of one leg.

    Args:
        seat_id, leg_id, kind, codec: what it is.
        seat_clock: shared by all streams of the leg.
    """

    def __init__(
        self,
        host: Host,
        seat_id: str,
        leg_id: str,
        kind: MediaKind,
        codec: Codec,
        track: SegmentedTrack,
        seat_clock: SeatClock,
    ) -> None:
        self.seat_id = seat_id
        self.leg_id = leg_id
        self.kind = kind
        self.track = track
        self.faults = 0
        self.state = StreamState()
        self._host = host
        self._seat_clock = seat_clock
        self._set_up(codec)

    def _set_up(self, codec: Codec) -> None:
        """The rest of the constructor."""
        self._begin(codec)

    def _begin(self, codec: Codec) -> None:
        self.codec = codec
        self._is_audio = codec is Codec.OPUS
        self._reorder = Reorder(AUDIO_WINDOW_NS if self._is_audio else VIDEO_WINDOW_NS)
        self._clock: PacketClock = self._new_clock()
        self._assembler = self._new_assembler(codec)
        state = self.state
        state.needs_key = True
        state.has_hole = False
        state.dropped_from = state.dropped_to = state.hole_at = state.observed = -1
        state.anchors = state.last_arrival = state.pause_ns = state.key_asked_ns = 0
        state.frame_ms = 20 if self._is_audio else 67

    def _new_clock(self) -> PacketClock:
        return TrackClock(self._rate, self._seat_clock)

    def _new_assembler(self, codec: Codec) -> Assembler | None:
        if codec is Codec.VP8:
            return Vp8Assembler()
        return H264Assembler() if codec is Codec.H264 else None

    @property
    def _rate(self) -> int:
        return 48_000 if self._is_audio else 90_000

    @property
    def last_end_ms(self) -> int | None:
        """Session time where the media written so far ends."""
        end = self.state.last_end_ms
        return None if end < 0 else end

    def rtp(self, sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int) -> None:
        """Take one packet."""
        if self.state.is_closed:
            return
        try:
            if payload and timestamp != self.state.observed:
                self.state.observed = timestamp
                self._clock.observe(timestamp, self._host.session_ms(arrival_ns))
            if self._reorder.accept(sequence):
                if self._assembler is None:
                    self._take_audio(timestamp, payload, arrival_ns)
                else:
                    self._take_packet(Packet(sequence, timestamp, is_marker, payload, arrival_ns))
                return
            self._take_all(self._reorder.push(Packet(sequence, timestamp, is_marker, payload, arrival_ns)))
        except Exception:
            self._fault()

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None:
        """Take a sender report."""
        if self.state.is_closed or not ntp:
            return
        arrival, ntp_ms = self._host.session_ms(arrival_ns), ntp_to_ms(ntp)
        self._seat_clock.observe(ntp_ms, arrival)
        self._clock.report(ntp_ms, rtp_timestamp, arrival)
        offset = self._seat_clock.offset
        if offset is not None and self.state.observed >= 0:
            error_ms = self._clock.ms(rtp_timestamp) - ntp_ms - offset
            if abs(error_ms) < FOREIGN_MS:
                self._host.reported(self, error_ms, arrival)

    def reset(self, codec: Codec) -> None:
        """The source changed: what is held is written, then everything starts anew."""
        self._flush()
        self._begin(codec)
        self.state.anchors = -1
        if not self.state.is_first and not self._is_audio:
            self.state.hole_at = self.state.last_end_ms

    def close(self, reason: str) -> None:
        """No more packets; idempotent."""
        if not self.state.is_closed:
            self._flush()
            self.state.is_closed = True
            if self.state.needs_key and self.state.dropped_to >= 0:
                self._close_gaps(self.state.dropped_to, False)
            self._host.stream_closed(self)

    def tick(self, now_ns: int) -> None:
        """Give up on packets that were waited for long enough; ask again for a key frame that did not come."""
        try:
            if self._reorder.held:
                self._take_all(self._reorder.expire(now_ns))
            if not self._is_audio and (self.state.needs_key or self.track.wants_cut) and not self.state.is_first:
                self._ask_key(now_ns)
        except Exception:
            self._fault()

    def _flush(self) -> None:
        try:
            self._take_all(self._reorder.flush())
        except Exception:
            self._fault()

    def _fault(self) -> None:
        self.faults += 1
        if self.faults <= 3:
            log.exception("recorder stream fault: %s %s", self.leg_id, self.kind)

    def _take_all(self, items: Sequence[Packet | Hole]) -> None:
        for item in items:
            self._take(item)

    def _take(self, item: Packet | Hole) -> None:
        if isinstance(item, Hole):
            self.state.has_hole = True
            if self._assembler is not None:
                self._assembler.hole()
            return
        self._take_packet(item)

    def _take_packet(self, item: Packet) -> None:
        if self._assembler is None:
            self._take_audio(item.timestamp, item.payload, item.arrival_ns)
            return
        self._note_arrival(item.arrival_ns)
        frames = self._assembler.push(item)
        if self._assembler.is_broken:
            self._assembler.is_broken = False
            self._lose_picture(item.arrival_ns)
        for frame in frames:
            self._video(frame)

    def _take_audio(self, timestamp: int, payload: bytes, arrival_ns: int) -> None:
        self._note_arrival(arrival_ns)
        if payload:
            self._audio(timestamp, payload)

    def _note_arrival(self, arrival_ns: int) -> None:
        state = self.state
        last = state.last_arrival
        if arrival_ns > last:
            if last and arrival_ns - last > state.pause_ns:
                state.pause_ns = arrival_ns - last
            state.last_arrival = arrival_ns

    def _time(self, timestamp: int) -> int:
        """Session time of a timestamp, strictly growing on the track and never negative."""
        t_ms, last = round(self._clock.ms(timestamp)), self.state.last_ms
        if t_ms > last >= 0:
            return t_ms
        return max(0, t_ms, last + 1)

    def _has_jumped(self) -> bool:
        anchors, self.state.anchors = self.state.anchors, self._clock.anchors
        return anchors not in (0, self.state.anchors)

    def _audio(self, timestamp: int, payload: bytes) -> None:
        state = self.state
        t_ms = self._time(timestamp)
        duration = opus_duration_ms(payload)
        if not duration:
            self.faults += 1
            return
        end_ms = round(t_ms + duration)
        if self._host.is_stuffed or not self.track.audio(t_ms, end_ms, payload):
            state.has_hole = True
            return
        end = state.last_end_ms
        is_hole, state.has_hole = state.has_hole, False
        has_jumped = self._has_jumped()
        if state.is_first:
            self._note_start(t_ms)
        elif end >= 0:
            missing = t_ms - end
            if missing > 2 and is_hole:
                self._gap(GapKind.LOSS, end, t_ms)
            elif missing >= (50 if has_jumped else SILENCE_MS[self.kind]):
                self._gap(GapKind.INTERRUPT, end, t_ms)
        state.is_first = False
        state.pause_ns = 0
        state.last_ms = t_ms
        state.last_end_ms = end_ms

    def _lose_picture(self, arrival_ns: int) -> None:
        """A frame is lost: everything up to the next key frame cannot be decoded."""
        state = self.state
        if not state.needs_key:
            state.needs_key = True
            state.hole_at = state.last_end_ms
            state.dropped_from = -1
        self._ask_key(arrival_ns)

    def _video(self, frame: Frame) -> None:
        state = self.state
        t_ms = self._time(frame.timestamp)
        if state.is_first:
            self._note_start(t_ms)
        state.is_first = False
        if self.track.has_failed:
            self.track.has_failed = False
            state.needs_key = True
            state.hole_at = state.last_end_ms
        if self._host.is_overloaded and not state.needs_key:
            state.needs_key = True
            state.hole_at = state.last_end_ms
        if state.needs_key and (not frame.is_key or self._host.is_overloaded or self.track.is_resting(t_ms)):
            if state.dropped_from < 0:
                state.dropped_from = t_ms
            state.dropped_to = t_ms + state.frame_ms
            self._ask_key(state.last_arrival)
            return
        has_jumped = self._has_jumped()
        self._close_gaps(t_ms, has_jumped)
        if state.last_ms >= 0 and t_ms - state.last_ms < _MAX_FRAME_MS:
            state.frame_ms = t_ms - state.last_ms
        state.needs_key = False
        state.has_hole = False
        state.pause_ns = 0
        end_ms = t_ms + state.frame_ms
        if not self.track.video(t_ms, end_ms, frame):
            state.needs_key = True
            state.dropped_from = t_ms
            state.hole_at = state.last_end_ms
            return
        state.last_ms = t_ms
        state.last_end_ms = end_ms
        if self.track.wants_cut:
            self._ask_key(state.last_arrival)

    def _close_gaps(self, t_ms: int, has_jumped: bool) -> None:
        """Mark what is missing before a picture that can be shown again."""
        state = self.state
        hole, dropped, end = state.hole_at, state.dropped_from, state.last_end_ms
        state.hole_at = state.dropped_from = -1
        if hole >= 0:
            self._gap(GapKind.LOSS, hole, min(t_ms, dropped if dropped >= 0 else t_ms))
            if dropped >= 0:
                self._gap(GapKind.NO_KEYFRAME, max(hole, dropped), t_ms)
        elif dropped >= 0:
            self._gap(GapKind.NO_KEYFRAME, dropped, t_ms)
        elif end >= 0 and state.last_ms >= 0 and t_ms - end >= (100 if has_jumped else SILENCE_MS[self.kind]):
            self._gap(GapKind.INTERRUPT, end, t_ms)

    def _gap(self, kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        if t1_ms <= t0_ms:
            return
        if kind is GapKind.LOSS and t1_ms - t0_ms >= INTERRUPT_MS and self.state.pause_ns >= INTERRUPT_MS * 1_000_000:
            kind = GapKind.INTERRUPT  # nothing at all arrived: the link was away
        self._host.found_gap(self, kind, t0_ms, t1_ms)

    def _note_start(self, t_ms: int) -> None:
        """Mark the time between a former leg of the seat and the first packet of this one."""
        end = self._host.former_end_ms(self)
        if end is not None and self.kind in (MediaKind.MIC, MediaKind.CAMERA) and t_ms - end > 100:
            self._host.found_gap(self, GapKind.INTERRUPT, end, t_ms)

    def _ask_key(self, now_ns: int) -> None:
        if now_ns - self.state.key_asked_ns >= _KEY_REPEAT_NS:
            self.state.key_asked_ns = now_ns
            self._host.wants_key_frame(self)
