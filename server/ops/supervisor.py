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
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from server.ops import failing
from server.settings import ROOT, Settings

log = structlog.get_logger(__name__)

STOP_WAIT_S = 20.0
HEALTHY_AFTER_S = 20.0
"""A process that stays up so long is well; one that ends before failed once more."""
STOP_ORDER: tuple[tuple[str, ...], ...] = (("web",), ("media",), ("agent", "jobs"), ("speech", "vision"))
"""Who is stopped together: nobody before those who may still need them. The agent and the jobs need each other no more."""


@dataclass(slots=True)
class Child:
    """A supervised process."""

    name: str
    arguments: tuple[str, ...]
    process: asyncio.subprocess.Process | None = None
    failures: int = 0
    """Ends in a row; 0 again once it stays up."""
    exit_code: int = 0


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
        failing.note(self._settings, {})
        tasks = [asyncio.create_task(self._keep(child), name=child.name) for child in self._children]
        await self._stopping.wait()
        print("\n正在收尾：录制中的片段会先写完……", flush=True)  # noqa: T201 - the console is this command's interface
        for names in STOP_ORDER:
            await asyncio.gather(*(self._stop(child) for child in self._children if child.name.startswith(names)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        failing.note(self._settings, {})
        return 0

    def stop(self) -> None:
        """End everything in order; `run` returns then."""
        self._stopping.set()

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
            code = await self._wait(child, child.process)
            if self._stopping.is_set():
                return
            child.failures, child.exit_code = child.failures + 1, code
            delay = 0.0 if child.failures == 1 else min(0.25 * 2 ** (child.failures - 2), 10.0)
            log.error("process_died", process=child.name, exit_code=code, restart_in_s=delay)
            self._note(child)
            await asyncio.sleep(delay)

    async def _wait(self, child: Child, process: asyncio.subprocess.Process) -> int:
        """Wait for the end of a process; one that stays up long enough is well again."""
        try:
            async with asyncio.timeout(HEALTHY_AFTER_S):
                return await process.wait()
        except TimeoutError:
            was_loud = child.failures >= failing.LOUD_AFTER
            child.failures = 0
            if was_loud:
                failing.note(self._settings, self._failing())
                print(f"  {failing.title(child.name)}已恢复", flush=True)  # noqa: T201 - the console is this command's interface
        return await process.wait()

    def failed(self) -> list[str]:
        """Names of the processes that ended and did not stay up since."""
        return [child.name for child in self._children if child.failures]

    def _failing(self) -> dict[str, failing.Failing]:
        return {
            child.name: failing.Failing(child.failures, child.exit_code, failing.log_of(child.name))
            for child in self._children
            if child.failures >= failing.LOUD_AFTER
        }

    def _note(self, child: Child) -> None:
        """Tell the health page who fails again and again, and the console once."""
        found = self._failing()
        if child.name in found:
            failing.note(self._settings, found)
        if child.failures == failing.LOUD_AFTER:
            text = f"  ! {failing.title(child.name)}{found[child.name].text(f'{self._settings.data_dir}/')}"
            print(text, flush=True)  # noqa: T201 - the console is this command's interface

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
