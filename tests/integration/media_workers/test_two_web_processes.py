"""Two web processes on one database: a room that both open is one room on one worker, and a room that one of them was moving when
it died is moved on by the other, with its recording. Real applications; their media workers are scripted. On both databases.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from media.rpc import RpcError
from server.context import Context
from server.media_workers import service as workers
from server.sessions.actor import SessionActor
from server.sessions.engines import Engines as Clients
from server.sessions.hub import HUB, SessionHub
from server.sessions.places import Found
from server.settings import Settings
from tests.support.media_workers import end_lease, register
from tests.support.session_service import TIMEOUT, Engines, Live, another_web, full_room, leg_of, live_service

SEATS = [{"seat_id": "agent", "label": "agent", "kind": "agent"}]


@pytest.fixture
def settings(on_each_database: Settings) -> Settings:
    return on_each_database


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():
            await asyncio.sleep(0.02)


@dataclass
class Site:
    """Two web processes and two machines with a media worker each, `test:0` and `test:1`."""

    live: Live
    other: Engines
    first: SessionHub
    second: SessionHub

    @property
    def context(self) -> Context:
        return self.live.service.context

    @property
    def both(self) -> tuple[SessionHub, SessionHub]:
        return self.first, self.second

    async def connected(self, *names: str) -> None:
        """Both web processes have a line to these workers, and to no other one."""
        for hub in self.both:
            await hub.engines.refresh()
            await until(lambda hub=hub: self._lines(hub) == set(names))  # type: ignore[misc]

    def _lines(self, hub: SessionHub) -> set[str]:
        return {name for (kind, name), client in hub.engines._clients.items() if kind == "media" and client.is_connected}

    async def placement(self, room_id: str) -> str | None:
        async with self.context.db.read() as tx:
            return await workers.placement_of(tx, room_id)

    def opened(self, room_id: str) -> list[str]:
        """The workers that were asked to take the room as a new one."""
        made = {"test:0": self.live.engines, "test:1": self.other}
        return [
            name
            for name, engine in made.items()
            for method, params in engine.media.calls
            if method == "room.open" and params["room_id"] == room_id and not params.get("is_returning")
        ]


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    async with live_service(settings) as live:
        context = live.service.context
        other = Engines(live.engines.media.token)
        other.clock = live.service.clock
        await other.media.start()
        await register(context, "test:1", f"http://127.0.0.1:{other.media.port}", cpu=0.02)
        async with another_web(context) as second:
            assert second.app is not None
            made = Site(live, other, live.service.server.app[HUB], second.app[HUB])
            await made.connected("test:0", "test:1")
            try:
                yield made
            finally:
                await other.media.stop()


async def test_rooms_that_two_web_processes_open_at_once_are_one_room_each(site: Site) -> None:
    for engine in (site.live.engines, site.other):
        await engine.media.stop()
    await site.connected()
    agent = await site.live.service.sign_in("zhangsan")
    rooms = []
    for number in range(1, 5):
        created = await site.live.create(agent, await site.live.ready_case(agent, f"P20269900{number:02d}"))
        rooms.append(str(created["session_id"]))
    actors = [[await hub.get(room) for hub in site.both] for room in rooms]  # in nobody's place yet
    assert not any(hub.engines.is_placed(room) for room in rooms for hub in site.both)
    for engine in (site.other, site.live.engines):
        await engine.media.start()  # now each of the two wants to place them all
    for room in rooms:
        await until(lambda room=room: all(hub.engines.is_up("media", room) for hub in site.both))  # type: ignore[misc]
    for room, (one, two) in zip(rooms, actors, strict=True):
        place = await site.placement(room)
        assert [hub.engines.worker_of(room) for hub in site.both] == [place, place]
        assert site.opened(room) == [place]
        await until(lambda one=one, two=two: one.state.engines.get("media") or two.state.engines.get("media"))  # type: ignore[misc]
        await _agree(one, two)
    assert site.live.engines.rooms | site.other.rooms == set(rooms)
    assert site.live.engines.rooms & site.other.rooms == set()


async def _agree(one: SessionActor, two: SessionActor) -> None:
    """Both processes tell the same story of a session, though both wrote it."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            await one.read_on()
            await two.read_on()
            if one.state == two.state and not (one._queue.qsize() or two._queue.qsize()):
                return
            await asyncio.sleep(0.02)


async def test_who_asks_while_a_room_is_being_placed_waits_and_follows(site: Site) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(params: dict[str, Any]) -> Any:
        asked.set()
        await go_on.wait()
        return site.live.engines._open(params)

    site.live.engines.media.rpc.method("room.open", slowly)
    params = {"room_id": "room1", "seats": SEATS}
    placing = asyncio.create_task(site.first.engines.open_room("room1", params))
    await asked.wait()
    async with site.context.db.begin() as tx:
        claim = await workers.claim(tx, "room1", "web_third", site.context.now())
    assert (claim.is_mine, claim.worker_id) == (False, None)
    following = asyncio.create_task(site.second.engines.open_room("room1", params))
    go_on.set()
    assert (await placing, await following) == (Found.PLACED, Found.FOLLOWED)
    assert site.live.engines.rooms == {"room1"}
    assert site.other.rooms == set()


async def test_a_room_that_nobody_takes_may_be_tried_by_the_other_process_at_once(site: Site) -> None:
    def refuse(_params: dict[str, Any]) -> Any:
        raise RpcError("WORKER_BUSY", "full", retryable=True)

    for engine in (site.live.engines, site.other):
        engine.media.on("room.open", refuse)
    for hub in site.both:
        with pytest.raises(RpcError, match="MEDIA_FULL"):
            await hub.engines.open_room("room1", {"room_id": "room1", "seats": SEATS})
    site.other.media.on("room.open", site.other._open)
    assert await site.second.engines.open_room("room1", {"room_id": "room1", "seats": SEATS}) is Found.PLACED
    assert await site.placement("room1") == "test:1"


async def test_a_worker_that_got_the_room_from_a_process_that_died_keeps_it(site: Site) -> None:
    """It was opened there, but nobody noted the place: the next process asks that worker first, though another has less to do."""
    context = site.context
    async with context.db.begin() as tx:
        assert (await workers.claim(tx, "room1", "web_dead", context.now())).is_mine
        assert await workers.ask(tx, "room1", "test:1", "web_dead", context.now())
    site.other.rooms.add("room1")
    site.live.forward(workers.CLAIM.total_seconds() + 1)
    assert await site.second.engines.open_room("room1", {"room_id": "room1", "seats": SEATS}) is Found.PLACED
    assert await site.placement("room1") == "test:1"
    assert site.live.engines.rooms == set()
    async with context.db.begin() as tx:  # should it not be dead after all
        assert not await workers.place(tx, "room1", "test:0", "web_dead", context.now())


async def _recording_and_lost(site: Site) -> tuple[str, str]:
    """A session that records on the first machine, which is lost. The second process knew it before the recording began."""
    room = await full_room(site.live)
    assert site.first.engines.worker_of(room.session_id) == "test:0"
    actor = await site.first.get(room.session_id)
    site.live.engines.known_legs = [leg_of(actor, page) for page in (room.agent, room.holder, room.insured)]
    await site.second.get(room.session_id)  # asks the worker who is in the room
    await room.start()
    recording_id = (await site.first.get(room.session_id)).state.recording.recording_id
    assert recording_id
    await site.live.engines.media.stop()
    await end_lease(site.context, "test:0")
    for hub in site.both:
        await hub.engines.refresh()
        await until(lambda hub=hub: hub.engines.gives_up(room.session_id))  # type: ignore[misc]
    return room.session_id, recording_id


async def _dies(hub: SessionHub) -> Clients:
    """The web process does nothing more by itself; what it was about to do next is the test's."""
    for task in list(hub._tasks):
        task.cancel()
    for actor in list(hub._actors.values()):
        await actor.aclose()
    return hub.engines


async def test_a_mover_that_dies_before_it_placed_the_room_is_followed_by_another(site: Site) -> None:
    room, recording_id = await _recording_and_lost(site)
    mover = await _dies(site.first)
    assert await mover.leave(room)  # its last act
    actor = await site.second.get(room)
    await site.second._look_after(actor)
    assert await site.placement(room) is None  # it may still be at it
    assert site.other.rooms == set()
    site.live.forward(workers.CLAIM.total_seconds() + 1)
    await site.second._look_after(actor)
    assert await site.placement(room) == "test:1"
    assert site.other.rooms == {room}
    started = await site.other.media.called("recording.start")
    assert started["recording_id"] == recording_id
    assert started["carried"]["is_beginning"] is True  # nothing was uploaded yet: by the session's clock
    await until(lambda: actor.state.engines.get("media"))
    assert actor.state.recording.state == "running"
    await site.live.engines.media.start()  # the lost machine is there again and is told
    assert await site.live.engines.media.called("room.close") == {"room_id": room}


async def test_a_mover_that_dies_before_the_recording_went_on_is_followed_by_another(site: Site) -> None:
    room, recording_id = await _recording_and_lost(site)
    begun: list[dict[str, Any]] = []

    def start(params: dict[str, Any]) -> Any:
        if not begun and "carried" not in params:
            raise RpcError("RECORDING_NOT_HERE", recording_id, retryable=True)
        begun.append(params)
        return site.other._start(params)

    site.other.media.on("recording.start", start)
    mover = await _dies(site.first)
    assert await mover.leave(room)
    assert await mover.open_room(room, {"room_id": room, "seats": SEATS}) is Found.PLACED  # its last act
    actor = await site.second.get(room)
    await site.second._look_after(actor)
    assert site.second.engines.worker_of(room) == "test:1"
    assert [params["recording_id"] for params in begun] == [recording_id]
    await until(lambda: actor.state.engines.get("media"))


async def test_a_web_process_that_takes_over_a_session_finds_its_room(site: Site) -> None:
    """Placed by one process after the other had started: the pages that come to the other one stay in that room."""
    room = await full_room(site.live)
    await room.start()
    assert not site.second.engines.is_placed(room.session_id)
    actor = await site.second.get(room.session_id)
    assert site.second.engines.worker_of(room.session_id) == "test:0"
    assert actor.state.recording.state == "running"
    assert site.opened(room.session_id) == ["test:0"]


async def test_claims_expire_and_only_their_owner_places(settings: Settings, site: Site) -> None:
    context = site.context
    now = context.now()
    async with context.db.begin() as tx:
        first = await workers.claim(tx, "room1", "one", now)
        second = await workers.claim(tx, "room1", "two", now)
        assert (first.is_mine, second.is_mine) == (True, False)
        assert await workers.ask(tx, "room1", "test:0", "one", now + timedelta(seconds=10))  # renews it
        assert not (await workers.claim(tx, "room1", "two", now + workers.CLAIM)).is_mine
        late = now + timedelta(seconds=10) + workers.CLAIM
        assert await workers.claim(tx, "room1", "two", late) == workers.Claim(is_mine=True, asked="test:0")
        assert not await workers.ask(tx, "room1", "test:0", "one", late)
        assert not await workers.place(tx, "room1", "test:0", "one", late)
        assert await workers.place(tx, "room1", "test:1", "two", late)
        assert await workers.claim(tx, "room1", "one", late) == workers.Claim(worker_id="test:1")
        assert not await workers.take_over(tx, "room1", "test:0", "one", late)
        assert await workers.take_over(tx, "room1", "test:1", "one", late)
        assert not await workers.take_over(tx, "room1", "test:1", "two", late)
        await workers.give_up(tx, "room1", "two")  # not its own
        assert not (await workers.claim(tx, "room1", "two", late)).is_mine
        await workers.give_up(tx, "room1", "one")
        assert (await workers.claim(tx, "room1", "two", late)).is_mine


async def test_a_process_that_missed_the_move_opens_no_second_room(site: Site) -> None:
    """It believes that the room is where it was; the worker there is back, and would take it."""
    params = {"room_id": "room1", "seats": SEATS}
    first, second = (hub.engines for hub in site.both)
    assert await first.open_room("room1", params) is Found.PLACED
    assert await second.open_room("room1", params) is Found.FOLLOWED
    assert await second.open_room("room1", params) is Found.KNOWN
    assert first.worker_of("room1") == second.worker_of("room1") == "test:0"
    async with site.context.db.begin() as tx:  # a third one moved it
        assert await workers.take_over(tx, "room1", "test:0", "third", site.context.now())
        assert await workers.place(tx, "room1", "test:1", "third", site.context.now())
    site.live.engines.rooms.clear()
    assert await second.open_room("room1", params) is Found.FOLLOWED
    assert (site.live.engines.rooms, site.other.rooms) == (set(), {"room1"})
    await first.release("room1")  # where it no longer is
    assert await site.placement("room1") == "test:1"
    await second.release("room1")
    assert await site.placement("room1") is None
