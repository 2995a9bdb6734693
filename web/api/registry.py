"""Every call of the API with its models: parsed at the border, described in OpenAPI from the same rows."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from hearing.errors import Malformed
from web import auth

LARGEST_BODY = 256 * 1024

Answer = BaseModel | list[Any] | dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call: how it is addressed, what comes in and out, and what may go wrong."""

    method: str
    path: str
    name: str
    summary: str
    takes: type[BaseModel] | None
    gives: type[BaseModel]
    many: bool
    public: bool
    status: int
    handler: Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class Registry:
    """Rows are added by `call`; `routes` makes them handlers."""

    calls: list[Call] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        gives: type[BaseModel],
        takes: type[BaseModel] | None = None,
        many: bool = False,
        public: bool = False,
        status: int = 200,
    ) -> Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[Any]]]:
        """Enter a handler `(request)` or, when it takes a body, `(request, body)`."""

        def enter(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            self.calls.append(
                Call(
                    method=method,
                    path=path,
                    name=handler.__name__,
                    summary=summary,
                    takes=takes,
                    gives=gives,
                    many=many,
                    public=public,
                    status=status,
                    handler=handler,
                )
            )
            return handler

        return enter

    def routes(self) -> list[web.RouteDef]:
        return [web.route(call.method, call.path, _handler(call), name=f"api:{call.name}") for call in self.calls]


API = Registry()


def _handler(call: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        if not call.public:
            auth.signed_in(request)
        if call.takes is None:
            result = await call.handler(request)
        else:
            body = await _body(request, call.takes)
            if isinstance(body, web.Response):
                return body
            result = await call.handler(request, body)
        return _json(result, call.status)

    return handle


async def _body(request: web.Request, model: type[BaseModel]) -> BaseModel | web.Response:
    """The body as the model, or a 422 that names each field that is wrong."""
    if request.content_length is not None and request.content_length > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=request.content_length)
    content = await request.read()
    if len(content) > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=LARGEST_BODY, actual_size=len(content))
    if content and request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    if b"\\u0000" in content:
        raise Malformed("a text holds no NUL")  # no database takes it for text
    try:
        return model.model_validate_json(content or b"{}")
    except ValidationError as wrong:
        errors = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in wrong.errors()]
        text = json.dumps(
            {"title": "The request is not valid", "status": 422, "detail": errors[0]["message"], "errors": errors}
        )
        return web.Response(text=text, status=422, content_type="application/problem+json")


def _json(result: Answer, status: int) -> web.Response:
    if isinstance(result, BaseModel):
        text = result.model_dump_json()
    else:
        plain = [one.model_dump(mode="json") if isinstance(one, BaseModel) else one for one in result]
        text = json.dumps(plain if isinstance(result, list) else result, ensure_ascii=False)
    answer = web.Response(text=text, status=status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
