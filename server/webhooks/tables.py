"""Where results go, and every delivery with its state."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    id_column(),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("url", sa.String(400), nullable=False),
    sa.Column("secret_enc", sa.Text, nullable=False),
    sa.Column("events", Json, nullable=False),  # names, or ["*"]
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    id_column(),
    sa.Column("endpoint_id", sa.String(40), sa.ForeignKey("webhook_endpoints.id"), nullable=False, index=True),
    sa.Column("event", sa.String(60), nullable=False),
    sa.Column("subject", sa.String(60), nullable=False, index=True),
    sa.Column("body_enc", sa.Text, nullable=False),  # what is sent, byte for byte
    sa.Column("dedupe_key", sa.String(200), nullable=False, unique=True),
    sa.Column("status", sa.String(12), nullable=False),  # queued sending delivered dead
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("last_status", sa.Integer),
    sa.Column("error", sa.String(200), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Index("ix_webhook_deliveries_due", "status", "next_attempt_at"),
)
