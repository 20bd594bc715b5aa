"""Rules of sharing, reading and signing (T14–T20): one sharer at a time, read first then sign, completeness is derived."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from server.domain import ledger as papers
from server.domain.session_checks import PaperDuty, all_duties, is_agent_away, missing_consents, seat_name
from server.domain.session_people import Decision
from server.domain.session_state import Actor, Command, Event, Refusal, SessionState

_SHARING_KINDS = ("show_id", "reading", "signing")


def start_share(state: SessionState, command: Command, now: datetime) -> Decision:
    """One sharer at a time; customers at nodes that ask for it (any of them may cover all papers, T18), the agent at any."""
    if state.phase != "recording" or state.node is None:
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    if state.share is not None:
        name = seat_name(state, state.share.seat_id)
        return Refusal("SESSION_SHARE_ACTIVE", {"seat_id": state.share.seat_id, "name": name})
    seat = state.seats[command.actor.seat_id]
    if seat.presence != "present":
        return Refusal("PERSON_NOT_PRESENT", {"seat_id": seat.seat_id})
    if seat.kind == "customer":
        spec = state.spec()
        if spec is None or spec.kind not in _SHARING_KINDS:
            return Refusal("SHARE_NOT_NOW")
        if seat.location == "with_agent" and spec.kind != "show_id":
            return Refusal("SHARE_NOT_NEEDED")  # T17: they read on their phone or the agent's, and the agent confirms
        if is_agent_away(state):
            return Refusal("AGENT_AWAY")
    data = {"share_id": f"{state.setup.session_id}.s{state.seq}", "seat_id": seat.seat_id, "mode": command.params["mode"]}
    return [Event("share_started", now, data, seat.kind)]


def stop_share(state: SessionState, command: Command, now: datetime) -> Decision:
    """The sharer ends it."""
    if state.share is None or state.share.seat_id != command.actor.seat_id:
        return Refusal("SHARE_NONE")
    return [share_ended(state, str(command.params.get("reason", "user")), now, command.actor.kind)]


def share_ended(state: SessionState, reason: str, now: datetime, by: str) -> Event:
    """A share's end with its reason; an abrupt one is an end as well (T19)."""
    assert state.share is not None
    data = {"share_id": state.share.share_id, "seat_id": state.share.seat_id, "reason": reason}
    return Event("share_ended", now, data, by)


def open_document(state: SessionState, command: Command, now: datetime) -> Decision:
    """A document is opened in the reader."""
    duties = _duties(state, command.actor, str(command.params["document_id"]))
    if isinstance(duties, Refusal):
        return duties
    people = [duty.person.person_id for duty in duties]
    data = {"seat_id": command.actor.seat_id, "document_id": duties[0].document.document_id, "person_ids": people}
    return [Event("document_opened", now, data, "customer")]


def view_document(state: SessionState, command: Command, now: datetime) -> Decision:
    """A raw report of what is on screen; impossible values are refused, time is the server's."""
    duties = _duties(state, command.actor, str(command.params["document_id"]))
    if isinstance(duties, Refusal):
        return duties
    document, page = duties[0].document, int(command.params["page"])
    left, top, right, bottom = (float(v) for v in command.params["visible"])
    if not 1 <= page <= document.page_count or not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        return Refusal("VIEW_INVALID", {"page_count": document.page_count}, "invalid")
    if state.ledger.entry(duties[0].person.person_id, document.document_id).opened_at is None:
        return Refusal("DOCUMENT_NOT_OPENED", {"document_id": document.document_id})
    zoom = float(command.params["zoom"])
    if zoom * (right - left) > 1.02:  # more of the page's width on screen than this zoom can show
        return Refusal("VIEW_INVALID", {"page_count": document.page_count}, "invalid")
    data = {
        "seat_id": command.actor.seat_id,
        "document_id": document.document_id,
        "person_ids": [duty.person.person_id for duty in duties],
        "page": page,
        "zoom": zoom,
        "visible": [left, top, right, bottom],
    }
    return [Event("document_viewed", now, data, "customer")]


def sign_document(state: SessionState, command: Command, now: datetime) -> Decision:
    """A hand-drawn signature: read first, then sign; the event keeps the hash, the strokes are stored encrypted beside it."""
    duties = _duties(state, command.actor, str(command.params["document_id"]))
    if isinstance(duties, Refusal):
        return duties
    wanted = command.params.get("person_id") or duties[0].person.person_id
    duty = next((d for d in duties if d.person.person_id == wanted), None)
    if duty is None or duty.needs != "sign":
        return Refusal("SIGNATURE_NOT_WANTED", {"document_id": duties[0].document.document_id})
    entry = state.ledger.entry(duty.person.person_id, duty.document.document_id)
    if entry.signature_sha256 is not None:
        return Refusal("SIGNATURE_EXISTS", {"document_id": duty.document.document_id})
    lacking = papers.missing_reading(entry, duty.document, True, state.setup.rules)
    if lacking:
        missing = [{"code": code, "params": params} for code, params in lacking]
        return Refusal("DOCUMENT_NOT_READ", {"document_id": duty.document.document_id, "missing": missing})
    strokes = command.params["strokes"]
    if not _is_a_signature(strokes, state):
        return Refusal("SIGNATURE_EMPTY", {}, "invalid")
    data = {
        "seat_id": command.actor.seat_id,
        "person_id": duty.person.person_id,
        "document_id": duty.document.document_id,
        "document_sha256": duty.document.sha256,
        "strokes_sha256": strokes_sha256(strokes),
        "points": sum(len(stroke) for stroke in strokes),
        "strokes": len(strokes),
    }
    return [Event("document_signed", now, data, "customer")]


def confirm_on_site(state: SessionState, command: Command, now: datetime) -> Decision:
    """T17: customers at the agent's place do not share separately, but the agent confirms their reading and signing."""
    if state.phase != "recording" or state.node is None:
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    if command.params.get("node_id") != state.node.node_id:
        return Refusal("NODE_NOT_CURRENT", {"node_id": state.node.node_id})
    spec = state.spec()
    if spec is None or spec.kind not in ("reading", "signing"):
        return Refusal("DOCUMENT_UNKNOWN", {}, "missing")
    person_id = str(command.params["person_id"])
    seat = state.seat_of(person_id)
    if seat is None or seat.location != "with_agent":
        return Refusal("PERSON_NOT_ON_SITE", {"person_id": person_id})
    known = {duty.document.document_id for duty in all_duties(state, (person_id,))}
    wanted = list(dict.fromkeys(command.params["document_ids"]))
    if not wanted or not set(wanted) <= known:
        return Refusal("DOCUMENT_UNKNOWN", {"document_ids": sorted(set(wanted) - known)}, "missing")
    data = {"node_id": state.node.node_id, "person_id": person_id, "document_ids": wanted}
    return [Event("on_site_confirmed", now, data, "agent")]


def canonical_strokes(strokes: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    """The bytes whose SHA-256 is the signature's hash: JSON, sorted keys, coordinates to 5 places, no spaces."""
    plain = [
        [{key: round(float(v), 5) if key != "t" else int(v) for key, v in point.items() if v is not None} for point in stroke]
        for stroke in strokes
    ]
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


def strokes_sha256(strokes: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """Hash of a drawn signature."""
    return hashlib.sha256(canonical_strokes(strokes)).hexdigest()


def _is_a_signature(strokes: Sequence[Sequence[Mapping[str, Any]]], state: SessionState) -> bool:
    rules = state.setup.rules
    length = sum(math.hypot(b["x"] - a["x"], b["y"] - a["y"]) for stroke in strokes for a, b in pairwise(stroke))
    return sum(len(stroke) for stroke in strokes) >= rules.signature_min_points and length >= rules.signature_min_length


def may_handle_papers(state: SessionState, actor: Actor) -> bool:
    """Whether this seat may open papers now."""
    mine = all_duties(state, state.people_on(actor.seat_id))
    return bool(mine) and not isinstance(_duties(state, actor, mine[0].document.document_id), Refusal)


def may_read(state: SessionState, seat_id: str, document_id: str) -> Refusal | None:
    """Whether a customer's page may have a document now: nothing is read before the consents and the recording (T3)."""
    if missing_consents(state, state.seats[seat_id]):
        return Refusal("CONSENT_MISSING")
    found = _duties(state, Actor("customer", seat_id), document_id)
    return found if isinstance(found, Refusal) else None


def _duties(state: SessionState, actor: Actor, document_id: str) -> list[PaperDuty] | Refusal:
    """The duties this seat has with a document, if it may work on it now: sharing, or at the agent's place (T3, T14, T17)."""
    if state.phase != "recording":
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    seat = state.seats[actor.seat_id]
    if seat.presence != "present":
        return Refusal("PERSON_NOT_PRESENT", {"seat_id": seat.seat_id})
    is_sharing = state.share is not None and state.share.seat_id == actor.seat_id and state.share.mode == "reader"
    if not is_sharing and seat.location != "with_agent":
        return Refusal("NOT_SHARING")
    duties = [d for d in all_duties(state, state.people_on(actor.seat_id)) if d.document.document_id == document_id]
    if not duties:
        return Refusal("DOCUMENT_UNKNOWN", {"document_id": document_id}, "missing")
    return duties
