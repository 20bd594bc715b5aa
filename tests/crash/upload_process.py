"""A real uploader that kills itself (SIGKILL) at its Nth dealing with the store. Usage: upload_process N [after].

With `after` it dies when the store has the object and nothing is noted yet.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from server.bootstrap import build_context
from server.recordings.stores import build_store
from server.recordings.uploads import Uploader
from server.settings import Settings
from storage.objects.port import ObjectInfo, ObjectStore


class Deadly:
    """The store, deadly at one call."""

    def __init__(self, store: ObjectStore, at: int, *, is_after: bool) -> None:
        self._store = store
        self._left = at
        self._is_after = is_after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def put_file(self, key: str, path: Path, **options: Any) -> ObjectInfo:
        return await self._deal(self._store.put_file, key, path, **options)

    async def put_bytes(self, key: str, data: bytes, **options: Any) -> ObjectInfo:
        return await self._deal(self._store.put_bytes, key, data, **options)

    async def _deal(self, put: Any, *arguments: Any, **options: Any) -> ObjectInfo:
        self._left -= 1
        is_the_one = self._left == 0
        if is_the_one and not self._is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        info: ObjectInfo = await put(*arguments, **options)
        if is_the_one:
            os.kill(os.getpid(), signal.SIGKILL)
        return info


async def main() -> None:
    settings = Settings()
    context = build_context(settings)
    store = await build_store(settings)
    deadly: Any = Deadly(store, int(sys.argv[1]), is_after=sys.argv[2:] == ["after"])
    uploader = Uploader(context, deadly, settle=timedelta(0), piece_s=0)
    await uploader.step()
    await store.aclose()
    await context.db.aclose()


if __name__ == "__main__":
    asyncio.run(main())
