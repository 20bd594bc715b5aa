"""HTTP endpoints of live sessions: creating, codes, snapshots, and the customers' way in."""

from collections.abc import AsyncIterator

from aiohttp import web

from server.cases.documents import READ_GUARD
from server.cases.service import require_own, require_visible
from server.context import CONTEXT, Context
from server.http.endpoint import CUSTOMER, PUBLIC, STAFF, Call, Principal, Routes, staff
from server.http.problem import Problem
from server.recordings.access import log_look
from server.sessions import join_schemas as wire
from server.sessions import service
from server.sessions.actor import SessionActor, system
from server.sessions.hub import HUB, SessionHub
from server.sessions.join import Joining
from server.sessions.schemas import JoinCodeInView, SessionView
from server.sessions.view import build_view
from server.users.limits import address_of

routes = Routes(tag="sessions")
AGENT = staff("agent")


def setup(app: web.Application) -> None:
    """Attach this slice to the application; the hub of live sessions lives as long as the application."""
    routes.attach(app)

    async def read_guard(who: Principal, document_id: str) -> None:
        await Joining(app[CONTEXT], app[HUB]).require_reading(who, document_id)

    app[READ_GUARD] = read_guard
    app.cleanup_ctx.append(_run_hub)
    app.on_shutdown.append(_say_goodbye)


async def _run_hub(app: web.Application) -> AsyncIterator[None]:
    hub = SessionHub(app[CONTEXT])
    app[HUB] = hub
    await hub.start()
    yield
    await hub.aclose()


async def _say_goodbye(app: web.Application) -> None:
    """Before the server closes its connections; what a cleanup context does on its way out comes after that."""
    app[HUB].say_goodbye()


@routes.post(
    "/api/v1/cases/{case_id}/session", access=AGENT, body=wire.CreateSessionRequest, response=wire.SessionCreated, status=201
)
async def create_session(call: Call[wire.CreateSessionRequest, None]) -> wire.SessionCreated:
    """Create the remote session of a case: code and SMS (T5)."""
    context, hub = _shared(call.request)
    case_id = call.path("case_id")
    # That there is no room is said before the customers get their SMS, not when they stand before the door.
    refusal = await hub.engines.refusal()
    async with context.db.begin() as tx:
        await require_own(tx, call.who, case_id)
        if refusal is not None:
            raise Problem(503, refusal, retryable=True)
        setup, code = await service.create(tx, context, call.who, case_id, hub.rules, call.body.supplements_recording_id)
    await hub.get(setup.session_id)
    return wire.SessionCreated(session_id=setup.session_id, case_id=case_id, join_code=code)


@routes.get("/api/v1/cases/{case_id}/sessions", access=STAFF, response=list[wire.SessionSummary])
async def list_sessions(call: Call[None, None]) -> list[wire.SessionSummary]:
    """Sessions of a case, newest first."""
    context, _ = _shared(call.request)
    async with context.db.read() as tx:
        await require_visible(tx, call.who, call.path("case_id"))
        return await service.summaries(tx, context, call.path("case_id"))


@routes.get("/api/v1/sessions/{session_id}", access=STAFF, response=SessionView)
async def show_session(call: Call[None, None]) -> SessionView:
    """A snapshot, as the agent sees it.

    Once it is recorded, a look at it is a look at what is on the recording: in its access log, but for the agent in the room.
    """
    context, actor = await _visible(call)
    recording, is_in_room = actor.state.recording, call.who.id == actor.state.setup.agent.user_id and not actor.state.is_over
    if recording.recording_id is not None and recording.started_at is not None and not is_in_room:
        await log_look(context, call.request, call.who, recording.recording_id, "session")
    return build_view(actor.state, actor.state.setup.agent.seat_id, context.now(), actor.join_code, actor.quality)


@routes.post("/api/v1/sessions/{session_id}/code", access=AGENT, response=wire.JoinCodeView)
async def resend_code(call: Call[None, None]) -> wire.JoinCodeView:
    """A new code and the SMS again; the old code is dead."""
    context, actor = await _visible(call)
    async with context.db.begin() as tx:
        await require_own(tx, call.who, actor.state.setup.case_id)
        code = await service.reissue_code(tx, context, call.who, actor.state)
    actor.join_code = JoinCodeInView(code=code.code, expires_at=code.expires_at, is_active=True)
    await actor.ask(system("code_issued", expires_at=code.expires_at.isoformat()))
    return code


@routes.post("/api/v1/join", access=PUBLIC, body=wire.JoinRequest, response=wire.JoinInfo)
async def join(call: Call[wire.JoinRequest, None]) -> wire.JoinInfo:
    """Look a code up."""
    return await _joining(call.request).info(call.body.code, address_of(call.request))


@routes.post("/api/v1/join/sms", access=PUBLIC, body=wire.JoinSmsRequest, response=wire.JoinSmsSent)
async def join_sms(call: Call[wire.JoinSmsRequest, None]) -> wire.JoinSmsSent:
    """Send the one-time code."""
    return await _joining(call.request).send_sms(call.body.code, call.body.phone_last4, address_of(call.request))


@routes.post("/api/v1/join/verify", access=PUBLIC, body=wire.JoinVerifyRequest, response=wire.JoinVerified)
async def join_verify(call: Call[wire.JoinVerifyRequest, None]) -> wire.JoinVerified:
    """Check the one-time code."""
    body = call.body
    return await _joining(call.request).verify(body.code, body.phone_last4, body.sms_code, address_of(call.request))


@routes.post("/api/v1/join/claim", access=CUSTOMER, body=wire.ClaimRequest, response=wire.SeatTicket)
async def join_claim(call: Call[wire.ClaimRequest, None]) -> wire.SeatTicket:
    """Take one or several roles."""
    return await _joining(call.request).claim(call.who, call.body.role_ids)


@routes.post("/api/v1/join/consents", access=CUSTOMER, body=wire.ConsentRequest, response=wire.ConsentResult)
async def join_consents(call: Call[wire.ConsentRequest, None]) -> wire.ConsentResult:
    """Give or refuse the consents."""
    return await _joining(call.request).consent(call.who, call.body)


def _shared(request: web.Request) -> tuple[Context, SessionHub]:
    return request.app[CONTEXT], request.app[HUB]


def _joining(request: web.Request) -> Joining:
    return Joining(*_shared(request))


async def _visible(call: Call[None, None]) -> tuple[Context, SessionActor]:
    context, hub = _shared(call.request)
    actor = await hub.get(call.path("session_id"))
    async with context.db.read() as tx:
        await require_visible(tx, call.who, actor.state.setup.case_id)
    return context, actor
