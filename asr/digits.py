"""Digits read aloud against the digits that were shown: said, something else said, or not to be told.

For the identity challenge of the callback. Like the closed-answer scorer it compares CTC forward scores over toneless syllables,
here of the shown digits and of every string that differs in one digit. A low score or a small distance is *not to be told* (ask
again), never a pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from asr.ctc import Doubles, forward, free_path, greedy
from asr.incoming import duration_ms, silence
from asr.pinyin import SyllableSums
from asr.seats import Utterance
from asr.transcribe import LONGEST_MS, Splitter, read_chunks
from asr.vad import VadModel, VadRules

READINGS: dict[str, tuple[str, ...]] = {
    "0": ("ling", "lin"), "1": ("yi", "yao"), "2": ("er",), "3": ("san", "shan"), "4": ("si", "shi"),
    "5": ("wu",), "6": ("liu",), "7": ("qi",), "8": ("ba",), "9": ("jiu",),
}  # fmt: skip
"""Toneless readings with those of the south; 1 is also read 幺."""
MIN_SCORE = -3.5
"""Nats a digit: below it the sounds are not these digits."""
MIN_MARGIN = 1.5
"""Nats to the nearest other string."""
_PAUSE_MS = 200


@dataclass(frozen=True, slots=True)
class DigitScore:
    """`is_said` None: not to be told, for `reason` (SILENT, UNCLEAR, UNSCORABLE). `margin`: to the nearest other string."""

    is_said: bool | None
    score: float
    margin: float
    heard: str
    reason: str = ""


class DigitScorer:
    """Scores utterances; holds no state of its own."""

    def __init__(self, sums: SyllableSums) -> None:
        self._sums = sums
        self._classes = {
            digit: tuple(sums.index[name] for name in names if name in sums.index) for digit, names in READINGS.items()
        }

    def score(self, log_probs: npt.NDArray[np.float32], digits: str) -> DigitScore:
        """Judge one reading from the acoustic model's log probabilities [steps, tokens]."""
        if not digits or any(not self._classes.get(digit) for digit in digits):
            return DigitScore(None, -99.0, 0.0, "", "UNSCORABLE")
        probs = self._sums(log_probs)
        if len(probs) < len(digits):
            return DigitScore(None, -99.0, 0.0, "", "SILENT")
        free = free_path(probs)
        asked = self._best(probs, [digits], free)
        margin = asked - self._best(probs, _nearby(digits), free)
        per_digit = asked / len(digits)
        heard = self._heard(probs)
        if per_digit >= MIN_SCORE and margin >= MIN_MARGIN:
            return DigitScore(True, round(per_digit, 2), round(margin, 2), heard)
        if len(heard) == len(digits) and heard != digits:
            other = self._best(probs, [heard], free)
            if other / len(heard) >= MIN_SCORE and other - asked >= MIN_MARGIN * 2:
                return DigitScore(False, round(per_digit, 2), round(margin, 2), heard)
        return DigitScore(None, round(per_digit, 2), round(margin, 2), heard, "UNCLEAR")

    def _best(self, probs: Doubles, strings: Sequence[str], free: float) -> float:
        labels = [labels for digits in strings for labels in self._labels(digits)]
        return float(forward(probs, labels).max()) - free

    def _labels(self, digits: str) -> Iterator[tuple[int, ...]]:
        return product(*(self._classes[digit] for digit in digits))

    def _heard(self, probs: Doubles) -> str:
        """The digits of the best path among digits and blanks."""
        names = {number: digit for digit, numbers in self._classes.items() for number in numbers}
        kept = np.full_like(probs, -1e3)
        columns = [0, *names]
        kept[:, columns] = probs[:, columns]
        return "".join(names[label] for label, _ in greedy(kept) if label in names)


def _nearby(digits: str) -> list[str]:
    return [digits[:at] + other + digits[at + 1 :] for at in range(len(digits)) for other in READINGS if other != digits[at]]


def spoken(path: Path, vad: VadModel, from_ms: int, to_ms: int) -> bytes:
    """The speech of a file inside a window, pauses shortened; empty when nobody spoke.

    Raises `SpeechError` `FILE_UNREADABLE` or `FILE_NO_AUDIO`.
    """
    splitter, parts, read_ms = Splitter(vad, VadRules()), list[bytes](), 0
    utterances: list[Utterance] = []
    for chunk in read_chunks(path):
        utterances += splitter.push(chunk)
        read_ms += duration_ms(chunk.pcm)
        if max(chunk.t_ms, read_ms) > to_ms + LONGEST_MS:
            break  # nothing that began inside the window is still being said; what follows may be hours
    for said in (*utterances, *splitter.finish()):
        if said.start_ms < to_ms and said.start_ms + duration_ms(said.pcm) > from_ms:
            parts += [said.pcm, silence(_PAUSE_MS)]
    return silence(_PAUSE_MS) + b"".join(parts) if parts else b""
