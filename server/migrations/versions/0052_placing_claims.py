"""who places a room, until when, and whom it asked

Revision 0052, after 0031.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("media_placements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claimed_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_worker", sa.String(length=80), nullable=True))
        batch_op.alter_column("worker_id", existing_type=sa.String(length=80), nullable=True)


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM media_placements WHERE worker_id IS NULL")
    with op.batch_alter_table("media_placements", schema=None) as batch_op:
        batch_op.alter_column("worker_id", existing_type=sa.String(length=80), nullable=False)
        batch_op.drop_column("asked_worker")
        batch_op.drop_column("claimed_until")
        batch_op.drop_column("claimed_by")
