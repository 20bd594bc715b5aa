"""One-time codes by SMS: six digits, hashed at rest, limited tries, used once, the newest code alone counts."""

import hmac
import secrets
from datetime import timedelta

import sqlalchemy as sa

from server.context import Context
from server.http.problem import Problem
from server.outbox.rules import code_rules
from server.outbox.service import enqueue
from server.outbox.tables import sms_codes
from storage.db.engine import Tx
from storage.db.ids import new_id


async def issue_code(
    tx: Tx,
    context: Context,
    purpose: str,
    subject: str,
    phone: str | None,
    *,
    ttl_s: int | None = None,
    resend_after_s: int | None = None,
    sender: str = "",
) -> None:
    """Make a code for (purpose, subject) and put it into the outbox; an earlier code stops counting.

    Without a phone nobody gets it: whoever guesses at a phone that is not registered is answered like one that is.

    Args:
        ttl_s: how long it lives; as the rulebook of codes has it where none is given, and so `resend_after_s`.
        sender: the insurer that the message names; the installation's own where none is given.

    Raises `Problem` 429 `SMS_CODE_TOO_SOON` with `retry_after_s` when the last one is too young.
    """
    rules, now = code_rules(), context.now()
    ttl_s = rules.lifetime_s if ttl_s is None else ttl_s
    resend_after_s = rules.resend_after_s if resend_after_s is None else resend_after_s
    mine = sa.and_(sms_codes.c.purpose == purpose, sms_codes.c.subject == subject)
    last = await tx.scalar(sa.select(sa.func.max(sms_codes.c.created_at)).where(mine, sms_codes.c.used_at.is_(None)))
    if last is not None:
        wait = (last + timedelta(seconds=resend_after_s) - now).total_seconds()
        if wait > 0:
            raise Problem(429, "SMS_CODE_TOO_SOON", retryable=True, retry_after_s=int(wait) + 1)
    await tx.execute(sa.delete(sms_codes).where(mine))
    code, code_id = f"{secrets.randbelow(10**6):06d}", new_id("otp")
    await tx.execute(
        sa.insert(sms_codes).values(
            id=code_id,
            purpose=purpose,
            subject=subject,
            code_hash=_hash(context, code_id, code),
            attempts_left=rules.attempts,
            created_at=now,
            expires_at=now + timedelta(seconds=ttl_s),
        )
    )
    if phone is None:
        return
    params = {"code": code, "minutes": str(max(1, ttl_s // 60)), "sender": sender or context.settings.insurer_short_name}
    await enqueue(tx, context, phone, "verification_code", params, f"code:{code_id}", expires_s=ttl_s)


async def check_code(tx: Tx, context: Context, purpose: str, subject: str, code: str) -> bool:
    """Whether the code is right; a right code is used up, a wrong one costs a try.

    The caller must let the transaction commit also when it refuses: a try that is rolled back was free.
    """
    query = sa.select(sms_codes).where(
        sms_codes.c.purpose == purpose,
        sms_codes.c.subject == subject,
        sms_codes.c.used_at.is_(None),
        sms_codes.c.attempts_left > 0,
        sms_codes.c.expires_at > context.now(),
    )
    row = (await tx.execute(query.with_for_update())).one_or_none()
    if row is None:
        return False
    is_right = hmac.compare_digest(row.code_hash, _hash(context, row.id, code))
    change = {"used_at": context.now()} if is_right else {"attempts_left": row.attempts_left - 1}
    await tx.execute(sa.update(sms_codes).where(sms_codes.c.id == row.id).values(**change))
    return is_right


async def tries_left(tx: Tx, context: Context, purpose: str, subject: str) -> int | None:
    """Tries left with the code of (purpose, subject); 0 when wrong ones used it up, None when there is none that may be tried."""
    query = sa.select(sms_codes.c.attempts_left).where(
        sms_codes.c.purpose == purpose,
        sms_codes.c.subject == subject,
        sms_codes.c.used_at.is_(None),
        sms_codes.c.expires_at > context.now(),
    )
    return await tx.scalar(query)


def _hash(context: Context, code_id: str, code: str) -> str:
    return context.cipher.search_hash(f"sms-code:{code_id}:{code}")
