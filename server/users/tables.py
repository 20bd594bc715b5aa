"""Staff accounts and their sign-in sessions."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

staff_accounts = sa.Table(
    "staff_accounts",
    metadata,
    id_column(),
    sa.Column("login", sa.String(80), nullable=False, unique=True),
    sa.Column("display_name", sa.String(60), nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("must_change_password", sa.Boolean, nullable=False, default=False),
    sa.Column("totp_enc", sa.Text),
    sa.Column("totp_pending_enc", sa.Text),
    sa.Column("totp_last_step", sa.BigInteger, nullable=False, default=0),
    sa.Column("agent_kind", sa.String(16)),
    sa.Column("agent_code", sa.String(40), nullable=False, default="", index=True),
    sa.Column("company_code", sa.String(40), nullable=False, default=""),
    sa.Column("work_no", sa.String(40), nullable=False, default=""),
    sa.Column("org_code", sa.String(40), nullable=False, default=""),
    sa.Column("team", sa.String(40), nullable=False, default=""),
    sa.Column("sex", sa.String(8)),
    sa.Column("phone_enc", sa.Text),
    sa.Column("phone_hash", sa.String(64), unique=True),
    sa.Column("phone_masked", sa.String(20), nullable=False, default=""),
    sa.Column("channel_code", sa.String(40), nullable=False, default=""),
    sa.Column("outlet_code", sa.String(40), nullable=False, default=""),
    sa.Column("licence_no", sa.String(40), nullable=False, default=""),
    sa.Column("last_sign_in_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    id_column(),
    sa.Column("staff_id", sa.String(40), sa.ForeignKey("staff_accounts.id"), nullable=False, index=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("address", sa.String(64), nullable=False, default=""),
)

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),
)

customer_links = sa.Table(
    "customer_links",
    metadata,
    id_column(),
    sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("subject", sa.String(60), nullable=False, index=True),
    sa.Column("claims", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("uses", sa.Integer, nullable=False),
)
