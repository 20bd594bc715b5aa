"""Still pictures of a composed file or of any playable one."""

from fractions import Fraction
from pathlib import Path

import av

from media.compose.job import ComposeError


def thumbnail(path: Path, t_ms: int, width: int = 320) -> bytes:
    """The picture shown at a time, as JPEG (blocking).

    Raises:
        ComposeError: THUMBNAIL_NONE when no picture can be decoded there.
    """
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise ComposeError("THUMBNAIL_NONE", str(path))
        stream = container.streams.video[0]
        stream.thread_count = 1
        container.seek(int(t_ms * 1000), backward=True)
        shown: av.VideoFrame | None = None
        for frame in container.decode(stream):
            if shown is not None and frame.time is not None and frame.time * 1000 > t_ms:
                break
            shown = frame
        if shown is None:
            raise ComposeError("THUMBNAIL_NONE", f"{path} at {t_ms} ms")
        height = max(2, round(shown.height * width / shown.width) // 2 * 2)
        small = shown.reformat(width=width, height=height, format="yuvj420p")
        encoder = av.CodecContext.create("mjpeg", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
        encoder.time_base = Fraction(1, 25)
        encoder.options = {"qmin": "3", "qmax": "5"}
        return b"".join(bytes(packet) for packet in [*encoder.encode(small), *encoder.encode(None)])
