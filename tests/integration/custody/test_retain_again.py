"""The job that puts a period on, going on late: a later report's hold stands, and what was undone meanwhile is put right."""

from typing import Any

import sqlalchemy as sa

from server.custody import retain
from server.custody.tables import recording_custody
from server.jobs.registry import Json, StepRun
from server.jobs.slices import build_registry
from storage.objects.local import LocalObjectStore
from tests.integration.custody.test_custody import CONTRACT, ended, key, row
from tests.support.core import Service
from tests.support.custody import FILES, run_due, sealed_recording, services_of


class Job:
    """A `retain` job whose steps the test runs, as a worker that is killed between them."""

    def __init__(self, service: Service, store: LocalObjectStore, recording_id: str, version: int) -> None:
        self._services = services_of(service.context, store)
        self._subject = retain.subject_of(recording_id, version)
        self.results: dict[str, Json] = {}

    async def go_on(self, *names: str) -> None:
        for step in build_registry().kinds["retain"].steps:
            if step.name in names:
                run = StepRun(f"retain:{self._subject}", self._subject, dict(self.results), self._ignore)
                self.results[step.name] = await step.run(self._services, run) or {}

    async def _ignore(self, _value: float) -> None:
        return None


def disputed(service: Service) -> dict[str, Any]:
    opened = service.clock.at.date().isoformat()
    return ended(service, disputes=[{"dispute_no": "D1", "opened_on": opened}])


async def applied(service: Service) -> int:
    async with service.context.db.read() as tx:
        return int(await tx.scalar(sa.select(recording_custody.c.version)) or 0)


async def test_a_job_that_was_away_takes_no_later_hold_back(service: Service, store: LocalObjectStore) -> None:
    """It planned to let go of the hold and died; a dispute was reported and held again; then it goes on."""
    made = await sealed_recording(service.context, store)
    core, keeper = await service.core(), await service.sign_in("hegui")
    first = await core.ask("PUT", CONTRACT, json=ended(service))
    job = Job(service, store, made.recording_id, first["version"])
    await job.go_on("plan_retention")
    second = await core.ask("PUT", CONTRACT, json=disputed(service))
    assert await run_due(service.context, store) == [f"retain:{made.recording_id}.{second['version']}"]
    assert (await store.stat(key(made))).legal_hold is True
    await job.go_on("apply_retention", "confirm_retention")
    for path in FILES:
        assert (await store.stat(key(made, path))).legal_hold is True, "the dispute's hold stands"
    assert (await row(keeper, made))["state"] == "held"
    assert await applied(service) == second["version"]


async def test_an_older_report_is_not_written_down_over_a_later_one(service: Service, store: LocalObjectStore) -> None:
    made = await sealed_recording(service.context, store)
    core = await service.core()
    first = await core.ask("PUT", CONTRACT, json=ended(service))
    job = Job(service, store, made.recording_id, first["version"])
    await job.go_on("plan_retention", "apply_retention")
    second = await core.ask("PUT", CONTRACT, json=disputed(service))
    await run_due(service.context, store)
    await job.go_on("confirm_retention")
    assert job.results["confirm_retention"] == {"objects": 0, "followed_by": second["version"]}
    assert await applied(service) == second["version"]


async def test_what_was_undone_behind_a_job_is_put_right_before_it_is_written_down(
    service: Service, store: LocalObjectStore
) -> None:
    made = await sealed_recording(service.context, store)
    core = await service.core()
    seen = await core.ask("PUT", CONTRACT, json=ended(service))
    job = Job(service, store, made.recording_id, seen["version"])
    await job.go_on("plan_retention", "apply_retention")
    await store.set_legal_hold(key(made), True)
    await job.go_on("confirm_retention")
    assert (await store.stat(key(made))).legal_hold is False
    assert await applied(service) == seen["version"]
