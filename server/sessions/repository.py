"""Reads and writes of sessions and their event log. Takes `tx`, never commits; encrypts what names people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from server.context import Context
from server.domain.session import Event, SessionState, evolve, initial
from server.domain.session_setup import Setup
from server.sessions.tables import session_events, session_seats, session_signatures, sessions
from storage.db.engine import Tx

_SETUP = TypeAdapter(Setup)


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """A stored event, decrypted."""

    seq: int
    at: datetime
    t_ms: int | None
    type: str
    actor: str
    data: dict[str, Any]


async def insert_session(tx: Tx, context: Context, setup: Setup, created_at: datetime) -> None:
    """Store a new session with its frozen setup and its seats."""
    data = _SETUP.dump_json(setup).decode()
    await tx.execute(
        sessions.insert().values(
            id=setup.session_id,
            case_id=setup.case_id,
            agent_id=setup.agent.user_id,
            phase="lobby",
            supplements_recording_id=setup.supplements_recording_id,
            script_key=setup.script_key,
            script_version=setup.script_version,
            setup_enc=context.cipher.encrypt(data, f"sessions.setup:{setup.session_id}"),
            created_at=created_at,
        )
    )
    rows: list[dict[str, Any]] = [{"id": setup.agent.seat_id, "kind": "agent", "participant_id": None, "position": 0}]
    for position, person in enumerate(setup.required(), start=1):
        rows.append({"id": person.seat_id, "kind": "customer", "participant_id": person.person_id, "position": position})
    await tx.execute(session_seats.insert(), [{**row, "session_id": setup.session_id} for row in rows])


async def append(tx: Tx, context: Context, session_id: str, events: list[Event]) -> None:
    """Append events. A `seq` that is taken raises `IntegrityError`: of two writers at once one has to read on first."""
    rows = [
        {
            "session_id": session_id,
            "seq": event.seq,
            "at": event.at,
            "t_ms": event.t_ms,
            "type": event.type,
            "actor": event.actor,
            "payload_enc": context.cipher.encrypt(orjson.dumps(dict(event.data)).decode(), _event_context(session_id, event.seq)),
        }
        for event in events
    ]
    if rows:
        await tx.execute(session_events.insert(), rows)


async def events_of(tx: Tx, context: Context, session_id: str, *, after: int = 0) -> list[SessionEvent]:
    """A session's events after a `seq`, in order, decrypted."""
    query = (
        sa.select(session_events)
        .where(session_events.c.session_id == session_id, session_events.c.seq > after)
        .order_by(session_events.c.seq)
    )
    found: list[SessionEvent] = []
    for row in (await tx.execute(query)).mappings():
        data = orjson.loads(context.cipher.decrypt(row["payload_enc"], _event_context(session_id, row["seq"])))
        found.append(SessionEvent(row["seq"], row["at"], row["t_ms"], row["type"], row["actor"], data))
    return found


async def load_state(tx: Tx, context: Context, session_id: str) -> SessionState | None:
    """Rebuild a session's state from its log, or None."""
    row = (await tx.execute(sa.select(sessions).where(sessions.c.id == session_id))).mappings().first()
    if row is None:
        return None
    setup = _SETUP.validate_json(context.cipher.decrypt(row["setup_enc"], f"sessions.setup:{session_id}"))
    state = initial(setup, row["created_at"])
    for stored in await events_of(tx, context, session_id):
        state = evolve(state, Event(stored.type, stored.at, stored.data, stored.actor, stored.t_ms, stored.seq))
    return state


async def update_row(tx: Tx, session_id: str, **values: Any) -> None:
    """Update the session's summary columns."""
    await tx.execute(sa.update(sessions).where(sessions.c.id == session_id).values(**values))


async def live_ids(tx: Tx) -> list[str]:
    """Sessions that are not over, or whose recording was not yet stopped (for a restart)."""
    query = sa.select(sessions.c.id).where(sessions.c.phase.in_(("lobby", "recording", "stopping")))
    return [str(row.id) for row in await tx.execute(query)]


async def active_of_case(tx: Tx, case_id: str) -> str | None:
    """The id of a session of the case that is not over."""
    query = sa.select(sessions.c.id).where(sessions.c.case_id == case_id, sessions.c.phase.in_(("lobby", "recording")))
    return await tx.scalar(query)


async def rows_of_case(tx: Tx, case_id: str) -> list[dict[str, Any]]:
    """All sessions of a case, newest first."""
    query = sa.select(sessions).where(sessions.c.case_id == case_id).order_by(sessions.c.created_at.desc())
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def get_row(tx: Tx, session_id: str) -> dict[str, Any] | None:
    """One session's row."""
    row = (await tx.execute(sa.select(sessions).where(sessions.c.id == session_id))).mappings().first()
    return dict(row) if row else None


async def insert_signature(
    tx: Tx, context: Context, session_id: str, document_id: str, person_id: str, strokes: bytes, sha256: str, signed_at: datetime
) -> None:
    """Keep a signature's strokes, encrypted."""
    where = f"session_signatures.strokes:{session_id}:{document_id}:{person_id}"
    await tx.execute(
        session_signatures.insert().values(
            session_id=session_id,
            document_id=document_id,
            person_id=person_id,
            strokes_sha256=sha256,
            strokes_enc=context.cipher.encrypt(strokes.decode(), where),
            signed_at=signed_at,
        )
    )


async def signatures_of(tx: Tx, context: Context, session_id: str) -> list[dict[str, Any]]:
    """All signatures of a session: document_id, person_id, strokes_sha256, strokes (JSON text), signed_at."""
    query = sa.select(session_signatures).where(session_signatures.c.session_id == session_id)
    found = []
    for row in (await tx.execute(query)).mappings():
        where = f"session_signatures.strokes:{session_id}:{row['document_id']}:{row['person_id']}"
        found.append(
            {
                "document_id": row["document_id"],
                "person_id": row["person_id"],
                "strokes_sha256": row["strokes_sha256"],
                "strokes": context.cipher.decrypt(row["strokes_enc"], where),
                "signed_at": row["signed_at"],
            }
        )
    return found


def _event_context(session_id: str, seq: int) -> str:
    return f"session_events.payload:{session_id}:{seq}"
