"""Join codes (会议码): six digits, one active per session, hashed for search, encrypted for the agent's page.

Six digits can be guessed, so wrong tries are counted per code and per address, in the database: a restart forgives nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa

from server.context import Context
from server.domain.session_setup import SessionRules
from server.http.problem import Problem, not_found
from server.sessions.schemas import JoinCodeInView
from server.sessions.tables import join_attempts, join_codes, sessions
from storage.db.engine import Tx
from storage.db.ids import new_id


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A usable code and its session."""

    code_id: str
    code: str
    session_id: str
    expires_at: datetime
    wrong_attempts: int


async def issue(tx: Tx, context: Context, session_id: str, rules: SessionRules) -> JoinCodeInView:
    """Make a new code; the earlier ones of the session are dead."""
    now = context.now()
    await tx.execute(sa.update(join_codes).where(join_codes.c.session_id == session_id).values(is_active=False))
    while True:
        code = f"{secrets.randbelow(10**6):06d}"
        taken = sa.select(join_codes.c.id).where(join_codes.c.code_hash == _hash(context, code), join_codes.c.is_active)
        if await tx.scalar(taken) is None:
            break
    code_id, expires_at = new_id("jc"), now + timedelta(seconds=rules.code_lifetime_s)
    await tx.execute(
        join_codes.insert().values(
            id=code_id,
            session_id=session_id,
            code_hash=_hash(context, code),
            code_enc=context.cipher.encrypt(code, f"join_codes.code:{code_id}"),
            is_active=True,
            wrong_attempts=0,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return JoinCodeInView(code=code, expires_at=expires_at, is_active=True)


async def current(tx: Tx, context: Context, session_id: str, rules: SessionRules) -> tuple[JoinCodeInView, datetime] | None:
    """The active code and when it was made."""
    query = sa.select(join_codes).where(join_codes.c.session_id == session_id, join_codes.c.is_active)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    code = context.cipher.decrypt(row["code_enc"], f"join_codes.code:{row['id']}")
    is_locked = row["wrong_attempts"] >= rules.code_attempts
    is_active = row["expires_at"] > context.now() and not is_locked
    view = JoinCodeInView(code=code, expires_at=row["expires_at"], is_active=is_active, is_locked=is_locked)
    return view, row["created_at"]


async def find(tx: Tx, context: Context, code: str, rules: SessionRules) -> FoundCode:
    """Look a code up. Raises 404 `JOIN_CODE_WRONG`, 410 `JOIN_CODE_EXPIRED`/`_USED_UP`/`_LOCKED`."""
    query = (
        sa.select(join_codes, sessions.c.phase)
        .join(sessions, sessions.c.id == join_codes.c.session_id)
        .where(join_codes.c.code_hash == _hash(context, code))
        .order_by(join_codes.c.is_active.desc(), join_codes.c.created_at.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        raise not_found("JOIN_CODE_WRONG")
    if not row["is_active"] or row["phase"] not in ("lobby", "recording"):
        raise Problem(410, "JOIN_CODE_USED_UP")
    if row["expires_at"] <= context.now():
        raise Problem(410, "JOIN_CODE_EXPIRED")
    if row["wrong_attempts"] >= rules.code_attempts:
        raise locked()
    return FoundCode(row["id"], code, row["session_id"], row["expires_at"], row["wrong_attempts"])


def locked() -> Problem:
    """The code was tried too often: it stays dead, however long one waits, until the agent sends a new one."""
    return Problem(410, "JOIN_CODE_LOCKED")


async def blocked_until(tx: Tx, context: Context, address: str, rules: SessionRules) -> datetime | None:
    """Until when an address that tried too often may not try again; None when it may."""
    window = timedelta(seconds=rules.address_window_s)
    query = sa.select(sa.func.count(), sa.func.min(join_attempts.c.at)).where(
        join_attempts.c.address_hash == _hash(context, address), join_attempts.c.at > context.now() - window
    )
    count, first = (await tx.execute(query)).one()
    return first + window if count >= rules.address_attempts else None


async def blocked_addresses(tx: Tx, now: datetime, rules: SessionRules) -> tuple[int, datetime | None]:
    """How many addresses may not try now, and until when the last of them may not."""
    window = timedelta(seconds=rules.address_window_s)
    first = sa.func.min(join_attempts.c.at)
    query = sa.select(first).where(join_attempts.c.at > now - window).group_by(join_attempts.c.address_hash)
    found = (await tx.scalars(query.having(sa.func.count() >= rules.address_attempts))).all()
    return len(found), max(found) + window if found else None


def too_many(until: datetime, now: datetime) -> Problem:
    """The address must wait; nothing is said of the code it tried."""
    wait = max(1, ceil((until - now).total_seconds()))
    return Problem(429, "JOIN_ATTEMPTS_LIMITED", retryable=True, retry_after_s=wait)


async def count_wrong(tx: Tx, context: Context, address: str, code_id: str | None) -> int:
    """Count a wrong try for the address and, if a code was right so far, for the code. Returns how many the code now has."""
    now = context.now()
    await tx.execute(sa.delete(join_attempts).where(join_attempts.c.at < now - timedelta(days=1)))
    await tx.execute(join_attempts.insert().values(id=new_id("try"), address_hash=_hash(context, address), at=now))
    if code_id is None:
        return 0
    mine = join_codes.c.id == code_id
    await tx.execute(sa.update(join_codes).where(mine).values(wrong_attempts=join_codes.c.wrong_attempts + 1))
    return int(await tx.scalar(sa.select(join_codes.c.wrong_attempts).where(mine)) or 0)


def _hash(context: Context, value: str) -> str:
    return context.cipher.search_hash(f"join:{value}")
