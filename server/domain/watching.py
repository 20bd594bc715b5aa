"""How much of a recording an inspector has watched, and whether that is enough to release it. Pure; `now` is an argument.

The page reports which stretches of the session it played, the server believes only what the clock allows: nobody can have seen
more than the time since their review began, times the fastest speed. Time that nothing was reported for is given credit up to a
bound, so that a lost report costs nothing and an hour away from the desk is no hour of film.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.domain.spans import Span, length, union, within, without

EDGE_MS = 500
"""So much at the end of the recording is not asked for: a film may end a little before the session does."""


@dataclass(frozen=True, slots=True)
class WatchRules:
    """What must have been watched before a recording passes.

    Attributes:
        max_rate: the fastest speed that counts.
        credit_ms: at most so much unreported time counts.
        node_ms: so much of each node, or half of a shorter one.
        default_share: so much of the whole recording (0–1).
        shares: more of it where a sampling reason asks for more.
    """

    max_rate: float = 2.0
    credit_ms: int = 60_000
    node_ms: int = 0
    default_share: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)

    def needed_share(self, because: Sequence[str]) -> float:
        """The share of the whole recording that must have been watched."""
        return max([self.default_share, *(self.shares[code] for code in because if code in self.shares)])


@dataclass(frozen=True, slots=True)
class Watched:
    """What one inspector has watched in one round, and how much film the clock still allows."""

    spans: tuple[Span, ...] = ()
    allowed_ms: float = 0.0
    at: datetime | None = None

    @property
    def watched_ms(self) -> int:
        """How much of the recording, each moment once."""
        return length(self.spans)


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still to be watched before the recording may pass."""

    share: float
    needed_share: float
    nodes: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether nothing is missing."""
        return self.share >= self.needed_share and not self.nodes


def parse_watch(data: Mapping[str, Any], codes: Sequence[str]) -> WatchRules:
    """Read the rulebook's section. Raises `KeyError`, `ValueError` for what is out of range or no sampling reason."""
    shares = {str(code): float(share) for code, share in data["shares"].items()}
    rules = WatchRules(
        max_rate=float(data["max_rate"]),
        credit_ms=int(data["credit_seconds"] * 1000),
        node_ms=int(data["node_seconds"] * 1000),
        default_share=shares.pop("default"),
        shares=shares,
    )
    unknown = sorted(set(shares) - set(codes))
    if unknown:
        raise ValueError(f"watch.shares: no sampling reason {', '.join(unknown)}")
    if rules.max_rate < 1 or min(rules.credit_ms, rules.node_ms) < 0:
        raise ValueError("watch: max_rate is at least 1, times are not negative")
    if any(not 0 <= share <= 1 for share in (rules.default_share, *shares.values())):
        raise ValueError("watch.shares are between 0 and 1")
    return rules


def begin(known: Watched, now: datetime) -> Watched:
    """A review begins, or goes on after a pause: what was watched stays, time away allows nothing."""
    return Watched(known.spans, 0.0, now)


def report(known: Watched, played: Sequence[Span], duration_ms: int, now: datetime, rules: WatchRules) -> Watched:
    """Add what was played, as far as the clock allows it; what goes beyond is dropped from the end.

    What counts already costs nothing: a page whose answer was lost tells the same again.

    Args:
        played: stretches as the page tells them, in any order.
        duration_ms: length of the recording; nothing behind it counts.
    """
    allowed = known.allowed_ms
    if known.at is not None:
        elapsed = max(0.0, (now - known.at).total_seconds() * 1000)
        allowed = min(rules.credit_ms * rules.max_rate, allowed + elapsed * rules.max_rate)
    inside = [(max(0, start), min(end, duration_ms)) for start, end in played]
    counted: list[Span] = []
    told = union([span for span in inside if span[1] > span[0]])
    for start, end in without(told, known.spans):
        taken = int(min(end - start, allowed))
        if taken <= 0:
            break
        counted.append((start, start + taken))
        allowed -= taken
    return Watched(tuple(union([*known.spans, *counted])), allowed, now)


def missing(
    spans: Sequence[Span], duration_ms: int, nodes: Sequence[tuple[str, int, int]], because: Sequence[str], rules: WatchRules
) -> Missing:
    """What is still to be watched.

    Args:
        nodes: (node id, from, to) of each stay; a node that was come back to counts all its stays together.
        because: why the recording was sampled.
    """
    stays: dict[str, list[Span]] = {}
    for node_id, start, end in nodes:
        stays.setdefault(node_id, []).append((start, max(start, min(end, duration_ms - EDGE_MS))))
    unseen = [
        node_id
        for node_id, spent in stays.items()
        if sum(length(within(spans, *stay)) for stay in spent) < min(rules.node_ms, length(spent) // 2)
    ]
    share = length(spans) / duration_ms if duration_ms > 0 else 0.0  # of an unknown length nobody has seen enough
    return Missing(min(1.0, share), rules.needed_share(because), tuple(unseen))
