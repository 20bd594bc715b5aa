"""What the forwarding plane expects of a recorder, and what the recorder may ask back. No implementation lives here.

The media loop calls a recorder only through these protocols and never waits for it, except in `mark` and `stop`, which are
awaited by RPC handlers and never by the packet path. Every method that is not `async` must return at once (hand over to the
writer thread, copy nothing it can keep) and must not raise: a broken disk is reported through `RecorderListener.failed`.
Callbacks of `RecorderListener` arrive on the event loop (`call_soon_threadsafe` from the writer thread).

Session clock: `t_ms = (arrival_ns - started_monotonic_ns) / 1e6`, CLOCK_MONOTONIC of this machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class MediaKind(StrEnum):
    """What a participant publishes; the slots of docs/protocols.md."""

    MIC = "mic"
    CAMERA = "camera"
    SCREEN = "screen"
    PROMPT = "prompt"


class Codec(StrEnum):
    """Codecs that are forwarded and recorded."""

    OPUS = "opus"
    VP8 = "vp8"
    H264 = "h264"


class GapKind(StrEnum):
    """Why media of a track is missing for a while."""

    LOSS = "loss"
    INTERRUPT = "interrupt"
    MUTED = "muted"
    HIDDEN = "hidden"
    NO_KEYFRAME = "no_keyframe"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class RecordingClock:
    """The session clock of one recording. After a worker restart it keeps the first start, so the timeline goes on."""

    started_at: datetime
    started_monotonic_ns: int

    def ms(self, monotonic_ns: int) -> int:
        """Session time in milliseconds of a CLOCK_MONOTONIC instant."""
        return (monotonic_ns - self.started_monotonic_ns) // 1_000_000


@dataclass(frozen=True, slots=True)
class RecordingEnd:
    """What a finished recording reports."""

    duration_ms: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class RecoveredRecording:
    """A recording that a dead worker left open. `directory` is the folder given to `RecorderFactory.open`."""

    recording_id: str
    room_id: str
    directory: Path
    duration_ms: int


class RecorderListener(Protocol):
    """What the recorder tells the room; called on the event loop."""

    def key_frame_wanted(self, seat_id: str, kind: MediaKind) -> None:
        """The track has no decodable picture: ask the sender (the room coalesces and repeats until served)."""

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int) -> None:
        """A gap was journalled (track: main, screen, prompt)."""

    def segment_closed(self, info: Mapping[str, Any]) -> None:
        """A segment was closed; `info` is its journal entry."""

    def disk_low(self, free_bytes: int) -> None:
        """The disk is nearly full."""

    def failed(self, code: str, message: str) -> None:
        """The recorder cannot write any more; media goes on, the session must be told."""


class TrackSink(Protocol):
    """One published stream of one leg (one SSRC at a time) on its way to the file."""

    def rtp(self, sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int) -> None:
        """Take one packet: decrypted, RTX unwrapped, padding and header extensions removed, never a duplicate, maybe late.

        Args:
            sequence: unwrapped (64 bit) RTP sequence number; continues over the 16-bit wrap, restarts after `reset`.
            timestamp: raw 32-bit RTP timestamp (48 kHz Opus, 90 kHz video).
            is_marker: the RTP marker bit (last packet of a video frame).
            payload: RTP payload, immutable, never reused by the caller; empty for a padding-only packet, so that its
                sequence number does not look lost.
            arrival_ns: CLOCK_MONOTONIC of the arrival (for a retransmission: of the retransmission).
        """

    def sender_report(self, ntp: int, rtp_timestamp: int, arrival_ns: int) -> None:
        """Take an RTCP sender report: `ntp` is the 64-bit NTP time of the sender, same clock for all tracks of the seat."""

    def reset(self, codec: Codec) -> None:
        """The sender changed SSRC or codec: sequence numbers and timestamps start anew, the next picture is a key frame."""

    def close(self, reason: str) -> None:
        """No more packets (leg closed, track stopped). Idempotent."""


class RoomRecorder(Protocol):
    """One recording of one room, from the red button to its end."""

    @property
    def clock(self) -> RecordingClock:
        """The session clock."""

    def track(self, seat_id: str, leg_id: str, kind: MediaKind, codec: Codec) -> TrackSink:
        """Open the way to the file for one stream. Mic and camera of a leg share track `main`; the others have own tracks."""

    def event(self, type: str, data: Mapping[str, Any]) -> None:
        """Journal an entry without waiting: prompt_started, prompt_finished, leg_connected, leg_interrupted and so on.

        `data` holds `t_ms` and the fields of docs/protocols.md.
        """

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int, media: MediaKind | None = None) -> None:
        """Journal a gap that the room knows of (interrupt, muted, hidden); loss and no_keyframe are found by the recorder.

        With `media` only that part of the track is missing. A hidden page may go on sending: what it does not send is found.
        """

    async def mark(self, kind: str, data: Mapping[str, Any]) -> int:
        """Journal a mark, fsync, then return its session time in ms."""

    async def stop(self) -> RecordingEnd:
        """Flush and close everything, write the index. Idempotent."""


class RecorderFactory(Protocol):
    """Opens recordings and finds the ones a dead worker left open."""

    async def open(self, directory: Path, recording_id: str, room_id: str, listener: RecorderListener) -> RoomRecorder:
        """Start a recording, or go on with an unfinished one in the same folder (same clock, a `restart` gap in the journal)."""

    async def recover(self, root: Path) -> list[RecoveredRecording]:
        """Close the open segments of every unfinished recording below `root` and list these recordings."""

    def free_bytes(self, root: Path) -> int:
        """Free space where recordings are written."""

    def counters(self) -> Mapping[str, int]:
        """`written` bytes so far, and `backlog` bytes handed over and not yet written."""

    async def suspend(self) -> None:
        """Make durable what was handed over and let go, without ending any recording: `open` goes on with it later."""
