"""Which media worker each room is on. One room has one worker, whichever web processes open it at the same moment.

A room that is on no worker is claimed in the database before any worker is asked, so that one web process places it and the
others follow. The claim runs out by itself: what a process that died left half placed, the next one that asks goes on with.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from media.rpc import RpcClient, RpcError
from server.context import Context
from server.media_workers import service as workers
from storage.db.ids import new_id

log = logging.getLogger(__name__)

OPEN_S = 4.0
WAIT_S = 5.0
_LOOK_S = 0.25
REFUSALS = {"WORKER_BUSY": "MEDIA_FULL", "WORKER_DISK_LOW": "MEDIA_DISK_LOW", "WORKER_DRAINING": "MEDIA_DRAINING"}


class Found(StrEnum):
    """How a room came to its worker."""

    KNOWN = "known"
    PLACED = "placed"
    """This process put it there just now."""
    FOLLOWED = "followed"
    """Another process had; this one learned of it just now."""


class Places:
    """The places of rooms as this web process knows them.

    Args:
        client: the connection to a media worker, if there is one.
    """

    def __init__(self, context: Context, client: Callable[[str], RpcClient | None]) -> None:
        self.who = new_id("web")
        self._context = context
        self._client = client
        self._rooms: dict[str, str] = {}
        self._left: dict[str, set[str]] = {}
        """By worker: rooms that it may still have though they are elsewhere."""
        self._gate = asyncio.Lock()

    async def load(self) -> None:
        """Read all places, at the start."""
        async with self._context.db.read() as tx:
            self._rooms = await workers.placements(tx)

    async def look_up(self, room_id: str) -> None:
        """Learn where another web process put a room."""
        async with self._gate:
            if room_id in self._rooms:
                return
            async with self._context.db.read() as tx:
                worker_id = await workers.placement_of(tx, room_id)
            if worker_id is not None:
                self._rooms[room_id] = worker_id

    def of(self, room_id: str | None) -> str | None:
        """The worker of a room."""
        return self._rooms.get(room_id) if room_id else None

    async def find(self, room_id: str, params: dict[str, Any]) -> Found:
        """See to it that the room is on a worker: where it is, or the least loaded one that takes it.

        Args:
            params: of `room.open`.

        Raises:
            RpcError: `MEDIA_FULL`, `MEDIA_DISK_LOW`, `MEDIA_DRAINING` when all refuse; `UNAVAILABLE` when none is there, or when
                another web process is still placing it.
        """
        for _ in range(int(WAIT_S / _LOOK_S)):
            async with self._gate:
                async with self._context.db.begin() as tx:
                    claim = await workers.claim(tx, room_id, self.who, self._context.now())
                known = self._rooms.pop(room_id, None)
                if claim.is_mine:
                    await self._place(room_id, params, claim.asked)
                    return Found.PLACED
                if claim.worker_id is not None:
                    self._rooms[room_id] = claim.worker_id
                    return Found.KNOWN if claim.worker_id == known else Found.FOLLOWED
            await asyncio.sleep(_LOOK_S)
        raise RpcError("UNAVAILABLE", f"another process places {room_id}", retryable=True)

    async def _place(self, room_id: str, params: dict[str, Any], asked: str | None) -> None:
        try:
            await self._put(room_id, params, asked)
        except RpcError:
            async with self._context.db.begin() as tx:
                await workers.give_up(tx, room_id, self.who)
            raise

    async def _put(self, room_id: str, params: dict[str, Any], asked: str | None) -> None:
        now = self._context.now()
        async with self._context.db.read() as tx:
            rows = await workers.everyone(tx)
            lately = await workers.placed_lately(tx, now)
        # A process that died here may have got the room open: then its worker has it, whatever its load.
        first = [row for row in rows if row["id"] == asked and workers.is_live(row, now)]
        order = first + [row for row in workers.ranked(rows, lately, now) if row["id"] != asked]
        may_have_it = {asked} if asked else set()
        refused = ""
        for row in order:
            worker_id, client = row["id"], self._client(row["id"])
            if client is None or not client.is_connected:
                continue
            async with self._context.db.begin() as tx:
                if not await workers.ask(tx, room_id, worker_id, self.who, self._context.now()):
                    raise RpcError("UNAVAILABLE", f"another process places {room_id}", retryable=True)
            try:
                await client.call("room.open", params, timeout=OPEN_S)
            except RpcError as error:
                if error.code == "UNAVAILABLE":
                    may_have_it.add(worker_id)
                elif error.code not in REFUSALS:
                    raise
                refused = error.code
                continue
            async with self._context.db.begin() as tx:
                is_placed = await workers.place(tx, room_id, worker_id, self.who, self._context.now())
            self._note_left(room_id, may_have_it - {worker_id} if is_placed else may_have_it | {worker_id})
            if not is_placed:
                raise RpcError("UNAVAILABLE", f"another process places {room_id}", retryable=True)
            self._rooms[room_id] = worker_id
            return
        self._note_left(room_id, may_have_it)
        raise RpcError(REFUSALS.get(refused) or workers.refusal(rows, now) or "UNAVAILABLE", room_id, retryable=True)

    async def release(self, room_id: str) -> None:
        """The room is over."""
        worker_id = self._rooms.pop(room_id, None)
        if worker_id is not None:
            async with self._context.db.begin() as tx:
                await workers.release(tx, room_id, worker_id, self._context.now())

    async def leave(self, room_id: str) -> bool:
        """The room's worker is lost: whether the caller is to place the room anew.

        Of several web processes that find it lost one is told to place the room; the others follow its choice. If that one does
        not place it within `CLAIM`, the next one that asks is told to. Should the worker still run, it is told to end the room.
        """
        worker_id = self._rooms.get(room_id)
        if worker_id is None:
            return True
        claim = workers.Claim(is_mine=True)
        now = self._context.now()
        async with self._context.db.begin() as tx:
            if not await workers.take_over(tx, room_id, worker_id, self.who, now):
                claim = await workers.claim(tx, room_id, self.who, now)
        if claim.is_mine:
            self._rooms.pop(room_id, None)
            self._note_left(room_id, {worker_id})
        elif claim.worker_id is not None:
            self._rooms[room_id] = claim.worker_id
        return claim.is_mine

    def _note_left(self, room_id: str, worker_ids: set[str]) -> None:
        for worker_id in worker_ids:
            self._left.setdefault(worker_id, set()).add(room_id)

    async def end_left(self) -> None:
        """Workers that may have a room which went on elsewhere, as far as they are there (again), are told to end it."""
        async with self._gate:
            for worker_id in list(self._left):
                client = self._client(worker_id)
                if client is not None and client.is_connected:
                    await self._end_left(worker_id, client)

    async def _end_left(self, worker_id: str, client: RpcClient) -> None:
        rooms = self._left.pop(worker_id)
        for room_id in rooms:
            place = self._rooms.get(room_id)
            if place is None:
                self._note_left(room_id, {worker_id})  # it may be placed there again
            elif place != worker_id:
                try:
                    await client.call("room.close", {"room_id": room_id}, timeout=OPEN_S)
                except RpcError as error:
                    log.warning("room left behind was not closed: %s %s", room_id, error.code)
