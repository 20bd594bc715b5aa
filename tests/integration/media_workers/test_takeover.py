"""What goes to another machine: the journal in the store, its courses, and the folder that goes on with it. On both databases."""

import asyncio
import base64
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from media.recorder import Recorder
from media.recorder.adopt import adopt
from media.recorder.journal import JOURNAL_NAME
from media.recorder.reader import read_timeline
from scripts.bench.recorded import Silent
from server.context import Context
from server.media_workers import service as workers
from server.recordings import service as recordings
from server.recordings.places import journal_prefix, parse_piece, piece_key
from server.recordings.restore import journal_of, newest_course
from server.recordings.stores import build_store
from server.recordings.takeover import carried
from server.recordings.uploads import STATE_NAME, Uploader, carried_note, course_of
from server.sessions.engines import Engines
from server.settings import Settings
from storage.db.engine import Database
from storage.objects.port import ObjectStore
from tests.support.media_workers import put_room, register
from tests.support.recordings import make_session


@pytest.fixture
def settings(on_each_database: Settings) -> Settings:
    return on_each_database


@pytest.fixture
async def store(context: Context) -> AsyncIterator[ObjectStore]:
    made = await build_store(context.settings)
    yield made
    await made.aclose()


async def put(store: ObjectStore, course: int, offset: int, data: bytes) -> None:
    await store.put_bytes(piece_key("rec", course, offset), data, content_type="application/x-ndjson")


async def test_a_later_course_replaces_what_followed_its_beginning(store: ObjectStore) -> None:
    await put(store, 0, 0, b"a" * 10)
    await put(store, 0, 10, b"a" * 10)
    assert await journal_of(store, "rec") == b"a" * 20
    await put(store, 1, 20, b"b" * 5)
    await put(store, 0, 20, b"late" * 5)  # the lost machine was there after all
    await put(store, 1, 25, b"B" * 5)
    assert await journal_of(store, "rec") == b"a" * 20 + b"b" * 5 + b"B" * 5
    await put(store, 2, 25, b"c" * 3)
    await put(store, 2, 40, b"hole")
    assert await journal_of(store, "rec") == b"a" * 20 + b"b" * 5 + b"c" * 3
    assert await newest_course(store, "rec") == 2


def test_names_of_pieces() -> None:
    for place in ((0, 0), (0, 10**9), (1, 0), (12, 5_000)):
        assert parse_piece("rec", piece_key("rec", *place)) == place
    for name in ("x", "1-x", "x-1", "", "-"):
        assert parse_piece("rec", f"{journal_prefix('rec')}{name}.ndjson") is None


def test_adopting_is_idempotent_and_moves_another_course_aside(tmp_path: Path) -> None:
    folder = tmp_path / "rec"
    adopt(folder, b"one\n", {STATE_NAME: carried_note(1, 4)})
    assert course_of(folder) == 1
    with (folder / JOURNAL_NAME).open("ab") as file:
        file.write(b"two\n")
    adopt(folder, b"one\n", {STATE_NAME: carried_note(1, 4)})
    assert (folder / JOURNAL_NAME).read_bytes() == b"one\ntwo\n"
    adopt(folder, b"uno\n", {}, is_beginning=True)
    assert (folder / JOURNAL_NAME).read_bytes() == b"one\ntwo\n"
    adopt(folder, b"one\nother\n", {STATE_NAME: carried_note(3, 10)})
    assert (folder / JOURNAL_NAME).read_bytes() == b"one\nother\n"
    assert course_of(folder) == 3
    assert (tmp_path / "rec.former1" / JOURNAL_NAME).read_bytes() == b"one\ntwo\n"
    for journal, beside in ((b"cut", {}), (b"", {}), (b"a\n", {"../x": ""}), (b"a\n", {".hidden": ""})):
        with pytest.raises(ValueError, match="journal"):
            adopt(tmp_path / "new", journal, beside)
    assert not (tmp_path / "new").exists()


async def test_a_recording_of_which_nothing_was_stored_goes_on_by_the_clock(
    context: Context, store: ObjectStore, tmp_path: Path
) -> None:
    made = await make_session(context, length_ms=2_000, stop=False)
    taken = await carried(context, store, made.recording_id)
    assert taken["is_beginning"] is True
    folder = tmp_path / "elsewhere"
    adopt(folder, zlib.decompress(base64.b64decode(taken["journal"])), taken["beside"], is_beginning=True)
    recorder = Recorder()
    recording = await recorder.open(folder, made.recording_id, made.session_id, Silent())
    async with context.db.read() as tx:
        row = await recordings.get(tx, made.recording_id)
    assert abs(recording.clock.started_at - row["started_at"]) < timedelta(milliseconds=1)
    await recording.stop()
    await recorder.aclose()
    timeline = read_timeline(folder)
    assert timeline.is_stopped
    assert [entry["type"] for entry in timeline.entries][:2] == ["recording_started", "recording_resumed"]
    assert timeline.recording_id == made.recording_id


async def test_a_machine_that_comes_back_stores_no_more_of_what_went_on_elsewhere(context: Context, store: ObjectStore) -> None:
    made = await make_session(context, length_ms=4_000, stop=False)
    work = Uploader(context, store, settle=timedelta(0), piece_s=0)
    await work.step()
    before = await journal_of(store, made.recording_id)
    assert before
    await register(context, "elsewhere:0", "http://127.0.0.1:9")
    await put_room(context, made.session_id, "elsewhere:0")
    with (made.folder / JOURNAL_NAME).open("ab") as file:
        entry = {"seq": 10_000, "at": context.now().isoformat(), "t_ms": 9, "type": "mark", "kind": "late", "data": {}}
        file.write(json.dumps(entry).encode() + b"\n")
    await work.step()
    assert await journal_of(store, made.recording_id) == before
    taken = await carried(context, store, made.recording_id)
    assert zlib.decompress(base64.b64decode(taken["journal"])) == before
    assert json.loads(taken["beside"][STATE_NAME]) == {"journal_to": len(before), "key": "", "is_done": False, "course": 1}


async def test_one_of_several_web_processes_moves_a_room(context: Context) -> None:
    rooms = [f"room{number}" for number in range(12)]
    for worker_id in ("lost:1", "other:1", "other:2"):
        await register(context, worker_id, "http://127.0.0.1:9")
    for room in rooms:
        await put_room(context, room, "lost:1")
    databases = [Database.connect(context.settings.database_url) for _ in range(3)]
    webs = [Engines(replace(context, db=database), lambda *_: None, lambda *_: None) for database in databases]
    try:
        for web in webs:
            await web.start()
            # None of them looks at the leases meanwhile: all believe that the room is theirs to move.
            assert all(web.serves("media", "lost:1", room) for room in rooms)
        chosen = await asyncio.gather(*(web.leave(room) for room in rooms for web in webs))
        for index, room in enumerate(rooms):
            assert sum(chosen[index * 3 : index * 3 + 3]) == 1
            mover = webs[chosen[index * 3 : index * 3 + 3].index(True)]
            assert not mover.is_placed(room)
            followers = [web for web in webs if web is not mover]
            # Nowhere yet: who follows keeps the lost place and asks again, and is not told to place it either.
            assert [await web.leave(room) for web in followers] == [False, False]
            assert all(web.serves("media", "lost:1", room) for web in followers)
            async with context.db.begin() as tx:
                assert await workers.place(tx, room, "other:1", mover._places.who, context.now())
            assert [await web.leave(room) for web in followers] == [False, False]
            assert all(web.serves("media", "other:1", room) for web in followers)
    finally:
        for web in webs:
            await web.aclose()
        for database in databases:
            await database.aclose()
