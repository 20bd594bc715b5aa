"""The way back of a person whose link fails, over the real application and a real worker: ICE restart on the same leg, then a new
connection on the same seat, then left by the rulebook. A node spoken meanwhile must be spoken again.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.worker import Worker, WorkerOptions
from server.sessions.actor import system
from server.sessions.hub import HUB
from server.settings import Settings
from tests.media.test_sessions import make_prompt
from tests.support.killed_session import Person, fill
from tests.support.session_service import TIMEOUT, Live, Page, live_service


@pytest.fixture
async def live(settings: Settings, data_dir: Path) -> AsyncIterator[Live]:
    token = settings.internal_token.get_secret_value()
    worker = Worker(WorkerOptions(rpc_token=token, data_dir=data_dir, host="127.0.0.1", udp_port=0, rpc_port=0))
    await worker.start()
    try:
        async with live_service(settings, f"http://127.0.0.1:{worker.rpc_port}") as it:
            yield it
    finally:
        await worker.aclose()


def presence(page: Page, person: Person) -> str:
    return next(str(item["presence"]) for item in page.view["people"] if item["seat_id"] == person.seat_id)


async def becomes(agent: Page, person: Person, expected: str) -> None:
    await agent.until(lambda page: presence(page, person) == expected)


async def answer(live: Live, agent: Page, page: Page, count: int) -> None:
    """The person agrees in their window of that number, after the prompt's end on the recording's clock."""
    seat_id, speech = page.view["me"]["seat_id"], live.engines.speech

    def mine() -> list[str]:
        return [params["window_id"] for name, params in speech.calls if name == "answer.open" and params["seat_id"] == seat_id]

    async with asyncio.timeout(TIMEOUT), speech._changed:
        await speech._changed.wait_for(lambda: len(mine()) >= count)
    prompt = agent.view["node"]["prompt"]
    since = prompt["started_t_ms"] + prompt["duration_ms"] + 800
    live.engines.final(mine()[-1], "affirmative", "同意", start_ms=since, end_ms=since + 600)


async def vanish(agent: Page, person: Person) -> None:
    assert person.peer is not None
    person.peer.is_silent = True
    await becomes(agent, person, "interrupted")


async def test_ice_restart_then_a_new_connection_then_left(live: Live, data_dir: Path) -> None:
    for name, packets in (("long", 200), ("short", 20)):
        make_prompt(data_dir / f"{name}.ogg", packets)

    def speak(name: str) -> None:
        ready = {"path": str(data_dir / f"{name}.ogg"), "sha256": "0" * 64, "duration_ms": 1, "marks": [], "voice": "test"}
        live.engines.speech.on("prompt.prepare", lambda _params: {**ready, "is_synthetic": True})

    speak("long")
    room, people = await fill(live)
    agent, (_, holder, _) = room.agent, people
    try:
        await room.start()
        await agent.until(lambda page: page.view["node"] and page.view["node"]["prompt"]["state"] == "playing")

        # First rung: the same leg, under new credentials, from another address.
        first = _leg(holder)
        await vanish(agent, holder)
        await agent.until(lambda page: page.view["node"]["must_repeat"])
        assert holder.peer is not None
        holder.peer.is_silent = False
        await holder.peer.restart()
        await becomes(agent, holder, "present")
        assert _leg(holder) == first
        assert _legs(agent, holder) == [first]

        # What was spoken without them counts for nobody until it is spoken again.
        await answer(live, agent, room.insured, 1)
        await agent.until(lambda page: page.view["node"]["prompt"]["state"] == "finished")
        await agent.refused("advance", "NODE_MUST_REPEAT", node_id="recording_consent")
        speak("short")
        await agent.ok("replay_prompt", node_id="recording_consent")
        await answer(live, agent, room.holder, 1)
        await agent.until(lambda page: page.action("advance")["enabled"])

        # Second rung: the leg does not come back; a new one takes the seat.
        await vanish(agent, holder)
        await holder.join()
        await becomes(agent, holder, "present")
        assert _leg(holder) != first
        assert _legs(agent, holder) == [first, _leg(holder)]

        # Third: who stays away for a minute has left; recording goes on, and the seat waits.
        await vanish(agent, holder)
        actor = await live.service.server.app[HUB].get(room.session_id)
        for seconds, expected in ((59, "interrupted"), (2, "left")):
            live.forward(seconds)
            actor.tell(system("alert", seat_id="none", code="none", is_active=False))  # timers look at the clock with a command
            await becomes(agent, holder, expected)
        assert agent.view["phase"] == "recording"
        await holder.page.ok("enter_room")
        await holder.join()
        await becomes(agent, holder, "present")
    finally:
        for person in people:
            await person.leave()


def _leg(person: Person) -> str:
    assert person.peer is not None
    return person.peer.leg_id


def _legs(page: Page, person: Person) -> list[str]:
    """The legs on which the person was connected, in order."""
    mine = [event["data"] for event in page.events if event["type"] == "media_connected"]
    return list(dict.fromkeys(str(data["leg_id"]) for data in mine if data["seat_id"] == person.seat_id))
