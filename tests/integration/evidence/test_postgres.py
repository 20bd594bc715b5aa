"""The same way on PostgreSQL: finalised by the jobs process, looked at and judged over HTTP."""

from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from server.app import build_app
from server.context import Context
from server.schema import load_metadata
from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.integration.evidence.test_api import export, look_at_recording, pass_it, play
from tests.integration.evidence.test_finalise import jobs_running, until_inspection
from tests.support.core import Clock, Service
from tests.support.postgres import Postgres
from tests.support.recordings import make_session


@pytest.mark.needs_postgres
@pytest.mark.timeout(600)
async def test_from_recording_to_verdict_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=postgres.create(),
        http_port=0,
        model_dir=tmp_path / "no-models",
        model_mirror=None,
    )
    clock, database = Clock(), Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=clock)
    made = await make_session(context, length_ms=6_000, verdicts={1: "unclear"})
    async with jobs_running(context):
        await until_inspection(context, made.recording_id)
    web = TestServer(build_app(context))
    await web.start_server()
    service = Service(web, context, clock)
    try:
        inspector = await service.sign_in("zhaoliu")
        await look_at_recording(inspector, made)
        await play(service, inspector, made)
        await export(inspector, made, tmp_path)
        [line] = (await inspector.ask("GET", "/api/v1/inspections"))["items"]
        [mine] = [one for one in await inspector.ask("GET", "/api/v1/inspections/inspectors") if one["name"] == "赵柳"]
        body = {"inspection_ids": [line["id"]], "inspector_id": mine["id"]}
        await inspector.ask("POST", "/api/v1/inspections/assign", json=body, status=200)
        [line] = (await inspector.ask("GET", "/api/v1/inspections"))["items"]
        assert (line["assigned_name"], line["is_assigned_to_me"]) == ("赵柳", True)
        await pass_it(service, inspector, made)
    finally:
        for caller in service.callers:
            await caller.client.close()
        await web.close()
        await database.aclose()
