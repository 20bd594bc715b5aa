"""Rules of object keys and of chunking that every adapter shares."""

import re

from storage.objects.port import StoreError

CHUNK = 1 << 20
_KEY = re.compile(r"^[A-Za-z0-9_=+,@~-][A-Za-z0-9._=+,@~-]*(/[A-Za-z0-9_=+,@~-][A-Za-z0-9._=+,@~-]*)*$")


def checked_key(key: str) -> str:
    """Return the key, or raise `KEY_INVALID`: ASCII, `/`-separated, no empty, hidden or upward part, ≤ 512 characters."""
    if len(key) > 512 or not _KEY.match(key):
        raise StoreError("KEY_INVALID", f"not an object key: {key[:80]!r}", retryable=False)
    return key


class ObjectExists(StoreError):
    """Another content is stored under the key already; stores write once."""

    def __init__(self, key: str) -> None:
        super().__init__("OBJECT_EXISTS", f"{key} holds other content", retryable=False)


class ChecksumMismatch(StoreError):
    """What arrived is not what was sent, or the file is not what the caller said."""

    def __init__(self, key: str) -> None:
        super().__init__("CHECKSUM_MISMATCH", f"{key}: checksum differs", retryable=True)
