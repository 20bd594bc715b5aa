"""Declares endpoints once: path, who may call, what goes in, what comes out. Validation and OpenAPI follow from it.

    routes = Routes(tag="cases")

    @routes.get("/api/v1/cases/{case_id}", access=STAFF, response=CaseView)
    async def show_case(call: Call[None, None]) -> CaseView: ...

Bodies are JSON into a pydantic model with `extra="forbid"`; queries likewise, also where none is declared. Anything
malformed is a 422 problem
`REQUEST_INVALID` with a list of `{path, code}`. A raw body (an image, a PDF) is declared as `upload`; its handler reads it.
A handler that answers with a file declares its content types (`produces`) and returns a `web.StreamResponse` itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from server.http.body import Upload
from server.http.problem import Problem
from server.http.typed import beyond_time, faults, is_one_line, twin_names, unprintable

B = TypeVar("B")
Q = TypeVar("Q")

MAX_JSON_BYTES = 1 << 20


class Schema(BaseModel):
    """Base of every wire model: unknown fields are refused, values are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling. `kind` is staff, customer, system (core system API key) or anonymous."""

    kind: str
    id: str = ""
    roles: frozenset[str] = frozenset()
    org: str = ""
    team: str = ""
    display_name: str = ""
    claims: dict[str, Any] = field(default_factory=dict)


ANONYMOUS = Principal("anonymous")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call: kinds of principal and, for staff, any of the roles (empty = any role)."""

    kinds: frozenset[str]
    roles: frozenset[str] = frozenset()

    def check(self, who: Principal) -> None:
        """Raise the 401 or 403 problem, or return."""
        if "anonymous" in self.kinds:
            return
        if who.kind == "anonymous":
            raise Problem(401, "SIGN_IN_REQUIRED")
        if who.kind not in self.kinds or (who.kind == "staff" and self.roles and not (self.roles & who.roles)):
            raise Problem(403, "FORBIDDEN")


def staff(*roles: str) -> Access:
    """Staff with any of these roles: agent, inspector, callback_operator, administrator, compliance…"""
    return Access(frozenset({"staff"}), frozenset(roles))


PUBLIC = Access(frozenset({"anonymous"}))
STAFF = staff()
CUSTOMER = Access(frozenset({"customer"}))
SYSTEM = Access(frozenset({"system"}))


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """One validated request."""

    request: web.Request
    who: Principal
    body: B
    query: Q

    def path(self, name: str) -> str:
        """A path parameter."""
        return self.request.match_info[name]


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A declared endpoint, as the router and the OpenAPI document need it."""

    method: str
    path: str
    handler: Handler
    access: Access
    body: Any
    query: Any
    response: Any
    status: int
    summary: str
    tag: str
    max_bytes: int
    rate: str | None
    upload: Upload | None
    produces: tuple[str, ...]


ENDPOINTS: web.AppKey[list[Endpoint]] = web.AppKey("endpoints", list)
PRINCIPAL_OF: web.AppKey[Callable[[web.Request], Awaitable[Principal]]] = web.AppKey("principal_of", object)  # type: ignore[arg-type]
RATE_CHECK: web.AppKey[Callable[[web.Request, str], Awaitable[None]]] = web.AppKey("rate_check", object)  # type: ignore[arg-type]


class Routes:
    """A slice's endpoints; `attach(app)` registers them."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.endpoints: list[Endpoint] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        body: Any = None,
        query: Any = None,
        response: Any = None,
        status: int = 200,
        max_bytes: int = MAX_JSON_BYTES,
        rate: str | None = None,
        upload: Upload | None = None,
        produces: tuple[str, ...] = (),
    ) -> Callable[[Handler], Handler]:
        """Declare an endpoint.

        Args:
            rate: a limit class, checked before the body is read.
            upload: a raw body, not JSON.
            produces: content types of an answer that is a file, not a `response` model.
        """

        def register(handler: Handler) -> Handler:
            summary = (handler.__doc__ or handler.__name__).strip().splitlines()[0]
            self.endpoints.append(
                Endpoint(
                    method,
                    path,
                    handler,
                    access,
                    body,
                    query,
                    response,
                    status,
                    summary,
                    self.tag,
                    max_bytes,
                    rate,
                    upload,
                    produces,
                )
            )
            return handler

        return register

    def get(self, path: str, **kwargs: Any) -> Callable[[Handler], Handler]:
        """Declare a GET."""
        return self.route("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Callable[[Handler], Handler]:
        """Declare a POST."""
        return self.route("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Callable[[Handler], Handler]:
        """Declare a PUT."""
        return self.route("PUT", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Callable[[Handler], Handler]:
        """Declare a DELETE."""
        return self.route("DELETE", path, **kwargs)

    def attach(self, app: web.Application) -> None:
        """Register every endpoint on the application."""
        declared = app.setdefault(ENDPOINTS, [])
        for endpoint in self.endpoints:
            declared.append(endpoint)
            app.router.add_route(endpoint.method, endpoint.path, _adapt(endpoint))


class _NoQuery(Schema):
    """An endpoint without query fields."""


NO_QUERY = TypeAdapter(_NoQuery)


def _adapt(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    body_type = TypeAdapter(endpoint.body) if endpoint.body is not None else None
    query_type = TypeAdapter(endpoint.query) if endpoint.query is not None else None

    async def handle(request: web.Request) -> web.StreamResponse:
        principal_of = request.app.get(PRINCIPAL_OF)
        who = await principal_of(request) if principal_of else ANONYMOUS
        endpoint.access.check(who)
        rate_check = request.app.get(RATE_CHECK)
        if endpoint.rate and rate_check:
            await rate_check(request, endpoint.rate)
        if not all(map(is_one_line, request.match_info.values())):
            raise Problem(404, "NOT_FOUND")  # no name has line breaks or zero bytes; a database may not even take them
        query = _validated(query_type or NO_QUERY, _flat(request))
        body = _validated(body_type, await _json_body(request, endpoint.max_bytes)) if body_type else None
        result = await endpoint.handler(Call(request, who, body, query if query_type else None))
        if isinstance(result, web.StreamResponse):
            return result
        if result is None:
            return web.Response(status=204)
        return web.Response(status=endpoint.status, body=to_json(result), content_type="application/json")

    return handle


def to_json(value: Any) -> bytes:
    """Serialise a wire model, a list of them, or plain values."""
    return orjson.dumps(value, default=_default)


def _default(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)


def _flat(request: web.Request) -> dict[str, Any]:
    return {key: values if len(values) > 1 else values[0] for key in request.query for values in [request.query.getall(key)]}


async def _json_body(request: web.Request, limit: int) -> Any:
    if request.content_length is not None and request.content_length > limit:
        raise Problem(413, "BODY_TOO_LARGE", limit_bytes=limit)
    data = bytearray()
    async for chunk in request.content.iter_chunked(65536):
        data += chunk
        if len(data) > limit:
            raise Problem(413, "BODY_TOO_LARGE", limit_bytes=limit)
    if request.content_type not in ("application/json", "application/octet-stream") and data:
        raise Problem(415, "JSON_EXPECTED")
    try:
        value = orjson.loads(bytes(data))
        twins = twin_names(bytes(data))
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise Problem(400, "JSON_INVALID") from error
    if twins:  # one reader takes the first, another the last: who signs or logs it has read something else
        raise Problem(422, "REQUEST_INVALID", fields=[{"path": name, "code": "name_twice"} for name in twins])
    return value


def _validated(adapter: TypeAdapter[Any], value: Any) -> Any:
    broken = [{"path": path, "code": "text_unprintable"} for path in unprintable(value)]
    if broken:
        raise Problem(422, "REQUEST_INVALID", fields=broken)
    try:
        read = (
            adapter.validate_python(value, strict=None)
            if not isinstance(value, (dict, list))
            else adapter.validate_json(orjson.dumps(value))
        )
    except ValidationError as error:
        raise Problem(422, "REQUEST_INVALID", fields=faults(error, value)) from error
    except orjson.JSONEncodeError as error:  # nested deeper than any model
        raise Problem(400, "JSON_INVALID") from error
    if far := beyond_time(read):
        raise Problem(422, "REQUEST_INVALID", fields=[{"path": path, "code": "date_out_of_range"} for path in far])
    return read
