"""The closed-answer scorer: which phrase of a lexicon was said, or that it cannot be told.

Character probabilities are summed over toneless syllables, every phrase gets its CTC forward score minus the best free path,
and the whole utterance must be the phrase. A negation heard inside an affirmative answer, a low score or a small distance to the
other side make the verdict `unclear`: ask again, never guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from asr.ctc import Doubles, forward, free_path
from asr.lexicon import AnswerRules, Phrase, Thresholds, expand
from asr.pinyin import SyllableSums, syllables
from asr.ports import AnswerLexicon, Verdict

_SECOND_LOOK = 6


@dataclass(frozen=True, slots=True)
class CompiledLexicon:
    """A lexicon in the model's classes; `unscorable` phrases contain sounds the model does not know."""

    phrases: tuple[Phrase, ...]
    labels: tuple[tuple[int, ...], ...]
    lead_ins: tuple[tuple[int, ...], ...]
    negations: tuple[tuple[str, int], ...]
    unscorable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What the scorer made of one utterance; `best_side` is the side of the best phrase even when the verdict is unclear."""

    verdict: Verdict
    phrase: str
    best_side: Verdict
    score: float
    margin: float
    confidence: float
    reasons: tuple[str, ...]


class AnswerScorer:
    """Scores utterances; holds no state of its own and may be shared between threads."""

    def __init__(self, tokens: Sequence[str], rules: AnswerRules, thresholds: Thresholds) -> None:
        self.sums = SyllableSums(tokens)
        self._rules = rules
        self._limits = thresholds

    def compile(self, lexicon: AnswerLexicon) -> CompiledLexicon:
        """Prepare a lexicon."""
        kept: list[Phrase] = []
        labels: list[tuple[int, ...]] = []
        unscorable: list[str] = []
        for phrase in expand(lexicon, self._rules):
            if all(sound in self.sums.index for sound in phrase.sounds):
                kept.append(phrase)
                labels.append(self._labels(phrase.sounds))
            else:
                unscorable.append(phrase.text)
        sounds = (syllables(text) for text in self._rules.lead_ins)
        lead_ins = tuple(self._labels(lead) for lead in sounds if all(sound in self.sums.index for sound in lead))
        negations = tuple((name, self.sums.index[name]) for name in self._rules.negation_syllables if name in self.sums.index)
        return CompiledLexicon(tuple(kept), tuple(labels), lead_ins, negations, tuple(unscorable))

    def _labels(self, sounds: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self.sums.index[sound] for sound in sounds)

    def score(self, log_probs: npt.NDArray[np.float32], lexicon: CompiledLexicon) -> Score:
        """Judge one utterance from the acoustic model's log probabilities [steps, tokens]."""
        probs = self.sums(log_probs)
        if len(probs) == 0 or not lexicon.phrases:
            return Score(Verdict.UNCLEAR, "", Verdict.UNCLEAR, -99.0, 0.0, 0.0, ("nothing_to_score",))
        scores = self._scores(probs, lexicon)
        sides = np.array([phrase.side.value for phrase in lexicon.phrases])
        best = int(scores.argmax())
        winner = lexicon.phrases[best]
        tops = {side: float(scores[sides == side.value].max(initial=-99.0)) for side in _SIDES}
        answers = max(tops[Verdict.AFFIRMATIVE], tops[Verdict.NEGATIVE])
        if winner.side is Verdict.UNCLEAR:
            heard_filler = tops[Verdict.UNCLEAR] - answers > self._limits.filler_margin
            reason = "filler" if heard_filler and scores[best] > self._limits.min_score(Verdict.NEGATIVE, 2) else "low_score"
            return Score(Verdict.UNCLEAR, winner.text, winner.side, float(scores[best]), 0.0, 0.0, (reason,))
        other = Verdict.NEGATIVE if winner.side is Verdict.AFFIRMATIVE else Verdict.AFFIRMATIVE
        margin = min(float(scores[best]) - tops[other], 99.0)
        reasons = self._doubts(probs, lexicon, winner, float(scores[best]), margin)
        confidence = self._confidence(float(scores[best]), margin)
        verdict = Verdict.UNCLEAR if reasons else winner.side
        return Score(verdict, winner.text, winner.side, float(scores[best]), margin, confidence, reasons)

    def _doubts(self, probs: Doubles, lexicon: CompiledLexicon, winner: Phrase, score: float, margin: float) -> tuple[str, ...]:
        limits = self._limits
        reasons: list[str] = []
        if score < limits.min_score(winner.side, len(winner.sounds)):
            reasons.append("low_score")
        if margin < (limits.affirmative_margin if winner.side is Verdict.AFFIRMATIVE else limits.negative_margin):
            reasons.append("small_margin")
        if winner.side is Verdict.AFFIRMATIVE:
            columns = [number for name, number in lexicon.negations if name not in winner.sounds]
            if columns and float(np.exp(probs[:, columns].max())) > limits.max_negation:
                reasons.append("negation_heard")
        return tuple(reasons)

    def _scores(self, probs: Doubles, lexicon: CompiledLexicon) -> Doubles:
        """Score of each phrase, or of the phrase after a lead-in or said twice where that fits better."""
        free = free_path(probs)
        scores = np.maximum(forward(probs, lexicon.labels) - free, -99.0)
        sides = [phrase.side for phrase in lexicon.phrases]
        order = np.argsort(-scores)
        variants: list[tuple[int, ...]] = []
        owners: list[int] = []
        for side in (Verdict.AFFIRMATIVE, Verdict.NEGATIVE):
            for row in [int(row) for row in order if sides[row] is side][:_SECOND_LOOK]:
                labels = lexicon.labels[row]
                forms = [labels + labels, *(lead + labels for lead in lexicon.lead_ins)]
                variants += forms
                owners += [row] * len(forms)
        if variants:
            np.maximum.at(scores, np.array(owners), forward(probs, variants) - free)
        return scores

    def _confidence(self, score: float, margin: float) -> float:
        limits = self._limits
        value = np.exp(min(score, 0.0) / limits.score_scale) * (1.0 - np.exp(-max(margin, 0.0) / limits.margin_scale))
        return round(float(value), 3)


_SIDES = (Verdict.AFFIRMATIVE, Verdict.NEGATIVE, Verdict.UNCLEAR)
