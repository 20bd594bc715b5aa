"""Creating sessions, their codes and messages, lists. Takes `tx`, never commits."""

from typing import Any

from server.audits.service import record
from server.cases.facts import CaseFacts, load_case_facts
from server.cases.service import transition
from server.cases.views import CAPTURE_STATES
from server.context import Context
from server.domain.case import CaseEvent
from server.domain.masking import mask_phone
from server.domain.session import Event, SessionState
from server.domain.session_setup import SessionRules, Setup
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict
from server.outbox.service import enqueue
from server.recordings import service as recordings
from server.sessions import codes, repository
from server.sessions.join_schemas import JoinCodeView, SessionSummary
from server.sessions.repository import SessionEvent, events_of, load_state, signatures_of
from server.sessions.schemas import JoinCodeInView
from server.sessions.setup import STANDARD_SCRIPT, Script, build_setup
from server.talkscripts.service import current as current_script
from storage.db.engine import Tx

__all__ = ["SessionEvent", "create", "events_of", "load_state", "reissue_code", "signatures_of", "summaries"]


async def create(
    tx: Tx, context: Context, who: Principal, case_id: str, rules: SessionRules, supplements_recording_id: str | None
) -> tuple[Setup, JoinCodeView]:
    """Create a session for a case whose identity capture is complete (T3), with its code and the SMS to every customer (T5).

    Raises 409 `IDENTITY_INCOMPLETE`, `CASE_STATE_WRONG`, `DOCUMENT_MISSING`, `SESSION_ACTIVE`, `TALK_SCRIPT_FIELD_MISSING`.
    """
    facts = await load_case_facts(tx, context, case_id)
    active = await repository.active_of_case(tx, case_id)
    if active is not None:
        raise conflict("SESSION_ACTIVE", session_id=active)
    _require_recordable(facts)
    if facts.is_supplementary and supplements_recording_id is None:
        rejected = await recordings.completed_of_case(tx, case_id)
        supplements_recording_id = rejected["id"] if rejected else None
    if supplements_recording_id is not None:
        parent = await recordings.get(tx, supplements_recording_id)
        if parent["case_id"] != case_id:
            raise conflict("RECORDING_OF_OTHER_CASE")
    now = context.now()
    script = Script.of(await current_script(tx, STANDARD_SCRIPT, now))
    setup = build_setup(facts, script, rules, supplements_recording_id)
    await repository.insert_session(tx, context, setup, now)
    code = await codes.issue(tx, context, setup.session_id, rules)
    created = {
        "case_id": case_id,
        "talk_script": {"key": script.key, "version": script.version, "sha256": script.sha256},
        "rulebook_version": rules.version,
        "nodes": [node.node_id for node in setup.nodes],
        "supplements_recording_id": supplements_recording_id,
    }
    events = [
        Event("session_created", now, created, "agent", seq=1),
        Event("code_issued", now, {"expires_at": code.expires_at.isoformat()}, "agent", seq=2),
    ]
    await repository.append(tx, context, setup.session_id, events)
    await transition(tx, case_id, CaseEvent.SESSION_STARTED, who, at=now)
    sent = await _invite(tx, context, facts, setup.session_id, code)
    await record(tx, context, actor=who, action="session.created", subject=setup.session_id, data={"case_id": case_id})
    return setup, _code_view(context, code, sent, rules)


async def reissue_code(tx: Tx, context: Context, who: Principal, state: SessionState) -> JoinCodeView:
    """A new code and the SMS again. Raises 429 `RESEND_TOO_SOON`, 410 `SESSION_OVER`."""
    setup, rules = state.setup, state.setup.rules
    if state.is_over:
        raise Problem(410, "SESSION_OVER", phase=state.phase)
    last = await codes.current(tx, context, setup.session_id, rules)
    if last is not None:
        wait = rules.code_resend_after_s - (context.now() - last[1]).total_seconds()
        if wait > 0:
            raise Problem(429, "RESEND_TOO_SOON", retryable=True, retry_after_s=int(wait) + 1)
    facts = await load_case_facts(tx, context, setup.case_id)
    code = await codes.issue(tx, context, setup.session_id, rules)
    sent = await _invite(tx, context, facts, setup.session_id, code)
    await record(tx, context, actor=who, action="session.code_issued", subject=setup.session_id, data={})
    return _code_view(context, code, sent, rules)


async def summaries(tx: Tx, context: Context, case_id: str) -> list[SessionSummary]:
    """Sessions of a case, newest first (T23)."""
    found = []
    for row in await repository.rows_of_case(tx, case_id):
        state = await load_state(tx, context, row["id"])
        if state is None:
            continue
        found.append(
            SessionSummary(
                session_id=row["id"],
                case_id=case_id,
                phase=_phase(state),
                created_at=row["created_at"],
                started_at=row["started_at"],
                ended_at=row["ended_at"],
                recording_id=row["recording_id"],
                supplements_recording_id=row["supplements_recording_id"],
                talk_script=f"{row['script_key']}@{row['script_version']}",
                people=[p.name for p in state.setup.required()],
            )
        )
    return found


def join_link(context: Context, code: str) -> str:
    """The link in the SMS."""
    return f"{context.settings.public_url.rstrip('/')}/m/join?code={code}"


def _phase(state: SessionState) -> Any:
    return state.phase


def _require_recordable(facts: CaseFacts) -> None:
    # A case whose pictures are missing is in a state of its own; its agent is told whose and which, not the state's name.
    if "CASE_STATE" in facts.blocked_by and facts.state not in CAPTURE_STATES:
        raise conflict("CASE_STATE_WRONG", state=facts.state.value)
    if "IDENTITY_INCOMPLETE" in facts.blocked_by:
        missing = [
            {"person_id": p.id, "name": p.name, "roles": sorted(p.roles), "items": list(p.missing_images)}
            for p in facts.participants
            if p.missing_images
        ]
        raise conflict("IDENTITY_INCOMPLETE", missing=missing)
    if "DOCUMENT_MISSING" in facts.blocked_by:
        raise conflict("DOCUMENT_MISSING", kinds=list(facts.missing_documents))
    if facts.blocked_by:
        raise conflict("CASE_STATE_WRONG", state=facts.state.value)


async def _invite(tx: Tx, context: Context, facts: CaseFacts, session_id: str, code: JoinCodeInView) -> list[str]:
    """An SMS to every customer who attends; people who share a phone get one."""
    minutes = str(max(1, round((code.expires_at - context.now()).total_seconds() / 60)))
    sent: list[str] = []
    for phone in dict.fromkeys(p.phone for p in facts.attending if p.phone):
        params = {"code": code.code, "link": join_link(context, code.code), "agent_name": facts.agent.name, "minutes": minutes}
        key = f"session:{session_id}:{context.cipher.search_hash(code.code)[:12]}:{context.cipher.search_hash(phone)[:12]}"
        await enqueue(tx, context, phone, "session_invitation", params, key)
        sent.append(mask_phone(phone))
    return sent


def _code_view(context: Context, code: JoinCodeInView, sent: list[str], rules: SessionRules) -> JoinCodeView:
    return JoinCodeView(
        code=code.code,
        expires_at=code.expires_at,
        link=join_link(context, code.code),
        sms_sent_to=sent,
        resend_after_s=rules.code_resend_after_s,
    )
