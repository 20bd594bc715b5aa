"""STUN for an ICE-lite agent (RFC 8445 §2.5): answers binding requests, and probes a quiet client.

A lite agent need not send checks; the probe is an ordinary authenticated binding request whose response proves that the client is
still there, so that a vanished peer is noticed within seconds even when it sends no media.
"""

import hmac
import secrets
import socket
import string
import zlib
from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple

from aioice import stun

Address = tuple[str, int]
_V4_IN_V6 = bytes(10) + b"\xff\xff"
_HEADER, _BINDING, _COOKIE = 20, 1, b"\x21\x12\xa4\x42"
_USERNAME, _INTEGRITY, _USE_CANDIDATE, _FINGERPRINT = 0x0006, 0x0008, 0x0025, 0x8028
_HEAD = Struct("!HH4x12s")
_ATTRIBUTE = Struct("!HH")
_MAPPED = Struct("!HHxBH")
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Credentials:
    """One ICE generation's user fragment and password."""

    ufrag: str = field(default_factory=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(8)))
    password: str = field(default_factory=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(24)))


class StunMessage(NamedTuple):
    """The parts of a binding message that matter here. `signed` is what MESSAGE-INTEGRITY covers; None without one."""

    transaction_id: bytes
    is_request: bool
    is_response: bool
    local_ufrag: str
    is_nominated: bool
    signed: bytes | None
    integrity: bytes


def parse(data: bytes) -> StunMessage | None:
    """Read a binding message (RFC 8489 §5, §14); None for anything else or malformed.

    By hand, because clients check each second: `aioice.stun` takes ten times as long. test_parsers holds both to the same result.
    """
    size = len(data)
    if size < _HEADER or data[4:8] != _COOKIE:
        return None
    kind, length, transaction = _HEAD.unpack_from(data)
    if size != _HEADER + length or kind & 0xFEEF != _BINDING:
        return None
    user = integrity = b""
    signed: bytes | None = None
    is_nominated = False
    at = _HEADER
    while at + 4 <= size:
        name, length = _ATTRIBUTE.unpack_from(data, at)
        value = data[at + 4 : at + 4 + length]
        if name == _FINGERPRINT:
            if length != 4 or value != _fingerprint(data[:at]):
                return None
        elif signed is None:
            if name == _USERNAME:
                user = value
            elif name == _INTEGRITY:
                signed, integrity = data[:at], value
            elif name == _USE_CANDIDATE:
                is_nominated = True
        at += 4 + (length + 3 & ~3)
    try:
        ufrag = user.decode().partition(":")[0]
    except UnicodeDecodeError:
        return None
    return StunMessage(transaction, kind & 0x110 == 0, kind & 0x110 == 0x100, ufrag, is_nominated, signed, integrity)


def is_authentic(message: StunMessage, password: str) -> bool:
    """Whether MESSAGE-INTEGRITY fits the password (short-term credentials, RFC 8489 §9.1)."""
    return message.signed is not None and hmac.compare_digest(message.integrity, _integrity(message.signed, password))


def success(request: StunMessage, address: Address, password: str) -> bytes:
    """The binding success response."""
    # From a socket of both families: (host, port, flow, scope), where IPv4 is ::ffff:a.b.c.d.
    host, port = address[0].partition("%")[0], address[1]
    packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    packed = packed.removeprefix(_V4_IN_V6)
    is_v6 = len(packed) == 16
    mask = (_COOKIE + request.transaction_id)[: len(packed)]
    mapped = (int.from_bytes(packed, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(packed), "big")
    body = _MAPPED.pack(0x0020, 4 + len(packed), 2 if is_v6 else 1, port ^ 0x2112) + mapped
    data = _HEAD.pack(_BINDING | 0x100, len(body), request.transaction_id) + body
    data = data[:4] + _COOKIE + data[8:]
    data += _ATTRIBUTE.pack(_INTEGRITY, 20) + _integrity(data, password)
    data = data[:2] + (len(data) - _HEADER + 8).to_bytes(2, "big") + data[4:]
    return data + _ATTRIBUTE.pack(_FINGERPRINT, 4) + _fingerprint(data)


def _integrity(data: bytes, password: str) -> bytes:
    length = (len(data) - _HEADER + 24).to_bytes(2, "big")
    return hmac.digest(password.encode(), data[:2] + length + data[4:], "sha1")


def _fingerprint(data: bytes) -> bytes:
    length = (len(data) - _HEADER + 8).to_bytes(2, "big")
    return (zlib.crc32(data[:2] + length + data[4:]) ^ 0x5354554E).to_bytes(4, "big")


def probe(local: Credentials, remote: Credentials, tie_breaker: int) -> tuple[bytes, bytes]:
    """A binding request to the client. Returns (transaction id, datagram)."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{remote.ufrag}:{local.ufrag}"
    request.attributes["PRIORITY"] = 0x6EFFFFFF
    request.attributes["ICE-CONTROLLED"] = tie_breaker
    request.add_message_integrity(remote.password.encode())
    return bytes(request.transaction_id), bytes(request)
