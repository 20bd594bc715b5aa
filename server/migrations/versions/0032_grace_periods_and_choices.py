"""what premium events are about; a task for callbacks whom the phone did not reach and nobody had on a list

Revision 0032, after 0052.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.db.ids import new_id

revision = "0032"
down_revision = "0052"
branch_labels = None
depends_on = None

_CALLBACKS = sa.table("callbacks", *(sa.column(name) for name in ("id", "policy_no", "org_code", "rulebook_id", "state")))
_TASKS = sa.table(
    "callback_tasks",
    *(sa.column(name) for name in ("id", "callback_id", "policy_no", "org_code", "kind", "detail", "rule", "priority", "status")),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("service_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(length=60), server_default="", nullable=False))
    connection, now = op.get_bind(), datetime.now(UTC)
    has_task = sa.exists().where(_TASKS.c.callback_id == _CALLBACKS.c.id, _TASKS.c.status == "open").correlate(_CALLBACKS)
    forgotten = sa.select(_CALLBACKS).where(_CALLBACKS.c.state == "phone_failed", sa.not_(has_task))
    for row in connection.execute(forgotten).mappings().all():
        connection.execute(
            sa.insert(_TASKS).values(
                id=new_id("cbt"),
                callback_id=row["id"],
                policy_no=row["policy_no"],
                org_code=row["org_code"],
                kind="choose_channel",
                detail="",
                rule=f"{row['rulebook_id']}.E17",
                priority=50,
                status="open",
                due_at=now,
                created_at=now,
            )
        )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("service_events", schema=None) as batch_op:
        batch_op.drop_column("subject")
