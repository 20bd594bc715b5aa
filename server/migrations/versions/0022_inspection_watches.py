"""what an inspector watched of a recording, by the server's clock

Revision 0022, after 0033.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "inspection_watches",
        sa.Column("inspection_id", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("watched_ms", sa.BigInteger(), nullable=False),
        sa.Column("allowed_ms", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_inspection_watches_inspection_id_inspections")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "round", "actor_id", name=op.f("pk_inspection_watches")),
    )
    # Disposal left the full-text index of what it deleted.
    op.execute("DELETE FROM recording_words WHERE recording_id IN (SELECT id FROM recordings WHERE state = 'disposed')")


def downgrade() -> None:
    """Undo."""
    op.drop_table("inspection_watches")
