"""Freezes a case, the talk script in force and the rulebook into the setup of a session. A missing merge field is a refusal."""

from dataclasses import dataclass
from typing import Any

from server.cases.facts import AreaFacts, CaseFacts, DocumentFacts, ParticipantFacts
from server.domain.session_setup import AgentFacts, Area, Document, Person, SessionRules, Setup
from server.domain.talkscript import ROLES, TalkScriptError, freeze, parse
from server.http.problem import conflict
from server.sessions.rules import death_benefit_types
from server.talkscripts.service import StoredVersion
from storage.db.ids import new_id

STANDARD_SCRIPT = "standard-life"
_TITLE = Area(page=1, left=0.1, top=0.03, right=0.9, bottom=0.15)
_TYPES = {
    "term": "定期寿险",
    "whole_life": "终身寿险",
    "endowment": "两全保险",
    "annuity": "年金保险",
    "participating": "分红型保险",
    "universal": "万能型保险",
    "unit_linked": "投资连结保险",
    "health": "健康保险",
    "accident": "意外伤害保险",
}
_FREQUENCY = {
    "annual": "按年交费",
    "semiannual": "按半年交费",
    "quarterly": "按季交费",
    "monthly": "按月交费",
    "once": "一次性交费",
}


@dataclass(frozen=True, slots=True)
class Script:
    """The script version that is frozen."""

    key: str
    version: str
    title: str
    sha256: str
    content: dict[str, Any]

    @classmethod
    def of(cls, stored: StoredVersion) -> "Script":
        """From the stored version in force."""
        return cls(stored.key, str(stored.version), stored.title, stored.sha256, stored.content)


def build_setup(facts: CaseFacts, script: Script, rules: SessionRules, supplements_recording_id: str | None) -> Setup:
    """Freeze. Raises 409 `TALK_SCRIPT_FIELD_MISSING {fields}` where the case lacks what a text needs."""
    try:
        nodes = freeze(
            parse(script.content), case_conditions(facts), merge_fields(facts), frozenset(d.kind for d in facts.documents)
        )
    except TalkScriptError as error:
        fields = [{"path": f.path, "code": f.code, "detail": f.detail} for f in error.faults]
        raise conflict("TALK_SCRIPT_FIELD_MISSING", fields=fields) from error
    return Setup(
        session_id=new_id("ses"),
        case_id=facts.case_id,
        proposal_no=facts.proposal_no,
        product_name=facts.product.name,
        product_type=facts.product.product_type,
        insurer_name=facts.insurer_name,
        channel=facts.channel,
        agent=AgentFacts(
            user_id=facts.agent.id,
            seat_id=new_id("seat"),
            name=facts.agent.name,
            licence_no=facts.agent.licence_no,
            institution_name=facts.agent.institution_name,
            team=facts.agent.team,
            organisation=facts.agent.org_code,
        ),
        people=tuple(_person(p) for p in facts.participants),
        documents=tuple(_document(d) for d in facts.documents),
        nodes=nodes,
        rules=rules,
        script_key=script.key,
        script_version=script.version,
        script_title=script.title,
        script_sha256=script.sha256,
        supplements_recording_id=supplements_recording_id,
    )


def case_conditions(facts: CaseFacts) -> dict[str, Any]:
    """The facts that conditions of a script may name."""
    policyholder, insured = facts.policyholder, _insured(facts)
    guardian = next((p for p in facts.participants if "guardian" in p.roles), None)
    return {
        "channel": facts.channel,
        "product_type": facts.product.product_type,
        "region_code": facts.region_code,
        "policyholder_age": policyholder.age,
        "policyholder_is_elderly": policyholder.is_elderly,
        "insured_age": insured.age,
        "insured_is_policyholder": insured.id == policyholder.id,
        "insured_is_minor": insured.is_minor,
        "guardian_is_policyholder": guardian is not None and guardian.id == policyholder.id,
        "has_waiting_period": facts.product.waiting_period_days > 0,
        "has_death_benefit": facts.product.product_type in death_benefit_types(),
        "is_single_pay": facts.premium.mode == "single_pay",
        "is_over_one_year": facts.is_over_one_year,
        "is_supplementary": facts.is_supplementary,
    }


def merge_fields(facts: CaseFacts) -> dict[str, str]:
    """Texts that prompts may name. An empty one counts as missing."""
    rate = facts.product.guaranteed_rate
    return {
        "insurer_name": facts.insurer_name,
        "product_name": facts.product.name,
        "product_type_text": _TYPES.get(facts.product.product_type, ""),
        "institution_name": facts.agent.institution_name,
        "agent_name": facts.agent.name,
        "agent_licence_no": facts.agent.licence_no,
        "policyholder_name": facts.policyholder.name,
        "insured_name": _insured(facts).name,
        "sum_insured_text": money_text(facts.sum_insured_fen),
        "premium_text": money_text(facts.premium.amount_fen),
        "payment_mode_text": _FREQUENCY.get(facts.premium.frequency, ""),
        "payment_term_text": f"{facts.premium.years}年",
        "policy_term_text": facts.coverage,
        "cooling_off_days": str(facts.product.cooling_off_days or ""),
        "waiting_period_days": str(facts.product.waiting_period_days or ""),
        "guaranteed_rate_text": _rate_text(rate) if rate else "",
    }


def money_text(fen: int) -> str:
    """Money as it is read aloud: 1200000 fen → 1.2万元 stays exact or is written in yuan."""
    yuan, rest = divmod(fen, 100)
    if rest:
        return f"{fen / 100:.2f}元"
    return f"{yuan // 10000}万元" if yuan and yuan % 10000 == 0 else f"{yuan}元"


def _rate_text(rate: str) -> str:
    return f"年利率百分之{rate.rstrip('%')}"


def _insured(facts: CaseFacts) -> ParticipantFacts:
    return next(p for p in facts.participants if "insured" in p.roles)


def _person(p: ParticipantFacts) -> Person:
    return Person(
        person_id=p.id,
        seat_id=new_id("seat"),
        name=p.name,
        roles=tuple(role for role in ROLES if role in p.roles),
        age=p.age,
        attends=p.attends,
        represented_by=p.represented_by,
        location="with_agent" if p.location == "same_place" else "remote",
        phone_last4=(p.phone or "")[-4:],
    )


def _document(d: DocumentFacts) -> Document:
    number = _area(d.number_area) if d.number_area else None
    return Document(d.id, d.title, d.kind, d.pages, d.sha256, _area(d.title_area) if d.title_area else _TITLE, number)


def _area(area: AreaFacts) -> Area:
    return Area(area.page, area.left, area.top, area.right, area.bottom)
