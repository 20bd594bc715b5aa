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
    within_minutes: int = 10
    """How soon after the task a message of `on_task` must leave; a later one is noted as late in the history."""
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
    binding: Binding = field(default_factory=Binding)
    phone_change_binds_after_days: int = 1
    notes: Mapping[str, str] = field(default_factory=dict)


RETIRED = frozenset({"sms.span_hours", "requires_binding"})
"""Fields of earlier versions that said nothing: a daily batch spans a day, and the web entry is always bound."""

LIMITS: Mapping[str, tuple[int, int]] = {
    "expires_after_days": (1, 3650),
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
    "service_calls.amount_over_fen": (0, 1_000_000_000_000),
    "service_calls.payout_due_workdays": (1, 60),
}
"""Every number of a rulebook: the smallest and the largest that makes sense."""

_TEXTS = ("insurer", "answering.questionnaire")


def without_retired(data: Mapping[str, Any]) -> dict[str, Any]:
    """Kept data of an earlier version without the fields that no longer exist."""

    def strip(value: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        return {
            key: strip(item, f"{prefix}{key}.") if isinstance(item, Mapping) else item
            for key, item in value.items()
            if f"{prefix}{key}" not in RETIRED
        }

    return strip(data, "")


def read_rulebook(data: Mapping[str, Any]) -> Rulebook:
    """A rulebook that was checked when it was kept: earlier versions of the checks were milder. Raises `RulebookError`."""
    book: Rulebook = _build(Rulebook, without_retired(data), "")
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
        ("identity.challenges", bool(book.identity.challenges), "must name a challenge: a face without one could be a picture"),
        ("phone.hours", book.phone.hours.opens < book.phone.hours.closes, "must open before it closes"),
        ("expires_after_days", book.expires_after_days > book.window.days, "must be longer than the window"),
        ("channel_order", len(set(book.channel_order)) == len(book.channel_order) > 0, "must name each channel once"),
        ("channel_order", "phone" in book.channel_order, "must contain the phone: it is the fallback of every other channel"),
    )
    for path, is_fine, message in checks:
        if not is_fine:
            raise RulebookError(path, message)
    return book


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
