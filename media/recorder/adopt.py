"""Goes on with a recording that another machine made: its journal is brought here, its segments stay where they are stored.

What that machine had open is lost with it; `recover` finds those segments missing and marks the gap up to now.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from media.recorder.journal import JOURNAL_NAME, SEGMENT_FOLDER


def adopt(directory: Path, journal: bytes, beside: Mapping[str, str], *, is_beginning: bool = False) -> None:
    """Put a journal into a recording folder. Idempotent: a folder that already goes on with it is left as it is.

    A folder that holds another course of the same recording (this machine had it before it was given away) is moved aside.

    Args:
        journal: whole lines.
        beside: small files that belong to it, by plain name.
        is_beginning: nothing was stored of the recording: whatever lies here of it is more than this journal.

    Raises:
        ValueError: not a journal, or a name that is none.
        OSError: the disk refused.
    """
    if not journal.endswith(b"\n") or any(Path(name).name != name or name.startswith(".") for name in beside):
        raise ValueError("not a journal that can be gone on with")
    held = directory / JOURNAL_NAME
    if held.exists():
        with held.open("rb") as file:
            if is_beginning or file.read(len(journal)) == journal:
                return
        number = 1
        while (aside := directory.with_name(f"{directory.name}.former{number}")).exists():
            number += 1
        directory.rename(aside)
    (directory / SEGMENT_FOLDER).mkdir(parents=True, exist_ok=True)
    for name, text in beside.items():
        _write(directory / name, text.encode())
    _write(held, journal)  # last: with it the recording is here


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
