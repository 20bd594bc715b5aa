"""`python -m server simulate-callback SCENARIO.yaml`: a scenario on the real engine with a moved clock.

Prints one JSON line per transition (`at`, `event`, `state`, `rule`; `policy` when there are several; a refused command carries
`refused`) and, last, `{"final": state, "sms": [...], "tasks": [...]}`. Unknown keys and wrong values are errors.
The format is described in docs/callback-simulation.md.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from server.callbacks.library import shipped_calendar, shipped_data, shipped_questionnaire, shipped_rulebooks
from server.callbacks.scenario import (
    ScenarioError,
    check_step,
    check_top,
    command_data,
    instant,
    later,
    policy_facts,
    read_scenario,
    recorded,
)
from server.domain.callback.calendar import Calendar
from server.domain.callback.case import CallbackCase, Command, Event, Refusal
from server.domain.callback.comparison import Said, contradictions
from server.domain.callback.engine import advance, handle, start
from server.domain.callback.rulebook import RulebookError, parse_rulebook

IDENTITY = ("face_passed", "face_failed", "sms_code_passed", "sms_code_failed", "identity_reused")
_GIVES_ANSWERS = ("answered", "confirmed", "phone_result", "inbound_call", "visit_result", "letter_result")
_ACTIVE = ("identity_reused", "notice_confirmed", "questionnaire_rendered", "answered", "edit", "signed", "confirmed", "aborted")


@dataclass(slots=True)
class Simulation:
    """The state of a run: one or several policies of one customer, the clock, and the customer's visit."""

    calendar: Calendar
    cases: dict[str, CallbackCase]
    now: datetime
    is_several: bool = False
    said: Mapping[str, Said] = field(default_factory=dict)
    """What the customer said in the recording, by subject."""
    checked_at: datetime | None = None
    """When the customer was last active since a passed identity check; None: a new check is needed (E16)."""
    has_notice: bool = False
    """Whether the notice was ticked in this visit, where the rulebook has it before the identity check (S0 E10)."""
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
            if event.kind == "left":
                self._end_visit(name)
        self.now = at

    def do(self, name: str, command: Command) -> None:
        """Carry out a command on one policy at the present time; what concerns the customer reaches all of their policies."""
        if command.kind == "identity_reused" and self.checked_at is not None:
            more = {"checked_at": self.checked_at.isoformat(), "has_notice": self.has_notice}
            command = Command(command.kind, {**command.data, **more})
        if command.kind in _GIVES_ANSWERS and "contradictions" not in command.data:
            command = Command(command.kind, {**command.data, "contradictions": self._contradictions(name, command)})
        case, events, refusal = handle(self.cases[name], command, self.now, self.calendar)
        if refusal is None and command.kind in IDENTITY:
            self._others(name, lambda _: Command("left", {"reason": "other_policy"}))
        self.cases[name] = case
        for event in events:
            self._record(name, event)
        if refusal:
            self._refused(name, command, refusal)
        elif command.kind in ("face_failed", "sms_code_failed"):  # a failure is the customer's, where the rulebook says so (E9)
            self._others(name, lambda _: Command("identity_failed_elsewhere"))
        self._follow_visit(name, command.kind, is_refused=refusal is not None)

    def _contradictions(self, name: str, command: Command) -> list[dict[str, Any]]:
        case = self.cases[name]
        submitted = case.attempt.answers if case.attempt is not None else None
        return contradictions(case.questionnaire, command.data.get("answers") or submitted or {}, self.said)

    def _others(self, name: str, command: Callable[[CallbackCase], Command]) -> None:
        """The same happens to the customer's other policies, where it can."""
        for other, case in self.cases.items():
            if other != name:
                self.cases[other], events, _ = handle(case, command(case), self.now, self.calendar)
                for event in events:
                    self._record(other, event)

    def _follow_visit(self, name: str, kind: str, *, is_refused: bool) -> None:
        if kind in ("face_passed", "sms_code_passed") and not is_refused:
            self.checked_at = self.now
        elif kind == "left":
            self._end_visit(name)
        elif kind in _ACTIVE and self.checked_at is not None:
            idle = timedelta(minutes=self.cases[name].rulebook.identity.idle_minutes)
            self.checked_at = self.now if self.now - self.checked_at < idle else None
        self.has_notice = self.has_notice or (kind == "notice_confirmed" and not is_refused)

    def _end_visit(self, name: str) -> None:
        if self.cases[name].rulebook.identity.ends_on_leave:
            self.checked_at = None
            self.has_notice = False

    def _record(self, name: str, event: Event) -> None:
        at = event.at.astimezone(self.calendar.zone).isoformat()
        self.lines.append({"at": at, "event": event.kind, "state": event.state.value, "rule": event.rule, **self._name(name)})
        if event.kind == "sms_sent":
            sender = self.cases[name].rulebook.sender
            self.sms.append({"at": at, "number": event.data["number"], "sender": sender, **self._name(name)})
        for task in event.tasks:
            due = task.due_at.astimezone(self.calendar.zone).isoformat()
            self.tasks.append({"at": at, "task": task.kind, "due_at": due, **self._name(name)})

    def _refused(self, name: str, command: Command, refusal: Refusal) -> None:
        at = self.now.astimezone(self.calendar.zone).isoformat()
        line = {"at": at, "event": command.kind, "state": self.cases[name].state.value, "rule": refusal.rule}
        self.lines.append({**line, "refused": refusal.code, "params": dict(refusal.params), **self._name(name)})

    def _name(self, name: str) -> dict[str, str]:
        return {"policy": name} if self.is_several else {}

    def final(self) -> dict[str, Any]:
        """The last line of the output."""
        states = {name: case.state.value for name, case in self.cases.items()}
        final: Any = states if len(states) > 1 else next(iter(states.values()))
        return {"final": final, "sms": self.sms, "tasks": self.tasks}


def run(scenario: Mapping[str, Any]) -> Simulation:
    """Run a scenario. Raises `ScenarioError`, `RulebookError` or `QuestionnaireError` for one that cannot be run."""
    check_top(scenario)
    calendar = shipped_calendar()
    try:
        data = shipped_data("rulebooks", str(scenario["rulebook"]))
    except KeyError as error:
        raise ScenarioError(f"rulebook: unknown {error}; known: {', '.join(shipped_rulebooks())}") from error
    rulebook = parse_rulebook(_merged(data, scenario.get("override", {})))
    questionnaire = shipped_questionnaire(rulebook.answering.questionnaire)
    given = {str(name): facts for name, facts in scenario.get("policies", {}).items()}
    policies = {name: policy_facts(facts, f"policies.{name}", calendar) for name, facts in given.items()}
    if not policies:
        policies = {"policy": policy_facts(scenario["policy"], "policy", calendar)}
    first = min(p.issued_at for p in policies.values())
    created = instant(scenario["created_at"], "created_at", calendar) if "created_at" in scenario else None
    simulation = Simulation(
        calendar, {}, created or first, is_several=len(policies) > 1, said=recorded(scenario.get("recorded", {}))
    )
    for name, policy in policies.items():
        case, event = start(policy, rulebook, questionnaire, created or policy.issued_at, scenario.get("covered"))
        simulation.cases[name] = case
        simulation._record(name, event)
    steps = scenario.get("events", [])
    for index, entry in enumerate(steps):
        check_step(entry, f"events[{index}]", list(policies))
    for index, entry in enumerate(steps):
        _step(simulation, entry, f"events[{index}]")
    if "until" in scenario:
        simulation.move(instant(scenario["until"], "until", calendar))
    return simulation


def _step(simulation: Simulation, entry: Mapping[str, Any], path: str) -> None:
    for key in ("clock", "at"):
        if key in entry:
            simulation.move(instant(entry[key], f"{path}.{key}", simulation.calendar))
    if "after" in entry:
        simulation.move(later(simulation.now, entry["after"], f"{path}.after"))
    kind = entry.get("do")
    if kind is None:
        return
    if kind == "sms_due":  # a clock move in other words: the reminder sends itself
        simulation.move(simulation.now)
        return
    name = entry["policy"] if "policy" in entry else next(iter(simulation.cases))
    data = command_data(simulation.cases[name], entry.get("with", {}), f"{path}.with")
    for _ in range(entry.get("times", 1)):
        simulation.do(name, Command(kind, data))


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


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
        scenario = read_scenario(Path(arguments[0]).read_text(encoding="utf-8"))
        for line in output(run(scenario)):
            sys.stdout.write(line + "\n")
    except (OSError, yaml.YAMLError, ScenarioError, RulebookError, ValueError, KeyError) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 2
    return 0
