"""Fixtures every test may use, and the rule for material a machine lacks.

A test that needs models, clips or a server this machine does not have is skipped with one visible line that says how to get it;
with `CI=true` and the shared folder present such a skip is a failure.

Properties are tried with the same examples in every run, here as in CI: `--hypothesis-profile=default` looks for new ones.
"""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from server.context import Context
from server.schema import load_metadata
from server.settings import ROOT, Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.support.postgres import INSTALL, Postgres, missing_tools, running_postgres

if TYPE_CHECKING:
    from tests.support.core import Service

SHARED = ROOT.parent / "shared"
_DATA_KEY = secrets.token_urlsafe(32)
hypothesis_settings.load_profile("ci")  # the same examples, no deadline for one


def lacking(what: str, how: str) -> None:
    """Skip visibly; in CI with the shared folder present, fail."""
    text = f"{what} is missing: {how}"
    if os.environ.get("CI") == "true" and SHARED.is_dir():
        pytest.fail(f"{text} (a skip is a failure in CI)")
    pytest.skip(text)


@pytest.fixture(scope="session")
def need() -> Callable[[str, str], None]:
    """`need(what, how)`: skip, or fail in CI."""
    return lacking


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The folder with the speech and face models."""
    for folder in (os.environ.get("DR_MODEL_MIRROR"), os.environ.get("DR_MODEL_DIR"), SHARED / "models", ROOT / "models"):
        if folder and (Path(folder) / "silero-vad").is_dir():
            return Path(folder)
    lacking("the model folder", "run `make models`, or set DR_MODEL_MIRROR")
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder with speech clips and face pictures."""
    for folder in (os.environ.get("DR_TESTDATA"), SHARED / "testdata"):
        if folder and Path(folder).is_dir():
            return Path(folder)
    lacking("the test clips", "set DR_TESTDATA to a folder with speech/ and faces/")
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, started once; every test makes its own database in it."""
    missing = missing_tools()
    if missing:
        lacking(f"PostgreSQL ({', '.join(missing)})", INSTALL)
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind; empty text means SQLite in the data folder."""
    if request.param == "sqlite":
        return ""
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Development settings on a data folder of the test's own, without models: what needs them names its own folder.

    All of a process have one data key, as processes of one installation find it, so that filled databases can be copied.
    """
    own_secrets = tmp_path / "data" / "development-secrets"
    own_secrets.mkdir(parents=True, mode=0o700)
    (own_secrets / "data_key").write_text(_DATA_KEY)
    return Settings(data_dir=tmp_path / "data", http_port=0, database_url="", model_dir=tmp_path / "no-models", model_mirror=None)


@pytest.fixture
def on_each_database(settings: Settings, database_url: str) -> Settings:
    """The same settings with an empty database of each kind."""
    return settings.model_copy(update={"database_url": database_url}) if database_url else settings


@pytest.fixture
async def context(settings: Settings) -> AsyncIterator[Context]:
    """A context on an empty database with every table."""
    database = Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    yield Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=lambda: datetime.now(UTC))
    await database.aclose()


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator["Service"]:
    """The whole application with demo accounts and products, and people who sign in."""
    from tests.support.core import running  # the application: tests of rules alone do not wait for it

    async with running(settings) as it:
        yield it
