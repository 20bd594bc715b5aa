"""What one client does, or what its network does to it, costs the others nothing: not their packets, not the loop, no memory."""

import asyncio
import resource
import socket
from collections.abc import Callable
from typing import Any

import pytest
from aiortc import RTCCertificate
from aiortc.rtp import RtcpRtpfbPacket
from prometheus_client.parser import text_string_to_metric_families

from media import sdp
from media.metrics import render_metrics
from media.native.engine import NativePort, load
from media.ports import Codec, MediaKind
from media.rpc import RpcError
from media.sfu.outgoing import Outgoing
from media.sfu.ring import Packet
from media.sfu.source import Source
from media.sfu.tapping import SourceTap, TapSender
from media.transport import ice
from media.transport.connection import Connection
from media.transport.port import UdpPort
from tests.conftest import lacking
from tests.media.conftest import ROOM, Control
from tests.media.peer import H264, VP8, VP8_DELTA, VP8_KEY, Peer
from tests.media.test_engines import Handler
from tests.media.test_forwarding import pair
from tests.media.test_fuzz import drained

MakePeer = Callable[[str], Peer]


async def three(control: Control, make_peer: MakePeer) -> tuple[Peer, Peer, Peer]:
    await control.open("a", "b", "c")
    await control.consent("a", "b", "c")
    a, b, c = (make_peer(seat) for seat in ("a", "b", "c"))
    return a, b, c


# Addresses


def move_to(peer: Peer, port: int) -> None:
    """Go on from this source port."""
    loop = asyncio.get_running_loop()
    peer.move()
    loop.remove_reader(peer._socket)
    peer._socket.close()
    peer._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer._socket.setblocking(False)
    peer._socket.bind(("127.0.0.1", port))
    loop.add_reader(peer._socket, peer._readable)


async def test_an_address_that_a_nat_gives_to_another_client_is_that_ones(control: Control, make_peer: MakePeer) -> None:
    """Also when that client has come from more addresses than the compiled loop keeps of one."""
    a, b = await pair(control, make_peer)
    for _ in range(70):
        b.move()
        await drained(b)
    former = a._socket.getsockname()[1]
    a.move()
    await drained(a)
    move_to(b, former)
    await drained(b)
    b.send_audio(0)
    await a.until(lambda: a.mid("mic", "b") in a.packets)
    assert all(not leg["refused"] for leg in (await control.call("room.stats", room_id=ROOM))["legs"])


def test_a_link_local_address_is_answered() -> None:
    request = ice.StunMessage(bytes(12), True, False, "u", False, b"", b"")
    assert ice.success(request, ("fe80::1%eth0", 5000), "secret") == ice.success(request, ("fe80::1", 5000), "secret")


async def test_a_way_that_takes_no_cut_messages_is_that_clients_alone(control: Control, make_peer: MakePeer) -> None:
    a, b, c = await three(control, make_peer)
    for peer in (a, b, c):
        await peer.join()
    port = control.worker.port
    leg = control.worker.api.rooms[ROOM].seats["b"].leg
    assert leg is not None
    connection, mid_b, mid_c = leg.connection, b.mid("mic", "a"), c.mid("mic", "a")
    right = connection.address
    assert right is not None
    a.send_audio(0)
    await b.until(lambda: mid_b in b.packets)
    # The kernel refuses it as it does packets that are larger than the way takes.
    connection.address = (right[0], 0)
    port.set_target(connection)
    for number in range(1, 20):
        a.send_audio(number)
    await c.until(lambda: len(c.packets.get(mid_c, [])) == 20)
    connection.address = right
    port.set_target(connection)
    before = port.engine.counter(5) if isinstance(port, NativePort) else 0
    for number in range(20, 60):
        a.send_audio(number)
    await c.until(lambda: len(c.packets[mid_c]) == 60)
    await b.until(lambda: len(b.packets[mid_b]) == 41)
    if isinstance(port, NativePort):
        assert port.engine.counter(5) - before < 60, "of eighty packets those to b left one by one"
    else:
        assert port._has_segments
        assert port._alone == {(right[0], 0)}


async def test_without_a_free_descriptor_the_socket_goes_on_being_read() -> None:
    port = UdpPort("127.0.0.1", 0)
    port.start()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        port._window = (0.0, 1 << 40)  # so busy that it wants a timer
        with socket.socket() as lowest:
            free = lowest.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            with pytest.raises(OSError, match="no timer"):
                port._on_readable()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        client.sendto(b"\xff", ("127.0.0.1", port.number))
        async with asyncio.timeout(30):
            while not port.counters["unknown"]:
                await asyncio.sleep(0.01)
    port.close()


# Answers


@pytest.mark.parametrize(
    "line",
    ["a=ssrc:² x", f"a=ssrc:{'9' * 5_000} x", "a=ssrc-group:FID ² ³", "a=extmap:² x", f"a=extmap:{'9' * 5_000} x"],
)
def test_numbers_that_are_none_are_passed_over(line: str) -> None:
    text = f"m=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 AA\r\n{line}\r\n"
    section = sdp.parse_answer(text).sections["0"]
    assert section.ssrc is None
    assert not section.extensions


@pytest.mark.parametrize("name", ["ice-ufrag", "ice-pwd"])
def test_credentials_that_fit_no_check_are_refused(name: str) -> None:
    text = "m=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 AA\r\n"
    sdp.parse_answer(text.replace(f"{name}:", f"{name}:{'x' * 255}"))
    with pytest.raises(sdp.SdpError):
        sdp.parse_answer(text.replace(f"{name}:", f"{name}:{'x' * 256}"))


async def test_payload_types_that_no_packet_has_room_for_stop_nobody_elses_sound(control: Control, make_peer: MakePeer) -> None:
    a, b, c = await three(control, make_peer)
    usual = b._answer
    b._answer = lambda offer: usual(offer).replace("a=rtpmap:111 ", "a=rtpmap:999 ")  # type: ignore[method-assign]
    for peer in (a, b, c):
        await peer.join()
    for number in range(3):
        a.send_audio(number)
    await c.until(lambda: len(c.packets.get(c.mid("mic", "a"), [])) == 3)
    await drained(b)
    assert not b.packets
    assert not control.worker.port.counters["handler_error"]


# The loop


async def test_a_room_whose_tick_fails_keeps_no_other_from_its_own(
    control: Control, make_peer: MakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(now: int) -> None:
        raise RuntimeError("broken")

    await control.call("room.open", room_id="first", seats=[{"seat_id": "x"}])
    monkeypatch.setattr(control.worker.api.rooms["first"], "tick_losses", fails)
    a, _ = await pair(control, make_peer)
    a.send_audio(1)
    a.send_audio(3)
    await a.until(lambda: any(2 in item.lost for item in a.rtcp if isinstance(item, RtcpRtpfbPacket) and item.fmt == 1))


async def test_metrics_written_straight_are_what_prometheus_reads(control: Control, make_peer: MakePeer) -> None:
    """Its own client takes longer than a tick of the loop for thirty rooms."""
    odd = 'a "room"\\n\nof \\ signs'
    await control.call("room.open", room_id=odd, seats=[{"seat_id": "x"}])
    a, b = await pair(control, make_peer)
    a.send_audio(0)
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    worker = control.worker
    families = list(text_string_to_metric_families(render_metrics(worker.api, worker.port, worker.taps, worker.lag).decode()))
    assert {family.type for family in families} == {"gauge"}
    assert len({family.name for family in families}) == len(families)
    found = {(item.name, *sorted(item.labels.values())): item.value for family in families for item in family.samples}
    assert found["dr_media_rooms",] == 2
    assert found["dr_media_room_legs", *sorted((odd, "false"))] == 0
    for leg in worker.api.rooms[ROOM].stats():
        for name in ("packets", "bytes_sent", "lost", "refused"):
            assert found[f"dr_media_leg_{name}", *sorted((ROOM, leg["seat_id"], leg["leg_id"]))] == leg[name]
    assert found["dr_media_room_packets", ROOM] == 1


@pytest.mark.parametrize("is_native", [False, True])
def test_who_asks_for_everything_again_and_again_gets_a_share(certificate: RTCCertificate, is_native: bool) -> None:
    engine = load() if is_native else None
    if is_native and engine is None:
        lacking("the compiled inner loop", "run `make native`")
    port = UdpPort("127.0.0.1", 0) if engine is None else NativePort("127.0.0.1", 0, engine)
    connection = Connection(port, certificate, Handler())
    source = Source(MediaKind.CAMERA, Codec.VP8, 5, 0, engine)
    stream = Outgoing(connection, 9, 10, "cname", engine)
    stream.types = {Codec.VP8: (96, 97)}
    source.state.is_open = True
    stream.attach(source, 0)
    for number in range(1_000):
        source.receive(number, number * 3000, True, VP8_DELTA if number else VP8_KEY, 1 + number, False)
    newest = stream.state.last_sequence
    lists = [tuple((newest - at) & 0xFFFF for at in range(start, start + 500)) for start in (0, 500)]
    now = 10_000_000_000
    for turn in range(100):
        stream.answer_nack(lists[turn % 2], now + turn * 1_000_000)
    assert stream.resent == 512
    stream.answer_nack(lists[0], now + 300_000_000)
    assert stream.resent == 1_012, "a moment later all of it is there for who really misses it"
    stream.close()
    source.close()
    connection.state = port.forget(connection)
    port.close()


def test_a_key_frame_that_lacks_a_packet_is_looked_through_once() -> None:
    source = Source(MediaKind.CAMERA, Codec.VP8, 5, 0)
    looks: list[int] = []

    class Counted:
        def get(self, sequence: int) -> Packet | None:
            looks.append(sequence)
            return None if sequence == 510 else Packet(sequence, 9, False, VP8_KEY, 1)

    source.ring = Counted()  # type: ignore[assignment]
    sender = TapSender(None, None)
    tap = SourceTap(sender, "room", "seat", lambda: (0, False))
    tap(source, Packet(0, 9, False, VP8_KEY, 1), True)
    for sequence in range(511, 590):
        tap(source, Packet(sequence, 9, True, VP8_KEY, 1), True)
    assert len(looks) < 700
    sender.close()


# Streams


async def test_a_late_packet_of_the_former_codec_begins_nothing(control: Control, make_peer: MakePeer) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    a, b = make_peer("a"), make_peer("b")
    a.takes_h264 = b.takes_h264 = True
    await a.join()
    await b.join()
    mid = b.mid("camera", "a")

    def send(number: int, sequence: int, payload: bytes) -> None:
        a.send("camera", number, sequence, sequence * 3000, payload, is_marker=True)

    send(H264, 1, b"\x67\x42\xe0\x1f")
    await b.until(lambda: len(b.packets.get(mid, [])) == 1)
    send(VP8, 3, VP8_KEY)
    await b.until(lambda: len(b.packets[mid]) == 2)
    send(H264, 2, b"\x41\x9a")  # overtaken on its way
    await drained(a)
    send(VP8, 4, VP8_DELTA)
    await b.until(lambda: len(b.packets[mid]) == 3)
    assert b.packets[mid][2].payload == VP8_DELTA
    assert len(control.found("track.started", seat_id="a", kind="camera")) == 2


# Ends


def plain(peer: Peer, kind: str, number: int, sequence: int, payload: bytes) -> tuple[memoryview, int]:
    """A decrypted packet as a leg gets it."""
    packet = peer._head(number, sequence, 0, peer.ssrcs[kind], True, b"") + payload
    return memoryview(bytearray(packet) + bytearray(2048 - len(packet))), len(packet)


async def test_a_handshake_that_ends_as_its_leg_is_closed_takes_no_seat(control: Control, make_peer: MakePeer) -> None:
    await pair(control, make_peer)
    room = control.worker.api.rooms[ROOM]
    there = room.seats["a"].leg
    late = room.join("a")
    room.join("a")
    late.on_connected()
    assert room.seats["a"].leg is there
    assert there is not None
    assert not there.is_closed


async def test_a_closed_leg_begins_no_stream(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    room = control.worker.api.rooms[ROOM]
    leg = room.seats["a"].leg
    assert leg is not None
    room.leave("a", "left")
    leg.on_rtp(*plain(a, "camera", VP8, 1, VP8_KEY), 1)
    await asyncio.wait(set(room._closing))
    leg.on_rtp(*plain(a, "mic", 111, 1, b"\xf8"), 1)
    assert not leg.sources


async def test_nobody_joins_a_room_that_ends(control: Control, make_peer: MakePeer) -> None:
    await pair(control, make_peer)
    room, port = control.worker.api.rooms[ROOM], control.worker.port
    ending = asyncio.create_task(room.aclose())
    await asyncio.sleep(0)
    with pytest.raises(RpcError, match="ROOM_UNKNOWN"):
        room.join("b")
    with pytest.raises(RpcError, match="ROOM_UNKNOWN"):
        await room.start_recording(control.data_dir / "recordings" / "late", "late")
    with pytest.raises(RpcError, match="ROOM_CLOSING"):
        await control.open("a", "b")
    await ending
    await control.call("room.close", room_id=ROOM)
    assert not port._by_ufrag
    await control.open("a", "b")


async def test_seats_that_are_none_open_no_room(control: Control) -> None:
    bad: list[Any] = [[5], [{"seat_id": "a"}, {}], ["a"], [None]]
    for seats in bad:
        with pytest.raises(RpcError, match="PARAMS_INVALID"):
            await control.call("room.open", room_id="new", seats=seats)
    assert not control.worker.api.rooms
