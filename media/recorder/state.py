"""The numbers of the recorder's packet path, apart from the logic around them.

The compiled path keeps the same fields in C structs (media/native/record.h), reached by the same names; what is unusual works on
either. -1 stands for "not yet" wherever a time or a sequence number is meant: session times are never negative.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class StreamState:
    """Of one stream of one leg. See `media.recorder.stream`."""

    is_closed: bool = False
    is_first: bool = True
    needs_key: bool = True
    has_hole: bool = False
    anchors: int = 0
    observed: int = -1
    last_arrival: int = 0
    pause_ns: int = 0
    key_asked_ns: int = 0
    last_ms: int = -1
    last_end_ms: int = -1
    hole_at: int = -1
    dropped_from: int = -1
    dropped_to: int = -1
    frame_ms: int = 20


@dataclass(slots=True)
class TrackState:
    """Of the open segment of one track. See `media.recorder.segments`."""

    has_video: bool = False
    has_cluster: bool = False
    has_failed: bool = False
    segment_ms: int = 4_000
    start_ms: int = 0
    end_ms: int = 0
    cluster_ms: int = 0
    last_video_ms: int = 0
    frames: int = 0
