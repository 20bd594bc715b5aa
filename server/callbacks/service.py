"""Runs the engine on stored callbacks: commands, the passing of time, and what an event sets off (SMS with a link).

An SMS is put into the outbox in the transaction that appends its `sms_sent` event: there is exactly one, or none of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.callbacks import sampling, store
from server.callbacks.library import installed_calendar
from server.callbacks.phones import keep_phone
from server.callbacks.store import Loaded
from server.callbacks.tables import callbacks
from server.context import Context
from server.domain.callback.calendar import Calendar
from server.domain.callback.case import ELECTRONIC, CallbackCase, Command, Event, Refusal
from server.domain.callback.engine import advance, handle
from server.domain.callback.timers import is_link_late, reopens_after_window, window_ends_at
from server.http.problem import Problem
from server.outbox.service import enqueue
from server.users.links import create_link, revoke_links
from server.webhooks import service as webhooks
from storage.db.engine import Tx

RESULTS: dict[str, Any] = {
    "succeeded": "callback.succeeded",
    "problem_found": "callback.problem_found",
    "problem_classified": "callback.problem_classified",
    "phone_gave_up": "callback.phone_gave_up",
    "closed": "callback.closed",
    "expired": "callback.expired",
}
"""Events that the core system is told of, and under which name."""

LINK_SCOPE = "callback_link"
LINK_PAGE = "c"
WEB_SCOPE = "callback_web"
"""A policy of the web entry: like the link's scope, it opens the identity check alone."""

_STATUS = {
    "IDENTITY_REQUIRED": 401,
    "ANSWERS_INCOMPLETE": 422,
    "REMARK_TOO_LONG": 422,
    "SIGNATURE_EMPTY": 422,
    "SIGNATURE_ANSWER": 422,
    "ANSWERS_NOT_EXPECTED": 422,
    "REASON_REQUIRED": 422,
    "PHONE_MISSING": 422,
    "CATEGORY_UNKNOWN": 422,
    "RESULT_UNKNOWN": 422,
    "CHANNEL_UNKNOWN": 422,
}


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command. Time that passed before it is kept also when it is refused."""

    loaded: Loaded
    events: tuple[Event, ...]
    refusal: Refusal | None

    @property
    def case(self) -> CallbackCase:
        """The callback after it."""
        return self.loaded.case

    def require(self) -> "Done":
        """Raise the refusal as a problem. Call it after the transaction: what time did must be kept."""
        if self.refusal is not None:
            raise refused(self.refusal)
        return self


def refused(refusal: Refusal) -> Problem:
    """A refusal of the rules as a problem; the rule's name goes with it."""
    return Problem(_STATUS.get(refusal.code, 409), refusal.code, rule=refusal.rule, **dict(refusal.params))


def calendar() -> Calendar:
    """The workday calendar in force."""
    return installed_calendar()[0]


async def run(
    tx: Tx, context: Context, callback_id: str, commands: Sequence[Command], actor: str, *, is_strict: bool = True
) -> Done:
    """Carry out commands in order until one is refused. `is_strict=False`: the first refusals are skipped, the last one counts.

    Raises 404 `CALLBACK_NOT_FOUND`, 409 `CALLBACK_CHANGED`.
    """
    loaded = await store.load(tx, context, callback_id, is_update=True)
    case, events, refusal = loaded.case, list[Event](), None
    for command in commands:
        case, new, refusal = handle(case, command, context.now(), calendar())
        events += new
        if refusal is not None and is_strict:
            break
    loaded = await keep(tx, context, loaded, events, case, actor)
    return Done(loaded, tuple(events), refusal)


async def run_one(
    tx: Tx, context: Context, callback_id: str, kind: str, actor: str, data: Mapping[str, Any] | None = None
) -> Done:
    """Carry out one command."""
    return await run(tx, context, callback_id, [Command(kind, data or {})], actor)


async def let_time_pass(tx: Tx, context: Context, callback_id: str) -> Done:
    """Apply what has come due by now. Idempotent: nothing due, nothing written but the next look."""
    loaded = await store.load(tx, context, callback_id, is_update=True)
    case, events = advance(loaded.case, context.now(), calendar())
    return Done(await keep(tx, context, loaded, events, case, "system"), tuple(events), None)


async def keep(tx: Tx, context: Context, loaded: Loaded, events: Sequence[Event], case: CallbackCase, actor: str) -> Loaded:
    """Append events and set off what follows from them."""
    if not events:
        return loaded
    decided = _decide_sms(events, case, context.now())
    after = await store.append(tx, context, loaded, decided, case, actor=actor, calendar=calendar())
    for event in decided:
        if event.kind == "sms_sent" and event.data["outcome"] == "queued":
            number, sms = int(event.data["number"]), after.case.rulebook.sms
            is_timed = sms.mode == "on_task" and number == 1
            due_at = event.at + timedelta(minutes=sms.within_minutes) if is_timed else None
            await _send(tx, context, after, number, f"sms:{number}", due_at)
        elif event.kind == "link_renewed":
            await _send(tx, context, after, 2, f"renewed:{after.seq}")
        elif event.kind == "number_confirmed" and event.data.get("phone"):
            await keep_phone(tx, context, after.policy_no, str(event.data["phone"]), event.at)
        elif event.kind in RESULTS:
            await _tell(tx, context, after, event)
        if event.kind == "succeeded" or (event.kind == "closed" and event.data.get("by") != "policy_ended"):
            await sampling.draw(tx, after, str(event.data.get("channel", "")), actor, event.at, calendar())
    return after


async def _tell(tx: Tx, context: Context, loaded: Loaded, event: Event) -> None:
    """Put a result out for the core system, once per event."""
    data = {
        "callback_id": loaded.id,
        "policy_no": loaded.policy_no,
        "org_code": loaded.org_code,
        "at": event.at,
        "state": event.state.value,
        "rule": event.rule,
        "result": loaded.case.result,
        "channel": event.data.get("channel"),
        "unexpected": event.data.get("unexpected", []),
        "category": event.data.get("category") or loaded.case.problem_category,
        "reason": event.data.get("reason"),
    }
    key = f"callback:{loaded.id}:{event.kind}:{event.at.isoformat()}"
    await webhooks.enqueue(tx, context, RESULTS[event.kind], loaded.id, data, key)


def current(loaded: Loaded, now: datetime) -> CallbackCase:
    """The callback as it stands now, for looking only."""
    return advance(loaded.case, now, calendar())[0]


async def of_customer(tx: Tx, customer_hash: str) -> list[str]:
    """Ids of all callbacks of a customer, oldest first."""
    query = sa.select(callbacks.c.id).where(callbacks.c.customer_hash == customer_hash).order_by(callbacks.c.created_at)
    return [str(row.id) for row in await tx.execute(query)]


def _decide_sms(events: Sequence[Event], case: CallbackCase, now: datetime) -> list[Event]:
    """After a long absence several reminders may be due at once: only the last one is sent, and none whose link would be dead.

    The first message of `on_task` must leave within minutes; how late it is else stands in the history.
    """
    sms = case.rulebook.sms
    last = max((i for i, e in enumerate(events) if e.kind == "sms_sent"), default=-1)
    decided: list[Event] = []
    for index, event in enumerate(events):
        if event.kind == "sms_sent":
            is_sent = index == last and (case.state in ELECTRONIC or reopens_after_window(case, calendar()))
            outcome = "queued" if is_sent else "overtaken"
            late = int((now - event.at).total_seconds() // 60)
            is_late = is_sent and sms.mode == "on_task" and event.data["number"] == 1 and late > sms.within_minutes
            event = replace(event, data={**event.data, "outcome": outcome, **({"late_minutes": late} if is_late else {})})
        decided.append(event)
    return decided


async def _send(tx: Tx, context: Context, loaded: Loaded, number: int, key: str, due_at: datetime | None = None) -> None:
    case = loaded.case
    valid = timedelta(days=case.rulebook.sms.link_valid_days)
    if number > 1:  # before the first message there is no link: in the daily batch every query counts
        await revoke_links(tx, context, scope=LINK_SCOPE, subject=loaded.id)
    link = await create_link(
        tx,
        context,
        page=LINK_PAGE,
        scope=LINK_SCOPE,
        subject=loaded.id,
        expires_s=int(valid.total_seconds()),
        claims={"callback_id": loaded.id},
    )
    params = {"sender": case.rulebook.sender, "policy_no": loaded.policy_no, "link": link}
    if is_link_late(case, calendar()):
        template = "callback_reminder_late"  # there is no deadline any more: the phone desk calls meanwhile
    else:
        template = "callback_invitation" if number == 1 else "callback_reminder"
        params["deadline"] = deadline_text(case)
    await enqueue(
        tx,
        context,
        case.policy.phone,
        template,
        params,
        f"callback:{loaded.id}:{key}",
        expires_s=int(valid.total_seconds()),
        due_at=due_at,
    )


def deadline_text(case: CallbackCase) -> str:
    """The last day of the electronic window, as the customer reads it."""
    last = calendar().local_date(window_ends_at(case, calendar()) - timedelta(seconds=1))
    return f"{last.month}月{last.day}日24时"
