"""`evolve(state, event)`: what each event changes. Total: an unknown event changes only `seq`, so old logs stay readable."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from server.domain.ledger import LastView
from server.domain.session_setup import Setup
from server.domain.session_state import AnswerRun, Event, NodeResult, NodeRun, PromptRun, RecordingRun, Seat, SessionState, Share

Data = Mapping[str, Any]


def initial(setup: Setup, created_at: datetime) -> SessionState:
    """The state of a session nobody has touched: one empty chair for each person who attends, and the agent's."""
    seats = {setup.agent.seat_id: Seat(setup.agent.seat_id, "agent", ("agent",))}
    for person in setup.required():
        seats[person.seat_id] = Seat(person.seat_id, "customer", location=person.location)
    return SessionState(setup=setup, created_at=created_at, seats=seats)


def evolve(state: SessionState, event: Event) -> SessionState:
    """The state after an event."""
    state = replace(state, seq=event.seq or state.seq + 1)
    change = _CHANGES.get(event.type)
    return change(state, event.data, event.at) if change else state


def _seat(state: SessionState, seat_id: str, /, **changes: Any) -> SessionState:
    if seat_id not in state.seats:
        return state
    return replace(state, seats={**state.seats, seat_id: replace(state.seats[seat_id], **changes)})


def _node(state: SessionState, /, **changes: Any) -> SessionState:
    return replace(state, node=replace(state.node, **changes)) if state.node else state


def _prompt(state: SessionState, /, **changes: Any) -> SessionState:
    return _node(state, prompt=replace(state.node.prompt, **changes)) if state.node else state


def _answer(state: SessionState, person_id: str, /, **changes: Any) -> SessionState:
    if state.node is None:
        return state
    run = replace(state.node.answers.get(person_id, AnswerRun(person_id)), **changes)
    return _node(state, answers={**state.node.answers, person_id: run})


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _role_claimed(state: SessionState, data: Data, at: datetime) -> SessionState:
    taken = set(data["role_ids"])
    for seat in list(state.seats.values()):
        if seat.kind == "customer" and seat.seat_id != data["seat_id"] and taken & set(seat.role_ids):
            state = _seat(state, seat.seat_id, role_ids=tuple(r for r in seat.role_ids if r not in taken))
    return _seat(state, data["seat_id"], role_ids=tuple(data["role_ids"]), since=at)


def _seat_released(state: SessionState, data: Data, at: datetime) -> SessionState:
    seat = state.seats[data["seat_id"]]
    fresh = Seat(seat.seat_id, seat.kind, location=seat.location, since=at, releases=seat.releases + 1)
    return replace(state, seats={**state.seats, seat.seat_id: fresh})


def _consent_given(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _seat(state, data["seat_id"], consents=frozenset(data["consents"]))


def _person_entered(state: SessionState, data: Data, at: datetime) -> SessionState:
    seat = state.seats[data["seat_id"]]
    presence = "present" if seat.is_connected else "waiting"
    return _seat(state, seat.seat_id, has_entered=True, presence=presence, since=at)


def _media_connected(state: SessionState, data: Data, at: datetime) -> SessionState:
    seat_id, leg_id = data["seat_id"], data.get("leg_id")
    former = state.seats[seat_id]
    tracks = former.tracks if former.leg_id == leg_id else frozenset[str]()  # a new connection tells its own
    return _seat(state, seat_id, is_connected=True, leg_id=leg_id, tracks=tracks, presence="present", has_entered=True, since=at)


def _media_interrupted(state: SessionState, data: Data, at: datetime) -> SessionState:
    seat = state.seats[data["seat_id"]]
    return _seat(state, seat.seat_id, presence="interrupted", is_connected=False, interruptions=seat.interruptions + 1, since=at)


def _media_resumed(state: SessionState, data: Data, at: datetime) -> SessionState:
    return _seat(state, data["seat_id"], presence="present", is_connected=True, since=at)


def _media_closed(state: SessionState, data: Data, at: datetime) -> SessionState:
    presence = "interrupted" if state.phase == "recording" else "waiting"
    return _seat(state, data["seat_id"], is_connected=False, tracks=frozenset(), presence=presence, since=at)


def _person_left(state: SessionState, data: Data, at: datetime) -> SessionState:
    return _seat(
        state,
        data["seat_id"],
        presence="left",
        is_connected=False,
        has_entered=False,
        tracks=frozenset(),
        since=at,
        leg_id=None,
        lapses=frozenset(),
    )


def _track(state: SessionState, data: Data, at: datetime, *, is_on: bool) -> SessionState:
    seat = state.seats[data["seat_id"]]
    tracks = seat.tracks | {data["kind"]} if is_on else seat.tracks - {data["kind"]}
    share = state.share
    if data["kind"] == "screen" and share is not None and share.seat_id == seat.seat_id:
        # What nobody can see is not being read either.
        state = replace(state, share=replace(share, silent_since=None if is_on else at), ledger=state.ledger.paused())
    return _seat(state, seat.seat_id, tracks=frozenset(tracks))


def _alert(state: SessionState, data: Data, *, is_on: bool) -> SessionState:
    seat = state.seats[data["seat_id"]]
    alerts = {code: since for code, since in seat.alerts.items() if code != data["code"]}
    if is_on:
        alerts[data["code"]] = int(data.get("t_ms") or 0)
    return _seat(state, seat.seat_id, alerts=alerts)


# ── recording and nodes ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _recording(state: SessionState, /, **changes: Any) -> SessionState:
    return replace(state, recording=replace(state.recording, **changes))


def _recording_requested(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return replace(state, recording=RecordingRun("starting", data["recording_id"]))


def _recording_started(state: SessionState, data: Data, _at: datetime) -> SessionState:
    started_at = datetime.fromisoformat(data["started_at"])
    return replace(_recording(state, state="running", started_at=started_at, problem=None), phase="recording")


def _recording_stopped(state: SessionState, data: Data, at: datetime) -> SessionState:
    ended_at = datetime.fromisoformat(data["ended_at"]) if data.get("ended_at") else at
    return _recording(state, state="stopped", duration_ms=data.get("duration_ms"), ended_at=ended_at)


def _node_entered(state: SessionState, data: Data, at: datetime) -> SessionState:
    return replace(
        state,
        node=NodeRun(data["node_id"], data["index"], at, is_speech_unmeasured=not state.engines.get("speech", False)),
    )


def _node_completed(state: SessionState, data: Data, _at: datetime) -> SessionState:
    result = NodeResult(data["has_override"], data["is_not_measured"])
    return replace(state, nodes_done={**state.nodes_done, data["node_id"]: result})


def _prompt_requested(state: SessionState, data: Data, _at: datetime) -> SessionState:
    if state.node is None:
        return state
    node = state.node
    answers = {}
    for person_id, run in node.answers.items():
        again = person_id in node.must_repeat
        answers[person_id] = AnswerRun(person_id) if again else replace(run, window_id=None, opens_at=None, closes_at=None)
    plays = node.prompt.plays + 1
    return _node(state, prompt=PromptRun(data["prompt_id"], "preparing", plays), answers=answers, must_repeat=frozenset())


def _prompt_started(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _prompt(
        state,
        state="playing",
        started_t_ms=data["t_ms"],
        duration_ms=data.get("duration_ms"),
        marks=tuple((int(a), int(b)) for a, b in data.get("marks", ())),
        is_synthetic=data.get("is_synthetic", True),
    )


def _prompt_finished(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _prompt(state, state="finished" if data["completed"] else "stopped", finished_t_ms=data.get("t_ms"))


def _prompt_missed(state: SessionState, data: Data, _at: datetime) -> SessionState:
    if state.node is None:
        return state
    for person_id in data["person_ids"]:
        state = _answer(state, person_id, window_id=None, opens_at=None, closes_at=None)
    assert state.node is not None
    return _node(state, must_repeat=state.node.must_repeat | set(data["person_ids"]))


def _window_opened(state: SessionState, data: Data, _at: datetime) -> SessionState:
    if state.node is None:
        return state
    person_id = data["person_id"]
    run = state.node.answers.get(person_id, AnswerRun(person_id))
    return _answer(
        state,
        person_id,
        attempts=run.attempts + 1,
        play=state.node.prompt.plays,
        window_id=data["window_id"],
        opens_at=datetime.fromisoformat(data["opens_at"]),
        closes_at=datetime.fromisoformat(data["closes_at"]),
        verdict=None,
        text="",
        phrase="",
        confidence=None,
        reasons=(),
    )


def _answer_listening(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _answer(state, data["person_id"], accepted_id=data["window_id"], closes_at=datetime.fromisoformat(data["closes_at"]))


def _answer_given(state: SessionState, data: Data, _at: datetime) -> SessionState:
    if state.node is None:
        return state
    return _answer(
        state,
        data["person_id"],
        play=state.node.prompt.plays,
        window_id=None,
        opens_at=None,
        closes_at=None,
        verdict=data["verdict"],
        text=data.get("text", ""),
        phrase=data.get("phrase", ""),
        confidence=data.get("confidence"),
        reasons=tuple(data.get("reasons", ())),
    )


def _answer_overridden(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _answer(state, data["person_id"], override_verdict=data["verdict"], override_reason=data["reason"], window_id=None)


def _id_confirmed(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _node(state, ids={**state.node.ids, data["person_id"]: data["method"]}) if state.node else state


def _note_added(state: SessionState, data: Data, _at: datetime) -> SessionState:
    return _node(state, notes=(*state.node.notes, (int(data["t_ms"]), data["text"]))) if state.node else state


def _speech_heard(state: SessionState, data: Data, _at: datetime) -> SessionState:
    if state.node is None or data["seat_id"] != state.setup.agent.seat_id or data["node_id"] != state.node.node_id:
        return state
    return _node(state, agent_speech_ms=state.node.agent_speech_ms + int(data["duration_ms"]))


def _engine_changed(state: SessionState, data: Data, _at: datetime) -> SessionState:
    state = replace(state, engines={**state.engines, data["engine"]: data["is_up"]})
    if data["engine"] == "speech" and not data["is_up"]:
        state = _node(state, is_speech_unmeasured=True)
    return state


# ── shares and documents ────────────────────────────────────────────────────────────────────────────────────────────────────


def _share_started(state: SessionState, data: Data, at: datetime) -> SessionState:
    return replace(state, share=Share(data["share_id"], data["seat_id"], data["mode"], at), ledger=state.ledger.paused())


def _share_ended(state: SessionState, _data: Data, _at: datetime) -> SessionState:
    return replace(state, share=None, ledger=state.ledger.paused())


def _document_opened(state: SessionState, data: Data, at: datetime) -> SessionState:
    ledger = state.ledger.opened(tuple(data["person_ids"]), data["document_id"], at)
    share = state.share
    if share is not None and share.seat_id == data["seat_id"]:
        share = replace(share, document_id=data["document_id"], page=1)
    return replace(state, ledger=ledger, share=share)


def _document_viewed(state: SessionState, data: Data, at: datetime) -> SessionState:
    document = state.setup.document(data["document_id"])
    if document is None:
        return state
    left, top, right, bottom = data["visible"]
    view = LastView(data["seat_id"], document.document_id, data["page"], data["zoom"], (left, top, right, bottom), at)
    ledger = state.ledger.viewed(tuple(data["person_ids"]), document, data["page"], view, state.setup.rules)
    share = state.share
    if share is not None and share.seat_id == data["seat_id"]:
        share = replace(share, document_id=document.document_id, page=data["page"])
    return replace(state, ledger=ledger, share=share)


def _document_signed(state: SessionState, data: Data, at: datetime) -> SessionState:
    return replace(state, ledger=state.ledger.signed(data["person_id"], data["document_id"], data["strokes_sha256"], at))


def _on_site_confirmed(state: SessionState, data: Data, _at: datetime) -> SessionState:
    ledger = state.ledger
    for document_id in data["document_ids"]:
        ledger = ledger.on_site(data["person_id"], document_id)
    return replace(state, ledger=ledger)


def _session_ended(state: SessionState, data: Data, _at: datetime) -> SessionState:
    phase = {"completed": "ended", "declined": "declined"}.get(data["outcome"], "aborted")
    recording = state.recording
    if recording.state in ("running", "starting"):
        recording = replace(recording, state="stopping")
    return replace(
        state,
        phase=phase,
        outcome=data["outcome"],
        outcome_reason=data.get("reason", ""),
        recording=recording,
        share=None,
        ledger=state.ledger.paused(),
    )


Change = Callable[[SessionState, Data, datetime], SessionState]
_CHANGES: dict[str, Change] = {
    "join_blocked": lambda s, d, _: replace(s, join_blocked_until=datetime.fromisoformat(d["until"])),
    "role_claimed": _role_claimed,
    "seat_released": _seat_released,
    "consent_given": _consent_given,
    "person_entered": _person_entered,
    "media_connected": _media_connected,
    "media_interrupted": _media_interrupted,
    "media_resumed": _media_resumed,
    "media_closed": _media_closed,
    "person_left": _person_left,
    "track_started": lambda s, d, at: _track(s, d, at, is_on=True),
    "track_stopped": lambda s, d, at: _track(s, d, at, is_on=False),
    "page_state_changed": lambda s, d, _: _seat(s, d["seat_id"], lapses=frozenset(d["lapses"])),
    "alert_raised": lambda s, d, _: _alert(s, d, is_on=True),
    "alert_cleared": lambda s, d, _: _alert(s, d, is_on=False),
    "location_set": lambda s, d, _: _seat(s, d["seat_id"], location=d["location"]),
    "recording_requested": _recording_requested,
    "recording_started": _recording_started,
    "recording_failed": lambda s, d, _: _recording(s, state="failed", problem=d["problem"]),
    "recording_broken": lambda s, d, _: _recording(s, problem=d["problem"]),
    "recording_stopped": _recording_stopped,
    "node_entered": _node_entered,
    "node_completed": _node_completed,
    "prompt_requested": _prompt_requested,
    "prompt_started": _prompt_started,
    "prompt_finished": _prompt_finished,
    "prompt_failed": lambda s, d, _: _prompt(s, state="failed", problem=d["problem"]),
    "prompt_read_aloud": lambda s, d, _: _prompt(s, state="read_aloud", finished_t_ms=d.get("t_ms")),
    "prompt_missed": _prompt_missed,
    "answer_window_opened": _window_opened,
    "answer_listening": _answer_listening,
    "answer_given": _answer_given,
    "answer_overridden": _answer_overridden,
    "id_confirmed": _id_confirmed,
    "note_added": _note_added,
    "speech_heard": _speech_heard,
    "engine_changed": _engine_changed,
    "share_started": _share_started,
    "share_ended": _share_ended,
    "document_opened": _document_opened,
    "document_viewed": _document_viewed,
    "document_signed": _document_signed,
    "on_site_confirmed": _on_site_confirmed,
    "soft_timer_passed": lambda s, _d, _at: replace(s, is_soft_timer_passed=True),
    "session_ended": _session_ended,
}
