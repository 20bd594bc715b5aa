"""The engine thread: every seat's audio and every answer window belong to it alone, so nothing here needs a lock.

Packets and commands reach it through one bounded inbox (packets are dropped and counted when it is full, commands never);
findings leave through a callback that must be safe to call from this thread.
"""

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from asr.incoming import IncomingAudio
from asr.judges import Judge
from asr.listening import AnswerWindow, WindowSpec, not_measured
from asr.opus import DecoderFactory
from asr.ports import AnswerLexicon, AnswerResult, SpeechError
from asr.seats import Seat, SeatSinks, Utterance
from asr.vad import VadModel, VadRules

log = logging.getLogger(__name__)

_INBOX = 8_192
_TICK_S = 0.1
_IDLE_S = 120.0
_KEPT_RESULTS = 512
_KEPT_JUDGES = 64


@dataclass(frozen=True, slots=True)
class EngineSinks:
    """Where findings go; called on the engine thread and must return at once."""

    emit: Callable[[str, dict[str, Any]], None]
    utterance: Callable[[Utterance], None]


class Engine:
    """Owns the thread. `start` once, `close` once (idempotent).

    Args:
        make_judge: compiles a lexicon into a judge; `None` where no engine can decide answers.
        vad: `None` where the model is missing: then nothing is heard at all.
    """

    def __init__(self, make_judge: Callable[[AnswerLexicon], Judge] | None, vad: VadModel | None, sinks: EngineSinks) -> None:
        self._make_judge = make_judge
        self._vad = vad
        self._sinks = sinks
        self._rules = VadRules()
        self._decoders = DecoderFactory()
        self._seats: dict[tuple[str, str], Seat] = {}
        self._results: OrderedDict[str, AnswerResult] = OrderedDict()
        self._judges: OrderedDict[AnswerLexicon, Judge] = OrderedDict()
        self._inbox: deque[Callable[[], None]] = deque()
        self._wake = threading.Condition()
        self._is_closing = False
        self._packets_waiting = 0
        self._next_tick = 0.0
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="speech-engine", daemon=True)

    @property
    def decoder(self) -> str:
        """Which Opus decoder is in use."""
        return self._decoders.name

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop the thread and wait for it."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def packet(self, room_id: str, seat_id: str, seq: int, t_ms: int, timestamp: int, payload: bytes) -> None:
        """Hand over one Opus packet; never blocks."""
        with self._wake:
            if self._packets_waiting >= _INBOX:
                self.dropped += 1
                return
            self._packets_waiting += 1
            self._inbox.append(lambda: self._on_packet(room_id, seat_id, seq, t_ms, timestamp, payload))
            self._wake.notify()

    def open_window(self, spec: WindowSpec, lexicon: AnswerLexicon) -> "Future[None]":
        """Open an answer window."""
        return self._call(lambda: self._open(spec, lexicon))

    def close_window(self, window_id: str) -> "Future[AnswerResult]":
        """Close a window; a finished one gives its result again. Raises `SpeechError` `WINDOW_UNKNOWN`."""
        return self._call(lambda: self._close(window_id))

    def _call(self, action: Callable[[], Any]) -> "Future[Any]":
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(action())
            except BaseException as error:
                future.set_exception(error)

        with self._wake:
            self._inbox.append(run)
            self._wake.notify()
        return future

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._inbox and not self._is_closing:
                    self._wake.wait(_TICK_S if self._seats else None)
                if self._is_closing:
                    return
                actions = list(self._inbox)
                self._inbox.clear()
            for action in actions:
                try:
                    action()
                except Exception:
                    log.exception("speech engine action failed")
            now = time.monotonic()
            if now >= self._next_tick:
                self._next_tick = now + _TICK_S
                self._tick(now)

    def _tick(self, now: float) -> None:
        for key, seat in list(self._seats.items()):
            try:
                seat.tick(now)
            except Exception:
                log.exception("speech seat tick failed")
            if not seat.windows and now - seat.last_packet > _IDLE_S:
                del self._seats[key]

    def _on_packet(self, room_id: str, seat_id: str, seq: int, t_ms: int, timestamp: int, payload: bytes) -> None:
        with self._wake:
            self._packets_waiting -= 1
        self._seat(room_id, seat_id).packet(seq, t_ms, timestamp, payload, time.monotonic())

    def _seat(self, room_id: str, seat_id: str) -> Seat:
        seat = self._seats.get((room_id, seat_id))
        if seat is None:
            sinks = SeatSinks(self._activity, self._sinks.utterance, self._partial, self._final)
            seat = Seat(room_id, seat_id, IncomingAudio(self._decoders.open()), self._vad, self._rules, sinks)
            seat.last_packet = time.monotonic()
            self._seats[(room_id, seat_id)] = seat
        return seat

    def _open(self, spec: WindowSpec, lexicon: AnswerLexicon) -> None:
        if spec.window_id in self._results or any(spec.window_id in seat.windows for seat in self._seats.values()):
            raise SpeechError("WINDOW_EXISTS", spec.window_id)
        if self._make_judge is None or self._vad is None:
            self._keep(spec.window_id, not_measured("no_engine"))
            return
        seat = self._seat(spec.room_id, spec.seat_id)
        seat.windows[spec.window_id] = AnswerWindow(
            spec,
            self._judge(lexicon, self._make_judge),
            self._rules,
            opened_at=time.monotonic(),
            is_speaking=seat.is_speaking,
        )

    def _judge(self, lexicon: AnswerLexicon, make: Callable[[AnswerLexicon], Judge]) -> Judge:
        judge = self._judges.get(lexicon)
        if judge is None:
            judge = self._judges[lexicon] = make(lexicon)
            if len(self._judges) > _KEPT_JUDGES:
                self._judges.popitem(last=False)
        return judge

    def _close(self, window_id: str) -> AnswerResult:
        for seat in self._seats.values():
            window = seat.windows.pop(window_id, None)
            if window is not None:
                self._keep(window_id, window.close(time.monotonic()))
        result = self._results.get(window_id)
        if result is None:
            raise SpeechError("WINDOW_UNKNOWN", window_id)
        return result

    def _keep(self, window_id: str, result: AnswerResult) -> None:
        self._results[window_id] = result
        if len(self._results) > _KEPT_RESULTS:
            self._results.popitem(last=False)
        self._sinks.emit("answer.final", answer_wire(window_id, result))

    def _activity(self, room_id: str, seat_id: str, is_speaking: bool, t_ms: int) -> None:
        self._sinks.emit("speech.activity", {"room_id": room_id, "seat_id": seat_id, "is_speaking": is_speaking, "t_ms": t_ms})

    def _partial(self, window: AnswerWindow) -> None:
        self._sinks.emit("answer.partial", {"window_id": window.spec.window_id, "text": window.partial})

    def _final(self, window: AnswerWindow, result: AnswerResult) -> None:
        self._keep(window.spec.window_id, result)


def answer_wire(window_id: str, result: AnswerResult) -> dict[str, Any]:
    """`answer.final` as docs/protocols.md has it."""
    return {
        "window_id": window_id,
        "verdict": result.verdict.value,
        "text": result.text,
        "phrase": result.phrase,
        "confidence": result.confidence,
        "margin": result.margin,
        "start_ms": result.start_ms,
        "end_ms": result.end_ms,
        "engine": result.engine,
        "reasons": list(result.reasons),
    }
