"""The migration history and the tables in code are the same thing."""

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server.ops.migrations import current_revision, is_ours, sync_url, upgrade
from server.schema import load_metadata


def test_a_migrated_database_has_exactly_the_tables_in_code(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'service.db'}"
    upgrade(url)
    upgrade(url)  # a second start changes nothing
    assert current_revision(url)
    engine = sa.create_engine(sync_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, load_metadata()) == []
    engine.dispose()
