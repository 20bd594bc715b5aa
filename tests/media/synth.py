"""Encoded media with known content, as RTP: what recorder tests feed in and look for in the files."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from media.recorder.depacketise import Packet

NTP_BASE = 3_900_000_000 << 32
MTU = 1100


@dataclass(frozen=True, slots=True)
class Unit:
    """One encoded frame at a capture time."""

    t_ms: float
    data: bytes
    is_key: bool


Picture = Callable[[float], NDArray[np.uint8]]


def flash_picture(width: int, height: int, colour: tuple[int, int, int], period_ms: int = 1000, flash_ms: int = 100) -> Picture:
    """A picture of one colour with a moving bar that turns white for `flash_ms` at each multiple of `period_ms`."""

    def draw(t_ms: float) -> NDArray[np.uint8]:
        picture = np.empty((height, width, 3), np.uint8)
        picture[:] = (255, 255, 255) if t_ms % period_ms < flash_ms else colour
        x = int(t_ms / 10) % (width - 8)
        picture[height // 2 :, x : x + 8] = (40, 40, 40)
        return picture

    return draw


def encode_video(
    codec: str, picture: Picture, duration_ms: int, *, fps: int = 15, width: int = 320, height: int = 240, key_every: int = 30
) -> list[Unit]:
    """Encode pictures with libvpx or libx264 (constrained baseline, Annex B)."""
    encoder = av.CodecContext.create("libvpx" if codec == "vp8" else "libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 90_000)
    encoder.framerate = Fraction(fps, 1)
    encoder.bit_rate = 300_000
    encoder.gop_size = key_every
    encoder.options = (
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
        if codec == "vp8"
        else {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "x264-params": "annexb=1:repeat-headers=1"}
    )
    units: list[Unit] = []
    count = duration_ms * fps // 1000
    for index in range(count):
        frame = av.VideoFrame.from_ndarray(picture(index * 1000 / fps), format="rgb24").reformat(format="yuv420p")
        frame.pts = index * 90_000 // fps
        frame.time_base = encoder.time_base
        if index % key_every == 0:
            frame.pict_type = av.video.frame.PictureType.I
        units += [_unit(packet, 90_000) for packet in encoder.encode(frame)]
    return units + [_unit(packet, 90_000) for packet in encoder.encode(None)]


def _unit(packet: Any, rate: int) -> Unit:
    assert packet.pts is not None
    return Unit(packet.pts * 1000 / rate, bytes(packet), packet.is_keyframe)


def beep(
    period_ms: int = 1000, beep_ms: int = 100, hertz: float = 1000.0
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """A tone of `beep_ms` at each multiple of `period_ms`; argument in ms."""

    def sound(t_ms: NDArray[np.float64]) -> NDArray[np.float64]:
        tone = np.sin(t_ms * (2 * np.pi * hertz / 1000.0)) * 0.5
        loud: NDArray[np.float64] = np.where(t_ms % period_ms < beep_ms, tone, 0.0)
        return loud

    return sound


def encode_opus(sound: Callable[[NDArray[np.float64]], NDArray[np.float64]], duration_ms: int) -> list[Unit]:
    """Encode mono sound as 20 ms Opus packets. Times are those of the first sample, without the encoder's delay."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 32_000
    encoder.time_base = Fraction(1, 48_000)
    units: list[Unit] = []
    for index in range(duration_ms // 20):
        t_ms = index * 20 + np.arange(960) / 48.0
        samples = (sound(t_ms) * 32_000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, index * 960, Fraction(1, 48_000)
        for packet in encoder.encode(frame):
            units.append(Unit(len(units) * 20.0, bytes(packet), True))
    return units


def vp8_payloads(data: bytes, picture_id: int) -> list[bytes]:
    """RFC 7741 payloads with a 15-bit picture id."""
    parts = [data[at : at + MTU] for at in range(0, len(data), MTU)]
    tail = bytes((0x80, 0x80 | picture_id >> 8 & 0x7F, picture_id & 0xFF))
    return [bytes((0x90 if index == 0 else 0x80,)) + tail + part for index, part in enumerate(parts)]


def nal_units(data: bytes) -> list[bytes]:
    """NAL units of an Annex B access unit."""
    return [
        part.strip(b"\x00") if index else part
        for index, part in enumerate(data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01"))
        if part
    ]


def h264_payloads(data: bytes) -> list[bytes]:
    """RFC 6184 mode 1 payloads: parameter sets as STAP-A, large units as FU-A."""
    small, payloads = [], []
    for nal in nal_units(data):
        if nal[0] & 0x1F in (6, 7, 8):
            small.append(nal)
            continue
        if small:
            payloads.append(b"\x78" + b"".join(len(item).to_bytes(2, "big") + item for item in small))
            small = []
        if len(nal) <= MTU:
            payloads.append(nal)
            continue
        parts = [nal[at : at + MTU] for at in range(1, len(nal), MTU)]
        for index, part in enumerate(parts):
            flags = (0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0)
            payloads.append(bytes((nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F)) + part)
    return payloads


def rtp_packets(
    units: list[Unit], codec: str, *, first_sequence: int = 1000, first_timestamp: int = 123_456, rate_error: float = 0.0
) -> Iterator[tuple[float, Packet]]:
    """(send time in ms, packet without arrival time) of encoded units; `rate_error` makes the sender's RTP clock wrong."""
    rate = 48 if codec == "opus" else 90
    sequence = first_sequence
    for index, unit in enumerate(units):
        timestamp = (first_timestamp + round(unit.t_ms * rate * (1 + rate_error))) & 0xFFFFFFFF
        if codec == "opus":
            payloads = [unit.data]
        elif codec == "vp8":
            payloads = vp8_payloads(unit.data, index & 0x7FFF)
        else:
            payloads = h264_payloads(unit.data)
        for number, payload in enumerate(payloads):
            yield unit.t_ms, Packet(sequence, timestamp, number == len(payloads) - 1, payload, 0)
            sequence += 1


def ntp(t_ms: float) -> int:
    """64-bit NTP time of a sender whose clock shows `t_ms` after some instant."""
    return NTP_BASE + int(t_ms * 4_294_967_296 / 1000)


def lossy(packets: list[tuple[float, Packet]], seed: int, loss: float) -> tuple[list[tuple[float, Packet]], set[int]]:
    """Drop packets at random; returns the rest and the lost sequence numbers."""
    rng = random.Random(seed)
    lost = {packet.sequence for _, packet in packets[20:-20] if rng.random() < loss}
    return [item for item in packets if item[1].sequence not in lost], lost
