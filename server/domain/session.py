"""The rules of a live session: `decide(state, command, now)` gives events or a refusal, `evolve(state, event)` applies one.

Pure: no clock, no I/O, no ids but those derived from the state. Who may do what stands in one table; everything else in the
`session_*` modules by theme. `due` says which timer commands are to be given when. Rules are numbered T1–T23 as in
docs/session-rules.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.domain import session_engines as engines
from server.domain import session_nodes as nodes
from server.domain import session_papers as papers
from server.domain import session_people as people
from server.domain.session_evolve import evolve, initial
from server.domain.session_people import Decision
from server.domain.session_state import AGENT, CUSTOMER, ENGINE, SYSTEM, Actor, Command, Event, Refusal, SessionState

__all__ = ["Actor", "Command", "Event", "Refusal", "SessionState", "decide", "due", "evolve", "initial", "replay"]

Rule = Callable[[SessionState, Command, datetime], Decision]


@dataclass(frozen=True, slots=True)
class _Permit:
    rule: Rule
    kinds: frozenset[str]
    phases: frozenset[str]


_LIVE = frozenset({"lobby", "recording"})
_LOBBY, _RECORDING = frozenset({"lobby"}), frozenset({"recording"})
_OVER = frozenset({"ended", "declined", "aborted"})
_AGENT, _CUSTOMER, _ENGINE = frozenset({AGENT}), frozenset({CUSTOMER}), frozenset({SYSTEM})
_PEOPLE = _AGENT | _CUSTOMER

_TABLE: dict[str, _Permit] = {
    # people
    "claim_roles": _Permit(people.claim_roles, _ENGINE, _LIVE),
    "give_consents": _Permit(people.give_consents, _CUSTOMER, _LIVE),
    "decline": _Permit(people.decline, _PEOPLE, _LIVE),
    "enter_room": _Permit(people.enter_room, _PEOPLE, _LIVE),
    "report_state": _Permit(people.report_state, _PEOPLE, _LIVE),
    "leave_room": _Permit(people.leave_room, _PEOPLE, _LIVE),
    "release_seat": _Permit(people.release_seat, _AGENT, _LOBBY),
    "set_location": _Permit(people.set_location, _AGENT, _LIVE),
    # the agent's controls (T9, T10)
    "start_recording": _Permit(nodes.start_recording, _AGENT, _LOBBY),
    "advance": _Permit(nodes.advance, _AGENT, _RECORDING),
    "replay_prompt": _Permit(nodes.replay_prompt, _AGENT, _RECORDING),
    "prompt_read_aloud": _Permit(nodes.prompt_read_aloud, _AGENT, _RECORDING),
    "override_answer": _Permit(nodes.override_answer, _AGENT, _RECORDING),
    "confirm_id": _Permit(nodes.confirm_id, _PEOPLE, _RECORDING),
    "confirm_on_site": _Permit(papers.confirm_on_site, _AGENT, _RECORDING),
    "add_note": _Permit(nodes.add_note, _AGENT, _RECORDING),
    "end_recording": _Permit(nodes.end_recording, _AGENT, _RECORDING),
    "abort_session": _Permit(nodes.abort_session, _AGENT, _LIVE),
    # shares and documents
    "start_share": _Permit(papers.start_share, _PEOPLE, _RECORDING),
    "stop_share": _Permit(papers.stop_share, _PEOPLE, _RECORDING),
    "document.open": _Permit(papers.open_document, _CUSTOMER, _RECORDING),
    "document.view": _Permit(papers.view_document, _CUSTOMER, _RECORDING),
    "document.sign": _Permit(papers.sign_document, _CUSTOMER, _RECORDING),
    # engines and timers
    "media_connected": _Permit(engines.media_connected, _ENGINE, _LIVE),
    "media_interrupted": _Permit(engines.media_interrupted, _ENGINE, _LIVE),
    "media_resumed": _Permit(engines.media_resumed, _ENGINE, _LIVE),
    "media_closed": _Permit(engines.media_closed, _ENGINE, _LIVE),
    "track_changed": _Permit(engines.track_changed, _ENGINE, _LIVE),
    "share_silent": _Permit(engines.share_silent, _ENGINE, _RECORDING),
    "socket_closed": _Permit(engines.socket_closed, _ENGINE, _LIVE),
    "declare_left": _Permit(engines.declare_left, _ENGINE, _LIVE),
    "recording_started": _Permit(engines.recording_started, _ENGINE, _LIVE),
    "recording_failed": _Permit(engines.recording_failed, _ENGINE, _LIVE),
    "recording_broken": _Permit(engines.recording_broken, _ENGINE, _RECORDING),
    "recording_stopped": _Permit(engines.recording_stopped, _ENGINE, _LIVE | _OVER),
    "prompt_started": _Permit(engines.prompt_started, _ENGINE, _RECORDING),
    "prompt_finished": _Permit(engines.prompt_finished, _ENGINE, _RECORDING),
    "prompt_failed": _Permit(engines.prompt_failed, _ENGINE, _RECORDING),
    "answer_accepted": _Permit(engines.answer_accepted, _ENGINE, _RECORDING),
    "answer_heard": _Permit(engines.answer_heard, _ENGINE, _RECORDING),
    "answer_lost": _Permit(engines.answer_lost, _ENGINE, _RECORDING),
    "engine_changed": _Permit(engines.engine_changed, _ENGINE, _LIVE),
    "speech_heard": _Permit(engines.speech_heard, _ENGINE, _LIVE),
    "alert": _Permit(engines.alert, _ENGINE, _LIVE),
    "transcript": _Permit(engines.transcript, _ENGINE, _LIVE),
    "code_issued": _Permit(engines.code_issued, _ENGINE, _LIVE),
    "code_locked": _Permit(engines.code_locked, _ENGINE, _LIVE),
    "join_blocked": _Permit(engines.join_blocked, _ENGINE, _LIVE),
    "soft_timer": _Permit(engines.soft_timer, _ENGINE, _LIVE),
    "expire": _Permit(engines.expire, _ENGINE, _LIVE),
}

COMMANDS = frozenset(_TABLE)


def decide(state: SessionState, command: Command, now: datetime) -> list[Event] | Refusal:
    """Decide a command. Events come with `t_ms` filled and everything that follows by itself appended."""
    permit = _TABLE.get(command.name)
    if permit is None:
        return Refusal("COMMAND_UNKNOWN", {"command": command.name[:40]}, "missing")
    actor = command.actor
    if actor.kind not in permit.kinds:
        return Refusal("FORBIDDEN", {"command": command.name}, "forbidden")
    if actor.kind in (AGENT, CUSTOMER):
        seat = state.seats.get(actor.seat_id)
        if seat is None or seat.kind != actor.kind:
            return Refusal("FORBIDDEN", {"command": command.name}, "forbidden")
    if state.phase not in permit.phases:
        if actor.kind == SYSTEM and command.name != "claim_roles":
            return []
        code = "SESSION_OVER" if state.is_over else "PHASE_WRONG"
        return Refusal(code, {"phase": state.phase})
    decision = permit.rule(state, command, now)
    if isinstance(decision, Refusal):
        return decision
    return _complete(state, decision, now)


def _complete(state: SessionState, events: list[Event], now: datetime) -> list[Event]:
    """Fill in the session clock and append what follows, until nothing follows."""
    done: list[Event] = []
    pending = list(events)
    while pending:
        for event in pending:
            stamped = event if event.t_ms is not None else replace(event, t_ms=state.t_ms(now))
            state = evolve(state, stamped)
            done.append(stamped)
        pending = engines.follow(state, now)
    return done


def replay(state: SessionState, events: list[Event]) -> SessionState:
    """The state after a stored log."""
    for event in events:
        state = evolve(state, event)
    return state


def due(state: SessionState) -> list[tuple[datetime, Command]]:
    """Timer commands and when each is to be given. A command given late decides the same."""
    rules = state.setup.rules
    if state.is_over:
        return []
    timers: list[tuple[datetime, Command]] = []
    for seat in state.seats.values():
        if seat.presence == "interrupted" and seat.since is not None:
            at = seat.since + timedelta(seconds=rules.left_after_s)
            timers.append((at, Command("declare_left", ENGINE, {"seat_id": seat.seat_id})))
    if state.phase == "lobby":
        at = state.created_at + timedelta(seconds=rules.lobby_s)
        return [*timers, (at, Command("expire", ENGINE, {"reason": "lobby_expired"}))]
    agent = state.agent_seat
    if agent.presence == "left" and agent.since is not None:
        at = agent.since + timedelta(seconds=rules.agent_absent_s)
        timers.append((at, Command("expire", ENGINE, {"reason": "agent_absent"})))
    if state.share is not None and state.share.silent_since is not None:
        at = state.share.silent_since + timedelta(seconds=rules.share_silent_s)
        timers.append((at, Command("share_silent", ENGINE)))
    if not state.is_soft_timer_passed and state.recording.started_at is not None:
        timers.append((state.recording.started_at + timedelta(seconds=rules.soft_timer_s), Command("soft_timer", ENGINE)))
    if state.node is not None:
        for run in state.node.answers.values():
            if run.window_id is not None and run.closes_at is not None:
                at = run.closes_at + timedelta(milliseconds=rules.lost_after_ms)
                timers.append((at, Command("answer_lost", ENGINE, {"window_id": run.window_id})))
    return timers
