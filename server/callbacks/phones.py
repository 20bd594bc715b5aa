"""The phone of a policy: one truth for lists, search, the desk and the web entry, whoever told us of a new one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.callbacks import store
from server.callbacks.tables import policies
from server.context import Context
from server.domain.callback.facts import PolicyFacts
from storage.db.engine import Tx


def phone_of(context: Context, row: Mapping[str, Any]) -> str:
    """The registered phone now, of a policy's row (`policy_no`, `data_enc`); empty where there is none."""
    return _facts(context, row).phone


async def keep_phone(tx: Tx, context: Context, policy_no: str, phone: str, at: datetime) -> None:
    """Register another phone, changed at a moment: searches find it, and it binds from the next day (E18)."""
    query = sa.select(policies.c.policy_no, policies.c.data_enc).where(policies.c.policy_no == policy_no)
    row = dict((await tx.execute(query)).mappings().one())
    changed = store.facts_to_json(store.with_phone(_facts(context, row), phone))
    await tx.execute(
        sa.update(policies)
        .where(policies.c.policy_no == policy_no)
        .values(
            phone_hash=context.cipher.search_hash(phone),
            phone_changed_at=at,
            data_enc=context.cipher.encrypt(changed, f"policies.data:{policy_no}"),
        )
    )


def _facts(context: Context, row: Mapping[str, Any]) -> PolicyFacts:
    return store.facts_from_json(context.cipher.decrypt(row["data_enc"], f"policies.data:{row['policy_no']}"))
