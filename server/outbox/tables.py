"""The SMS outbox and one-time codes."""

import sqlalchemy as sa

from storage.db.metadata import UtcDateTime, id_column, metadata

outbox_messages = sa.Table(
    "outbox_messages",
    metadata,
    id_column(),
    sa.Column("template", sa.String(60), nullable=False),
    sa.Column("to_enc", sa.Text, nullable=False),
    sa.Column("to_hash", sa.String(64), nullable=False, index=True),
    sa.Column("to_masked", sa.String(20), nullable=False),
    sa.Column("params_enc", sa.Text, nullable=False),
    sa.Column("text_masked", sa.Text, nullable=False),
    sa.Column("dedupe_key", sa.String(200), nullable=False, unique=True),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("provider", sa.String(40), nullable=False, default=""),
    sa.Column("provider_ref", sa.String(120), nullable=False, default=""),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("error", sa.String(120), nullable=False, default=""),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("due_at", UtcDateTime, index=True),  # when it must have left; later is an alarm
    sa.Index("ix_outbox_messages_due", "status", "next_attempt_at"),
)

sms_codes = sa.Table(
    "sms_codes",
    metadata,
    id_column(),
    sa.Column("purpose", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(120), nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False),
    sa.Column("attempts_left", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
    sa.Index("ix_sms_codes_purpose_subject", "purpose", "subject"),
)
