"""All live sessions of this process: finds or rebuilds their actors, hands engine events to them, stops them cleanly."""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import structlog
from aiohttp import web

from server.context import Context
from server.domain.session import SessionState
from server.http.problem import not_found
from server.media_workers import quality
from server.recordings.holder import StoreHolder
from server.recordings.takeover import carried
from server.sessions import codes, repository
from server.sessions.actor import STOPS, SessionActor, system
from server.sessions.effects import Effects
from server.sessions.engine_events import EngineEvents
from server.sessions.engines import MEDIA, SPEECH, VISION, Engines
from server.sessions.rules import load_rules
from server.sessions.schemas import JoinCodeInView
from storage.objects.port import StoreError

log = structlog.get_logger(__name__)

KEEP_OVER = timedelta(seconds=120)
LINES_S = 5.0
"""How long a starting process waits for its lines before it takes up sessions that run."""


class SessionHub:
    """Owner of the actors. Use as an aiohttp cleanup context through `run`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.rules = load_rules()
        self.engines = Engines(context, self._on_event, self._on_state)
        self.effects = Effects(context, self.engines, self._carried)
        self._store = StoreHolder(context.settings)
        self._actors: dict[str, SessionActor] = {}
        self._events: dict[str, EngineEvents] = {}
        self._can_judge: dict[str, bool] = {}
        self._lock = asyncio.Lock()
        self._gates: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_stopping = False

    def gate(self, address: str) -> asyncio.Lock:
        """What one address passes through one request at a time."""
        return self._gates.setdefault(address, asyncio.Lock())

    async def start(self) -> None:
        """Connect to the engines and rebuild sessions that were live."""
        async with self.context.db.read() as tx:
            ids = await repository.live_ids(tx)
        await self.engines.start()
        if ids:
            await self._lines()
        for session_id in ids:
            await self.get(session_id)
        self._spawn(self._watch())

    async def _lines(self) -> None:
        """The lines first, then the sessions: who never left the room was not interrupted because this process began anew."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINES_S):
                await self.engines.tried()
                while self._tasks:  # what each process can do is asked for when its line stands
                    await asyncio.wait(set(self._tasks))

    def say_goodbye(self) -> None:
        """The process is about to end: pages are told while their sockets are still open."""
        self.is_stopping = True
        for actor in self._actors.values():
            actor.close_pages(STOPS)

    async def aclose(self) -> None:
        """Stop everything; idempotent."""
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for actor in list(self._actors.values()):
            await actor.aclose()
        self._actors.clear()
        await self.engines.aclose()
        await self._store.aclose()

    async def get(self, session_id: str) -> SessionActor:
        """The actor of a session, rebuilt from the log when it is not in memory. Raises 404 `SESSION_NOT_FOUND`."""
        actor = self._actors.get(session_id)
        if actor is not None:
            return actor
        async with self._lock:
            if session_id in self._actors:
                return self._actors[session_id]
            async with self.context.db.read() as tx:
                state = await repository.load_state(tx, self.context, session_id)
                code = await codes.current(tx, self.context, session_id, self.rules)
            if state is None:
                raise not_found("SESSION_NOT_FOUND")
            await self.engines.look_up(session_id)
            return self._add(state, code[0] if code else None)

    def peek(self, session_id: str) -> SessionActor | None:
        """The actor if it is in memory."""
        return self._actors.get(session_id)

    def _add(self, state: SessionState, code: JoinCodeInView | None) -> SessionActor:
        actor = SessionActor(self.context, state, self.effects, self._on_over)
        actor.join_code = code
        self._actors[actor.session_id] = actor
        self._events[actor.session_id] = EngineEvents(actor)
        actor.start()
        if state.is_over and state.recording.state != "stopping":
            self._forget_later(actor)
            return actor
        self._tell_helpers(actor)
        node = state.node
        if node is not None and node.prompt.state in ("preparing", "playing"):
            actor.spawn(self.effects.prompt_left(actor, node.prompt.prompt_id or ""), "prompt left")
        if not self.engines.is_up(MEDIA, actor.session_id):
            actor.tell(system("engine_changed", engine=MEDIA, is_up=False))
        if self.engines.is_up(MEDIA, actor.session_id) or not self.engines.is_placed(actor.session_id):
            actor.spawn(self._open(actor), "open room")
        if state.phase == "lobby" and self.engines.is_placed(actor.session_id):
            actor.spawn(self.effects.prepare_first(state), "prepare first")
        return actor

    def _on_event(self, engine: str, event: str, params: dict[str, Any]) -> None:
        session_id = str(params.get("room_id") or str(params.get("window_id", "")).partition(".")[0])
        translator = self._events.get(session_id)
        if translator is not None:
            translator.handle(engine, event, params)

    async def _open(self, actor: SessionActor, *, is_moved: bool = False) -> None:
        """Open the room; the machine it was placed on decides who hears and sees it, and who prepares its prompts."""
        await actor.read_on()
        if actor not in self._live():
            return
        was_placed = self.engines.is_placed(actor.session_id)
        await self.effects.media_returned(actor, is_moved=is_moved)
        self._tell_helpers(actor)
        if not was_placed and self.engines.is_placed(actor.session_id) and actor.state.phase == "lobby":
            await self.effects.prepare_first(actor.state)

    def _tell_helpers(self, actor: SessionActor) -> None:
        room = actor.session_id
        can_judge = any(can and self.engines.serves(SPEECH, name, room) for name, can in self._can_judge.items())
        actor.tell(system("engine_changed", engine=SPEECH, is_up=can_judge and self.engines.is_up(SPEECH, room)))
        actor.tell(system("engine_changed", engine=VISION, is_up=self.engines.is_up(VISION, room)))
        if self.engines.is_up(VISION, room):
            self.effects.watch_on(actor)

    def _on_state(self, engine: str, name: str, is_up: bool) -> None:
        if engine == SPEECH and is_up:
            self._spawn(self._speech_returned(name))
            return
        if engine == SPEECH:
            self._can_judge[name] = False
        if engine == MEDIA and is_up:
            self._spawn(self.engines.end_left())
        for actor in self._live():
            is_its_own = self.engines.serves(engine, name, actor.session_id)
            is_waiting = engine == MEDIA and not self.engines.is_placed(actor.session_id)
            if engine == MEDIA and is_up and (is_its_own or is_waiting):
                actor.spawn(self._open(actor), "media returned")
            elif is_its_own:
                actor.tell(system("engine_changed", engine=engine, is_up=is_up))

    async def _speech_returned(self, name: str) -> None:
        self._can_judge[name] = await self.engines.can_judge(name)
        for actor in self._live():
            if not self.engines.serves(SPEECH, name, actor.session_id):
                continue
            actor.tell(system("engine_changed", engine=SPEECH, is_up=self._can_judge[name]))
            if actor.state.phase == "lobby":
                actor.spawn(self.effects.prepare_first(actor.state), "prepare first")

    async def _watch(self) -> None:
        """Every ten seconds: the quality of each leg is kept; rooms of a lost machine move, or end."""
        while True:
            await asyncio.sleep(quality.EVERY_S)
            await self.engines.end_left()
            for actor in self._live():
                try:
                    await self._look_after(actor)
                except Exception:
                    log.exception("session_watch_failed", session_id=actor.session_id)

    async def _look_after(self, actor: SessionActor) -> None:
        room = actor.session_id
        recording = actor.state.recording.state
        is_behind = actor.state.recording.recording_id in self.effects.carried or room in self.effects.unreturned
        if is_behind and self.engines.is_up(MEDIA, room):
            await self._open(actor)  # the worker could not go on with the room or its recording the first time
        elif recording == "running" and self.engines.is_up(MEDIA, room):
            stats = await self.engines.try_call(MEDIA, "room.stats", {"room_id": room})
            if stats and stats.get("legs"):
                async with self.context.db.begin() as tx:
                    await quality.note(tx, room, stats["legs"], self.context.now())
        elif self.engines.gives_up(room) and recording in ("idle", "starting", "running"):
            await self._move(actor)
        elif self.engines.is_lost(room) and recording == "stopping":
            # The machine is gone for good: what it stored while recording is finalised without it.
            actor.tell(system("recording_stopped", duration_ms=None, ended_at=None))
            await self.engines.release(room)
        elif not self.engines.is_placed(room):
            await self._open(actor)

    async def _move(self, actor: SessionActor) -> None:
        """The room's machine is lost: everybody returns to the same seats on another one, and the recording goes on there."""
        await actor.read_on()
        if actor.state.recording.state not in ("idle", "starting", "running") or actor not in self._live():
            return  # another web process has ended it
        recording_id = actor.state.recording.recording_id if actor.state.recording.state == "running" else None
        if recording_id is not None:
            try:
                self.effects.carried[recording_id] = await self._carried(recording_id)
            except StoreError as error:
                log.warning("room_cannot_move", session_id=actor.session_id, code=error.code)
                return  # asked again: without the store the first part of the recording would be left behind
        lost = self.engines.worker_of(actor.session_id)
        if not await self.engines.leave(actor.session_id):
            self.effects.carried.pop(recording_id or "", None)
            if self.engines.worker_of(actor.session_id) == lost:
                return  # another web process moves it; should that one die, the next look is given the room
        log.warning("room_moves", session_id=actor.session_id, recording_id=recording_id)
        await self._open(actor, is_moved=True)

    async def _carried(self, recording_id: str) -> dict[str, Any]:
        return await carried(self.context, await self._store.get(), recording_id)

    def later(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do something nobody waits for; a failure is logged."""

        async def guarded() -> None:
            try:
                await work
            except Exception:
                log.exception("hub_task_failed", task=name)

        self._spawn(guarded())

    def _live(self) -> list[SessionActor]:
        return [a for a in self._actors.values() if not a.state.is_over or a.state.recording.state == "stopping"]

    def _on_over(self, actor: SessionActor) -> None:
        self._forget_later(actor)

    def _forget_later(self, actor: SessionActor) -> None:
        """Pages may still look at the end for a while; then the actor goes, the log stays."""

        async def forget() -> None:
            await asyncio.sleep(KEEP_OVER.total_seconds())
            self._actors.pop(actor.session_id, None)
            self._events.pop(actor.session_id, None)
            await actor.aclose("SESSION_OVER")

        self._spawn(forget())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


HUB: web.AppKey[SessionHub] = web.AppKey("session_hub", SessionHub)
