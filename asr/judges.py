"""What decides an answer window: the CTC scorer, or vosk in grammar mode where only that is installed."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from asr.dictation import Dictation, Floats
from asr.matching import TextMatcher
from asr.ports import Recogniser, Transcript, TranscriptStream, Verdict
from asr.scorer import AnswerScorer, CompiledLexicon


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one utterance meant."""

    verdict: Verdict
    text: str
    phrase: str
    confidence: float
    margin: float
    reasons: tuple[str, ...]


class PartialStream(Protocol):
    """The running text of an utterance."""

    def feed(self, pcm: bytes) -> str | None:
        """Take audio; the text when it changed."""
        ...


class Judge(Protocol):
    """Decides the utterances of one window."""

    engine: str

    def partials(self) -> PartialStream:
        """Open a running text."""
        ...

    def judge(self, pcm: bytes) -> Judgement:
        """Decide one utterance."""
        ...


class CtcJudge:
    """The closed-answer scorer; an optional second engine gives the stored text and can only take a verdict away."""

    engine = "ctc-closed"

    def __init__(
        self,
        dictation: Dictation,
        scorer: AnswerScorer,
        lexicon: CompiledLexicon,
        second: Recogniser | None,
        matcher: TextMatcher,
    ) -> None:
        self._dictation = dictation
        self._scorer = scorer
        self._lexicon = lexicon
        self._second = second
        self._matcher = matcher

    def partials(self) -> "CtcPartials":
        """Open a running text."""
        return CtcPartials(self._dictation, self._matcher)

    def judge(self, pcm: bytes) -> Judgement:
        """Decide one utterance."""
        log_probs = self._dictation.model.log_probs(pcm)
        score = self._scorer.score(log_probs, self._lexicon)
        text = self._matcher.spell(self._dictation.decode(log_probs, 0)[0])
        verdict, reasons = score.verdict, score.reasons
        if self._second is not None:
            heard = _hear(self._second, pcm).text
            text = heard or text
            contradicts = {verdict, self._matcher.match(heard)} == {Verdict.AFFIRMATIVE, Verdict.NEGATIVE}
            if contradicts or (verdict is Verdict.AFFIRMATIVE and self._matcher.leans_negative(heard)):
                verdict, reasons = Verdict.UNCLEAR, (*reasons, "engines_disagree")
        if verdict is Verdict.UNCLEAR and score.phrase:
            reasons = (*reasons, f"nearest:{score.phrase}")
        phrase = "" if verdict is Verdict.UNCLEAR else score.phrase
        return Judgement(verdict, text, phrase, score.confidence, round(score.margin, 2), reasons)


class CtcPartials:
    """Greedy text of the running utterance."""

    def __init__(self, dictation: Dictation, matcher: TextMatcher) -> None:
        self._dictation = dictation
        self._matcher = matcher
        self._stream = dictation.model.stream()
        self._parts: list[Floats] = []
        self._text = ""

    def feed(self, pcm: bytes) -> str | None:
        """Take audio; the text when it changed."""
        out = self._stream.feed(pcm)
        if len(out) == 0:
            return None
        self._parts.append(out)
        text = self._matcher.spell(self._dictation.greedy_text(np.concatenate(self._parts)))
        if text == self._text:
            return None
        self._text = text
        return text


class GrammarJudge:
    """A grammar-mode recogniser decides; a phrase must be the whole text and every word of it sure."""

    engine = "vosk-grammar"

    def __init__(self, recogniser: Recogniser, matcher: TextMatcher, *, min_confidence: float = 0.8) -> None:
        self._recogniser = recogniser
        self._matcher = matcher
        self._limit = min_confidence

    def partials(self) -> "RecogniserPartials":
        """Open a running text."""
        return RecogniserPartials(self._recogniser.stream())

    def judge(self, pcm: bytes) -> Judgement:
        """Decide one utterance."""
        heard = _hear(self._recogniser, pcm)
        verdict = self._matcher.match(heard.text)
        confidence = min((word.confidence for word in heard.words), default=0.0)
        reasons: tuple[str, ...] = ()
        if verdict is Verdict.UNCLEAR:
            reasons = ("no_phrase",)
        elif confidence < self._limit or math.isnan(confidence):
            verdict, reasons = Verdict.UNCLEAR, ("low_score",)
        phrase = "" if verdict is Verdict.UNCLEAR else heard.text
        return Judgement(verdict, heard.text, phrase, confidence, 0.0, reasons)


class RecogniserPartials:
    """Partial texts of any streaming recogniser."""

    def __init__(self, stream: TranscriptStream) -> None:
        self._stream = stream

    def feed(self, pcm: bytes) -> str | None:
        """Take audio; the text when it changed."""
        partial = self._stream.feed(pcm)
        return partial.text if partial is not None else None


def _hear(recogniser: Recogniser, pcm: bytes) -> Transcript:
    stream = recogniser.stream()
    stream.feed(pcm)
    return stream.finish()
