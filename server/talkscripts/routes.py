"""HTTP endpoints of talk scripts: any staff may read, administrators add and publish versions."""

from aiohttp import web

from server.context import CONTEXT
from server.http.endpoint import STAFF, Call, Routes, staff
from server.http.problem import not_found
from server.talkscripts import service
from server.talkscripts.schemas import (
    DiffQuery,
    NewTalkScriptVersion,
    PublishBody,
    TalkScriptDiff,
    TalkScriptList,
    TalkScriptVersion,
    TalkScriptVersionList,
)

routes = Routes(tag="talkscripts")
ADMINISTRATOR = staff("administrator")
VERSIONS = "/api/v1/talk-scripts/{key}/versions"


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


def _version(request: web.Request) -> int:
    text = request.match_info["version"]
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise not_found("TALK_SCRIPT_NOT_FOUND")
    return int(text)


@routes.get("/api/v1/talk-scripts", access=STAFF, response=TalkScriptList)
async def list_talk_scripts(call: Call[None, None]) -> TalkScriptList:
    """All talk scripts with the version in force."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return TalkScriptList(items=await service.list_scripts(tx, context))


@routes.get(VERSIONS, access=STAFF, response=TalkScriptVersionList)
async def list_talk_script_versions(call: Call[None, None]) -> TalkScriptVersionList:
    """Versions of a talk script, newest first."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return TalkScriptVersionList(items=await service.list_versions(tx, context, call.path("key")))


@routes.post(VERSIONS, access=ADMINISTRATOR, body=NewTalkScriptVersion, response=TalkScriptVersion, status=201)
async def add_talk_script_version(call: Call[NewTalkScriptVersion, None]) -> TalkScriptVersion:
    """Add a draft; it is checked completely."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await service.add_version(tx, context, call.who, call.path("key"), call.body.content, call.body.note)


@routes.get(VERSIONS + "/{version}", access=STAFF, response=TalkScriptVersion)
async def show_talk_script_version(call: Call[None, None]) -> TalkScriptVersion:
    """One version with its content."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await service.show(tx, context, call.path("key"), _version(call.request))


@routes.post(VERSIONS + "/{version}/publish", access=ADMINISTRATOR, body=PublishBody, response=TalkScriptVersion)
async def publish_talk_script(call: Call[PublishBody, None]) -> TalkScriptVersion:
    """Put a version into force; running sessions keep the one they froze."""
    context, version = call.request.app[CONTEXT], _version(call.request)
    async with context.db.begin() as tx:
        return await service.publish(tx, context, call.who, call.path("key"), version, call.body.effective_at)


@routes.get(VERSIONS + "/{version}/diff", access=STAFF, query=DiffQuery, response=TalkScriptDiff)
async def diff_talk_script(call: Call[None, DiffQuery]) -> TalkScriptDiff:
    """What changed since another version."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await service.diff(tx, call.path("key"), _version(call.request), call.query.against)
