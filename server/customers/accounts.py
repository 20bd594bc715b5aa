"""Accounts of the web entry (S0 E18): bind with certificate number, registered phone and SMS code; later the password alone.

Nothing tells a stranger whether a certificate number or a phone is known: the answer to binding is the same for everybody, and
what must be said goes to the registered phone by SMS.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.audits.service import record
from server.callbacks import service, store
from server.callbacks.customer_schemas import WaitingPolicy
from server.callbacks.identity import blocked
from server.callbacks.library import stored_rulebook
from server.callbacks.rulebooks import rulebook_in_force
from server.callbacks.service import calendar, current
from server.callbacks.tables import callbacks, policies
from server.context import Context
from server.customers.schemas import BindTicket, EntryPolicies, EntryState, EntryTicket
from server.customers.tables import customer_accounts as accounts
from server.customers.tables import customer_browsers as browsers
from server.domain.callback.rulebook import Binding, Rulebook
from server.domain.callback.timers import web_opens_at, window_ends_at
from server.domain.masking import mask_name, mask_number
from server.http.problem import Problem
from server.outbox.codes import check_code, issue_code
from server.outbox.service import enqueue
from server.users.passwords import require_strong, verify_password
from server.users.tickets import issue_ticket
from storage.db.engine import Tx
from storage.db.ids import new_id

PURPOSE = "entry_bind"
BIND_SCOPE, ENTRY_SCOPE = "entry_bind", "entry"
BIND_S, ENTRY_S = 600, 1800


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer who was found by certificate number and registered phone."""

    customer_hash: str
    cert_hash: str
    phone: str
    rulebook: Rulebook
    may_bind_on: datetime
    """Before it a customer may not bind: first policy not in effect long enough, or the phone changed today (E4, E18)."""


def cert_hash(context: Context, cert_no: str) -> str:
    """The search hash of a certificate number, as of policies."""
    return context.cipher.search_hash(cert_no.strip().upper())


async def rules_in_force(tx: Tx, context: Context) -> Rulebook:
    """The installation's rulebook of today, for who is not known yet."""
    on = calendar().local_date(context.now())
    return stored_rulebook(await rulebook_in_force(tx, context, context.settings.callback_rulebook, on))


async def find(tx: Tx, context: Context, cert_no: str, phone: str) -> Customer | None:
    """The customer whose certificate number and registered phone these are."""
    query = (
        sa.select(policies.c.customer_hash, policies.c.phone_changed_at, callbacks.c.id)
        .join(callbacks, callbacks.c.policy_no == policies.c.policy_no)
        .where(
            policies.c.cert_hash == cert_hash(context, cert_no),
            policies.c.phone_hash == context.cipher.search_hash(phone.strip()),
        )
        .order_by(policies.c.received_at.desc())
    )
    rows = (await tx.execute(query)).all()
    if not rows:
        return None
    mine = [row for row in rows if row.customer_hash == rows[0].customer_hash]
    cases = [(await store.load(tx, context, row.id)).case for row in mine]
    opens = [web_opens_at(case, calendar()) for case in cases]
    wait = timedelta(days=cases[0].rulebook.phone_change_binds_after_days)
    binds = [
        calendar().at(calendar().local_date(row.phone_changed_at) + wait) if row.phone_changed_at is not None else opened
        for row, opened in zip(mine, opens, strict=True)
    ]
    return Customer(
        rows[0].customer_hash, cert_hash(context, cert_no), phone.strip(), cases[0].rulebook, max(min(opens), min(binds))
    )


async def send_code(tx: Tx, context: Context, cert_no: str, phone: str) -> None:
    """Send a code, or an SMS that says from when binding is possible. Does nothing for strangers."""
    customer = await find(tx, context, cert_no, phone)
    if customer is None:
        return
    if context.now() < customer.may_bind_on:
        day = calendar().local_date(customer.may_bind_on)
        text = f"您的保单或手机号刚刚登记，请于{day.month}月{day.day}日起绑定网页入口。"
        key = f"entry:{customer.customer_hash[:24]}:{day.isoformat()}"
        await enqueue(
            tx, context, customer.phone, "notice", {"text": text, "sender": customer.rulebook.sender}, key, expires_s=24 * 3600
        )
        return
    try:
        await issue_code(tx, context, PURPOSE, customer.customer_hash, customer.phone, sender=customer.rulebook.sender)
    except Problem as problem:  # a code is on its way already; saying so would tell that there is a customer
        if problem.code != "SMS_CODE_TOO_SOON":
            raise


async def check_bind_code(tx: Tx, context: Context, cert_no: str, phone: str, code: str) -> BindTicket | None:
    """A ticket for setting the password, or None for a wrong code. The caller commits also then: a try counts."""
    customer = await find(tx, context, cert_no, phone)
    if customer is None or context.now() < customer.may_bind_on:
        return None
    if not await check_code(tx, context, PURPOSE, customer.customer_hash, code):
        return None
    is_bound = await _of_customer(tx, customer.customer_hash) is not None
    phone_hash = context.cipher.search_hash(customer.phone)
    ticket = issue_ticket(
        context,
        subject=customer.customer_hash[:40],
        scope=BIND_SCOPE,
        expires_s=BIND_S,
        customer_hash=customer.customer_hash,
        cert_hash=customer.cert_hash,
        phone_hash=phone_hash,
    )
    return BindTicket(ticket=ticket, expires_at=context.now() + timedelta(seconds=BIND_S), is_bound=is_bound)


def require_good(password: str, rules: Binding) -> None:
    """Raise 422 `PASSWORD_SHORT` or `PASSWORD_WEAK`."""
    if len(password) < rules.password_min_length:
        raise Problem(422, "PASSWORD_SHORT", min_length=rules.password_min_length)
    require_strong(password)


async def bind(
    tx: Tx, context: Context, claims: dict[str, Any], encoded: str, rules: Binding, address: str
) -> tuple[EntryTicket, str]:
    """Create the account or replace its password; every browser known before is forgotten. Returns (ticket, browser key)."""
    now, customer_hash = context.now(), str(claims["customer_hash"])
    known = await _of_customer(tx, customer_hash)
    values = {
        "cert_hash": claims["cert_hash"],
        "phone_hash": claims["phone_hash"],
        "password_hash": encoded,
        "failures": 0,
        "locked_until": None,
        "changed_at": now,
        "last_at": now,
    }
    account_id = str(known["id"]) if known else new_id("acc")
    if known:
        await tx.execute(sa.update(accounts).where(accounts.c.id == account_id).values(**values))
        await tx.execute(sa.update(browsers).where(browsers.c.account_id == account_id).values(revoked_at=now))
    else:
        await tx.execute(sa.insert(accounts).values(id=account_id, customer_hash=customer_hash, bound_at=now, **values))
    action = "entry.password_replaced" if known else "entry.bound"
    await record(tx, context, actor="customer", action=action, subject=account_id, address=address)
    return _ticket(context, customer_hash), await _know_browser(tx, context, account_id, rules)


async def account_for(tx: Tx, context: Context, cert_no: str | None, browser_key: str) -> dict[str, Any] | None:
    """The account meant by a certificate number, or by the browser where none is given."""
    if cert_no is None:
        return await of_browser(tx, context, browser_key)
    query = sa.select(accounts).where(accounts.c.cert_hash == cert_hash(context, cert_no))
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def is_password_right(context: Context, account: dict[str, Any] | None, password: str) -> bool:
    """Whether the password is right. Raises 429 `ENTRY_LOCKED`. Without an account it takes as long."""
    is_right = await verify_password(account["password_hash"] if account else None, password)
    if account and account["locked_until"] is not None and account["locked_until"] > context.now():
        raise Problem(429, "ENTRY_LOCKED", until=account["locked_until"].isoformat())
    return is_right


async def note_failure(tx: Tx, context: Context, account: dict[str, Any], rules: Binding, address: str) -> datetime | None:
    """Count a wrong password; the end of the lock when it locks. Counted as it stands now: guesses may come all at once."""
    row = (await tx.execute(sa.select(accounts).where(accounts.c.id == account["id"]).with_for_update())).one()
    locked_until: datetime | None = row.locked_until
    if locked_until is not None and locked_until > context.now():
        return locked_until
    failures, until = int(row.failures) + 1, None
    if failures >= rules.password_fail_max:
        failures, until = 0, context.now() + timedelta(minutes=rules.lock_minutes)
    await tx.execute(sa.update(accounts).where(accounts.c.id == account["id"]).values(failures=failures, locked_until=until))
    action = "entry.locked" if until else "entry.sign_in_failed"
    await record(tx, context, actor="anonymous", action=action, subject=str(account["id"]), address=address)
    return until


async def open_entry(tx: Tx, context: Context, account: dict[str, Any], rules: Binding) -> tuple[EntryTicket, str]:
    """Sign in: (ticket, browser key)."""
    done = {"failures": 0, "locked_until": None, "last_at": context.now()}
    await tx.execute(sa.update(accounts).where(accounts.c.id == account["id"]).values(**done))
    key = await _know_browser(tx, context, str(account["id"]), rules)
    return _ticket(context, str(account["customer_hash"])), key


async def state(tx: Tx, context: Context, browser_key: str) -> EntryState:
    """What the entry page shows."""
    rules, account = await rules_in_force(tx, context), await of_browser(tx, context, browser_key)
    name = ""
    if account is not None:
        ids = await service.of_customer(tx, account["customer_hash"])
        if ids:
            case = (await store.load(tx, context, ids[-1])).case
            rules, name = case.rulebook, mask_name(case.policy.policyholder_name)
    return EntryState(
        is_known=account is not None,
        name_masked=name,
        insurer=rules.insurer,
        desk_phone=rules.phone.shown_inbound,
        desk_hours=rules.phone.hours.text,
        password_min_length=rules.binding.password_min_length,
        is_offered="electronic" in rules.channel_order,
    )


async def waiting(tx: Tx, context: Context, customer_hash: str) -> EntryPolicies:
    """The customer's policies that are not done, seen through the web entry."""
    now, items = context.now(), list[WaitingPolicy]()
    rules = await rules_in_force(tx, context)
    name, statuses = "", await store.policy_statuses(tx, customer_hash)
    for callback_id in await service.of_customer(tx, customer_hash):
        loaded = await store.load(tx, context, callback_id)
        case = current(loaded, now)
        rules, name = case.rulebook, mask_name(case.policy.policyholder_name)
        if case.is_final:
            continue
        items.append(
            WaitingPolicy(
                callback_id=callback_id,
                policy_no=mask_number(loaded.policy_no),
                product_name=case.policy.product_name,
                insured_name=mask_name(case.policy.insured_name),
                issued_on=calendar().local_date(case.policy.issued_at),
                policy_status=statuses[loaded.policy_no],
                state=case.state,
                window_ends_at=window_ends_at(case, calendar()),
                blocked=blocked(case, "web", now),
            )
        )
    items.sort(key=lambda item: item.blocked is not None)
    phone = rules.phone.shown_inbound
    return EntryPolicies(name_masked=name, insurer=rules.insurer, desk_phone=phone, items=items)


async def of_browser(tx: Tx, context: Context, key: str) -> dict[str, Any] | None:
    """The account a browser is known to."""
    if not key:
        return None
    query = (
        sa.select(accounts)
        .join(browsers, browsers.c.account_id == accounts.c.id)
        .where(browsers.c.key_hash == _hash(key), browsers.c.revoked_at.is_(None), browsers.c.expires_at > context.now())
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    return dict(row) if row else None


async def forget_browser(tx: Tx, context: Context, key: str) -> None:
    """This browser no longer opens the entry with the password alone."""
    await tx.execute(sa.update(browsers).where(browsers.c.key_hash == _hash(key)).values(revoked_at=context.now()))


async def _of_customer(tx: Tx, customer_hash: str) -> dict[str, Any] | None:
    row = (await tx.execute(sa.select(accounts).where(accounts.c.customer_hash == customer_hash))).mappings().one_or_none()
    return dict(row) if row else None


async def _know_browser(tx: Tx, context: Context, account_id: str, rules: Binding) -> str:
    key, now = secrets.token_urlsafe(24), context.now()
    await tx.execute(
        sa.insert(browsers).values(
            id=new_id("brw"),
            account_id=account_id,
            key_hash=_hash(key),
            created_at=now,
            expires_at=now + timedelta(days=rules.browser_days),
        )
    )
    return key


def _ticket(context: Context, customer_hash: str) -> EntryTicket:
    ticket = issue_ticket(context, subject=customer_hash[:40], scope=ENTRY_SCOPE, expires_s=ENTRY_S, customer_hash=customer_hash)
    return EntryTicket(ticket=ticket, expires_at=context.now() + timedelta(seconds=ENTRY_S))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()  # a cookie may hold any bytes
