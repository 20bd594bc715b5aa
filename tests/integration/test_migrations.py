"""The migration history and the tables in code are the same thing, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server.ops.migrations import current_revision, is_ours, sync_url, upgrade
from server.schema import load_metadata
from tests.support.postgres import INSTALL, missing_tools, running_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, need: Callable[[str, str], None]) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'new' / 'service.db'}"
        return
    missing = missing_tools()
    if missing:
        need(f"PostgreSQL ({', '.join(missing)})", INSTALL)
    with running_postgres() as server:
        yield server.create()


def test_a_migrated_database_has_exactly_the_tables_in_code(url: str) -> None:
    upgrade(url)
    upgrade(url)  # a second start changes nothing
    assert current_revision(url)
    engine = sa.create_engine(sync_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, load_metadata()) == []
    engine.dispose()
