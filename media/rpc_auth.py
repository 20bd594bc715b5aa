"""Mutual authentication of the internal API: both sides prove that they know the shared secret, without ever sending it.

1. The client asks with `Authorization: DR-HMAC nonce=…, time=…, proof=…`, proof = HMAC(secret, "client", nonce, time).
2. The server refuses a time more than `SKEW_S` away, a nonce it has seen, a wrong proof; its first frame is its own nonce with
   HMAC(secret, "server", client nonce, server nonce, time). A client that finds it wrong sends nothing and hangs up.
3. Every later frame carries a tag: HMAC under a key of this connection and direction over a running number and the frame, so that
   nothing can be put in, left out, changed, turned around or played again.

No secrecy: where workers stand on other machines, the internal network or a tunnel keeps the calls private (docs/adr/0020).
"""

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

SKEW_S = 60
TAG = 16
_SEEN = 20_000
_HEADER = re.compile(r"^DR-HMAC nonce=([0-9a-f]{32}), time=(\d{1,12}), proof=([0-9a-f]{64})$")
_HELLO = re.compile(rb"^([0-9a-f]{32}) ([0-9a-f]{64})$")


class NotAuthentic(Exception):
    """The other side does not know the secret, or somebody tampered with what it said."""


def _mac(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "\0".join(parts).encode(), "sha256")


@dataclass(slots=True)
class Channel:
    """Tags what goes out and checks what comes in on one connection."""

    _out: bytes
    _in: bytes
    _sent: int = 0
    _received: int = 0

    def seal(self, frame: bytes) -> bytes:
        """The frame with its tag; frames must go out in the order they were sealed."""
        tag = hmac.digest(self._out, self._sent.to_bytes(8, "big") + frame, "sha256")[:TAG]
        self._sent += 1
        return tag + frame

    def open(self, data: bytes) -> bytes:
        """The frame behind its tag. Raises `NotAuthentic`."""
        frame = data[TAG:]
        tag = hmac.digest(self._in, self._received.to_bytes(8, "big") + frame, "sha256")[:TAG]
        if not hmac.compare_digest(tag, data[:TAG]):
            raise NotAuthentic("a frame was changed on the way")
        self._received += 1
        return frame


class ClientHandshake:
    """The calling side of one connection."""

    def __init__(self, secret: str, now_s: float | None = None) -> None:
        self._key = hashlib.sha256(secret.encode()).digest()
        self._nonce = secrets.token_hex(16)
        self._time = str(int(time.time() if now_s is None else now_s))

    def header(self) -> str:
        """The value of the `Authorization` header."""
        proof = _mac(self._key, "client", self._nonce, self._time).hex()
        return f"DR-HMAC nonce={self._nonce}, time={self._time}, proof={proof}"

    def accept(self, hello: bytes) -> Channel:
        """Check the server's first frame. Raises `NotAuthentic`."""
        found = _HELLO.match(hello)
        if found is None:
            raise NotAuthentic("the server did not prove itself")
        nonce, proof = found[1].decode(), bytes.fromhex(found[2].decode())
        if not hmac.compare_digest(proof, _mac(self._key, "server", self._nonce, nonce, self._time)):
            raise NotAuthentic("the server does not know the secret")
        return Channel(_mac(self._key, "to server", self._nonce, nonce), _mac(self._key, "to client", self._nonce, nonce))


class ServerHandshake:
    """The called side; remembers nonces for as long as their time is accepted."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(secret.encode()).digest()
        self._seen: OrderedDict[str, float] = OrderedDict()

    def accept(self, header: str, now_s: float | None = None) -> tuple[bytes, Channel]:
        """Check a client's header; the first frame to send, and the channel from then on. Raises `NotAuthentic`."""
        now = time.time() if now_s is None else now_s
        found = _HEADER.match(header)
        if found is None:
            raise NotAuthentic("no proof")
        nonce, at, proof = found[1], found[2], bytes.fromhex(found[3])
        if not hmac.compare_digest(proof, _mac(self._key, "client", nonce, at)):
            raise NotAuthentic("wrong proof")
        if abs(now - int(at)) > SKEW_S:
            raise NotAuthentic(f"the clocks of the two machines are {now - int(at):.0f} s apart")
        self._remember(nonce, now)
        own = secrets.token_hex(16)
        hello = f"{own} {_mac(self._key, 'server', nonce, own, at).hex()}".encode()
        return hello, Channel(_mac(self._key, "to client", nonce, own), _mac(self._key, "to server", nonce, own))

    def _remember(self, nonce: str, now: float) -> None:
        while self._seen and (len(self._seen) >= _SEEN or next(iter(self._seen.values())) < now - 2 * SKEW_S):
            self._seen.popitem(last=False)
        if nonce in self._seen:
            raise NotAuthentic("used before")
        self._seen[nonce] = now
