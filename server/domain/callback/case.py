"""A callback: its state, its events, and how an event changes it. Decisions live in `electronic`, `desk` and `timers`.

A callback is in exactly one `State`; nothing leaves a final one. Every event names the rule that caused it: `<rulebook>.<code>`,
codes E1–E20 as in the rule table of the source documents (docs/callback-simulation.md), A-numbers for articles of the Shandong
guideline. What no document says has a name of the house: `CLOSE` (staff, with a reason), `POLICY_ENDED` (told by the core system)
and `EXPIRY`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from server.domain.callback.facts import PolicyFacts
from server.domain.callback.questionnaire import BuiltQuestionnaire
from server.domain.callback.rulebook import Rulebook


class State(StrEnum):
    """Where a callback stands."""

    WAITING = "waiting"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    LOCKED = "locked"
    PHONE = "phone"
    PHONE_FAILED = "phone_failed"
    PROBLEM = "problem"
    VISIT = "visit"
    LETTER = "letter"
    SUCCESS = "success"
    CLOSED = "closed"
    EXPIRED = "expired"


UNREACHED = ("confirm_number", "choose_channel")  # a number is found, or staff choose the way
"""Tasks about a customer whom the phone does not reach; they end with the next contact, or with the way that was chosen."""
PAPER = {State.VISIT: "visit", State.LETTER: "letter"}
"""States on paper, and the task of each."""
FINAL = frozenset({State.SUCCESS, State.CLOSED, State.EXPIRED})
ELECTRONIC = frozenset({State.WAITING, State.OPEN, State.IN_PROGRESS, State.LOCKED})


@dataclass(frozen=True, slots=True)
class Task:
    """Work for staff that an event creates; `due_at` is inside desk hours."""

    kind: str
    due_at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact in a callback's history. `state` is the state after it."""

    at: datetime
    kind: str
    rule: str
    state: State
    data: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that the rules do not allow now."""

    code: str
    rule: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """Something somebody wants to do; `kind` is one of the names in `engine.COMMANDS`."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run through the electronic callback, from identity to confirmation. Never kept when the customer leaves (E15)."""

    entry: str
    method: str
    last_at: datetime
    back_to: State
    notice_at: datetime | None = None
    rendered_at: datetime | None = None
    answers: Mapping[str, str] | None = None
    remark: str = ""
    signature_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class CallbackCase:
    """Everything the rules need to know of one callback."""

    policy: PolicyFacts
    rulebook: Rulebook
    questionnaire: BuiltQuestionnaire
    created_at: datetime
    state: State = State.WAITING
    attempt: Attempt | None = None
    notice_at: datetime | None = None
    """When the notice was ticked before the identity check, where the rulebook has it there (S0 E10); the visit's, not kept."""
    failures: tuple[date, ...] = ()
    locked_days: tuple[date, ...] = ()
    sms_sent: tuple[datetime, ...] = ()
    renewed_links: tuple[date, ...] = ()
    phone_attempts: int = 0
    next_call_at: datetime | None = None
    retry_at: datetime | None = None
    """When the retry plan allows the next call after one that reached nobody."""
    result: str = "not_done"
    """not_done, aborted, phone_failed, problem, success: what the after-window rule asks (E6)."""
    problem_category: str = ""
    verification: str = ""
    """Of a problem case, the step it waits for: empty, classification, explanation, visit_form, re_signature, verify_call."""
    signed_paper: str = ""
    """Of a problem case, the form that came back signed, visit_form or re_signature, until the second call has asked whether the
    signature is the policyholder's own (A16)."""
    owed: tuple[str, ...] = ()
    """Steps of a problem case that earlier rounds left undone: explanation, re_signature."""
    awaits_number: bool = False
    """Whether the responsible unit looks for the number of a problem case's customer."""
    number_is_wrong: bool = False
    """Whether the last call found the number to be somebody else's, and nobody has confirmed one since (A14)."""
    tried: tuple[str, ...] = ()
    last_at: datetime | None = None
    """When the last thing happened."""
    answers: Mapping[str, str] = field(default_factory=dict)
    contradicted: tuple[str, ...] = ()
    """Questions whose contradiction with the recording has made a problem case: once, not again with the next answer."""

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen any more."""
        return self.state in FINAL

    @property
    def in_problem(self) -> bool:
        """Whether a problem was found and is not solved, wherever the case is by now (desk, visit, letter)."""
        return self.result == "problem" and not self.is_final

    @property
    def needs_number(self) -> bool:
        """Whether there is no number to call: none was left, or it is a wrong one. One must be confirmed first (A14)."""
        return self.number_is_wrong or not self.policy.has_phone

    @property
    def registered_phone(self) -> str:
        """The phone registered for the policy, from which alone the customer may call (E17); empty where there is none."""
        return self.policy.phone if self.policy.has_phone else ""

    def problem_steps(self) -> dict[str, Any]:
        """What the next round of a problem begins with: its first step, what earlier rounds still owe, and the tasks it ends.

        A case that was classified before, or whose rulebook wants it, is classified first; the steps of the kind follow.
        """
        ended = list(UNREACHED) if self.result == "phone_failed" or self.awaits_number else []
        ended += [PAPER[self.state]] if self.state in PAPER else []
        ended += ["verify_call"] if self.verification == "verify_call" else []
        cancels = {"cancels": ended} if ended else {}
        if not (self.rulebook.phone.problem_needs_classification or self.problem_category or self.verification):
            return {"next": "", **cancels}
        left = {"explanation": "explanation", "visit_form": "explanation", "re_signature": "re_signature"}.get(self.verification)
        return {"next": "classification", "owed": list(dict.fromkeys((*self.owed, *([left] if left else [])))), **cancels}

    def rule(self, code: str) -> str:
        """The full name of a rule of this callback's rulebook."""
        return f"{self.rulebook.id}.{code}"


def evolve(case: CallbackCase, event: Event) -> CallbackCase:
    """Apply one event. Unknown kinds only move the state, so old histories stay readable."""
    change = _CHANGES.get(event.kind)
    changed = change(case, event) if change else case
    return replace(changed, state=event.state, last_at=event.at)


def _sms(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(case, sms_sent=(*case.sms_sent, event.at))


def _identity_passed(case: CallbackCase, event: Event) -> CallbackCase:
    back_to = State.OPEN if case.state in ELECTRONIC else case.state
    noticed = event.at if event.data.get("has_notice") else None
    attempt = Attempt(event.data["entry"], event.data["method"], event.at, back_to, notice_at=noticed)
    return replace(case, attempt=attempt, notice_at=None)


def _identity_failed(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(case, failures=(*case.failures, date.fromisoformat(event.data["on"])))


def _identity_locked(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(case, locked_days=(*case.locked_days, date.fromisoformat(event.data["on"])), attempt=None)


def _identity_carried(case: CallbackCase, event: Event) -> CallbackCase:
    failures, locked = (tuple(map(date.fromisoformat, event.data[name])) for name in ("failures", "locked"))
    return replace(case, failures=failures, locked_days=locked)


def _touch(case: CallbackCase, event: Event, **changes: Any) -> CallbackCase:
    if case.attempt is None:
        return case
    return replace(case, attempt=replace(case.attempt, last_at=event.at, **changes))


def _noticed(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(case, notice_at=event.at) if case.attempt is None else _touch(case, event, notice_at=event.at)


def _rendered(case: CallbackCase, event: Event) -> CallbackCase:
    first = case.attempt.rendered_at if case.attempt else None
    return _touch(case, event, rendered_at=first or event.at)


def _finished_attempt(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(
        case, attempt=None, answers=event.data.get("answers", case.answers), result=event.data.get("result", case.result)
    )


def _call(case: CallbackCase, event: Event) -> CallbackCase:
    next_call = event.data.get("next_call_at")
    return replace(
        case,
        phone_attempts=case.phone_attempts + 1,
        next_call_at=datetime.fromisoformat(next_call) if next_call else None,
        retry_at=datetime.fromisoformat(next_call) if next_call else None,
        awaits_number=bool(event.data.get("awaits_number")),
        number_is_wrong=event.data.get("reason") == "wrong_number",
        result=event.data.get("result", case.result),
        answers=event.data.get("answers", case.answers),
        attempt=None,
    )


def _to_phone(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(case, attempt=None, next_call_at=event.tasks[0].due_at if event.tasks else case.next_call_at)


def _new_phone(case: CallbackCase, event: Event) -> CallbackCase:
    phone = event.data.get("phone")
    if not phone:
        return case
    return replace(case, policy=replace(case.policy, phone=str(phone), has_phone=True), number_is_wrong=False)


def _number_confirmed(case: CallbackCase, event: Event) -> CallbackCase:
    called = replace(_to_phone(_new_phone(case, event), event), phone_attempts=0, retry_at=None, awaits_number=False)
    called = replace(called, number_is_wrong=False)
    return replace(called, result="problem" if case.in_problem else "not_done")


def _problem(case: CallbackCase, event: Event) -> CallbackCase:
    return replace(
        _finished_attempt(case, event),
        result="problem",
        retry_at=None,
        awaits_number=bool(event.data.get("awaits_number")),
        number_is_wrong=case.number_is_wrong and event.data.get("channel") != "inbound",
        **_round(case, event),
        next_call_at=event.tasks[0].due_at if event.tasks else None,
        contradicted=tuple(
            dict.fromkeys((*case.contradicted, *map(contradicted_question, event.data.get("contradictions", ()))))
        ),
    )


def _round(case: CallbackCase, event: Event) -> dict[str, Any]:
    """A new round of a problem; histories from before rounds were told apart go on as they did."""
    if "next" not in event.data:
        return {}
    return {"verification": event.data["next"], "problem_category": "", "owed": tuple(event.data.get("owed", ()))}


def _stepped(case: CallbackCase, event: Event, step: str) -> CallbackCase:
    owed = tuple(event.data.get("owed", case.owed))
    return replace(case, verification=event.data.get("next", step), owed=owed)


def _verification_failed(case: CallbackCase, event: Event) -> CallbackCase:
    failed = _stepped(case, event, "explanation")
    return replace(failed, signed_paper="") if "is_signature_genuine" in event.data else failed


def contradicted_question(entry: Any) -> str:
    """The question of a contradiction: as `comparison` describes it, or its id alone."""
    return str(entry["question"] if isinstance(entry, Mapping) else entry)


_CHANGES: dict[str, Callable[[CallbackCase, Event], CallbackCase]] = {
    "sms_sent": _sms,
    "link_renewed": lambda c, e: replace(c, renewed_links=(*c.renewed_links, date.fromisoformat(e.data["on"]))),
    "identity_passed": _identity_passed,
    "identity_failed": _identity_failed,
    "identity_locked": _identity_locked,
    "identity_carried": _identity_carried,
    "notice_confirmed": _noticed,
    "questionnaire_rendered": _rendered,
    "answers_submitted": lambda c, e: _touch(  # a signature stands under the answers it was given for, and no others
        c, e, answers=e.data["answers"], remark=e.data.get("remark", ""), signature_sha256=None
    ),
    "answers_reopened": lambda c, e: _touch(c, e, answers=None, signature_sha256=None),
    "signed": lambda c, e: _touch(c, e, signature_sha256=e.data["sha256"]),
    "left": lambda c, e: replace(c, attempt=None, notice_at=None),
    "aborted": lambda c, e: replace(_to_phone(c, e), result="aborted"),
    "window_ended": _to_phone,
    "identity_days_exhausted": _to_phone,
    "phone_first": _to_phone,
    "no_phone": lambda c, e: replace(c, attempt=None, result=e.data["result"]),
    "number_confirmed": _number_confirmed,
    "phone_changed": _new_phone,
    "phone_retried": _to_phone,
    "call_unsuccessful": _call,
    "phone_gave_up": _call,
    "succeeded": _finished_attempt,
    "problem_found": _problem,
    "problem_classified": lambda c, e: replace(_stepped(c, e, ""), problem_category=e.data["category"]),
    "explained": lambda c, e: _stepped(c, e, ""),
    "visit_form_returned": lambda c, e: replace(_stepped(c, e, "verify_call"), signed_paper="visit_form"),
    "re_signed": lambda c, e: replace(_stepped(c, e, "verify_call"), signed_paper="re_signature"),
    "verification_failed": _verification_failed,
    "escalated": lambda c, e: replace(c, tried=(*c.tried, e.data["channel"]), attempt=None, awaits_number=False),
    "paper_unsuccessful": lambda c, e: replace(c, attempt=None, awaits_number=True),
    "closed": lambda c, e: replace(c, attempt=None),
    "expired": lambda c, e: replace(c, attempt=None),
}
