"""Commands as they arrive on the socket: each has its parameters' model; what is not here does not exist for pages."""

from typing import Any

from pydantic import BaseModel, ValidationError

from server.http.problem import Problem
from server.http.typed import faults, unprintable
from server.sessions import messages as wire

PARAMS: dict[str, type[BaseModel]] = {
    "enter_room": wire.NoParams,
    "leave_room": wire.NoParams,
    "report_state": wire.ReportStateParams,
    "start_recording": wire.NoParams,
    "prompt_read_aloud": wire.NoParams,
    "end_recording": wire.NoParams,
    "advance": wire.NodeParams,
    "replay_prompt": wire.NodeParams,
    "override_answer": wire.OverrideParams,
    "confirm_id": wire.ConfirmIdParams,
    "confirm_on_site": wire.ConfirmOnSiteParams,
    "set_location": wire.LocationParams,
    "release_seat": wire.ReleaseSeatParams,
    "add_note": wire.NoteParams,
    "start_share": wire.ShareStartParams,
    "stop_share": wire.ShareStopParams,
    "decline": wire.DeclineParams,
    "abort_session": wire.AbortParams,
    "document.open": wire.DocumentOpenParams,
    "document.view": wire.DocumentViewParams,
    "document.sign": wire.DocumentSignParams,
}
MEDIA_PARAMS: dict[str, type[BaseModel]] = {
    "media.join": wire.NoParams,
    "media.answer": wire.MediaAnswerParams,
    "media.restart": wire.MediaRestartParams,
}


def parameters(command: str, params: dict[str, Any]) -> dict[str, Any]:
    """Validated parameters. Raises 404 `COMMAND_UNKNOWN`, 422 `REQUEST_INVALID` with fields."""
    model = PARAMS.get(command) or MEDIA_PARAMS.get(command)
    if model is None:
        raise Problem(404, "COMMAND_UNKNOWN", command=command[:40])
    broken = [{"path": path, "code": "text_unprintable"} for path in unprintable(params)]
    if broken:
        raise Problem(422, "REQUEST_INVALID", fields=broken[:20])
    try:
        return model.model_validate(params).model_dump()
    except ValidationError as error:
        raise Problem(422, "REQUEST_INVALID", fields=faults(error, params)[:20]) from error
