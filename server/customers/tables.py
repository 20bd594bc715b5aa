"""Accounts of the web entry, the browsers they know, and the challenges of the face check."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

customer_accounts = sa.Table(
    "customer_accounts",
    metadata,
    id_column(),
    sa.Column("customer_hash", sa.String(64), nullable=False, unique=True),  # certificate type and number, as of policies
    sa.Column("cert_hash", sa.String(64), nullable=False, index=True),
    sa.Column("phone_hash", sa.String(64), nullable=False),  # the registered phone that was bound
    sa.Column("password_hash", sa.String(200), nullable=False),  # argon2id
    sa.Column("failures", sa.Integer, nullable=False),  # wrong passwords since the last right one or lock
    sa.Column("locked_until", UtcDateTime),
    sa.Column("bound_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime),
)

customer_browsers = sa.Table(
    "customer_browsers",
    metadata,
    id_column(),
    sa.Column("account_id", sa.String(40), sa.ForeignKey("customer_accounts.id"), nullable=False, index=True),
    sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)

face_challenges = sa.Table(
    "face_challenges",
    metadata,
    id_column(),
    sa.Column("callback_id", sa.String(40), sa.ForeignKey("callbacks.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),  # turns digits
    sa.Column("steps", Json, nullable=False),
    sa.Column("digits", sa.String(8), nullable=False),
    sa.Column("length_ms", sa.Integer, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
    sa.Column("video_sha256", sa.String(64), index=True),
    sa.Column("result", sa.String(20)),
)
