"""The running application and the store behind it."""

from tests.support.stored_service import service, store

__all__ = ["service", "store"]
