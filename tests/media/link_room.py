"""A worker in a process of its own and native clients, some behind an emulated link; what they recorded, judged afterwards."""

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, cast

from media.worker import Worker
from scripts.link_emulator import LinkEmulator
from server.settings import ROOT
from tests.media.conftest import ROOM, TOKEN, Control
from tests.media.native import NativeClient

_RUN = (
    "import sys; from pathlib import Path; from media.worker import WorkerOptions, run; "
    "run(WorkerOptions(rpc_token=sys.argv[1], data_dir=Path(sys.argv[2]), host=sys.argv[3], udp_port=int(sys.argv[4]), "
    "rpc_port=int(sys.argv[5])))"
)


class WorkerProcess:
    """A media worker as a process: `start` again after `kill` takes the same ports."""

    def __init__(self, data_dir: Path, host: str) -> None:
        self.data_dir = data_dir
        self.host = host
        self.rpc_port = _free(socket.SOCK_STREAM, "127.0.0.1")
        self.udp_port = _free(socket.SOCK_DGRAM, host)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Run it; it serves when its RPC answers."""
        arguments = [TOKEN, str(self.data_dir), self.host, str(self.udp_port), str(self.rpc_port)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-c", _RUN, *arguments, env=environment)

    async def kill(self) -> None:
        """SIGKILL."""
        await self._end(signal.SIGKILL)

    async def aclose(self) -> None:
        """SIGTERM, and wait for its recordings."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            try:
                await asyncio.wait_for(self._process.wait(), 20)
            except TimeoutError:
                self._process.kill()


class LinkRoom(Control):
    """One room on a worker process. `client` adds a native client to a seat; `aclose` ends everything."""

    def __init__(self, process: WorkerProcess, link: LinkEmulator | None) -> None:
        super().__init__(cast(Worker, process), process.data_dir)
        self.process = process
        self.link = link
        self.clients: dict[str, NativeClient] = {}
        self.legs: dict[str, str] = {}

    @classmethod
    async def start(cls, data_dir: Path, link: LinkEmulator | None = None) -> "LinkRoom":
        """Start the worker; it listens where the link ends, else on this machine's loopback."""
        (data_dir / "run").mkdir(parents=True, exist_ok=True)
        process = WorkerProcess(data_dir, "127.0.0.1" if link is None else link.host_address)
        await process.start()
        room = cls(process, link)
        room.rpc.start()
        try:
            await room.rpc.wait_connected(timeout=90)
        except BaseException:
            await room.aclose()
            raise
        return room

    async def client(self, seat_id: str, *, is_far: bool = True, **params: Any) -> NativeClient:
        """Join a seat with a new client; `is_far`: behind the link."""
        before = () if self.link is None or not is_far else self.link.inside
        if os.geteuid() == 0:
            before = ("nice", "-n", "-10", *before)  # a phone is a machine of its own: it does not wait for this one's work
        client = self.clients[seat_id] = await NativeClient.start(before)
        await self.join(seat_id, **params)
        return client

    async def join(self, seat_id: str, **params: Any) -> None:
        """Let the seat's client join."""
        joined = await self.call("seat.join", room_id=ROOM, seat_id=seat_id)
        self.legs[seat_id] = joined["leg_id"]
        answered = await self.clients[seat_id].call("join", sdp=joined["sdp"], **params)
        await self.call("seat.answer", leg_id=joined["leg_id"], sdp=answered["sdp"])
        await self.event("leg.connected", 60, seat_id=seat_id, leg_id=joined["leg_id"])

    async def restart_ice(self, seat_id: str) -> float:
        """ICE restart on the seat's leg. Returns when it began (monotonic seconds)."""
        began = time.monotonic()
        restarted = await self.call("seat.restart", leg_id=self.legs[seat_id])
        answered = await self.clients[seat_id].call("restart", sdp=restarted["sdp"])
        await self.call("seat.answer", leg_id=self.legs[seat_id], sdp=answered["sdp"])
        return began

    async def leg_stats(self, seat_id: str) -> dict[str, Any]:
        """Counters of the seat's leg."""
        stats = await self.call("room.stats", room_id=ROOM)
        return next((dict(leg) for leg in stats["legs"] if leg["seat_id"] == seat_id), {})

    async def aclose(self) -> None:
        """End clients and worker; idempotent."""
        for client in self.clients.values():
            await client.aclose()
        self.clients.clear()
        await self.rpc.aclose()
        await self.process.aclose()


def _free(kind: socket.SocketKind, host: str) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
