"""Rate limits, by network address and by keys of our own (account, phone, code). In this process's memory.

The numbers are data: an installation may replace the table. A limit that is hit answers 429 `RATE_LIMITED` with
`retry_after_s`.
"""

import ipaddress
import time

from aiohttp import web
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from server.http.problem import Problem

DEFAULT_LIMITS: dict[str, str] = {
    "sign_in": "60/minute",
    "sign_in_account": "8/5minutes",
    "registration": "20/hour",
    "sms_code": "20/10minutes",
    "sms_code_phone": "10/day",
    "join_code": "30/10minutes",
    "join_code_key": "10/10minutes",
    "upload": "300/10minutes",
    "callback": "600/10minutes",
    "callback_face": "20/10minutes",
    "callback_code": "60/10minutes",
    "callback_code_phone": "10/day",
    "entry": "120/10minutes",
    "entry_code_phone": "8/day",
    "entry_check_phone": "20/day",
    "entry_account": "20/day",
    "entry_stranger": "4/30minutes",
    "system": "1200/minute",
}
"""Limit classes. Those without a suffix count by address, the others by a key the caller gives."""


class RateLimits:
    """Counts and refuses. An unknown class is a fault of the program, not of the caller."""

    def __init__(self, table: dict[str, str] | None = None) -> None:
        self._items: dict[str, RateLimitItem] = {name: parse(rule) for name, rule in (table or DEFAULT_LIMITS).items()}
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
