"""The OpenAPI 3.1 description, written from the registry so that it cannot be stale."""

import re
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.api.read import transcript
from web.api.registry import API, Call

PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable name of a refusal."},
        "reference": {"type": "string", "description": "To be told to support."},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
WRONG = {401: "Sign in first", 404: "Not there, or not for this person", 409: "The court refuses"}


def document() -> dict[str, Any]:
    models: list[type[BaseModel]] = sorted(
        {model for call in API.calls for model in (call.takes, call.gives) if model is not None},
        key=lambda model: model.__name__,
    )
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for call in API.calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hearing", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Problem": PROBLEM},
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"session": []}],
    }


def _operation(call: Call) -> dict[str, Any]:
    given: dict[str, Any] = {"$ref": f"#/components/schemas/{call.gives.__name__}"}
    schema = {"type": "array", "items": given} if call.many else given
    wrong = dict(WRONG) if not call.public else {code: WRONG[code] for code in (404, 409)}
    if call.takes is not None:
        wrong |= {413: "Too large", 422: "A field is missing or wrong"}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}
            for name in re.findall(r"\{(\w+)\}", call.path)
        ],
        "responses": {
            str(call.status): {"description": "Done", "content": {"application/json": {"schema": schema}}},
            **{str(code): {"description": text, "content": problem} for code, text in wrong.items()},
        },
    }
    if call.takes is not None:
        body = {"schema": {"$ref": f"#/components/schemas/{call.takes.__name__}"}}
        operation["requestBody"] = {"required": True, "content": {"application/json": body}}
    if call.public:
        operation["security"] = []
    return operation


async def openapi(request: web.Request) -> web.StreamResponse:
    return web.json_response(document())


routes = [
    web.get("/api/hearings/{hearing}/transcript", transcript),
    web.get("/api/hearings/{hearing}/transcript.{form}", transcript),
    web.get("/api/openapi.json", openapi),
]
