"""Stretches of time, (from, to) with `to` excluded, in milliseconds: put together, cut, taken from one another. Pure."""

from collections.abc import Sequence

Span = tuple[int, int]
"""From, to (exclusive): milliseconds of the session clock."""


def union(spans: Sequence[Span]) -> list[Span]:
    """Overlapping and touching stretches as one, in order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def within(spans: Sequence[Sequence[int]], start: int, end: int) -> list[Span]:
    """The parts that lie between two moments."""
    return [(max(span[0], start), min(span[1], end)) for span in spans if span[1] > start and span[0] < end]


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The parts that none of the taken stretches covers."""
    left = list(spans)
    for start, end in taken:
        left = [
            part for span in left for part in ((span[0], min(span[1], start)), (max(span[0], end), span[1])) if part[1] > part[0]
        ]
    return left


def length(spans: Sequence[Span]) -> int:
    """Milliseconds of stretches that do not overlap."""
    return sum(end - start for start, end in spans)
