"""What is up: probes that every slice may add, asked together with a time limit each.

A probe that does not answer is `down`; what cannot be asked is `not_measured`. Details are plain Chinese sentences that the
health page and the console show as they are. The probes of this installation's own processes are in `standard_probes`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog
from aiohttp import web

from server.ops.schemas import HealthItem

log = structlog.get_logger(__name__)

Group = Literal["process", "engine", "model", "store", "worker", "notice"]
Probe = Callable[[], Awaitable[list[HealthItem]]]
PROBE_TIMEOUT_S = 3.0


class HealthRegistry:
    """Probes by name; a name added again replaces the one before."""

    def __init__(self) -> None:
        self._probes: dict[str, tuple[Group, Probe]] = {}

    def add(self, group: Group, name: str, probe: Probe) -> None:
        """Add a probe. It returns its items; raising or being slow makes one `down` item of this name."""
        self._probes[name] = (group, probe)

    async def check(self) -> list[HealthItem]:
        """Ask all probes at once."""
        results = await asyncio.gather(*(self._ask(name, group, probe) for name, (group, probe) in self._probes.items()))
        return [item for items in results for item in items]

    async def _ask(self, name: str, group: Group, probe: Probe) -> list[HealthItem]:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                return await probe()
        except TimeoutError:
            return [HealthItem(group=group, name=name, status="down", detail="没有及时应答", data={})]
        except Exception:
            log.exception("health_probe_failed", probe=name)
            return [HealthItem(group=group, name=name, status="down", detail="检查失败，详见日志", data={})]


HEALTH: web.AppKey[HealthRegistry] = web.AppKey("health", HealthRegistry)
