"""What engines, connections and timers report: media legs, prompts, answer windows, speech, alerts, deadlines.

A report that no longer fits (a late answer, an old leg) changes nothing: it returns no events instead of a refusal, because
nobody waits for one.
"""

from datetime import datetime, timedelta

from server.domain.answers import NOT_MEASURED, Heard, judged
from server.domain.session_checks import duty_people, is_agent_away, is_present, is_satisfied, missed_by
from server.domain.session_nodes import enter_node
from server.domain.session_papers import share_ended
from server.domain.session_people import Decision, left
from server.domain.session_setup import Person
from server.domain.session_state import AnswerRun, Command, Event, SessionState


def media_connected(state: SessionState, command: Command, now: datetime) -> Decision:
    """A leg's media arrives."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or (seat.is_connected and seat.leg_id == command.params.get("leg_id")):
        return []
    events: list[Event] = []
    if seat.is_connected:  # a reload quicker than the silence detector: still a gap, and whatever was on was missed
        data = {"seat_id": seat.seat_id, "leg_id": seat.leg_id, "reason": "replaced"}
        events = [Event("media_closed", now, data), *_gone(state, seat.seat_id, "replaced", now)]
    return [*events, Event("media_connected", now, {"seat_id": seat.seat_id, "leg_id": command.params.get("leg_id")})]


def media_interrupted(state: SessionState, command: Command, now: datetime) -> Decision:
    """Packets stopped. A share of that seat ends (T19); a prompt or answer in progress was missed."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or not seat.is_connected or _is_old_leg(seat.leg_id, command):
        return []
    events = [Event("media_interrupted", now, {"seat_id": seat.seat_id, "leg_id": seat.leg_id}, t_ms=_at(command))]
    return [*events, *_gone(state, seat.seat_id, "interrupted", now)]


def media_resumed(state: SessionState, command: Command, now: datetime) -> Decision:
    """Packets flow again on the same leg."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or seat.is_connected or seat.presence == "left" or _is_old_leg(seat.leg_id, command):
        return []
    return [Event("media_resumed", now, {"seat_id": seat.seat_id, "leg_id": seat.leg_id}, t_ms=_at(command))]


def media_closed(state: SessionState, command: Command, now: datetime) -> Decision:
    """A leg is gone for good; the person may come back on a new one."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or not seat.is_connected or _is_old_leg(seat.leg_id, command):
        return []
    data = {"seat_id": seat.seat_id, "leg_id": seat.leg_id, "reason": command.params.get("reason", "")}
    return [Event("media_closed", now, data), *_gone(state, seat.seat_id, "closed", now)]


def track_changed(state: SessionState, command: Command, now: datetime) -> Decision:
    """A track came or went. A screen track that was ended ends the share (T19); one that only pauses has `share_silent`."""
    seat = state.seats.get(str(command.params["seat_id"]))
    kind, is_on = str(command.params["kind"]), bool(command.params["is_on"])
    if seat is None or (kind in seat.tracks) == is_on or (not is_on and _is_old_leg(seat.leg_id, command)):
        return []
    data = {"seat_id": seat.seat_id, "kind": kind, "reason": command.params.get("reason")}
    events = [Event("track_started" if is_on else "track_stopped", now, data, t_ms=_at(command))]
    is_ended = kind == "screen" and not is_on and command.params.get("reason") != "silent"
    if is_ended and state.share is not None and state.share.seat_id == seat.seat_id:
        events.append(share_ended(state, "track_ended", now, "system"))
    return events


def share_silent(state: SessionState, command: Command, now: datetime) -> Decision:
    """No picture of the share for so long that it counts as ended: a slow phone may draw nothing for some seconds."""
    share = state.share
    if share is None or share.silent_since is None:
        return []
    if (now - share.silent_since).total_seconds() < state.setup.rules.share_silent_s:
        return []
    return [share_ended(state, "no_picture", now, "system")]


def socket_closed(state: SessionState, command: Command, now: datetime) -> Decision:
    """The page went away before its media came: in the lobby the person is no longer waiting."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or state.phase != "lobby" or seat.is_connected or seat.presence not in ("waiting", "interrupted"):
        return []
    return left(state, seat.seat_id, "page_closed", now, "system")


def declare_left(state: SessionState, command: Command, now: datetime) -> Decision:
    """An interruption lasted too long (rulebook)."""
    seat = state.seats.get(str(command.params["seat_id"]))
    if seat is None or seat.presence != "interrupted":
        return []
    return left(state, seat.seat_id, "interrupted_too_long", now, "system")


def recording_started(state: SessionState, command: Command, now: datetime) -> Decision:
    """The media worker writes; the first node begins."""
    if state.recording.state != "starting" or command.params["recording_id"] != state.recording.recording_id:
        return []
    started_at = str(command.params["started_at"])
    data = {"recording_id": state.recording.recording_id, "started_at": started_at}
    return [Event("recording_started", now, data, t_ms=0), *enter_node(state, 0, now)]


def recording_failed(state: SessionState, command: Command, now: datetime) -> Decision:
    """The media worker could not start; the lobby stays open."""
    if state.recording.state != "starting":
        return []
    return [Event("recording_failed", now, {"problem": str(command.params["problem"])})]


def recording_broken(state: SessionState, command: Command, now: datetime) -> Decision:
    """The running recording can no longer be written (disk): nothing may go on without evidence."""
    if state.recording.state != "running" or state.recording.problem is not None:
        return []
    return [Event("recording_broken", now, {"problem": str(command.params["problem"])})]


def recording_stopped(state: SessionState, command: Command, now: datetime) -> Decision:
    """Every file is closed."""
    if state.recording.state != "stopping":
        return []
    params = command.params
    data = {
        "recording_id": state.recording.recording_id,
        "duration_ms": params.get("duration_ms"),
        "ended_at": params.get("ended_at"),
    }
    return [Event("recording_stopped", now, data)]


def prompt_started(state: SessionState, command: Command, now: datetime) -> Decision:
    """The prompt is on air; whoever is absent misses it."""
    node = state.node
    if node is None or node.prompt.prompt_id != command.params["prompt_id"] or node.prompt.state != "preparing":
        return []
    keys = ("prompt_id", "t_ms", "duration_ms", "marks", "is_synthetic", "voice", "sha256")
    data = {key: command.params[key] for key in keys if key in command.params}
    events = [Event("prompt_started", now, {"node_id": node.node_id, **data}, t_ms=command.params["t_ms"])]
    absent = [p.person_id for p in duty_people(state) if not is_present(state, p)]
    return [*events, *([_missed(absent, "absent", now)] if absent else [])]


def prompt_finished(state: SessionState, command: Command, now: datetime) -> Decision:
    """The prompt ended. Answers open only after a complete one, and only while the agent is there."""
    node = state.node
    if node is None or node.prompt.prompt_id != command.params["prompt_id"] or node.prompt.state not in ("preparing", "playing"):
        return []
    data = {
        "node_id": node.node_id,
        "prompt_id": node.prompt.prompt_id,
        "t_ms": command.params.get("t_ms"),
        "completed": bool(command.params["completed"]),
    }
    return [Event("prompt_finished", now, data, t_ms=_at(command))]


def prompt_failed(state: SessionState, command: Command, now: datetime) -> Decision:
    """No voice, or no media: the agent reads the text aloud instead, or replays later."""
    node = state.node
    if node is None or node.prompt.prompt_id != command.params["prompt_id"] or node.prompt.state not in ("preparing", "playing"):
        return []
    data = {"node_id": node.node_id, "prompt_id": node.prompt.prompt_id, "problem": str(command.params["problem"])}
    return [Event("prompt_failed", now, data)]


def answer_accepted(state: SessionState, command: Command, now: datetime) -> Decision:
    """The speech process listens: now the person may be asked to speak, and the time they have begins."""
    found = _by_window(state, str(command.params["window_id"]))
    if found is None or found[1].is_listening:
        return []
    person_id, run = found
    assert state.node is not None
    assert run.opens_at is not None
    assert run.closes_at is not None
    data = {
        "node_id": state.node.node_id,
        "person_id": person_id,
        "seat_id": _seat_id(state, person_id),
        "window_id": run.window_id,
        "attempt": run.attempts,
        "closes_at": (now + (run.closes_at - run.opens_at)).isoformat(),
    }
    return [Event("answer_listening", now, data)]


def answer_heard(state: SessionState, command: Command, now: datetime) -> Decision:
    """A window's result. It counts only for the window that is open, and only with audio after the prompt's end."""
    found = _by_window(state, str(command.params["window_id"]))
    spec = state.spec()
    if found is None or spec is None or spec.lexicon is None or state.node is None:
        return []
    person_id, run = found
    params = command.params
    heard = Heard(
        verdict=str(params.get("verdict", "")),
        text=str(params.get("text") or ""),
        phrase=str(params.get("phrase") or ""),
        confidence=params.get("confidence"),
        start_ms=params.get("start_ms"),
        end_ms=params.get("end_ms"),
        engine=str(params.get("engine") or ""),
        reasons=tuple(str(r) for r in params.get("reasons") or ()),
    )
    verdict, reasons = judged(heard, spec.lexicon, not_before_ms=state.node.prompt.finished_t_ms)
    data = {
        "node_id": spec.node_id,
        "person_id": person_id,
        "seat_id": _seat_id(state, person_id),
        "window_id": run.window_id,
        "attempt": run.attempts,
        "verdict": verdict,
        "engine_verdict": heard.verdict,
        "text": heard.text,
        "phrase": heard.phrase,
        "confidence": heard.confidence,
        "margin": params.get("margin"),
        "start_ms": heard.start_ms,
        "end_ms": heard.end_ms,
        "engine": heard.engine,
        "reasons": list(reasons),
    }
    return [Event("answer_given", now, data, "system")]


def answer_lost(state: SessionState, command: Command, now: datetime) -> Decision:
    """The engine never answered: not measured, the agent decides."""
    found = _by_window(state, str(command.params["window_id"]))
    return [_unmeasured(state, found[0], "ENGINE_SILENT", now)] if found else []


def engine_changed(state: SessionState, command: Command, now: datetime) -> Decision:
    """A helper process came or went. Without speech, open windows cannot be measured; without media nobody is connected."""
    engine, is_up = str(command.params["engine"]), bool(command.params["is_up"])
    if state.engines.get(engine) == is_up:
        return []
    # A new part: the recording had stopped and goes on only now, so what was said in between is missing.
    new_part = {"is_new_part": True} if command.params.get("is_new_part") else {}
    events = [Event("engine_changed", now, {"engine": engine, "is_up": is_up, **new_part})]
    if not is_up:  # what nobody measures is no warning
        void = {"vision": PICTURE_ALERTS, "media": frozenset({"NO_SOUND"})}.get(engine, frozenset())
        shown = [(seat.seat_id, code) for seat in state.seats.values() for code in seat.alerts if code in void]
        events += [Event("alert_cleared", now, {"seat_id": seat_id, "code": code, "t_ms": None}) for seat_id, code in shown]
    if engine == "speech" and not is_up and state.node is not None:
        for person_id, run in state.node.answers.items():
            if run.window_id is not None:
                events.append(_unmeasured(state, person_id, "SPEECH_UNAVAILABLE", now))
    if engine == "media" and not is_up:
        connected = [seat.seat_id for seat in state.seats.values() if seat.is_connected]
        if state.share is not None:
            events.append(share_ended(state, "interrupted", now, "system"))
        events += [Event("media_interrupted", now, {"seat_id": sid, "reason": "media_unavailable"}) for sid in connected]
        if state.node is not None and state.node.prompt.state in ("preparing", "playing"):
            data = {"node_id": state.node.node_id, "prompt_id": state.node.prompt.prompt_id, "problem": "MEDIA_UNAVAILABLE"}
            events.append(Event("prompt_failed", now, data))
    return events


def speech_heard(state: SessionState, command: Command, now: datetime) -> Decision:
    """A stretch of speech on a seat. Of the agent it proves that a statement was spoken."""
    node, spec = state.node, state.spec()
    seat_id, duration = str(command.params["seat_id"]), int(command.params["duration_ms"])
    if node is None or spec is None or state.phase != "recording" or seat_id not in state.seats:
        return []
    if seat_id != state.setup.agent.seat_id or duration < state.setup.rules.heard_min_ms:
        return []
    if not spec.min_agent_speech_ms or node.agent_speech_ms >= spec.min_agent_speech_ms:
        return []
    return [Event("speech_heard", now, {"seat_id": seat_id, "node_id": node.node_id, "duration_ms": duration}, t_ms=_at(command))]


FOR_THEMSELVES = frozenset({"FACE_LOST", "TWO_FACES", "DARK", "BLACK", "FROZEN", "NO_SOUND"})
"""Alerts that the person concerned is told as well: they can mend it. Suspicions are the agent's alone."""


PICTURE_ALERTS = frozenset({"FACE_LOST", "TWO_FACES", "STRANGER", "DARK", "BLACK", "FROZEN"})
"""Alerts of the process that looks at pictures (`media.vision.watch`)."""


def alert(state: SessionState, command: Command, now: datetime) -> Decision:
    """A machine finding about a seat; advice only."""
    seat = state.seats.get(str(command.params["seat_id"]))
    code, is_active = str(command.params["code"]), bool(command.params["is_active"])
    if seat is None or (code in seat.alerts) == is_active:
        return []
    data = {"seat_id": seat.seat_id, "code": code, "t_ms": command.params.get("t_ms")}
    return [Event("alert_raised" if is_active else "alert_cleared", now, data, t_ms=_at(command))]


def transcript(state: SessionState, command: Command, now: datetime) -> Decision:
    """A final sentence of somebody, for the record."""
    if state.phase != "recording" or str(command.params["seat_id"]) not in state.seats or not command.params.get("text"):
        return []
    keys = ("seat_id", "text", "start_ms", "end_ms", "words", "engine")
    data = {key: command.params.get(key) for key in keys}
    return [Event("transcript_added", now, {**data, "node_id": state.node.node_id if state.node else None})]


def code_issued(state: SessionState, command: Command, now: datetime) -> Decision:
    """A new join code replaced the earlier one (the code itself is not in the log)."""
    return [Event("code_issued", now, {"expires_at": command.params["expires_at"]}, "agent")]


def code_locked(state: SessionState, command: Command, now: datetime) -> Decision:
    """The join code was tried too often; the agent must send a new one."""
    return [Event("code_locked", now, {}, "system")]


def join_blocked(state: SessionState, command: Command, now: datetime) -> Decision:
    """Somebody with this session's code was turned away: too many wrong tries came from that address. Said once for each end."""
    until = datetime.fromisoformat(str(command.params["until"]))
    known = state.join_blocked_until
    return [] if known is not None and until <= known else [Event("join_blocked", now, {"until": until.isoformat()}, "system")]


def soft_timer(state: SessionState, command: Command, now: datetime) -> Decision:
    """T22: longer than usual. A marker, nothing more."""
    return [] if state.is_soft_timer_passed or state.phase != "recording" else [Event("soft_timer_passed", now)]


def expire(state: SessionState, command: Command, now: datetime) -> Decision:
    """A lobby nobody used, or an agent who never came back."""
    reason = str(command.params["reason"])
    if reason == "lobby_expired" and state.phase != "lobby":
        return []
    if reason == "agent_absent" and not is_agent_away(state):
        return []
    events = [share_ended(state, "aborted", now, "system")] if state.share else []
    return [*events, Event("session_ended", now, {"outcome": "aborted", "reason": reason})]


def follow(state: SessionState, now: datetime) -> list[Event]:
    """What follows by itself from the state: people who missed the prompt, then answer windows.

    Windows open for everybody in parallel, each on their own audio; people who share a phone or sit with the agent hear each
    other, so theirs open one after the other. While the agent is away nothing opens.
    """
    node, spec = state.node, state.spec()
    if node is None or spec is None or spec.lexicon is None or state.phase != "recording":
        return []
    if node.prompt.state not in ("finished", "read_aloud"):
        return []
    absent = [
        p.person_id
        for p in duty_people(state)
        if p.person_id not in node.must_repeat
        and not is_satisfied(spec, node.answers.get(p.person_id))
        and not is_present(state, p)
        and _awaits(state, node.answers.get(p.person_id))
    ]
    if absent:
        return [_missed(absent, "absent", now)]
    if is_agent_away(state):
        return []
    busy = {_group(state, pid) for pid, run in node.answers.items() if run.window_id is not None}
    for person in duty_people(state):
        run = node.answers.get(person.person_id)
        if is_satisfied(spec, run) or person.person_id in node.must_repeat or not _awaits(state, run):
            continue
        if not state.engines.get("speech", False):
            return [_unmeasured(state, person.person_id, "SPEECH_UNAVAILABLE", now)]
        if _group(state, person.person_id) in busy:
            continue
        return [_window(state, person, run, now)]
    return []


def _awaits(state: SessionState, run: AnswerRun | None) -> bool:
    """Whether this person has not yet had a window for the current play."""
    assert state.node is not None
    if run is None:
        return True
    return run.window_id is None and run.override_verdict is None and run.play < state.node.prompt.plays


def _group(state: SessionState, person_id: str) -> str:
    seat = state.seat_of(person_id)
    if seat is None:
        return person_id
    return "with_agent" if seat.location == "with_agent" else seat.seat_id


def _window(state: SessionState, person: Person, run: AnswerRun | None, now: datetime) -> Event:
    rules, spec = state.setup.rules, state.spec()
    assert spec is not None
    opens_at = now + timedelta(milliseconds=rules.guard_ms)
    timeout = spec.answer_timeout_ms or rules.timeout_ms
    if state.setup.has_care(person):
        timeout = max(timeout, rules.care_timeout_ms)
    data = {
        "window_id": f"{state.setup.session_id}.w{state.seq}",
        "node_id": spec.node_id,
        "person_id": person.person_id,
        "seat_id": _seat_id(state, person.person_id),
        "attempt": (run.attempts if run else 0) + 1,
        "opens_at": opens_at.isoformat(),
        "closes_at": (opens_at + timedelta(milliseconds=timeout)).isoformat(),
        "timeout_ms": timeout,
    }
    return Event("answer_window_opened", now, data)


def _unmeasured(state: SessionState, person_id: str, why: str, now: datetime) -> Event:
    assert state.node is not None
    run = state.node.answers.get(person_id)
    data = {
        "node_id": state.node.node_id,
        "person_id": person_id,
        "seat_id": _seat_id(state, person_id),
        "window_id": run.window_id if run else None,
        "attempt": run.attempts if run else 0,
        "verdict": NOT_MEASURED,
        "reasons": [why],
    }
    return Event("answer_given", now, data)


def _gone(state: SessionState, seat_id: str, why: str, now: datetime) -> list[Event]:
    """What else is true when a seat's media stops: its share ends, the prompt or answer in progress was missed."""
    events: list[Event] = []
    if state.share is not None and state.share.seat_id == seat_id:
        events.append(share_ended(state, why, now, "system"))
    return [*events, *(_missed([person_id], why, now) for person_id in missed_by(state, seat_id))]


def _missed(people: list[str], why: str, now: datetime) -> Event:
    return Event("prompt_missed", now, {"person_ids": people, "reason": why})


def _by_window(state: SessionState, window_id: str) -> tuple[str, AnswerRun] | None:
    if state.node is None or state.phase != "recording":
        return None
    return next(((pid, run) for pid, run in state.node.answers.items() if run.window_id == window_id), None)


def _seat_id(state: SessionState, person_id: str) -> str | None:
    seat = state.seat_of(person_id)
    return seat.seat_id if seat else None


def _is_old_leg(current: str | None, command: Command) -> bool:
    leg_id = command.params.get("leg_id")
    return leg_id is not None and current is not None and leg_id != current


def _at(command: Command) -> int | None:
    t_ms = command.params.get("t_ms")
    return int(t_ms) if t_ms is not None else None
