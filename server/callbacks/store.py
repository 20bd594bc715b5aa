"""Callbacks in the database: creating, loading by replaying the history, appending events. Owns no transaction.

What a callback needs of a rulebook and a questionnaire is frozen into its row; loading rebuilds `CallbackCase` by folding the
events, so the state column is only an index. Each callback's events form a hash chain of their own.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, cast

import orjson
import sqlalchemy as sa

from server.callbacks.library import stored_rulebook
from server.callbacks.schemas import PolicyStatus
from server.callbacks.tables import callback_events, callback_tasks, callbacks, policies
from server.context import Context
from server.domain.callback.calendar import Calendar
from server.domain.callback.case import CallbackCase, Event, State, Task, evolve
from server.domain.callback.desk import priority_of
from server.domain.callback.electronic import carried
from server.domain.callback.engine import start
from server.domain.callback.facts import CertificateType, Channel, PaymentMode, PolicyFacts
from server.domain.callback.questionnaire import Questionnaire, parse_questionnaire
from server.domain.callback.rulebook import Rulebook
from server.domain.callback.timers import next_due_at
from server.http.problem import conflict, not_found
from storage.db.engine import Tx
from storage.db.ids import new_id

REPORTS = ("compliance_report", "sales_report")
"""Tasks that outlive the callback: misconduct is followed up also when the customer is content in the end."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A callback at one sequence number."""

    id: str
    policy_no: str
    customer_hash: str
    org_code: str
    seq: int
    last_hash: str
    case: CallbackCase


def facts_to_json(facts: PolicyFacts) -> str:
    """Facts as JSON text, for encryption."""
    return orjson.dumps(asdict(facts)).decode()


def facts_from_json(text: str) -> PolicyFacts:
    """Undo `facts_to_json`."""
    data = orjson.loads(text)
    for name in ("issued_at", "notified_at"):
        data[name] = datetime.fromisoformat(data[name]) if data[name] else None
    for name in ("effective_on", "next_due_on"):
        data[name] = date.fromisoformat(data[name]) if data[name] else None
    data["payment_mode"] = PaymentMode(data["payment_mode"])
    data["channel"] = Channel(data["channel"])
    data["certificate"] = CertificateType(data["certificate"])
    return PolicyFacts(**data)


def with_phone(facts: PolicyFacts, phone: str) -> PolicyFacts:
    """The facts with another phone."""
    return replace(facts, phone=phone, has_phone=True)


async def create(
    tx: Tx,
    context: Context,
    *,
    facts: PolicyFacts,
    rulebook: Mapping[str, Any],
    questionnaire: Mapping[str, Any],
    covered: Mapping[str, str],
    customer_hash: str,
    org_code: str,
    calendar: Calendar,
    now: datetime,
) -> Loaded:
    """Create the callback of a policy; rulebook and questionnaire data are frozen into it.

    Raises `QuestionnaireError` for a merge field the policy lacks: nothing is written then.
    """
    book = stored_rulebook(rulebook)
    case, first = start(facts, book, parse_questionnaire(questionnaire), now, covered)
    callback_id = new_id("cb")
    await tx.execute(
        sa.insert(callbacks).values(
            id=callback_id,
            policy_no=facts.policy_no,
            customer_hash=customer_hash,
            org_code=org_code,
            rulebook_id=book.id,
            rulebook_version=book.version,
            frozen=_plain({"rulebook": rulebook, "questionnaire": questionnaire, "covered": dict(covered)}),
            facts_enc=context.cipher.encrypt(facts_to_json(facts), f"callbacks.facts:{callback_id}"),
            state=case.state.value,
            seq=0,
            result=case.result,
            next_due_at=None,
            created_at=now,
        )
    )
    loaded = Loaded(callback_id, facts.policy_no, customer_hash, org_code, 0, "", case)
    events = [first]
    if not facts.is_first_time:  # whose first policy it is has no other callback to fail on
        failures, locked = await _failures_of(tx, context, customer_hash, now, calendar)
        if taken_over := carried(case, failures, locked, now):
            events.append(taken_over)
            case = evolve(case, taken_over)
    return await append(tx, context, loaded, events, case, actor="system", calendar=calendar)


async def _failures_of(
    tx: Tx, context: Context, customer_hash: str, now: datetime, calendar: Calendar
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """A customer's failed identity checks of today, and the locked days, as their other callbacks have them."""
    table, today = callback_events.c, calendar.local_date(now)
    failed = sa.exists().where(table.callback_id == callbacks.c.id, table.kind == "identity_failed")
    query = sa.select(callbacks.c.id).where(callbacks.c.customer_hash == customer_hash, failed.correlate(callbacks))
    most: tuple[date, ...] = ()
    locked: set[date] = set()
    for row in (await tx.execute(query)).all():
        other = (await load(tx, context, row.id)).case
        most = max(most, tuple(day for day in other.failures if day == today), key=len)
        locked |= set(other.locked_days)
    return most, tuple(sorted(locked))


async def policy_statuses(tx: Tx, customer_hash: str) -> dict[str, PolicyStatus]:
    """How each policy of a customer that has a callback stands now, as the core system told last."""
    mine = sa.select(callbacks.c.policy_no).where(callbacks.c.customer_hash == customer_hash)
    query = sa.select(policies.c.policy_no, policies.c.status).where(policies.c.policy_no.in_(mine))
    return {str(row.policy_no): cast("PolicyStatus", row.status) for row in await tx.execute(query)}


async def load(tx: Tx, context: Context, callback_id: str, *, is_update: bool = False) -> Loaded:
    """Load a callback by replaying its history. `is_update` locks the row where the database can."""
    query = sa.select(callbacks).where(callbacks.c.id == callback_id)
    row = (await tx.execute(query.with_for_update() if is_update else query)).mappings().one_or_none()
    if row is None:
        raise not_found("CALLBACK_NOT_FOUND")
    facts = facts_from_json(context.cipher.decrypt(row["facts_enc"], f"callbacks.facts:{callback_id}"))
    frozen = row["frozen"]
    book, questionnaire = _parsed(orjson.dumps(frozen["rulebook"]), orjson.dumps(frozen["questionnaire"]))
    case, _ = start(facts, book, questionnaire, row["created_at"], frozen["covered"])
    seq, last_hash = 0, ""
    for event in await history(tx, context, callback_id):
        case = evolve(case, event.event)
        seq, last_hash = event.seq, event.hash
    return Loaded(callback_id, row["policy_no"], row["customer_hash"], row["org_code"], seq, last_hash, case)


def rulebook_of(frozen: Mapping[str, Any]) -> Rulebook:
    """The rulebook in a callback's frozen data."""
    return _parsed(orjson.dumps(frozen["rulebook"]), orjson.dumps(frozen["questionnaire"]))[0]


@lru_cache(maxsize=64)
def _parsed(rulebook: bytes, questionnaire: bytes) -> tuple[Rulebook, Questionnaire]:
    """Thousands of callbacks share a few versions: each is read and checked once."""
    return stored_rulebook(orjson.loads(rulebook)), parse_questionnaire(orjson.loads(questionnaire))


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the history."""

    seq: int
    event: Event
    actor: str
    recorded_at: datetime
    hash: str


async def history(tx: Tx, context: Context, callback_id: str) -> list[StoredEvent]:
    """The whole history, in order."""
    query = sa.select(callback_events).where(callback_events.c.callback_id == callback_id).order_by(callback_events.c.seq)
    stored: list[StoredEvent] = []
    for row in (await tx.execute(query)).mappings():
        data = orjson.loads(context.cipher.decrypt(row["data_enc"], f"callback_events.data:{callback_id}:{row['seq']}"))
        tasks = tuple(Task(t["kind"], datetime.fromisoformat(t["due_at"]), t["detail"]) for t in data["tasks"])
        event = Event(row["at"], row["kind"], row["rule"], State(row["state"]), data["data"], tasks)
        stored.append(StoredEvent(row["seq"], event, row["actor"], row["recorded_at"], row["hash"]))
    return stored


def is_intact(callback_id: str, events: Sequence[StoredEvent]) -> bool:
    """Whether a history still has the hashes it was written with."""
    last_hash = ""
    for seq, item in enumerate(events, start=1):
        last_hash = _hash(last_hash, callback_id, seq, item.event, item.actor, _body(item.event))
        if last_hash != item.hash or seq != item.seq:
            return False
    return True


def _body(event: Event) -> bytes:
    content = {"data": dict(event.data), "tasks": [asdict(t) for t in event.tasks]}
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _hash(last_hash: str, callback_id: str, seq: int, event: Event, actor: str, body: bytes) -> str:
    at = event.at.astimezone(UTC).isoformat()
    line = f"{last_hash}|{callback_id}|{seq}|{at}|{event.kind}|{event.rule}|{event.state}|{actor}|"
    return hashlib.sha256(line.encode() + body).hexdigest()


async def append(
    tx: Tx,
    context: Context,
    loaded: Loaded,
    events: Sequence[Event],
    case: CallbackCase,
    *,
    actor: str,
    calendar: Calendar,
) -> Loaded:
    """Append events and update the row. `case` is the callback after them.

    Raises 409 `CALLBACK_CHANGED` when somebody else appended first.
    """
    seq, last_hash = loaded.seq, loaded.last_hash
    now = context.now()
    for event in events:
        seq += 1
        body = _body(event)
        last_hash = _hash(last_hash, loaded.id, seq, event, actor, body)
        try:
            await tx.execute(
                sa.insert(callback_events),
                {
                    "callback_id": loaded.id,
                    "seq": seq,
                    "at": event.at,
                    "recorded_at": now,
                    "kind": event.kind,
                    "rule": event.rule,
                    "state": event.state.value,
                    "actor": actor,
                    "data_enc": context.cipher.encrypt(body.decode(), f"callback_events.data:{loaded.id}:{seq}"),
                    "hash": last_hash,
                },
            )
        except sa.exc.IntegrityError as error:
            raise conflict("CALLBACK_CHANGED") from error
        await _tasks(tx, loaded, event)
    finished = case.is_final
    channel = next((str(e.data["channel"]) for e in events if e.kind == "succeeded" and "channel" in e.data), None)
    values: dict[str, Any] = {
        "state": case.state.value,
        "seq": seq,
        "result": case.result,
        "problem_category": case.problem_category,
        "next_due_at": next_due_at(case, calendar),
        "next_call_at": None if finished else case.next_call_at,
    }
    if finished:
        values["finished_at"] = events[-1].at if events else now
    if channel:
        values["channel"] = channel
    changed = await tx.execute(
        sa.update(callbacks).where(callbacks.c.id == loaded.id, callbacks.c.seq == loaded.seq).values(**values)
    )
    if changed.rowcount != 1:
        raise conflict("CALLBACK_CHANGED")
    if finished:
        await tx.execute(
            sa.update(callback_tasks)
            .where(
                callback_tasks.c.callback_id == loaded.id,
                callback_tasks.c.status == "open",
                callback_tasks.c.kind.not_in(REPORTS),
            )
            .values(status="cancelled", done_at=now)
        )
    return Loaded(loaded.id, loaded.policy_no, loaded.customer_hash, loaded.org_code, seq, last_hash, case)


async def _tasks(tx: Tx, loaded: Loaded, event: Event) -> None:
    """End the tasks that an event makes needless and open those it brings; a new one takes the place of one of its kind."""
    table = callback_tasks.c
    ended = {*map(str, event.data.get("cancels", ())), *(task.kind for task in event.tasks)}
    if ended:
        mine = sa.and_(table.callback_id == loaded.id, table.kind.in_(sorted(ended)), table.status == "open")
        await tx.execute(sa.update(callback_tasks).where(mine).values(status="cancelled", done_at=event.at))
    for task in event.tasks:
        await tx.execute(
            sa.insert(callback_tasks).values(
                id=new_id("cbt"),
                callback_id=loaded.id,
                policy_no=loaded.policy_no,
                org_code=loaded.org_code,
                kind=task.kind,
                detail=task.detail,
                rule=event.rule,
                priority=priority_of(loaded.case, task.kind),
                due_at=task.due_at,
                status="open",
                created_at=event.at,
            )
        )


def _plain(value: Any) -> Any:
    """Data as JSON would carry it (dates and times as text), so that it can be stored and parsed again."""
    return orjson.loads(orjson.dumps(value, default=str))
