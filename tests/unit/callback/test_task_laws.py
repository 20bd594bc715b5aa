"""Laws of the tasks: whom the electronic channel does not have is on a list, and doing what the list says ends the callback."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.callbacks.library import shipped_questionnaire, shipped_rulebook, shipped_rulebooks
from server.callbacks.store import REPORTS
from server.callbacks.tasks import DONE_BY
from server.domain.callback.case import ELECTRONIC, PAPER, CallbackCase, Command, Event, Refusal, State
from server.domain.callback.engine import advance, handle, start
from server.domain.callback.facts import PolicyFacts
from tests.unit.callback.test_callback_laws import CALENDAR, answers, data, policies, steps

SIGNED = {"signed_by_policyholder": True, "staff_role": "service", "reached": True}
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "classification": ("classify", {"category": "unclear_rights"}),
    "explanation": ("explained", {}),
    "visit_form": ("visit_form_returned", SIGNED),
    "re_signature": ("re_signed", SIGNED),
    "verify_call": ("verify_call", {"is_confirmed": True}),  # and the signature, where a form came back
}
DESK = (*DONE_BY, "inbound_call", "classify")
plans = st.one_of(
    steps, st.lists(st.tuples(st.one_of(st.just("phone_result"), st.sampled_from(DESK)), data, st.none()), max_size=20)
)
"""Anything at any time, or a busy desk: its commands, each as soon as the rules take a call."""
LONGEST = 10
"""Steps from anywhere to the end when everybody is reached: classified, explained, formed, signed again, verified, with spare."""


@dataclass
class List:
    """A callback and the tasks that staff see, kept as the database keeps them."""

    case: CallbackCase
    now: datetime
    open: set[str] = field(default_factory=set)

    def wait(self, until: datetime) -> None:
        """Let time pass."""
        self.now = max(self.now, until)
        self.case, events = advance(self.case, self.now, CALENDAR)
        self._follow(events)

    def wait_for_desk(self) -> None:
        """Wait until a call may be made."""
        if self.case.state in ELECTRONIC:
            self.wait(self.now + timedelta(days=40))
        at = max(self.now, self.case.retry_at or self.now)
        self.wait(CALENDAR.next_desk_time(at, self.case.rulebook.phone.hours))

    def do(self, kind: str, data: dict[str, Any]) -> Refusal | None:
        """Carry out a command now."""
        done = {*DONE_BY.get("phone_result" if kind == "inbound_call" else kind, ())} & self.open
        self.case, events, refusal = handle(self.case, Command(kind, data), self.now, CALENDAR)
        if refusal is None:
            self.open -= done
        self._follow(events)
        return refusal

    def _follow(self, events: list[Event]) -> None:
        for event in events:
            self.open -= {str(kind) for kind in event.data.get("cancels", ())}
            self.open |= {task.kind for task in event.tasks}
        if self.case.is_final:
            self.open &= {*REPORTS}

    def next(self) -> tuple[str, dict[str, Any]]:
        """What somebody does who looks at the open tasks and reaches everybody."""
        case, said = self.case, {"answers": answers(self.case, "expected")}
        if case.needs_number and "confirm_number" in self.open and case.state not in PAPER:
            return "number_confirmed", {"phone": "13700000000"}
        if case.in_problem and case.verification in STEPS:
            kind, step = STEPS[case.verification]
            return kind, {**step, "is_signature_genuine": True} if kind == "verify_call" and case.signed_paper else step
        if case.state in PAPER:
            return f"{PAPER[case.state]}_result", {**SIGNED, **said}
        if "confirm_number" in self.open:
            return "number_confirmed", {"phone": "13700000000"}
        if "choose_channel" in self.open:
            return "assign", {"channel": "letter"}
        return "phone_result", {"result": "success", **said}


def begin(name: str, policy: PolicyFacts) -> List:
    rulebook = shipped_rulebook(name)
    case, first = start(policy, rulebook, shipped_questionnaire(rulebook.answering.questionnaire), policy.issued_at)
    return List(case, policy.issued_at, {task.kind for task in first.tasks})


def play(worked: List, plan: Any) -> None:
    """Any history; after each step the law of the list is checked."""
    for kind, given_data, seconds in plan:
        if seconds is None:
            worked.wait_for_desk()
        else:
            worked.wait(worked.now + timedelta(seconds=seconds))
        on_list(worked)
        worked.do(kind, {**given_data, "answers": answers(worked.case, given_data.get("mood", "expected"))})
        on_list(worked)


def on_list(worked: List) -> None:
    state = worked.case.state
    if not worked.case.is_final and state not in ELECTRONIC:
        assert worked.open - {*REPORTS}, f"{state} is on nobody's list"
    if state is State.PHONE_FAILED:
        assert worked.open & {"confirm_number", "choose_channel"}, "nobody is told that the phone did not reach the customer"
    if state in (State.PHONE, State.PROBLEM, *PAPER):
        can = {"confirm_number": worked.case.awaits_number, **{kind: paper is state for paper, kind in PAPER.items()}}
        stale = {kind for kind in ("choose_channel", *can) if kind in worked.open and not can.get(kind)}
        assert not stale, f"in {state} nobody can do {stale}"


@pytest.mark.parametrize("name", shipped_rulebooks())
@given(policy=policies, plan=plans)
@settings(max_examples=80, deadline=None)
def test_whom_the_electronic_channel_does_not_have_is_on_a_list(name: str, policy: PolicyFacts, plan: Any) -> None:
    play(begin(name, policy), plan)


@pytest.mark.parametrize("name", shipped_rulebooks())
@given(policy=policies, plan=plans)
@settings(max_examples=60, deadline=None)
def test_doing_what_the_list_says_ends_the_callback(name: str, policy: PolicyFacts, plan: Any) -> None:
    worked = begin(name, policy)
    play(worked, plan)
    for _ in range(LONGEST):
        if worked.case.is_final:
            return
        on_list(worked)
        worked.wait_for_desk()
        kind, with_data = worked.next()
        refusal = worked.do(kind, with_data)
        assert refusal is None, (kind, refusal)
    raise AssertionError(f"no end: {worked.case.state}, {worked.open}")
