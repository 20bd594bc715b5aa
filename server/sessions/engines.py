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

from media.rpc import RpcClient, RpcError
from server.context import Context
from server.media_workers import service as workers
from server.sessions.places import Found, Places

log = logging.getLogger(__name__)

Params = dict[str, Any]
EngineEvent = Callable[[str, str, Params], None]
EngineState = Callable[[str, str, bool], None]

MEDIA, SPEECH, VISION = "media", "speech", "vision"
REFRESH_S = 1.0


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
        self._places = Places(context, lambda worker_id: self._clients.get((MEDIA, worker_id)))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin connecting."""
        for engine, url in self._own.items():
            self._client(engine, url, url)
        await self._places.load()
        await self.refresh()
        self._task = asyncio.create_task(self._watch())

    async def tried(self) -> None:
        """Wait until every line known so far stands or could not be had at once."""
        await asyncio.gather(*(client.tried() for client in list(self._clients.values())))

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
            except Exception:  # a PostgreSQL that is away raises OSError, too
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
                del self._urls[row["id"]]
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
        worker_id = self.worker_of(room_id)
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

    def is_connected(self, worker_id: str) -> bool:
        """Whether the media worker answers this process, whatever its lease says."""
        client = self._clients.get((MEDIA, worker_id))
        return client is not None and client.is_connected

    def serves(self, engine: str, name: str, room_id: str) -> bool:
        """Whether that process serves the room."""
        return self._name(engine, room_id) == name

    def gives_up(self, room_id: str) -> bool:
        """Whether the room's worker has been away for so long that the room goes to another one."""
        row = self._workers.get(self.worker_of(room_id) or "")
        return row is not None and workers.gives_up(row, self._context.now()) and not self.is_up(MEDIA, room_id)

    def is_lost(self, room_id: str) -> bool:
        """Whether the room's worker has been away for so long that nobody waits for it any more."""
        row = self._workers.get(self.worker_of(room_id) or "")
        return row is not None and workers.is_lost(row, self._context.now()) and not self.is_up(MEDIA, room_id)

    # Where rooms are

    def is_placed(self, room_id: str) -> bool:
        """Whether the room has a worker."""
        return self.worker_of(room_id) is not None

    def worker_of(self, room_id: str | None) -> str | None:
        """The worker of a room."""
        return self._places.of(room_id)

    async def look_up(self, room_id: str) -> None:
        """Learn where another web process put a room."""
        await self._places.look_up(room_id)

    async def refusal(self) -> str | None:
        """Why no new room can be opened now (a problem code), or None."""
        async with self._context.db.read() as tx:
            return workers.refusal(await workers.everyone(tx), self._context.now())

    async def open_room(self, room_id: str, params: Params) -> Found:
        """Open a room on its worker, or on the least loaded one that takes it; the same one whichever web processes ask.

        Raises:
            RpcError: `MEDIA_FULL`, `MEDIA_DISK_LOW`, `MEDIA_DRAINING` when all refuse, `UNAVAILABLE` when none is there.
        """
        if not self.is_placed(room_id):
            await self.refresh()
        found = await self._places.find(room_id, params)
        if found is not Found.PLACED:
            await self.call(MEDIA, "room.open", {**params, "is_returning": True})
        return found

    async def release(self, room_id: str) -> None:
        """The room is over."""
        await self._places.release(room_id)

    async def leave(self, room_id: str) -> bool:
        """The room's worker is lost: whether the caller is to place the room anew (see `Places.leave`)."""
        return await self._places.leave(room_id)

    async def end_left(self) -> None:
        """Rooms that went on elsewhere end on workers that are there (again)."""
        await self._places.end_left()

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
