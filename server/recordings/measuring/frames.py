"""Pictures of a recording: key frames alone, or every frame of a short stretch (for what moves). Damaged ones are left out."""

from collections.abc import Iterator, Sequence
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from media.pictures import video_decoder
from media.recorder import ebml
from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline, blocks

Picture = NDArray[np.uint8]


def key_frames(timeline: Timeline, segment: ClosedSegment) -> Iterator[tuple[ebml.Scan, Picture | None, int]]:
    """Every video frame of a segment with its time; only key frames come decoded (BGR)."""
    for found, block in blocks(timeline.folder, [segment]):
        if block.track != ebml.VIDEO_TRACK:
            continue
        picture = None
        if block.is_key and found.video is not None:
            decoder = _decoder(found)
            picture = next(_decoded(decoder, bytes(block.data), is_last=True), None)
        yield found, picture, block.t_ms


def stretch(
    timeline: Timeline, segments: Sequence[ClosedSegment], t0_ms: int, t1_ms: int, every_ms: int
) -> Iterator[tuple[Picture, int]]:
    """Pictures between two times, at most one each `every_ms`, decoded from the key frame before."""
    due = t0_ms
    for segment in sorted(segments, key=lambda one: one.t0_ms):
        if segment.t1_ms < t0_ms or segment.t0_ms > t1_ms:
            continue
        decoder: Any = None
        start = _last_key_before(timeline, segment, t0_ms)
        for found, block in blocks(timeline.folder, [segment]):
            if block.track != ebml.VIDEO_TRACK or found.video is None or block.t_ms < start:
                continue
            if block.t_ms > t1_ms:
                break
            if decoder is None:
                if not block.is_key:
                    continue
                decoder = _decoder(found)
            for picture in _decoded(decoder, bytes(block.data), wanted=block.t_ms >= due):
                yield picture, block.t_ms
                due = block.t_ms + every_ms


def _last_key_before(timeline: Timeline, segment: ClosedSegment, t_ms: int) -> int:
    times = [
        block.t_ms
        for _, block in blocks(timeline.folder, [segment])
        if block.track == ebml.VIDEO_TRACK and block.is_key and block.t_ms <= t_ms
    ]
    return max(times, default=segment.t0_ms)


def _decoder(found: ebml.Scan) -> "av.VideoCodecContext":
    assert found.video is not None
    name = "vp8" if "VP8" in found.video.codec.upper() else "h264"
    decoder = video_decoder(name)
    if name == "h264" and found.video.private:
        decoder.extradata = found.video.private
    return decoder


def _decoded(decoder: "av.VideoCodecContext", data: bytes, *, wanted: bool = True, is_last: bool = False) -> Iterator[Picture]:
    try:
        frames = decoder.decode(av.Packet(data))
        if is_last:
            frames = [*frames, *decoder.decode(None)]
    except av.FFmpegError:
        return
    for frame in frames:
        if wanted:
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
