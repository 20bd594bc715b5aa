"""Media signalling of one seat: join, answer, restart. The rules say whether; the media worker says how."""

from typing import Any

from media.rpc import RpcError
from server.domain.session_checks import may_join_media
from server.http.problem import Problem
from server.sessions.actor import SessionActor
from server.sessions.engines import MEDIA
from server.sessions.hub import SessionHub
from server.sessions.ice import ice_servers

_FULL = ("MEDIA_FULL", "MEDIA_DISK_LOW", "MEDIA_DRAINING")
_STATUS = {"SDP_INVALID": 422, "LEG_UNKNOWN": 404, "PARAMS_INVALID": 422}


async def media_command(
    hub: SessionHub, actor: SessionActor, seat_id: str, command: str, params: dict[str, Any]
) -> dict[str, Any]:
    """Carry out a media command. Raises `Problem`."""
    reason = may_join_media(actor.state, actor.state.seats[seat_id])
    if reason is not None:
        raise Problem(410 if reason.code == "SESSION_OVER" else 409, reason.code, **dict(reason.params))
    servers = ice_servers(hub.context.settings, seat_id, hub.context.now())
    try:
        if command == "media.join":
            joined = await _join(hub, actor, seat_id)
            return {"leg_id": joined["leg_id"], "sdp": joined["sdp"], "slots": joined["slots"], "ice_servers": servers}
        leg_id = params["leg_id"]
        # A process that began anew knows the legs that the log names.
        owner = actor.legs.get(str(leg_id), seat_id if actor.state.seats[seat_id].leg_id == leg_id else None)
        if owner != seat_id:
            raise Problem(404, "LEG_UNKNOWN")
        if command == "media.restart":
            restarted = await hub.engines.call(MEDIA, "seat.restart", {"leg_id": params["leg_id"]}, room=actor.session_id)
            return {"sdp": restarted["sdp"], "ice_servers": servers}
        answer = {"leg_id": params["leg_id"], "sdp": params["sdp"]}
        await hub.engines.call(MEDIA, "seat.answer", answer, room=actor.session_id)
        return {}
    except RpcError as error:
        if error.code in _STATUS:
            raise Problem(_STATUS[error.code], error.code) from error
        code = error.code if error.code in _FULL else "MEDIA_UNAVAILABLE"
        raise Problem(503, code, retryable=True, cause=error.code) from error


async def _join(hub: SessionHub, actor: SessionActor, seat_id: str) -> dict[str, Any]:
    """Join; a room the worker does not know (it started a moment ago) is opened first."""
    params = {"room_id": actor.session_id, "seat_id": seat_id}
    try:
        joined: dict[str, Any] = await hub.engines.call(MEDIA, "seat.join", params)
    except RpcError as error:
        if error.code not in ("ROOM_UNKNOWN", "SEAT_UNKNOWN") and hub.engines.is_placed(actor.session_id):
            raise
        await hub.effects.open_room(actor)
        joined = await hub.engines.call(MEDIA, "seat.join", params)
    actor.legs[str(joined["leg_id"])] = seat_id
    return joined
