"""Judges over engines that give text: grammar mode, and what a second engine may do."""

import pytest

from asr.judges import GrammarJudge
from asr.lexicon import default_lexicon, default_rules
from asr.matching import TextMatcher
from asr.ports import EngineInfo, Transcript, Verdict, Word


class Says:
    """A recogniser that always hears the same."""

    def __init__(self, text: str, confidence: float) -> None:
        self.info = EngineInfo("says", "1", "none", is_streaming=True, gives_words=True)
        self._heard = Transcript(text, (Word(text, 0, 100, confidence),) if text else (), "says", is_final=True)

    def stream(self) -> "Says":
        return self

    def feed(self, pcm: bytes) -> Transcript | None:
        return self._heard if pcm else None

    def finish(self) -> Transcript:
        return self._heard


@pytest.mark.parametrize(
    ("text", "confidence", "verdict"),
    [
        ("是的", 0.95, Verdict.AFFIRMATIVE),
        ("不清楚", 0.95, Verdict.NEGATIVE),
        ("是的", 0.5, Verdict.UNCLEAR),
        ("是的", float("nan"), Verdict.UNCLEAR),
        ("天气", 1.0, Verdict.UNCLEAR),
        ("", 1.0, Verdict.UNCLEAR),
    ],
)
def test_grammar_judge(text: str, confidence: float, verdict: Verdict) -> None:
    judge = GrammarJudge(Says(text, confidence), TextMatcher(default_lexicon(), default_rules()))
    judged = judge.judge(b"\0\0")
    assert judged.verdict is verdict
    assert bool(judged.phrase) is (verdict is not Verdict.UNCLEAR)
    assert judge.partials().feed(b"\0\0") == text
