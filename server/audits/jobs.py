"""Copies the audit log's head out of the database every few minutes."""

from server.audits.service import anchor
from server.jobs.registry import Registry, Services, Tick

EVERY_S = 300.0


def register(registry: Registry) -> None:
    """Declare the tick."""
    registry.add_tick(Tick("anchor_audits", EVERY_S, _anchor))


async def _anchor(services: Services) -> None:
    await anchor(services.context)
