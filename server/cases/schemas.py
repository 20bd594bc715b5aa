"""Wire models of proposals (投保单, from the core system), products, documents and cases (双录任务)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.domain.case import CaseState
from server.http.endpoint import Schema
from server.http.typed import CertNo, Code, OneLine, Phone, Several, SixDigits

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), OneLine]
Fen = Annotated[int, Field(ge=0, le=10**13)]


class ProductType(StrEnum):
    """What kind of product it is: talk scripts and triggers depend on it."""

    TERM = "term"
    WHOLE_LIFE = "whole_life"
    ENDOWMENT = "endowment"
    ANNUITY = "annuity"
    PARTICIPATING = "participating"
    UNIVERSAL = "universal"
    UNIT_LINKED = "unit_linked"
    HEALTH = "health"
    ACCIDENT = "accident"


class Channel(StrEnum):
    """Sales channel."""

    INDIVIDUAL = "individual"
    BANK = "bank"
    INTERMEDIARY = "intermediary"
    GROUP = "group"
    TELEPHONE = "telephone"


class PersonRole(StrEnum):
    """投保人, 被保险人, 监护人, 受益人. One person may hold several."""

    POLICYHOLDER = "policyholder"
    INSURED = "insured"
    GUARDIAN = "guardian"
    BENEFICIARY = "beneficiary"


class CertType(StrEnum):
    """Identity papers."""

    ID_CARD = "id_card"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    RESIDENCE_PERMIT = "residence_permit"
    HOUSEHOLD_REGISTER = "household_register"
    BIRTH_CERTIFICATE = "birth_certificate"


class DocumentKind(StrEnum):
    """投保提示书, 条款, 免责说明, 投保单, 产品说明书.

    Prompt, exclusion note and proposal form are signed; the others are read.
    """

    INSURANCE_PROMPT = "insurance_prompt"
    TERMS = "terms"
    EXCLUSION_NOTE = "exclusion_note"
    PROPOSAL_FORM = "proposal_form"
    PRODUCT_MANUAL = "product_manual"


Location = Literal["same_place", "remote"]
"""Whether a customer sits with the agent or elsewhere (S4: who must share the screen alone)."""


class NewPerson(Schema, strict=True):
    """A person of the proposal. Attending persons (policyholder, adult insured, guardian) need a phone."""

    name: Name
    roles: Annotated[list[PersonRole], Field(min_length=1, max_length=4)]
    sex: Literal["male", "female"]
    birth_on: date
    cert_type: CertType = CertType.ID_CARD
    cert_no: CertNo
    phone: Phone | None = None
    relation_to_policyholder: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), OneLine] = ""
    location: Location = "remote"


class NewPremium(Schema, strict=True):
    """Amounts in fen. Regular pay needs `frequency` other than once and `years` ≥ 1."""

    mode: Literal["single_pay", "regular_pay"]
    amount_fen: Annotated[int, Field(ge=1, le=10**13)]
    frequency: Literal["once", "annual", "semiannual", "quarterly", "monthly"]
    years: Annotated[int, Field(ge=1, le=99)] = 1


class NewProposal(Schema, strict=True):
    """What the core system sends; the same `proposal_no` with the same content is accepted again without effect.

    The agent is named by `agent_code`, or by `company_code` and `work_no` (intermediary staff).
    """

    proposal_no: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-]{6,32}$")]
    product_code: Code
    channel: Channel
    org_code: Code
    agent_code: Code | None = None
    company_code: Code | None = None
    work_no: Code | None = None
    premium: NewPremium
    sum_insured_fen: Fen
    coverage: Name
    """Policy term as it is said to the customer: 终身, 20年, 至70周岁."""
    coverage_is_over_one_year: bool = True
    persons: Annotated[list[NewPerson], Field(min_length=1, max_length=20)]
    region_code: SixDigits = "110000"


class DocumentQuery(Schema):
    """Query of a document upload."""

    kind: DocumentKind
    title: Name


class DocumentArea(Schema):
    """Where something stands on a page (from 1), as shares of its width and height from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class DocumentView(Schema):
    """A PDF of a proposal. The areas are found in its text; null when they were not.

    `content_url` needs staff rights or a customer's session ticket.
    """

    id: str
    kind: DocumentKind
    title: str
    requires_signature: bool
    pages: int
    size_bytes: int
    sha256: str
    title_area: DocumentArea | None
    number_area: DocumentArea | None
    content_url: str


class ProductView(Schema):
    """A product on sale. `grade`: the insurer's own, 1 (low) … 5 (high); shown, no rule decides by it."""

    code: str
    name: str
    product_type: ProductType
    waiting_period_days: int
    cooling_off_days: int
    grade: int
    is_over_one_year: bool
    guaranteed_rate: str | None
    summary: str
    is_active: bool


class ProductBody(Schema, strict=True):
    """A product as an administrator keeps it. Its cooling-off days are the contract's: nothing stands in for them."""

    name: Name
    product_type: ProductType
    waiting_period_days: Annotated[int, Field(ge=0, le=3650)] = 0
    cooling_off_days: Annotated[int, Field(ge=0, le=60)]
    grade: Annotated[int, Field(ge=1, le=5)] = 2
    is_over_one_year: bool = True
    guaranteed_rate: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9]{1,3})?%$")] | None = None
    summary: Annotated[str, StringConstraints(max_length=400)] = ""
    is_active: bool = True


class PersonView(Schema):
    """A person of the proposal, masked."""

    id: str
    name: str
    roles: list[PersonRole]
    sex: Literal["male", "female"]
    birth_on: date
    age: int
    cert_type: CertType
    cert_no_masked: str
    phone_masked: str
    relation_to_policyholder: str


class PremiumView(Schema):
    """Amounts in fen."""

    mode: Literal["single_pay", "regular_pay"]
    amount_fen: int
    frequency: Literal["once", "annual", "semiannual", "quarterly", "monthly"]
    years: int


class RecordingReason(Schema):
    """One rule that asks for a dual recording: `code` names it, `params` its values."""

    code: str
    params: dict[str, str | int]


class RecordingRequirement(Schema):
    """Whether the sale must be recorded, and why (54号 Art. 6 and regional rules, as data)."""

    is_required: bool
    reasons: list[RecordingReason]


class ProposalWarning(Schema):
    """Something to look into before recording; it blocks nothing (S3: the same phone hides callbacks).

    `PHONE_OF_STAFF`: a customer's phone is an agent's. `PHONE_SHARED`: two people of this proposal have one phone.
    `PHONE_OF_OTHER_CUSTOMER`: another proposal gives this phone to somebody else.
    """

    code: Literal["PHONE_OF_STAFF", "PHONE_SHARED", "PHONE_OF_OTHER_CUSTOMER"]
    person_id: str


class ProposalSummary(Schema):
    """A line of the list of proposals."""

    proposal_no: str
    product_name: str
    product_type: ProductType
    channel: Channel
    policyholder_name: str
    premium: PremiumView
    received_at: datetime
    case_id: str | None


class ProposalView(Schema):
    """What the core system sent, masked."""

    proposal_no: str
    product: ProductView
    channel: Channel
    org_code: str
    agent_id: str | None
    agent_name: str
    premium: PremiumView
    sum_insured_fen: int
    coverage: str
    persons: list[PersonView]
    documents: list[DocumentView]
    requirement: RecordingRequirement
    missing_documents: list[DocumentKind]
    warnings: list[ProposalWarning]
    received_at: datetime
    case_id: str | None


class ProposalQuery(Schema):
    """`without_case=true` lists proposals a new case can be made from. `q`: number, name, or a whole phone number."""

    q: Annotated[str, StringConstraints(max_length=80)] = ""
    without_case: bool = False
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class ProposalPage(Schema):
    """One page of proposals."""

    items: list[ProposalSummary]
    total: int
    page: int
    page_size: int


class ProposalAccepted(Schema):
    """Answer to the core system. `is_new` is false when the proposal was known already."""

    proposal_no: str
    is_new: bool
    requirement: RecordingRequirement


class NewCase(Schema, strict=True):
    """A case is made from a proposal; one open case a proposal (409 `CASE_EXISTS` names it)."""

    proposal_no: str


class CaseQuery(Schema):
    """`state` may be repeated. `q`: case id, proposal number, a name, or a whole phone number (found by its hash)."""

    q: Annotated[str, StringConstraints(max_length=80)] = ""
    state: Annotated[list[CaseState], Several] | None = None
    product_type: ProductType | None = None
    agent_id: str | None = None
    sort: Literal["updated_at", "created_at"] = "updated_at"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class CaseSummary(Schema):
    """A line of the list of cases."""

    id: str
    proposal_no: str
    state: CaseState
    product_name: str
    product_type: ProductType
    channel: Channel
    policyholder_name: str
    insured_name: str
    agent_id: str
    agent_name: str
    premium: PremiumView
    is_elderly: bool
    has_minor: bool
    is_supplementary: bool
    created_at: datetime
    updated_at: datetime


class CasePage(Schema):
    """One page of cases; `counts` are per state for the same search without the state filter."""

    items: list[CaseSummary]
    total: int
    page: int
    page_size: int
    counts: dict[CaseState, int]


class ParticipantView(Schema):
    """Who attends the recording. A minor insured does not attend: `represented_by` names the guardian's participant."""

    id: str
    name: str
    roles: list[PersonRole]
    sex: Literal["male", "female"]
    age: int
    is_elderly: bool
    is_minor: bool
    attends: bool
    represented_by: str | None
    location: Location
    cert_type: CertType
    cert_no_masked: str
    phone_masked: str
    is_identity_complete: bool
    missing_images: list[str]


class CaseEventView(Schema):
    """A step in a case's history."""

    at: datetime
    event: str
    from_state: CaseState | None
    to_state: CaseState
    actor: str
    actor_name: str
    note: str


class CaseView(Schema):
    """A case. `allowed_actions` is decided by the server; pages render it.

    Actions: `capture_identity`, `create_session`, `cancel`, `start_supplementary`, `change_location`.
    """

    id: str
    state: CaseState
    proposal: ProposalView
    participants: list[ParticipantView]
    agent_id: str
    agent_name: str
    agent_licence_no: str
    is_elderly: bool
    is_supplementary: bool
    declined_reason: str
    history: list[CaseEventView]
    allowed_actions: list[str]
    blocked_by: list[str]
    """Why recording cannot start yet: `IDENTITY_INCOMPLETE`, `DOCUMENT_MISSING`."""
    created_at: datetime
    updated_at: datetime


class LocationPatch(Schema, strict=True):
    """Where a participant is."""

    location: Location


class ReasonBody(Schema, strict=True):
    """A written reason."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)]
