"""Checks of pictures: figures against limits, a machine warns where light and motion may deceive it."""

from typing import Any

import pytest

from server.domain import machine_pictures as rules
from server.recordings.rulebook import load_rulebook

LIMITS = load_rulebook().limits
FACES: dict[str, Any] = {
    "looked": 10, "face_ratio": 1.0, "absent": [], "several_at_ms": [], "compared": 10, "same": 10, "unsure": 0,
    "others_at_ms": [], "can_know": True, "strangers_at_ms": [], "likeness": 0.8, "likeness_min": 0.6,
}  # fmt: skip


def faces(**changes: Any) -> dict[str, str]:
    measured = {"seats": {"s": {"camera": {}, "faces": FACES | changes}}}
    return {check.code: check.result for check in rules.check_faces(measured, ["s"], LIMITS)}


def test_faces() -> None:
    assert set(faces().values()) == {"pass"}
    assert faces(face_ratio=0.5, absent=[[0, 5000]])["face_present"] == "fail"
    assert faces(several_at_ms=[5])["alone_in_picture"] == "warn"
    assert faces(others_at_ms=[5])["same_person"] == "warn"
    assert faces(others_at_ms=list(range(11)))["same_person"] == "fail"
    for others, of, result in ((1, 2, "warn"), (2, 40, "warn"), (2, 39, "fail"), (60, 180, "fail"), (2, 3, "fail")):
        found = faces(others_at_ms=list(range(others)), compared=of, same=of - others)["same_person"]
        assert (others, of, found) == (others, of, result), "another person for a while is another person"
    assert faces(same=0, unsure=10)["same_person"] == "warn"
    assert faces(compared=0, can_know=False) | {"x": ""} == {
        "face_present": "pass", "alone_in_picture": "pass", "same_person": "not_measured", "stranger": "not_measured", "x": "",
    }  # fmt: skip
    assert [faces(strangers_at_ms=list(range(n)))["stranger"] for n in (0, 1, 2)] == ["pass", "warn", "fail"]


def test_the_agent_is_not_compared_without_a_picture() -> None:
    measured = {"seats": {"a": {"camera": {}, "faces": FACES | {"compared": 0, "can_know": False}}}}
    codes = [check.code for check in rules.check_faces(measured, ["a"], LIMITS, compared=[])]
    assert codes == ["face_present", "alone_in_picture"]


@pytest.mark.parametrize(
    ("measured", "reason"), [(None, "FACE_MODEL_MISSING"), ({"seats": {"s": {"camera": None, "faces": None}}}, "NO_PICTURE")]
)
def test_faces_not_measured(measured: Any, reason: str) -> None:
    assert {(check.result, check.reason) for check in rules.check_faces(measured, ["s"], LIMITS)} == {("not_measured", reason)}


def test_cards() -> None:
    wanted = [{"node_id": "n", "person_id": "p", "seat_id": "s", "t0_ms": 0, "t1_ms": 9}]
    card = {"node_id": "n", "person_id": "p", "looked": 20, "cards": 3, "portraits": 2, "largest": 0.2, "at_ms": [4]}

    def result(cards: Any) -> str:
        [check] = rules.check_cards(cards, wanted, LIMITS)
        return check.result

    assert result([card]) == "pass"
    assert result([card | {"portraits": 0}]) == "warn"
    assert [result(cards) for cards in (None, [], [card | {"looked": 0}], [card | {"portraits": None}])] == ["not_measured"] * 4


def test_shares_and_numbers() -> None:
    duty = {"person_id": "p", "seat_id": "s", "document_id": "d", "needs": "sign", "is_on_site": False}
    facts = {"looked": 10, "matched": 9, "pages": {"1": 0.8}, "unlike_at_ms": [7], "number": {"share": 1.0}}

    def results(found: Any, **changes: Any) -> list[str]:
        shares = None if found is None else {"s": {"d": found}} if found else {}
        return [check.result for check in rules.check_shares(shares, [duty | changes], LIMITS)]

    assert results(facts) == ["pass", "pass"]
    assert results(facts | {"matched": 3}) == ["warn", "pass"]
    assert results(facts | {"number": {"share": 0.3}}) == ["pass", "warn"]
    assert results(facts | {"number": {"share": None}}) == ["pass", "not_measured"]
    assert results(facts, needs="read") == ["pass"]
    assert results(facts, is_on_site=True) == ["not_measured"]
    assert results({}) == results(None) == ["not_measured", "not_measured"]


def test_signatures() -> None:
    one = {"person_id": "p", "document_id": "d", "points": 40, "strokes_sha256": "a"}
    assert [check.result for check in rules.check_signatures([one, one | {"strokes_sha256": "b", "points": 3}], LIMITS)] == [
        "pass",
        "fail",
    ]
    assert [check.reason for check in rules.check_signatures([one, one | {"document_id": "e"}], LIMITS)] == [
        "SIGNATURE_REPEATED"
    ] * 2


def test_a_covered_lens() -> None:
    measured = {"seats": {"s": {"camera": {"covered_ratio": 0.5, "covered_at_ms": [3]}}}}
    assert [check.result for check in rules.check_covered(measured, ["s", "t"], LIMITS)] == ["warn", "not_measured"]
