"""What an uploaded file really is, judged by its content and never by its name: call recordings and signed scans."""

import asyncio
import io
from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
import pypdfium2

from server.cases.pdf import MAX_SIDE_PT
from server.http.problem import Problem
from server.identity.pictures import MAX_PIXELS, picture_size
from server.pdfium import ONE_AT_A_TIME

MAX_CALL_BYTES = 64 << 20
MAX_SCAN_BYTES = 20 << 20
MAX_SCAN_PAGES = 50
MIN_SCAN_SIDE = 400
"""A scan must be legible: the shorter side of a picture, in pixels."""
MIN_CALL_MS = 1_000

_CODECS = frozenset(
    {"pcm_s16le", "pcm_s24le", "pcm_u8", "pcm_mulaw", "pcm_alaw", "mp3", "mp3float", "opus", "libopus", "vorbis", "aac", "flac"}
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What it is, with facts that are shown beside it."""

    content_type: str
    facts: dict[str, Any]


def _audio_kind(head: bytes) -> tuple[str, str] | None:
    """Content type and container by magic bytes. Naming the container keeps the demuxer from following playlists."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav", "wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6) and head[1] & 0x06):
        return "audio/mpeg", "mp3"
    if head[:4] == b"OggS":
        return "audio/ogg", "ogg"
    if head[:4] == b"fLaC":
        return "audio/flac", "flac"
    if head[4:8] == b"ftyp":
        return "audio/mp4", "mp4"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "audio/webm", "matroska"
    return None


async def judge_audio(data: bytes) -> Judged:
    """A call recording. Raises 422 `AUDIO_INVALID` (`why`: format, video, codec, length)."""
    kind = _audio_kind(data[:16])
    if kind is None:
        raise Problem(422, "AUDIO_INVALID", why="format")
    return await asyncio.to_thread(_judge_audio, data, *kind)


def _judge_audio(data: bytes, content_type: str, container: str) -> Judged:
    try:
        with av.open(io.BytesIO(data), "r", format=container) as opened:
            if any(s.type != "audio" for s in opened.streams) or len(opened.streams.audio) != 1:
                raise Problem(422, "AUDIO_INVALID", why="video")
            stream = opened.streams.audio[0]
            codec = stream.codec_context.name
            if codec not in _CODECS:
                raise Problem(422, "AUDIO_INVALID", why="codec")
            samples, rate = 0, stream.codec_context.sample_rate
            for frame in opened.decode(stream):
                samples += frame.samples
                rate = frame.sample_rate
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise Problem(422, "AUDIO_INVALID", why="format") from error
    duration_ms = round(samples * 1000 / rate) if rate else 0
    if duration_ms < MIN_CALL_MS:
        raise Problem(422, "AUDIO_INVALID", why="length")
    return Judged(content_type, {"duration_ms": duration_ms, "codec": codec})


async def judge_scan(data: bytes) -> Judged:
    """A signed paper as JPEG, PNG or PDF. Raises 422 `SCAN_INVALID` (`why`: format, small, large, pages, encrypted)."""
    return await asyncio.to_thread(_judge_scan, data)


def _judge_scan(data: bytes) -> Judged:
    if data[:5] == b"%PDF-":
        with ONE_AT_A_TIME:
            return _judge_pdf(data)
    size = picture_size(data)
    if size is None:
        raise Problem(422, "SCAN_INVALID", why="format")
    if size[0] * size[1] > MAX_PIXELS:
        raise Problem(422, "SCAN_INVALID", why="large")
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise Problem(422, "SCAN_INVALID", why="format")
    height, width = picture.shape[:2]
    if min(height, width) < MIN_SCAN_SIDE:
        raise Problem(422, "SCAN_INVALID", why="small")
    kind = "image/jpeg" if data[:3] == b"\xff\xd8\xff" else "image/png"
    return Judged(kind, {"pages": 1, "width": width, "height": height})


def _judge_pdf(data: bytes) -> Judged:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Problem(422, "SCAN_INVALID", why="encrypted" if "password" in str(error).lower() else "format") from error
    try:
        pages = len(document)
        if not 0 < pages <= MAX_SCAN_PAGES:
            raise Problem(422, "SCAN_INVALID", why="pages")
        if any(not 0 < side <= MAX_SIDE_PT for page in document for side in page.get_size()):
            raise Problem(422, "SCAN_INVALID", why="large")
        document[0].render(scale=0.1).close()
    except pypdfium2.PdfiumError as error:
        raise Problem(422, "SCAN_INVALID", why="format") from error
    finally:
        document.close()
    return Judged("application/pdf", {"pages": pages})
