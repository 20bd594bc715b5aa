"""Imports every slice's tables so that `metadata` is complete (migrations, tests)."""

import importlib
import pkgutil

import sqlalchemy as sa

import server
from storage.db.metadata import metadata

__all__ = ["load_metadata"]


def load_metadata() -> sa.MetaData:
    """Import every `server.<slice>.tables` module and return the shared metadata."""
    for package in pkgutil.iter_modules(server.__path__, "server."):
        if package.ispkg and any(m.name == "tables" for m in pkgutil.iter_modules([f"{server.__path__[0]}/{package.name[7:]}"])):
            importlib.import_module(f"{package.name}.tables")
    return metadata
