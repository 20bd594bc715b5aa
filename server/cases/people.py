"""People of proposals at rest: one encrypted record each, keyed hashes to find them by."""

from dataclasses import dataclass
from datetime import date

import orjson
import sqlalchemy as sa

from server.cases.tables import proposal_persons
from server.context import Context
from server.domain.proposal import Person
from storage.db.engine import Tx
from storage.db.ids import new_id


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """A person and his id."""

    id: str
    proposal_no: str
    person: Person


async def insert(tx: Tx, context: Context, proposal_no: str, people: tuple[Person, ...]) -> None:
    """Write the people of a proposal in their order."""
    for position, person in enumerate(people):
        person_id = new_id("psn")
        data = {
            "name": person.name,
            "sex": person.sex,
            "birth_on": person.birth_on.isoformat(),
            "cert_no": person.cert_no,
            "phone": person.phone,
            "relation": person.relation_to_policyholder,
            "location": person.location,
        }
        await tx.execute(
            sa.insert(proposal_persons).values(
                id=person_id,
                proposal_no=proposal_no,
                position=position,
                roles=sorted(person.roles),
                cert_type=person.cert_type,
                data_enc=context.cipher.encrypt(orjson.dumps(data).decode(), f"proposal_persons.data:{person_id}"),
                name_hash=context.cipher.search_hash(person.name),
                phone_hash=context.cipher.search_hash(person.phone) if person.phone else None,
                cert_hash=context.cipher.search_hash(person.cert_no),
            )
        )


async def of_proposals(tx: Tx, context: Context, proposal_nos: list[str]) -> dict[str, list[StoredPerson]]:
    """People by proposal, in their order, decrypted."""
    query = (
        sa.select(proposal_persons)
        .where(proposal_persons.c.proposal_no.in_(proposal_nos))
        .order_by(proposal_persons.c.proposal_no, proposal_persons.c.position)
    )
    found: dict[str, list[StoredPerson]] = {number: [] for number in proposal_nos}
    for row in (await tx.execute(query)).all():
        data = orjson.loads(context.cipher.decrypt(row.data_enc, f"proposal_persons.data:{row.id}"))
        person = Person(
            name=data["name"],
            roles=frozenset(row.roles),
            sex=data["sex"],
            birth_on=date.fromisoformat(data["birth_on"]),
            cert_type=row.cert_type,
            cert_no=data["cert_no"],
            phone=data["phone"],
            relation_to_policyholder=data["relation"],
            location=data["location"],
        )
        found[row.proposal_no].append(StoredPerson(row.id, row.proposal_no, person))
    return found


def matches(context: Context, q: str, proposal_no: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a proposal has a person of this whole name, phone or paper number."""
    hashed = context.cipher.search_hash(q)
    return sa.exists().where(
        proposal_persons.c.proposal_no == proposal_no,
        sa.or_(
            proposal_persons.c.name_hash == hashed,
            proposal_persons.c.phone_hash == hashed,
            proposal_persons.c.cert_hash == hashed,
        ),
    )


async def phone_of_others(tx: Tx, context: Context, phone: str, cert_no: str, *, but: str) -> bool:
    """Whether another proposal names this phone for somebody with another paper."""
    query = sa.select(proposal_persons.c.id).where(
        proposal_persons.c.phone_hash == context.cipher.search_hash(phone),
        proposal_persons.c.cert_hash != context.cipher.search_hash(cert_no),
        proposal_persons.c.proposal_no != but,
    )
    return await tx.scalar(query.limit(1)) is not None


def named(people: list[StoredPerson], role: str) -> str:
    """The names of those with a role."""
    return "、".join(item.person.name for item in people if role in item.person.roles)
