"""The running application with scripted helper processes, for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests.support.session_service import Live, Room, full_room, live_service


@pytest.fixture
async def live(settings: Settings) -> AsyncIterator[Live]:
    async with live_service(settings) as it:
        yield it


@pytest.fixture
async def room(live: Live) -> Room:
    return await full_room(live)
