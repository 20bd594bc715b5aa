"""Database migrations: one Alembic history in `server/migrations`, run at start under a lock of the database's own."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def sync_url(url: str) -> str:
    """The synchronous form of an async database URL."""
    return url.replace("sqlite+aiosqlite", "sqlite").replace("postgresql+asyncpg", "postgresql+psycopg")


def config_for(url: str) -> Config:
    """Alembic configuration for a database URL."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("sqlalchemy.url", sync_url(url).replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Bring the database to the newest revision; a SQLite file's folder is created."""
    target = sa.make_url(sync_url(url))
    if target.get_backend_name() == "sqlite" and target.database and target.database != ":memory:":
        Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(config_for(url), "head")


def current_revision(url: str) -> str | None:
    """The revision a database is at, None for an empty one."""
    engine = sa.create_engine(sync_url(url))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """For Alembic's comparison (`include_name`): the full-text index is made by statements of its own on both databases."""
    return not (name is not None and ((kind == "table" and "_fts" in name) or name == "ix_recording_words_tokens"))
