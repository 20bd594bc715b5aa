"""The real jobs process, made to kill itself (SIGKILL) at one exact point.

    python -m tests.crash.jobs_process WORKER [STEP:WHEN]

WHEN is `before` (the step has begun) or `after` (its work is done, its result not yet recorded). Steps that run beside the one
to die in have begun when it dies, but have not ended. Every run of a step is written to `<data>/steps.log`. `DR_TEST_LEASE_S`
shortens the time after which a silent worker's jobs are another's.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from server.jobs import progress, runtime
from server.jobs.registry import Json, Registry, Services, Step, StepRun
from server.settings import Settings

WORKER = sys.argv[1]
STEP, _, WHEN = (sys.argv[2] if len(sys.argv) > 2 else "").partition(":")


def wrapped(step: Step, data: str, beside: set[str]) -> Step:
    async def run(services: Services, given: StepRun) -> Json | None:
        if step.name in beside:
            await asyncio.Event().wait()
        with Path(data, "steps.log").open("a") as file:
            file.write(f"{WORKER} {step.name}\n")
        if step.name == STEP and WHEN == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await step.run(services, given)
        if step.name == STEP and WHEN == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return replace(step, run=run)


def main() -> None:
    settings = Settings()
    progress.LEASE = timedelta(seconds=float(os.environ.get("DR_TEST_LEASE_S") or progress.LEASE.total_seconds()))
    build: Callable[[], Registry] = runtime.build_registry

    def build_registry() -> Registry:
        registry = build()
        for name, kind in registry.kinds.items():
            beside = {other.name for other in kind.steps if STEP in other.beside}
            beside |= {other for step in kind.steps if step.name == STEP for other in step.beside}
            registry.kinds[name] = replace(
                kind, steps=tuple(wrapped(step, str(settings.data_dir), beside) for step in kind.steps)
            )
        return registry

    runtime.build_registry = build_registry
    process: Awaitable[None] = runtime.main(settings, worker=WORKER)
    asyncio.run(_await(process))


async def _await(work: Awaitable[None]) -> None:
    await work


if __name__ == "__main__":
    main()
