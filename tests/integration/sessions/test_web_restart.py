"""A web process that starts while sessions run: who never left the room was not interrupted; who did was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from server.sessions import hub as hub_module
from server.sessions.actor import SessionActor, system
from server.sessions.hub import HUB
from tests.integration.sessions.test_room import consent_node
from tests.support.session_service import TIMEOUT, Page, Room, another_web, leg_of

FLUSH = system("media_resumed", seat_id="nobody")
"""Changes nothing; its answer comes after all that was told before."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines come, however busy the machine is."""
    monkeypatch.setattr(hub_module, "LINES_S", 60.0)


def actor_of(room: Room) -> SessionActor:
    app = room.live.service.server.app
    assert app is not None
    actor = app[HUB].peek(room.session_id)
    assert actor is not None
    return actor


@asynccontextmanager
async def restarted(room: Room, *, has_media: bool = True) -> AsyncIterator[tuple[SessionActor, str]]:
    """The web process ends and another begins, everything else runs on; its actor and its address.

    `has_media`: the media worker runs on.
    """
    live = room.live
    live.engines.media.accepts_after_s = live.engines.speech.accepts_after_s = 0.3  # processes that have much to do
    await live.service.server.app[HUB].aclose()
    if not has_media:
        await live.engines.media.stop()
    asked = live.engines.media.count("recording.start")
    async with another_web(live.service.context) as server:
        assert server.app is not None
        actor = server.app[HUB].peek(room.session_id)
        assert actor is not None
        if has_media:
            await live.engines.media.called("recording.start", asked + 1)
        await actor.ask(FLUSH)
        yield actor, str(server.make_url(f"/ws/sessions/{room.session_id}"))


async def test_a_restart_of_the_web_process_alone_interrupts_nobody(room: Room) -> None:
    await room.start()
    await room.live.engines.speech.called("answer.open", 2)
    before = actor_of(room)
    await before.ask(FLUSH)
    room.live.engines.known_legs = [leg_of(before, page) for page in (room.agent, room.holder, room.insured)]
    async with restarted(room) as (after, address):
        assert after.state.seq == before.state.seq, "nothing has happened"
        assert after.state.seats == before.state.seats
        assert after.state.engines == before.state.engines
        # The speech process listened all the time.
        for page in (room.holder, room.insured):
            await room.answered(page, 1, "affirmative", "同意")
        async with aiohttp.ClientSession() as http:
            ws = await http.ws_connect(address)
            await ws.send_json({"type": "hello", "ticket": room.tickets["0001"]["ticket"], "last_seq": 0})
            holder = Page(ws)
            await holder.until(lambda p: p.view and p.view["node"]["answers"][0]["state"] == "affirmative")
            # The page kept its connection; it can be repaired without a new one.
            await holder.ok("media.restart", leg_id=before.state.seats[holder.view["me"]["seat_id"]].leg_id)
            await holder.refused("media.restart", "LEG_UNKNOWN", leg_id=before.state.agent_seat.leg_id)
            await holder.close()
        assert after.state.node is not None
        assert not after.state.node.is_speech_unmeasured


async def test_a_prompt_on_air_goes_on(room: Room) -> None:
    engines = room.live.engines
    engines.auto_prompts, engines.prompt_ms = False, 60_000
    await room.start()
    await room.agent.until(lambda p: p.view["node"] and p.view["node"]["prompt"]["state"] == "playing")
    before = actor_of(room)
    engines.known_legs = [leg_of(before, page) for page in (room.agent, room.holder, room.insured)]
    async with restarted(room) as (after, _address):
        assert after.state.node is not None
        assert after.state.node.prompt.state == "playing"
        engines.finish_prompt(room.session_id, after.state.node.prompt.prompt_id or "")
        await engines.speech.called("answer.open", 2)
        assert after.state.node.prompt.state == "finished"


async def test_a_prompt_whose_end_nobody_heard_has_failed(room: Room) -> None:
    engines = room.live.engines
    engines.auto_prompts = False
    await room.start()
    await room.agent.until(lambda p: p.view["node"] and p.view["node"]["prompt"]["state"] == "playing")
    room.live.forward(60)
    async with restarted(room) as (after, _address):
        assert after.state.node is not None
        async with asyncio.timeout(TIMEOUT):
            while after.state.node.prompt.state == "playing":
                await asyncio.sleep(0.05)
        assert after.state.node.prompt.problem == "SERVICE_RESTARTED"


async def test_who_left_while_no_web_process_was_there_is_missed(room: Room) -> None:
    await consent_node(room)
    before = actor_of(room)
    room.live.engines.known_legs = [leg_of(before, room.agent, "camera"), leg_of(before, room.insured, is_away=True)]
    async with restarted(room) as (after, _address):
        seats = {page.view["me"]["seat_id"]: name for page, name in ((room.holder, "holder"), (room.insured, "insured"))}
        shown = {seats.get(seat_id, "agent"): seat.presence for seat_id, seat in after.state.seats.items()}
        assert shown == {"agent": "present", "holder": "interrupted", "insured": "interrupted"}
        assert after.state.agent_seat.tracks == {"camera"}


async def test_without_the_media_worker_everybody_is_interrupted(room: Room) -> None:
    await consent_node(room)
    async with restarted(room, has_media=False) as (after, _address):
        assert {seat.presence for seat in after.state.seats.values()} == {"interrupted"}
        assert after.state.engines["media"] is False


async def test_web_process_restart_rebuilds_the_session(room: Room) -> None:
    await consent_node(room)
    live = room.live
    app = live.service.server.app
    assert app is not None
    hub = app[HUB]
    before = hub.peek(room.session_id)
    assert before is not None
    live.engines.known_legs = [leg_of(before, page) for page in (room.agent, room.holder, room.insured)]
    await before.aclose()
    hub._actors.pop(room.session_id)
    await room.agent.until(lambda p: p.goodbye)
    assert room.agent.goodbye is not None
    assert room.agent.goodbye["code"] == "SERVER_STOPS"
    caller = await live.service.sign_in("zhangsan")
    agent = await live.page(caller, room.session_id)
    assert agent.view["phase"] == "recording"
    assert {a["state"] for a in agent.view["node"]["answers"]} == {"affirmative"}
    after = hub.peek(room.session_id)
    assert after is not None
    assert after.state.nodes_done == before.state.nodes_done
    assert after.state.seats == before.state.seats
    await agent.ok("advance", node_id="recording_consent")


async def test_everything_restarted_and_nobody_back_ends_by_the_rule(room: Room) -> None:
    """Web process and media worker went together, as with Ctrl-C: whoever was in the room is not in the new one. Who does not
    come back has left after a minute, and without its agent the session ends after a quarter of an hour."""
    await consent_node(room)
    live, hub = room.live, room.live.service.server.app[HUB]
    before = hub.peek(room.session_id)
    assert before is not None
    await before.aclose()
    hub._actors.pop(room.session_id)
    live.engines.rooms.clear()  # the worker is back before the web process looks: it knows nothing of the room
    after = await hub.get(room.session_id)
    watching = await live.page(await live.service.sign_in("zhangsan"), room.session_id)
    await watching.until(lambda p: {x["presence"] for x in p.view["people"]} == {"interrupted"})
    assert watching.view["recording"]["state"] == "running", "it goes on for who returns"
    wake = system("alert", seat_id="none", code="none", is_active=False)  # timers look at the test's clock when a command comes
    live.forward(61)
    after.tell(wake)
    await watching.until(lambda p: {x["presence"] for x in p.view["people"]} == {"left"})
    live.forward(901)
    after.tell(wake)
    await watching.until(lambda p: p.view["phase"] == "aborted")
    assert watching.view["outcome_reason"]["code"] == "agent_absent"
    case = await (await live.service.sign_in("zhangsan")).ask("GET", f"/api/v1/cases/{after.state.setup.case_id}")
    assert case["state"] == "ready", "the agent can start again"
