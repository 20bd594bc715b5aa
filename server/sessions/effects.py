"""What events start outside: recording, prompts, answer windows, marks, room membership. Facts come back as commands.

Runs after the events are stored. Every call has a time limit; a failure becomes a command too (`prompt_failed`, `answer_lost`,
`recording_failed`), never silence.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from media.rpc import RpcError
from server.context import Context
from server.domain.session import Event, SessionState
from server.domain.session_engines import PICTURE_ALERTS
from server.domain.talkscript import FrozenNode
from server.sessions.actor import SessionActor, system
from server.sessions.engines import MEDIA, SPEECH, VISION, Engines
from server.sessions.places import Found
from server.sessions.references import face_references
from storage.objects.port import StoreError

log = structlog.get_logger(__name__)

_MARKED = frozenset(
    (
        "node_entered",
        "node_completed",
        "prompt_replayed",
        "prompt_read_aloud",
        "prompt_failed",
        "prompt_missed",
        "answer_window_opened",
        "answer_given",
        "answer_overridden",
        "id_confirmed",
        "on_site_confirmed",
        "share_started",
        "share_ended",
        "document_opened",
        "document_signed",
        "media_closed",
        "person_left",
        "engine_changed",
        "location_set",
        "page_state_changed",
        "soft_timer_passed",
        "session_ended",
    )
)
_MARK_KEYS = (
    "node_id", "title", "kind", "seat_id", "person_id", "person_ids", "share_id", "mode", "document_id", "verdict", "attempt",
    "reason", "outcome", "engine", "is_up", "method", "location", "play", "lapses",
)  # fmt: skip
_PROMPT_SLACK_S = 15.0
_LEFT_SLACK_S = 1.0
"""How long the end of a prompt may be late that a process which is gone had asked for."""
_LEFT_PREPARING_S = 5.0
"""How long such a prompt may be in preparation: another process may be at it."""


class Effects:
    """Engine work of all sessions; each piece runs in a task owned by its session's actor.

    Args:
        fetch: what another machine needs to go on with a recording, from the store. Raises `StoreError`.
    """

    def __init__(self, context: Context, engines: Engines, fetch: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
        self.context = context
        self.engines = engines
        self._fetch = fetch
        self.carried: dict[str, dict[str, Any]] = {}
        """Recordings on their way to another machine: what that one needs to go on with them; empty = still to be fetched."""
        self.unreturned: set[str] = set()
        """Sessions whose room was lost in a recording that could not go on at the first attempt."""
        self._late: dict[str, list[dict[str, Any]]] = {}
        """Marks made while a recording was between two parts: told to the next one."""

    def __call__(self, actor: SessionActor, before: SessionState, events: list[Event]) -> None:
        """React to a batch of events."""
        for event in events:
            self._one(actor, before, event)
        answered = {event.data.get("window_id") for event in events if event.type == "answer_given" and event.data.get("engine")}
        for window_id in _open_windows(before) - _open_windows(actor.state) - answered:
            actor.spawn(self._close_window(window_id), f"close {window_id}")

    def _one(self, actor: SessionActor, before: SessionState, event: Event) -> None:
        data = event.data
        if event.type in _MARKED and actor.state.recording.state in ("running", "stopping"):
            actor.spawn(self._mark(actor, event), f"mark {event.type}")
        match event.type:
            case "consent_given":
                actor.spawn(self._consent(actor, data["seat_id"], True), "consent")
            case "recording_requested":
                actor.spawn(self._start_recording(actor, data["recording_id"]), "start recording")
            case "recording_started":
                self.watch_on(actor)
            case "engine_changed" if data["engine"] == VISION and data["is_up"]:
                self.watch_on(actor)
            case "node_entered":
                actor.spawn(self._prepare_ahead(actor.state, data["index"]), "prepare ahead")
            case "prompt_requested":
                actor.spawn(self._prompt(actor, data["prompt_id"]), "prompt")
            case "answer_window_opened":
                actor.spawn(self._open_window(actor, event), "answer window")
            case "person_left" | "seat_released":
                params = {"room_id": actor.session_id, "seat_id": data["seat_id"], "reason": data.get("reason", "released")}
                actor.spawn(self._quietly(MEDIA, "seat.leave", params), "seat leave")
                if event.type == "seat_released" and (page := actor.connections.get(data["seat_id"])):
                    page.close("TICKET_INVALID", retryable=False)
            case "page_state_changed":
                actor.spawn(self._page_state(actor, data["seat_id"]), "page state")
            case "session_ended":
                actor.spawn(self._finish(actor, before), "finish")

    async def open_room(self, actor: SessionActor) -> None:
        """Open the media room and tell who consented; idempotent, also after the worker came back.

        A recording whose room went to another worker is noted as on its way there, whoever asked for the room.
        """
        state = actor.state
        seats = [
            {"seat_id": s.seat_id, "kind": s.kind, "label": ",".join(sorted({r.partition(":")[0] for r in s.role_ids})) or s.kind}
            for s in state.seats.values()
        ]
        found = await self.engines.open_room(actor.session_id, {"room_id": actor.session_id, "seats": seats})
        if state.recording.state == "running" and state.recording.recording_id:
            if found is Found.PLACED:
                self.carried.setdefault(state.recording.recording_id, {})
            elif found is Found.FOLLOWED:
                self.carried.pop(state.recording.recording_id, None)  # who placed it brings the recording there
        for seat in state.seats.values():
            if seat.kind == "agent" or set(state.setup.rules.consents) <= seat.consents:
                await self._consent(actor, seat.seat_id, True)
            if seat.lapses:
                await self._page_state(actor, seat.seat_id)

    async def media_returned(self, actor: SessionActor, *, is_moved: bool = False) -> None:
        """The media process is there (again): same room, same recording as its next part, pages make new connections.

        Args:
            is_moved: the room is on another worker than it was; who was in it is in none now.
        """
        is_lost = is_moved or actor.session_id in self.unreturned or not self.engines.is_placed(actor.session_id)
        is_running = False
        try:
            is_lost = is_lost or await self._is_room_lost(actor)
            is_running = actor.state.recording.state == "running"
            if is_lost and (is_running or any(seat.is_connected for seat in actor.state.seats.values())):
                # Both processes went and this one saw nothing of it: whoever was in that room is in none now.
                actor.tell(system("engine_changed", engine=MEDIA, is_up=False))
            await self.open_room(actor)
            recording = actor.state.recording
            if recording.state == "running" and recording.recording_id:
                is_lost = await self._go_on(actor, recording.recording_id) or is_lost
            elif recording.state == "starting" and recording.recording_id:
                await self._start_recording(actor, recording.recording_id)
            elif recording.state == "stopping":
                await self._finish(actor, actor.state)
        except (RpcError, StoreError) as error:
            log.warning("media_return_failed", session_id=actor.session_id, code=error.code)
            if is_lost and is_running:
                self.unreturned.add(actor.session_id)
            return  # tried again with the next look
        self.unreturned.discard(actor.session_id)
        actor.tell(system("engine_changed", engine=MEDIA, is_up=True, is_new_part=is_lost and is_running))
        if is_lost and any(seat.leg_id for seat in actor.state.seats.values()):
            actor.push("rejoin", {"reason": "MEDIA_RETURNED"})

    async def _go_on(self, actor: SessionActor, recording_id: str) -> bool:
        """The recording's next part; whether it was carried here from a lost machine.

        A worker that has nothing of the recording says so (who moved the room died before this): then it is carried there.
        """
        params = {**self._recording_params(actor, recording_id), "is_going_on": True}
        taken = self.carried.get(recording_id)
        if taken is not None:
            params["carried"] = taken or await self._fetch(recording_id)
        try:
            await self.engines.call(MEDIA, "recording.start", params, timeout=30)
        except RpcError as error:
            if error.code != "RECORDING_NOT_HERE" or taken is not None:
                raise
            self.carried[recording_id] = {}
            return await self._go_on(actor, recording_id)
        self.carried.pop(recording_id, None)
        for mark in self._late.pop(actor.session_id, []):
            await self._quietly(MEDIA, "recording.mark", mark)
        return taken is not None

    async def _is_room_lost(self, actor: SessionActor) -> bool:
        """Whether the worker knows nothing of the room (it started anew); legs are taken as they are there now."""
        try:
            stats = await self.engines.call(MEDIA, "room.stats", {"room_id": actor.session_id})
        except RpcError as error:
            if error.code == "ROOM_UNKNOWN":
                return True
            raise
        legs = {leg["leg_id"]: leg for leg in stats.get("legs", [])}
        counted = {seat.seat_id: seat.leg_id for seat in actor.state.seats.values() if seat.is_connected and seat.leg_id in legs}
        for leg in legs.values():
            if counted.get(leg["seat_id"], leg["leg_id"]) != leg["leg_id"]:
                continue  # still on its way to replace the one that counts
            if leg.get("bytes") and not leg.get("is_away"):
                mine = {"seat_id": leg["seat_id"], "leg_id": leg["leg_id"]}
                actor.tell(system("media_connected", **mine))
                for kind in ("mic", "camera", "screen"):  # what came or went meanwhile was told to nobody
                    is_on = bool(leg.get("tracks", {}).get(kind, {}).get("is_active"))
                    # A share without a picture has its time to go on: its end would have been told by its page.
                    reason = "silent" if kind == "screen" else None
                    actor.tell(system("track_changed", **mine, kind=kind, is_on=is_on, reason=reason))
        for seat in actor.state.seats.values():
            mine = {"seat_id": seat.seat_id, "leg_id": seat.leg_id}
            if seat.is_connected and seat.leg_id not in legs:
                actor.tell(system("media_closed", **mine, reason="gone"))
            elif seat.is_connected and legs[seat.leg_id].get("is_away"):
                actor.tell(system("media_interrupted", **mine, t_ms=None))
        return False

    def _recording_params(self, actor: SessionActor, recording_id: str) -> dict[str, Any]:
        # Relative to the data folder of the worker's own machine.
        return {"room_id": actor.session_id, "recording_id": recording_id, "dir": f"recordings/{recording_id}"}

    async def _start_recording(self, actor: SessionActor, recording_id: str) -> None:
        try:
            started = await self.engines.call(MEDIA, "recording.start", self._recording_params(actor, recording_id))
        except RpcError as error:
            actor.tell(system("recording_failed", problem=error.code))
            return
        actor.tell(system("recording_started", recording_id=recording_id, started_at=started["started_at"]))

    async def _finish(self, actor: SessionActor, before: SessionState) -> None:
        room = {"room_id": actor.session_id}
        await self._quietly(MEDIA, "prompt.stop", room)
        await self._quietly(VISION, "room.unwatch", room)
        if before.recording.state in ("running", "starting", "stopping"):
            recording_id = before.recording.recording_id
            try:
                if recording_id is not None and recording_id in self.carried:
                    await self._go_on(actor, recording_id)  # its end belongs to the journal of the machine it went to
                stopped = await self.engines.call(MEDIA, "recording.stop", room, timeout=60)
            except StoreError as error:
                log.warning("recording_stop_waits", session_id=actor.session_id, code=error.code)
                return  # asked again: its beginning is fetched once the store is there
            except RpcError as error:
                log.warning("recording_stop_failed", session_id=actor.session_id, code=error.code)
                stopped = {}
                if error.code == "UNAVAILABLE" and not self.engines.is_up(MEDIA, actor.session_id):
                    return  # asked again when the process returns
            self._late.pop(actor.session_id, None)
            self.unreturned.discard(actor.session_id)
            actor.tell(system("recording_stopped", duration_ms=stopped.get("duration_ms"), ended_at=stopped.get("ended_at")))
        await self._quietly(MEDIA, "room.close", room)
        await self.engines.release(actor.session_id)

    async def _mark(self, actor: SessionActor, event: Event) -> None:
        data = {key: event.data[key] for key in _MARK_KEYS if key in event.data}
        if event.type in ("node_entered", "node_completed"):
            data["is_start"] = event.type == "node_entered"
        params = {"room_id": actor.session_id, "kind": event.type, "data": {**data, "seq": event.seq}}
        try:
            await self.engines.call(MEDIA, "recording.mark", params)
        except RpcError as error:
            if error.code in ("RECORDING_NONE", "ROOM_UNKNOWN", "UNAVAILABLE") and actor.state.recording.state == "running":
                self._late.setdefault(actor.session_id, []).append(params)  # the log has it already; the recording gets it late
            else:
                log.warning("mark_failed", session_id=actor.session_id, kind=event.type, code=error.code)

    async def _consent(self, actor: SessionActor, seat_id: str, granted: bool) -> None:
        await self._quietly(MEDIA, "room.consent", {"room_id": actor.session_id, "seat_id": seat_id, "granted": granted})

    async def _page_state(self, actor: SessionActor, seat_id: str) -> None:
        params = {"room_id": actor.session_id, "seat_id": seat_id, "lapses": sorted(actor.state.seats[seat_id].lapses)}
        await self._quietly(MEDIA, "seat.state", params)

    def watch_on(self, actor: SessionActor) -> None:
        """Faces are looked at while it records, also by a process that started anew or serves the room's new machine."""
        if actor.state.recording.state == "running":
            actor.spawn(self._watch(actor), "watch faces")

    async def _watch(self, actor: SessionActor) -> None:
        for seat in actor.state.seats.values():  # what was seen before may be over; what is still so is told again
            for code in PICTURE_ALERTS & set(seat.alerts):
                actor.tell(system("alert", seat_id=seat.seat_id, code=code, is_active=False, t_ms=None))
        references = await face_references(self.context, actor.state)
        seats = [{"seat_id": seat_id, "reference": image} for seat_id, image in references.items()]
        await self._quietly(VISION, "room.watch", {"room_id": actor.session_id, "seats": seats}, timeout=30)

    # prompts

    def _prepare_params(self, state: SessionState, spec: FrozenNode) -> dict[str, Any]:
        rules = state.setup.rules
        rate = rules.care_rate if state.setup.any_care() else rules.normal_rate
        return {"text": spec.prompt_text, "rate": rate, "recorded_key": spec.node_id}

    async def prepare_first(self, state: SessionState) -> None:
        """Have the first prompts ready before the red button."""
        await self._prepare_ahead(state, -1)

    async def _prepare_ahead(self, state: SessionState, index: int) -> None:
        room = state.setup.session_id
        for spec in state.setup.nodes[index + 1 : index + 3]:
            if spec.prompt_text:
                await self._quietly(SPEECH, "prompt.prepare", self._prepare_params(state, spec), room=room, timeout=60)

    async def _prompt(self, actor: SessionActor, prompt_id: str) -> None:
        spec = actor.state.spec()
        if spec is None:
            return
        try:
            wanted = self._prepare_params(actor.state, spec)
            ready = await self.engines.call(SPEECH, "prompt.prepare", wanted, room=actor.session_id, timeout=60)
            if not _is_current(actor, prompt_id):
                return
            params = {"room_id": actor.session_id, "prompt_id": prompt_id, "path": ready["path"]}
            played = await self.engines.call(MEDIA, "prompt.play", params)
        except RpcError as error:
            actor.tell(system("prompt_failed", prompt_id=prompt_id, problem=error.code))
            return
        duration_ms = int(played.get("duration_ms") or ready["duration_ms"])
        actor.tell(
            system(
                "prompt_started",
                prompt_id=prompt_id,
                t_ms=int(played["t_ms"]),
                duration_ms=duration_ms,
                marks=ready.get("marks", []),
                is_synthetic=bool(ready.get("is_synthetic", True)),
                voice=ready.get("voice", ""),
                sha256=ready.get("sha256", ""),
            )
        )
        await asyncio.sleep(duration_ms / 1000 + _PROMPT_SLACK_S)
        if _is_current(actor, prompt_id):
            actor.tell(system("prompt_failed", prompt_id=prompt_id, problem="PROMPT_LOST"))

    async def prompt_left(self, actor: SessionActor, prompt_id: str) -> None:
        """A prompt that another process asked for, which may be gone: its end is waited for, then it counts as failed."""
        seen = ""
        while _is_current(actor, prompt_id) and actor.state.node is not None:
            prompt = actor.state.node.prompt
            if prompt.state == seen:
                actor.tell(system("prompt_failed", prompt_id=prompt_id, problem="SERVICE_RESTARTED"))
                return
            seen, wait_s = prompt.state, _LEFT_PREPARING_S
            if seen == "playing":
                ends_ms = (prompt.started_t_ms or 0) + (prompt.duration_ms or 0)
                wait_s = max(0, ends_ms - (actor.state.t_ms(self.context.now()) or 0)) / 1000 + _LEFT_SLACK_S
            await asyncio.sleep(wait_s)
            await actor.read_on()

    # answers

    async def _open_window(self, actor: SessionActor, event: Event) -> None:
        spec = actor.state.spec()
        if spec is None or spec.lexicon is None:
            return
        rules = actor.state.setup.rules
        await asyncio.sleep(rules.guard_ms / 1000)
        window_id = event.data["window_id"]
        if window_id not in _open_windows(actor.state):
            return
        lexicon = spec.lexicon
        params = {
            "window_id": window_id,
            "room_id": actor.session_id,
            "seat_id": event.data["seat_id"],
            "lexicon": {
                "affirmative": list(lexicon.affirmative),
                "negative": list(lexicon.negative),
                "fillers": list(lexicon.fillers),
            },
            "timeout_ms": event.data["timeout_ms"],
            "silence_ms": rules.silence_ms,
        }
        try:
            await self.engines.call(SPEECH, "answer.open", params)
        except RpcError:
            actor.tell(system("answer_lost", window_id=window_id))
            return
        actor.tell(system("answer_accepted", window_id=window_id))

    async def _close_window(self, window_id: str) -> None:
        room = window_id.partition(".")[0]
        await self._quietly(SPEECH, "answer.close", {"window_id": window_id}, room=room)

    async def _quietly(
        self, engine: str, method: str, params: dict[str, Any], *, room: str | None = None, timeout: float = 10
    ) -> None:
        if self.engines.is_up(engine, room or params.get("room_id")):
            await self.engines.try_call(engine, method, params, room=room, timeout=timeout)


def _open_windows(state: SessionState) -> set[str]:
    if state.node is None or state.is_over:
        return set()
    return {run.window_id for run in state.node.answers.values() if run.window_id is not None}


def _is_current(actor: SessionActor, prompt_id: str) -> bool:
    node = actor.state.node
    is_on = node is not None and node.prompt.prompt_id == prompt_id and node.prompt.state in ("preparing", "playing")
    return is_on and not actor.state.is_over
