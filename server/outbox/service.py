"""Transactional SMS outbox: a message exists exactly if the change it tells of was committed; delivery follows.

Texts are made from templates when they are needed; phone and parameters are encrypted at rest. Sending is in
`server.outbox.delivery`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import orjson
import sqlalchemy as sa

from server.context import Context
from server.domain.masking import mask_phone
from server.http.problem import Problem, not_found
from server.outbox import templates
from server.outbox.delivery import MAX_ATTEMPTS, send_due
from server.outbox.provider import DevelopmentProvider, sends_out
from server.outbox.schemas import MessageStatus, OutboxMessage, OutboxPage, OutboxQuery
from server.outbox.tables import outbox_messages
from storage.db.engine import Tx
from storage.db.ids import new_id

__all__ = ["counts", "enqueue", "lateness", "resend", "search", "send_due"]


async def enqueue(
    tx: Tx,
    context: Context,
    to_phone: str,
    template: str,
    params: dict[str, str],
    dedupe_key: str,
    *,
    expires_s: int | None = None,
    due_at: datetime | None = None,
) -> str:
    """Put a message into the outbox within the caller's transaction.

    Args:
        tx: the open transaction.
        context: shared services.
        to_phone: the full number.
        template: a name of `server.outbox.templates`.
        params: its parameters; all must be there. Without a `sender` the installation's insurer writes.
        dedupe_key: the same key puts the same message in once.
        expires_s: after this the message is not worth sending (`expired`).
        due_at: when it must have left: it goes before others, and is an alarm of the health page if it has not.

    Returns:
        The message id (of the earlier message for a known key).
    """
    known = await tx.scalar(sa.select(outbox_messages.c.id).where(outbox_messages.c.dedupe_key == dedupe_key))
    if known:
        return str(known)
    params = {"sender": context.settings.insurer_short_name, **params}
    templates.render(template, params)
    now, message_id = context.now(), new_id("sms")
    await tx.execute(
        sa.insert(outbox_messages),
        {
            "id": message_id,
            "template": template,
            "to_enc": context.cipher.encrypt(to_phone, f"outbox_messages.to:{message_id}"),
            "to_hash": context.cipher.search_hash(to_phone),
            "to_masked": mask_phone(to_phone),
            "params_enc": context.cipher.encrypt(orjson.dumps(params).decode(), f"outbox_messages.params:{message_id}"),
            "text_masked": templates.render_masked(template, params),
            "dedupe_key": dedupe_key,
            "status": "queued",
            "created_at": now,
            "next_attempt_at": now,
            "expires_at": now + timedelta(seconds=expires_s) if expires_s else None,
            "due_at": due_at,
        },
    )
    return message_id


async def search(tx: Tx, context: Context, query: OutboxQuery) -> OutboxPage:
    """A page of messages, newest first."""
    where: list[sa.ColumnElement[bool]] = []
    if query.q:
        where.append(
            sa.or_(
                outbox_messages.c.template == query.q,
                outbox_messages.c.id == query.q,
                outbox_messages.c.to_hash == context.cipher.search_hash(query.q),
            )
        )
    by_status = await counts(tx, *where)
    if query.status:
        where.append(outbox_messages.c.status == query.status)
    rows = await tx.execute(
        sa.select(outbox_messages)
        .where(*where)
        .order_by(outbox_messages.c.created_at.desc(), outbox_messages.c.id.desc())
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    total = by_status[query.status] if query.status else sum(by_status.values())
    items = [_view(context, dict(row)) for row in rows.mappings()]
    paging = {"page": query.page, "page_size": query.page_size}
    return OutboxPage(items=items, total=total, counts=by_status, sends_out=sends_out(context.settings), **paging)


async def counts(tx: Tx, *where: sa.ColumnElement[bool]) -> dict[MessageStatus, int]:
    """How many messages are in each status."""
    query = sa.select(outbox_messages.c.status, sa.func.count()).where(*where).group_by(outbox_messages.c.status)
    found = {str(status): int(count) for status, count in await tx.execute(query)}
    return {status: found.get(status, 0) for status in get_args(MessageStatus)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a provider took a message: it answered (took it, or refused this one for good), or it did not, and why (`error`)."""

    provider: str
    error: str
    is_answered: bool


async def newest_outcome(tx: Tx) -> Outcome | None:
    """Of the newest message that was handed to a provider of the installation; None before the first."""
    table = outbox_messages
    was_tried = sa.or_(table.c.status == "sent", table.c.error != "")
    query = sa.select(table).where(was_tried, table.c.provider != DevelopmentProvider.name)
    row = (await tx.execute(query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(1))).first()
    if row is None:
        return None
    is_refused = row.status == "failed" and row.attempts < MAX_ATTEMPTS
    return Outcome(row.provider, row.error, row.status == "sent" or is_refused)


@dataclass(frozen=True, slots=True)
class Lateness:
    """Messages with a due time: not out although it has passed (given up ones since a moment), and out too late since then."""

    overdue: int
    sent_late: int


async def lateness(tx: Tx, now: datetime, since: datetime) -> Lateness:
    """How punctual the messages with a due time are."""
    table = outbox_messages.c
    on_their_way = table.status.in_(("queued", "sending"))
    overdue = sa.and_(table.due_at <= now, sa.or_(on_their_way, sa.and_(table.status != "sent", table.due_at > since)))
    late = sa.and_(table.status == "sent", table.sent_at > table.due_at, table.due_at > since)
    found = [int(await tx.scalar(sa.select(sa.func.count()).where(what)) or 0) for what in (overdue, late)]
    return Lateness(*found)


async def resend(tx: Tx, context: Context, message_id: str) -> OutboxMessage:
    """Queue a message again. An expired message is refused: its code or link would no longer work."""
    row = await _get(tx, message_id)
    if row["expires_at"] and row["expires_at"] <= context.now():
        raise Problem(409, "OUTBOX_MESSAGE_EXPIRED")
    await tx.execute(
        sa.update(outbox_messages)
        .where(outbox_messages.c.id == message_id)
        .values(status="queued", attempts=0, error="", next_attempt_at=context.now())
    )
    return _view(context, await _get(tx, message_id))


async def _get(tx: Tx, message_id: str) -> dict[str, Any]:
    row = (await tx.execute(sa.select(outbox_messages).where(outbox_messages.c.id == message_id))).mappings().one_or_none()
    if row is None:
        raise not_found("OUTBOX_MESSAGE_NOT_FOUND")
    return dict(row)


def _view(context: Context, row: dict[str, Any]) -> OutboxMessage:
    is_masked = context.settings.mode != "development"
    text = row["text_masked"]
    if not is_masked:
        params = orjson.loads(context.cipher.decrypt(row["params_enc"], f"outbox_messages.params:{row['id']}"))
        text = templates.render(row["template"], params)
    shared = (
        "id",
        "template",
        "to_masked",
        "status",
        "provider",
        "attempts",
        "error",
        "created_at",
        "next_attempt_at",
        "sent_at",
        "due_at",
    )
    is_late = row["due_at"] is not None and (row["sent_at"] or context.now()) > row["due_at"]
    is_kept = row["status"] == "sent" and row["provider"] == DevelopmentProvider.name
    facts = {key: row[key] for key in shared}
    return OutboxMessage(text=text, is_text_masked=is_masked, is_late=is_late, is_kept_here=is_kept, **facts)
