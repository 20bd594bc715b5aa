"""A disk fills up, for real: new rooms are refused, the running one goes on and is whole, an alarm is raised and cleared."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiortc import RTCCertificate

from media.admission import AdmissionLimits
from media.recorder.reader import read_timeline
from media.rpc import RpcError
from media.worker import Worker, WorkerOptions
from server.context import Context
from server.media_workers.agent import Agent
from server.media_workers.tables import media_alarms
from server.sessions.engines import MEDIA, Engines
from server.settings import Settings
from tests.support.worker_process import TalkingPeer, open_room

SIZE = 48 << 20


@pytest.fixture
def small_disk(need: Callable[[str, str], None], tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB."""
    if os.geteuid() != 0:
        need("root", "run as root to mount a small tmpfs")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def settings(small_disk: Path, tmp_path: Path) -> Settings:
    database = f"sqlite+aiosqlite:///{tmp_path / 'service.db'}"
    return Settings(data_dir=small_disk / "data", http_port=0, database_url=database, model_dir=tmp_path / "no-models")


@pytest.mark.needs_root
async def test_a_disk_that_fills_up(context: Context, small_disk: Path) -> None:
    data = context.settings.data_dir
    (data / "run").mkdir(parents=True)
    # Two hours at 1 kB/s are 7 MB: the same rule as in production, on a disk that a test can fill.
    options = WorkerOptions(
        rpc_token=context.settings.internal_token.get_secret_value(), data_dir=data, host="127.0.0.1", udp_port=0, rpc_port=0,
        limits=AdmissionLimits(room_bytes_per_s=1_000),
    )  # fmt: skip
    worker = Worker(options)
    await worker.start()
    agent = Agent(context, [f"http://127.0.0.1:{worker.rpc_port}"])
    engines = Engines(context, lambda *_: None, lambda *_: None)
    try:
        for client in agent._clients.values():
            client.start()
            await client.wait_connected(60)
        await agent.beat(agent.identities[0])
        await engines.start()
        async with asyncio.timeout(60):
            while not engines._clients[MEDIA, agent.identities[0].worker_id].is_connected:
                await asyncio.sleep(0.01)
        await open_room(engines, "running")
        certificate = RTCCertificate.generateCertificate()
        pair = [TalkingPeer(engines, "running", seat, certificate) for seat in ("agent", "holder")]
        for person in pair:
            await person.join()
        folder = data / "recordings" / "rec"
        await engines.call(MEDIA, "recording.start", {"room_id": "running", "recording_id": "rec", "dir": "recordings/rec"})
        await pair[0].hears("holder")

        ballast = small_disk / "ballast"
        free = os.statvfs(small_disk).f_bavail * 4096
        ballast.write_bytes(bytes(free - (6 << 20)))
        with pytest.raises(RpcError, match="MEDIA_DISK_LOW"):
            await open_room(engines, "refused")
        await agent.beat(agent.identities[0])
        assert await engines.refusal() == "MEDIA_DISK_LOW"
        assert "disk_low" in await standing(context)
        await asyncio.gather(pair[0].hears("holder"), pair[1].hears("agent"))

        ballast.unlink()
        await agent.beat(agent.identities[0])
        assert "disk_low" not in await standing(context)
        await open_room(engines, "welcome")
        await engines.call(MEDIA, "recording.stop", {"room_id": "running"}, timeout=30)
        for person in pair:
            await person.aclose()
    finally:
        await engines.aclose()
        await agent.aclose()
        await worker.aclose()
    timeline = read_timeline(folder)
    assert timeline.is_stopped
    assert not timeline.gaps
    assert {segment.seat_id for segment in timeline.segments} == {"agent", "holder"}


async def standing(context: Context) -> list[str]:
    async with context.db.read() as tx:
        return list((await tx.execute(sa.select(media_alarms.c.kind).where(media_alarms.c.cleared_at.is_(None)))).scalars())
