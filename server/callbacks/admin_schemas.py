"""Wire models of rulebook and questionnaire versions, and of statistics."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from server.callbacks.schemas import SkippedView
from server.cases.schemas import ProductType
from server.http.endpoint import Schema


class RuleField(Schema):
    """A field of a rulebook, for a form."""

    path: str
    section: str
    kind: Literal["text", "number", "yes_no", "date", "time", "choice", "choices", "texts", "numbers", "mapping"]
    choices: list[str]
    is_optional: bool
    default: Any


class RuleFields(Schema):
    """Everything that the editors offer."""

    rulebook: list[RuleField]
    conditions: list[str]
    merge_fields: list[str]
    subjects: list[str]
    questionnaires: list[str]


class RulebookSummary(Schema):
    """A rulebook and the version in force today. `is_used`: new callbacks of this installation follow it."""

    id: str
    version: int
    insurer: str
    source: str
    effective_from: date
    is_used: bool
    versions: list[int]


class RulebookList(Schema):
    """All rulebooks."""

    items: list[RulebookSummary]


class VersionData(Schema):
    """A version's whole data, in the form of the shipped files."""

    id: str
    version: int
    is_shipped: bool
    published_at: datetime | None
    published_by: str
    data: dict[str, Any]


class QuestionnaireSummary(Schema):
    """A questionnaire and its newest version."""

    id: str
    version: int
    title: str
    questions: int
    versions: list[int]


class QuestionnaireList(Schema):
    """All questionnaires."""

    items: list[QuestionnaireSummary]


class SamplePolicy(Schema, strict=True):
    """A policy to preview with."""

    product_type: ProductType = ProductType.PARTICIPATING
    payment_mode: Literal["single_pay", "regular_pay"] = "regular_pay"
    channel: Literal["agent", "bank", "intermediary", "online", "phone"] = "agent"
    certificate: Literal["id_card", "passport", "other"] = "id_card"
    is_insured_policyholder: bool = False
    insured_age: Annotated[int, Field(ge=0, le=110)] = 43
    has_recording: bool = True
    waiting_period_days: Annotated[int, Field(ge=0, le=3650)] = 0
    has_fees: bool = True
    is_first_time: bool = True
    effective_in_days: Annotated[int, Field(ge=0, le=60)] = 1
    """From the day of issue, which is today."""


class DraftVersion(Schema):
    """Data to check. It is refused with 422 `RULEBOOK_INVALID` or `QUESTIONNAIRE_INVALID`, naming the place."""

    data: dict[str, Any]
    sample: SamplePolicy = SamplePolicy()


class NewVersion(Schema):
    """Data to publish; the version number follows the newest one. Rulebooks need the day from which they are in force."""

    data: dict[str, Any]
    effective_from: date | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class PreviewStep(Schema):
    """Something that happens by itself to the sample."""

    at: datetime
    kind: str
    title: str
    rule: str
    rule_name: str
    state: str


class RulebookPreview(Schema):
    """What would happen to a policy issued now if its customer did nothing."""

    steps: list[PreviewStep]
    estimated_years: list[int]
    """Years of the steps whose public holidays are not published yet: their workdays are estimated."""
    method: str
    min_answer_seconds: int
    second_sms: Literal["none", "in_window", "after_window", "dropped"]
    """What becomes of the second message: none is planned, it is sent in the window, or after it; or it is not sent any more."""


class PreviewQuestion(Schema):
    """A question as the sample's customer would see it."""

    id: str
    text: str
    expected: Literal["yes", "no"]
    because: list[str]


class QuestionnairePreview(Schema):
    """Notice and questions of the sample."""

    notice: str
    questions: list[PreviewQuestion]
    skipped: list[SkippedView]


class StatisticsQuery(Schema):
    """Callbacks created in a period of local dates, both included; at most 400 days."""

    since: date
    until: date
    org_code: Annotated[str, StringConstraints(max_length=40)] = ""


class StatisticsRow(Schema):
    """Figures of one organisation, or of all (`org_code` empty). Shares are null where there is nothing to divide by."""

    org_code: str
    total: int
    finished: int
    success: int
    electronic: int
    phone: int
    paper: int
    problem: int
    contradiction: int
    open: int
    first_day: int
    failed_number: int
    completion_share: float | None
    electronic_share: float | None
    first_day_share: float | None


class StatisticsDay(Schema):
    """Callbacks created on a local date."""

    day: date
    total: int
    success: int
    electronic: int
    problem: int


class Statistics(Schema):
    """Callbacks of a period, per organisation and per day, with the reasons of problem cases and why nobody was reached."""

    since: date
    until: date
    all: StatisticsRow
    by_org: list[StatisticsRow]
    by_day: list[StatisticsDay]
    problem_reasons: dict[str, int]
    unexpected_questions: dict[str, int]
    """Subject or id of a question → how often it was answered otherwise than expected."""


class SamplingCheck(Schema):
    """Something the checker answers."""

    id: str
    title: str


class SamplingRuleView(Schema):
    """A rule of the sampling."""

    id: str
    title: str
    share: float
    due_workdays: int


class SampleRules(Schema):
    """The rules, in order, and the list of checks."""

    rules: list[SamplingRuleView]
    checks: list[SamplingCheck]


class SampleQuery(Schema):
    """Query of drawn callbacks."""

    status: Literal["open", "passed", "failed"] = "open"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class SampleRow(Schema):
    """A drawn callback. `is_own`: the caller held the call and may not check it."""

    id: str
    callback_id: str
    policy_no: str
    policyholder_name: str
    product_name: str
    org_code: str
    channel: str | None
    problem_category: str
    rule: str
    rule_title: str
    status: Literal["open", "passed", "failed", "not_chosen"]
    checks: dict[str, str]
    note: str
    finished_at: datetime
    due_at: datetime | None
    reviewed_at: datetime | None
    is_overdue: bool
    is_own: bool


class SamplePage(Schema):
    """A page of drawn callbacks; `counts` by status."""

    items: list[SampleRow]
    total: int
    page: int
    page_size: int
    counts: dict[str, int]


class SampleVerdict(Schema, strict=True):
    """What was found, check by check. A failed check needs a note."""

    checks: Annotated[dict[str, Literal["pass", "fail", "not_applicable"]], Field(max_length=20)]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
