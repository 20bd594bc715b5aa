"""Fixtures: a real worker on free ports, a client of its RPC that records events, scripted peers."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCCertificate

from media.native.engine import load
from media.rpc import RpcClient
from media.worker import Worker, WorkerOptions
from tests.conftest import lacking
from tests.media.peer import Peer

TOKEN = "token"
ROOM = "room1"


class Control:
    """The web process' side: calls, and every event so far."""

    def __init__(self, worker: Worker, data_dir: Path) -> None:
        self.worker = worker
        self.data_dir = data_dir
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._changed = asyncio.Event()
        self.rpc = RpcClient(f"http://127.0.0.1:{worker.rpc_port}", TOKEN, self._on_event)

    def _on_event(self, event: str, params: dict[str, Any]) -> None:
        self.events.append((event, params))
        self._changed.set()

    async def call(self, method: str, **params: Any) -> Any:
        return await self.rpc.call(method, params)

    def found(self, event: str, **wanted: Any) -> list[dict[str, Any]]:
        return [params for name, params in self.events if name == event and wanted.items() <= params.items()]

    async def event(self, event: str, timeout: float = 30, **wanted: Any) -> dict[str, Any]:
        """The first such event, waited for."""
        return await self.event_number(1, event, timeout, **wanted)

    async def event_number(self, number: int, event: str, timeout: float = 30, **wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(timeout):
            while len(found := self.found(event, **wanted)) < number:
                self._changed.clear()
                await self._changed.wait()
        return found[number - 1]

    async def open(self, *seats: str) -> None:
        await self.call("room.open", room_id=ROOM, seats=[{"seat_id": seat, "label": seat, "kind": "customer"} for seat in seats])

    async def consent(self, *seats: str) -> None:
        for seat in seats:
            await self.call("room.consent", room_id=ROOM, seat_id=seat, granted=True)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # Not tmp_path: unix socket paths below it may be too long.
    folder = Path(tempfile.mkdtemp(prefix="dr-media-"))
    (folder / "run").mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["python", "native"])
def engine(request: pytest.FixtureRequest) -> str:
    """Every test with a worker runs on both inner loops."""
    name = str(request.param)
    if name == "native" and load() is None:
        lacking("the compiled inner loop", "run `make native`")
    return name


@pytest.fixture
def worker_host() -> str:
    """Where the worker's media socket listens."""
    return "127.0.0.1"


@pytest.fixture
async def worker(data_dir: Path, engine: str, worker_host: str) -> AsyncIterator[Worker]:
    item = Worker(WorkerOptions(rpc_token=TOKEN, data_dir=data_dir, host=worker_host, udp_port=0, rpc_port=0, engine=engine))
    await item.start()
    yield item
    await item.aclose()


@pytest.fixture
async def control(worker: Worker, data_dir: Path) -> AsyncIterator[Control]:
    item = Control(worker, data_dir)
    item.rpc.start()
    await item.rpc.wait_connected(60)
    yield item
    await item.rpc.aclose()


@pytest.fixture(scope="session")
def certificate() -> RTCCertificate:
    return RTCCertificate.generateCertificate()


@pytest.fixture
async def make_peer(control: Control, certificate: RTCCertificate) -> AsyncIterator[Callable[[str], Peer]]:
    peers: list[Peer] = []

    def make(seat_id: str) -> Peer:
        peer = Peer(control.rpc, ROOM, seat_id, certificate)
        peers.append(peer)
        return peer

    yield make
    for peer in peers:
        await peer.aclose()
