"""The worker's RPC methods (docs/protocols.md, "web → media worker") over its rooms."""

import asyncio
import base64
import functools
import logging
import secrets
import time
import zlib
from pathlib import Path
from typing import Any

import psutil

from media.admission import Admission, AdmissionLimits
from media.metrics import LoopLag
from media.ports import Codec, RecorderFactory
from media.recorder.adopt import adopt
from media.recorder.journal import JOURNAL_NAME
from media.rpc import Params, RpcError, RpcServer
from media.sdp import SdpError, parse_answer
from media.sfu.leg import Leg, LegContext
from media.sfu.room import Emit, Room, Seat
from media.sfu.tapping import TapSender
from media.transport.port import now_ns

log = logging.getLogger(__name__)


class WorkerApi:
    """Holds the rooms. Handlers raise `RpcError` for every refusal."""

    def __init__(
        self,
        worker_id: str,
        data_dir: Path,
        context: LegContext,
        recorders: RecorderFactory,
        taps: TapSender,
        lag: LoopLag,
        emit: Emit,
        limits: AdmissionLimits | None = None,
    ) -> None:
        self.worker_id = worker_id
        self.generation = secrets.token_hex(8)
        """Which start of the worker this is: another one than before means that its rooms are gone."""
        self.admission = Admission(limits or AdmissionLimits())
        self.rooms: dict[str, Room] = {}
        self.is_draining = False
        self.recovered: list[dict[str, Any]] = []
        self._data_dir = data_dir
        self._context = context
        self._recorders = recorders
        self._taps = taps
        self._lag = lag
        self._emit = emit
        self._process = psutil.Process()
        self._rpc: RpcServer | None = None
        self.emptied = asyncio.Event()
        """Set while no room is open; for draining."""
        self.emptied.set()

    def register(self, rpc: RpcServer) -> None:
        """Serve the methods."""
        self._rpc = rpc
        for name, handler in {
            "room.open": self._room_open,
            "room.close": self._room_close,
            "room.consent": self._room_consent,
            "room.stats": self._room_stats,
            "seat.join": self._seat_join,
            "seat.answer": self._seat_answer,
            "seat.restart": self._seat_restart,
            "seat.leave": self._seat_leave,
            "seat.state": self._seat_state,
            "recording.start": self._recording_start,
            "recording.mark": self._recording_mark,
            "recording.stop": self._recording_stop,
            "prompt.play": self._prompt_play,
            "prompt.stop": self._prompt_stop,
            "keyframe.request": self._keyframe_request,
            "worker.info": self._worker_info,
            "worker.drain": self._worker_drain,
            "worker.beat": self._worker_beat,
        }.items():
            rpc.method(name, handler)

    def tick(self, count: int, now: int) -> None:
        """Drive every room; called each 20 ms. Rooms take turns so that slow timers do not fall together."""
        for index, room in enumerate(list(self.rooms.values())):
            try:
                _tick_room(room, count + index, now)
            except Exception:
                log.exception("tick of a room failed: %s", room.room_id)  # the others' go on
        if self._context.engine is not None:
            self._context.engine.tick(count, is_polled=self._context.port.is_polled)
        if count % 100 == 0:
            written = self._recorders.counters()["written"]
            self.admission.measure(time.process_time(), written, len(self._recording_rooms()))

    def _recording_rooms(self) -> list[Room]:
        return [room for room in self.rooms.values() if room.recording_id]

    def refusal(self, free_bytes: int | None = None) -> str | None:
        """Why a new room would be refused now: `WORKER_DRAINING`, `WORKER_BUSY`, `WORKER_DISK_LOW`; None when it is welcome."""
        if self.is_draining:
            return "WORKER_DRAINING"
        free = self._recorders.free_bytes(self._data_dir) if free_bytes is None else free_bytes
        empty = sum(not room.legs for room in self.rooms.values())
        return self.admission.refusal(free, len(self.rooms), len(self._recording_rooms()), empty)

    def queues(self) -> dict[str, int]:
        """What waits: answers and events for the slowest web process, bytes for the disk, bytes for speech and vision."""
        return {
            "rpc_events": 0 if self._rpc is None else self._rpc.queued,
            "writer_bytes": self._recorders.counters()["backlog"],
            "tap_bytes": self._taps.waiting_bytes,
        }

    def info(self) -> dict[str, Any]:
        """Load and state of this worker."""
        free = self._recorders.free_bytes(self._data_dir)
        recording = self._recording_rooms()
        hours = self.admission.disk_hours(free, len(recording), len(self.rooms) - len(recording))
        return {
            "worker_id": self.worker_id,
            "generation": self.generation,
            "rooms": len(self.rooms),
            "legs": sum(len(room.legs) for room in self.rooms.values()),
            "recordings": [room.recording_id for room in recording],
            "recovered": self.recovered,
            "cpu": round(self.admission.cpu or 0.0, 4),
            "rss_bytes": self._process.memory_info().rss,
            "loop_lag_p99_ms": self._lag.p99_ms(),
            "disk_free_bytes": free,
            "disk_bytes_per_s": round(self.admission.bytes_per_s),
            "disk_hours": round(hours, 2),
            "queues": self.queues(),
            "refuses": self.refusal(free),
            "is_draining": self.is_draining,
            "udp_port": self._context.port.number,
        }

    async def aclose(self, *, suspend: bool = False) -> None:
        """Finish recordings and close every room. With `suspend` rooms that record are left as they are, for the next start."""
        self.is_draining = True
        rooms, self.rooms = list(self.rooms.values()), {}
        going = [room for room in rooms if not (suspend and room.recording_id)]
        await asyncio.gather(*(room.aclose() for room in going), return_exceptions=True)
        if suspend:
            await self._recorders.suspend()

    # Rooms

    def _room(self, params: Params) -> Room:
        room = self.rooms.get(_text(params, "room_id"))
        if room is None:
            raise RpcError("ROOM_UNKNOWN", _text(params, "room_id"))
        return room

    async def _room_open(self, params: Params) -> Params:
        room_id = _text(params, "room_id")
        seats = params.get("seats")
        if not isinstance(seats, list) or not seats or not all(isinstance(seat, dict) for seat in seats):
            raise RpcError("PARAMS_INVALID", "seats")
        given = [Seat(_text(seat, "seat_id"), str(seat.get("label", "")), str(seat.get("kind", ""))) for seat in seats]
        room = self.rooms.get(room_id)
        if room is None:
            # A room whose recording lies here comes back to its place, whatever the load: only new ones are refused.
            refusal = None if params.get("is_returning") is True else self.refusal()
            if refusal is not None:
                raise RpcError(refusal, self.worker_id, retryable=True)
            room = Room(room_id, self._context, self._recorders, self._taps, self._emit)
            self.rooms[room_id] = room
            self.emptied.clear()
        elif room.is_closing:
            raise RpcError("ROOM_CLOSING", room_id, retryable=True)
        if params.get("video_codec") == "vp8":
            room.video = (Codec.VP8, Codec.H264)
        room.set_seats(given)
        return {}

    async def _room_close(self, params: Params) -> Params:
        room = self.rooms.get(_text(params, "room_id"))
        if room is not None:
            try:
                await room.aclose()
            finally:  # also when the disk refused the recording's end
                self.rooms.pop(room.room_id, None)
                if not self.rooms:
                    self.emptied.set()
        return {}

    async def _room_consent(self, params: Params) -> Params:
        self._room(params).set_consent(_text(params, "seat_id"), bool(params.get("granted")))
        return {}

    async def _room_stats(self, params: Params) -> Params:
        return {"legs": self._room(params).stats()}

    # Seats

    async def _seat_join(self, params: Params) -> Params:
        room = self._room(params)
        leg = room.join(_text(params, "seat_id"))
        return {"leg_id": leg.leg_id, "sdp": leg.offer(), "slots": room.slots(leg.seat_id)}

    def _leg(self, params: Params) -> Leg:
        leg_id = _text(params, "leg_id")
        for room in self.rooms.values():
            leg = room.leg(leg_id)
            if leg is not None:
                return leg
        raise RpcError("LEG_UNKNOWN", leg_id)

    async def _seat_answer(self, params: Params) -> Params:
        leg = self._leg(params)
        try:
            answer = parse_answer(_text(params, "sdp"))
        except SdpError as error:
            raise RpcError("SDP_INVALID", str(error)) from error
        leg.accept(answer)
        return {}

    async def _seat_restart(self, params: Params) -> Params:
        return {"sdp": self._leg(params).restart()}

    async def _seat_leave(self, params: Params) -> Params:
        self._room(params).leave(_text(params, "seat_id"), str(params.get("reason") or "left"))
        return {}

    async def _seat_state(self, params: Params) -> Params:
        lapses = params.get("lapses")
        if not isinstance(lapses, list):
            raise RpcError("PARAMS_INVALID", "lapses")
        self._room(params).set_lapses(_text(params, "seat_id"), {str(name) for name in lapses})
        return {}

    # Recording

    async def _recording_start(self, params: Params) -> Params:
        room, directory = self._room(params), self._data_dir / _text(params, "dir")
        recording_id, carried = _text(params, "recording_id"), params.get("carried")
        must_be_here = params.get("is_going_on") is True and carried is None and room.recorder is None
        if must_be_here and not await asyncio.to_thread((directory / JOURNAL_NAME).exists):
            # Begun anew it would be another recording under the same name.
            raise RpcError("RECORDING_NOT_HERE", recording_id, retryable=True)
        bring = None if carried is None else functools.partial(_adopt, directory, carried)
        recorder = await room.start_recording(directory, recording_id, bring)
        clock = recorder.clock
        return {"started_at": clock.started_at.isoformat(), "started_monotonic_ns": clock.started_monotonic_ns}

    async def _recording_mark(self, params: Params) -> Params:
        recorder = self._room(params).recorder
        if recorder is None:
            raise RpcError("RECORDING_NONE", _text(params, "room_id"))
        data = params.get("data")
        return {"t_ms": await recorder.mark(_text(params, "kind"), data if isinstance(data, dict) else {})}

    async def _recording_stop(self, params: Params) -> Params:
        end = await self._room(params).stop_recording()
        if end is None:
            raise RpcError("RECORDING_NONE", _text(params, "room_id"))
        return {"duration_ms": end.duration_ms, "ended_at": end.ended_at.isoformat()}

    # Prompts and the rest

    async def _prompt_play(self, params: Params) -> dict[str, int]:
        return await self._room(params).play_prompt(_text(params, "prompt_id"), Path(_text(params, "path")))

    async def _prompt_stop(self, params: Params) -> Params:
        self._room(params).prompt.stop()
        return {}

    async def _keyframe_request(self, params: Params) -> Params:
        room = self._room(params)
        wanted = params.get("seat_id")
        for leg in room.legs:
            if wanted is None or leg.seat_id == wanted:
                for source in leg.sources.values():
                    source.want_key_frame(now_ns())
        return {}

    async def _worker_info(self, params: Params) -> Params:
        return self.info()

    async def _worker_drain(self, params: Params) -> Params:
        self.is_draining = params.get("is_on") is not False
        return {}

    async def _worker_beat(self, params: Params) -> Params:
        """`worker.info` for the one who keeps the lease; it tells what the other workers write to the same disk."""
        elsewhere = params.get("elsewhere_bytes_per_s")
        if isinstance(elsewhere, int | float):
            self.admission.elsewhere_bytes_per_s = max(0.0, float(elsewhere))
        return self.info()


def _tick_room(room: Room, turn: int, now: int) -> None:
    room.tick_losses(now)
    if turn % 5 == 0:
        room.tick_feedback(now)
    if turn % 15 == 0:
        room.tick_liveness(now)
    if turn % 50 == 0:
        room.tick_report(now)
    if turn % 100 == 0:
        room.tick_quality(now)


def _text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise RpcError("PARAMS_INVALID", name)
    return value


def _adopt(directory: Path, carried: Any) -> None:
    """Put the journal of a lost machine into the folder. In a thread."""
    try:
        journal = zlib.decompress(base64.b64decode(carried["journal"]))
        adopt(directory, journal, carried["beside"], is_beginning=carried.get("is_beginning") is True)
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error) as error:
        raise RpcError("PARAMS_INVALID", "carried") from error
    except OSError as error:
        raise RpcError("RECORDER_FAILED", type(error).__name__, retryable=True) from error
