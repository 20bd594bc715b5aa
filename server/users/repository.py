"""Reads and writes of staff accounts and sessions. No rules."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.context import Context
from server.domain.masking import mask_phone
from server.users.schemas import Organisation, User, UserQuery
from server.users.tables import organisations, staff_accounts, staff_sessions
from storage.db.engine import Tx
from storage.db.ids import new_id

Row = dict[str, Any]


async def get(tx: Tx, staff_id: str) -> Row | None:
    """An account by id."""
    row = (await tx.execute(sa.select(staff_accounts).where(staff_accounts.c.id == staff_id))).mappings().one_or_none()
    return dict(row) if row else None


async def by_login(tx: Tx, context: Context, login: str) -> Row | None:
    """An account by login, case-insensitive, or by phone."""
    hashed = context.cipher.search_hash(login)
    query = sa.select(staff_accounts).where(
        sa.or_(staff_accounts.c.login == login.lower(), staff_accounts.c.phone_hash == hashed)
    )
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def by_agent_code(tx: Tx, *, agent_code: str | None, company_code: str | None, work_no: str | None) -> Row | None:
    """The agent the core system means."""
    table = staff_accounts
    if agent_code:
        condition = table.c.agent_code == agent_code
    elif company_code and work_no:
        condition = sa.and_(table.c.company_code == company_code, table.c.work_no == work_no)
    else:
        return None
    query = sa.select(table).where(condition, table.c.status == "active")
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def agent_known(tx: Tx, *, agent_code: str | None, company_code: str | None, work_no: str | None) -> bool:
    """Whether an account, in whatever state, has this agent's code or work number: proposals find their agent by it."""
    table, lower = staff_accounts, sa.func.lower
    conditions = []
    if agent_code:
        conditions.append(lower(table.c.agent_code) == agent_code.lower())
    if company_code and work_no:
        same_company = lower(table.c.company_code) == company_code.lower()
        conditions.append(sa.and_(same_company, lower(table.c.work_no) == work_no.lower()))
    if not conditions:
        return False
    return await tx.scalar(sa.select(table.c.id).where(sa.or_(*conditions)).limit(1)) is not None


async def insert(tx: Tx, context: Context, values: Row, phone: str | None) -> str:
    """Write a new account. Returns its id."""
    staff_id, now = new_id("usr"), context.now()
    await tx.execute(
        sa.insert(staff_accounts).values(
            id=staff_id, created_at=now, updated_at=now, **{**values, **phone_values(context, staff_id, phone)}
        )
    )
    return staff_id


async def update(tx: Tx, context: Context, staff_id: str, values: Row) -> None:
    """Change an account."""
    await tx.execute(sa.update(staff_accounts).where(staff_accounts.c.id == staff_id).values(updated_at=context.now(), **values))


async def use_step(tx: Tx, staff_id: str, step: int) -> bool:
    """Use a time step of the second factor up; False when it, or a later one, was used before."""
    unused = (staff_accounts.c.id == staff_id) & (staff_accounts.c.totp_last_step < step)
    return (await tx.execute(sa.update(staff_accounts).where(unused).values(totp_last_step=step))).rowcount == 1


def phone_values(context: Context, staff_id: str, phone: str | None) -> Row:
    """The columns a phone number is kept in."""
    if not phone:
        return {}
    return {
        "phone_enc": context.cipher.encrypt(phone, f"staff_accounts.phone:{staff_id}"),
        "phone_hash": context.cipher.search_hash(phone),
        "phone_masked": mask_phone(phone),
    }


def phone_of(context: Context, row: Row) -> str:
    """An account's full phone number, or nothing."""
    return context.cipher.decrypt(row["phone_enc"], f"staff_accounts.phone:{row['id']}") if row["phone_enc"] else ""


async def phone_taken(tx: Tx, context: Context, phone: str, *, but: str = "") -> bool:
    """Whether another account has this phone."""
    query = sa.select(staff_accounts.c.id).where(
        staff_accounts.c.phone_hash == context.cipher.search_hash(phone), staff_accounts.c.id != but
    )
    return await tx.scalar(query) is not None


async def search(tx: Tx, context: Context, query: UserQuery) -> tuple[list[Row], int]:
    """A page of accounts and how many there are."""
    table = staff_accounts
    where: list[sa.ColumnElement[bool]] = []
    if query.q:
        columns = (table.c.login, table.c.display_name, table.c.agent_code, table.c.work_no, table.c.org_code)
        matches = [column.icontains(query.q, autoescape=True) for column in columns]
        where.append(sa.or_(*matches, table.c.phone_hash == context.cipher.search_hash(query.q)))
    if query.status:
        where.append(table.c.status == query.status.value)
    if query.role:
        where.append(sa.cast(table.c.roles, sa.Text).contains(f'"{query.role.value}"'))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(table).where(*where))).scalar_one()
    rows = await tx.execute(
        sa.select(table)
        .where(*where)
        .order_by(table.c.created_at, table.c.id)
        .limit(query.page_size)
        .offset((query.page - 1) * query.page_size)
    )
    return [dict(row) for row in rows.mappings()], int(total)


async def insert_session(tx: Tx, *, staff_id: str, token_hash: str, now: datetime, expires_at: datetime, address: str) -> str:
    """Write a session."""
    session_id = new_id("sgn")
    await tx.execute(
        sa.insert(staff_sessions).values(
            id=session_id,
            staff_id=staff_id,
            token_hash=token_hash,
            created_at=now,
            expires_at=expires_at,
            address=address[:64],
        )
    )
    return session_id


async def live_session(tx: Tx, token_hash: str, now: datetime) -> Row | None:
    """A session that stands, joined with its account."""
    query = (
        sa.select(staff_accounts, staff_sessions.c.id.label("session_id"), staff_sessions.c.expires_at)
        .join(staff_sessions, staff_sessions.c.staff_id == staff_accounts.c.id)
        .where(
            staff_sessions.c.token_hash == token_hash,
            staff_sessions.c.revoked_at.is_(None),
            staff_sessions.c.expires_at > now,
            staff_accounts.c.status == "active",
        )
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    return dict(row) if row else None


async def revoke_sessions(tx: Tx, now: datetime, *, staff_id: str, session_id: str | None = None, but: str = "") -> None:
    """End sessions: one, or all of an account (but one)."""
    where = [staff_sessions.c.staff_id == staff_id, staff_sessions.c.revoked_at.is_(None), staff_sessions.c.id != but]
    if session_id:
        where.append(staff_sessions.c.id == session_id)
    await tx.execute(sa.update(staff_sessions).where(*where).values(revoked_at=now))


async def list_organisations(tx: Tx) -> list[Organisation]:
    """All organisations by code."""
    rows = await tx.execute(sa.select(organisations).order_by(organisations.c.code))
    return [Organisation(**row) for row in rows.mappings()]


async def organisation_exists(tx: Tx, code: str) -> bool:
    """Whether the organisation is listed, or anybody works there."""
    listed = sa.select(organisations.c.code).where(organisations.c.code == code)
    staffed = sa.select(staff_accounts.c.org_code).where(staff_accounts.c.org_code == code, staff_accounts.c.status == "active")
    return await tx.scalar(listed.union_all(staffed).limit(1)) is not None


async def organisation_name(tx: Tx, code: str) -> str | None:
    """An organisation's standard name."""
    return await tx.scalar(sa.select(organisations.c.name).where(organisations.c.code == code))


def to_user(row: Row) -> User:
    """An account as administrators see it."""
    direct = {key: row[key] for key in User.model_fields if key in row}
    return User(**direct, has_totp=row["totp_enc"] is not None)
