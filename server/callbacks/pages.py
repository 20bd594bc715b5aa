"""Keeps what the customer was shown and did, exactly, as evidence: encrypted, with hash, time, address and device."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from aiohttp import web
from pydantic import BaseModel

from server.callbacks.schemas import KeptPage, KeptPageContent
from server.callbacks.tables import callback_pages
from server.context import Context
from server.http.problem import not_found
from storage.db.engine import Tx
from storage.db.ids import new_id


@dataclass(frozen=True, slots=True)
class Device:
    """From where somebody looks."""

    address: str
    agent: str

    @classmethod
    def of(cls, request: web.Request) -> "Device":
        """The caller's address and browser. Some browsers name themselves in another encoding: what is no text is left out."""
        agent = request.headers.get("User-Agent", "").encode(errors="replace").decode()
        return cls((request.remote or "")[:64], agent[:200])


async def keep_page(
    tx: Tx, context: Context, callback_id: str, kind: str, content: BaseModel | dict[str, Any], device: Device
) -> str:
    """Keep a page. Kinds: identity, notice, questionnaire, confirm, signature, result. Returns the hash of its content."""
    plain = content.model_dump(mode="json") if isinstance(content, BaseModel) else content
    body = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    page_id, digest = new_id("cbp"), hashlib.sha256(body).hexdigest()
    await tx.execute(
        sa.insert(callback_pages).values(
            id=page_id,
            callback_id=callback_id,
            at=context.now(),
            kind=kind,
            content_enc=context.cipher.encrypt(body.decode(), f"callback_pages.content:{page_id}"),
            sha256=digest,
            address=device.address,
            device=device.agent,
        )
    )
    return digest


async def list_pages(tx: Tx, callback_id: str) -> list[KeptPage]:
    """The kept pages of a callback, in order."""
    query = (
        sa.select(callback_pages)
        .where(callback_pages.c.callback_id == callback_id)
        .order_by(callback_pages.c.at, callback_pages.c.id)
    )
    return [KeptPage(**{key: row[key] for key in KeptPage.model_fields}) for row in (await tx.execute(query)).mappings()]


async def read_page(tx: Tx, context: Context, callback_id: str, page_id: str) -> KeptPageContent:
    """One page with its content, checked against its hash. 404 `PAGE_NOT_FOUND`."""
    query = sa.select(callback_pages).where(callback_pages.c.id == page_id, callback_pages.c.callback_id == callback_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("PAGE_NOT_FOUND")
    body = context.cipher.decrypt(row["content_enc"], f"callback_pages.content:{page_id}").encode()
    return KeptPageContent(
        **{key: row[key] for key in KeptPage.model_fields},
        content=orjson.loads(body),
        is_intact=hashlib.sha256(body).hexdigest() == row["sha256"],
    )
