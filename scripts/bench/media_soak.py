"""Memory of a worker over half an hour of joins and leaves, and what a room takes.

    python -m scripts.bench.media_soak [--minutes 30] [--rooms 4]

Rooms of three with a 720p share, recorded. Every eight seconds somebody leaves (each second time without a goodbye) and comes
back on the same seat with a new connection; every minute a room ends and another one opens. Every ten seconds, with all rooms
full, the worker gives back what its allocator holds (`malloc_trim`) and its resident memory is read. The slope is the Theil–Sen
median of all pairs of readings behind the first sixth of the run. A room's memory: resident with all rooms full
less resident with none (one room had been there before), by room.
"""

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil
from aiortc import RTCCertificate

from media.rpc import RpcClient, RpcError
from media.worker import advertised
from scripts.bench.load_worker import answer
from scripts.bench.recorded import result
from scripts.bench.rtp_load import Clip, Link, Outlet, Person, audio_clip, replay, video_clip
from server.settings import ROOT

TOKEN = "bench"  # noqa: S105 - of a server that lives for half an hour on loopback
_UDP_PORT, _RPC_PORT = 46101, 46102
_SERVER = """
import ctypes, gc, signal, sys
from pathlib import Path
from typing import Any
from media.admission import AdmissionLimits
from media.worker import WorkerOptions, run
libc = ctypes.CDLL(None)
signal.signal(signal.SIGUSR2, lambda *_: (gc.collect(), libc.malloc_trim(0)))
run(WorkerOptions(limits=AdmissionLimits(cpu=9.0, disk_hours=0.0), rpc_token=sys.argv[1], data_dir=Path(sys.argv[2]),
    host=sys.argv[3], udp_port=int(sys.argv[4]), rpc_port=int(sys.argv[5])))
"""
_SAMPLE_S, _CHANGE_S, _ROOM_S = 10.0, 8.0, 60.0
_SEATS = ("s0", "s1", "s2")


@contextlib.contextmanager
def worker(folder: Path, host: str) -> Iterator[int]:
    """A worker process; its id."""
    (folder / "run").mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, TOKEN, str(folder), host, str(_UDP_PORT), str(_RPC_PORT)], cwd=ROOT
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{_RPC_PORT}/healthz", timeout=2).read()
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@dataclass(slots=True)
class Room:
    """One open room and the task that plays its people."""

    name: str
    people: dict[str, Person] = field(default_factory=dict)
    legs: dict[str, str] = field(default_factory=dict)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    playing: asyncio.Task[dict[str, float]] | None = None

    async def silence(self) -> None:
        """Stop playing."""
        if self.playing is not None:
            self.stop.set()
            await self.playing
            self.playing = None

    def play(self) -> None:
        """Go on with who is there."""
        self.stop = asyncio.Event()
        self.playing = asyncio.create_task(replay(list(self.people.values()), 86_400, self.stop))


class Soak:
    """The clients."""

    def __init__(self, rpc: RpcClient, host: str, folder: Path) -> None:
        self.rpc = rpc
        self.host = host
        self.folder = folder
        self.clips = {"mic": audio_clip(), "camera": video_clip(640, 480, 15, 600_000)}
        self.share: Clip = video_clip(1280, 720, 10, 900_000, seed=2)
        self.certificate = RTCCertificate.generateCertificate()
        self.rooms: list[Room] = []
        self.opened = self.joins = 0

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        """Call the worker; a connection that a crowded machine let down is made again by itself."""
        for _ in range(20):
            try:
                return await self.rpc.call(method, params, timeout=60)
            except RpcError as error:
                if error.code == "RECORDING_NONE":
                    return None  # stopped, and the answer was lost
                if error.code != "UNAVAILABLE":
                    raise
                print(f"{method}: {error}", flush=True)
                await self.rpc.wait_connected(timeout=60)
        raise SystemExit(f"{method}: the worker does not answer")

    async def join(self, room: Room, seat: str) -> None:
        """Take a seat with a new connection."""
        link = Link(self.host, self.certificate)
        outlets = {"0": Outlet(self.clips["mic"], b"0"), "1": Outlet(self.clips["camera"], b"1")}
        if seat == _SEATS[0]:
            outlets["2"] = Outlet(self.share, b"2")
        joined = await self.call("seat.join", {"room_id": room.name, "seat_id": seat})
        link.read_remote(joined["sdp"])
        sdp = answer(link, joined["sdp"], outlets)
        await self.call("seat.answer", {"leg_id": joined["leg_id"], "sdp": sdp})
        await link.connect()
        room.people[seat] = Person(link, link, list(outlets.values()))
        self.joins += 1

    async def open(self) -> None:
        """Another room, full and recorded."""
        room = Room(f"soak{self.opened}")
        self.opened += 1
        seats = [{"seat_id": seat, "label": seat, "kind": "customer"} for seat in _SEATS]
        await self.call("room.open", {"room_id": room.name, "seats": seats})
        for seat in _SEATS:
            await self.call("room.consent", {"room_id": room.name, "seat_id": seat, "granted": True})
            await self.join(room, seat)
        params = {"room_id": room.name, "recording_id": room.name, "dir": str(self.folder / "recordings" / room.name)}
        await self.call("recording.start", params)
        room.play()
        self.rooms.append(room)

    async def close(self, room: Room) -> None:
        """End a room; its recording is not kept."""
        self.rooms.remove(room)
        await room.silence()
        await self.call("recording.stop", {"room_id": room.name})
        await self.call("room.close", {"room_id": room.name})
        for person in room.people.values():
            person.sending.close()
        await asyncio.to_thread(shutil.rmtree, self.folder / "recordings" / room.name, True)

    async def change(self, room: Room, seat: str, *, is_goodbye: bool) -> None:
        """Somebody leaves and comes back."""
        await room.silence()
        room.people.pop(seat).sending.close()
        if is_goodbye:
            await self.call("seat.leave", {"room_id": room.name, "seat_id": seat, "reason": "left"})
        await self.join(room, seat)
        room.play()


def resident_mb(pid: int) -> float:
    """Resident memory of the process."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20


async def trimmed_mb(pid: int) -> float:
    """Resident memory once the allocator gave back what it holds."""
    os.kill(pid, signal.SIGUSR2)
    await asyncio.sleep(0.5)
    return resident_mb(pid)


def slope(samples: list[tuple[float, float]]) -> float:
    """Theil–Sen: the median slope of all pairs."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(samples, 2) if b[0] > a[0]]
    return statistics.median(slopes) if slopes else float("nan")


async def soak(pid: int, host: str, folder: Path, minutes: float, rooms: int) -> tuple[list[tuple[float, float]], float, Soak]:
    """Samples (hours, MB), and MB of the empty worker."""
    rpc = RpcClient(f"http://127.0.0.1:{_RPC_PORT}", TOKEN)
    rpc.start()
    await rpc.wait_connected(timeout=30)
    chance = random.Random(6)
    samples: list[tuple[float, float]] = []
    clients = Soak(rpc, host, folder)
    try:
        # What is loaded with the first room ever is the program's, not the room's.
        await clients.open()
        await asyncio.sleep(5)
        await clients.close(clients.rooms[0])
        await asyncio.sleep(3)
        empty = await trimmed_mb(pid)
        for _ in range(rooms):
            await clients.open()
        began = time.monotonic()
        sample_at, change_at, room_at = began + 20, began + 20 + _CHANGE_S, began + _ROOM_S
        while (now := time.monotonic()) < began + minutes * 60:
            if now >= sample_at:
                sample_at += _SAMPLE_S
                samples.append(((now - began) / 3600, await trimmed_mb(pid)))
                if len(samples) % 6 == 1:
                    load = os.getloadavg()[0]
                    print(
                        f"{(now - began) / 60:5.1f} min: {samples[-1][1]:.1f} MB, {clients.joins} joins, load {load:.1f}",
                        flush=True,
                    )
            elif now >= room_at:
                room_at += _ROOM_S
                await clients.close(clients.rooms[0])
                await clients.open()
                sample_at = max(sample_at, time.monotonic() + 3)
            elif now >= change_at:
                change_at += _CHANGE_S
                room = chance.choice(clients.rooms)
                await clients.change(room, chance.choice(_SEATS), is_goodbye=chance.random() < 0.5)
                sample_at = max(sample_at, time.monotonic() + 3)
            await asyncio.sleep(0.2)
        for room in list(clients.rooms):
            await clients.close(room)
    finally:
        for room in clients.rooms:
            await room.silence()
        await rpc.aclose()
    return samples, empty, clients


def run(minutes: float, rooms: int) -> dict[str, float]:
    """The whole soak."""
    host = advertised("0.0.0.0", "")[0]  # noqa: S104 - asked for this machine's address, not bound
    folder = Path(tempfile.mkdtemp(prefix="dr-soak-", dir=os.environ.get("DR_BENCH_DIR")))
    try:
        with worker(folder, host) as pid:
            samples, empty, clients = asyncio.run(soak(pid, host, folder, minutes, rooms))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    settled = [item for item in samples if item[0] * 60 > minutes / 6]
    values = [value for _, value in settled]
    per_room = (statistics.median(values[: max(1, len(values) // 4)]) - empty) / rooms
    print(
        f"{minutes:g} min, {rooms} rooms, {clients.joins} joins, {clients.opened} rooms in all; empty {empty:.1f} MB, then "
        f"{min(values):.1f}…{max(values):.1f} MB (median {statistics.median(values):.1f}) in {len(values)} readings",
        flush=True,
    )
    return {"mb_per_room": round(per_room, 2), "mb_per_hour": round(slope(settled), 2), "soak_minutes": minutes}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rooms", type=int, default=4)
    options = parser.parse_args()
    result(run(options.minutes, options.rooms))
