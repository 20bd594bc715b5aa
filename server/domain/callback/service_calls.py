"""Calls beside new business, and warnings at underwriting: articles 9, 11 and 14 of the Shandong guideline (S3). Pure.

Grace period: a call at least 15 workdays before it ends; again within 15 workdays after it, while the premium is unpaid.
Surrenders and claims from the limit on get a call. Policies of different policyholders with one phone, or with an agent's phone,
are warned about. A number that fails goes on the list for the responsible unit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from server.domain.callback.calendar import Calendar

Kind = Literal["grace_reminder", "lapse_followup", "surrender", "claim"]
KINDS: tuple[Kind, ...] = ("grace_reminder", "lapse_followup", "surrender", "claim")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCallRules:
    """Numbers of the service calls (rulebook data)."""

    is_enabled: bool
    grace_workdays_before: int
    lapse_workdays_after: int
    amount_from_fen: int
    """The smallest amount of a surrender or a claim that is called about (1000元以上 contains the number itself)."""
    payout_due_workdays: int


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A call to make between two local dates, by a rule's code. Told of too late, `due_on` lies in the past: it is overdue."""

    kind: Kind
    not_before: date
    due_on: date
    rule: str


def grace_calls(grace_ends_on: date, rules: ServiceCallRules, calendar: Calendar) -> tuple[ServiceCall, ServiceCall]:
    """The reminder before the end of a grace period, and the follow-up after it if still unpaid (A11.2)."""
    latest = calendar.add_workdays(grace_ends_on, -rules.grace_workdays_before)
    if calendar.workdays_between(latest, grace_ends_on) < rules.grace_workdays_before:  # it ends on a day off
        latest = calendar.add_workdays(latest, -1)
    reminder = ServiceCall("grace_reminder", date.min, latest, "A11.2")
    last = calendar.add_workdays(grace_ends_on, rules.lapse_workdays_after)
    after = calendar.add_workdays(grace_ends_on, 1)
    return reminder, ServiceCall("lapse_followup", after, last, "A11.2")


def payout_call(
    kind: Literal["surrender", "claim"], amount_fen: int, paid_at: datetime, rules: ServiceCallRules, calendar: Calendar
) -> ServiceCall | None:
    """The call after a surrender or a claim, None below the limit (A11.3: from 1 000 yuan on)."""
    if amount_fen < rules.amount_from_fen:
        return None
    day = calendar.local_date(paid_at)
    return ServiceCall(kind, day, calendar.add_workdays(day, rules.payout_due_workdays), "A11.3")


@dataclass(frozen=True, slots=True)
class ScriptItem:
    """A question of a service call. `finding`: what the answer `finding_on` brings to light, by name."""

    id: str
    text: str
    kind: Literal["yes_no", "text"] = "yes_no"
    when: str = ""
    finding: str = ""
    finding_on: Literal["yes", "no"] = "yes"


@dataclass(frozen=True, slots=True)
class Script:
    """What is told and asked on one kind of call; `reports` names the findings that go to sales and compliance (A16.3)."""

    notice: str
    items: tuple[ScriptItem, ...]

    def asked(self, conditions: frozenset[str]) -> tuple[ScriptItem, ...]:
        """The questions whose condition holds."""
        return tuple(item for item in self.items if not item.when or item.when in conditions)


@dataclass(frozen=True, slots=True)
class Scripts:
    """The scripts of all kinds."""

    by_kind: Mapping[str, Script]
    reports: frozenset[str]


class ScriptError(ValueError):
    """Script data that cannot be used."""


def parse_scripts(data: Mapping[str, Any]) -> Scripts:
    """Read and check `service-scripts.yaml`. Raises `ScriptError` naming the place."""
    scripts: dict[str, Script] = {}
    found: set[str] = set()
    for kind in KINDS:
        if kind not in data:
            raise ScriptError(f"{kind}: missing")
        items = []
        for index, entry in enumerate(data[kind]["items"]):
            unknown = set(entry) - {"id", "text", "kind", "when", "finding", "finding_on"}
            if unknown:
                raise ScriptError(f"{kind}.items[{index}]: unknown {', '.join(sorted(unknown))}")
            plain = {
                **entry,
                "finding_on": {True: "yes", False: "no"}.get(entry.get("finding_on", True), entry.get("finding_on")),
            }
            items.append(ScriptItem(**plain))
        if len({item.id for item in items}) != len(items) or not items:
            raise ScriptError(f"{kind}.items: needs questions, each with an id of its own")
        found |= {item.finding for item in items if item.finding}
        scripts[kind] = Script(str(data[kind]["notice"]), tuple(items))
    reports = frozenset(map(str, data.get("reports", ())))
    if reports - found:
        raise ScriptError(f"reports: nothing finds {', '.join(sorted(reports - found))}")
    return Scripts(scripts, reports)


@dataclass(frozen=True, slots=True)
class CallResult:
    """What a result makes of a service call: `number_failed` is on the list of the responsible unit (A14), `paper` waits for a
    signed letter or visit form (A15)."""

    status: Literal["open", "done", "number_failed", "paper", "closed"]
    next_call_at: datetime | None = None
    findings: tuple[str, ...] = ()
    is_reported: bool = False


@dataclass(frozen=True, slots=True)
class CallRefusal:
    """A result that the rules do not take."""

    code: str
    params: Mapping[str, Any]


def call_result(
    result: str,
    answers: Mapping[str, str],
    asked: Iterable[ScriptItem],
    *,
    attempts: int,
    retry_after_hours: tuple[int, ...],
    now: datetime,
    reports: frozenset[str],
) -> CallResult | CallRefusal:
    """Decide the result of a call.

    Args:
        result: reached, no_answer, refused or wrong_number; paper_returned or paper_missed for a letter or a visit.
        answers: question → yes, no or text; all are needed when the customer was reached.
        attempts: calls made before this one.
        retry_after_hours: the retry plan of the desk; used up, the number counts as failed (A14).
    """
    match result:
        case "reached" | "paper_returned":
            items = list(asked)
            missing = [item.id for item in items if not _is_answered(item, answers.get(item.id, ""))]
            if missing:
                return CallRefusal("ANSWERS_INCOMPLETE", {"missing": missing})
            unknown = sorted(set(answers) - {item.id for item in items})
            if unknown:
                return CallRefusal("ANSWERS_INCOMPLETE", {"unknown": unknown})
            findings = tuple(item.finding for item in items if item.finding and answers[item.id] == item.finding_on)
            return CallResult("done", None, findings, bool(reports & set(findings)))
        case "no_answer":
            if attempts >= len(retry_after_hours):
                return CallResult("number_failed")
            return CallResult("open", now + timedelta(hours=retry_after_hours[attempts]))
        case "wrong_number":
            return CallResult("number_failed")
        case "refused":
            return CallResult("paper")
        case "paper_missed":
            return CallResult("closed")
        case _:
            return CallRefusal("RESULT_UNKNOWN", {"result": result})


def _is_answered(item: ScriptItem, answer: str) -> bool:
    return answer in ("yes", "no") if item.kind == "yes_no" else bool(answer.strip())


@dataclass(frozen=True, slots=True)
class PhoneWarning:
    """One phone with more than one policyholder, or an agent's phone on a policy (A9)."""

    kind: Literal["shared_by_policyholders", "belongs_to_agent"]
    phone_hash: str
    policy_nos: tuple[str, ...]
    rule: str = "S3.A9"


def phone_warnings(
    policies: Iterable[tuple[str, str, str]], agent_phones: Mapping[str, str], *, only_policy: str | None = None
) -> list[PhoneWarning]:
    """Find phones that hide callbacks.

    Args:
        policies: (policy or proposal number, policyholder's identity hash, phone hash).
        agent_phones: phone hash → agent id.
        only_policy: report only warnings that concern this number (underwriting of one application).
    """
    by_phone: dict[str, list[tuple[str, str]]] = {}
    for number, person, phone in policies:
        by_phone.setdefault(phone, []).append((number, person))
    warnings: list[PhoneWarning] = []
    for phone, entries in sorted(by_phone.items()):
        numbers = tuple(sorted(number for number, _ in entries))
        if only_policy and only_policy not in numbers:
            continue
        if len({person for _, person in entries}) > 1:
            warnings.append(PhoneWarning("shared_by_policyholders", phone, numbers))
        if phone in agent_phones:
            warnings.append(PhoneWarning("belongs_to_agent", phone, numbers))
    return warnings
