"""Durable work of custody: `retain:{recording_id}.{version}`, `retain_file:{file_id}.{version}` (files of the callback desk),
`dispose:{disposal_id}`, the audit log's anchor of each day."""

from server.custody import disposals, dispose, papers, retain
from server.custody.anchors import anchor_day
from server.jobs.registry import JobKind, Registry, Services, Step, Tick

ANCHOR_EVERY_S = 600.0
"""How often it is looked whether today has its anchor; a failed attempt is made good at the next look."""


def register(registry: Registry) -> None:
    """Declare the jobs."""
    steps = (
        Step("plan_retention", retain.plan),
        Step("apply_retention", retain.apply, max_tries=10),
        Step("confirm_retention", retain.confirm, max_tries=5),
    )
    registry.add_kind(JobKind(retain.RETAIN, steps, retain.due, retry=retain.retry))
    steps = (
        Step("plan_retention", papers.plan),
        Step("apply_retention", papers.apply, max_tries=10),
        Step("confirm_retention", papers.confirm, max_tries=5),
    )
    registry.add_kind(JobKind(papers.RETAIN_FILE, steps, papers.due, retry=papers.retry))
    stages = (
        Step("delete", dispose.delete, max_tries=10),
        Step("confirm_deletion", dispose.confirm, max_tries=5),
        Step("delete_papers", papers.delete, max_tries=10),
        Step("finish", dispose.finish),
    )
    registry.add_kind(JobKind(dispose.DISPOSE, stages, dispose.due, dispose.on_failed, retry=disposals.retry))
    registry.add_tick(Tick("anchor_day", ANCHOR_EVERY_S, _anchor))


async def _anchor(services: Services) -> None:
    await anchor_day(services)
