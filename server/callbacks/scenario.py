"""What a scenario of `simulate-callback` may say: every key and value is checked, and an error names its place.

The format is described in docs/callback-simulation.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from server.callbacks.library import recording_subjects
from server.cases.schemas import ProductType
from server.domain.callback.calendar import Calendar
from server.domain.callback.case import CallbackCase, State
from server.domain.callback.comparison import Said
from server.domain.callback.desk import CATEGORIES, RESULTS
from server.domain.callback.engine import COMMANDS
from server.domain.callback.facts import PolicyFacts
from server.http.typed import FIRST_YEAR, LAST_YEAR

TOP = {"title", "rulebook", "override", "policy", "policies", "created_at", "covered", "recorded", "events", "until", "expect"}
EXPECT = ("final", "rules", "events", "refused", "sms", "sms_at", "sms_sender", "tasks", "task_due", "asked")
_STEP = {"at", "after", "do", "clock", "policy", "with", "times"}
_TIMES_MAX = 1000


class ScenarioError(ValueError):
    """A scenario that cannot be run; the message names the place."""


class _Loader(yaml.SafeLoader):
    """YAML in which no key of a mapping is given twice: the first one would be dropped without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        given: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in given:
                raise ScenarioError(f"line {key.start_mark.line + 1}: {key.value} is given twice")
            given.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def read_scenario(text: str) -> Any:
    """A scenario's YAML. Raises `ScenarioError` for a key that is given twice."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader


Check = Callable[[Any, str], None]


def text(value: Any, path: str) -> None:
    """Text; digits may be written without quotes."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ScenarioError(f"{path}: must be text")


def yes_no(value: Any, path: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise ScenarioError(f"{path}: must be true or false")


def whole(value: Any, path: str) -> None:
    """A whole number, not negative."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScenarioError(f"{path}: must be a whole number")


def texts(value: Any, path: str) -> None:
    """A list of texts."""
    if not isinstance(value, list):
        raise ScenarioError(f"{path}: must be a list")
    for index, item in enumerate(value):
        text(item, f"{path}[{index}]")


def one_of(*known: str) -> Check:
    """One of the known words."""

    def check(value: Any, path: str) -> None:
        if value not in known:
            raise ScenarioError(f"{path}: unknown {value}; known: {', '.join(known)}")

    return check


def _given_answers(value: Any, path: str) -> None:
    if value != "all_expected" and not isinstance(value, Mapping):
        raise ScenarioError(f"{path}: all_expected or a mapping of question to yes/no")


_ENTRY: dict[str, Check] = {"entry": one_of("web", "link")}
_NOTED: dict[str, Check] = {"note": text, "visitor_id": text, "scan_id": text}
_PAPER: dict[str, Check] = {"signed_by_policyholder": yes_no, "staff_role": one_of("service", "sales"), **_NOTED}
_CALL: dict[str, Check] = {"result": one_of(*RESULTS), "answers": _given_answers, "contradictions": texts, "note": text}
_WITH: dict[str, dict[str, Check]] = {
    "face_passed": _ENTRY,
    "face_failed": _ENTRY,
    "sms_code_passed": _ENTRY,
    "sms_code_failed": _ENTRY,
    "identity_reused": _ENTRY,
    "notice_confirmed": _ENTRY,
    "answered": {"answers": _given_answers, "remark": text, "contradictions": texts},
    "signed": {"sha256": text},
    "confirmed": {"contradictions": texts},
    "left": {"reason": text},
    "phone_result": _CALL,
    "inbound_call": {**_CALL, "from_phone": text},
    "number_confirmed": {"phone": text, "note": text},
    "phone_changed": {"phone": text},
    "assign": {"channel": one_of("visit", "letter"), "note": text},
    "visit_result": {"reached": yes_no, "answers": _given_answers, "contradictions": texts, **_PAPER},
    "letter_result": {"reached": yes_no, "answers": _given_answers, "contradictions": texts, **_PAPER},
    "classify": {"category": one_of(*CATEGORIES), "note": text},
    "explained": {"needs_visit": yes_no, "note": text},
    "visit_form_returned": _PAPER,
    "re_signed": _PAPER,
    "verify_call": {"is_confirmed": yes_no, "is_signature_genuine": yes_no, "note": text},
    "close": {"reason": text, "note": text},
    "policy_ended": {"reason": text},
}
"""What each command takes; a command that is not here takes nothing."""
_VERDICT = one_of("affirmative", "negative", "unclear", "silent")
_RECORDED: dict[str, Check] = {"verdict": _VERDICT, "override": _VERDICT, "reasons": texts}
_TEXT_OF_DIGITS = ("phone", "from_phone", "remark", "reason", "note")


def check_top(scenario: Any) -> None:
    """The whole scenario but its steps and facts, which are checked as they are read."""
    only(scenario, TOP, "scenario")
    if "rulebook" not in scenario:
        raise ScenarioError("rulebook: missing")
    if ("policy" in scenario) == ("policies" in scenario):
        raise ScenarioError("scenario: give either policy or policies")
    for key in ("override", "covered", "recorded", "expect", "policy", "policies"):
        if key in scenario and not isinstance(scenario[key], Mapping):
            raise ScenarioError(f"{key}: must be a mapping")
    if "policies" in scenario and not scenario["policies"]:
        raise ScenarioError("policies: must name one")
    if not isinstance(scenario.get("events", []), list):
        raise ScenarioError("events: must be a list")
    text(scenario.get("title", ""), "title")
    for subject, reason in scenario.get("covered", {}).items():
        one_of(*recording_subjects())(subject, "covered")
        text(reason, f"covered.{subject}")
    for subject, answer in scenario.get("recorded", {}).items():
        one_of(*recording_subjects())(subject, "recorded")
        only(answer, set(_RECORDED), f"recorded.{subject}")
        for key, value in answer.items():
            _RECORDED[key](value, f"recorded.{subject}.{key}")
        if "verdict" not in answer:
            raise ScenarioError(f"recorded.{subject}.verdict: missing")
    _check_expect(scenario.get("expect", {}), list(map(str, scenario.get("policies", {}))))


def _check_expect(expect: Mapping[str, Any], policies: list[str]) -> None:
    only(expect, set(EXPECT), "expect")
    state = one_of(*(state.value for state in State))
    final = expect.get("final", State.OPEN.value)
    if isinstance(final, Mapping):
        for name, value in final.items():
            one_of(*policies)(name, "expect.final")
            state(value, f"expect.final.{name}")
    else:
        state(final, "expect.final")
    for key in ("rules", "events", "refused", "tasks", "asked"):
        texts(expect.get(key, []), f"expect.{key}")
    for key in ("sms_at", "task_due"):
        if not isinstance(expect.get(key, []), list):
            raise ScenarioError(f"expect.{key}: must be a list")
        for index, at in enumerate(expect.get(key, [])):
            instant(at, f"expect.{key}[{index}]", None)
    whole(expect.get("sms", 0), "expect.sms")
    text(expect.get("sms_sender", ""), "expect.sms_sender")


def check_step(entry: Any, path: str, policies: list[str]) -> None:
    """One step: its keys, the command and what it is given."""
    only(entry, _STEP, path)
    if "at" in entry and "after" in entry:
        raise ScenarioError(f"{path}: give at or after, not both")
    if "clock" in entry and len(entry) > 1:
        raise ScenarioError(
            f"{path}.clock: only moves the clock; give {', '.join(sorted(set(entry) - {'clock'}))} in a step of its own"
        )
    kind = entry.get("do")
    if kind is None:
        needless = sorted(set(entry) & {"do", "with", "times", "policy"})
        if needless:
            raise ScenarioError(f"{path}.{needless[0]}: needs a command in do")
        return
    if kind != "sms_due" and (not isinstance(kind, str) or kind not in COMMANDS):
        raise ScenarioError(f"{path}.do: unknown {kind}; known: {', '.join(sorted({*COMMANDS, 'sms_due'}))}")
    if "policy" in entry and entry["policy"] not in policies:
        raise ScenarioError(f"{path}.policy: unknown {entry['policy']}")
    whole(entry.get("times", 1), f"{path}.times")
    if not 1 <= entry.get("times", 1) <= _TIMES_MAX:
        raise ScenarioError(f"{path}.times: must be 1 to {_TIMES_MAX}")
    known = _WITH.get(kind, {})
    given = entry.get("with", {})
    only(given, set(known), f"{path}.with")
    for key, value in given.items():
        known[key](value, f"{path}.with.{key}")


def recorded(given: Mapping[str, Any]) -> dict[str, Said]:
    """What the customer said in the recording, by subject."""
    return {
        subject: Said(
            "recording",
            subject,
            subject,
            "answer",
            verdict=answer["verdict"],
            override_verdict=answer.get("override"),
            reasons=tuple(answer.get("reasons", ())),
        )
        for subject, answer in given.items()
    }


def command_data(case: CallbackCase, given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """What a command is given, with its answers written out."""
    data = {key: str(value) if key in _TEXT_OF_DIGITS else value for key, value in given.items()}
    if "answers" in data:
        data["answers"] = _answers(case, data["answers"], f"{path}.answers")
    return data


def _answers(case: CallbackCase, given: Any, path: str) -> dict[str, str]:
    """`all_expected`, or a mapping of question → yes/no over the expected ones."""
    expected = {q.id: q.expected for q in case.questionnaire.asked}
    answers: dict[str, str] = {**expected}
    for question, value in ({} if given == "all_expected" else given).items():
        if question not in expected:
            raise ScenarioError(f"{path}.{question}: this question is not asked")
        answer = ("yes" if value else "no") if isinstance(value, bool) else value
        if answer not in ("yes", "no", ""):
            raise ScenarioError(f"{path}.{question}: must be yes or no, or empty where it is left out")
        answers[question] = answer
    return answers


def policy_facts(data: Any, path: str, calendar: Calendar) -> PolicyFacts:
    """The facts of a policy: what the scenario says, over the ones of an example."""
    hints = get_type_hints(PolicyFacts)
    only(data, {f.name for f in fields(PolicyFacts)}, path)
    if "issued_at" not in data:
        raise ScenarioError(f"{path}.issued_at: missing")
    values: dict[str, Any] = {
        "policy_no": "P0001",
        "product_name": "示例保险",
        "product_type": "health",
        "payment_mode": "regular_pay",
        "channel": "agent",
        "policyholder_name": "张三",
        "insured_name": "李四",
        "term_text": "终身",
        "payment_years": 20,
        "payment_frequency": "年",
        "premium_fen": 323300,
        "guaranteed_rate": "2.5%",
        "next_due_on": "2027-01-01",
        **data,
    }
    one_of(*(kind.value for kind in ProductType), "other")(values["product_type"], f"{path}.product_type")
    read = {name: _fact(hints[name], value, f"{path}.{name}", calendar) for name, value in values.items()}
    read.setdefault("effective_on", calendar.local_date(read["issued_at"]) + timedelta(days=1))
    return PolicyFacts(**read)


def _fact(hint: Any, value: Any, path: str, calendar: Calendar) -> Any:
    if get_origin(hint) is UnionType:
        if value is None:
            return None
        hint = next(kind for kind in get_args(hint) if kind is not type(None))
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError as error:
            raise ScenarioError(f"{path}: {error}") from error
    if hint is datetime:
        return instant(value, path, calendar)
    if hint is date:
        return _day(value, path)
    checks: dict[Any, Check] = {bool: yes_no, int: whole, str: text}
    checks[hint](value, path)
    return str(value) if hint is str else value


def _day(value: Any, path: str) -> date:
    try:
        day = value if isinstance(value, date) and not isinstance(value, datetime) else date.fromisoformat(str(value))
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from error
    _check_year(day, path)
    return day


def _check_year(day: date, path: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ScenarioError(f"{path}: must lie in the years {FIRST_YEAR} to {LAST_YEAR}")


def instant(value: Any, path: str, calendar: Calendar | None) -> datetime:
    """A moment; without an offset it is local time."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}") from error
    _check_year(at, path)
    return at if at.tzinfo or calendar is None else at.replace(tzinfo=calendar.zone)


def later(now: datetime, value: Any, path: str) -> datetime:
    """The moment that a duration after `now` leads to."""
    try:
        at = now + duration(value, path)
    except OverflowError as error:
        raise ScenarioError(f"{path}: {error}") from error
    _check_year(at, path)
    return at


def duration(value: Any, path: str) -> timedelta:
    """`30s`, `10m`, `4h`, `3d`."""
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    written = str(value)
    if written[-1:] not in units or not written[:-1].isdecimal() or len(written) > 9:
        raise ScenarioError(f"{path}: a number and s, m, h or d")
    return timedelta(**{units[written[-1]]: int(written[:-1])})


def only(data: Any, known: set[str], path: str) -> None:
    """A mapping with no other keys."""
    if not isinstance(data, Mapping):
        raise ScenarioError(f"{path}: must be a mapping")
    unknown = set(data) - known
    if unknown:
        raise ScenarioError(
            f"{path}: unknown keys {', '.join(sorted(map(str, unknown)))}; known: {', '.join(sorted(known)) or 'none'}"
        )
