"""Recordings made of synthetic packets for the benches: known content, any length, fed faster than real time.

The media itself comes from `tests.media.synth`, the same the tests judge the recorder with.
"""

import heapq
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from media.ports import Codec, GapKind, MediaKind
from media.recorder.journal import JOURNAL_NAME
from media.recorder.recording import Recording
from tests.media import synth


class Silent:
    """A recorder listener that does nothing."""

    def key_frame_wanted(self, seat_id: str, kind: MediaKind) -> None: ...

    def gap(self, seat_id: str, track: str, kind: GapKind, t0_ms: int, t1_ms: int) -> None: ...

    def segment_closed(self, info: Mapping[str, Any]) -> None: ...

    def disk_low(self, free_bytes: int) -> None: ...

    def failed(self, code: str, message: str) -> None:
        raise SystemExit(f"recorder failed: {code} {message}")


@dataclass(frozen=True, slots=True)
class Network:
    """How packets travel: times in ms, `loss` is repaired by a retransmission after `repair_ms` (uniform)."""

    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    repair_ms: tuple[float, float] = (60.0, 150.0)


@dataclass(frozen=True, slots=True)
class Sender:
    """One stream of a person.

    Args:
        units: one period of encoded media, repeated for as long as wanted.
        rate_error: error of the RTP clock against the sender's wall clock (200 ppm = 0.0002).
        send_delay: capture to wire, ms.
        first_report_ms, report_every_ms: when sender reports come.
    """

    kind: MediaKind
    codec: Codec
    units: list[synth.Unit]
    period_ms: int
    rate_error: float = 0.0
    send_delay: float = 0.0
    first_report_ms: float = 500.0
    report_every_ms: float = 1_000.0


Arrival = tuple[float, int, int, bool, Any]


def arrivals(sender: Sender, duration_ms: int, network: Network, rng: random.Random, stream: int) -> Iterator[Arrival]:
    """(arrival ms, stream, number, is a sender report, packet or (ntp, timestamp)) of one stream, nearly in order."""
    clock = 48 if sender.codec is Codec.OPUS else 90
    sequence = rng.randrange(60_000)
    first = rng.randrange(1 << 32)
    report_at = sender.first_report_ms
    number = 0
    for start in range(0, duration_ms, sender.period_ms):
        shifted = [synth.Unit(unit.t_ms + start, unit.data, unit.is_key) for unit in sender.units]
        for t_ms, packet in synth.rtp_packets(
            shifted, sender.codec, first_sequence=sequence, first_timestamp=first, rate_error=sender.rate_error
        ):
            sequence = packet.sequence + 1
            sent = t_ms + sender.send_delay
            late = network.delay + (rng.expovariate(1 / network.jitter) if network.jitter else 0.0)
            if network.loss and rng.random() < network.loss:
                late += rng.uniform(*network.repair_ms)
            number += 1
            yield sent + late, stream, number, False, packet
        end = start + sender.period_ms
        while report_at < end:
            timestamp = (first + round(report_at * clock * (1 + sender.rate_error))) & 0xFFFFFFFF
            late = network.delay + (rng.expovariate(1 / network.jitter) if network.jitter else 0.0)
            number += 1
            yield report_at + late, stream, number, True, (synth.ntp(report_at), timestamp)
            report_at += sender.report_every_ms


def sorted_stream(items: Iterator[Arrival], window_ms: float = 15_000.0) -> Iterator[Arrival]:
    """Arrivals in order, with bounded memory."""
    heap: list[Arrival] = []
    for item in items:
        heapq.heappush(heap, item)
        while heap[0][0] < item[0] - window_ms:
            yield heapq.heappop(heap)
    while heap:
        yield heapq.heappop(heap)


def feed_person(
    recording: Recording,
    seat: str,
    senders: list[Sender],
    duration_ms: int,
    network: Network,
    seed: int,
    *,
    start_ms: int = 0,
    is_left_open: bool = False,
) -> int:
    """Record all streams of one person; returns the number of packets."""
    base = recording.clock.started_monotonic_ns + start_ms * 1_000_000
    sinks = [recording.track(seat, f"{seat}-leg", sender.kind, sender.codec) for sender in senders]
    flows = [
        sorted_stream(arrivals(sender, duration_ms, network, random.Random(f"{seed}/{index}"), index))
        for index, sender in enumerate(senders)
    ]
    count = 0
    for at_ms, index, _, is_report, what in heapq.merge(*flows):
        arrival = base + int(at_ms * 1e6)
        if is_report:
            sinks[index].sender_report(what[0], what[1], arrival)
        else:
            count += 1
            sinks[index].rtp(what.sequence, what.timestamp, what.is_marker, what.payload, arrival)
    for sink in [] if is_left_open else sinks:
        sink.close("end")
    return count


def set_duration(folder: Path, duration_ms: int) -> None:
    """Give a recording that was fed faster than real time its true length."""
    path = folder / JOURNAL_NAME
    *lines, last = path.read_bytes().splitlines()
    stopped = orjson.loads(last) | {"duration_ms": duration_ms, "t_ms": duration_ms}
    path.write_bytes(b"\n".join([*lines, orjson.dumps(stopped)]) + b"\n")


def result(figures: Mapping[str, object]) -> None:
    """The last line of a bench."""
    print("RESULT " + orjson.dumps(dict(figures)).decode())
