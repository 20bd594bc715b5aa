"""The anti-spoof challenge of the face check: what is asked, and what a judged video means. Pure.

A challenge is random, short-lived and used once: a film made before cannot know when to turn which way, or which digits to read.
What cannot be measured is no failure and never a pass.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.callback.rulebook import Identity

_FIRST_MS = 1500
_READ_MS_PER_DIGIT = 1500
_PAUSES_MS = (2400, 2900, 3400)
TURNS = ("turn_left", "turn_right")
_DOUBTS = ("VIDEO_UNREADABLE", "FACE_MANY", "FACE_NONE", "FACE_NOT_COMPARED", "TURN_NOT_COMPARED", "CHALLENGE_NOT_MEASURED")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, inside a window on the video's clock: straight, read, turn_left, turn_right."""

    action: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is asked. `digits` is empty unless they are to be read aloud."""

    kind: str
    steps: tuple[Step, ...]
    digits: str

    @property
    def length_ms(self) -> int:
        """How long the video must be."""
        return self.steps[-1].to_ms


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """What a video brought. `is_passed` None: not measured, for `reason`."""

    is_passed: bool | None
    reason: str | None
    similarity: float | None = None
    threshold: float | None = None
    is_live: bool | None = None
    heard: str = ""


def make_challenge(kind: str, rules: Identity, below: Callable[[int], int]) -> Challenge:
    """A random challenge.

    Args:
        kind: `turns` (of the head, each followed by a pause of random length) or `digits` (read aloud, then one turn).
        below: a random whole number below its argument, unpredictable.
    """
    steps: list[Step] = []
    at, digits = 0, ""

    def add(action: str, length_ms: int) -> None:
        nonlocal at
        steps.append(Step(action, at, at + length_ms))
        at += length_ms

    if kind == "digits":
        for _ in range(rules.challenge_digits):  # no digit twice in a row: people run them together
            digits += [digit for digit in "0123456789" if digit != digits[-1:]][below(9 if digits else 10)]
        add("read", _READ_MS_PER_DIGIT * rules.challenge_digits)
        add(TURNS[below(2)], rules.challenge_step_ms)
        return Challenge(kind, tuple(steps), digits)
    add("straight", _FIRST_MS)
    for number in range(rules.challenge_turns):
        if number:
            add("straight", _PAUSES_MS[below(len(_PAUSES_MS))])
        add(TURNS[below(2)], rules.challenge_step_ms)
    return Challenge(kind, tuple(steps), digits)


def judge(challenge: Challenge, face: Mapping[str, Any], spoken: Mapping[str, Any] | None) -> FaceVerdict:
    """What the measurements mean.

    Args:
        face: `{similarity, is_same, is_live, reasons, threshold}` of the vision process.
        spoken: `{is_said, heard, reason}` of the speech process; None when it could not be asked.
    """
    reasons: Sequence[str] = face.get("reasons") or ()
    is_same, is_live = face.get("is_same"), face.get("is_live")
    heard = str((spoken or {}).get("heard") or "")

    def verdict(is_passed: bool | None, reason: str | None) -> FaceVerdict:
        return FaceVerdict(is_passed, reason, face.get("similarity"), face.get("threshold"), is_live, heard)

    doubt = next((name for name in _DOUBTS if name in reasons), None)
    missing = next((reason.split(":")[0] for reason in reasons if reason.startswith("MODEL_MISSING")), None)
    if missing or is_same is None or "FACE_MANY" in reasons:
        return verdict(None, missing or doubt or "FACE_UNCERTAIN")
    if is_same is False:
        return verdict(False, "FACE_DIFFERS")
    if is_live is None:
        return verdict(None, doubt or "CHALLENGE_NOT_MEASURED")
    if is_live is False:
        return verdict(False, "CHALLENGE_NOT_MET")
    if challenge.digits:
        said = spoken.get("is_said") if spoken is not None else None
        if spoken is None or said is None:
            return verdict(None, f"DIGITS_{spoken.get('reason') or 'UNCLEAR'}" if spoken is not None else "SPEECH_UNAVAILABLE")
        if said is False:
            return verdict(False, "DIGITS_DIFFER")
    return verdict(True, None)
