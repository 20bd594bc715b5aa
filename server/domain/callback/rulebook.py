"""A callback rulebook: every number and choice of one insurer's callback, as data (`server/domain/data/callback/<id>.yaml`).

`parse_rulebook` is strict: unknown keys, wrong types and impossible combinations are errors that name the path.
Where a source document contradicts itself the stricter value is taken and the same number is shown (domain rule E11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from server.domain.callback.calendar import DeskHours
from server.domain.callback.service_calls import ServiceCallRules

Anchor = Literal["issued_on", "effective_on", "notified_on"]


class RulebookError(ValueError):
    """A rulebook that cannot be used. `path` names the place."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who gets an electronic callback (E1)."""

    certificates: tuple[str, ...] = ()
    """Empty means every certificate type."""
    requires_electronic_contract: bool = False
    requires_term_over_one_year: bool = False


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Opening:
    """When the web entry opens (E4): a delay after an anchor, by kind of customer. The SMS link opens when it is sent."""

    first_time_anchor: Anchor = "issued_on"
    first_time_days: int = 0
    returning_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Sms:
    """Reminder messages (E3)."""

    mode: Literal["none", "daily_batch", "on_task"]
    at: time = time(10, 0)
    span_hours: int = 24
    within_minutes: int = 10
    repeat_after_days: int = 0
    """0: no second message. The repeat goes only to callbacks that are not finished and not with the phone desk."""
    link_valid_days: int = 7
    renew_daily_max: int = 3
    """How often a customer may ask for a fresh link in place of an expired one."""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """How the customer proves who they are, and what failing does (E8, E9)."""

    by_certificate: Mapping[str, Literal["face", "sms_code"]]
    fail_daily_max: int
    fail_days_to_phone: int
    ends_on_leave: bool = True
    idle_minutes: int = 30
    fallback: Literal["none", "sms_code"] = "none"
    challenges: tuple[Literal["turns", "digits"], ...] = ("turns", "digits")
    """Anti-spoof challenges of the face check; the first is asked, the customer may choose another."""
    challenge_turns: int = 2
    challenge_digits: int = 4
    challenge_step_ms: int = 3000
    challenge_valid_s: int = 180

    def method_for(self, certificate: str) -> Literal["face", "sms_code"]:
        """The method for a certificate type; `other` stands for every type not named."""
        return self.by_certificate.get(certificate, self.by_certificate["other"])


@dataclass(frozen=True, slots=True)
class Binding:
    """The web entry's account: certificate number and registered phone are bound once, later the password alone (S0 E18)."""

    password_min_length: int = 8
    password_fail_max: int = 5
    lock_minutes: int = 30
    browser_days: int = 180
    """How long a browser is known, so that the password alone opens the entry."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Notice, questionnaire, confirmation and signature (E10–E15)."""

    questionnaire: str
    requires_notice: bool = True
    min_answer_seconds: int = 0
    remark_max: int = 200
    has_remark: bool = True
    can_abort: bool = True
    abort_to: Literal["phone", "open"] = "phone"
    has_confirm_page: bool = True
    requires_signature: bool = False
    signature_min_points: int = 12
    signature_min_length_percent: int = 25
    """Of the pad's side: a dot is no signature."""
    can_edit: bool = True
    unexpected_to: Literal["problem", "phone"] = "problem"
    simplified_by_recording: bool = False


@dataclass(frozen=True, slots=True)
class Phone:
    """The phone desk (E17) and what follows it."""

    number: str
    hours: DeskHours
    inbound_number: str = ""
    retry_after_hours: tuple[int, ...] = (4, 24, 48)
    on_refused: Literal["visit", "letter", "phone_failed"] = "phone_failed"
    on_failed: Literal["none", "visit", "letter"] = "none"
    reconfirms_number: bool = False
    due_hours: int = 24
    priorities: Mapping[str, int] = field(default_factory=dict)
    """Of the work list, by kind of task; the smaller goes first, 50 where none is given."""
    elderly_from_age: int = 60
    elderly_priority: int = 10
    """Taken off for policyholders of that age and over."""

    @property
    def max_attempts(self) -> int:
        """First call plus the retry plan."""
        return 1 + len(self.retry_after_hours)


@dataclass(frozen=True, slots=True)
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
    answering: Answering
    phone: Phone
    service_calls: ServiceCallRules = field(default_factory=ServiceCallRules)
    expires_after_days: int = 365
    problem_reenters_electronic: bool = False
    batch_without_new_identity: bool = True
    requires_binding: bool = False
    binding: Binding = field(default_factory=Binding)
    phone_change_binds_after_days: int = 1
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_electronic_first(self) -> bool:
        """Whether the electronic channel precedes the phone (S0–S2) or not (S3)."""
        return bool(self.channel_order) and self.channel_order[0] == "electronic"


def parse_rulebook(data: Mapping[str, Any]) -> Rulebook:
    """Build and check a rulebook. Raises `RulebookError`."""
    book: Rulebook = _build(Rulebook, data, "")
    checks = (
        ("window.days", book.window.days >= 0, "must not be negative"),
        ("identity.by_certificate", "other" in book.identity.by_certificate, "must name `other`"),
        ("identity.fail_daily_max", book.identity.fail_daily_max > 0, "must be positive"),
        ("identity.fail_days_to_phone", book.identity.fail_days_to_phone > 0, "must be positive"),
        ("identity.challenges", bool(book.identity.challenges), "must name a challenge: a face without one could be a picture"),
        ("identity.challenge_turns", 1 <= book.identity.challenge_turns <= 4, "must be 1 to 4"),
        ("identity.challenge_digits", 3 <= book.identity.challenge_digits <= 8, "must be 3 to 8"),
        ("identity.challenge_step_ms", 2000 <= book.identity.challenge_step_ms <= 8000, "must be 2000 to 8000"),
        ("identity.challenge_valid_s", 60 <= book.identity.challenge_valid_s <= 900, "must be 60 to 900"),
        ("binding.password_min_length", 8 <= book.binding.password_min_length <= 40, "must be 8 to 40"),
        ("binding.password_fail_max", book.binding.password_fail_max > 0, "must be positive"),
        ("binding.lock_minutes", book.binding.lock_minutes > 0, "must be positive"),
        ("answering.min_answer_seconds", 0 <= book.answering.min_answer_seconds <= 3600, "must be 0 to 3600"),
        ("answering.remark_max", 0 <= book.answering.remark_max <= 2000, "must be 0 to 2000"),
        ("phone.hours", book.phone.hours.opens < book.phone.hours.closes, "must open before it closes"),
        ("phone.retry_after_hours", all(h > 0 for h in book.phone.retry_after_hours), "must be positive"),
        ("sms.repeat_after_days", book.sms.repeat_after_days >= 0, "must not be negative"),
        ("expires_after_days", book.expires_after_days > book.window.days, "must be longer than the window"),
        ("service_calls.amount_over_fen", book.service_calls.amount_over_fen >= 0, "must not be negative"),
        (
            "service_calls",
            min(
                book.service_calls.grace_workdays_before,
                book.service_calls.lapse_workdays_after,
                book.service_calls.payout_due_workdays,
            )
            > 0,
            "workdays must be positive",
        ),
        ("channel_order", len(set(book.channel_order)) == len(book.channel_order) > 0, "must name each channel once"),
        ("channel_order", "phone" in book.channel_order, "must contain the phone: it is the fallback of every other channel"),
    )
    for path, is_fine, message in checks:
        if not is_fine:
            raise RulebookError(path, message)
    return book


def _build(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise RulebookError(path or "rulebook", "must be a mapping")
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)}
    for key in data:
        if key not in known:
            raise RulebookError(f"{path}{key}", "is not known")
    values: dict[str, Any] = {}
    for name in known & set(data):
        values[name] = _convert(hints[name], data[name], f"{path}{name}")
    try:
        return kind(**values)
    except TypeError as error:
        raise RulebookError(path or "rulebook", str(error).split(") ", 1)[-1]) from error


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
