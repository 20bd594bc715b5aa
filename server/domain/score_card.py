"""The score card of a recording (评分卡): points for machine checks, as data. It orders and warns; it never releases. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RESULTS = frozenset({"fail", "warn", "not_measured"})


@dataclass(frozen=True, slots=True)
class Item:
    """What a check costs by its result. A critical item that fails makes the card fail whatever the points are."""

    code: str
    costs: Mapping[str, int]
    is_critical: bool


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """All items, and the points from which on a recording looks good."""

    start: int
    good_from: int
    items: Mapping[str, Item]


@dataclass(frozen=True, slots=True)
class Score:
    """A recording's points, what they were taken for, and which critical items failed."""

    points: int
    of: int
    is_good: bool
    lost: tuple[tuple[str, int], ...]
    critical: tuple[str, ...]


def parse_card(data: Mapping[str, Any]) -> ScoreCard:
    """Build a card from plain data. Raises `KeyError`, `ValueError` for what is missing, unknown or negative."""
    items = {}
    for code, entry in data["items"].items():
        costs = {key: int(value) for key, value in entry.items() if key != "critical"}
        if set(costs) - RESULTS or any(cost < 0 for cost in costs.values()):
            raise ValueError(f"score_card.items.{code}")
        items[str(code)] = Item(str(code), costs, bool(entry.get("critical", False)))
    start, good_from = int(data["start"]), int(data["good_from"])
    if not 0 <= good_from <= start:
        raise ValueError("score_card.good_from")
    return ScoreCard(start, good_from, items)


def score(checks: Sequence[tuple[str, str]], card: ScoreCard) -> Score:
    """Points of a recording. A code counts once, by its worst result; codes without an item cost nothing.

    Args:
        checks: (code, result) of every machine check.
    """
    worst: dict[str, int] = {}
    critical = set()
    for code, result in checks:
        item = card.items.get(code)
        if item is None:
            continue
        worst[code] = max(worst.get(code, 0), item.costs.get(result, 0))
        if item.is_critical and result == "fail":
            critical.add(code)
    points = max(0, card.start - sum(worst.values()))
    lost = tuple(sorted(((code, cost) for code, cost in worst.items() if cost), key=lambda item: (-item[1], item[0])))
    return Score(points, card.start, points >= card.good_from and not critical, lost, tuple(sorted(critical)))
