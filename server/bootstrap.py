"""Composition root: builds settings, database, cipher and the application, by hand and in one place."""

from datetime import UTC, datetime

from server.callbacks import library
from server.cases.rules import sales_rules
from server.context import Context
from server.custody.rules import load_rules as retention_rules
from server.domain.forbidden import shipped_lexicon
from server.domain.talkscript_prescribed import statements
from server.outbox.rules import code_rules
from server.recordings.rulebook import load_rulebook as inspection_rules
from server.sessions.rules import consents, death_benefit_types
from server.settings import Settings
from server.users.limits import rate_limits
from storage.db.crypto import FieldCipher
from storage.db.engine import Database


def build_context(settings: Settings | None = None) -> Context:
    """Build what every process shares. The caller closes `context.db`."""
    settings = settings or Settings()
    library.use_calendar_file(settings.data_dir / "calendar.yaml")
    return Context(
        settings=settings,
        db=Database.connect(settings.database_url),
        cipher=FieldCipher(settings.data_keys()),
        now=lambda: datetime.now(UTC),
    )


def read_shipped() -> None:
    """Read the data that is shipped with the program, once, before anything is served.

    An upgrade in place changes these files under a process that still runs the code before it: that code goes on with the data it
    came with, and what is frozen from it fits the version number it names.
    """
    library.read_shipped()
    for read in (
        retention_rules,
        inspection_rules,
        sales_rules,
        code_rules,
        rate_limits,
        consents,
        death_benefit_types,
        shipped_lexicon,
        statements,
    ):
        read()
