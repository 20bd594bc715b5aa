"""retention and disposal of callback files, disposal of documents

Revision 0011, after 0051.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("callback_files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("custody_version", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("custody_attempt", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("proposal_documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("proposal_documents", schema=None) as batch_op:
        batch_op.drop_column("disposed_at")
    with op.batch_alter_table("callback_files", schema=None) as batch_op:
        batch_op.drop_column("disposed_at")
        batch_op.drop_column("custody_attempt")
        batch_op.drop_column("custody_version")
