"""Who is at the phone: a challenged face compared with the one captured before the recording, or a code to the policy's phone.

By certificate type (E8); failures count and lock (E9). What cannot be measured is no failure and never a pass.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.blobs import BlobMissing, BlobStore
from server.callbacks import service, store
from server.callbacks.customer_schemas import Blocked, CallbackEntry, IdentityResult, Method, NoticeView, PolicyHeader, Step
from server.callbacks.pages import Device, keep_page
from server.callbacks.service import calendar, current
from server.callbacks.store import Loaded
from server.callbacks.tables import policies
from server.callbacks.visits import ACTOR, leave_attempts, open_visit
from server.cases.rules import sales_rules
from server.cases.tables import case_participants
from server.context import Context
from server.customers.tables import customer_accounts
from server.domain.callback.case import CallbackCase, Command, Refusal, State
from server.domain.callback.electronic import may_enter, notice_first
from server.domain.callback.liveness import Challenge, FaceVerdict
from server.domain.callback.rulebook import Answering
from server.domain.callback.timers import window_ends_at
from server.domain.masking import mask_name, mask_number, mask_phone
from server.http.problem import Problem
from server.identity.schemas import ImageKind
from server.identity.service import blob_key
from server.identity.tables import identity_images
from server.recordings.tables import recordings
from storage.db.engine import Tx

PURPOSE = "callback_identity"


def tries_left(case: CallbackCase, now: datetime) -> int:
    """Failures that are still allowed today (E9)."""
    today = calendar().local_date(now)
    if today in case.locked_days:
        return 0
    return max(0, case.rulebook.identity.fail_daily_max - sum(1 for day in case.failures if day == today))


def method_of(case: CallbackCase) -> Method:
    """The method by certificate type (E8)."""
    return case.rulebook.identity.method_for(case.policy.certificate.value)


def blocked(case: CallbackCase, entry: str, now: datetime) -> Blocked | None:
    """Why the customer may not begin now. A running attempt blocks nothing: beginning again drops it (E15)."""
    phone = case.rulebook.phone.shown_inbound
    if case.is_final:
        return Blocked(code="CALLBACK_FINISHED", phone=phone)
    refusal = may_enter(case, entry, now, calendar())
    if refusal is None or refusal.code == "ATTEMPT_RUNNING":
        return None
    until = refusal.params.get("until")
    opens_at = refusal.params.get("opens_at")
    return Blocked(
        code=refusal.code,
        phone=phone,
        until=datetime.fromisoformat(until) if until else None,
        opens_at=datetime.fromisoformat(opens_at) if opens_at else None,
    )


def steps_of(answering: Answering) -> list[Step]:
    """The steps that a rulebook has: no notice, no confirmation or no signature means no such step."""
    last: list[Step] = ["signature"] if answering.requires_signature else ["confirm"] if answering.has_confirm_page else []
    notice: list[Step] = ["notice"] if answering.requires_notice else []
    if answering.notice_before_identity:
        return [*notice, "identity", "policy", "questions", *last]
    return ["identity", "policy", *notice, "questions", *last]


def entry_notice(callback_id: str, case: CallbackCase) -> NoticeView | None:
    """The notice that is ticked before the identity check, or None. Nobody is known yet: what is personal in it is masked."""
    policy, answering = case.policy, case.rulebook.answering
    if not answering.notice_before_identity:
        return None
    masked = {
        policy.policy_no: mask_number(policy.policy_no),
        policy.policyholder_name: mask_name(policy.policyholder_name),
        policy.insured_name: mask_name(policy.insured_name),
    }
    text = case.questionnaire.notice
    for plain, hidden in masked.items():
        text = text.replace(plain, hidden) if plain else text
    return NoticeView(
        callback_id=callback_id,
        header=PolicyHeader(
            policy_no=masked[policy.policy_no],
            product_name=policy.product_name,
            policyholder_name=masked[policy.policyholder_name],
            insured_name=masked[policy.insured_name],
            premium_text="",
        ),
        notice=text,
        tick=case.questionnaire.tick,
        requires_tick=True,
        steps=steps_of(answering),
        min_answer_seconds=answering.min_answer_seconds,
        desk_phone=case.rulebook.phone.shown,
    )


async def confirm_notice(tx: Tx, context: Context, callback_id: str, entry: str, device: Device) -> Refusal | None:
    """The notice is ticked before the identity check; a running attempt begins again with it (S0 E10). Keeps the page."""
    loaded = await store.load(tx, context, callback_id, is_update=True)
    now = context.now()
    case = current(loaded, now)
    commands = [Command("notice_confirmed", {"entry": entry})]
    if case.rulebook.answering.notice_before_identity and case.state is State.IN_PROGRESS and blocked(case, entry, now) is None:
        # This policy's only: whoever ticks has proven nothing yet.
        commands.insert(0, Command("left", {"reason": "began_again"}))
    done = await service.run(tx, context, callback_id, commands, ACTOR)
    shown = entry_notice(callback_id, done.case)
    if done.events and done.refusal is None and shown is not None:
        await keep_page(tx, context, callback_id, "notice", shown, device)
    return done.refusal


async def show_entry(tx: Tx, context: Context, callback_id: str, entry: str) -> CallbackEntry:
    """What a link, or a policy of the web entry, opens on; nothing in it names the customer in full."""
    loaded = await store.load(tx, context, callback_id)
    now = context.now()
    case = current(loaded, now)
    policy, answering = case.policy, case.rulebook.answering
    method = method_of(case)
    return CallbackEntry(
        insurer=case.rulebook.insurer,
        policy_no_masked=mask_number(policy.policy_no),
        product_name=policy.product_name,
        policyholder_masked=mask_name(policy.policyholder_name),
        state=case.state,
        method=method,
        phone_masked=mask_phone(policy.phone),
        can_measure=method != "face" or await sealed_reference(tx, loaded.policy_no) is not None,
        tries_left=tries_left(case, now),
        window_ends_at=window_ends_at(case, calendar()),
        min_answer_seconds=answering.min_answer_seconds,
        desk_phone=case.rulebook.phone.shown_inbound,
        desk_hours=case.rulebook.phone.hours.text,
        requires_signature=answering.requires_signature,
        steps=steps_of(answering),
        can_use_code=method == "face" and case.rulebook.identity.fallback == "sms_code",
        is_elderly=policy.policyholder_age >= sales_rules().elderly_age,
        challenges=list(case.rulebook.identity.challenges) if method == "face" else [],
        has_account=await has_account(tx, loaded.customer_hash),
        notice=entry_notice(callback_id, case),
        blocked=blocked(case, entry, now),
    )


async def require_enterable(tx: Tx, context: Context, callback_id: str, method: Method, entry: str) -> Loaded:
    """The callback, if its customer may prove identity by this method now, after the notice where it comes first; else the
    refusal as a problem."""
    loaded = await store.load(tx, context, callback_id)
    now = context.now()
    case = current(loaded, now)
    stop = blocked(case, entry, now)
    if stop is not None:
        raise Problem(409, stop.code, **stop.model_dump(mode="json", exclude={"code"}, exclude_none=True))
    if refusal := notice_first(case, now):
        raise service.refused(refusal)
    if method not in (method_of(case), case.rulebook.identity.fallback):
        raise Problem(409, "IDENTITY_METHOD_WRONG", method=method_of(case))
    return loaded


def code_subject(context: Context, loaded: Loaded) -> str:
    """What a code stands for: this callback at this phone. A code that went to a former phone proves nothing."""
    return f"{loaded.id}:{context.cipher.search_hash(loaded.case.policy.phone)}"


async def has_account(tx: Tx, customer_hash: str) -> bool:
    """Whether the customer has bound the web entry."""
    query = sa.select(customer_accounts.c.id).where(customer_accounts.c.customer_hash == customer_hash)
    return await tx.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Reference:
    """The picture that faces are compared with: captured before the recording, unchanged since it was sealed."""

    image_id: str
    sha256: str


async def sealed_reference(tx: Tx, policy_no: str) -> Reference | None:
    """The policyholder's face captured for the policy's sealed recording; a picture put there after the seal does not count."""
    query = (
        sa.select(identity_images.c.id, identity_images.c.sha256, case_participants.c.roles)
        .join(case_participants, case_participants.c.id == identity_images.c.participant_id)
        .join(policies, policies.c.case_id == case_participants.c.case_id)
        .join(recordings, recordings.c.id == policies.c.recording_id)
        .where(
            policies.c.policy_no == policy_no,
            identity_images.c.kind == ImageKind.FACE.value,
            identity_images.c.captured_at <= recordings.c.started_at,
        )
        .order_by(identity_images.c.captured_at.desc())
    )
    rows = [row for row in await tx.execute(query) if "policyholder" in row.roles]
    return Reference(rows[0].id, rows[0].sha256) if rows else None


async def reference_picture(context: Context, reference: Reference | None) -> bytes | None:
    """The reference's JPEG; None when there is none or its content is not what was captured."""
    if reference is None:
        return None
    try:
        data = await BlobStore(context).get(blob_key(reference.image_id))
    except BlobMissing:
        return None
    return data if hashlib.sha256(data).hexdigest() == reference.sha256 else None


async def decide_face(
    tx: Tx,
    context: Context,
    callback_id: str,
    verdict: FaceVerdict,
    video: bytes,
    challenge: Challenge,
    device: Device,
    entry: str,
) -> IdentityResult | Problem:
    """Write a judged video into the history. A problem that is returned (not raised) lets the transaction keep what happened."""
    proof: dict[str, Any] = {
        "method": "face",
        "challenge": challenge.kind,
        "asked": challenge.digits or [step.action for step in challenge.steps],
        "heard": verdict.heard,
        "similarity": verdict.similarity,
        "threshold": verdict.threshold,
        "is_live": verdict.is_live,
        "video_sha256": hashlib.sha256(video).hexdigest(),
        "reason": verdict.reason,
    }
    if verdict.is_passed is None:
        loaded = await store.load(tx, context, callback_id)
        await keep_page(tx, context, callback_id, "identity", {**proof, "result": "not_measured"}, device)
        left = tries_left(current(loaded, context.now()), context.now())
        return _result(callback_id, "not_measured", left, reason=verdict.reason)
    return await _decide(tx, context, callback_id, "face", verdict.is_passed, proof, device, entry)


async def decide_code(
    tx: Tx, context: Context, callback_id: str, is_right: bool, device: Device, entry: str
) -> IdentityResult | Problem:
    """Write a code check into the history."""
    phone = (await store.load(tx, context, callback_id)).case.policy.phone
    proof = {"method": "sms_code", "phone_masked": mask_phone(phone), "reason": None}
    return await _decide(tx, context, callback_id, "sms_code", is_right, proof, device, entry)


async def _decide(
    tx: Tx, context: Context, callback_id: str, method: Method, is_passed: bool, proof: dict[str, Any], device: Device, entry: str
) -> IdentityResult | Problem:
    loaded = await store.load(tx, context, callback_id, is_update=True)
    await leave_attempts(tx, context, loaded.customer_hash, "began_again")
    kind = f"{method}_{'passed' if is_passed else 'failed'}"
    done = await service.run(tx, context, callback_id, [Command(kind, {"entry": entry})], ACTOR)
    if done.refusal is not None:
        return service.refused(done.refusal)
    if not is_passed:
        await _count_everywhere(tx, context, done.loaded)
    is_locked = any(event.kind == "identity_locked" for event in done.events)
    result = "passed" if is_passed else "locked" if is_locked else "failed"
    await keep_page(tx, context, callback_id, "identity", {**proof, "result": result}, device)
    left = tries_left(done.case, context.now())
    if not is_passed:
        return _result(callback_id, result, left, reason=proof["reason"])
    ticket, expires_at = await open_visit(tx, context, done.loaded, entry, method, proof)
    return _result(callback_id, "passed", left, ticket=ticket, expires_at=expires_at)


async def _count_everywhere(tx: Tx, context: Context, failed: Loaded) -> None:
    """A failure is the customer's, not the policy's: it counts on all their policies where the rulebook says so (E9)."""
    if failed.case.rulebook.identity.scope != "customer":
        return
    for callback_id in await service.of_customer(tx, failed.customer_hash):
        if callback_id != failed.id:
            await service.run_one(tx, context, callback_id, "identity_failed_elsewhere", ACTOR)


def _result(
    callback_id: str,
    result: Any,
    left: int,
    *,
    reason: str | None = None,
    ticket: str | None = None,
    expires_at: datetime | None = None,
) -> IdentityResult:
    return IdentityResult(
        result=result, reason=reason, tries_left=left, ticket=ticket, expires_at=expires_at, callback_id=callback_id
    )
