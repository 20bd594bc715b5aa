"""One published stream on its way to the file: reorder, reassemble, time, and tell apart what is missing and why.

Runs on the event loop, called by the packet path: never raises, never waits. Implements `media.ports.TrackSink`.
"""

import logging
from typing import Protocol

from media.ports import Codec, GapKind, MediaKind
from media.recorder.clock import SeatClock, TrackClock, ntp_to_ms
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

log = logging.getLogger(__name__)

VIDEO_WINDOW_NS = 1_000_000_000
AUDIO_WINDOW_NS = 500_000_000
SILENCE_MS = {MediaKind.MIC: 1_000, MediaKind.PROMPT: 600_000, MediaKind.CAMERA: 3_000, MediaKind.SCREEN: 6_000}
"""How long a sender may send nothing (without loss) before it is a gap; prompts come and go."""
INTERRUPT_MS = 1_000
_KEY_REPEAT_NS = 1_000_000_000
_MAX_FRAME_MS = 200


class Host(Protocol):
    """What a stream needs of its recording."""

    @property
    def is_overloaded(self) -> bool:
        """The disk does not keep up: pictures are left out."""

    def session_ms(self, monotonic_ns: int) -> float:
        """Session time of an instant, with fractions."""

    def found_gap(self, stream: "Stream", kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        """Media is missing; t1 > t0."""

    def wants_key_frame(self, stream: "Stream") -> None:
        """The stream has no decodable picture, or a segment waits to be cut."""

    def former_end_ms(self, stream: "Stream") -> int | None:
        """Where media of this kind of this seat ended on another leg, or None."""

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
        self.last_end_ms: int | None = None
        self.faults = 0
        self._host = host
        self._seat_clock = seat_clock
        self._is_closed = False
        self._is_first = True
        self._last_ms: int | None = None
        self._begin(codec)

    def _begin(self, codec: Codec) -> None:
        self.codec = codec
        self._is_audio = codec is Codec.OPUS
        self._clock = TrackClock(48_000 if self._is_audio else 90_000, self._seat_clock)
        self._reorder = Reorder(AUDIO_WINDOW_NS if self._is_audio else VIDEO_WINDOW_NS)
        self._assembler: Assembler | None = None
        if codec is Codec.VP8:
            self._assembler = Vp8Assembler()
        elif codec is Codec.H264:
            self._assembler = H264Assembler()
        self._needs_key = True
        self._dropped_from: int | None = None
        self._dropped_to: int | None = None
        self._has_hole = False
        self._hole_at: int | None = None
        self._anchors = 0
        self._observed = -1
        self._last_arrival = 0
        self._pause_ns = 0
        self._key_asked_ns = 0
        self._frame_ms = 20 if self._is_audio else 67

    def rtp(self, sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int) -> None:
        """Take one packet."""
        if self._is_closed:
            return
        try:
            if payload and timestamp != self._observed:
                self._observed = timestamp
                self._clock.observe(timestamp, self._host.session_ms(arrival_ns))
            packet = Packet(sequence, timestamp, is_marker, payload, arrival_ns)
            if self._reorder.accept(sequence):
                self._take(packet)
                return
            for item in self._reorder.push(packet):
                self._take(item)
        except Exception:
            self._fault()

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None:
        """Take a sender report."""
        if self._is_closed or not ntp:
            return
        arrival, ntp_ms = self._host.session_ms(arrival_ns), ntp_to_ms(ntp)
        self._seat_clock.observe(ntp_ms, arrival)
        self._clock.report(ntp_ms, rtp_timestamp, arrival)

    def reset(self, codec: Codec) -> None:
        """The source changed: what is held is written, then everything starts anew."""
        self._flush()
        self._begin(codec)
        self._anchors = -1
        if not self._is_first and not self._is_audio:
            self._hole_at = self.last_end_ms

    def close(self, reason: str) -> None:
        """No more packets; idempotent."""
        if not self._is_closed:
            self._flush()
            self._is_closed = True
            if self._needs_key and self._dropped_to is not None:
                self._close_gaps(self._dropped_to, False)
            self._host.stream_closed(self)

    def tick(self, now_ns: int) -> None:
        """Give up on packets that were waited for long enough; ask again for a key frame that did not come."""
        try:
            for item in self._reorder.expire(now_ns):
                self._take(item)
            if not self._is_audio and (self._needs_key or self.track.wants_cut) and not self._is_first:
                self._ask_key(now_ns)
        except Exception:
            self._fault()

    def _flush(self) -> None:
        try:
            for item in self._reorder.flush():
                self._take(item)
        except Exception:
            self._fault()

    def _fault(self) -> None:
        self.faults += 1
        if self.faults <= 3:
            log.exception("recorder stream fault: %s %s", self.leg_id, self.kind)

    def _take(self, item: Packet | Hole) -> None:
        if isinstance(item, Hole):
            self._has_hole = True
            if self._assembler is not None:
                self._assembler.hole()
            return
        if self._last_arrival and item.arrival_ns - self._last_arrival > self._pause_ns:
            self._pause_ns = item.arrival_ns - self._last_arrival
        self._last_arrival = max(self._last_arrival, item.arrival_ns)
        if self._assembler is None:
            if item.payload:
                self._audio(item)
            return
        frames = self._assembler.push(item)
        if self._assembler.is_broken:
            self._assembler.is_broken = False
            self._lose_picture(item)
        for frame in frames:
            self._video(frame)

    def _time(self, timestamp: int) -> int:
        """Session time of a timestamp, strictly growing on the track and never negative."""
        t_ms = max(0, round(self._clock.ms(timestamp)))
        if self._last_ms is not None and t_ms <= self._last_ms:
            t_ms = self._last_ms + 1
        return t_ms

    def _has_jumped(self) -> bool:
        anchors, self._anchors = self._anchors, self._clock.anchors
        return anchors not in (0, self._anchors)

    def _audio(self, packet: Packet) -> None:
        t_ms = self._time(packet.timestamp)
        duration = opus_duration_ms(packet.payload)
        if not duration:
            self.faults += 1
            return
        self._note_start(t_ms)
        end = self.last_end_ms
        is_hole, self._has_hole = self._has_hole, False
        has_jumped = self._has_jumped()
        if end is not None and not self._is_first:
            missing = t_ms - end
            if missing > 2 and is_hole:
                self._gap(GapKind.LOSS, end, t_ms)
            elif missing >= (50 if has_jumped else SILENCE_MS[self.kind]):
                self._gap(GapKind.INTERRUPT, end, t_ms)
        self._is_first = False
        self._pause_ns = 0
        self._last_ms = t_ms
        self.last_end_ms = round(t_ms + duration)
        self.track.audio(t_ms, self.last_end_ms, packet.payload)

    def _lose_picture(self, packet: Packet) -> None:
        """A frame is lost: everything up to the next key frame cannot be decoded."""
        if not self._needs_key:
            self._needs_key = True
            self._hole_at = self.last_end_ms
            self._dropped_from = None
        self._ask_key(packet.arrival_ns)

    def _video(self, frame: Frame) -> None:
        t_ms = self._time(frame.timestamp)
        self._note_start(t_ms)
        self._is_first = False
        if self.track.has_failed:
            self.track.has_failed = False
            self._needs_key = True
            self._hole_at = self.last_end_ms
        if self._host.is_overloaded and not self._needs_key:
            self._needs_key = True
            self._hole_at = self.last_end_ms
        if self._needs_key and (not frame.is_key or self._host.is_overloaded):
            if self._dropped_from is None:
                self._dropped_from = t_ms
            self._dropped_to = t_ms + self._frame_ms
            self._ask_key(self._last_arrival)
            return
        has_jumped = self._has_jumped()
        self._close_gaps(t_ms, has_jumped)
        if self._last_ms is not None and t_ms - self._last_ms < _MAX_FRAME_MS:
            self._frame_ms = t_ms - self._last_ms
        self._needs_key = False
        self._has_hole = False
        self._pause_ns = 0
        end_ms = t_ms + self._frame_ms
        if not self.track.video(t_ms, end_ms, frame):
            self._needs_key = True
            self._dropped_from = t_ms
            self._hole_at = self.last_end_ms
            return
        self._last_ms = t_ms
        self.last_end_ms = end_ms
        if self.track.wants_cut:
            self._ask_key(self._last_arrival)

    def _close_gaps(self, t_ms: int, has_jumped: bool) -> None:
        """Mark what is missing before a picture that can be shown again."""
        hole, dropped, end = self._hole_at, self._dropped_from, self.last_end_ms
        self._hole_at = self._dropped_from = None
        if hole is not None:
            self._gap(GapKind.LOSS, hole, min(t_ms, dropped if dropped is not None else t_ms))
            if dropped is not None:
                self._gap(GapKind.NO_KEYFRAME, max(hole, dropped), t_ms)
        elif dropped is not None:
            self._gap(GapKind.NO_KEYFRAME, dropped, t_ms)
        elif end is not None and self._last_ms is not None and t_ms - end >= (100 if has_jumped else SILENCE_MS[self.kind]):
            self._gap(GapKind.INTERRUPT, end, t_ms)

    def _gap(self, kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        if t1_ms <= t0_ms:
            return
        if kind is GapKind.LOSS and t1_ms - t0_ms >= INTERRUPT_MS and self._pause_ns >= INTERRUPT_MS * 1_000_000:
            kind = GapKind.INTERRUPT  # nothing at all arrived: the link was away
        self._host.found_gap(self, kind, t0_ms, t1_ms)

    def _note_start(self, t_ms: int) -> None:
        """Mark the time between a former leg of the seat and this one."""
        if not self._is_first:
            return
        end = self._host.former_end_ms(self)
        if end is not None and self.kind in (MediaKind.MIC, MediaKind.CAMERA) and t_ms - end > 100:
            self._host.found_gap(self, GapKind.INTERRUPT, end, t_ms)

    def _ask_key(self, now_ns: int) -> None:
        if now_ns - self._key_asked_ns >= _KEY_REPEAT_NS:
            self._key_asked_ns = now_ns
            self._host.wants_key_frame(self)
