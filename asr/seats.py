"""One person's continuous audio: voice activity, the running answer window, and stretches of speech for transcription."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from asr.incoming import Chunk, IncomingAudio, silence
from asr.listening import AnswerWindow
from asr.ports import AnswerResult
from asr.vad import FRAME, FRAME_MS, Endpointer, VadModel, VadRules, VadStream

_PREROLL = 10
_LONGEST_FRAMES = 20_000 // FRAME_MS
_STARVED_S = 0.5
_STARVED_MS = 1_000


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of one person's speech, ready to be transcribed; it begins at `start_ms` (session clock)."""

    room_id: str
    seat_id: str
    start_ms: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class SeatSinks:
    """Where a seat's findings go; called on the engine thread."""

    activity: Callable[[str, str, bool, int], None]
    utterance: Callable[[Utterance], None]
    partial: Callable[[AnswerWindow], None]
    final: Callable[[AnswerWindow, AnswerResult], None]


class Seat:
    """One person; owned by the engine thread."""

    def __init__(
        self, room_id: str, seat_id: str, audio: IncomingAudio, vad: VadModel | None, rules: VadRules, sinks: SeatSinks
    ) -> None:
        self.room_id = room_id
        self.seat_id = seat_id
        self.windows: dict[str, AnswerWindow] = {}
        self.last_packet = 0.0
        self._audio = audio
        self._model = vad
        self._rules = rules
        self._sinks = sinks
        self._is_starved = True
        self._restart()

    def _restart(self) -> None:
        self._vad = VadStream(self._model) if self._model is not None else None
        self._ends = Endpointer(self._rules)
        self._preroll: deque[bytes] = deque(maxlen=_PREROLL)
        self._frames: list[bytes] | None = None
        self._start_ms = 0
        self._pending: int = 0

    @property
    def is_speaking(self) -> bool:
        """Whether speech is running now (or ended within the end-pointer's silence)."""
        return self._ends.is_speaking

    def packet(self, seq: int, t_ms: int, timestamp: int, payload: bytes, now: float) -> None:
        """Take one Opus packet."""
        self.last_packet = now
        self._is_starved = False
        for chunk in self._audio.push(seq, t_ms, timestamp, payload):
            self._chunk(chunk)

    def tick(self, now: float) -> None:
        """End what is running when packets stopped, and windows whose time is over."""
        if not self._is_starved and now - self.last_packet > _STARVED_S:
            self._is_starved = True
            for chunk in self._audio.flush():
                self._chunk(chunk)
            if self._ends.is_speaking:
                end = self._start_ms + len(self._frames or ()) * FRAME_MS
                self._chunk(Chunk(end, silence(_STARVED_MS), lost_ms=_STARVED_MS))
        for window in list(self.windows.values()):
            result = window.tick(now)
            if result is not None:
                self._finish(window, result)

    def _finish(self, window: AnswerWindow, result: AnswerResult) -> None:
        self.windows.pop(window.spec.window_id, None)
        self._sinks.final(window, result)

    def _chunk(self, chunk: Chunk) -> None:
        if self._model is None:
            return
        if chunk.is_break:
            self._break(chunk.t_ms)
        if chunk.lost_ms:
            for window in self.windows.values():
                window.lost(chunk.t_ms, chunk.lost_ms)
        t_ms = chunk.t_ms - self._pending * 1000 // (FRAME * 1000 // FRAME_MS)
        self._pending += len(chunk.pcm) // 2
        for pcm, probability in self._vad.feed(chunk.pcm) if self._vad is not None else ():
            self._pending -= FRAME
            self._frame(t_ms, pcm, probability)
            t_ms += FRAME_MS

    def _break(self, t_ms: int) -> None:
        if self._ends.is_speaking:
            self._sinks.activity(self.room_id, self.seat_id, False, t_ms)
            self._flush_utterance()
        self._restart()

    def _frame(self, t_ms: int, pcm: bytes, probability: float) -> None:
        change = self._ends.push(probability)
        if change is not None:
            at = t_ms + FRAME_MS - self._ends.ago_ms(change)
            self._sinks.activity(self.room_id, self.seat_id, change.is_start, at)
        if change is not None and change.is_start:
            self._start_ms = t_ms - len(self._preroll) * FRAME_MS
            self._frames = [*self._preroll, pcm]
            self._preroll.clear()
        elif self._frames is not None:
            self._frames.append(pcm)
            if (change is not None and not change.is_start) or len(self._frames) > _LONGEST_FRAMES:
                self._flush_utterance()
                if self._ends.is_speaking:
                    self._frames, self._start_ms = [], t_ms + FRAME_MS
        else:
            self._preroll.append(pcm)
        for window in list(self.windows.values()):
            before = window.partial
            result = window.frame(t_ms, pcm, probability)
            if window.partial != before:
                self._sinks.partial(window)
            if result is not None:
                self._finish(window, result)

    def _flush_utterance(self) -> None:
        frames, self._frames = self._frames, None
        if frames:
            self._sinks.utterance(Utterance(self.room_id, self.seat_id, self._start_ms, b"".join(frames)))
