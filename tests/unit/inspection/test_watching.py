"""What counts as watched: never more than the clock allows, each moment once, and enough of what the rulebook names."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.spans import Span, length, union
from server.domain.watching import Watched, WatchRules, begin, missing, parse_watch, report
from server.recordings.rulebook import load_rulebook

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
RULES = WatchRules(max_rate=2.0, credit_ms=60_000, node_ms=2_000, default_share=0.0, shares={"elderly": 0.95})
FILM = 900_000
moments = st.integers(-1_000, FILM + 1_000)
spans = st.lists(st.tuples(moments, moments), max_size=8)


@given(reports=st.lists(st.tuples(st.integers(0, 90_000), spans), max_size=12))
def test_nobody_watches_faster_than_the_clock_allows(reports: list[tuple[int, list[Span]]]) -> None:
    watched, now = begin(Watched(), NOW), NOW
    for after_ms, played in reports:
        now += timedelta(milliseconds=after_ms)
        watched = report(watched, played, FILM, now, RULES)
        assert watched.watched_ms <= 2 * ((now - NOW) // timedelta(milliseconds=1))
        assert watched.allowed_ms <= 120_000
        assert all(0 <= start < end <= FILM for start, end in watched.spans)
        assert list(watched.spans) == union(watched.spans)


def test_an_honest_review_is_credited_whole() -> None:
    watched, now, at = begin(Watched(), NOW), NOW, 0
    for seconds, rate in ((10, 1.0), (12, 2.0), (7, 2.0), (30, 1.5), (45, 2.0)):
        now += timedelta(seconds=seconds)
        played = int(seconds * rate * 1000)
        watched = report(watched, [(at, at + played)], FILM, now, RULES)
        at += played
    assert watched.spans == ((0, at),)


def test_a_whole_film_at_once_is_not_believed() -> None:
    watched = report(begin(Watched(), NOW), [(0, FILM)], FILM, NOW + timedelta(seconds=5), RULES)
    assert watched.spans == ((0, 10_000),)
    again = report(watched, [(0, FILM)], FILM, NOW + timedelta(hours=3), RULES)
    assert again.watched_ms == 10_000 + 120_000, "an hour away from the desk is no hour of film"


def test_a_report_told_twice_costs_nothing_the_second_time() -> None:
    watched = report(begin(Watched(), NOW), [(0, 20_000)], FILM, NOW + timedelta(seconds=10), RULES)
    again = report(watched, [(0, 20_000), (20_000, 30_000)], FILM, NOW + timedelta(seconds=15), RULES)
    assert again.spans == ((0, 30_000),)


def test_what_was_seen_twice_counts_once() -> None:
    watched = report(begin(Watched(), NOW), [(0, 8_000), (4_000, 9_000)], FILM, NOW + timedelta(seconds=20), RULES)
    assert watched.spans == ((0, 9_000),)
    again = report(watched, [(1_000, 3_000)], FILM, NOW + timedelta(seconds=40), RULES)
    assert again.watched_ms == 9_000


def test_a_review_taken_again_keeps_what_was_seen_and_nothing_else() -> None:
    seen = report(begin(Watched(), NOW), [(0, 5_000)], FILM, NOW + timedelta(seconds=30), RULES)
    back = begin(seen, NOW + timedelta(hours=1))
    assert back.spans == ((0, 5_000),)
    assert report(back, [(100_000, 200_000)], FILM, NOW + timedelta(hours=1), RULES).spans == ((0, 5_000),)


NODES = [("a", 0, 10_000), ("b", 10_000, 11_000), ("c", 11_000, 30_000), ("b", 30_000, 30_900), ("end", 60_000, 60_300)]


@pytest.mark.parametrize(
    ("seen", "nodes"),
    [
        ([], ("a", "b", "c")),
        ([(0, 2_000), (10_000, 11_000), (28_000, 30_600)], ()),
        ([(0, 1_999), (10_000, 10_400), (30_000, 30_550), (29_000, 30_000)], ("a", "c")),
        ([(0, 2_000), (10_000, 10_400), (30_000, 30_549), (11_000, 13_000)], ("b",)),
        ([(0, 60_300)], ()),
    ],
)
def test_every_node_is_looked_at(seen: list[Span], nodes: tuple[str, ...]) -> None:
    left = missing(seen, 60_300, NODES, ["random"], RULES)
    assert left.nodes == nodes, "the last half second of the recording is not asked for"
    assert left.is_enough == (nodes == ())


@pytest.mark.parametrize(("because", "needed"), [(["random"], 0.0), (["machine_finding", "elderly"], 0.95), ([], 0.0)])
def test_how_much_is_asked_depends_on_why_it_is_inspected(because: list[str], needed: float) -> None:
    left = missing([(0, 9_000)], 10_000, [], because, RULES)
    assert (left.share, left.needed_share, left.is_enough) == (0.9, needed, needed < 0.9)


def test_of_a_recording_of_unknown_length_nobody_has_seen_enough() -> None:
    assert not missing([], 0, [], ["elderly"], RULES).is_enough


@given(played=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8))
def test_length_counts_each_moment_once(played: list[tuple[int, int]]) -> None:
    inside = [(start, start + lasting) for start, lasting in played]
    assert length(union(inside)) == len({moment for start, end in inside for moment in range(start, end)})


def test_the_shipped_rule_asks_for_the_whole_film_of_whatever_is_inspected() -> None:
    """54号 Art. 10: what is inspected is inspected in its full length."""
    rules = load_rulebook().watch
    codes = ("elderly", "unit_linked", "random", "supplementary", "machine_finding")
    assert {rules.needed_share([code]) for code in codes} == {0.95}
    assert rules.node_ms == 2_000


@pytest.mark.parametrize("bad", [{"shares": {"default": 0, "nobody": 1}}, {"shares": {"default": 2}}, {"max_rate": 0.5}])
def test_a_rulebook_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    good = {"max_rate": 2, "credit_seconds": 60, "node_seconds": 2, "shares": {"default": 0}}
    assert parse_watch(good, ["elderly"])
    with pytest.raises(ValueError, match="watch"):
        parse_watch({**good, **bad}, ["elderly"])
