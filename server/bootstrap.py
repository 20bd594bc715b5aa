"""Composition root: builds settings, database, cipher and the application, by hand and in one place."""

from datetime import UTC, datetime

from server.callbacks.library import use_calendar_file
from server.context import Context
from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database


def build_context(settings: Settings | None = None) -> Context:
    """Build what every process shares. The caller closes `context.db`."""
    settings = settings or Settings()
    use_calendar_file(settings.data_dir / "calendar.yaml")
    return Context(
        settings=settings,
        db=Database.connect(settings.database_url),
        cipher=FieldCipher(settings.data_keys()),
        now=lambda: datetime.now(UTC),
    )
