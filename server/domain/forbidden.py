"""Forbidden phrases of sales talk (禁语): found in what a seller says, aware of denial and quotation. Pure.

A substring test is wrong twice: the mandatory 不承诺保本 contains 保本, and a quoted “保本” is no promise. A phrase counts
when it stands in a clause that neither denies it (an odd number of denials before it) nor reports it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Level = Literal["high", "medium"]
_CLAUSE = re.compile(r"[，。；！？,.;!?\n：:]")
_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ("‘", "’"), ('"', '"'))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases and the words around them that matter."""

    levels: Mapping[str, Level]
    denials: tuple[str, ...]
    not_denials: tuple[str, ...]
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A forbidden phrase that was said and meant. `start` is a character index of the text."""

    phrase: str
    level: Level
    start: int


def parse_lexicon(data: Mapping[str, Any]) -> Lexicon:
    """Read the data file. Raises `ValueError` for unknown keys."""
    unknown = set(data) - {"version", "high", "medium", "denials", "not_denials", "reports"}
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    levels: dict[str, Level] = {str(phrase): "high" for phrase in data["high"]}
    levels |= {str(phrase): "medium" for phrase in data["medium"]}
    longest = tuple(sorted(map(str, data["denials"]), key=len, reverse=True))
    return Lexicon(levels, longest, tuple(map(str, data["not_denials"])), tuple(map(str, data["reports"])))


@cache
def shipped_lexicon() -> Lexicon:
    """The shipped phrases."""
    path = Path(__file__).parent / "data" / "forbidden-phrases.yaml"
    return parse_lexicon(yaml.safe_load(path.read_text(encoding="utf-8")))


def scan(text: str, lexicon: Lexicon) -> list[Hit]:
    """Forbidden phrases of a text, in order. The text is one person's; the caller picks whose speech counts."""
    hits: list[Hit] = []
    for phrase, level in lexicon.levels.items():
        for found in re.finditer(re.escape(phrase), text):
            before = _clause_before(text, found.start())
            if _is_quoted(text, found.start(), found.end()) or any(word in before for word in lexicon.reports):
                continue
            if _denials(before, lexicon) % 2 == 0:
                hits.append(Hit(phrase, level, found.start()))
    return _without_parts(sorted(hits, key=lambda hit: (hit.start, -len(hit.phrase))))


def _clause_before(text: str, start: int) -> str:
    return _CLAUSE.split(text[:start])[-1]


def _denials(clause: str, lexicon: Lexicon) -> int:
    for idiom in lexicon.not_denials:
        clause = clause.replace(idiom, "　")
    pattern = "|".join(re.escape(word) for word in lexicon.denials)
    return len(re.findall(pattern, clause))


def _is_quoted(text: str, start: int, end: int) -> bool:
    for opening, closing in _QUOTES:
        left = text.rfind(opening, 0, start)
        if left < 0 or text.find(closing, end) < 0:
            continue
        if opening == closing:
            if text.count(opening, 0, start) % 2 == 1:
                return True
        elif closing not in text[left:start]:
            return True
    return False


def _without_parts(hits: Iterable[Hit]) -> list[Hit]:
    """Drop a hit that lies inside a longer one."""
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].start + len(kept[-1].phrase):
            kept.append(hit)
    return kept
