"""Neural Mandarin voices from a configured model folder: sherpa-onnx (matcha, vits) or piper. Where one is missing it says why.

These engines take the phrase as written, not pinyin, and read numbers in their own way.
"""

import importlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from asr.ports import SpeechError

_TIMEOUT_S = 60


class PiperVoice:
    """The `piper` program with a voice (`*.onnx` beside its `*.onnx.json`) in `<model_dir>/piper-zh`."""

    name = "piper"
    is_synthetic = True
    sample_rate = 22_050

    def __init__(self, folder: Path | None) -> None:
        self._program = shutil.which("piper")
        models = sorted(folder.glob("*.onnx")) if folder is not None and folder.is_dir() else []
        self._model = models[0] if models else None
        self._folder = folder

    @property
    def version(self) -> str:
        """The voice file."""
        return self._model.name if self._model else ""

    @property
    def reason(self) -> str:
        """Why it cannot speak; empty when it can."""
        if self._model is None:
            return f"no voice (*.onnx) in {self._folder}"
        return "" if self._program else "the piper program is not installed"

    def synthesise(self, text: str, *, rate: float) -> bytes:
        """Speak Chinese text. Raises `SpeechError`."""
        if self.reason or self._program is None:
            raise SpeechError("VOICE_UNAVAILABLE", self.reason)
        command = [self._program, "--model", str(self._model), "--output-raw", "--length_scale", f"{1 / rate:.3f}"]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=True)
        except (subprocess.SubprocessError, OSError) as error:
            raise SpeechError("VOICE_FAILED", f"piper: {error}", retryable=True) from error
        return done.stdout


class SherpaVoice:
    """sherpa-onnx's offline vits voice in `<model_dir>/sherpa-onnx-tts-zh` (model.onnx, lexicon.txt, tokens.txt)."""

    name = "sherpa"
    is_synthetic = True
    version = "1"

    def __init__(self, folder: Path | None) -> None:
        self.sample_rate = 16_000
        self._engine: Any = None
        self.reason = self._load(folder)

    def _load(self, folder: Path | None) -> str:
        if folder is None or not (folder / "model.onnx").is_file():
            return f"no voice (model.onnx) in {folder}"
        try:
            sherpa = importlib.import_module("sherpa_onnx")
        except ImportError:
            return "the Python package sherpa-onnx is not installed"
        vits = sherpa.OfflineTtsVitsModelConfig(
            model=str(folder / "model.onnx"), lexicon=str(folder / "lexicon.txt"), tokens=str(folder / "tokens.txt")
        )
        try:
            self._engine = sherpa.OfflineTts(
                sherpa.OfflineTtsConfig(model=sherpa.OfflineTtsModelConfig(vits=vits, num_threads=1))
            )
        except (RuntimeError, ValueError) as error:
            return f"the voice does not load: {error}"
        self.sample_rate = int(self._engine.sample_rate)
        return ""

    def synthesise(self, text: str, *, rate: float) -> bytes:
        """Speak Chinese text. Raises `SpeechError`."""
        if self._engine is None:
            raise SpeechError("VOICE_UNAVAILABLE", self.reason)
        audio = self._engine.generate(text, sid=0, speed=rate)
        return (np.clip(np.array(audio.samples, np.float32), -1, 1) * 32767).astype("<i2").tobytes()
