"""What a live session is about, frozen when it is created: people, documents, nodes and rules. Pure data."""

from dataclasses import dataclass

from server.domain.talkscript import FrozenNode


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The insurer's values for live sessions (data/session-rulebook.yaml). No number of these is written in code."""

    version: str
    code_lifetime_s: int
    code_attempts: int
    code_resend_after_s: int
    address_attempts: int
    address_window_s: int
    otp_lifetime_s: int
    otp_resend_after_s: int
    join_ticket_s: int
    seat_ticket_s: int
    consents: tuple[str, ...]
    attempts_max: int
    guard_ms: int
    timeout_ms: int
    care_timeout_ms: int
    silence_ms: int
    lost_after_ms: int
    override_reason_min: int
    care_age: int
    care_rate: float
    normal_rate: float
    left_after_s: int
    lobby_s: int
    agent_absent_s: int
    min_zoom: float
    enlarged_min_ms: int
    bottom_at: float
    page_min_ms: int
    view_gap_max_ms: int
    min_dwell_ms_per_page: int
    signature_min_points: int
    signature_min_length: float
    soft_timer_s: int
    heard_min_ms: int
    share_silent_s: int = 20


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the application. Minors do not attend; `represented_by` names the guardian's person."""

    person_id: str
    seat_id: str
    name: str
    roles: tuple[str, ...]
    age: int | None
    attends: bool
    represented_by: str | None = None
    location: str = "remote"
    phone_last4: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """Where something is printed: page and rectangle, 0…1 of the page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the case, as bytes with this hash."""

    document_id: str
    name: str
    kind: str
    page_count: int
    sha256: str
    title_area: Area
    number_area: Area | None = None


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """The agent who leads."""

    user_id: str
    seat_id: str
    name: str
    licence_no: str
    institution_name: str
    team: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything fixed at creation; the talk script is frozen here, later versions do not touch it."""

    session_id: str
    case_id: str
    proposal_no: str
    product_name: str
    product_type: str
    insurer_name: str
    channel: str
    agent: AgentFacts
    people: tuple[Person, ...]
    documents: tuple[Document, ...]
    nodes: tuple[FrozenNode, ...]
    rules: SessionRules
    script_key: str
    script_version: str
    script_title: str
    script_sha256: str
    supplements_recording_id: str | None = None

    def person(self, person_id: str) -> Person | None:
        """A person by id."""
        return next((p for p in self.people if p.person_id == person_id), None)

    def document(self, document_id: str) -> Document | None:
        """A document by id."""
        return next((d for d in self.documents if d.document_id == document_id), None)

    def node_at(self, index: int) -> FrozenNode:
        """A node by position."""
        return self.nodes[index]

    def required(self) -> tuple[Person, ...]:
        """Everybody who must be in the room before recording starts and all through it."""
        return tuple(p for p in self.people if p.attends)

    def has_care(self, person: Person) -> bool:
        """Whether slower speech and larger text apply."""
        return person.age is not None and person.age >= self.rules.care_age

    def any_care(self) -> bool:
        """Whether anybody in the room needs slower speech."""
        return any(self.has_care(p) for p in self.required())

    def standing_for(self, roles: tuple[str, ...]) -> tuple[Person, ...]:
        """The attending people who act for these roles; a minor insured is represented by the guardian."""
        found: list[Person] = []
        for person in self.people:
            if not set(person.roles) & set(roles):
                continue
            actor: Person | None = person
            if not person.attends:
                actor = self.person(person.represented_by or "") or self._guardian()
            if actor is not None and actor.attends and actor not in found:
                found.append(actor)
        return tuple(found)

    def _guardian(self) -> Person | None:
        return next((p for p in self.people if "guardian" in p.roles and p.attends), None)


def role_id(role: str, person: Person) -> str:
    """The id of one role of one person, as the join page lists it."""
    return f"{role}:{person.person_id}"


def mask_name(name: str) -> str:
    """张三 → 张*, 王小明 → 王*明: what other customers see."""
    if len(name) <= 1:
        return name
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]
