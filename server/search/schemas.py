"""Wire models of the search. A POST, so that an ID number never stands in an address or a server's log."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.cases.schemas import ProductType
from server.domain.case import CaseState
from server.http.endpoint import Schema
from server.inspections.schemas import InspectionState

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]


class SearchBody(Schema):
    """What is looked for; everything that is set must hold.

    `q`: case id, proposal or policy number (whole, its beginning, or a part of at least four characters), or a customer's whole
    name, phone or ID number (found by keyed hash). `agent`: name, login or agent code. `words`: at least two characters that
    were spoken; found by sound. Dates are of the recording, in local time, both inclusive.
    """

    q: Text = ""
    agent: Text = ""
    product: Text = ""
    product_type: ProductType | None = None
    state: CaseState | None = None
    verdict: InspectionState | None = None
    from_on: date | None = None
    to_on: date | None = None
    words: Text = ""
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(30, ge=1, le=100)


class SpokenHit(Schema):
    """A line in which the words were said. `is_exact` is false where it only sounds alike (the recogniser's homophones)."""

    recording_id: str
    seat_id: str
    speaker: str
    t_ms: int
    text: str
    is_exact: bool


class InspectionRef(Schema):
    """An inspection of the case, newest recording first."""

    id: str
    state: InspectionState
    is_supplementary: bool


class SearchHit(Schema):
    """A case that was found."""

    case_id: str
    proposal_no: str
    policy_nos: list[str]
    state: CaseState
    product_name: str
    product_type: ProductType
    policyholder_name: str
    insured_name: str
    agent_name: str
    is_elderly: bool
    created_at: datetime
    recorded_at: datetime | None
    recording_id: str | None
    inspections: list[InspectionRef]
    spoken: list[SpokenHit]


class SearchPage(Schema):
    """Newest first. `reason` says why nothing could be looked up: `WORDS_TOO_SHORT`."""

    items: list[SearchHit]
    next_cursor: str | None
    reason: Literal["WORDS_TOO_SHORT"] | None = None
