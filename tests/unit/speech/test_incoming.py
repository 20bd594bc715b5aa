"""Packet order, loss and clock jumps; end-pointing; where models are looked for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.incoming import Chunk, IncomingAudio, duration_ms
from asr.models import CTC, VAD, locate
from asr.vad import FRAME_MS, Endpointer, VadRules


class Echo:
    """A codec whose packets are 20 ms of one repeated value: payload `n` becomes samples `n`."""

    def decode(self, packet: bytes) -> bytes:
        return packet[:1] * 640


def stamp(ms: int) -> int:
    """RTP timestamp of a media instant, with a wrap inside the tests' range."""
    return (2**32 - 2_000 + ms * 48) & 0xFFFFFFFF


def values(chunks: list[Chunk]) -> list[int]:
    return [pcm[at] for chunk in chunks for pcm in [chunk.pcm] for at in range(0, len(pcm), 640)]


def push_all(order: list[int], first: int = 65_530) -> tuple[list[Chunk], IncomingAudio]:
    audio = IncomingAudio(Echo())
    chunks: list[Chunk] = []
    for number in order:
        chunks += audio.push((first + number) & 0xFFFF, number * 20, stamp(number * 20), bytes([number + 1]))
    return chunks + audio.flush(), audio


def test_in_order_across_the_wrap() -> None:
    chunks, audio = push_all(list(range(20)))
    assert values(chunks) == list(range(1, 21))
    assert audio.lost == 0
    assert [chunk.t_ms for chunk in chunks] == [number * 20 for number in range(20)]


@given(st.permutations(range(1, 5)))
def test_small_disorder_is_undone(order: list[int]) -> None:
    chunks, audio = push_all([0, *order, 5, 6])
    assert values(chunks) == list(range(1, 8))
    assert audio.lost == 0


def test_loss_becomes_silence_of_the_same_length() -> None:
    chunks, audio = push_all([0, 1, 4, 5, 6, 7, 8, 9, 10])
    assert values(chunks) == [1, 2, 0, 0, 5, 6, 7, 8, 9, 10, 11]
    assert audio.lost == 2
    assert sum(chunk.lost_ms for chunk in chunks) == 40


def test_late_and_repeated_packets_are_dropped() -> None:
    chunks, _ = push_all([0, 1, 2, 1, 2, 3])
    assert values(chunks) == [1, 2, 3, 4]


def test_silence_not_sent_is_filled_by_the_clock() -> None:
    audio = IncomingAudio(Echo())
    chunks = [*audio.push(1, 0, stamp(0), b"\x01"), *audio.push(2, 400, stamp(400), b"\x02")]
    assert sum(duration_ms(chunk.pcm) for chunk in chunks) == 420
    assert sum(chunk.lost_ms for chunk in chunks) == 0


def test_a_new_connection_is_a_break() -> None:
    audio = IncomingAudio(Echo())
    audio.push(1, 0, stamp(0), b"\x01")
    chunks = audio.push(40_000, 5_000, 77, b"\x02")
    assert [(chunk.t_ms, chunk.is_break) for chunk in chunks] == [(5_000, True)]


def test_the_clock_may_start_again_when_recording_starts() -> None:
    audio = IncomingAudio(Echo())
    audio.push(1, 60_000, stamp(0), b"\x01")
    chunks = audio.push(2, 0, stamp(20), b"\x02")
    assert [(chunk.t_ms, chunk.is_break) for chunk in chunks] == [(0, True)]


@given(st.lists(st.integers(0, 400), min_size=40, max_size=40))
def test_late_arrivals_neither_cut_nor_shift_what_was_said(delays: list[int]) -> None:
    audio, chunks, newest = IncomingAudio(Echo()), [], 0
    for number, delay in enumerate([0, *delays]):
        newest = max(newest, number * 20 + delay)
        chunks += audio.push(number, newest, stamp(number * 20), bytes([number + 1]))
    assert values(chunks) == list(range(1, 42))
    assert [chunk.t_ms for chunk in chunks] == [number * 20 for number in range(41)]


def test_the_earliest_arrivals_date_the_stream() -> None:
    audio = IncomingAudio(Echo())
    chunks = [
        *audio.push(0, 300, stamp(0), b"\x01"),
        *audio.push(1, 300, stamp(20), b"\x02"),
        *audio.push(2, 300, stamp(40), b"\x03"),
    ]
    assert [chunk.t_ms for chunk in chunks] == [300, 300, 300]
    later = [chunk for number in range(3, 9) for chunk in audio.push(number, 260 + number * 20, stamp(number * 20), b"\x04")]
    assert [chunk.t_ms for chunk in later] == [260 + number * 20 for number in range(3, 9)]


def test_a_clock_that_runs_slower_is_followed() -> None:
    audio = IncomingAudio(Echo())
    last = [chunk for number in range(3_000) for chunk in audio.push(number & 0xFFFF, number * 21, stamp(number * 20), b"\x01")][
        -1
    ]
    assert abs(last.t_ms - 2_999 * 21) <= 1_100


def events(probabilities: list[float], **rules: int) -> list[tuple[bool, int]]:
    ends = Endpointer(VadRules(**rules))
    return [(change.is_start, change.at_ms) for chance in probabilities if (change := ends.push(chance))]


def test_speech_begins_and_ends() -> None:
    heard = events([0.0] * 5 + [0.9] * 10 + [0.0] * 20, silence_ms=320)
    assert heard == [(True, 5 * FRAME_MS), (False, 15 * FRAME_MS)]


def test_a_click_is_no_speech() -> None:
    assert events([0.0, 0.9, 0.9, 0.0, 0.0, 0.9, 0.0] * 3) == []


def test_a_short_pause_does_not_end_it() -> None:
    assert events([0.9] * 5 + [0.0] * 8 + [0.9] * 5, silence_ms=320) == [(True, 0)]


def test_missing_models_are_told(tmp_path: Path) -> None:
    (tmp_path / CTC).mkdir()
    (tmp_path / CTC / "tokens.txt").write_text("x")
    found = locate(tmp_path)
    assert found.ctc.folder is None
    assert "fsmn_char_ctc_zh.onnx" in found.ctc.reason
    assert found.vad.folder is None
    assert VAD in found.vad.reason


def test_no_folder_at_all() -> None:
    assert locate(None).ctc.reason == "没有配置模型目录"


def test_a_later_folder_may_have_it(tmp_path: Path) -> None:
    folder = tmp_path / "mirror" / VAD
    folder.mkdir(parents=True)
    (folder / "silero_vad.onnx").write_bytes(b"x")
    assert locate(tmp_path / "none", tmp_path / "mirror").vad.folder == folder


def test_a_configured_vosk_folder_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DR_VOSK_MODEL", str(tmp_path / "own"))
    assert f"{tmp_path.name}/own" in locate(tmp_path).vosk.reason
