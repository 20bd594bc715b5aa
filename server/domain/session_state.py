"""The state of a live session, its events and commands, as frozen values. Changed only by `session_evolve.evolve`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.domain.ledger import Ledger
from server.domain.session_setup import Setup
from server.domain.talkscript import FrozenNode

AGENT, CUSTOMER, SYSTEM = "agent", "customer", "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: kind and, for people, the seat they sit on."""

    kind: str
    seat_id: str = ""


ENGINE = Actor(SYSTEM)


@dataclass(frozen=True, slots=True)
class Command:
    """Something somebody wants. Commands of the engines and timers come from the system actor."""

    name: str
    actor: Actor
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `seq` is given when it is appended; `t_ms` is on the session clock once recording runs."""

    type: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    actor: str = SYSTEM
    t_ms: int | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code with parameters."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that a rule does not allow. `kind`: forbidden, conflict, missing (404), invalid (422)."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "conflict"


@dataclass(frozen=True, slots=True)
class Seat:
    """One chair. `role_ids` are those claimed; a seat nobody claimed is empty."""

    seat_id: str
    kind: str
    role_ids: tuple[str, ...] = ()
    presence: str = "expected"
    since: datetime | None = None
    location: str = "remote"
    consents: frozenset[str] = frozenset()
    has_entered: bool = False
    is_connected: bool = False
    leg_id: str | None = None
    tracks: frozenset[str] = frozenset()
    interruptions: int = 0
    alerts: Mapping[str, int] = field(default_factory=dict)
    lapses: frozenset[str] = frozenset()
    """What its page reports of itself: hidden, mic_muted, camera_muted."""
    releases: int = 0
    """How often the agent freed it: a ticket from before opens it no more, also once somebody has the same roles again."""


@dataclass(frozen=True, slots=True)
class PromptRun:
    """How the current node's prompt is going. States: none preparing playing finished stopped failed read_aloud."""

    prompt_id: str | None = None
    state: str = "none"
    plays: int = 0
    started_t_ms: int | None = None
    finished_t_ms: int | None = None
    duration_ms: int | None = None
    marks: tuple[tuple[int, int], ...] = ()
    is_synthetic: bool = True
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerRun:
    """One person's answer at the current node. `play` is the prompt play the last window belonged to."""

    person_id: str
    attempts: int = 0
    play: int = 0
    window_id: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    verdict: str | None = None
    text: str = ""
    phrase: str = ""
    confidence: float | None = None
    reasons: tuple[str, ...] = ()
    override_verdict: str | None = None
    override_reason: str | None = None
    accepted_id: str | None = None
    """The window that the speech process took last: only from then on is anything heard."""

    @property
    def is_listening(self) -> bool:
        """Whether what this person says now is heard as the answer."""
        return self.window_id is not None and self.window_id == self.accepted_id

    def result(self) -> str | None:
        """What counts: the agent's decision, else the verdict."""
        return self.override_verdict or self.verdict


@dataclass(frozen=True, slots=True)
class NodeRun:
    """The current node being worked through."""

    node_id: str
    index: int
    entered_at: datetime
    prompt: PromptRun = field(default_factory=PromptRun)
    answers: Mapping[str, AnswerRun] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    must_repeat: frozenset[str] = frozenset()
    agent_speech_ms: int = 0
    is_speech_unmeasured: bool = False
    notes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What inspection has to know of a node that is done."""

    has_override: bool = False
    is_not_measured: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """The one share that is on."""

    share_id: str
    seat_id: str
    mode: str
    started_at: datetime
    document_id: str | None = None
    page: int | None = None
    silent_since: datetime | None = None
    """Since when no picture of it has come."""


@dataclass(frozen=True, slots=True)
class RecordingRun:
    """The recording. States: idle starting running stopping stopped failed."""

    state: str = "idle"
    recording_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_ms: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class SessionState:
    """All of a session. `nodes_done` keeps the results of finished nodes by id."""

    setup: Setup
    created_at: datetime
    seq: int = 0
    phase: str = "lobby"
    outcome: str | None = None
    outcome_reason: str = ""
    seats: Mapping[str, Seat] = field(default_factory=dict)
    recording: RecordingRun = field(default_factory=RecordingRun)
    node: NodeRun | None = None
    nodes_done: Mapping[str, NodeResult] = field(default_factory=dict)
    share: Share | None = None
    ledger: Ledger = field(default_factory=Ledger)
    engines: Mapping[str, bool] = field(default_factory=lambda: {"media": False, "speech": False, "vision": False})
    is_soft_timer_passed: bool = False
    join_blocked_until: datetime | None = None
    """Until when an address that came with this session's join code may not try again; it may have passed."""

    @property
    def is_over(self) -> bool:
        """Nothing can be commanded any more."""
        return self.phase in ("ended", "declined", "aborted")

    @property
    def agent_seat(self) -> Seat:
        """The agent's chair."""
        return self.seats[self.setup.agent.seat_id]

    def spec(self) -> FrozenNode | None:
        """The frozen node that is on."""
        return self.setup.nodes[self.node.index] if self.node else None

    def holder(self, role: str) -> Seat | None:
        """The seat that claimed this role id."""
        return next((s for s in self.seats.values() if role in s.role_ids), None)

    def seat_of(self, person_id: str) -> Seat | None:
        """The seat that stands for a person now (it may be shared by several people before one phone)."""
        return next((s for s in self.seats.values() if any(r.endswith(f":{person_id}") for r in s.role_ids)), None)

    def people_on(self, seat_id: str) -> tuple[str, ...]:
        """person_ids a seat stands for, in claim order."""
        ids: list[str] = []
        for role in self.seats[seat_id].role_ids:
            person_id = role.partition(":")[2]
            if person_id and person_id not in ids:
                ids.append(person_id)
        return tuple(ids)

    def t_ms(self, now: datetime) -> int | None:
        """`now` on the session clock, if recording runs or ran."""
        if self.recording.started_at is None:
            return None
        return max(0, int((now - self.recording.started_at).total_seconds() * 1000))
