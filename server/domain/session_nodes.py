"""Rules of recording and nodes (T8–T13, T21): the red button, 下一步, 重新播报, decided answers, certificates, the end."""

from datetime import datetime

from server.domain.session_checks import (
    duty_people,
    id_duties,
    is_present,
    is_replay_used_up,
    node_missing,
    override_hindrance,
    start_missing,
)
from server.domain.session_people import Decision
from server.domain.session_state import Command, Event, Reason, Refusal, SessionState


def wire(reasons: list[Reason]) -> list[dict[str, object]]:
    """Reasons as plain values."""
    return [{"code": reason.code, "params": dict(reason.params)} for reason in reasons]


def start_recording(state: SessionState, command: Command, now: datetime) -> Decision:
    """Only the red button starts recording (T8); everybody expected must be there (T6)."""
    if state.phase != "lobby" or state.recording.state not in ("idle", "failed"):
        return Refusal("PHASE_WRONG", {"phase": state.phase, "recording": state.recording.state})
    lacking = start_missing(state)
    if lacking:
        only_media = all(reason.code == "MEDIA_UNAVAILABLE" for reason in lacking)
        return Refusal("MEDIA_UNAVAILABLE" if only_media else "START_INCOMPLETE", {"missing": wire(lacking)})
    return [Event("recording_requested", now, {"recording_id": command.params.get("recording_id", "")}, "agent")]


def enter_node(state: SessionState, index: int, now: datetime) -> list[Event]:
    """A marker on the timeline, and the prompt asked for."""
    spec = state.setup.node_at(index)
    events = [Event("node_entered", now, {"node_id": spec.node_id, "index": index, "title": spec.title, "kind": spec.kind})]
    if spec.prompt_text:
        events.append(request_prompt(state, spec.node_id, spec.prompt_sha256, now))
    return events


def request_prompt(state: SessionState, node_id: str, sha256: str, now: datetime) -> Event:
    """Ask the voice to speak the node's text (the same text each time, T13)."""
    data = {"prompt_id": f"{state.setup.session_id}.p{state.seq}", "node_id": node_id, "text_sha256": sha256}
    return Event("prompt_requested", now, data)


def advance(state: SessionState, command: Command, now: datetime) -> Decision:
    """下一步: refused with the list of what is missing; the page names the node it shows, so a double click skips nothing."""
    refusal = _not_current(state, command) or _unfinished(state, now)
    if refusal:
        return refusal
    assert state.node is not None
    if state.node.index + 1 >= len(state.setup.nodes):
        return Refusal("NODE_LAST")
    return [_completed(state, now), *enter_node(state, state.node.index + 1, now)]


def end_recording(state: SessionState, command: Command, now: datetime) -> Decision:
    """结束: only after the last node is fulfilled."""
    if state.phase != "recording" or state.node is None:
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    remaining = len(state.setup.nodes) - 1 - state.node.index
    if remaining > 0:
        return Refusal("NODES_REMAINING", {"count": remaining})
    refusal = _unfinished(state, now)
    if refusal:
        return refusal
    return [_completed(state, now), Event("session_ended", now, {"outcome": "completed", "reason": ""}, "agent")]


def abort_session(state: SessionState, command: Command, now: datetime) -> Decision:
    """The agent gives up; what is recorded stays."""
    events = _stop_share(state, now, "aborted")
    return [*events, Event("session_ended", now, {"outcome": "aborted", "reason": str(command.params["reason"])}, "agent")]


def replay_prompt(state: SessionState, command: Command, now: datetime) -> Decision:
    """重新播报: the same text again, logged; answers of those who satisfied it stay, the others answer anew up to the limit."""
    refusal = _not_current(state, command)
    if refusal:
        return refusal
    node, spec = state.node, state.spec()
    assert node is not None
    assert spec is not None
    if not spec.prompt_text:
        return Refusal("PROMPT_NONE")
    if node.prompt.state in ("preparing", "playing"):
        return Refusal("PROMPT_PLAYING")
    if not node.must_repeat and node.prompt.state in ("finished", "read_aloud") and is_replay_used_up(state):
        return Refusal("REPLAY_LIMIT", {"limit": state.setup.rules.attempts_max})
    again = Event("prompt_replayed", now, {"node_id": spec.node_id, "play": node.prompt.plays + 1}, "agent")
    return [again, request_prompt(state, spec.node_id, spec.prompt_sha256, now)]


def prompt_read_aloud(state: SessionState, command: Command, now: datetime) -> Decision:
    """The voice is down: the agent read the text to everybody."""
    if state.node is None or state.node.prompt.state not in ("failed", "stopped"):
        return Refusal("PROMPT_NOT_FAILED")
    absent = [p.person_id for p in duty_people(state) if not is_present(state, p)]
    events = [Event("prompt_read_aloud", now, {"node_id": state.node.node_id, "t_ms": state.t_ms(now)}, "agent")]
    if absent:
        events.append(Event("prompt_missed", now, {"person_ids": absent, "reason": "absent"}))
    return events


def override_answer(state: SessionState, command: Command, now: datetime) -> Decision:
    """The agent decides with a written reason, for somebody who is there; a clear refusal of consent cannot be talked away."""
    refusal = _not_current(state, command)
    if refusal:
        return refusal
    spec, node = state.spec(), state.node
    assert node is not None
    assert spec is not None
    person_id, verdict = str(command.params["person_id"]), str(command.params["verdict"])
    run = node.answers.get(person_id)
    person = next((p for p in duty_people(state) if p.person_id == person_id), None)
    if spec.lexicon is None or person is None:
        return Refusal("OVERRIDE_NOT_ALLOWED", {"attempts": 0, "limit": state.setup.rules.attempts_max})
    hindrance = override_hindrance(state, person)
    if hindrance:
        return Refusal(hindrance.code, hindrance.params)
    if spec.is_consent and run is not None and run.verdict == "negative" and verdict == "affirmative":
        return Refusal("CONSENT_NOT_GIVEN")
    reason = str(command.params["reason"]).strip()
    if len(reason) < state.setup.rules.override_reason_min:
        return Refusal("REASON_TOO_SHORT", {"min": state.setup.rules.override_reason_min}, "invalid")
    heard = run.verdict if run else None
    data = {"node_id": spec.node_id, "person_id": person_id, "verdict": verdict, "reason": reason, "heard": heard}
    events = [Event("answer_overridden", now, data, "agent")]
    if spec.is_consent and verdict == "negative":
        events.append(Event("session_ended", now, {"outcome": "declined", "reason": "consent_refused"}, "agent"))
    return events


def confirm_id(state: SessionState, command: Command, now: datetime) -> Decision:
    """A certificate was shown: the agent checks the customers' (T12), the policyholder the agent's (T11)."""
    refusal = _not_current(state, command)
    if refusal:
        return refusal
    node = state.node
    assert node is not None
    person_id, method = str(command.params["person_id"]), str(command.params["method"])
    shown = dict(id_duties(state))
    if person_id not in shown:
        return Refusal("ID_CHECK_UNKNOWN", {}, "missing")
    if person_id == "agent":
        mine = state.people_on(command.actor.seat_id) if command.actor.kind == "customer" else ()
        if not any((p := state.setup.person(pid)) and "policyholder" in p.roles for pid in mine):
            return Refusal("FORBIDDEN", {}, "forbidden")
        shower = state.agent_seat
    else:
        if command.actor.kind != "agent":
            return Refusal("FORBIDDEN", {}, "forbidden")
        seat = state.seat_of(person_id)
        if seat is None or seat.presence != "present":
            return Refusal("PERSON_NOT_PRESENT", {"person_id": person_id})
        shower = seat
        if method == "on_site" and shower.location != "with_agent":
            return Refusal("PERSON_NOT_ON_SITE", {"person_id": person_id})
    if shower.presence != "present":
        return Refusal("AGENT_AWAY")
    if method == "share" and (state.share is None or state.share.seat_id != shower.seat_id):
        return Refusal("SHARE_NONE")
    data = {"node_id": node.node_id, "person_id": person_id, "method": method}
    return [Event("id_confirmed", now, data, command.actor.kind)]


def add_note(state: SessionState, command: Command, now: datetime) -> Decision:
    """A question answered on the spot (T4)."""
    if state.phase != "recording" or state.node is None:
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    data = {"node_id": state.node.node_id, "text": str(command.params["text"]).strip(), "t_ms": state.t_ms(now) or 0}
    return [Event("note_added", now, data, "agent")]


def _not_current(state: SessionState, command: Command) -> Refusal | None:
    if state.phase != "recording" or state.node is None:
        return Refusal("PHASE_WRONG", {"phase": state.phase})
    if command.params.get("node_id") != state.node.node_id:
        return Refusal("NODE_NOT_CURRENT", {"node_id": state.node.node_id})
    return None


def _unfinished(state: SessionState, now: datetime) -> Refusal | None:
    lacking = node_missing(state, now)
    if not lacking:
        return None
    codes = [reason.code for reason in lacking]
    for code in ("SESSION_SHARE_ACTIVE", "NODE_MUST_REPEAT"):
        if code in codes:
            return Refusal(code, {"missing": wire(lacking), **dict(lacking[codes.index(code)].params)})
    return Refusal("NODE_INCOMPLETE", {"missing": wire(lacking)})


def _completed(state: SessionState, now: datetime) -> Event:
    node, spec = state.node, state.spec()
    assert node is not None
    assert spec is not None
    runs = node.answers.values()
    unmeasured = any(run.verdict == "not_measured" for run in runs)
    unmeasured = unmeasured or (bool(spec.min_agent_speech_ms) and node.is_speech_unmeasured)
    data = {
        "node_id": spec.node_id,
        "has_override": any(run.override_verdict for run in runs),
        "is_not_measured": unmeasured,
        "plays": node.prompt.plays,
    }
    return Event("node_completed", now, data, "agent")


def _stop_share(state: SessionState, now: datetime, reason: str) -> list[Event]:
    if state.share is None:
        return []
    return [Event("share_ended", now, {"share_id": state.share.share_id, "seat_id": state.share.seat_id, "reason": reason})]
