"""Whom a request comes from where a proxy of ours passes it on: limits by address and the audit log need the caller.

`X-Forwarded-For` is believed only from proxies that the installation names, and read from its end: what a caller writes into
it himself stands before what the first proxy of ours adds.
"""

import ipaddress
from collections.abc import Iterable, Sequence

from aiohttp import web

from server.http.middleware import Handler, Middleware

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HEADER = "X-Forwarded-For"


def networks(names: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks by their names. Raises `ValueError` with the one that is none."""
    return tuple(ipaddress.ip_network(name.strip()) for name in names)


def caller(remote: str, chain: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address of who called.

    Args:
        remote: who is connected to us.
        chain: the header's values, as they came.
        trusted: our proxies. The last address of the chain that is none of them is the caller's.
    """
    found = remote
    for name in reversed([part for value in chain for part in value.split(",")]):
        if not _is_of(found, trusted):
            return found
        named = _address(name)
        if named is None:
            return found
        found = named
    return found


def _is_of(name: str, trusted: Sequence[Network]) -> bool:
    address = _parsed(name)
    return address is not None and any(address.version == network.version and address in network for network in trusted)


def _address(name: str) -> str | None:
    """An address as proxies write it, some with the port."""
    name = name.strip()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    address = _parsed(name)
    return None if address is None else str(address)


def _parsed(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def real_addresses(trusted: Sequence[Network]) -> Middleware:
    """The middleware, outermost: `request.remote` is the caller's for everything behind it."""

    @web.middleware
    async def read(request: web.Request, handler: Handler) -> web.StreamResponse:
        chain = request.headers.getall(HEADER, [])
        if chain and request.remote:
            request = request.clone(remote=caller(request.remote, chain, trusted))
        return await handler(request)

    return read
