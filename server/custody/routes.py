"""HTTP endpoints of custody: the core system's reports, the register, disposal lists, the regulator package."""

import sqlalchemy as sa
from aiohttp import web

from server.audits.schemas import AuditVerification
from server.cases.access import today
from server.context import CONTEXT
from server.custody import contracts, disposals, export, register
from server.custody.anchors import verify_audits
from server.custody.schemas import (
    ContractReport,
    ContractView,
    CustodyPage,
    CustodyQuery,
    DisposalSummary,
    DisposalView,
    NewDisposal,
    Withdrawal,
)
from server.http.endpoint import SYSTEM, Access, Call, Routes, staff
from server.http.problem import Problem, conflict, not_found
from server.recordings import access, packaging
from server.recordings.access import REVIEWERS
from server.recordings.holder import STORE
from server.recordings.stores import build_authority
from server.recordings.tables import recording_objects
from storage.objects.port import ObjectMissing, StoreError

routes = Routes(tag="custody")
KEEPERS = staff("compliance", "administrator")
CORE_OR_KEEPERS = Access(SYSTEM.kinds | KEEPERS.kinds, KEEPERS.roles)


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.put("/api/v1/policies/{policy_no}/contract", access=SYSTEM, body=ContractReport, response=ContractView, rate="system")
async def report_policy_contract(call: Call[ContractReport, None]) -> ContractView:
    """Take in what the core system knows of a policy's contract now: its end, its disputes. Idempotent."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await contracts.report_of_policy(tx, context, call.who, call.path("policy_no"), call.body)


@routes.put("/api/v1/proposals/{proposal_no}/contract", access=SYSTEM, body=ContractReport, response=ContractView, rate="system")
async def report_proposal_contract(call: Call[ContractReport, None]) -> ContractView:
    """The same for a proposal; the only way for one that never became a policy (`not_issued`)."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await contracts.report(tx, context, call.who, call.path("proposal_no"), call.body)


@routes.get("/api/v1/proposals/{proposal_no}/contract", access=CORE_OR_KEEPERS, response=ContractView)
async def show_contract(call: Call[None, None]) -> ContractView:
    """A contract as last reported, and on how many of its recordings it is applied."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await contracts.show(tx, call.path("proposal_no"))


@routes.get("/api/v1/custody/recordings", access=KEEPERS, query=CustodyQuery, response=CustodyPage)
async def list_custody(call: Call[None, CustodyQuery]) -> CustodyPage:
    """Recordings in custody, the earliest end of a period first."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await register.search(tx, call.query, today(context))


@routes.get("/api/v1/custody/disposals", access=KEEPERS, response=list[DisposalSummary])
async def list_disposals(call: Call[None, None]) -> list[DisposalSummary]:
    """Disposal lists, newest first."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await disposals.list_all(tx, call.who)


@routes.post("/api/v1/custody/disposals", access=KEEPERS, body=NewDisposal, response=DisposalView, status=201)
async def propose_disposal(call: Call[NewDisposal, None]) -> DisposalView:
    """Draw up a list of what is due. 409 `DISPOSAL_NOT_DUE` names what is not."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        disposal_id = await disposals.propose(tx, context, call.who, call.body)
        return await disposals.show(tx, call.who, disposal_id)


@routes.get("/api/v1/custody/disposals/{disposal_id}", access=KEEPERS, response=DisposalView)
async def show_disposal(call: Call[None, None]) -> DisposalView:
    """A list with its recordings and approvals."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await disposals.show(tx, call.who, call.path("disposal_id"))


@routes.post("/api/v1/custody/disposals/{disposal_id}/approve", access=KEEPERS, response=DisposalView)
async def approve_disposal(call: Call[None, None]) -> DisposalView:
    """Approve a list; with the last approval needed it is carried out. 403 `DISPOSAL_SAME_PERSON`, 409 `DISPOSAL_STATE`."""
    context, disposal_id = call.request.app[CONTEXT], call.path("disposal_id")
    async with context.db.begin() as tx:
        await disposals.approve(tx, context, call.who, disposal_id)
        return await disposals.show(tx, call.who, disposal_id)


@routes.post("/api/v1/custody/disposals/{disposal_id}/withdraw", access=KEEPERS, body=Withdrawal, response=DisposalView)
async def withdraw_disposal(call: Call[Withdrawal, None]) -> DisposalView:
    """Withdraw a list that is not approved by all yet."""
    context, disposal_id = call.request.app[CONTEXT], call.path("disposal_id")
    async with context.db.begin() as tx:
        await disposals.withdraw(tx, context, call.who, disposal_id, call.body.reason)
        return await disposals.show(tx, call.who, disposal_id)


@routes.get("/api/v1/recordings/{recording_id}/package", access=REVIEWERS, produces=("application/zip",))
async def download_package(call: Call[None, None]) -> web.StreamResponse:
    """The regulator package as a ZIP: everything sealed, the inspection, the access log as it is now, an offline viewer."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        row = await access.require_visible(tx, call.who, call.path("recording_id"))
    if row["state"] != "sealed":
        raise conflict("RECORDING_NOT_SEALED", state=row["state"])
    try:
        store = await call.request.app[STORE].get()
        async with context.db.begin() as tx:
            await access.log_access(tx, context, call.request, call.who, row["id"], "package")
        async with context.db.read() as tx:
            query = sa.select(recording_objects).where(recording_objects.c.recording_id == row["id"])
            objects = [dict(found) for found in (await tx.execute(query)).mappings()]
            extra = await export.extra_files(tx, context, store, row)
        chunks = packaging.zip_stream(store, objects, extra)
        first = await anext(chunks)
    except ObjectMissing as error:
        raise not_found("OBJECT_NOT_FOUND") from error
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error
    response = web.StreamResponse()
    response.content_type = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{row["id"]}.zip"'
    await response.prepare(call.request)
    await response.write(first)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


@routes.get("/api/v1/admin/audits/verify", access=KEEPERS, response=AuditVerification)
async def verify_audit_log(call: Call[None, None]) -> AuditVerification:
    """Re-hash the whole audit log against its anchored head and each day's time-stamped one."""
    context = call.request.app[CONTEXT]
    try:
        store = await call.request.app[STORE].get()
        async with context.db.read() as tx:
            return await verify_audits(tx, context, store, build_authority(context.settings).roots())
    except StoreError as error:
        raise Problem(503, "STORE_UNAVAILABLE", retryable=error.retryable) from error
