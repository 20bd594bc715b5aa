"""Segments in the store while the call runs: over a local store and a real gateway, with the store away, the uploader killed, the
machine lost. Recordings are really recorded.
"""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from media.recorder.reader import read_timeline
from server.context import Context
from server.jobs.registry import JobError, Services
from server.media_workers import alarms
from server.media_workers import service as workers
from server.media_workers.tables import media_workers, recording_cleanups
from server.recordings import cleanup
from server.recordings import service as recordings
from server.recordings.places import journal_prefix, key_prefix
from server.recordings.restore import restore, source_folder
from server.recordings.stores import build_authority, build_ring, build_store
from server.recordings.tables import recordings as recording_table
from server.recordings.uploads import STATE_NAME, Uploader
from server.schema import load_metadata
from server.settings import ROOT, Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from storage.db.ids import new_id
from storage.evidence.package import FolderPackage
from storage.evidence.verify import verify
from storage.objects.port import ObjectStore
from tests.contract.rgw import ACCESS, SECRET, Gateway
from tests.support.media_workers import put_room, register
from tests.support.recordings import Made, finalise, make_session

LENGTH_MS = 6_000


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.needs_rgw)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "data", http_port=0, database_url="", model_dir=tmp_path / "no-models")
    if request.param == "s3":
        gateway: Gateway = request.getfixturevalue("gateway")
        made = made.model_copy(update={**_s3(gateway.endpoint), "s3_bucket": new_id("up").replace("_", "-")})
    return made


def _s3(endpoint: str) -> dict[str, object]:
    return {
        "object_store": "s3", "s3_endpoint": endpoint, "s3_access_key": ACCESS, "s3_secret_key": SecretStr(SECRET),
        "s3_secure": False,
    }  # fmt: skip


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[ObjectStore]:
    made = await build_store(settings)
    yield made
    await made.aclose()


def uploader(context: Context, store: ObjectStore) -> Uploader:
    return Uploader(context, store, settle=timedelta(0), piece_s=0)


def services(context: Context, store: ObjectStore) -> Services:
    now = context.now()
    return Services(context, store, build_ring(context.settings, now), build_authority(context.settings))


async def keys(store: ObjectStore, prefix: str) -> list[str]:
    return [key async for key in store.list(prefix)]


def segments(made: Made) -> dict[str, str]:
    return {segment.file: segment.sha256 for segment in read_timeline(made.folder).segments}


async def check_stored(store: ObjectStore, made: Made, wanted: dict[str, str]) -> None:
    """The store has exactly these segments, byte for byte, and the journal that names them."""
    prefix = key_prefix(made.case_id, made.recording_id)
    assert await keys(store, prefix) == sorted(prefix + file for file in wanted)
    for file, sha256 in wanted.items():
        digest = hashlib.sha256()
        async for chunk in store.stream(prefix + file):
            digest.update(chunk)
        assert digest.hexdigest() == sha256


async def test_closed_segments_are_stored_during_the_call(context: Context, store: ObjectStore) -> None:
    made = await make_session(context, length_ms=LENGTH_MS, stop=False)
    work = uploader(context, store)
    await work.step()
    wanted = segments(made)
    await check_stored(store, made, wanted)
    assert (work.state.waiting, work.state.confirmed, work.state.is_store_up) == (0, len(wanted), True)
    assert await keys(store, journal_prefix(made.recording_id))
    # A new process knows what is done; nothing is sent again.
    again = uploader(context, store)
    await again.step()
    assert again.state.confirmed == 0


async def test_a_clock_that_is_set_back_holds_no_journal_up(context: Context, store: ObjectStore) -> None:
    """Lines of an hour to come were written before it was set back: as settled as any other."""
    made = await make_session(context, length_ms=LENGTH_MS, stop=False)
    journal = made.folder / "journal.ndjson"
    lines = [json.loads(line) for line in journal.read_bytes().splitlines()]
    for line in lines:
        line["at"] = (datetime.fromisoformat(line["at"]) + timedelta(hours=1)).isoformat()
    journal.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    await Uploader(context, store, settle=timedelta(minutes=1), piece_s=0).step()
    assert await keys(store, journal_prefix(made.recording_id))


async def test_a_lost_machine_loses_only_what_was_open(context: Context, store: ObjectStore, tmp_path: Path) -> None:
    made = await make_session(context, length_ms=LENGTH_MS, stop=False)
    lines = (made.folder / "journal.ndjson").read_bytes().splitlines(keepends=True)
    closed = [number for number, line in enumerate(lines) if json.loads(line)["type"] == "segment_closed"]
    last = json.loads(lines[closed[-1]])
    (made.folder / "journal.ndjson").write_bytes(b"".join(line for n, line in enumerate(lines) if n != closed[-1]))
    await uploader(context, store).step()
    wanted = segments(made)
    assert last["file"] not in wanted  # it was open when the machine went

    await register(context, "gone:0", "http://127.0.0.1:9")
    await put_room(context, made.session_id, "gone:0")
    async with context.db.begin() as tx:
        await recordings.mark_stopped(tx, context, made.recording_id)
    kept = tmp_path / "kept"
    shutil.move(made.folder, kept)
    with pytest.raises(JobError, match="RECORDING_NOT_UPLOADED"):  # the machine is alive: its agent is to finish first
        await source_folder(services(context, store), made.recording_id)
    async with context.db.begin() as tx:
        await tx.execute(media_workers.update().values(lease_until=context.now() - 2 * workers.LOST_AFTER))
    folder = await source_folder(services(context, store), made.recording_id)
    timeline = read_timeline(folder)
    assert {segment.file: segment.sha256 for segment in timeline.segments} == wanted
    assert timeline.is_stopped
    assert timeline.entries[-1]["reason"] == "machine_lost"
    assert [(gap.seat_id, gap.track) for gap in timeline.gaps if gap.kind == "restart"] == [(last["seat_id"], last["track"])]
    for segment in timeline.segments:
        assert (folder / segment.file).read_bytes() == (kept / segment.file).read_bytes()


@pytest.mark.parametrize("settings", [pytest.param("s3", marks=pytest.mark.needs_rgw)], indirect=True)
async def test_finalised_and_sealed_from_the_store_alone(context: Context, store: ObjectStore) -> None:
    made = await make_session(context, length_ms=LENGTH_MS)
    await uploader(context, store).step()
    await register(context, "gone:0", "http://127.0.0.1:9")
    await put_room(context, made.session_id, "gone:0")
    shutil.rmtree(made.folder)
    await finalise(context, made.recording_id)
    found = await restore(store, key_prefix(made.case_id, made.recording_id), made.recording_id, context.settings.data_dir / "x")
    assert found is not None
    assert found.is_stopped
    package = context.settings.data_dir / "package"
    prefix = key_prefix(made.case_id, made.recording_id)
    for key in await keys(store, prefix):
        path = package / key.removeprefix(prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join([chunk async for chunk in store.stream(key)]))
    report = verify(FolderPackage(package))
    assert report.is_intact, [finding for finding in report.findings if finding.is_error]

    # What the store confirms is freed, and only that.
    async with context.db.begin() as tx:
        await tx.execute(recording_table.update().values(sealed_at=context.now() - timedelta(days=2)))
    work = context.settings.data_dir / "finalise" / made.recording_id
    made.folder.mkdir(parents=True)
    source = work / "source"
    shutil.copytree(source, made.folder, dirs_exist_ok=True)
    tampered = made.folder / read_timeline(source).segments[0].file
    whole = tampered.read_bytes()
    tampered.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [due.subject_id for due in await cleanup.due(services(context, store))] == [made.recording_id]
    result = await cleanup.clean(context, store, made.recording_id)
    assert [item["reason"] for item in result["kept"]] == ["FILE_CHANGED"]
    assert [path.name for path in made.folder.rglob("*.*") if path.is_file() and path.name != ".whole"] == [tampered.name]
    assert await keys(store, journal_prefix(made.recording_id))
    async with context.db.begin() as tx:
        await cleanup.retry(tx, made.recording_id)
    assert [(due.subject_id, due.attempt) for due in await cleanup.due(services(context, store))] == [(made.recording_id, 1)]
    tampered.unlink()
    result = await cleanup.clean(context, store, made.recording_id)
    assert (result["kept"], made.folder.exists(), work.exists()) == ([], False, False)
    assert await keys(store, journal_prefix(made.recording_id)) == []
    assert not await cleanup.due(services(context, store))
    async with context.db.read() as tx:
        assert await tx.scalar(sa.select(recording_cleanups.c.node)) == context.settings.media_node


async def test_killed_at_every_dealing_with_the_store(context: Context, store: ObjectStore) -> None:
    made = await make_session(context, length_ms=4_000, stop=False)
    wanted = segments(made)
    settings = context.settings
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "DR_DATA_DIR": str(settings.data_dir), "DR_DATABASE_URL": settings.database_url,
        "DR_OBJECT_STORE": settings.object_store, "DR_S3_ENDPOINT": settings.s3_endpoint, "DR_S3_BUCKET": settings.s3_bucket,
        "DR_S3_ACCESS_KEY": settings.s3_access_key, "DR_S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
        "DR_S3_SECURE": "false",
    }  # fmt: skip
    codes = []
    for number, when in ((2, "after"), (3, ""), (999, "")):
        command = [sys.executable, "-m", "tests.crash.upload_process", str(number), *([when] if when else [])]
        done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, timeout=120)
        codes.append(done.returncode)
    assert codes[0] == codes[1] == -9, done.stderr
    assert codes[-1] == 0, done.stderr
    await check_stored(store, made, wanted)
    noted = [json.loads(line) for line in (made.folder / STATE_NAME).read_bytes().splitlines()]
    assert sorted(note["file"] for note in noted if "file" in note) == sorted(wanted)
    found = await restore(store, key_prefix(made.case_id, made.recording_id), made.recording_id, settings.data_dir / "copy")
    assert found is not None
    assert (found.segments, found.missing) == (len(wanted), ())


@dataclass
class Line:
    """A line to the gateway that can be cut."""

    target: tuple[str, int]
    port: int = 0
    server: asyncio.Server | None = None
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def up(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        assert self.server is not None
        self.server.close()
        for writer in self.open:
            writer.transport.abort()
        await self.server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        both = {writer, far_writer}
        self.open |= both
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self.open -= both


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.mark.needs_rgw
async def test_the_gateway_goes_down_and_comes_back(gateway: Gateway, tmp_path: Path) -> None:
    host, _, port = gateway.endpoint.partition(":")
    line = Line((host, int(port)))
    await line.up()
    base = Settings(data_dir=tmp_path / "data", http_port=0, database_url="", model_dir=tmp_path / "no-models")
    settings = base.model_copy(update={**_s3(f"127.0.0.1:{line.port}"), "s3_bucket": new_id("down").replace("_", "-")})
    database = Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    context = Context(settings, database, FieldCipher(settings.data_keys()), lambda: datetime.now(UTC))
    store = await build_store(settings)
    try:
        made = await make_session(context, length_ms=4_000, stop=False)
        wanted = segments(made)
        work = uploader(context, store)
        await line.down()
        await work.step()
        assert (work.state.is_store_up, work.state.waiting, work.state.confirmed) == (False, len(wanted), 0)
        assert work.state.oldest_at is not None
        late = context.now() + alarms.UPLOAD_LIMIT
        assert "uploads_late" in alarms.of_uploads(work.state.wire(), late)
        assert all((made.folder / file).is_file() for file in wanted)  # they wait on disk
        await line.up()
        await work.drain(60)
        assert (work.state.is_store_up, work.state.waiting) == (True, 0)
        assert alarms.of_uploads(work.state.wire(), late) == {}
        await check_stored(store, made, wanted)
    finally:
        await store.aclose()
        await database.aclose()
        await line.down()
