"""The slices that have durable work, asked for their job kinds and ticks. Knows nothing of the engine that runs them."""

import importlib

from server.jobs.registry import Registry

SLICES = (
    "server.outbox.jobs",
    "server.audits.jobs",
    "server.users.jobs",
    "server.recordings.jobs",
    "server.inspections.jobs",
    "server.callbacks.jobs",
    "server.custody.jobs",
    "server.webhooks.jobs",
)


def build_registry() -> Registry:
    """Ask every slice that has durable work."""
    registry = Registry()
    for name in SLICES:
        importlib.import_module(name).register(registry)
    return registry
