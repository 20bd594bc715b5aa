"""Cuts one track of a leg into segments that each stand alone. Runs on the event loop; the writer thread does the I/O.

A segment with pictures begins with a key frame, so cuts wait for one; audio alone is cut by time. Block times are absolute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media.recorder import ebml
from media.recorder.depacketise import Frame
from media.recorder.ebml import AUDIO_TRACK, VIDEO_TRACK, VideoFormat
from media.recorder.journal import NO_SHA256, ClosedSegment, Entry
from media.recorder.salvage import salvage
from media.recorder.writer import DiskWriter, OutputFile

SEGMENT_MS = 4_000
_CLUSTER_MS = 5_000
_REST_MS = 1_000
"""After a refusal the disk is tried again so much later: each attempt is a file."""


@dataclass(frozen=True, slots=True)
class TrackName:
    """Which chain of segments a file belongs to."""

    seat_id: str
    leg_id: str
    track: str

    def __str__(self) -> str:
        return f"{self.seat_id}.{self.leg_id}.{self.track}"


@dataclass(slots=True)
class _Segment:
    """The open segment; its numbers are in `TrackState`."""

    file: OutputFile
    name: str
    video: VideoFormat | None
    has_audio: bool

    @property
    def codec(self) -> str:
        parts = [self.video.codec] if self.video else []
        return "+".join(parts + (["opus"] if self.has_audio else []))


class SegmentedTrack:
    """Writes blocks of one track of one leg into its chain of segments.

    Args:
        name: the chain.
        folder: the folder of segment files.
        writer: the shared disk writer.
        journal: appends an entry (type, t_ms, fields) behind everything written so far, from any thread.
        on_closed: told in the sync thread when a segment is durable.
        on_error: told in the writer thread when the disk refused a segment.
        on_lost: told in the sync thread what was handed over (from, to) and is in no segment, because the disk refused it.
        index: number of the first segment; `previous` is the sha256 of the segment before it.
    """

    def __init__(
        self,
        name: TrackName,
        folder: Path,
        writer: DiskWriter,
        journal: Callable[[str, int, Entry], None],
        on_closed: Callable[[ClosedSegment], None],
        on_error: Callable[[OSError], None],
        on_lost: Callable[[TrackName, int, int], None],
        *,
        index: int = 0,
        previous: str = NO_SHA256,
        segment_ms: int = SEGMENT_MS,
    ) -> None:
        self.name = name
        self._folder = folder
        self.writer = writer
        self._journal = journal
        self._on_closed = on_closed
        self._on_error = on_error
        self._on_lost = on_lost
        self._rests_until_ms = -1
        self._index = index
        self._previous = previous
        self._segment: _Segment | None = None
        self.state = writer.new_track()
        self.state.segment_ms = segment_ms

    @property
    def has_failed(self) -> bool:
        """The disk refused a block: pictures must begin anew with a key frame. Set back by the caller."""
        return self.state.has_failed

    @has_failed.setter
    def has_failed(self, has_failed: bool) -> None:
        self.state.has_failed = has_failed

    @property
    def wants_cut(self) -> bool:
        """Whether the segment is old enough and waits for a key frame."""
        segment, state = self._segment, self.state
        return segment is not None and segment.video is not None and state.end_ms - state.start_ms >= state.segment_ms

    def is_resting(self, t_ms: int) -> bool:
        """Whether the disk refused a segment a moment ago: nothing begins before it is tried again."""
        return t_ms < self._rests_until_ms

    def _give_up(self, t_ms: int) -> None:
        self.has_failed = True
        self._rests_until_ms = t_ms + _REST_MS
        self.close()

    def video(self, t_ms: int, end_ms: int, frame: Frame) -> bool:
        """Write one picture; False when it cannot be written (no key frame before it in the segment, or the disk refuses)."""
        segment, state = self._segment, self.state
        if segment is not None and segment.file.is_failed:
            self._give_up(t_ms)
            segment = None
        if frame.video is not None and (
            segment is None or segment.video != frame.video or t_ms - state.start_ms >= state.segment_ms
        ):
            if self.is_resting(t_ms):
                return False
            segment = self._start(t_ms, frame.video)
        if segment is None or segment.video is None:
            return False
        self._block(segment, VIDEO_TRACK, t_ms, frame.data, frame.is_key)
        state.end_ms = max(state.end_ms, end_ms)
        state.last_video_ms = t_ms
        return True

    def audio(self, t_ms: int, end_ms: int, data: bytes) -> bool:
        """Write one Opus packet; False when the disk refuses."""
        segment, state = self._segment, self.state
        if segment is not None and segment.file.is_failed:
            self._give_up(t_ms)
            segment = None
        if segment is None or self._is_audio_cut_due(segment, t_ms):
            if self.is_resting(t_ms):
                return False
            segment = self._start(t_ms, None)
        self._block(segment, AUDIO_TRACK, t_ms, data, True)
        state.end_ms = max(state.end_ms, end_ms)
        return True

    def _is_audio_cut_due(self, segment: _Segment, t_ms: int) -> bool:
        state = self.state
        if t_ms - state.start_ms < state.segment_ms:
            return False
        return segment.video is None or t_ms - state.last_video_ms >= 2 * state.segment_ms

    def close(self) -> None:
        """Close the open segment; idempotent, and the next block opens a new one."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        state = self.state
        start_ms, end_ms, frames = state.start_ms, state.end_ms, state.frames
        self.writer.point(state, None)

        def closed(file: OutputFile) -> None:
            if file.is_failed:
                self._close_failed(segment, start_ms, end_ms)
                return
            info = ClosedSegment(
                **self._names(segment),
                t0_ms=start_ms,
                t1_ms=end_ms,
                bytes=file.size,
                sha256=file.digest.hexdigest(),
                prev_sha256=self._previous,
                frames=frames,
            )
            self._previous = info.sha256
            self._on_closed(info)

        self.writer.finish(segment.file, closed)

    def _close_failed(self, segment: _Segment, start_ms: int, end_ms: int) -> None:
        """In the sync thread: the disk refused a part of it. What is whole is kept, the rest is told."""
        try:
            info = salvage(self._folder.parent, self._names(segment), {str(self.name): self._previous})
        except OSError as error:
            self._on_error(error)
            info = None
        if info is not None:
            self._previous = info.sha256
            self._on_closed(info)
            start_ms = info.t1_ms
        if end_ms > start_ms:
            self._on_lost(self.name, start_ms, end_ms)

    def _names(self, segment: _Segment) -> Entry:
        return {
            "file": f"segments/{segment.name}",
            "seat_id": self.name.seat_id,
            "leg_id": self.name.leg_id,
            "track": self.name.track,
            "codec": segment.codec,
        }

    def _start(self, t_ms: int, video: VideoFormat | None) -> _Segment:
        self.close()
        has_audio = self.name.track != "screen"
        suffix = "mkv" if video is not None and video.codec == "h264" else "webm"
        name = f"{self.name}.{self._index:05d}.{suffix}"
        self._index += 1
        file = self.writer.new_file(self._folder / name, self._on_error)
        segment = self._segment = _Segment(file, name, video, has_audio)
        state = self.state
        state.has_video, state.has_cluster, state.frames = video is not None, False, 0
        state.start_ms = state.end_ms = state.last_video_ms = t_ms
        self.writer.append(file, ebml.file_head(video, has_audio))
        self.writer.point(state, file)
        self._journal("segment_opened", t_ms, {**self._names(segment), "t0_ms": t_ms})
        return segment

    def _block(self, segment: _Segment, track: int, t_ms: int, data: bytes, is_key: bool) -> None:
        state = self.state
        relative = t_ms - state.cluster_ms
        is_new_picture_group = track == VIDEO_TRACK and is_key
        if not state.has_cluster or is_new_picture_group or relative >= _CLUSTER_MS or relative < -ebml.MAX_RELATIVE_MS:
            state.has_cluster, state.cluster_ms = True, t_ms
            self.writer.append(segment.file, ebml.cluster(t_ms) + ebml.block(track, 0, data, is_key))
        else:
            self.writer.append(segment.file, ebml.block(track, relative, data, is_key))
        state.frames += 1
        state.start_ms = min(state.start_ms, t_ms)
