"""Puts results into the outgoing list, within the transaction that made them; endpoints and deliveries for administrators.

A result exists here exactly if the change it tells of was committed. Delivery is in `server.webhooks.delivery`.
"""

import secrets
from collections.abc import Mapping
from typing import Any, get_args

import orjson
import sqlalchemy as sa

from server.context import Context
from server.http.problem import Problem, conflict, not_found
from server.webhooks.schemas import (
    DeliveryPage,
    DeliveryQuery,
    DeliveryView,
    EndpointBody,
    EndpointList,
    EndpointMade,
    EndpointView,
    EventName,
    Status,
)
from server.webhooks.tables import webhook_deliveries, webhook_endpoints
from storage.db.engine import Tx
from storage.db.ids import new_id

EVENTS: tuple[str, ...] = get_args(EventName)


async def enqueue(
    tx: Tx, context: Context, event: EventName, subject: str, data: Mapping[str, Any], dedupe_key: str, *, only: str = ""
) -> int:
    """Put a result out to every active endpoint that wants it.

    Args:
        tx: the transaction of the change.
        context: shared services.
        event: its name.
        subject: the id of what it is about.
        data: plain values; personal data only where the receiver needs it (the core system knows the policy by its number).
        dedupe_key: the same key goes out once to each endpoint.
        only: one endpoint, whatever it wants (the test message).

    Returns:
        How many deliveries were added.
    """
    now, added = context.now(), 0
    query = sa.select(webhook_endpoints.c.id, webhook_endpoints.c.events).where(webhook_endpoints.c.is_active)
    for row in await tx.execute(query):
        if row.id != only and (only or not {"*", event} & set(row.events)):
            continue
        key = f"{row.id}:{dedupe_key}"
        if await tx.scalar(sa.select(webhook_deliveries.c.id).where(webhook_deliveries.c.dedupe_key == key)):
            continue
        delivery_id = new_id("whd")
        content = {"id": delivery_id, "event": event, "subject": subject, "occurred_at": now, "data": dict(data)}
        body = orjson.dumps(content, default=str).decode()
        await tx.execute(
            sa.insert(webhook_deliveries).values(
                id=delivery_id,
                endpoint_id=row.id,
                event=event,
                subject=subject[:60],
                body_enc=context.cipher.encrypt(body, f"webhook_deliveries.body:{delivery_id}"),
                dedupe_key=key,
                status="queued",
                attempts=0,
                error="",
                created_at=now,
                next_attempt_at=now,
            )
        )
        added += 1
    return added


async def create_endpoint(tx: Tx, context: Context, body: EndpointBody) -> EndpointMade:
    """Add an endpoint with a secret of its own."""
    _check_url(context, body.url)
    endpoint_id, now, secret = new_id("whe"), context.now(), secrets.token_urlsafe(32)
    await tx.execute(
        sa.insert(webhook_endpoints).values(
            id=endpoint_id,
            **body.model_dump(),
            secret_enc=context.cipher.encrypt(secret, f"webhook_endpoints.secret:{endpoint_id}"),
            created_at=now,
            updated_at=now,
        )
    )
    return EndpointMade(**(await show_endpoint(tx, endpoint_id)).model_dump(), secret=secret)


async def change_endpoint(tx: Tx, context: Context, endpoint_id: str, body: EndpointBody) -> EndpointView:
    """Change an endpoint. What waits for it goes to the new address."""
    _check_url(context, body.url)
    await show_endpoint(tx, endpoint_id)
    change = sa.update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id)
    await tx.execute(change.values(**body.model_dump(), updated_at=context.now()))
    return await show_endpoint(tx, endpoint_id)


async def rotate_secret(tx: Tx, context: Context, endpoint_id: str) -> EndpointMade:
    """Give an endpoint a new secret; the old one signs nothing any more."""
    await show_endpoint(tx, endpoint_id)
    secret = secrets.token_urlsafe(32)
    encrypted = context.cipher.encrypt(secret, f"webhook_endpoints.secret:{endpoint_id}")
    change = sa.update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id)
    await tx.execute(change.values(secret_enc=encrypted, updated_at=context.now()))
    return EndpointMade(**(await show_endpoint(tx, endpoint_id)).model_dump(), secret=secret)


def _check_url(context: Context, url: str) -> None:
    if context.settings.mode == "production" and not url.startswith("https://"):
        raise Problem(422, "WEBHOOK_NEEDS_HTTPS")


async def list_endpoints(tx: Tx) -> EndpointList:
    """All endpoints, by name."""
    rows = (await tx.execute(sa.select(webhook_endpoints).order_by(webhook_endpoints.c.name, webhook_endpoints.c.id))).mappings()
    return EndpointList(items=[await _endpoint(tx, dict(row)) for row in rows.all()], events=list(EVENTS))


async def show_endpoint(tx: Tx, endpoint_id: str) -> EndpointView:
    """One endpoint. 404 `WEBHOOK_ENDPOINT_NOT_FOUND`."""
    query = sa.select(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("WEBHOOK_ENDPOINT_NOT_FOUND")
    return await _endpoint(tx, dict(row))


async def _endpoint(tx: Tx, row: dict[str, Any]) -> EndpointView:
    mine = webhook_deliveries.c.endpoint_id == row["id"]
    query = sa.select(webhook_deliveries.c.status, sa.func.count()).where(mine).group_by(webhook_deliveries.c.status)
    counts = {str(status): int(count) for status, count in await tx.execute(query)}
    last = await tx.scalar(sa.select(sa.func.max(webhook_deliveries.c.delivered_at)).where(mine))
    direct = ("id", "name", "url", "events", "is_active", "created_at", "updated_at")
    return EndpointView(
        **{key: row[key] for key in direct},
        waiting=counts.get("queued", 0) + counts.get("sending", 0),
        dead=counts.get("dead", 0),
        last_delivered_at=last,
    )


async def search(tx: Tx, context: Context, query: DeliveryQuery) -> DeliveryPage:
    """A page of deliveries, newest first."""
    table, where = webhook_deliveries, list[sa.ColumnElement[bool]]()
    if query.q:
        where.append(sa.or_(table.c.subject == query.q, table.c.event == query.q, table.c.id == query.q))
    by_status = sa.select(table.c.status, sa.func.count()).where(*where).group_by(table.c.status)
    found = {str(status): int(count) for status, count in await tx.execute(by_status)}
    counts: dict[Status, int] = {status: found.get(status, 0) for status in get_args(Status)}
    if query.status:
        where.append(table.c.status == query.status)
    rows = await tx.execute(
        sa.select(table, webhook_endpoints.c.name.label("endpoint_name"))
        .join(webhook_endpoints, webhook_endpoints.c.id == table.c.endpoint_id)
        .where(*where)
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    items = [_delivery(context, dict(row)) for row in rows.mappings()]
    total = counts[query.status] if query.status else sum(counts.values())
    return DeliveryPage(items=items, total=total, page=query.page, page_size=query.page_size, counts=counts)


def _delivery(context: Context, row: dict[str, Any]) -> DeliveryView:
    body = orjson.loads(context.cipher.decrypt(row["body_enc"], f"webhook_deliveries.body:{row['id']}"))
    return DeliveryView(**{key: row[key] for key in DeliveryView.model_fields if key != "body"}, body=body)


async def redeliver(tx: Tx, context: Context, delivery_id: str) -> None:
    """Queue a delivery again, with its tries anew. 404 `WEBHOOK_DELIVERY_NOT_FOUND`, 409 `WEBHOOK_DELIVERY_WAITS`."""
    status = await tx.scalar(sa.select(webhook_deliveries.c.status).where(webhook_deliveries.c.id == delivery_id))
    if status is None:
        raise not_found("WEBHOOK_DELIVERY_NOT_FOUND")
    if status in ("queued", "sending"):
        raise conflict("WEBHOOK_DELIVERY_WAITS")
    await _again(tx, context, webhook_deliveries.c.id == delivery_id)


async def redeliver_dead(tx: Tx, context: Context, endpoint_id: str) -> int:
    """Queue every dead delivery of an endpoint again; returns how many."""
    await show_endpoint(tx, endpoint_id)
    return await _again(tx, context, webhook_deliveries.c.endpoint_id == endpoint_id, webhook_deliveries.c.status == "dead")


async def _again(tx: Tx, context: Context, *where: sa.ColumnElement[bool]) -> int:
    change = sa.update(webhook_deliveries).where(*where)
    done = await tx.execute(change.values(status="queued", attempts=0, error="", next_attempt_at=context.now()))
    return done.rowcount
