"""Puts the first data in: the shipped talk scripts everywhere, demo data in development. Idempotent, nothing is overwritten."""

import asyncio
import tempfile
from pathlib import Path

import orjson
import sqlalchemy as sa
import structlog
import yaml

from server.blobs import BlobStore
from server.cases import documents, pdf, products, proposals
from server.cases.access import today
from server.cases.rules import sales_rules
from server.cases.schemas import DocumentKind, NewProposal, ProductView
from server.cases.tables import proposals as table
from server.context import Context
from server.domain.rulebook import required_documents
from server.ops.demo.proposals import ORGANISATIONS, PRODUCTS, demo_proposals
from server.talkscripts import service as talkscripts
from server.talkscripts.tables import talk_script_versions
from server.users import repository as users
from server.users import service as user_service
from server.users.demo import DEMO_ACCOUNTS, DEMO_PASSWORD
from server.users.passwords import hash_password
from server.users.tables import organisations

log = structlog.get_logger(__name__)

ACTOR = "system:seed"
SCRIPTS = Path(__file__).resolve().parent.parent / "domain" / "data" / "talkscripts"


async def seed(context: Context) -> None:
    """Seed an installation; safe to run at every start."""
    await _talk_scripts(context)
    if context.settings.mode == "development" and context.settings.demo_data:
        await _accounts(context)
        await _products(context)
        await _proposals(context)


def demo_sign_ins() -> list[str]:
    """Lines for the console: who may sign in, development only."""
    return [f"{item.user.login:<10} {DEMO_PASSWORD}   {item.user.display_name}（{item.title}）" for item in DEMO_ACCOUNTS]


async def _talk_scripts(context: Context) -> None:
    for path in sorted(await asyncio.to_thread(lambda: list(SCRIPTS.glob("*.yaml")))):
        content = orjson.loads(orjson.dumps(yaml.safe_load(await asyncio.to_thread(path.read_text, "utf-8"))))
        async with context.db.begin() as tx:
            query = sa.select(talk_script_versions.c.version).where(talk_script_versions.c.key == content["key"])
            if await tx.scalar(query.limit(1)) is not None:
                continue
            added = await talkscripts.add_version(tx, context, ACTOR, content["key"], content, "随系统提供")
            await talkscripts.publish(tx, context, ACTOR, added.key, added.version, None)


async def _accounts(context: Context) -> None:
    async with context.db.read() as tx:
        missing = [a for a in DEMO_ACCOUNTS if await users.by_login(tx, context, a.user.login) is None]
    encoded = await hash_password(DEMO_PASSWORD) if missing else ""
    async with context.db.begin() as tx:
        present = {item.code for item in await users.list_organisations(tx)}
        for code, name in ORGANISATIONS.items():
            if code not in present:
                await tx.execute(sa.insert(organisations).values(code=code, name=name))
        for account in missing:
            await user_service.create(tx, context, ACTOR, account.user, encoded, must_change=False)


async def _products(context: Context) -> None:
    async with context.db.begin() as tx:
        for code, body in PRODUCTS.items():
            if await products.find(tx, code) is None:
                await products.put(tx, context, ACTOR, code, body)


async def _proposals(context: Context) -> None:
    offered = demo_proposals(today(context))
    for proposal in offered:
        async with context.db.begin() as tx:
            query = sa.select(table.c.proposal_no).where(table.c.proposal_no == proposal.proposal_no)
            known = await tx.scalar(query)
            if known is None:
                await proposals.receive(tx, context, ACTOR, proposal)
    await _papers(context, offered)


async def _papers(context: Context, offered: list[NewProposal]) -> None:
    missing: list[tuple[NewProposal, ProductView, DocumentKind]] = []
    async with context.db.read() as tx:
        for proposal in offered:
            product = await products.require(tx, proposal.product_code)
            present = {paper.kind.value for paper in await documents.of_proposal(tx, proposal.proposal_no)}
            needed = required_documents(product.product_type.value, sales_rules())
            missing += [(proposal, product, DocumentKind(kind)) for kind in needed if kind not in present]
    if not missing:
        return
    from server.ops.demo.papers import TITLES, FontMissing, characters_of, make_paper, small_font  # slow to import, needed once

    with tempfile.TemporaryDirectory() as folder:
        characters = characters_of(offered, context.settings.insurer_name, *(product.name for _, product, _ in missing))
        try:
            font = await asyncio.to_thread(small_font, Path(folder), characters)
        except FontMissing as error:
            log.warning("demo_papers_skipped", how=str(error))
            return
        for proposal, product, kind in missing:
            data = await asyncio.to_thread(make_paper, font, kind, proposal, product, context.settings.insurer_name)
            await _add_paper(context, proposal.proposal_no, kind, TITLES[kind], data)


async def _add_paper(context: Context, proposal_no: str, kind: DocumentKind, title: str, data: bytes) -> None:
    facts = await pdf.inspect_pdf(data, title=title, number=proposal_no)
    view = None
    try:
        async with context.db.begin() as tx:
            view, _ = await documents.add(tx, context, ACTOR, proposal_no, kind, title, data, facts)
    except BaseException:
        if view is not None:
            await BlobStore(context).delete(f"documents/{view.id}")
        raise
