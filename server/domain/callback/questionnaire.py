"""Questionnaires as data: conditions, merge fields, expected answers, versions. A missing merge field fails loudly.

`parse_questionnaire` reads `server/domain/data/callback/questionnaires/<id>.yaml`; `build` picks and renders the questions of one
policy. Conditions are a closed set of named facts, so a page can show why each question is asked or left out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from server.domain.callback.facts import Channel, PaymentMode, PolicyFacts

Answer = Literal["yes", "no"]

CONDITIONS: dict[str, Callable[[PolicyFacts, int], bool]] = {
    "insured_is_other": lambda p, _: not p.is_insured_policyholder,
    "insured_is_adult": lambda p, adult_from: p.insured_age >= adult_from,
    "insured_is_minor": lambda p, adult_from: p.insured_age < adult_from,
    "participating_or_universal": lambda p, _: p.product_type in ("participating", "universal"),
    "participating": lambda p, _: p.product_type == "participating",
    "universal": lambda p, _: p.product_type == "universal",
    "not_universal": lambda p, _: p.product_type != "universal",
    "unit_linked": lambda p, _: p.product_type == "unit_linked",
    "new_type": lambda p, _: p.is_new_type,
    "account_product": lambda p, _: (  # S3 art. 11; a participating product that accumulates tells its fees
        p.product_type in ("universal", "unit_linked") or (p.product_type == "participating" and p.fees_text not in ("", "无"))
    ),
    "dual_recorded": lambda p, _: p.has_recording,
    "regular_pay": lambda p, _: p.payment_mode is PaymentMode.REGULAR_PAY,
    "single_pay": lambda p, _: p.payment_mode is PaymentMode.SINGLE_PAY,
    "intermediary": lambda p, _: p.channel in (Channel.INTERMEDIARY, Channel.BANK),
    "bank": lambda p, _: p.channel is Channel.BANK,
    "waiting_period": lambda p, _: p.waiting_period_days > 0,
}
"""By name: whether it holds for a policy, where the rulebook takes an insured for grown up from an age on."""

MERGE_FIELDS: dict[str, Callable[[PolicyFacts], str | None]] = {
    "insurer": lambda p: p.insurer or None,
    "insurer_phone": lambda p: p.insurer_phone or None,
    "desk_hours": lambda p: p.desk_hours or None,
    "product_name": lambda p: p.product_name or None,
    "policy_no": lambda p: p.policy_no or None,
    "policyholder_name": lambda p: p.policyholder_name or None,
    "insured_name": lambda p: p.insured_name or None,
    "term": lambda p: p.term_text or None,
    "payment_years": lambda p: str(p.payment_years) if p.payment_years else None,
    "frequency": lambda p: p.payment_frequency or None,
    "premium": lambda p: format_yuan(p.premium_fen) if p.premium_fen > 0 else None,
    "next_due_on": lambda p: p.next_due_on.isoformat() if p.next_due_on else None,
    "guaranteed_rate": lambda p: p.guaranteed_rate,
    "cooling_off_days": lambda p: str(p.cooling_off_days) if p.cooling_off_days else None,
    "waiting_period_days": lambda p: str(p.waiting_period_days) if p.waiting_period_days else None,
    "fees": lambda p: p.fees_text or None,
    "net_amount": lambda p: format_yuan(p.net_amount_fen) if p.net_amount_fen is not None else None,
}

_FIELD = re.compile(r"{(\w+)}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
"""Answers are keyed by it on the wire."""


class QuestionnaireError(ValueError):
    """A questionnaire or a merge that cannot be used."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def format_yuan(fen: int) -> str:
    """Fen as yuan with separators: 2000000 → 20,000.00."""
    return f"{fen // 100:,}.{fen % 100:02d}"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. All of `conditions` must hold. `subject` links it to what the recording covers (say `cooling_off`)."""

    id: str
    text: str
    expected: Answer = "yes"
    conditions: tuple[str, ...] = ()
    subject: str = ""
    is_simplifiable: bool = False


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of an insurer's questionnaire and its notice."""

    id: str
    version: int
    title: str
    notice: str
    questions: tuple[Question, ...]
    tick: str = ""
    """What the customer ticks under the notice; empty: the page's own words."""
    thanks: str = ""
    """What a successful callback ends with; empty: the page's own words."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as one customer sees it, with why it is asked."""

    id: str
    text: str
    expected: Answer
    subject: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedQuestion:
    """A question left out, with the reason (a condition that does not hold, or the recording that covers it)."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuiltQuestionnaire:
    """What one policy's customer is asked."""

    asked: tuple[AskedQuestion, ...]
    skipped: tuple[SkippedQuestion, ...]
    notice: str
    tick: str = ""
    thanks: str = ""
    title: str = ""


def parse_questionnaire(data: Mapping[str, Any]) -> Questionnaire:
    """Read and check a questionnaire. Raises `QuestionnaireError` naming the place."""
    _only(data, {"id", "version", "title", "notice", "tick", "thanks", "questions"}, "")
    questions: list[Question] = []
    for index, entry in enumerate(data.get("questions", [])):
        path = f"questions[{index}]"
        _only(entry, {"id", "text", "expected", "when", "subject", "simplifiable"}, f"{path}.")
        for name in ("id", "text"):
            if not isinstance(entry.get(name), str):
                raise QuestionnaireError(f"{path}.{name}", "must be text")
            if not entry[name].strip():
                raise QuestionnaireError(f"{path}.{name}", "must not be empty")
        if not _ID.fullmatch(entry["id"]):
            raise QuestionnaireError(f"{path}.id", "must be 1 to 20 letters, digits, hyphens or underscores")
        conditions = tuple(entry.get("when", []))
        for condition in conditions:
            if condition not in CONDITIONS:
                raise QuestionnaireError(f"{path}.when", f"unknown condition {condition}")
        _check_fields(entry["text"], f"{path}.text")
        expected = {True: "yes", False: "no"}.get(entry.get("expected", True), entry.get("expected"))
        if expected not in ("yes", "no"):
            raise QuestionnaireError(f"{path}.expected", "must be yes or no")
        questions.append(
            Question(entry["id"], entry["text"], expected, conditions, entry.get("subject", ""), bool(entry.get("simplifiable")))
        )
    ids = [q.id for q in questions]
    if not ids or len(set(ids)) != len(ids):
        raise QuestionnaireError("questions", "needs at least one question, each with an id of its own")
    texts = [str(data.get(name, "")) for name in ("notice", "tick", "thanks")]
    for name, text in zip(("notice", "tick", "thanks"), texts, strict=True):
        _check_fields(text, name)
    notice, tick, thanks = texts
    return Questionnaire(data["id"], int(data["version"]), data.get("title", "回访问卷"), notice, tuple(questions), tick, thanks)


def build(
    questionnaire: Questionnaire, policy: PolicyFacts, covered: Mapping[str, str] | None = None, *, adult_from_age: int
) -> BuiltQuestionnaire:
    """Pick and render the questions of one policy.

    Args:
        adult_from_age: from when on the insured signs as well; nobody younger does (S0).
        covered: subjects that a passed recording covers → reason (recording, node); only `simplifiable` questions are left out
            by it, and only when the rulebook allows it (the caller passes None otherwise). Source: 保险销售行为管理办法 Art. 35.
    """
    asked: list[AskedQuestion] = []
    skipped: list[SkippedQuestion] = []
    for question in questionnaire.questions:
        if reason := _left_out(question, policy, covered, adult_from_age):
            skipped.append(SkippedQuestion(question.id, reason))
            continue
        text = render(question.text, policy, f"question {question.id}")
        asked.append(AskedQuestion(question.id, text, question.expected, question.subject, question.conditions or ("always",)))
    notice, tick, thanks = (
        render(text, policy, name)
        for name, text in (("notice", questionnaire.notice), ("tick", questionnaire.tick), ("thanks", questionnaire.thanks))
    )
    return BuiltQuestionnaire(tuple(asked), tuple(skipped), notice, tick, thanks, questionnaire.title)


def _left_out(question: Question, policy: PolicyFacts, covered: Mapping[str, str] | None, adult_from_age: int) -> str:
    """Why a question is not asked of this policy; empty: it is."""
    failed = next((c for c in question.conditions if not CONDITIONS[c](policy, adult_from_age)), None)
    if failed:
        return f"condition:{failed}"
    is_covered = covered and question.is_simplifiable and question.subject in covered
    return f"recording:{covered[question.subject]}" if covered and is_covered else ""


def lacking(
    questionnaire: Questionnaire, policy: PolicyFacts, covered: Mapping[str, str] | None = None, *, adult_from_age: int
) -> dict[str, tuple[str, ...]]:
    """The merge fields that the policy lacks → the questions (or notice, tick, thanks) that need them. Empty: `build` works."""
    texts = [(q.id, q.text) for q in questionnaire.questions if not _left_out(q, policy, covered, adult_from_age)]
    texts += [("notice", questionnaire.notice), ("tick", questionnaire.tick), ("thanks", questionnaire.thanks)]
    found: dict[str, tuple[str, ...]] = {}
    for where, text in texts:
        for name in dict.fromkeys(_FIELD.findall(text)):
            if MERGE_FIELDS[name](policy) is None:
                found[name] = (*found.get(name, ()), where)
    return found


def render(text: str, policy: PolicyFacts, where: str) -> str:
    """Fill merge fields. Raises `QuestionnaireError` when the policy lacks one: a blank is never shown to a customer."""

    def value(match: re.Match[str]) -> str:
        found = MERGE_FIELDS[match[1]](policy)
        if found is None:
            raise QuestionnaireError(where, f"the policy has no {match[1]}")
        return found

    return _FIELD.sub(value, text)


def unexpected(built: BuiltQuestionnaire, answers: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of questions whose answer differs from the expected one; success needs none (S1 E14, promise question expects 否)."""
    return tuple(q.id for q in built.asked if answers.get(q.id) != q.expected)


def _check_fields(text: str, path: str) -> None:
    for name in _FIELD.findall(text):
        if name not in MERGE_FIELDS:
            raise QuestionnaireError(path, f"unknown merge field {name}")
    if re.search(r"[{}]", _FIELD.sub("", text)):
        raise QuestionnaireError(path, "a brace that belongs to no merge field")


def _only(data: Mapping[str, Any], known: set[str], path: str) -> None:
    for key in data:
        if key not in known:
            raise QuestionnaireError(f"{path}{key}", "is not known")
