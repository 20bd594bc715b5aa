"""Wire models of durable work for the people who watch it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from server.http.endpoint import Schema

JobState = Literal["waiting", "running", "done", "failed"]


class JobStepView(Schema):
    """One step of a job."""

    name: str
    state: Literal["pending", "running", "done", "failed"]
    progress: float | None
    tries: int
    error_code: str | None
    started_at: datetime | None
    updated_at: datetime | None
    ended_at: datetime | None


class JobView(Schema):
    """A job. `is_stuck`: it runs or waits, but nothing moved for longer than its kind allows."""

    id: str
    kind: str
    subject_id: str
    state: JobState
    is_stuck: bool
    attempt: int
    worker: str | None
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    ended_at: datetime | None
    steps: list[JobStepView]


class JobQuery(Schema):
    """Filter of the list of jobs. `attention` = failed or stuck."""

    state: JobState | None = None
    attention: bool = False
    subject_id: str | None = Field(None, max_length=100)
    limit: int = Field(100, ge=1, le=500)


class JobPage(Schema):
    """Jobs, newest first, with counts by state over everything."""

    items: list[JobView]
    counts: dict[str, int]
    stuck: int


class WorkerView(Schema):
    """A jobs process that holds a lease."""

    id: str
    host: str
    started_at: datetime
    lease_until: datetime
    detail: dict[str, Any] = Field(default_factory=dict)
