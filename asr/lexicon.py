"""Answer lexicons and thresholds as data, and lexicons compiled to the model's syllables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from asr.pinyin import syllables
from asr.ports import AnswerLexicon, Verdict

DATA = Path(__file__).parent / "data"
_NEGATIVE_STARTS = ("不", "没", "别", "无", "未", "非")
_LONGEST_NEGATED = 4
_VARIED = 2


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """What belongs to every closed question, whatever its lexicon."""

    lead_ins: tuple[str, ...]
    affirmative_prefixes: tuple[str, ...]
    affirmative_suffixes: tuple[str, ...]
    negative_prefixes: tuple[str, ...]
    negators: tuple[str, ...]
    negation_syllables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a score is good enough (asr/data/thresholds.yaml, calibration in docs/speech.md)."""

    affirmative_score: tuple[float, float, float]
    """Lowest score for one syllable, for two, and what each further one adds."""
    negative_score: tuple[float, float, float]
    affirmative_margin: float
    negative_margin: float
    max_negation: float
    filler_margin: float
    score_scale: float
    margin_scale: float

    def min_score(self, verdict: Verdict, length: int) -> float:
        """The lowest score a phrase of `length` syllables may win with."""
        one, two, further = self.affirmative_score if verdict is Verdict.AFFIRMATIVE else self.negative_score
        return one if length == 1 else two + further * (length - 2)


def _read(name: str) -> dict[str, Any]:
    data = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"{name} is not a mapping")
    return data


def default_lexicon() -> AnswerLexicon:
    """The lexicon used where a question brings none."""
    data = _read("answers.yaml")
    return AnswerLexicon(tuple(data["affirmative"]), tuple(data["negative"]), tuple(data["fillers"]))


def default_rules() -> AnswerRules:
    """Lead-ins and negations."""
    data = _read("answers.yaml")
    names = ("lead_ins", "affirmative_prefixes", "affirmative_suffixes", "negative_prefixes", "negators", "negation_syllables")
    return AnswerRules(*(tuple(data[name]) for name in names))


def default_thresholds() -> Thresholds:
    """The calibrated thresholds."""
    data = _read("thresholds.yaml")
    score, margin = data["min_score"], data["min_margin"]
    return Thresholds(
        (score["affirmative"]["one"], score["affirmative"]["more"], score["affirmative"]["each_further"]),
        (score["negative"]["one"], score["negative"]["more"], score["negative"]["each_further"]),
        margin["affirmative"],
        margin["negative"],
        data["max_negation"],
        data["filler_margin"],
        data["score_scale"],
        data["margin_scale"],
    )


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase: what it says, which side it is on (`UNCLEAR` = filler), how it sounds."""

    text: str
    side: Verdict
    sounds: tuple[str, ...]


def expand(lexicon: AnswerLexicon, rules: AnswerRules) -> tuple[Phrase, ...]:
    """All phrases to compare, negations of affirmative phrases included, each sound once.

    A sound on both sides is dropped from the affirmative one (homophones must not turn a no into a yes). An explicit affirmative
    phrase that is the negation of another (没有问题 beside 有问题) stays affirmative. Natural variants of the phrases are added.
    """
    found: dict[tuple[str, ...], Phrase] = {}

    def add(text: str, side: Verdict) -> None:
        sounds = syllables(text)
        if sounds and sounds not in found:
            found[sounds] = Phrase(text, side, sounds)

    for text in lexicon.negative:
        add(text, Verdict.NEGATIVE)
    for text in lexicon.affirmative:
        add(text, Verdict.AFFIRMATIVE)
    for text in lexicon.affirmative:
        if text.startswith(_NEGATIVE_STARTS) or len(syllables(text)) > _LONGEST_NEGATED:
            continue
        bare = text.removeprefix("我")
        for negator in rules.negators:
            add(negator + bare, Verdict.NEGATIVE)
            add("我" + negator + bare, Verdict.NEGATIVE)
    for text in lexicon.negative:
        if text.startswith(_NEGATIVE_STARTS) and len(syllables(text)) > 1:
            for prefix in rules.negative_prefixes:
                add(prefix + text, Verdict.NEGATIVE)
    for text in lexicon.fillers:
        add(text, Verdict.UNCLEAR)
    for text in lexicon.affirmative:
        if len(syllables(text)) != _VARIED or text.startswith((*_NEGATIVE_STARTS, *rules.affirmative_prefixes, "是")):
            continue
        for prefix in ("", *rules.affirmative_prefixes):
            for suffix in ("", *rules.affirmative_suffixes):
                add(prefix + text + suffix, Verdict.AFFIRMATIVE)
    return tuple(found.values())
