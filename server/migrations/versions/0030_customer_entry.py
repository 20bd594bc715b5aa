"""accounts and browsers of the web entry, challenges of the face check

Revision 0030, after 0050.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "customer_accounts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_hash", sa.String(length=64), nullable=False),
        sa.Column("cert_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_accounts")),
        sa.UniqueConstraint("customer_hash", name=op.f("uq_customer_accounts_customer_hash")),
    )
    with op.batch_alter_table("customer_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_accounts_cert_hash"), ["cert_hash"], unique=False)

    op.create_table(
        "customer_browsers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["customer_accounts.id"], name=op.f("fk_customer_browsers_account_id_customer_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_browsers")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_customer_browsers_key_hash")),
    )
    with op.batch_alter_table("customer_browsers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_browsers_account_id"), ["account_id"], unique=False)

    op.create_table(
        "face_challenges",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("callback_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digits", sa.String(length=8), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("video_sha256", sa.String(length=64), nullable=True),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["callback_id"], ["callbacks.id"], name=op.f("fk_face_challenges_callback_id_callbacks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_face_challenges")),
    )
    with op.batch_alter_table("face_challenges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_face_challenges_callback_id"), ["callback_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_face_challenges_video_sha256"), ["video_sha256"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("face_challenges")
    op.drop_table("customer_browsers")
    op.drop_table("customer_accounts")
