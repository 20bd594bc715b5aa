"""what waits in a media worker

Revision 0053, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("media_workers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("queues", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("media_workers", schema=None) as batch_op:
        batch_op.drop_column("queues")
