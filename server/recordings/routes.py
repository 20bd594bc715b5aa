"""HTTP endpoints of recordings: detail, lanes, transcript, ledger, checks, playback, package, verification, access log."""

import asyncio
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from server.context import CONTEXT, Context
from server.http.endpoint import PUBLIC, STAFF, Call, Routes
from server.http.problem import Problem, conflict
from server.recordings import access, packaging, playback, views
from server.recordings.facts import answers_of, event_wire, ledger_of, load_facts
from server.recordings.holder import STORE, attach_store
from server.recordings.meta import RecordingMeta
from server.recordings.paging import cursor_of, parse_cursor
from server.recordings.schemas import (
    AccessView,
    AnswerView,
    CheckView,
    EventQuery,
    EventView,
    Finding,
    LedgerEntry,
    PlayTicket,
    PublishedKeys,
    RecordingPage,
    RecordingQuery,
    RecordingView,
    Timeline,
    Transcript,
    VerifyReport,
)
from server.recordings.stores import build_authority, build_ring
from server.recordings.tables import recording_accesses, recordings
from storage.evidence.package import MANIFEST
from storage.evidence.verify import Report, verify
from storage.objects.port import ObjectStore, StoreError, read_all

routes = Routes(tag="recordings")
MEDIA_TYPES = ("video/mp4", "video/webm", "video/x-matroska", "text/vtt", "image/jpeg")
"""What a play ticket names: the film, its markers and thumbnails, each track."""


@routes.get("/api/v1/recordings", access=STAFF, query=RecordingQuery, response=RecordingPage)
async def list_recordings(call: Call[None, RecordingQuery]) -> RecordingPage:
    """Recordings, newest first: agents see those of their own cases."""
    query, context = call.query, call.request.app[CONTEXT]
    wanted = sa.select(recordings).where(access.only_visible(call.who, recordings.c.case_id))
    if query.case_id:
        wanted = wanted.where(recordings.c.case_id == query.case_id)
    if query.state:
        wanted = wanted.where(recordings.c.state == query.state)
    if query.cursor:
        at, last = parse_cursor(query.cursor)
        wanted = wanted.where(sa.tuple_(recordings.c.started_at, recordings.c.id) < (at, last))
    wanted = wanted.order_by(recordings.c.started_at.desc(), recordings.c.id.desc()).limit(query.limit + 1)
    async with context.db.read() as tx:
        rows = [dict(row) for row in (await tx.execute(wanted)).mappings()]
    more = rows[query.limit :]
    rows = rows[: query.limit]
    next_cursor = cursor_of(rows[-1]["started_at"], rows[-1]["id"]) if more else None
    return RecordingPage(items=[views.summary(row) for row in rows], next_cursor=next_cursor)


@routes.get("/api/v1/recordings/{recording_id}", access=STAFF, response=RecordingView)
async def show_recording(call: Call[None, None]) -> RecordingView:
    """A recording: state, finalising steps, seal, people."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        row = await access.require_visible(tx, call.who, call.path("recording_id"))
        found = await views.view(tx, row)
    await access.log_look(context, call.request, call.who, row["id"], "view")
    return found


@routes.get("/api/v1/recordings/{recording_id}/timeline", access=STAFF, response=Timeline)
async def show_timeline(call: Call[None, None]) -> Timeline:
    """The lanes under the player. 409 `RECORDING_NOT_FINALISED` before they are made."""
    _, row = await _looked_at(call, "timeline")
    found = views.timeline(row)
    if found is None:
        raise conflict("RECORDING_NOT_FINALISED", state=row["state"])
    return found


@routes.get("/api/v1/recordings/{recording_id}/events", access=STAFF, query=EventQuery, response=list[EventView])
async def list_events(call: Call[None, EventQuery]) -> list[EventView]:
    """Session events in order."""
    context, row = await _looked_at(call, "events")
    async with context.db.read() as tx:
        facts = await load_facts(tx, context, row)
    chosen = [event for event in facts.events if event.seq > call.query.after and call.query.type in (None, event.type)]
    return [EventView(**event_wire(facts, event)) for event in chosen[: call.query.limit]]


@routes.get("/api/v1/recordings/{recording_id}/transcript", access=STAFF, response=Transcript)
async def show_transcript(call: Call[None, None]) -> Transcript:
    """Who said what when."""
    context, row = await _looked_at(call, "transcript")
    async with context.db.read() as tx:
        return await views.transcript(tx, context, row)


@routes.get("/api/v1/recordings/{recording_id}/answers", access=STAFF, response=list[AnswerView])
async def list_answers(call: Call[None, None]) -> list[AnswerView]:
    """Spoken answers with verdicts and overrides."""
    context, row = await _looked_at(call, "answers")
    async with context.db.read() as tx:
        facts = await load_facts(tx, context, row)
    meta = RecordingMeta.model_validate(row["meta"])
    return [AnswerView(**{name: answer[name] for name in AnswerView.model_fields}) for answer in answers_of(facts, meta)]


@routes.get("/api/v1/recordings/{recording_id}/ledger", access=STAFF, response=list[LedgerEntry])
async def list_ledger(call: Call[None, None]) -> list[LedgerEntry]:
    """The document ledger: who read and signed what, and what is missing."""
    context, row = await _looked_at(call, "ledger")
    async with context.db.read() as tx:
        facts = await load_facts(tx, context, row)
    return [LedgerEntry(**{name: entry[name] for name in LedgerEntry.model_fields}) for entry in ledger_of(facts)]


@routes.get("/api/v1/recordings/{recording_id}/checks", access=STAFF, response=list[CheckView])
async def list_checks(call: Call[None, None]) -> list[CheckView]:
    """Machine checks, worst first; not measured is a result of its own."""
    context, row = await _looked_at(call, "checks")
    async with context.db.read() as tx:
        return await views.checks(tx, row["id"])


@routes.post("/api/v1/recordings/{recording_id}/play", access=STAFF, response=PlayTicket)
async def play(call: Call[None, None]) -> PlayTicket:
    """Short-lived links for the player, bound to the caller."""
    context, row = await _visible(call)
    async with context.db.begin() as tx:
        return await playback.issue(tx, context, call.request, call.who, row)


@routes.get("/api/v1/media/{token}", access=STAFF, produces=MEDIA_TYPES)
async def stream_media(call: Call[None, None]) -> web.StreamResponse:
    """Stream what a link names, with Range."""
    return await playback.stream(call)


@routes.get("/api/v1/recordings/{recording_id}/manifest", access=STAFF, produces=("application/json",))
async def download_manifest(call: Call[None, None]) -> web.StreamResponse:
    """The signed manifest as it is stored."""
    context, row = await _visible(call)
    _require_sealed(row)
    store = await _store(call.request)
    data = await read_all(store, row["manifest_key"])
    async with context.db.begin() as tx:
        await access.log_access(tx, context, call.request, call.who, row["id"], "manifest")
    headers = {"Content-Disposition": f'attachment; filename="{row["id"]}-manifest.json"'}
    return web.Response(body=data, content_type="application/json", headers=headers)


@routes.post("/api/v1/recordings/{recording_id}/verify", access=access.REVIEWERS, response=VerifyReport)
async def verify_recording(call: Call[None, None]) -> VerifyReport:
    """Verify the stored package now, byte by byte."""
    context, row = await _visible(call)
    _require_sealed(row)
    store = await _store(call.request)
    try:
        package = await packaging.StorePackage.open(store, str(row["manifest_key"]).removesuffix(MANIFEST))
        keys = {key.key_id: key for key in build_ring(context.settings, context.now()).public_keys()}
        roots = build_authority(context.settings).roots()
        report = await asyncio.to_thread(verify, package, trusted_keys=keys, tsa_roots=roots)
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error
    async with context.db.begin() as tx:
        await access.log_access(tx, context, call.request, call.who, row["id"], "verify", is_intact=report.is_intact)
    return _report(context, report)


@routes.get("/api/v1/recordings/{recording_id}/accesses", access=access.REVIEWERS, response=list[AccessView])
async def list_accesses(call: Call[None, None]) -> list[AccessView]:
    """Who looked at the recording, newest first."""
    context, row = await _visible(call)
    query = sa.select(recording_accesses).where(recording_accesses.c.recording_id == row["id"])
    query = query.order_by(recording_accesses.c.at.desc(), recording_accesses.c.id.desc()).limit(500)
    async with context.db.read() as tx:
        found = (await tx.execute(query)).mappings().all()
    return [AccessView(**{name: entry[name] for name in AccessView.model_fields}) for entry in found]


@routes.get("/api/v1/evidence/keys", access=PUBLIC, response=PublishedKeys)
async def published_keys(call: Call[None, None]) -> PublishedKeys:
    """Public seal keys, for anybody who verifies a package."""
    context = call.request.app[CONTEXT]
    ring = build_ring(context.settings, context.now())
    return PublishedKeys.model_validate({"keys": [key.to_wire() for key in ring.public_keys()]})


async def _visible(call: Call[Any, Any]) -> tuple[Context, dict[str, Any]]:
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return context, await access.require_visible(tx, call.who, call.path("recording_id"))


async def _looked_at(call: Call[Any, Any], action: str) -> tuple[Context, dict[str, Any]]:
    """The row, with this look at its content in the access log."""
    context, row = await _visible(call)
    await access.log_look(context, call.request, call.who, row["id"], action)
    return context, row


async def _store(request: web.Request) -> ObjectStore:
    try:
        return await request.app[STORE].get()
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error


def _require_sealed(row: dict[str, Any]) -> None:
    if row["state"] != "sealed":
        raise conflict("RECORDING_NOT_SEALED", state=row["state"])


def _report(context: Context, report: Report) -> VerifyReport:
    return VerifyReport(
        is_intact=report.is_intact,
        findings=[
            Finding(
                code=found.code, severity="error" if found.is_error else "warning", path=found.path, offset=found.offset,
                detail=dict(found.detail),
            )
            for found in report.findings
        ],
        files=report.files,
        bytes=report.bytes,
        manifest_sha256=report.manifest_sha256,
        signed_by=report.key_id,
        time_stamp_at=report.stamp.at if report.stamp else None,
        is_development_stamp=report.stamp.is_development if report.stamp else None,
        checked_at=context.now(),
    )  # fmt: skip


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    attach_store(app)
    routes.attach(app)
