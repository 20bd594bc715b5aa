"""What ended is gone: nothing of a closed room, leg or recording is kept, and none of it waits for the garbage collector.

A worker runs for weeks and collects seldom (a collection stops the packets). So rooms come and go here with the collector off.
"""

import asyncio
import contextlib
import gc
import weakref
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media.native.engine import NativePort
from media.recorder.recording import Recording
from media.sfu.leg import Leg
from media.sfu.room import Room
from tests.media.conftest import ROOM, Control
from tests.media.peer import VP8_DELTA, VP8_KEY, Peer
from tests.media.test_sessions import make_prompt

MakePeer = Callable[[str], Peer]
# The scripted peers and the client of the RPC are in this process too.
_OF_THE_TEST = ("media.rpc", "media.transport.private")


def census() -> Counter[str]:
    """Objects of the worker, by class."""
    names = (f"{type(item).__module__}.{type(item).__qualname__}" for item in gc.get_objects())
    return Counter(name for name in names if name.startswith("media.") and not name.startswith(_OF_THE_TEST))


def of_leg(leg: Leg) -> list[Any]:
    connection = leg.connection
    dtls = connection._dtls
    assert dtls is not None
    made = [leg, connection, connection._pipe, connection.srtp, dtls, dtls._ssl, dtls._rx_srtp, dtls._tx_srtp]
    return [*made, *leg.sources.values(), *leg.outgoing.values()]


def watched(room: Room) -> dict[str, "weakref.ref[Any]"]:
    """Weak references to what the room is made of."""
    recording = room.recorder
    assert isinstance(recording, Recording)
    items = [room, room.prompt, room.prompt.source, recording, *recording._tracks.values(), *recording._streams]
    for leg in room.legs:
        items += of_leg(leg)
    refs: dict[str, weakref.ref[Any]] = {}
    for number, item in enumerate(items):
        with contextlib.suppress(TypeError):  # some have no room for a weak reference; their owners are here
            refs[f"{number} {type(item).__qualname__}"] = weakref.ref(item)
    return refs


async def arrived(peer: Peer, mid: str, count: int) -> None:
    await peer.until(lambda: len(peer.packets.get(mid, [])) >= count)


async def session(control: Control, make_peer: MakePeer, folder: Path, number: int) -> dict[str, "weakref.ref[Any]"]:
    """Two people, recorded: loss, a prompt, somebody comes back on another connection, somebody's link restarts, the end."""
    await control.open("a", "b")
    await control.consent("a", "b")
    a, b = make_peer("a"), make_peer("b")
    for peer in (a, b):
        await peer.join()
    await control.call("recording.start", room_id=ROOM, recording_id=f"r{number}", dir=str(folder / f"r{number}"))
    for peer in (a, b):
        for sequence in (0, 1, 2, 4):
            peer.send_audio(sequence)
            peer.send_video("camera", sequence, VP8_DELTA if sequence else VP8_KEY)
            peer.send_video("screen", sequence, VP8_DELTA if sequence else VP8_KEY)
    for here, there in ((a, b), (b, a)):
        for kind in ("mic", "camera", "screen"):
            mid = here.mid(kind, there.seat_id)
            await arrived(here, mid, 4)
    await control.call("prompt.play", room_id=ROOM, prompt_id="p", path=str(folder / "prompt.opus"))
    refs = watched(control.worker.api.rooms[ROOM])
    again = make_peer("a")
    await again.join()
    await again.restart()
    again.send_audio(9)
    await b.until(lambda: len(b.packets[b.mid("mic", "a")]) >= 5)
    refs |= {f"again {name}": ref for name, ref in watched(control.worker.api.rooms[ROOM]).items()}
    await control.call("seat.leave", room_id=ROOM, seat_id="b", reason="left")
    await control.call("recording.stop", room_id=ROOM)
    await control.call("room.close", room_id=ROOM)
    for peer in (a, b, again):
        await peer.aclose()
    return refs


async def test_nothing_of_a_closed_room_is_left(control: Control, make_peer: MakePeer) -> None:
    folder = control.data_dir / "recordings"
    folder.mkdir()
    make_prompt(folder / "prompt.opus", 100)
    await session(control, make_peer, folder, 0)  # what the first one loads is the program's
    gc.collect()
    before = census()
    gc.disable()
    try:
        refs: dict[str, weakref.ref[Any]] = {}
        for number in range(1, 4):
            refs |= {f"{number} {name}": ref for name, ref in (await session(control, make_peer, folder, number)).items()}
        assert len(refs) > 100

        def left() -> list[str]:
            return [name for name, ref in refs.items() if ref() is not None]

        try:
            async with asyncio.timeout(30):  # the disk threads and the tasks of DTLS let go a moment later
                while left() or census() - before:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError((left(), census() - before)) from None
    finally:
        gc.enable()
    port = control.worker.port
    assert not port._by_address
    assert not port._by_ufrag
    assert not port._by_ssrc
    if isinstance(port, NativePort):
        assert not port.engine._sources
        assert not port.engine._outgoing
        assert not port.engine._connections
