"""The actor of one live session: the only writer of its event log.

Commands queue up (bounded); each is decided, its events are appended in one transaction together with their consequences,
then the state moves on, pages are told and effects start. After a restart the actor is rebuilt from the log. Engine calls run in
tasks of their own, so that neither the media path nor a slow engine ever holds up a command.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from server.context import Context
from server.domain.session import Command, Event, Refusal, SessionState, decide, due, evolve
from server.domain.session_state import ENGINE
from server.http.problem import Problem
from server.sessions import hooks, repository
from server.sessions.connection import Connection
from server.sessions.schemas import JoinCodeInView

log = structlog.get_logger(__name__)

QUEUE = 2000
STOPS = "SERVER_STOPS"
"""The goodbye of a process that ends: the page comes back by itself."""
Decided = list[Event] | Refusal
Effects = Callable[["SessionActor", SessionState, list[Event]], None]


@dataclass(slots=True)
class _Item:
    command: Command
    answer: "asyncio.Future[Decided] | None"
    is_timer: bool = False


class SessionActor:
    """Runs one session.

    Args:
        context: shared services.
        state: the state rebuilt from the log.
        effects: called after each batch of events with the state before it; starts engine work, must not block.
        on_over: called once when nothing more can happen.
    """

    def __init__(
        self, context: Context, state: SessionState, effects: Effects, on_over: Callable[["SessionActor"], None]
    ) -> None:
        self.context = context
        self.state = state
        self.connections: dict[str, Connection] = {}
        self.quality: dict[str, float] = {}
        self.legs: dict[str, str] = {}
        self.join_code: JoinCodeInView | None = None
        self._effects = effects
        self._on_over = on_over
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(QUEUE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None
        self._timers_rest_until = 0.0
        self._turn = asyncio.Lock()

    @property
    def session_id(self) -> str:
        """The session, and the media room's id."""
        return self.state.setup.session_id

    def start(self) -> None:
        """Begin taking commands."""
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name=f"session {self.session_id}")

    async def ask(self, command: Command) -> Decided:
        """Give a command and wait for what became of it. Raises `Problem` 503 when the session is overloaded."""
        answer: asyncio.Future[Decided] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Item(command, answer))
        except asyncio.QueueFull:
            raise Problem(503, "SESSION_BUSY", retryable=True) from None
        return await answer

    def tell(self, command: Command) -> None:
        """Give a command nobody waits for (engines, timers). Never blocks."""
        try:
            self._queue.put_nowait(_Item(command, None))
        except asyncio.QueueFull:
            log.error("session_queue_full", session_id=self.session_id, command=command.name)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run engine work owned by this actor."""
        task = asyncio.create_task(self._guard(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def attach(self, connection: Connection) -> None:
        """Seat a page; an earlier page of the same seat is told that it was taken over."""
        earlier = self.connections.get(connection.seat_id)
        if earlier is not None and earlier is not connection:
            earlier.close("TAKEN_OVER", retryable=False)
        self.connections[connection.seat_id] = connection

    def detach(self, connection: Connection) -> bool:
        """A page is gone. Returns whether it still held the seat."""
        if self.connections.get(connection.seat_id) is connection:
            del self.connections[connection.seat_id]
            return True
        return False

    def push(self, kind: str, data: dict[str, Any], *, to: str | None = None) -> None:
        """Tell all pages, or the page of one seat, something passing."""
        for seat_id, connection in self.connections.items():
            if to is None or to == seat_id:
                connection.push(kind, data)

    def close_pages(self, code: str) -> None:
        """Tell every page why its line ends; each is closed once it has been told. Commands go on being taken."""
        for connection in self.connections.values():
            connection.close(code, retryable=code == STOPS)

    async def aclose(self, code: str = STOPS) -> None:
        """Stop; pages are told. Idempotent."""
        self.close_pages(code)
        runner, self._runner = self._runner, None
        for task in [*self._tasks, *([runner] if runner else [])]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if item.answer is not None and not item.answer.done():
                item.answer.set_exception(Problem(503, STOPS, retryable=True))

    async def _guard(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except Exception:
            log.exception("session_task_failed", session_id=self.session_id, task=name)

    async def _run(self) -> None:
        while True:
            item = await self._next()
            if item is None:
                continue
            try:
                decided = await self._handle(item.command)
                if item.is_timer and not decided:
                    self._rest_timers()
            except Problem as problem:
                self._fail(item, problem)
            except SQLAlchemyError:
                log.exception("session_append_failed", session_id=self.session_id, command=item.command.name)
                self._fail(item, Problem(503, "STORAGE_UNAVAILABLE", retryable=True))
            except Exception:
                log.exception("session_command_failed", session_id=self.session_id, command=item.command.name)
                self._fail(item, Problem(500, "INTERNAL", retryable=True))
            else:
                if item.answer is not None and not item.answer.done():
                    item.answer.set_result(decided)

    def _fail(self, item: _Item, problem: Problem) -> None:
        if item.is_timer:
            log.warning("session_timer_refused", session_id=self.session_id, command=item.command.name, code=problem.code)
            self._rest_timers()
        if item.answer is not None and not item.answer.done():
            item.answer.set_exception(problem)

    def _rest_timers(self) -> None:
        """A timer that changed nothing or failed is not tried again at once."""
        self._timers_rest_until = asyncio.get_running_loop().time() + 5

    async def _next(self) -> _Item | None:
        """The next command, or a timer's that is due."""
        timers = sorted(due(self.state), key=lambda timer: timer[0])
        if not timers:
            return await self._queue.get()
        at, command = timers[0]
        rest = self._timers_rest_until - asyncio.get_running_loop().time()
        wait = max((at - self.context.now()).total_seconds(), rest)
        if wait <= 0:
            return _Item(command, None, is_timer=True)
        try:
            async with asyncio.timeout(min(wait, 30)):
                return await self._queue.get()
        except TimeoutError:
            return None

    async def read_on(self) -> bool:
        """Take over what another web process added to the log since; whether there was anything. Its effects were that one's."""
        async with self._turn:
            return await self._read_on()

    async def _read_on(self) -> bool:
        async with self.context.db.read() as tx:
            stored = await repository.events_of(tx, self.context, self.session_id, after=self.state.seq)
        events = [Event(each.type, each.at, each.data, each.actor, each.t_ms, each.seq) for each in stored]
        for event in events:
            self.state = evolve(self.state, event)
        for connection in self.connections.values():
            connection.update(events)
        if events:
            self._tell_if_over()
        return bool(events)

    async def _handle(self, command: Command) -> Decided:
        async with self._turn:
            while True:
                try:
                    return await self._decide(command)
                except IntegrityError:
                    if not await self._read_on():
                        raise
                    # Another web process had written first: decided anew on what it wrote.

    async def _decide(self, command: Command) -> Decided:
        now = self.context.now()
        decided = decide(self.state, command, now)
        if isinstance(decided, Refusal) or not decided:
            return decided
        before, after = self.state, self.state
        events: list[Event] = []
        for event in decided:
            numbered = replace(event, seq=after.seq + 1)
            after = evolve(after, numbered)
            events.append(numbered)
        async with self.context.db.begin() as tx:
            await repository.append(tx, self.context, self.session_id, events)
            await hooks.apply(tx, self.context, after, command, events)
        self.state = after
        for connection in self.connections.values():
            connection.update(events)
        self._effects(self, before, events)
        self._tell_if_over()
        return events

    def _tell_if_over(self) -> None:
        if self.state.is_over and self.state.recording.state in ("idle", "stopped", "failed"):
            self._on_over(self)


def system(name: str, **params: Any) -> Command:
    """A command of the engines or timers."""
    return Command(name, ENGINE, params)
