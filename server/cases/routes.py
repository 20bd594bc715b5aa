"""HTTP endpoints of proposals, documents, products and cases."""

import re

from aiohttp import web

from server.audits.service import record
from server.blobs import BlobStore
from server.cases import access, documents, pdf, products, proposals, service, views
from server.cases.schemas import (
    CasePage,
    CaseQuery,
    CaseView,
    DocumentQuery,
    DocumentView,
    LocationPatch,
    NewCase,
    NewProposal,
    ProductBody,
    ProductView,
    ProposalAccepted,
    ProposalPage,
    ProposalQuery,
    ProposalView,
    ReasonBody,
)
from server.context import CONTEXT
from server.http.body import Upload
from server.http.endpoint import STAFF, SYSTEM, Access, Call, Routes, staff, to_json
from server.http.problem import Problem, forbidden, not_found
from server.users.tickets import require_scope

routes = Routes(tag="cases")
AGENT = staff("agent")
ADMINISTRATOR = staff("administrator")
SYSTEM_OR_ADMINISTRATOR = Access(frozenset({"system", "staff"}), frozenset({"administrator"}))
CODE = re.compile(r"[A-Za-z0-9_.\-]{1,40}")
READER = Access(frozenset({"staff", "customer"}))
PAPER = Upload(("application/pdf",), pdf.MAX_BYTES)


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.post("/api/v1/proposals", access=SYSTEM, body=NewProposal, response=ProposalAccepted, status=201, rate="system")
async def receive_proposal(call: Call[NewProposal, None]) -> web.Response:
    """Take a proposal in from the core system; 201 when new, 200 when known."""
    context = call.request.app[CONTEXT]
    accepted = await context.db.once(lambda tx: proposals.receive(tx, context, call.who, call.body))
    status = 201 if accepted.is_new else 200
    return web.Response(status=status, body=to_json(accepted), content_type="application/json")


@routes.post(
    "/api/v1/proposals/{proposal_no}/documents",
    access=SYSTEM_OR_ADMINISTRATOR,
    query=DocumentQuery,
    response=DocumentView,
    status=201,
    rate="system",
    upload=PAPER,
)
async def add_document(call: Call[None, DocumentQuery]) -> web.Response:
    """Take in a PDF of a proposal (raw body, application/pdf, at most 20 MiB)."""
    context, query, proposal_no = call.request.app[CONTEXT], call.query, call.path("proposal_no")
    data = await PAPER.read(call.request)
    facts = await pdf.inspect_pdf(data, title=query.title, number=proposal_no)
    view: DocumentView | None = None
    is_new = False
    try:
        async with context.db.begin() as tx:
            view, is_new = await documents.add(tx, context, call.who, proposal_no, query.kind, query.title, data, facts)
    except BaseException:
        if view is not None and is_new:
            await BlobStore(context).delete(f"documents/{view.id}")
        raise
    return web.Response(status=201 if is_new else 200, body=to_json(view), content_type="application/json")


@routes.get("/api/v1/proposals", access=STAFF, query=ProposalQuery, response=ProposalPage)
async def list_proposals(call: Call[None, ProposalQuery]) -> ProposalPage:
    """Page through proposals; agents see their own."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await proposals.search(tx, context, call.who, call.query)


@routes.get("/api/v1/proposals/{proposal_no}", access=STAFF, response=ProposalView)
async def show_proposal(call: Call[None, None]) -> ProposalView:
    """What the core system sent, masked."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        row = await proposals.require_row(tx, call.path("proposal_no"))
        if not access.may_see(call.who, row["agent_id"]):
            raise not_found("PROPOSAL_NOT_FOUND")
        return await proposals.view(tx, context, row["proposal_no"])


@routes.get("/api/v1/documents/{document_id}/content", access=READER, produces=("application/pdf",))
async def document_content(call: Call[None, None]) -> web.Response:
    """A document's PDF: for staff who may see it, and for a customer of its case, in the session only while reading it is due."""
    context, document_id = call.request.app[CONTEXT], call.path("document_id")
    async with context.db.read() as tx:
        view, proposal_no = await documents.require(tx, document_id)
        if call.who.kind == "customer":
            require_scope(call.who, "session", "callback")
            case_id = call.who.claims.get("case_id")  # a callback's ticket names none, and a proposal may have none
            if not case_id or await proposals.open_case_id(tx, proposal_no) != case_id:
                raise forbidden("TICKET_SCOPE")
            is_in_session = call.who.claims["scope"] == "session"
        else:
            is_in_session = False
            row = await proposals.require_row(tx, proposal_no)
            if not access.may_see(call.who, row["agent_id"]):
                raise not_found("DOCUMENT_NOT_FOUND")
    if is_in_session:
        await call.request.app[documents.READ_GUARD](call.who, document_id)
    etag = f'"{view.sha256}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Disposition": "inline"}
    if call.request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    data = await documents.content(context, document_id)
    async with context.db.begin() as tx:
        await record(tx, context, actor=call.who, action="document.read", subject=document_id, address=call.request.remote or "")
    return web.Response(body=data, content_type="application/pdf", headers=headers)


@routes.get("/api/v1/products", access=STAFF, response=list[ProductView])
async def list_products(call: Call[None, None]) -> list[ProductView]:
    """All products."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await products.list_all(tx)


@routes.put("/api/v1/admin/products/{code}", access=ADMINISTRATOR, body=ProductBody, response=ProductView)
async def put_product(call: Call[ProductBody, None]) -> ProductView:
    """Create or change a product."""
    context, code = call.request.app[CONTEXT], call.path("code")
    if not CODE.fullmatch(code):
        raise Problem(422, "REQUEST_INVALID", fields=[{"path": "code", "code": "string_pattern_mismatch"}])
    async with context.db.begin() as tx:
        return await products.put(tx, context, call.who, code, call.body)


@routes.get("/api/v1/cases", access=STAFF, query=CaseQuery, response=CasePage)
async def list_cases(call: Call[None, CaseQuery]) -> CasePage:
    """Page through cases; agents see their own."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await views.search(tx, context, call.who, call.query)


@routes.post("/api/v1/cases", access=AGENT, body=NewCase, response=CaseView, status=201)
async def create_case(call: Call[NewCase, None]) -> CaseView:
    """Make a case from a proposal."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        case_id = await service.create(tx, context, call.who, call.body.proposal_no)
        return await views.show(tx, context, call.who, case_id)


@routes.get("/api/v1/cases/{case_id}", access=STAFF, response=CaseView)
async def show_case(call: Call[None, None]) -> CaseView:
    """One case with what the caller may do next."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.read() as tx:
        await service.require_visible(tx, call.who, case_id)
        return await views.show(tx, context, call.who, case_id)


@routes.route(
    "PATCH", "/api/v1/cases/{case_id}/participants/{participant_id}", access=AGENT, body=LocationPatch, response=CaseView
)
async def move_participant(call: Call[LocationPatch, None]) -> CaseView:
    """Say whether a participant sits with the agent or elsewhere."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.begin() as tx:
        await service.move_participant(tx, context, call.who, case_id, call.path("participant_id"), call.body.location)
        return await views.show(tx, context, call.who, case_id)


@routes.post("/api/v1/cases/{case_id}/cancel", access=STAFF, body=ReasonBody, response=CaseView)
async def cancel_case(call: Call[ReasonBody, None]) -> CaseView:
    """End a case that was not recorded, or was rejected."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.begin() as tx:
        await service.cancel(tx, context, call.who, case_id, call.body.reason)
        return await views.show(tx, context, call.who, case_id)


@routes.post("/api/v1/cases/{case_id}/supplementary", access=AGENT, response=CaseView)
async def start_supplementary(call: Call[None, None]) -> CaseView:
    """Answer a rejection with a supplementary recording."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.begin() as tx:
        await service.open_supplementary(tx, context, call.who, case_id)
        return await views.show(tx, context, call.who, case_id)
