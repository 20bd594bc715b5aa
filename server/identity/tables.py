"""Identity images: where they are, what the machine checks said. The pictures themselves are encrypted files."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

identity_images = sa.Table(
    "identity_images",
    metadata,
    id_column(),
    sa.Column("participant_id", sa.String(40), sa.ForeignKey("case_participants.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("checks", Json, nullable=False),
    sa.Column("captured_by", sa.String(10), nullable=False),
    sa.Column("captured_by_id", sa.String(80), nullable=False),
    sa.Column("captured_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("participant_id", "kind"),
)
