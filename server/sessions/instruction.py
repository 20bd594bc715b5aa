"""The one thing a person has to do now, as a code the page has words for."""

from datetime import datetime
from typing import Any

from server.domain import ledger as papers
from server.domain import session_checks as checks
from server.domain.session import SessionState
from server.domain.session_setup import role_id
from server.domain.session_state import AGENT, Seat

Instruction = tuple[str, dict[str, Any]]
_CUT_SHORT = frozenset({"MEDIA_UNAVAILABLE", "PROMPT_LOST", "SERVICE_RESTARTED"})
"""Why a prompt failed although the voice can speak: it is played again, nobody has to read it."""


def instruction(state: SessionState, seat: Seat, now: datetime) -> Instruction:
    """Code and parameters for a seat."""
    if state.is_over:
        return "SESSION_OVER", {"phase": state.phase}
    if state.phase == "lobby":
        return _lobby(state, seat)
    return _agent(state, now) if seat.kind == AGENT else _customer(state, seat)


def _lobby(state: SessionState, seat: Seat) -> Instruction:
    if seat.kind == AGENT:
        if seat.presence != "present":
            return "ENTER_ROOM", {}
        return ("START_RECORDING", {}) if not checks.start_missing(state) else ("WAIT_FOR_PEOPLE", {})
    if not checks.is_agent_in(state):
        return "WAIT_FOR_AGENT", {}
    everybody = all(state.holder(role_id(role, p)) for p in state.setup.required() for role in p.roles)
    return ("WAIT_FOR_START", {}) if everybody else ("WAIT_FOR_PEOPLE", {})


def _agent(state: SessionState, now: datetime) -> Instruction:
    node, spec = state.node, state.spec()
    if node is None or spec is None:
        return "WAIT_FOR_START", {}
    if node.prompt.state == "failed":
        return ("REPEAT_PROMPT" if node.prompt.problem in _CUT_SHORT else "READ_ALOUD"), {}
    if node.must_repeat or node.prompt.state == "stopped":
        is_playing = node.prompt.state in ("preparing", "playing")  # 重新播报 is off until it has ended
        return ("LISTEN" if is_playing else "REPEAT_PROMPT"), {}
    lacking = checks.node_missing(state, now)
    codes = [reason.code for reason in lacking]
    if not lacking:
        return ("END_RECORDING", {}) if node.index == len(state.setup.nodes) - 1 else ("PRESS_NEXT", {})
    if "PERSON_NOT_PRESENT" in codes:
        return "WAIT_FOR_PEOPLE", dict(lacking[codes.index("PERSON_NOT_PRESENT")].params)
    if spec.shows == "customers" and "ID_NOT_SHOWN" in codes and "PROMPT_NOT_FINISHED" not in codes:
        return "CHECK_IDS", {}
    if "AGENT_NOT_HEARD" in codes or (spec.shows == "agent" and "PROMPT_NOT_FINISHED" not in codes):
        return ("SHOW_ID" if spec.shows == "agent" else "SPEAK"), {}
    if "PROMPT_NOT_FINISHED" in codes:
        return "LISTEN", {}
    retry = ("ANSWER_NEGATIVE", "ANSWER_UNCLEAR", "ANSWER_SILENT", "ANSWER_NOT_MEASURED")
    if any(code in retry for code in codes) and "ANSWER_PENDING" not in codes:
        may_decide = any(checks.may_decide(state, person) for person in checks.duty_people(state))
        if not may_decide:
            return "REPEAT_PROMPT", {}
        return ("DECIDE_ANSWER" if checks.is_replay_used_up(state) else "DECIDE_OR_REPEAT"), {}
    return "WAIT_FOR_OTHERS", dict(lacking[0].params)


def _customer(state: SessionState, seat: Seat) -> Instruction:
    node, spec = state.node, state.spec()
    if node is None or spec is None:
        return "WAIT_FOR_START", {}
    mine = state.people_on(seat.seat_id)
    runs = [node.answers[pid] for pid in mine if pid in node.answers]
    asked = next((run.person_id for run in runs if run.is_listening), None)
    if asked is not None and spec.lexicon is not None:  # the words of this question: 清楚 is no answer to 是否同意
        return "ANSWER_NOW", {"person_id": asked, "yes": spec.lexicon.affirmative[0], "no": spec.lexicon.negative[0]}
    if node.prompt.state in ("preparing", "playing") or any(run.window_id is not None for run in runs):
        return "LISTEN", {}  # who speaks before they are listened to is not heard
    if spec.shows == "agent" and "agent" not in node.ids and _is_policyholder(state, mine):
        return "CONFIRM_AGENT_ID", {}
    if spec.shows == "customers":
        open_ids = [pid for pid, _ in checks.id_duties(state) if pid in mine and pid not in node.ids]
        if open_ids:
            return "SHOW_ID", {"person_id": open_ids[0]}
    if spec.kind in ("reading", "signing"):
        return _papers(state, seat, mine)
    if spec.lexicon is not None and any(p.person_id in mine for p in checks.duty_people(state)):
        results = [checks.is_satisfied(spec, run) for run in runs]
        if results and all(results):
            return "ANSWERED", {}
        return ("WAIT_FOR_REPEAT", {}) if results else ("LISTEN", {})
    if not spec.prompt_text:
        return "LISTEN", {}
    return "WAIT_FOR_OTHERS", {}


def _papers(state: SessionState, seat: Seat, mine: tuple[str, ...]) -> Instruction:
    duties = [d for d in checks.paper_duties(state) if d.person.person_id in mine]
    open_duties = [d for d in duties if checks.paper_missing(state, d)]
    share = state.share
    is_sharing = share is not None and share.seat_id == seat.seat_id
    if not open_duties:
        return ("STOP_SHARING", {}) if is_sharing else ("WAIT_FOR_OTHERS", {})
    first = open_duties[0]
    params = {
        "document_id": first.document.document_id,
        "document_name": first.document.name,
        "person_id": first.person.person_id,
        "remaining": len(open_duties),
    }
    if share is not None and not is_sharing:
        return "WAIT_FOR_SHARE", {"seat_id": share.seat_id, "name": checks.seat_name(state, share.seat_id)}
    if not is_sharing and seat.location == "with_agent":
        return "READ_WITH_AGENT", params
    if not is_sharing:
        return ("SHARE_AND_SIGN" if first.needs == "sign" else "SHARE_AND_READ"), params
    entry = state.ledger.entry(first.person.person_id, first.document.document_id)
    is_read = not papers.missing_reading(entry, first.document, first.needs == "sign", state.setup.rules)
    return ("SIGN_NOW" if is_read else "READ_ON"), params


def _is_policyholder(state: SessionState, mine: tuple[str, ...]) -> bool:
    return any((p := state.setup.person(pid)) is not None and "policyholder" in p.roles for pid in mine)
