"""Finds cases by a number or a person, each by its own index, so that one condition never makes another slow."""

import sqlalchemy as sa

from server.cases.tables import cases, products, proposal_persons, proposals
from server.context import Context
from server.http.typed import plain
from storage.db.engine import Tx

MOST = 500
"""Cases taken of one kind of match, the newest."""
PART = 4
"""Characters from which a part of a number is looked for."""


async def named(tx: Tx, context: Context, q: str) -> set[str]:
    """Ids of cases with this id, proposal number (whole, or a part of it) or person (whole name, phone or paper number)."""
    q = plain(q)
    hashed = context.cipher.search_hash(q)
    found = set((await tx.execute(sa.select(cases.c.id).where(cases.c.id == q))).scalars())
    for column in (proposal_persons.c.cert_hash, proposal_persons.c.name_hash, proposal_persons.c.phone_hash):
        of_person = sa.select(proposal_persons.c.proposal_no).where(column == hashed).limit(MOST)
        found |= await of_proposals(tx, list((await tx.execute(of_person)).scalars()))
    if q.isascii():
        found |= await of_proposals(
            tx, await numbers(tx, proposals.c.proposal_no, proposals.c.proposal_no, q, is_whole=bool(found))
        )
    return found


async def numbers(
    tx: Tx, wanted: sa.ColumnElement[str], column: sa.ColumnElement[str], q: str, *, is_whole: bool = False
) -> list[str]:
    """`wanted` of the rows with this number; a part of one is looked for (by reading all) only where there is no whole one.

    Args:
        is_whole: something else was found already, so the text is no part of a number.
    """
    found = list((await tx.execute(sa.select(wanted).where(column == q).limit(MOST))).scalars())
    if found or is_whole or len(q) < PART:
        return found
    return list((await tx.execute(sa.select(wanted).where(column.contains(q, autoescape=True)).limit(MOST))).scalars())


async def of_proposals(tx: Tx, proposal_nos: list[str]) -> set[str]:
    """Cases of these proposals."""
    if not proposal_nos:
        return set()
    return set((await tx.execute(sa.select(cases.c.id).where(cases.c.proposal_no.in_(proposal_nos)))).scalars())


async def product_codes(tx: Tx, text: str) -> list[str]:
    """Products of this code, or with this in their name."""
    wanted = sa.or_(products.c.code == text, products.c.name.icontains(text, autoescape=True))
    return list((await tx.execute(sa.select(products.c.code).where(wanted))).scalars())
