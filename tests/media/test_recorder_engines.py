"""The compiled recorder and the Python one: the same packets give the same files to the byte, the same journal, the same gaps."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.ports import Codec, MediaKind
from media.recorder import Recorder
from media.recorder.clock import PacketClock, SeatClock, TrackClock
from media.recorder.compiled import CompiledClock, CompiledSeat, Core, core
from media.recorder.journal import read_journal
from tests.conftest import lacking
from tests.media import synth
from tests.media.test_recorder import Listener

KEPT = (
    "type",
    "seat_id",
    "leg_id",
    "track",
    "media",
    "kind",
    "t0_ms",
    "t1_ms",
    "codec",
    "frames",
    "sha256",
    "prev_sha256",
    "bytes",
)


@pytest.fixture(scope="module")
def compiled() -> Core:
    found = core()
    if found is None:
        lacking("the compiled recorder", "run `make native`")
        raise AssertionError("unreachable")
    return found


@pytest.fixture(scope="module")
def media() -> dict[str, list[tuple[float, Any]]]:
    """Nine seconds of every codec, as packets with their instants."""
    picture = synth.flash_picture(320, 240, (30, 90, 160))
    clips = {codec: synth.encode_video(codec, picture, 9_000, key_every=40) for codec in ("vp8", "h264")}
    clips["opus"] = synth.encode_opus(synth.beep(), 9_000)
    return {codec: list(synth.rtp_packets(units, codec)) for codec, units in clips.items()}


def spoil(packets: list[tuple[float, Any]], chance: random.Random, loss: float) -> list[tuple[float, Any]]:
    """What a bad network makes of it: lost, late and repaired packets, a damaged payload now and then, a silence."""
    out: list[tuple[float, Any]] = []
    away = chance.uniform(0, 9_000) if chance.random() < 0.5 else 1e9
    for t_ms, packet in packets:
        if chance.random() < loss:
            if chance.random() < 0.7:
                out.append((t_ms + chance.uniform(30, 1_400), packet))
            continue
        if away < t_ms < away + 1_700:
            continue
        if chance.random() < loss / 8:
            packet = packet._replace(payload=chance.randbytes(chance.randrange(40)))
        out.append((t_ms + chance.uniform(0, 25), packet))
    return sorted(out, key=lambda item: item[0])


async def record(
    folder: Path, streams: list[tuple[MediaKind, Codec, list[tuple[float, Any]]]], *, is_compiled: bool, reset_at: float
) -> Listener:
    recorder, listener = Recorder(is_compiled=is_compiled), Listener()
    recording = await recorder.open(folder, "r1", "room1", listener)
    # A fixed start, so that session times do not depend on when this runs.
    recording.started_ns = base = 1_000_000_000
    sinks = {kind: recording.track("s1", "l1", kind, codec) for kind, codec, _ in streams}
    codecs = {kind: codec for kind, codec, _ in streams}
    events = [(t_ms, kind, packet) for kind, _, packets in streams for t_ms, packet in packets]
    reported = dict.fromkeys(sinks, -700.0)
    ticked, is_reset = 0.0, False
    for t_ms, kind, packet in sorted(events, key=lambda event: event[0]):
        now = base + int(t_ms * 1e6)
        while ticked < t_ms:
            ticked += 100
            for sink in sinks.values():
                sink.tick(base + int(ticked * 1e6))
        if t_ms > reset_at and not is_reset:
            is_reset = True
            for each, sink in sinks.items():
                sink.reset(codecs[each])
        sinks[kind].rtp(packet.sequence, packet.timestamp, packet.is_marker, packet.payload, now)
        if t_ms - reported[kind] >= 1_000:
            reported[kind] = t_ms
            sinks[kind].sender_report(synth.ntp(t_ms + 3), packet.timestamp, now)
    for sink in sinks.values():
        sink.close("end")
    await recording.stop()
    await recorder.aclose()
    return listener


def journal(folder: Path) -> list[tuple[Any, ...]]:
    entries = read_journal(folder / "journal.ndjson")[0]
    rows = [tuple(entry.get(name) for name in KEPT) for entry in entries if not entry["type"].startswith("recording_")]
    return sorted(rows, key=repr)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("codec", [Codec.VP8, Codec.H264])
async def test_both_write_the_same_files(
    compiled: Core, media: dict[str, list[tuple[float, Any]]], codec: Codec, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(f"{codec}{seed}")
    loss = [0.0, 0.02, 0.1][seed % 3]
    streams = [
        (MediaKind.MIC, Codec.OPUS, spoil(media["opus"], chance, loss)),
        (MediaKind.CAMERA, codec, spoil(media[codec.value], chance, loss)),
        (MediaKind.SCREEN, codec, spoil(media[codec.value], chance, loss)),
    ]
    reset_at = chance.uniform(2_000, 7_000) if seed % 2 else 1e9
    heard = [
        await record(tmp_path / name, streams, is_compiled=name == "compiled", reset_at=reset_at)
        for name in ("plain", "compiled")
    ]
    files = [sorted((tmp_path / name / "segments").iterdir()) for name in ("plain", "compiled")]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    assert len(files[0]) > 3
    for plain, other in zip(*files, strict=True):
        assert plain.read_bytes() == other.read_bytes(), plain.name
    assert journal(tmp_path / "plain") == journal(tmp_path / "compiled")
    assert heard[0].gaps == heard[1].gaps
    assert heard[0].keys == heard[1].keys


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 960, 960, 960, 1_920, -960, 48_000, 4_000_000, -9_000_000, 0x8000_0000]),
        st.floats(0, 400),
        st.sampled_from([None, None, None, 0.0, 40.0, 5_000.0]),
    ),
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(steps, st.integers(0, 2**32 - 1))
def test_both_clocks_agree_to_the_last_bit(given_steps: list[tuple[int, float, float | None]], start: int) -> None:
    found = core()
    if found is None:
        lacking("the compiled recorder", "run `make native`")
        raise AssertionError("unreachable")
    seats = SeatClock(), CompiledSeat(found)
    owner = found.ffi.new("dr_stream *")
    clocks = TrackClock(48_000, seats[0]), CompiledClock(found, owner, 48_000, seats[1])
    pairs: list[tuple[SeatClock, PacketClock]] = list(zip(seats, clocks, strict=True))
    timestamp, arrival = start, 0.0
    for delta, elapsed, report in given_steps:
        timestamp, arrival = (timestamp + delta) & 0xFFFFFFFF, arrival + elapsed
        for seat, clock in pairs:
            if report is not None:
                seat.observe(arrival + report, arrival)
                clock.report(arrival + report, timestamp, arrival)
            clock.observe(timestamp, arrival)
        assert clocks[0].ms(timestamp) == clocks[1].ms(timestamp)
        assert clocks[0].anchors == clocks[1].anchors
