"""The append-only history of an inspection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.inspections.tables import inspection_history
from storage.db.engine import Tx
from storage.db.ids import new_id


async def write_history(
    tx: Tx, inspection_id: str, at: datetime, actor_id: str, actor_name: str, kind: str, data: Mapping[str, Any]
) -> None:
    """Append a line."""
    await tx.execute(
        inspection_history.insert().values(
            id=new_id("inh"),
            inspection_id=inspection_id,
            at=at,
            actor_id=actor_id,
            actor_name=actor_name,
            type=kind,
            data=dict(data),
        )
    )
