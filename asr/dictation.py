"""Free dictation with the CTC model: greedy while speech is running, beam search with the character trigram at its end."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from asr.acoustic import BLANK, STEP_MS, AcousticModel
from asr.ctc import greedy
from asr.models import CTC, TRIGRAM
from asr.ports import EngineInfo, Transcript, Word
from asr.trigram import Trigram

Floats = npt.NDArray[np.float32]
_BEAM = 8
_CANDIDATES = 6
_PRUNE = math.log(0.002)
_LM_WEIGHT = 0.6
_BONUS = 2.0
_UNKNOWN = 1


@dataclass(slots=True)
class _Path:
    blank: float = -math.inf
    label: float = -math.inf
    language: float = 0.0
    steps: tuple[int, ...] = field(default=())

    @property
    def acoustic(self) -> float:
        return _add(self.blank, self.label)

    @property
    def total(self) -> float:
        return self.acoustic + self.language


def _add(a: float, b: float) -> float:
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


class Dictation:
    """Turns log probabilities into text; shared between threads."""

    def __init__(self, model: AcousticModel, trigram: Trigram | None) -> None:
        self.model = model
        self._trigram = trigram
        self._is_text = [i > _UNKNOWN and not token.startswith("<") for i, token in enumerate(model.tokens)]

    def greedy_text(self, log_probs: Floats) -> str:
        """The quick text, for partial results."""
        return "".join(self.model.tokens[label] for label, _ in greedy(log_probs.astype(np.float64)) if self._is_text[label])

    def decode(self, log_probs: Floats, start_ms: int) -> tuple[str, tuple[Word, ...]]:
        """Text and characters with times; `start_ms` is the time of the first step."""
        labels, steps = self._search(log_probs)
        words: list[Word] = []
        for place, (label, step) in enumerate(zip(labels, steps, strict=True)):
            begin = start_ms + step * STEP_MS
            end = begin + 6 * STEP_MS
            if place + 1 < len(steps):
                end = min(end, start_ms + steps[place + 1] * STEP_MS)
            chance = float(np.exp(log_probs[max(0, step - 1) : step + 3, label].max()))
            words.append(Word(self.model.tokens[label], begin, max(end, begin + STEP_MS), round(chance, 3)))
        return "".join(word.text for word in words), tuple(words)

    def _search(self, log_probs: Floats) -> tuple[tuple[int, ...], tuple[int, ...]]:
        beam: dict[tuple[int, ...], _Path] = {(): _Path(blank=0.0)}
        for step, row in enumerate(log_probs):
            blank = float(row[BLANK])
            top = np.argpartition(-row, _CANDIDATES)[:_CANDIDATES]
            chosen = [int(c) for c in top if row[c] > _PRUNE and c != BLANK and self._is_text[int(c)]]
            beam = self._step(beam, step, blank, chosen, row)
        best = max(beam.items(), key=lambda item: item[1].total + self._language(item[0], None))
        return best[0], best[1].steps

    def _step(
        self, beam: dict[tuple[int, ...], _Path], step: int, blank: float, chosen: list[int], row: Floats
    ) -> dict[tuple[int, ...], _Path]:
        after: dict[tuple[int, ...], _Path] = {}

        def at(prefix: tuple[int, ...], language: float, steps: tuple[int, ...]) -> _Path:
            path = after.get(prefix)
            if path is None:
                path = after[prefix] = _Path(language=language, steps=steps)
            return path

        for prefix, path in beam.items():
            same = at(prefix, path.language, path.steps)
            same.blank = _add(same.blank, path.acoustic + blank)
            if prefix:
                same.label = _add(same.label, path.label + float(row[prefix[-1]]))
            for label in chosen:
                source = path.blank if prefix and label == prefix[-1] else path.acoustic
                if source == -math.inf:
                    continue
                longer = (*prefix, label)
                known = after.get(longer) or beam.get(longer)
                language = known.language if known else path.language + self._language(prefix, label)
                target = at(longer, language, known.steps if known else (*path.steps, step))
                target.label = _add(target.label, source + float(row[label]))
        best = sorted(after.items(), key=lambda item: -item[1].total)[:_BEAM]
        return dict(best)

    def _language(self, prefix: tuple[int, ...], label: int | None) -> float:
        if self._trigram is None:
            return 0.0
        before = "".join(self.model.tokens[i] for i in prefix[-2:])
        if label is None:
            return _LM_WEIGHT * self._trigram.log_prob(before, "")
        return _LM_WEIGHT * self._trigram.log_prob(before, self.model.tokens[label]) + _BONUS


class CtcRecogniser:
    """The dictation behind the `Recogniser` port."""

    def __init__(self, dictation: Dictation, *, has_trigram: bool, spell: Callable[[str], str] = str) -> None:
        self.dictation = dictation
        self._spell = spell
        model = f"{CTC}+{TRIGRAM}" if has_trigram else CTC
        self.info = EngineInfo("ctc", "1", model, is_streaming=True, gives_words=True)

    @classmethod
    def load(cls, ctc: Path, trigram: Path | None, *, spell: Callable[[str], str] = str) -> "CtcRecogniser":
        """Load from the model folders. `spell` may choose other characters of the same sound for a whole utterance."""
        lm = Trigram(trigram / "char3.arpa.gz") if trigram else None
        return cls(Dictation(AcousticModel.load(ctc), lm), has_trigram=lm is not None, spell=spell)

    def stream(self) -> "CtcStream":
        """Open a stream."""
        return CtcStream(self.dictation, self._spell)


class CtcStream:
    """One running dictation; times count from the first sample fed."""

    def __init__(self, dictation: Dictation, spell: Callable[[str], str]) -> None:
        self._dictation = dictation
        self._spell = spell
        self._stream: Any = dictation.model.stream()
        self._parts: list[Floats] = []
        self._text = ""

    def feed(self, pcm: bytes) -> Transcript | None:
        """Take audio; a partial transcript when the greedy text changed."""
        out = self._stream.feed(pcm)
        if len(out) == 0:
            return None
        self._parts.append(out)
        text = self._dictation.greedy_text(np.concatenate(self._parts))
        if text == self._text:
            return None
        self._text = text
        return Transcript(text, (), "ctc", is_final=False)

    def finish(self) -> Transcript:
        """Flush and decode everything."""
        self._parts.append(self._stream.finish())
        text, words = self._dictation.decode(np.concatenate(self._parts), 0)
        spelled = self._spell(text)
        if spelled != text and len(spelled) == len(words):
            words = tuple(replace(word, text=character) for word, character in zip(words, spelled, strict=True))
            text = spelled
        return Transcript(text, words, "ctc", is_final=True)
