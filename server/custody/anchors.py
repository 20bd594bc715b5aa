"""The audit log's head of each day, time-stamped and kept under legal hold in the object store: outside the database.

`audit/anchors/<day>.json` names the newest entry, `<day>.tsr` is the RFC 3161 token over it, and each names the hash of the day
before. Whoever cuts the log's tail, or writes it anew, would have to change objects that the store does not let go, under a clock
that is not ours.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from cryptography import x509

from server.audits.schemas import AuditVerification
from server.audits.service import head_of, verify
from server.cases.access import today
from server.context import Context
from server.jobs.registry import JobError, Services
from storage.db.engine import Tx
from storage.evidence.canonical import canonical
from storage.evidence.timestamp import TimeStampError, verify_stamp
from storage.objects.keys import ObjectExists
from storage.objects.port import ObjectMissing, ObjectStore, is_stored, read_all

PREFIX = "audit/anchors/"
FORMAT = "dual-recording-audit-anchor/1"


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the store holds. `fault`: the first day whose anchor cannot be trusted, with the reason's code."""

    heads: dict[int, str]
    days: list[date]
    fault: tuple[str, int] | None = None


async def anchor_day(services: Services) -> bool:
    """Make today's anchor if it is not whole yet; returns whether something was written. Safe in two processes at once."""
    context, store = services.context, services.store
    day = today(context).isoformat()
    key, token_key = f"{PREFIX}{day}.json", f"{PREFIX}{day}.tsr"
    if await is_stored(store, token_key):
        return False
    async with context.db.read() as tx:
        head = await head_of(tx)
    if head is None:
        return False
    if not await is_stored(store, key):
        wire = {
            "format": FORMAT, "day": day, "seq": head[0], "hash": head[1], "at": context.now().isoformat(),
            "previous": await _previous(store, day),
        }  # fmt: skip
        await _put(store, key, canonical(wire), "application/json")
    stamped = await read_all(store, key)  # ours, or that of the process that was faster
    try:
        token = await services.authority.stamp(stamped)
    except TimeStampError as error:
        raise JobError("TIME_STAMP_FAILED", str(error), retryable=error.retryable) from error
    await _put(store, token_key, token, "application/timestamp-reply")
    for name in (key, token_key):
        await store.set_legal_hold(name, True)
    return True


async def read_anchors(store: ObjectStore, roots: Sequence[x509.Certificate]) -> Anchors:
    """Every day's anchor, checked: token, chain of days. A day without a token yet is left out if it is the last."""
    names = [key async for key in store.list(PREFIX)]
    days = sorted(name.removeprefix(PREFIX).removesuffix(".json") for name in names if name.endswith(".json"))
    heads: dict[int, str] = {}
    done: list[date] = []
    previous: str | None = None
    for day in days:
        data = await read_all(store, f"{PREFIX}{day}.json")
        try:
            wire: dict[str, Any] = orjson.loads(data)
            seq, digest = int(wire["seq"]), str(wire["hash"])
            token = await read_all(store, f"{PREFIX}{day}.tsr")
            verify_stamp(token, data, roots)
        except ObjectMissing:
            if day == days[-1]:
                break
            return Anchors(heads, done, ("ANCHOR_TOKEN_MISSING", seq))
        except (ValueError, KeyError, TypeError):
            return Anchors(heads, done, ("ANCHOR_TOKEN_INVALID", max(heads, default=0)))
        if wire["previous"] != previous or wire["day"] != day:
            return Anchors(heads, done, ("ANCHOR_DAY_MISSING", seq))
        heads[seq] = digest
        done.append(date.fromisoformat(day))
        previous = hashlib.sha256(data).hexdigest()
    return Anchors(heads, done)


async def verify_audits(tx: Tx, context: Context, store: ObjectStore, roots: Sequence[x509.Certificate]) -> AuditVerification:
    """Re-hash the whole log and hold it against each day's token."""
    anchors = await read_anchors(store, roots)
    result = await verify(tx, context, anchors.heads)
    more: dict[str, Any] = {"daily_tokens": len(anchors.days), "last_token_on": anchors.days[-1] if anchors.days else None}
    if result.is_intact and anchors.fault is not None:
        more |= {"is_intact": False, "fault": anchors.fault[0], "seq": anchors.fault[1]}
    return result.model_copy(update=more)


async def _previous(store: ObjectStore, day: str) -> str | None:
    before = [key async for key in store.list(PREFIX) if key.endswith(".json") and key < f"{PREFIX}{day}.json"]
    return hashlib.sha256(await read_all(store, before[-1])).hexdigest() if before else None


async def _put(store: ObjectStore, key: str, data: bytes, content_type: str) -> None:
    try:
        await store.put_bytes(key, data, content_type=content_type)
    except ObjectExists:
        return
