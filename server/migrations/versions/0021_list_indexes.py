"""Indexes in the order in which lists and the search are read: newest first, whole, by state, by agent."""

from alembic import op

revision = "0021"
down_revision = "0030"
branch_labels = None
depends_on = None

_OLD = (
    ("ix_cases_state", "cases", ["state"]),
    ("ix_cases_agent_id", "cases", ["agent_id"]),
    ("ix_cases_updated_at", "cases", ["updated_at"]),
    ("ix_recordings_case_id", "recordings", ["case_id"]),
    ("ix_recordings_state", "recordings", ["state"]),
    ("ix_inspections_case_id", "inspections", ["case_id"]),
)
_NEW = (
    ("ix_cases_created", "cases", ["created_at", "id"]),
    ("ix_cases_updated", "cases", ["updated_at", "id"]),
    ("ix_cases_agent_created", "cases", ["agent_id", "created_at", "id"]),
    ("ix_cases_state_updated", "cases", ["state", "updated_at", "id"]),
    ("ix_recordings_started", "recordings", ["started_at", "id"]),
    ("ix_recordings_state_started", "recordings", ["state", "started_at", "id"]),
    ("ix_recordings_case_started", "recordings", ["case_id", "started_at"]),
    ("ix_inspections_due", "inspections", ["due_at", "id"]),
    ("ix_inspections_case_state", "inspections", ["case_id", "state"]),
    ("ix_inspections_decided", "inspections", ["decided_at"]),
)


def upgrade() -> None:
    """Apply."""
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    for name, table, _columns in _OLD:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    """Undo."""
    for name, table, columns in _OLD:
        op.create_index(name, table, columns)
    for name, table, _columns in _NEW:
        op.drop_index(name, table_name=table)
