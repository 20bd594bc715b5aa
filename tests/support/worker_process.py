"""Real media worker processes for tests, on free ports, and rooms in them with scripted clients."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiortc import RTCCertificate

from media.rpc import RpcClient
from scripts.demo.service import free_port
from server.sessions.engines import MEDIA, Engines
from server.settings import ROOT, Settings
from tests.media.peer import Peer


@dataclass
class WorkerProcess:
    """`python -m server media --worker 0` on ports of its own; the same ones after a restart."""

    settings: Settings
    environment: dict[str, str] = field(default_factory=dict)
    rpc_port: int = field(default_factory=free_port)
    udp_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.rpc_port}"

    async def start(self) -> None:
        data = self.settings.data_dir
        (data / "run").mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "DR_DATA_DIR": str(data), "DR_MEDIA_RPC_PORT": str(self.rpc_port),
            "DR_MEDIA_UDP_PORT": str(self.udp_port), "DR_INTERNAL_TOKEN": self.settings.internal_token.get_secret_value(),
            **self.environment,
        }  # fmt: skip
        with (data / f"worker-{self.rpc_port}.log").open("ab") as log:
            command = (sys.executable, "-m", "server", "media", "--worker", "0")
            self.process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    async def kill(self, number: int = signal.SIGKILL) -> int:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        async with asyncio.timeout(60):
            return await self.process.wait()

    async def answers(self) -> dict[str, Any]:
        """Wait until it serves."""
        client = RpcClient(self.url, self.settings.internal_token.get_secret_value())
        client.start()
        try:
            await client.wait_connected(60)
            info: dict[str, Any] = await client.call("worker.info")
            return info
        finally:
            await client.aclose()


@asynccontextmanager
async def worker_process(settings: Settings, **environment: str) -> AsyncIterator[WorkerProcess]:
    item = WorkerProcess(settings, environment)
    await item.start()
    try:
        yield item
    finally:
        if item.process is not None and item.process.returncode is None:
            await item.kill()


class RoomCalls:
    """The calls of one room, wherever it is."""

    def __init__(self, engines: Engines, room_id: str) -> None:
        self._engines = engines
        self._room = room_id

    async def call(self, method: str, params: dict[str, Any] | None = None, **_: Any) -> Any:
        return await self._engines.call(MEDIA, method, params or {}, room=self._room)


class TalkingPeer:
    """A client that speaks (an Opus packet each 20 ms) until closed."""

    def __init__(self, engines: Engines, room_id: str, seat_id: str, certificate: RTCCertificate) -> None:
        self.peer = Peer(RoomCalls(engines, room_id), room_id, seat_id, certificate)  # type: ignore[arg-type]
        self._task: asyncio.Task[None] | None = None

    async def join(self) -> None:
        await self.peer.join()
        self._task = asyncio.create_task(self._talk())

    async def _talk(self) -> None:
        sequence = 1
        while True:
            self.peer.send_audio(sequence)
            if sequence % 25 == 0:
                self.peer.check()
            sequence += 1
            await asyncio.sleep(0.02)

    def heard(self, other: str) -> int:
        """Packets of another seat so far."""
        return len(self.peer.packets.get(self.peer.mid("mic", other), []))

    async def hears(self, other: str, more: int = 20) -> None:
        wanted = self.heard(other) + more
        await self.peer.until(lambda: self.heard(other) >= wanted, timeout=60)

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.peer.aclose()


async def open_room(engines: Engines, room_id: str) -> None:
    """A room with an agent and a customer who both consent."""
    seats = [{"seat_id": seat, "label": seat, "kind": "customer"} for seat in ("agent", "holder")]
    await engines.open_room(room_id, {"room_id": room_id, "seats": seats})
    for seat in ("agent", "holder"):
        await engines.call(MEDIA, "room.consent", {"room_id": room_id, "seat_id": seat, "granted": True})


def journal(folder: Path) -> list[dict[str, Any]]:
    """A recording's journal as it is."""
    from media.recorder.journal import JOURNAL_NAME, read_journal

    return read_journal(folder / JOURNAL_NAME)[0]
