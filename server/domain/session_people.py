"""Rules of joining and being there: roles, consents, entering, places, leaving (T5–T7, T17)."""

from datetime import datetime

from server.domain.session_checks import missed_by, missing_consents
from server.domain.session_setup import role_id
from server.domain.session_state import Command, Event, Refusal, SessionState

LAPSES = ("hidden", "mic_muted", "camera_muted")

Decision = list[Event] | Refusal


def claim_roles(state: SessionState, command: Command, now: datetime) -> Decision:
    """A verified customer takes one or several roles. `person_ids` are those whose phone was verified (never from the page).

    Claiming exactly what a seat already holds returns to that seat: a lost phone or a new tab of the same person.
    """
    wanted = tuple(dict.fromkeys(command.params["role_ids"]))
    verified = set(command.params["person_ids"])
    known = {role_id(role, person): person for person in state.setup.required() for role in person.roles}
    if not wanted:
        return Refusal("ROLE_NOT_IN_CASE", {"role_id": ""}, "missing")
    for role in wanted:
        if role not in known:
            return Refusal("ROLE_NOT_IN_CASE", {"role_id": role}, "missing")
    own = [role for role in wanted if known[role].person_id in verified]
    for role in wanted:
        if role not in own:
            return Refusal("ROLE_TAKEN" if state.holder(role) else "ROLE_FOREIGN", {"role_id": role}, "forbidden")
    holders = {seat.seat_id: seat for role in wanted if (seat := state.holder(role)) is not None}
    for seat in holders.values():
        if set(seat.role_ids) == set(wanted):
            return []
    if state.phase != "lobby":
        return Refusal("ROLE_TAKEN" if holders else "PHASE_WRONG", {"role_id": wanted[0], "phase": state.phase})
    seat_id = known[wanted[0]].seat_id
    for seat in holders.values():
        extends_own = seat.seat_id == seat_id and set(seat.role_ids) <= set(wanted)
        if not extends_own and (seat.has_entered or seat.is_connected or seat.seat_id != seat_id):
            return Refusal("ROLE_TAKEN", {"role_id": next(r for r in wanted if r in seat.role_ids)})
    return [Event("role_claimed", now, {"seat_id": seat_id, "role_ids": list(wanted)}, "customer")]


def release_seat(state: SessionState, command: Command, now: datetime) -> Decision:
    """The agent frees a chair in the lobby."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or seat.kind != "customer":
        return Refusal("SEAT_UNKNOWN", {}, "missing")
    if state.phase != "lobby" or state.recording.state == "starting":
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    return [Event("seat_released", now, {"seat_id": seat.seat_id}, "agent")]


def give_consents(state: SessionState, command: Command, now: datetime) -> Decision:
    """Separate consents; a required one refused ends the session as declined (54号 Art. 6)."""
    seat = state.seats.get(command.actor.seat_id)
    if seat is None or seat.kind != "customer" or not seat.role_ids:
        return Refusal("ROLE_UNCLAIMED")
    given = sorted(kind for kind in state.setup.rules.consents if command.params.get(kind) is True)
    refused = sorted(set(state.setup.rules.consents) - set(given))
    data = {"seat_id": seat.seat_id, "person_ids": list(state.people_on(seat.seat_id))}
    version = str(command.params.get("version", ""))
    if refused:
        return [
            Event("consent_refused", now, {**data, "refused": refused, "version": version}, "customer"),
            Event("session_ended", now, {"outcome": "declined", "reason": "consent_refused"}, "customer"),
        ]
    if not set(given) - seat.consents:
        return []
    return [Event("consent_given", now, {**data, "consents": given, "version": version}, "customer")]


def decline(state: SessionState, command: Command, now: datetime) -> Decision:
    """Consent is withdrawn, by a customer at any time, or noted by the agent while the spoken consent is not affirmed."""
    if command.actor.kind == "agent":
        spec = state.spec()
        is_consent_open = spec is not None and spec.is_consent
        if state.phase == "recording" and not is_consent_open:
            return Refusal("PHASE_WRONG", {"phase": state.phase})
    data = {"seat_id": command.actor.seat_id, "refused": list(state.setup.rules.consents)}
    return [
        Event("consent_refused", now, data, command.actor.kind),
        Event("session_ended", now, {"outcome": "declined", "reason": str(command.params.get("reason", ""))}, command.actor.kind),
    ]


def enter_room(state: SessionState, command: Command, now: datetime) -> Decision:
    """Enter: the agent at once, customers with consent; before the agent is in they wait (T6)."""
    seat = state.seats[command.actor.seat_id]
    if seat.kind == "customer":
        if not seat.role_ids:
            return Refusal("ROLE_UNCLAIMED")
        if missing_consents(state, seat):
            return Refusal("CONSENT_MISSING", {"missing": list(missing_consents(state, seat))})
    if seat.has_entered:
        return []
    return [Event("person_entered", now, {"seat_id": seat.seat_id}, seat.kind)]


def leave_room(state: SessionState, command: Command, now: datetime) -> Decision:
    """Leave by one's own will."""
    seat = state.seats[command.actor.seat_id]
    if seat.presence in ("expected", "left"):
        return []
    return left(state, seat.seat_id, "user", now, command.actor.kind)


def report_state(state: SessionState, command: Command, now: datetime) -> Decision:
    """What a page says of itself: hidden behind another app, microphone or camera taken by a phone call or switched off."""
    seat = state.seats[command.actor.seat_id]
    lapses = frozenset(name for name in LAPSES if command.params.get(f"is_{name}"))
    if lapses == seat.lapses:
        return []
    data = {"seat_id": seat.seat_id, "lapses": sorted(lapses)}
    return [Event("page_state_changed", now, data, command.actor.kind)]


def left(state: SessionState, seat_id: str, reason: str, now: datetime, by: str) -> list[Event]:
    """Events of somebody leaving: a share of theirs ends, a prompt or answer in progress was missed."""
    events: list[Event] = []
    if state.share is not None and state.share.seat_id == seat_id:
        events.append(Event("share_ended", now, {"share_id": state.share.share_id, "seat_id": seat_id, "reason": "left"}, by))
    if missed := missed_by(state, seat_id):
        events.append(Event("prompt_missed", now, {"person_ids": list(missed), "reason": "left"}))
    events.append(Event("person_left", now, {"seat_id": seat_id, "reason": reason}, by))
    return events


def set_location(state: SessionState, command: Command, now: datetime) -> Decision:
    """The agent says who sits with them (T17)."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or seat.kind != "customer":
        return Refusal("SEAT_UNKNOWN", {}, "missing")
    if seat.location == command.params["location"]:
        return []
    return [Event("location_set", now, {"seat_id": seat.seat_id, "location": command.params["location"]}, "agent")]
