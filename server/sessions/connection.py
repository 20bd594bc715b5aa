"""What one page still has to be told. Bounded and never waited for: updates merge, pushes drop, replies are limited.

The session's actor fills it, the socket's writer task empties it. The view is built when it is sent, so a slow page gets fewer,
newer views and costs no memory.
"""

import asyncio
from collections import deque
from typing import Any

from server.domain.session import Event

MAX_EVENTS = 200
MAX_PUSHES = 64
MAX_REPLIES = 64


class Connection:
    """One page on one seat."""

    def __init__(self, seat_id: str) -> None:
        self.seat_id = seat_id
        self.events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self.pushes: deque[dict[str, Any]] = deque(maxlen=MAX_PUSHES)
        self.replies: deque[dict[str, Any]] = deque()
        self.needs_view = True
        self.goodbye: tuple[str, bool] | None = None
        self._wake = asyncio.Event()
        self._wake.set()

    def update(self, events: list[Event]) -> None:
        """Something happened."""
        self.events.extend(events)
        self.needs_view = True
        self._wake.set()

    def push(self, kind: str, data: dict[str, Any]) -> None:
        """Something passing; when too many wait, the oldest is dropped."""
        self.pushes.append({"type": "push", "push": kind, "data": data})
        self._wake.set()

    def reply(self, message: dict[str, Any]) -> None:
        """An answer to a command; a page that never reads is closed."""
        self.replies.append(message)
        if len(self.replies) > MAX_REPLIES:
            self.close("TOO_SLOW", retryable=True)
        self._wake.set()

    def close(self, code: str, *, retryable: bool) -> None:
        """Say goodbye and close; the first reason counts."""
        if self.goodbye is None:
            self.goodbye = (code, retryable)
        self._wake.set()

    async def wait(self) -> None:
        """Wait until there is something to send."""
        await self._wake.wait()
        self._wake.clear()
