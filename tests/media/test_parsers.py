"""Laws of the byte parsers: whatever arrives, they answer and never raise; what we write, another implementation reads."""

import contextlib
import struct

import pytest
from aioice import stun
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket, RtpPacket
from hypothesis import example, given, settings
from hypothesis import strategies as st

from media import rtcp, rtp, sdp, taps
from media.ports import Codec
from media.sfu.codec import assemble, starts_key_frame, vp8_header_size
from media.sfu.losses import MAX_TRIES, LossList
from media.sfu.ogg import OggError, _packets, samples
from media.sfu.twcc import ArrivalLog
from media.transport import ice
from media.transport.ice import Credentials
from tests.media.feedback import read_feedback

junk = st.binary(max_size=300)
rtp_like = st.builds(lambda first, rest: bytes([0x80 | first]) + rest, st.integers(0, 63), st.binary(max_size=200))
rtcp_like = st.lists(
    st.builds(
        lambda count, kind, body, lie: struct.pack("!BBH", 0x80 | count, kind, max(0, len(body) // 4 + lie)) + body,
        st.integers(0, 31),
        st.integers(198, 208),
        st.binary(max_size=80),
        st.integers(-1, 2),
    ),
    max_size=4,
).map(b"".join)


@given(junk | rtp_like)
def test_rtp_layout_stays_inside_the_packet(data: bytes) -> None:
    view = memoryview(data)
    layout = rtp.layout(view, len(data))
    if layout is None:
        return
    assert 12 <= layout.payload_start <= layout.payload_end <= len(data)
    for value in rtp.extensions(view, layout.extension_start, layout.extension_end).values():
        assert 1 <= len(value) <= 16


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=60), st.integers(0, 127), st.booleans())
def test_rtp_layout_agrees_with_aiortc(sequence: int, timestamp: int, payload: bytes, number: int, is_marker: bool) -> None:
    packet = RtpPacket(payload_type=number, marker=int(is_marker), sequence_number=sequence, timestamp=timestamp, ssrc=7)
    packet.payload = payload
    data = packet.serialize()
    layout = rtp.layout(memoryview(data), len(data))
    assert layout is not None
    assert data[layout.payload_start : layout.payload_end] == payload


@given(junk | rtcp_like)
def test_rtcp_parser_never_raises(data: bytes) -> None:
    rtcp.parse(data)


@given(junk | st.binary(min_size=16).map(lambda rest: b"\x00\x01\x00" + rest[:1] + b"\x21\x12\xa4\x42" + rest[1:]))
def test_stun_parser_never_raises(data: bytes) -> None:
    ice.parse(data)


@given(
    st.sampled_from(list(stun.Class)),
    st.text(max_size=20),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=2),
    st.integers(0, 3),
)
def test_stun_reader_agrees_with_aioice(
    kind: stun.Class, user: str, is_nominated: bool, is_signed: bool, damage: list[tuple[int, int]], cut: int
) -> None:
    message = stun.Message(stun.Method.BINDING, kind, attributes={"USERNAME": user, "SOFTWARE": "x" * len(user)})
    if is_nominated:
        message.attributes["USE-CANDIDATE"] = None
    if is_signed:
        message.add_message_integrity(b"secret")
    data = bytearray(bytes(message))
    for at, value in damage:
        data[at % len(data)] = value
    found = ice.parse(bytes(data[: len(data) - cut]))
    try:
        expected = stun.parse_message(bytes(data[: len(data) - cut]))
    except Exception:
        # What we do not read may be wrong in a message that nobody signed.
        assert found is None or not ice.is_authentic(found, "secret")
        return
    # aioice looks neither at the two bits that are none in STUN nor at the cookie.
    if expected.message_method != stun.Method.BINDING or data[0] & 0xC0 or bytes(data[4:8]) != b"\x21\x12\xa4\x42":
        assert found is None
        return
    if "FINGERPRINT" in expected.attributes and data[-8:-4] != b"\x80\x28\x00\x04":
        assert found is None, "one that says that it is longer than the message; aioice reads what there is of it"
        return
    assert found is not None
    assert found.transaction_id == expected.transaction_id
    assert (found.is_request, found.is_response) == tuple(
        expected.message_class == item for item in (stun.Class.REQUEST, stun.Class.RESPONSE)
    )
    assert found.local_ufrag == expected.attributes.get("USERNAME", "").partition(":")[0]
    assert found.is_nominated == ("USE-CANDIDATE" in expected.attributes)
    for password in ("secret", "other"):
        assert ice.is_authentic(found, password) == expected.check_message_integrity(password.encode())


@given(st.ip_addresses(), st.integers(0, 0xFFFF), st.binary(min_size=12, max_size=12))
def test_stun_answer_is_aioices(address: object, port: int, transaction: bytes) -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction_id=transaction)
    answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=transaction)
    own = getattr(address, "ipv4_mapped", None) or address  # a socket of both families shows IPv4 clients like that
    answer.attributes["XOR-MAPPED-ADDRESS"] = (str(own), port)
    answer.add_message_integrity(b"secret")
    found = ice.parse(bytes(request))
    assert found is not None
    assert ice.success(found, (str(address), port), "secret") == bytes(answer)


sdp_lines = st.sampled_from(
    ["v=0", "m=audio 9 X 111", "a=mid:0", "a=ssrc:9", "a=ice-ufrag:x", "a=fingerprint:x", "a=rtpmap:1 x/9"]
)


@given(st.text(max_size=400) | st.lists(sdp_lines).map("\n".join))
def test_sdp_parser_answers_or_refuses(text: str) -> None:
    with contextlib.suppress(sdp.SdpError):
        sdp.parse_answer(text)


@given(junk)
def test_tap_and_codec_parsers_are_total(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        taps.unpack_all(data)
    for codec in Codec:
        starts_key_frame(codec, data)
    assert vp8_header_size(data) <= len(data)
    assemble(Codec.VP8, [data])
    assemble(Codec.H264, [data])
    with contextlib.suppress(OggError):
        _packets(data)
    if data:
        assert samples(data) >= 0


@given(st.sets(st.integers(0, 0xFFFF), min_size=1, max_size=60), st.integers(0, 0xFFFF))
@example({0, 1}, 0xFFFF)
def test_nack_round_trip(offsets: set[int], start: int) -> None:
    wanted = [(start + offset) & 0xFFFF for offset in sorted(offset % 3000 for offset in offsets)]
    message = rtcp.parse(rtcp.nack(1, 2, wanted))[0]
    assert isinstance(message, rtcp.Nack)
    assert set(message.sequences) == set(wanted)
    other = RtcpPacket.parse(rtcp.nack(1, 2, wanted))[0]
    assert isinstance(other, RtcpRtpfbPacket)
    assert {number & 0xFFFF for number in other.lost} == set(wanted)  # aiortc counts on behind the last number


def test_reports_are_read_by_another_implementation() -> None:
    block = rtcp.ReportBlock(5, 128, -3, 70_000, 9, 11, 13)
    data = rtcp.receiver_report(1, [block]) + rtcp.source_description(1, "cname") + rtcp.picture_loss(1, 5)
    report, _, loss = RtcpPacket.parse(data)
    assert isinstance(report, RtcpRrPacket)
    assert (report.reports[0].ssrc, report.reports[0].fraction_lost, report.reports[0].packets_lost) == (5, 128, -3)
    assert isinstance(loss, RtcpPsfbPacket)
    assert rtcp.parse(data) == [block, rtcp.KeyFrameRequest(5)]
    sender = rtcp.SenderReport(1, 2 << 40, 3, 4, 5)
    other = RtcpPacket.parse(rtcp.sender_report(sender))[0]
    assert isinstance(other, RtcpSrPacket)
    assert other.sender_info.ntp_timestamp == 2 << 40
    assert rtcp.parse(rtcp.sender_report(sender)) == [sender]


@given(st.integers(0, 0xFFFF), st.lists(st.tuples(st.booleans(), st.integers(0, 90_000_000)), min_size=1, max_size=120))
@settings(max_examples=200)
def test_transport_feedback_tells_arrivals_and_losses(first: int, steps: list[tuple[bool, int]]) -> None:
    log = ArrivalLog()
    now, sent = 5_000_000_000, dict[int, int]()
    for index, (is_received, delay) in enumerate(steps):
        now += delay
        if is_received:
            sent[(first + index) & 0xFFFF] = now
            log.add((first + index) & 0xFFFF, now)
    packet = log.build(1, 2)
    if not sent:
        assert packet is None
        return
    assert packet is not None
    told = read_feedback(packet)
    for sequence, arrival in told.items():
        assert (arrival is not None) == (sequence in sent)
        if arrival is not None:
            assert abs(arrival * 250_000 - sent[sequence]) <= 250_000
    assert set(sent) <= set(told)


def test_transport_feedback_reports_losses_between_two_reports() -> None:
    log = ArrivalLog()
    log.add(65_534, 1_000_000)
    first = log.build(1, 2)
    log.add(1, 2_000_000)
    second = log.build(1, 2)
    assert first is not None
    assert second is not None
    assert read_feedback(second) == {65_535: None, 0: None, 1: read_feedback(second)[1]}


def test_losses_are_spaced_by_the_round_trip_and_bounded() -> None:
    losses = LossList()
    assert losses.add(10, 13, 0)
    assert losses.due(0, None) == []
    assert losses.due(20_000_000, 100) == [10, 11, 12]
    assert losses.due(100_000_000, 100) == []
    losses.found(11)
    assert losses.due(160_000_000, 100) == [10, 12]
    for step in range(20):
        losses.due(200_000_000 + step * 150_000_000, 100)
    assert len(losses) == 0
    assert losses.requested <= 3 * MAX_TRIES
    assert not losses.add(0, 5000, 0)
    assert len(losses) == 0


def offer_text() -> str:
    streams = {
        item.mid: sdp.SendStream(1000 + int(item.mid) * 2, 1001 + int(item.mid) * 2 if item.is_video else None)
        for item in sdp.SECTIONS
        if not item.is_client_sending
    }
    return sdp.offer(
        sdp.OfferParameters(1, 1, Credentials("user", "password"), [("sha-256", "AA:BB")], [("192.0.2.1", 5000)], streams, "leg")
    )


def test_offer_has_the_sixteen_fixed_sections() -> None:
    text = offer_text()
    assert [line[6:] for line in text.splitlines() if line.startswith("a=mid:")] == [str(number) for number in range(16)]
    sections = text.split("m=")[1:]
    assert [section[:5] for section in sections] == ["audio", "video", "video", "audio"] + ["audio", "video", "video"] * 4
    assert sum("a=recvonly" in section for section in sections) == 3
    assert "a=ice-lite" in text
    assert text == offer_text(), "the same parameters give the same text"
    groups = {section.split("a=msid:")[1].split()[0] for section in sections[4:6]}
    assert groups == {"seat0"}, "mic and camera of a seat share a stream"
    assert "a=msid:seat0-screen" in sections[6]


@pytest.mark.parametrize("kind", ["passive", "active"])
def test_answer_is_read(kind: str) -> None:
    text = (
        "v=0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n"
        f"a=fingerprint:sha-256 AA\r\na=setup:{kind}\r\na=mid:0\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\na=ssrc:5 x\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\n"
        "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=ssrc-group:FID 6 7\r\na=ssrc:7 cname:x\r\na=ssrc:6 cname:x\r\n"
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=inactive\r\n"
    )
    answer = sdp.parse_answer(text)
    assert answer.credentials == Credentials("u", "p")
    assert answer.is_active is (kind == "active")
    assert answer.sections["0"].codecs == {111: Codec.OPUS}
    video = answer.sections["1"]
    assert (video.ssrc, video.rtx_ssrc, video.rtx, video.has_nack) == (6, 7, {97: 96}, True)
    assert answer.sections["2"].is_rejected


_ELEMENT = st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)).map(
    lambda item: bytes([item[0] << 4 | len(item[1]) - 1]) + item[1]
)
_BLOCK = st.one_of(st.lists(st.one_of(_ELEMENT, st.just(b"\0")), max_size=6).map(b"".join), st.binary(max_size=40))


@given(st.lists(_BLOCK, min_size=1, max_size=6), st.lists(st.integers(0, 5), min_size=1, max_size=20), st.binary(min_size=48))
def test_marks_are_those_of_the_block_whatever_came_before(blocks: list[bytes], order: list[int], noise: bytes) -> None:
    """The reader remembers the shape of the last block; other bytes under the same heads and other shapes must not mislead it."""
    reader = rtp.MarkReader()
    for number in order:
        block = blocks[number % len(blocks)]
        for varied in (block, bytes(old ^ noise[at % 48] & 0x0F if at else old for at, old in enumerate(block))):
            found = rtp.extensions(memoryview(varied), 0, len(varied))
            transport, level = found.get(rtp.EXT_TRANSPORT_CC, b""), found.get(rtp.EXT_AUDIO_LEVEL, b"")
            expected = (
                transport[0] << 8 | transport[1] if len(transport) > 1 else -1,
                level[0] & 0x7F if level else -1,
            )
            assert reader.read(memoryview(varied), 0, len(varied)) == expected
