"""HTTP endpoints of the customer's callback pages.

A link's key is exchanged for a ticket of scope `callback_link` (POST /api/v1/customer/tickets); the web entry gives one of scope
`callback_web` for a policy. Both open nothing but the identity check; passing it gives the ticket of scope `callback` that the
other pages need.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from server.callbacks import answering, identity
from server.callbacks.customer_schemas import (
    CallbackEntry,
    CallbackSignature,
    CallbackStep,
    ChallengeStep,
    ChallengeView,
    CodeCheck,
    CodeSent,
    IdentityResult,
    LinkRenewal,
    NewChallenge,
    NoticeTick,
    NoticeView,
    QuestionnaireView,
    ResultView,
    SignatureKept,
    SubmitAnswers,
    WaitingPolicies,
)
from server.callbacks.pages import Device
from server.callbacks.service import LINK_SCOPE, WEB_SCOPE, refused, run_one
from server.callbacks.visits import ACTOR, Visit, end_visit, require_own, require_visit
from server.context import CONTEXT
from server.customers import challenges
from server.domain.callback.case import Refusal
from server.domain.callback.liveness import FaceVerdict
from server.domain.masking import mask_phone
from server.http.body import Upload
from server.http.endpoint import CUSTOMER, PUBLIC, Call, Principal, Routes
from server.http.problem import Problem
from server.identity.routes import VISION
from server.outbox.codes import check_code, issue_code
from server.outbox.rules import code_rules
from server.users.limits import LIMITS
from server.users.links import find_dead
from server.users.schemas import LinkKey
from server.users.tickets import require_scope
from storage.db.engine import Tx

routes = Routes(tag="callbacks")
BASE = "/api/v1/customer/callback"
ONE = BASE + "/policies/{callback_id}"
VIDEO = Upload(tuple(challenges.VIDEO_TYPES), challenges.MAX_VIDEO_BYTES)


def _door(who: Principal) -> tuple[str, str]:
    """The callback a ticket stands for, and through which entry it came: `link` or `web`."""
    require_scope(who, LINK_SCOPE, WEB_SCOPE)
    return str(who.claims["callback_id"]), "web" if who.claims.get("scope") == WEB_SCOPE else "link"


async def _step(call: Call[Any, None], act: Callable[[Tx, Visit], Awaitable[Any]]) -> Any:
    """Run one step of a visit. A refusal is raised after the commit: what time did before it is kept."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        visit = await require_visit(tx, context, call.who)
        outcome = await act(tx, visit)
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    return outcome


@routes.get(BASE, access=CUSTOMER, response=CallbackEntry, rate="callback")
async def show_callback_entry(call: Call[None, None]) -> CallbackEntry:
    """What the link is for and how identity is proven; personal data is masked."""
    (callback_id, entry), context = _door(call.who), call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await identity.show_entry(tx, context, callback_id, entry)


@routes.post(BASE + "/renew-link", access=PUBLIC, body=LinkKey, response=LinkRenewal, rate="callback_code")
async def renew_callback_link(call: Call[LinkKey, None]) -> LinkRenewal:
    """Send a fresh link to the policy's phone in place of one that expired or was replaced. It is never shown here."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        callback_id = str((await find_dead(tx, context, call.body.key, scope=LINK_SCOPE))["callback_id"])
        done = await run_one(tx, context, callback_id, "renew_link", ACTOR)
    return LinkRenewal(phone_masked=mask_phone(done.require().case.policy.phone))


@routes.post(BASE + "/notice", access=CUSTOMER, body=NoticeTick, rate="callback")
async def confirm_entry_notice(call: Call[NoticeTick, None]) -> None:
    """The notice is ticked before the identity check, where the rulebook has it there (`notice` of the entry)."""
    (callback_id, entry), context = _door(call.who), call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        refusal = await identity.confirm_notice(tx, context, callback_id, entry, Device.of(call.request))
    if refusal is not None:
        raise refused(refusal)


@routes.post(BASE + "/identity/challenge", access=CUSTOMER, body=NewChallenge, response=ChallengeView, rate="callback")
async def begin_face_challenge(call: Call[NewChallenge, None]) -> ChallengeView:
    """What the customer is to do in front of the camera: random, used once, for a few minutes."""
    (callback_id, entry), context = _door(call.who), call.request.app[CONTEXT]
    await call.request.app[LIMITS].hit("callback_face", callback_id)
    async with context.db.begin() as tx:
        loaded = await identity.require_enterable(tx, context, callback_id, "face", entry)
        rules = loaded.case.rulebook.identity
        challenge_id, challenge, expires_at = await challenges.issue(tx, context, callback_id, rules, call.body.kind)
    return ChallengeView(
        challenge_id=challenge_id,
        kind=challenge.kind,  # type: ignore[arg-type]
        steps=[ChallengeStep(**asdict(step)) for step in challenge.steps],
        digits=challenge.digits,
        length_ms=challenge.length_ms,
        expires_at=expires_at,
    )


@routes.post(BASE + "/identity/face/{challenge_id}", access=CUSTOMER, response=IdentityResult, rate="callback", upload=VIDEO)
async def check_callback_face(call: Call[None, None]) -> IdentityResult:
    """Judge a short video (raw body, video/webm or video/mp4, at most 24 MiB) against a challenge and the captured face."""
    (callback_id, entry), request, challenge_id = _door(call.who), call.request, call.path("challenge_id")
    context, app = request.app[CONTEXT], request.app
    video = await VIDEO.read(request)
    async with context.db.begin() as tx:
        loaded = await identity.require_enterable(tx, context, callback_id, "face", entry)
        sealed = await identity.sealed_reference(tx, loaded.policy_no)
        challenge, verdict = await challenges.take(tx, context, callback_id, challenge_id, video)
    reference = await identity.reference_picture(context, sealed)
    if reference is None:
        verdict = FaceVerdict(None, "FACE_REFERENCE_MISSING")
    elif verdict is None:
        suffix = challenges.VIDEO_TYPES[request.content_type]
        verdict = await challenges.look(context, app[VISION], app[challenges.SPEECH], challenge, reference, video, suffix)
    async with context.db.begin() as tx:
        device = Device.of(request)
        outcome = await identity.decide_face(tx, context, callback_id, verdict, video, challenge, device, entry)
        await challenges.note_result(tx, challenge_id, "refused" if isinstance(outcome, Problem) else outcome.result)
    return _or_raise(outcome)


@routes.post(BASE + "/identity/code", access=CUSTOMER, response=CodeSent, rate="callback_code")
async def send_callback_code(call: Call[None, None]) -> CodeSent:
    """Send a code to the policy's phone; another phone cannot be named."""
    (callback_id, entry), context = _door(call.who), call.request.app[CONTEXT]
    await call.request.app[LIMITS].hit("callback_code_phone", callback_id)
    async with context.db.begin() as tx:
        loaded = await identity.require_enterable(tx, context, callback_id, "sms_code", entry)
        phone = loaded.case.policy.phone
        subject = identity.code_subject(context, loaded)
        await issue_code(tx, context, identity.PURPOSE, subject, phone, sender=loaded.case.rulebook.sender)
    rules = code_rules()
    return CodeSent(phone_masked=mask_phone(phone), expires_s=rules.lifetime_s, resend_after_s=rules.resend_after_s)


@routes.post(BASE + "/identity/code/check", access=CUSTOMER, body=CodeCheck, response=IdentityResult, rate="callback_code")
async def check_callback_code(call: Call[CodeCheck, None]) -> IdentityResult:
    """Check the code; a wrong one counts as a failure of the day."""
    (callback_id, entry), context = _door(call.who), call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        loaded = await identity.require_enterable(tx, context, callback_id, "sms_code", entry)
        is_right = await check_code(tx, context, identity.PURPOSE, identity.code_subject(context, loaded), call.body.code)
        outcome = await identity.decide_code(tx, context, callback_id, is_right, Device.of(call.request), entry)
    return _or_raise(outcome)


def _or_raise(outcome: IdentityResult | Problem) -> IdentityResult:
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


@routes.get(BASE + "/policies", access=CUSTOMER, response=WaitingPolicies, rate="callback")
async def list_waiting_policies(call: Call[None, None]) -> WaitingPolicies:
    """The customer's policies that wait for a callback."""
    context = call.request.app[CONTEXT]
    result: WaitingPolicies = await _step(call, lambda tx, visit: answering.list_policies(tx, context, visit))
    return result


@routes.post(ONE + "/begin", access=CUSTOMER, response=NoticeView, rate="callback")
async def begin_callback(call: Call[None, None]) -> NoticeView:
    """Open a policy: its notice. No new identity check within the visit."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)
    view: NoticeView = await _step(call, lambda tx, visit: answering.begin(tx, context, visit, callback_id, device))
    return view


@routes.post(ONE + "/notice", access=CUSTOMER, body=NoticeTick, response=QuestionnaireView, rate="callback")
async def confirm_notice(call: Call[NoticeTick, None]) -> QuestionnaireView:
    """The notice is ticked, where it is not yet and the rulebook has one; serves the questions and starts the minimum time."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)

    async def act(tx: Tx, visit: Visit) -> QuestionnaireView | Refusal:
        loaded = await require_own(tx, context, visit, callback_id)
        if answering.wants_notice(loaded.case):
            done = await run_one(tx, context, callback_id, "notice_confirmed", ACTOR)
            if done.refusal is not None:
                return done.refusal
        return await answering.show_questions(tx, context, visit, callback_id, device)

    view: QuestionnaireView = await _step(call, act)
    return view


@routes.post(ONE + "/answers", access=CUSTOMER, body=SubmitAnswers, response=CallbackStep, rate="callback")
async def submit_answers(call: Call[SubmitAnswers, None]) -> CallbackStep:
    """All answers at once; refused before the minimum time (409 ANSWERED_TOO_FAST)."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)
    view: CallbackStep = await _step(call, lambda tx, visit: answering.submit(tx, context, visit, callback_id, call.body, device))
    return view


@routes.post(ONE + "/edit", access=CUSTOMER, response=QuestionnaireView, rate="callback")
async def edit_answers(call: Call[None, None]) -> QuestionnaireView:
    """Back from the confirmation page to the questions."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)
    view: QuestionnaireView = await _step(call, lambda tx, visit: answering.reopen(tx, context, visit, callback_id, device))
    return view


@routes.post(ONE + "/signature", access=CUSTOMER, body=CallbackSignature, response=SignatureKept, rate="callback")
async def sign_answers(call: Call[CallbackSignature, None]) -> SignatureKept:
    """The policyholder's signature under the answers."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)
    digest = await _step(call, lambda tx, visit: answering.sign(tx, context, visit, callback_id, call.body, device))
    return SignatureKept(sha256=digest)


@routes.post(ONE + "/confirm", access=CUSTOMER, response=ResultView, rate="callback")
async def confirm_answers(call: Call[None, None]) -> ResultView:
    """Confirm all questions and answers; the result follows."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)
    view: ResultView = await _step(call, lambda tx, visit: answering.confirm(tx, context, visit, callback_id, device))
    return view


@routes.post(ONE + "/abort", access=CUSTOMER, response=ResultView, rate="callback")
async def abort_callback(call: Call[None, None]) -> ResultView:
    """Stop, where the rulebook offers it; the phone desk follows."""
    context, callback_id, device = call.request.app[CONTEXT], call.path("callback_id"), Device.of(call.request)
    view: ResultView = await _step(call, lambda tx, visit: answering.abort(tx, context, visit, callback_id, device))
    return view


@routes.post(BASE + "/leave", access=CUSTOMER, rate="callback")
async def leave_callback(call: Call[None, None]) -> None:
    """Leave: no draft is kept, and coming back means proving identity again."""
    context = call.request.app[CONTEXT]

    async def act(tx: Tx, visit: Visit) -> None:
        await end_visit(tx, context, visit, "left")

    await _step(call, act)


def attach(app: web.Application) -> None:
    """Register the endpoints."""
    routes.attach(app)
