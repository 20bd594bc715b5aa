"""The one `MetaData` every table joins, and portable column types.

Tables are defined beside the slice that owns them (`server/<slice>/tables.py`); this module only fixes naming and types,
so that one Alembic history serves SQLite and PostgreSQL.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A UTC instant. Naive values are refused; what comes back always carries `UTC`."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert to UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Attach UTC where the driver dropped it (SQLite)."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON(none_as_null=True)
"""Portable JSON column type (dicts and lists of plain values)."""


def id_column(name: str = "id", **kwargs: Any) -> "sa.Column[str]":
    """A primary-key column for our text identifiers (see `storage.db.ids.new_id`)."""
    return sa.Column(name, sa.String(40), primary_key=True, **kwargs)
