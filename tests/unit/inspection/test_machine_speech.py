"""Checks of who spoke when: figures against limits, nothing passes without being measured."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import machine_speech as rules
from server.recordings.finalise.wanted import sounds
from server.recordings.rulebook import load_rulebook

LIMITS = load_rulebook().limits
NOTHING: tuple[list[list[int]] | None, ...] = (None, [])
spans = st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 2_000)).map(lambda s: [s[0], s[0] + s[1]]), max_size=6)


@given(one=spans, two=spans)
def test_overlap_is_a_part_of_the_speech(one: list[list[int]], two: list[list[int]]) -> None:
    check = rules.check_overlap({"a": one, "b": two}, LIMITS)
    if not one or not two:
        assert check.result == "not_measured"
        return
    assert check.value is not None
    assert 0 <= check.value <= 1
    on = [sum(any(s <= t < e for s, e in each) for each in (one, two)) for t in range(0, 11_000, 250)]
    if 2 in on:
        assert check.value > 0


def test_overlap() -> None:
    assert rules.check_overlap(None, LIMITS).reason == "MEASURING_FAILED"
    assert rules.check_overlap({"a": [[0, 1000]], "b": []}, LIMITS).reason == "ONE_VOICE"
    talk = rules.check_overlap({"a": [[0, 1000]], "b": [[1000, 2000]]}, LIMITS)
    assert (talk.result, talk.value) == ("pass", 0)
    both = rules.check_overlap({"a": [[0, 2000]], "b": [[1000, 3000]]}, LIMITS)
    assert (both.result, both.value) == ("warn", 0.3333)
    assert both.spans == ({"t0_ms": 1000, "t1_ms": 2000},)


def test_pace_of_prompts() -> None:
    prompt = {"node_id": "n", "syllables": 20, "t0_ms": 1000, "t1_ms": 6000, "has_care": False}
    [fine] = rules.check_prompts([prompt], [[1000, 6000]], LIMITS)
    assert (fine.result, fine.value) == ("pass", 4.0)
    [fast] = rules.check_prompts([prompt | {"syllables": 40}], [[1000, 6000]], LIMITS)
    assert fast.result == "warn"
    [elderly] = rules.check_prompts([prompt | {"syllables": 25, "has_care": True}], [[1000, 6000]], LIMITS)
    assert elderly.result == "warn"
    assert [rules.check_prompts([prompt], voices, LIMITS)[0].reason for voices in NOTHING] == ["MEASURING_FAILED", "NO_SOUND"]


ANSWER: dict[str, Any] = {
    "node_id": "n", "person_id": "p", "seat_id": "s", "verdict": "affirmative", "start_ms": 1000, "end_ms": 1600,
}  # fmt: skip


def mouth(motion: float | None, looked: int = 9) -> dict[str, Any]:
    return {"node_id": "n", "person_id": "p", "looked": looked, "compared": looked - 1, "motion": motion}


@pytest.mark.parametrize(
    ("voices", "mouths", "results"),
    [
        ({"s": [[1000, 1500]]}, [mouth(2.0)], ["pass", "pass"]),
        ({"s": [[1000, 1500]]}, [mouth(1.0)], ["pass", "not_measured"]),
        ({"s": [[3000, 4000]], "agent": [[1000, 1500]]}, [mouth(1.0)], ["fail", "not_measured"]),
        ({"s": []}, [mouth(None)], ["fail", "not_measured"]),
        ({}, [], ["not_measured", "not_measured"]),
        (None, [mouth(None, 0)], ["not_measured", "not_measured"]),
    ],
)
def test_answers_are_spoken_by_the_person(voices: Any, mouths: Any, results: list[str]) -> None:
    assert [check.result for check in rules.check_spoken_answers([ANSWER], voices, mouths, LIMITS)] == results


def test_silence_is_no_answer_to_measure() -> None:
    checks = rules.check_spoken_answers([ANSWER | {"verdict": "silent"}], {"s": [[0, 9000]]}, [mouth(3.0)], LIMITS)
    assert {check.reason for check in checks} == {"NO_ANSWER_HEARD"}


def test_coaching() -> None:
    window = {"node_id": "n", "person_id": "p", "seat_id": "s", "t0_ms": 1000, "t1_ms": 5000, "is_with_agent": False}
    own = {"s": [[3000, 3600]]}
    [quiet] = rules.check_coaching([window], own | {"agent": [[0, 1200]]}, "agent", LIMITS)
    assert (quiet.result, quiet.value) == ("pass", 200)
    [speaks] = rules.check_coaching([window], own | {"agent": [[1500, 2500]]}, "agent", LIMITS)
    assert (speaks.result, speaks.value, len(speaks.spans)) == ("fail", 1000, 1)
    [echo] = rules.check_coaching([window], own | {"agent": [[3000, 3700]]}, "agent", LIMITS)
    assert (echo.result, echo.value) == ("pass", 100)  # the customer's own voice from the agent's loudspeaker
    [beside] = rules.check_coaching([window | {"is_with_agent": True}], own, "agent", LIMITS)
    assert beside.reason == "SAME_PLACE"
    assert rules.check_coaching([window], own, "agent", LIMITS)[0].result == "not_measured"


def said(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"seat_id": "agent", "start_ms": 0, "end_ms": 5000, "syllables": sounds(text), **more}]


def wanted(code: str, text: str) -> dict[str, Any]:
    return {"code": code, "node_id": "n", "seat_id": "agent", "syllables": sounds(text), "t0_ms": 0, "t1_ms": 9000}


def result(code: str, text: str, lines: list[dict[str, Any]] | None) -> str:
    [check] = rules.check_required([wanted(code, text)], lines, LIMITS)
    return check.result


def test_what_the_agent_must_say() -> None:
    assert result("said_name", "张三", said("您好我是示例人寿的章山，执业证编号")) == "pass"  # homophones of the recogniser
    assert result("said_name", "张三", said("您好我是示例人寿的业务员")) == "warn"
    assert result("said_licence", "02000111", said("执业证编号零二零零零幺幺幺")) == "pass"
    assert result("said_licence", "02000111", said("执业证编号我没有带")) == "warn"
    assert result("said_name", "张三", None) == "not_measured"
    assert result("said_name", "张三", said("我是张三", seat_id="customer")) == "not_measured"
    assert result("said_name", "张三", said("我是张三", start_ms=20_000, end_ms=21_000)) == "not_measured"
    both = [wanted("said_company", "示例人寿北京分公司"), wanted("said_company", "示例人寿")]
    [best] = rules.check_required(both, said("我是示例人寿的张三"), LIMITS)
    assert (best.result, best.value) == ("pass", 1.0)


@given(text=st.text(st.sampled_from("保本不承诺清楚明白张李王"), min_size=1, max_size=8), around=st.text(max_size=10))
def test_what_was_said_whole_is_found_whole(text: str, around: str) -> None:
    assert rules.said_share(sounds(around) + sounds(text) + sounds(around), sounds(text)) == 1
    assert 0 <= rules.said_share(sounds(around), sounds(text)) <= 1


def test_nothing_passes_without_limits() -> None:
    checks = [
        rules.check_overlap({"a": [[0, 9]], "b": [[0, 9]]}, {}),
        *rules.check_spoken_answers([ANSWER], {"s": [[1000, 1500]]}, [mouth(9.0)], {}),
        *rules.check_required([wanted("said_name", "张三")], said("张三"), {}),
    ]
    assert {check.result for check in checks} == {"not_measured"}
