"""Recordings: begin, stop, look up. Called inside the caller's transaction; never commits.

A recording is `recording` from the red button on, `stopped` once the media worker closed every file (or a sweep found it
orphaned), `finalising` while the durable job runs, then `sealed`, or `failed` until someone retries. It never goes back.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from server.context import Context
from server.http.problem import conflict, not_found
from server.recordings.meta import RecordingMeta
from server.recordings.tables import recordings
from storage.db.engine import Tx
from storage.db.ids import new_id

Kind = Literal["initial", "supplementary"]
Outcome = Literal["completed", "declined", "aborted"]


def recording_dir(context: Context, recording_id: str) -> Path:
    """The folder the media worker writes this recording into (`recording.start`'s `dir`)."""
    return context.settings.data_dir / "recordings" / recording_id


async def create(
    tx: Tx,
    context: Context,
    *,
    case_id: str,
    session_id: str,
    meta: RecordingMeta,
    started_at: datetime,
    kind: Kind = "initial",
    parent_id: str | None = None,
    recording_id: str | None = None,
) -> str:
    """Insert a recording in state `recording` and return its id.

    Args:
        recording_id: give it when the media worker was already told (`recording.start`); else one is made.
        parent_id: the recording a supplementary one completes; it stays untouched.
    """
    recording_id = recording_id or new_id("rec")
    if (kind == "supplementary") != (parent_id is not None):
        raise ValueError("a supplementary recording, and only that, has a parent")
    await tx.execute(
        recordings.insert().values(
            id=recording_id,
            case_id=case_id,
            session_id=session_id,
            kind=kind,
            parent_id=parent_id,
            state="recording",
            dir=_relative(context, recording_dir(context, recording_id)),
            meta=meta.model_dump(mode="json"),
            started_at=started_at,
            created_at=context.now(),
        )
    )
    return recording_id


async def mark_stopped(
    tx: Tx,
    context: Context,
    recording_id: str,
    *,
    ended_at: datetime | None = None,
    duration_ms: int | None = None,
    outcome: Outcome = "completed",
) -> None:
    """`recording` → `stopped`; the jobs process takes it from here. Idempotent.

    Args:
        duration_ms: as `recording.stop` answered; None when the worker was lost (the journal decides then).
        outcome: only a `completed` recording goes to inspection; a declined or aborted one is sealed and kept all the same.
    """
    row = await _row(tx, recording_id)
    if row["state"] != "recording":
        return
    await tx.execute(
        recordings.update()
        .where(recordings.c.id == recording_id, recordings.c.state == "recording")
        .values(state="stopped", ended_at=ended_at or context.now(), duration_ms=duration_ms, outcome=outcome)
    )


async def completed_of_case(tx: Tx, case_id: str) -> dict[str, Any] | None:
    """The newest recording of a case that ran to its end; what was broken off or declined has nothing to complete."""
    table = recordings
    query = sa.select(table).where(table.c.case_id == case_id, table.c.outcome == "completed")
    row = (await tx.execute(query.order_by(table.c.started_at.desc()).limit(1))).mappings().first()
    return dict(row) if row else None


async def of_case(tx: Tx, case_id: str) -> list[dict[str, Any]]:
    """All recordings of a case, oldest first."""
    query = sa.select(recordings).where(recordings.c.case_id == case_id).order_by(recordings.c.started_at, recordings.c.id)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def get(tx: Tx, recording_id: str) -> dict[str, Any]:
    """One recording as a plain row. Raises the 404 problem `RECORDING_NOT_FOUND`."""
    return await _row(tx, recording_id)


async def retry(tx: Tx, recording_id: str) -> None:
    """Back to `stopped` with the next attempt number, so that finalising starts again from its first unfinished step.

    For a failed recording, or one whose finalising is stuck, begun or not. Raises 409 `RECORDING_NOT_FAILED` in any other state.
    """
    row = await _row(tx, recording_id)
    if row["state"] not in ("failed", "finalising", "stopped"):
        raise conflict("RECORDING_NOT_FAILED", state=row["state"])
    await tx.execute(
        recordings.update()
        .where(recordings.c.id == recording_id, recordings.c.state == row["state"])
        .values(state="stopped", finalise_attempt=recordings.c.finalise_attempt + 1)
    )


def absolute_dir(context: Context, row: dict[str, Any]) -> Path:
    """The recording folder of a row."""
    return context.settings.data_dir / str(row["dir"])


def _relative(context: Context, path: Path) -> str:
    return str(path.relative_to(context.settings.data_dir))


async def _row(tx: Tx, recording_id: str) -> dict[str, Any]:
    row = (await tx.execute(sa.select(recordings).where(recordings.c.id == recording_id))).mappings().first()
    if row is None:
        raise not_found("RECORDING_NOT_FOUND", recording_id=recording_id)
    return dict(row)
