"""One person's packets put in order and turned into a gapless PCM stream with session times.

Late packets are waited for a little (5 packets), lost ones become silence, and a jump of the clock or of the sequence numbers (a
new connection of the same seat) starts a new anchor instead of inventing audio.
"""

from dataclasses import dataclass

from asr.opus import PacketDecoder
from asr.ports import SAMPLE_RATE

PACKET_MS = 20
_HOLD = 5
_FAR = 200
_JUMP_MS = 1_000
_SLACK_MS = 60
_LATE_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Chunk:
    """PCM that begins at `t_ms`. `lost_ms` of it is silence for lost packets; `is_break`: not the continuation of before."""

    t_ms: int
    pcm: bytes
    lost_ms: int = 0
    is_break: bool = False


def silence(ms: int) -> bytes:
    """PCM of silence."""
    return bytes(ms * SAMPLE_RATE // 1000 * 2)


def duration_ms(pcm: bytes) -> int:
    """How long PCM lasts."""
    return len(pcm) * 1000 // (2 * SAMPLE_RATE)


class IncomingAudio:
    """Orders, conceals and decodes; owned by one thread."""

    def __init__(self, decoder: PacketDecoder) -> None:
        self._decoder = decoder
        self._expected: int | None = None
        self._held: dict[int, tuple[int, bytes]] = {}
        self._late = 0
        self._next_ms: int | None = None
        self.lost = 0

    def push(self, seq: int, t_ms: int, payload: bytes) -> list[Chunk]:
        """Take one packet; the chunks that are now certain, in order."""
        chunks: list[Chunk] = []
        ahead = 0 if self._expected is None else (seq - self._expected) & 0xFFFF
        if ahead >= 0x8000:
            self._late += 1
            if self._late <= _LATE_LIMIT and 0x10000 - ahead <= _FAR:
                return chunks
            ahead = _FAR + 1
        self._late = 0
        if ahead > _FAR:
            chunks += self.flush()
            self._expected = seq
        if self._expected is None:
            self._expected = seq
        self._held[seq] = (t_ms, payload)
        self._drain(chunks)
        while len(self._held) > _HOLD:
            self._skip(chunks)
        return chunks

    def flush(self) -> list[Chunk]:
        """Stop waiting for late packets."""
        chunks: list[Chunk] = []
        while self._held:
            self._skip(chunks)
        return chunks

    def _drain(self, chunks: list[Chunk]) -> None:
        while self._expected is not None and self._expected in self._held:
            t_ms, payload = self._held.pop(self._expected)
            self._expected = (self._expected + 1) & 0xFFFF
            self._emit(chunks, t_ms, self._decoder.decode(payload))

    def _skip(self, chunks: list[Chunk]) -> None:
        """Give up the packets before the first held one."""
        expected = self._expected or 0
        first = min(self._held, key=lambda seq: (seq - expected) & 0xFFFF)
        missing = (first - expected) & 0xFFFF
        self.lost += missing
        if missing and self._next_ms is not None:
            self._append(chunks, self._next_ms, silence(missing * PACKET_MS), lost_ms=missing * PACKET_MS)
        self._expected = first
        self._drain(chunks)

    def _emit(self, chunks: list[Chunk], t_ms: int, pcm: bytes) -> None:
        if self._next_ms is not None:
            ahead = t_ms - self._next_ms
            if ahead > _JUMP_MS or ahead < -_JUMP_MS:
                self._append(chunks, t_ms, pcm, is_break=True)
                return
            if ahead > _SLACK_MS:
                self._append(chunks, self._next_ms, silence(ahead))
        self._append(chunks, t_ms if self._next_ms is None else self._next_ms, pcm)

    def _append(self, chunks: list[Chunk], t_ms: int, pcm: bytes, *, lost_ms: int = 0, is_break: bool = False) -> None:
        self._next_ms = t_ms + duration_ms(pcm)
        if pcm:
            chunks.append(Chunk(t_ms, pcm, lost_ms, is_break))
