"""HTTP endpoint of the search."""

from aiohttp import web

from server.audits.service import record
from server.context import CONTEXT
from server.http.endpoint import STAFF, Call, Routes
from server.recordings.access import log_access
from server.search import service
from server.search.schemas import SearchBody, SearchPage

routes = Routes(tag="search")


@routes.post("/api/v1/search", access=STAFF, body=SearchBody, response=SearchPage)
async def search(call: Call[SearchBody, None]) -> SearchPage:
    """Search cases, newest first; agents find their own. Whose words were shown is in the audit log and in each access log."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        found = await service.search(tx, context, call.who, call.body)
    if call.body.words and found.items:
        async with context.db.begin() as tx:
            await record(
                tx, context, actor=call.who, action="search.spoken", subject="transcripts",
                data={"recording_ids": [item.recording_id for item in found.items]}, address=call.request.remote or "",
            )  # fmt: skip
            for recording_id in dict.fromkeys(hit.recording_id for item in found.items for hit in item.spoken):
                await log_access(tx, context, call.request, call.who, recording_id, "search")
    return found


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)
