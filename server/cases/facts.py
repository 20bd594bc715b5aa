"""What other slices may know of a case, decrypted, as plain frozen values. Not for the wire: it holds personal data."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from server.cases import access, documents, people, products
from server.cases.proposals import missing_documents, require_row
from server.cases.rules import sales_rules
from server.cases.tables import case_participants, cases
from server.context import Context
from server.domain.case import RECORDABLE_STATES, CaseState
from server.domain.identity_pictures import is_usable
from server.domain.proposal import ATTENDING
from server.domain.rulebook import age_on, required_images
from server.http.problem import not_found
from server.identity.tables import identity_images
from server.users import repository as users
from storage.db.engine import Tx


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """The selling agent."""

    id: str
    name: str
    licence_no: str
    phone: str
    agent_kind: str
    org_code: str
    institution_name: str
    team: str


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """The product sold."""

    code: str
    name: str
    product_type: str
    waiting_period_days: int
    cooling_off_days: int
    grade: int
    guaranteed_rate: str | None


@dataclass(frozen=True, slots=True)
class PremiumFacts:
    """What is paid."""

    mode: str
    amount_fen: int
    frequency: str
    years: int


@dataclass(frozen=True, slots=True)
class ParticipantFacts:
    """A participant. Who does not attend is represented by another participant (a guardian)."""

    id: str
    name: str
    roles: frozenset[str]
    sex: str
    age: int
    birth_on: date
    cert_type: str
    cert_no: str
    phone: str
    location: str
    attends: bool
    represented_by: str | None
    is_elderly: bool
    is_minor: bool
    required_images: tuple[str, ...]
    missing_images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """A place on a page (from 1), as shares from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document to be read, or read and signed."""

    id: str
    kind: str
    title: str
    requires_signature: bool
    pages: int
    sha256: str
    title_area: AreaFacts | None
    number_area: AreaFacts | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case. `blocked_by` says why recording cannot start: `CASE_STATE`, `IDENTITY_INCOMPLETE`, `DOCUMENT_MISSING`."""

    case_id: str
    state: CaseState
    is_supplementary: bool
    proposal_no: str
    insurer_name: str
    channel: str
    org_code: str
    region_code: str
    agent: AgentFacts
    product: ProductFacts
    premium: PremiumFacts
    sum_insured_fen: int
    coverage: str
    is_over_one_year: bool
    participants: tuple[ParticipantFacts, ...]
    documents: tuple[DocumentFacts, ...]
    missing_documents: tuple[str, ...]
    blocked_by: tuple[str, ...]
    created_at: datetime

    @property
    def can_record(self) -> bool:
        """Whether a session may be created now."""
        return not self.blocked_by

    @property
    def policyholder(self) -> ParticipantFacts:
        """The policyholder's participant."""
        return next(p for p in self.participants if "policyholder" in p.roles)

    @property
    def attending(self) -> tuple[ParticipantFacts, ...]:
        """Those who join the session."""
        return tuple(p for p in self.participants if p.attends)


async def load_case_facts(tx: Tx, context: Context, case_id: str) -> CaseFacts:
    """Load a case. Raises 404 `CASE_NOT_FOUND`. Access is the caller's to check."""
    case = (await tx.execute(sa.select(cases).where(cases.c.id == case_id))).mappings().one_or_none()
    if case is None:
        raise not_found("CASE_NOT_FOUND")
    row = await require_row(tx, case["proposal_no"])
    product = await products.require(tx, row["product_code"])
    papers = await documents.of_proposal(tx, case["proposal_no"])
    participants = await _participants(tx, context, case_id, case["proposal_no"])
    missing = tuple(kind.value for kind in missing_documents(product, {paper.kind.value for paper in papers}))
    state = CaseState(case["state"])
    blocked = (
        *(() if state in RECORDABLE_STATES else ("CASE_STATE",)),
        *(("IDENTITY_INCOMPLETE",) if any(p.missing_images for p in participants) else ()),
        *(("DOCUMENT_MISSING",) if missing else ()),
    )
    return CaseFacts(
        case_id=case_id,
        state=state,
        is_supplementary=case["is_supplementary"],
        insurer_name=context.settings.insurer_name,
        agent=await _agent(tx, context, case["agent_id"]),
        product=ProductFacts(
            product.code, product.name, product.product_type.value, product.waiting_period_days,
            product.cooling_off_days, product.grade, product.guaranteed_rate,
        ),
        premium=PremiumFacts(**row["premium"]),
        participants=participants,
        documents=tuple(
            DocumentFacts(
                d.id, d.kind.value, d.title, d.requires_signature, d.pages, d.sha256,
                AreaFacts(**d.title_area.model_dump()) if d.title_area else None,
                AreaFacts(**d.number_area.model_dump()) if d.number_area else None,
            )
            for d in papers
        ),
        missing_documents=missing,
        blocked_by=blocked,
        created_at=case["created_at"],
        **{
            key: row[key]
            for key in ("proposal_no", "channel", "org_code", "region_code", "sum_insured_fen", "coverage", "is_over_one_year")
        },
    )  # fmt: skip


async def _agent(tx: Tx, context: Context, agent_id: str) -> AgentFacts:
    row = await users.get(tx, agent_id)
    if row is None:
        raise not_found("USER_NOT_FOUND")
    return AgentFacts(
        id=agent_id,
        name=row["display_name"],
        licence_no=row["licence_no"],
        phone=users.phone_of(context, row),
        agent_kind=row["agent_kind"] or "",
        org_code=row["org_code"],
        institution_name=await users.organisation_name(tx, row["org_code"]) or context.settings.insurer_name,
        team=row["team"],
    )


async def _participants(tx: Tx, context: Context, case_id: str, proposal_no: str) -> tuple[ParticipantFacts, ...]:
    persons = {item.id: item.person for item in (await people.of_proposals(tx, context, [proposal_no]))[proposal_no]}
    query = sa.select(case_participants).where(case_participants.c.case_id == case_id).order_by(case_participants.c.position)
    rows = (await tx.execute(query)).all()
    taken = await tx.execute(
        sa.select(identity_images.c.participant_id, identity_images.c.kind, identity_images.c.checks).where(
            identity_images.c.participant_id.in_([row.id for row in rows])
        )
    )
    present = {(participant_id, kind) for participant_id, kind, checks in taken if is_usable(kind, checks)}
    day = access.today(context)
    found = []
    for row in rows:
        person = persons[row.person_id]
        roles, age = frozenset(row.roles) & ATTENDING, age_on(person.birth_on, day)
        needed = required_images(roles, person.cert_type, sales_rules()) if row.attends else ()
        found.append(
            ParticipantFacts(
                id=row.id,
                name=person.name,
                roles=roles,
                sex=person.sex,
                age=age,
                birth_on=person.birth_on,
                cert_type=person.cert_type,
                cert_no=person.cert_no,
                phone=person.phone,
                location=row.location,
                attends=row.attends,
                represented_by=row.represented_by,
                is_elderly=age >= sales_rules().elderly_age,
                is_minor=age < sales_rules().adult_age,
                required_images=needed,
                missing_images=tuple(kind for kind in needed if (row.id, kind) not in present),
            )
        )
    return tuple(found)
