"""From what a window heard to what counts. Negation-aware, never a guess: what is not certain is asked again.

The engine scores phrases; these rules protect the result: a verdict needs audio inside the window, after the prompt's end;
a text that negates an affirmative phrase (不清楚, 没有同意) is never affirmative, whatever the engine said.
"""

from dataclasses import dataclass

from server.domain.talkscript import Lexicon

AFFIRMATIVE, NEGATIVE, UNCLEAR, SILENT, NOT_MEASURED = "affirmative", "negative", "unclear", "silent", "not_measured"
VERDICTS = (AFFIRMATIVE, NEGATIVE, UNCLEAR, SILENT, NOT_MEASURED)
_NEGATIONS = ("不", "没", "未", "别", "无", "非", "否")
_PUNCTUATION = str.maketrans("", "", " ，。！？、,.!?;；：:\"'“”‘’…")


@dataclass(frozen=True, slots=True)
class Heard:
    """An engine's result for one window, times on the session clock."""

    verdict: str
    text: str = ""
    phrase: str = ""
    confidence: float | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    engine: str = ""
    reasons: tuple[str, ...] = ()


def polarity(text: str, lexicon: Lexicon) -> str:
    """Affirmative, negative or unclear for a free text. 清楚 inside 不清楚 does not count; both polarities are unclear."""
    clean = text.translate(_PUNCTUATION)
    if not clean:
        return SILENT
    negative = any(phrase in clean for phrase in lexicon.negative)
    affirmative = False
    for phrase in sorted(lexicon.affirmative, key=len, reverse=True):
        at = clean.find(phrase)
        while at >= 0:
            before = clean[max(0, at - 2) : at]
            if any(sign in before for sign in _NEGATIONS):
                negative = True
            else:
                affirmative = True
            at = clean.find(phrase, at + 1)
    # 「不是不清楚」 and the like: two negations in one breath are no clear answer.
    if sum(clean.count(sign) for sign in _NEGATIONS) > 1 and len(set(clean)) > 2 and affirmative is False and negative:
        doubled = "不是不" in clean or "没有不" in clean or "不会不" in clean
        if doubled:
            return UNCLEAR
    if affirmative and negative:
        return UNCLEAR
    if negative:
        return NEGATIVE
    return AFFIRMATIVE if affirmative else UNCLEAR


def judged(heard: Heard, lexicon: Lexicon, *, not_before_ms: int | None) -> tuple[str, tuple[str, ...]]:
    """What counts of a result, and why it differs from the engine's word.

    Args:
        not_before_ms: the prompt's end on the session clock; what started earlier is the room's echo of the prompt.
    """
    reasons = list(heard.reasons)
    if heard.verdict not in VERDICTS:
        return UNCLEAR, (*reasons, "VERDICT_UNKNOWN")
    if heard.verdict not in (AFFIRMATIVE, NEGATIVE):
        return heard.verdict, tuple(reasons)
    if heard.start_ms is None or heard.end_ms is None or heard.end_ms <= heard.start_ms or not heard.engine:
        return UNCLEAR, (*reasons, "NO_AUDIO")
    if not_before_ms is not None and heard.start_ms < not_before_ms:
        return UNCLEAR, (*reasons, "BEFORE_PROMPT_END")
    if heard.verdict == AFFIRMATIVE:
        said = [polarity(text, lexicon) for text in (heard.phrase, heard.text) if text]
        if NEGATIVE in said:
            return UNCLEAR, (*reasons, "NEGATION_HEARD")
    return heard.verdict, tuple(reasons)
