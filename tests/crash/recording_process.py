"""A real process that records in real time until it is killed. Usage: recording_process FOLDER MEDIA LEG.

MEDIA is a pickle of [(t_ms, kind, codec, packet)]; after each packet that ends a frame, the instant is written to stdout, so that
the killer knows what had been handed over.
"""

import asyncio
import os
import pickle
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media.ports import Codec, GapKind, MediaKind
from media.recorder import Recorder


class Silent:
    """A listener that does nothing."""

    def key_frame_wanted(self, seat_id: str, kind: MediaKind) -> None: ...

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int) -> None: ...

    def segment_closed(self, info: Mapping[str, Any]) -> None: ...

    def disk_low(self, free_bytes: int) -> None: ...

    def failed(self, code: str, message: str) -> None: ...


async def main(folder: Path, media: Path, leg_id: str) -> None:
    """Record until the media ends or somebody kills the process."""
    events: list[tuple[float, MediaKind, Codec, Any]] = pickle.loads(media.read_bytes())
    recording = await Recorder().open(folder, "r1", "room1", Silent())
    sinks = {}
    start = time.monotonic()
    os.write(1, b"start\n")
    for t_ms, kind, codec, packet in events:
        if kind not in sinks:
            sinks[kind] = recording.track("s1", leg_id, kind, codec)
        delay = start + t_ms / 1000 - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        sinks[kind].rtp(packet.sequence, packet.timestamp, packet.is_marker, packet.payload, time.monotonic_ns())
        if kind is MediaKind.CAMERA and packet.is_marker:
            os.write(1, f"{time.monotonic_ns()}\n".encode())
    await recording.stop()
    os.write(1, b"stopped\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
