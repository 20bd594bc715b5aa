"""HTTP endpoints of sign-in, registration and staff accounts; also makes callers and limits known to every slice."""

from aiohttp import web

from server.audits.service import record
from server.context import CONTEXT
from server.http.endpoint import PRINCIPAL_OF, PUBLIC, RATE_CHECK, STAFF, Call, Routes, staff, to_json
from server.http.problem import Problem
from server.outbox.codes import check_code
from server.users import repository, service
from server.users.demo import demo_logins
from server.users.limits import LIMITS, RateLimits, rate_check
from server.users.links import redeem
from server.users.passwords import hash_password, require_strong
from server.users.schemas import (
    ChangePassword,
    CustomerTicket,
    LinkKey,
    Me,
    NewUser,
    PasswordReset,
    Registration,
    RegistrationResult,
    SignIn,
    SignInOptions,
    SmsCodeRequest,
    StaffStatus,
    TotpConfirm,
    TotpSetup,
    User,
    UserPage,
    UserPatch,
    UserQuery,
)
from server.users.sign_in import COOKIE, principal_of, set_cookie, sign_in, sign_out, to_me, token_hash

routes = Routes(tag="users")
ADMINISTRATOR = staff("administrator")
COMPANY_CHANNELS = ["individual", "group", "telephone"]


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    app[PRINCIPAL_OF] = principal_of
    app[LIMITS] = RateLimits()
    app[RATE_CHECK] = rate_check
    routes.attach(app)


@routes.get("/api/v1/auth/options", access=PUBLIC, response=SignInOptions)
async def sign_in_options(call: Call[None, None]) -> SignInOptions:
    """What the sign-in and registration pages need."""
    context = call.request.app[CONTEXT]
    settings = context.settings
    async with context.db.read() as tx:
        organisations = await repository.list_organisations(tx)
    return SignInOptions(
        mode=settings.mode,
        requires_approval=settings.registration_needs_approval,
        company_channels=COMPANY_CHANNELS,
        organisations=organisations,
        demo_logins=demo_logins(settings),
    )


@routes.post("/api/v1/auth/sign-in", access=PUBLIC, body=SignIn, response=Me, rate="sign_in")
async def sign_in_staff(call: Call[SignIn, None]) -> web.Response:
    """Sign in; the session is in the cookie."""
    token, row = await sign_in(call.request, call.body)
    response = web.Response(body=to_json(to_me(row)), content_type="application/json")
    set_cookie(response, token, call.request.app[CONTEXT])
    return response


@routes.post("/api/v1/auth/sign-out", access=STAFF)
async def sign_out_staff(call: Call[None, None]) -> web.Response:
    """End this session."""
    await sign_out(call.request, call.who)
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


@routes.get("/api/v1/auth/me", access=STAFF, response=Me)
async def show_me(call: Call[None, None]) -> Me:
    """Who is signed in."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        row = await repository.live_session(tx, token_hash(call.request.cookies.get(COOKIE, "")), context.now())
    if row is None:
        raise Problem(401, "SIGN_IN_REQUIRED")
    return to_me(row)


@routes.post("/api/v1/auth/password", access=STAFF, body=ChangePassword, rate="sign_in")
async def change_own_password(call: Call[ChangePassword, None]) -> None:
    """Change one's own password; other sessions end."""
    limits, key = call.request.app[LIMITS], call.who.id
    await limits.hit("sign_in_account", key)  # a session that somebody else got hold of guesses no password
    await service.change_password(call.request.app[CONTEXT], call.who, call.body.current, call.body.new)
    await limits.clear("sign_in_account", key)


@routes.post("/api/v1/auth/totp", access=STAFF, response=TotpSetup)
async def start_totp(call: Call[None, None]) -> TotpSetup:
    """Start setting up a second factor."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await service.start_totp(tx, context, call.who)


@routes.post("/api/v1/auth/totp/confirm", access=STAFF, body=TotpConfirm, rate="sign_in")
async def confirm_totp(call: Call[TotpConfirm, None]) -> None:
    """Switch the second factor on with its first code."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.confirm_totp(tx, context, call.who, call.body.code)


@routes.post("/api/v1/auth/sms-codes", access=PUBLIC, body=SmsCodeRequest, rate="sms_code")
async def send_sms_code(call: Call[SmsCodeRequest, None]) -> None:
    """Send a registration code; the answer never tells whether the phone is known."""
    context = call.request.app[CONTEXT]
    await call.request.app[LIMITS].hit("sms_code_phone", call.body.phone)
    async with context.db.begin() as tx:
        await service.send_registration_code(tx, context, call.body.phone)


@routes.post(
    "/api/v1/auth/registrations",
    access=PUBLIC,
    body=Registration,
    response=RegistrationResult,
    status=201,
    rate="registration",
)
async def register_agent(call: Call[Registration, None]) -> RegistrationResult:
    """Register an agent of one of the three kinds."""
    context, body = call.request.app[CONTEXT], call.body
    login = service.registration_login(body)
    require_strong(body.password, login, body.phone)
    async with context.db.begin() as tx:  # its own transaction: a wrong try must count
        is_right = await check_code(tx, context, service.REGISTRATION, context.cipher.search_hash(body.phone), body.sms_code)
    if not is_right:
        raise Problem(422, "SMS_CODE_INVALID")
    encoded, needs_approval = await hash_password(body.password), context.settings.registration_needs_approval
    async with context.db.begin() as tx:
        staff_id = await service.register(tx, context, body, encoded, is_approved=not needs_approval)
    status = StaffStatus.PENDING if needs_approval else StaffStatus.ACTIVE
    return RegistrationResult(id=staff_id, login=login, status=status)


@routes.post("/api/v1/customer/tickets", access=PUBLIC, body=LinkKey, response=CustomerTicket, rate="join_code")
async def redeem_link(call: Call[LinkKey, None]) -> CustomerTicket:
    """Exchange the key of a link that came by SMS for a ticket."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        opened = await redeem(tx, context, call.body.key)
    return CustomerTicket(ticket=opened.ticket, scope=opened.scope, expires_at=opened.expires_at)


@routes.get("/api/v1/admin/users", access=ADMINISTRATOR, query=UserQuery, response=UserPage)
async def list_users(call: Call[None, UserQuery]) -> UserPage:
    """Page through staff accounts."""
    context, query = call.request.app[CONTEXT], call.query
    async with context.db.read() as tx:
        rows, total = await repository.search(tx, context, query)
    items = [repository.to_user(row) for row in rows]
    return UserPage(items=items, total=total, page=query.page, page_size=query.page_size)


@routes.post("/api/v1/admin/users", access=ADMINISTRATOR, body=NewUser, response=User, status=201)
async def create_user(call: Call[NewUser, None]) -> User:
    """Create a staff account; its password must be changed at the first sign-in."""
    context, body = call.request.app[CONTEXT], call.body
    require_strong(body.password, body.login)
    encoded = await hash_password(body.password)
    async with context.db.begin() as tx:
        return await service.create(tx, context, call.who, body, encoded, must_change=True)


@routes.get("/api/v1/admin/users/{user_id}", access=ADMINISTRATOR, response=User)
async def show_user(call: Call[None, None]) -> User:
    """One staff account."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return repository.to_user(await service.require(tx, call.path("user_id")))


@routes.route("PATCH", "/api/v1/admin/users/{user_id}", access=ADMINISTRATOR, body=UserPatch, response=User)
async def patch_user(call: Call[UserPatch, None]) -> User:
    """Change, approve or disable a staff account."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await service.patch(tx, context, call.who, call.path("user_id"), call.body)


@routes.post("/api/v1/admin/users/{user_id}/reset-password", access=ADMINISTRATOR, response=PasswordReset)
async def reset_user_password(call: Call[None, None]) -> PasswordReset:
    """Give an account a one-time password."""
    context = call.request.app[CONTEXT]
    password, encoded = await service.new_one_time_password()
    async with context.db.begin() as tx:
        await service.reset_password(tx, context, call.who, call.path("user_id"), encoded)
    return PasswordReset(password=password)


@routes.post("/api/v1/admin/users/{user_id}/sign-out", access=ADMINISTRATOR)
async def sign_out_user(call: Call[None, None]) -> None:
    """End all sessions of an account."""
    context, user_id = call.request.app[CONTEXT], call.path("user_id")
    async with context.db.begin() as tx:
        await service.require(tx, user_id)
        await repository.revoke_sessions(tx, context.now(), staff_id=user_id)
        await record(tx, context, actor=call.who, action="user.signed_out", subject=user_id)
