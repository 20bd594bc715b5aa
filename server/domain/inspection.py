"""Inspection (质检) rules: sampling, deadline, four eyes, lock, verdicts, reject and appeal. Pure; `now` is an argument.

A machine only points at things. Releasing a recording is a person's decision, made by somebody who is neither the seller nor of
the seller's team; rejecting asks for reasons in words and brings a supplementary recording with a due date.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from server.domain.score_card import ScoreCard, parse_card
from server.domain.watching import Missing, WatchRules, parse_watch


class State(StrEnum):
    """Where an inspection stands."""

    QUEUED = "queued"
    PASSED = "passed"
    REJECTED = "rejected"
    APPEALED = "appealed"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What a person can do."""

    LOCK = "lock"
    RELEASE = "release"
    DECIDE_NODE = "decide_node"
    PASS = "pass"  # noqa: S105  not a password
    REJECT = "reject"
    APPEAL = "appeal"
    ACCEPT_APPEAL = "accept_appeal"
    REFUSE_APPEAL = "refuse_appeal"


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.QUEUED, Act.PASS): State.PASSED,
    (State.QUEUED, Act.REJECT): State.REJECTED,
    (State.REJECTED, Act.APPEAL): State.APPEALED,
    (State.APPEALED, Act.ACCEPT_APPEAL): State.QUEUED,
    (State.APPEALED, Act.REFUSE_APPEAL): State.REJECTED,
}
"""Everything that changes the state. An accepted appeal opens the next round."""
JUDGED_NODES = ("none", "critical", "all")
"""Which nodes must have a verdict of their own before a recording passes."""
RANDOM = "random"
"""Why a recording is inspected that no rule names: it was drawn."""


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """One reason to inspect; every condition that is set must hold.

    `min_age` is of anybody in one of the `roles`; without roles of anybody who takes part.
    """

    code: str
    min_age: int | None = None
    roles: frozenset[str] = frozenset()
    product_types: frozenset[str] = frozenset()
    is_supplementary: bool | None = None
    has_failed_check: bool | None = None


@dataclass(frozen=True, slots=True)
class RejectReason:
    """A reason of the score card."""

    code: str
    label: str
    is_critical: bool


@dataclass(frozen=True, slots=True)
class Rulebook:
    """An insurer's values for inspection."""

    version: str
    limits: Mapping[str, float]
    sampling: tuple[SamplingRule, ...]
    general_ratio: float
    within: timedelta
    before_cooling_off_end: timedelta
    soon: timedelta
    lock: timedelta
    forbid_same_team: bool
    reason_min_chars: int
    supplementary_due: timedelta
    appeal_within: timedelta
    appeal_rounds: int
    node_verdicts: str
    score_card: ScoreCard
    watch: WatchRules
    reasons: tuple[RejectReason, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SampledPerson:
    """A customer of the case, as sampling sees them."""

    roles: frozenset[str]
    age: int


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """What sampling looks at."""

    recording_id: str
    people: tuple[SampledPerson, ...]
    product_type: str
    is_supplementary: bool
    has_failed_check: bool


@dataclass(frozen=True, slots=True)
class Inspector:
    """Who wants to do something."""

    id: str
    team: str
    is_inspector: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the rules need to know of an inspection.

    Attributes:
        seller_team: when it was recorded; `seller_team_now`: today. People move, and teams get new names.
        judged_by: everybody who passed or rejected it in any round.
    """

    state: State
    seller_id: str
    seller_team: str
    round: int = 1
    lock_by: str | None = None
    lock_until: datetime | None = None
    assigned_to: str | None = None
    judged_by: frozenset[str] = frozenset()
    decided_at: datetime | None = None
    seller_team_now: str = ""

    def locked_by(self, now: datetime) -> str | None:
        """Who holds the lock now."""
        return self.lock_by if self.lock_by and self.lock_until and self.lock_until > now else None


@dataclass(frozen=True, slots=True)
class NodeVerdict:
    """An inspector's verdict on a node."""

    node_id: str
    verdict: str
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a stable code and the values its text needs."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def parse_rulebook(data: Mapping[str, Any]) -> Rulebook:
    """Build a rulebook from plain data. Raises `KeyError`, `ValueError` for what is missing or out of range."""
    ratio = float(data["sampling"]["general_ratio"])
    if not 0 <= ratio <= 1:
        raise ValueError("sampling.general_ratio must be between 0 and 1")
    sets = ("product_types", "roles")
    rules = tuple(
        SamplingRule(**{**rule, **{name: frozenset(rule.get(name, ())) for name in sets}}) for rule in data["sampling"]["always"]
    )
    node_verdicts = str(data["pass"]["node_verdicts"])
    if node_verdicts not in JUDGED_NODES:
        raise ValueError(f"pass.node_verdicts is one of {', '.join(JUDGED_NODES)}")
    deadline = data["deadline"]
    return Rulebook(
        version=str(data["version"]),
        limits={str(key): float(value) for key, value in data["limits"].items()},
        sampling=rules,
        general_ratio=ratio,
        within=timedelta(days=deadline["within_days"]),
        before_cooling_off_end=timedelta(hours=deadline["before_cooling_off_end_hours"]),
        soon=timedelta(hours=deadline["soon_hours"]),
        lock=timedelta(minutes=data["lock_minutes"]),
        forbid_same_team=bool(data["four_eyes"]["forbid_same_team"]),
        reason_min_chars=int(data["reject"]["reason_min_chars"]),
        supplementary_due=timedelta(days=data["reject"]["supplementary_due_days"]),
        appeal_within=timedelta(days=data["appeal"]["within_days"]),
        appeal_rounds=int(data["appeal"]["max_rounds"]),
        node_verdicts=node_verdicts,
        score_card=parse_card(data["score_card"]),
        watch=parse_watch(data["watch"], [*(rule.code for rule in rules), RANDOM]),
        reasons=tuple(RejectReason(r["code"], r["label"], bool(r["is_critical"])) for r in data["reasons"]),
    )


def sampled_because(facts: SampleFacts, rules: Rulebook) -> tuple[str, ...]:
    """Why a recording is inspected: every rule that hits, else `random` for the drawn share, else nothing.

    The draw is a hash of the recording's id: nobody can choose it, everybody can repeat it.
    """
    hits = [rule.code for rule in rules.sampling if _hits(rule, facts)]
    if hits:
        return tuple(hits)
    draw = int.from_bytes(hashlib.sha256(facts.recording_id.encode()).digest()[:8], "big") / 2**64
    return (RANDOM,) if draw < rules.general_ratio else ()


def _hits(rule: SamplingRule, facts: SampleFacts) -> bool:
    ages = [person.age for person in facts.people if not rule.roles or rule.roles & person.roles]
    return (
        (rule.min_age is None or any(age >= rule.min_age for age in ages))
        and (not rule.product_types or facts.product_type in rule.product_types)
        and (rule.is_supplementary is None or rule.is_supplementary == facts.is_supplementary)
        and (rule.has_failed_check is None or rule.has_failed_check == facts.has_failed_check)
    )


def may_release_unseen(because: Sequence[str], checks: Sequence[tuple[str, str]], rules: Rulebook) -> bool:
    """Whether a recording that was not sampled goes on without a person: nothing failed, and nothing critical is unmeasured.

    Args:
        because: why it was sampled.
        checks: (code, result) of its machine checks.
    """
    if because or not checks or any(result == "fail" for _, result in checks):
        return False
    critical = {code for code, item in rules.score_card.items.items() if item.is_critical}
    return not any(code in critical and result == "not_measured" for code, result in checks)


def due_at(sealed_at: datetime, cooling_off_end: datetime | None, rules: Rulebook) -> datetime:
    """The deadline: within the rulebook's days, and before the cooling-off period ends where that is known."""
    latest = sealed_at + rules.within
    if cooling_off_end is not None:
        latest = min(latest, cooling_off_end - rules.before_cooling_off_end)
    return max(latest, sealed_at)


def cooling_off_end(last_day: date, zone: str) -> datetime:
    """The instant a cooling-off period is over: the local midnight after its last day."""
    return datetime.combine(last_day + timedelta(days=1), time(), ZoneInfo(zone))


def urgency(state: State, due: datetime, now: datetime, rules: Rulebook) -> str:
    """`overdue`, `soon`, `normal`; `none` once decided."""
    if state not in (State.QUEUED, State.APPEALED):
        return "none"
    return "overdue" if due <= now else "soon" if due - now <= rules.soon else "normal"


def four_eyes(inspection: Inspection, who: Inspector, rules: Rulebook) -> Refusal | None:
    """Never the seller, never the seller's team; an appeal and the rounds it opens are never of who judged before."""
    if who.id == inspection.seller_id:
        return Refusal("INSPECTION_SELLER")
    if rules.forbid_same_team and who.team and who.team in (inspection.seller_team, inspection.seller_team_now):
        return Refusal("INSPECTION_SELLER_TEAM")
    if (inspection.round > 1 or inspection.state is State.APPEALED) and who.id in inspection.judged_by:
        return Refusal("INSPECTION_SAME_INSPECTOR")
    return None


def may(act: Act, inspection: Inspection, who: Inspector, now: datetime, rules: Rulebook) -> Refusal | None:
    """Whether this person may do this now; None when they may."""
    if act is Act.APPEAL:
        return _may_appeal(inspection, who, now, rules)
    if not who.is_inspector:
        return Refusal("FORBIDDEN")
    refusal = four_eyes(inspection, who, rules)
    if refusal:
        return refusal
    wanted = State.APPEALED if act in (Act.ACCEPT_APPEAL, Act.REFUSE_APPEAL) else State.QUEUED
    if inspection.state is not wanted:
        return Refusal("INSPECTION_STATE", {"state": str(inspection.state)})
    if act in (Act.ACCEPT_APPEAL, Act.REFUSE_APPEAL):
        return None
    holder = inspection.locked_by(now)
    if act is Act.LOCK:
        if holder not in (None, who.id):
            return Refusal("INSPECTION_LOCKED", {"by": holder})
        if inspection.assigned_to not in (None, who.id):
            return Refusal("INSPECTION_ASSIGNED", {"to": inspection.assigned_to})
        return None
    return None if holder == who.id else Refusal("INSPECTION_NOT_LOCKED", {"by": holder})


def _may_appeal(inspection: Inspection, who: Inspector, now: datetime, rules: Rulebook) -> Refusal | None:
    if who.id != inspection.seller_id:
        return Refusal("FORBIDDEN")
    if inspection.state is not State.REJECTED:
        return Refusal("INSPECTION_STATE", {"state": str(inspection.state)})
    if inspection.round >= rules.appeal_rounds:
        return Refusal("APPEAL_ROUNDS", {"max": rules.appeal_rounds})
    if inspection.decided_at is not None and now > inspection.decided_at + rules.appeal_within:
        return Refusal("APPEAL_LATE", {"days": rules.appeal_within.days})
    return None


def node_refusal(verdict: NodeVerdict, nodes: Sequence[str], rules: Rulebook) -> Refusal | None:
    """A node's verdict: the node exists, and failing it is explained in words."""
    if verdict.node_id not in nodes:
        return Refusal("NODE_UNKNOWN", {"node_id": verdict.node_id})
    if verdict.verdict == "fail" and len(verdict.text.strip()) < rules.reason_min_chars:
        return Refusal("REASON_TOO_SHORT", {"min": rules.reason_min_chars, "node_id": verdict.node_id})
    return None


def undecided_nodes(nodes: Sequence[tuple[str, bool]], decided: Collection[str], rules: Rulebook) -> tuple[str, ...]:
    """Nodes of the recording that still need a verdict before it may pass, in order.

    Args:
        nodes: (node id, whether it is critical) of each stay; a node that was come back to counts once.
        decided: nodes with a verdict.
    """
    if rules.node_verdicts == "none":
        return ()
    wanted = (node_id for node_id, is_critical in nodes if is_critical or rules.node_verdicts == "all")
    return tuple(node_id for node_id in dict.fromkeys(wanted) if node_id not in decided)


def pass_refusal(
    verdicts: Sequence[NodeVerdict],
    failing: Sequence[str],
    unmeasured: int,
    notes: Mapping[str, str],
    acknowledged: bool,
    unwatched: Missing,
    undecided: Sequence[str],
    rules: Rulebook,
) -> Refusal | None:
    """Passing: no node failed, every failing machine check is answered in words, what was not measured is acknowledged, as much
    was watched as the rulebook asks, and each node it names was judged."""
    failed = [verdict.node_id for verdict in verdicts if verdict.verdict == "fail"]
    if failed:
        return Refusal("INSPECTION_NODES_FAILED", {"node_ids": failed})
    unanswered = sorted({code for code in failing if len(notes.get(code, "").strip()) < rules.reason_min_chars})
    if unanswered:
        return Refusal("INSPECTION_CHECKS_UNANSWERED", {"codes": unanswered, "min": rules.reason_min_chars})
    if unmeasured and not acknowledged:
        return Refusal("INSPECTION_UNMEASURED", {"count": unmeasured})
    if not unwatched.is_enough:
        share, needed = int(unwatched.share * 100), round(unwatched.needed_share * 100)
        return Refusal("INSPECTION_UNWATCHED", {"percent": share, "needed": needed, "node_ids": list(unwatched.nodes)})
    if undecided:
        return Refusal("INSPECTION_NODES_UNDECIDED", {"count": len(undecided), "node_ids": list(undecided)})
    return None


def reject_refusal(verdicts: Sequence[NodeVerdict], codes: Sequence[str], note: str, rules: Rulebook) -> Refusal | None:
    """Rejecting: known reasons, a summary in words, and at least one node that failed, so that the agent knows where."""
    unknown = sorted(set(codes) - {reason.code for reason in rules.reasons})
    if unknown:
        return Refusal("REASON_UNKNOWN", {"codes": unknown})
    if len(note.strip()) < rules.reason_min_chars:
        return Refusal("REASON_TOO_SHORT", {"min": rules.reason_min_chars})
    if not any(verdict.verdict == "fail" for verdict in verdicts):
        return Refusal("INSPECTION_NO_NODE_FAILED")
    return None
