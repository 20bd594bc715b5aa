"""One recording of one room: streams, their tracks, the journal. Implements `media.ports.RoomRecorder`.

Runs on the event loop; only `DiskWriter` touches the disk. Gaps that a stream finds wait a moment before they are journalled,
so that a cause the room knows better (a link that was away, a muted camera) replaces the guess.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from media.ports import Codec, GapKind, MediaKind, RecorderListener, RecordingClock, RecordingEnd
from media.recorder.clock import SeatClock
from media.recorder.index import write_index
from media.recorder.journal import NO_SHA256, SEGMENT_FOLDER, ClosedSegment, Entry, Journal
from media.recorder.segments import SegmentedTrack, TrackName
from media.recorder.stream import SILENCE_MS, Stream
from media.recorder.writer import SOUND_BACKLOGS, DiskWriter

_TICK_S = 0.2
_GAP_HOLD_NS = 1_500_000_000
_OFFSET_EVERY_MS = 10_000
_OFFSET_FRESH_MS = 15_000
"""Two reports further apart say nothing about each other (a clock may slew 75 ms meanwhile)."""
_LEAST_GAP_MS = 3
_TRACKS = {MediaKind.MIC: "main", MediaKind.CAMERA: "main", MediaKind.SCREEN: "screen", MediaKind.PROMPT: "prompt"}


@dataclass(slots=True)
class _FoundGap:
    due_ns: int
    seat_id: str
    track: str
    media: MediaKind
    kind: GapKind
    spans: list[tuple[int, int]]


@dataclass(slots=True)
class Continued:
    """What an earlier part of the same recording left: chains go on, and seats have media that ended."""

    chains: dict[str, tuple[int, str]]
    ends: dict[tuple[str, MediaKind], int]


class Recording:
    """See `media.ports.RoomRecorder`.

    Args:
        folder: recording folder, with its segments folder.
        clock: the session clock (of the first part, when continued).
        on_stopped: called once when everything is on disk.
    """

    def __init__(
        self,
        folder: Path,
        clock: RecordingClock,
        journal: Journal,
        writer: DiskWriter,
        listener: RecorderListener,
        on_stopped: Callable[["Recording"], None],
        continued: Continued | None = None,
        *,
        new_stream: type[Stream] = Stream,
        new_seat: Callable[[], SeatClock] = SeatClock,
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._journal = journal
        self._writer = writer
        self._listener = listener
        self._on_stopped = on_stopped
        self._loop = asyncio.get_running_loop()
        self.started_ns = clock.started_monotonic_ns
        self._new_stream = new_stream
        self._new_seat = new_seat
        self._chains = continued.chains if continued else {}
        self._ends = continued.ends if continued else {}
        self._tracks: dict[str, SegmentedTrack] = {}
        self._streams: list[Stream] = []
        self._seats: dict[str, SeatClock] = {}
        self._errors: dict[str, dict[MediaKind, tuple[float, float]]] = {}
        self._told_offset: dict[str, float] = {}
        self._apart: dict[str, float] = {}
        self._found: list[_FoundGap] = []
        self._marked: dict[tuple[str, MediaKind], int] = {}
        self._known: dict[tuple[str, str, MediaKind | None], list[tuple[int, int]]] = {}
        self._failure: str | None = None
        self._end: asyncio.Future[RecordingEnd] | None = None
        self._timer = self._next_tick()
        writer.watch(journal, lambda free: self._on_loop(listener.disk_low, free))

    # --- RoomRecorder

    @property
    def clock(self) -> RecordingClock:
        """The session clock."""
        return self._clock

    def track(self, seat_id: str, leg_id: str, kind: MediaKind, codec: Codec) -> Stream:
        """Open the way to the file for one stream."""
        name = TrackName(seat_id, leg_id, _TRACKS[kind])
        track = self._tracks.get(str(name))
        if track is None:
            index, previous = self._chains.get(str(name), (0, NO_SHA256))
            track = SegmentedTrack(
                name,
                self.folder / SEGMENT_FOLDER,
                self._writer,
                self._append,
                self._segment_closed,
                self._disk_error,
                self._blocks_lost,
                index=index,
                previous=previous,
            )
        seat_clock = self._seats.get(leg_id) or self._new_seat()
        stream = self._new_stream(self, seat_id, leg_id, kind, codec, track, seat_clock)
        if self._end is not None:
            stream.close("recording stopped")
        else:
            self._tracks[str(name)], self._seats[leg_id] = track, seat_clock
            self._streams.append(stream)
        return stream

    def event(self, type: str, data: Mapping[str, Any]) -> None:
        """Journal an entry without waiting; behind the end there is no journal any more."""
        if self._end is not None:
            return
        fields = dict(data)
        t_ms = fields.pop("t_ms", None)
        self._append(type, int(t_ms) if t_ms is not None else self._now_ms(), fields)

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int, media: MediaKind | None = None) -> None:
        """Journal a gap that the room knows of."""
        if self._end is not None:
            return
        if kind is not GapKind.HIDDEN:
            self._known.setdefault((seat_id, track, media), []).append((t0_ms, t1_ms))
        part = {} if media is None else {"media": media}
        self._append("gap", t1_ms, {"seat_id": seat_id, "track": track, **part, "kind": kind, "t0_ms": t0_ms, "t1_ms": t1_ms})

    def _known_spans(self, seat_id: str, media: MediaKind) -> list[tuple[int, int]]:
        track = _TRACKS[media]
        return [*self._known.get((seat_id, track, None), ()), *self._known.get((seat_id, track, media), ())]

    async def mark(self, kind: str, data: Mapping[str, Any]) -> int:
        """Journal a mark, fsync, then return its session time. Raises `OSError` when the disk refuses; then it follows later."""
        t_ms = self._now_ms()
        done: asyncio.Future[None] = self._loop.create_future()
        fields = {"kind": kind, "data": dict(data)}

        def write() -> None:
            try:
                self._journal.append("mark", t_ms, fields, is_kept=True)
            except OSError as error:
                self._on_loop(_fail, done, error)
            else:
                self._writer.run_synced(sync)

        def sync() -> None:
            try:
                self._journal.sync()
            except OSError as error:
                self._on_loop(_fail, done, error)
            else:
                self._on_loop(_resolve, done, None)

        self._writer.run(write)
        await done
        return t_ms

    async def stop(self) -> RecordingEnd:
        """Flush and close everything, write the index. Idempotent."""
        if self._end is None:
            self._end = self._loop.create_future()
            self._stop(self._end)
        return await asyncio.shield(self._end)

    # --- Host of the streams

    @property
    def is_overloaded(self) -> bool:
        """The disk does not keep up."""
        return self._writer.backlog > self._writer.limits.max_backlog

    @property
    def is_stuffed(self) -> bool:
        """The disk has stood still for minutes."""
        return self._writer.backlog > SOUND_BACKLOGS * self._writer.limits.max_backlog

    def session_ms(self, monotonic_ns: int) -> float:
        """Session time of an instant, with fractions."""
        return (monotonic_ns - self.started_ns) / 1e6

    def found_gap(self, stream: Stream, kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        """A stream found media missing."""
        due = time.monotonic_ns() + _GAP_HOLD_NS
        self._found.append(_FoundGap(due, stream.seat_id, _TRACKS[stream.kind], stream.kind, kind, [(t0_ms, t1_ms)]))
        key = (stream.seat_id, stream.kind)
        self._marked[key] = max(t1_ms, self._marked.get(key, 0))

    def reported(self, stream: Stream, error_ms: float, at_ms: float) -> None:
        """Journal, now and then, the farthest that sound and picture of a leg lay apart against the sender's own clock."""
        errors = self._errors.setdefault(stream.leg_id, {})
        errors[stream.kind] = (at_ms, error_ms)
        mic, camera = errors.get(MediaKind.MIC), errors.get(MediaKind.CAMERA)
        if mic is None or camera is None or abs(mic[0] - camera[0]) > _OFFSET_FRESH_MS:
            return
        apart = max(mic[1] - camera[1], self._apart.get(stream.leg_id, 0.0), key=abs)
        self._apart[stream.leg_id] = apart
        if at_ms - self._told_offset.get(stream.leg_id, -_OFFSET_EVERY_MS) >= _OFFSET_EVERY_MS:
            self._told_offset[stream.leg_id] = at_ms
            self._apart[stream.leg_id] = 0.0
            names = {"seat_id": stream.seat_id, "leg_id": stream.leg_id}
            self._append("av_offset", max(0, round(at_ms)), {**names, "offset_ms": round(apart, 1)})

    def wants_key_frame(self, stream: Stream) -> None:
        """A stream needs a key frame."""
        self._listener.key_frame_wanted(stream.seat_id, stream.kind)

    def former_end_ms(self, stream: Stream) -> int | None:
        """Where media of this kind of this seat ended on another leg; that leg may still be open."""
        ends = [other.last_end_ms for other in self._streams if other.seat_id == stream.seat_id and other.kind is stream.kind]
        known = [self._ends.get((stream.seat_id, stream.kind)), *ends]
        return max((end for end in known if end is not None), default=None)

    def stream_closed(self, stream: Stream) -> None:
        """A stream ended: its segment closes with the last stream of its track."""
        if stream in self._streams:
            self._streams.remove(stream)
        self._errors.get(stream.leg_id, {}).pop(stream.kind, None)
        if stream.last_end_ms is not None:
            key = (stream.seat_id, stream.kind)
            self._ends[key] = max(stream.last_end_ms, self._ends.get(key, 0))
        if not any(other.track is stream.track for other in self._streams):
            stream.track.close()

    # --- inside

    def _now_ms(self) -> int:
        return self._clock.ms(time.monotonic_ns())

    def _tick(self) -> None:
        now_ns = time.monotonic_ns()
        for stream in self._streams:
            stream.tick(now_ns)
        if self._found:
            self._release_gaps(now_ns)
        self._timer = self._next_tick()

    def _next_tick(self) -> asyncio.TimerHandle:
        # On whole steps of the loop's clock: the recordings of a worker share their wake-ups.
        return self._loop.call_at(int(self._loop.time() / _TICK_S + 1.25) * _TICK_S, self._tick)

    def _release_gaps(self, now_ns: int | None) -> None:
        kept: list[_FoundGap] = []
        for found in self._found:
            if now_ns is not None and found.due_ns > now_ns:
                kept.append(found)
                continue
            for t0_ms, t1_ms in subtract(found.spans, self._known_spans(found.seat_id, found.media)):
                if t1_ms - t0_ms < _LEAST_GAP_MS:
                    continue
                self._append(
                    "gap",
                    t1_ms,
                    {
                        "seat_id": found.seat_id,
                        "track": found.track,
                        "media": found.media,
                        "kind": found.kind,
                        "t0_ms": t0_ms,
                        "t1_ms": t1_ms,
                    },
                )
                self._listener.gap(found.seat_id, found.track, found.kind, t0_ms, t1_ms)
        self._found = kept

    def _find_absent(self, duration_ms: int) -> None:
        """Who left and did not come back is missing up to the end."""
        for (seat_id, media), end_ms in sorted(self._ends.items()):
            if media not in (MediaKind.MIC, MediaKind.CAMERA):
                continue
            t0_ms = max(end_ms, self._marked.get((seat_id, media), 0))
            known = self._known_spans(seat_id, media)
            spans = [(t0, t1) for t0, t1 in subtract([(t0_ms, duration_ms)], known) if t1 - t0 > SILENCE_MS[media]]
            if spans:
                self._found.append(_FoundGap(0, seat_id, _TRACKS[media], media, GapKind.INTERRUPT, spans))

    def _append(self, type: str, t_ms: int, fields: Entry) -> None:
        """Journal an entry behind everything written so far; any thread."""

        def write() -> None:
            try:
                self._journal.append(type, t_ms, fields, is_kept=True)
            except OSError as error:
                self._disk_error(error)

        self._writer.run(write)

    def _segment_closed(self, info: ClosedSegment) -> None:
        """In the sync thread: the segment is durable."""
        try:
            entry = self._journal.append("segment_closed", info.t1_ms, info.entry(), is_kept=True)
        except OSError as error:
            self._disk_error(error)
        else:
            self._on_loop(self._listener.segment_closed, entry)

    def _blocks_lost(self, name: TrackName, t0_ms: int, t1_ms: int) -> None:
        """In the sync thread: the disk refused what was handed over for this time."""
        names = {"seat_id": name.seat_id, "track": name.track}
        try:
            self._journal.append("gap", t1_ms, {**names, "kind": GapKind.LOSS, "t0_ms": t0_ms, "t1_ms": t1_ms}, is_kept=True)
        except OSError as error:
            self._disk_error(error)
        self._on_loop(self._listener.gap, name.seat_id, name.track, GapKind.LOSS, t0_ms, t1_ms)

    def _disk_error(self, error: OSError) -> None:
        """In any thread: tell the room once."""
        code = "DISK_FULL" if error.errno in (28, 122) else "DISK_ERROR"
        self._on_loop(self._fail_once, code, str(error))

    def _fail_once(self, code: str, message: str) -> None:
        if self._failure != code:
            self._failure = code
            self._listener.failed(code, message)

    def _on_loop(self, action: Callable[..., None], *args: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(action, *args)

    def _stop(self, done: "asyncio.Future[RecordingEnd]") -> None:
        self._timer.cancel()
        duration_ms, ended_at = self._now_ms(), datetime.now(UTC)
        for stream in list(self._streams):
            stream.close("recording stopped")
        for track in self._tracks.values():
            track.close()
        self._tracks.clear()  # they hold this recording, and the room with it
        self._find_absent(duration_ms)
        self._release_gaps(None)
        end = RecordingEnd(duration_ms, ended_at)

        def finish() -> None:
            self._writer.unwatch(self._journal)
            try:
                try:
                    self._journal.append("recording_stopped", duration_ms, {"duration_ms": duration_ms})
                finally:
                    self._journal.close()  # whoever goes on with a recording that could not be ended needs its lock
                write_index(self.folder)
            except Exception as error:  # a folder that is gone, a full disk: whoever waits for the end is told
                if isinstance(error, OSError):
                    self._disk_error(error)
                self._on_loop(_fail, done, error)
            else:
                self._on_loop(_resolve, done, end)
            self._on_loop(self._on_stopped, self)

        self._writer.run_synced(finish)


def subtract(spans: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of the spans is covered by no hole."""
    for a, b in holes:
        cut: list[tuple[int, int]] = []
        for t0, t1 in spans:
            if b <= t0 or a >= t1:
                cut.append((t0, t1))
                continue
            if t0 < a:
                cut.append((t0, a))
            if b < t1:
                cut.append((b, t1))
        spans = cut
    return spans


def _resolve(future: "asyncio.Future[Any]", value: object) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
