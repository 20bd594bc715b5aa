"""A native libwebrtc client (tests/media/native_client.mjs) as a process, here or behind an emulated link."""

import asyncio
import itertools
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from server.settings import ROOT

CLIENT = Path(__file__).with_name("native_client.mjs")
_TIMEOUT_S = 60


def missing() -> str | None:
    """What keeps this machine from running the client, or None."""
    if node() is None:
        return "Node.js"
    return None if (ROOT / "web/node_modules/@roamhq/wrtc").is_dir() else "@roamhq/wrtc"


def node() -> str | None:
    """The Node.js to run it with."""
    packaged = ROOT / ".venv/node/node"
    return shutil.which("node") or (str(packaged) if packaged.exists() else None)


class NativeClient:
    """One client process. `call` does something in it; `aclose` ends it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, before: Sequence[str] = ()) -> "NativeClient":
        """Start it; `before` is put in front of the command (`link.inside`)."""
        program = node()
        assert program is not None
        process = await asyncio.create_subprocess_exec(
            *before, program, str(CLIENT), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24
        )
        return cls(process)

    async def call(self, name: str, **params: Any) -> dict[str, Any]:
        """Let it do something. Raises `RuntimeError` when it cannot."""
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": name, **params}).encode() + b"\n")
        async with asyncio.timeout(_TIMEOUT_S):
            result: dict[str, Any] = await future
        if "error" in result:
            raise RuntimeError(f"{name}: {result['error']}")
        return result

    async def until(self, condition: Callable[[dict[str, Any]], Any], timeout: float = 60) -> dict[str, Any]:
        """Ask for its statistics until they satisfy the condition."""
        stats: dict[str, Any] = {}
        try:
            async with asyncio.timeout(timeout):
                while True:
                    stats = await self.call("stats")
                    if condition(stats):
                        return stats
                    await asyncio.sleep(0.05)
        except TimeoutError:
            brief = {key: stats.get(key) for key in ("state", "ice", "seen", "local")}
            raise TimeoutError(f"not reached: {brief}") from None

    async def aclose(self) -> None:
        """End the process without a goodbye; idempotent."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._reader.cancel()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            future = self._waiting.pop(message.pop("id"), None)
            if future is not None and not future.done():
                future.set_result(message)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the client ended"))
