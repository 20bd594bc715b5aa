"""Talk-script versions. Rows are never deleted, and content never changes once written."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, metadata

talk_script_versions = sa.Table(
    "talk_script_versions",
    metadata,
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("nodes", sa.Integer, nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("created_by", sa.String(80), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(80), nullable=False, default=""),
    sa.Column("published_at", UtcDateTime),
    sa.Column("effective_at", UtcDateTime),
)
