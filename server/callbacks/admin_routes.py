"""HTTP endpoints of rulebook and questionnaire versions, of statistics, and of quality sampling."""

from aiohttp import web

from server.callbacks import sampling, statistics, versions
from server.callbacks.access import DESK
from server.callbacks.admin_schemas import (
    DraftVersion,
    NewVersion,
    QuestionnaireList,
    QuestionnairePreview,
    RulebookList,
    RulebookPreview,
    RuleFields,
    SamplePage,
    SampleQuery,
    SampleRow,
    SampleRules,
    SampleVerdict,
    Statistics,
    StatisticsQuery,
    VersionData,
)
from server.callbacks.sheets import XLSX
from server.context import CONTEXT
from server.http.endpoint import Call, Routes, staff
from server.http.problem import not_found

routes = Routes(tag="callbacks")
ADMINISTRATOR = staff("administrator")
CHECKERS = staff("inspector", "compliance", "callback_operator")
BOOKS = "/api/v1/callback-rulebooks"
FORMS = "/api/v1/callback-questionnaires"


def attach(app: web.Application) -> None:
    """Register the endpoints."""
    routes.attach(app)


def _version(request: web.Request) -> int:
    text = request.match_info["version"]
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise not_found("VERSION_NOT_FOUND")
    return int(text)


@routes.get(BOOKS, access=DESK, response=RulebookList)
async def list_callback_rulebooks(call: Call[None, None]) -> RulebookList:
    """All rulebooks with the version in force."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return RulebookList(items=await versions.list_rulebooks(tx, context))


@routes.get("/api/v1/callback-rule-fields", access=DESK, response=RuleFields)
async def show_callback_rule_fields(call: Call[None, None]) -> RuleFields:
    """Fields of a rulebook, and what a questionnaire may use: what the editors offer."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await versions.rule_fields(tx)


@routes.get(BOOKS + "/{rulebook_id}/versions/{version}", access=DESK, response=VersionData)
async def show_callback_rulebook(call: Call[None, None]) -> VersionData:
    """One version of a rulebook."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await versions.show(tx, context, "rulebooks", call.path("rulebook_id"), _version(call.request))


@routes.post(BOOKS + "/{rulebook_id}/preview", access=ADMINISTRATOR, body=DraftVersion, response=RulebookPreview)
async def preview_callback_rulebook(call: Call[DraftVersion, None]) -> RulebookPreview:
    """Check a rulebook and show what would happen to a policy by itself; nothing is stored."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        book = await versions.check_rulebook(tx, call.path("rulebook_id"), call.body.data)
        return await versions.preview_rulebook(tx, book, call.body.sample, context.now())


@routes.post(BOOKS + "/{rulebook_id}/versions", access=ADMINISTRATOR, body=NewVersion, response=VersionData, status=201)
async def publish_callback_rulebook(call: Call[NewVersion, None]) -> VersionData:
    """Publish a new version of a rulebook, in force from a day on."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await versions.publish(tx, context, call.who, "rulebooks", call.path("rulebook_id"), call.body)


@routes.get(FORMS, access=DESK, response=QuestionnaireList)
async def list_callback_questionnaires(call: Call[None, None]) -> QuestionnaireList:
    """All questionnaires with their newest version."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return QuestionnaireList(items=await versions.list_questionnaires(tx))


@routes.get(FORMS + "/{questionnaire_id}/versions/{version}", access=DESK, response=VersionData)
async def show_callback_questionnaire(call: Call[None, None]) -> VersionData:
    """One version of a questionnaire."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await versions.show(tx, context, "questionnaires", call.path("questionnaire_id"), _version(call.request))


@routes.post(FORMS + "/{questionnaire_id}/preview", access=ADMINISTRATOR, body=DraftVersion, response=QuestionnairePreview)
async def preview_callback_questionnaire(call: Call[DraftVersion, None]) -> QuestionnairePreview:
    """Check a questionnaire and show it as a sample's customer would see it; nothing is stored."""
    parsed = versions.check_questionnaire(call.path("questionnaire_id"), call.body.data)
    return versions.preview_questionnaire(parsed, call.body.sample, call.request.app[CONTEXT].now())


@routes.post(FORMS + "/{questionnaire_id}/versions", access=ADMINISTRATOR, body=NewVersion, response=VersionData, status=201)
async def publish_callback_questionnaire(call: Call[NewVersion, None]) -> VersionData:
    """Publish a new version of a questionnaire."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await versions.publish(tx, context, call.who, "questionnaires", call.path("questionnaire_id"), call.body)


@routes.get("/api/v1/callback-statistics", access=DESK, query=StatisticsQuery, response=Statistics)
async def show_callback_statistics(call: Call[None, StatisticsQuery]) -> Statistics:
    """Figures of a period, per organisation."""
    query = call.query
    async with call.request.app[CONTEXT].db.read() as tx:
        return await statistics.figures(tx, call.request.app[CONTEXT], query.since, query.until, query.org_code)


@routes.get("/api/v1/callback-statistics.csv", access=DESK, query=StatisticsQuery, produces=("text/csv",))
async def export_callback_statistics(call: Call[None, StatisticsQuery]) -> web.Response:
    """The same table as CSV."""
    query = call.query
    async with call.request.app[CONTEXT].db.read() as tx:
        found = await statistics.figures(tx, call.request.app[CONTEXT], query.since, query.until, query.org_code)
    name = f"callback-{query.since}-{query.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=statistics.to_csv(found), content_type="text/csv", charset="utf-8", headers=headers)


@routes.get("/api/v1/callback-statistics.xlsx", access=DESK, query=StatisticsQuery, produces=(XLSX,))
async def export_callback_statistics_sheet(call: Call[None, StatisticsQuery]) -> web.Response:
    """The same figures as a spreadsheet: per organisation, per day, and the reasons of problem cases."""
    query = call.query
    async with call.request.app[CONTEXT].db.read() as tx:
        found = await statistics.figures(tx, call.request.app[CONTEXT], query.since, query.until, query.org_code)
    name = f"callback-{query.since}-{query.until}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=await statistics.to_xlsx(found), content_type=XLSX, headers=headers)


@routes.get("/api/v1/callback-samples", access=CHECKERS, query=SampleQuery, response=SamplePage)
async def list_callback_samples(call: Call[None, SampleQuery]) -> SamplePage:
    """Finished callbacks drawn for a check, by due time."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await sampling.search(tx, context, call.who, call.query)


@routes.get("/api/v1/callback-samples/rules", access=CHECKERS, response=SampleRules)
async def show_sampling_rules(_call: Call[None, None]) -> SampleRules:
    """By which rules callbacks are drawn, and what is checked."""
    return sampling.rules()


@routes.post("/api/v1/callback-samples/{sample_id}/review", access=CHECKERS, body=SampleVerdict, response=SampleRow)
async def review_callback_sample(call: Call[SampleVerdict, None]) -> SampleRow:
    """Write down what the checker found; nobody checks a call of their own."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await sampling.review(tx, context, call.who, call.path("sample_id"), call.body)
