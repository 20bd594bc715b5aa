"""Signing in and out, and who a request comes from.

Staff: an opaque random token in an HttpOnly SameSite=Strict cookie; only its hash is stored. Customers: bearer tickets.
The core system: its API key as bearer. What a refusal says never tells whether an account exists.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

import pyotp
from aiohttp import web

from server.audits.service import record
from server.context import CONTEXT, Context
from server.http.endpoint import ANONYMOUS, Principal
from server.http.problem import Problem
from server.users import repository, tickets
from server.users.demo import DEMO_PASSWORD
from server.users.limits import LIMITS
from server.users.passwords import verify_password
from server.users.repository import Row
from server.users.schemas import Me, SignIn

COOKIE = "dr_session"
SESSION_S = 12 * 3600
SYSTEM = Principal("system", id="core", display_name="核心系统")
_FREE_BEFORE_CHANGE = "/api/v1/auth/"


async def principal_of(request: web.Request) -> Principal:
    """Resolve the caller. Raises 401 for a credential that is given but does not stand."""
    context = request.app[CONTEXT]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        core_key = context.settings.core_api_key.get_secret_value()
        if hmac.compare_digest(token.encode(errors="surrogateescape"), core_key.encode()):
            return SYSTEM
        return tickets.customer(tickets.verify_ticket(context, token))
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return ANONYMOUS
    async with context.db.read() as tx:
        row = await repository.live_session(tx, token_hash(cookie), context.now())
    if row is None:
        return ANONYMOUS
    if row["must_change_password"] and not request.path.startswith(_FREE_BEFORE_CHANGE):
        raise Problem(403, "PASSWORD_CHANGE_REQUIRED")
    return staff_principal(row)


def staff_principal(row: Row) -> Principal:
    """The principal of a session row (`repository.live_session`)."""
    return Principal(
        "staff",
        id=row["id"],
        roles=frozenset(row["roles"]),
        org=row["org_code"],
        team=row["team"],
        display_name=row["display_name"],
        claims={"session_id": row["session_id"], "licence_no": row["licence_no"]},
    )


async def sign_in(request: web.Request, body: SignIn) -> tuple[str, Row]:
    """Check the credentials and open a session. Returns the token and the session row."""
    context, limits = request.app[CONTEXT], request.app[LIMITS]
    account_key = body.login.strip().lower()
    await limits.check("sign_in_account", account_key)
    async with context.db.read() as tx:
        row = await repository.by_login(tx, context, body.login)
    is_right = await verify_password(row["password_hash"] if row else None, body.password)
    if row is None or not is_right or row["status"] == "disabled" or _is_documented(context, body.password):
        await limits.hit("sign_in_account", account_key)
        await _note_failure(request, row, "password")
        raise Problem(401, "SIGN_IN_FAILED")
    if row["status"] == "pending":
        raise Problem(403, "ACCOUNT_PENDING")
    await limits.check("sign_in_account", account_key)  # wrong guesses may have come at the same time
    step = await _check_totp(request, row, body.totp, account_key)
    await limits.clear("sign_in_account", account_key)
    return await _open_session(context, row, step, request.remote or "")


async def _note_failure(request: web.Request, row: Row | None, factor: str) -> None:
    context, subject = request.app[CONTEXT], str(row["id"]) if row else ""
    async with context.db.begin() as tx:
        address, what = request.remote or "", {"factor": factor}
        await record(tx, context, actor="anonymous", action="auth.sign_in_failed", subject=subject, data=what, address=address)


def _is_documented(context: Context, password: str) -> bool:
    """Whether it is the demo accounts' password outside development: a database that was filled there still has them."""
    return context.settings.mode != "development" and password == DEMO_PASSWORD


async def _check_totp(request: web.Request, row: Row, given: str | None, account_key: str) -> int:
    """Return the accepted time step (0 without TOTP). A code counts once; every try counts for what was signed in with."""
    if row["totp_enc"] is None:
        return 0
    if given is None:
        raise Problem(401, "TOTP_REQUIRED")
    await request.app[LIMITS].hit("sign_in_account", account_key)
    context = request.app[CONTEXT]
    secret = context.cipher.decrypt(row["totp_enc"], f"staff_accounts.totp:{row['id']}")
    step = matching_step(secret, given, context)
    if step is None or step <= row["totp_last_step"]:
        await _note_failure(request, row, "totp")
        raise Problem(401, "TOTP_INVALID")
    return step


def matching_step(secret: str, code: str, context: Context) -> int | None:
    """The time step a TOTP code belongs to, one step of clock error allowed; None when it is wrong."""
    totp, now = pyotp.TOTP(secret), int(context.now().timestamp())
    for step in (now // 30, now // 30 - 1, now // 30 + 1):
        if hmac.compare_digest(totp.at(step * 30), code):
            return step
    return None


async def _open_session(context: Context, row: Row, step: int, address: str) -> tuple[str, Row]:
    token, now = secrets.token_urlsafe(32), context.now()
    expires_at = now + timedelta(seconds=SESSION_S)
    async with context.db.begin() as tx:
        await repository.insert_session(
            tx, staff_id=row["id"], token_hash=token_hash(token), now=now, expires_at=expires_at, address=address
        )
        if step and not await repository.use_step(tx, row["id"], step):
            raise Problem(401, "TOTP_INVALID")  # another sign-in has just used it
        await repository.update(tx, context, row["id"], {"last_sign_in_at": now})
        session = await repository.live_session(tx, token_hash(token), now)
        if session is None:  # disabled in between
            raise Problem(401, "SIGN_IN_FAILED")
        await record(tx, context, actor=staff_principal(session), action="auth.signed_in", subject=row["id"], address=address)
    return token, session


async def sign_out(request: web.Request, who: Principal) -> None:
    """End the caller's session."""
    context = request.app[CONTEXT]
    async with context.db.begin() as tx:
        await repository.revoke_sessions(tx, context.now(), staff_id=who.id, session_id=str(who.claims["session_id"]))
        await record(tx, context, actor=who, action="auth.signed_out", subject=who.id, address=request.remote or "")


def to_me(row: Row) -> Me:
    """A session row as its owner sees it."""
    direct = {key: row[key] for key in Me.model_fields if key in row}
    return Me(**direct, has_totp=row["totp_enc"] is not None, session_expires_at=row["expires_at"])


def set_cookie(response: web.Response, token: str, context: Context) -> None:
    """Put the token into the cookie."""
    is_secure = context.settings.public_url.startswith("https:")
    response.set_cookie(COOKIE, token, max_age=SESSION_S, httponly=True, samesite="Strict", secure=is_secure, path="/")


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()  # a cookie may hold any bytes
