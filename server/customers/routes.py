"""HTTP endpoints of the web entry: bind, sign in, the waiting policies, and the way to a policy's identity check."""

from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import web

from media.rpc import RpcClient
from server.callbacks import store
from server.callbacks.service import WEB_SCOPE
from server.context import CONTEXT, Context
from server.customers import accounts
from server.customers.challenges import SPEECH
from server.customers.schemas import (
    BindCheck,
    BindCodeSent,
    BindRequest,
    BindTicket,
    EntryPolicies,
    EntrySignIn,
    EntryState,
    EntryTicket,
    NewEntryPassword,
    PolicyTicket,
)
from server.http.endpoint import CUSTOMER, PUBLIC, Call, Routes, to_json
from server.http.problem import Problem, not_found
from server.outbox.rules import code_rules
from server.users.limits import LIMITS
from server.users.passwords import hash_password
from server.users.tickets import issue_ticket, require_scope

routes = Routes(tag="entry")
BASE = "/api/v1/customer/entry"
COOKIE = "dr_entry"
POLICY_S = 2 * 3600


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    settings = app[CONTEXT].settings
    app[SPEECH] = RpcClient(
        f"http://{settings.internal_host}:{settings.speech_rpc_port}", settings.internal_token.get_secret_value()
    )
    app.cleanup_ctx.append(_speech_client)
    routes.attach(app)


async def _speech_client(app: web.Application) -> AsyncIterator[None]:
    app[SPEECH].start()
    yield
    await app[SPEECH].aclose()


@routes.get(BASE, access=PUBLIC, response=EntryState, rate="entry")
async def show_entry_state(call: Call[None, None]) -> EntryState:
    """Whether this browser is bound, and whom to call."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await accounts.state(tx, context, call.request.cookies.get(COOKIE, ""))


@routes.post(BASE + "/bind/code", access=PUBLIC, body=BindRequest, response=BindCodeSent, rate="entry")
async def send_bind_code(call: Call[BindRequest, None]) -> BindCodeSent:
    """Send a code to the registered phone; the answer is the same whether or not the two belong together."""
    context, body = call.request.app[CONTEXT], call.body
    await call.request.app[LIMITS].hit("entry_code_phone", body.phone)
    async with context.db.begin() as tx:
        await accounts.send_code(tx, context, body.cert_no, body.phone)
    rules = code_rules()
    return BindCodeSent(expires_s=rules.lifetime_s, resend_after_s=rules.resend_after_s)


@routes.post(BASE + "/bind/check", access=PUBLIC, body=BindCheck, response=BindTicket, rate="entry")
async def check_bind_code(call: Call[BindCheck, None]) -> BindTicket:
    """Check the code; the ticket sets the password."""
    context, body = call.request.app[CONTEXT], call.body
    await call.request.app[LIMITS].hit("entry_check_phone", body.phone)
    async with context.db.begin() as tx:
        ticket = await accounts.check_bind_code(tx, context, body.cert_no, body.phone, body.code)
    if ticket is None:
        raise Problem(401, "ENTRY_CODE_WRONG")
    return ticket


@routes.post(BASE + "/bind", access=CUSTOMER, body=NewEntryPassword, response=EntryTicket, rate="entry")
async def bind_entry(call: Call[NewEntryPassword, None]) -> web.Response:
    """Set the password: the entry is bound, and this browser is known."""
    require_scope(call.who, accounts.BIND_SCOPE)
    request, context = call.request, call.request.app[CONTEXT]
    async with context.db.read() as tx:
        rules = (await accounts.rules_in_force(tx, context)).binding
    accounts.require_good(call.body.password, rules)
    encoded = await hash_password(call.body.password)
    async with context.db.begin() as tx:
        ticket, key = await accounts.bind(tx, context, call.who.claims, encoded, rules, request.remote or "")
    return _with_browser(context, ticket, key, rules.browser_days)


@routes.post(BASE + "/sign-in", access=PUBLIC, body=EntrySignIn, response=EntryTicket, rate="entry")
async def sign_in_entry(call: Call[EntrySignIn, None]) -> web.Response:
    """Sign in with the password; the certificate number is needed on a browser that is not known."""
    request, context, body = call.request, call.request.app[CONTEXT], call.body
    async with context.db.read() as tx:
        rules = (await accounts.rules_in_force(tx, context)).binding
        account = await accounts.account_for(tx, context, body.cert_no, request.cookies.get(COOKIE, ""))
    if body.cert_no is None and account is None:
        raise Problem(401, "ENTRY_UNKNOWN_BROWSER")
    limit_key = str(account["id"]) if account else accounts.cert_hash(context, body.cert_no or "")
    await request.app[LIMITS].hit("entry_account", limit_key)
    if not await accounts.is_password_right(context, account, body.password) or account is None:
        until = None
        if account is not None:
            async with context.db.begin() as tx:
                until = await accounts.note_failure(tx, context, account, rules, request.remote or "")
        else:  # an unknown number locks like a known one, so that locking tells nothing
            try:
                await request.app[LIMITS].hit("entry_stranger", limit_key)
            except Problem as problem:
                until = context.now() + timedelta(seconds=int(problem.params["retry_after_s"]))
        if until is not None:
            raise Problem(429, "ENTRY_LOCKED", until=until.isoformat())
        raise Problem(401, "ENTRY_SIGN_IN_FAILED")
    async with context.db.begin() as tx:
        ticket, key = await accounts.open_entry(tx, context, account, rules)
    await request.app[LIMITS].clear("entry_account", limit_key)
    return _with_browser(context, ticket, key, rules.browser_days)


@routes.post(BASE + "/forget", access=PUBLIC, rate="entry")
async def forget_entry(call: Call[None, None]) -> web.Response:
    """This browser is no longer known: somebody else uses this phone."""
    request, context = call.request, call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await accounts.forget_browser(tx, context, request.cookies.get(COOKIE, ""))
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path=BASE)
    return response


@routes.get(BASE + "/policies", access=CUSTOMER, response=EntryPolicies, rate="entry")
async def list_entry_policies(call: Call[None, None]) -> EntryPolicies:
    """The policies that wait for a callback."""
    require_scope(call.who, accounts.ENTRY_SCOPE)
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await accounts.waiting(tx, context, str(call.who.claims["customer_hash"]))


@routes.post(BASE + "/policies/{callback_id}", access=CUSTOMER, response=PolicyTicket, rate="entry")
async def open_entry_policy(call: Call[None, None]) -> PolicyTicket:
    """A ticket for the identity check of one of the customer's policies; 404 for anybody else's."""
    require_scope(call.who, accounts.ENTRY_SCOPE)
    context, callback_id = call.request.app[CONTEXT], call.path("callback_id")
    async with context.db.read() as tx:
        loaded = await store.load(tx, context, callback_id)
    if loaded.customer_hash != call.who.claims["customer_hash"]:
        raise not_found("CALLBACK_NOT_FOUND")
    ticket = issue_ticket(context, subject=callback_id, scope=WEB_SCOPE, expires_s=POLICY_S, callback_id=callback_id)
    return PolicyTicket(ticket=ticket, expires_at=context.now() + timedelta(seconds=POLICY_S))


def _with_browser(context: Context, ticket: EntryTicket, key: str, days: int) -> web.Response:
    """The ticket, and a cookie by which this browser is known. No script can read it, no other site can send it."""
    response = web.Response(body=to_json(ticket), content_type="application/json")
    is_secure = context.settings.public_url.startswith("https")
    response.set_cookie(COOKIE, key, max_age=days * 86400, path=BASE, httponly=True, samesite="Strict", secure=is_secure)
    return response
