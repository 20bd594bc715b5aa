"""Wire models of the audit log."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema


class AuditQuery(Schema):
    """Filters; `subject` is an id such as a case's, `action` a prefix such as `case.`."""

    actor: Annotated[str, StringConstraints(max_length=60)] = ""
    action: Annotated[str, StringConstraints(max_length=60)] = ""
    subject: Annotated[str, StringConstraints(max_length=60)] = ""
    since: datetime | None = None
    until: datetime | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=200)] = 50


class AuditRow(Schema):
    """An entry; personal data in `data` is masked before it is written."""

    seq: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    subject: str
    data: dict[str, Any]
    address: str
    hash: str


class AuditPage(Schema):
    """One page, newest first."""

    items: list[AuditRow]
    total: int
    page: int
    page_size: int


class AuditVerification(Schema):
    """Result of re-hashing the whole chain against the anchored head. `fault` names what is wrong, `seq` where.

    `daily_tokens`: days whose head stands in the object store under a time stamp and was compared; null: they were not asked for.
    """

    is_intact: bool
    rows: int
    head: str
    fault: str | None
    seq: int | None
    daily_tokens: int | None = None
    last_token_on: date | None = None
