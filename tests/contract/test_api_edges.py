"""Every declared endpoint, whoever wrote it: strangers stay out, garbage is a problem with a code, nothing answers 500."""

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from server.http.endpoint import ENDPOINTS, Endpoint
from server.users.tickets import issue_ticket
from storage.db.metadata import metadata
from tests.support.core import Caller, Service

JSON = {"Content-Type": "application/json"}
LOGINS = {
    "administrator": "admin",
    "agent": "zhangsan",
    "inspector": "zhaoliu",
    "callback_operator": "sunqi",
    "compliance": "hegui",
}
GARBAGE: tuple[Any, ...] = ({"unknown_field_of_nobody": 1}, [], "text", 5, None, {"a": {"b": [1, 2, {"c": None}]}})


def endpoints(service: Service) -> list[Endpoint]:
    found: list[Endpoint] = service.server.app[ENDPOINTS]
    return found


def path_of(endpoint: Endpoint) -> str:
    """The path with names that exist nowhere."""
    path = endpoint.path
    while "{" in path:
        head, _, rest = path.partition("{")
        path = f"{head}nowhere{rest.partition('}')[2]}"
    return path


class People:
    """Callers of every kind, signed in once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, Caller] = {}

    async def of(self, endpoint: Endpoint) -> Caller:
        """Somebody who may call the endpoint."""
        access = endpoint.access
        if "anonymous" in access.kinds:
            return await self._get("anonymous")
        if "staff" in access.kinds:
            return await self._get(next((LOGINS[role] for role in LOGINS if not access.roles or role in access.roles), "admin"))
        return await self._get("system" if "system" in access.kinds else "customer")

    async def _get(self, name: str) -> Caller:
        if name not in self._known:
            self._known[name] = await self._make(name)
        return self._known[name]

    async def _make(self, name: str) -> Caller:
        match name:
            case "anonymous":
                return await self._service.anonymous()
            case "system":
                return await self._service.core()
            case "customer":
                claims = {"case_id": "nowhere", "participant_id": "nowhere", "session_id": "nowhere"}
                ticket = issue_ticket(self._service.context, subject="nobody", scope="session", expires_s=600, **claims)
                return await self._service.bearer(ticket)
            case login:
                return await self._service.sign_in(login)


async def test_strangers_stay_out(service: Service) -> None:
    nobody = await service.anonymous()
    for endpoint in endpoints(service):
        if "anonymous" not in endpoint.access.kinds:
            await nobody.refused(endpoint.method, path_of(endpoint), 401, "SIGN_IN_REQUIRED")


async def test_roles_stay_apart(service: Service) -> None:
    people = {role: await service.sign_in(login) for role, login in LOGINS.items()}
    for endpoint in endpoints(service):
        for role, caller in people.items():
            access = endpoint.access
            if "anonymous" in access.kinds or ("staff" in access.kinds and (not access.roles or role in access.roles)):
                continue
            await caller.refused(endpoint.method, path_of(endpoint), 403, "FORBIDDEN")


LOGS = {"staff_sessions", "audit_entries", "audit_anchors"}
"""Tables that grow because somebody called, whatever they asked for."""


async def rows(service: Service) -> dict[str, int]:
    """How many rows each table has, besides what keeps account of calls."""
    async with service.context.db.read() as tx:
        return {
            name: (await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for name, table in metadata.tables.items()
            if name not in LOGS and not name.startswith("audit")
        }


async def test_bodies_without_end_are_cut_off(service: Service) -> None:
    people = People(service)
    for endpoint in endpoints(service):
        if endpoint.body is None:
            continue
        caller = await people.of(endpoint)
        body_too_long = BytesIO(b" " * (endpoint.max_bytes - 1) + b"{}")  # chunked: no length is told beforehand
        response = await caller.raw(endpoint.method, path_of(endpoint), data=body_too_long, headers=JSON)
        body = await response.json(content_type=None)
        where = (endpoint.method, endpoint.path, response.status, body)
        assert response.content_type == "application/problem+json", where
        assert (response.status, body["code"]) in ((413, "BODY_TOO_LARGE"), (429, "RATE_LIMITED")), where


async def test_expired_and_forged_tickets_open_nothing(service: Service) -> None:
    claims = {"case_id": "nowhere", "participant_id": "nowhere", "session_id": "nowhere"}
    ticket = issue_ticket(service.context, subject="nobody", scope="session", expires_s=60, **claims)
    forged = await service.bearer(ticket[:-4] + ("AAAA" if ticket[-4:] != "AAAA" else "BBBB"))
    late = await service.bearer(ticket)
    service.clock.forward(seconds=61)
    for endpoint in endpoints(service):
        if "customer" not in endpoint.access.kinds:
            continue
        await late.refused(endpoint.method, path_of(endpoint), 401, "TICKET_EXPIRED")
        await forged.refused(endpoint.method, path_of(endpoint), 401, "TICKET_INVALID")


async def test_garbage_is_a_problem_with_a_code_and_leaves_nothing_behind(service: Service) -> None:
    people = People(service)
    for endpoint in endpoints(service):
        await people.of(endpoint)
    before = await rows(service)
    for endpoint in endpoints(service):
        if endpoint.body is None:
            continue
        caller = await people.of(endpoint)
        for garbage in GARBAGE:
            response = await caller.raw(endpoint.method, path_of(endpoint), json=garbage)
            body = await response.json(content_type=None)
            where = (endpoint.method, endpoint.path, garbage, response.status, body)
            assert response.content_type == "application/problem+json", where
            assert response.status in (400, 404, 409, 422, 429), where
            assert body["code"].isupper(), where
            if response.status == 422 and isinstance(garbage, dict) and "unknown_field_of_nobody" in garbage:
                faults = {fault["code"] for fault in body["params"]["fields"]}
                assert faults & {"extra_forbidden", "missing", "union_tag_not_found"}, where
    assert await rows(service) == before


async def test_no_number_comes_in_that_no_column_takes(service: Service) -> None:
    """A number beyond what a database keeps would break the query that looks for it: every one has a largest value."""
    document = await (await service.anonymous()).ask("GET", "/api/v1/openapi.json")
    schemas = document["components"]["schemas"]

    def unbounded(schema: dict[str, Any], where: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in seen:
                yield from unbounded(schemas[name], f"{where}.{name}", seen | {name})
            return
        if schema.get("type") == "integer" and not {"maximum", "exclusiveMaximum", "enum", "const"} & set(schema):
            yield where
        parts = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("properties", {}).items()]
        parts += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
        for part in parts:
            name, inner = part if isinstance(part, tuple) else ("", part)
            yield from unbounded(inner, f"{where}.{name}".rstrip("."), seen)

    found: list[str] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for given in operation["parameters"]:
                found += unbounded(given["schema"], f"{method} {path} {given['name']}")
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            found += unbounded(body["schema"], f"{method} {path}") if body else []
    assert found == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_days_at_the_end_of_time_are_refused(service: Service, day: str) -> None:
    """They are dates to every parser, and have no day before or after them to count with."""
    admin, operator, core = await service.sign_in("admin"), await service.sign_in("sunqi"), await service.core()
    for since in (f"{day}T00:00:00+14:00", f"{day}T23:59:59-12:00"):
        params = await admin.refused("GET", "/api/v1/admin/audits", 422, "REQUEST_INVALID", params={"since": since})
        assert params["fields"] == [{"path": "since", "code": "date_out_of_range"}]
    await operator.refused("GET", "/api/v1/callbacks", 422, "REQUEST_INVALID", params={"until": day})
    body = {"kind": "grace", "premium_due_on": day, "grace_ends_on": day}
    await core.refused("POST", "/api/v1/policies/nowhere/events", 422, "REQUEST_INVALID", json=body)


@pytest.mark.parametrize(
    "place", ["0001-01-01T00:00:00+14:00|x", "9999-12-31T23:59:59-12:00|x", "2026-01-01T00:00:00+00:00|a\x00b"]
)
async def test_a_cursor_that_no_page_gave_is_refused(service: Service, place: str) -> None:
    inspector, cursor = await service.sign_in("zhaoliu"), base64.urlsafe_b64encode(place.encode()).decode()
    for path in ("/api/v1/recordings", "/api/v1/inspections"):
        await inspector.refused("GET", path, 422, "CURSOR_INVALID", params={"cursor": cursor})
    await inspector.refused("POST", "/api/v1/search", 422, "CURSOR_INVALID", json={"cursor": cursor})


async def test_a_name_with_a_line_break_names_nothing(service: Service) -> None:
    admin, core = await service.sign_in("admin"), await service.core()
    body = {"name": "产品", "product_type": "term", "cooling_off_days": 15}
    await admin.refused("PUT", "/api/v1/admin/products/ABC%0A", 404, "NOT_FOUND", json=body)
    assert all(item["code"].isprintable() for item in await admin.ask("GET", "/api/v1/products"))
    event = {"kind": "premium", "event_no": "E-0001", "premium_due_on": "2026-11-20", "paid_at": "2026-11-21T00:00:00Z"}
    for number in ("A1", "A" * 41, "保单0000001", "00001354407808088%E2%80%8B"):
        response = await core.raw("POST", f"/api/v1/policies/{number}/events", json=event)
        assert response.status in (404, 422), number
    await core.ask("POST", "/api/v1/policies/P-OLD-0001/events", json=event, status=201)


async def test_a_line_break_in_a_query_ends_no_connection(service: Service) -> None:
    operator = await service.sign_in("sunqi")
    for code in ("a\r\nX-Injected: y", 'a"; b="', "北京"):
        await operator.refused("GET", "/api/v1/callback-numbers.xlsx", 422, "REQUEST_INVALID", params={"org_code": code})
    kept = await operator.raw("GET", "/api/v1/callback-numbers.xlsx", params={"org_code": "110101"})
    assert kept.status == 200


async def test_broken_json_and_unknown_ids_never_break_the_service(service: Service) -> None:
    people = People(service)
    for endpoint in endpoints(service):
        if endpoint.path.startswith("/ws/") or endpoint.path.endswith("/sign-out"):
            continue
        caller = await people.of(endpoint)
        headers = {"Content-Type": "application/json"}
        response = await caller.raw(endpoint.method, path_of(endpoint), data=b'{"broken', headers=headers)
        text = (await response.read()).decode(errors="replace")
        where = (endpoint.method, endpoint.path, response.status, text[:200])
        assert response.status < 500 or response.status == 503, where
        assert "Traceback" not in text, where
        if endpoint.body is not None:
            assert response.status in (400, 429), where
