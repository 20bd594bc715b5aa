"""Alembic environment: metadata of every slice, batch mode on SQLite."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from server.ops.migrations import is_ours
from server.schema import load_metadata
from storage.db.metadata import UtcDateTime

url = context.config.get_main_option("sqlalchemy.url") or ""


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations name plain SQLAlchemy types, so that they stay readable when our own types change."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _run() -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_lock(7241001)"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=load_metadata(),
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            include_name=is_ours,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_unlock(7241001)"))
            connection.commit()
    engine.dispose()


_run()
