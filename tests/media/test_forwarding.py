"""Scripted peers through the real worker: what one sends, the other gets, and only then."""

import asyncio
import contextlib
from collections.abc import Callable

from aiortc.rtp import RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket

from media import rtcp
from tests.media.conftest import ROOM, Control
from tests.media.peer import VP8_DELTA, VP8_KEY, Peer

MakePeer = Callable[[str], Peer]


async def pair(control: Control, make_peer: MakePeer, *, has_consent: bool = True) -> tuple[Peer, Peer]:
    await control.open("a", "b")
    if has_consent:
        await control.consent("a", "b")
    first, second = make_peer("a"), make_peer("b")
    await first.join()
    await second.join()
    await control.event("leg.connected", seat_id="a")
    await control.event("leg.connected", seat_id="b")
    return first, second


async def test_audio_arrives_in_order_with_own_ssrc(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    for number in range(100, 120):
        a.send_audio(number, bytes([0xF8, number]))
    mid = b.mid("mic", "a")
    await b.until(lambda: len(b.packets.get(mid, [])) >= 20)
    got = b.packets[mid]
    assert [packet.payload[1] for packet in got] == list(range(100, 120))
    assert {packet.ssrc for packet in got} == {b.ssrc_of(mid)}
    assert [(packet.sequence_number - got[0].sequence_number) & 0xFFFF for packet in got] == list(range(20))
    assert [(packet.timestamp - got[0].timestamp) & 0xFFFFFFFF for packet in got] == [960 * n for n in range(20)]


async def test_sequence_wrap_is_forwarded(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    for number in range(65530, 65545):
        a.send_audio(number, bytes([0xF8, number & 0xFF]))
    mid = b.mid("mic", "a")
    await b.until(lambda: len(b.packets.get(mid, [])) >= 15)
    numbers = [packet.sequence_number for packet in b.packets[mid]]
    assert [(number - numbers[0]) & 0xFFFF for number in numbers] == list(range(15))


async def test_a_sender_that_begins_anew_far_behind_is_heard_at_once(control: Control, make_peer: MakePeer) -> None:
    """Its numbers jump by more than half a cycle, which SRTP towards the others would take for old ones for the next minutes."""
    a, b = await pair(control, make_peer)
    mid = b.mid("mic", "a")
    a.send_audio(0, b"\xf8a")
    await b.until(lambda: mid in b.packets)
    a.send("mic", 120, 30_000, 0, b"\xf8unknown codec", is_marker=False)  # so that its own SRTP goes along
    for number, payload in ((40_000, b"\xf8b"), (40_001, b"\xf8c")):
        a.send_audio(number, payload)
    await b.until(lambda: len(b.packets[mid]) == 3)
    got = b.packets[mid]
    assert [packet.payload for packet in got] == [b"\xf8a", b"\xf8b", b"\xf8c"]
    assert [(packet.sequence_number - got[0].sequence_number) & 0xFFFF for packet in got] == [0, 1, 2]
    a.send_video("camera", 0, VP8_KEY)
    camera = b.mid("camera", "a")
    await b.until(lambda: camera in b.packets)
    a.send("camera", 120, 30_000, 0, VP8_KEY, is_marker=True)
    a.send_video("camera", 40_000, VP8_DELTA)  # of pictures that nobody has
    a.send_video("camera", 40_001, VP8_KEY)
    await b.until(lambda: len(b.packets[camera]) == 2)
    assert b.packets[camera][1].payload == VP8_KEY


async def test_video_begins_with_a_key_frame_that_is_asked_for(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    for number in range(5):
        a.send_video("camera", number, VP8_DELTA)
    await a.until(lambda: any(isinstance(item, RtcpPsfbPacket) and item.fmt == 1 for item in a.rtcp))
    mid = b.mid("camera", "a")
    assert mid not in b.packets
    a.send_video("camera", 5, VP8_KEY)
    a.send_video("camera", 6, VP8_DELTA)
    await b.until(lambda: len(b.packets.get(mid, [])) >= 2)
    assert [packet.payload for packet in b.packets[mid]] == [VP8_KEY, VP8_DELTA]


async def test_key_frame_request_is_repeated_until_served_and_coalesced(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    a.send_video("camera", 0, VP8_DELTA)

    def count() -> int:
        return sum(isinstance(item, RtcpPsfbPacket) and item.fmt == 1 for item in a.rtcp)

    for _ in range(20):
        b.send_rtcp(rtcp.picture_loss(1, b.ssrc_of(b.mid("camera", "a"))))
    await a.until(lambda: count() >= 3)
    a.send_video("camera", 1, VP8_KEY)
    mid = b.mid("camera", "a")
    await b.until(lambda: mid in b.packets)
    assert count() <= 4


async def test_lost_upstream_packet_is_asked_for_and_repaired_by_rtx(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    a.send_video("camera", 0, VP8_KEY)
    for number in (1, 2, 4, 5):
        a.send_video("camera", number, VP8_DELTA + bytes([number]))

    def asked() -> list[int]:
        return [lost for item in a.rtcp if isinstance(item, RtcpRtpfbPacket) and item.fmt == 1 for lost in item.lost]

    await a.until(lambda: 3 in asked())
    a.send_rtx("camera", 3, VP8_DELTA + bytes([3]))
    mid = b.mid("camera", "a")
    await b.until(lambda: len(b.packets.get(mid, [])) >= 6)
    base = b.packets[mid][0].sequence_number
    ordered = sorted(b.packets[mid], key=lambda packet: (packet.sequence_number - base) & 0xFFFF)
    assert [packet.payload[-1] for packet in ordered[1:]] == [1, 2, 3, 4, 5]
    stats = await control.call("room.stats", room_id=ROOM)
    leg = next(item for item in stats["legs"] if item["seat_id"] == "a")
    assert (leg["lost"], leg["rtx"]) == (0, 1)


async def test_upstream_loss_is_asked_for_at_most_ten_times(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    a.send_audio(1)
    a.send_audio(3)

    def asked() -> int:
        return sum(2 in item.lost for item in a.rtcp if isinstance(item, RtcpRtpfbPacket) and item.fmt == 1)

    await a.until(lambda: asked() == 10)
    before = len(a.rtcp)
    # Two more receiver reports: more than enough time for an eleventh request.
    await a.until(lambda: sum(isinstance(item, RtcpRrPacket) for item in a.rtcp[before:]) >= 2)
    assert asked() == 10
    report = next(item for item in reversed(a.rtcp) if isinstance(item, RtcpRrPacket))
    assert report.reports[0].packets_lost == 1


async def test_downstream_loss_is_answered_from_the_ring(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    a.send_video("camera", 0, VP8_KEY)
    for number in range(1, 10):
        a.send_video("camera", number, VP8_DELTA + bytes([number]))
    mid = b.mid("camera", "a")
    await b.until(lambda: len(b.packets.get(mid, [])) >= 10)
    lost = [b.packets[mid][3], b.packets[mid][7]]
    b.send_rtcp(rtcp.nack(1, b.ssrc_of(mid), [packet.sequence_number for packet in lost]))
    await b.until(lambda: len(b.rtx.get(mid, [])) >= 2)
    for packet, again in zip(lost, b.rtx[mid], strict=True):
        assert int.from_bytes(again.payload[:2], "big") == packet.sequence_number
        assert again.payload[2:] == packet.payload
        assert again.timestamp == packet.timestamp
    assert not any(isinstance(item, RtcpRtpfbPacket) and item.fmt == 1 for item in a.rtcp), "asked upstream for a downstream loss"


async def test_lost_audio_is_sent_again_plain(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    for number in range(5):
        a.send_audio(number, bytes([0xF8, number]))
    mid = b.mid("mic", "a")
    await b.until(lambda: len(b.packets.get(mid, [])) >= 5)
    wanted = b.packets[mid][2].sequence_number
    b.send_rtcp(rtcp.nack(1, b.ssrc_of(mid), [wanted]))
    # The peer's own SRTP replay list refuses the second copy, so the server's counter is the witness.
    for _ in range(100):
        stats = await control.call("room.stats", room_id=ROOM)
        if next(item for item in stats["legs"] if item["seat_id"] == "b")["resent"] == 1:
            break
    else:
        raise AssertionError("not sent again")


async def test_nothing_is_forwarded_before_consent(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer, has_consent=False)
    await control.consent("b")
    for number in range(20):
        a.send_audio(number, level=10)
        a.send_video("camera", number, VP8_KEY)
        b.send_audio(number, level=10)
    await a.until(lambda: len(a.packets.get(a.mid("mic", "b"), [])) >= 20)
    assert b.packets == {}
    assert not control.found("track.started", seat_id="a")
    await control.event("levels")
    assert all("a" not in item["levels"] for item in control.found("levels"))
    await control.consent("a")
    a.send_audio(20, b"\xf8first")
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    assert b.packets[b.mid("mic", "a")][0].payload == b"\xf8first"
    await control.call("room.consent", room_id=ROOM, seat_id="a", granted=False)
    a.send_audio(21)
    b.send_audio(20, b"\xf8after")
    await a.until(lambda: a.packets[a.mid("mic", "b")][-1].payload == b"\xf8after")
    assert len(b.packets[b.mid("mic", "a")]) == 1


async def test_sender_reports_keep_the_sources_clock(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    a.send_audio(0)
    a.send_video("camera", 0, VP8_KEY)
    camera, mic = b.mid("camera", "a"), b.mid("mic", "a")
    await b.until(lambda: camera in b.packets and mic in b.packets)
    ntp = 1000 << 32
    a.send_rtcp(rtcp.sender_report(rtcp.SenderReport(a.ssrcs["mic"], ntp, 960, 1, 1)))
    a.send_rtcp(rtcp.sender_report(rtcp.SenderReport(a.ssrcs["camera"], ntp + (1 << 32), 90_000, 1, 1)))

    def reports() -> dict[int, RtcpSrPacket]:
        return {item.ssrc: item for item in b.rtcp if isinstance(item, RtcpSrPacket)}

    await b.until(lambda: len(reports()) >= 2)
    audio, video = reports()[b.ssrc_of(mic)].sender_info, reports()[b.ssrc_of(camera)].sender_info
    assert video.ntp_timestamp - audio.ntp_timestamp == 1 << 32
    assert (audio.rtp_timestamp - b.packets[mic][0].timestamp) & 0xFFFFFFFF == 960
    assert (video.rtp_timestamp - b.packets[camera][0].timestamp) & 0xFFFFFFFF == 90_000


async def test_transport_feedback_covers_every_packet(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    for number in range(30):
        if number != 17:
            a.send_video("camera", number, VP8_KEY, transport=number + 500)

    def feedback() -> list[RtcpRtpfbPacket]:
        return [item for item in a.rtcp if isinstance(item, RtcpRtpfbPacket) and item.fmt == 15]

    await a.until(lambda: bool(feedback()))
    fci = feedback()[0].lost  # aiortc reads the FCI as NACK pairs: the first word is base sequence and status count
    assert fci[0] == 500


async def test_malformed_packets_do_not_end_the_session(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    for junk in (
        b"\x80",
        b"\x80\x6f" + bytes(30),
        b"\x00\x01\x00\x00" + bytes(40),
        b"\xff" * 100,
        b"\x16\xfe\xfd" + bytes(20),
    ):
        a.send_datagram(junk)
    ssrc = a.ssrcs["mic"].to_bytes(4, "big")
    a.send_raw(b"\xa0\x6f\x00\x01" + bytes(4) + ssrc + b"padding beyond the packet\xff")
    a.send_raw(b"\xb0\x6f\x00\x02" + bytes(4) + ssrc + b"\xbe\xde\x00\x01\x3f\x01\x02\x03\x00")
    a.send_raw(b"\x80\x6f\x00\x03" + bytes(4) + b"\x01\x02\x03\x04" + b"unknown ssrc")
    a.send_rtcp(b"\x81\xcd\x00\xff" + bytes(8))
    a.send_rtcp(b"\x81\xc9\x00\x07" + bytes(8))
    a.send_audio(10)
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    assert control.worker.port.counters["handler_error"] == 0


async def test_a_microphone_without_any_sound_is_told_and_told_again_when_it_is_heard(
    control: Control, make_peer: MakePeer
) -> None:
    a, _ = await pair(control, make_peer)
    level, stop = 127, asyncio.Event()

    async def send() -> None:
        number = 0
        while not stop.is_set():
            a.send_audio(number, level=level)
            number += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.02)  # a microphone's own pace

    task = asyncio.create_task(send())
    try:
        await control.event("sound", seat_id="a", is_silent=True)
        level = 40
        await control.event("sound", seat_id="a", is_silent=False)
    finally:
        stop.set()
        await task
    await control.event_number(2, "sound", seat_id="a", is_silent=True)  # now it sends nothing at all
