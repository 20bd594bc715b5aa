"""What another worker needs to go on with the recording of a lost machine: the journal as far as the store has it.

The segments stay in the store; only their names and hashes travel. Segments that were open when the machine went are the loss.
"""

import asyncio
import base64
import zlib
from typing import Any

import orjson
import sqlalchemy as sa

from media.recorder.journal import timestamp
from server.context import Context
from server.recordings.restore import journal_of, newest_course
from server.recordings.tables import recordings
from server.recordings.uploads import STATE_NAME, carried_note
from storage.objects.port import ObjectStore


async def carried(context: Context, store: ObjectStore, recording_id: str) -> dict[str, Any]:
    """The parameter `carried` of `recording.start`.

    Raises:
        StoreError: the store is away; try again later.
    """
    journal = await journal_of(store, recording_id)
    course = await newest_course(store, recording_id) + 1
    if not journal:
        journal = await _beginning(context, recording_id)
        stored = 0
    else:
        stored = len(journal)
    packed = await asyncio.to_thread(zlib.compress, journal, 6)
    beside = {STATE_NAME: carried_note(course, stored)}
    return {"journal": base64.b64encode(packed).decode(), "beside": beside, "is_beginning": not stored}


async def _beginning(context: Context, recording_id: str) -> bytes:
    """The first line of a journal of which the store was told nothing: when the session's clock began."""
    async with context.db.read() as tx:
        query = sa.select(recordings.c.started_at, recordings.c.session_id).where(recordings.c.id == recording_id)
        row = (await tx.execute(query)).one()
    entry = {
        "seq": 0, "at": timestamp(row.started_at), "t_ms": 0, "type": "recording_started", "recording_id": recording_id,
        "room_id": row.session_id, "started_at": timestamp(row.started_at), "started_monotonic_ns": 0, "boot_id": "elsewhere",
    }  # fmt: skip
    return orjson.dumps(entry) + b"\n"
