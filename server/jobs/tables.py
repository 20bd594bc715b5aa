"""Tables of durable work, as people see it: one row a job, one row a step.

The workflow engine keeps its own bookkeeping; these rows exist so that progress, failures and stuck work are visible to
people and to other slices without knowing the engine.
"""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(160), primary_key=True),  # natural key: `<kind>:<subject>`
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("subject_id", sa.String(100), nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False, index=True),  # waiting running done failed
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("worker", sa.String(100)),
    sa.Column("error_code", sa.String(80)),
    sa.Column("error_detail", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

job_steps = sa.Table(
    "job_steps",
    metadata,
    sa.Column("job_id", sa.String(160), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),  # pending running done failed
    sa.Column("progress", sa.Float),  # 0…1, null = this step does not report any
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("result", Json),
    sa.Column("error_code", sa.String(80)),
    sa.Column("started_at", UtcDateTime),
    sa.Column("updated_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)

workers = sa.Table(
    "job_workers",
    metadata,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("lease_until", UtcDateTime, nullable=False),
)
