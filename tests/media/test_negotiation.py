"""Which stream is which, and in which codec: by SSRC groups or by MIDs alone; H264 first as long as every member takes it."""

from collections.abc import Callable

from aiortc.rtp import RtcpRtpfbPacket

from media.transport.port import now_ns
from tests.media.conftest import ROOM, Control
from tests.media.peer import H264, OPUS, VP8, VP8_DELTA, VP8_KEY, Peer
from tests.media.test_forwarding import pair
from tests.media.test_released import arrived

MakePeer = Callable[[str], Peer]


def mid_extension(mid: str) -> bytes:
    return b"\x10" + mid.encode()


async def test_streams_are_told_apart_by_their_mid_alone(control: Control, make_peer: MakePeer) -> None:
    """An answer without SSRCs, as newer browsers may write it: camera, screen and repairs are known by the MID of a packet."""
    await control.open("a", "b")
    await control.consent("a", "b")
    a, b = make_peer("a"), make_peer("b")
    a.announces_ssrcs = False
    for peer in (a, b):
        await peer.join()
    a.send("camera", VP8, 0, 0, VP8_KEY, is_marker=True)  # nothing says what it is
    for kind, mid, number, payload in (
        ("mic", "0", OPUS, b"\xf8m"),
        ("camera", "1", VP8, VP8_KEY),
        ("screen", "2", VP8, VP8_KEY),
    ):
        a.send(kind, number, 1, 0, payload, is_marker=True, extension=mid_extension(mid))
    for kind in ("mic", "camera", "screen"):
        await arrived(b, b.mid(kind, "a"), 1)
    # Once known, a packet needs no MID.
    a.send("camera", VP8, 2, 0, VP8_DELTA + b"2", is_marker=True)
    a.send("camera", VP8, 4, 0, VP8_DELTA + b"4", is_marker=True)
    await a.until(lambda: any(3 in item.lost for item in a.rtcp if isinstance(item, RtcpRtpfbPacket) and item.fmt == 1))
    a.send_rtx("camera", 3, VP8_DELTA + b"3", extension=mid_extension("1"))
    camera = b.mid("camera", "a")
    await b.until(lambda: len(b.packets[camera]) == 4)
    assert {packet.payload[-1:] for packet in b.packets[camera][1:]} == {b"2", b"3", b"4"}
    assert len(b.packets[b.mid("screen", "a")]) == 1
    legs = {leg["seat_id"]: leg for leg in (await control.call("room.stats", room_id=ROOM))["legs"]}
    assert legs["a"]["malformed"] == 1
    assert legs["a"]["rtx"] == 1


async def test_a_mid_of_nobodys_section_is_no_stream(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    for ssrc, mid in enumerate(("3", "4", "99", "x"), 7_000):  # sections on which the client receives, and none at all
        a.ssrcs["mic"] = ssrc
        a.send("mic", OPUS, 1, 0, b"\xf8m", is_marker=False, extension=b"\x10" + mid[:1].encode())
    a.ssrcs["mic"] = 7_100
    a.send("mic", OPUS, 1, 0, b"\xf8own", is_marker=False, extension=mid_extension("0"))
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    assert [packet.payload for packets in b.packets.values() for packet in packets] == [b"\xf8own"]


async def test_h264_comes_first_until_a_member_lacks_it(control: Control, make_peer: MakePeer) -> None:
    await control.open("a", "b", "c")
    await control.consent("a", "b", "c")
    a, b, c = (make_peer(seat) for seat in ("a", "b", "c"))
    a.takes_h264 = b.takes_h264 = True
    for peer in (a, b):
        await peer.join()
    room = control.worker.api.rooms[ROOM]
    assert first_codecs(room.join("c").offer()) == {H264}
    a.send("camera", H264, 1, 0, b"\x67\x42\xe0\x1f", is_marker=True)
    await b.until(lambda: b.mid("camera", "a") in b.packets)
    assert {packet.payload_type for packet in b.packets[b.mid("camera", "a")]} == {H264}
    assert not control.found("leg.renegotiate")

    await c.join()
    asked = {(await control.event("leg.renegotiate", seat_id=peer.seat_id))["leg_id"] for peer in (a, b)}
    assert asked == {a.leg_id, b.leg_id}
    assert first_codecs((await control.call("seat.restart", leg_id=a.leg_id))["sdp"]) == {VP8}
    a.send("camera", H264, 2, 0, b"\x67\x42\xe0\x1f", is_marker=True)  # it has not changed yet: whoever takes it gets it
    await b.until(lambda: len(b.packets[b.mid("camera", "a")]) == 2)
    a.send("camera", VP8, 3, 0, VP8_KEY, is_marker=True)
    await c.until(lambda: c.mid("camera", "a") in c.packets)
    assert {packet.payload_type for packet in c.packets[c.mid("camera", "a")]} == {VP8}
    await b.until(lambda: len(b.packets[b.mid("camera", "a")]) == 3)
    assert not control.found("leg.closed", seat_id="a")


async def test_who_was_offered_h264_before_a_member_without_it_came_is_asked_to_negotiate_again(
    control: Control, make_peer: MakePeer
) -> None:
    """Two join at once: the offer of one is on its way when the other answers without H264."""
    await control.open("a", "b")
    a, b = make_peer("a"), make_peer("b")
    a.takes_h264 = True
    offered = await control.call("seat.join", room_id=ROOM, seat_id="a")
    assert first_codecs(offered["sdp"]) == {H264}
    await b.join()
    await a.join(offered)
    assert (await control.event("leg.renegotiate"))["leg_id"] == a.leg_id
    room = control.worker.api.rooms[ROOM]
    room.tick_quality(now_ns())
    await control.event_number(2, "leg.renegotiate", seat_id="a")  # again until it does
    await a.restart()
    asked = len(control.found("leg.renegotiate"))
    await b.restart()
    room.tick_quality(now_ns())
    await control.call("worker.info")
    assert len(control.found("leg.renegotiate")) == asked
    assert not control.found("leg.renegotiate", seat_id="b")


def first_codecs(sdp: str) -> set[int]:
    """The payload type that comes first in each section of pictures; H264 is offered as constrained baseline, mode 1."""
    assert f"a=fmtp:{H264} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f" in sdp
    return {int(line.split()[3]) for line in sdp.splitlines() if line.startswith("m=video")}
