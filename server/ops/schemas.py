"""Wire models of the health page."""

from datetime import datetime
from typing import Any, Literal

from server.http.endpoint import Schema


class HealthItem(Schema):
    """One engine, model, store or worker. `not_measured` means that nothing could be asked."""

    group: Literal["process", "engine", "model", "store", "worker", "notice"]
    name: str
    status: Literal["up", "degraded", "down", "off", "not_measured"]
    detail: str
    data: dict[str, Any]


class Health(Schema):
    """The state of the installation."""

    mode: Literal["development", "production"]
    version: str
    checked_at: datetime
    items: list[HealthItem]
