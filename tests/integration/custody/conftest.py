"""The store behind the running application."""

from tests.support.stored_service import store

__all__ = ["store"]
