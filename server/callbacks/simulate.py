"""`python -m server simulate-callback SCENARIO.yaml`: a scenario on the real engine with a moved clock.

Prints one JSON line per transition (`at`, `event`, `state`, `rule`; `policy` when there are several; a refused command carries
`refused`) and, last, `{"final": state, "sms": [...], "tasks": [...]}`. Unknown keys are errors.
The format is described in docs/callback-simulation.md.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from server.callbacks.library import shipped_calendar, shipped_data, shipped_questionnaire
from server.domain.callback.calendar import Calendar
from server.domain.callback.case import CallbackCase, Command, Event, Refusal
from server.domain.callback.engine import COMMANDS, advance, handle, start
from server.domain.callback.facts import CertificateType, Channel, PaymentMode, PolicyFacts
from server.domain.callback.rulebook import RulebookError, parse_rulebook

_TOP = {"title", "rulebook", "override", "policy", "policies", "created_at", "covered", "events", "until", "expect"}
_EVENT = {"at", "after", "do", "clock", "policy", "with", "times"}
_CLOCK = "clock"


class ScenarioError(ValueError):
    """A scenario that cannot be run; the message names the place."""


@dataclass(slots=True)
class Simulation:
    """The state of a run: one or several policies of one customer, and the clock."""

    calendar: Calendar
    cases: dict[str, CallbackCase]
    now: datetime
    lines: list[dict[str, Any]] = field(default_factory=list)
    sms: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)

    def move(self, at: datetime) -> None:
        """Move the clock; every deadline on the way happens at its own instant."""
        if at < self.now:
            raise ScenarioError(f"the clock cannot go back from {self.now.isoformat()} to {at.isoformat()}")
        happened: list[tuple[datetime, str, Event]] = []
        for name, case in self.cases.items():
            self.cases[name], events = advance(case, at, self.calendar)
            happened += [(event.at, name, event) for event in events]
        for _, name, event in sorted(happened, key=lambda item: item[0]):
            self._record(name, event)
        self.now = at

    def do(self, name: str, command: Command) -> None:
        """Carry out a command on one policy at the present time."""
        case, events, refusal = handle(self.cases[name], command, self.now, self.calendar)
        self.cases[name] = case
        for event in events:
            self._record(name, event)
        if refusal:
            self._refused(name, command, refusal)

    def _record(self, name: str, event: Event) -> None:
        at = event.at.astimezone(self.calendar.zone).isoformat()
        self.lines.append({"at": at, "event": event.kind, "state": event.state.value, "rule": event.rule, **self._name(name)})
        if event.kind == "sms_sent":
            sender = self.cases[name].rulebook.sms.sender
            self.sms.append({"at": at, "number": event.data["number"], "sender": sender, **self._name(name)})
        for task in event.tasks:
            due = task.due_at.astimezone(self.calendar.zone).isoformat()
            self.tasks.append({"at": at, "task": task.kind, "due_at": due, **self._name(name)})

    def _refused(self, name: str, command: Command, refusal: Refusal) -> None:
        at = self.now.astimezone(self.calendar.zone).isoformat()
        line = {"at": at, "event": command.kind, "state": self.cases[name].state.value, "rule": refusal.rule}
        self.lines.append({**line, "refused": refusal.code, "params": dict(refusal.params), **self._name(name)})

    def _name(self, name: str) -> dict[str, str]:
        return {"policy": name} if len(self.cases) > 1 else {}

    def final(self) -> dict[str, Any]:
        """The last line of the output."""
        states = {name: case.state.value for name, case in self.cases.items()}
        final: Any = states if len(states) > 1 else next(iter(states.values()))
        return {"final": final, "sms": self.sms, "tasks": self.tasks}


def run(scenario: Mapping[str, Any]) -> Simulation:
    """Run a scenario. Raises `ScenarioError`, `RulebookError` or `QuestionnaireError` for one that cannot be run."""
    _only(scenario, _TOP, "scenario")
    calendar = shipped_calendar()
    try:
        data = shipped_data("rulebooks", str(scenario["rulebook"]))
    except KeyError as error:
        raise ScenarioError(f"rulebook: unknown {error}") from error
    rulebook = parse_rulebook(_merged(data, scenario.get("override", {})))
    questionnaire = shipped_questionnaire(rulebook.answering.questionnaire)
    if ("policy" in scenario) == ("policies" in scenario):
        raise ScenarioError("scenario: give either policy or policies")
    given = scenario.get("policies") or {"policy": scenario["policy"]}
    policies = {name: _policy(facts, f"policies.{name}", calendar) for name, facts in given.items()}
    first = min(p.issued_at for p in policies.values())
    created = _instant(scenario["created_at"], "created_at", calendar) if "created_at" in scenario else None
    simulation = Simulation(calendar, {}, created or first)
    for name, policy in policies.items():
        case, event = start(policy, rulebook, questionnaire, created or policy.issued_at, scenario.get("covered"))
        simulation.cases[name] = case
        simulation._record(name, event)
    for index, entry in enumerate(scenario.get("events", [])):
        _step(simulation, entry, f"events[{index}]")
    if "until" in scenario:
        simulation.move(_instant(scenario["until"], "until", calendar))
    return simulation


def _step(simulation: Simulation, entry: Mapping[str, Any], path: str) -> None:
    _only(entry, _EVENT, path)
    if "at" in entry and "after" in entry:
        raise ScenarioError(f"{path}: give at or after, not both")
    if "clock" in entry:
        simulation.move(_instant(entry["clock"], f"{path}.clock", simulation.calendar))
        return
    if "at" in entry:
        simulation.move(_instant(entry["at"], f"{path}.at", simulation.calendar))
    if "after" in entry:
        simulation.move(simulation.now + _duration(entry["after"], f"{path}.after"))
    kind = entry.get("do")
    if kind is None:
        return
    if kind == "sms_due":  # a clock move in other words: the reminder sends itself
        simulation.move(simulation.now)
        return
    if kind not in COMMANDS:
        raise ScenarioError(f"{path}.do: unknown {kind}; known: {', '.join(sorted(COMMANDS))}")
    names = [entry["policy"]] if "policy" in entry else list(simulation.cases)[:1]
    if names[0] not in simulation.cases:
        raise ScenarioError(f"{path}.policy: unknown {names[0]}")
    data = dict(entry.get("with", {}))
    if kind in ("answered", "phone_result", "inbound_call", "visit_result", "letter_result") and "answers" in data:
        data["answers"] = _answers(simulation.cases[names[0]], data["answers"], f"{path}.with.answers")
    for _ in range(int(entry.get("times", 1))):
        simulation.do(names[0], Command(kind, data))


def _answers(case: CallbackCase, given: Any, path: str) -> dict[str, str]:
    """`all_expected`, or a mapping of question → yes/no over the expected ones."""
    expected = {q.id: q.expected for q in case.questionnaire.asked}
    if given == "all_expected":
        return dict(expected)
    if not isinstance(given, Mapping):
        raise ScenarioError(f"{path}: all_expected or a mapping of question to yes/no")
    answers: dict[str, str] = {**expected}
    for question, value in given.items():
        if question not in expected:
            raise ScenarioError(f"{path}.{question}: this question is not asked")
        answers[question] = {True: "yes", False: "no"}.get(value, str(value))
    return answers


def _policy(data: Mapping[str, Any], path: str, calendar: Calendar) -> PolicyFacts:
    hints = get_type_hints(PolicyFacts)
    _only(data, {f.name for f in fields(PolicyFacts)}, path)
    values: dict[str, Any] = {
        "policy_no": "P0001",
        "product_name": "示例保险",
        "product_type": "health",
        "payment_mode": "regular_pay",
        "channel": "agent",
        "policyholder_name": "张三",
        "insured_name": "李四",
        "term_text": "终身",
        "payment_years": 20,
        "payment_frequency": "年",
        "premium_fen": 323300,
        "guaranteed_rate": "2.5%",
        "next_due_on": "2027-01-01",
        **data,
    }
    if "issued_at" not in values:
        raise ScenarioError(f"{path}.issued_at: missing")
    values["issued_at"] = _instant(values["issued_at"], f"{path}.issued_at", calendar)
    values.setdefault("effective_on", calendar.local_date(values["issued_at"]) + timedelta(days=1))
    for name, hint in (("payment_mode", PaymentMode), ("channel", Channel), ("certificate", CertificateType)):
        if name in values:
            values[name] = _enum(hint, values[name], f"{path}.{name}")
    for name, value in values.items():
        if value is not None and hints[name] in (date, date | None) and not isinstance(value, date):
            values[name] = date.fromisoformat(str(value))
        if name == "notified_at" and value is not None:
            values[name] = _instant(value, f"{path}.{name}", calendar)
    return PolicyFacts(**values)


def _enum(kind: type[Enum], value: Any, path: str) -> Enum:
    try:
        return kind(value)
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from error


def _instant(value: Any, path: str, calendar: Calendar) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from error
    return at if at.tzinfo else at.replace(tzinfo=calendar.zone)


def _duration(value: Any, path: str) -> timedelta:
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    text = str(value)
    if text[-1:] not in units or not text[:-1].isdigit():
        raise ScenarioError(f"{path}: a number and s, m, h or d")
    return timedelta(**{units[text[-1]]: int(text[:-1])})


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _only(data: Any, known: set[str], path: str) -> None:
    if not isinstance(data, Mapping):
        raise ScenarioError(f"{path}: must be a mapping")
    unknown = set(data) - known
    if unknown:
        raise ScenarioError(f"{path}: unknown keys {', '.join(sorted(map(str, unknown)))}")


def output(simulation: Simulation) -> Iterator[str]:
    """The lines the command prints."""
    for line in [*simulation.lines, simulation.final()]:
        yield json.dumps(line, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    """Command line. Exit code 2 for a scenario that cannot be run."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m server simulate-callback SCENARIO.yaml\n")
        return 2
    try:
        scenario = yaml.safe_load(Path(arguments[0]).read_text(encoding="utf-8"))
        for line in output(run(scenario)):
            sys.stdout.write(line + "\n")
    except (OSError, yaml.YAMLError, ScenarioError, RulebookError, ValueError, KeyError) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 2
    return 0
