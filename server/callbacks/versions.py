"""Versions of rulebooks and questionnaires: listing, checking with a preview, publishing. A version is never changed again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.callbacks.admin_schemas import (
    NewVersion,
    PreviewQuestion,
    PreviewStep,
    QuestionnairePreview,
    QuestionnaireSummary,
    RulebookPreview,
    RulebookSummary,
    RuleField,
    RuleFields,
    SamplePolicy,
    VersionData,
)
from server.callbacks.library import (
    completed_data,
    recording_subjects,
    shipped_data,
    shipped_questionnaires,
    shipped_rulebook,
    shipped_rulebooks,
    stored_rulebook,
)
from server.callbacks.rulebooks import questionnaire_in_force, rulebook_in_force, under_own_name
from server.callbacks.schemas import SkippedView
from server.callbacks.service import calendar
from server.callbacks.tables import callback_questionnaires, callback_rulebooks
from server.callbacks.trace import rule_name, title
from server.context import Context
from server.domain.callback.case import CallbackCase, Event
from server.domain.callback.engine import advance, start
from server.domain.callback.facts import CertificateType, Channel, PaymentMode, PolicyFacts
from server.domain.callback.questionnaire import (
    CONDITIONS,
    MERGE_FIELDS,
    Questionnaire,
    QuestionnaireError,
    build,
    parse_questionnaire,
)
from server.domain.callback.rulebook import Rulebook, RulebookError, parse_rulebook
from server.domain.callback.rulebook_fields import rulebook_fields
from server.domain.callback.timers import is_eligible, sms_plan, window_ends_at
from server.http.endpoint import Principal
from server.http.problem import Problem, not_found
from storage.db.engine import Tx

_TABLES = {"rulebooks": callback_rulebooks, "questionnaires": callback_questionnaires}
_KEY = {"rulebooks": "rulebook_id", "questionnaires": "questionnaire_id"}


async def rule_fields(tx: Tx) -> RuleFields:
    """What the editors of rulebooks and questionnaires offer."""
    return RuleFields(
        rulebook=[RuleField(**{name: getattr(field, name) for name in RuleField.model_fields}) for field in rulebook_fields()],
        conditions=list(CONDITIONS),
        merge_fields=list(MERGE_FIELDS),
        subjects=await _subjects(tx),
        questionnaires=await _names(tx, "questionnaires"),
    )


async def list_rulebooks(tx: Tx, context: Context) -> list[RulebookSummary]:
    """Every rulebook with the version in force today."""
    today = calendar().local_date(context.now())
    found = []
    for name in await _names(tx, "rulebooks"):
        book = stored_rulebook(await rulebook_in_force(tx, context, name, today))
        found.append(
            RulebookSummary(
                id=name,
                version=book.version,
                insurer=book.insurer,
                source=book.source,
                effective_from=book.effective_from,
                is_used=name == context.settings.callback_rulebook,
                versions=await _versions(tx, "rulebooks", name),
            )
        )
    return found


async def list_questionnaires(tx: Tx) -> list[QuestionnaireSummary]:
    """Every questionnaire with its newest version."""
    found = []
    for name in await _names(tx, "questionnaires"):
        newest = parse_questionnaire(await questionnaire_in_force(tx, name))
        versions = await _versions(tx, "questionnaires", name)
        found.append(
            QuestionnaireSummary(
                id=name, version=newest.version, title=newest.title, questions=len(newest.questions), versions=versions
            )
        )
    return found


async def show(tx: Tx, context: Context, kind: str, name: str, version: int) -> VersionData:
    """One version. 404 `VERSION_NOT_FOUND`."""
    table = _TABLES[kind]
    query = sa.select(table).where(table.c[_KEY[kind]] == name, table.c.version == version)
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is not None:
        return VersionData(
            id=name, version=version, is_shipped=False, published_at=row["published_at"], published_by=row["published_by"],
            data=completed_data(row["data"]) if kind == "rulebooks" else row["data"],
        )  # fmt: skip
    data = _shipped(kind, name)
    if data is None or int(data["version"]) != version:
        raise not_found("VERSION_NOT_FOUND", id=name, version=version)
    if kind == "rulebooks":
        data = under_own_name(data, context)
    return VersionData(id=name, version=version, is_shipped=True, published_at=None, published_by="", data=_plain(data))


async def check_rulebook(tx: Tx, name: str, data: Mapping[str, Any]) -> Rulebook:
    """Check a rulebook's data. 422 `RULEBOOK_INVALID` with `path` and `why`."""
    try:
        book = parse_rulebook(data)
    except RulebookError as error:
        raise Problem(422, "RULEBOOK_INVALID", path=error.path, why=error.message) from error
    if book.id != name:
        raise Problem(422, "RULEBOOK_INVALID", path="id", why=f"must be {name}")
    await questionnaire_in_force(tx, book.answering.questionnaire)
    return book


def check_questionnaire(name: str, data: Mapping[str, Any]) -> Questionnaire:
    """Check a questionnaire's data. 422 `QUESTIONNAIRE_INVALID` with `path` and `why`."""
    try:
        parsed = parse_questionnaire(data)
    except QuestionnaireError as error:
        raise Problem(422, "QUESTIONNAIRE_INVALID", path=error.path, why=error.message) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Problem(422, "QUESTIONNAIRE_INVALID", path="questions", why=str(error)) from error
    if parsed.id != name:
        raise Problem(422, "QUESTIONNAIRE_INVALID", path="id", why=f"must be {name}")
    return parsed


async def preview_rulebook(tx: Tx, book: Rulebook, given: SamplePolicy, now: datetime) -> RulebookPreview:
    """What the clock alone would do to a policy issued now."""
    questionnaire = parse_questionnaire(await questionnaire_in_force(tx, book.answering.questionnaire))
    policy = sample(given, now)
    case, first = start(policy, book, questionnaire, now)
    _, events = advance(case, now + timedelta(days=book.expires_after_days), calendar())
    days = {calendar().local_date(e.at) for e in (first, *events) if e.kind != "expired"}
    days |= {calendar().local_date(task.due_at) for e in events for task in e.tasks}
    return RulebookPreview(
        steps=[_step(event) for event in (first, *events)],
        estimated_years=sorted({day.year for day in days if calendar().is_estimated(day)}),
        method=book.identity.method_for(given.certificate),
        min_answer_seconds=book.answering.min_answer_seconds,
        second_sms=_second_sms(case, events),
    )


def _second_sms(case: CallbackCase, events: Sequence[Event]) -> Literal["none", "in_window", "after_window", "dropped"]:
    if len(sms_plan(case, calendar())) < 2 or not is_eligible(case):
        return "none"
    sent = [event.at for event in events if event.kind == "sms_sent"]
    if len(sent) < 2:
        return "dropped"
    return "in_window" if sent[1] < window_ends_at(case, calendar()) else "after_window"


def preview_questionnaire(questionnaire: Questionnaire, given: SamplePolicy, now: datetime) -> QuestionnairePreview:
    """Notice and questions of a sample."""
    try:
        built = build(questionnaire, sample(given, now), adult_from_age=_default().answering.insured_adult_from_age)
    except QuestionnaireError as error:
        raise Problem(422, "QUESTIONNAIRE_INVALID", path=error.path, why=error.message) from error
    return QuestionnairePreview(
        notice=built.notice,
        questions=[PreviewQuestion(id=q.id, text=q.text, expected=q.expected, because=list(q.because)) for q in built.asked],
        skipped=[SkippedView(id=s.id, reason=s.reason) for s in built.skipped],
    )


async def publish(tx: Tx, context: Context, who: Principal, kind: str, name: str, body: NewVersion) -> VersionData:
    """Publish a version; open callbacks keep the one they began with."""
    version = max(await _versions(tx, kind, name), default=0) + 1
    data = _plain({**body.data, "version": version})
    values: dict[str, Any] = {_KEY[kind]: name, "version": version}
    if kind == "rulebooks":
        today = calendar().local_date(context.now())
        start_on = body.effective_from or today
        if start_on < today:
            raise Problem(422, "RULEBOOK_INVALID", path="effective_from", why="must not lie in the past")
        data["effective_from"] = start_on.isoformat()
        await check_rulebook(tx, name, data)
        values["effective_from"] = start_on
    else:
        check_questionnaire(name, data)
    values |= {"data": data, "published_at": context.now(), "published_by": actor_of(who)}
    await tx.execute(sa.insert(_TABLES[kind]).values(**values))
    noted = {"version": version, "note": body.note}
    await record(tx, context, actor=who, action=f"callback_{kind[:-1]}.published", subject=name, data=noted)
    return await show(tx, context, kind, name, version)


def _default() -> Rulebook:
    """The rulebook whose numbers a sample has where it is tried on no rulebook of its own."""
    return shipped_rulebook("default")


def sample(given: SamplePolicy, now: datetime) -> PolicyFacts:
    """A policy to try rules and questions on."""
    today: date = calendar().local_date(now)
    return PolicyFacts(
        policy_no="00001234567890001",
        product_name="示例保险产品",
        product_type=given.product_type.value,
        payment_mode=PaymentMode(given.payment_mode),
        channel=Channel(given.channel),
        issued_at=now,
        effective_on=today + timedelta(days=given.effective_in_days),
        is_first_time=given.is_first_time,
        phone="13900000000",
        policyholder_name="张三",
        insured_name="张三" if given.is_insured_policyholder else "李四",
        certificate=CertificateType(given.certificate),
        is_insured_policyholder=given.is_insured_policyholder,
        insured_age=given.insured_age,
        term_text="20年",
        payment_years=10,
        payment_frequency="年",
        premium_fen=2_000_000,
        next_due_on=today + timedelta(days=365),
        guaranteed_rate="1.75%",
        waiting_period_days=given.waiting_period_days,
        fees_text="初始费用 3%" if given.has_fees else "",
        net_amount_fen=1_940_000 if given.has_fees else None,
        cooling_off_days=_default().cooling_off_days,
        has_recording=given.has_recording,
        notified_at=now,
        insurer="示例保险公司",
        insurer_phone="400-000-0000",
        desk_hours=_default().phone.hours.text,
    )


async def _subjects(tx: Tx) -> list[str]:
    """What a question can be about: what recordings deal with, and what the questionnaires in force name beside it."""
    found = set(recording_subjects())
    for name in await _names(tx, "questionnaires"):
        found |= {q.subject for q in parse_questionnaire(await questionnaire_in_force(tx, name)).questions if q.subject}
    return sorted(found)


async def _names(tx: Tx, kind: str) -> list[str]:
    table = _TABLES[kind]
    published = {str(row[0]) for row in await tx.execute(sa.select(table.c[_KEY[kind]]).distinct())}
    shipped = set(shipped_rulebooks() if kind == "rulebooks" else shipped_questionnaires())
    return sorted(published | shipped)


async def _versions(tx: Tx, kind: str, name: str) -> list[int]:
    table = _TABLES[kind]
    rows = await tx.execute(sa.select(table.c.version).where(table.c[_KEY[kind]] == name))
    found = {int(row.version) for row in rows}
    data = _shipped(kind, name)
    return sorted(found | ({int(data["version"])} if data else set()), reverse=True)


def _shipped(kind: str, name: str) -> dict[str, Any] | None:
    try:
        return shipped_data(kind, name)
    except KeyError:
        return None


def _plain(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value, default=str))


def _step(event: Event) -> PreviewStep:
    kind, rule = event.kind, event.rule
    return PreviewStep(at=event.at, kind=kind, title=title(kind), rule=rule, rule_name=rule_name(rule), state=event.state.value)
