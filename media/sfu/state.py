"""The numbers of the packet path, apart from the logic around them.

The compiled inner loop keeps the same fields in C structs (media/native/inner.h), reached by the same names; everything that is
not the inner loop works on either.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class SourceState:
    """Of one incoming stream. `highest` is -1 before the first packet, `level` -1 until measured (RFC 6464)."""

    is_open: bool = False
    is_active: bool = False
    level: int = -1
    highest: int = -1
    base: int = 0
    received: int = 0
    received_bytes: int = 0
    last_packet_ns: int = 0
    last_key_frame_ns: int = 0
    last_timestamp: int = 0
    key_frames: int = 0
    jitter: float = 0.0


@dataclass(slots=True)
class OutgoingState:
    """Of one outgoing stream. `started_at` is the source's sequence number it began with, -1 while it waits."""

    payload_type: int = 0
    is_paused: bool = False
    waits_for_key: bool = False
    started_at: int = -1
    sequence_offset: int = 0
    timestamp_offset: int = 0
    last_sequence: int = 0
    last_timestamp: int = 0
    last_ns: int = 0
    packets: int = 0
    bytes: int = 0
