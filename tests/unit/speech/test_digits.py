"""Digits read aloud, spliced from human recordings: the right ones pass, others are told apart, doubt is doubt."""

import os
import struct
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from asr.acoustic import AcousticModel
from asr.digits import DigitScorer, spoken
from asr.pinyin import SyllableSums
from asr.ports import SpeechError
from asr.transcribe import read_chunks
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


def test_hours_of_sound_after_the_window_are_not_listened_to(tmp_path: Path) -> None:
    folder = models().vad.folder
    assert folder is not None
    pipe, left = tmp_path / "endless.wav", list[int]()
    os.mkfifo(pipe)

    def speak() -> None:
        with pipe.open("wb", buffering=0) as file:
            file.write(b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16))
            file.write(b"data\xff\xff\xff\xff")
            for second in range(600):
                try:
                    file.write(bytes(32_000))
                except BrokenPipeError:
                    left.append(600 - second)
                    return

    thread = threading.Thread(target=speak)
    thread.start()
    assert spoken(pipe, VadModel.load(folder), 0, 5_000) == b""
    thread.join()
    assert left, "it was read to its end"


def test_a_playlist_is_no_recording(tmp_path: Path) -> None:
    """A file that names other files, whatever it is called: nobody has those read who may upload this one."""
    with wave.open(str(tmp_path / "other.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(32_000))
    (tmp_path / "mine.webm").write_text("ffconcat version 1.0\nfile other.wav\n")
    assert list(read_chunks(tmp_path / "other.wav"))
    with pytest.raises(SpeechError) as caught:
        list(read_chunks(tmp_path / "mine.webm"))
    assert caught.value.code == "FILE_UNREADABLE"
