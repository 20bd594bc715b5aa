"""HTTP endpoints of the desk's files: call recordings (upload, playback by ranges), forms, signed scans, the evidence export."""

from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from server.audits.service import actor_of, record
from server.callbacks import evidence, files, forms, papers, service_calls, store
from server.callbacks.access import DESK, OPERATOR, READERS
from server.callbacks.media_types import MAX_CALL_BYTES, MAX_SCAN_BYTES, Judged, judge_audio, judge_scan
from server.callbacks.schemas import CallbackFile, CallbackFileList, CallReference, FilePlay, FormRequest, ScanQuery, VisitorList
from server.callbacks.service import current
from server.callbacks.tables import callback_files
from server.callbacks.tables import service_calls as calls_table
from server.callbacks.telephony import TelephoneError, telephone_of
from server.callbacks.visitors import visitors
from server.context import CONTEXT, Context
from server.http.body import Upload
from server.http.endpoint import Access, Call, Routes, to_json
from server.http.playback import answer_range, read_link, sign_link
from server.http.problem import Problem, not_found
from server.recordings.holder import STORE
from storage.db.engine import Tx
from storage.objects.port import ObjectStore

routes = Routes(tag="callbacks")
OPERATOR_OR_SYSTEM = Access(frozenset({"staff", "system"}), frozenset({"callback_operator"}))
_AUDIO_TYPES = (
    "audio/wav", "audio/x-wav", "audio/wave", "audio/mpeg", "audio/mp3", "audio/ogg", "audio/opus", "audio/flac", "audio/x-flac",
    "audio/mp4", "audio/x-m4a", "audio/aac", "audio/webm", "video/webm", "application/octet-stream",
)  # fmt: skip
AUDIO = Upload(_AUDIO_TYPES, MAX_CALL_BYTES)
CALL_TYPES = ("audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "audio/mp4", "audio/webm")
"""What an upload turns out to be (`media_types`), whatever it was called."""
PAPER_TYPES = ("application/pdf", "image/jpeg", "image/png")
SCAN = Upload(("image/jpeg", "image/png", "application/pdf", "application/octet-stream"), MAX_SCAN_BYTES)
PLAY_LIFETIME = timedelta(minutes=30)
_AUDIENCE = "callback-media"


def attach(app: web.Application) -> None:
    """Register the endpoints."""
    routes.attach(app)


async def _objects(request: web.Request) -> ObjectStore:
    return await request.app[STORE].get()


async def _keep(
    call: Call[Any, Any], data: bytes, kind: str, purpose: str, judged: Judged, *, callback_id: str = "", call_id: str = ""
) -> web.Response:
    context = call.request.app[CONTEXT]
    who = actor_of(call.who)
    values = await files.put(context, await _objects(call.request), data, kind=kind, purpose=purpose, judged=judged, made_by=who)
    async with context.db.begin() as tx:
        kept = await files.insert(tx, values, callback_id=callback_id or None, service_call_id=call_id or None)
        noted = {"file": kept.id, "purpose": purpose, "sha256": kept.sha256, "bytes": kept.size_bytes}
        subject, address = callback_id or call_id, call.request.remote or ""
        await record(tx, context, actor=call.who, action=f"callback.{kind}_added", subject=subject, data=noted, address=address)
    return web.Response(status=201, body=to_json(kept), content_type="application/json")


async def _require_callback(context: Context, callback_id: str) -> None:
    async with context.db.read() as tx:
        await store.load(tx, context, callback_id)


async def _require_call(context: Context, call_id: str) -> None:
    async with context.db.read() as tx:
        if await tx.scalar(sa.select(calls_table.c.id).where(calls_table.c.id == call_id)) is None:
            raise not_found("SERVICE_CALL_NOT_FOUND")


@routes.post(
    "/api/v1/callbacks/{callback_id}/call-recordings",
    access=OPERATOR_OR_SYSTEM,
    response=CallbackFile,
    status=201,
    upload=AUDIO,
)
async def add_call_recording(call: Call[None, None]) -> web.Response:
    """Take in the recording of a call (raw body), from the desk or pushed by the telephone system."""
    callback_id = call.path("callback_id")
    await _require_callback(call.request.app[CONTEXT], callback_id)
    data = await AUDIO.read(call.request)
    return await _keep(call, data, "call_recording", "", await judge_audio(data), callback_id=callback_id)


@routes.post(
    "/api/v1/callbacks/{callback_id}/call-recordings/fetch",
    access=OPERATOR,
    body=CallReference,
    response=CallbackFile,
    status=201,
)
async def fetch_call_recording(call: Call[CallReference, None]) -> web.Response:
    """Fetch the recording of a call from the telephone system; the same checks as for an upload."""
    context, callback_id = call.request.app[CONTEXT], call.path("callback_id")
    await _require_callback(context, callback_id)
    try:
        data = await telephone_of(context.settings).recording(call.body.reference)
    except TelephoneError as error:
        raise Problem(503 if error.retryable else 422, error.code, retryable=error.retryable) from error
    if data is None:
        raise not_found("CALL_RECORDING_NOT_FOUND", reference=call.body.reference)
    if len(data) > MAX_CALL_BYTES:
        raise Problem(413, "BODY_TOO_LARGE", limit_bytes=MAX_CALL_BYTES)
    return await _keep(call, data, "call_recording", "", await judge_audio(data), callback_id=callback_id)


@routes.post(
    "/api/v1/service-calls/{call_id}/call-recordings",
    access=OPERATOR_OR_SYSTEM,
    response=CallbackFile,
    status=201,
    upload=AUDIO,
)
async def add_service_call_recording(call: Call[None, None]) -> web.Response:
    """Take in the recording of a service call."""
    call_id = call.path("call_id")
    await _require_call(call.request.app[CONTEXT], call_id)
    data = await AUDIO.read(call.request)
    return await _keep(call, data, "call_recording", "", await judge_audio(data), call_id=call_id)


@routes.post(
    "/api/v1/callbacks/{callback_id}/scans",
    access=OPERATOR,
    query=ScanQuery,
    response=CallbackFile,
    status=201,
    upload=SCAN,
)
async def add_callback_scan(call: Call[None, ScanQuery]) -> web.Response:
    """Take in the scan of a signed paper (raw body: JPEG, PNG or PDF)."""
    callback_id = call.path("callback_id")
    await _require_callback(call.request.app[CONTEXT], callback_id)
    data = await SCAN.read(call.request)
    return await _keep(call, data, "scan", call.query.purpose, await judge_scan(data), callback_id=callback_id)


@routes.post("/api/v1/service-calls/{call_id}/scans", access=OPERATOR, response=CallbackFile, status=201, upload=SCAN)
async def add_service_call_scan(call: Call[None, None]) -> web.Response:
    """Take in the scan of a signed service letter."""
    call_id = call.path("call_id")
    await _require_call(call.request.app[CONTEXT], call_id)
    data = await SCAN.read(call.request)
    return await _keep(call, data, "scan", "letter", await judge_scan(data), call_id=call_id)


@routes.post("/api/v1/callbacks/{callback_id}/forms", access=OPERATOR, body=FormRequest, response=CallbackFile, status=201)
async def make_callback_form(call: Call[FormRequest, None]) -> web.Response:
    """Make a form as a PDF: letter or visit questionnaire, explanation form, re-signature. It is kept as it was printed."""
    context, callback_id, purpose = call.request.app[CONTEXT], call.path("callback_id"), call.body.purpose
    now = context.now()
    async with context.db.read() as tx:
        loaded = await store.load(tx, context, callback_id)
        made = await _count(tx, callback_files.c.callback_id == callback_id)
    number = f"{callback_id[-12:].upper()}-{made + 1:02}"
    paper = forms.form_of(purpose, current(loaded, now), number, now, context.settings.time_zone)
    data = await papers.draw(paper)
    judged = Judged("application/pdf", {"number": number, "title": paper.title})
    return await _keep(call, data, "form", purpose, judged, callback_id=callback_id)


@routes.post("/api/v1/service-calls/{call_id}/forms", access=OPERATOR, response=CallbackFile, status=201)
async def make_service_call_letter(call: Call[None, None]) -> web.Response:
    """Make the letter of a service call whose customer refuses the telephone."""
    context, call_id = call.request.app[CONTEXT], call.path("call_id")
    async with context.db.read() as tx:
        paper = await service_calls.letter(tx, context, call_id, context.now())
    data = await papers.draw(paper)
    judged = Judged("application/pdf", {"number": paper.number, "title": paper.title})
    return await _keep(call, data, "form", "letter", judged, call_id=call_id)


async def _count(tx: Tx, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(callback_files).where(callback_files.c.kind == "form", *where)
    return int(await tx.scalar(query) or 0)


@routes.get("/api/v1/service-calls/{call_id}/files", access=READERS, response=CallbackFileList)
async def list_service_call_files(call: Call[None, None]) -> CallbackFileList:
    """Recordings, letters and scans of a service call."""
    async with call.request.app[CONTEXT].db.read() as tx:
        mine = callback_files.c.service_call_id == call.path("call_id")
        return CallbackFileList(items=await files.list_files(tx, mine))


@routes.get("/api/v1/callback-files/{file_id}/content", access=READERS, produces=PAPER_TYPES)
async def show_callback_file(call: Call[None, None]) -> web.StreamResponse:
    """A form or a scan; the look is logged."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        row = await files.require(tx, call.path("file_id"), "form", "scan")
        await _log(tx, context, call, row, f"callback.{row['kind']}_viewed")
    data = await files.read_all(context, await _objects(call.request), row)
    name = files.file_name(row, row["made_at"])
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=data, content_type=row["content_type"], headers=headers)


@routes.post("/api/v1/callback-files/{file_id}/play", access=READERS, response=FilePlay)
async def play_call_recording(call: Call[None, None]) -> FilePlay:
    """A link to play a call recording, short-lived and of one person; logged."""
    context = call.request.app[CONTEXT]
    expires_at = context.now() + PLAY_LIFETIME
    async with context.db.begin() as tx:
        row = await files.require(tx, call.path("file_id"), "call_recording")
        await _log(tx, context, call, row, "callback.call_recording_played")
    token = sign_link(context, _AUDIENCE, call.who, expires_at, file=row["id"])
    return FilePlay(url=f"/api/v1/callback-media/{token}", expires_at=expires_at, content_type=row["content_type"])


async def _log(tx: Tx, context: Context, call: Call[Any, Any], row: dict[str, Any], action: str) -> None:
    subject = row["callback_id"] or row["service_call_id"]
    address = call.request.remote or ""
    await record(tx, context, actor=call.who, action=action, subject=subject, data={"file": row["id"]}, address=address)


@routes.get("/api/v1/callback-media/{token}", access=READERS, produces=CALL_TYPES)
async def stream_call_recording(call: Call[None, None]) -> web.StreamResponse:
    """The recording behind a link, with Range; only for the person who asked for the link."""
    request, context = call.request, call.request.app[CONTEXT]
    file_id = read_link(context, _AUDIENCE, call.path("token"), call.who, "file")["file"]
    async with context.db.read() as tx:
        row = await files.require(tx, file_id, "call_recording")
    reader = partial(files.read, context, await _objects(request), row)
    return await answer_range(request, row["content_type"], row["size_bytes"], reader)


@routes.get("/api/v1/callbacks/{callback_id}/evidence.zip", access=DESK, produces=("application/zip",))
async def export_callback_evidence(call: Call[None, None]) -> web.Response:
    """Identity proof, operation trace, key pages, answers, signature, recordings and scans in one file; the export is logged."""
    context, callback_id = call.request.app[CONTEXT], call.path("callback_id")
    async with context.db.read() as tx:
        gathered = await evidence.gather(tx, context, callback_id)
    data, digest = await evidence.export(context, await _objects(call.request), gathered, call.who.display_name)
    async with context.db.begin() as tx:
        noted = {"manifest_sha256": digest, "bytes": len(data)}
        address = call.request.remote or ""
        action = "callback.evidence_exported"
        await record(tx, context, actor=call.who, action=action, subject=callback_id, data=noted, address=address)
    name = f"callback-{gathered.row['policy_no']}-{context.now():%Y%m%d%H%M%S}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return web.Response(body=data, content_type="application/zip", headers=headers)


@routes.get("/api/v1/callback-visitors", access=READERS, response=VisitorList)
async def list_callback_visitors(call: Call[None, None]) -> VisitorList:
    """Service staff who may visit customers."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return VisitorList(items=await visitors(tx))
