"""Opaque cursors for lists ordered by a time and an id."""

import base64
import binascii
from datetime import UTC, datetime

from server.http.problem import Problem
from server.http.typed import is_one_line


def cursor_of(at: datetime, last_id: str) -> str:
    """The cursor behind a row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{last_id}".encode()).decode().rstrip("=")


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    """Undo `cursor_of`. Raises 422 `CURSOR_INVALID`."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, last_id = text.partition("|")
        found = datetime.fromisoformat(at)
        if found.tzinfo is None or not last_id or not is_one_line(last_id):
            raise ValueError(text)
        return found.astimezone(UTC), last_id
    except (ValueError, OverflowError, binascii.Error) as error:  # beyond time, where UTC has no such year
        raise Problem(422, "CURSOR_INVALID") from error
