"""The virtual participant that speaks: sends the packets of an Ogg Opus file at their own pace into a source like any other."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

from media.native.engine import NativeEngine
from media.ports import Codec, MediaKind
from media.sfu.clock import NtpClock
from media.sfu.ogg import read_opus
from media.sfu.source import Source
from media.transport.port import now_ns

Finished = Callable[[str, bool], None]
_REPORT_EVERY = 50
# A loop that stalled longer than this does not burst what it missed: the speech goes on from there.
_LATE_NS = 200_000_000


class PromptPlayer:
    """Plays one file at a time; a new one ends the one before."""

    def __init__(self, clock: NtpClock, engine: NativeEngine | None = None) -> None:
        self._clock = clock
        now = now_ns()
        self.source = Source(MediaKind.PROMPT, Codec.OPUS, 0, now, engine)
        self.source.state.is_open = self.source.state.is_active = True
        self.source.ntp_offset = 0
        self._sequence = secrets.randbits(14)
        self._timestamp = secrets.randbits(31)
        self._ended_ns = now
        self._packets: list[tuple[bytes, int]] = []
        self._at = 0
        self._due_ns = 0
        self._prompt_id = ""
        self._on_finished: Finished | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def prompt_id(self) -> str:
        """The prompt that plays now, or an empty text."""
        return self._prompt_id

    async def play(self, prompt_id: str, path: Path, on_finished: Finished) -> int:
        """Start speaking. Returns the duration in ms. Raises `OggError`, `OSError`."""
        packets = await asyncio.to_thread(read_opus, path)
        self.stop()
        self._packets, self._at = packets, 0
        self._prompt_id, self._on_finished = prompt_id, on_finished
        self._due_ns = now_ns()
        self._timestamp += max(960, (self._due_ns - self._ended_ns) * 48 // 1_000_000)
        self._step()
        return sum(length for _, length in packets) // 48

    def stop(self) -> None:
        """Fall silent now; the listener hears that the prompt was not completed."""
        self._end(is_completed=False)

    def _step(self) -> None:
        self._timer = None
        now = now_ns()
        if now - self._due_ns > _LATE_NS:
            self._due_ns = now
        while self._due_ns <= now:
            if self._at >= len(self._packets):
                self._end(is_completed=True)
                return
            payload, length = self._packets[self._at]
            if self._at % _REPORT_EVERY == 0:
                self.source.sender_report(self._clock.at(self._due_ns), self._timestamp & 0xFFFFFFFF, now)
            self.source.receive(self._sequence & 0xFFFF, self._timestamp & 0xFFFFFFFF, self._at == 0, payload, now, False)
            if self._at == 0:
                # Only after its first packet does a listener's stream know its offsets.
                self.source.sender_report(self._clock.at(self._due_ns), self._timestamp & 0xFFFFFFFF, now)
            self._at += 1
            self._sequence += 1
            self._timestamp += length
            self._due_ns += length * 1_000_000 // 48
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, (self._due_ns - now) / 1e9), self._step)

    def _end(self, *, is_completed: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        prompt_id, on_finished = self._prompt_id, self._on_finished
        self._prompt_id, self._on_finished, self._packets = "", None, []
        if prompt_id:
            self._ended_ns = now_ns()
        if on_finished is not None:
            on_finished(prompt_id, is_completed)
