"""The socket itself: hello, garbage, size, pace, slowness. Whatever a page sends, the session goes on."""

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from server.ops.supervisor import STOP_WAIT_S
from server.ops.web_process import STOP_LIMIT_S
from server.sessions.connection import MAX_EVENTS, MAX_PUSHES, MAX_REPLIES, Connection
from server.sessions.hub import HUB
from tests.support.session_service import TIMEOUT, Live, Room


async def raw(live: Live, session_id: str) -> aiohttp.ClientWebSocketResponse:
    caller = await live.service.anonymous()
    return await caller.client.ws_connect(f"/ws/sessions/{session_id}")


async def goodbye(ws: aiohttp.ClientWebSocketResponse) -> str:
    async with asyncio.timeout(TIMEOUT):
        message = await ws.receive()
    assert message.type is aiohttp.WSMsgType.TEXT, message
    data: dict[str, Any] = orjson.loads(message.data)
    assert data["type"] == "goodbye"
    return str(data["code"])


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("not json", "MESSAGE_INVALID"),
        ("[]", "MESSAGE_INVALID"),
        ('{"type":"command"}', "MESSAGE_INVALID"),
        ('{"type":"hello","ticket":"x.y.z","last_seq":0}', "TICKET_INVALID"),
        ('{"type":"hello","ticket":null,"last_seq":0}', "SIGN_IN_REQUIRED"),
        ('{"type":"hello","ticket":null,"last_seq":0,"role":"agent"}', "MESSAGE_INVALID"),
    ],
)
async def test_bad_hello_is_refused(room: Room, first: str, code: str) -> None:
    ws = await raw(room.live, room.session_id)
    await ws.send_str(first)
    assert await goodbye(ws) == code
    await ws.close()


async def test_binary_hello_is_refused(room: Room) -> None:
    ws = await raw(room.live, room.session_id)
    await ws.send_bytes(b"\x00\xff")
    assert await goodbye(ws) == "MESSAGE_INVALID"
    await ws.close()


async def test_ticket_of_another_session_is_refused(room: Room) -> None:
    ws = await raw(room.live, "ses_other")
    await ws.send_json({"type": "hello", "ticket": room.tickets["0001"]["ticket"], "last_seq": 0})
    assert await goodbye(ws) == "TICKET_INVALID"
    await ws.close()


async def test_another_agent_cannot_sit_on_the_agents_seat(room: Room) -> None:
    other = await room.live.service.sign_in("lisi")
    page = await room.live.page(other, room.session_id)
    assert page.goodbye is not None
    assert page.goodbye["code"] == "FORBIDDEN"


async def test_an_agent_who_is_signed_out_controls_nothing_any_more(room: Room) -> None:
    admin = await room.live.service.sign_in("admin")
    [agent] = (await admin.ask("GET", "/api/v1/admin/users", params={"q": "zhangsan"}))["items"]
    await room.agent.ok("set_location", seat_id=room.holder.view["me"]["seat_id"], location="with_agent")
    await admin.ask("POST", f"/api/v1/admin/users/{agent['id']}/sign-out", status=204)
    await room.agent.ws.send_json({"type": "command", "id": "late", "command": "start_recording", "params": {}})
    await room.agent.until(lambda p: p.goodbye)
    assert room.agent.goodbye is not None
    assert (room.agent.goodbye["code"], room.agent.replies.get("late")) == ("SIGN_IN_REQUIRED", None)
    await room.holder.ok("report_state", is_hidden=True)
    again = await room.live.page(await room.live.service.sign_in("zhangsan"), room.session_id)
    assert again.view["phase"] == "lobby"


GARBAGE = [
    "not json",
    "null",
    "[1,2]",
    '{"type":"command"}',
    '{"type":"command","id":5,"command":"advance"}',
    '{"type":"command","id":"7","command":"advance","params":[]}',
    '{"type":"command","id":"7","command":"advance","extra":1}',
    '{"type":"elephant","id":"9"}',
]


async def test_garbage_is_answered_and_the_session_goes_on(room: Room) -> None:
    page = room.holder
    for text in GARBAGE:
        await page.ws.send_str(text)
    await page.ws.send_bytes(bytes(range(256)))
    await page.until(lambda p: "7" in p.replies and "9" in p.replies and "" in p.replies)
    assert page.replies["7"]["problem"]["code"] == "MESSAGE_INVALID"
    await room.start()


async def test_commands_with_wrong_parameters_are_refused_with_fields(room: Room) -> None:
    problem = await room.agent.refused("advance", "REQUEST_INVALID")
    assert problem["params"]["fields"] == [{"path": "node_id", "code": "missing"}]
    await room.agent.refused("advance", "REQUEST_INVALID", node_id="x", force=True)
    await room.agent.refused("fly", "COMMAND_UNKNOWN")
    await room.agent.refused("claim_roles", "COMMAND_UNKNOWN", role_ids=[], person_ids=[])
    await room.agent.refused("answer_heard", "COMMAND_UNKNOWN", window_id="x", verdict="affirmative")
    await room.holder.refused("document.view", "REQUEST_INVALID", document_id="x", page=0, zoom=1, visible=[0, 0, 1, 1])
    await room.holder.refused("document.sign", "REQUEST_INVALID", document_id="x", strokes=[[{"x": 2, "y": 0, "t": 0}]])


async def test_too_much_garbage_closes_this_socket_only(room: Room) -> None:
    page = room.holder
    for _ in range(12):
        await page.ws.send_str("garbage")
    await page.until(lambda p: p.goodbye)
    assert page.goodbye is not None
    assert page.goodbye["code"] == "MESSAGE_INVALID"
    await room.agent.ok("set_location", seat_id=page.view["me"]["seat_id"], location="with_agent")


async def test_oversized_message_closes_this_socket_only(room: Room) -> None:
    page = room.holder
    await page.ws.send_str("x" * 300_000)
    async with asyncio.timeout(TIMEOUT):
        await page._task
    assert page.ws.closed
    again = await room.live.page(await room.live.service.anonymous(), room.session_id, room.tickets["0001"]["ticket"])
    assert again.view["phase"] == "lobby"


async def test_ping_is_answered(room: Room) -> None:
    ws = await raw(room.live, room.session_id)
    await ws.send_json({"type": "hello", "ticket": room.tickets["0002"]["ticket"], "last_seq": 0})
    await ws.send_json({"type": "ping"})
    async with asyncio.timeout(TIMEOUT):
        while (await ws.receive_json())["type"] != "pong":
            pass
    await ws.close()


async def test_page_that_never_reads_is_bounded_and_harms_nobody(room: Room) -> None:
    connection = Connection("seat")
    for number in range(10_000):
        connection.push("levels", {"n": number})
    assert len(connection.pushes) == MAX_PUSHES
    assert connection.events.maxlen == MAX_EVENTS
    for _ in range(MAX_REPLIES + 1):
        connection.reply({})
    assert connection.goodbye == ("TOO_SLOW", True)


async def test_socket_types_are_in_the_openapi_document(room: Room) -> None:
    caller = await room.live.service.anonymous()
    document = await caller.ask("GET", "/api/v1/openapi.json")
    assert {"SessionView", "ClientCommand", "Update", "MediaJoined", "MeInView"} <= set(document["components"]["schemas"])


async def test_a_service_that_stops_says_goodbye_before_it_closes_the_sockets(room: Room) -> None:
    """The application's own shutdown in its own order, as on Ctrl-C: a page that is only cut off could not say why."""
    pages = (room.agent, room.holder, room.insured)
    await room.live.service.server.close()
    for page in pages:
        await page.until(lambda p: p.goodbye)
        assert page.goodbye == {"type": "goodbye", "code": "SERVER_STOPS", "retryable": True}


async def test_pages_that_take_nothing_do_not_hold_the_shutdown_up(room: Room) -> None:
    """Frozen browsers: their sockets stay open, but they read nothing and never answer the closing message."""
    for page in (room.agent, room.holder, room.insured):
        await page.freeze()
    assert STOP_LIMIT_S < STOP_WAIT_S
    async with asyncio.timeout(STOP_LIMIT_S):  # what the web process grants itself; the supervisor grants more
        await room.live.service.server.close()


async def test_a_page_that_comes_while_the_service_stops_is_told_so(room: Room) -> None:
    room.live.service.server.app[HUB].say_goodbye()
    late = await room.live.page(await room.live.service.sign_in("zhangsan"), room.session_id)
    await late.until(lambda p: p.goodbye)
    assert late.goodbye == {"type": "goodbye", "code": "SERVER_STOPS", "retryable": True}
