"""Decisions of the electronic channel: identity, notice, answering, confirmation, abort. Pure; `now` is an argument."""

from datetime import date, datetime, timedelta
from typing import Any

from server.domain.callback.calendar import Calendar
from server.domain.callback.case import ELECTRONIC, Attempt, CallbackCase, Command, Event, Refusal, State
from server.domain.callback.questionnaire import unexpected
from server.domain.callback.timers import (
    are_identity_days_used_up,
    contact_task,
    is_eligible,
    is_link_late,
    next_midnight,
    reopens_after_window,
    web_opens_at,
    window_ends_at,
)

Decision = list[Event] | Refusal


def may_enter(case: CallbackCase, entry: str, now: datetime, calendar: Calendar) -> Refusal | None:
    """Whether the customer may start the electronic callback now through `web` or `link`; None means yes."""
    if not is_eligible(case):
        return Refusal("ELECTRONIC_NOT_OFFERED", case.rule("E1"))
    if calendar.local_date(now) in case.locked_days:
        return Refusal("IDENTITY_LOCKED", case.rule("E9"), {"until": next_midnight(now, calendar).isoformat()})
    if case.state is State.IN_PROGRESS:
        return Refusal("ATTEMPT_RUNNING", case.rule("E15"))
    if case.state is State.PROBLEM and not case.rulebook.problem_reenters_electronic:
        return Refusal("PROBLEM_BY_PHONE_ONLY", case.rule("E7"), {"phone": case.rulebook.phone.shown})
    if case.state in (*ELECTRONIC, State.PROBLEM):
        return _may_enter_in_window(case, entry, now, calendar)
    return _may_enter_after_window(case, entry, now, calendar)


def _may_enter_in_window(case: CallbackCase, entry: str, now: datetime, calendar: Calendar) -> Refusal | None:
    if now >= window_ends_at(case, calendar):
        return Refusal("WINDOW_ENDED", case.rule("E5"), {"phone": case.rulebook.phone.shown})
    if entry == "link" and case.sms_sent:
        return None
    opens = web_opens_at(case, calendar)
    if entry == "link" or now < opens:
        return Refusal("NOT_OPEN_YET", case.rule("E4"), {"opens_at": opens.isoformat()})
    return None


def _may_enter_after_window(case: CallbackCase, entry: str, now: datetime, calendar: Calendar) -> Refusal | None:
    params = {"phone": case.rulebook.phone.shown}
    if case.state in (State.VISIT, State.LETTER):
        return Refusal("ON_PAPER", case.rule("A15"), params)
    if case.result == "aborted":
        return Refusal("ABORTED_TO_PHONE", case.rule("E15"), params)  # the phone follows, as the page said
    reopens = reopens_after_window(case, calendar)
    may_use = entry in case.rulebook.window.after_entries or (entry == "link" and is_link_late(case, calendar))
    if may_use and reopens:
        return None
    if are_identity_days_used_up(case) and not reopens:
        return Refusal("IDENTITY_DAYS_EXHAUSTED", case.rule("E9"), params)
    code = "WINDOW_ENDED" if now >= window_ends_at(case, calendar) else "WITH_PHONE_DESK"
    return Refusal(code, case.rule("E6" if code == "WINDOW_ENDED" else "E5"), params)


def identity(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`face_passed`, `face_failed`, `sms_code_passed`, `sms_code_failed`, `identity_reused` (E8, E9, E16).

    `identity_reused` carries `checked_at`: when the customer was last active since a passed check on any of their policies.
    """
    entry = str(command.data.get("entry", "web"))
    refused = may_enter(case, entry, now, calendar)
    if refused is None and command.kind != "identity_reused":
        refused = notice_first(case, now)
    if refused:
        return refused
    rules = case.rulebook.identity
    wanted = rules.method_for(case.policy.certificate.value)
    today = calendar.local_date(now)
    if command.kind == "identity_reused":
        if not case.rulebook.batch_without_new_identity or not _is_checked(case, command, now):
            return Refusal("IDENTITY_REQUIRED", case.rule("E16"), {"method": wanted})
        data = {"entry": entry, "method": wanted, "on": today.isoformat(), "is_reused": True}
        if case.rulebook.answering.notice_before_identity and command.data.get("has_notice"):
            data["has_notice"] = True  # ticked once, at the beginning of the visit
        return [Event(now, "identity_passed", case.rule("E16"), State.IN_PROGRESS, data)]
    method = "face" if command.kind.startswith("face") else "sms_code"
    if method not in (wanted, rules.fallback):
        return Refusal("IDENTITY_METHOD_WRONG", case.rule("E8"), {"method": wanted})
    if command.kind.endswith("_passed"):
        data = {"entry": entry, "method": method, "on": today.isoformat()}
        if case.rulebook.answering.notice_before_identity:
            data["has_notice"] = True  # else `notice_first` had refused
        return [Event(now, "identity_passed", case.rule("E8"), State.IN_PROGRESS, data)]
    return _failed(case, now, today)


def notice_first(case: CallbackCase, now: datetime) -> Refusal | None:
    """Why identity cannot be proven yet: the rulebook has the notice before the check (S0 E10), and it is not ticked, or was too
    long ago. None: it can."""
    if not case.rulebook.answering.notice_before_identity or _has_notice(case, now):
        return None
    return Refusal("NOTICE_NOT_CONFIRMED", case.rule("E10"))


def _has_notice(case: CallbackCase, now: datetime) -> bool:
    """Whether the notice was ticked before the identity check, and not too long ago."""
    return case.notice_at is not None and now - case.notice_at < timedelta(minutes=case.rulebook.identity.idle_minutes)


def failed_elsewhere(case: CallbackCase, _command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`identity_failed_elsewhere`: the customer failed on another policy; it counts here too, open or not (E9)."""
    today = calendar.local_date(now)
    if case.rulebook.identity.scope != "customer":
        return Refusal("COUNTED_BY_POLICY", case.rule("E9"))
    if today in case.locked_days:
        return Refusal("IDENTITY_LOCKED", case.rule("E9"), {"until": next_midnight(now, calendar).isoformat()})
    return _failed(case, now, today)


def _failed(case: CallbackCase, now: datetime, today: date) -> list[Event]:
    """One failure more of the day; a check that was passed in between takes none away (S1: 5 failures in a day)."""
    left = case.rulebook.identity.fail_daily_max - sum(1 for day in case.failures if day == today) - 1
    failed = Event(now, "identity_failed", case.rule("E9"), case.state, {"on": today.isoformat(), "left": max(0, left)})
    if left > 0:
        return [failed]
    back_to = case.attempt.back_to if case.attempt is not None else case.state
    state = State.LOCKED if back_to in (State.OPEN, State.LOCKED) else back_to
    return [failed, Event(now, "identity_locked", case.rule("E9"), state, {"on": today.isoformat()})]


def carried(case: CallbackCase, failures: tuple[date, ...], locked_days: tuple[date, ...], now: datetime) -> Event | None:
    """What a new callback takes over of its customer's failures, or None (E9)."""
    if case.is_final or case.rulebook.identity.scope != "customer" or not (failures or locked_days):
        return None
    data = {"failures": [day.isoformat() for day in failures], "locked": [day.isoformat() for day in locked_days]}
    return Event(now, "identity_carried", case.rule("E9"), case.state, data)


def _is_checked(case: CallbackCase, command: Command, now: datetime) -> bool:
    """Whether the customer passed a check and has neither left nor been idle since."""
    last = command.data.get("checked_at")
    idle = timedelta(minutes=case.rulebook.identity.idle_minutes)
    return last is not None and now - datetime.fromisoformat(str(last)) < idle


def renew_link(case: CallbackCase, _command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`renew_link`: a fresh link to the policy's phone in place of an expired one, while the electronic channel is open (E2)."""
    refused = may_enter(case, "link", now, calendar)
    if refused and refused.code != "ATTEMPT_RUNNING":
        return refused
    today = calendar.local_date(now)
    most = case.rulebook.sms.renew_daily_max
    if sum(1 for day in case.renewed_links if day == today) >= most:
        return Refusal("LINK_RENEWED_OFTEN", case.rule("E2"), {"max": most})
    return [Event(now, "link_renewed", case.rule("E2"), case.state, {"on": today.isoformat()})]


def notice(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`notice_confirmed`: the tick under the notice (E10). Where the rulebook says so, before the identity check (S0)."""
    if case.rulebook.answering.notice_before_identity and case.attempt is None:
        entry = str(command.data.get("entry", "web"))
        refused = may_enter(case, entry, now, calendar)
        if refused is None and _has_notice(case, now):
            return []  # ticked already: once more is no second tick
        return refused or [Event(now, "notice_confirmed", case.rule("E10"), case.state, {"entry": entry})]
    attempt = _attempt(case)
    return attempt if isinstance(attempt, Refusal) else [_step(case, now, "notice_confirmed", "E10")]


def rendered(case: CallbackCase, _command: Command, now: datetime, _calendar: Calendar) -> Decision:
    """`questionnaire_rendered`: the server served the questions; the first time starts the clock of E11."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    if case.rulebook.answering.requires_notice and attempt.notice_at is None:
        return Refusal("NOTICE_NOT_CONFIRMED", case.rule("E10"))
    return [_step(case, now, "questionnaire_rendered", "E11")]


def seconds_left(case: CallbackCase, now: datetime) -> int:
    """Whole seconds until submitting is allowed (E11), measured from the first rendering."""
    needed = case.rulebook.answering.min_answer_seconds
    if case.attempt is None or case.attempt.rendered_at is None:
        return needed
    elapsed = (now - case.attempt.rendered_at).total_seconds()
    return max(0, -int((elapsed - needed) // 1))


def answered(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`answered`: all answers at once, with a remark where the rulebook has one (E11, E12)."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    rules = case.rulebook.answering
    if attempt.rendered_at is None:
        return Refusal("QUESTIONNAIRE_NOT_SEEN", case.rule("E11"))
    if attempt.answers is not None and not rules.can_edit:
        return Refusal("NOTHING_TO_EDIT", case.rule("E13"))
    left = seconds_left(case, now)
    if left > 0:
        return Refusal("ANSWERED_TOO_FAST", case.rule("E11"), {"seconds_left": left, "min_seconds": rules.min_answer_seconds})
    answers = dict(command.data.get("answers", {}))
    asked = [q.id for q in case.questionnaire.asked]
    missing = [q for q in asked if answers.get(q) not in ("yes", "no")]
    if missing or set(answers) - set(asked):
        return Refusal("ANSWERS_INCOMPLETE", case.rule("E12"), {"missing": missing, "unknown": sorted(set(answers) - set(asked))})
    remark = str(command.data.get("remark", ""))
    if len(remark) > (rules.remark_max if rules.has_remark else 0):
        return Refusal("REMARK_TOO_LONG", case.rule("E12"), {"max": rules.remark_max if rules.has_remark else 0})
    submitted = _step(case, now, "answers_submitted", "E12", answers=answers, remark=remark)
    if rules.has_confirm_page or rules.requires_signature:
        return [submitted]
    return [submitted, _conclude(case, answers, command.data.get("contradictions", ()), now, calendar)]


def edit(case: CallbackCase, _command: Command, now: datetime, _calendar: Calendar) -> Decision:
    """`edit`: back from the confirmation page (E13, 返回修改)."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    if attempt.answers is None or not case.rulebook.answering.can_edit:
        return Refusal("NOTHING_TO_EDIT", case.rule("E13"))
    return [_step(case, now, "answers_reopened", "E13")]


def signed(case: CallbackCase, command: Command, now: datetime, _calendar: Calendar) -> Decision:
    """`signed`: the policyholder's electronic signature on the confirmation page (S1 E13)."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    if attempt.answers is None:
        return Refusal("ANSWERS_INCOMPLETE", case.rule("E13"))
    sha256 = str(command.data.get("sha256", ""))
    if len(sha256) != 64:
        return Refusal("SIGNATURE_EMPTY", case.rule("E13"))
    return [_step(case, now, "signed", "E13", sha256=sha256)]


def confirmed(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`confirmed`: the customer confirms all questions and answers; the result follows (E13, E14)."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    if attempt.answers is None:
        return Refusal("ANSWERS_INCOMPLETE", case.rule("E13"))
    if case.rulebook.answering.requires_signature and attempt.signature_sha256 is None:
        return Refusal("SIGNATURE_REQUIRED", case.rule("E13"))
    return [_conclude(case, dict(attempt.answers), command.data.get("contradictions", ()), now, calendar)]


def aborted(case: CallbackCase, _command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`aborted`: 中止回访; the phone desk follows where the rulebook says so (S0 E15)."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    if not case.rulebook.answering.can_abort:
        return Refusal("ABORT_NOT_OFFERED", case.rule("E12"))
    if case.rulebook.answering.abort_to == "open":
        return [Event(now, "left", case.rule("E15"), attempt.back_to, {"reason": "aborted"})]
    state = State.PHONE_FAILED if case.needs_number else State.PHONE
    return [Event(now, "aborted", case.rule("E15"), state, {"result": "aborted"}, (contact_task(case, now, calendar),))]


def left(case: CallbackCase, command: Command, now: datetime, _calendar: Calendar) -> Decision:
    """`left`: the customer leaves without submitting; no draft is kept, identity is asked again (E15, E16)."""
    attempt = _attempt(case)
    if isinstance(attempt, Refusal):
        return attempt
    return [Event(now, "left", case.rule("E15"), attempt.back_to, {"reason": str(command.data.get("reason", "left"))})]


def _attempt(case: CallbackCase) -> Attempt | Refusal:
    if case.state is not State.IN_PROGRESS or case.attempt is None:
        return Refusal("IDENTITY_REQUIRED", case.rule("E8"))
    return case.attempt


def _step(case: CallbackCase, now: datetime, kind: str, code: str, **data: Any) -> Event:
    return Event(now, kind, case.rule(code), State.IN_PROGRESS, data)


def _conclude(case: CallbackCase, answers: dict[str, str], contradictions: Any, now: datetime, calendar: Calendar) -> Event:
    wrong = unexpected(case.questionnaire, answers)
    data: dict[str, Any] = {"answers": answers, "unexpected": list(wrong), "contradictions": list(contradictions)}
    if not wrong and not contradictions:
        return Event(now, "succeeded", case.rule("E14"), State.SUCCESS, {**data, "result": "success", "channel": "electronic"})
    rule = case.rule("E14" if wrong else "E7")
    state = State.PROBLEM if case.rulebook.answering.unexpected_to == "problem" else State.PHONE
    return Event(
        now,
        "problem_found",
        rule,
        state,
        {**data, "result": "problem", **case.problem_steps(), **({"awaits_number": True} if case.needs_number else {})},
        (contact_task(case, now, calendar),),
    )
