"""A native libwebrtc client through the real worker: media both ways, the way back to a seat, calls and mutes, a TURN relay."""

import asyncio
import contextlib
import json
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from aioice import stun
from pydantic import SecretStr

from media.recorder.reader import read_timeline
from media.worker import advertised
from server.sessions.ice import ice_servers
from server.settings import Settings
from tests.conftest import lacking
from tests.media.conftest import ROOM, Control
from tests.media.native import NativeClient, missing

Join = Callable[..., Awaitable[NativeClient]]


@pytest.fixture
def engine() -> str:
    """The loop that a worker would choose; both are compared in test_engines."""
    return "auto"


@pytest.fixture
def worker_host() -> str:
    """Where the machine's own address leads: the client never uses 127.0.0.1."""
    return "0.0.0.0"


@pytest.fixture
async def join(control: Control) -> AsyncIterator[Join]:
    if what := missing():
        lacking(what, "run `npm ci` in web/")
    clients: list[NativeClient] = []

    async def do(seat_id: str, **params: Any) -> NativeClient:
        client = await NativeClient.start()
        clients.append(client)
        joined = await control.call("seat.join", room_id=ROOM, seat_id=seat_id)
        answered = await client.call("join", sdp=joined["sdp"], **params)
        await control.call("seat.answer", leg_id=joined["leg_id"], sdp=answered["sdp"])
        if not params.get("may_fail"):
            await control.event("leg.connected", 60, seat_id=seat_id, leg_id=joined["leg_id"])
        return client

    yield do
    for client in clients:
        await client.aclose()


def frames(mid: str, count: int) -> Callable[[dict[str, Any]], bool]:
    return lambda stats: stats["seen"].get(mid, {}).get("frames", 0) >= count


def sounds(mid: str, count: int) -> Callable[[dict[str, Any]], bool]:
    return lambda stats: stats["seen"].get(mid, {}).get("samples", 0) >= count


async def record(control: Control) -> Path:
    folder = control.data_dir / "recordings" / "rec"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    return folder


async def test_two_clients_see_and_hear_each_other_and_only_with_consent(control: Control, join: Join) -> None:
    await control.open("a", "b")
    await control.consent("b")
    a, b = await join("a"), await join("b")
    await a.until(frames("5", 10))
    await a.until(sounds("4", 5))
    stats = await b.call("stats")
    assert stats["seen"].get("5", {}).get("frames", 0) == 0, "nothing of a seat without consent is forwarded"
    assert all(item["packetsReceived"] == 0 for item in stats["inbound"].values())
    await control.consent("a")
    await b.until(frames("5", 10))
    await b.until(sounds("4", 5))
    legs = (await control.call("room.stats", room_id=ROOM))["legs"]
    assert {leg["lost"] for leg in legs} == {0}


async def test_second_connection_takes_the_seat_and_its_streams_go_on(control: Control, join: Join) -> None:
    """A reload, or a second tab: the same seat, the same sections, a new leg in the same recording."""
    await control.open("a", "b")
    await control.consent("a", "b")
    first, b = await join("a"), await join("b")
    await b.until(frames("5", 10))
    folder = await record(control)
    await control.event("track.started", seat_id="a", kind="camera")
    before = (await b.call("stats"))["seen"]["5"]["frames"]
    await join("a")
    await control.event("leg.closed", seat_id="a", reason="replaced")
    await first.aclose()
    await b.until(frames("5", before + 30))
    await control.call("recording.stop", room_id=ROOM)
    timeline = read_timeline(folder)
    legs = {segment.leg_id for segment in timeline.segments if segment.seat_id == "a"}
    assert len(legs) == 2
    assert all(gap.t1_ms - gap.t0_ms < 15_000 for gap in timeline.gaps)


async def test_phone_call_dropped_camera_and_turned_phone_are_told_by_the_recording(control: Control, join: Join) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    a, b = await join("a"), await join("b", kinds=["mic"])
    await b.until(frames("5", 10))
    folder = await record(control)
    heard = (await b.call("stats"))["seen"]["4"]["samples"]
    await b.until(sounds("4", heard + 20))  # a call interrupts a voice that the recording has begun
    stopped = await a.call("talk", is_on=False)  # a phone call takes the microphone: no packet, and its RTP clock stands still
    await control.event("track.stopped", seat_id="a", kind="mic")
    talks = await a.call("talk", is_on=True)
    # Nothing in its packets says that time passed: the next sender report does (each five seconds), and places the gap.
    await control.event("gap", seat_id="a", kind="interrupt")
    await a.call("resize", width=240, height=320)
    await b.until(lambda stats: stats["seen"]["5"]["height"] == 320)
    dark = await a.call("track", kind="camera", is_on=False)
    await control.event("track.stopped", seat_id="a", kind="camera")
    await asyncio.sleep(1)  # a camera may be still for three seconds before that counts as a gap
    bright = await a.call("track", kind="camera", is_on=True)
    await control.event_number(2, "track.started", seat_id="a", kind="camera")
    before = (await b.call("stats"))["seen"]["5"]["frames"]
    await b.until(frames("5", before + 10))
    await control.call("recording.stop", room_id=ROOM)
    timeline = read_timeline(folder)
    for media, away in (("mic", talks["at"] - stopped["at"]), ("camera", bright["at"] - dark["at"])):
        lengths = [gap.t1_ms - gap.t0_ms for gap in timeline.gaps if gap.media == media and gap.seat_id == "a"]
        assert any(abs(length - away) < 800 for length in lengths), (media, away, timeline.gaps)
    sizes: set[tuple[int, int]] = set()
    for segment in timeline.segments:
        if segment.seat_id == "a":
            with av.open(str(timeline.path(segment))) as container:
                if container.streams.video:
                    sizes |= {(frame.width, frame.height) for frame in container.decode(video=0)}
    assert {(320, 240), (240, 320)} <= sizes


# TURN


@pytest.fixture
async def relay() -> AsyncIterator[tuple[str, str]]:
    """A real coturn on this machine. Gives its URL and its secret."""
    if shutil.which("turnserver") is None:
        lacking("coturn", "install the package coturn")
    address = advertised("0.0.0.0", "")[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        "turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--use-auth-secret", "--static-auth-secret=relay-secret",
        "--realm=test", f"--listening-ip={address}", f"--relay-ip={address}", f"--listening-port={port}", "--log-file=stdout",
        "--pidfile=/dev/null", "--allow-loopback-peers", "--min-port=52000", "--max-port=52100",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(60):
        while not await _answers(address, port):
            if process.returncode is not None:
                raise RuntimeError(f"turnserver ended with {process.returncode}")
    yield f"turn:{address}:{port}?transport=udp", "relay-secret"
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def _answers(address: str, port: int) -> bool:
    """Whether it answers a binding request over UDP, the way clients come; its TCP port opens at another moment."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setblocking(False)
        probe.connect((address, port))
        with contextlib.suppress(OSError, TimeoutError):
            probe.send(bytes(request))
            async with asyncio.timeout(0.3):
                answer = await asyncio.get_running_loop().sock_recv(probe, 2048)
            return stun.parse_message(answer).transaction_id == request.transaction_id
    await asyncio.sleep(0.05)
    return False


def credentials(url: str, secret: str, now: datetime) -> list[dict[str, object]]:
    return ice_servers(Settings(turn_urls=[url], turn_secret=SecretStr(secret)), "seat-a", now)


async def test_media_through_a_relay_with_time_limited_credentials(control: Control, join: Join, relay: tuple[str, str]) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    servers = credentials(*relay, datetime.now(UTC))
    a = await join("a", ice_servers=servers, policy="relay")
    b = await join("b")
    await b.until(frames("5", 10))
    await a.until(frames("5", 10))
    stats = await a.call("stats")
    assert stats["local"]["candidateType"] == "relay", json.dumps(stats["local"])
    # Through another relayed address, on the same leg.
    restarted = await control.call("seat.restart", leg_id=control.found("leg.connected", seat_id="a")[0]["leg_id"])
    answered = await a.call("restart", sdp=restarted["sdp"])
    await control.call("seat.answer", leg_id=control.found("leg.connected", seat_id="a")[0]["leg_id"], sdp=answered["sdp"])
    before = (await b.call("stats"))["seen"]["5"]["frames"]
    await b.until(frames("5", before + 20))
    assert not control.found("leg.closed")


@pytest.mark.parametrize("is_expired", [True, False])
async def test_relay_refuses_expired_and_forged_credentials(
    control: Control, join: Join, relay: tuple[str, str], is_expired: bool
) -> None:
    await control.open("a")
    url, secret = relay
    now = datetime.now(UTC)
    servers = credentials(url, secret, now - timedelta(days=1)) if is_expired else credentials(url, "guessed", now)
    client = await join("a", ice_servers=servers, policy="relay", may_fail=True)
    stats = await client.call("stats")
    assert stats["pair"] is None
    assert not control.found("leg.connected")
