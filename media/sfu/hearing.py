"""Who is heard in a room: how loud everybody is, and whose microphone gives no sound at all."""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from media.ports import MediaKind

if TYPE_CHECKING:
    from media.sfu.room import Seat

_SILENT_NS = 1_400_000_000
"""A microphone without any sound for so long is told: with the look every 300 ms, people hear of it within two seconds."""
_PAUSE_NS = 400_000_000
_DIGITAL_SILENCE = 127


class Hearing:
    """Tells levels and silence of one room, as events by `emit`."""

    def __init__(self, room_id: str, emit: Callable[[str, dict[str, Any]], None]) -> None:
        self._room_id = room_id
        self._emit = emit
        self._levels: dict[str, float] = {}
        self._quiet: dict[str, int] = {}
        self._silent: set[str] = set()

    def tick(self, seats: Collection["Seat"], now: int, t_ms: int) -> None:
        """Every 300 ms; `t_ms` is now in session time."""
        self._tell_levels(seats, now)
        self._find_silent(seats, now, t_ms)

    def _tell_levels(self, seats: Iterable["Seat"], now: int) -> None:
        levels: dict[str, float] = {}
        for seat in seats:
            source = seat.leg.sources.get(MediaKind.MIC) if seat.leg is not None else None
            if source is None:
                continue
            state = source.state
            if state.is_open and state.level >= 0 and now - state.last_packet_ns < 1_000_000_000:
                # RFC 6464 levels are -dBov; 60 dB below overload is shown as silence.
                levels[seat.seat_id] = round(max(0.0, 60 - state.level) / 60, 2)
        if levels and levels != self._levels:
            self._emit("levels", {"room_id": self._room_id, "levels": levels})
        self._levels = levels

    def _find_silent(self, seats: Iterable["Seat"], now: int, t_ms: int) -> None:
        """Whose microphone sends nothing, or nothing but zeros (a quiet room hisses). Legs that are away are told elsewhere."""
        for seat in seats:
            leg = seat.leg
            source = leg.sources.get(MediaKind.MIC) if leg is not None and leg.is_connected else None
            is_silent = False
            if source is not None and source.state.is_open and leg is not None and leg.interrupted_ns is None:
                state = source.state
                is_sending = bool(state.received) and now - state.last_packet_ns < _PAUSE_NS
                if is_sending and state.level != _DIGITAL_SILENCE:
                    self._quiet.pop(seat.seat_id, None)
                else:
                    began = now if is_sending else state.last_packet_ns or leg.created_ns
                    is_silent = now - self._quiet.setdefault(seat.seat_id, began) >= _SILENT_NS
            else:
                self._quiet.pop(seat.seat_id, None)
            if is_silent != (seat.seat_id in self._silent):
                (self._silent.add if is_silent else self._silent.discard)(seat.seat_id)
                params = {"seat_id": seat.seat_id, "is_silent": is_silent, "t_ms": t_ms}
                self._emit("sound", {"room_id": self._room_id, **params})
