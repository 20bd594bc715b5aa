"""Prompts made ready: text → phrases → speech → one level → Ogg Opus, cached by content hash, with marks for captions.

Blocking; the service runs it on a thread of its own.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from asr.ports import SpeechError, SpokenPrompt
from asr.voices import recorded, sound
from asr.voices.espeak import EspeakVoice
from asr.voices.loudness import level
from asr.voices.neural import PiperVoice, SherpaVoice
from asr.voices.reading import Phrase, Reader

TARGET_LUFS = -20.0
_LEAD_MS = 100
_TAIL_MS = 200
_FORMAT = "1"
_RATES = (0.5, 1.5)
_LONGEST_TEXT = 2_000


class PromptVoice(Protocol):
    """A `Voice` that can say whether it is usable."""

    name: str
    is_synthetic: bool
    sample_rate: int

    @property
    def version(self) -> str:
        """What distinguishes its sound from other versions'."""
        ...

    @property
    def reason(self) -> str:
        """Why it cannot speak; empty when it can."""
        ...

    def synthesise(self, text: str, *, rate: float) -> bytes:
        """16-bit mono PCM."""
        ...


@dataclass(frozen=True, slots=True)
class VoiceState:
    """One voice for the information page."""

    name: str
    is_available: bool
    reason: str


class Studio:
    """Prepares prompts in `cache_dir`.

    Args:
        wanted: the configured voice's name; espeak speaks where it is not available.
        recordings: folder of prompts recorded by people.
        model_dirs: where neural voices may lie.
    """

    def __init__(self, cache_dir: Path, *, wanted: str, recordings: Path | None, model_dirs: tuple[Path, ...] = ()) -> None:
        self._cache = cache_dir
        self._recordings = recordings
        self._reader = Reader()
        voices: list[PromptVoice] = [
            SherpaVoice(_folder(model_dirs, "sherpa-onnx-tts-zh")),
            PiperVoice(_folder(model_dirs, "piper-zh")),
            EspeakVoice(),
        ]
        self._voices = {voice.name: voice for voice in voices}
        chosen = self._voices.get(wanted)
        self.voice: PromptVoice = chosen if chosen is not None and not chosen.reason else self._voices["espeak"]

    def voices(self) -> tuple[VoiceState, ...]:
        """Every voice and whether it can speak."""
        states = [VoiceState(voice.name, not voice.reason, voice.reason) for voice in self._voices.values()]
        has_folder = self._recordings is not None and self._recordings.is_dir()
        return (*states, VoiceState("recorded", has_folder, "" if has_folder else "no folder of recorded prompts is configured"))

    def prepare(self, text: str, *, rate: float = 1.0, recorded_key: str | None = None) -> SpokenPrompt:
        """Make (or find) the prompt. Raises `SpeechError` `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `PROMPT_RATE` or a voice's own."""
        if not _RATES[0] <= rate <= _RATES[1]:
            raise SpeechError("PROMPT_RATE", f"rate must be within {_RATES}")
        if len(text) > _LONGEST_TEXT:
            raise SpeechError("PROMPT_TOO_LONG", f"{len(text)} characters")
        phrases = self._reader.phrases(text)
        if not phrases:
            raise SpeechError("PROMPT_EMPTY", "nothing to say")
        source = recorded.find(self._recordings, recorded_key, text)
        if source is not None:
            name = f"recorded:{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
            return self._cached(self._key(name, text, 1.0), lambda: self._play_recording(source, text, phrases))
        voice = self.voice
        spoken = json.dumps([(p.start, p.pinyin, p.pause_ms) for p in phrases])
        return self._cached(
            self._key(f"{voice.name}:{voice.version}", text + spoken, rate), lambda: self._speak(voice, text, phrases, rate)
        )

    @staticmethod
    def _key(voice: str, text: str, rate: float) -> str:
        return hashlib.sha256(json.dumps([_FORMAT, voice, text, round(rate, 3)], ensure_ascii=False).encode()).hexdigest()

    def _cached(self, key: str, make: "Maker") -> SpokenPrompt:
        path, notes = self._cache / f"{key}.opus", self._cache / f"{key}.json"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(notes.read_text(encoding="utf-8"))
            if hashlib.sha256(path.read_bytes()).hexdigest() == data["sha256"]:
                marks = tuple((int(a), int(b)) for a, b in data["marks"])
                return SpokenPrompt(path, data["sha256"], data["duration_ms"], marks, data["voice"], data["is_synthetic"])
        self._cache.mkdir(parents=True, exist_ok=True)
        samples, marks, voice, is_synthetic = make()
        duration = sound.write_opus(level(samples, sound.RATE, TARGET_LUFS), path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        record = {"sha256": digest, "duration_ms": duration, "marks": marks, "voice": voice, "is_synthetic": is_synthetic}
        part = notes.with_name(f".{notes.name}.{os.getpid()}.part")
        part.write_text(json.dumps(record), encoding="utf-8")
        part.replace(notes)
        return SpokenPrompt(path, digest, duration, marks, voice, is_synthetic)

    def _speak(self, voice: PromptVoice, text: str, phrases: tuple[Phrase, ...], rate: float) -> "Made":
        parts = [_quiet(_LEAD_MS)]
        marks: list[tuple[int, int]] = []
        for phrase in phrases:
            marks.append((phrase.start, sum(len(part) for part in parts) * 1000 // sound.RATE))
            said = phrase.pinyin if voice.name == "espeak" else text[phrase.start : phrase.end]
            parts.append(sound.resample(voice.synthesise(said, rate=rate), voice.sample_rate))
            parts.append(_quiet(round(phrase.pause_ms / rate)))
        parts[-1] = _quiet(_TAIL_MS)
        return np.concatenate(parts), tuple(marks), voice.name, voice.is_synthetic

    def _play_recording(self, source: Path, text: str, phrases: tuple[Phrase, ...]) -> "Made":
        """A person's recording; its marks are spread over the text by length."""
        try:
            samples = sound.read(source)
        except (ValueError, OSError) as error:
            raise SpeechError("RECORDING_BROKEN", f"{source.name}: {error}") from error
        length = len(samples) * 1000 // sound.RATE
        marks = tuple((phrase.start, phrase.start * length // len(text)) for phrase in phrases)
        return np.concatenate([samples, _quiet(_TAIL_MS)]), marks, "recorded", False


class Maker(Protocol):
    """Makes the sound of a prompt."""

    def __call__(self) -> "Made":
        """Samples, marks, voice name, whether it is synthetic."""
        ...


Made = tuple[sound.Floats, tuple[tuple[int, int], ...], str, bool]


def _quiet(ms: int) -> sound.Floats:
    return np.zeros(ms * sound.RATE // 1000, np.float32)


def _folder(places: tuple[Path, ...], name: str) -> Path | None:
    for place in places:
        if (place / name).is_dir():
            return place / name
    return places[0] / name if places else None
