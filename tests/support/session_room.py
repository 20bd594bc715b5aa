"""A live session driven by commands in a test: the real rules, a clock that is moved by hand, no other machinery."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import yaml

from server.domain.session import Actor, Command, Event, Refusal, SessionState, decide, due, evolve, initial
from server.domain.session_checks import paper_duties
from server.domain.session_setup import AgentFacts, Area, Document, Person, Setup, role_id
from server.domain.session_state import AGENT, CUSTOMER, ENGINE
from server.domain.talkscript import freeze, parse
from server.sessions.rules import DATA, load_rules

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TITLE = Area(1, 0.2, 0.03, 0.8, 0.12)
NUMBER = Area(1, 0.1, 0.14, 0.6, 0.18)
FIELDS = {
    "insurer_name": "长安人寿", "product_name": "福满人生", "product_type_text": "分红型保险",
    "institution_name": "长安人寿北京分公司",
    "agent_name": "王业务", "agent_licence_no": "0001", "policyholder_name": "张三丰", "insured_name": "李小明",
    "sum_insured_text": "10万元", "premium_text": "1万元", "payment_mode_text": "按年交费", "payment_term_text": "10年",
    "policy_term_text": "终身", "cooling_off_days": "15", "waiting_period_days": "90", "guaranteed_rate_text": "年利率百分之1.75",
}  # fmt: skip
FACTS: dict[str, Any] = {
    "channel": "individual", "product_type": "participating", "region_code": "110000", "policyholder_age": 40,
    "policyholder_is_elderly": False, "insured_age": 30, "insured_is_policyholder": False, "insured_is_minor": False,
    "guardian_is_policyholder": False, "has_waiting_period": False, "has_death_benefit": True, "is_single_pay": False,
    "is_over_one_year": True, "is_supplementary": False,
}  # fmt: skip
HOLDER = Person("p_holder", "s_holder", "张三丰", ("policyholder",), 40, True, phone_last4="1111")
INSURED = Person("p_insured", "s_insured", "李小明", ("insured",), 30, True, phone_last4="2222")
SIGNATURE = [[{"x": 0.1 + i / 40, "y": 0.5 + (i % 3) / 10, "t": i * 20} for i in range(20)]]


@cache
def script_data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((DATA / "talkscripts" / "standard-life.yaml").read_text(encoding="utf-8"))
    return data


def documents() -> tuple[Document, ...]:
    kinds = (
        ("insurance_prompt", "投保提示书", 1),
        ("terms", "保险条款", 3),
        ("exclusion_note", "免责说明书", 1),
        ("proposal_form", "投保单", 2),
    )
    return tuple(
        Document(f"d_{kind}", name, kind, pages, f"{i:064d}", TITLE, NUMBER) for i, (kind, name, pages) in enumerate(kinds)
    )


def make_setup(people: tuple[Person, ...] = (HOLDER, INSURED), only: tuple[str, ...] | None = None, **facts: Any) -> Setup:
    """A setup of the standard script; `only` keeps some nodes (consent first is kept by the caller's choice)."""
    papers = documents()
    nodes = freeze(parse(script_data()), {**FACTS, **facts}, FIELDS, frozenset(d.kind for d in papers))
    if only is not None:
        nodes = tuple(replace(n, number=i + 1) for i, n in enumerate(n for n in nodes if n.node_id in only))
    return Setup(
        session_id="ses_1", case_id="case_1", proposal_no="T2026", product_name="福满人生", product_type="participating",
        insurer_name="长安人寿", channel="individual",
        agent=AgentFacts("user_agent", "s_agent", "王业务", "0001", "长安人寿北京分公司"),
        people=people, documents=papers, nodes=nodes, rules=load_rules(),
        script_key="standard-life", script_version="1", script_title="标准", script_sha256="0" * 64,
    )  # fmt: skip


@dataclass
class Room:
    """Commands in, state out. `log` holds every event."""

    setup: Setup = field(default_factory=make_setup)
    now: datetime = START

    def __post_init__(self) -> None:
        self.state: SessionState = initial(self.setup, self.now)
        self.log: list[Event] = []

    # plumbing

    def do(self, name: str, actor: Actor = ENGINE, **params: Any) -> list[Event] | Refusal:
        decided = decide(self.state, Command(name, actor, params), self.now)
        if isinstance(decided, Refusal):
            return decided
        for event in decided:
            self.state = evolve(self.state, event)
            self.log.append(event)
        return decided

    def ok(self, name: str, actor: Actor = ENGINE, **params: Any) -> list[Event]:
        decided = self.do(name, actor, **params)
        assert not isinstance(decided, Refusal), decided
        return decided

    def refused(self, name: str, actor: Actor = ENGINE, **params: Any) -> Refusal:
        before = self.state
        decided = self.do(name, actor, **params)
        assert isinstance(decided, Refusal), decided
        assert self.state is before
        return decided

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def fire_timers(self) -> None:
        for at, command in sorted(due(self.state), key=lambda timer: timer[0]):
            if at <= self.now:
                self.do(command.name, command.actor, **command.params)

    def types(self) -> list[str]:
        return [event.type for event in self.log]

    @property
    def agent(self) -> Actor:
        return Actor(AGENT, self.setup.agent.seat_id)

    def seat(self, person: Person) -> Actor:
        found = self.state.seat_of(person.person_id)
        return Actor(CUSTOMER, found.seat_id if found else person.seat_id)

    @property
    def node_id(self) -> str:
        assert self.state.node is not None
        return self.state.node.node_id

    def missing(self, refusal: Refusal) -> list[str]:
        return [item["code"] for item in refusal.params["missing"]]

    # steps

    def engines_up(self) -> "Room":
        for engine in ("media", "speech", "vision"):
            self.do("engine_changed", engine=engine, is_up=True)
        return self

    def connect(self, actor: Actor, leg: str = "") -> None:
        self.ok("media_connected", seat_id=actor.seat_id, leg_id=leg or f"leg_{actor.seat_id}_{len(self.log)}")
        for kind in ("mic", "camera"):
            self.do("track_changed", seat_id=actor.seat_id, kind=kind, is_on=True)

    def enter_agent(self) -> None:
        self.ok("enter_room", self.agent)
        self.connect(self.agent)

    def claim(self, *people: Person) -> None:
        roles = [role_id(role, p) for p in people for role in p.roles]
        self.ok("claim_roles", role_ids=roles, person_ids=[p.person_id for p in people])

    def consent(self, person: Person) -> None:
        self.ok("give_consents", self.seat(person), recording=True, face_and_identity=True, ai_voice=True)

    def enter(self, person: Person) -> None:
        self.ok("enter_room", self.seat(person))
        self.connect(self.seat(person))

    def lobby_full(self) -> "Room":
        self.engines_up()
        self.enter_agent()
        for person in self.setup.required():
            self.claim(person)
            self.consent(person)
            self.enter(person)
        return self

    def start(self) -> "Room":
        self.ok("start_recording", self.agent, recording_id="rec_1")
        self.ok("recording_started", recording_id="rec_1", started_at=self.now.isoformat())
        return self

    def recording(self) -> "Room":
        return self.lobby_full().start()

    def t_ms(self) -> int:
        return self.state.t_ms(self.now) or 0

    def speak_prompt(self, seconds: float = 3) -> None:
        """The prompt is prepared, played and completed."""
        assert self.state.node is not None
        prompt_id = self.state.node.prompt.prompt_id
        self.ok("prompt_started", prompt_id=prompt_id, t_ms=self.t_ms(), duration_ms=int(seconds * 1000), marks=[[0, 0]])
        self.wait(seconds)
        self.ok("prompt_finished", prompt_id=prompt_id, t_ms=self.t_ms(), completed=True)

    def window(self, person: Person) -> str | None:
        assert self.state.node is not None
        run = self.state.node.answers.get(person.person_id)
        return run.window_id if run else None

    def answer(self, person: Person, verdict: str = "affirmative", text: str = "是的清楚", **more: Any) -> list[Event]:
        window_id = self.window(person)
        assert window_id is not None, f"no window for {person.person_id}"
        self.wait(2)
        heard: dict[str, Any] = {
            "verdict": verdict, "text": text, "phrase": text, "confidence": 0.9, "margin": 3.0,
            "start_ms": self.t_ms() - 1200, "end_ms": self.t_ms() - 300, "engine": "ctc", "reasons": [],
        }  # fmt: skip
        return self.ok("answer_heard", window_id=window_id, **{**heard, **more})

    def say(self, seconds: float = 5) -> None:
        """The agent speaks."""
        self.wait(seconds)
        self.ok("speech_heard", seat_id=self.setup.agent.seat_id, duration_ms=int(seconds * 1000))

    def advance(self) -> None:
        self.ok("advance", self.agent, node_id=self.node_id)

    def finish_node(self) -> None:
        """Do everything the current node asks for, but do not go on."""
        spec = self.state.spec()
        assert spec is not None
        if spec.prompt_text:
            self.speak_prompt()
        if spec.min_agent_speech_ms:
            self.say()
        if spec.shows == "agent":
            self.ok("confirm_id", self.seat(HOLDER), node_id=spec.node_id, person_id="agent", method="camera")
        if spec.shows == "customers":
            for person in self.setup.standing_for(spec.audience):
                self.ok("confirm_id", self.agent, node_id=spec.node_id, person_id=person.person_id, method="camera")
        if spec.kind in ("reading", "signing"):
            for person in self.setup.standing_for(spec.audience):
                self.share_and_do_all(person)
        if spec.lexicon is not None:
            for person in self.setup.standing_for(spec.audience):
                self.answer(person)
        if spec.min_ms:
            self.wait(spec.min_ms / 1000)

    def go_to(self, node_id: str) -> "Room":
        while self.node_id != node_id:
            self.finish_node()
            self.advance()
        return self

    # papers

    def view(self, person: Person, document: str, page: int, bottom: float = 1.0, zoom: float = 1.0) -> list[Event]:
        width = min(1.0, 1 / zoom)
        visible = (
            max(0.0, 0.5 - width / 2),
            0.0 if zoom > 1 or bottom < 0.5 else bottom - 0.5,
            min(1.0, 0.5 + width / 2),
            bottom,
        )
        if zoom > 1:
            visible = (0.5 - width / 2, 0.0, 0.5 + width / 2, bottom)
        return self.ok("document.view", self.seat(person), document_id=document, page=page, zoom=zoom, visible=visible)

    def read(self, person: Person, document: str) -> None:
        """Read a document completely: title and number enlarged, every page to its bottom."""
        paper = self.setup.document(document)
        assert paper is not None
        self.ok("document.open", self.seat(person), document_id=document)
        self.ok("document.view", self.seat(person), document_id=document, page=1, zoom=1.8, visible=(0.2, 0.0, 0.75, 0.3))
        self.wait(1)
        self.view_for_number(person, document)
        self.wait(1)
        for page in range(1, paper.page_count + 1):
            self.view(person, document, page)
            self.wait(1.5)
        self.view(person, document, paper.page_count)

    def view_for_number(self, person: Person, document: str) -> None:
        self.ok("document.view", self.seat(person), document_id=document, page=1, zoom=1.8, visible=(0.0, 0.05, 0.55, 0.4))

    def sign(self, person: Person, document: str) -> list[Event]:
        return self.ok("document.sign", self.seat(person), document_id=document, person_id=None, strokes=SIGNATURE)

    def share(self, person: Person) -> None:
        self.ok("start_share", self.seat(person), mode="reader")

    def unshare(self, person: Person) -> None:
        self.ok("stop_share", self.seat(person), reason="user")

    def share_and_do_all(self, person: Person) -> None:
        duties = [d for d in paper_duties(self.state) if d.person.person_id == person.person_id]
        if not duties:
            return
        self.share(person)
        for duty in duties:
            self.read(person, duty.document.document_id)
            if duty.needs == "sign":
                self.sign(person, duty.document.document_id)
        self.unshare(person)
