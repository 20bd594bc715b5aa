"""A live session over the real WebSocket: the whole way, and what pages see."""

from tests.support.session_service import Room


async def test_a_session_from_red_button_to_first_answers(room: Room) -> None:
    await room.start()
    await room.agent.node("recording_consent")
    await room.answered(room.holder, 1, "affirmative", "同意")
    await room.answered(room.insured, 1, "affirmative", "同意")
    await room.agent.until(lambda p: p.action("advance")["enabled"])
    await room.agent.ok("advance", node_id="recording_consent")
    await room.holder.node("prescribed_reminder")
