"""The running application for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests.support.core import Service, running


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    """The application with demo accounts and products."""
    async with running(settings) as it:
        yield it
