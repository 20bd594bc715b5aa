"""Builds the personalised view from the state: names masked for others, actions with reasons. Reads only, decides nothing itself:
what is allowed is found by asking `decide`.
"""

from datetime import datetime
from typing import Any

from server.domain import ledger as papers
from server.domain import session_checks as checks
from server.domain.session import Actor, Command, Refusal, SessionState, decide
from server.domain.session_engines import FOR_THEMSELVES
from server.domain.session_papers import may_handle_papers
from server.domain.session_setup import Person, mask_name
from server.domain.session_state import AGENT, CUSTOMER, AnswerRun, NodeRun, Seat
from server.domain.session_state import Reason as RuleReason
from server.domain.talkscript import FrozenNode
from server.sessions import schemas as wire
from server.sessions.instruction import instruction

_PLAIN_ACTIONS = {
    AGENT: ("enter_room", "leave_room", "start_recording", "prompt_read_aloud", "end_recording"),
    CUSTOMER: ("enter_room", "leave_room"),
}
_NODE_ACTIONS = ("advance", "replay_prompt")


def build_view(
    state: SessionState, seat_id: str, now: datetime, join_code: wire.JoinCodeInView | None, quality: dict[str, float]
) -> wire.SessionView:
    """The whole view of one seat at the state's `seq`."""
    return _Builder(state, seat_id, now, quality).view(join_code)


class _Builder:
    def __init__(self, state: SessionState, seat_id: str, now: datetime, quality: dict[str, float]) -> None:
        self.state, self.now, self.quality = state, now, quality
        self.seat = state.seats[seat_id]
        self.is_agent = self.seat.kind == AGENT
        self.mine = state.people_on(seat_id)
        self.rules = state.setup.rules

    def view(self, join_code: wire.JoinCodeInView | None) -> wire.SessionView:
        state, setup = self.state, self.state.setup
        policyholder = next((p for p in setup.people if "policyholder" in p.roles), None)
        reason = RuleReason(state.outcome_reason or "", {}) if state.outcome_reason else None
        return wire.SessionView(
            session_id=setup.session_id,
            seq=state.seq,
            server_time=self.now,
            phase=_lit(state.phase),
            outcome_reason=_reason(reason) if reason else None,
            case=wire.CaseInView(
                case_id=setup.case_id,
                proposal_no=setup.proposal_no,
                product_name=setup.product_name,
                product_kind=setup.product_type,
                insurer_name=setup.insurer_name,
                policyholder_name=self.name(policyholder) if policyholder else "",
            ),
            recording=wire.RecordingInView(
                state=_lit(state.recording.state),
                recording_id=state.recording.recording_id,
                started_at=state.recording.started_at,
                ended_at=state.recording.ended_at,
                duration_ms=state.recording.duration_ms,
                problem=wire.Reason(code=state.recording.problem) if state.recording.problem else None,
            ),
            soft_timer=wire.SoftTimer(limit_s=self.rules.soft_timer_s, is_over=state.is_soft_timer_passed),
            me=self.me(),
            people=[self.person(seat) for seat in self._ordered_seats()],
            nodes=[self.node_line(spec) for spec in setup.nodes],
            node=self.node(),
            share=self.share(),
            documents=self.documents(),
            ledger=[self.ledger_line(duty) for duty in checks.all_duties(state, None if self.is_agent else self.mine)],
            missing=self.missing(),
            allowed_actions=self.actions(),
            join_code=self.join_code(join_code),
            engines=wire.EngineInView(**{key: state.engines.get(key, False) for key in ("media", "speech", "vision")}),
            answer_limits={"attempts_max": self.rules.attempts_max, "reason_min": self.rules.override_reason_min},
        )

    def join_code(self, code: wire.JoinCodeInView | None) -> wire.JoinCodeInView | None:
        until = self.state.join_blocked_until
        if code is None or not self.is_agent or until is None or until <= self.now:
            return code if self.is_agent else None
        return code.model_copy(update={"blocked_until": until})

    def name(self, person: Person) -> str:
        """Full for the agent and for oneself, masked for the others."""
        return person.name if self.is_agent or person.person_id in self.mine else mask_name(person.name)

    def seat_name(self, seat: Seat) -> str:
        setup = self.state.setup
        if seat.kind == AGENT:
            return setup.agent.name
        people = [p for pid in self.state.people_on(seat.seat_id) if (p := setup.person(pid))]
        people = people or [p for p in setup.people if p.seat_id == seat.seat_id]
        return "、".join(self.name(p) for p in people)

    def roles_of(self, seat: Seat) -> list[Any]:
        if seat.kind == AGENT:
            return ["agent"]
        claimed = list(dict.fromkeys(role.partition(":")[0] for role in seat.role_ids))
        if claimed:
            return claimed
        return list(dict.fromkeys(r for p in self.state.setup.people if p.seat_id == seat.seat_id for r in p.roles))

    def has_care(self, seat: Seat) -> bool:
        people = [p for pid in self.state.people_on(seat.seat_id) if (p := self.state.setup.person(pid))]
        return any(self.state.setup.has_care(p) for p in people)

    def me(self) -> wire.MeInView:
        state, seat = self.state, self.seat
        code, params = instruction(state, seat, self.now)
        return wire.MeInView(
            seat_id=seat.seat_id,
            kind=_lit(seat.kind),
            name=self.seat_name(seat),
            roles=self.roles_of(seat),
            person_ids=list(self.mine),
            care_mode=self.has_care(seat),
            is_media_allowed=checks.may_join_media(state, seat) is None,
            missing_consents=_lit(list(checks.missing_consents(state, seat))),
            instruction=wire.Reason(code=code, params=self.masked(params)),
        )

    def _ordered_seats(self) -> list[Seat]:
        """The agent first, then customers; a chair whose roles another one took over is not shown."""
        taken_over = {
            p.seat_id
            for p in self.state.setup.required()
            if (holder := self.state.seat_of(p.person_id)) is not None and holder.seat_id != p.seat_id
        }
        return [s for s in self.state.seats.values() if s.role_ids or s.seat_id not in taken_over]

    def person(self, seat: Seat) -> wire.PersonInView:
        setup = self.state.setup
        people = [p for pid in self.state.people_on(seat.seat_id) if (p := setup.person(pid))]
        people = people or [p for p in setup.people if p.seat_id == seat.seat_id]
        is_own = seat.seat_id == self.seat.seat_id
        shown = {code: at for code, at in seat.alerts.items() if self.is_agent or (is_own and code in FOR_THEMSELVES)}
        alerts = [wire.Alert(code=code, since_ms=since) for code, since in shown.items()]
        return wire.PersonInView(
            seat_id=seat.seat_id,
            kind=_lit(seat.kind),
            name=self.seat_name(seat),
            roles=self.roles_of(seat),
            parties=[
                wire.PartyInView(person_id=p.person_id, name=self.name(p), roles=_lit(list(p.roles)), is_required=p.attends)
                for p in people
            ],
            presence=_lit(seat.presence),
            since=seat.since,
            location=_lit(seat.location),
            has_consented=not checks.missing_consents(self.state, seat),
            care_mode=any(setup.has_care(p) for p in people),
            media=wire.MediaInView(
                is_connected=seat.is_connected,
                tracks=_lit(sorted(seat.tracks)),
                lapses=_lit(sorted(seat.lapses)),
                quality=self.quality.get(seat.seat_id),
            ),
            alerts=alerts,
            is_sharing=self.state.share is not None and self.state.share.seat_id == seat.seat_id,
            is_me=seat.seat_id == self.seat.seat_id,
        )

    def node_line(self, spec: FrozenNode) -> wire.NodeInList:
        done = self.state.nodes_done.get(spec.node_id)
        is_current = self.state.node is not None and self.state.node.node_id == spec.node_id and done is None
        return wire.NodeInList(
            node_id=spec.node_id,
            number=spec.number,
            kind=_lit(spec.kind),
            title=spec.title,
            status="done" if done else "current" if is_current else "pending",
            has_override=bool(done and done.has_override),
            is_not_measured=bool(done and done.is_not_measured),
            is_locked=spec.is_locked,
        )

    def node(self) -> wire.CurrentNode | None:
        state, node, spec = self.state, self.state.node, self.state.spec()
        if node is None or spec is None or state.is_over:
            return None
        prompt = node.prompt
        people = checks.duty_people(state) if spec.lexicon is not None else ()
        visible = [p for p in people if self.is_agent or p.person_id in self.mine]
        duties = [d for d in checks.paper_duties(state) if self.is_agent or d.person.person_id in self.mine]
        return wire.CurrentNode(
            node_id=spec.node_id,
            number=spec.number,
            kind=_lit(spec.kind),
            title=spec.title,
            text=spec.prompt_text or spec.agent_text,
            agent_text=spec.agent_text or None if self.is_agent else None,
            is_locked=spec.is_locked,
            is_last=node.index == len(state.setup.nodes) - 1,
            entered_at=node.entered_at,
            min_ms=spec.min_ms,
            audience=_lit(list(spec.audience)),
            must_repeat=sorted(node.must_repeat),
            prompt=wire.PromptInView(
                prompt_id=prompt.prompt_id,
                state=_lit(prompt.state),
                plays=prompt.plays,
                started_t_ms=prompt.started_t_ms,
                duration_ms=prompt.duration_ms,
                is_synthetic=prompt.is_synthetic,
                caption=wire.Caption(text=spec.prompt_text, marks=list(prompt.marks)) if spec.prompt_text else None,
                problem=wire.Reason(code=prompt.problem) if prompt.problem else None,
            ),
            answers=[self.answer(node, spec, p) for p in visible],
            documents=[self.ledger_line(d) for d in duties],
            id_checks=self.id_checks(node),
            notes=[wire.NoteInView(at_ms=at, text=text) for at, text in node.notes] if self.is_agent else [],
        )

    def answer(self, node: NodeRun, spec: FrozenNode, person: Person) -> wire.AnswerCard:
        run = node.answers.get(person.person_id, AnswerRun(person.person_id))
        seat = self.state.seat_of(person.person_id)
        if run.override_verdict:
            shown = "overridden"
        elif run.window_id is not None:
            shown = "listening" if run.is_listening else "waiting"
        else:
            shown = run.verdict or "waiting"
        return wire.AnswerCard(
            person_id=person.person_id,
            seat_id=seat.seat_id if seat else None,
            name=self.name(person),
            roles=_lit(list(person.roles)),
            state=_lit(shown),
            is_satisfied=checks.is_satisfied(spec, run),
            attempt=run.attempts,
            attempts_max=self.rules.attempts_max,
            text=run.text or None,
            phrase=run.phrase or None,
            confidence=run.confidence,
            window_closes_at=run.closes_at,
            override_reason=run.override_reason if self.is_agent else None,
            can_override=self.is_agent and checks.may_decide(self.state, person),
            reasons=list(run.reasons) if self.is_agent else [],
        )

    def ledger_line(self, duty: checks.PaperDuty) -> wire.LedgerLine:
        entry = self.state.ledger.entry(duty.person.person_id, duty.document.document_id)
        lacking = papers.missing(entry, duty.document, duty.needs, self.rules)
        unread = papers.missing_reading(entry, duty.document, duty.needs == "sign", self.rules)
        wants_number = duty.needs == "sign" and duty.document.number_area is not None
        return wire.LedgerLine(
            person_id=duty.person.person_id,
            name=self.name(duty.person),
            document_id=duty.document.document_id,
            document_name=duty.document.name,
            needs=_lit(duty.needs),
            page_count=duty.document.page_count,
            is_opened=entry.opened_at is not None,
            pages_seen=list(papers.pages_seen(entry, self.rules)),
            pages_at_bottom=list(papers.pages_at_bottom(entry, self.rules)),
            is_title_enlarged=entry.title_ms >= self.rules.enlarged_min_ms,
            is_number_enlarged=entry.number_ms >= self.rules.enlarged_min_ms if wants_number else None,
            dwell_ms=entry.dwell_ms,
            min_dwell_ms=papers.min_dwell_ms(duty.document, self.rules),
            is_read=not unread,
            is_signed=entry.signature_sha256 is not None,
            signature_sha256=entry.signature_sha256 if self.is_agent else None,
            is_on_site_confirmed=entry.is_on_site,
            is_complete=not lacking,
            missing=[code for code, _ in lacking],
        )

    def id_checks(self, node: NodeRun) -> list[wire.IdCheck]:
        agent = self.state.setup.agent
        checks_here = []
        for person_id, person in checks.id_duties(self.state):
            checks_here.append(
                wire.IdCheck(
                    person_id=person_id,
                    name=self.name(person) if person else agent.name,
                    roles=_lit(list(person.roles) if person else ["agent"]),
                    confirmed_by="agent" if person else "policyholder",
                    is_confirmed=person_id in node.ids,
                    method=_lit(node.ids.get(person_id)),
                )
            )
        return checks_here

    def share(self) -> wire.ShareInView | None:
        share = self.state.share
        if share is None:
            return None
        return wire.ShareInView(
            share_id=share.share_id,
            seat_id=share.seat_id,
            name=self.seat_name(self.state.seats[share.seat_id]),
            mode=_lit(share.mode),
            started_at=share.started_at,
            document_id=share.document_id,
            page=share.page,
            is_mine=share.seat_id == self.seat.seat_id,
            is_silent=share.silent_since is not None,
        )

    def documents(self) -> list[wire.DocumentInView]:
        duties = {d.document.document_id: d for d in checks.all_duties(self.state, None if self.is_agent else self.mine)}
        found = []
        for document in self.state.setup.documents:
            if not self.is_agent and document.document_id not in duties:
                continue
            duty = duties.get(document.document_id)
            found.append(
                wire.DocumentInView(
                    document_id=document.document_id,
                    name=document.name,
                    kind=document.kind,
                    page_count=document.page_count,
                    sha256=document.sha256,
                    needs=_lit(duty.needs if duty else "read"),
                    url=f"/api/v1/documents/{document.document_id}/content",
                )
            )
        return found

    def missing(self) -> list[wire.Reason]:
        if not self.is_agent:
            return []
        if self.state.phase == "lobby":
            return [_reason(r) for r in checks.start_missing(self.state)]
        return [_reason(r) for r in checks.node_missing(self.state, self.now)] if self.state.phase == "recording" else []

    def actions(self) -> list[wire.AllowedAction]:
        state, kind = self.state, self.seat.kind
        if state.is_over:
            return []
        actor = Actor(kind, self.seat.seat_id)
        found: list[wire.AllowedAction] = []
        recording = state.phase == "recording"
        node_id = state.node.node_id if state.node else ""
        for name in _PLAIN_ACTIONS[kind]:
            if name == "enter_room" and self.seat.has_entered:
                continue
            if name == "leave_room" and not self.seat.has_entered:
                continue
            if (name == "start_recording") == recording and name in ("start_recording", "end_recording", "prompt_read_aloud"):
                continue
            found.append(self._probe(Command(name, actor)))
        if self.is_agent and recording:
            found += [self._probe(Command(name, actor, {"node_id": node_id})) for name in _NODE_ACTIONS]
            found.append(wire.AllowedAction(action="add_note", enabled=True))
            found.append(self._override())
            found.append(wire.AllowedAction(action="confirm_on_site", enabled=any(True for _ in self._on_site_people())))
        if self.is_agent:
            found.append(wire.AllowedAction(action="set_location", enabled=True))
            found.append(wire.AllowedAction(action="abort_session", enabled=True))
            if not recording:
                found.append(wire.AllowedAction(action="release_seat", enabled=state.recording.state != "starting"))
        if recording:
            found += self._id_action(actor, node_id)
            if state.share is not None and state.share.seat_id == self.seat.seat_id:
                found.append(wire.AllowedAction(action="stop_share", enabled=True))
            else:
                found.append(self._probe(Command("start_share", actor, {"mode": "reader"})))
            if not self.is_agent and may_handle_papers(state, actor):
                found.append(wire.AllowedAction(action="document.open", enabled=True))
        found.append(self._probe(Command("decline", actor)))
        return found

    def _on_site_people(self) -> list[Person]:
        return [
            d.person
            for d in checks.paper_duties(self.state)
            if (s := self.state.seat_of(d.person.person_id)) is not None and s.location == "with_agent"
        ]

    def _override(self) -> wire.AllowedAction:
        can = any(checks.may_decide(self.state, person) for person in checks.duty_people(self.state))
        return wire.AllowedAction(action="override_answer", enabled=can)

    def _id_action(self, actor: Actor, node_id: str) -> list[wire.AllowedAction]:
        node = self.state.node
        if node is None:
            return []
        open_ids = [pid for pid, _ in checks.id_duties(self.state) if pid not in node.ids]
        for person_id in open_ids:
            params = {"node_id": node_id, "person_id": person_id, "method": "camera"}
            decision = decide(self.state, Command("confirm_id", actor, params), self.now)
            if not isinstance(decision, Refusal):
                return [wire.AllowedAction(action="confirm_id", enabled=True)]
        return []

    def _probe(self, command: Command) -> wire.AllowedAction:
        decision = decide(self.state, command, self.now)
        if not isinstance(decision, Refusal):
            return wire.AllowedAction(action=command.name, enabled=True)
        missing = decision.params.get("missing")
        if isinstance(missing, list) and missing and isinstance(missing[0], dict):
            reasons = [wire.Reason(code=m["code"], params=self.masked(m["params"])) for m in missing]
        else:
            reasons = [wire.Reason(code=decision.code, params=self.masked(dict(decision.params)))]
        return wire.AllowedAction(action=command.name, enabled=False, reasons=reasons)

    def masked(self, params: dict[str, Any]) -> dict[str, Any]:
        """Parameters whose name this person may read."""
        if self.is_agent or "name" not in params:
            return params
        person = self.state.setup.person(str(params.get("person_id", "")))
        seat = self.state.seats.get(str(params.get("seat_id", "")))
        name = self.name(person) if person else self.seat_name(seat) if seat else ""
        return {**params, "name": name}


def _reason(reason: RuleReason) -> wire.Reason:
    return wire.Reason(code=reason.code, params=dict(reason.params))


def _lit(value: Any) -> Any:
    """A value of the rules on its way into a wire literal, which checks it."""
    return value
