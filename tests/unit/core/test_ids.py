"""Identifiers of one process are in the order of their making."""

import time

import pytest

from storage.db.ids import new_id


def test_those_made_at_once_are_in_order() -> None:
    made = [new_id("case") for _ in range(2_000)]
    assert made == sorted(set(made))
    assert all(len(item) == len("case_") + 22 for item in made)


def test_a_clock_that_is_set_back_changes_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id("case")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3_600)
    assert before < new_id("case")
