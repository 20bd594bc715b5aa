"""Canonical JSON: one byte string for one value, so that hashes and signatures can be recomputed anywhere.

UTF-8, object keys sorted by code point, no spaces, no NaN or infinity, shortest float representation (what Python's `json`
writes). Anybody can reproduce it with a few lines in any language.
"""

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of plain JSON values.

    Raises:
        ValueError: NaN, infinity, or text that is not valid Unicode.
        TypeError: a value JSON does not know, or a key that is not text.
    """
    _check_keys(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def canonical_sha256(value: Any) -> str:
    """Lower-case hex SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _check_keys(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError("object keys must be text")
            _check_keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_keys(inner)
