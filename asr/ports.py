"""Ports of the speech engine: streaming recognisers, the closed-answer scorer, text to speech.

Audio is 16 kHz mono int16 little-endian PCM unless said otherwise. Times are milliseconds on the clock of whoever feeds the
audio. A verdict is never guessed: low score or small margin is `unclear`; no engine at all is `not_measured`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

SAMPLE_RATE = 16_000


class SpeechError(Exception):
    """An engine fault; `retryable` says whether trying again may help."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class Verdict(StrEnum):
    """What an answer window heard."""

    AFFIRMATIVE = "affirmative"
    NEGATIVE = "negative"
    UNCLEAR = "unclear"
    SILENT = "silent"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is and can do; stored with every result it produces."""

    name: str
    version: str
    model: str
    is_streaming: bool
    gives_words: bool


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word (or character) and its time span."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """Free text of a stretch of audio. `engine` says who heard it."""

    text: str
    words: tuple[Word, ...]
    engine: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """The verdict of one answer window.

    `confidence` is 0–1 (calibrated in docs), `margin` is the score distance to the best phrase of the other polarity,
    `phrase` the lexicon phrase that won, `text` the free transcript, `start_ms`/`end_ms` the voiced span.
    """

    verdict: Verdict
    text: str
    phrase: str
    confidence: float
    margin: float
    start_ms: int
    end_ms: int
    engine: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerLexicon:
    """Phrases of each polarity for a closed question; negations of affirmatives belong to `negative`."""

    affirmative: tuple[str, ...]
    negative: tuple[str, ...]
    fillers: tuple[str, ...] = field(default=())


class TranscriptStream(Protocol):
    """One person's running recognition."""

    def feed(self, pcm: bytes) -> Transcript | None:
        """Take audio; return a partial or final transcript when it changed."""
        ...

    def finish(self) -> Transcript:
        """Flush and return the final transcript."""
        ...


class Recogniser(Protocol):
    """Free dictation engine (vosk, CTC)."""

    info: EngineInfo

    def stream(self) -> TranscriptStream:
        """Open a stream."""
        ...


@dataclass(frozen=True, slots=True)
class SpokenPrompt:
    """A synthesised or recorded prompt, ready to be sent.

    `path` holds 20 ms Opus packets (48 kHz mono) in an Ogg Opus file; `marks` are (character index, start ms) for captions.
    """

    path: Path
    sha256: str
    duration_ms: int
    marks: tuple[tuple[int, int], ...]
    voice: str
    is_synthetic: bool


class Voice(Protocol):
    """Text to speech."""

    name: str
    is_synthetic: bool

    def synthesise(self, text: str, *, rate: float) -> bytes:
        """Return 16-bit mono PCM at `sample_rate`. `rate` 1.0 is normal, below is slower."""
        ...

    sample_rate: int
