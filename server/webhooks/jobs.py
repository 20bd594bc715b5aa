"""Delivers results from the jobs process."""

from server.jobs.registry import Registry, Services, Tick
from server.webhooks.delivery import deliver_due


def register(registry: Registry) -> None:
    """Declare the tick."""
    registry.add_tick(Tick("deliver_webhooks", 1.0, _deliver))


async def _deliver(services: Services) -> None:
    await deliver_due(services.context)
