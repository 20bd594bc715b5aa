"""Takes issued policies in from the core system and opens their callbacks: idempotent by number and content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from server.audits.service import record
from server.callbacks import recorded, store
from server.callbacks.library import stored_rulebook
from server.callbacks.rulebooks import questionnaire_in_force, rulebook_in_force
from server.callbacks.schemas import NewPolicy, PolicyAccepted
from server.callbacks.service import calendar, let_time_pass
from server.callbacks.tables import callbacks, policies
from server.cases import people, products, proposals
from server.cases.tables import cases
from server.context import Context
from server.domain.callback.comparison import covered
from server.domain.callback.engine import lacking
from server.domain.callback.facts import CertificateType, Channel, PaymentMode, PolicyFacts
from server.domain.callback.questionnaire import Questionnaire, QuestionnaireError, parse_questionnaire
from server.domain.callback.rulebook import Rulebook, RulebookError
from server.domain.case import CaseState
from server.domain.identity_no import parse_identity_no
from server.domain.proposal import Person
from server.domain.rulebook import age_on
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from storage.db.engine import Tx

FREQUENCY = {"annual": "年", "semiannual": "半年", "quarterly": "季度", "monthly": "月", "once": ""}
CHANNEL = {
    "individual": Channel.AGENT,
    "group": Channel.AGENT,
    "bank": Channel.BANK,
    "intermediary": Channel.INTERMEDIARY,
    "telephone": Channel.PHONE,
}
CERTIFICATE = {
    "id_card": CertificateType.ID_CARD,
    "passport": CertificateType.PASSPORT,
    "hk_macau_permit": CertificateType.HK_MACAU_PERMIT,
    "taiwan_permit": CertificateType.TAIWAN_PERMIT,
}
FACT_AT = {
    "fees": "fees_text",
    "net_amount": "net_amount_fen",
    "next_due_on": "next_due_on",
    "guaranteed_rate": "product.guaranteed_rate",
    "waiting_period_days": "product.waiting_period_days",
    "cooling_off_days": "product.cooling_off_days",
    "product_name": "product.name",
    "payment_years": "premium.years",
    "frequency": "premium.frequency",
    "premium": "premium.amount_fen",
    "term": "coverage",
    "policyholder_name": "policyholder.name",
    "insured_name": "insured.name",
    "policy_no": "policy_no",
}
"""Merge field of a questionnaire → where a policy gives it."""
_NEEDED = ("product", "premium", "coverage", "channel", "org_code", "policyholder", "insured")


@dataclass(frozen=True, slots=True)
class _Sale:
    """What a policy says of itself, from the body and its proposal together."""

    product_name: str
    product_type: str
    waiting_period_days: int
    cooling_off_days: int | None
    guaranteed_rate: str | None
    is_over_one_year: bool
    mode: str
    amount_fen: int
    frequency: str
    years: int
    coverage: str
    channel: str
    org_code: str
    holder: Person
    insured: tuple[Person, ...]
    agent_id: str | None = None
    case_id: str | None = None


async def receive(tx: Tx, context: Context, who: Principal, body: NewPolicy) -> PolicyAccepted:
    """Take a policy in and open its callback.

    Raises:
        Problem: 422 `POLICY_INVALID` with the faults; 404 `PROPOSAL_NOT_FOUND`; 409 `POLICY_CONFLICT` for other content under the
            same number, `RECORDING_NOT_PASSED` where a required recording is not passed, `CASE_DECLINED` where the customer
            refused the recording: nothing can be sold on it.
    """
    book_data = await rulebook_in_force(tx, context, context.settings.callback_rulebook, calendar().local_date(body.issued_at))
    book = stored_rulebook(book_data)
    digest = hashlib.sha256(orjson.dumps(_content(body, book), option=orjson.OPT_SORT_KEYS)).hexdigest()
    known = (await tx.execute(sa.select(policies).where(policies.c.policy_no == body.policy_no))).mappings().one_or_none()
    if known:
        if known["content_hash"] != digest:
            raise conflict("POLICY_CONFLICT", policy_no=body.policy_no)
        return await _accepted(tx, body.policy_no, is_new=False)
    now = context.now()
    sale = await _sale(tx, context, body)
    _check(body, sale, now, needs_phone=not book.phone.reconfirms_number)
    recording_id = await recorded.sealed_recording(tx, sale.case_id) if sale.case_id else None
    customer_hash = context.cipher.search_hash(f"{sale.holder.cert_type}:{sale.holder.cert_no.upper()}")
    is_known = await tx.scalar(sa.select(policies.c.policy_no).where(policies.c.customer_hash == customer_hash).limit(1))
    facts = _facts(body, sale, recording_id is not None, is_known is None, now)
    said = await recorded.said_by_subject(tx, context, sale.case_id)
    questions = await questionnaire_in_force(tx, book.answering.questionnaire)
    _check_facts(facts, book, parse_questionnaire(questions), covered(said))
    await tx.execute(
        sa.insert(policies).values(
            policy_no=body.policy_no,
            content_hash=digest,
            proposal_no=body.proposal_no,
            case_id=sale.case_id,
            recording_id=recording_id,
            rulebook_id=book.id,
            product_type=facts.product_type,
            channel=facts.channel.value,
            org_code=sale.org_code,
            agent_id=sale.agent_id,
            data_enc=context.cipher.encrypt(store.facts_to_json(facts), f"policies.data:{body.policy_no}"),
            customer_hash=customer_hash,
            cert_hash=context.cipher.search_hash(sale.holder.cert_no.upper()),
            name_hash=context.cipher.search_hash(sale.holder.name),
            phone_hash=context.cipher.search_hash(facts.phone),
            status="in_force",
            issued_at=body.issued_at,
            received_at=now,
        )
    )
    try:
        loaded = await store.create(
            tx,
            context,
            facts=facts,
            rulebook=book_data,
            questionnaire=questions,
            covered=covered(said),
            customer_hash=customer_hash,
            org_code=sale.org_code,
            calendar=calendar(),
            now=now,
        )
    except (QuestionnaireError, RulebookError) as error:
        raise Problem(
            422, "POLICY_INVALID", fields=[{"path": error.path, "code": "FACT_MISSING", "why": error.message}]
        ) from error
    await let_time_pass(tx, context, loaded.id)
    data = {"callback_id": loaded.id, "case_id": sale.case_id, "recording_id": recording_id, "rulebook": book.id}
    await record(tx, context, actor=who, action="policy.received", subject=body.policy_no, data=data)
    return await _accepted(tx, body.policy_no, is_new=True)


def _content(body: NewPolicy, book: Rulebook) -> dict[str, Any]:
    """What is compared when a number comes again. A field of later versions that is not given is not there."""
    plain = body.model_dump(mode="json")
    if plain["net_amount_fen"] is None:
        del plain["net_amount_fen"]
    if body.product is not None and body.product.cooling_off_days is None:
        plain["product"]["cooling_off_days"] = book.cooling_off_days
    return plain


async def _accepted(tx: Tx, policy_no: str, *, is_new: bool) -> PolicyAccepted:
    query = (
        sa.select(
            callbacks.c.id, callbacks.c.state, callbacks.c.rulebook_id, callbacks.c.rulebook_version, policies.c.recording_id
        )
        .join(policies, policies.c.policy_no == callbacks.c.policy_no)
        .where(callbacks.c.policy_no == policy_no)
    )
    row = (await tx.execute(query)).one()
    return PolicyAccepted(
        policy_no=policy_no,
        is_new=is_new,
        callback_id=row.id,
        state=row.state,
        rulebook=row.rulebook_id,
        rulebook_version=row.rulebook_version,
        has_recording=row.recording_id is not None,
    )


async def _sale(tx: Tx, context: Context, body: NewPolicy) -> _Sale:
    if body.proposal_no is not None:
        return _changed(await _from_proposal(tx, context, body.proposal_no), body)
    missing = [{"path": name, "code": "MISSING_WITHOUT_PROPOSAL"} for name in _NEEDED if getattr(body, name) is None]
    holder, insured = body.policyholder, body.insured
    if not (body.product and body.premium and body.coverage and body.channel and body.org_code and holder and insured):
        raise Problem(422, "POLICY_INVALID", fields=missing)
    product, premium = body.product, body.premium
    return _changed(
        _Sale(
            product.name, product.product_type.value, product.waiting_period_days, product.cooling_off_days,
            product.guaranteed_rate, product.is_over_one_year, premium.mode, premium.amount_fen, premium.frequency,
            premium.years, body.coverage, body.channel.value, body.org_code, _person(holder), (_person(insured),),
        ),
        body,
    )  # fmt: skip


async def _from_proposal(tx: Tx, context: Context, proposal_no: str) -> _Sale:
    row = await proposals.require_row(tx, proposal_no)
    product = await products.require(tx, row["product_code"])
    stored = (await people.of_proposals(tx, context, [proposal_no]))[proposal_no]
    needed = proposals.requirement(context, row, product, stored).is_required
    persons = [item.person for item in stored]
    case_id = await _passed_case(tx, proposal_no, is_required=needed)
    premium = row["premium"]
    return _Sale(
        product.name, product.product_type.value, product.waiting_period_days, product.cooling_off_days,
        product.guaranteed_rate, row["is_over_one_year"], premium["mode"], premium["amount_fen"], premium["frequency"],
        premium["years"], row["coverage"], row["channel"], row["org_code"],
        next(p for p in persons if "policyholder" in p.roles), tuple(p for p in persons if "insured" in p.roles),
        row["agent_id"], case_id,
    )  # fmt: skip


async def _passed_case(tx: Tx, proposal_no: str, *, is_required: bool) -> str | None:
    query = sa.select(cases.c.id, cases.c.state).where(cases.c.proposal_no == proposal_no).order_by(cases.c.created_at.desc())
    found = [(str(row.id), CaseState(row.state)) for row in await tx.execute(query)]
    passed = next((case_id for case_id, state in found if state is CaseState.PASSED), None)
    if passed is not None:
        return passed
    alive = next(((case_id, state) for case_id, state in found if state is not CaseState.CANCELLED), None)
    if alive is not None and alive[1] is CaseState.DECLINED:
        raise conflict("CASE_DECLINED", case_id=alive[0])
    if is_required:
        params = {"case_id": alive[0], "state": alive[1].value} if alive else {}
        raise conflict("RECORDING_NOT_PASSED", proposal_no=proposal_no, **params)
    return None


def _person(given: Any) -> Person:
    return Person(given.name, frozenset(), "", given.birth_on, given.cert_type.value, given.cert_no.upper(), given.phone or "")


def _changed(sale: _Sale, body: NewPolicy) -> _Sale:
    """Let what the body says take the place of what the proposal said."""
    changes: dict[str, Any] = {}
    if body.product:
        product = body.product
        changes |= {
            "product_name": product.name,
            "product_type": product.product_type.value,
            "waiting_period_days": product.waiting_period_days,
            "cooling_off_days": product.cooling_off_days,
            "guaranteed_rate": product.guaranteed_rate,
            "is_over_one_year": product.is_over_one_year,
        }
    if body.premium:
        premium = body.premium
        changes |= {
            "mode": premium.mode,
            "amount_fen": premium.amount_fen,
            "frequency": premium.frequency,
            "years": premium.years,
        }
    changes |= {"coverage": body.coverage} if body.coverage else {}
    changes |= {"channel": body.channel.value} if body.channel else {}
    changes |= {"org_code": body.org_code} if body.org_code else {}
    changes |= {"insured": (_person(body.insured),)} if body.insured else {}
    holder = _person(body.policyholder) if body.policyholder else sale.holder
    if body.phone:
        holder = replace(holder, phone=body.phone)
    return replace(sale, holder=holder, **changes)


def _check(body: NewPolicy, sale: _Sale, now: datetime, *, needs_phone: bool) -> None:
    faults: list[dict[str, str]] = []
    if body.issued_at > now + timedelta(minutes=5):  # clocks of two systems differ a little
        faults.append({"path": "issued_at", "code": "IN_THE_FUTURE"})
    if body.effective_on is not None and body.effective_on < calendar().local_date(body.issued_at) - timedelta(days=366):
        faults.append({"path": "effective_on", "code": "LONG_BEFORE_ISSUE"})
    if needs_phone and not sale.holder.phone:
        faults.append({"path": "policyholder.phone", "code": "PHONE_MISSING"})
    for path, person in (("policyholder", sale.holder), *(("insured", p) for p in sale.insured)):
        if person.birth_on > calendar().local_date(now):
            faults.append({"path": f"{path}.birth_on", "code": "BIRTH_DATE_IMPOSSIBLE"})
        said = parse_identity_no(person.cert_no) if person.cert_type == "id_card" else None
        if person.cert_type == "id_card" and said is None:
            faults.append({"path": f"{path}.cert_no", "code": "CERT_NO_INVALID"})
        elif said is not None and said.birth_on != person.birth_on:
            faults.append({"path": f"{path}.birth_on", "code": "BIRTH_DATE_CONTRADICTS_CERT"})
    if (sale.mode == "single_pay") != (sale.frequency == "once"):
        faults.append({"path": "premium.frequency", "code": "FREQUENCY_CONTRADICTS_MODE"})
    if faults:
        raise Problem(422, "POLICY_INVALID", fields=faults)


def _check_facts(facts: PolicyFacts, book: Rulebook, questionnaire: Questionnaire, said: Mapping[str, str]) -> None:
    """What the questions of this policy need must be there: each lacking fact is named at its place, with who asks for it."""
    found = lacking(facts, book, questionnaire, said)
    faults = [
        {
            "path": FACT_AT.get(name, name),
            "code": "FACT_MISSING",
            "why": f"questionnaire {questionnaire.id} asks for it: {', '.join(where)}",
        }
        for name, where in found.items()
    ]
    if faults:
        raise Problem(422, "POLICY_INVALID", fields=faults)


def _facts(body: NewPolicy, sale: _Sale, has_recording: bool, is_first_time: bool, now: datetime) -> PolicyFacts:
    today: date = calendar().local_date(now)
    issued_on = calendar().local_date(body.issued_at)
    holder, insured = sale.holder, sale.insured
    return PolicyFacts(
        policy_no=body.policy_no,
        product_name=sale.product_name,
        product_type=sale.product_type,
        payment_mode=PaymentMode(sale.mode),
        channel=CHANNEL[sale.channel],
        issued_at=body.issued_at,
        effective_on=body.effective_on or issued_on + timedelta(days=1),
        policyholder_name=holder.name,
        insured_name="、".join(p.name for p in insured),
        certificate=CERTIFICATE.get(holder.cert_type, CertificateType.OTHER),
        is_first_time=is_first_time,
        is_insured_policyholder=all(p.cert_no.upper() == holder.cert_no.upper() for p in insured),
        insured_age=min(age_on(p.birth_on, min(issued_on, today)) for p in insured),  # when they signed, not when we were told
        policyholder_age=age_on(holder.birth_on, today),
        term_text=sale.coverage,
        payment_years=None if sale.mode == "single_pay" else sale.years,
        payment_frequency=FREQUENCY[sale.frequency],
        premium_fen=sale.amount_fen,
        next_due_on=body.next_due_on,
        guaranteed_rate=sale.guaranteed_rate,
        waiting_period_days=sale.waiting_period_days,
        fees_text=body.fees_text,
        net_amount_fen=body.net_amount_fen,
        has_recording=has_recording,
        has_electronic_contract=body.has_electronic_contract,
        cooling_off_days=sale.cooling_off_days,
        phone=holder.phone,
        has_phone=bool(holder.phone),
        term_over_one_year=sale.is_over_one_year,
    )


async def require(tx: Tx, policy_no: str) -> dict[str, Any]:
    """A policy's row, or 404."""
    row = (await tx.execute(sa.select(policies).where(policies.c.policy_no == policy_no))).mappings().one_or_none()
    if row is None:
        raise not_found("POLICY_NOT_FOUND")
    return dict(row)
