"""Faces are watched for as long as it records, whatever becomes of the process that looks."""

from server.settings import Settings
from tests.support.session_service import Engine, Page, full_room, live_service


async def test_a_vision_process_that_died_is_asked_to_watch_on_and_its_warnings_go(settings: Settings) -> None:
    vision = Engine(settings.internal_token.get_secret_value())
    vision.on("room.watch", lambda p: {"references": {}})
    vision.on("room.unwatch", lambda p: {"seats": {}})
    await vision.start()
    try:
        async with live_service(settings, vision_port=vision.port) as live:
            room = await full_room(live)
            await room.agent.until(lambda p: p.view["engines"]["vision"])
            await room.start()
            watched = await vision.called("room.watch")
            seat_id = room.holder.view["me"]["seat_id"]
            assert seat_id in {seat["seat_id"] for seat in watched["seats"]}

            def is_warned(page: Page) -> bool:
                return any(x["alerts"] for x in page.view["people"] if x["seat_id"] == seat_id)

            lost = {"room_id": room.session_id, "seat_id": seat_id, "kind": "face_lost", "is_active": True, "t_ms": 1_600}
            vision.rpc.emit("vision.alert", lost)
            await room.agent.until(is_warned)
            await room.holder.until(is_warned)
            asked = vision.count("room.watch")
            await vision.stop()
            await room.holder.until(lambda p: not is_warned(p))
            await room.agent.until(lambda p: not p.view["engines"]["vision"] and not is_warned(p))
            await vision.start()
            assert await vision.called("room.watch", asked + 1) == watched
            vision.rpc.emit("vision.alert", {**lost, "t_ms": 4_000})
            await room.holder.until(is_warned)
    finally:
        await vision.stop()
