"""A running session whose media worker is killed: the real application, its real worker, clients that come back when told to."""

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiortc import RTCCertificate

from media.recorder.reader import Timeline, merge_spans, read_timeline
from server.settings import Settings
from tests.media.peer import VP8, VP8_KEY, Peer
from tests.support.session_service import Live, Page, Room, live_service
from tests.support.worker_process import journal, worker_process


class PageCalls:
    """What a page does with its socket, in the shape the scripted client calls."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def call(self, method: str, params: dict[str, Any] | None = None, **_: Any) -> Any:
        name = {"seat.join": "media.join", "seat.answer": "media.answer", "seat.restart": "media.restart"}[method]
        keep = {key: value for key, value in (params or {}).items() if key in ("leg_id", "sdp")}
        return await self._page.ok(name, **keep)


class Person:
    """A page and its media: talks, shows pictures, and joins again when the page is told to."""

    def __init__(self, page: Page, certificate: RTCCertificate) -> None:
        self.page = page
        self.seat_id = str(page.view["me"]["seat_id"])
        self._certificate = certificate
        self._sender: asyncio.Task[None] | None = None
        self.peer: Peer | None = None

    async def join(self) -> None:
        """New connection on the seat."""
        await self.leave()
        calls: Any = PageCalls(self.page)
        self.peer = Peer(calls, "", self.seat_id, self._certificate)
        await self.peer.join()
        self._sender = asyncio.create_task(self._send(self.peer))

    async def return_when_told(self) -> None:
        """Wait for the server's word, then join."""
        await self.page.until(lambda page: any(item["push"] == "rejoin" for item in page.pushes))
        await self.join()

    async def leave(self) -> None:
        """Stop sending, without a goodbye."""
        if self._sender is not None:
            self._sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sender
            self._sender = None
        if self.peer is not None:
            await self.peer.aclose()

    async def _send(self, peer: Peer) -> None:
        sequence = 1
        while True:
            peer.send_audio(sequence)
            if sequence % 3 == 0:
                peer.send("camera", VP8, sequence // 3, sequence * 1800, VP8_KEY, is_marker=True)
            if sequence % 25 == 0:
                peer.check()
            sequence += 1
            await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of it. `away_ms`: by seat, the recorded gap of its sound around the kill."""

    timeline: Timeline
    away_ms: dict[str, int]


async def kill_once(settings: Settings) -> Killed:
    """Open a session with three people, record, kill the worker, start it again at once (as the supervisor does), go on."""
    async with worker_process(settings, DR_MEDIA_HOST="127.0.0.1") as worker:
        await worker.answers()
        async with live_service(settings, worker.url) as live:
            room, people = await fill(live)
            try:
                await room.start()
                recording_id = await recording_id_of(settings)
                folder = settings.data_dir / "recordings" / recording_id
                seats = {person.seat_id for person in people}
                await written(folder, seats)
                await asyncio.sleep(2.0)
                before = len(journal(folder))
                await worker.kill(signal.SIGKILL)
                await worker.start()
                await asyncio.gather(*(person.return_when_told() for person in people))
                await room.agent.until(lambda page: all(is_present(page, seat) for seat in seats))
                await written(folder, seats, before)
                await asyncio.sleep(3.0)
                await room.agent.ok("abort_session", reason="test")
                return await _judge(folder, people)
            finally:
                for person in people:
                    await person.leave()


async def written(folder: Path, seats: set[str], since: int = 0) -> None:
    """Wait until a file of every seat was begun, in the journal behind its first `since` entries."""
    async with asyncio.timeout(60):
        while seats - {entry["seat_id"] for entry in journal(folder)[since:] if entry["type"] == "segment_opened"}:
            await asyncio.sleep(0.05)


def is_present(page: Page, seat_id: str) -> bool:
    return any(item["seat_id"] == seat_id and item["presence"] == "present" for item in page.view["people"])


async def fill(live: Live) -> tuple[Room, list[Person]]:
    certificate = RTCCertificate.generateCertificate()
    caller = await live.service.sign_in("zhangsan")
    created = await live.create(caller, await live.ready_case(caller))
    session_id, code = created["session_id"], created["join_code"]["code"]
    agent = await live.page(caller, session_id)
    await agent.until(lambda p: p.view["engines"]["media"] and p.view["engines"]["speech"])
    pages = [agent]
    for last4 in ("0001", "0002"):
        seat = await live.seat_ticket(code, last4)
        pages.append(await live.page(await live.service.anonymous(), session_id, seat["ticket"]))
    people = []
    for page in pages:
        await page.ok("enter_room")
        people.append(Person(page, certificate))
        await people[-1].join()
        await page.until(lambda p: any(item["is_me"] and item["presence"] == "present" for item in p.view["people"]))
    return Room(live, agent, pages[1], pages[2], created, {}), people


async def recording_id_of(settings: Settings) -> str:
    async with asyncio.timeout(60):
        while not (found := [path.parent.name for path in (settings.data_dir / "recordings").glob("*/journal.ndjson")]):
            await asyncio.sleep(0.02)
    return found[0]


async def _judge(folder: Path, people: list[Person]) -> Killed:
    async with asyncio.timeout(60):
        while not (timeline := read_timeline(folder)).is_stopped:
            await asyncio.sleep(0.05)
    # The restart gap of a seat begins at its last media before the kill.
    restarts = [entry for entry in timeline.entries if entry.get("type") == "gap" and entry.get("kind") == "restart"]
    at = max(entry["t0_ms"] for entry in restarts)
    away: dict[str, int] = {}
    for person in people:
        spans = [
            (gap.t0_ms, gap.t1_ms)
            for gap in timeline.gaps
            if gap.seat_id == person.seat_id and gap.media in (None, "mic") and gap.track == "main"
        ]
        around = [span for span in merge_spans(spans, join_ms=100) if span[1] > at]
        away[person.seat_id] = around[0][1] - around[0][0] if around else -1
    return Killed(timeline, away)
