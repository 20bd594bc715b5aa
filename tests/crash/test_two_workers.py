"""Two real media workers with rooms in both: one is killed. Its rooms come back on the same seats; the other's never notice."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from aiortc import RTCCertificate

from media.rpc import RpcError
from server.context import Context
from server.media_workers import service
from server.media_workers.agent import Agent
from server.sessions.engines import MEDIA, Engines
from tests.support.worker_process import TalkingPeer, WorkerProcess, journal, open_room, worker_process

ROOMS = ("sesA", "sesB")


class Site:
    """Two workers, the agent that keeps their leases, and the web process' view of them."""

    def __init__(self, context: Context, workers: list[WorkerProcess]) -> None:
        self.context = context
        self.workers = workers
        self.agent = Agent(context, [worker.url for worker in workers])
        self.states: list[tuple[str, bool]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._changed = asyncio.Event()
        self.engines = Engines(context, self._on_event, self._on_state)

    def _on_event(self, engine: str, event: str, params: dict[str, Any]) -> None:
        if engine == MEDIA:
            self.events.append((event, params))
            self._changed.set()

    def _on_state(self, engine: str, name: str, is_up: bool) -> None:
        if engine == MEDIA:
            self.states.append((name, is_up))
            self._changed.set()

    async def until(self, condition: Any, timeout: float = 60) -> None:
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def start(self) -> None:
        for client in self.agent._clients.values():
            client.start()
            await client.wait_connected(60)
        await self.beat()
        await self.engines.start()
        names = {who.worker_id for who in self.agent.identities}
        await self.until(lambda: {name for name, is_up in self.states if is_up} == names)

    async def beat(self) -> None:
        for who in self.agent.identities:
            await self.agent.beat(who)

    def worker_of(self, room: str) -> str:
        name = self.engines._name(MEDIA, room)
        assert name is not None
        return name

    async def aclose(self) -> None:
        await self.engines.aclose()
        await self.agent.aclose()


@pytest.fixture
async def site(context: Context) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(worker_process(context.settings)) for _ in range(2)]
        site = Site(context, workers)
        stack.push_async_callback(site.aclose)
        await site.start()
        yield site


async def record(site: Site, room: str) -> None:
    params = {"room_id": room, "recording_id": f"rec{room}", "dir": f"recordings/rec{room}"}
    await site.engines.call(MEDIA, "recording.start", params, timeout=30)


async def test_one_of_two_workers_is_killed(site: Site) -> None:
    certificate = RTCCertificate.generateCertificate()
    people: dict[str, tuple[TalkingPeer, TalkingPeer]] = {}
    for room in ROOMS:
        await open_room(site.engines, room)
        pair = (TalkingPeer(site.engines, room, "agent", certificate), TalkingPeer(site.engines, room, "holder", certificate))
        for person in pair:
            await person.join()
        people[room] = pair
        await record(site, room)
    lost, kept = (site.worker_of(room) for room in ROOMS)
    assert lost != kept  # the second room went to the worker that had none
    for agent, holder in people.values():
        await asyncio.gather(agent.hears("holder"), holder.hears("agent"))

    await check_metrics(site, kept)
    site.events.clear()
    site.states.clear()
    process = site.workers[int(lost.rpartition(":")[2])]
    await process.kill(signal.SIGKILL)
    await site.until(lambda: (lost, False) in site.states)
    with pytest.raises(RpcError, match="UNAVAILABLE"):
        await site.engines.call(MEDIA, "room.stats", {"room_id": "sesA"})
    agent, holder = people["sesB"]
    await asyncio.gather(agent.hears("holder"), holder.hears("agent"))

    await process.start()
    await site.until(lambda: (lost, True) in site.states)
    await site.beat()
    await open_room(site.engines, "sesA")
    assert site.worker_of("sesA") == lost  # where its recording lies
    await record(site, "sesA")
    for person in people["sesA"]:
        await person.aclose()
    again = (TalkingPeer(site.engines, "sesA", "agent", certificate), TalkingPeer(site.engines, "sesA", "holder", certificate))
    for person in again:
        await person.join()
    await asyncio.gather(again[0].hears("holder"), again[1].hears("agent"))

    assert [name for name, _ in site.states if name == kept] == []
    touched = {event for event, params in site.events if params.get("room_id") == "sesB"}
    assert touched & {"leg.interrupted", "leg.closed", "recording.failed"} == set()
    for room in ROOMS:
        await site.engines.call(MEDIA, "recording.stop", {"room_id": room}, timeout=60)
    for person in (*again, *people["sesB"]):
        await person.aclose()

    folder = site.context.settings.data_dir / "recordings"
    first, second = journal(folder / "recsesA"), journal(folder / "recsesB")
    kinds = [entry["type"] for entry in first]
    assert kinds.count("recording_started") == 1
    assert kinds.count("recording_resumed") == 1
    assert kinds[-1] == "recording_stopped"
    assert {entry["seat_id"] for entry in first if entry["type"] == "gap" and entry["kind"] == "restart"} == {"agent", "holder"}
    legs = {(entry["seat_id"], entry["leg_id"]) for entry in first if entry["type"] == "segment_closed"}
    assert sorted(seat for seat, _ in legs) == ["agent", "agent", "holder", "holder"]  # a new leg each, on the same seats
    assert [entry["seq"] for entry in second] == list(range(len(second)))  # nobody else wrote into its journal
    assert "recording_resumed" not in [entry["type"] for entry in second]
    assert not [entry for entry in second if entry["type"] == "gap" and entry["kind"] == "restart"], second


async def check_metrics(site: Site, worker_id: str) -> None:
    """Per room and leg, with the depths of queues and the lag of the loop."""
    process = site.workers[int(worker_id.rpartition(":")[2])]
    async with aiohttp.ClientSession() as http, http.get(f"{process.url}/metrics") as answer:
        text = await answer.text()
    assert 'dr_media_room_legs{is_recording="true",room="sesB"} 2.0' in text
    for figure in ("packets", "lost", "nack", "rtx", "pli", "bitrate", "jitter_ms", "gap_ms"):
        assert len(re.findall(rf'^dr_media_leg_{figure}\{{.*room="sesB",seat="\w+"\}} ', text, re.MULTILINE)) == 2, figure
    for figure in ("packets", "lost", "nack", "rtx", "pli", "bitrate", "gap_ms"):
        assert f'dr_media_room_{figure}{{room="sesB"}} ' in text, figure
    for queue in ("writer_bytes", "rpc_events", "tap_bytes"):
        assert f'dr_media_queue_depth{{queue="{queue}"}}' in text
    assert "dr_media_loop_lag_p99_ms" in text


async def test_a_draining_worker_takes_no_room_and_ends_when_its_rooms_do(site: Site) -> None:
    await open_room(site.engines, "sesA")
    busy = site.worker_of("sesA")
    async with site.context.db.begin() as tx:
        await service.want_drain(tx, busy, True)
    await site.beat()  # carries it out
    await site.beat()  # tells of it
    for room in ("sesB", "sesC"):
        await open_room(site.engines, room)
        assert site.worker_of(room) != busy
    async with site.context.db.begin() as tx:
        for who in site.agent.identities:
            await service.want_drain(tx, who.worker_id, True)
    await site.beat()
    await site.beat()
    assert await site.engines.refusal() == "MEDIA_DRAINING"
    with pytest.raises(RpcError, match="MEDIA_DRAINING"):
        await open_room(site.engines, "sesD")
    process = site.workers[int(busy.rpartition(":")[2])]
    assert process.process is not None
    process.process.send_signal(signal.SIGTERM)
    await site.engines.call(MEDIA, "room.stats", {"room_id": "sesA"})  # its room goes on
    assert process.process.returncode is None
    await site.engines.call(MEDIA, "room.close", {"room_id": "sesA"})
    async with asyncio.timeout(60):
        assert await process.process.wait() == 0


async def test_ctrl_c_keeps_what_was_recorded_and_the_recording_goes_on_later(site: Site) -> None:
    certificate = RTCCertificate.generateCertificate()
    await open_room(site.engines, "sesA")
    pair = [TalkingPeer(site.engines, "sesA", seat, certificate) for seat in ("agent", "holder")]
    for person in pair:
        await person.join()
    await record(site, "sesA")
    await asyncio.gather(pair[0].hears("holder", 60), pair[1].hears("agent", 60))
    name = site.worker_of("sesA")
    process = site.workers[int(name.rpartition(":")[2])]
    site.states.clear()
    assert await process.kill(signal.SIGINT) == 0
    for person in pair:
        await person.aclose()
    folder = site.context.settings.data_dir / "recordings" / "recsesA"
    assert "recording_stopped" not in [entry["type"] for entry in journal(folder)]
    await process.start()
    await site.until(lambda: (name, True) in site.states)
    closed = [entry for entry in journal(folder) if entry["type"] == "segment_closed"]
    assert sum(entry["frames"] for entry in closed) >= 2 * 50  # a second of sound of each, from before Ctrl-C
    await open_room(site.engines, "sesA")
    await record(site, "sesA")
    await site.engines.call(MEDIA, "recording.stop", {"room_id": "sesA"}, timeout=60)
    kinds = [entry["type"] for entry in journal(folder)]
    assert (kinds.count("recording_resumed"), kinds[-1]) == (1, "recording_stopped")
