"""Versions of callback rulebooks and questionnaires: published ones in the database, on top of the shipped ones."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from server.callbacks.library import completed_data, shipped_data
from server.callbacks.tables import callback_questionnaires, callback_rulebooks
from server.context import Context
from server.http.problem import not_found
from storage.db.engine import Tx


async def rulebook_in_force(tx: Tx, context: Context, rulebook_id: str, on: date) -> dict[str, Any]:
    """The data of the version in effect on a date: the one that began last, of two of one day the newer.

    404 `RULEBOOK_NOT_FOUND` for an id nobody knows.
    """
    query = (
        sa.select(callback_rulebooks.c.data)
        .where(callback_rulebooks.c.rulebook_id == rulebook_id, callback_rulebooks.c.effective_from <= on)
        .order_by(callback_rulebooks.c.effective_from.desc(), callback_rulebooks.c.version.desc())
    )
    data: dict[str, Any] | None = await tx.scalar(query.limit(1))
    if data is not None:
        return completed_data(data)
    return under_own_name(_shipped("rulebooks", rulebook_id, "RULEBOOK_NOT_FOUND"), context)


def under_own_name(data: dict[str, Any], context: Context) -> dict[str, Any]:
    """A shipped rulebook as this installation's insurer uses it: under its own name and telephone.

    Shipped rulebooks are made from other companies' documents (`source`). What an administrator publishes is used as it is.
    """
    settings = context.settings
    return {
        **data,
        "insurer": settings.insurer_name,
        "sms": {**data["sms"], "sender": settings.insurer_short_name},
        "phone": {**data["phone"], "number": settings.insurer_phone, "inbound_number": ""},
    }


async def questionnaire_in_force(tx: Tx, questionnaire_id: str) -> dict[str, Any]:
    """The data of the newest version. 404 `QUESTIONNAIRE_NOT_FOUND`."""
    query = (
        sa.select(callback_questionnaires.c.data)
        .where(callback_questionnaires.c.questionnaire_id == questionnaire_id)
        .order_by(callback_questionnaires.c.version.desc())
    )
    data: dict[str, Any] | None = await tx.scalar(query.limit(1))
    return data if data is not None else _shipped("questionnaires", questionnaire_id, "QUESTIONNAIRE_NOT_FOUND")


def _shipped(kind: str, name: str, code: str) -> dict[str, Any]:
    try:
        return shipped_data(kind, name)
    except KeyError as error:
        raise not_found(code, id=name) from error
