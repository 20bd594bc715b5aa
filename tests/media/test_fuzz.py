"""Foreign bytes at a running session: whatever comes as STUN, DTLS, RTP, RTCP, SDP or signalling, handlers never raise, nobody's
session ends, and what has no consent stays inside.
"""

import contextlib
import json
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from aioice import stun
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from media.rpc import RpcError
from server.http.problem import Problem
from server.sessions import messages as wire
from server.signalling.commands import MEDIA_PARAMS, PARAMS, parameters
from server.signalling.socket import _loads
from tests.media.conftest import ROOM, Control
from tests.media.peer import VP8_KEY, Peer
from tests.media.test_forwarding import pair
from tests.media.test_parsers import junk, rtcp_like, rtp_like, sdp_lines

MakePeer = Callable[[str], Peer]
quick = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

stun_like = st.builds(
    lambda kind, lie, attributes: struct.pack("!HHI12s", kind, max(0, len(attributes) + lie), 0x2112A442, bytes(12)) + attributes,
    st.sampled_from([0x0001, 0x0101, 0x0111, 0x0011, 0x0003, 0x3FFF]),
    st.integers(-8, 8),
    st.lists(
        st.builds(
            lambda name, lie, value: struct.pack("!HH", name, max(0, len(value) + lie)) + value + bytes(-len(value) % 4),
            st.sampled_from([0x0006, 0x0008, 0x0020, 0x0024, 0x0025, 0x0009, 0x802A, 0x8028, 0xFFFF]),
            st.integers(-3, 9),
            st.binary(max_size=40),
        ),
        max_size=5,
    ).map(b"".join),
)
dtls_like = st.builds(
    lambda kind, epoch, lie, body: struct.pack("!BHHHIH", kind, 0xFEFD, epoch, 0, 7, max(0, len(body) + lie)) + body,
    st.integers(20, 63),
    st.integers(0, 2),
    st.integers(-4, 4),
    st.binary(max_size=120),
)
# What JSON can carry between the two processes: the encoder refuses longer numbers before anything is sent.
_integers = st.integers(-(1 << 63), (1 << 64) - 1)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _integers | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


async def drained(peer: Peer) -> None:
    """Everything sent so far was read: a check behind it is answered."""
    before = peer.checks
    peer.check()
    await peer.until(lambda: peer.checks > before)


async def test_junk_from_the_network_and_from_a_member_ends_nothing(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(control.data_dir / "recordings" / "rec"))
    a.send_audio(0)
    a.send_video("camera", 0, VP8_KEY)
    await b.until(lambda: b.mid("mic", "a") in b.packets and b.mid("camera", "a") in b.packets)
    stranger = make_peer("b")
    stranger._server = a._server
    own = [a.ssrcs["mic"], a.ssrcs["camera"], a.rtx_ssrcs["camera"], 1]

    @quick
    @given(junk | rtp_like | stun_like | dtls_like)
    def unprotected(data: bytes) -> None:
        if data:
            stranger.send_datagram(data)
            a.send_datagram(data)

    @quick
    @given(
        st.integers(0, 63), st.sampled_from([96, 97, 102, 103, 111, 120]), st.integers(0, 0xFFFF), st.sampled_from(own),
        st.binary(max_size=200),
    )  # fmt: skip
    def protected_rtp(first: int, number: int, sequence: int, ssrc: int, body: bytes) -> None:
        # Valid enough for SRTP (whole header, version 2), anything behind that.
        head = bytes([0x80 | (first & 0x20), number]) + sequence.to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big")
        with contextlib.suppress(AssertionError):  # the sender's own SRTP refuses a number that went back
            a.send_raw(head + body)

    @quick
    @given(rtcp_like.filter(lambda data: len(data) >= 8))
    def protected_rtcp(data: bytes) -> None:
        a.send_rtcp(data)

    for attack in (unprotected, protected_rtp, protected_rtcp):
        attack()
        await drained(a)
    # The sequence numbers of the streams may be anywhere by now; a new peer of the seat starts clean.
    again = make_peer("a")
    await again.join()
    await control.event("leg.closed", seat_id="a", leg_id=a.leg_id, reason="replaced")
    count = len(b.packets[b.mid("mic", "a")])
    again.send_audio(1, b"\xf8after")
    await b.until(lambda: len(b.packets[b.mid("mic", "a")]) > count)
    assert control.worker.port.counters["handler_error"] == 0
    assert not control.found("leg.closed", seat_id="b")
    await control.call("recording.stop", room_id=ROOM)


# Heads with contributing sources, extensions of both profiles and padding, each well formed or lying about its length.
headed = st.builds(
    lambda first, number, ssrc, sources, profile, words, block, body: (
        bytes([0x80 | first, number, 0, 1]) + bytes(4) + ssrc.to_bytes(4, "big") + sources
        + struct.pack("!HH", profile, max(0, len(block) // 4 + words)) + block + body
    ),
    st.integers(0, 63),
    st.integers(0, 255),
    st.integers(0, 6),
    st.binary(max_size=60).map(lambda data: data[: len(data) // 4 * 4]),
    st.sampled_from([0xBEDE, 0x1000, 0]),
    st.sampled_from([0, 0, 0, 1, -1, 9_000]),
    st.binary(max_size=40).map(lambda data: data[: len(data) // 4 * 4]),
    st.binary(max_size=60),
)  # fmt: skip


async def test_plain_rtp_of_any_shape_raises_nothing_and_is_no_end(control: Control, make_peer: MakePeer) -> None:
    """What a member's own keys protect is not friendly for that: every packet is read as a stranger's."""
    a, b = await pair(control, make_peer)
    folder = control.data_dir / "recordings" / "rec"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    leg = control.worker.api.rooms[ROOM].seats["a"].leg
    assert leg is not None
    known = [a.ssrcs["mic"], a.ssrcs["camera"], a.rtx_ssrcs["camera"], a.ssrcs["screen"]]

    @quick
    @given(headed | rtp_like.filter(lambda data: len(data) >= 12))
    def plain(data: bytes) -> None:
        ssrc = int.from_bytes(data[8:12], "big")
        if ssrc < len(known):
            data = data[:8] + known[ssrc].to_bytes(4, "big") + data[12:]
        leg.on_rtp(memoryview(bytearray(data) + bytearray(2048 - len(data))), len(data), time.monotonic_ns())

    @quick
    @given(junk | rtcp_like)
    def reports(data: bytes) -> None:
        leg.on_rtcp(data, time.monotonic_ns())

    plain()
    reports()
    count = len(b.packets.get(b.mid("mic", "a"), []))
    await a.restart()
    again = make_peer("a")
    await again.join()
    again.send_audio(1, b"\xf8after")
    await b.until(lambda: len(b.packets.get(b.mid("mic", "a"), [])) > count)
    await control.call("recording.stop", room_id=ROOM)


async def test_authentic_checks_with_any_attributes_move_no_media_elsewhere(control: Control, make_peer: MakePeer) -> None:
    """A member may send odd but authentic checks; a stranger without the password gets no answer and no media."""
    a, b = await pair(control, make_peer)
    stranger = make_peer("b")
    stranger._server, stranger._remote = a._server, dict(a._remote)

    @quick
    @given(st.text(max_size=30), st.integers(0, 2**32 - 1), st.booleans(), st.binary(min_size=4, max_size=20))
    def forged(name: str, priority: int, nominates: bool, password: bytes) -> None:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{a._remote['ice-ufrag']}:{name}"
        request.attributes["PRIORITY"] = priority
        if nominates:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(password)
        stranger.send_datagram(bytes(request))

    forged()
    await drained(a)
    b.send_audio(0)
    await a.until(lambda: a.mid("mic", "b") in a.packets)
    assert stranger.checks == 0
    assert control.worker.port.counters["stun_forged"] >= 100
    assert control.worker.port.counters["handler_error"] == 0


async def test_a_member_fills_no_table(control: Control, make_peer: MakePeer) -> None:
    """Checks from many addresses and answers with many SSRCs, all authentic: little is remembered, and media goes on."""
    a, b = await pair(control, make_peer)
    for _ in range(100):
        a.move()
        await drained(a)
    port = control.worker.port
    assert len(port._by_address) < 40
    a.send_audio(0)
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    offer = (await control.call("seat.restart", leg_id=a.leg_id))["sdp"]
    a._read_offer(offer)
    for number in range(100):
        a.ssrcs["mic"] = 50_000 + number
        await control.call("seat.answer", leg_id=a.leg_id, sdp=a._answer(offer))
    assert len(port._by_ssrc) < 140
    a.send_audio(1)
    await b.until(lambda: len(b.packets[b.mid("mic", "a")]) == 2)
    b.send_audio(0)
    await a.until(lambda: a.mid("mic", "b") in a.packets)


async def test_a_client_without_consent_gets_nothing_out_whatever_it_sends(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer, has_consent=False)
    await control.consent("b")
    sequences = {"mic": 0, "camera": 0, "screen": 0}

    @quick
    @given(st.sampled_from(["mic", "camera", "screen"]), st.sampled_from([96, 97, 102, 111]), st.binary(min_size=1, max_size=60))
    def sent(kind: str, number: int, payload: bytes) -> None:
        sequences[kind] += 1
        a.send(kind, number, sequences[kind], 0, payload, is_marker=True)

    sent()
    await drained(a)
    await drained(b)
    assert b.packets == {}
    assert b.rtx == {}
    assert not control.found("track.started", seat_id="a")


async def test_rpc_with_any_parameters_answers_with_a_stable_code(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    names = [
        "room_id",
        "seat_id",
        "leg_id",
        "sdp",
        "seats",
        "recording_id",
        "prompt_id",
        "granted",
        "kind",
        "data",
        "lapses",
        "elsewhere_bytes_per_s",
        "video_codec",
    ]
    methods = [
        "room.open", "room.consent", "room.stats", "seat.join", "seat.answer", "seat.restart", "recording.mark", "recording.stop",
        "prompt.play", "prompt.stop", "keyframe.request", "seat.state", "worker.info", "worker.beat", "no.such",
    ]  # fmt: skip
    known = st.sampled_from([ROOM, "a", "b", a.leg_id])
    answers = st.lists(sdp_lines | st.text(max_size=30), max_size=30).map("\r\n".join)
    calls: list[tuple[str, dict[str, Any]]] = [("no.such", {}), ("room.open", {"room_id": "x", "seats": [5]})]

    @quick
    @given(st.sampled_from(methods), st.dictionaries(st.sampled_from(names), values | known | answers, max_size=6))
    def collect(method: str, params: dict[str, Any]) -> None:
        if not (method == "room.open" and params.get("room_id") == ROOM) and params.get("leg_id") != a.leg_id:
            calls.append((method, params))

    collect()
    codes: set[str] = set()
    for method, params in calls:
        try:
            await control.rpc.call(method, params)
        except RpcError as error:
            codes.add(error.code)
    assert "INTERNAL" not in codes
    assert {"METHOD_UNKNOWN", "PARAMS_INVALID"} <= codes
    carried: list[Any] = []

    @quick
    @given(values | st.dictionaries(st.sampled_from(["journal", "beside", "is_beginning"]), values))
    def brought(value: Any) -> None:
        if value is not None:
            carried.append(value)

    brought()
    start = {"room_id": ROOM, "recording_id": "fuzz", "dir": "recordings/fuzz", "is_going_on": True}
    for value in carried:
        with pytest.raises(RpcError, match="PARAMS_INVALID"):
            await control.call("recording.start", **start, carried=value)
    # A bad answer, and one of somebody else's making, to a running leg changes nothing of it.
    for text in ("v=0", "m=audio 9 X 111\r\na=mid:0", "\x00" * 100):
        with contextlib.suppress(RpcError):
            await control.call("seat.answer", leg_id=a.leg_id, sdp=text)
    a.send_audio(0)
    await b.until(lambda: b.mid("mic", "a") in b.packets)


@given(st.text(max_size=200) | st.dictionaries(st.text(max_size=9), values).map(json.dumps))
def test_page_messages_are_read_or_refused(data: str) -> None:
    with contextlib.suppress(ValidationError, ValueError):
        raw = _loads(data)
        wire.ClientCommand.model_validate(raw)


@given(
    st.sampled_from([*PARAMS, *MEDIA_PARAMS]) | st.text(max_size=20), st.dictionaries(st.text(max_size=12), values, max_size=5)
)
@settings(max_examples=300)
def test_command_parameters_are_read_or_refused(command: str, params: dict[str, Any]) -> None:
    with contextlib.suppress(Problem):
        assert isinstance(parameters(command, params), dict)
