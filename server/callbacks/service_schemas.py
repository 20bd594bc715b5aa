"""Wire models of what the core system tells of policies in force, of service calls, number lists and phone warnings."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from server.callbacks.schemas import Note, PolicyNo, PolicyStatus
from server.cases.schemas import Name
from server.domain.callback.service_calls import Kind
from server.http.endpoint import Schema
from server.http.typed import Code, Phone

EventNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._\-]{4,40}$")]
Fen = Annotated[int, Field(gt=0, le=10**14)]
CallStatus = Literal["open", "number_failed", "paper", "done", "cancelled", "closed"]
CallView = Literal["todo", "waiting", "number", "finished", "all"]
CallOutcome = Literal["reached", "no_answer", "refused", "wrong_number", "paper_returned", "paper_missed"]


class PolicyBrief(Schema, strict=True):
    """A policy that was issued before this system: needed where the number is not known here. No phone: none was left."""

    policyholder_name: Name
    phone: Phone | None = None
    product_name: Name
    org_code: Code


class Change(Schema, strict=True):
    """The policy changed: another phone, or it ended."""

    kind: Literal["change"]
    event_no: EventNo
    happened_at: AwareDatetime
    phone: Phone | None = None
    status: PolicyStatus | None = None


class Grace(Schema, strict=True):
    """A premium was not paid on its day: the grace period runs."""

    kind: Literal["grace"]
    event_no: EventNo
    premium_due_on: date
    grace_ends_on: date
    premium_fen: Fen
    policy: PolicyBrief | None = None


class Premium(Schema, strict=True):
    """A premium was paid: calls about it are no longer needed."""

    kind: Literal["premium"]
    event_no: EventNo
    premium_due_on: date
    paid_at: AwareDatetime


class Payout(Schema, strict=True):
    """A surrender or a claim was paid. `collector`: who collected it for the customer, if anybody."""

    kind: Literal["surrender", "claim"]
    event_no: EventNo
    paid_at: AwareDatetime
    amount_fen: Fen
    collector: Name | None = None
    policy: PolicyBrief | None = None


PolicyEvent = Annotated[Change | Grace | Premium | Payout, Field(discriminator="kind")]


class PlannedCall(Schema):
    """A call that an event made necessary."""

    id: str
    kind: Kind
    not_before: datetime
    due_at: datetime
    rule: str
    is_late: bool


class PolicyEventTaken(Schema):
    """What became of an event. The same event number with the same content is answered the same again, `is_new` false."""

    event_no: str
    is_new: bool
    calls: list[PlannedCall]
    cancelled_calls: int
    closed_callback: str | None
    outdated: tuple[Literal["phone", "status"], ...] = ()
    """Fields of a change (`phone`, `status`) that a newer event has changed already: they stay as they are."""


class ServiceCallQuery(Schema):
    """Query of service calls. `q`: policy number, whole name or phone."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    view: CallView = "todo"
    kind: Kind | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class ServiceCallRow(Schema):
    """A line of the list."""

    id: str
    kind: Kind
    policy_no: str
    product_name: str
    policyholder_name: str
    phone_masked: str
    org_code: str
    status: CallStatus
    result: str
    attempts: int
    rule: str
    rule_name: str
    not_before: datetime
    due_at: datetime
    next_call_at: datetime | None
    is_overdue: bool
    findings: list[str]
    created_at: datetime
    done_at: datetime | None


class ServiceCallPage(Schema):
    """A page of service calls; `counts` by view."""

    items: list[ServiceCallRow]
    total: int
    page: int
    page_size: int
    counts: dict[CallView, int]


class ServiceQuestion(Schema):
    """A question as it is read out."""

    id: str
    text: str
    kind: Literal["yes_no", "text"]
    answer: str | None


class ServiceCallNote(Schema):
    """An attempt."""

    at: datetime
    by: str
    result: str
    note: str


class ServiceCallDetail(ServiceCallRow):
    """A call with its script."""

    phone: str
    notice: str
    questions: list[ServiceQuestion]
    notes: list[ServiceCallNote]
    premium_fen: int | None
    premium_due_on: date | None
    grace_ends_on: date | None
    amount_fen: int | None
    collector: str
    callback_id: str | None
    is_desk_open: bool
    desk_opens_at: datetime
    desk_hours: str
    can_call_from: datetime | None
    """Until then the retry plan lets nobody call the customer; null: it does not hold a call up."""
    allowed: list[str]


class ServiceCallResult(Schema, strict=True):
    """What a call brought; `answers` (yes, no or text) where the customer was reached. `visitor_id`: who visited."""

    result: CallOutcome
    answers: Annotated[dict[str, Annotated[str, StringConstraints(max_length=500)]], Field(max_length=20)] = Field(
        default_factory=dict
    )
    note: Note = ""
    scan_id: str = ""


class NewNumber(Schema, strict=True):
    """The number that the responsible unit found."""

    phone: Phone
    note: Note = ""


class NumberRow(Schema):
    """Somebody whose number failed. `source`: callback or service_call. `phone`: the whole number, in the spreadsheet only."""

    source: Literal["callback", "service_call"]
    id: str
    policy_no: str
    product_name: str
    policyholder_name: str
    phone_masked: str
    phone: str = ""
    org_code: str
    reason: str
    attempts: int
    failed_at: datetime
    due_at: datetime | None


class NumberQuery(Schema):
    """Query of the number list; one organisation, or all."""

    org_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{0,40}$")] = ""


class NumberList(Schema):
    """Numbers to find, per responsible organisation."""

    items: list[NumberRow]
    by_org: dict[str, int]


class PhoneWarningQuery(Schema):
    """Query of warnings."""

    status: Literal["open", "cleared", "confirmed"] = "open"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class PhoneWarningView(Schema):
    """One phone on policies of different policyholders, or an agent's phone on a policy (A9)."""

    id: str
    kind: Literal["shared_by_policyholders", "belongs_to_agent"]
    number: str
    phone_masked: str
    others: list[str]
    agent_name: str
    org_code: str
    rule: str
    status: Literal["open", "cleared", "confirmed"]
    outcome: str
    note: str
    found_at: datetime
    done_at: datetime | None


class PhoneWarningPage(Schema):
    """A page of warnings, newest first; `counts` by status."""

    items: list[PhoneWarningView]
    total: int
    page: int
    page_size: int
    counts: dict[str, int]


class PhoneWarningOutcome(Schema, strict=True):
    """What the investigation found. `phone_corrected`: the customer's own number is known now."""

    outcome: Literal["own_phone", "family_phone", "phone_corrected", "agent_wrote_own"]
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=1000)]


class PhoneCheck(Schema, strict=True):
    """Underwriting asks about a policyholder's phone before it accepts an application."""

    number: PolicyNo
    phone: Phone
    cert_type: Annotated[str, StringConstraints(max_length=24)] = "id_card"
    cert_no: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=30)]
    org_code: Code


class PhoneCheckResult(Schema):
    """Warnings that must be investigated before the application is accepted; empty: nothing against it."""

    number: str
    warnings: list[PhoneWarningView]
