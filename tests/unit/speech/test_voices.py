"""Prompts: level, recordings made by people, cache, and what is refused."""

import json
import re
import subprocess
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from asr.ports import SpeechError
from asr.voices import sound
from asr.voices.loudness import integrated, level
from asr.voices.recorded import find, text_hash
from asr.voices.studio import Studio

TEXT = "您好，欢迎参加本次远程双录。"


def studio(tmp_path: Path, **options: Path | str) -> Studio:
    recordings = options.get("recordings")
    folder = recordings if isinstance(recordings, Path) else None
    return Studio(tmp_path / "prompts", wanted=str(options.get("wanted", "espeak")), recordings=folder)


def tone(seconds: float, loudness: float = 0.1, rate: int = 48_000) -> sound.Floats:
    samples: sound.Floats = (np.sin(2 * np.pi * 997 * np.arange(int(seconds * rate)) / rate) * loudness).astype(np.float32)
    return samples


def measured(path: Path) -> float:
    done = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    found = re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr)
    return float(found[-1])


def write_wav(path: Path, samples: sound.Floats) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", "not compressed"))
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def test_a_sine_at_full_scale_is_minus_three_lufs() -> None:
    assert integrated(tone(5, 1.0), 48_000) == pytest.approx(-3.01, abs=0.1)


def test_silence_has_no_loudness_and_stays_silence() -> None:
    silent = np.zeros(48_000, np.float32)
    assert integrated(silent, 48_000) == float("-inf")
    assert not level(silent, 48_000, -20).any()


def test_pauses_do_not_count() -> None:
    spaced = np.concatenate([tone(2), np.zeros(96_000, np.float32), tone(2)])
    assert integrated(spaced, 48_000) == pytest.approx(integrated(tone(4), 48_000), abs=0.5)


def test_peaks_stay_below_full_scale() -> None:
    samples = tone(2, 0.01)
    samples[::4_800] = 0.9
    assert np.abs(level(samples, 48_000, -12)).max() < 0.9


def test_prompts_have_one_level(tmp_path: Path) -> None:
    maker = studio(tmp_path)
    for text in (TEXT, "请问您清楚了吗？", "保费20,000.00元，缴费10年，保险期间30年。"):
        assert measured(maker.prepare(text).path) == pytest.approx(-20, abs=1.0)


def test_slower_is_longer_and_marks_are_in_order(tmp_path: Path) -> None:
    maker = studio(tmp_path)
    normal, slow = maker.prepare(TEXT, rate=1.0), maker.prepare(TEXT, rate=0.75)
    assert slow.duration_ms > normal.duration_ms * 1.2
    assert [TEXT[index] for index, _ in normal.marks] == ["您", "欢"]
    times = [at for _, at in normal.marks]
    assert times == sorted(times)
    assert times[-1] < normal.duration_ms


def test_a_damaged_cache_file_is_made_again(tmp_path: Path) -> None:
    maker = studio(tmp_path)
    first = maker.prepare(TEXT)
    first.path.write_bytes(first.path.read_bytes()[:1000])
    again = maker.prepare(TEXT)
    assert again == first
    assert not [path for path in first.path.parent.iterdir() if path.name.endswith(".part")]


def test_the_same_text_gives_the_same_bytes(tmp_path: Path) -> None:
    assert studio(tmp_path / "a").prepare(TEXT).sha256 == studio(tmp_path / "b").prepare(TEXT).sha256


def test_a_missing_voice_is_told_and_espeak_speaks(tmp_path: Path) -> None:
    maker = studio(tmp_path, wanted="piper")
    states = {state.name: state for state in maker.voices()}
    assert not states["piper"].is_available
    assert states["piper"].reason
    assert not states["sherpa"].is_available
    assert maker.prepare(TEXT).voice == "espeak"


def test_a_recording_of_exactly_this_text_is_played(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    write_wav(folder / f"greeting.{text_hash(TEXT)}.wav", tone(2))
    maker = studio(tmp_path, recordings=folder)
    played = maker.prepare(TEXT, recorded_key="greeting")
    assert (played.voice, played.is_synthetic) == ("recorded", False)
    assert played.duration_ms == pytest.approx(2_200, abs=40)
    assert maker.prepare(TEXT + "谢谢。", recorded_key="greeting").voice == "espeak"
    assert maker.prepare(TEXT, recorded_key="other").voice == "espeak"


def test_a_changed_recording_is_not_served_from_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    path = folder / f"greeting.{text_hash(TEXT)}.wav"
    maker = studio(tmp_path, recordings=folder)
    write_wav(path, tone(2))
    first = maker.prepare(TEXT, recorded_key="greeting")
    write_wav(path, tone(3))
    assert maker.prepare(TEXT, recorded_key="greeting").sha256 != first.sha256


@pytest.mark.parametrize("key", ["../x", "a/b", "", "a*"])
def test_keys_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    (tmp_path / "a").mkdir()
    assert find(tmp_path, key, TEXT) is None


def test_a_broken_recording_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / f"greeting.{text_hash(TEXT)}.wav").write_bytes(b"none")
    with pytest.raises(SpeechError) as caught:
        studio(tmp_path, recordings=tmp_path).prepare(TEXT, recorded_key="greeting")
    assert caught.value.code == "RECORDING_BROKEN"


@pytest.mark.parametrize(
    ("text", "rate", "code"), [("！？", 1.0, "PROMPT_EMPTY"), ("好" * 2_001, 1.0, "PROMPT_TOO_LONG"), ("好", 3.0, "PROMPT_RATE")]
)
def test_refusals(tmp_path: Path, text: str, rate: float, code: str) -> None:
    with pytest.raises(SpeechError) as caught:
        studio(tmp_path).prepare(text, rate=rate)
    assert caught.value.code == code


def test_notes_beside_the_sound(tmp_path: Path) -> None:
    made = studio(tmp_path).prepare(TEXT)
    notes = json.loads(made.path.with_suffix(".json").read_text())
    assert notes["is_synthetic"] is True
    with av.open(str(made.path)) as container:
        assert container.format.name == "ogg"
