"""The audit log's tables: a chain of entries and its keyed head."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, metadata

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False, index=True),
    sa.Column("actor_name", sa.String(80), nullable=False),
    sa.Column("action", sa.String(80), nullable=False, index=True),
    sa.Column("subject", sa.String(80), nullable=False, index=True),
    sa.Column("data", Json, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
)
