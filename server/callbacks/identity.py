"""Who is at the phone: a face compared with the one captured before the recording, or a code to the policy's phone (E8, E9).

What cannot be measured is no failure and never a pass.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from media.rpc import RpcError
from server.callbacks import service, store
from server.callbacks.customer_schemas import Blocked, CallbackEntry, IdentityResult, Method
from server.callbacks.pages import Device, keep_page
from server.callbacks.service import calendar, current
from server.callbacks.store import Loaded
from server.callbacks.tables import policies
from server.callbacks.visits import ACTOR, leave_attempts, open_visit
from server.cases.tables import case_participants
from server.context import Context
from server.domain.callback.case import CallbackCase, Command
from server.domain.callback.electronic import may_enter
from server.domain.callback.timers import window_ends_at
from server.domain.masking import mask_name, mask_number, mask_phone
from server.domain.rulebook import STANDARD
from server.http.problem import Problem
from server.identity.checks import VisionCalls
from server.identity.pictures import Picture
from server.identity.schemas import ImageKind
from server.identity.service import load_image
from storage.db.engine import Tx

PURPOSE = "callback_identity"
TIMEOUT_S = 8.0


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """What the comparison brought. `is_same` None: not measured, for `reason`."""

    is_same: bool | None
    reason: str | None
    similarity: float | None = None
    threshold: float | None = None


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
    phone = case.rulebook.phone.inbound_number or case.rulebook.phone.number
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


def desk_hours(case: CallbackCase) -> str:
    """Desk hours, as people read them."""
    hours = case.rulebook.phone.hours
    days = "工作日 " if hours.workdays_only else "每天 "
    return f"{days}{hours.opens:%H:%M}–{hours.closes:%H:%M}"


async def show_entry(tx: Tx, context: Context, callback_id: str) -> CallbackEntry:
    """What a link opens on; nothing in it names the customer in full."""
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
        can_measure=method != "face" or await reference_owner(tx, loaded.policy_no) is not None,
        tries_left=tries_left(case, now),
        window_ends_at=window_ends_at(case, calendar()),
        min_answer_seconds=answering.min_answer_seconds,
        desk_phone=case.rulebook.phone.inbound_number or case.rulebook.phone.number,
        desk_hours=desk_hours(case),
        requires_signature=answering.requires_signature,
        is_elderly=policy.policyholder_age >= STANDARD.elderly_age,
        blocked=blocked(case, "link", now),
    )


async def require_enterable(tx: Tx, context: Context, callback_id: str, method: Method) -> Loaded:
    """The callback, if its customer may prove identity by this method now; else the refusal as a problem."""
    loaded = await store.load(tx, context, callback_id)
    now = context.now()
    case = current(loaded, now)
    stop = blocked(case, "link", now)
    if stop is not None:
        raise Problem(409, stop.code, **stop.model_dump(mode="json", exclude={"code"}, exclude_none=True))
    if method not in (method_of(case), case.rulebook.identity.fallback):
        raise Problem(409, "IDENTITY_METHOD_WRONG", method=method_of(case))
    return loaded


async def reference_owner(tx: Tx, policy_no: str) -> str | None:
    """The participant whose face was captured before the recording: the policyholder of the policy's case."""
    query = (
        sa.select(case_participants.c.id, case_participants.c.roles)
        .join(policies, policies.c.case_id == case_participants.c.case_id)
        .where(policies.c.policy_no == policy_no)
    )
    return next((str(row.id) for row in await tx.execute(query) if "policyholder" in row.roles), None)


async def compare(context: Context, vision: VisionCalls, participant_id: str | None, picture: Picture) -> FaceVerdict:
    """Compare a picture with the reference, outside any transaction."""
    reference = await load_image(context, participant_id, ImageKind.FACE) if participant_id else None
    if reference is None:
        return FaceVerdict(None, "FACE_REFERENCE_MISSING")
    params = {"a": base64.b64encode(reference).decode(), "b": base64.b64encode(picture.data).decode()}
    try:
        answer = await vision.call("face.compare", params, timeout=TIMEOUT_S)
    except RpcError as error:
        return FaceVerdict(None, {"UNAVAILABLE": "VISION_UNAVAILABLE"}.get(error.code, error.code))
    similarity, threshold = answer.get("similarity"), answer.get("threshold")
    if answer.get("is_same") is None:
        return FaceVerdict(None, "FACE_UNCERTAIN", similarity, threshold)
    return FaceVerdict(bool(answer["is_same"]), None, similarity, threshold)


async def decide_face(
    tx: Tx, context: Context, callback_id: str, verdict: FaceVerdict, picture: Picture, device: Device
) -> IdentityResult | Problem:
    """Write a comparison into the history. A problem that is returned (not raised) lets the transaction keep what happened."""
    proof: dict[str, Any] = {
        "method": "face",
        "similarity": verdict.similarity,
        "threshold": verdict.threshold,
        "picture_sha256": picture.sha256,
        "reason": verdict.reason,
    }
    if verdict.is_same is None:
        loaded = await store.load(tx, context, callback_id)
        await keep_page(tx, context, callback_id, "identity", {**proof, "result": "not_measured"}, device)
        left = tries_left(current(loaded, context.now()), context.now())
        return _result(callback_id, "not_measured", left, reason=verdict.reason)
    return await _decide(tx, context, callback_id, "face", verdict.is_same, proof, device)


async def decide_code(tx: Tx, context: Context, callback_id: str, is_right: bool, device: Device) -> IdentityResult | Problem:
    """Write a code check into the history."""
    return await _decide(tx, context, callback_id, "sms_code", is_right, {"method": "sms_code"}, device)


async def _decide(
    tx: Tx, context: Context, callback_id: str, method: Method, is_passed: bool, proof: dict[str, Any], device: Device
) -> IdentityResult | Problem:
    loaded = await store.load(tx, context, callback_id, is_update=True)
    await leave_attempts(tx, context, loaded.customer_hash, "began_again")
    kind = f"{method}_{'passed' if is_passed else 'failed'}"
    done = await service.run(tx, context, callback_id, [Command(kind, {"entry": "link"})], ACTOR)
    if done.refusal is not None:
        return service.refused(done.refusal)
    if not is_passed:
        await _count_everywhere(tx, context, done.loaded, kind)
    is_locked = any(event.kind == "identity_locked" for event in done.events)
    result = "passed" if is_passed else "locked" if is_locked else "failed"
    await keep_page(tx, context, callback_id, "identity", {**proof, "result": result}, device)
    left = tries_left(done.case, context.now())
    if not is_passed:
        return _result(callback_id, result, left)
    ticket, expires_at = await open_visit(tx, context, done.loaded, "link", method, proof)
    return _result(callback_id, "passed", left, ticket=ticket, expires_at=expires_at)


async def _count_everywhere(tx: Tx, context: Context, failed: Loaded, kind: str) -> None:
    """A failure is the customer's, not the policy's: it counts on every policy that could be entered the same way (E9)."""
    for callback_id in await service.of_customer(tx, failed.customer_hash):
        if callback_id != failed.id:
            other = await store.load(tx, context, callback_id)
            entry = "link" if other.case.sms_sent else "web"
            await service.run(tx, context, callback_id, [Command(kind, {"entry": entry})], ACTOR)


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
