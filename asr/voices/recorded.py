"""Prompts recorded by people: files named `<key>.<text hash>.<ext>` in one folder. A file for another wording is never played."""

import hashlib
import re
from pathlib import Path

_KINDS = frozenset({".wav", ".mp3", ".ogg", ".opus", ".flac", ".m4a"})
_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")


def text_hash(text: str) -> str:
    """The part of a file name that binds a recording to its exact text (white space aside)."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:16]


def find(folder: Path | None, key: str | None, text: str) -> Path | None:
    """The recording of this text under this key, or `None`."""
    if folder is None or key is None or not _KEY.fullmatch(key) or not folder.is_dir():
        return None
    wanted = f"{key}.{text_hash(text)}"
    for path in sorted(folder.glob(f"{wanted}.*")):
        if path.suffix.lower() in _KINDS and path.is_file():
            return path
    return None
