"""The running application, the store behind it, and people who sign in."""

from collections.abc import AsyncIterator

import pytest

from server.recordings.stores import build_store
from server.settings import Settings
from storage.objects.local import LocalObjectStore
from tests.support.core import Service, running


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    """The application with demo accounts and products."""
    async with running(settings) as it:
        yield it


@pytest.fixture
async def store(service: Service) -> AsyncIterator[LocalObjectStore]:
    """The service's own store, on the service's clock."""
    made = LocalObjectStore(service.context.settings.data_dir / "store", now=service.clock)
    yield made
    await made.aclose()
    await (await build_store(service.context.settings)).aclose()
