"""Identifiers: time-ordered, prefixed, safe in URLs and file names."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """Return a new identifier such as `case_01k9x…`: prefix, 10 characters of milliseconds, 12 random characters."""
    stamp = int(time.time() * 1000)
    head = "".join(_ALPHABET[(stamp >> shift) & 31] for shift in range(45, -5, -5))
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"{prefix}_{head}{tail}"
