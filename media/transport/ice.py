"""STUN for an ICE-lite agent (RFC 8445 §2.5): answers binding requests, and probes a quiet client.

A lite agent need not send checks; the probe is an ordinary authenticated binding request whose response proves that the client is
still there, so that a vanished peer is noticed within seconds even when it sends no media.
"""

import secrets
import string
from dataclasses import dataclass, field

from aioice import stun

Address = tuple[str, int]
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Credentials:
    """One ICE generation's user fragment and password."""

    ufrag: str = field(default_factory=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(8)))
    password: str = field(default_factory=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(24)))


@dataclass(frozen=True, slots=True)
class StunMessage:
    """The parts of a STUN message that matter here."""

    message: stun.Message
    is_request: bool
    is_response: bool
    local_ufrag: str
    is_nominated: bool


def parse(data: bytes) -> StunMessage | None:
    """Parse a binding message; None for anything else or malformed."""
    try:
        message = stun.parse_message(data)
        if message.message_method != stun.Method.BINDING:
            return None
        return StunMessage(
            message,
            message.message_class == stun.Class.REQUEST,
            message.message_class == stun.Class.RESPONSE,
            str(message.attributes.get("USERNAME", "")).partition(":")[0],
            "USE-CANDIDATE" in message.attributes,
        )
    except Exception:
        return None  # A parser of foreign bytes: whatever it raises, the datagram is not ours.


def is_authentic(request: StunMessage, password: str) -> bool:
    """Whether MESSAGE-INTEGRITY fits the password (short-term credentials, RFC 8489 §9.1)."""
    return bool(request.message.check_message_integrity(password.encode()))


def success(request: StunMessage, address: Address, password: str) -> bytes:
    """The binding success response."""
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.message.transaction_id)
    response.attributes["XOR-MAPPED-ADDRESS"] = address
    response.add_message_integrity(password.encode())
    return bytes(response)


def probe(local: Credentials, remote: Credentials, tie_breaker: int) -> tuple[bytes, bytes]:
    """A binding request to the client. Returns (transaction id, datagram)."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{remote.ufrag}:{local.ufrag}"
    request.attributes["PRIORITY"] = 0x6EFFFFFF
    request.attributes["ICE-CONTROLLED"] = tie_breaker
    request.add_message_integrity(remote.password.encode())
    return bytes(request.transaction_id), bytes(request)
