"""One file per track of a leg for players: the same encoded frames, with duration, cues and sizes; nothing is re-encoded.

Times in the file begin at 0; `offset_ms` says where on the session clock that is. A change of codec or of H264 parameter sets
begins another part, since one track cannot describe both.
"""

import heapq
import itertools
import os
import statistics
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media.recorder import ebml
from media.recorder.ebml import AUDIO_TRACK, VIDEO_TRACK, VideoFormat
from media.recorder.reader import Chain, Timeline, blocks

_REORDER_MS = 3_000
_CLUSTER_MS = 5_000
_SEEK_ROOM = 96


@dataclass(frozen=True, slots=True)
class RemuxedLeg:
    """A playable file of one track of a leg, or of a part of it.

    `frame_ms`: how long one picture stands, the median; cameras change their rate. None without pictures.
    """

    path: Path
    seat_id: str
    leg_id: str
    track: str
    codec: str
    offset_ms: int
    duration_ms: int
    frames: int
    frame_ms: float | None


def remux_leg(timeline: Timeline, chain: Chain, folder: Path, cancelled: Callable[[], bool] = lambda: False) -> list[RemuxedLeg]:
    """Write the playable files of one chain into `folder` (blocking; 30 minutes take about a second).

    Raises:
        OSError: the disk refused.
        InterruptedError: `cancelled` said so; the unfinished file is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: list[RemuxedLeg] = []
    for number, (video, items) in enumerate(_parts(timeline, chain)):
        suffix = "mkv" if video is not None and video.codec == "h264" else "webm"
        part = f".{number}" if number else ""
        path = folder / f"{chain.seat_id}.{chain.leg_id}.{chain.track}{part}.{suffix}"
        partial = path.with_name(path.name + ".partial")
        try:
            with partial.open("wb") as file:
                writer = _Writer(file, video, chain.has_audio, items[0].t_ms)
                for item in items:
                    writer.block(item)
                    if cancelled():
                        raise InterruptedError(str(path))
                writer.close()
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(path)
        codec = "+".join(([video.codec] if video else []) + (["opus"] if chain.has_audio else []))
        names = (chain.seat_id, chain.leg_id, chain.track, codec)
        made.append(RemuxedLeg(path, *names, items[0].t_ms, writer.end_ms, len(items), _frame_ms(items)))
    return made


def _frame_ms(items: list[ebml.Block]) -> float | None:
    times = [item.t_ms for item in items if item.track == VIDEO_TRACK]
    steps = [after - before for before, after in itertools.pairwise(times) if after > before]
    return float(statistics.median(steps)) if steps else None


def _parts(timeline: Timeline, chain: Chain) -> Iterator[tuple[VideoFormat | None, list[ebml.Block]]]:
    """Blocks in time order, cut where the picture format changes in a way one track cannot hold."""
    video: VideoFormat | None = None
    items: list[ebml.Block] = []
    waiting: list[tuple[int, int, ebml.Block]] = []
    for count, (scan, block) in enumerate(blocks(timeline.folder, chain.segments)):
        found = scan.video
        if found is not None and video is not None and (found.codec, found.private) != (video.codec, video.private):
            items += [entry[2] for entry in sorted(waiting)]
            yield video, items
            items, waiting, video = [], [], None
        video = video or found
        heapq.heappush(waiting, (block.t_ms, count, block))
        while waiting[0][0] < block.t_ms - _REORDER_MS:
            items.append(heapq.heappop(waiting)[2])
    items += [entry[2] for entry in sorted(waiting)]
    if items:
        yield video, items


class _Writer:
    """A finished Matroska file: known sizes, cues, duration."""

    def __init__(self, file: BinaryIO, video: VideoFormat | None, has_audio: bool, start_ms: int) -> None:
        self._file = file
        self._start_ms = start_ms
        self._has_video = video is not None
        self._cues: list[tuple[int, int, int]] = []
        self._cluster: list[bytes] = []
        self._cluster_ms = 0
        self.end_ms = 0
        file.write(ebml.ebml_head(video is None or video.codec == "vp8"))
        file.write(ebml.ID_SEGMENT.to_bytes(4, "big") + ebml.vint(0, 8))
        self._base = file.tell()
        file.write(ebml.element(0xEC, bytes(_SEEK_ROOM - 2)))
        self._info = file.tell()
        file.write(ebml.info(0.0))
        self._tracks = file.tell()
        file.write(ebml.tracks(video, has_audio))

    def block(self, item: ebml.Block) -> None:
        t_ms = item.t_ms - self._start_ms
        is_cue = item.is_key and (item.track == VIDEO_TRACK or not self._has_video)
        if not self._cluster or (is_cue and item.track == VIDEO_TRACK) or t_ms - self._cluster_ms >= _CLUSTER_MS:
            self._flush()
            self._cluster_ms = t_ms
            if is_cue:
                self._cues.append((t_ms, item.track, self._file.tell() - self._base))
        self._cluster.append(ebml.block(item.track, t_ms - self._cluster_ms, bytes(item.data), item.is_key))
        self.end_ms = max(self.end_ms, t_ms + (20 if item.track == AUDIO_TRACK else 67))

    def close(self) -> None:
        self._flush()
        cues_at = self._file.tell()
        points = b"".join(
            ebml.element(0xBB, ebml.uint(0xB3, t_ms) + ebml.element(0xB7, ebml.uint(0xF7, track) + ebml.uint(0xF1, at)))
            for t_ms, track, at in self._cues
        )
        self._file.write(ebml.element(0x1C53BB6B, points))
        end = self._file.tell()
        seeks = b"".join(
            ebml.element(0x4DBB, ebml.element(0x53AB, number.to_bytes(4, "big")) + ebml.uint(0x53AC, at - self._base))
            for number, at in ((0x1549A966, self._info), (ebml.ID_TRACKS, self._tracks), (0x1C53BB6B, cues_at))
        )
        head = ebml.element(0x114D9B74, seeks)
        self._file.seek(self._base)
        self._file.write(head + ebml.element(0xEC, bytes(_SEEK_ROOM - len(head) - 2)))
        self._file.seek(self._info + len(ebml.info(0.0)) - 8)
        self._file.write(struct.pack(">d", float(self.end_ms)))
        self._file.seek(self._base - 8)
        self._file.write(ebml.vint(end - self._base, 8))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _flush(self) -> None:
        if self._cluster:
            body = ebml.uint(ebml.ID_TIMESTAMP, self._cluster_ms) + b"".join(self._cluster)
            self._file.write(ebml.element(ebml.ID_CLUSTER, body))
            self._cluster = []
