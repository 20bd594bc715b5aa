"""How long a packet takes through a worker that is loaded to 70 % of its core: forward latency added, beside a direct path.

    python -m scripts.bench.media_forward [--load 0.7] [--seconds 20]

The worker is alone on core 0, with rooms of three and a 720p share, recorded and tapped, added until its own CPU time is 70 % of
the core. Probe rooms of two in between: one person sends sound (each 20 ms) and pictures (each 33 ms, one packet) at scattered
times, the other receives them. Sent: the clock right before `sendto`; received: the kernel's timestamp of the datagram, the same
clock, so that a late reader adds nothing. The direct path is such datagrams to a socket of the prober; its median is taken off.
Takes about 1.5 minutes.
"""

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import socket
import statistics
import tempfile
import time
from pathlib import Path
from struct import Struct
from typing import Any

import psutil
from aiortc import RTCCertificate

from media.rpc import RpcClient
from media.worker import advertised
from scripts.bench.load_worker import answer
from scripts.bench.media_cpu import TOKEN, Load, Shape, busy, our_worker
from scripts.bench.recorded import result
from scripts.bench.rtp_load import Clip, ClipPacket, Link, Outlet

_TIMESTAMPNS = 35
_TIMESPEC = Struct("@qq")
_PROBE_ROOMS = 4
_LEAST, _LENGTHS = 60, 64
_MOST_ROOMS = 120
_NEAR = 0.04


class ProbeLink(Link):
    """A client that keeps the kernel's time of each media packet: by SSRC, (sequence number, length, ns)."""

    def __init__(self, host: str, certificate: RTCCertificate) -> None:
        super().__init__(host, certificate)
        self.seen: dict[int, list[tuple[int, int, int]]] = {}
        self.socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)

    def _readable(self) -> None:
        for _ in range(256):
            try:
                data, extra, _, address = self.socket.recvmsg(2048, 64)
            except (BlockingIOError, OSError):
                return
            first = data[0]
            if first >= 128 and not 192 <= data[1] <= 223:
                ssrc, sequence = int.from_bytes(data[8:12], "big"), int.from_bytes(data[2:4], "big")
                self.seen.setdefault(ssrc, []).append((sequence, len(data), stamp_ns(extra)))
            elif first <= 3:
                self._stun(data, address)
            elif 20 <= first <= 63:
                self._pipe.feed(data)


def stamp_ns(extra: list[tuple[int, int, bytes]]) -> int:
    """The kernel's time of a datagram, from its control messages."""
    for level, kind, value in extra:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPNS):
            seconds, ns = _TIMESPEC.unpack(value)
            return int(seconds * 1_000_000_000 + ns)
    raise OSError("the kernel gave no time")


class Probe:
    """One stream of probes from one person to another. `sent` is when each left, by number."""

    def __init__(self, link: ProbeLink, outlet: Outlet, every_s: float) -> None:
        self.link = link
        self.outlet = outlet
        self.every_s = every_s
        self.sent: list[int] = []

    async def run(self, until: float, chance: random.Random) -> None:
        """Send until then, each a little before or behind its time."""
        due = time.monotonic() + chance.random() * self.every_s
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()) + chance.random() * self.every_s / 2)
            self.send()
            due += self.every_s

    def send(self) -> None:
        """One probe; its length tells its number within a span."""
        number = len(self.sent)
        clip = self.outlet.clip
        head = b"\x78" if clip.clock_rate == 48_000 else _vp8_key(number)
        payload = head.ljust(_LEAST + number % _LENGTHS, b"\x55")
        packet = ClipPacket(0.0, int(number * self.every_s * clip.clock_rate), True, payload)
        now = time.monotonic()
        self.sent.append(time.clock_gettime_ns(time.CLOCK_REALTIME))
        self.link.send_media(self.outlet, packet, now)

    def latencies(self, seen: list[tuple[int, int, int]]) -> tuple[list[float], int]:
        """Milliseconds from sending to receiving, and how many probes did not come."""
        by_number: dict[int, int] = {}
        first, extra = seen[0][0], seen[0][1] - _LEAST
        for sequence, length, at in seen:
            number = (sequence - first) & 0xFFFF
            if number >= len(self.sent) or length - extra - _LEAST != number % _LENGTHS:
                raise SystemExit(f"probe {number} came with another length: {length} ({extra})")
            by_number.setdefault(number, at)  # a later copy is a retransmission
        return [(at - self.sent[number]) / 1e6 for number, at in by_number.items()], len(self.sent) - len(by_number)


def _vp8_key(number: int) -> bytes:
    return bytes((0x90, 0x80, 0x80 | number >> 8 & 0x7F, number & 0xFF)) + b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00"


async def join(rpc: RpcClient, room: str, host: str, certificate: RTCCertificate) -> tuple[list[Probe], ProbeLink]:
    """A room of a sender and a listener; the first probes have arrived."""
    seats = ["from", "to"]
    people = [{"seat_id": seat, "label": seat, "kind": "customer"} for seat in seats]
    await rpc.call("room.open", {"room_id": room, "seats": people}, timeout=60)
    outlets = {"0": Outlet(Clip(111, 48_000, 1.0, []), b"0"), "1": Outlet(Clip(96, 90_000, 1.0, []), b"1")}
    links: list[ProbeLink] = []
    for seat in seats:
        await rpc.call("room.consent", {"room_id": room, "seat_id": seat, "granted": True}, timeout=60)
        link = ProbeLink(host, certificate)
        joined: Any = await rpc.call("seat.join", {"room_id": room, "seat_id": seat}, timeout=60)
        link.read_remote(joined["sdp"])
        sdp = answer(link, joined["sdp"], outlets if seat == "from" else {})
        await rpc.call("seat.answer", {"leg_id": joined["leg_id"], "sdp": sdp}, timeout=60)
        await link.connect()
        links.append(link)
    sender, listener = links
    probes = [Probe(sender, outlets["0"], 0.02), Probe(sender, outlets["1"], 1 / 30)]
    return probes, listener


async def direct(host: str, seconds: float) -> list[float]:
    """Milliseconds that the same datagrams take without a worker."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as into,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
    ):
        into.bind((host, 0))
        into.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        took: list[float] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sent = time.clock_gettime_ns(time.CLOCK_REALTIME)
            out.sendto(bytes(_LEAST + 60), into.getsockname())
            _, extra, _, _ = into.recvmsg(2048, 64)
            took.append((stamp_ns(extra) - sent) / 1e6)
            await asyncio.sleep(0.02)
        return took


def core_share(process: psutil.Process, seconds: float) -> float:
    """Share of a core that a process uses."""
    before, at = busy(process)[0], time.monotonic()
    time.sleep(seconds)
    return (busy(process)[0] - before) / (time.monotonic() - at)


def load_up(process: psutil.Process, url: str, host: str, folder: Path, wanted: float) -> tuple[list[Load], int]:
    """Add rooms until the worker uses that share of its core."""
    loads: list[Load] = []
    rooms, share = 0, 0.0
    more = 15
    while rooms < _MOST_ROOMS:
        arguments = ["--rpc", url, "--token", TOKEN, "--record", str(folder / "recordings"), "--first", str(rooms)]
        loads.append(Load("scripts.bench.load_worker", Shape("3 people + share", more, 3, True), host, arguments))
        rooms += more
        time.sleep(2)
        share = core_share(process, 3)
        print(f"{rooms} rooms: {share:.2f} of the core", flush=True)
        if share >= wanted - _NEAR:
            break
        more = max(1, min(6, int((wanted - share) / share * rooms * 0.8)))
    return loads, rooms


async def measure(pid: int, url: str, host: str, seconds: float) -> tuple[list[float], int, float, list[float]]:
    """Latencies, missing probes, the worker's share of the core meanwhile, and the direct path."""
    certificate = RTCCertificate.generateCertificate()
    rpc = RpcClient(url, TOKEN)
    rpc.start()
    await rpc.wait_connected()
    try:
        rooms = [await join(rpc, f"probe-{time.monotonic_ns()}-{number}", host, certificate) for number in range(_PROBE_ROOMS)]
        for probes, listener in rooms:
            async with asyncio.timeout(20):
                # The first packets find their way: nothing is forwarded to a slot before it is known what plays there.
                while len(listener.seen) < len(probes):
                    for probe in probes:
                        probe.send()
                    await asyncio.sleep(0.1)
            await asyncio.sleep(0.3)
            listener.seen.clear()
            for probe in probes:
                probe.sent.clear()
        process = psutil.Process(pid)
        before, at = busy(process)[0], time.monotonic()
        chance = random.Random(9)
        streams = [probe.run(at + seconds, chance) for probes, _ in rooms for probe in probes]
        beside = asyncio.create_task(direct(host, seconds))
        gathered = asyncio.gather(beside, *streams)
        while not gathered.done():
            for probes, listener in rooms:
                probes[0].link.check()
                listener.check()
            await asyncio.wait([gathered], timeout=1)
        await gathered
        share = (busy(process)[0] - before) / (time.monotonic() - at)
        await asyncio.sleep(0.5)
        took: list[float] = []
        missing = 0
        for probes, listener in rooms:
            streams_seen = sorted(listener.seen.values(), key=len, reverse=True)
            for probe, seen in zip(sorted(probes, key=lambda item: -len(item.sent)), streams_seen, strict=True):
                found, lost = probe.latencies(seen)
                took += found
                missing += lost
        return took, missing, share, beside.result()
    finally:
        await rpc.aclose()


def run(wanted: float, seconds: float) -> dict[str, float | None]:
    """The whole bench."""
    host = advertised("0.0.0.0", "")[0]  # noqa: S104 - asked for this machine's address, not bound
    folder = Path(tempfile.mkdtemp(prefix="dr-bench-"))
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    try:
        with our_worker(folder, host, "native", has_tap=True) as (pid, url):
            loads: list[Load] = []
            try:
                loads, rooms = load_up(psutil.Process(pid), url, host, folder, wanted)
                with contextlib.suppress(OSError):
                    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))  # the probes leave when they are due
                took, missing, share, beside = asyncio.run(measure(pid, url, host, seconds))
                while share > wanted + _NEAR and len(loads) > 1:
                    # The machine gave less than while rooms were added: fewer rooms, once more.
                    print(f"{rooms} rooms: {share:.2f} of the core while measured, too much", flush=True)
                    last = loads.pop()
                    rooms -= last.rooms
                    last.close()
                    took, missing, share, beside = asyncio.run(measure(pid, url, host, seconds))
            finally:
                with contextlib.suppress(OSError):
                    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
                for load in loads:
                    load.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    base = statistics.median(beside)
    added = sorted(value - base for value in took)
    p99 = added[min(len(added) - 1, len(added) * 99 // 100)]
    print(
        f"{rooms} rooms of three with a share, {share:.2f} of the core; {len(added)} probes, {missing} lost; added latency "
        f"p50 {statistics.median(added):.2f} ms, p90 {added[len(added) * 9 // 10]:.2f} ms, p99 {p99:.2f} ms, "
        f"most {added[-1]:.2f} ms; direct path {base:.3f} ms",
        flush=True,
    )
    is_loaded = share >= wanted - 2 * _NEAR
    if not is_loaded:
        print(f"the load did not reach {wanted:.0%} of the core: not measured")
    return {"forward_p99_ms": round(p99, 2) if is_loaded else None, "forward_load": round(share, 2), "forward_rooms": rooms}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", type=float, default=0.7)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    result(run(options.load, options.seconds))
