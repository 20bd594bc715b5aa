"""Sends due messages from the jobs process."""

from server.jobs.registry import Registry, Services, Tick
from server.outbox.delivery import send_due
from server.outbox.provider import SmsProvider, provider_of


def register(registry: Registry) -> None:
    """Declare the tick; the provider is made once and lives as long as the process."""
    made: list[SmsProvider] = []

    async def send(services: Services) -> None:
        if not made:
            made.append(provider_of(services.context.settings))
        await send_due(services.context, made[0])

    registry.add_tick(Tick("send_messages", 1.0, send))
