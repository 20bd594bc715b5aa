"""Transcripts at rest: every line encrypted, and a full-text index that holds no text.

A recording's index entry is the set of keyed hashes of its neighbouring syllables: what was said becomes toneless pinyin, so that
a recogniser's homophones are found too, and each pair of syllables an HMAC under the search key. Numbers are left out: two digits
have only a hundred pairs. Without the key nothing can be looked up; how often a pair occurs stays visible (docs/adr/0010).
"""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pypinyin import Style, lazy_pinyin
from sqlalchemy.dialects.postgresql import TSVECTOR

from server.context import Context
from server.recordings.tables import recording_transcripts, recording_words
from storage.db.crypto import FieldCipher
from storage.db.engine import Tx

_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_HELD = "data_enc"
OLD = sa.select(recording_transcripts.c.recording_id).where(recording_transcripts.c.data_enc.is_(None)).distinct().limit(20)
"""Recordings whose transcript an older version kept in clear."""


def syllables(text: str) -> list[list[str]]:
    """The sounds of a text as runs of toneless pinyin (Latin words whole); anything else, numbers too, ends a run.

    A character has one reading whatever stands beside it, so that a search and a transcript cut it alike.
    """
    runs: list[list[str]] = [[]]
    latin = ""
    for character in [*text, " "]:
        if character.isascii() and character.isalpha():
            latin += character.lower()
            continue
        if latin:
            runs[-1].append(latin)
            latin = ""
        sound = _sound(character)
        if sound:
            runs[-1].append(sound)
        elif runs[-1] and not character.isspace():
            runs.append([])
    return [run for run in runs if run]


@lru_cache(maxsize=30_000)
def _sound(character: str) -> str:
    if not "\u3400" <= character <= "\u9fff":
        return ""
    found = lazy_pinyin(character, style=Style.NORMAL, errors="ignore")
    return found[0] if found else ""


def tokens_of(cipher: FieldCipher, texts: Iterable[str]) -> list[str]:
    """Search tokens of texts, each once, sorted. Punctuation does not separate: people do not speak it."""
    found: set[str] = set()
    for text in texts:
        for run in syllables(text.translate(_SILENT)):
            found |= {token(cipher, first, second) for first, second in itertools.pairwise(run)}
    return sorted(found)


_SILENT = {ord(mark): None for mark in "，。；：！？、,.;:!?…—“”‘’「」『』《》()（）\"'"}


def token(cipher: FieldCipher, first: str, second: str) -> str:
    """The keyed hash of two neighbouring syllables: eight letters, a word for any tokeniser."""
    return cipher.search_hash(f"spoken:{first} {second}")[:8].lower().translate(_LETTERS)


def find(text: str, wanted: str) -> tuple[bool, bool]:
    """(whether a line sounds like it contains the wanted words, whether it has them character by character)."""
    sounds, parts = [f" {' '.join(run)} " for run in syllables(text.translate(_SILENT))], syllables(wanted.translate(_SILENT))
    heard = bool(parts) and all(any(f" {' '.join(part)} " in run for run in sounds) for part in parts)
    return heard, heard and _plain(wanted) in _plain(text)


def _plain(text: str) -> str:
    return "".join(text.translate(_SILENT).split()).lower()


async def store_lines(tx: Tx, context: Context, recording_id: str, lines: Sequence[Mapping[str, Any]]) -> None:
    """Replace a recording's transcript and its index entry.

    Args:
        lines: {seat_id, start_ms, end_ms, text, words, engine} in order.
    """
    table = recording_transcripts
    await tx.execute(sa.delete(table).where(table.c.recording_id == recording_id))
    rows = [
        {
            "recording_id": recording_id,
            "ordinal": number,
            **{name: line[name] for name in ("seat_id", "start_ms", "end_ms", "engine")},
            _HELD: _seal(context.cipher, recording_id, number, line),
        }
        for number, line in enumerate(lines)
    ]
    if rows:
        await tx.execute(table.insert(), rows)
    await index_lines(tx, context, recording_id, [str(line["text"]) for line in lines])


async def index_lines(tx: Tx, context: Context, recording_id: str, texts: Iterable[str]) -> None:
    """Replace a recording's entry in the full-text index; one without words has an empty entry."""
    await tx.execute(sa.delete(recording_words).where(recording_words.c.recording_id == recording_id))
    tokens: Any = " ".join(tokens_of(context.cipher, texts))
    if tx.dialect.name == "postgresql":
        tokens = sa.cast(sa.literal(tokens, sa.Text()), TSVECTOR)
    await tx.execute(recording_words.insert().values(recording_id=recording_id, tokens=tokens))


async def lines_of(tx: Tx, context: Context, recording_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Transcripts in clear, by recording, in order."""
    table = recording_transcripts
    query = sa.select(table).where(table.c.recording_id.in_(recording_ids)).order_by(table.c.recording_id, table.c.ordinal)
    found: dict[str, list[dict[str, Any]]] = {recording_id: [] for recording_id in recording_ids}
    for row in (await tx.execute(query)).mappings():
        said = {"text": row["text"], "words": row["words"]} if row[_HELD] is None else _open(context.cipher, row)
        plain = {name: row[name] for name in ("ordinal", "seat_id", "start_ms", "end_ms", "engine")}
        found[row["recording_id"]].append({**plain, **said})
    return found


async def bring_up_to_date(tx: Tx, context: Context) -> int:
    """Encrypt and index transcripts kept by an older version. Returns how many recordings were done."""
    waiting = list((await tx.execute(OLD)).scalars())
    for recording_id, lines in (await lines_of(tx, context, waiting)).items():
        await store_lines(tx, context, recording_id, lines)
    return len(waiting)


def _seal(cipher: FieldCipher, recording_id: str, ordinal: int, line: Mapping[str, Any]) -> str:
    said = json.dumps({"text": line["text"], "words": line["words"]}, ensure_ascii=False)
    return cipher.encrypt(said, f"recording_transcripts.data:{recording_id}:{ordinal}")


def _open(cipher: FieldCipher, row: Mapping[Any, Any]) -> dict[str, Any]:
    plain = cipher.decrypt(row[_HELD], f"recording_transcripts.data:{row['recording_id']}:{row['ordinal']}")
    said: dict[str, Any] = json.loads(plain)
    return said
