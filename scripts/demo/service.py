"""Runs the whole product for a test or a demo: every process under the supervisor, on ports and a data folder of its own."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from server.settings import ROOT

START_TIMEOUT_S = 240.0


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that nothing listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that answers."""

    url: str
    data_dir: Path
    core_api_key: str
    process: asyncio.subprocess.Process
    environment: dict[str, str]


def environment(data_dir: Path, **extra: str) -> dict[str, str]:
    """Environment of a service on its own ports and data folder."""
    mirror = os.environ.get("DR_MODEL_MIRROR") or str(ROOT.parent / "shared" / "models")
    models = ROOT / "models" if (ROOT / "models" / "silero-vad").is_dir() else Path(mirror)
    port = free_port()
    return {
        **os.environ,
        "DR_MODE": "development",
        "DR_DATA_DIR": str(data_dir),
        "DR_HTTP_PORT": str(port),
        "DR_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DR_MEDIA_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        "DR_MEDIA_RPC_PORT": str(free_port()),
        "DR_SPEECH_RPC_PORT": str(free_port()),
        "DR_VISION_RPC_PORT": str(free_port()),
        "DR_JOBS_PORT": str(free_port()),
        "DR_MODEL_DIR": str(models),
        "PYTHONPATH": str(ROOT),
        **extra,
    }


@asynccontextmanager
async def running(data_dir: Path, **extra: str) -> AsyncIterator[RunningService]:
    """Start the service, wait until it is ready, stop it with SIGINT at the end (as Ctrl-C does)."""
    env = environment(data_dir, **extra)
    log = (data_dir.parent / f"{data_dir.name}-console.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "run", cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
    )
    url = env["DR_PUBLIC_URL"]
    try:
        await _ready(url, process)
        key = (data_dir / "development-secrets" / "core_api_key").read_text()
        yield RunningService(url, data_dir, key, process, env)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                async with asyncio.timeout(60):
                    await process.wait()
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
        log.close()


async def _ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_TIMEOUT_S):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the service ended with exit code {process.returncode}")
            try:
                async with http.get(f"{url}/readyz") as response:
                    if response.status == 200 and not (await response.json())["waiting"]:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
