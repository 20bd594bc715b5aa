"""The durable workflow engine: the only module that touches DBOS.

DBOS runs its own threads, therefore it lives in the jobs process alone. Launched inside a running event loop it runs
asynchronous workflows on that loop, so steps share the process's database engine. One generic workflow runs every job kind;
its id is the natural key, plus the attempt number after a retry by a person.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID, StepReservation
from dbos import error as dbos_error

from server.jobs import progress
from server.jobs.registry import JobError, JobKind, Json, Registry, Services, Step, StepRun, job_id

log = structlog.get_logger(__name__)

QUEUE = "jobs"
APPLICATION_VERSION = "2"
"""How the engine lays out a workflow. A build with the same one goes on with what an older build began. Raise it when the order
in which steps take their numbers changes: jobs in flight then go on in a workflow of the new layout, without the steps done
already (those are found by name in our own tables). 2: steps beside each other."""

PAUSED = "Asyncio task cancelled for workflow or step"


def told_by_us(record: logging.LogRecord) -> bool:
    """What the engine warns of when we stop it in the middle of a job is for the log file: the job goes on at the next start."""
    if str(record.msg).startswith(PAUSED):
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def speak_through_our_log() -> None:
    """The engine brings a console handler of its own; its words go where ours go."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    logger.addFilter(told_by_us)


class Engine:
    """Owner of the workflow engine of this process. One per process.

    Args:
        registry: job kinds.
        services: handed to every step.
        worker: this process's identity; after a crash the same identity picks up its own work at once.
        concurrency: jobs run side by side in this process.
    """

    def __init__(self, registry: Registry, services: Services, worker: str, *, concurrency: int = 2) -> None:
        self._registry = registry
        self._services = services
        self._worker = worker
        self._concurrency = concurrency
        self._workflow: Any = None

    async def launch(self) -> None:
        """Start the engine; pending work of this worker is picked up again."""
        config: DBOSConfig = {
            "name": "dual-recording",
            "system_database_url": system_database_url(
                self._services.context.settings.database_url, self._services.context.settings.data_dir
            ),
            "executor_id": self._worker,
            "application_version": APPLICATION_VERSION,
            "log_level": "WARNING",
            "max_executor_threads": 8,
            "notification_listener_polling_interval_sec": 1.0,
        }
        DBOS(config=config)
        speak_through_our_log()

        # The engine marks functions with attributes, which a bound method refuses.
        async def run_job(kind: str, subject_id: str, attempt: int) -> None:
            await self._run_job(kind, subject_id, attempt)

        self._workflow = DBOS.workflow(name="run_job")(run_job)
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=0.5, on_conflict="always_update"
        )

    async def start(self, kind: str, subject_id: str, attempt: int) -> None:
        """Start a job under its natural key; a no-op when that attempt exists."""
        with SetWorkflowID(workflow_id(job_id(kind, subject_id), attempt)):
            await DBOS.enqueue_workflow_async(QUEUE, self._workflow, kind, subject_id, attempt)

    async def give_up(self, kind: str, subject_id: str, attempt: int) -> None:
        """Cancel an attempt that a newer one replaces; it stops before its next step."""
        try:
            await DBOS.cancel_workflow_async(workflow_id(job_id(kind, subject_id), attempt))
        except dbos_error.DBOSException:
            log.info("job_attempt_gone", kind=kind, subject_id=subject_id, attempt=attempt)

    async def take_over(self, key: str, attempt: int) -> None:
        """Resume a job whose process is gone."""
        try:
            await DBOS.resume_workflow_async(workflow_id(key, attempt))
        except dbos_error.DBOSException:
            log.exception("job_take_over_failed", job=key)

    async def aclose(self) -> None:
        """Stop. Running steps are abandoned and begin again at the next launch."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=0)
        # The engine made its own pool the loop's default one and has just shut that down.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="default"))

    async def _run_job(self, kind_name: str, subject_id: str, attempt: int) -> None:
        kind = self._registry.kinds[kind_name]
        key = job_id(kind_name, subject_id)
        context = self._services.context
        await progress.own(context, key, self._worker)
        results = await DBOS.run_step_async({"name": "begin"}, progress.begin, context, kind, subject_id, attempt, self._worker)
        try:
            await self._run_steps(kind, key, subject_id, results)
        except Exception as error:
            code = code_of(error)
            log.error("job_failed", job=key, code=code)
            await DBOS.run_step_async({"name": "failed"}, self._fail, kind, subject_id, code, str(error))
            raise
        await DBOS.run_step_async({"name": "finish"}, progress.finish, context, key, None)

    async def _run_steps(self, kind: JobKind, key: str, subject_id: str, results: dict[str, Json]) -> None:
        """Run what is not done yet: in order, steps with others beside them in a task of their own."""
        aside: dict[Step, asyncio.Task[Json]] = {}
        try:
            for step in kind.steps:
                for other in [other for other in aside if step.name not in other.beside]:
                    results[other.name] = await aside[other]
                    del aside[other]
                if step.name in results:
                    continue
                # Numbered now, in the list's order: a workflow that goes on after a crash finds each step under its number.
                run = self._run_step(step, DBOS.reserve_step(), key, subject_id, dict(results))
                if step.beside:
                    aside[step] = asyncio.create_task(run, name=f"{key}-{step.name}")
                else:
                    results[step.name] = await run
            for other, task in aside.items():
                results[other.name] = await task
        except asyncio.CancelledError:
            for task in aside.values():
                task.cancel()
            raise
        except Exception:
            await asyncio.gather(*aside.values(), return_exceptions=True)  # what it does is kept for the next attempt
            raise

    async def _run_step(self, step: Step, number: StepReservation, key: str, subject_id: str, results: dict[str, Json]) -> Json:
        context = self._services.context

        async def report(value: float) -> None:
            await progress.step_progress(context, key, step.name, value)

        async def run() -> Json:
            await progress.step_started(context, key, step.name)
            try:
                result = await step.run(self._services, StepRun(key, subject_id, results, report)) or {}
            except Exception as error:
                log.exception("job_step_failed", job=key, step=step.name)
                await progress.step_failed(context, key, step.name, code_of(error))
                # The engine stores the exception: only this type is sure to survive that.
                raise JobError(code_of(error), str(error)[:500], retryable=is_retryable(error)) from error
            await progress.step_done(context, key, step.name, result)
            return result

        options: Any = {
            "name": step.name,
            "retries_allowed": step.max_tries > 1,
            "max_attempts": step.max_tries,
            "interval_seconds": step.first_delay_s,
            "backoff_rate": 2.0,
            "should_retry": is_retryable,
        }
        outcome: Json = await number.run_async(options, run)
        return outcome

    async def _fail(self, kind: JobKind, subject_id: str, code: str, detail: str) -> None:
        if kind.on_failed is not None:
            await kind.on_failed(self._services, subject_id, code)
        await progress.finish(self._services.context, job_id(kind.name, subject_id), code, detail)


def workflow_id(key: str, attempt: int) -> str:
    """DBOS workflow id of an attempt."""
    return f"{key}:{attempt}/{APPLICATION_VERSION}"


def is_retryable(error: BaseException) -> bool:
    """Whether a step is tried again by itself."""
    flag = getattr(error, "retryable", None)
    if isinstance(flag, bool):
        return flag
    return isinstance(error, TimeoutError | ConnectionError | sa.exc.OperationalError)


def code_of(error: BaseException) -> str:
    """Stable code of a failure."""
    if isinstance(error, dbos_error.DBOSMaxStepRetriesExceeded) and error.errors:
        return code_of(error.errors[-1])
    code = getattr(error, "code", None)
    return code if isinstance(code, str) and code.isupper() else "INTERNAL"


def system_database_url(database_url: str, data_dir: Path) -> str:
    """Where the engine keeps its state: beside the service's SQLite file, or in its PostgreSQL database (schema `dbos`)."""
    url = sa.make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    return f"sqlite:///{data_dir / 'jobs.db'}"


__all__ = ["Engine", "JobError", "workflow_id"]
