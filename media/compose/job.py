"""What a composition is asked for and what it gives back. Data only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

Progress = Callable[[float], None]
"""Told the done part, 0…1, never falling; called on the event loop."""


class ComposeError(Exception):
    """The composition failed. `code` is stable: FFMPEG_MISSING, FFMPEG_FAILED, RECORDING_EMPTY, FONT_MISSING."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class SeatView:
    """One participant: `name` is burnt in, e.g. 张三(投保人)."""

    seat_id: str
    name: str


@dataclass(frozen=True, slots=True)
class NodeMark:
    """A node of the talk script begins; it lasts until the next one. Chapter, title line and WebVTT cue."""

    t_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class Marker:
    """Something else worth a cue: a prompt, an answer, a document; shown in the marker track only."""

    t0_ms: int
    t1_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class ComposeJob:
    """Everything one composition needs.

    Args:
        folder: recording folder (docs/protocols.md).
        output: the MP4; the marker track lies beside it with the suffix `.vtt`.
        seats: who is shown, in order; seats of the recording that are not listed are heard only.
        nodes: when each node began, in order.
        headline: a fixed line, e.g. the proposal number.
        time_zone: of the burnt-in clock.
        preset, encoder, crf: x264's. People who sit still need no finer search: a third less processor time at the same size and
            likeness (docs/benchmarks.md).
    """

    folder: Path
    output: Path
    seats: tuple[SeatView, ...]
    nodes: tuple[NodeMark, ...] = ()
    markers: tuple[Marker, ...] = ()
    headline: str = ""
    time_zone: str = "Asia/Shanghai"
    width: int = 1280
    height: int = 720
    fps: int = 15
    preset: str = "superfast"
    encoder: str = "subme=0:partitions=none:8x8dct=0:weightp=0:scenecut=0:aq-mode=0"
    crf: int = 27
    threads: int = 1


@dataclass(frozen=True, slots=True)
class ComposeResult:
    """What was made."""

    path: Path
    vtt: Path
    sha256: str
    bytes: int
    duration_ms: int
    started_at: datetime
    width: int
    height: int
    chapters: int
    has_share: bool
    undecodable_frames: int
    cpu_s: float = field(compare=False, default=0.0)
