"""What is missing: before the red button, before 下一步, before the end. One list, used by rules, view and refusals alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain import ledger as papers
from server.domain.answers import NOT_MEASURED
from server.domain.session_setup import Document, Person, role_id
from server.domain.session_state import AnswerRun, Reason, Seat, SessionState
from server.domain.talkscript import FrozenNode

_ANSWERS = {
    "negative": "ANSWER_NEGATIVE",
    "unclear": "ANSWER_UNCLEAR",
    "silent": "ANSWER_SILENT",
    NOT_MEASURED: "ANSWER_NOT_MEASURED",
}


@dataclass(frozen=True, slots=True)
class PaperDuty:
    """One person has to read or sign one document at the current node."""

    person: Person
    document: Document
    needs: str


def about(person: Person, **more: Any) -> Mapping[str, Any]:
    """Parameters that name a person."""
    return {"person_id": person.person_id, "name": person.name, "roles": list(person.roles), **more}


def is_agent_in(state: SessionState) -> bool:
    """Whether the agent has entered and has not left (a short interruption does not throw the others out)."""
    return state.agent_seat.presence in ("present", "interrupted")


def is_agent_away(state: SessionState) -> bool:
    """Whether controls are frozen: the agent cannot see the room now."""
    return state.agent_seat.presence != "present"


def may_join_media(state: SessionState, seat: Seat) -> Reason | None:
    """Why this seat may not send media yet, or None."""
    if state.is_over:
        return Reason("SESSION_OVER", {"phase": state.phase})
    if not seat.has_entered:
        return Reason("NOT_ENTERED")
    if seat.kind == "agent":
        return None
    if missing_consents(state, seat):
        return Reason("CONSENT_MISSING")
    if state.phase == "lobby" and not is_agent_in(state):
        return Reason("AGENT_NOT_IN")
    return None


def missing_consents(state: SessionState, seat: Seat) -> tuple[str, ...]:
    """Consents this customer has still to give."""
    if seat.kind == "agent":
        return ()
    return tuple(kind for kind in state.setup.rules.consents if kind not in seat.consents)


def start_missing(state: SessionState) -> list[Reason]:
    """What keeps the red button from working (T6: everybody expected is present)."""
    lacking: list[Reason] = []
    if not state.engines.get("media", False):
        lacking.append(Reason("MEDIA_UNAVAILABLE"))
    agent = state.agent_seat
    if agent.presence != "present":
        lacking.append(Reason("AGENT_AWAY"))
    else:  # the agent explains, shows certificates and is part of the evidence: not without voice or picture
        if "mic" not in agent.tracks:
            lacking.append(Reason("AGENT_NO_SOUND"))
        if "camera" not in agent.tracks:
            lacking.append(Reason("AGENT_NO_PICTURE"))
    for person in state.setup.required():
        for role in person.roles:
            if state.holder(role_id(role, person)) is None:
                lacking.append(Reason("ROLE_UNCLAIMED", about(person, role=role)))
        seat = state.seat_of(person.person_id)
        if seat is None:
            continue
        if missing_consents(state, seat):
            lacking.append(Reason("CONSENT_MISSING", about(person)))
        elif seat.presence != "present":
            lacking.append(Reason("PERSON_NOT_PRESENT", about(person)))
        elif seat.seat_id != agent.seat_id:  # connected is not yet seen and heard
            if "mic" not in seat.tracks:
                lacking.append(Reason("PERSON_NO_SOUND", about(person)))
            if "camera" not in seat.tracks:
                lacking.append(Reason("PERSON_NO_PICTURE", about(person)))
    return lacking


def is_present(state: SessionState, person: Person) -> bool:
    """Whether this person's picture and voice arrive now."""
    seat = state.seat_of(person.person_id)
    return seat is not None and seat.presence == "present"


def duty_people(state: SessionState) -> tuple[Person, ...]:
    """Who has to hear and answer the current node."""
    spec = state.spec()
    return state.setup.standing_for(spec.audience) if spec else ()


def missed_by(state: SessionState, seat_id: str) -> tuple[str, ...]:
    """Whose prompt or answer in progress is missed when this seat is gone now."""
    node = state.node
    if state.phase != "recording" or node is None or seat_id == state.setup.agent.seat_id:
        return ()
    duty = {p.person_id for p in duty_people(state)} - node.must_repeat
    is_playing = node.prompt.state == "playing"
    answering = {person_id for person_id, run in node.answers.items() if run.window_id is not None}
    return tuple(pid for pid in state.people_on(seat_id) if pid in duty and (is_playing or pid in answering))


def is_satisfied(spec: FrozenNode, run: AnswerRun | None) -> bool:
    """Whether an answer counts as the expected one."""
    return run is not None and run.result() == spec.expect


def override_hindrance(state: SessionState, person: Person) -> Reason | None:
    """Why the agent may not decide this person's answer now, or None.

    The agent decides when the engine could not measure, or when the tries are used up, never over an open window; and only for
    somebody who is in the room and heard the whole question there: a decision describes what was seen and heard of them.
    """
    run = state.node.answers.get(person.person_id) if state.node else None
    limit = state.setup.rules.attempts_max
    if not is_present(state, person):
        return Reason("PERSON_NOT_PRESENT", about(person))
    if state.node is not None and person.person_id in state.node.must_repeat:
        return Reason("NODE_MUST_REPEAT", about(person))
    if run is None or run.window_id is not None or run.verdict is None:
        return Reason("OVERRIDE_NOT_ALLOWED", {"attempts": run.attempts if run else 0, "limit": limit})
    if run.verdict != NOT_MEASURED and run.attempts < limit:
        return Reason("OVERRIDE_NOT_ALLOWED", {"attempts": run.attempts, "limit": limit})
    return None


def is_replay_used_up(state: SessionState) -> bool:
    """Whether everybody whose answer is still wanted at the current node has used all tries."""
    node, spec = state.node, state.spec()
    if node is None or spec is None or spec.lexicon is None:
        return False
    runs = [node.answers.get(person.person_id) for person in duty_people(state)]
    wanted = [run for run in runs if not is_satisfied(spec, run)]
    limit = state.setup.rules.attempts_max
    return bool(wanted) and all(run is not None and run.attempts >= limit for run in wanted)


def may_decide(state: SessionState, person: Person) -> bool:
    """Whether there is an answer of this person that the agent could decide now."""
    spec = state.spec()
    if state.node is None or spec is None or spec.lexicon is None:
        return False
    is_open = not is_satisfied(spec, state.node.answers.get(person.person_id))
    return is_open and override_hindrance(state, person) is None


def paper_duties(state: SessionState) -> tuple[PaperDuty, ...]:
    """Documents of the current node, for each person who must handle them."""
    spec = state.spec()
    if spec is None or spec.kind not in ("reading", "signing"):
        return ()
    return duties_of(state, spec)


def duties_of(state: SessionState, spec: FrozenNode) -> tuple[PaperDuty, ...]:
    """The same for any node."""
    needs = "sign" if spec.kind == "signing" else "read"
    found: list[PaperDuty] = []
    for wanted in spec.documents:
        for document in state.setup.documents:
            if document.kind == wanted.kind:
                found += [PaperDuty(person, document, needs) for person in state.setup.standing_for(wanted.by)]
    return tuple(found)


def all_duties(state: SessionState, person_ids: tuple[str, ...] | None = None) -> tuple[PaperDuty, ...]:
    """Every paper of the whole session, signing winning over reading (T18: one share may cover all of them)."""
    best: dict[tuple[str, str], PaperDuty] = {}
    for spec in state.setup.nodes:
        if spec.kind not in ("reading", "signing"):
            continue
        for duty in duties_of(state, spec):
            if person_ids is not None and duty.person.person_id not in person_ids:
                continue
            key = (duty.person.person_id, duty.document.document_id)
            if key not in best or duty.needs == "sign":
                best[key] = duty
    return tuple(best.values())


def paper_missing(state: SessionState, duty: PaperDuty) -> list[Reason]:
    """What one document duty still lacks, with names."""
    entry = state.ledger.entry(duty.person.person_id, duty.document.document_id)
    document = {"document_id": duty.document.document_id, "document_name": duty.document.name}
    return [
        Reason(code, about(duty.person, **document, **params))
        for code, params in papers.missing(entry, duty.document, duty.needs, state.setup.rules)
    ]


def id_duties(state: SessionState) -> tuple[tuple[str, Person | None], ...]:
    """Certificates to be shown at the current node: (`agent` or a person_id, that person)."""
    spec = state.spec()
    if spec is None or spec.shows is None:
        return ()
    if spec.shows == "agent":
        return (("agent", None),)
    return tuple((person.person_id, person) for person in state.setup.standing_for(spec.audience))


def node_missing(state: SessionState, now: datetime) -> list[Reason]:
    """Everything that keeps the current node from being done, in the order an agent would deal with it."""
    node, spec = state.node, state.spec()
    if node is None or spec is None:
        return []
    lacking: list[Reason] = []
    if state.recording.problem is not None:
        lacking.append(Reason("RECORDING_FAILED", {"problem": state.recording.problem}))
    if state.share is not None:
        lacking.append(
            Reason("SESSION_SHARE_ACTIVE", {"seat_id": state.share.seat_id, "name": seat_name(state, state.share.seat_id)})
        )
    for person in state.setup.required():
        if not is_present(state, person):
            lacking.append(Reason("PERSON_NOT_PRESENT", about(person)))
    if spec.prompt_text and node.prompt.state not in ("finished", "read_aloud"):
        lacking.append(Reason("PROMPT_NOT_FINISHED", {"state": node.prompt.state}))
    for person in state.setup.required():
        if person.person_id in node.must_repeat:
            lacking.append(Reason("NODE_MUST_REPEAT", about(person)))
    if spec.lexicon is not None:
        for person in duty_people(state):
            run = node.answers.get(person.person_id)
            lacking += _answer_missing(spec, run, person, state.setup.rules.attempts_max)
    for person_id, shown in id_duties(state):
        if person_id not in node.ids:
            lacking.append(Reason("ID_NOT_SHOWN", about(shown)) if shown else Reason("AGENT_ID_NOT_CONFIRMED", {}))
    for duty in paper_duties(state):
        lacking += paper_missing(state, duty)
    if spec.min_agent_speech_ms and not node.is_speech_unmeasured and node.agent_speech_ms < spec.min_agent_speech_ms:
        lacking.append(Reason("AGENT_NOT_HEARD", {"heard_ms": node.agent_speech_ms, "wanted_ms": spec.min_agent_speech_ms}))
    remaining = spec.min_ms - int((now - node.entered_at).total_seconds() * 1000)
    if remaining > 0:
        lacking.append(Reason("NODE_TOO_SHORT", {"remaining_ms": remaining}))
    return lacking


def _answer_missing(spec: FrozenNode, run: AnswerRun | None, person: Person, attempts_max: int) -> list[Reason]:
    if is_satisfied(spec, run):
        return []
    if run is None or run.window_id is not None or run.result() is None:
        return [Reason("ANSWER_PENDING", about(person))]
    if run.override_verdict is not None:
        code = "ANSWER_NEGATIVE" if run.override_verdict == "negative" else "ANSWER_PENDING"
        return [Reason(code, about(person, is_overridden=True))]
    left = max(0, attempts_max - run.attempts)
    return [Reason(_ANSWERS.get(str(run.verdict), "ANSWER_PENDING"), about(person, attempts_left=left))]


def seat_name(state: SessionState, seat_id: str) -> str:
    """The names of those a seat stands for."""
    if seat_id == state.setup.agent.seat_id:
        return state.setup.agent.name
    names = [p.name for pid in state.people_on(seat_id) if (p := state.setup.person(pid))]
    if not names:
        names = [p.name for p in state.setup.people if p.seat_id == seat_id]
    return "、".join(names)
