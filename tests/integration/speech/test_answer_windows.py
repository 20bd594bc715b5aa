"""Human answers through Opus, voice activity and an answer window, with the real models."""

import numpy as np
import pytest

from asr.judges import CtcJudge
from asr.listening import AnswerWindow, WindowSpec
from asr.ports import EngineInfo, Transcript, Verdict
from asr.vad import FRAME_MS, VadRules
from tests.support import speech as kit
from tests.support.speech_engines import engines, listen

pytestmark = [pytest.mark.needs_models, pytest.mark.needs_clips]

YES = ["shi4", "shi4_de", "hao3", "tong2_yi4", "qing1_chu3", "ming2_bai2", "zhi1_dao4", "yuan4_yi4"]
NO = ["bu4", "bu2_shi4", "mei2_you3", "fan3_dui4", "ju4_jue2"]


@pytest.fixture(scope="module")
def judge() -> CtcJudge:
    return engines().judge()


@pytest.mark.parametrize("name", YES)
def test_affirmative_answers(judge: CtcJudge, name: str) -> None:
    result = listen(judge, kit.answer(name))
    assert result.verdict is Verdict.AFFIRMATIVE
    assert result.text == result.phrase == kit.transcripts()[f"short_answers/{name}.mp3"]
    assert result.confidence > 0.5
    assert 400 <= result.start_ms < result.end_ms <= 400 + len(kit.answer(name)) / 16 + 300


@pytest.mark.parametrize("name", NO)
def test_negative_answers(judge: CtcJudge, name: str) -> None:
    result = listen(judge, kit.answer(name))
    assert result.verdict is Verdict.NEGATIVE
    assert result.phrase == kit.transcripts()[f"short_answers/{name}.mp3"]


@pytest.mark.parametrize("name", [*YES, *NO, "que4_ren4"])
def test_noise_never_turns_an_answer_round(judge: CtcJudge, name: str) -> None:
    result = listen(judge, kit.noisy(kit.answer(name), 15.0))
    allowed = {Verdict.UNCLEAR, Verdict.NEGATIVE if name in NO else Verdict.AFFIRMATIVE}
    assert result.verdict in allowed
    if name not in ("bu2_shi4", "yuan4_yi4", "que4_ren4"):
        assert result.verdict is not Verdict.UNCLEAR


@pytest.mark.parametrize("gap_ms", [0, 40])
@pytest.mark.parametrize("name", ["qing1_chu3", "ming2_bai2", "tong2_yi4", "zhi1_dao4"])
def test_negated_answers_are_negative(judge: CtcJudge, name: str, gap_ms: int) -> None:
    result = listen(judge, kit.splice(kit.answer("bu4"), kit.answer(name), gap_ms=gap_ms))
    assert result.verdict is Verdict.NEGATIVE
    assert result.phrase.startswith("不")


@pytest.mark.parametrize("negation", ["bu4", "mei2_you3"])
@pytest.mark.parametrize("snr", [30.0, 15.0, 8.0])
@pytest.mark.parametrize("name", [*YES, "que4_ren4"])
def test_a_negated_answer_is_never_affirmative(judge: CtcJudge, name: str, negation: str, snr: float) -> None:
    said = kit.splice(kit.answer(negation), kit.answer(name))
    assert listen(judge, kit.noisy(said, snr)).verdict is not Verdict.AFFIRMATIVE


def test_sentences_are_no_answers(judge: CtcJudge) -> None:
    for path in kit.transcripts():
        if path.startswith("aishell"):
            assert listen(judge, kit.clip(path), timeout_ms=20_000).verdict is Verdict.UNCLEAR, path


def test_silence_and_noise_are_silent(judge: CtcJudge) -> None:
    for samples in (kit.quiet(3_000), kit.room_noise(3_000, 250.0)):
        assert listen(judge, samples, timeout_ms=4_000).verdict is Verdict.SILENT


def test_without_any_audio_nothing_is_measured(judge: CtcJudge) -> None:
    window = AnswerWindow(WindowSpec("w", "r", "s", 2_000, 700), judge, VadRules(), opened_at=0.0, is_speaking=False)
    assert window.tick(1.9) is None
    result = window.tick(2.0)
    assert result is not None
    assert (result.verdict, result.reasons) == (Verdict.NOT_MEASURED, ("no_audio",))


def test_mostly_missing_audio_is_not_silence(judge: CtcJudge) -> None:
    window = AnswerWindow(WindowSpec("w", "r", "s", 2_000, 700), judge, VadRules(), opened_at=0.0, is_speaking=False)
    for index in range(10):
        window.frame(index * FRAME_MS, bytes(1024), 0.0)
    assert window.close(2.0).verdict is Verdict.NOT_MEASURED


def test_what_was_said_before_the_opening_does_not_count(judge: CtcJudge) -> None:
    samples = np.concatenate([kit.answer("shi4_de"), kit.quiet(600), kit.answer("bu2_shi4")])
    after_first = 400 + len(kit.answer("shi4_de")) // 16
    assert listen(judge, samples, opened_ms=after_first + 100).verdict is Verdict.NEGATIVE


def test_an_answer_that_began_before_the_opening_is_let_pass(judge: CtcJudge) -> None:
    """不清楚 with the window opening after the 不 must not become 清楚."""
    negation = kit.voiced(kit.answer("bu4"))
    samples = kit.splice(kit.answer("bu4"), kit.answer("qing1_chu3"))
    result = listen(judge, samples, opened_ms=400 + len(negation) // 16, is_speaking=True, timeout_ms=3_000)
    assert result.verdict is not Verdict.AFFIRMATIVE
    assert "speech_before_open" in result.reasons


def test_after_an_early_word_the_next_answer_counts(judge: CtcJudge) -> None:
    samples = np.concatenate([kit.answer("hao3"), kit.quiet(500), kit.answer("tong2_yi4")])
    result = listen(judge, samples, opened_ms=700, is_speaking=True)
    assert (result.verdict, result.phrase) == (Verdict.AFFIRMATIVE, "同意")


def test_lost_audio_in_an_answer_takes_a_yes_away(judge: CtcJudge) -> None:
    result = listen(judge, kit.answer("qing1_chu3"), losses=((600, 200),))
    assert result.verdict is Verdict.UNCLEAR
    assert "audio_lost" in result.reasons


class Hears:
    """A second engine that hears what it is told."""

    def __init__(self, text: str) -> None:
        self.info = EngineInfo("second", "1", "none", is_streaming=True, gives_words=False)
        self._text = text

    def stream(self) -> "Hears":
        return self

    def feed(self, pcm: bytes) -> Transcript | None:
        return None

    def finish(self) -> Transcript:
        return Transcript(self._text, (), "second", is_final=True)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("清楚", Verdict.AFFIRMATIVE), ("青州", Verdict.AFFIRMATIVE), ("不清楚", Verdict.UNCLEAR), ("我不请出", Verdict.UNCLEAR)],
)
def test_a_second_engine_can_only_take_a_verdict_away(text: str, verdict: Verdict) -> None:
    result = listen(engines().judge(second=Hears(text)), kit.answer("qing1_chu3"))
    assert (result.verdict, result.text) == (verdict, text)
    assert ("engines_disagree" in result.reasons) is (verdict is Verdict.UNCLEAR)


def test_somebody_speaking_at_the_end_may_finish(judge: CtcJudge) -> None:
    result = listen(judge, kit.answer("tong2_yi4"), timeout_ms=900)
    assert result.verdict is Verdict.AFFIRMATIVE
