"""Identifiers: time-ordered, prefixed, safe in URLs and file names."""

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """Return a new identifier such as `case_01k9x…`: prefix, 10 characters of milliseconds, 12 random characters.

    Those of one process are in the order in which they were made, also within a millisecond or when the clock is set back: lists
    go by them where two rows have the same instant.
    """
    global _last  # the newest instant of this process
    with _lock:
        stamp = _last = max(int(time.time() * 1000), _last + 1)
    head = "".join(_ALPHABET[(stamp >> shift) & 31] for shift in range(45, -5, -5))
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"{prefix}_{head}{tail}"
