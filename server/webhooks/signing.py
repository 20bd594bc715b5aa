"""The signature of a webhook, for both sides. Pure.

`X-Signature: v1=<hex HMAC-SHA256(secret, "<timestamp>.<delivery id>.<body>")>` with `X-Timestamp` (seconds) and `X-Delivery-Id`.
A receiver refuses a timestamp that is too old (a replay), and remembers delivery ids: each may come more than once.
"""

import hashlib
import hmac

VERSION = "v1"
MAX_AGE_S = 300


def sign(secret: str, *, timestamp: int, delivery_id: str, body: bytes) -> str:
    """The value of `X-Signature`."""
    message = f"{timestamp}.{delivery_id}.".encode() + body
    return f"{VERSION}={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def is_valid(secret: str, signature: str, *, timestamp: int, delivery_id: str, body: bytes, now: int) -> bool:
    """What a receiver checks: the signature, in constant time, and the age."""
    expected = sign(secret, timestamp=timestamp, delivery_id=delivery_id, body=body)
    return hmac.compare_digest(expected, signature) and abs(now - timestamp) <= MAX_AGE_S
