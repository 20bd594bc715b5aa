"""Voice activity: silero-vad as a stream, and the rules that turn its probabilities into stretches of speech.

Very quiet frames (muted or comfort noise) are not put through the network: most seats are silent most of the time, and the
network costs ten times more than decoding.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asr.acoustic import session
from asr.ports import SAMPLE_RATE

FRAME = 512
FRAME_MS = FRAME * 1000 // SAMPLE_RATE
_CONTEXT = 64
_QUIET_RMS = 20.0


@dataclass(frozen=True, slots=True)
class VadModel:
    """The loaded network; safe to share between threads."""

    net: Any

    @classmethod
    def load(cls, folder: Path) -> "VadModel":
        """Load from a model folder."""
        return cls(session(folder / "silero_vad.onnx"))


class VadStream:
    """Speech probability of each 32 ms frame of one stream."""

    def __init__(self, model: VadModel) -> None:
        self._net = model.net
        self._rest = np.zeros(0, np.int16)
        self._rate = np.array(SAMPLE_RATE, np.int64)
        self._reset()
        self._quiet = 0

    def _reset(self) -> None:
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def feed(self, pcm: bytes) -> list[tuple[bytes, float]]:
        """Take PCM and return the frames it completed with their probabilities."""
        samples = np.concatenate([self._rest, np.frombuffer(pcm, "<i2")])
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        frames = samples[:whole].reshape(-1, FRAME)
        return [(frame.tobytes(), self._frame(frame.astype(np.float32))) for frame in frames]

    def _frame(self, frame: Any) -> float:
        if float(np.sqrt(np.mean(frame * frame))) < _QUIET_RMS:
            self._quiet += 1
            if self._quiet > 8:
                if self._quiet == 9:
                    self._reset()
                return 0.0
        else:
            self._quiet = 0
        scaled = frame / 32768.0
        inputs = {"input": np.concatenate([self._context, scaled])[None], "state": self._state, "sr": self._rate}
        out, self._state = self._net.run(None, inputs)
        self._context = scaled[-_CONTEXT:]
        return float(out[0, 0])


@dataclass(frozen=True, slots=True)
class VadRules:
    """When speech begins and ends; probabilities 0–1, durations in ms."""

    on: float = 0.5
    off: float = 0.35
    min_speech_ms: int = 96
    silence_ms: int = 480


@dataclass(frozen=True, slots=True)
class Speech:
    """A change: speech began (`is_start`) or ended; `at_ms` counts from the start of the stream."""

    is_start: bool
    at_ms: int


class Endpointer:
    """Turns frames into starts and ends. An end is reported after `silence_ms` of silence, dated at the last voiced frame."""

    def __init__(self, rules: VadRules) -> None:
        self._rules = rules
        self._at = 0
        self._voiced = 0
        self._candidate = 0
        self._last_voiced = 0
        self.is_speaking = False

    def ago_ms(self, change: Speech) -> int:
        """How long before the end of the last pushed frame the change happened."""
        return self._at - change.at_ms

    def push(self, probability: float) -> Speech | None:
        """Take the next frame's probability."""
        start = self._at
        self._at += FRAME_MS
        if not self.is_speaking:
            if probability < (self._rules.on if self._voiced == 0 else self._rules.off):
                self._voiced = 0
                return None
            if self._voiced == 0:
                self._candidate = start
            self._voiced += FRAME_MS
            if self._voiced < self._rules.min_speech_ms:
                return None
            self.is_speaking = True
            self._last_voiced = self._at
            return Speech(True, self._candidate)
        if probability >= self._rules.off:
            self._last_voiced = self._at
            return None
        if self._at - self._last_voiced < self._rules.silence_ms:
            return None
        self.is_speaking = False
        self._voiced = 0
        return Speech(False, self._last_voiced)
