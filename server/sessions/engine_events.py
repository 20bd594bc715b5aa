"""Turns events of the helper processes into commands for the session they belong to, and passing ones into pushes.

Called on the event loop for each event; must not block and never raises for a malformed one (it is logged and dropped).
"""

from typing import Any

import structlog

from server.domain.session_engines import FOR_THEMSELVES
from server.sessions.actor import SessionActor, system
from server.sessions.engines import MEDIA

log = structlog.get_logger(__name__)

Params = dict[str, Any]


class EngineEvents:
    """Per-session translation; remembers who is speaking since when."""

    def __init__(self, actor: SessionActor) -> None:
        self._actor = actor
        self._speaking: dict[str, int] = {}

    def handle(self, engine: str, event: str, params: Params) -> None:
        """One event of this session's room."""
        try:
            if engine == MEDIA:
                self._media(event, params)
            else:
                self._helper(event, params)
        except (KeyError, TypeError, ValueError):
            log.warning("engine_event_malformed", engine=engine, engine_event=event)

    def _media(self, event: str, p: Params) -> None:
        actor = self._actor
        match event:
            case "leg.connected":
                actor.tell(system("media_connected", seat_id=p["seat_id"], leg_id=p["leg_id"]))
            case "leg.interrupted":
                actor.tell(system("media_interrupted", seat_id=p["seat_id"], leg_id=p["leg_id"], t_ms=p.get("t_ms")))
            case "leg.resumed":
                actor.tell(system("media_resumed", seat_id=p["seat_id"], leg_id=p["leg_id"], t_ms=p.get("t_ms")))
            case "leg.closed":
                actor.tell(system("media_closed", seat_id=p["seat_id"], leg_id=p["leg_id"], reason=p.get("reason", "")))
            case "track.started" | "track.stopped":
                is_on = event == "track.started"
                common = {"seat_id": p["seat_id"], "kind": p["kind"], "leg_id": p.get("leg_id"), "t_ms": p.get("t_ms")}
                actor.tell(system("track_changed", is_on=is_on, reason=p.get("reason"), **common))
            case "prompt.finished":
                params = {"prompt_id": p["prompt_id"], "t_ms": p.get("t_ms"), "completed": bool(p["completed"])}
                actor.tell(system("prompt_finished", **params))
            case "recording.failed":
                actor.tell(system("recording_broken", problem=str(p["code"])))
            case "levels":
                actor.push("levels", {"levels": p["levels"]})
            case "sound":
                self._alert(str(p["seat_id"]), "NO_SOUND", bool(p["is_silent"]), p.get("t_ms"))
            case "quality":
                actor.quality[p["seat_id"]] = float(p["score"])
                keys = ("seat_id", "score", "loss", "rtt_ms", "bitrate")
                actor.push("quality", {key: p.get(key) for key in keys})
            case "leg.renegotiate":
                actor.push("renegotiate", {"leg_id": p["leg_id"]}, to=p["seat_id"])
            case "slots":
                actor.push("slots", {"slots": p["slots"]}, to=p["seat_id"])

    def _helper(self, event: str, p: Params) -> None:
        actor = self._actor
        match event:
            case "answer.partial":
                self._partial(p)
            case "answer.final":
                keys = (
                    "window_id",
                    "verdict",
                    "text",
                    "phrase",
                    "confidence",
                    "margin",
                    "start_ms",
                    "end_ms",
                    "engine",
                    "reasons",
                )
                actor.tell(system("answer_heard", **{key: p.get(key) for key in keys}))
            case "speech.activity":
                self._activity(p)
            case "transcript":
                said = ("seat_id", "text", "start_ms", "end_ms", "words", "engine")
                actor.tell(system("transcript", **{key: p.get(key) for key in said}))
                actor.push("caption", {"seat_id": p["seat_id"], "text": p["text"]})
            case "vision.alert":
                self._alert(str(p["seat_id"]), str(p["kind"]).upper(), bool(p["is_active"]), p.get("t_ms"))

    def _partial(self, p: Params) -> None:
        node = self._actor.state.node
        if node is None:
            return
        agent = self._actor.state.setup.agent.seat_id
        for person_id, run in node.answers.items():
            if run.window_id == p["window_id"]:
                seat = self._actor.state.seat_of(person_id)
                seat_id = seat.seat_id if seat else None
                data = {"person_id": person_id, "seat_id": seat_id, "text": p["text"]}
                for target in {agent, seat_id} - {None}:
                    self._actor.push("partial", data, to=target)

    def _activity(self, p: Params) -> None:
        seat_id, t_ms = str(p["seat_id"]), int(p["t_ms"])
        is_agent = seat_id == self._actor.state.setup.agent.seat_id
        if p["is_speaking"]:
            self._speaking.setdefault(seat_id, t_ms)
            node = self._actor.state.node
            if is_agent and node is not None and any(run.window_id for run in node.answers.values()):
                # The agent talks while a customer is to answer: shown at once, judged by a person later (coaching).
                self._alert(seat_id, "AGENT_SPEAKS_IN_ANSWER", True, t_ms)
            return
        since = self._speaking.pop(seat_id, None)
        if since is not None and is_agent:
            self._actor.tell(system("speech_heard", seat_id=seat_id, duration_ms=max(0, t_ms - since), t_ms=t_ms))
            self._alert(seat_id, "AGENT_SPEAKS_IN_ANSWER", False, t_ms)

    def _alert(self, seat_id: str, code: str, is_active: bool, t_ms: int | None) -> None:
        self._actor.tell(system("alert", seat_id=seat_id, code=code, is_active=is_active, t_ms=t_ms))
        told = {self._actor.state.setup.agent.seat_id} | ({seat_id} if code in FOR_THEMSELVES else set())
        for target in told:
            self._actor.push("alert", {"seat_id": seat_id, "kind": code, "is_active": is_active}, to=target)
