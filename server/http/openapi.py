"""The OpenAPI 3.1 document, made from the declared endpoints. Served at `/api/v1/openapi.json`; TypeScript types come from it."""

import re
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from server.http.endpoint import ENDPOINTS, Endpoint


def document(app: web.Application, *, version: str) -> dict[str, Any]:
    """Build the document for every endpoint attached to `app`."""
    components: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for endpoint in app.get(ENDPOINTS, []):
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "远程双录与电子化回访", "version": version},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _operation(endpoint: Endpoint, components: dict[str, Any]) -> dict[str, Any]:
    name = endpoint.handler.__name__
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [
            {"name": p, "in": "path", "required": True, "schema": {"type": "string"}}
            for p in re.findall(r"{(\w+)(?::[^}]*)?}", endpoint.path)
        ],
        "responses": {
            str(endpoint.status if endpoint.response is not None or endpoint.produces else 204): _answer(endpoint, components),
            "default": {"description": "problem+json"},
        },
    }
    if endpoint.query is not None:
        schema = _schema(endpoint.query, components, inline=True)
        required = set(schema.get("required", []))
        operation["parameters"] += [
            {"name": key, "in": "query", "required": key in required, "schema": value}
            for key, value in schema.get("properties", {}).items()
        ]
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(endpoint.body, components)}},
        }
    if endpoint.upload is not None:
        operation["requestBody"] = {
            "description": f"The file itself, at most {endpoint.upload.max_bytes} bytes",
            "required": True,
            "content": dict.fromkeys(endpoint.upload.types, _BINARY),
        }
    return operation


_BINARY = {"schema": {"type": "string", "format": "binary"}}


def _answer(endpoint: Endpoint, components: dict[str, Any]) -> dict[str, Any]:
    model = endpoint.response
    if endpoint.produces:
        return {"description": "the file itself", "content": dict.fromkeys(endpoint.produces, _BINARY)}
    if model is None:
        return {"description": "done"}
    return {
        "description": "ok",
        "content": {"application/json": {"schema": _schema(model, components, mode="serialization")}},
    }


def _schema(model: Any, components: dict[str, Any], *, inline: bool = False, mode: Any = "validation") -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}", mode=mode)
    components.update(schema.pop("$defs", {}))
    title = schema.get("title")
    if inline or not title or schema.get("type") != "object":
        return dict(schema)
    components[title] = schema
    return {"$ref": f"#/components/schemas/{title}"}
