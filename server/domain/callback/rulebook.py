"""A callback rulebook: every number and choice of one insurer's callback, as data (`domain/data/callback/rulebooks/<id>.yaml`).

No number and no time of day has a default here: a rulebook names them all. `parse_rulebook` is strict: missing numbers, unknown
keys, wrong types and impossible combinations are errors that name the path. What rulebooks of earlier versions did not name is
filled in by `completed` from `rulebook-former.yaml`: the values that were in force while they were written.
Where a source document contradicts itself the stricter value is taken and the same number is shown (domain rule E11).
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, time
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from server.domain.callback.calendar import DeskHours
from server.domain.callback.facts import CertificateType
from server.domain.callback.service_calls import ServiceCallRules

Anchor = Literal["issued_on", "effective_on", "notified_on"]


class RulebookError(ValueError):
    """A rulebook that cannot be used. `path` names the place."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who gets an electronic callback (E1)."""

    certificates: tuple[str, ...] = ()
    """Empty means every certificate type."""
    requires_electronic_contract: bool = False
    requires_term_over_one_year: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long the electronic channel stays open (E5, E6)."""

    anchor: Anchor
    days: int
    counts_anchor_day: bool = False
    """Whether the anchor's own day is day 1; by the Civil Code (Art. 201) it is not."""
    finish_started_attempt: bool = False
    after_allow: tuple[Literal["not_done", "phone_failed"], ...] = ()
    """Results that may still use the electronic channel after the window (S0); empty: closed (S1, S2)."""
    phone_failed_issued_since: date | None = None
    after_entries: tuple[Literal["web", "link"], ...] = ("web",)
    """Entries that stay usable after the window: S0 keeps the public account, not the SMS link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """When the web entry opens (E4): a delay after an anchor, by kind of customer. The SMS link opens when it is sent."""

    first_time_anchor: Anchor = "issued_on"
    first_time_days: int
    returning_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """Reminder messages (E3)."""

    mode: Literal["none", "daily_batch", "on_task"]
    at: time
    within_minutes: int
    """How soon after the task a message of `on_task` must have left; one that has not is an alarm of the health page."""
    repeat_after_days: int
    """0: no second message. It goes only to callbacks that are not finished."""
    repeat_after_window: bool = False
    """Whether the second message goes also after the window, to those whom the phone desk has by then and who may still answer
    electronically (S0 E3 names no exception). Its link opens as the web entry does. False: it is not sent any more."""
    link_valid_days: int
    renew_daily_max: int
    """How often a customer may ask for a fresh link in place of an expired one."""
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How the customer proves who they are, and what failing does (E8, E9)."""

    by_certificate: Mapping[str, Literal["face", "sms_code"]]
    fail_daily_max: int
    fail_days_to_phone: int
    scope: Literal["customer", "policy"] = "customer"
    """Whose failures count and lock: the customer's on all their policies, or each policy's own."""
    ends_on_leave: bool = True
    idle_minutes: int
    fallback: Literal["none", "sms_code"] = "none"
    challenges: tuple[Literal["turns", "digits"], ...] = ("turns", "digits")
    """Anti-spoof challenges of the face check; the first is asked, the customer may choose another."""
    challenge_turns: int
    challenge_digits: int
    challenge_step_ms: int
    challenge_valid_s: int

    def method_for(self, certificate: str) -> Literal["face", "sms_code"]:
        """The method for a certificate type; `other` stands for every type not named."""
        return self.by_certificate.get(certificate, self.by_certificate["other"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The web entry's account: certificate number and registered phone are bound once, later the password alone (S0 E18)."""

    password_min_length: int
    password_fail_max: int
    lock_minutes: int
    browser_days: int
    """How long a browser is known, so that the password alone opens the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Notice, questionnaire, confirmation and signature (E10–E15)."""

    questionnaire: str
    requires_notice: bool = True
    notice_before_identity: bool = False
    """Whether the notice is ticked before the identity check, once for the whole visit (S0); else after it, for every policy."""
    insured_adult_from_age: int
    """Nobody younger signs, or is asked about signing, as the insured (S0)."""
    min_answer_seconds: int
    remark_max: int
    has_remark: bool = True
    can_abort: bool = True
    abort_to: Literal["phone", "open"] = "phone"
    has_confirm_page: bool = True
    requires_signature: bool = False
    signature_min_points: int
    signature_min_length_percent: int
    """Of the pad's side: a dot is no signature."""
    can_edit: bool = True
    unexpected_to: Literal["problem", "phone"] = "problem"
    simplified_by_recording: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """The phone desk (E17) and what follows it."""

    number: str
    hours: DeskHours
    inbound_number: str = ""
    retry_after_hours: tuple[int, ...]
    on_refused: Literal["visit", "letter", "phone_failed"] = "phone_failed"
    on_failed: Literal["none", "visit", "letter"] = "none"
    reconfirms_number: bool = False
    enforces_retry_plan: bool = False
    """Whether a call before its time in the retry plan is refused; the customer may always call us."""
    problem_needs_classification: bool = False
    """Whether a problem is classified, and the steps of its kind done, before a call may end it (S3 art. 16)."""
    due_hours: int
    priorities: Mapping[str, int]
    """Of the work list, by kind of task; the smaller goes first, `other` where a kind is not named."""
    elderly_from_age: int
    elderly_priority: int
    """Taken off for policyholders of that age and over."""

    def priority_of(self, kind: str) -> int:
        """Where a kind of task stands on the work list, before the customer's age is looked at."""
        return self.priorities.get(kind, self.priorities[OTHER])

    @property
    def shown(self) -> str:
        """The number that customers read; where the insurer gave none, where they find it. Never empty."""
        return self.number or "保单上的客服电话"

    @property
    def shown_inbound(self) -> str:
        """The number that customers call by themselves."""
        return self.inbound_number or self.shown

    @property
    def max_attempts(self) -> int:
        """First call plus the retry plan."""
        return 1 + len(self.retry_after_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All rules of one insurer's callback; frozen into each callback at its creation."""

    id: str
    version: int
    effective_from: date
    insurer: str
    source: str
    channel_order: tuple[Literal["electronic", "phone", "letter", "visit"], ...]
    eligibility: Eligibility
    window: Window
    opening: Opening
    sms: Sms
    identity: Identity
    cooling_off_days: int
    """Where the policy's own product does not say."""
    answering: Answering
    phone: Phone
    service_calls: ServiceCallRules
    expires_after_days: int
    problem_reenters_electronic: bool = False
    batch_without_new_identity: bool = True
    binding: Binding
    phone_change_binds_after_days: int
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        """Whom every message to a customer names as its sender (E19)."""
        return self.sms.sender or self.insurer


OTHER = "other"
"""Of `phone.priorities`: every kind of task that is not named."""

TASKS = (
    "phone_call", "explanation", "explanation_visit", "re_signature", "verify_call", "confirm_number", "visit", "letter",
    "choose_channel", "compliance_report", "sales_report", OTHER,
)  # fmt: skip
"""Kinds of task that a rulebook may give a priority."""

_RESPELLED = {"hk_macao_permit": CertificateType.HK_MACAU_PERMIT.value}

RETIRED = frozenset({"sms.span_hours", "requires_binding"})
"""Fields of earlier versions that said nothing: a daily batch spans a day, and the web entry is always bound."""

LIMITS: Mapping[str, tuple[int, int]] = {
    "expires_after_days": (1, 3650),
    "cooling_off_days": (1, 60),
    "phone_change_binds_after_days": (0, 60),
    "window.days": (0, 365),
    "opening.first_time_days": (0, 365),
    "opening.returning_minutes": (0, 10_080),
    "sms.within_minutes": (1, 1440),
    "sms.repeat_after_days": (0, 365),
    "sms.link_valid_days": (1, 365),
    "sms.renew_daily_max": (0, 100),
    "identity.fail_daily_max": (1, 100),
    "identity.fail_days_to_phone": (1, 365),
    "identity.idle_minutes": (1, 1440),
    "identity.challenge_turns": (1, 4),
    "identity.challenge_digits": (3, 8),
    "identity.challenge_step_ms": (2000, 8000),
    "identity.challenge_valid_s": (60, 900),
    "binding.password_min_length": (8, 40),
    "binding.password_fail_max": (1, 100),
    "binding.lock_minutes": (1, 1440),
    "binding.browser_days": (1, 3650),
    "answering.insured_adult_from_age": (14, 25),
    "answering.min_answer_seconds": (0, 3600),
    "answering.remark_max": (0, 2000),
    "answering.signature_min_points": (1, 1000),
    "answering.signature_min_length_percent": (1, 100),
    "phone.retry_after_hours": (1, 720),
    "phone.due_hours": (1, 720),
    "phone.priorities": (0, 100),
    "phone.elderly_from_age": (18, 120),
    "phone.elderly_priority": (0, 100),
    "service_calls.grace_workdays_before": (1, 60),
    "service_calls.lapse_workdays_after": (1, 60),
    "service_calls.amount_from_fen": (0, 1_000_000_000_000),
    "service_calls.payout_due_workdays": (1, 60),
}
"""Every number of a rulebook: the smallest and the largest that makes sense."""

_TEXTS = ("insurer", "answering.questionnaire")


def completed(data: Mapping[str, Any], former: Mapping[str, Any]) -> dict[str, Any]:
    """Kept data of an earlier version, in the form of today: without retired fields, with what it did not name yet.

    Args:
        former: what was in force where a rulebook said nothing (`rulebook-former.yaml`).
    """

    def strip(value: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        return {
            key: strip(item, f"{prefix}{key}.") if isinstance(item, Mapping) else item
            for key, item in value.items()
            if f"{prefix}{key}" not in RETIRED
        }

    filled = _filled(strip(data, ""), former)
    for section, name in (("eligibility", "certificates"), ("identity", "by_certificate")):
        part = filled.get(section)
        if isinstance(part, Mapping) and isinstance(part.get(name), (list, tuple, Mapping)):
            filled[section] = {**part, name: _respelled(part[name])}
    calls = filled.get("service_calls")
    if isinstance(calls, Mapping) and "amount_over_fen" in calls:  # so named before: the amount itself was not called about
        kept = {key: value for key, value in calls.items() if key != "amount_over_fen"}
        filled["service_calls"] = {"amount_from_fen": calls["amount_over_fen"] + 1, **kept}
    sms = filled.get("sms")
    if isinstance(sms, Mapping) and sms.get("mode") != "none" and not sms.get("sender"):  # messages must show the insurer (E19)
        filled["sms"] = {**sms, "sender": filled.get("insurer", "")}
    return filled


def _respelled(names: Any) -> Any:
    """Certificate types by their names of today."""
    if isinstance(names, Mapping):
        return {_RESPELLED.get(name, name): value for name, value in names.items()}
    return [_RESPELLED.get(name, name) for name in names]


def _filled(data: Mapping[str, Any], former: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(data)
    for key, value in former.items():
        if key not in filled:
            filled[key] = value
        elif isinstance(value, Mapping) and isinstance(filled[key], Mapping):
            filled[key] = _filled(filled[key], value)
    return filled


def read_rulebook(data: Mapping[str, Any], former: Mapping[str, Any]) -> Rulebook:
    """A rulebook that was checked when it was kept: earlier versions of the checks were milder. Raises `RulebookError`."""
    book: Rulebook = _build(Rulebook, completed(data, former), "")
    return book


def parse_rulebook(data: Mapping[str, Any]) -> Rulebook:
    """Build and check a rulebook. Raises `RulebookError`."""
    book: Rulebook = _build(Rulebook, data, "")
    for path, (low, high) in LIMITS.items():
        _check_limits(path, _value(book, path), low, high)
    for path in _TEXTS:
        if not _value(book, path).strip():
            raise RulebookError(path, "must not be empty")
    checks = (
        ("identity.by_certificate", "other" in book.identity.by_certificate, "must name `other`"),
        *_unknown("eligibility.certificates", book.eligibility.certificates, tuple(CertificateType)),
        *_unknown("identity.by_certificate", book.identity.by_certificate, tuple(CertificateType)),
        *_unknown("phone.priorities", book.phone.priorities, TASKS),
        *_of_messages(book),
        (
            "identity.idle_minutes",
            book.identity.idle_minutes * 60 > book.answering.min_answer_seconds,
            "must be longer than the answering time: nobody could submit",
        ),
        ("identity.challenges", bool(book.identity.challenges), "must name a challenge: a face without one could be a picture"),
        ("phone.hours", book.phone.hours.opens < book.phone.hours.closes, "must open before it closes"),
        ("phone.priorities", OTHER in book.phone.priorities, f"must name `{OTHER}`"),
        ("expires_after_days", book.expires_after_days > book.window.days, "must be longer than the window"),
        ("channel_order", len(set(book.channel_order)) == len(book.channel_order) > 0, "must name each channel once"),
        (
            "answering.notice_before_identity",
            book.answering.requires_notice or not book.answering.notice_before_identity,
            "needs a notice",
        ),
        ("channel_order", "phone" in book.channel_order, "must contain the phone: it is the fallback of every other channel"),
    )
    for path, is_fine, message in checks:
        if not is_fine:
            raise RulebookError(path, message)
    return book


def _unknown(path: str, given: Iterable[str], known: tuple[str, ...]) -> list[tuple[str, bool, str]]:
    """A name that nothing has would stand in a rulebook without effect."""
    choices = ", ".join(map(str, known))
    return [(f"{path}.{name}", False, f"is not known; known: {choices}") for name in given if name not in known]


def _of_messages(book: Rulebook) -> list[tuple[str, bool, str]]:
    """A message needs a channel to invite to, and its link must live as long as the window."""
    if book.sms.mode == "none":
        return []
    needed = book.window.days + (0 if book.window.counts_anchor_day else 1)
    return [
        ("sms.mode", "electronic" in book.channel_order, "must be none: the rulebook has no electronic channel"),
        ("sms.sender", bool(book.sms.sender.strip()), "must name the insurer: customers see who writes to them"),
        ("sms.link_valid_days", book.sms.link_valid_days >= needed, f"must last as long as the window: at least {needed}"),
    ]


def _value(book: Rulebook, path: str) -> Any:
    value: Any = book
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _check_limits(path: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_limits(f"{path}.{key}", item, low, high)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            _check_limits(f"{path}[{index}]", item, low, high)
    elif not low <= value <= high:
        raise RulebookError(path, f"must be {low} to {high}")


def _build(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise RulebookError(path or "rulebook", "must be a mapping")
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)}
    for key in data:
        if key not in known:
            raise RulebookError(f"{path}{key}", "is not known")
    for item in fields(kind):
        if item.name not in data and item.default is MISSING and item.default_factory is MISSING:
            raise RulebookError(f"{path}{item.name}", "is missing")
    return kind(**{name: _convert(hints[name], data[name], f"{path}{name}") for name in known & set(data)})


def _convert(hint: Any, value: Any, path: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        if value not in arguments:
            raise RulebookError(path, f"must be one of {', '.join(map(str, arguments))}")
        return value
    if origin is UnionType:
        return None if value is None else _convert(arguments[0], value, path)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise RulebookError(path, "must be a list")
        return tuple(_convert(arguments[0], item, f"{path}[{i}]") for i, item in enumerate(value))
    if origin is not None:  # Mapping[str, X]
        if not isinstance(value, Mapping):
            raise RulebookError(path, "must be a mapping")
        return {str(key): _convert(arguments[1], item, f"{path}.{key}") for key, item in value.items()}
    if hasattr(hint, "__dataclass_fields__"):
        return _build(hint, value, f"{path}.")
    return _scalar(hint, value, path)


def _scalar(hint: Any, value: Any, path: str) -> Any:
    try:
        if hint is time:
            return value if isinstance(value, time) else time.fromisoformat(str(value))
        if hint is date:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise RulebookError(path, str(error)) from error
    if hint is bool and not isinstance(value, bool):
        raise RulebookError(path, "must be true or false")
    if hint is int and (isinstance(value, bool) or not isinstance(value, int)):
        raise RulebookError(path, "must be a whole number")
    if hint is str and not isinstance(value, str):
        raise RulebookError(path, "must be text")
    return value
