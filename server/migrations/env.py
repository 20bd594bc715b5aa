"""Alembic environment: metadata of every slice, batch mode on SQLite."""

import sqlalchemy as sa
from alembic import context

from server.schema import load_metadata

url = context.config.get_main_option("sqlalchemy.url") or ""


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
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_unlock(7241001)"))
            connection.commit()
    engine.dispose()


_run()
