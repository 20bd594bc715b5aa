"""The insurer's rules before a recording: when one is required, which papers and images are needed, who counts as what.

Values are data with their source; an installation replaces `STANDARD`. Pure. Rules of the running session are kept elsewhere.
"""

from dataclasses import dataclass, field
from datetime import date

NEW_TYPE = frozenset({"participating", "universal", "unit_linked"})


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """One trigger. Every condition that is set must hold. `source` names the rule's origin."""

    code: str
    source: str
    channels: frozenset[str] = frozenset()
    product_types: frozenset[str] = frozenset()
    region_prefixes: tuple[str, ...] = ()
    min_age: int | None = None
    is_over_one_year: bool | None = None
    min_single_fen: int | None = None
    min_annual_fen: int | None = None


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """What a trigger may look at."""

    channel: str
    product_type: str
    region_code: str
    policyholder_age: int
    is_over_one_year: bool
    is_single_pay: bool
    annual_fen: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule that applies, with the values a person reads."""

    code: str
    params: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class SalesRulebook:
    """Values of one insurer."""

    name: str
    adult_age: int = 18
    elderly_age: int = 60
    recording_rules: tuple[RecordingRule, ...] = ()
    identity_images: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Images each attending role must have; the union counts for a person with several roles."""
    one_sided_certs: frozenset[str] = frozenset({"passport", "household_register", "birth_certificate"})
    """Papers without a back side worth keeping."""
    documents: tuple[str, ...] = ()
    new_type_documents: tuple[str, ...] = ()
    signed_documents: frozenset[str] = frozenset()


_ALL_IMAGES = ("id_front", "id_back", "bank_card", "face")
_LIFE = "保监发〔2017〕54号 第六条"

STANDARD = SalesRulebook(
    name="standard-2026",
    recording_rules=(
        RecordingRule("INTERMEDIATED_LONG_TERM", _LIFE, channels=frozenset({"bank", "intermediary"}), is_over_one_year=True),
        RecordingRule("ELDERLY_POLICYHOLDER", _LIFE, min_age=60, is_over_one_year=True),
        RecordingRule("UNIT_LINKED_PRODUCT", _LIFE, product_types=frozenset({"unit_linked"})),
        RecordingRule("REGION_LONG_TERM", "江苏、云南地方要求", region_prefixes=("32", "53"), is_over_one_year=True),
        RecordingRule("NEW_TYPE_PRODUCT", "公司规定", product_types=NEW_TYPE),
        RecordingRule("LARGE_SINGLE_PREMIUM", "公司规定", min_single_fen=5_000_000),
        RecordingRule("LARGE_ANNUAL_PREMIUM", "公司规定", min_annual_fen=2_000_000),
    ),
    identity_images={"policyholder": _ALL_IMAGES, "insured": _ALL_IMAGES, "guardian": _ALL_IMAGES},
    documents=("insurance_prompt", "terms", "exclusion_note", "proposal_form"),
    new_type_documents=("product_manual",),
    signed_documents=frozenset({"insurance_prompt", "exclusion_note", "proposal_form"}),
)


def age_on(birth_on: date, day: date) -> int:
    """Completed years; somebody born on 29 February ages on 1 March."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def recording_triggers(facts: SaleFacts, rulebook: SalesRulebook) -> tuple[Trigger, ...]:
    """Every rule that asks for a dual recording of this sale."""
    return tuple(Trigger(rule.code, _params(rule, facts)) for rule in rulebook.recording_rules if _applies(rule, facts))


def _applies(rule: RecordingRule, facts: SaleFacts) -> bool:
    return (
        (not rule.channels or facts.channel in rule.channels)
        and (not rule.product_types or facts.product_type in rule.product_types)
        and (not rule.region_prefixes or facts.region_code.startswith(rule.region_prefixes))
        and (rule.min_age is None or facts.policyholder_age >= rule.min_age)
        and (rule.is_over_one_year is None or facts.is_over_one_year == rule.is_over_one_year)
        and (rule.min_single_fen is None or (facts.is_single_pay and facts.annual_fen >= rule.min_single_fen))
        and (rule.min_annual_fen is None or (not facts.is_single_pay and facts.annual_fen >= rule.min_annual_fen))
    )


def _params(rule: RecordingRule, facts: SaleFacts) -> dict[str, str | int]:
    params: dict[str, str | int] = {"source": rule.source}
    if rule.min_age is not None:
        params |= {"age": facts.policyholder_age, "min_age": rule.min_age}
    if rule.channels:
        params["channel"] = facts.channel
    if rule.product_types:
        params["product_type"] = facts.product_type
    if rule.region_prefixes:
        params["region_code"] = facts.region_code
    limit = rule.min_single_fen or rule.min_annual_fen
    if limit is not None:
        params |= {"amount_fen": facts.annual_fen, "limit_fen": limit}
    return params


def required_images(roles: frozenset[str], cert_type: str, rulebook: SalesRulebook) -> tuple[str, ...]:
    """Images a person with these roles must have before recording, in the order they are taken."""
    needed = {kind for role in roles for kind in rulebook.identity_images.get(role, ())}
    if cert_type in rulebook.one_sided_certs:
        needed.discard("id_back")
    return tuple(kind for kind in _ALL_IMAGES if kind in needed)


def required_documents(product_type: str, rulebook: SalesRulebook) -> tuple[str, ...]:
    """Kinds of documents a proposal must have before recording."""
    return rulebook.documents + (rulebook.new_type_documents if product_type in NEW_TYPE else ())
