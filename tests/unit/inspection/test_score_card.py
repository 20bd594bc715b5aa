"""The score card: laws over any results; and who may be released without a person."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.inspection import may_release_unseen
from server.domain.score_card import parse_card, score
from server.recordings.rulebook import load_rulebook

RULES = load_rulebook()
CARD = RULES.score_card
results = st.sampled_from(["pass", "warn", "fail", "not_measured"])
checks = st.lists(st.tuples(st.sampled_from([*CARD.items, "unknown"]), results), max_size=30)


@given(found=checks, more=checks)
def test_more_findings_never_give_points(found: list[tuple[str, str]], more: list[tuple[str, str]]) -> None:
    before, after = score(found, CARD), score(found + more, CARD)
    assert 0 <= after.points <= before.points <= CARD.start
    assert set(before.critical) <= set(after.critical)
    assert not (after.is_good and after.critical)
    assert score(list(reversed(found)), CARD) == before


@given(found=checks, because=st.lists(st.sampled_from(["elderly", "random"]), max_size=2))
def test_a_failed_check_always_needs_a_person(found: list[tuple[str, str]], because: list[str]) -> None:
    if may_release_unseen(because, found, RULES):
        assert found
        assert not because
        assert not [code for code, result in found if result == "fail"]
        assert not [
            code for code, result in found if result == "not_measured" and CARD.items.get(code) and CARD.items[code].is_critical
        ]


def test_points() -> None:
    found = score([("picture_sharp", "warn"), ("picture_sharp", "warn"), ("same_person", "fail"), ("answer", "pass")], CARD)
    assert (found.points, found.is_good, found.critical) == (67, False, ("same_person",))
    assert found.lost == (("same_person", 30), ("picture_sharp", 3))
    assert score([], CARD).is_good
    assert may_release_unseen([], [("answer", "pass")], RULES)
    assert not may_release_unseen([], [], RULES)  # nothing was measured at all


@pytest.mark.parametrize("items", [{"x": {"fail": -1}}, {"x": {"wrong": 1}}])
def test_faulty_cards_are_refused(items: dict[str, dict[str, int]]) -> None:
    with pytest.raises(ValueError, match="score_card"):
        parse_card({"start": 100, "good_from": 80, "items": items})
    with pytest.raises(ValueError, match="good_from"):
        parse_card({"start": 10, "good_from": 80, "items": {}})
    assert replace(CARD, good_from=100).start == 100
