"""attempts of freeing local copies

Revision 0051, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("recording_cleanups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempt", sa.Integer(), server_default="0", nullable=False))
        batch_op.alter_column("cleaned_at", existing_type=sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("recording_cleanups", schema=None) as batch_op:
        batch_op.alter_column("cleaned_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.drop_column("attempt")
