"""Digits read aloud, spliced from human recordings: the right ones pass, others are told apart, doubt is doubt."""

import wave
from pathlib import Path

import numpy as np
import pytest

from asr.acoustic import AcousticModel
from asr.digits import DigitScorer, spoken
from asr.pinyin import SyllableSums
from asr.ports import SpeechError
from asr.vad import VadModel
from tests.support.speech import Samples, clip, models, quiet

pytestmark = [pytest.mark.needs_models, pytest.mark.needs_clips]


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    folder = models().ctc.folder
    assert folder is not None
    return AcousticModel.load(folder)


@pytest.fixture(scope="module")
def scorer(model: AcousticModel) -> DigitScorer:
    return DigitScorer(SyllableSums(model.tokens))


def reading(*parts: str) -> Samples:
    """`60` and `33` as people said them in whole sentences, with pauses."""
    cuts = {"60": clip("aishell3/SSB02870480.wav")[16_000:27_200], "33": clip("aishell3/SSB03070366.wav")[12_800:25_600]}
    return np.concatenate([quiet(300), *(piece for part in parts for piece in (cuts[part], quiet(150))), quiet(300)])


@pytest.mark.parametrize("parts", [("60", "33"), ("33", "60"), ("60", "60")])
def test_the_shown_digits_pass_and_no_others(model: AcousticModel, scorer: DigitScorer, parts: tuple[str, ...]) -> None:
    digits = "".join(parts)
    log_probs = model.log_probs(reading(*parts).tobytes())
    assert scorer.score(log_probs, digits).is_said is True
    rng = np.random.default_rng(5)
    others = {f"{number:04d}" for number in rng.integers(0, 10_000, 60)} | {digits[:3] + "8", "1" + digits[1:], digits[::-1]}
    for other in others - {digits}:
        assert scorer.score(log_probs, other).is_said is not True, other


def test_clearly_other_digits_are_told_from_a_mumble(model: AcousticModel, scorer: DigitScorer) -> None:
    said = model.log_probs(reading("33", "60").tobytes())
    other = scorer.score(said, "9158")
    assert (other.is_said, other.heard) == (False, "3360")
    sentence = scorer.score(model.log_probs(clip("aishell3/SSB01970187.wav").tobytes()), "3360")
    assert (sentence.is_said, sentence.reason) == (None, "UNCLEAR")
    silent = scorer.score(model.log_probs(quiet(90).tobytes()), "3360")
    assert silent.is_said is None


def test_only_what_was_said_in_the_window_counts(model: AcousticModel, scorer: DigitScorer, tmp_path: Path) -> None:
    folder = models().vad.folder
    assert folder is not None
    vad = VadModel.load(folder)
    path = tmp_path / "said.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.concatenate([quiet(1000), reading("33", "60"), quiet(1000)]).tobytes())
    inside = spoken(path, vad, 0, 4000)
    assert scorer.score(model.log_probs(inside), "3360").is_said is True
    assert spoken(path, vad, 8000, 9000) == b""
    with pytest.raises(SpeechError) as caught:
        spoken(tmp_path / "none.wav", vad, 0, 1000)
    assert caught.value.code == "FILE_UNREADABLE"
