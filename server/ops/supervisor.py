"""One command runs every process on one machine: starts them, restarts what dies, drains on Ctrl-C.

Start order: media and perception first, then jobs, then web. Stop order is the reverse of dependence: web (no new commands),
media (what was handed to its writer is made durable), its agent (uploads what is closed) and the jobs, then perception. A process
that dies is started again with a growing delay; the others go on.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from server.settings import ROOT, Settings

log = structlog.get_logger(__name__)

STOP_WAIT_S = 20.0
HEALTHY_AFTER_S = 10.0
STOP_ORDER: tuple[tuple[str, ...], ...] = (("web",), ("media",), ("agent", "jobs"), ("speech", "vision"))
"""Who is stopped together: nobody before those who may still need them. The agent and the jobs need each other no more."""


@dataclass(slots=True)
class Child:
    """A supervised process."""

    name: str
    arguments: tuple[str, ...]
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    failures: int = 0


_PR_SET_PDEATHSIG = 1


def _end_with_the_supervisor() -> None:
    """In a new child: let the kernel send SIGTERM when the supervisor is killed, so that nothing stays behind on its ports."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Owner of the child processes.

    Args:
        only: names of the kinds of processes to run; all by default.
        drains: SIGTERM lets media workers wait for their rooms to end (rolling updates); SIGINT does not.
    """

    def __init__(self, settings: Settings, only: Sequence[str] = (), *, drains: bool = False) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._drains = drains
        self._is_draining = False
        workers = [Child(f"media{i}", ("media", "--worker", str(i))) for i in range(settings.media_workers)]
        others = {"agent": "media-agent", "speech": "speech", "vision": "vision", "jobs": "jobs", "web": "web"}
        children = [*workers, *(Child(name, (command,)) for name, command in others.items())]
        self._children = [child for child in children if not only or child.name.startswith(tuple(only))]

    async def run(self) -> int:
        """Run until a signal arrives. Returns the exit code."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupted)
        loop.add_signal_handler(signal.SIGTERM, self._terminated)
        tasks = [asyncio.create_task(self._keep(child), name=child.name) for child in self._children]
        await self._stopping.wait()
        print("\n正在收尾：录制中的片段会先写完……", flush=True)  # noqa: T201 - the console is this command's interface
        for names in STOP_ORDER:
            await asyncio.gather(*(self._stop(child) for child in self._children if child.name.startswith(names)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return 0

    def _interrupted(self) -> None:
        if self._is_draining:  # no more patience: media ends now
            self._is_draining = False
            for child in self._children:
                if child.name.startswith("media") and child.process is not None and child.process.returncode is None:
                    child.process.send_signal(signal.SIGINT)
        self._stopping.set()

    def _terminated(self) -> None:
        self._is_draining = self._drains
        self._stopping.set()

    async def _keep(self, child: Child) -> None:
        while not self._stopping.is_set():
            child.started_at = time.monotonic()
            child.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "server",
                *child.arguments,
                cwd=ROOT,
                start_new_session=True,
                env=os.environ.copy(),
                preexec_fn=_end_with_the_supervisor,
            )
            code = await child.process.wait()
            if self._stopping.is_set():
                return
            child.failures = 1 if time.monotonic() - child.started_at > HEALTHY_AFTER_S else child.failures + 1
            delay = 0.0 if child.failures == 1 else min(0.25 * 2 ** (child.failures - 2), 10.0)
            log.error("process_died", process=child.name, exit_code=code, restart_in_s=delay)
            await asyncio.sleep(delay)

    async def _stop(self, child: Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        limit = STOP_WAIT_S
        if child.name.startswith("media") and not self._is_draining:
            process.send_signal(signal.SIGINT)
        else:
            process.terminate()
            limit += self._settings.media_drain_limit_s if child.name.startswith("media") else 0.0
        try:
            async with asyncio.timeout(limit):
                await process.wait()
        except TimeoutError:
            log.error("process_killed", process=child.name)
            process.kill()
            await process.wait()
