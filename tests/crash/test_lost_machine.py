"""A machine is lost for good while a session records: everybody returns to the same seats on another one, same timeline.

The real application and two real media workers with data folders of their own, as on two machines; the object store is all they
share beside the database (SQLite and PostgreSQL). One worker is killed and never comes back until the session is over; then it
does, and changes nothing.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.recorder.reader import Timeline, merge_spans, read_timeline
from server.context import Context
from server.jobs.registry import Services
from server.media_workers import service as workers
from server.media_workers.tables import media_workers
from server.recordings import service as recordings
from server.recordings.places import journal_prefix, key_prefix
from server.recordings.restore import restore, source_folder
from server.recordings.stores import build_authority, build_ring, build_store
from server.recordings.uploads import Uploader
from server.sessions.hub import HUB, SessionHub
from server.settings import Settings
from storage.objects.port import ObjectStore
from tests.support.killed_session import Person, fill, is_present, recording_id_of
from tests.support.media_workers import register
from tests.support.session_service import Live, live_service
from tests.support.worker_process import WorkerProcess, journal, worker_process


class Machine:
    """A machine with a media worker, its own disk and its own uploader."""

    def __init__(self, node: str, settings: Settings, worker: WorkerProcess) -> None:
        self.node = node
        self.settings = settings
        self.worker = worker
        self.context: Context | None = None
        self.uploader: Uploader | None = None

    def attach(self, context: Context, store: ObjectStore) -> None:
        self.context = replace(context, settings=self.settings)
        self.uploader = Uploader(self.context, store, settle=timedelta(0), piece_s=0)

    async def upload(self) -> None:
        assert self.uploader is not None
        await self.uploader.step()

    def folder(self, recording_id: str) -> Path:
        return self.settings.data_dir / "recordings" / recording_id


def machine_settings(settings: Settings, node: str) -> Settings:
    return settings.model_copy(update={"data_dir": settings.data_dir / node, "media_node": node})


@pytest.fixture
def settings(on_each_database: Settings) -> Settings:
    return on_each_database


@pytest.fixture
async def machines(settings: Settings) -> AsyncIterator[list[Machine]]:
    made: list[Machine] = []
    first, second = (machine_settings(settings, node) for node in ("test", "other"))
    async with (
        worker_process(first, DR_MEDIA_HOST="127.0.0.1") as one,
        worker_process(second, DR_MEDIA_HOST="127.0.0.1") as two,
    ):
        await asyncio.gather(one.answers(), two.answers())
        made += [Machine("test", first, one), Machine("other", second, two)]
        yield made


async def closed(machine: Machine, recording_id: str, seats: int, more: int = 1) -> None:
    """Wait until each of so many seats has closed segments."""
    async with asyncio.timeout(60):
        while True:
            entries = journal(machine.folder(recording_id))
            found = [entry["seat_id"] for entry in entries if entry["type"] == "segment_closed"]
            if len(set(found)) >= seats and min(found.count(seat) for seat in set(found)) >= more:
                return
            await asyncio.sleep(0.1)


async def lose(live: Live, hub: SessionHub, session_id: str, worker_id: str) -> None:
    """The lease of a worker ended long ago; the service looks after its rooms."""
    context = live.service.context
    ended = context.now() - 2 * workers.MOVE_AFTER
    async with context.db.begin() as tx:
        await tx.execute(media_workers.update().where(media_workers.c.id == worker_id).values(lease_until=ended))
    await hub.engines.refresh()
    actor = await hub.get(session_id)
    async with asyncio.timeout(60):
        while not hub.engines.gives_up(session_id):
            await asyncio.sleep(0.05)
    await hub._look_after(actor)


async def test_a_running_session_goes_on_on_another_machine(settings: Settings, machines: list[Machine]) -> None:
    first, second = machines
    store = await build_store(settings)
    async with live_service(settings, first.worker.url) as live:
        context = live.service.context
        hub: SessionHub = live.service.server.app[HUB]
        room, people = await fill(live)
        for machine in machines:
            machine.attach(context, store)
        try:
            await room.start()
            recording_id = await recording_id_of(first.settings)
            await closed(first, recording_id, 3)
            await first.upload()
            known = [entry["file"] for entry in journal(first.folder(recording_id)) if entry["type"] == "segment_closed"]

            await register(context, "other:0", second.worker.url)
            await hub.engines.refresh()
            await first.worker.kill(signal.SIGKILL)
            async with asyncio.timeout(60):
                while hub.engines.is_up("media", room.session_id):
                    await asyncio.sleep(0.05)
            await lose(live, hub, room.session_id, "test:0")
            await asyncio.gather(*(person.return_when_told() for person in people))
            seats = [person.seat_id for person in people]
            await room.agent.until(lambda page: all(is_present(page, seat) for seat in seats))
            assert room.agent.view["phase"] == "recording"
            await closed(second, recording_id, 3, more=2)

            await first.upload()  # the lost machine is there again: what it has to tell is no longer asked for
            await room.agent.ok("abort_session", reason="test")
            await _stopped(second.folder(recording_id))
            await second.upload()
            await _judge(context, store, machines, recording_id, people, known)
        finally:
            for person in people:
                await person.leave()
            await store.aclose()


async def _stopped(folder: Path) -> None:
    async with asyncio.timeout(60):
        while not read_timeline(folder).is_stopped:
            await asyncio.sleep(0.05)


async def _judge(
    context: Context, store: ObjectStore, machines: list[Machine], recording_id: str, people: list[Person], known: list[str]
) -> None:
    first, second = machines
    made_by = {
        machine.node: {path.name for path in (machine.folder(recording_id) / "segments").iterdir()} for machine in machines
    }
    assert not made_by["test"] & made_by["other"]
    async with context.db.read() as tx:
        row = await recordings.get(tx, recording_id)
        assert await workers.nodes_of(tx, [row["session_id"]]) == {row["session_id"]: "other"}

    def services(machine: Machine) -> Services:
        assert machine.context is not None
        now = context.now()
        return Services(machine.context, store, build_ring(context.settings, now), build_authority(context.settings))

    wholes: list[tuple[Timeline, Path]] = []
    for machine in (second, first):
        # Finalised on the machine that ended it, or on the one that began it and was lost: the same recording.
        folder = await source_folder(services(machine), recording_id)
        wholes.append((read_timeline(folder), folder))
    elsewhere = context.settings.data_dir / "elsewhere"
    restored = await restore(store, key_prefix(row["case_id"], recording_id), recording_id, elsewhere)
    assert restored is not None
    assert (restored.is_stopped, restored.missing) == (True, ())
    wholes.append((read_timeline(elsewhere), elsewhere))
    assert [key async for key in store.list(journal_prefix(recording_id)) if "/001-" in key]
    for timeline, folder in wholes:
        assert [entry["seq"] for entry in timeline.entries] == list(range(len(timeline.entries)))
        assert timeline.is_stopped
        files = {segment.file for segment in timeline.segments}
        assert set(known) <= files, folder
        assert {file.split("/")[1] for file in files} & made_by["other"] == made_by["other"]
        for segment in timeline.segments:
            assert (folder / segment.file).stat().st_size == segment.bytes
        _no_time_unaccounted(timeline, [person.seat_id for person in people])


def _no_time_unaccounted(timeline: Timeline, seats: list[str]) -> None:
    """On one clock, each seat is either recorded or marked as missing, from its first segment to the end."""
    for seat in seats:
        mine = [item for item in timeline.segments if (item.seat_id, item.track) == (seat, "main")]
        spans = [(item.t0_ms, item.t1_ms) for item in mine]
        gaps = [(gap.t0_ms, gap.t1_ms) for gap in timeline.gaps if (gap.seat_id, gap.track) == (seat, "main")]
        merged = merge_spans([*spans, *gaps], join_ms=250)
        assert len(merged) == 1, (seat, merged)
        assert merged[0][1] >= timeline.duration_ms - 1_500, (seat, merged, timeline.duration_ms)
        restarts: list[Any] = [gap for gap in timeline.gaps if gap.seat_id == seat and gap.kind == "restart"]
        assert len(restarts) == 1, (seat, restarts)
