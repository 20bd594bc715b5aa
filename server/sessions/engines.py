"""The helper processes as a session sees them: media workers, speech, vision. Calls go out, events come in, each may be away.

Which media workers there are is read from their leases; a room's calls go to the worker it was placed on, and to the speech and
vision processes of that worker's machine. The loss of one worker is told for its own rooms only. Nothing here blocks a session:
a call runs in the caller's task with a time limit, events are handed on without waiting.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from media.rpc import RpcClient, RpcError
from server.context import Context
from server.media_workers import service as workers

log = logging.getLogger(__name__)

Params = dict[str, Any]
EngineEvent = Callable[[str, str, Params], None]
EngineState = Callable[[str, str, bool], None]

MEDIA, SPEECH, VISION = "media", "speech", "vision"
REFRESH_S = 1.0
_CODES = {"WORKER_BUSY": "MEDIA_FULL", "WORKER_DISK_LOW": "MEDIA_DISK_LOW", "WORKER_DRAINING": "MEDIA_DRAINING"}


class Engines:
    """Clients of the helper processes; reconnect by themselves.

    Args:
        on_event: (engine, event, params) for every event; must not block.
        on_state: (engine, name, is_up) whenever a process comes or goes; `name` is the worker's id for media, else the address.
    """

    def __init__(self, context: Context, on_event: EngineEvent, on_state: EngineState) -> None:
        self._context = context
        self._on_event = on_event
        self._on_state = on_state
        settings = context.settings
        self._own = {
            SPEECH: f"http://{settings.internal_host}:{settings.speech_rpc_port}",
            VISION: f"http://{settings.internal_host}:{settings.vision_rpc_port}",
        }
        self._clients: dict[tuple[str, str], RpcClient] = {}
        self._urls: dict[str, str] = {}
        self._workers: dict[str, workers.Row] = {}
        self._rooms: dict[str, str] = {}
        self._placing = asyncio.Lock()
        self._left: dict[str, set[str]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin connecting."""
        for engine, url in self._own.items():
            self._client(engine, url, url)
        async with self._context.db.read() as tx:
            self._rooms = await workers.placements(tx)
        await self.refresh()
        self._task = asyncio.create_task(self._watch())

    async def aclose(self) -> None:
        """Disconnect; idempotent."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    # Who is there

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await self.refresh()
            except sa.exc.SQLAlchemyError:
                log.exception("media workers cannot be read")  # those known stay connected

    async def refresh(self) -> None:
        """Read the leases anew."""
        async with self._context.db.read() as tx:
            rows = await workers.everyone(tx)
        now = self._context.now()
        self._workers = {row["id"]: row for row in rows}
        for row in rows:
            key = (MEDIA, row["id"])
            if self._urls.get(row["id"], row["url"]) != row["url"]:
                await self._clients.pop(key).aclose()  # the worker came back at another address
            if workers.is_live(row, now):
                self._urls[row["id"]] = row["url"]
                self._client(MEDIA, row["id"], row["url"])
                self._client(SPEECH, row["speech_url"], row["speech_url"])
                self._client(VISION, row["vision_url"], row["vision_url"])
            elif workers.is_lost(row, now) and key in self._clients and not self._clients[key].is_connected:
                await self._clients.pop(key).aclose()
                self._urls.pop(row["id"], None)

    def _client(self, engine: str, name: str, url: str) -> None:
        if (engine, name) in self._clients:
            return
        client = self._clients[engine, name] = RpcClient(
            url,
            self._context.settings.internal_token.get_secret_value(),
            on_event=lambda event, params: self._on_event(engine, event, params),
            on_state=lambda is_up: self._on_state(engine, name, is_up),
        )
        client.start()

    def _name(self, engine: str, room_id: str | None) -> str | None:
        """The process that serves a room; None for a room that is not placed."""
        worker_id = self._rooms.get(room_id) if room_id else None
        if engine == MEDIA:
            return worker_id
        row = self._workers.get(worker_id) if worker_id else None
        return str(row[f"{engine}_url"]) if row else self._own[engine]

    def _of(self, engine: str, room_id: str | None) -> RpcClient | None:
        name = self._name(engine, room_id)
        return self._clients.get((engine, name)) if name else None

    def is_up(self, engine: str, room_id: str | None = None) -> bool:
        """Whether calls can be made now for this room."""
        client = self._of(engine, room_id)
        return client is not None and client.is_connected

    def serves(self, engine: str, name: str, room_id: str) -> bool:
        """Whether that process serves the room."""
        return self._name(engine, room_id) == name

    def gives_up(self, room_id: str) -> bool:
        """Whether the room's worker has been away for so long that the room goes to another one."""
        row = self._workers.get(self._rooms.get(room_id, ""))
        return row is not None and workers.gives_up(row, self._context.now()) and not self.is_up(MEDIA, room_id)

    def is_lost(self, room_id: str) -> bool:
        """Whether the room's worker has been away for so long that nobody waits for it any more."""
        row = self._workers.get(self._rooms.get(room_id, ""))
        return row is not None and workers.is_lost(row, self._context.now()) and not self.is_up(MEDIA, room_id)

    # Where rooms are

    def is_placed(self, room_id: str) -> bool:
        """Whether the room has a worker."""
        return room_id in self._rooms

    async def refusal(self) -> str | None:
        """Why no new room can be opened now (a problem code), or None."""
        async with self._context.db.read() as tx:
            return workers.refusal(await workers.everyone(tx), self._context.now())

    async def open_room(self, room_id: str, params: Params) -> None:
        """Open a room on its worker, or on the least loaded one that takes it.

        Raises:
            RpcError: `MEDIA_FULL`, `MEDIA_DISK_LOW`, `MEDIA_DRAINING` when all refuse, `UNAVAILABLE` when none is there.
        """
        async with self._placing:
            if room_id not in self._rooms:
                await self._place(room_id, params)
                return
        await self.call(MEDIA, "room.open", {**params, "is_returning": True})

    async def _place(self, room_id: str, params: Params) -> None:
        async with self._context.db.read() as tx:
            rows = await workers.everyone(tx)
            lately = await workers.placed_lately(tx, self._context.now())
        self._workers = {row["id"]: row for row in rows}
        refused = ""
        for row in workers.ranked(rows, lately, self._context.now()):
            client = self._clients.get((MEDIA, row["id"]))
            if client is None or not client.is_connected:
                continue
            try:
                await client.call("room.open", params, timeout=4)
            except RpcError as error:
                if error.code not in _CODES and error.code != "UNAVAILABLE":
                    raise
                refused = error.code
                continue
            async with self._context.db.begin() as tx:
                await workers.place(tx, room_id, row["id"], self._context.now())
            self._rooms[room_id] = row["id"]
            return
        code = {"WORKER_BUSY": "MEDIA_FULL", "WORKER_DISK_LOW": "MEDIA_DISK_LOW", "WORKER_DRAINING": "MEDIA_DRAINING"}.get(
            refused
        )
        code = code or workers.refusal(rows, self._context.now()) or "UNAVAILABLE"
        raise RpcError(code, room_id, retryable=True)

    async def release(self, room_id: str) -> None:
        """The room is over (or is to be placed anew)."""
        if self._rooms.pop(room_id, None) is not None:
            async with self._context.db.begin() as tx:
                await workers.release(tx, room_id, self._context.now())

    async def leave(self, room_id: str) -> bool:
        """The room's worker is lost: whether the caller is to place the room anew.

        Should that worker still run, it is told to end the room. Of several web processes that find it lost one is told to place
        the room; the others follow its choice.
        """
        worker_id = self._rooms.get(room_id)
        if worker_id is None:
            return True
        async with self._context.db.begin() as tx:
            is_mine = await workers.take_over(tx, room_id, worker_id, self._context.now())
            place = None if is_mine else await workers.placement_of(tx, room_id)
        if is_mine:
            self._rooms.pop(room_id, None)
            self._left.setdefault(worker_id, set()).add(room_id)
        elif place is not None:
            self._rooms[room_id] = place
        return is_mine

    async def end_left(self, worker_id: str) -> None:
        """A worker that was taken as lost is there again: rooms that went on elsewhere end on it."""
        for room_id in self._left.pop(worker_id, set()):
            client = self._clients.get((MEDIA, worker_id))
            if client is None or self._rooms.get(room_id) == worker_id:
                continue
            try:
                await client.call("room.close", {"room_id": room_id})
            except RpcError as error:
                log.warning("room left behind was not closed: %s %s", room_id, error.code)

    # Calls

    async def call(self, engine: str, method: str, params: Params, *, room: str | None = None, timeout: float = 10) -> Any:
        """Call the process that serves the room (`room`, or `params["room_id"]`). Raises `RpcError`."""
        client = self._of(engine, room or params.get("room_id"))
        if client is None:
            raise RpcError("UNAVAILABLE", f"no {engine} process", retryable=True)
        return await client.call(method, params, timeout=timeout)

    async def try_call(
        self, engine: str, method: str, params: Params, *, room: str | None = None, timeout: float = 10
    ) -> Any | None:
        """Call where a failure changes nothing for the session; it is logged and None returned."""
        try:
            return await self.call(engine, method, params, room=room, timeout=timeout)
        except RpcError as error:
            log.warning("engine call failed: %s %s %s", engine, method, error.code)
            return None

    async def can_judge(self, name: str) -> bool:
        """Whether that speech process has an engine that decides answers."""
        try:
            info = await self._clients[SPEECH, name].call("speech.info")
        except RpcError as error:
            log.warning("engine call failed: speech.info %s", error.code)
            return False
        return isinstance(info, dict) and any(e.get("role") == "verdict" and e.get("available") for e in info.get("engines", []))
