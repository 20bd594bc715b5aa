"""Delivery of the outbox: claims due messages, sends them outside any transaction, writes down what happened.

A claim is a lease: a process that dies while sending leaves the message to be claimed again (at least once; providers
deduplicate by message id).
"""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa
import structlog

from server.context import Context
from server.outbox import templates
from server.outbox.provider import Sms, SmsError, SmsProvider, provider_of
from server.outbox.tables import outbox_messages

log = structlog.get_logger(__name__)

LEASE_S = 60
SEND_TIMEOUT_S = 15
MAX_ATTEMPTS = 6
BATCH = 20


async def send_due(context: Context, provider: SmsProvider | None = None) -> int:
    """Send what is due, once through. Returns how many messages were sent."""
    provider = provider or provider_of(context.settings)
    claimed = await _claim(context)
    sent = 0
    for row in claimed:
        values = await _send(context, provider, row)
        sent += values["status"] == "sent"
        async with context.db.begin() as tx:
            await tx.execute(
                sa.update(outbox_messages)
                .where(outbox_messages.c.id == row["id"], outbox_messages.c.status == "sending")
                .values(provider=provider.name, **values)
            )
    return sent


async def _claim(context: Context) -> list[dict[str, Any]]:
    now = context.now()
    due = sa.and_(outbox_messages.c.status.in_(("queued", "sending")), outbox_messages.c.next_attempt_at <= now)
    async with context.db.read() as tx:
        if await tx.scalar(sa.select(outbox_messages.c.id).where(due).limit(1)) is None:
            return []
    async with context.db.begin() as tx:
        await tx.execute(
            sa.update(outbox_messages)
            .where(due, outbox_messages.c.expires_at.is_not(None), outbox_messages.c.expires_at <= now)
            .values(status="expired", next_attempt_at=None)
        )
        until = sa.func.coalesce(outbox_messages.c.due_at, outbox_messages.c.expires_at)  # a batch never holds up a code
        query = sa.select(outbox_messages).where(due).order_by(sa.nulls_last(until), outbox_messages.c.created_at).limit(BATCH)
        rows = [dict(row) for row in (await tx.execute(query.with_for_update(skip_locked=True))).mappings()]
        await tx.execute(
            sa.update(outbox_messages)
            .where(outbox_messages.c.id.in_([row["id"] for row in rows]))
            .values(status="sending", attempts=outbox_messages.c.attempts + 1, next_attempt_at=now + timedelta(seconds=LEASE_S))
        )
    return rows


async def _send(context: Context, provider: SmsProvider, row: dict[str, Any]) -> dict[str, Any]:
    params = orjson.loads(context.cipher.decrypt(row["params_enc"], f"outbox_messages.params:{row['id']}"))
    phone = context.cipher.decrypt(row["to_enc"], f"outbox_messages.to:{row['id']}")
    sms = Sms(row["id"], phone, row["template"], params, templates.render(row["template"], params))
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            reference = await provider.send(sms)
    except Exception as error:  # a fault in an installation's own provider must not hold up the others' messages
        code = _code_of(error)
        if code == "SMS_PROVIDER_FAULT":
            log.exception("sms_provider_failed", message_id=row["id"], provider=provider.name)
        attempts = row["attempts"] + 1
        if attempts >= MAX_ATTEMPTS or (isinstance(error, SmsError) and not error.retryable):
            return {"status": "failed", "error": code, "next_attempt_at": None}
        delay = timedelta(seconds=min(600, 5 * 2**attempts))
        return {"status": "queued", "error": code, "next_attempt_at": context.now() + delay}
    return {"status": "sent", "error": "", "provider_ref": reference, "sent_at": context.now(), "next_attempt_at": None}


def _code_of(error: Exception) -> str:
    if isinstance(error, SmsError):
        return error.code
    return "SMS_PROVIDER_AWAY" if isinstance(error, (TimeoutError, OSError)) else "SMS_PROVIDER_FAULT"
