"""Forbidden phrases of sales talk (禁语): found in what a seller says, aware of denial and quotation. Pure.

A substring test is wrong twice: the mandatory 不承诺保本 contains 保本, and a quoted “保本” is no promise. A phrase counts
when it stands in a clause that neither denies it (an odd number of denials before it) nor reports it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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


def sounding(text: str, lexicon: Lexicon, sound_of: Callable[[str], str | None]) -> list[tuple[str, str]]:
    """(what was written down, the phrase it sounds like): phrases that a recogniser wrote with other characters.

    Only a hint: whoever listens decides. Any word before it that denies or reports, by its own sound as well, makes it none.

    Args:
        sound_of: the sound of a character; None for what is no character.
    """
    sounds = [sound_of(character) for character in text]
    found: list[tuple[str, str]] = []
    for phrase in lexicon.levels:
        wanted = [sound_of(character) for character in phrase]
        if None in wanted:
            continue
        for start in _places(sounds, wanted):
            heard = text[start : start + len(phrase)]
            before = len(_clause_before(text, start))
            clause = text[start - before : start]
            if heard == phrase or any(word in clause for word in lexicon.reports):
                continue
            denials = ([sound_of(character) for character in word] for word in lexicon.denials)
            if not any(_places(sounds[start - before : start], denial) for denial in denials):
                found.append((heard, phrase))
    return found


def _places(sounds: Sequence[str | None], wanted: Sequence[str | None]) -> list[int]:
    size = len(wanted)
    return [start for start in range(len(sounds) - size + 1) if list(sounds[start : start + size]) == list(wanted)]


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
