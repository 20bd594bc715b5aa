"""Transcripts at rest: encrypted, indexed by sound, brought up to date."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.context import Context
from server.recordings import spoken
from server.recordings.tables import recording_transcripts, recording_words, recordings
from server.schema import load_metadata
from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database

LINES = [
    {"seat_id": "s1", "start_ms": 0, "end_ms": 900, "text": "这个产品不承诺保本，", "words": [["这", 0, 100]], "engine": "ctc"},
    {"seat_id": "s2", "start_ms": 1000, "end_ms": 1900, "text": "我清楚，编号13800138000", "words": [], "engine": "ctc"},
]


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    settings = Settings(data_dir=tmp_path)
    database = Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    found = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=lambda: now)
    async with database.begin() as tx:
        await tx.execute(recordings.insert().values(
            id="rec_1", case_id="case_1", session_id="ses_1", kind="initial", state="sealed", dir="", meta={}, started_at=now,
            created_at=now,
        ))  # fmt: skip
    yield found
    await database.aclose()


async def matching(context: Context, words: str) -> list[int]:
    wanted = " AND ".join(spoken.tokens_of(context.cipher, [words]))
    async with context.db.read() as tx:
        query = sa.text("SELECT rowid FROM recording_words_fts WHERE recording_words_fts MATCH :q")
        return list((await tx.execute(query, {"q": wanted})).scalars())


async def test_lines_are_encrypted_and_found_by_sound(context: Context) -> None:
    async with context.db.begin() as tx:
        await spoken.store_lines(tx, context, "rec_1", LINES)
        await spoken.store_lines(tx, context, "rec_1", LINES)  # a step may run again
    async with context.db.read() as tx:
        rows = [dict(row) for row in (await tx.execute(sa.select(recording_transcripts))).mappings()]
        tokens = await tx.scalar(sa.select(recording_words.c.tokens))
        lines = (await spoken.lines_of(tx, context, ["rec_1"]))["rec_1"]
    assert len(rows) == 2
    assert all(row["text"] is None and row["words"] is None for row in rows)
    assert "保本" not in str(rows)
    assert not {"bu", "cheng", "nuo", "bao", "ben"} & set(str(tokens).split())
    with_another_key = spoken.tokens_of(FieldCipher({"k1": bytes(32)}), ["不承诺保本"])
    assert not set(with_another_key) & set(str(tokens).split()), "the index tells nothing without the key"
    assert [line["text"] for line in lines] == [line["text"] for line in LINES]
    assert lines[0]["words"] == [["这", 0, 100]]
    assert len(await matching(context, "不承诺保本")) == 1
    assert len(await matching(context, "包本")) == 1  # a homophone of the recogniser
    assert await matching(context, "保险") == []
    assert spoken.tokens_of(context.cipher, ["13800138000"]) == []  # numbers are not in the index


async def test_an_older_transcript_is_encrypted_later(context: Context) -> None:
    old: dict[str, Any] = {"recording_id": "rec_1", "ordinal": 0, "seat_id": "s1", "start_ms": 0, "end_ms": 5, "engine": "live"}
    async with context.db.begin() as tx:
        await tx.execute(recording_transcripts.insert().values(text="我同意", words=[], **old))
    async with context.db.begin() as tx:
        assert (await spoken.lines_of(tx, context, ["rec_1"]))["rec_1"][0]["text"] == "我同意"
        assert await spoken.bring_up_to_date(tx, context) == 1
        assert await spoken.bring_up_to_date(tx, context) == 0
    async with context.db.read() as tx:
        assert await tx.scalar(sa.select(recording_transcripts.c.text)) is None
        assert (await spoken.lines_of(tx, context, ["rec_1"]))["rec_1"][0]["text"] == "我同意"
    assert len(await matching(context, "同意")) == 1


def test_what_sounds_alike_is_not_called_exact() -> None:
    assert spoken.Wanted("保本").find("产品不承诺保本") == (True, True)
    assert spoken.Wanted("保本").find("产品不承诺包本") == (True, False)
    assert spoken.Wanted("保本").find("保险责任，本产品") == (False, False)
    assert spoken.Wanted("保本").find("保，本") == (True, True)
    assert spoken.Wanted("app里").find("APP 里看") == (True, True)
    assert spoken.Wanted("保本").find("") == (False, False)
