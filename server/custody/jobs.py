"""Durable work of custody: `retain:{recording_id}.{version of the contract}` and `dispose:{disposal_id}`."""

from server.custody import disposals, dispose, retain
from server.jobs.registry import JobKind, Registry, Step


def register(registry: Registry) -> None:
    """Declare the jobs."""
    steps = (
        Step("plan_retention", retain.plan),
        Step("apply_retention", retain.apply, max_tries=10),
        Step("confirm_retention", retain.confirm, max_tries=5),
    )
    registry.add_kind(JobKind(retain.RETAIN, steps, retain.due, retry=retain.retry))
    steps = (
        Step("delete", dispose.delete, max_tries=10),
        Step("confirm_deletion", dispose.confirm, max_tries=5),
        Step("finish", dispose.finish),
    )
    registry.add_kind(JobKind(dispose.DISPOSE, steps, dispose.due, dispose.on_failed, retry=disposals.retry))
