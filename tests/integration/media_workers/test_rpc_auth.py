"""The internal API: both sides prove themselves, frames cannot be changed, left out or played again. Over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from media.rpc import RpcClient, RpcError, RpcServer
from media.rpc_auth import SKEW_S, ClientHandshake, NotAuthentic, ServerHandshake


@asynccontextmanager
async def serving(server: RpcServer) -> AsyncIterator[str]:
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def echo(params: dict[str, object]) -> object:
    return params


async def test_calls_and_events_over_an_authenticated_connection() -> None:
    server = RpcServer("secret")
    server.method("echo", echo)
    events: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
    async with serving(server) as url:
        client = RpcClient(url, "secret", lambda name, params: events.put_nowait((name, params)))
        client.start()
        await client.wait_connected(60)
        answers = await asyncio.gather(*(client.call("echo", {"n": n}) for n in range(50)))
        assert [answer["n"] for answer in answers] == list(range(50))
        server.emit("hello", {"x": 1})
        assert await events.get() == ("hello", {"x": 1})
        await client.aclose()


async def test_a_stopping_server_hangs_up_and_does_not_wait_for_its_clients() -> None:
    states: asyncio.Queue[bool] = asyncio.Queue()
    app = web.Application()
    RpcServer("secret").attach(app)
    runner = web.AppRunner(app)  # it would wait a quarter of a minute for open connections
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = RpcClient(f"http://127.0.0.1:{runner.addresses[0][1]}", "secret", on_state=states.put_nowait)
    client.start()
    assert await states.get() is True
    async with asyncio.timeout(10):
        await runner.cleanup()
        assert await states.get() is False
    await client.aclose()


async def test_a_client_with_another_secret_is_refused_before_the_upgrade() -> None:
    server = RpcServer("secret")
    async with serving(server) as url, aiohttp.ClientSession() as http:
        for header in (ClientHandshake("other").header(), "Bearer secret", ""):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await http.ws_connect(f"{url}/rpc", headers={"Authorization": header})
            assert caught.value.status == 401


async def test_a_server_that_does_not_know_the_secret_gets_no_call() -> None:
    asked: list[aiohttp.WSMessage] = []

    async def impostor(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_bytes(b"0" * 32 + b" " + b"0" * 64)
        async for message in ws:
            asked.append(message)
        return ws

    app = web.Application()
    app.router.add_get("/rpc", impostor)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = RpcClient(f"http://127.0.0.1:{runner.addresses[0][1]}", "secret")
    client.start()
    with pytest.raises(TimeoutError):
        await client.wait_connected(0.4)
    with pytest.raises(RpcError, match="UNAVAILABLE"):
        await client.call("echo")
    await client.aclose()
    await runner.cleanup()
    assert asked == []


async def test_a_server_that_ends_before_it_proved_itself_is_asked_again() -> None:
    """Killed in that very moment: the client goes on trying."""
    server = RpcServer("secret")
    hung_up: list[str] = []

    async def dies(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if len(hung_up) == 1:
            await ws.send_str("something else listens here")
        hung_up.append(request.path)
        await ws.close()
        return ws

    app = web.Application()
    app.router.add_get("/rpc", dies)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    client = RpcClient(f"http://127.0.0.1:{port}", "secret")
    client.start()
    async with asyncio.timeout(60):
        while len(hung_up) < 3:
            await asyncio.sleep(0.01)
    await runner.cleanup()
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
    await client.wait_connected(60)
    await client.aclose()
    await runner.cleanup()


async def test_a_recorded_request_cannot_be_played_again() -> None:
    server = RpcServer("secret")
    async with serving(server) as url, aiohttp.ClientSession() as http:
        header = ClientHandshake("secret").header()
        ws = await http.ws_connect(f"{url}/rpc", headers={"Authorization": header})
        await ws.receive_bytes()
        await ws.close()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{url}/rpc", headers={"Authorization": header})


async def test_a_forged_frame_ends_the_connection_and_is_not_carried_out() -> None:
    server = RpcServer("secret")
    called: list[object] = []

    async def note(params: dict[str, object]) -> None:
        called.append(params)

    server.method("note", note)
    async with serving(server) as url, aiohttp.ClientSession() as http:
        handshake = ClientHandshake("secret")
        ws = await http.ws_connect(f"{url}/rpc", headers={"Authorization": handshake.header()})
        channel = handshake.accept(await ws.receive_bytes())
        frame = bytearray(channel.seal(b'{"id":1,"method":"note","params":{}}'))
        frame[-3] ^= 1
        await ws.send_bytes(bytes(frame))
        assert (await ws.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert called == []


def test_a_time_too_far_away_is_refused_both_ways() -> None:
    server = ServerHandshake("secret")
    for drift in (SKEW_S + 1, -SKEW_S - 1):
        with pytest.raises(NotAuthentic, match="clocks"):
            server.accept(ClientHandshake("secret", 1_000_000).header(), 1_000_000 + drift)
    assert server.accept(ClientHandshake("secret", 1_000_000).header(), 1_000_000 + SKEW_S)


@given(st.integers(0, 59), st.integers(1, 255), st.integers(0, 3))
def test_any_changed_replayed_or_reordered_frame_is_found(place: int, flip: int, kind: int) -> None:
    client = ClientHandshake("secret")
    hello, server = ServerHandshake("secret").accept(client.header())
    channel = client.accept(hello)
    first, second = channel.seal(bytes(44)), channel.seal(bytes(range(44)))
    if kind == 0:
        first = bytes([*first[:place], first[place] ^ flip, *first[place + 1 :]])
        bad = first
    elif kind == 1:
        bad = second  # the first was left out
    elif kind == 2:
        server.open(first)
        bad = first
    else:
        bad = server.seal(b"x" * 44)  # turned around
    with pytest.raises(NotAuthentic):
        server.open(bad)


@given(st.text(max_size=300))
def test_no_header_makes_the_server_raise_anything_else(text: str) -> None:
    with pytest.raises(NotAuthentic):
        ServerHandshake("secret").accept(text)
