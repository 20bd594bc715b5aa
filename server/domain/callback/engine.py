"""The callback engine: `start` a callback, let time pass with `advance`, and `handle` commands. Pure; `now` is an argument."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from server.domain.callback import desk, electronic
from server.domain.callback import questionnaire as questionnaires
from server.domain.callback.calendar import Calendar
from server.domain.callback.case import CallbackCase, Command, Event, Refusal, State, evolve
from server.domain.callback.electronic import Decision
from server.domain.callback.facts import PolicyFacts
from server.domain.callback.questionnaire import Questionnaire, build
from server.domain.callback.rulebook import Rulebook
from server.domain.callback.timers import due

Handler = Callable[[CallbackCase, Command, datetime, Calendar], Decision]

COMMANDS: dict[str, Handler] = {
    "face_passed": electronic.identity,
    "face_failed": electronic.identity,
    "sms_code_passed": electronic.identity,
    "sms_code_failed": electronic.identity,
    "identity_reused": electronic.identity,
    "identity_failed_elsewhere": electronic.failed_elsewhere,
    "renew_link": electronic.renew_link,
    "notice_confirmed": electronic.notice,
    "questionnaire_rendered": electronic.rendered,
    "answered": electronic.answered,
    "edit": electronic.edit,
    "signed": electronic.signed,
    "confirmed": electronic.confirmed,
    "aborted": electronic.aborted,
    "left": electronic.left,
    "phone_result": desk.phone_result,
    "inbound_call": desk.inbound_call,
    "number_confirmed": desk.number_confirmed,
    "phone_changed": desk.phone_changed,
    "assign": desk.assign,
    "visit_result": desk.paper_result,
    "letter_result": desk.paper_result,
    "classify": desk.classify,
    "explained": desk.explained,
    "visit_form_returned": desk.form_returned,
    "re_signed": desk.form_returned,
    "verify_call": desk.verify_call,
    "close": desk.close,
    "policy_ended": desk.close,
}

_FINISHED = {State.SUCCESS: "E14", State.CLOSED: "CLOSE", State.EXPIRED: "EXPIRY"}
"""Why nothing happens any more."""


def start(
    policy: PolicyFacts,
    rulebook: Rulebook,
    questionnaire: Questionnaire,
    now: datetime,
    covered: Mapping[str, str] | None = None,
) -> tuple[CallbackCase, Event]:
    """Create a callback. Rulebook and rendered questions are frozen into it.

    Args:
        covered: subjects a passed recording covers → reason; used only where the rulebook allows simplification (Art. 35).

    Raises:
        QuestionnaireError: a merge field the policy lacks.
    """
    policy, allowed = _by_rules(policy, rulebook, covered)
    if rulebook.sms.mode == "on_task" and policy.notified_at is None:
        policy = replace(policy, notified_at=max(now, policy.issued_at))  # the message goes out with the task
    case = CallbackCase(
        policy, rulebook, build(questionnaire, policy, allowed, adult_from_age=rulebook.answering.insured_adult_from_age), now
    )
    if rulebook.eligibility.requires_term_over_one_year and not policy.term_over_one_year:
        event = Event(now, "closed", case.rule("A4"), State.CLOSED, {"reason": "term_of_one_year_or_less"})
        return evolve(case, event), event
    skipped = {s.id: s.reason for s in case.questionnaire.skipped}
    event = Event(now, "created", case.rule("E1"), State.WAITING, {"skipped": skipped})
    return case, event


def lacking(
    policy: PolicyFacts, rulebook: Rulebook, questionnaire: Questionnaire, covered: Mapping[str, str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Facts without which `start` fails: merge field → the questions that need it."""
    policy, allowed = _by_rules(policy, rulebook, covered)
    return questionnaires.lacking(questionnaire, policy, allowed, adult_from_age=rulebook.answering.insured_adult_from_age)


def _by_rules(
    policy: PolicyFacts, rulebook: Rulebook, covered: Mapping[str, str] | None
) -> tuple[PolicyFacts, Mapping[str, str] | None]:
    """The policy with what the rulebook says where its product does not, and what of a recording may shorten the callback."""
    phone = rulebook.phone
    policy = replace(policy, insurer=rulebook.insurer, insurer_phone=phone.shown_inbound, desk_hours=phone.hours.text)
    if policy.cooling_off_days is None:
        policy = replace(policy, cooling_off_days=rulebook.cooling_off_days)
    return policy, covered if rulebook.answering.simplified_by_recording else None


def advance(case: CallbackCase, now: datetime, calendar: Calendar) -> tuple[CallbackCase, list[Event]]:
    """Apply every timed event that has come due, in order, each at its own instant."""
    events: list[Event] = []
    while (event := due(case, now, calendar)) is not None:
        case = evolve(case, event)
        events.append(event)
    return case, events


def handle(
    case: CallbackCase, command: Command, now: datetime, calendar: Calendar
) -> tuple[CallbackCase, list[Event], Refusal | None]:
    """Let time pass up to `now`, then decide the command.

    Returns:
        The callback after it, all new events, and the refusal (None when the command was carried out). Nothing ever leaves a
        final state: there every command is refused with `CALLBACK_FINISHED`.

    Raises:
        KeyError: a command kind that does not exist.
    """
    handler = COMMANDS[command.kind]
    case, events = advance(case, now, calendar)
    if case.is_final:
        return case, events, Refusal("CALLBACK_FINISHED", case.rule(_FINISHED[case.state]), {"state": case.state.value})
    decision = handler(case, command, now, calendar)
    if isinstance(decision, Refusal):
        return case, events, decision
    for event in decision:
        case = evolve(case, event)
    return case, events + decision, None
