"""Faces captured before the recording, as references for the same-person check in the room."""

import base64

from server.context import Context
from server.domain.session import SessionState
from server.identity.schemas import ImageKind
from server.identity.service import load_image


async def face_references(context: Context, state: SessionState) -> dict[str, str | None]:
    """seat_id → base64 JPEG, None where no picture was captured or several people sit before one phone (not measurable)."""
    found: dict[str, str | None] = {state.setup.agent.seat_id: None}
    for seat in state.seats.values():
        people = state.people_on(seat.seat_id)
        if seat.kind != "customer" or not people:
            continue
        image = await load_image(context, people[0], ImageKind.FACE) if len(people) == 1 else None
        found[seat.seat_id] = base64.b64encode(image).decode() if image else None
    return found
