"""Transcripts encrypted at rest, and their full-text index.

Lines kept in clear until now are encrypted and indexed by the jobs process (`server.recordings.jobs`), which has the key.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0020"
down_revision = "0040"
branch_labels = None
depends_on = None

_FULL_TEXT = {
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


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("recording_transcripts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("data_enc", sa.Text(), nullable=True))
        batch_op.alter_column("text", existing_type=sa.Text(), nullable=True)
        batch_op.alter_column("words", existing_type=sa.JSON(none_as_null=True), nullable=True)
    op.create_table(
        "recording_words",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recording_id", sa.String(length=40), nullable=False),
        sa.Column("tokens", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name=op.f("fk_recording_words_recording_id_recordings")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_recording_words")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_recording_words_recording_id")),
    )
    for statement in _FULL_TEXT.get(op.get_bind().dialect.name, ()):
        op.execute(statement)


def downgrade() -> None:
    """Undo: the lines encrypted since stay encrypted."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE recording_words_fts")
    op.drop_table("recording_words")
    with op.batch_alter_table("recording_transcripts", schema=None) as batch_op:
        batch_op.drop_column("data_enc")
