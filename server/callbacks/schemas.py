"""Wire models of policies (from the core system) and of the callback desk."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from server.cases.schemas import CertType, Channel, Name, NewPremium, ProductType
from server.domain.callback.case import State
from server.http.endpoint import Schema
from server.http.typed import CertNo, Code, Phone

PolicyNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-]{6,40}$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Answers = Annotated[dict[Annotated[str, StringConstraints(max_length=20)], Literal["yes", "no"]], Field(max_length=60)]
Result = Literal["success", "problem", "no_answer", "refused", "wrong_number"]
View = Literal["todo", "electronic", "finished", "all"]
Verdict = Literal["affirmative", "negative", "unclear", "silent"]
PolicyStatus = Literal["in_force", "surrendered", "cancelled", "lapsed", "ended"]


class PolicyProduct(Schema, strict=True):
    """The product of a policy without a proposal."""

    name: Name
    product_type: ProductType
    waiting_period_days: Annotated[int, Field(ge=0, le=3650)] = 0
    cooling_off_days: Annotated[int, Field(ge=0, le=60)] | None = None
    """Default: the rulebook's."""
    guaranteed_rate: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9]{1,3})?%$")] | None = None
    is_over_one_year: bool = True


class PolicyPerson(Schema, strict=True):
    """A person of a policy without a proposal. The policyholder needs a phone, unless the rulebook has numbers found (A14)."""

    name: Name
    birth_on: date
    cert_type: CertType = CertType.ID_CARD
    cert_no: CertNo
    phone: Phone | None = None


class NewPolicy(Schema, strict=True):
    """An issued policy. The same number with the same content is accepted again without effect.

    With `proposal_no` everything else follows from the proposal; a field given here (a new phone, say) takes its place. Without
    one, product, premium, coverage, channel, org_code, policyholder and insured are needed.
    """

    policy_no: PolicyNo
    issued_at: AwareDatetime
    effective_on: date | None = None
    """Default: the day after the issue date."""
    proposal_no: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-]{6,32}$")] | None = None
    product: PolicyProduct | None = None
    premium: NewPremium | None = None
    coverage: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = None
    channel: Channel | None = None
    org_code: Code | None = None
    policyholder: PolicyPerson | None = None
    insured: PolicyPerson | None = None
    phone: Phone | None = None
    """The phone on the policy, where it differs from the proposal's."""
    next_due_on: date | None = None
    fees_text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    net_amount_fen: Annotated[int, Field(ge=0, le=1_000_000_000_000)] | None = None
    """What of the first premium goes into the account after its charges; the questionnaire may need it (S3 Q15)."""
    has_electronic_contract: bool = True


class PolicyAccepted(Schema):
    """What became of a policy: its callback and how it begins."""

    policy_no: str
    is_new: bool
    callback_id: str
    state: State
    rulebook: str
    rulebook_version: int
    has_recording: bool


class CaseCallback(Schema):
    """The callback of a case, in short."""

    callback_id: str
    policy_no: str
    state: State
    result: str
    due_at: datetime | None
    finished_at: datetime | None


class CallbackQuery(Schema):
    """Query of the work list. `q`: policy number, or a whole name, phone or certificate number."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    view: View = "todo"
    state: State | None = None
    task: Annotated[str, StringConstraints(max_length=30)] = ""
    org_code: Annotated[str, StringConstraints(max_length=40)] = ""
    category: Annotated[str, StringConstraints(max_length=30)] = ""
    channel: Annotated[str, StringConstraints(max_length=20)] = ""
    rulebook: Annotated[str, StringConstraints(max_length=20)] = ""
    since: date | None = None
    """Created on or after this local date."""
    until: date | None = None
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class CallbackRow(Schema):
    """A line of the work list. `why` is the kind of the last event, `rule` the rule behind it; both also in words.

    `due_at`: of a phone call, from when it may be made; of any other task, by when it is to be done. `late_at`: after it the task
    is overdue.
    """

    id: str
    policy_no: str
    product_name: str
    policyholder_name: str
    phone_masked: str
    state: State
    result: str
    channel: str | None
    problem_category: str
    why: str
    why_text: str
    rule: str
    rule_name: str
    task: str | None
    priority: int | None
    org_code: str
    due_at: datetime | None
    late_at: datetime | None
    is_overdue: bool
    phone_attempts: int
    has_recording: bool
    created_at: datetime
    finished_at: datetime | None


class CallbackPage(Schema):
    """A page of the work list; `counts` by view."""

    items: list[CallbackRow]
    total: int
    page: int
    page_size: int
    counts: dict[View, int]


class RecordedAnswer(Schema):
    """What the customer said or did on a subject in the recording. `t_ms` on its timeline, for the play button."""

    recording_id: str
    node_id: str
    node_title: str
    kind: Literal["answer", "documents", "signed"]
    verdict: Verdict | None
    override_verdict: str | None
    override_reason: str | None
    text: str
    confidence: float | None
    t_ms: int | None


class CallbackQuestion(Schema):
    """A question with its answer now, and what was said in the recording."""

    id: str
    text: str
    subject: str
    expected: Literal["yes", "no"]
    because: list[str]
    answer: Literal["yes", "no"] | None
    is_unexpected: bool
    contradiction: Literal["yes_after_negative", "no_after_affirmative", "no_after_override"] | None
    said: RecordedAnswer | None


class SkippedView(Schema):
    """A question that is not asked, and why."""

    id: str
    reason: str


class CallbackEventView(Schema):
    """An entry of the history, with what it means in plain words: `title`, `detail` and `rule_name` may be empty."""

    seq: int
    at: datetime
    kind: str
    title: str
    detail: str
    rule: str
    rule_name: str
    state: State
    actor: str
    data: dict[str, Any]


class CallbackTask(Schema):
    """A task of the desk; `due_at` and `late_at` as in the work list, `detail` in words."""

    id: str
    callback_id: str | None
    policy_no: str
    kind: str
    detail: str
    rule: str
    rule_name: str
    due_at: datetime
    late_at: datetime
    status: Literal["open", "done", "cancelled"]
    is_overdue: bool
    created_at: datetime
    done_at: datetime | None


class CallbackTaskPage(Schema):
    """A page of tasks by due time."""

    items: list[CallbackTask]
    total: int
    page: int
    page_size: int


class TaskQuery(Schema):
    """Query of tasks."""

    kind: Annotated[str, StringConstraints(max_length=30)] = ""
    status: Literal["open", "done", "cancelled"] = "open"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class TaskDone(Schema, strict=True):
    """How a task ended."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class KeptPage(Schema):
    """A page the customer was shown, kept as evidence."""

    id: str
    at: datetime
    kind: str
    sha256: str
    address: str
    device: str


class KeptPageContent(KeptPage):
    """A kept page with its content; `is_intact`: the content still has its hash."""

    content: dict[str, Any]
    is_intact: bool


class CallbackFile(Schema):
    """A file of the desk. `kind`: call_recording, form or scan; `purpose` of a form or scan: visit, letter, explanation,
    re_signature. `facts`: duration_ms and codec of a recording, pages of a paper."""

    id: str
    kind: Literal["call_recording", "form", "scan"]
    purpose: str
    content_type: str
    size_bytes: int
    sha256: str
    facts: dict[str, Any]
    made_at: datetime
    made_by_name: str


class CallbackFileList(Schema):
    """Files, oldest first."""

    items: list[CallbackFile]


class FilePlay(Schema):
    """A link to a call recording, for the person who asked."""

    url: str
    expires_at: datetime
    content_type: str


class FormRequest(Schema, strict=True):
    """Which form to make."""

    purpose: Literal["visit", "letter", "explanation", "re_signature"]


class CallReference(Schema, strict=True):
    """A call, as the telephone system names it."""

    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{1,60}$")]


class ScanQuery(Schema):
    """What the scanned paper is."""

    purpose: Literal["visit", "letter", "explanation", "re_signature"]


class Visitor(Schema):
    """Somebody of the service staff who may visit customers; never sales staff (A15)."""

    id: str
    name: str
    org_code: str


class VisitorList(Schema):
    """Who may visit."""

    items: list[Visitor]


class PolicyFactsView(Schema):
    """The policy beside the script."""

    policy_no: str
    proposal_no: str | None
    case_id: str | None
    recording_id: str | None
    product_name: str
    product_type: str
    channel: str
    payment_mode: str
    premium_fen: int
    payment_frequency: str
    payment_years: int | None
    term_text: str
    issued_at: datetime
    effective_on: date
    policyholder_name: str
    policyholder_age: int
    insured_name: str
    insured_age: int
    certificate: str
    phone: str
    cooling_off_ends_hint: str
    status: str


class DeskView(Schema):
    """When the phone desk may call under this callback's rulebook."""

    is_open: bool
    opens_at: datetime
    hours: str
    number: str


class CallResults(Schema):
    """The results that the rules take of a call now, by who called whom."""

    outbound: list[Result]
    inbound: list[Result]


class CallbackDetail(Schema):
    """Everything about one callback. `allowed`: the commands the caller may send now."""

    id: str
    state: State
    result: str
    channel: str | None
    problem_category: str
    verification: str
    signed_paper: str
    """The form that came back signed and whose signature the second call asks about; empty: none."""
    rulebook: str
    rulebook_version: int
    insurer: str
    has_electronic: bool
    """Whether this policy has an electronic callback at all; without one `window_ends_at` means nothing."""
    window_ends_at: datetime
    next_call_at: datetime | None
    can_call_from: datetime | None
    """Until then the retry plan lets nobody call the customer; null: it does not hold a call up."""
    phone_attempts: int
    phone_attempts_max: int
    policy: PolicyFactsView
    desk: DeskView
    notice: str
    remark: str
    questions: list[CallbackQuestion]
    skipped: list[SkippedView]
    history: list[CallbackEventView]
    tasks: list[CallbackTask]
    pages: list[KeptPage]
    files: list[CallbackFile]
    allowed: list[str]
    call_results: CallResults
    is_history_intact: bool
    created_at: datetime
    finished_at: datetime | None


class PhoneResult(Schema, strict=True):
    """What a call brought. `answers` for success and, where given, problem. `from_phone`: the customer called us."""

    command: Literal["phone_result"]
    result: Result
    answers: Answers = Field(default_factory=dict)
    note: Note = ""
    from_phone: Phone | None = None


class Classify(Schema, strict=True):
    """Name the kind of problem."""

    command: Literal["classify"]
    category: Literal[
        "not_received",
        "unclear_rights",
        "promise",
        "identity_doubt",
        "contradiction",
        "signature_missing",
        "signed_by_other",
        "misconduct",
        "other",
    ]
    note: Note = ""


class Explained(Schema, strict=True):
    """The explanation by phone is done."""

    command: Literal["explained"]
    needs_visit: bool
    note: Note = ""


class FormReturned(Schema, strict=True):
    """A signed form came back: of a visit, or of the re-signature. `visitor_id`: the member of staff who brought it."""

    command: Literal["visit_form_returned", "re_signed"]
    signed_by_policyholder: bool
    visitor_id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    scan_id: Annotated[str, StringConstraints(max_length=40)] = ""
    note: Note = ""


class VerifyCall(Schema, strict=True):
    """The second call: was it explained, and, where a signed form came back, is the signature the policyholder's own?"""

    command: Literal["verify_call"]
    is_confirmed: bool
    is_signature_genuine: bool | None = None
    """Given exactly when a signed form came back (`signed_paper`)."""
    note: Note = ""


class NumberConfirmed(Schema, strict=True):
    """The responsible unit confirmed the number, or found another one."""

    command: Literal["number_confirmed"]
    phone: Phone | None = None
    note: Note = ""


class Assign(Schema, strict=True):
    """Send a visit or a letter."""

    command: Literal["assign"]
    channel: Literal["visit", "letter"]
    note: Note = ""


class PaperResult(Schema, strict=True):
    """What a visit or a letter brought. A visit that reached the customer names its visitor, every signed paper its scan."""

    command: Literal["visit_result", "letter_result"]
    reached: bool
    signed_by_policyholder: bool = False
    visitor_id: Annotated[str, StringConstraints(max_length=40)] = ""
    scan_id: Annotated[str, StringConstraints(max_length=40)] = ""
    answers: Answers = Field(default_factory=dict)
    note: Note = ""


class CloseCallback(Schema, strict=True):
    """End a callback without a result, with a reason."""

    command: Literal["close"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    note: Note = ""


DeskCommand = Annotated[
    PhoneResult | Classify | Explained | FormReturned | VerifyCall | NumberConfirmed | Assign | PaperResult | CloseCallback,
    Field(discriminator="command"),
]
