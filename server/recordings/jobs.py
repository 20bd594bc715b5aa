"""Durable work on recordings: `finalise:{recording_id}`, from the last packet to the inspector's queue."""

import sqlalchemy as sa

from server.jobs.registry import Due, JobKind, Registry, Services, Step, Tick
from server.recordings import cleanup, service, spoken
from server.recordings.finalise import collect, judge, listen, render, seal
from server.recordings.tables import recordings

FINALISE = "finalise"
CLEANUP = "cleanup"


def register(registry: Registry) -> None:
    """Declare the job."""
    steps = (
        Step("collect", collect.collect, max_tries=8),
        Step("verify_chain", collect.verify_chain),
        Step("compose", render.compose, max_tries=3, beside=("measure", "transcribe", "check")),
        Step("measure", listen.measure),
        Step("transcribe", listen.transcribe),
        Step("check", judge.check),
        Step("seal", seal.seal, max_tries=10),
        Step("store", seal.store, max_tries=10),
        Step("lock", seal.lock, max_tries=10),
        Step("hand_over", seal.hand_over),
    )
    registry.add_kind(JobKind(FINALISE, steps, _due, _on_failed, retry=service.retry))
    registry.add_kind(JobKind(CLEANUP, (Step("clean", cleanup.clean_step, max_tries=10),), cleanup.due, retry=cleanup.retry))
    registry.add_tick(Tick("old_transcripts", 60.0, _old_transcripts))


async def _old_transcripts(services: Services) -> None:
    async with services.context.db.read() as tx:
        if await tx.scalar(spoken.OLD) is None:
            return
    async with services.context.db.begin() as tx:
        await spoken.bring_up_to_date(tx, services.context)


async def _due(services: Services) -> list[Due]:
    query = sa.select(recordings.c.id, recordings.c.finalise_attempt).where(recordings.c.state.in_(("stopped", "finalising")))
    async with services.context.db.read() as tx:
        return [Due(row.id, row.finalise_attempt) for row in await tx.execute(query.limit(500))]


async def _on_failed(services: Services, recording_id: str, code: str) -> None:
    async with services.context.db.begin() as tx:
        held = recordings.update().where(recordings.c.id == recording_id, recordings.c.state.in_(("stopped", "finalising")))
        await tx.execute(held.values(state="failed"))
