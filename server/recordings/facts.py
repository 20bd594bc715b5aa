"""What a session left behind, read once for finalising, inspection and the package: events, answers, duties, spans."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.context import Context
from server.domain.ledger import pages_at_bottom, pages_seen
from server.domain.session_checks import all_duties, paper_missing
from server.domain.session_state import SessionState
from server.recordings.meta import RecordingMeta
from server.sessions.repository import SessionEvent, events_of, load_state
from storage.db.engine import Tx


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session after its end. `state` is None where the session is unknown (an orphaned recording)."""

    events: tuple[SessionEvent, ...]
    state: SessionState | None
    started_at: datetime
    duration_ms: int

    def t_ms(self, event: SessionEvent) -> int:
        """An event's time on the session clock."""
        if event.t_ms is not None:
            return event.t_ms
        return max(0, int((event.at - self.started_at).total_seconds() * 1000))

    def of_type(self, *types: str) -> list[SessionEvent]:
        """Events of these types, in order."""
        return [event for event in self.events if event.type in types]


async def load_facts(tx: Tx, context: Context, recording: Mapping[str, Any]) -> SessionFacts:
    """Read everything a recording's session left."""
    events = await events_of(tx, context, recording["session_id"])
    state = await load_state(tx, context, recording["session_id"])
    return SessionFacts(tuple(events), state, recording["started_at"], recording["duration_ms"] or 0)


def event_wire(facts: SessionFacts, event: SessionEvent) -> dict[str, Any]:
    """An event as it is sealed."""
    is_after = event.at >= facts.started_at or event.t_ms is not None
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "t_ms": facts.t_ms(event) if is_after else None,
        "type": event.type,
        "actor": event.actor,
        "payload": event.data,
    }


def answers_of(facts: SessionFacts, meta: RecordingMeta) -> list[dict[str, Any]]:
    """The last answer of each person at each node with the override that followed it, in order of the nodes."""
    titles = {node.node_id: node.title for node in meta.nodes}
    expected = {node.node_id: node.expect for node in facts.state.setup.nodes} if facts.state else {}
    seat_of = {seat.person_id: seat.seat_id for seat in meta.seats}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for event in facts.of_type("answer_given", "answer_overridden"):
        data = event.data
        key = (data["node_id"], data["person_id"])
        if event.type == "answer_given":
            found[key] = {
                "node_id": data["node_id"],
                "node_title": titles.get(data["node_id"], ""),
                "person_id": data["person_id"],
                "seat_id": data.get("seat_id") or seat_of.get(data["person_id"], ""),
                "expect": expected.get(data["node_id"], "affirmative"),
                "verdict": data["verdict"],
                "text": data.get("text", ""),
                "phrase": data.get("phrase") or "",
                "confidence": data.get("confidence"),
                "start_ms": data.get("start_ms"),
                "end_ms": data.get("end_ms"),
                "engine": data.get("engine"),
                "reasons": data.get("reasons", []),
                "attempt": data.get("attempt"),
                "override_verdict": None,
                "override_reason": None,
            }
        elif key in found:
            found[key] |= {"override_verdict": data["verdict"], "override_reason": data["reason"]}
    order = {node.node_id: number for number, node in enumerate(meta.nodes)}
    return sorted(found.values(), key=lambda answer: order.get(answer["node_id"], 999))


def ledger_of(facts: SessionFacts) -> list[dict[str, Any]]:
    """Every document duty with what was done about it and what is missing."""
    state = facts.state
    if state is None:
        return []
    found = []
    for duty in all_duties(state):
        entry = state.ledger.entry(duty.person.person_id, duty.document.document_id)
        rules = state.setup.rules
        opened = entry.opened_at
        found.append(
            {
                "seat_id": duty.person.seat_id,
                "person_id": duty.person.person_id,
                "document_id": duty.document.document_id,
                "title": duty.document.name,
                "document_sha256": duty.document.sha256,
                "needs": duty.needs,
                "pages": duty.document.page_count,
                "pages_seen": len(pages_seen(entry, rules)),
                "bottom_reached": len(pages_at_bottom(entry, rules)) == duty.document.page_count,
                "zoomed": entry.title_ms >= rules.enlarged_min_ms,
                "dwell_ms": entry.dwell_ms,
                "signature_sha256": entry.signature_sha256,
                "is_on_site": entry.is_on_site,
                "opened_at_ms": max(0, int((opened - facts.started_at).total_seconds() * 1000)) if opened else None,
                "missing": [reason.code for reason in paper_missing(state, duty)],
            }
        )
    return found


def alert_spans(facts: SessionFacts) -> list[dict[str, Any]]:
    """Alerts from raised to cleared (or the end)."""
    open_at: dict[tuple[str, str], int] = {}
    spans: list[dict[str, Any]] = []
    for event in facts.of_type("alert_raised", "alert_cleared"):
        key = (event.data["seat_id"], event.data["code"])
        if event.type == "alert_raised":
            open_at.setdefault(key, facts.t_ms(event))
        elif key in open_at:
            spans.append({"seat_id": key[0], "code": key[1], "t0_ms": open_at.pop(key), "t1_ms": facts.t_ms(event)})
    for (seat_id, code), start in open_at.items():
        spans.append({"seat_id": seat_id, "code": code, "t0_ms": start, "t1_ms": max(start, facts.duration_ms)})
    return sorted(spans, key=lambda span: span["t0_ms"])
