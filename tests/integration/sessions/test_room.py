"""Live sessions over the real WebSocket: the whole way, recovery, several pages, helper processes that go and come."""

import asyncio
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from media.rpc import RpcError
from server.cases.service import transition
from server.domain.case import CaseEvent
from server.recordings import service as recordings
from server.sessions import repository
from server.sessions.hub import HUB
from server.sessions.tables import session_events
from tests.support.core import give_documents, proposal
from tests.support.session_room import SIGNATURE
from tests.support.session_service import TIMEOUT, Live, Page, Room, leg_of


async def consent_node(room: Room) -> None:
    await room.start()
    await room.agent.node("recording_consent")
    await room.answered(room.holder, 1, "affirmative", "同意")
    await room.answered(room.insured, 1, "affirmative", "同意")
    await room.agent.until(lambda p: p.action("advance")["enabled"])


async def read_all(room: Room, page: Page) -> None:
    """Share and do every paper of the page's person at this node. The files come only meanwhile (T3)."""
    await page.until(lambda p: p.action("start_share")["enabled"])
    ticket = next(t["ticket"] for t in room.tickets.values() if t["seat_id"] == page.view["me"]["seat_id"])
    reader = await room.live.service.bearer(ticket)
    url = next(d["url"] for d in page.view["documents"] if d["document_id"] == page.view["node"]["documents"][0]["document_id"])
    await reader.refused("GET", url, 409, "NOT_SHARING")
    await page.ok("start_share", mode="reader")
    response = await reader.raw("GET", url)
    assert (response.status, response.content_type) == (200, "application/pdf")
    for paper in page.view["node"]["documents"]:
        document = paper["document_id"]
        await page.ok("document.open", document_id=document)
        for visible in ((0.0, 0.0, 0.5, 0.5), (0.25, 0.0, 0.75, 0.5), (0.5, 0.0, 1.0, 0.5)):
            await page.ok("document.view", document_id=document, page=1, zoom=2.0, visible=visible)
            room.live.forward(1)
        for number in range(1, paper["page_count"] + 1):
            await page.ok("document.view", document_id=document, page=number, zoom=1.0, visible=(0.0, 0.5, 1.0, 1.0))
            room.live.forward(2)
        await page.ok("document.view", document_id=document, page=paper["page_count"], zoom=1.0, visible=(0.0, 0.5, 1.0, 1.0))
        if paper["needs"] == "sign":
            await page.ok("document.sign", document_id=document, strokes=SIGNATURE)
    await room.agent.refused("advance", "SESSION_SHARE_ACTIVE", node_id=room.agent.view["node"]["node_id"])
    await page.ok("stop_share")


async def do_node(room: Room, asked: dict[str, int]) -> None:
    """Whatever the current node asks for."""
    agent, live = room.agent, room.live
    node_id = agent.view["node"]["node_id"]
    await agent.until(lambda p: p.view["node"]["prompt"]["state"] in ("finished", "none"))
    spoken = {"room_id": room.session_id, "seat_id": agent.view["me"]["seat_id"]}
    live.engines.speech.rpc.emit("speech.activity", {**spoken, "is_speaking": True, "t_ms": live.engines.t_ms()})
    live.forward(6)
    live.engines.speech.rpc.emit("speech.activity", {**spoken, "is_speaking": False, "t_ms": live.engines.t_ms()})
    for check in agent.view["node"]["id_checks"]:
        who = agent if check["confirmed_by"] == "agent" else room.holder
        await who.ok("confirm_id", node_id=node_id, person_id=check["person_id"], method="camera")
    for page in (room.holder, room.insured):
        await page.node(node_id)
        if page.view["node"]["documents"]:
            await read_all(room, page)
        if page.view["node"]["answers"]:
            seat_id = page.view["me"]["seat_id"]
            asked[seat_id] = asked.get(seat_id, 0) + 1
            await room.answered(page, asked[seat_id], "affirmative", "是的")
    await agent.until(lambda p: not p.view["missing"])


async def test_documents_of_somebody_at_the_agents_place(room: Room) -> None:
    """T17: no share of their own, but the papers come only while recording, and only their own."""
    holder = await room.live.service.bearer(room.tickets["0001"]["ticket"])
    url = room.holder.view["documents"][0]["url"]
    await room.agent.ok("set_location", seat_id=room.holder.view["me"]["seat_id"], location="with_agent")
    await holder.refused("GET", url, 409, "PHASE_WRONG")
    await room.start()
    assert (await holder.raw("GET", url)).status == 200
    foreign = await give_other_document(room.live)
    await holder.refused("GET", foreign, 403, "TICKET_SCOPE")
    await room.agent.ok("set_location", seat_id=room.holder.view["me"]["seat_id"], location="remote")
    await holder.refused("GET", url, 409, "NOT_SHARING")


async def give_other_document(live: Live) -> str:
    """The address of a paper of somebody else's proposal."""
    core = await live.service.core()
    await core.ask("POST", "/api/v1/proposals", json=proposal("P2026990002"), status=201)
    await give_documents(core, "P2026990002")
    shown = await (await live.service.sign_in("admin")).ask("GET", "/api/v1/proposals/P2026990002")
    return str(shown["documents"][0]["content_url"])


async def test_nobody_is_told_to_speak_before_the_speech_process_listens(room: Room) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(_params: dict[str, Any]) -> dict[str, Any]:
        asked.set()
        await may_answer.wait()
        return {}

    room.live.engines.speech.on("answer.open", slow)
    await room.start()
    async with asyncio.timeout(TIMEOUT):
        await asked.wait()

    def told(page: Page) -> tuple[str, str]:
        node = page.view["node"]
        return page.view["me"]["instruction"]["code"], node["answers"][0]["state"] if node else ""

    await room.holder.until(lambda p: p.view["node"] and p.view["node"]["prompt"]["state"] == "finished")
    assert told(room.holder) == ("LISTEN", "waiting")
    may_answer.set()
    await room.holder.until(lambda p: told(p) == ("ANSWER_NOW", "listening"))
    await room.agent.until(lambda p: {a["state"] for a in p.view["node"]["answers"]} == {"listening"})
    await room.answered(room.holder, 1, "affirmative", "同意")
    await room.holder.until(lambda p: told(p) == ("ANSWERED", "affirmative"))


async def test_whole_session_from_code_to_finished_case(room: Room) -> None:
    agent, live = room.agent, room.live
    await room.start()
    asked: dict[str, int] = {}
    while True:
        await do_node(room, asked)
        node = agent.view["node"]
        if node["is_last"]:
            break
        await agent.refused("end_recording", "NODES_REMAINING")
        await agent.ok("advance", node_id=node["node_id"])
        await agent.until(lambda p, old=node: p.view["node"]["node_id"] != old["node_id"])  # type: ignore[misc]
    await agent.ok("end_recording")
    await agent.until(lambda p: p.view["recording"]["state"] == "stopped")
    assert {n["status"] for n in agent.view["nodes"]} == {"done"}
    assert len(agent.view["nodes"]) >= 12
    case_id = room.created["case_id"]
    async with live.service.context.db.read() as tx:
        [row] = await recordings.of_case(tx, case_id)
        state = await repository.load_state(tx, live.service.context, room.session_id)
        signatures = await repository.signatures_of(tx, live.service.context, room.session_id)
    assert (row["state"], row["session_id"]) == ("stopped", room.session_id)
    assert state is not None
    assert state.phase == "ended"
    assert len(signatures) == 4
    caller = await live.service.sign_in("zhangsan")
    assert (await caller.ask("GET", f"/api/v1/cases/{case_id}"))["state"] == "finalising"
    listed = (await caller.ask("GET", f"/api/v1/cases/{case_id}/sessions"))[0]
    assert (listed["phase"], listed["recording_id"]) == ("ended", row["id"])
    marks = {p["kind"] for name, p in live.engines.media.calls if name == "recording.mark"}
    assert {"node_entered", "answer_given", "share_started", "document_signed"} <= marks
    await agent.refused("advance", "SESSION_OVER", node_id="closing")


async def test_events_are_numbered_without_gaps_and_encrypted(room: Room) -> None:
    await consent_node(room)
    async with room.live.service.context.db.read() as tx:
        rows = (await tx.execute(sa.select(session_events).order_by(session_events.c.seq))).mappings().all()
        events = await repository.events_of(tx, room.live.service.context, room.session_id)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert not any("同意" in row["payload_enc"] for row in rows)
    given = [e for e in events if e.type == "answer_given"]
    assert [(e.data["verdict"], e.data["text"], e.data["confidence"]) for e in given] == [("affirmative", "同意", 0.94)] * 2
    assert all(e.data["start_ms"] < e.data["end_ms"] for e in given)


async def test_views_are_personal(room: Room) -> None:
    await consent_node(room)
    agent, holder = room.agent.view, room.holder.view
    assert {p["name"] for p in agent["people"]} >= {"王建国", "李梅"}
    assert {p["name"] for p in holder["people"]} >= {"王建国", "李*"}
    assert agent["join_code"]["code"] == room.created["join_code"]["code"]
    assert holder["join_code"] is None
    assert len(agent["node"]["answers"]) == 2
    assert [a["name"] for a in holder["node"]["answers"]] == ["王建国"]
    names = {a["action"] for a in holder["allowed_actions"]}
    assert not names & {"start_recording", "advance", "replay_prompt", "end_recording", "override_answer", "abort_session"}
    assert "李梅" not in str(holder)


async def test_customers_are_refused_the_agents_commands(room: Room) -> None:
    await room.holder.refused("start_recording", "FORBIDDEN")
    await consent_node(room)
    for command in ("advance", "replay_prompt"):
        await room.holder.refused(command, "FORBIDDEN", node_id="recording_consent")
    await room.holder.refused("end_recording", "FORBIDDEN")
    await room.holder.refused("abort_session", "FORBIDDEN", reason="x")
    assert room.agent.view["node"]["node_id"] == "recording_consent"


async def test_customers_wait_for_the_agent(live: Live) -> None:
    caller = await live.service.sign_in("zhangsan")
    created = await live.create(caller, await live.ready_case(caller))
    seat = await live.seat_ticket(created["join_code"]["code"], "0001")
    page = await live.page(await live.service.anonymous(), created["session_id"], seat["ticket"])
    await page.ok("enter_room")
    await page.refused("media.join", "AGENT_NOT_IN")
    assert page.view["me"]["instruction"]["code"] == "WAIT_FOR_AGENT"
    agent = await live.page(caller, created["session_id"])
    await agent.ok("enter_room")
    await live.media(agent)
    await page.until(lambda p: p.view["me"]["is_media_allowed"])
    await live.media(page)
    await agent.refused("start_recording", "START_INCOMPLETE")


async def test_reload_returns_to_the_same_seat_and_takes_over(room: Room) -> None:
    await consent_node(room)
    live, seat = room.live, room.tickets["0001"]
    again = await live.page(await live.service.anonymous(), room.session_id, seat["ticket"], last_seq=5)
    assert again.view["me"]["seat_id"] == seat["seat_id"]
    assert again.events[0]["seq"] == 6
    await room.holder.until(lambda p: p.goodbye)
    assert room.holder.goodbye == {"type": "goodbye", "code": "TAKEN_OVER", "retryable": False}
    await live.media(again)
    assert room.agent.view["phase"] == "recording"
    await again.ok("media.restart", leg_id=f"leg{live.engines.legs}")
    await again.refused("media.restart", "LEG_UNKNOWN", leg_id="leg1")


async def test_lost_ticket_holder_comes_back_by_code_to_the_same_seat(room: Room) -> None:
    await consent_node(room)
    room.live.forward(90)
    seat = await room.live.seat_ticket(room.created["join_code"]["code"], "0001")
    assert seat["seat_id"] == room.tickets["0001"]["seat_id"]


async def test_interrupted_person_must_hear_the_node_again(room: Room) -> None:
    live, agent = room.live, room.agent
    live.engines.auto_prompts = False
    await room.start()
    await agent.until(lambda p: p.view["node"] and p.view["node"]["prompt"]["state"] == "playing")
    seat_id = room.holder.view["me"]["seat_id"]
    leg = {"room_id": room.session_id, "seat_id": seat_id, "leg_id": "leg2"}
    live.engines.media.rpc.emit("leg.interrupted", {**leg, "t_ms": 500})
    await agent.until(lambda p: p.view["node"]["must_repeat"])
    live.engines.media.rpc.emit("leg.resumed", {**leg, "t_ms": 900})
    live.engines.finish_prompt(room.session_id, agent.view["node"]["prompt"]["prompt_id"])
    await room.answered(room.insured, 1, "affirmative", "同意")
    await agent.until(lambda p: p.view["node"]["prompt"]["state"] == "finished")
    await agent.refused("advance", "NODE_MUST_REPEAT", node_id="recording_consent")
    live.engines.auto_prompts = True
    await agent.ok("replay_prompt", node_id="recording_consent")
    await room.answered(room.holder, 1, "affirmative", "同意")
    await agent.until(lambda p: p.action("advance")["enabled"])


async def test_speech_process_away_is_not_measured_and_comes_back(room: Room) -> None:
    live, agent = room.live, room.agent
    await room.start()
    await agent.until(lambda p: p.view["node"] and p.view["node"]["prompt"]["state"] == "finished")
    await live.engines.speech.called("answer.open", 2)
    await live.engines.speech.stop()
    await agent.until(lambda p: not p.view["engines"]["speech"])
    assert {a["state"] for a in agent.view["node"]["answers"]} == {"not_measured"}
    for card in agent.view["node"]["answers"]:
        assert card["can_override"]
        await agent.ok(
            "override_answer", node_id="recording_consent", person_id=card["person_id"], reason="引擎故障，客户口头同意"
        )
    await agent.ok("advance", node_id="recording_consent")
    await agent.until(lambda p: p.view["node"]["prompt"]["state"] == "failed")
    assert agent.view["nodes"][0]["is_not_measured"]
    assert agent.view["me"]["instruction"]["code"] == "READ_ALOUD"
    await live.engines.speech.start()
    await agent.until(lambda p: p.view["engines"]["speech"])
    await agent.ok("replay_prompt", node_id="prescribed_reminder")
    await agent.until(lambda p: p.view["node"]["prompt"]["state"] == "finished")


async def test_media_process_lost_and_back_goes_on_with_the_same_recording(room: Room) -> None:
    live, agent = room.live, room.agent
    await consent_node(room)
    recording_id = agent.view["recording"]["recording_id"]
    await live.engines.media.stop()
    await agent.until(lambda p: not p.view["engines"]["media"])
    assert {p["presence"] for p in agent.view["people"]} == {"interrupted"}
    await agent.refused("media.join", "MEDIA_UNAVAILABLE")
    live.engines.rooms.clear()
    await live.engines.media.start()
    await agent.until(lambda p: any(x["push"] == "rejoin" for x in p.pushes))
    await agent.until(lambda p: p.view["engines"]["media"])
    changes = [e["data"] for e in agent.events if e["type"] == "engine_changed" and e["data"]["engine"] == "media"]
    assert [(c["is_up"], c.get("is_new_part", False)) for c in changes[-2:]] == [(False, False), (True, True)]
    marks = [p for name, p in live.engines.media.calls if name == "recording.mark" and p["kind"] == "engine_changed"]
    assert any(p["data"]["is_up"] is False for p in marks), "what happened between the parts is marked in the next one"
    started = [p for name, p in live.engines.media.calls if name == "recording.start"]
    assert [p["recording_id"] for p in started] == [recording_id] * 2
    for page in (agent, room.holder, room.insured):
        await live.media(page)
    await agent.until(lambda p: p.action("advance")["enabled"])
    await agent.ok("advance", node_id="recording_consent")


async def test_a_recording_that_could_not_go_on_at_once_goes_on_later(room: Room) -> None:
    """The new worker's disk is full for a moment, or another process still holds the journal."""
    live, agent = room.live, room.agent
    await consent_node(room)
    app = live.service.server.app
    assert app is not None
    hub = app[HUB]
    actor = hub.peek(room.session_id)
    assert actor is not None
    await live.engines.media.stop()
    await agent.until(lambda p: not p.view["engines"]["media"])
    live.engines.rooms.clear()
    live.engines.fail["recording.start"] = RpcError("RECORDER_FAILED", "disk", retryable=True)
    opened = live.engines.media.count("room.open")
    await live.engines.media.start()
    await live.engines.media.called("room.open", opened + 1)
    async with asyncio.timeout(TIMEOUT):
        while room.session_id not in hub.effects.unreturned:
            await asyncio.sleep(0.01)
    await hub._look_after(actor)  # still so
    assert not actor.state.engines["media"]
    live.engines.fail.clear()
    await hub._look_after(actor)
    await agent.until(lambda p: p.view["engines"]["media"])
    await agent.until(lambda p: any(push["push"] == "rejoin" for push in p.pushes))
    changes = [e["data"] for e in agent.events if e["type"] == "engine_changed" and e["data"]["engine"] == "media"]
    assert [(c["is_up"], c.get("is_new_part", False)) for c in changes[-2:]] == [(False, False), (True, True)]


async def test_a_line_to_the_worker_lost_and_back_takes_the_legs_as_they_are_now(room: Room) -> None:
    live, agent = room.live, room.agent
    await consent_node(room)
    app = live.service.server.app
    assert app is not None
    actor = app[HUB].peek(room.session_id)
    assert actor is not None
    live.engines.known_legs = [
        leg_of(actor, agent),
        leg_of(actor, room.holder, "mic"),
        leg_of(actor, room.insured, is_away=True),
    ]
    await live.engines.media.stop()
    await agent.until(lambda p: not p.view["engines"]["media"])
    await live.engines.media.start()
    await agent.until(lambda p: p.view["engines"]["media"])

    def now(page: Page) -> tuple[str, list[str]]:
        shown = next(p for p in agent.view["people"] if p["seat_id"] == page.view["me"]["seat_id"])
        return shown["presence"], shown["media"]["tracks"]

    await agent.until(lambda p: now(room.holder) == ("present", ["mic"]))
    assert now(agent) == ("present", ["camera", "mic"])
    assert now(room.insured)[0] == "interrupted"
    assert not any(x["push"] == "rejoin" for x in agent.pushes)


async def test_what_a_page_lacks_reaches_the_others_and_the_recording(room: Room) -> None:
    await consent_node(room)
    media, seat_id = room.live.engines.media, room.holder.view["me"]["seat_id"]
    await room.holder.ok("report_state", is_hidden=True, is_mic_muted=True, is_camera_muted=False)
    assert (await media.called("seat.state", 1))["lapses"] == ["hidden", "mic_muted"]

    def lapses(page: Page) -> list[str]:
        shown = next(person for person in page.view["people"] if person["seat_id"] == seat_id)
        return list(shown["media"]["lapses"])

    await room.agent.until(lambda p: lapses(p) == ["hidden", "mic_muted"])
    await media.stop()
    await room.agent.until(lambda p: not p.view["engines"]["media"])
    room.live.engines.rooms.clear()
    await media.start()
    assert (await media.called("seat.state", 2))["lapses"] == ["hidden", "mic_muted"]  # a new worker is told what still lasts
    await room.holder.ok("report_state", is_hidden=False, is_mic_muted=False, is_camera_muted=False)
    await room.agent.until(lambda p: lapses(p) == [])


async def test_recording_that_cannot_start_leaves_the_lobby(room: Room) -> None:
    room.live.engines.fail["recording.start"] = RpcError("RECORDER_FAILED", "disk", retryable=True)
    await room.agent.until(lambda p: p.action("start_recording")["enabled"])
    await room.agent.ok("start_recording")
    await room.agent.until(lambda p: p.view["recording"]["state"] == "failed")
    assert room.agent.view["recording"]["problem"]["code"] == "RECORDER_FAILED"
    room.live.engines.fail.clear()
    await room.start()


async def test_recording_that_breaks_stops_the_flow(room: Room) -> None:
    await consent_node(room)
    broken = {"room_id": room.session_id, "recording_id": "x", "code": "DISK_FULL", "message": ""}
    room.live.engines.media.rpc.emit("recording.failed", broken)
    await room.agent.until(lambda p: p.view["recording"]["problem"])
    problem = await room.agent.refused("advance", "NODE_INCOMPLETE", node_id="recording_consent")
    assert [m["code"] for m in problem["params"]["missing"]] == ["RECORDING_FAILED"]
    await room.agent.ok("abort_session", reason="磁盘已满")


async def test_who_looks_at_a_recorded_session_is_in_the_access_log(room: Room) -> None:
    """Its view shows what was heard; the agent in the room is no onlooker, once it is over everybody is."""
    live = room.live
    agent, inspector = await live.service.sign_in("zhangsan"), await live.service.sign_in("zhaoliu")
    path = f"/api/v1/sessions/{room.session_id}"
    await inspector.ask("GET", path)  # nothing is recorded yet
    await consent_node(room)
    recording = (await agent.ask("GET", path))["recording"]["recording_id"]
    before = await inspector.ask("GET", f"/api/v1/recordings/{recording}/accesses")
    for _ in range(2):
        seen = await inspector.ask("GET", path)
    await room.agent.ok("abort_session", reason="客户临时有事，改日再录")
    over = await agent.ask("GET", path)
    after = await inspector.ask("GET", f"/api/v1/recordings/{recording}/accesses")
    assert {answer["text"] for answer in seen["node"]["answers"]} == {"同意"}
    assert (before, over["node"]) == ([], None)
    assert sorted((line["actor_name"], line["action"]) for line in after) == [("张三", "session"), ("赵柳", "session")]


async def test_declined_by_a_customer_ends_as_declined(room: Room) -> None:
    await consent_node(room)
    await room.insured.ok("decline", reason="")
    await room.agent.until(lambda p: p.view["phase"] == "declined" and p.view["recording"]["state"] == "stopped")
    caller = await room.live.service.sign_in("zhangsan")
    case = await caller.ask("GET", f"/api/v1/cases/{room.created['case_id']}")
    assert case["state"] == "declined"
    await caller.refused("POST", f"/api/v1/cases/{case['id']}/session", 409, "CASE_STATE_WRONG", json={})


async def test_aborted_session_gives_the_case_back(room: Room) -> None:
    caller, path = await room.live.service.sign_in("zhangsan"), f"/api/v1/cases/{room.created['case_id']}"
    others = [await room.live.service.sign_in(login) for login in ("zhaoliu", "admin")]
    assert (await caller.ask("GET", path))["allowed_actions"] == ["enter_room"]
    assert [(await other.ask("GET", path))["allowed_actions"] for other in others] == [[], []], "the room is the agent's"
    await room.agent.ok("abort_session", reason="客户临时有事")
    await room.agent.until(lambda p: p.view["phase"] == "aborted")
    case = await caller.ask("GET", path)
    assert case["state"] == "ready"
    assert "enter_room" not in case["allowed_actions"]
    await room.live.create(caller, room.created["case_id"])


async def test_an_aborted_supplementary_session_leaves_the_case_owing_it(room: Room) -> None:
    case_id, service = room.created["case_id"], room.live.service
    await room.agent.ok("abort_session", reason="客户临时有事")
    await room.agent.until(lambda p: p.view["phase"] == "aborted")
    rejected = (
        CaseEvent.SESSION_STARTED, CaseEvent.RECORDING_FINISHED, CaseEvent.RECORDING_SEALED, CaseEvent.INSPECTION_STARTED,
        CaseEvent.INSPECTION_REJECTED,
    )  # fmt: skip
    for event in rejected:
        async with service.context.db.begin() as tx:
            await transition(tx, case_id, event, "system:test", at=service.clock())
    caller = await service.sign_in("zhangsan")
    await caller.ask("POST", f"/api/v1/cases/{case_id}/supplementary")
    created = await room.live.create(caller, case_id)
    agent = await room.live.page(caller, created["session_id"])
    await agent.ok("enter_room")
    await agent.ok("abort_session", reason="客户又有事")
    await agent.until(lambda p: p.view["phase"] == "aborted")
    case = await caller.ask("GET", f"/api/v1/cases/{case_id}")
    assert (case["state"], case["is_supplementary"]) == ("supplementary", True)
    assert case["history"][-1]["event"] == "supplementary_abandoned"
    await room.live.create(caller, case_id)


async def test_slow_engines_never_hold_up_commands(room: Room) -> None:
    gate = asyncio.Event()

    async def never(_params: dict[str, Any]) -> Any:
        await gate.wait()
        return {"t_ms": 0}

    room.live.engines.media.rpc.method("recording.mark", never)
    await consent_node(room)
    async with asyncio.timeout(8):  # less than the ten seconds after which a silent engine counts as away
        await room.agent.ok("add_note", text="客户问了等待期")
        await room.agent.ok("advance", node_id="recording_consent")
    gate.set()


async def test_levels_quality_partials_and_alerts_are_pushed(room: Room) -> None:
    await room.start()
    media, speech = room.live.engines.media.rpc, room.live.engines.speech
    seat_id = room.holder.view["me"]["seat_id"]
    media.emit("levels", {"room_id": room.session_id, "levels": {seat_id: 0.5}})
    await room.insured.until(lambda p: any(x["push"] == "levels" for x in p.pushes))
    window = (await speech.called("answer.open", 2))["window_id"]
    speech.rpc.emit("answer.partial", {"window_id": window, "text": "同"})
    await room.agent.until(lambda p: any(x["push"] == "partial" and x["data"]["text"] == "同" for x in p.pushes))
    agent_seat = room.agent.view["me"]["seat_id"]
    speech.rpc.emit("speech.activity", {"room_id": room.session_id, "seat_id": agent_seat, "is_speaking": True, "t_ms": 5})
    await room.agent.until(lambda p: any(x["alerts"] for x in p.view["people"]))
    assert not any(x["alerts"] for x in room.holder.view["people"])


async def test_who_can_mend_a_warning_is_warned_too_and_it_clears_by_itself(room: Room) -> None:
    await room.start()
    media, vision = room.live.engines.media.rpc, room.live.engines.speech.rpc  # measuring engines speak alike
    seat_id = room.holder.view["me"]["seat_id"]

    def warned(codes: set[str]) -> Callable[[Page], bool]:
        return lambda page: {a["code"] for x in page.view["people"] if x["seat_id"] == seat_id for a in x["alerts"]} == codes

    media.emit("sound", {"room_id": room.session_id, "seat_id": seat_id, "is_silent": True, "t_ms": 1_500})
    for kind in ("face_lost", "stranger"):
        vision.emit(
            "vision.alert", {"room_id": room.session_id, "seat_id": seat_id, "kind": kind, "is_active": True, "t_ms": 1_600}
        )
    await room.agent.until(warned({"NO_SOUND", "FACE_LOST", "STRANGER"}))
    await room.holder.until(warned({"NO_SOUND", "FACE_LOST"}))
    assert warned(set())(room.insured), "nobody else is told"
    pushed = [x["data"]["kind"] for x in room.holder.pushes if x["push"] == "alert" and x["data"]["is_active"]]
    assert pushed == ["NO_SOUND", "FACE_LOST"]
    media.emit("sound", {"room_id": room.session_id, "seat_id": seat_id, "is_silent": False, "t_ms": 2_000})
    vision.emit(
        "vision.alert", {"room_id": room.session_id, "seat_id": seat_id, "kind": "face_lost", "is_active": False, "t_ms": 2_100}
    )
    await room.holder.until(warned(set()))


async def test_two_sessions_of_one_case_are_refused(room: Room) -> None:
    caller = await room.live.service.sign_in("zhangsan")
    path = f"/api/v1/cases/{room.created['case_id']}/session"
    params = await caller.refused("POST", path, 409, "SESSION_ACTIVE", json={})
    assert params["session_id"] == room.session_id
