"""The migration history and the tables in code are the same thing, on both databases."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server.ops.migrations import config_for, current_revision, is_ours, sync_url, upgrade
from server.schema import load_metadata


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> str:
    """An empty database; the folder of the SQLite one does not exist yet."""
    return database_url or f"sqlite+aiosqlite:///{tmp_path / 'new' / 'service.db'}"


def test_a_migrated_database_has_exactly_the_tables_in_code(url: str) -> None:
    upgrade(url)
    upgrade(url)  # a second start changes nothing
    assert current_revision(url)
    engine = sa.create_engine(sync_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, load_metadata()) == []
    engine.dispose()


def test_a_callback_that_nobody_had_on_a_list_gets_a_task(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'service.db'}"
    command.upgrade(config_for(url), "0031")
    engine, at = sa.create_engine(sync_url(url)), datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    tables = sa.MetaData()
    tables.reflect(engine, only=["policies", "callbacks", "callback_tasks"])
    policies, callbacks, tasks = (tables.tables[name] for name in ("policies", "callbacks", "callback_tasks"))

    def filled(table: sa.Table, **given: Any) -> sa.Insert:
        of_type = {sa.DateTime: at, sa.Integer: 1, sa.JSON: {}}
        needed = [column for column in table.c if not column.nullable and column.name not in given]
        values = {c.name: next((v for kind, v in of_type.items() if isinstance(c.type, kind)), "x") for c in needed}
        return sa.insert(table).values(**values, **given)

    with engine.begin() as connection:
        for number, state in enumerate(("phone_failed", "phone_failed", "open")):
            connection.execute(filled(policies, policy_no=f"P{number}"))
            connection.execute(filled(callbacks, id=f"cb{number}", policy_no=f"P{number}", rulebook_id="S1", state=state))
        connection.execute(filled(tasks, id="t", callback_id="cb1", kind="confirm_number", status="open"))
    engine.dispose()
    upgrade(url)
    with engine.connect() as connection:
        found = connection.execute(sa.select(tasks.c.callback_id, tasks.c.kind, tasks.c.rule).order_by(tasks.c.callback_id)).all()
    assert [tuple(row) for row in found] == [("cb0", "choose_channel", "S1.E17"), ("cb1", "confirm_number", "x")]
    engine.dispose()
