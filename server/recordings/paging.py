"""Opaque cursors for lists ordered by a time and an id."""

import base64
import binascii
from datetime import datetime

from server.http.problem import Problem


def cursor_of(at: datetime, last_id: str) -> str:
    """The cursor behind a row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{last_id}".encode()).decode().rstrip("=")


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    """Undo `cursor_of`. Raises 422 `CURSOR_INVALID`."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, last_id = text.partition("|")
        found = datetime.fromisoformat(at)
        if found.tzinfo is None or not last_id:
            raise ValueError(text)
    except (ValueError, binascii.Error) as error:
        raise Problem(422, "CURSOR_INVALID") from error
    return found, last_id
