"""Answer windows: one person's own audio, from the moment the window opens, until an answer, a silence or the time is over.

Nothing heard before the opening counts: speech that was already running then (the end of a prompt coming back through a
loudspeaker, or an answer begun too early, whose first syllable may be the 不) is let pass until it ends. A filler keeps the
window open.
"""

from collections import deque
from dataclasses import dataclass, replace

from asr.judges import Judge, PartialStream
from asr.ports import AnswerResult, Verdict
from asr.vad import FRAME_MS, Endpointer, VadRules

_PREROLL = 10
_TAIL_MS = 300
_SHORTEST_MS = 160
_LONGEST_MS = 15_000
_GRACE_MS = 3_000
_QUIET_TO_ARM_MS = 192
_MIN_COVERAGE = 0.5
_MAX_LOST_MS = 60


@dataclass(frozen=True, slots=True)
class WindowSpec:
    """What the caller asked for; durations in ms."""

    window_id: str
    room_id: str
    seat_id: str
    timeout_ms: int
    silence_ms: int


class AnswerWindow:
    """One open window; owned by one thread.

    Args:
        opened_at: monotonic seconds.
        is_speaking: whether speech was running when it opened.
    """

    def __init__(self, spec: WindowSpec, judge: Judge, rules: VadRules, *, opened_at: float, is_speaking: bool) -> None:
        self.spec = spec
        self.partial = ""
        self._judge = judge
        self._rules = replace(rules, silence_ms=max(spec.silence_ms, 2 * FRAME_MS))
        self._opened_at = opened_at
        self._deadline = opened_at + spec.timeout_ms / 1000
        self._is_armed = not is_speaking
        self._was_early = is_speaking
        self._quiet_ms = 0
        self._heard_ms = 0
        self._lost_ms = 0
        self._held_back: AnswerResult | None = None
        self._losses: deque[tuple[int, int]] = deque(maxlen=256)
        self._preroll: deque[tuple[int, bytes]] = deque(maxlen=_PREROLL)
        self._reset()

    def _reset(self) -> None:
        self._ends = Endpointer(self._rules)
        self._frames: list[bytes] = []
        self._partials: PartialStream | None = None
        self._start_ms = 0
        self._voice_ms = (0, 0)

    def lost(self, t_ms: int, ms: int) -> None:
        """Note audio that never arrived; inside an answer it may have been the 不."""
        self._lost_ms += ms
        self._losses.append((t_ms, ms))

    def frame(self, t_ms: int, pcm: bytes, probability: float) -> AnswerResult | None:
        """Take the next 32 ms frame, which begins at `t_ms`; the result when the answer is complete."""
        self._heard_ms += FRAME_MS
        if not self._is_armed:
            self._quiet_ms = self._quiet_ms + FRAME_MS if probability < self._rules.off else 0
            self._is_armed = self._quiet_ms >= _QUIET_TO_ARM_MS
            return None
        change = self._ends.push(probability)
        if change is not None and change.is_start:
            self._begin(t_ms, t_ms + FRAME_MS - self._ends.ago_ms(change))
        if self._partials is None:
            self._preroll.append((t_ms, pcm))
            return None
        self._add(pcm)
        if probability >= self._rules.off:
            self._voice_ms = (self._voice_ms[0], t_ms + FRAME_MS)
        if (change is not None and not change.is_start) or len(self._frames) * FRAME_MS > _LONGEST_MS:
            return self._end_of_utterance()
        return None

    def _begin(self, t_ms: int, began: int) -> None:
        self._partials = self._judge.partials()
        self._start_ms = self._preroll[0][0] if self._preroll else t_ms
        self._voice_ms = (max(began, self._start_ms), t_ms + FRAME_MS)
        for _, pcm in self._preroll:
            self._add(pcm)
        self._preroll.clear()

    def _add(self, pcm: bytes) -> None:
        self._frames.append(pcm)
        text = self._partials.feed(pcm) if self._partials is not None else None
        if text is not None:
            self.partial = text

    def _end_of_utterance(self) -> AnswerResult | None:
        result = self._decide()
        is_noise = result.end_ms - result.start_ms < _SHORTEST_MS
        if result.verdict is Verdict.UNCLEAR and (is_noise or "filler" in result.reasons):
            self._held_back = result
            self.partial = ""
            self._reset()
            return None
        return result

    def _decide(self) -> AnswerResult:
        tail_ms = (self._start_ms + len(self._frames) * FRAME_MS) - (self._voice_ms[1] + _TAIL_MS)
        keep = len(self._frames) - max(0, tail_ms // FRAME_MS)
        judged = self._judge.judge(b"".join(self._frames[:keep]))
        verdict, phrase, reasons = judged.verdict, judged.phrase, list(judged.reasons)
        start, end = self._voice_ms
        lost = sum(ms for t_ms, ms in self._losses if self._start_ms <= t_ms <= end)
        if verdict is Verdict.AFFIRMATIVE and lost > _MAX_LOST_MS:
            verdict, phrase = Verdict.UNCLEAR, ""
            reasons.append("audio_lost")
        if self._was_early:
            reasons.append("speech_before_open")
        engine = self._judge.engine
        return AnswerResult(verdict, judged.text, phrase, judged.confidence, judged.margin, start, end, engine, tuple(reasons))

    def tick(self, now: float) -> AnswerResult | None:
        """The result when the time is over; somebody who is speaking may finish, up to three seconds."""
        if now < self._deadline or (self._ends.is_speaking and now < self._deadline + _GRACE_MS / 1000):
            return None
        return self.close(now)

    def close(self, now: float) -> AnswerResult:
        """End the window now and judge what has been heard."""
        if self._partials is not None and self._ends.is_speaking:
            return self._decide()
        if self._held_back is not None:
            return self._held_back
        open_ms = max((now - self._opened_at) * 1000, 1.0)
        early = ("speech_before_open",) if self._was_early else ()
        if self._heard_ms - self._lost_ms <= 0:
            return self._nothing(Verdict.NOT_MEASURED, ("no_audio",))
        if (self._heard_ms - self._lost_ms) / open_ms < _MIN_COVERAGE:
            return self._nothing(Verdict.NOT_MEASURED, ("audio_missing", *early))
        if self._was_early and not self._is_armed:
            return self._nothing(Verdict.UNCLEAR, early)
        return self._nothing(Verdict.SILENT, ("no_speech", *early))

    def _nothing(self, verdict: Verdict, reasons: tuple[str, ...]) -> AnswerResult:
        return AnswerResult(verdict, "", "", 0.0, 0.0, 0, 0, self._judge.engine, reasons)


def not_measured(reason: str) -> AnswerResult:
    """The result where no engine can listen."""
    return AnswerResult(Verdict.NOT_MEASURED, "", "", 0.0, 0.0, 0, 0, "none", (reason,))
