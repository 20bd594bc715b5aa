"""Wire models of inspection: queue, lock, per-node verdicts, decision, history."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from server.http.endpoint import Schema
from server.http.typed import MOST

InspectionState = Literal["queued", "passed", "rejected", "appealed", "cancelled"]
NodeVerdict = Literal["pass", "fail", "not_applicable"]
Urgency = Literal["none", "normal", "soon", "overdue"]


class InspectionQuery(Schema):
    """Filter of the queue. `mine`: what I hold or decided; `q`: proposal number or case id, a prefix."""

    state: InspectionState | None = None
    urgency: Urgency | None = None
    product_type: str | None = Field(None, max_length=40)
    sampled_reason: str | None = Field(None, max_length=40)
    mine: bool = False
    q: str | None = Field(None, max_length=60)
    cursor: str | None = Field(None, max_length=120)
    limit: int = Field(50, ge=1, le=200)


class LockView(Schema):
    """Who reviews it now."""

    by_id: str
    by_name: str
    until: datetime
    is_mine: bool


class InspectionSummary(Schema):
    """A line of the queue. `sampled_because` are codes: elderly, unit_linked, supplementary, random, all, machine_finding."""

    id: str
    recording_id: str
    case_id: str
    proposal_no: str
    product_name: str
    product_type: str
    agent_name: str
    organisation: str
    state: InspectionState
    round: int
    is_supplementary: bool
    sampled_because: list[str]
    due_at: datetime
    urgency: Urgency
    duration_ms: int | None
    recorded_at: datetime
    failed_checks: int
    not_measured_checks: int
    lock: LockView | None
    assigned_name: str | None
    """Whose it is while it waits: nobody else can take it then."""
    is_assigned_to_me: bool
    inspector_name: str | None
    decided_at: datetime | None


class InspectionPage(Schema):
    """A page of the queue: nearest deadline first. `counts` by state and `urgent` over the whole queue."""

    items: list[InspectionSummary]
    next_cursor: str | None
    counts: dict[str, int]
    urgent: dict[str, int]


class NodeDecision(Schema):
    """A verdict on one node. `text` needs 10 characters when the node fails."""

    node_id: str = Field(max_length=60)
    verdict: NodeVerdict
    reason_codes: list[str] = Field(default_factory=list, max_length=20)
    text: str = Field("", max_length=1000)
    at_ms: int | None = Field(None, ge=0, le=MOST, description="where in the recording, for the agent to see")


class NodeDecisionView(NodeDecision):
    """A stored verdict. `title`: the node's, as it was in the recording's own talk script."""

    title: str
    by_name: str
    decided_at: datetime


class ReasonView(Schema):
    """A reject reason of the score card; shown as a chip with its number key."""

    code: str
    is_critical: bool
    label: str


class HistoryView(Schema):
    """One line of an inspection's history."""

    at: datetime
    actor_name: str
    type: str
    data: dict[str, Any]


class ScoreView(Schema):
    """Points by the score card. `lost`: by check code. It orders and warns, it never decides."""

    points: int
    of: int
    is_good: bool
    lost: dict[str, int]
    critical: list[str]


class WatchView(Schema):
    """What was watched, credited by the server's clock: by whoever reviews or decided, in this round.

    `share` and `needed_share` are of the whole recording. `unseen_nodes`: nodes too little was watched of. `spans`: [from, to] on
    the session clock. `is_enough`: the recording may pass as far as watching goes.
    """

    watched_ms: int
    share: float
    needed_share: float
    unseen_nodes: list[str]
    is_enough: bool
    spans: list[list[int]]


class PlayedSpan(Schema):
    """A stretch that was played, on the session clock."""

    t0_ms: int = Field(ge=0, le=MOST)
    t1_ms: int = Field(ge=0, le=MOST)


class PlayedBody(Schema):
    """What the player played since the last report."""

    spans: list[PlayedSpan] = Field(max_length=500)


class InspectionView(InspectionSummary):
    """One inspection with everything the review page needs besides the recording itself."""

    allowed_actions: list[Literal["lock", "release", "decide_node", "pass", "reject", "appeal", "accept_appeal", "refuse_appeal"]]
    refusal: str | None = Field(description="why nothing is allowed: INSPECTION_SELLER, INSPECTION_LOCKED …")
    nodes: list[NodeDecisionView]
    reasons: list[ReasonView]
    failing_checks: list[str]
    score: ScoreView
    watch: WatchView
    undecided_nodes: list[str] = Field(description="nodes that need a verdict before the recording may pass")
    reason_codes: list[str]
    note: str
    cooling_off_end_on: date | None
    supplementary_due_at: datetime | None
    history: list[HistoryView]


class PassBody(Schema):
    """Pass. `check_notes` answers each failed machine check by its code, in words; what was not measured is acknowledged."""

    note: str = Field("", max_length=2000)
    check_notes: dict[str, str] = Field(default_factory=dict)
    acknowledges_not_measured: bool = False


class RejectBody(Schema):
    """Reject: node verdicts were stored before; `note` sums up. The rulebook sets the supplementary recording's due date."""

    note: str = Field(min_length=10, max_length=2000)
    reason_codes: list[str] = Field(min_length=1, max_length=20)


class AppealBody(Schema):
    """The agent disagrees."""

    text: str = Field(min_length=10, max_length=2000)


class AppealDecisionBody(Schema):
    """An appeal is judged."""

    is_accepted: bool
    text: str = Field(min_length=10, max_length=2000)


class AssignBody(Schema):
    """Give inspections to one inspector."""

    inspection_ids: list[str] = Field(min_length=1, max_length=200)
    inspector_id: str = Field(max_length=40)


class AssignResult(Schema):
    """What was assigned, and what four eyes refused."""

    assigned: list[str]
    refused: dict[str, str]


class InspectorView(Schema):
    """Somebody who can be given inspections, with how many open ones they have."""

    id: str
    name: str
    team: str
    open: int


class InspectionPeriod(Schema):
    """Decisions between two days, local time, both inclusive."""

    since: date
    until: date


class InspectionFigures(Schema):
    """Figures of an agent, an organisation, an inspector or a day. Shares are null where nothing was decided."""

    key: str
    label: str
    decided: int
    passed: int
    rejected: int
    first_pass_share: float | None
    late: int
    reinspected: int
    hours_median: float | None


class InspectionReasonCount(Schema):
    """How often a reject reason was given."""

    code: str
    label: str
    count: int


class InspectionStatistics(Schema):
    """What was decided in a period. `open` and `overdue` are of now."""

    all: InspectionFigures
    open: int
    overdue: int
    by_agent: list[InspectionFigures]
    by_organisation: list[InspectionFigures]
    by_inspector: list[InspectionFigures]
    by_day: list[InspectionFigures]
    reasons: list[InspectionReasonCount]
