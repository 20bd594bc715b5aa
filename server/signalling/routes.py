"""The WebSocket route. Declared like an endpoint so that its messages' types are in the OpenAPI document."""

from aiohttp import web

from server.http.endpoint import PUBLIC, Call, Routes
from server.sessions.hub import HUB
from server.sessions.messages import SocketMessages
from server.signalling.socket import PageSocket

routes = Routes(tag="signalling")


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.get("/ws/sessions/{session_id}", access=PUBLIC, response=SocketMessages)
async def session_socket(call: Call[None, None]) -> web.StreamResponse:
    """The session's WebSocket (docs/session-protocol.md); the first message says who connects."""
    return await PageSocket(call.request, call.request.app[HUB]).run()
