"""The streaming acoustic model fsmn-char-ctc-zh: PCM in, log probabilities of 2 599 characters each 30 ms out.

Front end and delay handling are those of the model's published interface: Kaldi filter bank (80 bins, 25/10 ms, hamming, int16
scale), five frames stacked every third frame with the first frame repeated twice in front and the last twice at the end, outputs
eight steps late. A stream flushed with `finish` gives exactly what the same audio gives in one piece, whatever the chunking.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from asr.ports import SAMPLE_RATE

Floats = npt.NDArray[np.float32]

STEP_MS = 30
_STACK = 5
_STRIDE = 3
_DELAY = 8
_BINS = 80
_CACHE = (1, 128, 11)
BLANK = 0


def _fbank() -> Any:
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = SAMPLE_RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = "hamming"
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = _BINS
    options.energy_floor = 0.0
    return knf.OnlineFbank(options)


def session(path: Path) -> Any:
    """An onnxruntime session on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, slots=True)
class AcousticModel:
    """The loaded network and its token list; safe to share between threads."""

    net: Any
    tokens: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path) -> "AcousticModel":
        """Load from a model folder. Raises `OSError` or onnxruntime's errors on broken files."""
        tokens = tuple((folder / "tokens.txt").read_text(encoding="utf-8").splitlines())
        return cls(session(folder / "fsmn_char_ctc_zh.onnx"), tokens)

    def stream(self) -> "AcousticStream":
        """Open a stream with a fresh state."""
        return AcousticStream(self)

    def log_probs(self, pcm: bytes) -> Floats:
        """Log probabilities [steps, tokens] of a whole piece of PCM; step `i` is about `i * 30` ms."""
        stream = self.stream()
        parts = [stream.feed(pcm), stream.finish()]
        return np.concatenate(parts)


class AcousticStream:
    """One running recognition; owned by one thread."""

    def __init__(self, model: AcousticModel) -> None:
        self._model = model
        self._fbank = _fbank()
        self._read = 0
        self._frames: list[Floats] = []
        self._caches = [np.zeros(_CACHE, np.float32) for _ in range(4)]
        self._to_drop = _DELAY
        self._last: Floats | None = None

    def feed(self, pcm: bytes) -> Floats:
        """Take PCM (int16) and return the log probabilities that became ready, [n, tokens] with n ≥ 0."""
        if pcm:
            self._fbank.accept_waveform(SAMPLE_RATE, np.frombuffer(pcm, "<i2").astype(np.float32).tolist())
        self._collect()
        return self._run(self._stacked())

    def finish(self) -> Floats:
        """Flush: the remaining log probabilities. The stream is not usable afterwards."""
        self._fbank.input_finished()
        self._collect()
        if self._frames:
            self._frames += [self._frames[-1]] * 2
        inputs = self._stacked()
        last = inputs[-1] if len(inputs) else self._last
        if last is None:
            return self._run(inputs)
        return self._run(np.concatenate([inputs, np.repeat(last[None], _DELAY, axis=0)]))

    def _collect(self) -> None:
        ready = self._fbank.num_frames_ready
        for index in range(self._read, ready):
            frame = np.array(self._fbank.get_frame(index), np.float32)
            self._frames += [frame] * (3 if index == 0 else 1)
        if ready > self._read:
            self._fbank.pop(ready - self._read)
        self._read = ready

    def _stacked(self) -> Floats:
        count = max(0, (len(self._frames) - _STACK) // _STRIDE + 1)
        if count == 0:
            return np.zeros((0, _STACK * _BINS), np.float32)
        frames = np.stack(self._frames)
        rows = np.stack([frames[i * _STRIDE : i * _STRIDE + _STACK].reshape(-1) for i in range(count)])
        del self._frames[: count * _STRIDE]
        self._last = rows[-1]
        return rows

    def _run(self, rows: Floats) -> Floats:
        if len(rows) == 0:
            return np.zeros((0, len(self._model.tokens)), np.float32)
        inputs = {"feats": rows[None], **{f"cache{i}": cache for i, cache in enumerate(self._caches)}}
        out, *self._caches = self._model.net.run(None, inputs)
        drop = min(self._to_drop, len(rows))
        self._to_drop -= drop
        result: Floats = out[0, drop:]
        return result
