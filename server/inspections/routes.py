"""HTTP endpoints of this slice."""

from aiohttp import web

from server.http.endpoint import Routes

routes = Routes(tag="inspections")


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)
