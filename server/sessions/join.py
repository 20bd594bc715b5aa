"""How a customer gets in: code → last four digits and SMS code → roles → consents (T7). Each step gives a ticket for the next.

A wrong try is counted and committed before it is refused. Answers do not tell whether a phone is one of the case's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.cases.facts import CaseFacts, ParticipantFacts, load_case_facts
from server.context import Context
from server.domain.session import Actor, Command, Refusal, SessionState
from server.domain.session_papers import may_read
from server.domain.session_setup import SessionRules, mask_name, role_id
from server.domain.session_state import CUSTOMER, ENGINE
from server.http.endpoint import Principal
from server.http.problem import Problem, not_found
from server.outbox.codes import check_code, issue_code, tries_left
from server.sessions import codes
from server.sessions import join_schemas as wire
from server.sessions.actor import SessionActor, system
from server.sessions.codes import FoundCode
from server.sessions.hub import SessionHub
from server.sessions.refusals import raise_refusal
from server.sessions.rules import consents
from server.users.tickets import issue_ticket, require_scope
from storage.db.engine import Tx

JOIN_SCOPE, SEAT_SCOPE = "join", "session"


@dataclass(frozen=True, slots=True)
class Joining:
    """The join flow of one process."""

    context: Context
    hub: SessionHub

    async def info(self, code: str, address: str) -> wire.JoinInfo:
        """Step 1: what a holder of the code may know."""
        found = await self._find(code, address)
        actor = await self.hub.get(found.session_id)
        setup = actor.state.setup
        return wire.JoinInfo(
            insurer_name=setup.insurer_name,
            agent_name=setup.agent.name,
            product_name=setup.product_name,
            expires_at=found.expires_at,
            phase=_any(actor.state.phase),
        )

    async def send_sms(self, code: str, last4: str, address: str) -> wire.JoinSmsSent:
        """Step 2: a one-time code to the phone that ends so."""
        found = await self._find(code, address)
        rules = self.hub.rules
        async with self.context.db.begin() as tx:
            people = await self._people(tx, found, last4)
            wrong = 0 if people else await codes.count_wrong(tx, self.context, address, found.code_id)
            for subject, phone in self._subjects(found.session_id, last4, people).items():
                await self._issue(tx, subject, phone)
        await self._lock_if_used_up(found, wrong)
        expires_at = self.context.now() + timedelta(seconds=rules.otp_lifetime_s)
        return wire.JoinSmsSent(expires_at=expires_at, resend_after_s=rules.otp_resend_after_s)

    async def verify(self, code: str, last4: str, sms_code: str, address: str) -> wire.JoinVerified:
        """Step 3: the phone is theirs; which roles may they take?"""
        found = await self._find(code, address)
        verified = await self._verified(found, last4, sms_code, address)
        actor = await self.hub.get(found.session_id)
        state = actor.state
        ids = [p.id for p in verified]
        expires_s = self.hub.rules.join_ticket_s
        ticket = issue_ticket(
            self.context,
            subject=ids[0],
            scope=JOIN_SCOPE,
            expires_s=expires_s,
            session_id=found.session_id,
            case_id=state.setup.case_id,
            person_ids=ids,
        )
        return wire.JoinVerified(
            ticket=ticket,
            session_id=found.session_id,
            expires_at=self.context.now() + timedelta(seconds=expires_s),
            roles=_choices(state, set(ids)),
        )

    async def claim(self, who: Principal, role_ids: list[str]) -> wire.SeatTicket:
        """Step 4: take one or several roles; the seat ticket brings the person back after a reload."""
        require_scope(who, JOIN_SCOPE)
        actor = await self.hub.get(str(who.claims["session_id"]))
        command = Command("claim_roles", ENGINE, {"role_ids": role_ids, "person_ids": list(who.claims["person_ids"])})
        decided = await actor.ask(command)
        if isinstance(decided, Refusal):
            raise_refusal(decided)
        seat = actor.state.holder(role_ids[0])
        if seat is None:
            raise Problem(503, "SESSION_BUSY", retryable=True)
        people = [p for pid in actor.state.people_on(seat.seat_id) if (p := actor.state.setup.person(pid))]
        expires_s = self.hub.rules.seat_ticket_s
        ticket = issue_ticket(
            self.context,
            subject=people[0].person_id,
            scope=SEAT_SCOPE,
            expires_s=expires_s,
            session_id=actor.session_id,
            case_id=actor.state.setup.case_id,
            seat_id=seat.seat_id,
            role_ids=sorted(seat.role_ids),
            releases=seat.releases,
            participant_id=people[0].person_id,
        )
        return wire.SeatTicket(
            ticket=ticket,
            session_id=actor.session_id,
            seat_id=seat.seat_id,
            roles=_any(list(dict.fromkeys(role.partition(":")[0] for role in seat.role_ids))),
            care_mode=any(actor.state.setup.has_care(p) for p in people),
            expires_at=self.context.now() + timedelta(seconds=expires_s),
            consents=consent_texts(),
        )

    async def consent(self, who: Principal, body: wire.ConsentRequest) -> wire.ConsentResult:
        """Step 5: consents, each given separately."""
        require_scope(who, SEAT_SCOPE)
        actor = await self.hub.get(str(who.claims["session_id"]))
        seat_id = seat_of_claims(actor, who.claims)
        params: dict[str, Any] = {**body.model_dump(), "version": consent_version()}
        decided = await actor.ask(Command("give_consents", Actor(CUSTOMER, seat_id), params))
        if isinstance(decided, Refusal):
            raise_refusal(decided)
        granted = all(params.get(kind) is True for kind in actor.state.setup.rules.consents)
        return wire.ConsentResult(granted=granted, phase=_any(actor.state.phase))

    async def require_reading(self, who: Principal, document_id: str) -> None:
        """Raise unless this customer may have this document now (T3)."""
        require_scope(who, SEAT_SCOPE)
        actor = await self.hub.get(str(who.claims["session_id"]))
        refusal = may_read(actor.state, seat_of_claims(actor, who.claims), document_id)
        if refusal is not None:
            raise_refusal(refusal)

    async def _find(self, code: str, address: str) -> FoundCode:
        rules = self.hub.rules
        async with self.hub.gate(address):  # one guess at a time: many at once count like many in a row
            return await self._find_alone(code, address, rules)

    async def _find_alone(self, code: str, address: str, rules: SessionRules) -> FoundCode:
        try:
            async with self.context.db.read() as tx:
                until = await codes.blocked_until(tx, self.context, address, rules)
                if until is None:
                    return await codes.find(tx, self.context, code, rules)
            # After the answer: neither it nor the time it takes tells a blocked guesser whether the code is one.
            self.hub.later(self._tell_blocked(code, until, rules), "tell of a blocked address")
            raise codes.too_many(until, self.context.now())
        except Problem as problem:
            if problem.code == "JOIN_CODE_WRONG":
                async with self.context.db.begin() as tx:
                    await codes.count_wrong(tx, self.context, address, None)
            raise

    async def _tell_blocked(self, code: str, until: datetime, rules: SessionRules) -> None:
        """Let the agent know that somebody with the right code is turned away. Whom a wrong one concerns nobody can say."""
        async with self.context.db.read() as tx:
            try:
                found = await codes.find(tx, self.context, code, rules)
            except Problem:
                return
        (await self.hub.get(found.session_id)).tell(system("join_blocked", until=until.isoformat()))

    async def _people(self, tx: Tx, found: FoundCode, last4: str) -> list[ParticipantFacts]:
        actor = await self.hub.get(found.session_id)
        facts: CaseFacts = await load_case_facts(tx, self.context, actor.state.setup.case_id)
        return [p for p in facts.attending if p.phone and p.phone.endswith(last4)]

    async def _verified(self, found: FoundCode, last4: str, sms_code: str, address: str) -> list[ParticipantFacts]:
        """Whose code it is. A try that cannot succeed (no SMS code is alive) costs neither join code nor address."""
        wrong, before, after = 0, None, None
        async with self.context.db.begin() as tx:
            people = await self._people(tx, found, last4)
            subjects = self._subjects(found.session_id, last4, people)
            before = await self._tries_left(tx, list(subjects))
            for subject, phone in subjects.items():
                if await check_code(tx, self.context, "join", subject, sms_code) and phone is not None:
                    return [p for p in people if p.phone == phone]
            after = await self._tries_left(tx, list(subjects))
            if before:
                wrong = await codes.count_wrong(tx, self.context, address, found.code_id)
        if await self._lock_if_used_up(found, wrong):
            raise codes.locked()
        if after is None:
            raise Problem(410, "JOIN_SMS_CODE_EXPIRED")
        left = min(after, self.hub.rules.code_attempts - max(wrong, found.wrong_attempts))
        if left <= 0:
            raise Problem(403, "JOIN_SMS_CODE_USED_UP", attempts_left=0)
        raise Problem(403, "JOIN_SMS_CODE_WRONG", attempts_left=left)

    async def _tries_left(self, tx: Tx, subjects: list[str]) -> int | None:
        left = [await tries_left(tx, self.context, "join", subject) for subject in subjects]
        return max((one for one in left if one is not None), default=None)

    async def _lock_if_used_up(self, found: FoundCode, wrong: int) -> bool:
        """Tell the agent's page when the code died of wrong tries: only a new one helps."""
        if wrong < self.hub.rules.code_attempts:
            return False
        actor = await self.hub.get(found.session_id)
        shown = actor.join_code
        if shown is not None and shown.code == found.code and not shown.is_locked:
            actor.join_code = shown.model_copy(update={"is_active": False, "is_locked": True})
            await actor.ask(system("code_locked"))
        return True

    def _subjects(self, session_id: str, last4: str, people: list[ParticipantFacts]) -> dict[str, str | None]:
        """What codes are kept under, and the phone of each; a number that nobody has gets a code that nobody receives."""
        phones = dict.fromkeys(p.phone for p in people)
        return {self._subject(session_id, phone): phone for phone in phones} or {f"{session_id}:nobody:{last4}": None}

    async def _issue(self, tx: Tx, subject: str, phone: str | None) -> None:
        rules = self.hub.rules
        try:
            await issue_code(
                tx,
                self.context,
                "join",
                subject,
                phone,
                ttl_s=rules.otp_lifetime_s,
                resend_after_s=rules.otp_resend_after_s,
            )
        except Problem as problem:
            if problem.code != "SMS_CODE_TOO_SOON":  # the last message still counts; the page shows its countdown
                raise

    def _subject(self, session_id: str, phone: str) -> str:
        return f"{session_id}:{self.context.cipher.search_hash(phone)[:16]}"


def seat_of_claims(actor: SessionActor, claims: dict[str, Any]) -> str:
    """The seat a ticket opens. Raises 401 `TICKET_INVALID` when the seat was freed or taken over with other roles since."""
    seat = actor.state.seats.get(str(claims.get("seat_id", "")))
    if seat is None or sorted(seat.role_ids) != claims.get("role_ids") or seat.releases != claims.get("releases", 0):
        raise Problem(401, "TICKET_INVALID")
    return seat.seat_id


def consent_texts() -> list[wire.ConsentText]:
    """The consents to show."""
    data = consents()
    return [
        wire.ConsentText(kind=c["kind"], title=c["title"], text=c["text"], version=data["version"], is_required=True)
        for c in data["consents"]
    ]


def consent_version() -> str:
    """The version of the texts now shown."""
    return str(consents()["version"])


def _choices(state: SessionState, mine: set[str]) -> list[wire.RoleChoice]:
    found = []
    for person in state.setup.required():
        for role in person.roles:
            key = role_id(role, person)
            holder = state.holder(key)
            if person.person_id in mine:
                shown = "free" if holder is None else "mine" if set(state.people_on(holder.seat_id)) <= mine else "taken"
            else:
                shown = "taken" if holder else "foreign"
            name = person.name if person.person_id in mine else mask_name(person.name)
            found.append(
                wire.RoleChoice(
                    role_id=key, role=_any(role), person_id=person.person_id, name=name, state=_any(shown), is_required=True
                )
            )
    if not found:
        raise not_found("ROLE_NOT_IN_CASE")
    return found


def _any(value: Any) -> Any:
    """A value of the rules on its way into a wire literal, which checks it."""
    return value
