"""What happens by itself as time passes: opening, reminders, end of the window, unlocking, leaving, expiry.

`due` gives the next timed event of a callback; the caller applies it and asks again, so that a long absence of the clock (a
stopped server) replays every deadline in order, each at its own instant.
"""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from server.domain.callback.calendar import Calendar
from server.domain.callback.case import ELECTRONIC, CallbackCase, Event, State, Task


def anchor_day(case: CallbackCase, anchor: str, calendar: Calendar) -> date:
    """The local date an anchor stands for; `notified_on` falls back to the issue date (the stricter one)."""
    if anchor == "effective_on":
        return case.policy.effective_on
    if anchor == "notified_on" and case.policy.notified_at is not None:
        return calendar.local_date(case.policy.notified_at)
    return calendar.local_date(case.policy.issued_at)


def window_ends_at(case: CallbackCase, calendar: Calendar) -> datetime:
    """The instant the electronic window ends: the start of the day after its last day (E5: day 4 belongs to the phone)."""
    window = case.rulebook.window
    first_excluded = window.days + (0 if window.counts_anchor_day else 1)
    return calendar.at(anchor_day(case, window.anchor, calendar) + timedelta(days=first_excluded))


def web_opens_at(case: CallbackCase, calendar: Calendar) -> datetime:
    """When the web entry opens for this customer (E4)."""
    opening = case.rulebook.opening
    if not case.policy.is_first_time:
        return case.policy.issued_at + timedelta(minutes=opening.returning_minutes)
    if opening.first_time_days == 0:
        return case.policy.issued_at
    day = anchor_day(case, opening.first_time_anchor, calendar) + timedelta(days=opening.first_time_days)
    return calendar.at(day)


def sms_plan(case: CallbackCase, calendar: Calendar) -> tuple[datetime, ...]:
    """All reminder times of a callback (E3): the daily batch takes policies issued in the 24 hours before it."""
    sms = case.rulebook.sms
    if sms.mode == "none":
        return ()
    if sms.mode == "on_task":
        first = max(case.created_at, case.policy.issued_at)
    else:
        day = calendar.local_date(case.policy.issued_at)
        first = calendar.at(day, sms.at)
        if first <= case.policy.issued_at:
            first = calendar.at(day + timedelta(days=1), sms.at)
        while first < case.created_at:  # a policy that reached us late goes with the next batch
            first = calendar.at(calendar.local_date(first) + timedelta(days=1), sms.at)
    if not sms.repeat_after_days:
        return (first,)
    return (first, first + timedelta(days=sms.repeat_after_days))


def is_eligible(case: CallbackCase) -> bool:
    """Whether the policy may use the electronic channel at all (E1)."""
    rules, policy = case.rulebook.eligibility, case.policy
    return (
        (not rules.certificates or policy.certificate.value in rules.certificates)
        and (policy.has_electronic_contract or not rules.requires_electronic_contract)
        and "electronic" in case.rulebook.channel_order
        and policy.has_phone
    )


def phone_task(case: CallbackCase, at: datetime, calendar: Calendar) -> Task:
    """A call to make, at the first desk time from `at` (E17)."""
    return Task("phone_call", calendar.next_desk_time(at, case.rulebook.phone.hours))


def contact_task(case: CallbackCase, at: datetime, calendar: Calendar) -> Task:
    """How the desk goes on: a call, or first a number to call (A14)."""
    if not case.needs_number:
        return phone_task(case, at, calendar)
    hours = case.rulebook.phone
    return Task("confirm_number", calendar.next_desk_time(at + timedelta(hours=hours.due_hours), hours.hours))


def next_midnight(at: datetime, calendar: Calendar) -> datetime:
    """The start of the next local day."""
    return calendar.at(calendar.local_date(at) + timedelta(days=1), time(0))


def due(case: CallbackCase, now: datetime, calendar: Calendar) -> Event | None:
    """The earliest timed event that has come due by `now`, or None."""
    events = [event for event in _timed(case, calendar) if event.at <= now]
    return min(events, key=lambda event: event.at, default=None)


def next_due_at(case: CallbackCase, calendar: Calendar) -> datetime | None:
    """When this callback needs looking at next, or None when it is finished: what the scheduler stores."""
    return min((event.at for event in _timed(case, calendar)), default=None)


def _timed(case: CallbackCase, calendar: Calendar) -> list[Event]:
    if case.is_final:
        return []
    end = case.created_at + timedelta(days=case.rulebook.expires_after_days)
    events = [Event(end, "expired", case.rule("EXPIRY"), State.EXPIRED, {"result": case.result})]
    if case.attempt is not None and case.attempt.back_to is not State.OPEN:
        events += _attempt(case) + _late_repeat(case, calendar)  # after the window (E6)
    elif case.state in (State.PHONE, State.PHONE_FAILED):
        events += _late_repeat(case, calendar)
    elif case.state in ELECTRONIC:
        events += _electronic(case, calendar)
    return events


def _electronic(case: CallbackCase, calendar: Calendar) -> list[Event]:
    events: list[Event] = []
    if not is_eligible(case):
        rule = case.rule("A13" if "electronic" not in case.rulebook.channel_order else "E1")
        at = case.created_at
        if not case.policy.has_phone:
            return [_no_phone(case, calendar)]
        return [Event(at, "phone_first", rule, State.PHONE, {}, (phone_task(case, at, calendar),))]
    plan = sms_plan(case, calendar)
    ends = window_ends_at(case, calendar)
    if len(case.sms_sent) < len(plan):
        at = max(plan[len(case.sms_sent)], case.sms_sent[-1] if case.sms_sent else case.created_at)
        if at < ends:
            state = State.OPEN if case.state is State.WAITING else case.state
            events.append(Event(at, "sms_sent", case.rule("E3"), state, {"number": len(case.sms_sent) + 1}))
    if case.state is State.WAITING:
        opens = max(web_opens_at(case, calendar), case.created_at)
        events.append(Event(opens, "opened", case.rule("E4"), State.OPEN))
    if case.state is State.LOCKED or are_identity_days_used_up(case):
        events.append(_unlock(case, calendar))
    events += _attempt(case)
    may_finish = case.state is State.IN_PROGRESS and case.rulebook.window.finish_started_attempt
    if not may_finish:
        at = max(ends, case.created_at)
        events.append(Event(at, "window_ended", case.rule("E5"), State.PHONE, {}, (phone_task(case, at, calendar),)))
    return events


def reopens_after_window(case: CallbackCase, calendar: Calendar) -> bool:
    """Whether the electronic channel takes a callback that the phone desk has (E6): by its result and its day of issue.

    Whom the identity check sent to the phone (E9) waits for a call there; one that failed opens the channel again.
    """
    window = case.rulebook.window
    state = case.attempt.back_to if case.attempt is not None else case.state
    if state not in (State.PHONE, State.PHONE_FAILED) or case.result not in window.after_allow:
        return False
    if case.result == "not_done" and are_identity_days_used_up(case):
        return False
    since = window.phone_failed_issued_since
    return case.result != "phone_failed" or since is None or calendar.local_date(case.policy.issued_at) >= since


def is_link_late(case: CallbackCase, calendar: Calendar) -> bool:
    """Whether the customer's newest link was sent after the window: it opens what the web entry still opens (S0 E3)."""
    return bool(case.sms_sent) and case.sms_sent[-1] >= window_ends_at(case, calendar)


def _late_repeat(case: CallbackCase, calendar: Calendar) -> list[Event]:
    """The second message after the window, to whoever may still answer: at its own time or not at all (S0 E3)."""
    if not case.rulebook.sms.repeat_after_window or len(case.sms_sent) != 1 or not reopens_after_window(case, calendar):
        return []
    at = next(iter(sms_plan(case, calendar)[1:]), None)
    if at is None or at < window_ends_at(case, calendar) or (case.last_at is not None and at < case.last_at):
        return []
    return [Event(at, "sms_sent", case.rule("E3"), case.state, {"number": 2})]


def _no_phone(case: CallbackCase, calendar: Calendar) -> Event:
    """Nobody to call: the responsible unit gets it on its list (A14)."""
    task = contact_task(case, case.created_at, calendar)
    data = {"result": "phone_failed", "reason": "no_phone"}
    return Event(case.created_at, "no_phone", case.rule("A14"), State.PHONE_FAILED, data, (task,))


def _attempt(case: CallbackCase) -> list[Event]:
    if case.state is not State.IN_PROGRESS or case.attempt is None:
        return []
    idle = case.attempt.last_at + timedelta(minutes=case.rulebook.identity.idle_minutes)
    return [Event(idle, "left", case.rule("E15"), case.attempt.back_to, {"reason": "idle"})]


def are_identity_days_used_up(case: CallbackCase) -> bool:
    """Whether so many locked days followed each other that the phone takes over (E9)."""
    needed = case.rulebook.identity.fail_days_to_phone
    run = case.locked_days[-needed:]
    return len(run) == needed and all((b - a).days == 1 for a, b in pairwise(run))


def _unlock(case: CallbackCase, calendar: Calendar) -> Event:
    last = case.locked_days[-1]
    at = calendar.at(last + timedelta(days=1))
    if are_identity_days_used_up(case):
        return Event(at, "identity_days_exhausted", case.rule("E9"), State.PHONE, {}, (phone_task(case, at, calendar),))
    return Event(at, "unlocked", case.rule("E9"), State.OPEN)
