"""Durable jobs on a real database: order, results, retries by themselves and by people, visible progress."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.context import Context
from server.jobs.registry import Due, JobError, JobKind, Json, Registry, Services, Step, StepRun, Tick
from server.jobs.runtime import Runtime
from server.jobs.tables import job_steps, jobs, workers
from server.recordings.stores import build_authority, build_ring, build_store


class Bench:
    """A runtime with one job kind under test."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.ran: list[str] = []
        self.due: list[Due] = []
        self.failed: list[tuple[str, str]] = []
        self.behaviour: dict[str, Callable[[StepRun], Awaitable[Json]]] = {}
        self.registry = Registry()
        steps = tuple(Step(name, self._step(name), max_tries=3, first_delay_s=0.01) for name in ("one", "two", "three"))
        self.registry.add_kind(JobKind("sample", steps, self._due, self._on_failed))
        self.stop = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def _step(self, name: str) -> Callable[[Services, StepRun], Awaitable[Json]]:
        async def run(_services: Services, step: StepRun) -> Json:
            self.ran.append(name)
            behave = self.behaviour.get(name)
            return await behave(step) if behave else {"from": name}

        return run

    def add_kind_with_aside(self) -> None:
        """Replace the kind by one whose step `aside` runs beside `two`."""
        names = {"one": (), "aside": ("two",), "two": (), "three": ()}
        steps = tuple(Step(name, self._step(name), 3, 0.01, beside) for name, beside in names.items())
        self.registry.kinds["sample"] = JobKind("sample", steps, self._due, self._on_failed)

    async def _due(self, _services: Services) -> list[Due]:
        return self.due

    async def _on_failed(self, _services: Services, subject_id: str, code: str) -> None:
        self.failed.append((subject_id, code))

    def start(self) -> None:
        self.task = asyncio.create_task(Runtime(self.services, self.registry, "test").run(self.stop))

    async def until(self, subject_id: str, state: str) -> sa.RowMapping:
        async with asyncio.timeout(60):
            while True:
                assert self.task
                if self.task.done():
                    self.task.result()
                async with self.services.context.db.read() as tx:
                    row = (await tx.execute(sa.select(jobs).where(jobs.c.subject_id == subject_id))).mappings().first()
                if row and row["state"] == state:
                    return row
                await asyncio.sleep(0.05)

    async def steps(self, subject_id: str) -> dict[str, sa.RowMapping]:
        async with self.services.context.db.read() as tx:
            rows = (await tx.execute(sa.select(job_steps).where(job_steps.c.job_id == f"sample:{subject_id}"))).mappings()
            return {row["name"]: row for row in rows}


@pytest.fixture
async def bench(context: Context) -> AsyncIterator[Bench]:
    settings = context.settings
    store = await build_store(settings)
    made = Bench(Services(context, store, build_ring(settings, context.now()), build_authority(settings)))
    yield made
    made.stop.set()
    if made.task:
        await made.task
    await store.aclose()


async def test_steps_run_in_order_once_and_hand_on_their_results(bench: Bench) -> None:
    seen: list[dict[str, Json]] = []

    async def look(step: StepRun) -> Json:
        seen.append(step.results)
        await step.progress(0.5)
        return {}

    bench.behaviour["three"] = look
    bench.due = [Due("a")]
    bench.start()
    await bench.until("a", "done")
    assert bench.ran == ["one", "two", "three"]
    assert seen == [{"one": {"from": "one"}, "two": {"from": "two"}}]
    steps = await bench.steps("a")
    assert {name: row["state"] for name, row in steps.items()} == {"one": "done", "two": "done", "three": "done"}
    assert steps["three"]["progress"] == 1.0


async def test_a_retryable_fault_is_tried_again_by_itself(bench: Bench) -> None:
    async def flaky(_step: StepRun) -> Json:
        if bench.ran.count("two") < 3:
            raise JobError("STORE_UNAVAILABLE", retryable=True)
        return {}

    bench.behaviour["two"] = flaky
    bench.due = [Due("b")]
    bench.start()
    await bench.until("b", "done")
    assert bench.ran == ["one", "two", "two", "two", "three"]
    assert (await bench.steps("b"))["two"]["tries"] == 3


async def test_a_final_fault_is_visible_and_a_retry_goes_on_where_it_failed(bench: Bench) -> None:
    async def broken(_step: StepRun) -> Json:
        raise JobError("JOURNAL_MISSING")

    bench.behaviour["two"] = broken
    bench.due = [Due("c")]
    bench.start()
    row = await bench.until("c", "failed")
    assert row["error_code"] == "JOURNAL_MISSING"
    assert bench.failed == [("c", "JOURNAL_MISSING")]
    assert bench.ran == ["one", "two"]
    steps = await bench.steps("c")
    assert (steps["one"]["state"], steps["two"]["state"], steps["three"]["state"]) == ("done", "failed", "pending")
    del bench.behaviour["two"]
    bench.due = [Due("c", attempt=1)]
    await bench.until("c", "done")
    assert bench.ran == ["one", "two", "two", "three"]


def both(bench: Bench) -> None:
    """Two steps that each need the other one to have begun."""
    begun = {"aside": asyncio.Event(), "two": asyncio.Event()}

    def meet(own: str, other: str) -> Callable[[StepRun], Awaitable[Json]]:
        async def run(step: StepRun) -> Json:
            begun[own].set()
            await begun[other].wait()
            return {"from": own, "knows": sorted(step.results)}

        return run

    bench.behaviour |= {"aside": meet("aside", "two"), "two": meet("two", "aside")}


async def test_a_step_runs_beside_those_it_names_and_the_next_one_has_all_results(bench: Bench) -> None:
    both(bench)
    bench.add_kind_with_aside()
    seen: list[dict[str, Json]] = []

    async def look(step: StepRun) -> Json:
        seen.append(step.results)
        return {}

    bench.behaviour["three"] = look
    bench.due = [Due("g")]
    bench.start()
    await bench.until("g", "done")
    assert sorted(bench.ran) == ["aside", "one", "three", "two"]
    assert (bench.ran[0], bench.ran[-1]) == ("one", "three")
    two = {"from": "two", "knows": ["one"]}
    assert seen == [{"one": {"from": "one"}, "aside": {"from": "aside", "knows": ["one"]}, "two": two}]


async def test_when_one_of_two_beside_each_other_fails_the_others_work_is_kept(bench: Bench) -> None:
    both(bench)
    bench.add_kind_with_aside()
    meet = bench.behaviour["two"]

    async def broken(step: StepRun) -> Json:
        await meet(step)
        raise JobError("JOURNAL_MISSING")

    bench.behaviour["two"] = broken
    bench.due = [Due("h")]
    bench.start()
    assert (await bench.until("h", "failed"))["error_code"] == "JOURNAL_MISSING"
    steps = await bench.steps("h")
    assert {name: row["state"] for name, row in steps.items()} == {
        "one": "done", "aside": "done", "two": "failed", "three": "pending"
    }  # fmt: skip
    bench.behaviour["two"] = meet
    bench.due = [Due("h", attempt=1)]
    await bench.until("h", "done")
    assert (bench.ran.count("aside"), bench.ran.count("two")) == (1, 2)


async def test_a_tick_that_fails_is_run_again(bench: Bench) -> None:
    calls = 0
    enough = asyncio.Event()

    async def tick(_services: Services) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            enough.set()
        raise ValueError("away")

    bench.registry.add_tick(Tick("flaky", 0.01, tick))
    bench.start()
    async with asyncio.timeout(60):
        await enough.wait()


async def test_the_lease_is_given_back(bench: Bench, tmp_path: Path) -> None:
    bench.due = [Due("d")]
    bench.start()
    await bench.until("d", "done")
    async with bench.services.context.db.read() as tx:
        assert await tx.scalar(sa.select(workers.c.id)) == "test"
    bench.stop.set()
    assert bench.task
    await bench.task
    async with bench.services.context.db.read() as tx:
        assert await tx.scalar(sa.select(workers.c.id)) is None
