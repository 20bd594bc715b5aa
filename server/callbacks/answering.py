"""The customer's way through one callback: notice, questionnaire, confirmation, signature, result; and the list of policies.

Every page that is served is kept as evidence, and every step is a command of the engine.
"""

import math
from itertools import pairwise
from typing import Any

from server.callbacks import service, store
from server.callbacks.customer_schemas import (
    AnsweredView,
    AskedView,
    CallbackSignature,
    CallbackStep,
    ConfirmView,
    NoticeView,
    PolicyHeader,
    QuestionnaireView,
    ResultView,
    SubmitAnswers,
    WaitingPolicies,
    WaitingPolicy,
)
from server.callbacks.identity import blocked, steps_of
from server.callbacks.pages import Device, keep_page
from server.callbacks.recorded import contradictions_of
from server.callbacks.service import Done, calendar, current
from server.callbacks.visits import ACTOR, Visit, leave_attempts, require_own
from server.context import Context
from server.domain.callback.case import CallbackCase, Command, Refusal, State
from server.domain.callback.electronic import seconds_left
from server.domain.callback.facts import PaymentMode
from server.domain.callback.questionnaire import format_yuan
from server.domain.callback.timers import window_ends_at
from server.domain.session_papers import canonical_strokes, strokes_sha256
from storage.db.engine import Tx


def header(case: CallbackCase) -> PolicyHeader:
    """The head of every page."""
    policy = case.policy
    premium = f"{format_yuan(policy.premium_fen)}元"
    is_single = policy.payment_mode is PaymentMode.SINGLE_PAY
    text = f"一次交清 {premium}" if is_single else f"每{policy.payment_frequency} {premium}，共{policy.payment_years}年"
    return PolicyHeader(
        policy_no=policy.policy_no,
        product_name=policy.product_name,
        policyholder_name=policy.policyholder_name,
        insured_name=policy.insured_name,
        premium_text=text,
    )


def _entry_of(case: CallbackCase, visit: Visit) -> str:
    """Through which door a policy of a running visit is entered: the web entry, or in a link's visit its own link's."""
    return "link" if case.sms_sent and visit.entry == "link" else "web"


async def list_policies(tx: Tx, context: Context, visit: Visit) -> WaitingPolicies:
    """The customer's policies that are not done, the running and the open ones first."""
    now = context.now()
    items: list[WaitingPolicy] = []
    insurer = name = ""
    statuses = await store.policy_statuses(tx, visit.customer_hash)
    for callback_id in await service.of_customer(tx, visit.customer_hash):
        loaded = await store.load(tx, context, callback_id)
        case = current(loaded, now)
        insurer, name = case.rulebook.insurer, case.policy.policyholder_name
        if case.is_final:
            continue
        items.append(
            WaitingPolicy(
                callback_id=callback_id,
                policy_no=loaded.policy_no,
                product_name=case.policy.product_name,
                insured_name=case.policy.insured_name,
                issued_on=calendar().local_date(case.policy.issued_at),
                policy_status=statuses[loaded.policy_no],
                state=case.state,
                window_ends_at=window_ends_at(case, calendar()),
                blocked=blocked(case, _entry_of(case, visit), now),
            )
        )
    items.sort(key=lambda item: (item.blocked is not None, item.callback_id != visit.callback_id))
    return WaitingPolicies(policyholder_name=name, insurer=insurer, items=items)


async def begin(tx: Tx, context: Context, visit: Visit, callback_id: str, device: Device) -> NoticeView | Refusal:
    """Open a policy of the visit: its own attempt, or a new one without a new identity check (E16). Serves the notice."""
    loaded = await require_own(tx, context, visit, callback_id)
    await leave_attempts(tx, context, visit.customer_hash, "other_policy", but=callback_id)
    case = current(loaded, context.now())
    if case.state is not State.IN_PROGRESS:
        data = {"entry": _entry_of(case, visit), "has_notice": visit.has_notice}
        data["checked_at"] = context.now().isoformat()  # the visit runs: `require_visit`
        done = await service.run(tx, context, callback_id, [Command("identity_reused", data)], ACTOR)
        if done.refusal is not None:
            return done.refusal
        case = done.case
    view = NoticeView(
        callback_id=callback_id,
        header=header(case),
        notice=case.questionnaire.notice,
        tick=case.questionnaire.tick,
        requires_tick=wants_notice(case),
        steps=steps_of(case.rulebook.answering),
        min_answer_seconds=case.rulebook.answering.min_answer_seconds,
        desk_phone=case.rulebook.phone.shown,
    )
    if view.requires_tick:  # else the phone goes straight on to the questions: no page was shown (S2), or before (S0)
        await keep_page(tx, context, callback_id, "notice", view, device)
    return view


def wants_notice(case: CallbackCase) -> bool:
    """Whether the notice is still to be ticked in the running attempt."""
    return case.rulebook.answering.requires_notice and (case.attempt is None or case.attempt.notice_at is None)


async def show_questions(tx: Tx, context: Context, visit: Visit, callback_id: str, device: Device) -> QuestionnaireView | Refusal:
    """Serve the questions; the first time starts the clock (E11)."""
    await require_own(tx, context, visit, callback_id)
    done = await service.run(tx, context, callback_id, [Command("questionnaire_rendered")], ACTOR)
    if done.refusal is not None:
        return done.refusal
    case, rules = done.case, done.case.rulebook.answering
    view = QuestionnaireView(
        callback_id=callback_id,
        header=header(case),
        title=case.questionnaire.title,
        questions=[AskedView(id=q.id, text=q.text) for q in case.questionnaire.asked],
        min_answer_seconds=rules.min_answer_seconds,
        seconds_left=seconds_left(case, context.now()),
        has_remark=rules.has_remark,
        remark_max=rules.remark_max,
        can_abort=rules.can_abort,
    )
    await keep_page(tx, context, callback_id, "questionnaire", view, device)
    return view


async def submit(
    tx: Tx, context: Context, visit: Visit, callback_id: str, body: SubmitAnswers, device: Device
) -> CallbackStep | Refusal:
    """Take all answers; what follows is the confirmation page, or the result where the rulebook has no such page."""
    loaded = await require_own(tx, context, visit, callback_id)
    data: dict[str, Any] = {"answers": dict(body.answers), "remark": body.remark}
    rules = loaded.case.rulebook.answering
    if not (rules.has_confirm_page or rules.requires_signature):
        data["contradictions"] = await contradictions_of(tx, context, loaded, body.answers)
    done = await service.run(tx, context, callback_id, [Command("answered", data)], ACTOR)
    if done.refusal is not None:
        return done.refusal
    if done.case.state is State.IN_PROGRESS:
        return CallbackStep(confirm=await _confirm_page(tx, context, done, device), result=None)
    return CallbackStep(confirm=None, result=await _result_page(tx, context, visit, done, device))


async def reopen(tx: Tx, context: Context, visit: Visit, callback_id: str, device: Device) -> QuestionnaireView | Refusal:
    """返回修改: back to the questions; a signature that was given is dropped."""
    await require_own(tx, context, visit, callback_id)
    done = await service.run(tx, context, callback_id, [Command("edit")], ACTOR)
    return done.refusal or await show_questions(tx, context, visit, callback_id, device)


async def sign(
    tx: Tx, context: Context, visit: Visit, callback_id: str, body: CallbackSignature, device: Device
) -> str | Refusal:
    """Keep the signature's strokes; the history keeps their hash."""
    loaded = await require_own(tx, context, visit, callback_id)
    strokes = [[point.model_dump() for point in stroke] for stroke in body.strokes]
    if not _is_a_signature(strokes, loaded.case):
        return Refusal("SIGNATURE_EMPTY", loaded.case.rule("E13"))
    digest = strokes_sha256(strokes)
    done = await service.run(tx, context, callback_id, [Command("signed", {"sha256": digest})], ACTOR)
    if done.refusal is not None:
        return done.refusal
    content = {"strokes": canonical_strokes(strokes).decode(), "strokes_sha256": digest}
    await keep_page(tx, context, callback_id, "signature", content, device)
    return digest


async def confirm(tx: Tx, context: Context, visit: Visit, callback_id: str, device: Device) -> ResultView | Refusal:
    """The customer confirms everything; contradictions with the recording make a problem case."""
    loaded = await require_own(tx, context, visit, callback_id)
    attempt = loaded.case.attempt
    given = attempt.answers if attempt and attempt.answers else {}
    data = {"contradictions": await contradictions_of(tx, context, loaded, given)}
    done = await service.run(tx, context, callback_id, [Command("confirmed", data)], ACTOR)
    return done.refusal or await _result_page(tx, context, visit, done, device)


async def abort(tx: Tx, context: Context, visit: Visit, callback_id: str, device: Device) -> ResultView | Refusal:
    """中止回访."""
    await require_own(tx, context, visit, callback_id)
    done = await service.run(tx, context, callback_id, [Command("aborted")], ACTOR)
    return done.refusal or await _result_page(tx, context, visit, done, device)


async def _confirm_page(tx: Tx, context: Context, done: Done, device: Device) -> ConfirmView:
    case = done.case
    attempt, rules = case.attempt, case.rulebook.answering
    given: dict[str, Any] = dict(attempt.answers or {}) if attempt else {}
    view = ConfirmView(
        callback_id=done.loaded.id,
        header=header(case),
        answers=[AnsweredView(id=q.id, text=q.text, answer=given[q.id]) for q in case.questionnaire.asked],
        remark=attempt.remark if attempt else "",
        requires_signature=rules.requires_signature,
        is_signed=attempt is not None and attempt.signature_sha256 is not None,
        can_edit=rules.can_edit,
    )
    await keep_page(tx, context, done.loaded.id, "confirm", view, device)
    return view


_OUTCOME = {"succeeded": "success", "problem_found": "phone", "aborted": "aborted", "left": "open"}
"""What the last event of a visit means to the customer."""


async def _result_page(tx: Tx, context: Context, visit: Visit, done: Done, device: Device) -> ResultView:
    case = done.case
    outcome: Any = _OUTCOME[done.events[-1].kind]
    following = [
        item
        for item in (await list_policies(tx, context, visit)).items
        if item.blocked is None and item.callback_id != done.loaded.id
    ]
    view = ResultView(
        callback_id=done.loaded.id,
        state=case.state,
        outcome=outcome,
        thanks=case.questionnaire.thanks if outcome == "success" else "",
        policy_no=case.policy.policy_no,
        desk_phone=case.rulebook.phone.shown,
        desk_hours=case.rulebook.phone.hours.text,
        next=following,
    )
    await keep_page(tx, context, done.loaded.id, "result", view, device)
    return view


def _is_a_signature(strokes: list[list[dict[str, Any]]], case: CallbackCase) -> bool:
    rules = case.rulebook.answering
    points = sum(len(stroke) for stroke in strokes)
    length = sum(math.hypot(b["x"] - a["x"], b["y"] - a["y"]) for stroke in strokes for a, b in pairwise(stroke))
    return points >= rules.signature_min_points and length * 100 >= rules.signature_min_length_percent
