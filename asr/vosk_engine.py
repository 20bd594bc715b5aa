"""Vosk behind the `Recogniser` port: transcripts with word times, and grammar mode. The model folder is the caller's choice."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import vosk

from asr.ports import SAMPLE_RATE, EngineInfo, SpeechError, Transcript, Word


class VoskRecogniser:
    """A loaded vosk model. `info.version` is the library's."""

    def __init__(self, folder: Path, *, grammar: Sequence[str] = ()) -> None:
        vosk.SetLogLevel(-1)
        try:
            self._model: Any = vosk.Model(str(folder))
        except Exception as error:
            raise SpeechError("VOSK_MODEL", f"vosk cannot load {folder}: {error}") from error
        self._grammar = tuple(grammar)
        self.info = EngineInfo("vosk", _version(), folder.name, is_streaming=True, gives_words=True)

    def with_grammar(self, phrases: Sequence[str]) -> "VoskRecogniser":
        """The same model listening for `phrases` only; a phrase the model's vocabulary cannot spell is left out.

        (The library would drop the unknown word alone and keep the rest, so that 不清楚 could become 清楚.)
        """
        other = object.__new__(VoskRecogniser)
        spelled = (segment(phrase, self._knows) for phrase in phrases)
        other._model, other._grammar, other.info = self._model, tuple(words for words in spelled if words), self.info
        return other

    def _knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0

    def stream(self) -> "VoskStream":
        """Open a stream."""
        if self._grammar:
            words = json.dumps([*self._grammar, "[unk]"], ensure_ascii=False)
            recogniser = vosk.KaldiRecognizer(self._model, SAMPLE_RATE, words)
        else:
            recogniser = vosk.KaldiRecognizer(self._model, SAMPLE_RATE)
        recogniser.SetWords(True)
        return VoskStream(recogniser)


class VoskStream:
    """One running recognition; times count from the first sample fed."""

    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser
        self._done: list[Transcript] = []
        self._partial = ""

    def feed(self, pcm: bytes) -> Transcript | None:
        """Take audio; a transcript when it changed."""
        if self._recogniser.AcceptWaveform(pcm):
            self._done.append(parse_result(self._recogniser.Result()))
            self._partial = ""
            return merge(self._done, is_final=False)
        text = _join(json.loads(self._recogniser.PartialResult()).get("partial", ""))
        if text == self._partial:
            return None
        self._partial = text
        before = "".join(part.text for part in self._done)
        return Transcript(before + text, (), "vosk", is_final=False)

    def finish(self) -> Transcript:
        """Flush and return everything heard."""
        self._done.append(parse_result(self._recogniser.FinalResult()))
        return merge(self._done, is_final=True)


def segment(phrase: str, knows: Callable[[str], bool]) -> str:
    """A phrase as vocabulary words separated by spaces, longest first; empty when a part is not in the vocabulary."""
    words: list[str] = []
    at = 0
    while at < len(phrase):
        word = next((phrase[at:end] for end in range(len(phrase), at, -1) if knows(phrase[at:end])), "")
        if not word:
            return ""
        words.append(word)
        at += len(word)
    return " ".join(words)


def parse_result(text: str) -> Transcript:
    """A vosk result object as a transcript; `[unk]` is kept out of the text."""
    data = json.loads(text)
    words = tuple(
        Word(item["word"], round(item["start"] * 1000), round(item["end"] * 1000), round(float(item["conf"]), 3))
        for item in data.get("result", ())
        if item["word"] != "[unk]"
    )
    heard = "".join(word.text for word in words) if words else _join(data.get("text", ""))
    return Transcript(heard, words, "vosk", is_final=True)


def merge(parts: Sequence[Transcript], *, is_final: bool) -> Transcript:
    """Several results of one stream as one."""
    words = tuple(word for part in parts for word in part.words)
    return Transcript("".join(part.text for part in parts), words, "vosk", is_final=is_final)


def _join(text: str) -> str:
    return text.replace("[unk]", "").replace(" ", "")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("vosk")
    except PackageNotFoundError:
        return "unknown"
