"""Talk scripts as data: versions that never change, published from a date on, compared node by node.

What the content means is `server.domain.talkscript`; nothing that does not parse is stored.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from server.audits.service import record
from server.context import Context
from server.domain.talkscript import TalkScript, TalkScriptError, parse
from server.domain.talkscript_prescribed import prescribed_faults
from server.domain.talkscript_words import unknown_words
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from server.talkscripts.diff import differences
from server.talkscripts.schemas import (
    ScriptStatus,
    TalkScriptDiff,
    TalkScriptSummary,
    TalkScriptVersion,
    TalkScriptVersionSummary,
)
from server.talkscripts.tables import talk_script_versions as table
from storage.db.engine import Tx

MAX_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version as sessions freeze it."""

    key: str
    version: int
    title: str
    sha256: str
    content: dict[str, Any]


async def current(tx: Tx, key: str, at: datetime) -> StoredVersion:
    """The version in force: of those effective at `at`, the one whose effective time is latest.

    Raises 409 `TALK_SCRIPT_NOT_PUBLISHED`.
    """
    query = (
        sa.select(table)
        .where(table.c.key == key, table.c.effective_at.is_not(None), table.c.effective_at <= at)
        .order_by(table.c.effective_at.desc(), table.c.version.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise conflict("TALK_SCRIPT_NOT_PUBLISHED", key=key)
    return StoredVersion(row["key"], row["version"], row["title"], row["sha256"], row["content"])


def content_sha256(content: dict[str, Any]) -> str:
    """Hash of the canonical JSON."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def checked(key: str, content: dict[str, Any]) -> TalkScript:
    """Parse a content. Raises 422 `TALK_SCRIPT_INVALID` with every fault."""
    if len(orjson.dumps(content)) > MAX_BYTES:
        raise Problem(413, "BODY_TOO_LARGE", limit_bytes=MAX_BYTES)
    try:
        script = parse(content)
        if unfit := [*unknown_words(script), *prescribed_faults(script)]:
            raise TalkScriptError(unfit)
    except TalkScriptError as error:
        fields = [{"path": f.path, "code": f.code, "detail": f.detail} for f in error.faults]
        raise Problem(422, "TALK_SCRIPT_INVALID", fields=fields) from error
    if script.key != key:
        raise Problem(422, "TALK_SCRIPT_INVALID", fields=[{"path": "key", "code": "KEY_DIFFERS", "detail": key}])
    return script


async def add_version(
    tx: Tx, context: Context, who: Principal | str, key: str, content: dict[str, Any], note: str
) -> TalkScriptVersion:
    """Store a new draft. 409 `TALK_SCRIPT_UNCHANGED` when the latest version is the same."""
    script = checked(key, content)
    digest = content_sha256(content)
    query = sa.select(table.c.version, table.c.sha256).where(table.c.key == key).order_by(table.c.version.desc()).limit(1)
    last = (await tx.execute(query)).one_or_none()
    if last and last.sha256 == digest:
        raise conflict("TALK_SCRIPT_UNCHANGED", version=last.version)
    version = last.version + 1 if last else 1
    await tx.execute(
        sa.insert(table).values(
            key=key,
            version=version,
            title=script.title,
            content=content,
            sha256=digest,
            nodes=len(script.nodes),
            note=note,
            created_by=_name(who),
            created_at=context.now(),
        )
    )
    data = {"version": version, "sha256": digest}
    await record(tx, context, actor=who, action="talk_script.version_added", subject=key, data=data)
    return await show(tx, context, key, version)


async def publish(
    tx: Tx, context: Context, who: Principal | str, key: str, version: int, effective_at: datetime | None
) -> TalkScriptVersion:
    """Put a version into force from a time on, now by default; never from the past. Published ones stay as they are."""
    row = await _row(tx, key, version)
    if row["published_at"] is not None:
        raise conflict("TALK_SCRIPT_PUBLISHED", version=version)
    checked(key, row["content"])  # the format may have become stricter since it was stored
    now = context.now()
    start = effective_at if effective_at is None or effective_at.tzinfo else effective_at.replace(tzinfo=UTC)
    if start is not None and start < now:
        raise Problem(422, "TALK_SCRIPT_EFFECTIVE_IN_PAST")
    await tx.execute(
        sa.update(table)
        .where(table.c.key == key, table.c.version == version)
        .values(published_by=_name(who), published_at=now, effective_at=start or now)
    )
    data = {"version": version, "effective_at": (start or now).isoformat()}
    await record(tx, context, actor=who, action="talk_script.published", subject=key, data=data)
    return await show(tx, context, key, version)


async def list_scripts(tx: Tx, context: Context) -> list[TalkScriptSummary]:
    """All scripts, with the version in force now."""
    rows = [dict(row) for row in (await tx.execute(sa.select(table).order_by(table.c.key, table.c.version))).mappings()]
    summaries = []
    for key in dict.fromkeys(row["key"] for row in rows):
        mine = [row for row in rows if row["key"] == key]
        in_force = _in_force(mine, context.now())
        summaries.append(
            TalkScriptSummary(
                key=key,
                title=(in_force or mine[-1])["title"],
                published_version=in_force["version"] if in_force else None,
                latest_version=mine[-1]["version"],
                effective_at=in_force["effective_at"] if in_force else None,
                updated_at=max(row["published_at"] or row["created_at"] for row in mine),
            )
        )
    return summaries


async def list_versions(tx: Tx, context: Context, key: str) -> list[TalkScriptVersionSummary]:
    """Versions of a script, newest first. 404 `TALK_SCRIPT_NOT_FOUND`."""
    rows = [dict(row) for row in (await tx.execute(sa.select(table).where(table.c.key == key))).mappings()]
    if not rows:
        raise not_found("TALK_SCRIPT_NOT_FOUND")
    rows.sort(key=lambda row: -int(row["version"]))
    in_force = _in_force(rows, context.now())
    return [TalkScriptVersionSummary(**_shared(row, in_force, context.now())) for row in rows]


async def show(tx: Tx, context: Context, key: str, version: int) -> TalkScriptVersion:
    """One version with its content."""
    row = await _row(tx, key, version)
    rows = [dict(r) for r in (await tx.execute(sa.select(table).where(table.c.key == key))).mappings()]
    shared = _shared(row, _in_force(rows, context.now()), context.now())
    return TalkScriptVersion(**shared, content=row["content"])


async def diff(tx: Tx, key: str, version: int, against: int) -> TalkScriptDiff:
    """What changed from one version to another."""
    before, after = await _row(tx, key, against), await _row(tx, key, version)
    entries = differences(before["content"], after["content"])
    return TalkScriptDiff(key=key, version=version, against=against, entries=entries)


async def _row(tx: Tx, key: str, version: int) -> dict[str, Any]:
    query = sa.select(table).where(table.c.key == key, table.c.version == version)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("TALK_SCRIPT_NOT_FOUND")
    return dict(row)


def _in_force(rows: list[dict[str, Any]], now: datetime) -> dict[str, Any] | None:
    effective = [row for row in rows if row["effective_at"] is not None and row["effective_at"] <= now]
    return max(effective, key=lambda row: (row["effective_at"], row["version"]), default=None)


def _status(row: dict[str, Any], in_force: dict[str, Any] | None, now: datetime) -> ScriptStatus:
    if row["published_at"] is None:
        return "draft"
    if row["effective_at"] > now or (in_force is not None and in_force["version"] == row["version"]):
        return "published"
    return "retired"


def _shared(row: dict[str, Any], in_force: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    direct = {key: row[key] for key in TalkScriptVersionSummary.model_fields if key in row}
    return {**direct, "status": _status(row, in_force, now)}


def _name(who: Principal | str) -> str:
    return who if isinstance(who, str) else who.display_name
