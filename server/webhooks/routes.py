"""HTTP endpoints of webhooks, for administrators: addresses, deliveries, the dead-letter list."""

from aiohttp import web

from server.audits.service import record
from server.context import CONTEXT
from server.http.endpoint import Call, Routes, staff
from server.webhooks import service
from server.webhooks.schemas import (
    DeliveryPage,
    DeliveryQuery,
    EndpointBody,
    EndpointList,
    EndpointMade,
    EndpointView,
    Redelivered,
)

routes = Routes(tag="webhooks")
ADMINISTRATOR = staff("administrator")
ENDPOINTS = "/api/v1/admin/webhook-endpoints"
DELIVERIES = "/api/v1/admin/webhook-deliveries"


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.get(ENDPOINTS, access=ADMINISTRATOR, response=EndpointList)
async def list_webhook_endpoints(call: Call[None, None]) -> EndpointList:
    """All addresses that get results."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await service.list_endpoints(tx)


@routes.post(ENDPOINTS, access=ADMINISTRATOR, body=EndpointBody, response=EndpointMade, status=201)
async def create_webhook_endpoint(call: Call[EndpointBody, None]) -> EndpointMade:
    """Add an address; its secret is shown this once."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        made = await service.create_endpoint(tx, context, call.body)
        await record(tx, context, actor=call.who, action="webhook.created", subject=made.id, data={"url": made.url})
    return made


@routes.put(ENDPOINTS + "/{endpoint_id}", access=ADMINISTRATOR, body=EndpointBody, response=EndpointView)
async def change_webhook_endpoint(call: Call[EndpointBody, None]) -> EndpointView:
    """Change an address."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        view = await service.change_endpoint(tx, context, call.path("endpoint_id"), call.body)
        data = {"url": view.url, "is_active": view.is_active}
        await record(tx, context, actor=call.who, action="webhook.changed", subject=view.id, data=data)
    return view


@routes.post(ENDPOINTS + "/{endpoint_id}/secret", access=ADMINISTRATOR, response=EndpointMade)
async def rotate_webhook_secret(call: Call[None, None]) -> EndpointMade:
    """Make a new secret; it is shown this once."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        made = await service.rotate_secret(tx, context, call.path("endpoint_id"))
        await record(tx, context, actor=call.who, action="webhook.secret_rotated", subject=made.id)
    return made


@routes.post(ENDPOINTS + "/{endpoint_id}/test", access=ADMINISTRATOR, response=EndpointView)
async def test_webhook_endpoint(call: Call[None, None]) -> EndpointView:
    """Queue a test message to an address."""
    context, endpoint_id = call.request.app[CONTEXT], call.path("endpoint_id")
    async with context.db.begin() as tx:
        await service.show_endpoint(tx, endpoint_id)
        key = f"test:{context.now().isoformat()}"
        await service.enqueue(tx, context, "webhook.test", endpoint_id, {"by": call.who.id}, key, only=endpoint_id)
        return await service.show_endpoint(tx, endpoint_id)


@routes.post(ENDPOINTS + "/{endpoint_id}/redeliver", access=ADMINISTRATOR, response=Redelivered)
async def redeliver_dead_webhooks(call: Call[None, None]) -> Redelivered:
    """Queue every dead delivery of an address again."""
    context, endpoint_id = call.request.app[CONTEXT], call.path("endpoint_id")
    async with context.db.begin() as tx:
        count = await service.redeliver_dead(tx, context, endpoint_id)
        await record(tx, context, actor=call.who, action="webhook.redelivered", subject=endpoint_id, data={"count": count})
    return Redelivered(count=count)


@routes.get(DELIVERIES, access=ADMINISTRATOR, query=DeliveryQuery, response=DeliveryPage)
async def list_webhook_deliveries(call: Call[None, DeliveryQuery]) -> DeliveryPage:
    """Deliveries, newest first; `status=dead` is the dead-letter list."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await service.search(tx, context, call.query)


@routes.post(DELIVERIES + "/{delivery_id}/redeliver", access=ADMINISTRATOR, response=Redelivered)
async def redeliver_webhook(call: Call[None, None]) -> Redelivered:
    """Queue one delivery again."""
    context, delivery_id = call.request.app[CONTEXT], call.path("delivery_id")
    async with context.db.begin() as tx:
        await service.redeliver(tx, context, delivery_id)
        await record(tx, context, actor=call.who, action="webhook.redelivered", subject=delivery_id, data={"count": 1})
    return Redelivered(count=1)
