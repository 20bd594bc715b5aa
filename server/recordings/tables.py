"""Tables of recordings: the recording itself, what was measured on it, what is stored of it, and who looked at it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

recordings = sa.Table(
    "recordings",
    metadata,
    id_column(),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("session_id", sa.String(40), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),  # initial supplementary
    sa.Column("parent_id", sa.String(40), sa.ForeignKey("recordings.id")),
    sa.Column("state", sa.String(20), nullable=False),  # recording stopped finalising sealed failed disposed
    sa.Column("dir", sa.Text, nullable=False),  # folder of the media worker, relative to the data folder when inside it
    sa.Column("meta", Json, nullable=False),  # RecordingMeta, frozen at the start
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("outcome", sa.String(20)),  # completed declined aborted; null while recording
    sa.Column("finalise_attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("timeline", Json),  # lanes of the player, made when sealed
    sa.Column("media", Json),  # what was rendered: the composite and the playable tracks
    sa.Column("video_key", sa.String(300)),
    sa.Column("manifest_key", sa.String(300)),
    sa.Column("manifest_sha256", sa.String(64)),
    sa.Column("sealed_at", UtcDateTime),
    sa.Column("seal_key_id", sa.String(64)),
    sa.Column("time_stamp_at", UtcDateTime),
    sa.Column("is_development_stamp", sa.Boolean),
    sa.Column("store_name", sa.String(40)),
    sa.Column("is_locked", sa.Boolean),  # null = not sealed; false = the store cannot lock
    sa.Column("total_bytes", sa.BigInteger),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_recordings_started", "started_at", "id"),
    sa.Index("ix_recordings_state_started", "state", "started_at", "id"),
    sa.Index("ix_recordings_case_started", "case_id", "started_at"),
)

recording_objects = sa.Table(
    "recording_objects",
    metadata,
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), primary_key=True),
    sa.Column("path", sa.String(300), primary_key=True),  # path inside the package
    sa.Column("key", sa.String(400), nullable=False),
    sa.Column("kind", sa.String(30), nullable=False),  # segment journal events video track markers transcript manifest …
    sa.Column("content_type", sa.String(100), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("stored_at", UtcDateTime),
    sa.Column("legal_hold", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("retain_until", UtcDateTime),
)

recording_checks = sa.Table(
    "recording_checks",
    metadata,
    id_column(),
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), nullable=False, index=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("scope", sa.String(100), nullable=False, server_default=""),  # "", seat:<id>, node:<id>, document:<id>
    sa.Column("result", sa.String(20), nullable=False),  # pass warn fail not_measured
    sa.Column("value", Json),
    sa.Column("limit", Json),
    sa.Column("reason", sa.String(100)),  # why it is not measured, or which part failed
    sa.Column("spans", Json, nullable=False),  # [{t0_ms, t1_ms, seat_id}]
    sa.Column("source", sa.String(60), nullable=False),
)

recording_transcripts = sa.Table(
    "recording_transcripts",
    metadata,
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("seat_id", sa.String(40), nullable=False),
    sa.Column("start_ms", sa.BigInteger, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),
    sa.Column("data_enc", sa.Text),  # text and words, encrypted; null only in rows older than revision 0020, until the tick
    sa.Column("text", sa.Text),  # those rows' text in clear, until then
    sa.Column("words", Json),
    sa.Column("engine", sa.String(80), nullable=False),
)

recording_words = sa.Table(
    "recording_words",
    metadata,
    sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),  # grows: newest last
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), nullable=False, unique=True),
    sa.Column("tokens", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),  # keyed hashes of what was said
)
"""The full-text index over transcripts (`server.recordings.spoken`, docs/adr/0010)."""

WORDS_INDEX: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE recording_words_fts USING fts5(tokens, content='recording_words', content_rowid='no', "
        "detail=none, columnsize=0)",
        "CREATE TRIGGER recording_words_added AFTER INSERT ON recording_words BEGIN "
        "INSERT INTO recording_words_fts(rowid, tokens) VALUES (new.no, new.tokens); END",
        "CREATE TRIGGER recording_words_removed AFTER DELETE ON recording_words BEGIN "
        "INSERT INTO recording_words_fts(recording_words_fts, rowid, tokens) VALUES ('delete', old.no, old.tokens); END",
    ),
    "postgresql": ("CREATE INDEX ix_recording_words_tokens ON recording_words USING gin (tokens)",),
}
"""What SQLAlchemy cannot say portably; the migration runs the same statements."""

for _dialect, _statements in WORDS_INDEX.items():
    for _statement in _statements:
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]
        sa.event.listen(recording_words, "after_create", _ddl.execute_if(dialect=_dialect))

recording_accesses = sa.Table(
    "recording_accesses",
    metadata,
    id_column(),
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor_kind", sa.String(20), nullable=False),
    sa.Column("actor_id", sa.String(40), nullable=False),
    sa.Column("actor_name", sa.String(100), nullable=False),
    sa.Column("action", sa.String(30), nullable=False),  # view play stream manifest package verify, or the list looked at
    sa.Column("detail", Json, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
)
