"""How well a leg does, each two seconds: a score for people, counters for operators, and the fall-back to audio."""

from dataclasses import dataclass, field
from typing import Any

from media.ports import MediaKind
from media.sfu.leg import Leg

WINDOW_S = 2
TOTALS = ("packets", "bytes", "packets_sent", "bytes_sent", "lost", "nack", "rtx", "pli", "nacked", "resent", "gap_ms")
"""Figures of a leg counted from its beginning, so that those of a room are their sums.

All but two only grow: what comes late is lost no longer, and an absence may turn out shorter by a look than it seemed.
"""
# A client that loses this share of what we send, or hears us this late, twice in a row, gets no cameras, then no screens, until
# its link recovered. Counted over all streams together: a burst in one thin stream is no trouble of the link.
_TROUBLE = 0.15
_LATE_MS = 1_200.0
_LEAST_PACKETS = 20
_RETRY_WINDOWS = 5


@dataclass(slots=True)
class LegQuality:
    """Figures of the last window. `loss` is None while nothing is received: not measured is not zero."""

    score: int = 0
    loss: float | None = None
    downstream_loss: float | None = None
    bitrate: int = 0
    is_audio_only: bool = False
    _bytes: int = 0
    _expected: int = 0
    _lost: int = 0
    _reported: dict[int, tuple[int, int]] = field(default_factory=dict)
    _bad: int = 0
    _good: int = 0
    _paused: set[MediaKind] = field(default_factory=set)
    _retry_after: int = _RETRY_WINDOWS
    _has_returned: bool = False

    def update(self, leg: Leg, now_ns: int) -> None:
        """Close a window."""
        received = leg.connection.state.bytes_in
        self.bitrate = max(0, received - self._bytes) * 8 // WINDOW_S
        self._bytes = received
        expected = sum(source.expected for source in leg.sources.values())
        lost = sum(source.lost for source in leg.sources.values())
        window = expected - self._expected
        self.loss = max(0, lost - self._lost) / window if window > 0 else None
        self._expected, self._lost = expected, lost
        self.downstream_loss = self._downstream(leg)
        self.score = self._score(leg)
        self._fall_back(leg, now_ns)

    def _downstream(self, leg: Leg) -> float | None:
        """Share of our packets that the client's receiver reports miss since the last window; None when it told of too few."""
        expected = lost = 0
        for stream in leg.outgoing.values():
            if stream.reported_highest is None:
                continue
            # A plain packet sent again makes up for one that was lost (RFC 3550 §6.4.1): the link lost both.
            now = (stream.reported_highest, stream.reported_lost + stream.resent_plain)
            before, self._reported[stream.ssrc] = self._reported.get(stream.ssrc, now), now
            if now[0] > before[0]:
                expected += now[0] - before[0]
                lost += now[1] - before[1]
        return min(1.0, max(0, lost) / expected) if expected >= _LEAST_PACKETS else None

    def _score(self, leg: Leg) -> int:
        if not leg.is_connected or leg.interrupted_ns is not None:
            return 0
        loss = max(self.loss or 0.0, self.downstream_loss or 0.0)
        late = max(0.0, (leg.rtt_ms or 0.0) - 150)
        return max(1, round(5 - min(3.0, loss * 30) - min(2.0, late / 200)))

    def _fall_back(self, leg: Leg, now_ns: int) -> None:
        if (self.downstream_loss or 0.0) > _TROUBLE or (leg.rtt_ms or 0.0) > _LATE_MS:
            self._bad, self._good = self._bad + 1, 0
        else:
            self._bad, self._good = 0, self._good + 1
        if self._bad >= 2:
            self._bad = 0
            if self._has_returned:
                # Pictures came back too soon: wait longer before the next attempt.
                self._has_returned = False
                self._retry_after = min(self._retry_after * 2, 30)
            self._paused.add(MediaKind.SCREEN if MediaKind.CAMERA in self._paused else MediaKind.CAMERA)
        elif self._paused and self._good >= self._retry_after:
            self._good = 0
            self._has_returned = True
            self._paused.discard(MediaKind.SCREEN if MediaKind.SCREEN in self._paused else MediaKind.CAMERA)
        elif not self._paused and self._good > 4 * _RETRY_WINDOWS:
            self._retry_after = _RETRY_WINDOWS
            self._has_returned = False
        self.is_audio_only = bool(self._paused)
        for stream in leg.outgoing.values():
            if stream.source is not None:
                stream.pause(stream.source.kind in self._paused, now_ns)

    def stats(self, leg: Leg, now_ns: int) -> dict[str, Any]:
        """Counters of the leg for `room.stats`."""
        connection = leg.connection
        sources = list(leg.sources.values())
        jitters = [source.state.jitter * 1000 / source.clock_rate for source in sources if source.state.is_active]
        totals = leg.past.copy()
        for source in sources:
            totals.update(source.counters())
        away_ns = leg.away_ns + (0 if leg.interrupted_ns is None else max(0, now_ns - leg.interrupted_ns))
        return {
            "leg_id": leg.leg_id,
            "seat_id": leg.seat_id,
            "packets": connection.state.packets_in,
            "bytes": connection.state.bytes_in,
            "packets_sent": connection.state.packets_out,
            "bytes_sent": connection.state.bytes_out,
            "refused": connection.state.refused,
            "malformed": connection.state.malformed,
            **totals,
            "nacked": sum(stream.nacked for stream in leg.outgoing.values()),
            "resent": sum(stream.resent for stream in leg.outgoing.values()),
            "bitrate": self.bitrate,
            "jitter_ms": max(jitters) if jitters else None,
            "rtt_ms": leg.rtt_ms,
            "gap_ms": away_ns // 1_000_000,
            "is_away": leg.interrupted_ns is not None,
            "score": self.score,
            "is_audio_only": self.is_audio_only,
            "srtp_profile": connection.profile,
            "tracks": {
                source.kind.value: {
                    "codec": source.codec.value,
                    "is_active": source.state.is_active,
                    "packets": source.state.received,
                    "bytes": source.state.received_bytes,
                    "lost": source.lost,
                    "key_frames": source.state.key_frames,
                }
                for source in sources
            },
        }
