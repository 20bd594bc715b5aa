"""One command runs every process on one machine: starts them, restarts what dies, drains on Ctrl-C.

Start order: media and perception first, then jobs, then web. Stop order is the reverse of dependence: web (no new commands),
media (closes its open segments), then the rest. A process that dies is started again with a growing delay; the others go on.
"""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass

import structlog

from server.settings import ROOT, Settings

log = structlog.get_logger(__name__)

STOP_WAIT_S = 20.0
HEALTHY_AFTER_S = 10.0


@dataclass(slots=True)
class Child:
    """A supervised process."""

    name: str
    arguments: tuple[str, ...]
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    failures: int = 0


class Supervisor:
    """Owner of the child processes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        workers = [Child(f"media{i}", ("media", "--worker", str(i))) for i in range(settings.media_workers)]
        self._children = [*workers, Child("speech", ("speech",)), Child("vision", ("vision",)), Child("jobs", ("jobs",))]
        self._children.append(Child("web", ("web",)))

    async def run(self) -> int:
        """Run until a signal arrives. Returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        tasks = [asyncio.create_task(self._keep(child), name=child.name) for child in self._children]
        await self._stopping.wait()
        print("\n正在收尾：录制中的片段会先写完……", flush=True)  # noqa: T201 - the console is this command's interface
        for name in ("web", "media", "jobs", "speech", "vision"):
            await asyncio.gather(*(self._stop(child) for child in self._children if child.name.startswith(name)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return 0

    async def _keep(self, child: Child) -> None:
        while not self._stopping.is_set():
            child.started_at = time.monotonic()
            child.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", *child.arguments, cwd=ROOT, start_new_session=True, env=os.environ.copy()
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
        process.terminate()
        try:
            async with asyncio.timeout(STOP_WAIT_S):
                await process.wait()
        except TimeoutError:
            log.error("process_killed", process=child.name)
            process.kill()
            await process.wait()
