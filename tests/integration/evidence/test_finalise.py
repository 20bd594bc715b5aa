"""From a stopped recording to a sealed package in the store and an inspection in the queue, by the real jobs process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest
import sqlalchemy as sa

from server.cases.tables import cases
from server.context import Context
from server.inspections.tables import inspections
from server.jobs.registry import Services
from server.jobs.runtime import Runtime, build_registry
from server.jobs.tables import job_steps, jobs
from server.recordings.stores import build_authority, build_ring, build_store
from server.recordings.tables import recording_checks, recording_objects, recordings
from storage.evidence.findings import Code
from storage.evidence.package import FolderPackage
from storage.evidence.verify import verify
from tests.support.recordings import LENGTH_MS, Made, make_session


@asynccontextmanager
async def jobs_running(context: Context) -> AsyncIterator[Services]:
    store = await build_store(context.settings)
    services = Services(context, store, build_ring(context.settings, context.now()), build_authority(context.settings))
    stop = asyncio.Event()
    runtime = Runtime(services, build_registry(), "test")
    task = asyncio.create_task(runtime.run(stop))
    # No transaction of ours may be open while the engine builds its indexes on the same loop.
    launched = asyncio.create_task(runtime.launched.wait())
    await asyncio.wait({task, launched}, return_when=asyncio.FIRST_COMPLETED)
    launched.cancel()
    try:
        yield services
    finally:
        stop.set()
        await task
        await store.aclose()


async def until_state(context: Context, recording_id: str, wanted: str, timeout: float = 120) -> dict[str, Any]:
    async with asyncio.timeout(timeout):
        while True:
            async with context.db.read() as tx:
                row = (await tx.execute(sa.select(recordings).where(recordings.c.id == recording_id))).mappings().one()
                failed = (await tx.execute(sa.select(jobs).where(jobs.c.state == "failed"))).mappings().first()
            if row["state"] == wanted:
                return dict(row)
            if failed and wanted != "failed":
                pytest.fail(f"{failed['error_code']}: {failed['error_detail']}")
            await asyncio.sleep(0.1)


async def until_inspection(context: Context, recording_id: str) -> dict[str, Any]:
    async with asyncio.timeout(120):
        while True:
            async with context.db.read() as tx:
                query = sa.select(inspections).where(inspections.c.recording_id == recording_id)
                row = (await tx.execute(query)).mappings().first()
            if row:
                return dict(row)
            await asyncio.sleep(0.1)


async def test_a_recording_is_sealed_stored_and_queued(context: Context) -> None:
    made = await make_session(context, verdicts={1: "unclear"})
    async with jobs_running(context):
        row = await until_state(context, made.recording_id, "sealed")
        inspection = await until_inspection(context, made.recording_id)
    await check_package(context, made, row)
    await check_database(context, made, inspection)


async def check_package(context: Context, made: Made, row: dict[str, Any]) -> None:
    root = context.settings.data_dir / "store" / "objects" / "evidence" / made.case_id / made.recording_id
    report = verify(FolderPackage(root))
    assert [f.code for f in report.findings if f.is_error] == []
    assert report.manifest_sha256 == row["manifest_sha256"]
    manifest = report.manifest
    assert manifest is not None
    kinds = {entry.kind for entry in manifest.files}
    assert {
        "segment",
        "journal",
        "events",
        "transcript",
        "checks",
        "document",
        "signature",
        "video",
        "track",
        "markers",
        "keys",
    } <= kinds
    assert manifest.recording["id"] == made.recording_id
    assert {leg["track"] for leg in manifest.legs} == {"main", "screen", "prompt"}
    assert manifest.answers
    with av.open(str(root / "composite.mp4")) as video:
        assert video.duration is not None
        assert abs(video.duration / 1000 - LENGTH_MS) <= 500
    marks = (root / "composite.vtt").read_text()
    for person in made.setup.required():
        assert f"应答 {person.name}" in marks, "evidence names people in full"
        assert person.name not in json.dumps(row["meta"], ensure_ascii=False), "what views are made of has masked names"
    assert not list(context.settings.data_dir.rglob("render-job.json"))
    target = root / manifest.segments[0].path
    data = bytearray(target.read_bytes())
    data[321] ^= 0x10
    target.write_bytes(data)
    finding = next(f for f in verify(FolderPackage(root)).findings if f.is_error)
    assert (finding.code, finding.path, finding.offset) == (Code.FILE_CHANGED, manifest.segments[0].path, 321)
    assert finding.detail["seat_id"] == manifest.segments[0].seat_id
    data[321] ^= 0x10
    target.write_bytes(data)


async def check_database(context: Context, made: Made, inspection: dict[str, Any]) -> None:
    async with context.db.read() as tx:
        steps = {row["name"]: row for row in (await tx.execute(sa.select(job_steps))).mappings()}
        objects = (await tx.execute(sa.select(recording_objects))).mappings().all()
        checks = (await tx.execute(sa.select(recording_checks))).mappings().all()
        case = (await tx.execute(sa.select(cases).where(cases.c.id == made.case_id))).mappings().one()
        row = (await tx.execute(sa.select(recordings).where(recordings.c.id == made.recording_id))).mappings().one()
    assert {step["state"] for step in steps.values()} == {"done"}
    assert all(item["legal_hold"] for item in objects)
    assert row["is_locked"] is False  # a folder cannot lock, and says so
    assert case["state"] == "pending_inspection"
    found = {(check["code"], check["scope"]): check for check in checks}
    assert found["segment_chain", ""]["result"] == "pass"
    assert found["length_matches_clock", ""]["result"] == "pass"
    assert {check["result"] for check in checks if check["code"] == "picture_present"} == {"pass"}
    assert {check["result"] for check in checks if check["code"] == "voice_present"} == {"pass"}
    overridden = [check for check in checks if check["code"] == "answer" and check["reason"] == "OVERRIDDEN"]
    assert overridden
    assert {check["result"] for check in overridden} == {"warn"}
    assert not [check for check in checks if check["code"].startswith("document_") and check["result"] == "fail"], checks
    assert inspection["state"] == "queued"
    lanes = row["timeline"]
    assert [node["node_id"] for node in lanes["nodes"]] == [node.node_id for node in made.setup.nodes]
    assert {voice["seat_id"] for voice in lanes["voices"]} >= {"prompt", *made.customers}
    assert lanes["shares"]


async def test_a_declined_session_is_kept_but_not_inspected(context: Context) -> None:
    made = await make_session(context, outcome="declined", length_ms=6_000)
    async with jobs_running(context):
        await until_state(context, made.recording_id, "sealed")
    async with context.db.read() as tx:
        assert await tx.scalar(sa.select(inspections.c.id)) is None
        assert await tx.scalar(sa.select(cases.c.state)) == "declined"


async def test_a_missing_folder_is_a_visible_failure_and_can_be_retried(context: Context, tmp_path: Path) -> None:
    made = await make_session(context, length_ms=6_000)
    aside = tmp_path / "aside"
    made.folder.rename(aside)
    async with jobs_running(context):
        await until_state(context, made.recording_id, "failed")
        async with context.db.read() as tx:
            job = (await tx.execute(sa.select(jobs))).mappings().one()
        assert (job["state"], job["error_code"]) == ("failed", "RECORDING_FOLDER_MISSING")
        aside.rename(made.folder)
        from server.recordings import service

        async with context.db.begin() as tx:
            await service.retry(tx, made.recording_id)
        await until_inspection(context, made.recording_id)


async def test_a_changed_segment_is_sealed_as_found_and_reported(context: Context) -> None:
    made = await make_session(context, length_ms=6_000)
    segment = sorted(made.folder.glob("segments/*main*"))[0]
    data = bytearray(segment.read_bytes())
    data[-5] ^= 0xFF
    segment.write_bytes(data)
    async with jobs_running(context):
        await until_inspection(context, made.recording_id)
    async with context.db.read() as tx:
        check = (await tx.execute(sa.select(recording_checks).where(recording_checks.c.code == "segment_chain"))).mappings().one()
    assert (check["result"], check["reason"]) == ("fail", "FILE_CHANGED")
    stored = context.settings.data_dir / "store/objects/evidence" / made.case_id / made.recording_id
    [found] = [finding for finding in verify(FolderPackage(stored)).findings if finding.is_error]
    assert (found.code, found.path, found.detail["is_before_seal"]) == ("FILE_CHANGED", f"segments/{segment.name}", True)
