"""Wire models of the SMS outbox."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema

MessageStatus = Literal["queued", "sending", "sent", "failed", "expired"]


class OutboxQuery(Schema):
    """`q` finds a template name, or a whole phone number by its hash."""

    q: Annotated[str, StringConstraints(max_length=80)] = ""
    status: MessageStatus | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class OutboxMessage(Schema):
    """A message. Codes and links in `text` are replaced by `••••••` outside development; `is_text_masked` says so."""

    id: str
    template: str
    to_masked: str
    text: str
    is_text_masked: bool
    status: MessageStatus
    provider: str
    attempts: int
    error: str
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    is_kept_here: bool
    """`sent`, yet nothing left this machine: development keeps messages to be read here."""
    due_at: datetime | None
    """When it must have left; null: no such time."""
    is_late: bool


class OutboxPage(Schema):
    """One page of messages, newest first."""

    items: list[OutboxMessage]
    total: int
    page: int
    page_size: int
    counts: dict[MessageStatus, int]
    sends_out: bool
    """Whether this installation's provider sends messages to phones at all."""
