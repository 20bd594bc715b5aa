"""Staff accounts: registration of agents, and what administrators do. Rules here; rows in the repository.

Sales and inspection are separate people (54号 Art. 10): one account is never both agent and inspector.
"""

from typing import Any

import pyotp

from server.audits.service import record
from server.context import Context
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, forbidden, not_found
from server.outbox.codes import issue_code
from server.outbox.service import enqueue
from server.users import repository
from server.users.passwords import hash_password, one_time_password, require_strong, verify_password
from server.users.repository import Row
from server.users.schemas import IntermediaryRegistration, NewUser, Registration, Role, TotpSetup, User, UserPatch
from server.users.sign_in import matching_step
from storage.db.engine import Tx

REGISTRATION = "registration"


async def send_registration_code(tx: Tx, context: Context, phone: str) -> None:
    """Send a code to a phone that wants to register."""
    await issue_code(tx, context, REGISTRATION, context.cipher.search_hash(phone), phone)


def registration_login(body: Registration) -> str:
    """What the agent will sign in with."""
    if isinstance(body, IntermediaryRegistration):
        return f"{body.company_code}-{body.work_no}".lower()
    return body.agent_code.lower()


async def register(tx: Tx, context: Context, body: Registration, password_hash: str, *, is_approved: bool) -> str:
    """Write an agent's account; the phone was proven before. Returns its id. 409 `AGENT_ALREADY_REGISTERED`."""
    login = registration_login(body)
    if isinstance(body, IntermediaryRegistration):
        codes = {"agent_code": "", "company_code": body.company_code, "work_no": body.work_no}
    else:
        codes = {"agent_code": body.agent_code, "company_code": "", "work_no": ""}
    is_taken = await repository.by_login(tx, context, login) or await repository.phone_taken(tx, context, body.phone)
    if is_taken or await repository.agent_known(tx, **codes):
        raise conflict("AGENT_ALREADY_REGISTERED")
    values: Row = {
        **codes,
        "login": login,
        "display_name": body.agent_name,
        "roles": [Role.AGENT.value],
        "status": "active" if is_approved else "pending",
        "password_hash": password_hash,
        "agent_kind": body.agent_kind,
        "org_code": body.org_code,
        "team": body.outlet_code or body.org_code,
        "sex": body.sex.value,
        "channel_code": body.channel_code,
        "outlet_code": body.outlet_code or "",
        "licence_no": body.licence_no,
    }
    staff_id = await repository.insert(tx, context, values, body.phone)
    await record(
        tx, context, actor="anonymous", action="user.registered", subject=staff_id, data={"login": login, "kind": body.agent_kind}
    )
    return staff_id


def _check_roles(roles: list[Role]) -> list[str]:
    chosen = set(roles)
    if Role.AGENT in chosen and chosen & {Role.INSPECTOR, Role.CALLBACK_OPERATOR}:
        raise Problem(422, "USER_ROLES_CONFLICT")
    return sorted(role.value for role in chosen)


async def create(tx: Tx, context: Context, who: Principal | str, body: NewUser, password_hash: str, *, must_change: bool) -> User:
    """Write an account made by an administrator."""
    login, roles = body.login.lower(), _check_roles(body.roles)
    if await repository.by_login(tx, context, login):
        raise conflict("USER_LOGIN_TAKEN")
    if body.phone and await repository.phone_taken(tx, context, body.phone):
        raise conflict("USER_PHONE_TAKEN")
    codes = {"agent_code": body.agent_code, "company_code": body.company_code, "work_no": body.work_no}
    if await repository.agent_known(tx, **codes):
        raise conflict("USER_AGENT_CODE_TAKEN")
    if Role.AGENT in body.roles and body.agent_kind is None:
        raise Problem(422, "REQUEST_INVALID", fields=[{"path": "agent_kind", "code": "missing"}])
    values: Row = {
        "login": login,
        "display_name": body.display_name,
        "roles": roles,
        "status": "active",
        "password_hash": password_hash,
        "must_change_password": must_change,
        "agent_kind": body.agent_kind.value if body.agent_kind else None,
        "sex": body.sex.value if body.sex else None,
        "org_code": body.org_code,
        "team": body.team,
        **{
            key: getattr(body, key) or ""
            for key in ("agent_code", "company_code", "work_no", "channel_code", "outlet_code", "licence_no")
        },
    }
    staff_id = await repository.insert(tx, context, values, body.phone)
    await record(tx, context, actor=who, action="user.created", subject=staff_id, data={"login": login, "roles": values["roles"]})
    return repository.to_user(await require(tx, staff_id))


async def require(tx: Tx, staff_id: str) -> Row:
    """An account, or 404."""
    row = await repository.get(tx, staff_id)
    if row is None:
        raise not_found("USER_NOT_FOUND")
    return row


async def patch(tx: Tx, context: Context, who: Principal, staff_id: str, body: UserPatch) -> User:
    """Change an account. Nobody disables or demotes himself: an installation keeps one administrator."""
    row = await require(tx, staff_id)
    values: dict[str, Any] = body.model_dump(exclude_none=True, exclude={"roles", "phone"})
    if body.roles is not None:
        values["roles"] = _check_roles(body.roles)
    loses_rights = body.status == "disabled" or (body.roles is not None and Role.ADMINISTRATOR not in body.roles)
    if staff_id == who.id and loses_rights:
        raise conflict("USER_IS_YOURSELF")
    if body.phone:
        if await repository.phone_taken(tx, context, body.phone, but=staff_id):
            raise conflict("USER_PHONE_TAKEN")
        values |= repository.phone_values(context, staff_id, body.phone)
    await repository.update(tx, context, staff_id, values)
    if body.status == "disabled" or body.roles is not None:
        await repository.revoke_sessions(tx, context.now(), staff_id=staff_id, but=str(who.claims.get("session_id", "")))
    if body.status == "active" and row["status"] == "pending" and row["phone_enc"]:
        phone = repository.phone_of(context, row)
        await enqueue(tx, context, phone, "account_approved", {"login": row["login"]}, f"account_approved:{staff_id}")
    changed = body.model_dump(mode="json", exclude_none=True)
    await record(tx, context, actor=who, action="user.changed", subject=staff_id, data=changed)
    return repository.to_user(await require(tx, staff_id))


async def reset_password(tx: Tx, context: Context, who: Principal, staff_id: str, password_hash: str) -> None:
    """Set a one-time password, drop TOTP, end all sessions."""
    await require(tx, staff_id)
    values: Row = {"password_hash": password_hash, "must_change_password": True, "totp_enc": None, "totp_last_step": 0}
    await repository.update(tx, context, staff_id, values)
    await repository.revoke_sessions(tx, context.now(), staff_id=staff_id)
    await record(tx, context, actor=who, action="user.password_reset", subject=staff_id)


async def new_one_time_password() -> tuple[str, str]:
    """A one-time password and its hash."""
    password = one_time_password()
    return password, await hash_password(password)


async def change_password(context: Context, who: Principal, current: str, new: str) -> None:
    """A person's own password; other sessions end. 403 `PASSWORD_WRONG`, 422 `PASSWORD_WEAK`."""
    async with context.db.read() as tx:
        row = await require(tx, who.id)
    if not await verify_password(row["password_hash"], current):
        raise forbidden("PASSWORD_WRONG")
    require_strong(new, row["login"])
    if new == current:
        raise Problem(422, "PASSWORD_UNCHANGED")
    encoded = await hash_password(new)
    async with context.db.begin() as tx:
        await repository.update(tx, context, who.id, {"password_hash": encoded, "must_change_password": False})
        await repository.revoke_sessions(tx, context.now(), staff_id=who.id, but=str(who.claims["session_id"]))
        await record(tx, context, actor=who, action="user.password_changed", subject=who.id)


async def start_totp(tx: Tx, context: Context, who: Principal) -> TotpSetup:
    """Make a new TOTP secret for a privileged person; it counts once confirmed."""
    row = await require(tx, who.id)
    secret = pyotp.random_base32()
    await repository.update(
        tx, context, who.id, {"totp_pending_enc": context.cipher.encrypt(secret, f"staff_accounts.totp:{who.id}")}
    )
    return TotpSetup(secret=secret, uri=pyotp.TOTP(secret).provisioning_uri(name=row["login"], issuer_name="远程双录"))


async def confirm_totp(tx: Tx, context: Context, who: Principal, code: str) -> None:
    """Switch TOTP on."""
    row = await require(tx, who.id)
    pending = row["totp_pending_enc"]
    if pending is None:
        raise conflict("TOTP_NOT_STARTED")
    step = matching_step(context.cipher.decrypt(pending, f"staff_accounts.totp:{who.id}"), code, context)
    if step is None:
        raise Problem(422, "TOTP_INVALID")
    await repository.update(tx, context, who.id, {"totp_enc": pending, "totp_pending_enc": None, "totp_last_step": step})
    await record(tx, context, actor=who, action="user.totp_enabled", subject=who.id)
