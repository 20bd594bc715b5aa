"""What every step starts from: the recording's row, its folders, its journal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.recorder.reader import RecordingUnreadable, Timeline, read_timeline
from server.context import Context
from server.jobs.registry import JobError, Services, StepRun
from server.recordings import service
from server.recordings.facts import SessionFacts, load_facts
from server.recordings.meta import RecordingMeta
from server.recordings.restore import source_folder

EVENTS = "events.ndjson"
CHECKS = "checks.json"
TRANSCRIPT = "transcript.json"
MEASURED = "measure.json"


@dataclass(frozen=True, slots=True)
class Work:
    """A recording being finalised. `folder`: as the media worker left it, never written to. `out`: ours."""

    row: dict[str, Any]
    meta: RecordingMeta
    folder: Path
    out: Path

    @property
    def id(self) -> str:
        """The recording's id."""
        return str(self.row["id"])

    def timeline(self) -> Timeline:
        """The journal. Raises `JobError`."""
        try:
            return read_timeline(self.folder)
        except RecordingUnreadable as error:
            raise JobError(error.code, str(error)) from error

    def people(self) -> list[str]:
        """Seats whose picture and voice must be there."""
        return [seat.seat_id for seat in self.meta.seats]


async def open_work(services: Services, run: StepRun) -> Work:
    """Load the row, find the recording (here, or in the store) and make the work folder. Raises `JobError`."""
    context = services.context
    async with context.db.read() as tx:
        row = await service.get(tx, run.subject_id)
    folder = await source_folder(services, run.subject_id)
    out = context.settings.data_dir / "finalise" / run.subject_id
    out.mkdir(parents=True, exist_ok=True)
    return Work(row, RecordingMeta.model_validate(row["meta"]), folder, out)


async def facts_of(context: Context, work: Work) -> SessionFacts:
    """The session's events and state."""
    async with context.db.read() as tx:
        return await load_facts(tx, context, work.row)
