"""What the database of this installation knows of a case's recordings: read only, for `verify --case`.

A package on disk says nothing of a recording that has none yet. Reads SQLite without the service (it need not run, and is not
disturbed), PostgreSQL by `DR_DATABASE_URL`.
"""

import asyncio
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUERY = "SELECT id, kind, state, outcome, started_at FROM recordings WHERE case_id = :case ORDER BY started_at, id"


class Unreadable(Exception):
    """The database cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class CaseRecording:
    """A recording as the database has it. `outcome` is None while it records."""

    id: str
    kind: str
    state: str
    outcome: str | None
    started_at: str


def recordings_of(data: Path, case_id: str) -> list[CaseRecording]:
    """Every recording of a case, oldest first. Raises `Unreadable`."""
    url = os.environ.get("DR_DATABASE_URL", "")
    if url.startswith("postgresql"):
        return asyncio.run(_from_server(url, case_id))
    path = Path(url.split("///", 1)[1]) if url.startswith("sqlite") and "///" in url else data / "service.db"
    if not path.is_file():
        raise Unreadable(f"没有 {path}")
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as database:
            return [_recording(row) for row in database.execute(QUERY, {"case": case_id})]
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: {error}") from error


async def _from_server(url: str, case_id: str) -> list[CaseRecording]:
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(sa.text(QUERY), {"case": case_id})
            return [_recording(tuple(row)) for row in rows]
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise Unreadable(type(error).__name__) from error
    finally:
        await engine.dispose()


def _recording(row: tuple[Any, ...]) -> CaseRecording:
    return CaseRecording(str(row[0]), str(row[1]), str(row[2]), row[3], str(row[4])[:19])
