"""Wire models of webhook endpoints and deliveries, and the names of the events."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema

EventName = Literal[
    "callback.succeeded",
    "callback.problem_found",
    "callback.problem_classified",
    "callback.phone_gave_up",
    "callback.closed",
    "callback.expired",
    "service_call.finished",
    "service_call.number_failed",
    "phone_warning.found",
    "phone_warning.resolved",
    "webhook.test",
]
Status = Literal["queued", "sending", "delivered", "dead"]
Url = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s/?#@]+(/[^\s#]*)?$", max_length=400)]


class EndpointBody(Schema, strict=True):
    """An address that gets results. `events`: names, or `["*"]` for all."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    url: Url
    events: Annotated[list[EventName | Literal["*"]], Field(min_length=1, max_length=20)] = ["*"]  # noqa: RUF012 - pydantic copies it
    is_active: bool = True


class EndpointView(EndpointBody):
    """An endpoint with its figures. The secret is never shown again after it was made."""

    id: str
    created_at: datetime
    updated_at: datetime
    waiting: int
    dead: int
    last_delivered_at: datetime | None


class EndpointMade(EndpointView):
    """A new endpoint, or one with a new secret: the only time the secret is shown."""

    secret: str


class EndpointList(Schema):
    """All endpoints and the events they may want."""

    items: list[EndpointView]
    events: list[str]


class DeliveryQuery(Schema):
    """Query of deliveries. `q`: the subject (a callback, a call), the event's name, or a delivery's id."""

    status: Status | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class DeliveryView(Schema):
    """A delivery. `body` is what is sent."""

    id: str
    endpoint_id: str
    endpoint_name: str
    event: str
    subject: str
    status: Status
    attempts: int
    last_status: int | None
    error: str
    created_at: datetime
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    body: dict[str, Any]


class DeliveryPage(Schema):
    """A page of deliveries, newest first; `counts` by status."""

    items: list[DeliveryView]
    total: int
    page: int
    page_size: int
    counts: dict[Status, int]


class Redelivered(Schema):
    """How many dead deliveries were queued again."""

    count: int
