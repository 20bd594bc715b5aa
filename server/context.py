"""What every slice may need, built once by the composition root (`server.bootstrap`) and handed down explicitly."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database


@dataclass(frozen=True, slots=True)
class Context:
    """Shared services. `now()` is the only clock; tests move it."""

    settings: Settings
    db: Database
    cipher: FieldCipher
    now: Callable[[], datetime]


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)
