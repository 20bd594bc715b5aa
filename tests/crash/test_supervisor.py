"""The supervisor: one service a data folder, taken ports named, nothing left behind when it is killed."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import psutil

from scripts.demo.service import environment, running
from server.settings import ROOT


async def second_start(env: dict[str, str]) -> tuple[int, str]:
    """Start once more and return the exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "run", cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        _, error = await process.communicate()
    return process.returncode or 0, error.decode()


async def test_a_second_start_and_a_killed_supervisor(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        code, said = await second_start(service.environment)
        assert code == 1
        assert f"进程 {service.process.pid}" in said
        assert "DR_DATA_DIR" in said

        other = service.environment | {"DR_DATA_DIR": str(tmp_path / "other")}
        code, said = await second_start(other)
        assert code == 1
        assert service.environment["DR_HTTP_PORT"] in said
        assert "DR_HTTP_PORT=" in said

        children = psutil.Process(service.process.pid).children(recursive=True)
        assert len(children) >= 6
        os.kill(service.process.pid, signal.SIGKILL)
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, timeout=40)
        assert alive == []


async def test_a_taken_media_port_is_named(tmp_path: Path) -> None:
    env = environment(tmp_path / "data")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", int(env["DR_MEDIA_UDP_PORT"])))
        code, said = await second_start(env)
    assert code == 1
    assert "DR_MEDIA_UDP_PORT=" in said
