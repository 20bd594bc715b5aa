"""Decodes a recording on its own clock: the picture of a seat at a time, and the sound of everybody, sample-exact.

Blocking; runs in threads of the jobs process, never in a media worker.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from media.pictures import video_decoder
from media.recorder import ebml
from media.recorder.ebml import AUDIO_TRACK, OPUS_PRE_SKIP, VIDEO_TRACK, VideoFormat
from media.recorder.journal import ClosedSegment
from media.recorder.reader import blocks

SAMPLE_RATE = 48_000
_RESYNC = SAMPLE_RATE // 100

Samples = NDArray[np.float32]


def in_time_order(found: Iterable[tuple[ebml.Scan, ebml.Block]], track: int) -> Iterator[tuple[ebml.Scan, ebml.Block]]:
    """Blocks of one track; order within a track is the file's, which grows."""
    return (item for item in found if item[1].track == track)


class PictureSource:
    """The pictures of one place on the screen (all legs of a seat, or all shares), read forward.

    Args:
        hold_ms: how long a picture stays after it came; then there is none.
    """

    def __init__(self, folder: Path, segments: Iterable[ClosedSegment], hold_ms: int) -> None:
        ordered = sorted((s for s in segments if not s.codec.startswith("opus")), key=lambda s: (s.t0_ms, s.file))
        self._blocks = in_time_order(blocks(folder, ordered), VIDEO_TRACK)
        self._hold_ms = hold_ms
        self._next = next(self._blocks, None)
        self._decoder: av.VideoCodecContext | None = None
        self._format: VideoFormat | None = None
        self._frame: av.VideoFrame | None = None
        self._frame_ms = 0
        self.version = 0
        self.has_begun = False
        self.undecodable = 0

    def at(self, t_ms: float) -> av.VideoFrame | None:
        """The picture shown at a time; times must not fall."""
        while self._next is not None and self._next[1].t_ms <= t_ms:
            scan, block = self._next
            self._decode(scan, block)
            self._next = next(self._blocks, None)
        if self._frame is None or t_ms - self._frame_ms > self._hold_ms:
            return None
        return self._frame

    def _decode(self, scan: ebml.Scan, block: ebml.Block) -> None:
        if scan.video is None:
            return
        if self._decoder is None or _needs_new_decoder(self._format, scan.video):
            decoder = video_decoder(scan.video.codec)
            if scan.video.private:
                decoder.extradata = scan.video.private
            self._decoder, self._format = decoder, scan.video
        try:
            frames = self._decoder.decode(av.Packet(bytes(block.data)))
        except av.FFmpegError:
            self.undecodable += 1
            return
        for frame in frames:
            self._frame = frame
            self._frame_ms = block.t_ms
            self.version += 1
            self.has_begun = True


def _needs_new_decoder(old: VideoFormat | None, new: VideoFormat) -> bool:
    return old is None or old.codec != new.codec or old.private != new.private


class SoundSource:
    """The sound of one chain of segments as mono samples on the session clock, read forward."""

    def __init__(self, folder: Path, segments: Iterable[ClosedSegment]) -> None:
        self._blocks = in_time_order(blocks(folder, segments), AUDIO_TRACK)
        self._next = next(self._blocks, None)
        self._decoder = av.CodecContext.create("opus", "r")
        assert isinstance(self._decoder, av.AudioCodecContext)
        self._decoder.extradata = ebml.opus_head(channels=1)
        self._pending: list[tuple[int, Samples]] = []
        self._cursor = -(10**9)
        self.undecodable = 0

    def add_to(self, mix: Samples, start: int) -> None:
        """Add the samples of [start, start + len(mix)) to a mix; starts must not fall."""
        end = start + len(mix)
        while self._next is not None and self._next[1].t_ms * 48 < end + OPUS_PRE_SKIP:
            self._decode(self._next[1])
            self._next = next(self._blocks, None)
        kept: list[tuple[int, Samples]] = []
        for at, samples in self._pending:
            a, b = max(at, start), min(at + len(samples), end)
            if a < b:
                mix[a - start : b - start] += samples[a - at : b - at]
            if at + len(samples) > end:
                kept.append((at, samples))
        self._pending = kept

    def _decode(self, block: ebml.Block) -> None:
        try:
            frames = self._decoder.decode(av.Packet(bytes(block.data)))
        except av.FFmpegError:
            self.undecodable += 1
            return
        # A packet's time is that of its first sample before the encoder's delay.
        at = block.t_ms * 48 - OPUS_PRE_SKIP
        if abs(at - self._cursor) < _RESYNC:
            at = self._cursor
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            samples = frame.to_ndarray().astype(np.float32, copy=False)
            mono = samples.mean(axis=0) if samples.shape[0] > 1 else samples[0]
            if frame.format.name.startswith("s16"):
                mono = mono / 32_768
            self._pending.append((at, mono))
            at += len(mono)
        self._cursor = at


def mixed_sound(sources: list[SoundSource], duration_ms: int, chunk_ms: int = 500) -> Iterator[bytes]:
    """All sources mixed to mono signed 16-bit samples, exactly `duration_ms` long."""
    total = duration_ms * 48
    for start in range(0, total, chunk_ms * 48):
        mix = np.zeros(min(chunk_ms * 48, total - start), np.float32)
        for source in sources:
            source.add_to(mix, start)
        loud = np.abs(mix) > 0.8
        if loud.any():  # bend instead of clipping where several speak at once
            mix[loud] = np.sign(mix[loud]) * (0.8 + 0.2 * np.tanh((np.abs(mix[loud]) - 0.8) / 0.2))
        yield (mix * 32_767).astype("<i2").tobytes()
