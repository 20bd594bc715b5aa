"""Rules over a proposal's people: what makes it refusable, and who attends the recording. Pure.

One person with several roles is one participant. A minor insured does not attend: the guardian does, in his place.
"""

from dataclasses import dataclass
from datetime import date

from server.domain.identity_no import parse_identity_no
from server.domain.rulebook import SalesRulebook, age_on

CHANNELS_OF = {
    "bank": frozenset(("bank",)),
    "intermediary": frozenset(("intermediary", "group", "telephone")),
    "company": frozenset(("individual", "group", "telephone")),
}
"""What each kind of agent sells through: the channel decides what must be said and recorded, so it may not be another's."""
ATTENDING = frozenset({"policyholder", "insured", "guardian"})


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the core system names him."""

    name: str
    roles: frozenset[str]
    sex: str
    birth_on: date
    cert_type: str
    cert_no: str
    phone: str
    relation_to_policyholder: str = ""
    location: str = "remote"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: where (a path into the request) and what."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """A participant: the index of the person, and whose guardian stands for him if he does not attend."""

    person: int
    attends: bool
    represented_by: int | None


def channel_faults(channel: str, agent_kind: str) -> list[Fault]:
    """A channel that this kind of agent does not sell through."""
    return [] if channel in CHANNELS_OF.get(agent_kind, (channel,)) else [Fault("channel", "CHANNEL_CONTRADICTS_AGENT")]


def merge_people(people: tuple[Person, ...]) -> tuple[Person, ...] | Fault:
    """Collapse entries with the same paper into one person with all roles; contradictions are a fault."""
    merged: dict[tuple[str, str], Person] = {}
    for index, person in enumerate(people):
        key = (person.cert_type, person.cert_no.strip().upper())
        known = merged.get(key)
        if known is None:
            merged[key] = person
            continue
        if (known.name, known.sex, known.birth_on) != (person.name, person.sex, person.birth_on):
            return Fault(f"persons.{index}.cert_no", "PERSON_CONTRADICTS")
        if known.phone and person.phone and known.phone != person.phone:
            return Fault(f"persons.{index}.phone", "PERSON_CONTRADICTS")
        merged[key] = Person(
            known.name, known.roles | person.roles, known.sex, known.birth_on, known.cert_type, known.cert_no,
            known.phone or person.phone, known.relation_to_policyholder or person.relation_to_policyholder, known.location,
        )  # fmt: skip
    return tuple(merged.values())


def people_faults(people: tuple[Person, ...], today: date, rulebook: SalesRulebook) -> list[Fault]:
    """Everything wrong with the people of a proposal; empty when it can be recorded."""
    faults: list[Fault] = []
    for index, person in enumerate(people):
        faults += _own_faults(f"persons.{index}", person, today)
    holders = [i for i, p in enumerate(people) if "policyholder" in p.roles]
    if len(holders) != 1:
        faults.append(Fault("persons", "POLICYHOLDER_NOT_ONE"))
    if not any("insured" in p.roles for p in people):
        faults.append(Fault("persons", "INSURED_MISSING"))
    minors = [i for i, p in enumerate(people) if "insured" in p.roles and age_on(p.birth_on, today) < rulebook.adult_age]
    guardians = [i for i, p in enumerate(people) if "guardian" in p.roles]
    if minors and not guardians:
        faults.append(Fault(f"persons.{minors[0]}", "GUARDIAN_MISSING"))
    for index in {*holders, *guardians}:
        if age_on(people[index].birth_on, today) < rulebook.adult_age:
            faults.append(Fault(f"persons.{index}.birth_on", "MUST_BE_ADULT"))
    attending = [a.person for a in attendees(people, today, rulebook) if a.attends]
    faults += [Fault(f"persons.{i}.phone", "PHONE_MISSING") for i in attending if not people[i].phone]
    return faults


def _own_faults(path: str, person: Person, today: date) -> list[Fault]:
    if person.birth_on > today or person.birth_on.year < 1900:
        return [Fault(f"{path}.birth_on", "BIRTH_DATE_IMPOSSIBLE")]
    if person.cert_type != "id_card":
        return []
    said = parse_identity_no(person.cert_no)
    if said is None:
        return [Fault(f"{path}.cert_no", "CERT_NO_INVALID")]
    faults = []
    if said.birth_on != person.birth_on:
        faults.append(Fault(f"{path}.birth_on", "BIRTH_DATE_CONTRADICTS_CERT"))
    if said.sex != person.sex:
        faults.append(Fault(f"{path}.sex", "SEX_CONTRADICTS_CERT"))
    return faults


def attendees(people: tuple[Person, ...], today: date, rulebook: SalesRulebook) -> list[Attendee]:
    """Participants of the recording in a stable order: policyholder, insured, guardian."""
    is_minor = [age_on(p.birth_on, today) < rulebook.adult_age for p in people]
    has_minor_insured = any(minor and "insured" in p.roles for minor, p in zip(is_minor, people, strict=True))
    guardian = next((i for i, p in enumerate(people) if "guardian" in p.roles), None)
    chosen: list[Attendee] = []
    for index, person in enumerate(people):
        roles = person.roles & ATTENDING
        if not roles or (roles == {"guardian"} and not has_minor_insured):
            continue
        stays_away = is_minor[index] and "insured" in roles and "policyholder" not in roles
        chosen.append(Attendee(index, not stays_away, guardian if stays_away else None))
    order = ("policyholder", "insured", "guardian")
    return sorted(chosen, key=lambda a: min(order.index(r) for r in people[a.person].roles & ATTENDING))


def premium_faults(mode: str, frequency: str, years: int) -> list[Fault]:
    """Single pay is paid once; regular pay is not."""
    if mode == "single_pay" and (frequency != "once" or years != 1):
        return [Fault("premium.frequency", "SINGLE_PAY_IS_ONCE")]
    if mode == "regular_pay" and frequency == "once":
        return [Fault("premium.frequency", "REGULAR_PAY_NEEDS_FREQUENCY")]
    return []


PAYMENTS_A_YEAR = {"once": 1, "annual": 1, "semiannual": 2, "quarterly": 4, "monthly": 12}


def annual_fen(amount_fen: int, frequency: str) -> int:
    """What is paid in a year (all of it for a single payment)."""
    return amount_fen * PAYMENTS_A_YEAR[frequency]
