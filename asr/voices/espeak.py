"""The always-there voice: espeak-ng fed with toned pinyin (it reads Chinese characters badly)."""

import shutil
import subprocess

import numpy as np

from asr.ports import SpeechError

_NORMAL_WPM = 178
_TIMEOUT_S = 20


class EspeakVoice:
    """Speaks toned pinyin. `sample_rate` is espeak-ng's own."""

    name = "espeak"
    is_synthetic = True
    sample_rate = 22_050
    version = "1"

    def __init__(self) -> None:
        self._program = shutil.which("espeak-ng")

    @property
    def reason(self) -> str:
        """Why it cannot speak; empty when it can."""
        return "" if self._program else "espeak-ng is not installed"

    def synthesise(self, text: str, *, rate: float) -> bytes:
        """Speak toned pinyin; 16-bit mono PCM without silence at its ends. Raises `SpeechError`."""
        if not self._program:
            raise SpeechError("VOICE_UNAVAILABLE", self.reason)
        command = [self._program, "-v", "cmn-latn-pinyin", "-s", str(round(_NORMAL_WPM * rate)), "--stdout", "--stdin"]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=True)
        except (subprocess.SubprocessError, OSError) as error:
            raise SpeechError("VOICE_FAILED", f"espeak-ng: {error}", retryable=True) from error
        at = done.stdout.find(b"data")
        if at < 0:
            raise SpeechError("VOICE_FAILED", "espeak-ng gave no sound", retryable=True)
        return trim(done.stdout[at + 8 :])


def trim(pcm: bytes, *, threshold: int = 160, keep: int = 220) -> bytes:
    """PCM without the near-silence at its ends (`keep` samples of it stay)."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2")
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)
    if len(loud) == 0:
        return b""
    return samples[max(0, loud[0] - keep) : loud[-1] + keep].tobytes()
