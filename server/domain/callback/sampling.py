"""Which finished callbacks a person checks: rules as data, drawn by a hash of the id, so that nobody can choose. Pure."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.callback.case import CallbackCase, State


@dataclass(frozen=True, slots=True)
class Finished:
    """What the rules look at. `channel`: electronic, phone, inbound, visit or letter; empty where it did not succeed."""

    callback_id: str
    channel: str
    category: str
    had_problem: bool
    is_shortened: bool
    policyholder_age: int
    is_closed_by_staff: bool = False
    """Ended by staff with a reason, not by the customer's answers."""


CONDITIONS: dict[str, Callable[[Finished, int], bool]] = {
    "had_problem": lambda f, _: f.had_problem,
    "misconduct": lambda f, _: f.category == "misconduct",
    "elderly": lambda f, age: f.policyholder_age >= age,
    "by_electronic": lambda f, _: f.channel == "electronic",
    "by_phone": lambda f, _: f.channel in ("phone", "inbound"),
    "by_paper": lambda f, _: f.channel in ("visit", "letter"),
    "shortened": lambda f, _: f.is_shortened,
    "closed_by_staff": lambda f, _: f.is_closed_by_staff,
}


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """All of `conditions` must hold; `share` of such callbacks is checked within `due_workdays`."""

    id: str
    title: str
    conditions: tuple[str, ...]
    share: float
    due_workdays: int


@dataclass(frozen=True, slots=True)
class Check:
    """Something the checker answers."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """The rules, in order, and the list of checks."""

    rules: tuple[SamplingRule, ...]
    checks: tuple[Check, ...]
    elderly_from_age: int


class SamplingError(ValueError):
    """Sampling data that cannot be used."""


def parse_sampling(data: Mapping[str, Any]) -> Sampling:
    """Read and check `sampling.yaml`. Raises `SamplingError` naming the place."""
    if set(data) != {"rules", "checks", "elderly_from_age"}:
        raise SamplingError("needs exactly rules, checks and elderly_from_age")
    rules: list[SamplingRule] = []
    for index, entry in enumerate(data["rules"]):
        path = f"rules[{index}]"
        if set(entry) != {"id", "title", "when", "share", "due_workdays"}:
            raise SamplingError(f"{path}: needs exactly id, title, when, share and due_workdays")
        unknown = [name for name in entry["when"] if name not in CONDITIONS]
        if unknown:
            raise SamplingError(f"{path}.when: unknown {', '.join(unknown)}")
        if not 0 <= float(entry["share"]) <= 1:
            raise SamplingError(f"{path}.share: must be 0 to 1")
        if int(entry["due_workdays"]) < 1:
            raise SamplingError(f"{path}.due_workdays: must be positive")
        rules.append(
            SamplingRule(entry["id"], entry["title"], tuple(entry["when"]), float(entry["share"]), entry["due_workdays"])
        )
    if len({rule.id for rule in rules}) != len(rules):
        raise SamplingError("rules: each needs an id of its own")
    checks = tuple(Check(entry["id"], entry["title"]) for entry in data["checks"])
    return Sampling(tuple(rules), checks, int(data["elderly_from_age"]))


def draw(callback_id: str) -> float:
    """A number in [0, 1) that belongs to a callback: the same whenever and wherever it is drawn."""
    return int.from_bytes(hashlib.sha256(f"sample:{callback_id}".encode()).digest()[:8]) / 2**64


def choose(sampling: Sampling, finished: Finished) -> SamplingRule | None:
    """The rule by which a callback is checked, or None. The first rule that fits decides."""
    for rule in sampling.rules:
        if all(CONDITIONS[name](finished, sampling.elderly_from_age) for name in rule.conditions):
            return rule if draw(finished.callback_id) < rule.share else None
    return None


def facts_of(callback_id: str, case: CallbackCase, channel: str, had_problem: bool) -> Finished:
    """What the rules look at, of a finished callback."""
    return Finished(
        callback_id=callback_id,
        channel=channel,
        category=case.problem_category,
        had_problem=had_problem,
        is_shortened=any(item.reason.startswith("recording:") for item in case.questionnaire.skipped),
        policyholder_age=case.policy.policyholder_age,
        is_closed_by_staff=case.state is State.CLOSED,
    )
