"""The real S3 server of the contract tests, and both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.settings import Settings
from tests.contract.conftest import gateway
from tests.support.postgres import INSTALL, Postgres, missing_tools, running_postgres

__all__ = ["gateway"]


@pytest.fixture(scope="session")
def postgres(need: Callable[[str, str], None]) -> Iterator[Postgres]:
    """A real PostgreSQL, started once."""
    missing = missing_tools()
    if missing:
        need(f"PostgreSQL ({', '.join(missing)})", INSTALL)
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def on_each_database(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an installation with an empty database of each kind."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create()
    return Settings(data_dir=tmp_path / "data", http_port=0, database_url=url, model_dir=tmp_path / "no-models")
