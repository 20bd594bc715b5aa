"""Decoders for pictures that a client encoded: of any size it likes, so a frame of some kilobytes may unfold to a gigabyte."""

import av

MAX_PIXELS = 16 << 20
"""Twice a share of 3840 × 2160. A larger picture is as one that cannot be decoded."""


def video_decoder(name: str) -> av.VideoCodecContext:
    """A decoder of one thread for `vp8` or `h264`."""
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MAX_PIXELS)}
    return decoder
