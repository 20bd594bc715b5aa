"""Append-only audit log: each entry's hash covers its whole content, its time and the entry before it.

The head (last number and hash) is kept beside the chain under a keyed hash, and copied out of the database into an anchor
file, so that a changed entry, a removed entry and a cut tail are all found. Nothing here updates or deletes an entry.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from server.audits.schemas import AuditPage, AuditQuery, AuditRow, AuditVerification
from server.audits.tables import audit_entries, audit_heads
from server.context import Context
from server.domain.masking import mask_data
from server.http.endpoint import Principal
from storage.db.engine import Tx

GENESIS = "0" * 64
_HEAD = "main"
_BATCH = 1000
_HASHED = ("seq", "at", "actor", "actor_name", "action", "subject", "data", "address", "prev_hash")


def actor_of(who: Principal) -> str:
    """How a caller is written into logs and histories: `staff:usr_…`, `customer:…`, `system:core`."""
    return f"{who.kind}:{who.id}" if who.id else who.kind


async def record(
    tx: Tx,
    context: Context,
    *,
    actor: Principal | str,
    action: str,
    subject: str,
    data: dict[str, Any] | None = None,
    address: str = "",
) -> int:
    """Append an entry inside the caller's transaction; it is there exactly if what it tells of is.

    Args:
        tx: the open transaction.
        context: shared services.
        actor: who did it; a caller, or a text such as `job:seal`.
        action: dotted name, `case.created`.
        subject: the id of what it was done to.
        data: plain values; personal data is masked here.
        address: the caller's network address, if any.

    Returns:
        The entry's number.
    """
    name = actor.display_name if isinstance(actor, Principal) else ""
    who = actor_of(actor) if isinstance(actor, Principal) else actor
    if not who.startswith("staff:"):
        name = ""
    head = (await tx.execute(sa.select(audit_heads).where(audit_heads.c.id == _HEAD).with_for_update())).one_or_none()
    seq, prev = (head.seq + 1, head.hash) if head else (1, GENESIS)
    plain = orjson.loads(orjson.dumps(mask_data(data or {}), default=str))
    entry: dict[str, Any] = {
        "seq": seq,
        "at": context.now().astimezone(UTC),
        "actor": who[:80],
        "actor_name": name[:80],
        "action": action,
        "subject": subject[:80],
        "data": plain,
        "address": address[:64],
        "prev_hash": prev,
    }
    entry["hash"] = entry_hash(entry)
    await tx.execute(sa.insert(audit_entries).values(**entry))
    values = {"seq": seq, "hash": entry["hash"], "mac": _mac(context, seq, entry["hash"])}
    if head:
        await tx.execute(sa.update(audit_heads).where(audit_heads.c.id == _HEAD).values(**values))
    else:
        await tx.execute(sa.insert(audit_heads).values(id=_HEAD, **values))
    return seq


def entry_hash(entry: dict[str, Any]) -> str:
    """SHA-256 over the entry's canonical JSON: everything but `hash` itself."""
    fields = {key: entry[key] for key in _HASHED}
    fields["at"] = fields["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def head_of(tx: Tx) -> tuple[int, str] | None:
    """Number and hash of the newest entry as the keyed head tells them."""
    head = (await tx.execute(sa.select(audit_heads).where(audit_heads.c.id == _HEAD))).one_or_none()
    return (head.seq, head.hash) if head else None


async def verify(tx: Tx, context: Context, external: Mapping[int, str] | None = None) -> AuditVerification:
    """Re-hash the chain from its beginning and compare it with the head, the anchor file and anchors kept elsewhere.

    Args:
        external: hash by number of an entry, from outside the database and this machine (each day's token).
    """
    head = (await tx.execute(sa.select(audit_heads).where(audit_heads.c.id == _HEAD))).one_or_none()
    anchors = _read_anchors(anchor_path(context), context) | dict(external or {})
    prev, last = GENESIS, 0

    def result(fault: str | None, seq: int | None) -> AuditVerification:
        return AuditVerification(is_intact=fault is None, rows=last, head=prev, fault=fault, seq=seq)

    if head and _mac(context, head.seq, head.hash) != head.mac:
        return result("HEAD_FORGED", head.seq)
    while True:
        query = sa.select(audit_entries).where(audit_entries.c.seq > last).order_by(audit_entries.c.seq).limit(_BATCH)
        rows = (await tx.execute(query)).mappings().all()
        for row in rows:
            entry = dict(row)
            if entry["seq"] != last + 1:
                return result("ENTRY_MISSING", last + 1)
            if entry["prev_hash"] != prev or entry_hash(entry) != entry["hash"]:
                return result("ENTRY_CHANGED", entry["seq"])
            if anchors.get(entry["seq"], entry["hash"]) != entry["hash"]:
                return result("ANCHOR_DIFFERS", entry["seq"])
            prev, last = entry["hash"], entry["seq"]
        if not rows:
            break
    expected = max([head.seq if head else 0, *anchors])
    if last < expected:
        return result("TAIL_CUT", last + 1)
    if last and (head is None or head.seq != last or head.hash != prev):
        return result("HEAD_DIFFERS", last)
    return result(None, None)


async def anchor(context: Context) -> None:
    """Copy the head into the anchor file, outside the database. Called at start and from time to time."""
    async with context.db.read() as tx:
        head = (await tx.execute(sa.select(audit_heads).where(audit_heads.c.id == _HEAD))).one_or_none()
    if head is None:
        return
    path = anchor_path(context)
    if head.seq in _read_anchors(path, context):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"seq": head.seq, "hash": head.hash, "at": context.now().isoformat(), "mac": _mac(context, head.seq, head.hash)}
    with path.open("ab") as file:
        file.write(orjson.dumps(line) + b"\n")


def anchor_path(context: Context) -> Path:
    """Where heads are copied to; an installation may put it on write-once media."""
    return context.settings.data_dir / "audit" / "anchors.ndjson"


def _read_anchors(path: Path, context: Context) -> dict[int, str]:
    anchors: dict[int, str] = {}
    if path.is_file():
        for line in path.read_bytes().splitlines():
            try:
                item = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if item.get("mac") == _mac(context, item["seq"], item["hash"]):
                anchors[item["seq"]] = item["hash"]
    return anchors


def _mac(context: Context, seq: int, digest: str) -> str:
    return context.cipher.search_hash(f"audit-head:{seq}:{digest}")


async def search(tx: Tx, query: AuditQuery) -> AuditPage:
    """A page of entries, newest first."""
    where: list[sa.ColumnElement[bool]] = []
    if query.actor:
        where.append(sa.or_(audit_entries.c.actor == query.actor, audit_entries.c.actor_name == query.actor))
    if query.action:
        where.append(audit_entries.c.action.startswith(query.action, autoescape=True))
    if query.subject:
        where.append(audit_entries.c.subject == query.subject)
    if query.since:
        where.append(audit_entries.c.at >= _aware(query.since))
    if query.until:
        where.append(audit_entries.c.at < _aware(query.until))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(audit_entries).where(*where))).scalar_one()
    rows = await tx.execute(
        sa.select(audit_entries)
        .where(*where)
        .order_by(audit_entries.c.seq.desc())
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    items = [AuditRow(**{key: row[key] for key in AuditRow.model_fields}) for row in rows.mappings()]
    return AuditPage(items=items, total=total, page=query.page, page_size=query.page_size)


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)
