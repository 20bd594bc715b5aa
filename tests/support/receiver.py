"""A core system that receives results over real HTTP: checks signatures, and answers as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.webhooks.signing import is_valid


@dataclass
class Receiver:
    """What came in. `answers`: statuses to give, one after the other; 200 afterwards. `hang` never answers while it is set."""

    url: str = ""
    secret: str = ""
    now: int = 0
    answers: list[int] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    valid: list[bool] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp, delivery = int(request.headers["X-Timestamp"]), request.headers["X-Delivery-Id"]
        self.valid.append(
            is_valid(
                self.secret,
                request.headers["X-Signature"],
                timestamp=stamp,
                delivery_id=delivery,
                body=body,
                now=self.now or stamp,
            )
        )
        self.bodies.append(body)
        self.got.append(orjson.loads(body))
        status = self.answers.pop(0) if self.answers else 200
        if status == 302:
            return web.Response(status=302, headers={"Location": "/elsewhere"})
        if status == 0:  # the connection breaks
            assert request.transport
            request.transport.close()
            await asyncio.Event().wait()
        return web.Response(status=status)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A listening receiver."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/results", receiver.take)
    server = TestServer(app)
    await server.start_server()
    receiver.url = str(server.make_url("/results"))
    try:
        yield receiver
    finally:
        await server.close()
