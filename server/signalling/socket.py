"""The WebSocket of one page: hello, commands in, replies and views out. Transport only; no rule lives here.

Whatever a page sends, it can at most lose its own socket: bad frames are answered with a clean refusal, too many of them or too
large ones close this connection, and the session goes on.
"""

import asyncio
import contextlib
import time
from collections import deque
from typing import Any

import aiohttp
import orjson
import structlog
from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from server.domain.session import Actor, Command, Event, Refusal
from server.domain.session_state import AGENT
from server.http.endpoint import PRINCIPAL_OF, Principal, to_json
from server.http.problem import Problem
from server.sessions import messages as wire
from server.sessions.actor import STOPS, SessionActor, system
from server.sessions.connection import Connection
from server.sessions.hub import SessionHub
from server.sessions.join import SEAT_SCOPE, seat_of_claims
from server.sessions.personal import events_for
from server.sessions.refusals import to_problem
from server.sessions.repository import SessionEvent, events_of
from server.sessions.view import build_view
from server.signalling.commands import MEDIA_PARAMS, parameters
from server.signalling.media import media_command
from server.users.tickets import verify_ticket
from storage.db.ids import new_id

log = structlog.get_logger(__name__)

MAX_BYTES = 256 * 1024
HELLO_S = 10.0
SEND_S = 15.0
STOP_SEND_S = 2.0
"""How long a page may take to hear that the service stops: the process has to end before its supervisor loses patience."""
BAD_PER_MINUTE = 10
COMMANDS_PER_SECOND = 30
MEDIA_AT_ONCE = 3


class PageSocket:
    """One page's connection from hello to close."""

    def __init__(self, request: web.Request, hub: SessionHub) -> None:
        self._request = request
        self._hub = hub
        self._ws = web.WebSocketResponse(heartbeat=20, max_msg_size=MAX_BYTES, autoping=True)
        self._bad: deque[float] = deque(maxlen=BAD_PER_MINUTE)
        self._recent: deque[float] = deque(maxlen=COMMANDS_PER_SECOND)
        self._media: set[asyncio.Task[None]] = set()

    async def run(self) -> web.WebSocketResponse:
        """Serve until the page or the session is done."""
        await self._ws.prepare(self._request)
        try:
            hello = await self._hello()
            actor, seat_id = await self._seat(hello)
        except Problem as problem:
            await self._goodbye(problem.code, retryable=problem.retryable)
            return self._ws
        connection = Connection(seat_id)
        if 0 < hello.last_seq < actor.state.seq:
            async with self._hub.context.db.read() as tx:
                missed = await events_of(tx, self._hub.context, actor.session_id, after=hello.last_seq)
            connection.update(stored_events(missed))
        actor.attach(connection)
        if self._hub.is_stopping:
            connection.close(STOPS, retryable=True)
        writer = asyncio.create_task(self._write(actor, connection))
        try:
            await self._read(actor, connection)
        finally:
            if actor.detach(connection):
                actor.tell(system("socket_closed", seat_id=seat_id))
            if connection.goodbye is not None:
                await asyncio.wait({writer}, timeout=2)  # let it say why
            for task in [*self._media, writer]:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        return self._ws

    async def _hello(self) -> wire.Hello:
        try:
            async with asyncio.timeout(HELLO_S):
                message = await self._ws.receive()
        except TimeoutError:
            raise Problem(408, "MESSAGE_INVALID") from None
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Problem(400, "MESSAGE_INVALID")
        try:
            return wire.Hello.model_validate(_loads(message.data))
        except (ValidationError, ValueError):
            raise Problem(400, "MESSAGE_INVALID") from None

    async def _seat(self, hello: wire.Hello) -> tuple[SessionActor, str]:
        """Who sits here: the seat of a ticket, or the agent's by the staff cookie."""
        session_id = self._request.match_info["session_id"]
        if hello.ticket is not None:
            claims = verify_ticket(self._hub.context, hello.ticket, scope=SEAT_SCOPE)
            if claims.get("session_id") != session_id:
                raise Problem(401, "TICKET_INVALID")
            actor = await self._hub.get(session_id)
            return actor, seat_of_claims(actor, claims)
        who = await self._staff()
        actor = await self._hub.get(session_id)
        if who.id != actor.state.setup.agent.user_id:
            raise Problem(403, "FORBIDDEN")
        return actor, actor.state.setup.agent.seat_id

    async def _staff(self) -> Principal:
        """Whose cookie the page connected with, as it stands now."""
        who = await self._request.app[PRINCIPAL_OF](self._request)
        if who.kind != "staff":
            raise Problem(401, "SIGN_IN_REQUIRED")
        return who

    async def _may_stay(self, actor: SessionActor, connection: Connection) -> bool:
        """Whether the agent is still signed in: asked with every message, as with every request. Customers have tickets."""
        if connection.seat_id != actor.state.setup.agent.seat_id:
            return True
        try:
            await self._staff()
        except Problem as problem:
            connection.close(problem.code, retryable=False)
            return False
        except (SQLAlchemyError, OSError):
            return True  # the database is away for a moment: no command is carried out without it either
        return True

    async def _read(self, actor: SessionActor, connection: Connection) -> None:
        async for message in self._ws:
            if connection.goodbye is not None:
                return
            if message.type is not aiohttp.WSMsgType.TEXT:
                if not self._is_tolerated(connection, ""):
                    return
                continue
            if not await self._may_stay(actor, connection):
                return
            try:
                raw = _loads(message.data)
                if raw.get("type") == "ping":
                    connection.reply({"type": "pong"})
                    continue
                command = wire.ClientCommand.model_validate(raw)
            except (ValidationError, ValueError):
                if not self._is_tolerated(connection, _id_of(message.data)):
                    return
                continue
            await self._pace()
            await self._command(actor, connection, command)

    async def _pace(self) -> None:
        """At most so many commands a second; more wait in the page's own TCP window."""
        now = time.monotonic()
        if len(self._recent) == COMMANDS_PER_SECOND and now - self._recent[0] < 1:
            await asyncio.sleep(1 - (now - self._recent[0]))
        self._recent.append(time.monotonic())

    def _is_tolerated(self, connection: Connection, command_id: str) -> bool:
        now = time.monotonic()
        if len(self._bad) == BAD_PER_MINUTE and now - self._bad[0] < 60:
            connection.close("MESSAGE_INVALID", retryable=False)
            return False
        self._bad.append(now)
        connection.reply(_refused(command_id, Problem(422, "MESSAGE_INVALID")))
        return True

    async def _command(self, actor: SessionActor, connection: Connection, command: wire.ClientCommand) -> None:
        try:
            params = parameters(command.command, command.params)
        except Problem as problem:
            connection.reply(_refused(command.id, problem))
            return
        if command.command in MEDIA_PARAMS:
            if len(self._media) >= MEDIA_AT_ONCE:
                connection.reply(_refused(command.id, Problem(429, "MEDIA_BUSY", retryable=True)))
                return
            task = asyncio.create_task(self._media_command(actor, connection, command, params))
            self._media.add(task)
            task.add_done_callback(self._media.discard)
            return
        connection.reply(await self._answer(actor, connection, command, params))

    async def _answer(
        self, actor: SessionActor, connection: Connection, command: wire.ClientCommand, params: dict[str, Any]
    ) -> dict[str, Any]:
        seat = actor.state.seats[connection.seat_id]
        if command.command == "start_recording":
            params = {"recording_id": new_id("rec")}
        kind = AGENT if seat.kind == AGENT else "customer"
        try:
            decided = await actor.ask(Command(command.command, Actor(kind, seat.seat_id), params))
        except Problem as problem:
            return _refused(command.id, problem)
        if isinstance(decided, Refusal):
            return _refused(command.id, to_problem(decided))
        return {"type": "reply", "id": command.id, "ok": True, "result": {"seq": actor.state.seq}, "problem": None}

    async def _media_command(
        self, actor: SessionActor, connection: Connection, command: wire.ClientCommand, params: dict[str, Any]
    ) -> None:
        try:
            result = await media_command(self._hub, actor, connection.seat_id, command.command, params)
        except Problem as problem:
            connection.reply(_refused(command.id, problem))
        except Exception:
            log.exception("media_command_failed", session_id=actor.session_id, command=command.command)
            connection.reply(_refused(command.id, Problem(500, "INTERNAL", retryable=True)))
        else:
            connection.reply({"type": "reply", "id": command.id, "ok": True, "result": result, "problem": None})

    async def _write(self, actor: SessionActor, connection: Connection) -> None:
        """The only sender after hello. A page that does not take a message in time is closed."""
        try:
            while True:
                await connection.wait()
                async with asyncio.timeout(SEND_S):
                    while connection.replies:
                        await self._send(connection.replies.popleft())
                    if connection.needs_view:
                        await self._send(self._update(actor, connection))
                    while connection.pushes:
                        await self._send(connection.pushes.popleft())
                if connection.goodbye is not None:
                    code, retryable = connection.goodbye
                    await self._goodbye(code, retryable=retryable)
                    return
        except TimeoutError:
            connection.close("TOO_SLOW", retryable=True)
            if self._request.transport is not None:
                self._request.transport.abort()
        except (ConnectionError, RuntimeError):
            return

    def _update(self, actor: SessionActor, connection: Connection) -> wire.Update:
        connection.needs_view = False
        events = list(connection.events)
        connection.events.clear()
        view = build_view(actor.state, connection.seat_id, self._hub.context.now(), actor.join_code, actor.quality)
        return wire.Update(seq=actor.state.seq, events=events_for(actor.state, connection.seat_id, events), view=view)

    async def _send(self, message: Any) -> None:
        await self._ws.send_str(to_json(message).decode())

    async def _goodbye(self, code: str, *, retryable: bool) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError, TimeoutError):
            async with asyncio.timeout(STOP_SEND_S if code == STOPS else SEND_S):
                await self._send(wire.Goodbye(code=code, retryable=retryable))
                await self._ws.close(code=1000 if retryable else 1008, message=code.encode())


def stored_events(stored: list[SessionEvent]) -> list[Event]:
    """Stored events as the rules have them."""
    return [Event(e.type, e.at, e.data, e.actor, e.t_ms, e.seq) for e in stored]


def _loads(data: str) -> dict[str, Any]:
    raw = orjson.loads(data)
    if not isinstance(raw, dict):
        raise ValueError("an object is expected")
    return raw


def _id_of(data: str) -> str:
    try:
        value = _loads(data).get("id")
    except ValueError:
        return ""
    return value if isinstance(value, str) and len(value) <= 64 else ""


def _refused(command_id: str, problem: Problem) -> dict[str, Any]:
    shown = {"code": problem.code, "status": problem.status, "retryable": problem.retryable, "params": problem.params}
    return {"type": "reply", "id": command_id, "ok": False, "result": None, "problem": shown}
