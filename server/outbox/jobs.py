"""Sends due messages from the jobs process."""

from server.jobs.registry import Registry, Services, Tick
from server.outbox.delivery import send_due


def register(registry: Registry) -> None:
    """Declare the tick."""
    registry.add_tick(Tick("send_messages", 1.0, _send))


async def _send(services: Services) -> None:
    await send_due(services.context)
