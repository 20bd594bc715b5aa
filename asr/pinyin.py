"""Toneless syllables: of the acoustic model's characters and of written phrases."""

import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pypinyin

from asr.acoustic import BLANK

_HANZI = re.compile(r"[\u4e00-\u9fff]")
# Characters whose second reading is common in answers and statements; everything else keeps its first reading.
_SECOND = {
    "了": "liao",
    "行": "hang",
    "都": "du",
    "还": "huan",
    "得": "dei",
    "长": "zhang",
    "重": "chong",
    "地": "de",
    "着": "zhao",
}
_FOLD = {"ng": "en", "n": "en", "m": "en", "hm": "en", "hng": "en", "ê": "ei", "lue": "lve", "nue": "nve", "yo": "you"}


def syllable(character: str) -> str | None:
    """The toneless reading of one character (ü is `v`), `None` when it is not Chinese."""
    if not _HANZI.fullmatch(character):
        return None
    reading = pypinyin.lazy_pinyin(character, style=pypinyin.Style.NORMAL, v_to_u=False, errors="ignore")
    return _FOLD.get(reading[0], reading[0]) if reading else None


@lru_cache(maxsize=20_000)
def syllables(text: str) -> tuple[str, ...]:
    """The toneless syllables of a phrase, in context (重新 is chong xin); everything that is not Chinese is left out."""
    clean = "".join(_HANZI.findall(text))
    readings = pypinyin.lazy_pinyin(clean, style=pypinyin.Style.NORMAL, v_to_u=False, errors="ignore")
    return tuple(_FOLD.get(reading, reading) for reading in readings)


class SyllableSums:
    """Sums character probabilities into syllable classes. Class 0 is the CTC blank, class 1 everything without a reading."""

    def __init__(self, tokens: Iterable[str]) -> None:
        names: dict[str, int] = {"<blank>": 0, "<other>": 1}
        pairs: list[tuple[int, int]] = []
        for index, token in enumerate(tokens):
            if index == BLANK:
                pairs.append((0, index))
                continue
            reading = syllable(token)
            pairs.append((names.setdefault(reading, len(names)) if reading else 1, index))
            second = _SECOND.get(token)
            if second:
                pairs.append((names.setdefault(second, len(names)), index))
        pairs.sort()
        self.names = tuple(names)
        self.index = names
        self._columns = np.array([column for _, column in pairs])
        classes = np.array([number for number, _ in pairs])
        self._starts = np.flatnonzero(np.r_[True, classes[1:] != classes[:-1]])

    def __call__(self, log_probs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Log probabilities [steps, classes] from those of the characters [steps, tokens]."""
        sums = np.add.reduceat(np.exp(log_probs.astype(np.float64))[:, self._columns], self._starts, axis=1)
        result: npt.NDArray[np.float64] = np.log(np.maximum(sums, 1e-10))
        return result
