"""The web process's object store: opened at first use, so that a store that is away does not keep the pages from starting."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from server.context import CONTEXT
from server.ops.health import HEALTH
from server.ops.schemas import HealthItem
from server.recordings.stores import build_store
from server.settings import Settings
from storage.objects.port import ObjectStore, StoreError

_NAME = {"local": "本地文件夹", "s3": "S3"}
_REFUSED = "这个存储不执行对象锁定，生产模式拒绝使用，请更换"


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
        """Health: does it answer; and, a matter of its own, does it lock. A folder works well and never locks (development)."""
        try:
            store = await self.get()
            await store.ping()
        except StoreError as error:
            detail = _REFUSED if error.code == "OBJECT_LOCK_NOT_ENFORCED" else f"连不上（{error.code}）：录像片段在本机等待"
            return [HealthItem(group="store", name="对象存储", status="down", detail=detail, data={"code": error.code})]
        locks = store.capabilities.enforces_lock
        lock = "已验证：锁定的录像不能被删除" if locks else "开发模式：本地文件夹不能锁定录像，正式使用请接对象存储"
        data = {"store": store.capabilities.name}
        return [
            HealthItem(group="store", name="对象存储", status="up", detail=_NAME.get(data["store"], data["store"]), data=data),
            HealthItem(group="store", name="对象锁定", status="up" if locks else "off", detail=lock, data=data),
        ]

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
