"""One person's packets put in order and turned into a gapless PCM stream with session times.

What is heard follows the sender's own clock (RTP sequence and timestamp): packets that arrive late or in a burst are the same
speech without a hole, lost ones become silence, silence the sender left out is filled. Arrival only dates the stream on the
session clock; late arrivals never move it. A new connection of the same seat starts a new anchor instead of inventing audio.
"""

from dataclasses import dataclass

from asr.opus import PacketDecoder
from asr.ports import SAMPLE_RATE

PACKET_MS = 20
_RTP_PER_MS = 48
_HOLD = 5
_FAR = 200
_JUMP_MS = 1_000
_SLACK_MS = 60
_LATE_LIMIT = 5
_CLOCK_WINDOW_MS = 10_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """PCM that begins at `t_ms`. `lost_ms` of it is silence for lost packets; `is_break`: not the continuation of before."""

    t_ms: int
    pcm: bytes
    lost_ms: int = 0
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class _Arrived:
    t_ms: int
    timestamp: int
    payload: bytes


def silence(ms: int) -> bytes:
    """PCM of silence."""
    return bytes(ms * SAMPLE_RATE // 1000 * 2)


def duration_ms(pcm: bytes) -> int:
    """How long PCM lasts."""
    return len(pcm) * 1000 // (2 * SAMPLE_RATE)


class _SessionClock:
    """Session time of a media position: the earliest arrival of the last 10–20 s decides, so jitter never shifts it."""

    def __init__(self, t_ms: int) -> None:
        self._now = self._before = t_ms
        self._turn_ms = _CLOCK_WINDOW_MS
        self.offset = t_ms

    def arrived(self, t_ms: int, media_ms: int) -> None:
        """Note that the media position `media_ms` arrived at session time `t_ms`."""
        if media_ms >= self._turn_ms:
            self._turn_ms = media_ms + _CLOCK_WINDOW_MS
            self._before, self._now = self._now, t_ms - media_ms
        self._now = min(self._now, t_ms - media_ms)
        self.offset = min(self._now, self._before)


class IncomingAudio:
    """Orders, conceals and decodes; owned by one thread."""

    def __init__(self, decoder: PacketDecoder) -> None:
        self._decoder = decoder
        self._expected: int | None = None
        self._held: dict[int, _Arrived] = {}
        self._late = 0
        self._clock: _SessionClock | None = None
        self._media_ms = 0
        self._next_timestamp: int | None = None
        self.lost = 0

    def push(self, seq: int, t_ms: int, timestamp: int, payload: bytes) -> list[Chunk]:
        """Take one packet; the chunks that are now certain, in order.

        Args:
            seq: RTP sequence number.
            t_ms: arrival on the session clock.
            timestamp: RTP timestamp, 48 kHz.
        """
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
            self._next_timestamp = None
        if self._expected is None:
            self._expected = seq
        self._held[seq] = _Arrived(t_ms, timestamp, payload)
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
            packet = self._held.pop(self._expected)
            self._expected = (self._expected + 1) & 0xFFFF
            self._emit(chunks, packet)

    def _skip(self, chunks: list[Chunk]) -> None:
        """Give up the packets before the first held one."""
        expected = self._expected or 0
        first = min(self._held, key=lambda seq: (seq - expected) & 0xFFFF)
        missing = (first - expected) & 0xFFFF
        self.lost += missing
        if missing and self._clock is not None:
            gap = self._gap_ms(self._held[first].timestamp)
            self._append(chunks, silence(gap if gap > 0 else missing * PACKET_MS), is_lost=True)
            self._next_timestamp = self._held[first].timestamp
        self._expected = first
        self._drain(chunks)

    def _gap_ms(self, timestamp: int) -> int:
        """What the sender's clock says lies between the last packet and this one; beyond a second it is another clock: 0."""
        if self._next_timestamp is None:
            return 0
        ahead = ((timestamp - self._next_timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        ahead_ms = ahead // _RTP_PER_MS
        return ahead_ms if -_JUMP_MS <= ahead_ms <= _JUMP_MS else 0

    def _emit(self, chunks: list[Chunk], packet: _Arrived) -> None:
        pcm = self._decoder.decode(packet.payload)
        if self._clock is None:
            self._clock = _SessionClock(packet.t_ms)
        arrived_late_ms = packet.t_ms - (self._media_ms + self._clock.offset)
        is_other_clock = self._next_timestamp is None or arrived_late_ms < -_JUMP_MS
        if is_other_clock and abs(arrived_late_ms) > _JUMP_MS:
            self._clock, self._media_ms = _SessionClock(packet.t_ms), 0
            self._append(chunks, pcm, is_break=True)
        else:
            gap = arrived_late_ms if self._next_timestamp is None else self._gap_ms(packet.timestamp)
            if gap > (_SLACK_MS if self._next_timestamp is None else 0):
                self._append(chunks, silence(gap))
            self._clock.arrived(packet.t_ms, self._media_ms)
            self._append(chunks, pcm)
        self._next_timestamp = (packet.timestamp + duration_ms(pcm) * _RTP_PER_MS) & 0xFFFFFFFF

    def _append(self, chunks: list[Chunk], pcm: bytes, *, is_lost: bool = False, is_break: bool = False) -> None:
        assert self._clock is not None
        t_ms = self._media_ms + self._clock.offset
        length = duration_ms(pcm)
        self._media_ms += length
        if pcm:
            chunks.append(Chunk(t_ms, pcm, length if is_lost else 0, is_break))
