"""The insurer's rules before a recording: when one is required, which papers and images are needed, who counts as what.

Values are data with their source (`data/sales-rulebook.yaml`). Pure. Rules of the running session are kept elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


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
    adult_age: int
    elderly_age: int
    recording_rules: tuple[RecordingRule, ...]
    new_types: frozenset[str]
    """新型产品."""
    identity_images: Mapping[str, tuple[str, ...]]
    """Images each attending role must have; the union counts for a person with several roles."""
    one_sided_certs: frozenset[str]
    """Papers without a back side worth keeping."""
    identity_link_hours: int
    documents: tuple[str, ...]
    new_type_documents: tuple[str, ...]
    signed_documents: frozenset[str]


_ALL_IMAGES = ("id_front", "id_back", "bank_card", "face")
"""In the order they are taken."""


def rulebook_from(data: Mapping[str, Any]) -> SalesRulebook:
    """Build the rules from the rulebook's plain values. Raises `KeyError`, `TypeError` or `ValueError` for what cannot be."""
    made: dict[str, Any] = {"channels": frozenset, "product_types": frozenset, "region_prefixes": tuple}
    rules = tuple(
        RecordingRule(**{key: made[key](value) if key in made else value for key, value in rule.items()})
        for rule in data["recording_rules"]
    )
    images = {role: tuple(kinds) for role, kinds in data["identity_images"].items()}
    if not {kind for kinds in images.values() for kind in kinds} <= set(_ALL_IMAGES):
        raise ValueError("sales rulebook: unknown image")
    return SalesRulebook(
        name=str(data["name"]),
        adult_age=int(data["adult_age"]),
        elderly_age=int(data["elderly_age"]),
        recording_rules=rules,
        new_types=frozenset(data["new_types"]),
        identity_images=images,
        one_sided_certs=frozenset(data["one_sided_certs"]),
        identity_link_hours=int(data["identity_link_hours"]),
        documents=tuple(data["documents"]),
        new_type_documents=tuple(data["new_type_documents"]),
        signed_documents=frozenset(data["signed_documents"]),
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
    return rulebook.documents + (rulebook.new_type_documents if product_type in rulebook.new_types else ())
