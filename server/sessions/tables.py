"""Tables of live sessions. `session_events` is append-only: rows are inserted, never changed; their payload is encrypted."""

import sqlalchemy as sa

from storage.db.metadata import UtcDateTime, id_column, metadata

sessions = sa.Table(
    "sessions",
    metadata,
    id_column(),
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("agent_id", sa.String(40), nullable=False, index=True),
    sa.Column("phase", sa.String(12), nullable=False, index=True),
    sa.Column("outcome", sa.String(12)),
    sa.Column("recording_id", sa.String(40), index=True),
    sa.Column("supplements_recording_id", sa.String(40)),
    sa.Column("script_key", sa.String(60), nullable=False),
    sa.Column("script_version", sa.String(20), nullable=False),
    sa.Column("setup_enc", sa.Text, nullable=False),  # the frozen Setup as JSON: names, texts, rules
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("started_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)

session_seats = sa.Table(
    "session_seats",
    metadata,
    id_column(),
    sa.Column("session_id", sa.String(40), sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),  # agent customer
    sa.Column("participant_id", sa.String(40)),  # of the case; null for the agent
    sa.Column("position", sa.Integer, nullable=False),
)

session_events = sa.Table(
    "session_events",
    metadata,
    sa.Column("session_id", sa.String(40), sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("t_ms", sa.BigInteger),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(20), nullable=False),
    sa.Column("payload_enc", sa.Text, nullable=False),
)

session_signatures = sa.Table(
    "session_signatures",
    metadata,
    sa.Column("session_id", sa.String(40), sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("document_id", sa.String(40), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Column("strokes_sha256", sa.String(64), nullable=False),
    sa.Column("strokes_enc", sa.Text, nullable=False),
    sa.Column("signed_at", UtcDateTime, nullable=False),
)

join_codes = sa.Table(
    "join_codes",
    metadata,
    id_column(),
    sa.Column("session_id", sa.String(40), sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("code_hash", sa.String(64), nullable=False, index=True),
    sa.Column("code_enc", sa.Text, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("wrong_attempts", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

join_attempts = sa.Table(
    "join_attempts",
    metadata,
    id_column(),
    sa.Column("address_hash", sa.String(64), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
)
