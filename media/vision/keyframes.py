"""Key frames from the video tap: chunks put together, decoded to BGR. Damaged ones are counted and dropped, never raised."""

from dataclasses import dataclass

import av
import numpy as np

from media.pictures import video_decoder
from media.taps import FLAG_H264, FLAG_SCREEN, TapPacket
from media.vision.faces import Picture

_MAX_PARTS = 64
_OPEN_FRAMES = 16


@dataclass(frozen=True, slots=True)
class EncodedKeyFrame:
    """One whole encoded key frame of a seat."""

    room_id: str
    seat_id: str
    t_ms: int
    is_h264: bool
    is_screen: bool
    data: bytes


class ChunkAssembler:
    """Collects the chunks of key frames; forgets the oldest unfinished ones."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str, int, bool], dict[int, bytes]] = {}
        self.dropped = 0

    def push(self, packet: TapPacket) -> EncodedKeyFrame | None:
        """Take a chunk; the frame when it was the last one missing."""
        if not 0 < packet.chunks <= _MAX_PARTS or packet.chunk >= packet.chunks:
            self.dropped += 1
            return None
        is_screen = bool(packet.flags & FLAG_SCREEN)
        data = packet.payload
        if packet.chunks > 1:
            key = (packet.room_id, packet.seat_id, packet.frame, is_screen)
            parts = self._open.setdefault(key, {})
            parts[packet.chunk] = packet.payload
            if len(parts) < packet.chunks:
                while len(self._open) > _OPEN_FRAMES:
                    self._open.pop(next(iter(self._open)))
                    self.dropped += 1
                return None
            del self._open[key]
            data = b"".join(parts[number] for number in range(packet.chunks))
        return EncodedKeyFrame(packet.room_id, packet.seat_id, packet.t_ms, bool(packet.flags & FLAG_H264), is_screen, data)


def decode_key_frame(data: bytes, is_h264: bool) -> Picture | None:
    """Decode one VP8 frame or H264 Annex B access unit alone; None when it cannot be decoded."""
    decoder = video_decoder("h264" if is_h264 else "vp8")
    try:
        frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    except (av.FFmpegError, ValueError):
        return None
    if not frames:
        return None
    return np.asarray(frames[0].to_ndarray(format="bgr24"), np.uint8)
