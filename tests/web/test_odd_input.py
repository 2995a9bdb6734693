"""Odd addresses, queries, headers and bodies at every route, by those who have every right: an answer, never a fault.

The routes come from the application itself. A fault would be a 500 with a reference; here there must be none.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from tests.web.scene import build, open_scene
from tests.web.test_api import record
from tests.web.test_strangers import Route, routes_of

IDS = ("%00", "%0d%0aSet-Cookie:%20a=b", "%ff%fe", "%ed%a0%80", "..%2f..%2fhearing.sqlite", "%2e%2e", "a" * 3000,
       "%F0%9F%99%82", "%27%20OR%201=1--", "%7b%7b7*7%7d%7d", "%25n%25s", "-1", "1e999", "null", "%C4%B0",
       "%e2%80%ae", "*", ";", "@")  # fmt: skip
QUIET = ("GET", "HEAD", "OPTIONS")
HEADERS: tuple[dict[str, str], ...] = (
    {"Accept-Language": "x" * 3000},
    {"Accept-Language": ",;q=,;;q=vi;q=NaN,en;q=1e999"},
    {"Accept-Language": "*;q=-1"},
    {"Cookie": "lang=" + "v" * 3000},
    {"Cookie": "session=a; session=b; lang=xx; =; ;;;"},
    {"Cookie": 'session="\\777\\000"'},
    {"Authorization": "Bearer"},
    {"Authorization": "Basic !!!!"},
    {"Authorization": "Bearer \u00e9"},
    {"If-None-Match": '"' + "x" * 3000},
    {"If-Modified-Since": "yesterday"},
    {"If-Range": '"x"', "Range": "bytes=0-1"},
    {"Accept": "x/y;;;"},
    {"Content-Type": "application/json; charset=nonsense"},
    {"Expect": "something"},
    {"Origin": "null"},
    {"Referer": "\u00ff" * 100},
    {"X-HTTP-Method-Override": "DELETE"},
)
REAL = {"case": "case-a", "hearing": "hearing-a", "track": "t1", "item": "none", "form": "json", "language": "vi"}
QUERIES = (
    "q=%00&lang=xx&tab=%3cb%3e",
    "q=%ff&lang=%0d%0ax&from=9999-12-31&page=-1&sitting=..%2f&day=31/02/2026",
    "q=%25_%5c&next=%0d%0aSet-Cookie:a&from=0001-01-01&page=99999999999999999999&a[]=b&=&&&",
    "q=" + "a" * 4000 + "&q=2&from=-1&kind=%e2%80%ae&download",
)
TEXTS = (
    "", " ", "\u202e", "\r\n", "'\"<>&;--", "\ud7ff", "9" * 400, "-1", "1e999", "NaN", "0x10", "../..",
    "\U0001f642" * 50,
    "\u0130\u0131\u1e9e", "e\u0301" * 40, "31/02/2026", "99:99", "31/12/9999", "a" * 5000,
)  # fmt: skip
NAMES = (
    "name", "password", "code", "title", "kind", "number", "date", "time", "length", "room", "mode", "visibility",
    "seat", "seats", "person", "role", "reason", "version", "accepted", "court", "next", "send", "procedure",
    "starts_at", "points", "parties", "party.0.name", "seat.judge.presiding_judge", "minutes", "host", "sealed",
)  # fmt: skip


Client = TestClient  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Desk:
    """The clerk and the judge at the application, in turns; `faults` names every answer that is none."""

    client: Client
    tokens: Iterator[str]
    routes: list[Route]
    faults: list[str] = field(default_factory=list)

    async def ask(self, method: str, address: str, headers: dict[str, str] | None = None, **options: Any) -> None:
        url = self.client.make_url("/").join(URL(address, encoded=True))
        token = next(self.tokens)
        sent = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "same-origin", **(headers or {})}
        answer = await self.client.session.request(method, url, headers=sent, allow_redirects=False, **options)
        await answer.read()
        if answer.status >= 500:
            self.faults.append(f"{answer.status} {method} {address[:80]} {str(options)[:200]}")
        assert not answer.cookies and "\n" not in str(answer.headers), "a line of the caller's own in our answer"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_scene(tmp_path) as scene:
        await record(scene, tmp_path)
        tokens = (await scene.token("clerk"), await scene.token("judge"))
        async with TestClient(TestServer(build(scene.parts))) as client:
            # What ends the session would end this test.
            routes = [route for route in routes_of(client.app) if route.path != "/sign-out"]
            yield Desk(client, cycle(tokens), routes)


async def test_odd_names_in_addresses(desk: Desk) -> None:
    for number, route in enumerate(desk.routes):
        for odd in IDS[number % 3 :: 3]:  # the routes share what takes their names apart: a third of them each
            for name in sorted(route.names):
                address = route.address({**REAL, name: odd})
                await desk.ask(route.method, address, **({} if route.method in QUIET else {"data": {}}))
    assert not desk.faults, desk.faults


async def test_odd_queries(desk: Desk) -> None:
    for route in desk.routes:
        if route.method == "GET":
            for query in QUERIES:
                await desk.ask("GET", f"{route.address(REAL)}?{query}")
    assert not desk.faults, desk.faults


async def test_odd_headers(desk: Desk) -> None:
    for path in ("/sign-in", "/cases", "/api/me", "/hearings/hearing-a/live", "/media/hearing-a/t1"):
        for headers in HEADERS:
            await desk.ask("GET", path, headers)
    assert not desk.faults, desk.faults


async def test_odd_forms(desk: Desk) -> None:
    for route in desk.routes:
        if route.method == "POST" and not route.path.startswith("/api/"):
            for odd in TEXTS:
                await desk.ask("POST", route.address(REAL), data={name: odd for name in NAMES})
            await desk.ask("POST", route.address(REAL), data=[(name, text) for name in NAMES for text in ("1", "2")])
            files = FormData(quote_fields=False)
            for name in NAMES:
                files.add_field(name, b"x" * 10, filename='../../a".html', content_type="text/html")
            await desk.ask("POST", route.address(REAL), data=files)
    assert not desk.faults, desk.faults


async def test_odd_bodies(desk: Desk) -> None:
    wholes: tuple[Any, ...] = (None, [], 1, "x", True, {"a": {}}, [[[]]] * 9)
    values: tuple[Any, ...] = (None, 1, [], {}, True, "x", "\ud800", 1e308)
    odd = [json.dumps(one).encode() for one in wholes]
    odd += [json.dumps(dict.fromkeys(NAMES, value)).encode() for value in values]
    odd += [
        b'{"title":"a","title":"b"}',
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b'{"minutes":' + b"9" * 5000 + b"}",
        b"\xff",
        b"{}",
    ]
    for route in desk.routes:
        if route.method == "POST" and route.path.startswith("/api/"):
            for body in odd:
                await desk.ask("POST", route.address(REAL), {"Content-Type": "application/json"}, data=body)
    assert not desk.faults, desk.faults


async def test_the_same_field_twice_is_the_last_one_and_an_unknown_one_is_named(desk: Desk) -> None:
    body = b'{"court":"kv3sl","kind":"civil","title":"first","title":"second"}'
    headers = {"Authorization": f"Bearer {next(desk.tokens)}", "Content-Type": "application/json"}
    made = await desk.client.post("/api/cases", data=body, headers=headers)
    assert made.status == 201 and (await made.json())["title"] == "second"
    told = await desk.client.post("/api/cases", data=body[:-1] + b',"by":"court"}', headers=headers)
    assert told.status == 422 and (await told.json())["errors"][0]["field"] == "by"
