"""The object store behind the running application (`service`)."""

from collections.abc import AsyncIterator

import pytest

from server.recordings.stores import build_store
from storage.objects.local import LocalObjectStore
from tests.support.core import Service


@pytest.fixture
async def store(service: Service) -> AsyncIterator[LocalObjectStore]:
    """The service's own store, on the service's clock."""
    made = LocalObjectStore(service.context.settings.data_dir / "store", now=service.clock)
    yield made
    await made.aclose()
    await (await build_store(service.context.settings)).aclose()
