"""The real engines for the speech tests, loaded once per run, and an answer window fed faster than real time."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from asr.dictation import CtcRecogniser
from asr.judges import CtcJudge, Judge
from asr.lexicon import default_lexicon, default_rules, default_thresholds
from asr.listening import AnswerWindow, WindowSpec
from asr.matching import TextMatcher
from asr.opus import DecoderFactory
from asr.ports import AnswerLexicon, AnswerResult, Recogniser
from asr.scorer import AnswerScorer
from asr.vad import FRAME_MS, VadModel, VadRules, VadStream
from tests.support import speech as kit


@dataclass(frozen=True, slots=True)
class Engines:
    """What a window needs."""

    ctc: CtcRecogniser
    vad: VadModel

    def judge(self, lexicon: AnswerLexicon | None = None, second: Recogniser | None = None) -> CtcJudge:
        """A judge for a lexicon (the default one), perhaps with a second engine."""
        chosen = lexicon or default_lexicon()
        rules = default_rules()
        scorer = AnswerScorer(self.ctc.dictation.model.tokens, rules, default_thresholds())
        return CtcJudge(self.ctc.dictation, scorer, scorer.compile(chosen), second, TextMatcher(chosen, rules))


@cache
def _load() -> Engines:
    models = kit.models()
    assert models.ctc.folder is not None
    assert models.vad.folder is not None
    return Engines(CtcRecogniser.load(models.ctc.folder, models.trigram.folder), VadModel.load(models.vad.folder))


def engines() -> Engines:
    """The engines, or a visible skip."""
    kit.models()
    return _load()


def listen(
    judge: Judge,
    samples: kit.Samples,
    *,
    is_speaking: bool = False,
    timeout_ms: int = 10_000,
    silence_ms: int = 700,
    noise: float = 15.0,
    opened_ms: int = 0,
    losses: tuple[tuple[int, int], ...] = (),
) -> AnswerResult:
    """Put an utterance with a little room noise around it through Opus, voice activity and an answer window.

    The window opens `opened_ms` into the audio; `losses` are (time, length) of audio reported as lost.
    """
    around = [kit.room_noise(400, noise), samples, kit.room_noise(1_500, noise, seed=5)]
    pcm = kit.through_opus(np.concatenate(around), DecoderFactory().open())
    spec = WindowSpec("w", "room", "seat", timeout_ms, silence_ms)
    window = AnswerWindow(spec, judge, VadRules(), opened_at=opened_ms / 1000, is_speaking=is_speaking)
    for t_ms, length in losses:
        window.lost(t_ms, length)
    for index, (frame, probability) in enumerate(VadStream(engines().vad).feed(pcm)):
        t_ms = index * FRAME_MS
        if t_ms < opened_ms:
            continue
        result = window.frame(t_ms, frame, probability) or window.tick(t_ms / 1000)
        if result is not None:
            return result
    return window.close(len(pcm) / 32_000)
