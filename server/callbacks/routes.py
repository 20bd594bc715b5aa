"""HTTP endpoints of policies (from the core system) and of the callback desk; the customer's pages are in `customer_routes`."""

from aiohttp import web

from server.audits.service import record
from server.callbacks import (
    admin_routes,
    calendar_routes,
    customer_routes,
    desk,
    file_routes,
    pages,
    policies,
    service_routes,
    tasks,
)
from server.callbacks.access import OPERATOR, READERS
from server.callbacks.schemas import (
    CallbackDetail,
    CallbackPage,
    CallbackQuery,
    CallbackTask,
    CallbackTaskPage,
    CaseCallback,
    DeskCommand,
    KeptPageContent,
    NewPolicy,
    PolicyAccepted,
    TaskDone,
    TaskQuery,
)
from server.cases.service import require_visible
from server.context import CONTEXT
from server.http.endpoint import STAFF, SYSTEM, Call, Routes, staff, to_json
from server.recordings.access import log_look

routes = Routes(tag="callbacks")


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)
    customer_routes.attach(app)
    admin_routes.attach(app)
    calendar_routes.attach(app)
    service_routes.attach(app)
    file_routes.attach(app)


@routes.post("/api/v1/policies", access=SYSTEM, body=NewPolicy, response=PolicyAccepted, status=201, rate="system")
async def receive_policy(call: Call[NewPolicy, None]) -> web.Response:
    """Take an issued policy in from the core system and open its callback; 201 when new, 200 when known."""
    context = call.request.app[CONTEXT]
    accepted = await context.db.once(lambda tx: policies.receive(tx, context, call.who, call.body))
    return web.Response(status=201 if accepted.is_new else 200, body=to_json(accepted), content_type="application/json")


@routes.get("/api/v1/cases/{case_id}/callback", access=STAFF, response=CaseCallback)
async def show_case_callback(call: Call[None, None]) -> CaseCallback:
    """The callback of a case in short; 404 CALLBACK_NOT_FOUND before the policy is issued."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.read() as tx:
        await require_visible(tx, call.who, case_id)
        return await desk.of_case(tx, case_id)


@routes.get("/api/v1/callbacks", access=READERS, query=CallbackQuery, response=CallbackPage)
async def list_callbacks(call: Call[None, CallbackQuery]) -> CallbackPage:
    """The work list in the order of due times."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await desk.search(tx, context, call.query)


@routes.get("/api/v1/callbacks/{callback_id}", access=READERS, response=CallbackDetail)
async def show_callback(call: Call[None, None]) -> CallbackDetail:
    """One callback: policy, questions beside the recording, history, tasks, kept pages. The look is logged."""
    context, callback_id = call.request.app[CONTEXT], call.path("callback_id")
    async with context.db.read() as tx:
        view = await desk.show(tx, context, call.who, callback_id)
    async with context.db.begin() as tx:
        await record(
            tx, context, actor=call.who, action="callback.viewed", subject=callback_id, address=call.request.remote or ""
        )
    for recording_id in sorted({question.said.recording_id for question in view.questions if question.said}):
        await log_look(context, call.request, call.who, recording_id, "answers")  # what was said there is shown as well
    return view


@routes.get("/api/v1/callbacks/{callback_id}/pages/{page_id}", access=READERS, response=KeptPageContent)
async def show_callback_page(call: Call[None, None]) -> KeptPageContent:
    """A page as the customer saw it; the look is logged."""
    context, callback_id, page_id = call.request.app[CONTEXT], call.path("callback_id"), call.path("page_id")
    async with context.db.begin() as tx:
        view = await pages.read_page(tx, context, callback_id, page_id)
        await record(tx, context, actor=call.who, action="callback.page_viewed", subject=callback_id, data={"page": page_id})
    return view


@routes.post("/api/v1/callbacks/{callback_id}/commands", access=OPERATOR, body=DeskCommand, response=CallbackDetail)
async def command_callback(call: Call[DeskCommand, None]) -> CallbackDetail:
    """Carry out a command of the desk; refused with the rule's code where the rules do not allow it."""
    context, callback_id = call.request.app[CONTEXT], call.path("callback_id")
    async with context.db.begin() as tx:
        done = await desk.command(tx, context, call.who, callback_id, call.body)
    done.require()
    async with context.db.read() as tx:
        return await desk.show(tx, context, call.who, callback_id)


@routes.get("/api/v1/callback-tasks", access=READERS, query=TaskQuery, response=CallbackTaskPage)
async def list_callback_tasks(call: Call[None, TaskQuery]) -> CallbackTaskPage:
    """Tasks by due time, such as reports to compliance."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await tasks.list_tasks(tx, context, call.query)


@routes.post(
    "/api/v1/callback-tasks/{task_id}/done",
    access=staff("callback_operator", "compliance"),
    body=TaskDone,
    response=CallbackTask,
)
async def finish_callback_task(call: Call[TaskDone, None]) -> CallbackTask:
    """Tick off a task with a note."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await tasks.finish_task(tx, context, call.who, call.path("task_id"), call.body.note)
