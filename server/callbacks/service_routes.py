"""HTTP endpoints of policies in force: events from the core system, service calls, number lists, phone warnings."""

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from server.audits.service import record
from server.callbacks import numbers, phone_checks, service_calls, service_events
from server.callbacks.access import DESK, OPERATOR
from server.callbacks.schemas import PolicyNo
from server.callbacks.service_schemas import (
    NewNumber,
    NumberList,
    NumberQuery,
    PhoneCheck,
    PhoneCheckResult,
    PhoneWarningOutcome,
    PhoneWarningPage,
    PhoneWarningQuery,
    PhoneWarningView,
    PolicyEvent,
    PolicyEventTaken,
    ServiceCallDetail,
    ServiceCallPage,
    ServiceCallQuery,
    ServiceCallResult,
)
from server.callbacks.sheets import XLSX, sheet
from server.context import CONTEXT
from server.http.endpoint import SYSTEM, Call, Routes, to_json
from server.http.problem import Problem

routes = Routes(tag="callbacks")
CALLS = "/api/v1/service-calls"
WARNINGS = "/api/v1/phone-warnings"
_POLICY_NO: TypeAdapter[str] = TypeAdapter(PolicyNo)


def attach(app: web.Application) -> None:
    """Register the endpoints."""
    routes.attach(app)


@routes.post(
    "/api/v1/policies/{policy_no}/events",
    access=SYSTEM,
    body=PolicyEvent,
    response=PolicyEventTaken,
    status=201,
    rate="system",
)
async def receive_policy_event(call: Call[PolicyEvent, None]) -> web.Response:
    """Take a change, a grace period, a paid premium, a surrender or a claim in; 201 when new, 200 when known."""
    context, policy_no = call.request.app[CONTEXT], call.path("policy_no")
    try:  # events also come for policies that are not known here: nothing else looks at the number
        _POLICY_NO.validate_python(policy_no)
    except ValidationError as error:
        raise Problem(422, "REQUEST_INVALID", fields=[{"path": "policy_no", "code": error.errors()[0]["type"]}]) from error
    taken = await context.db.once(lambda tx: service_events.take(tx, context, call.who, policy_no, call.body))
    return web.Response(status=201 if taken.is_new else 200, body=to_json(taken), content_type="application/json")


@routes.post("/api/v1/underwriting/phone-checks", access=SYSTEM, body=PhoneCheck, response=PhoneCheckResult, rate="system")
async def check_phone(call: Call[PhoneCheck, None]) -> PhoneCheckResult:
    """Before an application is accepted: is this phone another policyholder's, or an agent's?"""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await phone_checks.ask(tx, context, call.body)


@routes.get(CALLS, access=DESK, query=ServiceCallQuery, response=ServiceCallPage)
async def list_service_calls(call: Call[None, ServiceCallQuery]) -> ServiceCallPage:
    """Calls of grace periods, lapses, surrenders and claims, by due time."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await service_calls.search(tx, context, call.query)


@routes.get(CALLS + "/{call_id}", access=DESK, response=ServiceCallDetail)
async def show_service_call(call: Call[None, None]) -> ServiceCallDetail:
    """One call with its script; the look is logged."""
    context, call_id = call.request.app[CONTEXT], call.path("call_id")
    async with context.db.begin() as tx:
        view = await service_calls.show(tx, context, call.who, call_id)
        await record(tx, context, actor=call.who, action="service_call.viewed", subject=call_id)
    return view


@routes.post(CALLS + "/{call_id}/result", access=OPERATOR, body=ServiceCallResult, response=ServiceCallDetail)
async def finish_service_call(call: Call[ServiceCallResult, None]) -> ServiceCallDetail:
    """Write down what a call brought."""
    context, call_id = call.request.app[CONTEXT], call.path("call_id")
    async with context.db.begin() as tx:
        await service_calls.result(tx, context, call.who, call_id, call.body)
        return await service_calls.show(tx, context, call.who, call_id)


@routes.post(CALLS + "/{call_id}/number", access=OPERATOR, body=NewNumber, response=ServiceCallDetail)
async def give_service_call_number(call: Call[NewNumber, None]) -> ServiceCallDetail:
    """The responsible unit found a number: call again."""
    context, call_id = call.request.app[CONTEXT], call.path("call_id")
    async with context.db.begin() as tx:
        await service_calls.new_number(tx, context, call.who, call_id, call.body)
        return await service_calls.show(tx, context, call.who, call_id)


@routes.get("/api/v1/callback-numbers", access=DESK, query=NumberQuery, response=NumberList)
async def list_failed_numbers(call: Call[None, NumberQuery]) -> NumberList:
    """Whose number failed, per responsible organisation."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await numbers.number_list(tx, context, call.query.org_code)


@routes.get("/api/v1/callback-numbers.xlsx", access=DESK, query=NumberQuery, produces=(XLSX,))
async def export_failed_numbers(call: Call[None, NumberQuery]) -> web.Response:
    """The list as a spreadsheet for the responsible unit, with columns for what it finds out; the export is logged.

    The unit checks the numbers, so the desk's operators get them whole; everybody else gets them masked.
    """
    context, org = call.request.app[CONTEXT], call.query.org_code
    async with context.db.begin() as tx:
        is_full = "callback_operator" in call.who.roles
        found = await numbers.number_list(tx, context, org, is_full=is_full)
        data = {"org_code": org, "rows": len(found.items), "has_whole_numbers": is_full}
        await record(tx, context, actor=call.who, action="callback.numbers_exported", subject=org or "all", data=data)
    day = context.now().astimezone(numbers.zone(context)).date().isoformat()
    body = await sheet("号码核实清单", numbers.lines(found, context))
    headers = {"Content-Disposition": f'attachment; filename="numbers-{org or "all"}-{day}.xlsx"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=XLSX, headers=headers)


@routes.get(WARNINGS, access=DESK, query=PhoneWarningQuery, response=PhoneWarningPage)
async def list_phone_warnings(call: Call[None, PhoneWarningQuery]) -> PhoneWarningPage:
    """One phone of several policyholders, and agents' phones on policies."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await phone_checks.search(tx, call.query)


@routes.post(WARNINGS + "/{warning_id}/resolve", access=DESK, body=PhoneWarningOutcome, response=PhoneWarningView)
async def resolve_phone_warning(call: Call[PhoneWarningOutcome, None]) -> PhoneWarningView:
    """Write down what the investigation found."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        return await phone_checks.resolve(tx, context, call.who, call.path("warning_id"), call.body)
