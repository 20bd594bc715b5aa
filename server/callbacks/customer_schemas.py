"""Wire models of the customer's callback pages. Before identity is proven everything personal is masked."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.callbacks.schemas import Answers, PolicyStatus
from server.domain.callback.case import State
from server.http.endpoint import Schema
from server.http.typed import SixDigits

Method = Literal["face", "sms_code"]
ChallengeKind = Literal["turns", "digits"]
Step = Literal["identity", "policy", "notice", "questions", "confirm", "signature"]
"""A step of the customer's way, as the bar above the pages shows it."""


class Blocked(Schema):
    """Why the customer cannot go on now. `code` as in the rules; `phone`: whom to call; `until` / `opens_at` where time helps."""

    code: str
    phone: str
    until: datetime | None = None
    opens_at: datetime | None = None


class PolicyHeader(Schema):
    """What stands above every page of a callback."""

    policy_no: str
    product_name: str
    policyholder_name: str
    insured_name: str
    premium_text: str


class NoticeView(Schema):
    """The notice to read and tick."""

    callback_id: str
    header: PolicyHeader
    notice: str
    tick: str
    """What is ticked; empty: the page's own words."""
    requires_tick: bool
    steps: list[Step]
    min_answer_seconds: int
    desk_phone: str


class CallbackEntry(Schema):
    """What a link opens on. `method` is decided by the certificate type; `blocked` is null when the customer may start."""

    insurer: str
    policy_no_masked: str
    product_name: str
    policyholder_masked: str
    state: State
    method: Method
    phone_masked: str
    can_measure: bool
    """Face only: a picture to compare with exists."""
    tries_left: int
    window_ends_at: datetime
    min_answer_seconds: int
    desk_phone: str
    desk_hours: str
    requires_signature: bool
    steps: list[Step]
    """The steps that this policy's rulebook has, in order."""
    can_use_code: bool
    """Face only: whether a code to the policy's phone is taken instead."""
    is_elderly: bool
    """Larger text and targets from the start."""
    challenges: list[ChallengeKind]
    """Face only: the challenges to choose from, the first is the usual one."""
    has_account: bool
    """Whether this customer has bound the web entry."""
    notice: NoticeView | None
    """The notice, masked, where it is ticked before the identity check (S0); null: it follows the check, or there is none."""
    blocked: Blocked | None


class NewChallenge(Schema, strict=True):
    """Which challenge; null: the usual one."""

    kind: ChallengeKind | None = None


class ChallengeStep(Schema):
    """One thing to do, inside a window of the video's own time."""

    action: Literal["straight", "read", "turn_left", "turn_right"]
    from_ms: int
    to_ms: int


class ChallengeView(Schema):
    """A challenge, good for one video until `expires_at`. `digits` are to be read aloud slowly; empty for turns of the head."""

    challenge_id: str
    kind: ChallengeKind
    steps: list[ChallengeStep]
    digits: str
    length_ms: int
    expires_at: datetime


class LinkRenewal(Schema):
    """A fresh link is on its way to the policy's phone; the old one opens nothing."""

    phone_masked: str


class CodeCheck(Schema, strict=True):
    """The code from the SMS."""

    code: SixDigits


class CodeSent(Schema):
    """Where a code went. The number is the policy's and cannot be changed here."""

    phone_masked: str
    expires_s: int
    resend_after_s: int


class IdentityResult(Schema):
    """What the identity check brought.

    `passed` carries the ticket of the following pages. `failed` says why (FACE_DIFFERS, CHALLENGE_NOT_MET, DIGITS_DIFFER,
    VIDEO_REPLAYED, VIDEO_TOO_EARLY; null for a wrong code). `not_measured` is no failure and never a pass: `reason` says what to
    do (FACE_NONE, FACE_MANY, FACE_UNCERTAIN, VIDEO_UNREADABLE, VIDEO_TOO_SHORT, CHALLENGE_EXPIRED, TURN_NOT_COMPARED,
    DIGITS_UNCLEAR, DIGITS_SILENT: again; VISION_UNAVAILABLE, SPEECH_UNAVAILABLE, MODEL_MISSING: later; FACE_REFERENCE_MISSING:
    by phone).
    """

    result: Literal["passed", "failed", "locked", "not_measured"]
    reason: str | None
    tries_left: int
    ticket: str | None
    expires_at: datetime | None
    callback_id: str


class WaitingPolicy(Schema):
    """A policy of the customer. `blocked` is null when its callback may be done now."""

    callback_id: str
    policy_no: str
    product_name: str
    insured_name: str
    issued_on: date
    policy_status: PolicyStatus
    state: State
    window_ends_at: datetime
    blocked: Blocked | None


class WaitingPolicies(Schema):
    """The customer's policies: open ones first; finished ones leave the list except those of this visit."""

    policyholder_name: str
    insurer: str
    items: list[WaitingPolicy]


class NoticeTick(Schema, strict=True):
    """我已确认回访须知事项."""

    is_confirmed: Literal[True]


class AskedView(Schema):
    """A question as the customer sees it."""

    id: str
    text: str


class QuestionnaireView(Schema):
    """The questions. `seconds_left`: submitting is refused before, measured by the server from the first rendering."""

    callback_id: str
    header: PolicyHeader
    title: str
    questions: list[AskedView]
    min_answer_seconds: int
    seconds_left: int
    has_remark: bool
    remark_max: int
    can_abort: bool


class SubmitAnswers(Schema, strict=True):
    """All answers at once."""

    answers: Answers
    remark: Annotated[str, StringConstraints(max_length=2000)] = ""


class AnsweredView(Schema):
    """A question with the customer's answer."""

    id: str
    text: str
    answer: Literal["yes", "no"]


class ConfirmView(Schema):
    """The confirmation page: all questions and answers."""

    callback_id: str
    header: PolicyHeader
    answers: list[AnsweredView]
    remark: str
    requires_signature: bool
    is_signed: bool
    can_edit: bool


class SignaturePoint(Schema, strict=True):
    """A pen position, 0…1 of the pad, at `t` ms."""

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]
    t: Annotated[int, Field(ge=0, le=600_000)]
    p: Annotated[float, Field(ge=0, le=1)] | None = None


class CallbackSignature(Schema, strict=True):
    """Strokes of the signature."""

    strokes: Annotated[
        list[Annotated[list[SignaturePoint], Field(min_length=1, max_length=2000)]], Field(min_length=1, max_length=100)
    ]


class SignatureKept(Schema):
    """The hash that the history keeps."""

    sha256: str


class ResultView(Schema):
    """How the callback ended, and what can follow without a new identity check."""

    callback_id: str
    state: State
    outcome: Literal["success", "phone", "aborted", "open"]
    thanks: str
    """The insurer's words after a success; empty: the page's own."""
    policy_no: str
    desk_phone: str
    desk_hours: str
    next: list[WaitingPolicy]


class CallbackStep(Schema):
    """The answer to submitting: the confirmation page, or the result where the rulebook has no such page."""

    confirm: ConfirmView | None
    result: ResultView | None
