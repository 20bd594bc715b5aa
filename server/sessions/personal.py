"""Events as one person may read them: the agent everything, customers what they see and hear anyway, answers only their own."""

from collections.abc import Iterable
from typing import Any

from server.domain.session import Event, SessionState
from server.sessions.messages import EventInUpdate

_HIDDEN = frozenset(
    {
        "alert_raised", "alert_cleared", "note_added", "answer_overridden", "speech_heard", "code_issued", "code_locked",
        "join_blocked",
    }
)  # fmt: skip
_KEYS = frozenset(
    (
        "node_id", "index", "title", "kind", "seat_id", "person_id", "person_ids", "share_id", "mode", "document_id", "prompt_id",
        "duration_ms", "completed", "problem", "attempt", "opens_at", "closes_at", "engine", "is_up", "outcome", "recording_id",
        "started_at", "ended_at", "location", "page", "play", "method",
    )
)  # fmt: skip
_OWN_KEYS = _KEYS | {"verdict", "text", "confidence"}


def events_for(state: SessionState, seat_id: str, events: Iterable[Event]) -> list[EventInUpdate]:
    """The events of an update for one seat."""
    is_agent = state.seats[seat_id].kind == "agent"
    mine = state.people_on(seat_id)
    shown = []
    for event in events:
        if is_agent:
            data: dict[str, Any] = {key: value for key, value in event.data.items() if key not in ("marks", "words")}
        elif event.type in _HIDDEN:
            continue
        else:
            keys = _OWN_KEYS if event.data.get("person_id") in mine else _KEYS
            data = {key: value for key, value in event.data.items() if key in keys}
        shown.append(EventInUpdate(seq=event.seq, type=event.type, at=event.at, t_ms=event.t_ms, data=data))
    return shown
