"""Finds cases by a number or a person, each by its own index, so that one condition never makes another slow."""

import sqlalchemy as sa

from server.cases.tables import cases, products, proposal_persons, proposals
from server.context import Context
from storage.db.engine import Tx

MOST = 500
"""Cases taken of one kind of match, the newest."""
PART = 4
"""Characters from which a part of a number is looked for."""


async def named(tx: Tx, context: Context, q: str) -> set[str]:
    """Ids of cases with this id, proposal number (whole, or a part of it) or person (whole name, phone or paper number)."""
    hashed = context.cipher.search_hash(q)
    found = set((await tx.execute(sa.select(cases.c.id).where(cases.c.id == q))).scalars())
    for column in (proposal_persons.c.cert_hash, proposal_persons.c.name_hash, proposal_persons.c.phone_hash):
        of_person = sa.select(proposal_persons.c.proposal_no).where(column == hashed).limit(MOST)
        found |= await of_proposals(tx, list((await tx.execute(of_person)).scalars()))
    if q.isascii():
        numbers = sa.select(proposals.c.proposal_no).where(number(proposals.c.proposal_no, q)).limit(MOST)
        found |= await of_proposals(tx, list((await tx.execute(numbers)).scalars()))
    return found


async def of_proposals(tx: Tx, numbers: list[str]) -> set[str]:
    """Cases of these proposals."""
    if not numbers:
        return set()
    return set((await tx.execute(sa.select(cases.c.id).where(cases.c.proposal_no.in_(numbers)))).scalars())


def number(column: sa.ColumnElement[str], q: str) -> sa.ColumnElement[bool]:
    """A number that is the text or, from four characters on, contains it."""
    return column.contains(q, autoescape=True) if len(q) >= PART else column == q


async def product_codes(tx: Tx, text: str) -> list[str]:
    """Products of this code, or with this in their name."""
    wanted = sa.or_(products.c.code == text, products.c.name.icontains(text, autoescape=True))
    return list((await tx.execute(sa.select(products.c.code).where(wanted))).scalars())
