"""SIGKILL of the jobs process in every step of finalising: it resumes there, repeats nothing that was done, and seals once."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.context import Context
from server.inspections.tables import inspections
from server.jobs.registry import Registry
from server.jobs.tables import job_steps, jobs
from server.recordings import jobs as recording_jobs
from server.recordings.tables import recordings
from server.schema import load_metadata
from server.settings import ROOT, Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from storage.evidence.package import FolderPackage
from storage.evidence.verify import verify
from tests.support.recordings import Made, make_session

LEASE_S = "3"
"""Short, so that a dead worker is not waited for long; long enough for a living one on a busy machine."""


def finalising_steps() -> list[str]:
    registry = Registry()
    recording_jobs.register(registry)
    return [step.name for step in registry.kinds["finalise"].steps]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Context]:
    database = Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    try:
        yield Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=lambda: datetime.now(UTC))
    finally:
        await database.aclose()


@contextmanager
def jobs_process(settings: Settings, worker: str, point: str = "", lease_s: str = "") -> "Iterator[subprocess.Popen[bytes]]":
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "DR_DATA_DIR": str(settings.data_dir), "DR_DATABASE_URL": settings.database_url,
        "DR_SPEECH_RPC_PORT": "9", "DR_MODEL_DIR": str(settings.data_dir / "none"), "DR_TEST_LEASE_S": lease_s,
    }  # fmt: skip
    log = (settings.data_dir / f"{worker}.log").open("ab")
    command = [sys.executable, "-m", "tests.crash.jobs_process", worker, *([point] if point else [])]
    with log, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def ended(process: "subprocess.Popen[bytes]", timeout: float = 180) -> None:
    async with asyncio.timeout(timeout):
        await asyncio.to_thread(process.wait)


async def until_queued(context: Context, made: Made, timeout: float = 240) -> None:
    """Until the inspection of the sealed recording is there and the job is done; a failed job fails at once."""
    async with asyncio.timeout(timeout):
        while True:
            async with context.db.read() as tx:
                failed = (
                    await tx.execute(sa.select(jobs.c.error_code, jobs.c.error_detail).where(jobs.c.state == "failed"))
                ).first()
                found = await tx.scalar(sa.select(inspections.c.id).where(inspections.c.recording_id == made.recording_id))
                is_done = await tx.scalar(sa.select(jobs.c.state).where(jobs.c.subject_id == made.recording_id)) == "done"
            assert failed is None, failed
            if found and is_done:
                return
            await asyncio.sleep(0.2)


async def check_sealed_once(context: Context, made: Made) -> None:
    async with context.db.read() as tx:
        state = await tx.scalar(sa.select(recordings.c.state).where(recordings.c.id == made.recording_id))
        steps = {row.name: row.state for row in await tx.execute(sa.select(job_steps.c.name, job_steps.c.state))}
        queued = await tx.scalar(sa.select(sa.func.count()).select_from(inspections))
    assert (state, set(steps.values()), queued) == ("sealed", {"done"}, 1)
    root = context.settings.data_dir / "store" / "objects" / "evidence" / made.case_id / made.recording_id
    report = verify(FolderPackage(root))
    assert report.is_intact, [finding for finding in report.findings if finding.is_error]


@pytest.mark.timeout(900)
async def test_killed_in_every_step(tmp_path: Path) -> None:
    """One worker, started again under its own name each time."""
    settings = Settings(data_dir=tmp_path / "data", http_port=0)
    async with opened(settings) as context:
        made = await make_session(context, length_ms=4_000)
        for number, step in enumerate(finalising_steps()):
            with jobs_process(settings, "one", f"{step}:{'after' if number % 2 == 0 else 'before'}") as process:
                await ended(process)
                assert process.returncode == -9, (step, (settings.data_dir / "one.log").read_text()[-3000:])
        with jobs_process(settings, "one"):
            await until_queued(context, made)
        await check_sealed_once(context, made)
    ran = Counter(line.split()[1] for line in (settings.data_dir / "steps.log").read_text().splitlines())
    assert ran == dict.fromkeys(finalising_steps(), 2)  # killed once, repeated once; nothing that was recorded ran again


async def until_ran(settings: Settings, worker: str, process: "subprocess.Popen[bytes]") -> None:
    """Until a worker has begun a step."""
    log = settings.data_dir / "steps.log"
    async with asyncio.timeout(120):
        while not (log.exists() and f"{worker} " in log.read_text()):
            assert process.poll() in (None, -9), (settings.data_dir / f"{worker}.log").read_text()[-3000:]
            await asyncio.sleep(0.05)


@pytest.mark.timeout(900)
async def test_each_worker_dies_in_the_next_step_and_the_other_takes_over(database_url: str, tmp_path: Path) -> None:
    """Always two workers: the one that has the job dies in its step, the other goes on from there and dies in the next."""
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, http_port=0)
    steps = finalising_steps()
    points = [f"{step}:{'before' if number % 2 == 0 else 'after'}" for number, step in enumerate(steps)]
    async with opened(settings) as context:
        made = await make_session(context, length_ms=4_000)
        with ExitStack() as stack:
            workers = [stack.enter_context(jobs_process(settings, "w0", points[0], LEASE_S))]
            await until_ran(settings, "w0", workers[0])
            for number in range(1, len(steps) + 1):
                point = points[number] if number < len(steps) else ""
                workers.append(stack.enter_context(jobs_process(settings, f"w{number}", point, LEASE_S)))
                await ended(workers[number - 1])
                assert workers[number - 1].returncode == -9
                await until_ran(settings, f"w{number}", workers[number])
            await until_queued(context, made)
        await check_sealed_once(context, made)
    ran = [line.split() for line in (settings.data_dir / "steps.log").read_text().splitlines()]
    assert Counter(step for _, step in ran) == dict.fromkeys(steps, 2), "once by the one that died in it, once by the other"
    assert [worker for worker, step in ran if step == steps[-1]] == [f"w{len(steps) - 1}", f"w{len(steps)}"]
