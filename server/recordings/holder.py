"""The web process's object store: opened at first use, so that a store that is away does not keep the pages from starting."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from server.context import CONTEXT
from server.ops.health import HEALTH
from server.ops.schemas import HealthItem
from server.recordings.stores import build_store
from server.settings import Settings
from storage.objects.port import ObjectStore


class StoreHolder:
    """Owner of one store."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: ObjectStore | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> ObjectStore:
        """The store. Raises `StoreError` while it cannot be opened."""
        async with self._lock:
            if self._store is None:
                self._store = await build_store(self._settings)
            return self._store

    async def probe(self) -> list[HealthItem]:
        """Health: does it answer, and does it lock."""
        store = await self.get()
        await store.ping()
        locks = store.capabilities.enforces_lock
        detail = "对象锁定已验证" if locks else "本地文件夹：不能锁定，仅供开发使用"
        return [HealthItem(group="store", name="对象存储", status="up" if locks else "degraded", detail=detail, data={})]

    async def aclose(self) -> None:
        """Close; idempotent."""
        if self._store is not None:
            await self._store.aclose()
            self._store = None


STORE: web.AppKey[StoreHolder] = web.AppKey("object_store", StoreHolder)


def attach_store(app: web.Application) -> None:
    """Give the application its store and its health probe."""
    holder = StoreHolder(app[CONTEXT].settings)
    app[STORE] = holder
    if HEALTH in app:
        app[HEALTH].add("store", "对象存储", holder.probe)

    async def close(_app: web.Application) -> AsyncIterator[None]:
        yield
        await holder.aclose()

    app.cleanup_ctx.append(close)
