"""A contract's period on one object of the store: put there, and asked for again. Decides nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from server.domain.retention import locked_until
from storage.objects.port import ObjectInfo, ObjectMissing, ObjectStore


def period(contract: Mapping[str, Any], time_zone: str) -> dict[str, Any]:
    """The period of a contract as a job keeps it: `retain_until` (day), `locked_until` (instant), `is_held`."""
    until: date | None = contract["retain_until"]
    return {
        "retain_until": until.isoformat() if until else None,
        "locked_until": locked_until(until, time_zone).isoformat() if until else None,
        "is_held": bool(contract["is_held"]),
    }


def lock_of(planned: Mapping[str, Any]) -> datetime | None:
    """The instant until which an object is to be locked."""
    return datetime.fromisoformat(planned["locked_until"]) if planned["locked_until"] else None


async def apply_period(store: ObjectStore, key: str, planned: Mapping[str, Any], now: datetime) -> None:
    """Retention first, the hold lifted after it: there is no moment without a lock. A retention that is set never shrinks."""
    until = lock_of(planned)
    if planned["is_held"]:
        await store.set_legal_hold(key, True)
    if until is not None and until > now:
        known = (await store.stat(key)).retain_until
        if known is None or known < until:
            await store.extend_retention(key, until)
    if not planned["is_held"]:
        await store.set_legal_hold(key, False)


def is_applied(info: ObjectInfo, planned: Mapping[str, Any], now: datetime) -> bool:
    """Whether the store holds an object as planned."""
    until = lock_of(planned)
    is_short = until is not None and until > now and (info.retain_until is None or info.retain_until < until)
    return not is_short and info.legal_hold == planned["is_held"]


async def put_right(store: ObjectStore, key: str, planned: Mapping[str, Any], now: datetime) -> bool:
    """Whether the store holds an object as planned, asked of the store; where it does not, the period is put on once more before.

    A job that failed here goes on here: what undid its work in between must not make it fail for good.
    """
    if is_applied(await store.stat(key), planned, now):
        return True
    await apply_period(store, key, planned, now)
    return is_applied(await store.stat(key), planned, now)


async def is_locked(store: ObjectStore, key: str, now: datetime) -> bool:
    """Whether the store would refuse to delete an object; one that is not there is not locked."""
    try:
        info = await store.stat(key)
    except ObjectMissing:
        return False
    return info.legal_hold or (info.retain_until is not None and info.retain_until > now)
