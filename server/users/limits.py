"""Rate limits, by network address and by keys of our own (account, phone, code). In this process's memory.

The numbers are data (`rate-limits.yaml`). A limit that is hit answers 429 `RATE_LIMITED` with `retry_after_s`.
"""

import ipaddress
import time
from functools import cache
from pathlib import Path

import yaml
from aiohttp import web
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from server import domain
from server.http.problem import Problem

PATH = Path(domain.__file__).resolve().parent / "data" / "rate-limits.yaml"


@cache
def rate_limits() -> dict[str, RateLimitItem]:
    """The limit classes in force. Raises `KeyError` or `ValueError` for what is none. Read once per process."""
    table: dict[str, str] = yaml.safe_load(PATH.read_text(encoding="utf-8"))["limits"]
    return {name: parse(rule) for name, rule in table.items()}


class RateLimits:
    """Counts and refuses. An unknown class is a fault of the program, not of the caller."""

    def __init__(self) -> None:
        self._items = rate_limits()
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def hit(self, name: str, key: str) -> None:
        """Count one; raise 429 when there were too many."""
        item = self._items[name]
        if not await self._limiter.hit(item, name, key):
            await self._refuse(item, name, key)

    async def check(self, name: str, key: str) -> None:
        """Raise 429 when there were too many, without counting."""
        item = self._items[name]
        if not await self._limiter.test(item, name, key):
            await self._refuse(item, name, key)

    async def clear(self, name: str, key: str) -> None:
        """Forget what was counted (after a success)."""
        await self._limiter.clear(self._items[name], name, key)

    async def _refuse(self, item: RateLimitItem, name: str, key: str) -> None:
        stats = await self._limiter.get_window_stats(item, name, key)
        raise Problem(429, "RATE_LIMITED", retryable=True, retry_after_s=max(1, int(stats.reset_time - time.time()) + 1))


LIMITS: web.AppKey[RateLimits] = web.AppKey("limits", RateLimits)


def address_of(request: web.Request) -> str:
    """The caller's address for counting; IPv6 counts by its /64, which one subscriber owns."""
    try:
        address = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return request.remote or "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


async def rate_check(request: web.Request, name: str) -> None:
    """What `Endpoint.rate` calls: count by address."""
    await request.app[LIMITS].hit(name, address_of(request))
