"""The database engine: SQLite (WAL, `BEGIN IMMEDIATE`) by default, PostgreSQL by URL.

Edges (routes, session actors, jobs) own transactions: `async with db.begin() as tx:`. Services and repositories receive
`tx` and never commit.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

T = TypeVar("T")
Tx = AsyncConnection
"""An open transaction. What runs in it is committed by its owner, or rolled back whole."""


class Database:
    """Owner of one engine. `aclose()` is idempotent."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @classmethod
    def connect(cls, url: str) -> "Database":
        """Open an engine for `sqlite+aiosqlite:///path` or `postgresql+asyncpg://…`.

        Args:
            url: SQLAlchemy async URL. A SQLite file's folder is created.
        """
        if url.startswith("sqlite"):
            path = sa.make_url(url).database
            if path and path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            engine = create_async_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
            sa.event.listen(engine.sync_engine, "connect", _sqlite_connect)
            sa.event.listen(engine.sync_engine, "begin", _sqlite_begin)
        else:
            engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
        return cls(engine)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """Open a read-write transaction; commit at the end, roll back on any exception."""
        async with self.engine.begin() as tx:
            yield tx

    async def once(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Do idempotent work in a transaction: anew where somebody else had just written the same, so that it finds that."""
        try:
            async with self.begin() as tx:
                return await work(tx)
        except sa.exc.IntegrityError:
            async with self.begin() as tx:
                return await work(tx)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Open a read-only look: on SQLite it takes no write lock, so readers never wait for writers."""
        async with self.engine.connect() as connection:
            await connection.execution_options(dr_read_only=True)
            try:
                yield connection
            finally:
                await connection.rollback()

    async def ping(self) -> None:
        """Raise if the database does not answer."""
        async with self.read() as tx:
            await tx.execute(sa.text("SELECT 1"))

    async def aclose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the begin hook below decides how a transaction starts
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get("dr_read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
