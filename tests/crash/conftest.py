"""Both databases, as the tests of media workers have them."""

from tests.integration.media_workers.conftest import on_each_database, postgres

__all__ = ["on_each_database", "postgres"]
