"""The real application with helper processes that speak the real RPC protocol but are scripted by the test, and pages on real
WebSockets. Nothing of the service itself is replaced.
"""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from media.rpc import RpcError, RpcServer
from server.app import build_app
from server.context import Context
from server.sessions.actor import SessionActor
from server.sessions.hub import HUB
from server.settings import Settings
from server.talkscripts import service as talkscripts
from storage.db.engine import Database
from tests.support.core import Caller, Service, capture_all, give_documents, proposal, running
from tests.support.media_workers import register
from tests.support.session_room import script_data

TIMEOUT = 60


@dataclass
class Engine:
    """One helper process: an RPC server on a port of its own. `calls` keeps what was asked."""

    token: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    port: int = 0
    accepts_after_s: float = 0.0
    """How long a new line waits to be taken."""

    def __post_init__(self) -> None:
        self.rpc = RpcServer(self.token)
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Condition()

    def on(self, method: str, answer: Callable[[dict[str, Any]], Any]) -> None:
        async def handler(params: dict[str, Any]) -> Any:
            result = answer(params)
            if inspect.isawaitable(result):
                result = await result
            async with self._changed:
                self.calls.append((method, params))
                self._changed.notify_all()
            return result

        self.rpc.method(method, handler)

    async def start(self) -> None:
        @web.middleware
        async def late(request: web.Request, handler: Handler) -> web.StreamResponse:
            await asyncio.sleep(self.accepts_after_s)
            return await handler(request)

        app = web.Application(middlewares=[late])
        self.rpc.attach(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def called(self, method: str, count: int = 1) -> dict[str, Any]:
        """Wait until a method was called so often; the last call's parameters."""
        async with asyncio.timeout(TIMEOUT), self._changed:
            await self._changed.wait_for(lambda: sum(name == method for name, _ in self.calls) >= count)
        return next(params for name, params in reversed(self.calls) if name == method)

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)


class Engines:
    """Media and speech as the protocol has them; prompts and answers happen when the test says so."""

    def __init__(self, token: str) -> None:
        self.media, self.speech = Engine(token), Engine(token)
        self.clock: Callable[[], Any] = lambda: None
        self.rooms: set[str] = set()
        self.known_legs: list[dict[str, Any]] = []
        """What `room.stats` tells of the legs."""
        self.started_at: Any = None
        self.legs = 0
        self.auto_prompts = True
        self.prompt_ms = 1000
        """How long a prompt is said to take."""
        self.fail: dict[str, RpcError] = {}
        self._media()
        self._speech()

    def _media(self) -> None:
        media = self.media
        media.on("room.open", self._open)
        media.on("room.close", self._close)
        media.on("room.consent", lambda p: {})
        media.on("room.stats", self._stats)
        media.on("seat.join", self._join)
        media.on("seat.answer", lambda p: {})
        media.on("seat.restart", lambda p: {"sdp": "v=0 restart"})
        media.on("seat.leave", lambda p: {})
        media.on("seat.state", lambda p: {})
        media.on("recording.start", self._start)
        media.on("recording.mark", lambda p: {"t_ms": 0})
        media.on("recording.stop", lambda p: {"duration_ms": self.t_ms(), "ended_at": self.clock().isoformat()})
        media.on("prompt.play", self._play)
        media.on("prompt.stop", lambda p: {})

    def _speech(self) -> None:
        speech = self.speech
        engine = {"name": "stand-in", "role": "verdict", "available": True}
        speech.on("speech.info", lambda p: {"engines": [engine], "voices": ["test"], "voice": "test"})
        prompt = {"path": "/tmp/p.opus", "sha256": "0" * 64, "duration_ms": 1000, "marks": [[0, 0]], "voice": "test"}
        speech.on("prompt.prepare", lambda p: {**prompt, "is_synthetic": True})
        speech.on("answer.open", lambda p: {})
        speech.on("answer.close", lambda p: {})

    def t_ms(self) -> int:
        return int((self.clock() - self.started_at).total_seconds() * 1000) if self.started_at else 0

    def _open(self, params: dict[str, Any]) -> Any:
        self.rooms.add(params["room_id"])
        return {}

    def _close(self, params: dict[str, Any]) -> Any:
        self.rooms.discard(params["room_id"])
        return {}

    def _stats(self, params: dict[str, Any]) -> Any:
        if params["room_id"] not in self.rooms:
            raise RpcError("ROOM_UNKNOWN", params["room_id"])
        return {"legs": self.known_legs}

    def _join(self, params: dict[str, Any]) -> Any:
        self.legs += 1
        slots = [{"mid": "0", "direction": "send", "kind": "mic", "seat_id": params["seat_id"]}]
        return {"leg_id": f"leg{self.legs}", "sdp": "v=0 offer", "slots": slots}

    def _start(self, params: dict[str, Any]) -> Any:
        if "recording.start" in self.fail:
            raise self.fail["recording.start"]
        self.started_at = self.started_at or self.clock()
        return {"started_at": self.started_at.isoformat(), "started_monotonic_ns": 1}

    def _play(self, params: dict[str, Any]) -> Any:
        if self.auto_prompts:
            asyncio.get_running_loop().call_later(0.05, self.finish_prompt, params["room_id"], params["prompt_id"])
        return {"t_ms": self.t_ms(), "duration_ms": self.prompt_ms}

    def finish_prompt(self, room_id: str, prompt_id: str, *, completed: bool = True) -> None:
        params = {"room_id": room_id, "prompt_id": prompt_id, "t_ms": self.t_ms(), "completed": completed}
        self.media.rpc.emit("prompt.finished", params)

    def connect(self, room_id: str, seat_id: str, leg_id: str) -> None:
        leg = {"room_id": room_id, "seat_id": seat_id, "leg_id": leg_id}
        self.media.rpc.emit("leg.connected", leg)
        for kind in ("mic", "camera"):
            self.media.rpc.emit("track.started", {**leg, "kind": kind, "t_ms": self.t_ms()})

    def final(self, window_id: str, verdict: str = "affirmative", text: str = "是的", **more: Any) -> None:
        heard = {
            "window_id": window_id, "verdict": verdict, "text": text, "phrase": text, "confidence": 0.94, "margin": 4.0,
            "start_ms": self.t_ms() + 500, "end_ms": self.t_ms() + 1200, "engine": "stand-in", "reasons": [],
        }  # fmt: skip
        self.speech.rpc.emit("answer.final", {**heard, **more})


class Page:
    """A page on the session's socket. Keeps the newest view."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.view: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.pushes: list[dict[str, Any]] = []
        self.replies: dict[str, dict[str, Any]] = {}
        self.goodbye: dict[str, Any] | None = None
        self._changed = asyncio.Condition()
        self._number = 0
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            data = orjson.loads(message.data)
            async with self._changed:
                match data["type"]:
                    case "update":
                        self.view = data["view"]
                        self.events += data["events"]
                    case "push":
                        self.pushes.append(data)
                    case "reply":
                        self.replies[data["id"]] = data
                    case "goodbye":
                        self.goodbye = data
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Callable[["Page"], Any]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT), self._changed:
                await self._changed.wait_for(lambda: condition(self))
        except TimeoutError:
            shown = {key: self.view.get(key) for key in ("phase", "seq", "node", "missing", "engines")}
            raise AssertionError(f"never happened; the page shows {shown}") from None

    async def command(self, name: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        number = str(self._number)
        await self.ws.send_str(orjson.dumps({"type": "command", "id": number, "command": name, "params": params}).decode())
        await self.until(lambda page: number in page.replies)
        return self.replies[number]

    async def ok(self, name: str, **params: Any) -> dict[str, Any]:
        reply = await self.command(name, **params)
        assert reply["ok"], reply
        result: dict[str, Any] = reply["result"] or {}
        return result

    async def refused(self, name: str, code: str, **params: Any) -> dict[str, Any]:
        reply = await self.command(name, **params)
        assert not reply["ok"], reply
        assert reply["problem"]["code"] == code, reply
        problem: dict[str, Any] = reply["problem"]
        return problem

    async def node(self, node_id: str) -> None:
        await self.until(lambda p: p.view.get("node") and p.view["node"]["node_id"] == node_id)

    def action(self, name: str) -> dict[str, Any]:
        """An allowed action; an empty one when it is not this person's."""
        return next((a for a in self.view["allowed_actions"] if a["action"] == name), {"enabled": False, "reasons": []})

    async def freeze(self) -> None:
        """Read nothing any more, as a browser that hangs: not even the closing message is answered."""
        self._task.cancel()
        await asyncio.wait({self._task})
        self._task = asyncio.create_task(asyncio.sleep(0))

    async def close(self) -> None:
        await self.ws.close()
        await self._task


@dataclass
class Live:
    """The service, its engines, and shortcuts of a live session."""

    service: Service
    engines: Engines
    pages: list[Page] = field(default_factory=list)

    async def ready_case(self, agent: Caller, number: str = "P2026990001", **changes: Any) -> str:
        core = await self.service.core()
        await core.ask("POST", "/api/v1/proposals", json=proposal(number, **changes), status=201)
        await give_documents(core, number)
        case = await agent.ask("POST", "/api/v1/cases", json={"proposal_no": number}, status=201)
        await capture_all(agent, case["id"])
        return str(case["id"])

    async def create(self, agent: Caller, case_id: str) -> dict[str, Any]:
        created: dict[str, Any] = await agent.ask("POST", f"/api/v1/cases/{case_id}/session", json={}, status=201)
        return created

    async def messages(self, template: str) -> list[dict[str, Any]]:
        admin = await self.service.sign_in("admin")
        page = await admin.ask("GET", "/api/v1/admin/outbox", params={"page_size": "100"})
        return [m for m in page["items"] if m["template"] == template]

    async def sms_code(self) -> str:
        """The newest one-time code."""
        newest = (await self.messages("verification_code"))[0]
        return str(re.findall(r"\d{6}", newest["text"])[0])

    async def verify(self, code: str, last4: str) -> dict[str, Any]:
        phone = await self.service.anonymous()
        await phone.ask("POST", "/api/v1/join/sms", json={"code": code, "phone_last4": last4})
        sms = await self.sms_code()
        body = {"code": code, "phone_last4": last4, "sms_code": sms}
        verified: dict[str, Any] = await phone.ask("POST", "/api/v1/join/verify", json=body)
        return verified

    async def seat_ticket(self, code: str, last4: str, *, consent: bool = True) -> dict[str, Any]:
        """The whole way in: code, SMS, all own roles, consents."""
        verified = await self.verify(code, last4)
        roles = [r["role_id"] for r in verified["roles"] if r["state"] in ("free", "mine")]
        caller = await self.service.bearer(verified["ticket"])
        seat: dict[str, Any] = await caller.ask("POST", "/api/v1/join/claim", json={"role_ids": roles})
        if consent:
            holder = await self.service.bearer(seat["ticket"])
            body = {"recording": True, "face_and_identity": True, "ai_voice": True}
            assert (await holder.ask("POST", "/api/v1/join/consents", json=body))["granted"]
        return seat

    async def page(self, caller: Caller, session_id: str, ticket: str | None = None, last_seq: int = 0) -> Page:
        ws = await caller.client.ws_connect(f"/ws/sessions/{session_id}")
        await ws.send_json({"type": "hello", "ticket": ticket, "last_seq": last_seq})
        page = Page(ws)
        self.pages.append(page)
        await page.until(lambda p: p.view or p.goodbye)
        return page

    async def media(self, page: Page) -> str:
        """The page's media is set up and arrives."""
        joined = await page.ok("media.join")
        await page.ok("media.answer", leg_id=joined["leg_id"], sdp="v=0 answer")
        seat_id = page.view["me"]["seat_id"]
        self.engines.connect(page.view["session_id"], seat_id, joined["leg_id"])
        await page.until(lambda p: any(x["is_me"] and x["presence"] == "present" for x in p.view["people"]))
        return str(joined["leg_id"])

    def forward(self, seconds: float) -> None:
        self.service.clock.at += timedelta(seconds=seconds)


@dataclass
class Room:
    """A session with everybody in it."""

    live: Live
    agent: Page
    holder: Page
    insured: Page
    created: dict[str, Any]
    tickets: dict[str, dict[str, Any]]

    @property
    def session_id(self) -> str:
        return str(self.created["session_id"])

    async def start(self) -> None:
        await self.agent.until(lambda p: p.action("start_recording")["enabled"])
        await self.agent.ok("start_recording")
        await self.agent.until(lambda p: p.view["phase"] == "recording")

    async def answered(self, page: Page, count: int, verdict: str = "affirmative", text: str = "是的") -> None:
        """Wait for the window of a page's person at the speech process, and answer it."""
        seat_id = page.view["me"]["seat_id"]
        speech = self.live.engines.speech

        def mine() -> list[dict[str, Any]]:
            return [p for name, p in speech.calls if name == "answer.open" and p["seat_id"] == seat_id]

        async with asyncio.timeout(TIMEOUT), speech._changed:
            await speech._changed.wait_for(lambda: len(mine()) >= count)
        self.live.engines.final(mine()[-1]["window_id"], verdict, text)


def leg_of(actor: SessionActor, page: Page, *kinds: str, is_away: bool = False) -> dict[str, Any]:
    """What the media worker tells of a page's connection, on which it sends `kinds` (by default sound and picture)."""
    seat = actor.state.seats[page.view["me"]["seat_id"]]
    sent = () if is_away else kinds or ("mic", "camera")
    tracks = {kind: {"is_active": kind in sent} for kind in ("mic", "camera", "screen")}
    # Away for three seconds some minutes ago: that is over.
    return {"seat_id": seat.seat_id, "leg_id": seat.leg_id, "bytes": 1, "gap_ms": 3_000, "is_away": is_away, "tracks": tracks}


@asynccontextmanager
async def live_service(settings: Settings, media_url: str = "", vision_port: int = 1) -> AsyncIterator[Live]:
    """The application with its helper processes and the standard talk script in force.

    Args:
        media_url: a real media worker's.
        vision_port: of a process that looks at pictures; by default there is none, as in an installation without face models.
    """
    engines = Engines(settings.internal_token.get_secret_value())
    await engines.media.start()
    await engines.speech.start()
    settings.media_rpc_port, settings.speech_rpc_port = engines.media.port, engines.speech.port
    settings.vision_rpc_port = vision_port
    try:
        async with running(settings) as service:
            engines.clock = service.clock
            await register(service.context, "test:0", media_url or f"http://127.0.0.1:{engines.media.port}")
            await service.server.app[HUB].engines.refresh()
            async with service.context.db.begin() as tx:
                content = script_data()
                added = await talkscripts.add_version(tx, service.context, "system:test", content["key"], content, "test")
                await talkscripts.publish(tx, service.context, "system:test", content["key"], added.version, None)
            live = Live(service, engines)
            try:
                yield live
            finally:
                for page in live.pages:
                    await page.close()
    finally:
        await engines.media.stop()
        await engines.speech.stop()


@asynccontextmanager
async def another_web(context: Context) -> AsyncIterator[TestServer]:
    """A further web process: another application with connections of its own to the same database."""
    database = Database.connect(context.settings.database_url)
    server = TestServer(build_app(replace(context, db=database)))
    await server.start_server()
    try:
        yield server
    finally:
        await server.close()
        await database.aclose()


async def full_room(live: Live) -> Room:
    """Agent, policyholder and insured are in; recording has not started."""
    caller = await live.service.sign_in("zhangsan")
    created = await live.create(caller, await live.ready_case(caller))
    session_id, code = created["session_id"], created["join_code"]["code"]
    agent = await live.page(caller, session_id)
    await agent.until(lambda p: p.view["engines"]["media"] and p.view["engines"]["speech"])
    await agent.ok("enter_room")
    await live.media(agent)
    pages, tickets = [], {}
    for last4 in ("0001", "0002"):
        seat = await live.seat_ticket(code, last4)
        page = await live.page(await live.service.anonymous(), session_id, seat["ticket"])
        await page.ok("enter_room")
        await live.media(page)
        pages.append(page)
        tickets[last4] = seat
    return Room(live, agent, pages[0], pages[1], created, tickets)
