"""Transcripts at rest: every line encrypted, and a full-text index that holds no text.

A recording's index entry is the set of keyed hashes of its neighbouring syllables: what was said becomes toneless pinyin, so that
a recogniser's homophones are found too, and each pair of syllables an HMAC under the search key. Numbers are left out: two digits
have only a hundred pairs. Without the key nothing can be looked up; how often a pair occurs stays visible (docs/adr/0010).
"""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
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


class _Sounds(dict[int, str]):
    """For `str.translate`: a character as its sound between spaces, Latin small, punctuation as nothing, the rest a break."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isascii() and character.isalpha():
            sound = character.lower()
        elif character.isspace():
            sound = " "
        elif character in _SILENT:
            sound = ""
        else:
            sound = _BREAK
            if "\u3400" <= character <= "\u9fff":
                found = lazy_pinyin(character, style=Style.NORMAL, errors="ignore")
                sound = f" {found[0]} " if found else _BREAK
        if len(self) < _MOST_SOUNDS:
            self[code] = sound
        return sound


_BREAK = " | "
_MOST_SOUNDS = 40_000
_SILENT = frozenset("，。；：！？、,.;:!?…—“”‘’「」『』《》()（）\"'")
"""Punctuation does not separate: people do not speak it."""
_SOUNDS = _Sounds()


def syllables(text: str) -> list[list[str]]:
    """The sounds of a text as runs of toneless pinyin (Latin words whole); anything else, numbers too, ends a run.

    A character has one reading whatever stands beside it, so that a search and a transcript cut it alike.
    """
    return [run.split() for run in text.translate(_SOUNDS).split("|") if run.strip()]


def sound_of(character: str) -> str | None:
    """The one sound of a Chinese character; None for anything else."""
    return _SOUNDS[ord(character)].strip() or None if "\u3400" <= character <= "\u9fff" else None


def tokens_of(cipher: FieldCipher, texts: Iterable[str]) -> list[str]:
    """Search tokens of texts, each once, sorted."""
    found: set[str] = set()
    for text in texts:
        for run in syllables(text):
            found |= {token(cipher, first, second) for first, second in itertools.pairwise(run)}
    return sorted(found)


def token(cipher: FieldCipher, first: str, second: str) -> str:
    """The keyed hash of two neighbouring syllables: eight letters, a word for any tokeniser."""
    return cipher.search_hash(f"spoken:{first} {second}")[:8].lower().translate(_LETTERS)


class Wanted:
    """Words that are looked for in many lines."""

    def __init__(self, words: str) -> None:
        self._runs = [f" {' '.join(run)} " for run in syllables(words)]
        self._plain = _plain(words)

    def find(self, text: str) -> tuple[bool, bool]:
        """(whether a line sounds like it contains the words, whether it has them character by character)."""
        sounds = f" {' '.join(text.translate(_SOUNDS).split())} "
        is_heard = bool(self._runs) and all(run in sounds for run in self._runs)
        return is_heard, is_heard and self._plain in _plain(text)


def _plain(text: str) -> str:
    return "".join(character for character in text if character not in _SILENT and not character.isspace()).lower()


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
