"""Opus packets (48 kHz RTP clock) to 16 kHz mono PCM: libopus through ctypes, PyAV where the library is missing."""

import ctypes
import ctypes.util
from typing import Any, Protocol

import av
import numpy as np

from asr.ports import SAMPLE_RATE, SpeechError

_MAX_SAMPLES = SAMPLE_RATE * 120 // 1000


class PacketDecoder(Protocol):
    """Decodes one person's packets in order."""

    def decode(self, packet: bytes) -> bytes:
        """PCM of one packet; empty when it is damaged."""
        ...


class LibOpusDecoder:
    """libopus decodes straight to 16 kHz mono."""

    def __init__(self, library: Any) -> None:
        self._lib = library
        error = ctypes.c_int(0)
        self._state = ctypes.c_void_p(library.opus_decoder_create(SAMPLE_RATE, 1, ctypes.byref(error)))
        if error.value != 0:
            raise SpeechError("OPUS_DECODER", f"opus_decoder_create: {error.value}")
        self._buffer = (ctypes.c_int16 * _MAX_SAMPLES)()

    def decode(self, packet: bytes) -> bytes:
        """PCM of one packet; empty when it is damaged."""
        count = self._lib.opus_decode(self._state, packet, len(packet), self._buffer, _MAX_SAMPLES, 0)
        return bytes(memoryview(self._buffer).cast("B")[: count * 2]) if count > 0 else b""

    def __del__(self) -> None:
        state, self._state = getattr(self, "_state", None), ctypes.c_void_p(None)
        if state:
            self._lib.opus_decoder_destroy(state)


class AvOpusDecoder:
    """The same through PyAV."""

    def __init__(self) -> None:
        self._codec: Any = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = 48_000
        self._codec.layout = "mono"
        self._resampler: Any = av.AudioResampler("s16", "mono", SAMPLE_RATE)

    def decode(self, packet: bytes) -> bytes:
        """PCM of one packet; empty when it is damaged."""
        try:
            frames = self._codec.decode(av.Packet(packet))
        except av.FFmpegError:
            return b""
        parts: list[bytes] = []
        for frame in frames:
            frame.pts = None
            parts += [np.ascontiguousarray(out.to_ndarray()).tobytes() for out in self._resampler.resample(frame)]
        return b"".join(parts)


def load_libopus() -> Any | None:
    """The system's libopus, or `None`."""
    name = ctypes.util.find_library("opus") or "libopus.so.0"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return None
    library.opus_decoder_create.restype = ctypes.c_void_p
    library.opus_decoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.c_void_p]
    library.opus_decoder_destroy.restype = None
    library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    library.opus_decode.restype = ctypes.c_int
    library.opus_decode.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
    ]
    return library


class DecoderFactory:
    """Opens decoders with whatever the machine has."""

    def __init__(self) -> None:
        self._library = load_libopus()
        self.name = "libopus" if self._library is not None else "pyav"

    def open(self) -> PacketDecoder:
        """A decoder for one person."""
        return LibOpusDecoder(self._library) if self._library is not None else AvOpusDecoder()
