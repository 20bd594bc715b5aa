"""HTTP endpoints of the SMS outbox, for administrators."""

from aiohttp import web

from server.audits.service import record
from server.context import CONTEXT
from server.http.endpoint import Call, Routes, staff
from server.outbox import service
from server.outbox.schemas import OutboxMessage, OutboxPage, OutboxQuery

routes = Routes(tag="outbox")
ADMINISTRATOR = staff("administrator")


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.get("/api/v1/admin/outbox", access=ADMINISTRATOR, query=OutboxQuery, response=OutboxPage)
async def list_outbox(call: Call[None, OutboxQuery]) -> OutboxPage:
    """Page through the messages, newest first."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await service.search(tx, context, call.query)


@routes.post("/api/v1/admin/outbox/{message_id}/resend", access=ADMINISTRATOR, response=OutboxMessage)
async def resend_message(call: Call[None, None]) -> OutboxMessage:
    """Queue a message again."""
    context = call.request.app[CONTEXT]
    message_id = call.path("message_id")
    async with context.db.begin() as tx:
        view = await service.resend(tx, context, message_id)
        await record(tx, context, actor=call.who, action="outbox.resent", subject=message_id, address=call.request.remote or "")
    return view
