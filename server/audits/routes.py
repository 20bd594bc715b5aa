"""HTTP endpoints of the audit log: reading; nothing here writes. Checking is in `server.custody`, which has the tokens."""

from aiohttp import web

from server.audits import service
from server.audits.schemas import AuditPage, AuditQuery
from server.context import CONTEXT
from server.http.endpoint import Call, Routes, staff

routes = Routes(tag="audits")
READERS = staff("administrator", "compliance")


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.get("/api/v1/admin/audits", access=READERS, query=AuditQuery, response=AuditPage)
async def list_audits(call: Call[None, AuditQuery]) -> AuditPage:
    """Page through the audit log."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await service.search(tx, call.query)
