"""Documents of a proposal (PDF): taken in from the core system, given out to who may read them."""

from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from server.audits.service import record
from server.blobs import BlobMissing, BlobStore
from server.cases.pdf import PdfFacts
from server.cases.rules import sales_rules
from server.cases.schemas import DocumentKind, DocumentView
from server.cases.tables import proposal_documents, proposals
from server.context import Context
from server.http.endpoint import Principal
from server.http.problem import Problem, not_found
from storage.db.engine import Tx
from storage.db.ids import new_id

MAX_DOCUMENTS = 30
READ_GUARD: web.AppKey[Callable[[Principal, str], Awaitable[None]]] = web.AppKey("read_guard", object)  # type: ignore[arg-type]
"""Raises while a customer of a session may not have a document; set by the slice of live sessions."""
_ORDER = [kind.value for kind in DocumentKind]


async def add(
    tx: Tx,
    context: Context,
    who: Principal | str,
    proposal_no: str,
    kind: DocumentKind,
    title: str,
    data: bytes,
    facts: PdfFacts,
) -> tuple[DocumentView, bool]:
    """Add a document; the same file again changes nothing. Returns it and whether it is new.

    The file is written before the row commits; the caller removes it (`BlobStore.delete`) when the commit fails.
    """
    if await tx.scalar(sa.select(proposals.c.proposal_no).where(proposals.c.proposal_no == proposal_no)) is None:
        raise not_found("PROPOSAL_NOT_FOUND")
    present = await of_proposal(tx, proposal_no)
    for view in present:
        if view.sha256 == facts.sha256 and view.kind == kind:
            return view, False
    if len(present) >= MAX_DOCUMENTS:
        raise Problem(409, "PROPOSAL_DOCUMENTS_FULL", limit=MAX_DOCUMENTS)
    await refuse_after_recording(tx, proposal_no)
    document_id = new_id("doc")
    await tx.execute(
        sa.insert(proposal_documents).values(
            id=document_id,
            proposal_no=proposal_no,
            position=_ORDER.index(kind.value) * 100 + len(present),
            kind=kind.value,
            title=title,
            requires_signature=kind.value in sales_rules().signed_documents,
            pages=facts.pages,
            size_bytes=len(data),
            sha256=facts.sha256,
            areas=facts.areas,
            created_at=context.now(),
        )
    )
    await record(
        tx, context, actor=who, action="proposal.document_added", subject=proposal_no,
        data={"document_id": document_id, "kind": kind.value, "sha256": facts.sha256, "pages": facts.pages},
    )  # fmt: skip
    await BlobStore(context).put(f"documents/{document_id}", data)
    return next(view for view in await of_proposal(tx, proposal_no) if view.id == document_id), True


async def refuse_after_recording(tx: Tx, proposal_no: str) -> None:
    """Documents are fixed once a case of the proposal is being recorded: what is read must be what was sent."""
    from server.cases.tables import cases

    before = ("draft", "identity_pending", "ready", "supplementary", "declined", "cancelled")
    query = sa.select(cases.c.id).where(cases.c.proposal_no == proposal_no, cases.c.state.not_in(before))
    if await tx.scalar(query.limit(1)) is not None:
        raise Problem(409, "PROPOSAL_IN_RECORDING")


async def of_proposal(tx: Tx, proposal_no: str) -> list[DocumentView]:
    """Documents in the order they are read."""
    query = (
        sa.select(proposal_documents)
        .where(proposal_documents.c.proposal_no == proposal_no)
        .order_by(proposal_documents.c.position, proposal_documents.c.id)
    )
    return [to_view(row) for row in (await tx.execute(query)).mappings()]


def to_view(row: Any) -> DocumentView:
    """A row on the wire."""
    direct = {key: row[key] for key in DocumentView.model_fields if key in row}
    return DocumentView(
        **direct,
        title_area=row["areas"].get("title"),
        number_area=row["areas"].get("number"),
        content_url=f"/api/v1/documents/{row['id']}/content",
    )


async def require(tx: Tx, document_id: str) -> tuple[DocumentView, str]:
    """A document and its proposal's number, or 404."""
    query = sa.select(proposal_documents).where(proposal_documents.c.id == document_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("DOCUMENT_NOT_FOUND")
    return to_view(row), str(row["proposal_no"])


async def content(context: Context, document_id: str) -> bytes:
    """A document's bytes."""
    try:
        return await BlobStore(context).get(f"documents/{document_id}")
    except BlobMissing as error:
        raise not_found("DOCUMENT_NOT_FOUND") from error
