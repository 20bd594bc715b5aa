"""The challenge of the face check: what is asked is random and whole, what cannot be measured never passes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.callbacks.library import shipped_rulebook, shipped_rulebooks
from server.domain.callback.liveness import Challenge, Step, judge, make_challenge

RULES = replace(shipped_rulebook("S0").identity, by_certificate={"other": "face"})
TURNS = Challenge("turns", (Step("straight", 0, 1500), Step("turn_left", 1500, 4500)), "")
DIGITS = Challenge("digits", (Step("read", 0, 6000), Step("turn_left", 6000, 9000)), "4276")
GOOD: dict[str, Any] = {"is_same": True, "is_live": True, "similarity": 0.7, "threshold": 0.38, "reasons": []}
SAID = {"is_said": True, "heard": "4276", "reason": ""}


@given(st.randoms(use_true_random=False), st.sampled_from(["turns", "digits"]))
def test_steps_follow_each_other_without_a_gap(random: Any, kind: str) -> None:
    challenge = make_challenge(kind, RULES, random.randrange)
    assert challenge.steps[0].from_ms == 0
    for before, after in zip(challenge.steps, challenge.steps[1:], strict=False):
        assert before.to_ms == after.from_ms
    assert all(step.to_ms - step.from_ms >= 1000 for step in challenge.steps)
    turns = [step for step in challenge.steps if step.action.startswith("turn_")]
    assert len(turns) == (RULES.challenge_turns if kind == "turns" else 1)
    assert len(challenge.digits) == (0 if kind == "turns" else RULES.challenge_digits)
    assert all(a != b for a, b in zip(challenge.digits, challenge.digits[1:], strict=False)), "no digit twice in a row"


def test_challenges_differ() -> None:
    numbers = iter(range(10_000))
    made = {make_challenge("digits", RULES, lambda below: next(numbers) * 7 % below).digits for _ in range(50)}
    assert len(made) > 10


@pytest.mark.parametrize(
    ("face", "spoken", "challenge", "expected"),
    [
        (GOOD, None, TURNS, (True, None)),
        (GOOD, SAID, DIGITS, (True, None)),
        ({**GOOD, "is_same": False, "is_live": False, "reasons": ["FACE_DIFFERS"]}, SAID, DIGITS, (False, "FACE_DIFFERS")),
        ({**GOOD, "is_live": False, "reasons": ["CHALLENGE_NOT_MET"]}, None, TURNS, (False, "CHALLENGE_NOT_MET")),
        ({**GOOD, "is_live": None, "reasons": ["TURN_NOT_COMPARED"]}, None, TURNS, (None, "TURN_NOT_COMPARED")),
        ({**GOOD, "is_live": None}, None, TURNS, (None, "CHALLENGE_NOT_MEASURED")),
        ({**GOOD, "is_same": None, "reasons": ["FACE_NONE"]}, None, TURNS, (None, "FACE_NONE")),
        ({**GOOD, "reasons": ["FACE_MANY"]}, None, TURNS, (None, "FACE_MANY")),
        ({"is_same": None, "is_live": None, "reasons": ["MODEL_MISSING: x/y"]}, None, TURNS, (None, "MODEL_MISSING")),
        ({}, None, TURNS, (None, "FACE_UNCERTAIN")),
        (GOOD, None, DIGITS, (None, "SPEECH_UNAVAILABLE")),
        (GOOD, {"is_said": None, "reason": "SILENT"}, DIGITS, (None, "DIGITS_SILENT")),
        (GOOD, {}, DIGITS, (None, "DIGITS_UNCLEAR")),
        (GOOD, {"is_said": False, "heard": "1111"}, DIGITS, (False, "DIGITS_DIFFER")),
    ],
)
def test_what_a_video_means(face: dict[str, Any], spoken: Any, challenge: Challenge, expected: tuple[Any, Any]) -> None:
    verdict = judge(challenge, face, spoken)
    assert (verdict.is_passed, verdict.reason) == expected


@given(
    st.fixed_dictionaries({"is_same": st.sampled_from([True, False, None]), "is_live": st.sampled_from([True, False, None])}),
    st.one_of(st.none(), st.fixed_dictionaries({"is_said": st.sampled_from([True, False, None])})),
    st.sampled_from([TURNS, DIGITS]),
)
def test_only_everything_measured_and_right_passes(face: dict[str, Any], spoken: Any, challenge: Challenge) -> None:
    is_said = not challenge.digits or (spoken is not None and spoken["is_said"] is True)
    expected = face["is_same"] is True and face["is_live"] is True and is_said
    assert (judge(challenge, face, spoken).is_passed is True) == expected


def test_every_shipped_rulebook_names_a_challenge() -> None:
    for name in shipped_rulebooks():
        assert shipped_rulebook(name).identity.challenges
    assert shipped_rulebook("S2").identity.challenges[0] == "digits", "four digits, read aloud slowly"
