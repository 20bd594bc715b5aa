"""Wire models of custody: reports of the core system, what is kept how long, disposal lists."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema

EndReason = Literal["expired", "surrendered", "cancelled", "claimed", "lapsed", "not_issued"]
CustodyState = Literal["held", "pending", "retained", "due", "listed", "disposed"]
DisposalState = Literal["proposed", "approved", "done", "failed", "withdrawn"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class Dispute(Schema):
    """A dispute about the contract. Without `ended_on` it is open, and nothing may be let go."""

    dispute_no: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    opened_on: date
    ended_on: date | None = None


class ContractReport(Schema):
    """What the core system knows of a contract now; each report replaces the one before. `ended_on` null: in force."""

    ended_on: date | None = None
    end_reason: EndReason | None = None
    is_over_one_year: bool | None = None
    disputes: list[Dispute] = Field(default_factory=list, max_length=50)


class ContractView(Schema):
    """A contract as custody sees it. `applied` of `recordings` have it on the store."""

    proposal_no: str
    policy_no: str | None
    is_over_one_year: bool
    ended_on: date | None
    end_reason: EndReason | None
    disputes: list[Dispute]
    retain_until: date | None
    is_held: bool
    version: int
    reported_at: datetime
    recordings: int
    applied: int


class CustodyRow(Schema):
    """A sealed recording in custody.

    `held`: the contract's end is not known (or a dispute is open). `pending`: a report is being applied on the store.
    `retained`: kept until `retain_until`. `due`: may go onto a disposal list. `listed`: is on one. `disposed`: gone.
    """

    recording_id: str
    case_id: str
    proposal_no: str
    policy_no: str | None
    recorded_at: datetime
    bytes: int
    is_locked: bool
    contract_ended_on: date | None
    retain_until: date | None
    days_left: int | None
    state: CustodyState
    disposal_id: str | None
    disposed_at: datetime | None


class CustodyQuery(Schema):
    """Filters; `q` is a recording, case, proposal or policy number."""

    state: CustodyState | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=500)] = 50


class CustodyPage(Schema):
    """Recordings by the end of their period, the earliest first."""

    items: list[CustodyRow]
    total: int
    counts: dict[CustodyState, int]
    page: int
    page_size: int


class NewDisposal(Schema):
    """A list to be approved: recordings that are due, and why they go."""

    recording_ids: list[Annotated[str, StringConstraints(max_length=40)]] = Field(min_length=1, max_length=500)
    reason: Text


class Withdrawal(Schema):
    """Why a list is withdrawn."""

    reason: Text


class Approval(Schema):
    """One person's approval."""

    user_id: str
    user_name: str
    at: datetime


class DisposalItem(Schema):
    """A recording on a list, and what became of it."""

    recording_id: str
    case_id: str
    proposal_no: str
    retain_until: date
    objects: int
    bytes: int
    manifest_sha256: str | None
    state: Literal["planned", "deleted", "refused"]
    code: str | None
    ended_at: datetime | None


class DisposalSummary(Schema):
    """A disposal list in lists."""

    id: str
    state: DisposalState
    reason: str
    created_by_name: str
    created_at: datetime
    ended_at: datetime | None
    approvals: list[Approval]
    approvals_needed: int
    recordings: int
    bytes: int
    deleted: int
    refused: int
    allowed_actions: list[Literal["approve", "withdraw"]]


class DisposalView(DisposalSummary):
    """A disposal list with its recordings."""

    items: list[DisposalItem]
