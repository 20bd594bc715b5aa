"""What an event changes in other slices' tables, in the very transaction that appends it: the case's state, the recording's row,
signatures, the session's summary. If one of these refuses, nothing happened.
"""

from datetime import datetime
from typing import Literal

from server.cases.service import abandon, transition
from server.context import Context
from server.domain.case import CaseEvent
from server.domain.session import Command, Event, SessionState
from server.domain.session_papers import canonical_strokes
from server.recordings import service as recordings
from server.recordings.meta import meta_of
from server.sessions import repository
from storage.db.engine import Tx

_CASE_EVENTS = {
    "completed": CaseEvent.RECORDING_FINISHED,
    "declined": CaseEvent.CONSENT_DECLINED,
}


async def apply(tx: Tx, context: Context, state: SessionState, command: Command, events: list[Event]) -> None:
    """Carry out the consequences of `events` (already appended); `state` is the one after them."""
    session_id = state.setup.session_id
    for event in events:
        match event.type:
            case "recording_started":
                started_at = datetime.fromisoformat(event.data["started_at"])
                await repository.update_row(
                    tx, session_id, phase="recording", started_at=started_at, recording_id=event.data["recording_id"]
                )
                await _create_recording(tx, context, state, started_at)
            case "session_ended":
                outcome = event.data["outcome"]
                phase = state.phase if state.recording.state != "stopping" else "stopping"
                await repository.update_row(tx, session_id, phase=phase, outcome=outcome, ended_at=event.at)
                case_id, actor, note = state.setup.case_id, f"session:{session_id}", event.data["reason"][:400]
                if outcome == "aborted":
                    await abandon(tx, case_id, actor, at=event.at, note=note)
                else:
                    await transition(tx, case_id, _CASE_EVENTS[outcome], actor, at=event.at, note=note)
            case "recording_stopped":
                await repository.update_row(tx, session_id, phase=state.phase)
                await recordings.mark_stopped(
                    tx,
                    context,
                    event.data["recording_id"],
                    ended_at=state.recording.ended_at,
                    duration_ms=event.data["duration_ms"],
                    outcome=_outcome(state),
                )
            case "document_signed":
                await repository.insert_signature(
                    tx,
                    context,
                    session_id,
                    event.data["document_id"],
                    event.data["person_id"],
                    canonical_strokes(command.params["strokes"]),
                    event.data["strokes_sha256"],
                    event.at,
                )


async def _create_recording(tx: Tx, context: Context, state: SessionState, started_at: datetime) -> None:
    setup = state.setup
    await recordings.create(
        tx,
        context,
        case_id=setup.case_id,
        session_id=setup.session_id,
        meta=meta_of(setup),
        started_at=started_at,
        kind="supplementary" if setup.supplements_recording_id else "initial",
        parent_id=setup.supplements_recording_id,
        recording_id=state.recording.recording_id,
    )


def _outcome(state: SessionState) -> Literal["completed", "declined", "aborted"]:
    if state.outcome == "completed":
        return "completed"
    return "declined" if state.outcome == "declined" else "aborted"
