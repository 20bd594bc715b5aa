"""Delivers results: claims what is due under a lease, posts it outside any transaction, writes down what came back.

A process that dies while posting leaves the delivery to be claimed again: at least once, and the same delivery id each time, so
that the receiver can tell. After the last try a delivery is dead and waits for a person.
"""

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import sqlalchemy as sa
import structlog

from server.context import Context
from server.webhooks.signing import sign
from server.webhooks.tables import webhook_deliveries, webhook_endpoints

log = structlog.get_logger(__name__)

RETRY_S = (10, 60, 300, 1_800, 7_200, 21_600, 86_400)
"""Waits after each failed try; about a day and a half, then the dead-letter list."""
LEASE_S = 60
TIMEOUT_S = 10.0
BATCH = 20
GONE = 410


async def deliver_due(context: Context) -> int:
    """Deliver what is due, once through. Returns how many were tried."""
    claimed = await _claim(context)
    if not claimed:
        return 0
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
    async with session as http, asyncio.TaskGroup() as group:
        for row in claimed:
            group.create_task(_deliver(context, http, row))
    return len(claimed)


async def _claim(context: Context) -> list[dict[str, Any]]:
    table, now = webhook_deliveries, context.now()
    due = sa.and_(table.c.status.in_(("queued", "sending")), table.c.next_attempt_at <= now)
    async with context.db.read() as tx:
        if await tx.scalar(sa.select(table.c.id).where(due).limit(1)) is None:
            return []
    async with context.db.begin() as tx:
        query = (
            sa.select(table, webhook_endpoints.c.url, webhook_endpoints.c.secret_enc)
            .join(webhook_endpoints, webhook_endpoints.c.id == table.c.endpoint_id)
            .where(due, webhook_endpoints.c.is_active)
            .order_by(table.c.created_at, table.c.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True, of=table)
        )
        rows = [dict(row) for row in (await tx.execute(query)).mappings()]
        await tx.execute(
            sa.update(table)
            .where(table.c.id.in_([row["id"] for row in rows]))
            .values(status="sending", attempts=table.c.attempts + 1, next_attempt_at=now + timedelta(seconds=LEASE_S))
        )
    return rows


async def _deliver(context: Context, http: aiohttp.ClientSession, row: dict[str, Any]) -> None:
    code, error = await _post(context, http, row)
    now, tries = context.now(), row["attempts"] + 1
    values: dict[str, Any] = {"last_status": code, "error": error[:200]}
    if not error:
        values |= {"status": "delivered", "delivered_at": now, "next_attempt_at": None}
    elif code == GONE or tries > len(RETRY_S):
        values |= {"status": "dead", "next_attempt_at": None}
        log.warning("webhook_dead", delivery=row["id"], event_name=row["event"], last_status=code, error=error)
    else:
        values |= {"status": "queued", "next_attempt_at": now + timedelta(seconds=RETRY_S[tries - 1])}
    async with context.db.begin() as tx:
        mine = (webhook_deliveries.c.id == row["id"]) & (webhook_deliveries.c.status == "sending")
        await tx.execute(sa.update(webhook_deliveries).where(mine).values(**values))


async def _post(context: Context, http: aiohttp.ClientSession, row: dict[str, Any]) -> tuple[int | None, str]:
    """The answer's status (None without one) and what went wrong (empty: nothing)."""
    body = context.cipher.decrypt(row["body_enc"], f"webhook_deliveries.body:{row['id']}").encode()
    secret = context.cipher.decrypt(row["secret_enc"], f"webhook_endpoints.secret:{row['endpoint_id']}")
    timestamp = int(context.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "X-Event": row["event"],
        "X-Delivery-Id": row["id"],
        "X-Timestamp": str(timestamp),
        "X-Signature": sign(secret, timestamp=timestamp, delivery_id=row["id"], body=body),
    }
    try:
        async with http.post(row["url"], data=body, headers=headers, allow_redirects=False) as response:
            return response.status, "" if 200 <= response.status < 300 else f"HTTP_{response.status}"
    except TimeoutError:
        return None, "TIMEOUT"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return None, f"UNREACHABLE: {type(error).__name__}"
