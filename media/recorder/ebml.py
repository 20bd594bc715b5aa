"""Append-only Matroska/WebM: bytes of headers, clusters and blocks, and a reader of what was written.

Segment and clusters have unknown size, so a file is valid after every whole block and nothing is ever patched: a killed writer
leaves a playable file. Block times are absolute session-clock milliseconds. No I/O here. RFC 8794, RFC 9559, RFC 7845.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

VIDEO_TRACK = 1
AUDIO_TRACK = 2
OPUS_PRE_SKIP = 312
MAX_RELATIVE_MS = 30_000
_UNKNOWN = b"\x01" + b"\xff" * 7
_BLOCK_HEAD = struct.Struct(">hB")
_SMALL_BLOCK = struct.Struct(">BBBhB")
_MEDIUM_BLOCK = struct.Struct(">BHBhB")

ID_EBML = 0x1A45DFA3
ID_SEGMENT = 0x18538067
ID_CLUSTER = 0x1F43B675
ID_TIMESTAMP = 0xE7
ID_SIMPLE_BLOCK = 0xA3
ID_TRACKS = 0x1654AE6B
ID_TRACK_ENTRY = 0xAE
ID_CODEC = 0x86
ID_CODEC_PRIVATE = 0x63A2
ID_VIDEO = 0xE0
_CLUSTER_START = ID_CLUSTER.to_bytes(4, "big") + _UNKNOWN


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a decoder must know before the first picture. `private` is avcC for H264, empty for VP8."""

    codec: str
    width: int
    height: int
    private: bytes = b""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a file. `end` is the offset behind it."""

    track: int
    t_ms: int
    is_key: bool
    data: memoryview
    end: int


@dataclass(slots=True)
class Scan:
    """What `scan` found: whole blocks only; `size` is the offset behind the last whole element."""

    video: VideoFormat | None = None
    has_audio: bool = False
    blocks: list[Block] = field(default_factory=list)
    size: int = 0
    is_whole: bool = True


def vint(value: int, length: int = 0) -> bytes:
    """An EBML variable-size integer of the given length, or of the shortest that fits."""
    if not length:
        length = 1
        while value >= (1 << (7 * length)) - 1:
            length += 1
    return ((1 << (7 * length)) | value).to_bytes(length, "big")


def element(number: int, data: bytes) -> bytes:
    """One element with its size."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + vint(len(data)) + data


def uint(number: int, value: int) -> bytes:
    """An unsigned integer element."""
    return element(number, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def text(number: int, value: str) -> bytes:
    """A string element."""
    return element(number, value.encode())


def real(number: int, value: float) -> bytes:
    """An 8-byte float element."""
    return element(number, struct.pack(">d", value))


def opus_head(channels: int = 2) -> bytes:
    """OpusHead (RFC 7845 §5.1) with the encoder's usual pre-skip of 6.5 ms."""
    return b"OpusHead" + struct.pack("<BBHIHB", 1, channels, OPUS_PRE_SKIP, 48_000, 0, 0)


def ebml_head(is_webm: bool) -> bytes:
    """The EBML header."""
    body = uint(0x4286, 1) + uint(0x42F7, 1) + uint(0x42F2, 4) + uint(0x42F3, 8)
    body += text(0x4282, "webm" if is_webm else "matroska") + uint(0x4287, 4) + uint(0x4285, 2)
    return element(ID_EBML, body)


def info(duration_ms: float | None = None) -> bytes:
    """Segment information: 1 ms time scale; the duration only where it is known."""
    body = uint(0x2AD7B1, 1_000_000) + text(0x4D80, "dual-recording") + text(0x5741, "dual-recording")
    return element(0x1549A966, body + (real(0x4489, duration_ms) if duration_ms is not None else b""))


def tracks(video: VideoFormat | None, has_audio: bool) -> bytes:
    """The track list: video is track 1, audio is track 2, whether or not both exist."""
    body = b""
    if video is not None:
        name = "V_VP8" if video.codec == "vp8" else "V_MPEG4/ISO/AVC"
        entry = uint(0xD7, VIDEO_TRACK) + uint(0x73C5, VIDEO_TRACK) + uint(0x83, 1) + uint(0x9C, 0) + text(ID_CODEC, name)
        entry += element(ID_VIDEO, uint(0xB0, video.width) + uint(0xBA, video.height))
        body += element(ID_TRACK_ENTRY, entry + (element(ID_CODEC_PRIVATE, video.private) if video.private else b""))
    if has_audio:
        entry = uint(0xD7, AUDIO_TRACK) + uint(0x73C5, AUDIO_TRACK) + uint(0x83, 2) + uint(0x9C, 0) + text(ID_CODEC, "A_OPUS")
        entry += element(ID_CODEC_PRIVATE, opus_head()) + uint(0x56AA, 6_500_000) + uint(0x56BB, 80_000_000)
        body += element(ID_TRACK_ENTRY, entry + element(0xE1, real(0xB5, 48_000.0) + uint(0x9F, 2)))
    return element(ID_TRACKS, body)


def file_head(video: VideoFormat | None, has_audio: bool) -> bytes:
    """Everything before the first cluster of an append-only file."""
    head = ebml_head(video is None or video.codec == "vp8")
    return head + ID_SEGMENT.to_bytes(4, "big") + _UNKNOWN + info() + tracks(video, has_audio)


def cluster(t_ms: int) -> bytes:
    """The start of a cluster of unknown size at an absolute time."""
    return _CLUSTER_START + uint(ID_TIMESTAMP, t_ms)


def block(track: int, relative_ms: int, data: bytes, is_key: bool) -> bytes:
    """A SimpleBlock; `relative_ms` counts from its cluster and fits 16 bits signed."""
    size, flags = len(data) + 4, 0x80 if is_key else 0
    if size < 0x7F:
        return _SMALL_BLOCK.pack(ID_SIMPLE_BLOCK, 0x80 | size, 0x80 | track, relative_ms, flags) + data
    if size < 0x3FFF:
        return _MEDIUM_BLOCK.pack(ID_SIMPLE_BLOCK, 0x4000 | size, 0x80 | track, relative_ms, flags) + data
    return b"\xa3" + vint(size) + bytes((0x80 | track,)) + _BLOCK_HEAD.pack(relative_ms, flags) + data


def elements(data: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Child elements between two offsets: (id, start of content, end of content); stops before anything cut off.

    Segment and Cluster are entered, not skipped, so the sequence is flat; their content end equals its start.
    """
    while at < end:
        first = data[at]
        id_length = 9 - first.bit_length()
        if first == 0 or id_length > 4 or at + id_length >= end:
            return
        number = int.from_bytes(data[at : at + id_length], "big")
        size_at = at + id_length
        size_length = 9 - data[size_at].bit_length()
        if data[size_at] == 0 or size_at + size_length > end:
            return
        start = size_at + size_length
        if number in (ID_SEGMENT, ID_CLUSTER):
            yield number, start, start
            at = start
            continue
        size = int.from_bytes(data[size_at:start], "big") & ((1 << (7 * size_length)) - 1)
        if start + size > end:
            return
        yield number, start, start + size
        at = start + size


def scan(content: bytes) -> Scan:
    """Read a file this module wrote, whole or cut off anywhere. Never raises."""
    found = Scan()
    data = memoryview(content)
    base: int | None = None
    for number, start, end in elements(data, 0, len(data)):
        if number == ID_TRACKS:
            _read_tracks(data, start, end, found)
        elif number == ID_CLUSTER:
            base = None
            continue  # a cluster without its first block is worth nothing: `size` stays before it
        elif number == ID_TIMESTAMP:
            base = int.from_bytes(data[start:end], "big")
            continue
        elif number == ID_SIMPLE_BLOCK:
            if base is None or end - start < 4:
                break
            relative, flags = _BLOCK_HEAD.unpack_from(data, start + 1)
            found.blocks.append(Block(data[start] & 0x7F, base + relative, bool(flags & 0x80), data[start + 4 : end], end))
        found.size = end
    found.is_whole = found.size == len(data)
    return found


def _read_tracks(data: memoryview, at: int, end: int, found: Scan) -> None:
    for number, start, stop in elements(data, at, end):
        if number != ID_TRACK_ENTRY:
            continue
        codec, private, width, height = "", b"", 0, 0
        for child, a, b in elements(data, start, stop):
            if child == ID_CODEC:
                codec = bytes(data[a:b]).decode("ascii", "replace")
            elif child == ID_CODEC_PRIVATE:
                private = bytes(data[a:b])
            elif child == ID_VIDEO:
                sizes = {number: int.from_bytes(data[c:d], "big") for number, c, d in elements(data, a, b)}
                width, height = sizes.get(0xB0, 0), sizes.get(0xBA, 0)
        if codec == "A_OPUS":
            found.has_audio = True
        elif codec:
            found.video = VideoFormat("vp8" if codec == "V_VP8" else "h264", width, height, private)
