"""Wire models of recordings from rows. Access is the caller's to check."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from server.context import Context
from server.jobs.registry import job_id
from server.jobs.tables import job_steps, jobs
from server.recordings.meta import RecordingMeta
from server.recordings.schemas import (
    CheckView,
    RecordingSummary,
    RecordingView,
    SeatView,
    StepView,
    Timeline,
    Transcript,
    TranscriptLine,
)
from server.recordings.spoken import lines_of
from server.recordings.tables import recording_checks, recordings
from storage.db.engine import Tx

FINALISE = "finalise"


def summary(row: Mapping[str, Any]) -> RecordingSummary:
    """A recording in lists."""
    return RecordingSummary(**{name: row[name] for name in RecordingSummary.model_fields})


async def view(tx: Tx, row: Mapping[str, Any]) -> RecordingView:
    """A recording with its steps, counts and supplements."""
    meta = RecordingMeta.model_validate(row["meta"])
    job = (await tx.execute(sa.select(jobs).where(jobs.c.id == job_id(FINALISE, row["id"])))).mappings().first()
    script, rulebook = meta.talk_script, meta.rulebook
    return RecordingView(
        **summary(row).model_dump(),
        proposal_no=meta.proposal_no,
        product_name=meta.product_name,
        product_type=meta.product_type,
        talk_script=f"{script.title or script.id} v{script.version}" if script else None,
        rulebook=f"{rulebook.id} v{rulebook.version}" if rulebook else None,
        seats=[
            SeatView(
                seat_id=seat.seat_id, kind=seat.kind, label=seat.label, roles=list(seat.roles), display_name=seat.display_name
            )
            for seat in meta.seats
        ],
        steps=await steps(tx, row["id"]),
        finalise_error=job["error_code"] if job else None,
        **{
            name: row[name]
            for name in (
                "manifest_sha256",
                "seal_key_id",
                "time_stamp_at",
                "is_development_stamp",
                "store_name",
                "is_locked",
                "total_bytes",
            )
        },
        check_counts=await check_counts(tx, row["id"]),
        supplements=await supplements(tx, row["id"]),
    )


async def steps(tx: Tx, recording_id: str) -> list[StepView]:
    """Finalising as people see it."""
    query = sa.select(job_steps).where(job_steps.c.job_id == job_id(FINALISE, recording_id)).order_by(job_steps.c.ordinal)
    return [StepView(**{name: row[name] for name in StepView.model_fields}) for row in (await tx.execute(query)).mappings()]


async def check_counts(tx: Tx, recording_id: str) -> dict[Any, int]:
    """Machine checks by result."""
    query = sa.select(recording_checks.c.result, sa.func.count()).where(recording_checks.c.recording_id == recording_id)
    counts: dict[Any, int] = {"pass": 0, "warn": 0, "fail": 0, "not_measured": 0}
    for result, count in await tx.execute(query.group_by(recording_checks.c.result)):
        counts[result] = count
    return counts


async def supplements(tx: Tx, recording_id: str) -> list[RecordingSummary]:
    """Supplementary recordings of a recording."""
    query = sa.select(recordings).where(recordings.c.parent_id == recording_id).order_by(recordings.c.started_at)
    return [summary(dict(row)) for row in (await tx.execute(query)).mappings()]


async def checks(tx: Tx, recording_id: str) -> list[CheckView]:
    """Machine checks, worst first."""
    rank = sa.case({"fail": 0, "warn": 1, "not_measured": 2}, value=recording_checks.c.result, else_=3)
    query = sa.select(recording_checks).where(recording_checks.c.recording_id == recording_id)
    query = query.order_by(rank, recording_checks.c.code, recording_checks.c.scope)
    return [CheckView(**{name: row[name] for name in CheckView.model_fields}) for row in (await tx.execute(query)).mappings()]


async def transcript(tx: Tx, context: Context, row: Mapping[str, Any]) -> Transcript:
    """The transcript; what was not measured is said so."""
    key = job_id(FINALISE, row["id"])
    result = await tx.scalar(sa.select(job_steps.c.result).where(job_steps.c.job_id == key, job_steps.c.name == "transcribe"))
    found_lines = (await lines_of(tx, context, [row["id"]]))[row["id"]]
    lines = [TranscriptLine(**{name: line[name] for name in TranscriptLine.model_fields}) for line in found_lines]
    found = result or {"is_measured": False, "reason": "NOT_FINALISED"}
    return Transcript(is_measured=bool(found["is_measured"]), reason=found.get("reason"), lines=lines)


def timeline(row: Mapping[str, Any]) -> Timeline | None:
    """The player's lanes, None before they are made."""
    if row["timeline"] is None:
        return None
    return Timeline(duration_ms=row["duration_ms"] or 0, started_at=row["started_at"], **row["timeline"])
