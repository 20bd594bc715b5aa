"""Laws of the recorder's parts: assemblers never raise, the clock slews slowly, order comes back, files cut anywhere are read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.recorder import ebml, h264
from media.recorder.clock import SLEW, SeatClock, TrackClock
from media.recorder.depacketise import Assembler, Frame, H264Assembler, Packet, Vp8Assembler, opus_duration_ms
from media.recorder.recording import subtract
from media.recorder.reorder import Hole, Reorder
from tests.media import synth

packets = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.binary(max_size=40), st.booleans()),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(packets, st.sampled_from([Vp8Assembler, H264Assembler]))
def test_assemblers_take_anything(given: list[tuple[int, bool, bytes, bool]], kind: type[Assembler]) -> None:
    assembler = kind()
    for sequence, (step, is_marker, payload, is_hole) in enumerate(given):
        if is_hole:
            assembler.hole()
        for frame in assembler.push(Packet(sequence, step * 3000, is_marker, payload, 0)):
            assert frame.data
            assert frame.is_key == (frame.video is not None)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_parameter_sets_and_toc_take_anything(data: bytes) -> None:
    size = h264.picture_size(data)
    assert size is None or (size[0] > 0 and size[1] > 0)
    assert 0 <= opus_duration_ms(data) <= 120


span_lists = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=5)


def assemble(assembler: Assembler, given: list[Packet], lost: set[int]) -> list[Frame]:
    frames: list[Frame] = []
    was_lost = False
    for packet in given:
        if packet.sequence in lost:
            was_lost = True
            continue
        if was_lost:
            assembler.hole()
            was_lost = False
        frames += assembler.push(packet)
    return frames


VIDEO = {codec: synth.encode_video(codec, synth.flash_picture(320, 240, (3, 90, 9)), 2_000) for codec in ("vp8", "h264")}
ASSEMBLERS: dict[str, type[Assembler]] = {"vp8": Vp8Assembler, "h264": H264Assembler}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["vp8", "h264"]), st.sets(st.integers(1000, 1060), max_size=8))
def test_a_frame_is_whole_or_reported(codec: str, lost: set[int]) -> None:
    given_packets = [packet for _, packet in synth.rtp_packets(VIDEO[codec], codec)]
    assembler = ASSEMBLERS[codec]()
    frames = assemble(assembler, given_packets, lost)
    whole = {frame.timestamp: frame.data for frame in assemble(ASSEMBLERS[codec](), given_packets, set())}
    for frame in frames:
        assert frame.data == whole[frame.timestamp]
    spoiled = {packet.timestamp for packet in given_packets if packet.sequence in lost}
    assert not spoiled & {frame.timestamp for frame in frames}
    if spoiled and max(lost) < given_packets[-1].sequence - 2 and len(frames) < len(whole):
        assert assembler.is_broken


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(30)), st.sets(st.integers(1, 29), max_size=5))
def test_order_comes_back_and_holes_are_counted(order: list[int], lost: set[int]) -> None:
    buffer = Reorder(10**9)
    order = [0, *[number for number in order if number]]
    out: list[Packet | Hole] = []
    for at, number in enumerate(order):
        if number not in lost:
            out += buffer.push(Packet(number, 0, False, b"x", at))
    out += buffer.flush()
    seen = [item.sequence for item in out if isinstance(item, Packet)]
    assert seen == sorted(seen) == [number for number in range(30) if number not in lost]
    last = max(seen)
    assert sum(item.count for item in out if isinstance(item, Hole)) == len([number for number in lost if number < last])


def test_a_missing_packet_is_waited_for_and_no_longer() -> None:
    buffer = Reorder(1_000)
    buffer.push(Packet(1, 0, False, b"x", 0))
    assert buffer.push(Packet(3, 0, False, b"x", 10)) == []
    assert buffer.expire(1_009) == []
    assert [type(item) for item in buffer.expire(1_010)] == [Hole, Packet]
    assert buffer.push(Packet(2, 0, False, b"x", 1_020)) == []
    assert buffer.late == 1


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-400, 400),
    st.floats(-0.02, 0.02),
    st.lists(st.floats(0, 80), min_size=20, max_size=20),
    st.integers(0, 2**32 - 1),
)
def test_after_two_seconds_time_is_never_stepped(offset: float, drift: float, jitter: list[float], start: int) -> None:
    seat = SeatClock()
    clock = TrackClock(48_000, seat)
    previous: tuple[float, float] | None = None
    anchors = 0
    for index in range(900):
        t_ms = index * 20.0
        timestamp = (start + round(t_ms * 48 * (1 + drift))) & 0xFFFFFFFF
        arrival = t_ms + jitter[index % 20]
        clock.observe(timestamp, arrival)
        if index % 50 == 49:
            seat.observe(t_ms + offset, arrival)
            clock.report(t_ms + offset, timestamp, arrival)
        now = clock.ms(timestamp)
        if previous is not None and arrival > 2_200 and clock.anchors == anchors:
            nominal = 20 * (1 + drift)
            assert abs(now - previous[0] - nominal) <= SLEW * (abs(arrival - previous[1]) + 80) + 1e-6
        previous, anchors = (now, arrival), clock.anchors


def test_phone_call_is_a_new_anchor() -> None:
    """The sender's RTP clock stood still for five seconds; time goes on where the session is."""
    clock = TrackClock(48_000, SeatClock())
    for index in range(500):
        t_ms = index * 20.0
        clock.observe(index * 960, t_ms if index < 200 else t_ms + 5_000)
    assert clock.anchors == 2
    assert abs(clock.ms(499 * 960) - (499 * 20 + 5_000)) < 2


def test_a_report_before_the_first_packet_counts() -> None:
    seat = SeatClock()
    sound, picture = TrackClock(48_000, seat), TrackClock(90_000, seat)
    seat.observe(100.0, 130.0)
    sound.report(100.0, 4_800, 130.0)
    picture.report(100.0, 9_000, 130.0)
    sound.observe(9_600, 231.0)
    picture.observe(18_000, 290.0)  # encoded later, captured at the same time
    assert abs(sound.ms(9_600) - 230) < 1e-6
    assert abs(picture.ms(18_000) - 230) < 1e-6


def test_a_report_from_the_future_is_ignored() -> None:
    seat = SeatClock()
    clock = TrackClock(48_000, seat)
    for index in range(300):
        clock.observe(index * 960, index * 20.0)
    seat.observe(6_000.0, 6_030.0)
    clock.report(6_000.0, 299 * 960 - 48_000 * 30, 6_030.0)
    assert clock.anchors == 1
    assert abs(clock.ms(299 * 960) - 5_980) < 2


def test_late_burst_is_no_new_anchor() -> None:
    clock = TrackClock(48_000, SeatClock())
    for index in range(500):
        t_ms = index * 20.0
        clock.observe(index * 960, max(t_ms, 6_800.0) if index >= 200 else t_ms)
    assert clock.anchors == 1
    assert abs(clock.ms(499 * 960) - 499 * 20) < 2


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 3_000))
def test_scan_reads_a_file_cut_anywhere(cut: int) -> None:
    content = ebml.file_head(ebml.VideoFormat("vp8", 320, 240), has_audio=True)
    ends = []
    for index in range(20):
        content += ebml.cluster(index * 100) if index % 5 == 0 else b""
        content += ebml.block(1 + index % 2, index % 5 * 100, bytes(range(100)), True)
        ends.append(len(content))
    found = ebml.scan(content[:cut])
    assert len(found.blocks) == sum(end <= cut for end in ends)
    assert found.size <= cut
    if found.blocks:
        assert found.size == max(end for end in ends if end <= cut)
        assert [block.t_ms for block in found.blocks][:3] == [0, 100, 200][: len(found.blocks)]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=5),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=5),
)
def test_subtract_leaves_what_no_hole_covers(spans: list[tuple[int, int]], holes: list[tuple[int, int]]) -> None:
    given_spans = [(a, a + b) for a, b in spans]
    given_holes = [(a, a + b) for a, b in holes]
    covered = {t for a, b in given_spans for t in range(a, b)} - {t for a, b in given_holes for t in range(a, b)}
    assert {t for a, b in subtract(given_spans, given_holes) for t in range(a, b)} == covered
