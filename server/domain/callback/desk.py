"""Decisions of the callback desk: calls, problem cases, visits, letters, closing. Pure; `now` is an argument.

Sources: E7, E17 of the insurers' documents; articles 13–16 of the Shandong guideline.
"""

from datetime import datetime, timedelta
from typing import Any

from server.domain.callback.calendar import Calendar
from server.domain.callback.case import (
    PAPER,
    UNREACHED,
    CallbackCase,
    Command,
    Event,
    Refusal,
    State,
    Task,
    contradicted_question,
)
from server.domain.callback.electronic import Decision
from server.domain.callback.questionnaire import unexpected
from server.domain.callback.timers import phone_task

CATEGORIES = {
    "not_received": "explanation",
    "unclear_rights": "explanation",
    "promise": "explanation",
    "identity_doubt": "explanation",
    "contradiction": "explanation",
    "signature_missing": "re_signature",
    "signed_by_other": "re_signature",
    "misconduct": "explanation",
    "other": "explanation",
}
"""Problem categories and the step that follows classification (A16)."""

_CALLABLE = frozenset({State.PHONE, State.PHONE_FAILED, State.PROBLEM, State.VISIT, State.LETTER})
RESULTS = ("success", "problem", "no_answer", "refused", "wrong_number")
INBOUND_RESULTS = ("success", "problem", "refused")
"""Who calls has been reached, at a number that is right."""
OUTBOUND, INBOUND = "outbound", "inbound"
AFTER_CLASSIFICATION = ("explanation", "re_signature", "explanation_visit", "verify_call", "compliance_report", "sales_report")
"""Kinds of task that a classification brings; another classification ends what is open of them."""


def noted(command: Command) -> dict[str, str]:
    """What staff wrote and named beside a command: it belongs to the history."""
    kept = ("note", "visitor_id", "scan_id", "from_phone")
    return {key: str(command.data[key]) for key in kept if command.data.get(key)}


def _contradictions(command: Command, case: CallbackCase, *, is_new: bool = False) -> list[Any]:
    """What contradicts the recording; `is_new`: only what has not made a problem case before."""
    found = list(command.data.get("contradictions", ()))
    return [entry for entry in found if contradicted_question(entry) not in case.contradicted] if is_new else found


def phone_result(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`phone_result`: what an outbound call brought (success, problem, no_answer, refused, wrong_number)."""
    if case.state not in _CALLABLE:
        return Refusal("NOT_WITH_PHONE_DESK", case.rule("E17"), {"state": case.state.value})
    if refused := _no_number(case) or _desk_closed(case, now, calendar) or _not_due(case, now):
        return refused
    return _call(case, command, now, calendar, "phone")


def inbound_call(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`inbound_call`: the customer calls; only from the phone registered at the application, in desk hours (S0 E17)."""
    if case.state is State.IN_PROGRESS:
        return Refusal("ATTEMPT_RUNNING", case.rule("E20"))
    if command.data.get("result") not in INBOUND_RESULTS:
        return Refusal("RESULT_UNKNOWN", case.rule("E17"), {"known": list(INBOUND_RESULTS)})
    if not case.registered_phone or command.data.get("from_phone") != case.registered_phone:
        return Refusal("PHONE_NOT_REGISTERED", case.rule("E17"))
    if closed := _desk_closed(case, now, calendar):
        return closed
    return _call(case, command, now, calendar, "inbound")


def results_of(case: CallbackCase, direction: str, now: datetime) -> tuple[str, ...]:
    """The results that a call may have now, by direction: what `phone_result` and `inbound_call` do not refuse."""
    if case.is_final or case.state is State.IN_PROGRESS:
        return ()
    if direction == OUTBOUND and (case.state not in _CALLABLE or _no_number(case) or _not_due(case, now)):
        return ()
    if direction == INBOUND and not case.registered_phone:
        return ()
    known = RESULTS if direction == OUTBOUND else INBOUND_RESULTS
    return tuple(result for result in known if result != "success" or not _open_step(case))


def _open_step(case: CallbackCase) -> str:
    """The step that a problem case waits for, or empty (A16). No plain call ends it then: the second call, which verifies the
    explanation and the signature, has a command and a record of its own."""
    return case.verification if case.in_problem else ""


def _no_number(case: CallbackCase) -> Refusal | None:
    """Nobody is called before there is a number, and at a wrong one not again: it is confirmed first (A14)."""
    return Refusal("NUMBER_NOT_CONFIRMED", case.rule("A14")) if case.needs_number else None


def _not_due(case: CallbackCase, now: datetime) -> Refusal | None:
    """The retry plan is kept: nobody is called again before the time it says (E17)."""
    if not case.rulebook.phone.enforces_retry_plan or case.retry_at is None or now >= case.retry_at:
        return None
    return Refusal("CALL_NOT_DUE", case.rule("E17"), {"next_call_at": case.retry_at.isoformat()})


def _desk_closed(case: CallbackCase, now: datetime, calendar: Calendar) -> Refusal | None:
    hours = case.rulebook.phone.hours
    if calendar.is_desk_open(now, hours):
        return None
    return Refusal("DESK_CLOSED", case.rule("E17"), {"opens_at": calendar.next_desk_time(now, hours).isoformat()})


def _call(case: CallbackCase, command: Command, now: datetime, calendar: Calendar, channel: str) -> Decision:
    result = command.data.get("result")
    if result not in RESULTS:
        return Refusal("RESULT_UNKNOWN", case.rule("E17"), {"known": list(RESULTS)})
    answers = dict(command.data.get("answers", {}))
    if result == "success":
        if step := _open_step(case):
            return Refusal("EXPLANATION_PENDING", case.rule("A16"), {"step": step})
        wrong = unexpected(case.questionnaire, answers)
        if wrong:
            return Refusal("ANSWERS_NOT_EXPECTED", case.rule("E14"), {"questions": list(wrong)})
        if found := _contradictions(command, case, is_new=True):
            return [_problem_found(case, command, now, calendar, "E7", channel, (), found)]
        data: dict[str, Any] = {**noted(command), "answers": answers, "result": "success", "channel": channel}
        return [Event(now, "succeeded", case.rule("E7" if case.in_problem else "E17"), State.SUCCESS, data)]
    if result == "problem":
        wrong = tuple(one for one in unexpected(case.questionnaire, answers) if one in answers)  # not asked is not answered
        return [_problem_found(case, command, now, calendar, "E7", channel, wrong, _contradictions(command, case))]
    if case.in_problem:
        return _problem_unreached(case, command, now, calendar)
    retry = _retry(case, result, now, calendar) if result == "no_answer" else None
    if case.state in PAPER:  # the visit or the letter goes on
        more = retry or {"reason": result}
        return [Event(now, "call_unsuccessful", case.rule("E17"), case.state, {**noted(command), **more}, _retry_tasks(more))]
    if result == "refused":
        return _gave_up(case, command, now, calendar, case.rulebook.phone.on_refused, "A15")
    if result == "wrong_number":
        return _gave_up(case, command, now, calendar, "none", "A14")
    if retry is None:
        return _gave_up(case, command, now, calendar, case.rulebook.phone.on_failed, "E17")
    cancels = {"cancels": list(UNREACHED)} if case.state is State.PHONE_FAILED else {}
    data = {**noted(command), **retry, "result": "phone_failed", **cancels}  # nobody answered: a failed case already (S0 E6)
    return [Event(now, "call_unsuccessful", case.rule("E17"), State.PHONE, data, _retry_tasks(retry))]


def _problem_unreached(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> list[Event]:
    """Nobody was reached about a problem: called again, listed for a number (A14), or on paper (A15); never off the list."""
    phone, result, is_on_paper = case.rulebook.phone, command.data["result"], case.state in PAPER
    data: dict[str, Any] = {**noted(command), "result": "problem", "reason": result}

    def unsuccessful(code: str, more: dict[str, Any], *tasks: Task) -> Event:
        called_again = {"cancels": ["confirm_number"]} if case.awaits_number and not more.get("awaits_number") else {}
        return Event(now, "call_unsuccessful", case.rule(code), case.state, {**data, **more, **called_again}, tasks)

    retry = _retry(case, result, now, calendar) if result == "no_answer" else None
    then = {"refused": phone.on_refused, "no_answer": phone.on_failed}.get(result, "none")
    if retry:
        return [unsuccessful("E7", retry, *_retry_tasks(retry))]
    if is_on_paper:
        return [unsuccessful("A15", {})]
    if then in ("visit", "letter"):
        return [unsuccessful("A15", {}), _escalate(case, then, now, calendar, "A15")]
    if result == "wrong_number" or (result == "no_answer" and phone.reconfirms_number):
        return [unsuccessful("A14", {"awaits_number": True}, _task(case, "confirm_number", now, calendar))]
    again = calendar.next_desk_time(now + timedelta(hours=phone.due_hours), phone.hours)
    return [unsuccessful("E7", {"next_call_at": again.isoformat()}, Task("phone_call", again))]


def _problem_found(
    case: CallbackCase,
    command: Command,
    now: datetime,
    calendar: Calendar,
    code: str,
    channel: str,
    wrong: tuple[str, ...],
    contradictions: list[Any],
) -> Event:
    data = {
        **noted(command),
        "answers": dict(command.data.get("answers", {})),
        "unexpected": list(wrong),
        "contradictions": contradictions,
        "channel": channel,
        **case.problem_steps(),
    }
    tasks = [_task(case, "explanation", now, calendar)]
    if case.needs_number and channel != "inbound":  # found on paper: the second call needs a number
        data["awaits_number"] = True
        tasks.append(_task(case, "confirm_number", now, calendar))
    return Event(now, "problem_found", case.rule(code), State.PROBLEM, data, tuple(tasks))


def _retry(case: CallbackCase, reason: Any, now: datetime, calendar: Calendar) -> dict[str, Any] | None:
    plan = case.rulebook.phone.retry_after_hours
    if case.phone_attempts >= len(plan):
        return None
    at = calendar.next_desk_time(now + timedelta(hours=plan[case.phone_attempts]), case.rulebook.phone.hours)
    return {"next_call_at": at.isoformat(), "reason": reason}


def _retry_tasks(data: dict[str, Any]) -> tuple[Task, ...]:
    at = data.get("next_call_at")
    return (Task("phone_call", datetime.fromisoformat(at)),) if at else ()


def _gave_up(case: CallbackCase, command: Command, now: datetime, calendar: Calendar, then: str, code: str) -> list[Event]:
    """The phone did not reach the customer: on paper, on the list of the responsible unit, which finds a number (A14), or staff
    choose the way: paper, another call, or closing with the reason. Nobody is left without a task."""
    reason = command.data.get("result")
    data = {**noted(command), "result": "phone_failed", "reason": reason}
    if then in ("visit", "letter"):
        failed = Event(now, "phone_gave_up", case.rule(code), State.PHONE_FAILED, data)
        return [failed, _escalate(case, then, now, calendar, code)]
    needs_number = reason == "wrong_number" or (then == "none" and case.rulebook.phone.reconfirms_number)
    wanted, other = UNREACHED if needs_number else UNREACHED[::-1]
    data |= {"cancels": [other]}
    rule, task = case.rule("A14" if needs_number else code), _task(case, wanted, now, calendar)
    return [Event(now, "phone_gave_up", rule, State.PHONE_FAILED, data, (task,))]


def _escalate(case: CallbackCase, channel: str, now: datetime, calendar: Calendar, code: str) -> Event:
    state = State.VISIT if channel == "visit" else State.LETTER
    ended = ["phone_call", *UNREACHED, *(kind for kind in PAPER.values() if kind != channel)]
    data = {"channel": channel, "cancels": ended}
    return Event(now, "escalated", case.rule(code), state, data, (_task(case, channel, now, calendar),))


def _next_paper(case: CallbackCase, channel: str) -> str | None:
    """Which way on paper follows one that did not reach the customer, in the rulebook's order; None: there is no other."""
    order = [one for one in case.rulebook.channel_order if one in PAPER.values()]
    later = order[order.index(channel) + 1 :] if channel in order else order
    return next((one for one in later if one not in case.tried), None)


def _task(case: CallbackCase, kind: str, now: datetime, calendar: Calendar) -> Task:
    at = now + timedelta(hours=case.rulebook.phone.due_hours) if kind != "phone_call" else now
    return Task(kind, calendar.next_desk_time(at, case.rulebook.phone.hours))


def number_confirmed(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`number_confirmed`: the responsible unit found a number (`phone`, where it is another one); the desk calls again (A14)."""
    if case.state is not State.PHONE_FAILED and not case.awaits_number:
        return Refusal("NOT_WAITING_FOR_NUMBER", case.rule("A14"))
    phone = str(command.data.get("phone") or "")
    if not phone and not case.policy.has_phone:
        return Refusal("PHONE_MISSING", case.rule("A14"))
    data = {**noted(command), **({"phone": phone} if phone else {})}
    state = State.PHONE if case.state is State.PHONE_FAILED else case.state
    return [Event(now, "number_confirmed", case.rule("A14"), state, data, (phone_task(case, now, calendar),))]


def phone_changed(case: CallbackCase, command: Command, now: datetime, _calendar: Calendar) -> Decision:
    """`phone_changed`: the core system has another phone of the policyholder (E18)."""
    phone = str(command.data.get("phone") or "")
    if not phone:
        return Refusal("PHONE_MISSING", case.rule("E18"))
    return [Event(now, "phone_changed", case.rule("E18"), case.state, {"phone": phone})]


def priority_of(case: CallbackCase, kind: str) -> int:
    """Where a task stands among those that can be done now: the smaller goes first. Elderly customers go earlier."""
    phone = case.rulebook.phone
    return phone.priority_of(kind) - (phone.elderly_priority if case.policy.policyholder_age >= phone.elderly_from_age else 0)


def assign(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`assign`: staff send a visit or a letter where the phone cannot reach the customer (A15)."""
    channel = str(command.data.get("channel", ""))
    if channel not in ("visit", "letter"):
        return Refusal("CHANNEL_UNKNOWN", case.rule("A13"))
    if case.state not in _CALLABLE:
        return Refusal("NOT_WITH_PHONE_DESK", case.rule("A15"), {"state": case.state.value})
    return [_escalate(case, channel, now, calendar, "A15")]


def paper_result(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`visit_result` / `letter_result`: a paper questionnaire; the policyholder in person, signed (A15)."""
    channel = "visit" if command.kind == "visit_result" else "letter"
    if PAPER.get(case.state) != channel:
        return Refusal("NOT_ON_PAPER", case.rule("A15"), {"state": case.state.value})
    if command.data.get("staff_role") == "sales":
        return Refusal("VISIT_BY_SALES_STAFF", case.rule("A15"), {"channel": channel})
    if not command.data.get("reached", True):
        if then := _next_paper(case, channel):
            return [_escalate(case, then, now, calendar, "A15")]
        if case.in_problem:
            reason = {**noted(command), "reason": f"{channel} did not reach the customer"}
            listed = (_task(case, "confirm_number", now, calendar),)
            return [Event(now, "paper_unsuccessful", case.rule("A14"), State.PROBLEM, reason, listed)]
        data = {**noted(command), "result": "unreachable", "reason": f"{channel} did not reach the customer"}
        return [Event(now, "closed", case.rule("A15"), State.CLOSED, data)]
    if not command.data.get("signed_by_policyholder", False):
        return Refusal("SIGNATURE_REQUIRED", case.rule("A15"))
    answers = dict(command.data.get("answers", {}))
    wrong = unexpected(case.questionnaire, answers)
    found = _contradictions(command, case, is_new=not wrong)
    if wrong or found:
        return [_problem_found(case, command, now, calendar, "A16", channel, wrong, found)]
    step = "re_signature" if "re_signature" in case.owed else case.verification
    if case.in_problem and step in ("classification", "re_signature"):  # what was explained and answered is signed on the paper
        return Refusal("EXPLANATION_PENDING", case.rule("A16"), {"step": step})
    done = {**noted(command), "answers": answers, "result": "success", "channel": channel}
    return [Event(now, "succeeded", case.rule("A15"), State.SUCCESS, done)]


def classify(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`classify`: name the kind of problem; misconduct also goes to sales and compliance (A16). Ends the former kind's tasks."""
    category = str(command.data.get("category", ""))
    if not case.in_problem:
        return Refusal("NOT_A_PROBLEM_CASE", case.rule("A16"))
    if category not in CATEGORIES:
        return Refusal("CATEGORY_UNKNOWN", case.rule("A16"), {"known": sorted(CATEGORIES)})
    step = CATEGORIES[category]
    tasks = [_task(case, step, now, calendar)]
    if category == "misconduct":
        tasks += [_task(case, "compliance_report", now, calendar), _task(case, "sales_report", now, calendar)]
    ended = [kind for kind in AFTER_CLASSIFICATION if kind not in {task.kind for task in tasks}]
    return [
        Event(
            now,
            "problem_classified",
            case.rule("A16"),
            case.state,
            {
                **noted(command),
                "category": category,
                "next": step,
                "owed": [one for one in case.owed if one != step],
                "cancels": ended,
            },
            tuple(tasks),
        )
    ]


def explained(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`explained`: the explanation by phone; a visit follows when the customer wants more (沟通解释件, A16).

    A call like any other: in desk hours, and to a number that is not known to be wrong. The customer may also have called us, so
    the retry plan does not hold it up.
    """
    if not case.in_problem or case.verification != "explanation":
        return Refusal("NO_EXPLANATION_PENDING", case.rule("A16"))
    if refused := _no_number(case) or _desk_closed(case, now, calendar):
        return refused
    if command.data.get("needs_visit"):
        task = _task(case, "explanation_visit", now, calendar)
        return [Event(now, "explained", case.rule("A16"), case.state, {**noted(command), "next": "visit_form"}, (task,))]
    return [_step_done(case, command, now, calendar)]


def _step_done(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Event:
    """A step is done: on to what an earlier round left undone, else to the call that verifies it all (A16)."""
    step, owed = (case.owed[0], case.owed[1:]) if case.owed else ("verify_call", ())
    data = {**noted(command), "next": step, **({"owed": list(owed)} if case.owed else {})}
    return Event(now, command.kind, case.rule("A16"), case.state, data, (_task(case, step, now, calendar),))


def form_returned(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`visit_form_returned` / `re_signed`: signed by the policyholder, never brought by sales staff (A16)."""
    wanted = "visit_form" if command.kind == "visit_form_returned" else "re_signature"
    if not case.in_problem or case.verification != wanted:
        return Refusal("NO_FORM_PENDING", case.rule("A16"), {"step": case.verification})
    if command.data.get("staff_role") == "sales":
        return Refusal("VISIT_BY_SALES_STAFF", case.rule("A16"))
    if not command.data.get("signed_by_policyholder", False):
        return Refusal("SIGNATURE_REQUIRED", case.rule("A16"))
    return [_step_done(case, command, now, calendar)]


def verify_call(case: CallbackCase, command: Command, now: datetime, calendar: Calendar) -> Decision:
    """`verify_call`: the second call checks the explanation, and the signature under the form that came back (A16).

    Two answers, because different things follow: what was not explained (`is_confirmed`) is explained again, what somebody else
    signed is signed again. `is_signature_genuine` is asked for exactly when a signed form came back.
    """
    if not case.in_problem or case.verification != "verify_call":
        return Refusal("NO_VERIFICATION_PENDING", case.rule("A16"), {"step": case.verification})
    if refused := _no_number(case) or _desk_closed(case, now, calendar) or _not_due(case, now):
        return refused
    is_explained, is_genuine = bool(command.data.get("is_confirmed")), command.data.get("is_signature_genuine")
    if (is_genuine is not None) is not bool(case.signed_paper):
        return Refusal("SIGNATURE_ANSWER", case.rule("A16"), {"signed_paper": case.signed_paper})
    heard: dict[str, Any] = {**noted(command), "is_confirmed": is_explained}
    heard |= {} if is_genuine is None else {"is_signature_genuine": is_genuine}
    if is_explained and is_genuine is not False:
        data = {**heard, "result": "success", "channel": "phone", "category": case.problem_category}
        return [Event(now, "succeeded", case.rule("A16"), State.SUCCESS, data)]
    step, owed = "explanation", list(case.owed)
    if is_genuine is False and (is_explained or case.signed_paper == "visit_form"):
        step = case.signed_paper  # the visit explains again as well
    elif is_genuine is False:
        owed = list(dict.fromkeys((*owed, case.signed_paper)))
    task = _task(case, {"visit_form": "explanation_visit"}.get(step, step), now, calendar)
    return [Event(now, "verification_failed", case.rule("A16"), case.state, {**heard, "next": step, "owed": owed}, (task,))]


def close(case: CallbackCase, command: Command, now: datetime, _calendar: Calendar) -> Decision:
    """`close` (staff, with a reason) or `policy_ended` (core system: surrendered, cancelled in the cooling-off period)."""
    code = "POLICY_ENDED" if command.kind == "policy_ended" else "CLOSE"
    reason = str(command.data.get("reason", "")).strip()
    if not reason:
        return Refusal("REASON_REQUIRED", case.rule(code))
    return [
        Event(
            now,
            "closed",
            case.rule(code),
            State.CLOSED,
            {**noted(command), "reason": reason, "by": command.kind, "result": "closed"},
        )
    ]
