"""Which packets of a stream are missing, and when to ask for each of them again (own timer, RTT-spaced, bounded)."""

MAX_TRIES = 10
MAX_AGE_NS = 2_000_000_000
# A larger hole is an outage, not loss: asking for it would only be a storm; a key frame repairs it.
MAX_GAP = 256
_FIRST_NS = 10_000_000
_SPACING_NS = 30_000_000


class LossList:
    """Missing sequence numbers: `due` gives those to ask for now."""

    __slots__ = ("_missing", "abandoned", "requested")

    def __init__(self) -> None:
        self._missing: dict[int, tuple[int, int, int]] = {}
        self.requested = 0
        self.abandoned = 0

    def __len__(self) -> int:
        return len(self._missing)

    def add(self, first: int, end: int, now_ns: int) -> bool:
        """Note [first, end) as missing. Returns False when the hole is too large and the list was emptied instead."""
        if end - first > MAX_GAP or len(self._missing) + end - first > 2 * MAX_GAP:
            self.abandoned += len(self._missing) + end - first
            self._missing.clear()
            return False
        for sequence in range(first, end):
            self._missing[sequence] = (now_ns, now_ns + _FIRST_NS, 0)
        return True

    def found(self, sequence: int) -> bool:
        """A late or repeated packet arrived. Returns whether it was missing."""
        return self._missing.pop(sequence, None) is not None

    def due(self, now_ns: int, rtt_ms: float | None) -> list[int]:
        """Sequence numbers to ask for now, ascending; gives up on those asked for too often or too old."""
        if not self._missing:
            return []
        spacing = max(_SPACING_NS, int((rtt_ms or 0) * 1_200_000))
        out: list[int] = []
        for sequence, (since, at, tries) in list(self._missing.items()):
            if tries >= MAX_TRIES or now_ns - since > MAX_AGE_NS:
                if now_ns >= at:
                    del self._missing[sequence]
                    self.abandoned += 1
            elif now_ns >= at:
                self._missing[sequence] = (since, now_ns + spacing, tries + 1)
                out.append(sequence)
        self.requested += len(out)
        out.sort()
        return out
