"""What happens to a seat over time: reconnect, ICE restart, a moved client, a vanished one, prompts, recording, taps."""

import asyncio
import itertools
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket

from media import rtcp, taps
from media.recorder.ebml import AUDIO_TRACK
from media.recorder.reader import blocks, read_timeline
from media.rpc import RpcError
from tests.media.conftest import ROOM, Control
from tests.media.peer import VP8_DELTA, VP8_KEY, Peer
from tests.media.test_forwarding import pair

MakePeer = Callable[[str], Peer]


def make_prompt(path: Path, packets: int) -> None:
    """An Ogg Opus file of `packets` × 20 ms."""
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        for index in range(packets):
            frame = av.AudioFrame(format="s16", layout="mono", samples=960)
            frame.planes[0].update(bytes(1920))
            frame.sample_rate, frame.pts = 48_000, index * 960
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


async def test_rejoin_takes_the_seat_and_streams_go_on(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    mid = b.mid("camera", "a")
    a.send_video("camera", 0, VP8_KEY)
    await b.until(lambda: len(b.packets.get(mid, [])) == 1)
    again = make_peer("a")
    await again.join()
    await control.event("leg.closed", seat_id="a", leg_id=a.leg_id, reason="replaced")
    again.send_video("camera", 40_000, VP8_DELTA)
    again.send_video("camera", 40_001, VP8_KEY)
    await b.until(lambda: len(b.packets[mid]) == 2)
    first, second = b.packets[mid]
    assert first.ssrc == second.ssrc
    assert (second.sequence_number - first.sequence_number) & 0xFFFF == 1
    elapsed = (second.timestamp - first.timestamp) & 0xFFFFFFFF
    assert 0 < elapsed < 10 * 90_000


async def test_counters_of_a_room_go_on_when_its_legs_do_not(control: Control, make_peer: MakePeer) -> None:
    """What Prometheus reads: a leg's counters survive another codec or SSRC, a room's survive its legs."""
    a, b = await pair(control, make_peer)

    async def figures() -> dict[str, float]:
        url = f"http://127.0.0.1:{control.worker.rpc_port}/metrics"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            lines = (await answer.text()).splitlines()
        found = [line.rpartition(" ") for line in lines if line.startswith("dr_media_room_") and f'room="{ROOM}"' in line]
        return {name.removeprefix("dr_media_room_").partition("{")[0]: float(value) for name, _, value in found}

    for number in (0, 2, 3):
        a.send_audio(number)
    mid = b.mid("mic", "a")
    await b.until(lambda: len(b.packets.get(mid, [])) == 3)
    await a.until(lambda: any(isinstance(item, RtcpRtpfbPacket) and item.fmt == 1 for item in a.rtcp))
    before = await figures()
    assert (before["packets"], before["lost"]) == (3, 1)
    assert before["nack"] >= 1
    a.ssrcs["mic"] += 1  # its sender began anew
    a.send("mic", 111, 0, 0, b"\xf8new", is_marker=False, extension=b"\x100")
    await b.until(lambda: len(b.packets[mid]) == 4)
    assert (await figures())["lost"] == 1
    await a.aclose(says_goodbye=True)
    await control.event("leg.closed", seat_id="a")
    after = await figures()
    assert (after["packets"], after["lost"]) == (4, 1)
    assert all(after[name] >= before[name] for name in before.keys() - {"bitrate", "legs"})


async def test_goodbye_closes_the_leg_at_once(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    a.send_audio(0)
    await control.event("track.started", seat_id="a", kind="mic")
    await a.aclose(says_goodbye=True)
    closed = await control.event("leg.closed", seat_id="a")
    assert closed["reason"] == "closed_by_peer"
    assert control.found("track.stopped", seat_id="a", kind="mic")


async def test_ice_restart_keeps_the_leg(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    mid = b.mid("mic", "a")
    a.send_audio(0)
    await b.until(lambda: mid in b.packets)
    await a.restart()
    a.send_audio(1)
    await b.until(lambda: len(b.packets[mid]) == 2)
    b.send_audio(0)
    await a.until(lambda: a.mid("mic", "b") in a.packets)
    assert not control.found("leg.closed")
    assert len(control.found("leg.connected", seat_id="a")) == 1


async def test_a_forged_check_moves_nothing(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    stranger = make_peer("a")
    stranger._server, stranger._remote = a._server, {**a._remote, "ice-pwd": "wrong" * 6}
    stranger.check()
    b.send_audio(0)
    await a.until(lambda: a.mid("mic", "b") in a.packets)
    assert control.worker.port.counters["stun_forged"] == 1


async def test_moved_source_port_is_followed_at_the_next_packet(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    a.send_audio(0)
    mid = b.mid("mic", "a")
    await b.until(lambda: mid in b.packets)
    a.move()
    a.send_audio(1)
    await b.until(lambda: len(b.packets[mid]) == 2)
    b.send_audio(0)
    await a.until(lambda: a.mid("mic", "b") in a.packets)


async def test_vanished_client_is_interrupted_and_resumes(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(control.data_dir / "recordings" / "rec"))
    a.send_audio(0)
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    a.is_silent = True
    began = time.monotonic()
    await control.event("leg.interrupted", seat_id="a")
    detected_ms = (time.monotonic() - began) * 1000  # 2.4 s; a busy machine may look later (docs/benchmarks.md has the figure)
    assert detected_ms > 2_000
    assert not control.found("leg.interrupted", seat_id="b"), "a client that only answers probes is alive"
    a.is_silent = False
    a.send_audio(1)
    await control.event("leg.resumed", seat_id="a")
    legs = {leg["seat_id"]: leg for leg in (await control.call("room.stats", room_id=ROOM))["legs"]}
    assert legs["b"]["gap_ms"] == 0
    away_ms = (time.monotonic() - began) * 1000
    assert 2000 < legs["a"]["gap_ms"] < away_ms + 1000, "what was missing stays counted"
    await control.call("recording.stop", room_id=ROOM)
    entries = [json.loads(line) for line in (control.data_dir / "recordings/rec/journal.ndjson").read_text().splitlines()]
    gaps = [item for item in entries if item["type"] == "gap" and item["seat_id"] == "a" and item["kind"] == "interrupt"]
    assert len(gaps) == 1
    assert 2000 < gaps[0]["t1_ms"] - gaps[0]["t0_ms"] < away_ms + 1000
    assert [item["type"] for item in entries if item["type"].startswith("leg_") and item["seat_id"] == "a"] == [
        "leg_connected",
        "leg_interrupted",
        "leg_resumed",
    ]


async def test_hidden_pages_and_mutes_are_gaps_on_the_timeline(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    folder = control.data_dir / "recordings" / "rec"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    a.send_audio(0)
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    await control.call("seat.state", room_id=ROOM, seat_id="a", lapses=["hidden", "mic_muted"])
    await control.call("seat.state", room_id=ROOM, seat_id="b", lapses=["camera_muted", "no such thing"])
    began = (await control.call("recording.mark", room_id=ROOM, kind="test", data={}))["t_ms"]
    while (await control.call("recording.mark", room_id=ROOM, kind="test", data={}))["t_ms"] <= began:
        pass
    await control.call("seat.state", room_id=ROOM, seat_id="a", lapses=["mic_muted"])
    with pytest.raises(RpcError, match="PARAMS_INVALID"):
        await control.call("seat.state", room_id=ROOM, seat_id="a")
    await control.call("recording.stop", room_id=ROOM)
    entries = [json.loads(line) for line in (folder / "journal.ndjson").read_text().splitlines()]
    gaps = {(e["seat_id"], e["kind"], e.get("media")): e for e in entries if e["type"] == "gap"}
    assert gaps.keys() == {("a", "hidden", None), ("a", "muted", "mic"), ("b", "muted", "camera")}
    hidden, muted = gaps["a", "hidden", None], gaps["a", "muted", "mic"]
    assert hidden["t0_ms"] == muted["t0_ms"] < hidden["t1_ms"] <= muted["t1_ms"]


async def test_what_is_said_after_a_phone_call_is_placed_at_once(control: Control, make_peer: MakePeer) -> None:
    """The call takes the microphone and stops its RTP clock; the link lives on, and no sender report has come since."""
    a, b = await pair(control, make_peer)
    folder = control.data_dir / "recordings" / "rec"
    a.send_audio(0)
    a.send_rtcp(rtcp.sender_report(rtcp.SenderReport(a.ssrcs["mic"], 1000 << 32, 0, 1, 1)))
    await b.until(lambda: b.mid("mic", "a") in b.packets)
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    for number in range(1, 6):
        a.send_audio(number)
    before = (await control.call("recording.mark", room_id=ROOM, kind="test", data={}))["t_ms"]
    await control.event("track.stopped", seat_id="a", kind="mic")
    a.send_video("camera", 0, VP8_KEY)  # the link lives
    # Two looks at the leg are the interval in which the room may notice.
    await control.event("quality", seat_id="a")
    await control.event_number(len(control.found("quality", seat_id="a")) + 1, "quality", seat_id="a")
    began = (await control.call("recording.mark", room_id=ROOM, kind="test", data={}))["t_ms"]
    for number in range(6, 12):
        a.send_audio(number)
    await b.until(lambda: len(b.packets[b.mid("mic", "a")]) >= 12)
    await control.call("recording.stop", room_id=ROOM)
    timeline = read_timeline(folder)
    times = [block.t_ms for _, block in blocks(folder, timeline.segments) if block.track == AUDIO_TRACK]
    late = [t_ms for t_ms in times if t_ms >= began - 1]
    assert len(late) == 6, (times, began)
    gaps = [gap for gap in timeline.gaps if gap.seat_id == "a" and gap.media == "mic"]
    assert len(gaps) == 1, gaps
    assert gaps[0].t0_ms <= before + 150
    assert gaps[0].t1_ms == late[0]


async def test_track_stops_when_nothing_comes_and_starts_again(control: Control, make_peer: MakePeer) -> None:
    a, _ = await pair(control, make_peer)
    a.send_audio(0)
    await control.event("track.started", seat_id="a", kind="mic")
    await control.event("track.stopped", seat_id="a", kind="mic", reason="silent")
    a.send_audio(1)
    await control.event_number(2, "track.started", seat_id="a", kind="mic")


async def test_prompt_is_paced_heard_by_all_and_recorded(control: Control, make_peer: MakePeer, tmp_path: Path) -> None:
    path = tmp_path / "prompt.opus"
    make_prompt(path, 25)
    a, b = await pair(control, make_peer)
    folder = control.data_dir / "recordings" / "rec"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    a.send_audio(0)
    began = time.monotonic()
    result = await control.call("prompt.play", room_id=ROOM, prompt_id="p1", path=str(path))
    assert abs(result["duration_ms"] - 500) <= 40
    finished = await control.event("prompt.finished", prompt_id="p1")
    assert time.monotonic() - began > 0.4, "at the pace of speech"
    assert finished["completed"] is True
    for peer in (a, b):
        await peer.until(lambda peer=peer: len(peer.packets.get("3", [])) >= 25)  # type: ignore[misc]
        packets = peer.packets["3"]
        assert len(packets) in (25, 26)
        assert packets[0].marker == 1
        assert {(second.timestamp - first.timestamp) & 0xFFFFFFFF for first, second in itertools.pairwise(packets)} == {960}
    await control.call("prompt.play", room_id=ROOM, prompt_id="p2", path=str(path))
    await control.call("prompt.stop", room_id=ROOM)
    assert (await control.event("prompt.finished", prompt_id="p2"))["completed"] is False
    await control.call("recording.stop", room_id=ROOM)
    entries = [json.loads(line) for line in (folder / "journal.ndjson").read_text().splitlines()]
    assert [item["prompt_id"] for item in entries if item["type"] == "prompt_started"] == ["p1", "p2"]
    assert any(item["type"] == "segment_closed" and item["seat_id"] == "prompt" and item["frames"] for item in entries)


async def test_unreadable_prompt_is_refused(control: Control, make_peer: MakePeer, tmp_path: Path) -> None:
    await control.open("a")
    (tmp_path / "bad.opus").write_bytes(b"OggS" + bytes(40))
    for name in ("bad.opus", "missing.opus"):
        with pytest.raises(RpcError, match="PROMPT_UNREADABLE"):
            await control.call("prompt.play", room_id=ROOM, prompt_id="p", path=str(tmp_path / name))


async def test_taps_carry_audio_and_whole_key_frames_of_consenting_seats(control: Control, make_peer: MakePeer) -> None:
    received: list[taps.TapPacket] = []
    got = asyncio.Event()
    sockets = []
    loop = asyncio.get_running_loop()
    for name in ("speech", "vision"):
        item = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        item.setblocking(False)
        item.bind(str(control.data_dir / "run" / f"{name}.sock"))
        sockets.append(item)

        def read(item: socket.socket = item) -> None:
            received.extend(taps.unpack_all(item.recv(70_000)))
            got.set()

        loop.add_reader(item, read)
    try:
        a, b = await pair(control, make_peer, has_consent=False)
        await control.consent("b")
        a.send_audio(0, b"\xf8no")
        a.send_video("camera", 0, VP8_KEY)
        b.send_audio(7, b"\xf8yes")
        first = VP8_KEY
        b.send("camera", 96, 0, 1000, first, is_marker=False)
        b.send("camera", 96, 2, 1000, b"\x00" + b"last", is_marker=True)
        b.send("camera", 96, 1, 1000, b"\x00" + b"middle", is_marker=False)
        async with asyncio.timeout(30):
            while len(received) < 2:
                got.clear()
                await got.wait()
        audio = next(item for item in received if item.kind is taps.TapKind.AUDIO)
        frame = next(item for item in received if item.kind is taps.TapKind.KEY_FRAME)
        assert (audio.room_id, audio.seat_id, audio.payload, audio.rtp_seq) == (ROOM, "b", b"\xf8yes", 7)
        assert (frame.seat_id, frame.chunks, frame.payload) == ("b", 1, first[1:] + b"middle" + b"last")
        assert {item.seat_id for item in received} == {"b"}
    finally:
        for item in sockets:
            loop.remove_reader(item)
            item.close()


async def test_slots_follow_the_seats(control: Control, make_peer: MakePeer) -> None:
    await control.open("a", "b")
    a = make_peer("a")
    await a.join()
    assert [slot["seat_id"] for slot in a.slots] == ["a"] * 3 + [None] + ["b"] * 3 + [None] * 9
    assert [slot["kind"] for slot in a.slots[:4]] == ["mic", "camera", "screen", "prompt"]
    await control.open("a", "b", "c")
    event = await control.event("slots", seat_id="a")
    assert [slot["seat_id"] for slot in event["slots"]][4:10] == ["b"] * 3 + ["c"] * 3


async def test_recording_survives_in_the_folder_and_marks_are_timed(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    folder = control.data_dir / "recordings" / "rec"
    started = await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    assert started["started_monotonic_ns"] > 0
    for number in range(30):
        a.send_audio(number)
        a.send_video("camera", number, VP8_KEY if number == 0 else VP8_DELTA)
    await b.until(lambda: len(b.packets.get(b.mid("camera", "a"), [])) >= 30)
    mark = await control.call("recording.mark", room_id=ROOM, kind="node", data={"node": "n1"})
    assert mark["t_ms"] >= 0
    with pytest.raises(RpcError, match="RECORDING_ACTIVE"):
        await control.call("recording.start", room_id=ROOM, recording_id="other", dir=str(folder))
    end = await control.call("recording.stop", room_id=ROOM)
    assert end["duration_ms"] >= mark["t_ms"]
    files = list((folder / "segments").glob(f"a.{a.leg_id}.main.*"))
    assert files
    frames = 0
    for file in sorted(files):
        with av.open(str(file)) as container:
            frames += sum(packet.stream.type == "video" and bool(packet.size) for packet in container.demux())
    assert frames == 30


async def test_refusals_have_stable_codes(control: Control, make_peer: MakePeer) -> None:
    await control.open("a")
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("seat.join", {"room_id": "none", "seat_id": "a"}, "ROOM_UNKNOWN"),
        ("seat.join", {"room_id": ROOM, "seat_id": "zz"}, "SEAT_UNKNOWN"),
        ("seat.answer", {"leg_id": "none", "sdp": "v=0"}, "LEG_UNKNOWN"),
        ("recording.stop", {"room_id": ROOM}, "RECORDING_NONE"),
        ("recording.mark", {"room_id": ROOM, "kind": "x", "data": {}}, "RECORDING_NONE"),
        ("room.open", {"room_id": ROOM}, "PARAMS_INVALID"),
    ]
    for method, params, code in cases:
        with pytest.raises(RpcError) as caught:
            await control.call(method, **params)
        assert caught.value.code == code
    joined = await control.call("seat.join", room_id=ROOM, seat_id="a")
    with pytest.raises(RpcError) as caught:
        await control.call("seat.answer", leg_id=joined["leg_id"], sdp="nonsense")
    assert caught.value.code == "SDP_INVALID"


async def test_draining_worker_takes_no_new_room(control: Control) -> None:
    await control.call("worker.drain")
    with pytest.raises(RpcError) as caught:
        await control.open("a")
    assert (caught.value.code, caught.value.retryable) == ("WORKER_DRAINING", True)
    assert (await control.call("worker.info"))["is_draining"] is True


async def test_a_subscriber_that_loses_much_gets_only_sound_until_it_recovers(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    camera, mic = b.mid("camera", "a"), b.mid("mic", "a")
    a.send_video("camera", 0, VP8_KEY)
    a.send_audio(0)
    await b.until(lambda: camera in b.packets and mic in b.packets)
    room = control.worker.api.rooms[ROOM]
    highest, lost = 1_000, 0

    async def window(share: float) -> dict[str, Any]:
        nonlocal highest, lost
        highest, lost = highest + 100, lost + round(100 * share)
        count = len(control.found("quality", seat_id="b"))
        block = rtcp.ReportBlock(b.ssrc_of(mic), 0, lost, highest, 0, 0, 0)
        b.send_rtcp(rtcp.receiver_report(1, [block]))
        stream = room.seats["b"].leg.outgoing[mic] if room.seats["b"].leg else None
        assert stream is not None
        async with asyncio.timeout(30):
            while stream.reported_highest != highest:
                await asyncio.sleep(0)
        room.tick_quality(time.monotonic_ns())
        return await control.event_number(count + 1, "quality", seat_id="b")

    await window(0.05)
    for _ in range(3):
        assert (await window(0.1))["is_audio_only"] is False, "10 % is repaired, not feared"
    await window(0.3)
    assert (await window(0.3))["is_audio_only"] is True
    before = len(b.packets[camera])
    a.send_video("camera", 1, VP8_KEY)
    a.send_audio(1)
    await b.until(lambda: len(b.packets[mic]) == 2)
    assert len(b.packets[camera]) == before
    windows = [(await window(0.0))["is_audio_only"] for _ in range(6)]
    assert windows[0] is True
    assert windows[-1] is False
    a.send_video("camera", 2, VP8_KEY)
    await b.until(lambda: len(b.packets[camera]) == before + 1)


def key_frames_asked(peer: Peer) -> int:
    """Requests for a key frame that have come to a peer."""
    return sum(isinstance(item, RtcpPsfbPacket) and item.fmt == 1 for item in peer.rtcp)


async def key_frames_asked_after(control: Control, peer: Peer, seconds: float) -> int:
    """The same when the room's clock shows so much later; an answered check is behind them all."""
    control.worker.api.rooms[ROOM].tick_feedback(time.monotonic_ns() + int(seconds * 1e9))
    seen = peer.checks
    peer.check()
    await peer.until(lambda: peer.checks > seen)
    return key_frames_asked(peer)


async def test_a_recorded_camera_is_asked_for_a_key_frame_every_two_seconds(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    a.send_video("camera", 0, VP8_KEY)
    await b.until(lambda: b.mid("camera", "a") in b.packets)

    before = key_frames_asked(a)
    assert await key_frames_asked_after(control, a, 3) == before, "nothing is recorded"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(control.data_dir / "recordings" / "rec"))
    a.send_video("camera", 1, VP8_KEY)
    await b.until(lambda: len(b.packets[b.mid("camera", "a")]) == 2)
    before = key_frames_asked(a)
    assert await key_frames_asked_after(control, a, 1.2) == before
    assert await key_frames_asked_after(control, a, 1.9) == before + 1
    await control.call("recording.stop", room_id=ROOM)


async def test_a_recorded_share_is_asked_for_a_key_frame_every_five_seconds(control: Control, make_peer: MakePeer) -> None:
    a, b = await pair(control, make_peer)
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(control.data_dir / "recordings" / "rec"))
    mid = b.mid("screen", "a")

    a.send_video("screen", 0, VP8_KEY)
    await b.until(lambda: mid in b.packets)
    await key_frames_asked_after(control, a, 0)
    a.send_video("screen", 1, VP8_KEY)
    await b.until(lambda: len(b.packets[mid]) == 2)
    before = key_frames_asked(a)
    assert await key_frames_asked_after(control, a, 4) == before
    assert await key_frames_asked_after(control, a, 5) == before + 1
    await control.call("recording.stop", room_id=ROOM)
