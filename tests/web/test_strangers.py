"""Every route by every kind of caller. Rule: to a stranger a thing that exists and one that does not are the same.

A stranger is told 404, nobody in particular is sent to the door (401 for programs), and only who knows that a hearing
exists, having a seat in it, may be told no (403). The routes come from the application itself, so a new one is here at
once. Each silence has its twin: those who conduct the case are answered by the same address.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.web.scene import PASSWORD, Scene, build, open_scene
from tests.web.test_api import record
from web.parts import JobState

REAL = {"case": "case-a", "hearing": "hearing-a", "item": "", "track": "t1", "form": "txt", "language": "vi"}
NONE = {name: f"no-such-{name}" for name in REAL} | {"form": "txt", "language": "vi"}
KEPT = ("case", "hearing", "item", "track")
# What the caller brings to change something: enough that only the right to do it is missing.
FORM = {"code": "X", "reason": "x", "version": "1", "accepted": "on"}
# Of case A alone: the judge and the clerk sit in case B as well.
SECRETS = ("case-a", "hearing-a", "Trộm cắp", "21/2026", "Trần Văn Tạo", "Nguyễn Thị Cẩm Hà", "Đinh Công Trứ",
           "lời khai bí mật", "ban-khai")  # fmt: skip
STRANGERS = ("stranger", "other party", "other clerk", "other chief")
SEATED = ("witness",)
INSIDE = ("judge", "clerk")
# Leads on to another address, whatever there is, before anything is looked up.
SHORTCUTS = {"/cases/{case}": "<address>/overview"}
EXAMPLE = 'placeholder="21/2026/TLST-HS"'
CONTENT = "lời khai bí mật".encode()


class Finished:
    """Jobs that are done: a film and a transcript of hearing A lie in the store."""

    async def request(self, kind: str, hearing: str) -> None:
        raise AssertionError("nobody here may ask for one")

    async def state(self, kind: str, hearing: str) -> JobState:
        done = hearing == "hearing-a"
        return JobState(status="done", percent=100, blob="film.mp4") if done else JobState(status="none")

    async def draft(self, hearing: str) -> bytes | None:
        return None

    async def written(self, hearing: str, form: str) -> str | None:
        return f"text.{form}" if hearing == "hearing-a" else None


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str

    @property
    def names(self) -> set[str]:
        return set(re.findall(r"\{(\w+)", self.path))

    def address(self, values: dict[str, str]) -> str:
        return re.sub(r"\{(\w+)[^}]*\}", lambda found: values.get(found[1], "x"), self.path)


@dataclass
class Town:
    """The scene, a second court in it, and a session of each kind."""

    scene: Scene
    client: TestClient[web.Request, web.Application]
    tokens: dict[str, str | None]
    routes: list[Route]
    real: dict[str, str]

    async def ask(self, kind: str, route: Route, values: dict[str, str]) -> tuple[int, str]:
        """Status and everything that was said, with the address that was asked for taken out of it."""
        token = self.tokens[kind]
        headers = {"Sec-Fetch-Site": "same-origin"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = {"json": {}} if route.path.startswith("/api/") else {"data": FORM}
        options: dict[str, Any] = {} if route.method in ("GET", "HEAD", "OPTIONS") else dict(body)
        address = route.address(values)
        answer = await self.client.request(route.method, address, headers=headers, allow_redirects=False, **options)
        said = [await answer.text("utf-8", "replace")]
        said += [f"{name}: {value}" for name, value in answer.headers.items() if name not in ("Date", "Content-Length")]
        told = "\n".join(said).replace(address, "<address>").replace(quote(address, safe=""), "<address>")
        return answer.status, told.replace(EXAMPLE, "")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_scene(tmp_path) as scene:
        await record(scene, tmp_path)
        for name in ("film.mp4", "text.txt", "text.json", "text.vtt", "ban-khai.pdf"):
            await scene.parts.blobs.put(name, b'{"events": []}' if name.endswith("json") else CONTENT)
        item = await scene.store.cases.add_item(
            case="case-a", kind="document", source="upload", title="ban-khai", blob="ban-khai.pdf", sha256="0" * 64,
            size=len(CONTENT), media_type="application/pdf", visibility="parties", by="seed",
        )  # fmt: skip
        await scene.store.courts.add(
            id="kv9", name="Tòa án nhân dân khu vực 9", time_zone="Asia/Ho_Chi_Minh", pack="vn"
        )
        for id, role in (("clerk9", "clerk"), ("chief9", "court_chief")):
            await scene.store.people.add_person(id=id, name=id)
            await scene.store.people.open_account(id, name=id, password=PASSWORD)
            await scene.store.people.appoint("kv9", id, role)
        tokens = {
            "nobody": None,
            "stranger": await scene.token("stranger"),
            "other party": await scene.seat_token("plaintiff", "hearing-b"),
            "other clerk": await scene.token("clerk9"),
            "other chief": await scene.token("chief9"),
            "witness": await scene.seat_token("witness"),
            "judge": await scene.token("judge"),
            "clerk": await scene.token("clerk"),
        }
        async with TestClient(TestServer(build(replace(scene.parts, jobs=Finished())))) as client:
            routes = list(routes_of(client.app))
            yield Town(scene, client, tokens, routes, {**REAL, "item": item.id})


def routes_of(app: web.Application) -> Iterator[Route]:
    for route in app.router.routes():
        resource = route.resource
        if resource is not None and not resource.canonical.startswith("/static"):
            yield Route(route.method, resource.canonical)


def of_things(town: Town) -> list[Route]:
    found = [route for route in town.routes if route.names & set(KEPT) and route.path not in SHORTCUTS]
    assert len(found) > 40, "the routes of the application were not found"
    return found


async def test_to_a_stranger_what_exists_and_what_does_not_are_the_same(town: Town) -> None:
    for route in of_things(town):
        for kind in STRANGERS:
            status, told = await town.ask(kind, route, town.real)
            # A body that fits no model is refused before anything is looked up.
            assert status == 404 or (status == 422 and route.method == "POST"), (kind, route, status)
            assert (status, told) == await town.ask(kind, route, NONE), (kind, route)
            assert not [one for one in SECRETS if one in told], (kind, route)


async def test_nobody_is_sent_to_the_door_whatever_there_is(town: Town) -> None:
    for route in of_things(town):
        status, told = await town.ask("nobody", route, town.real)
        assert status == (401 if route.path.startswith("/api/") else 303), (route, status)
        assert status == 401 or "Location: /sign-in" in told, (route, told)
        assert (status, told) == await town.ask("nobody", route, NONE), route


async def test_a_shortcut_leads_on_whoever_asks_and_whatever_there_is(town: Town) -> None:
    found = [route for route in town.routes if route.path in SHORTCUTS]
    assert found
    for route in found:
        for kind in town.tokens:
            status, told = await town.ask(kind, route, town.real)
            assert status == 303 and f"Location: {SHORTCUTS[route.path]}" in told, (kind, route, told)
            assert (status, told) == await town.ask(kind, route, NONE), (kind, route)


async def test_no_list_no_search_and_no_form_names_what_a_stranger_may_not_see(town: Town) -> None:
    plain = [route for route in town.routes if not route.names and route.method == "GET"]
    assert len(plain) > 15
    for route in plain:
        for query in ("", "?q=Tr%E1%BB%99m", "?q=21/2026", "?q=T%E1%BA%A1o", "?tab=all"):
            asked = Route("GET", route.path + query)
            for kind in ("nobody", *STRANGERS):
                _, told = await town.ask(kind, asked, {})
                leaked = [one for one in SECRETS if one in told.replace(query.removeprefix("?"), "")]
                assert not leaked or query[1:].split("=")[-1] in leaked, (kind, asked, leaked)
    for path in ("/api/cases?q=Tr%E1%BB%99m", "/cases?q=21/2026"):
        _, told = await town.ask("clerk", Route("GET", path), {})
        assert "Trộm cắp" in told, "the control: the same search finds it for the clerk"


async def test_a_seat_may_be_told_no_and_learns_nothing_more(town: Town) -> None:
    """The witness knows the own hearing: no to its recording and transcript; the case file is not there at all."""
    recorded = {"/media/{hearing}/{track}", "/api/hearings/{hearing}/tracks", "/api/hearings/{hearing}/playback",
                "/api/hearings/{hearing}/transcript", "/api/hearings/{hearing}/transcript.{form}",
                "/api/hearings/{hearing}/traffic", "/hearings/{hearing}/film", "/hearings/{hearing}/film.mp4",
                "/hearings/{hearing}/playback"}  # fmt: skip
    seen = set()
    for route in of_things(town):
        status, told = await town.ask("witness", route, town.real)
        if route.path in recorded:
            assert status == 403, (route, status)
            seen.add(route.path)
        elif not route.path.startswith(("/hearings/{hearing}", "/api/hearings/{hearing}")):
            assert status in (404, 422), (route, status)
        assert not [one for one in SECRETS[2:] if one in told and one != "Đinh Công Trứ"], (route, told)
    assert seen == recorded, recorded - seen
    elsewhere = {**town.real, "hearing": "hearing-b", "case": "case-b"}
    for route in of_things(town):
        status, _ = await town.ask("witness", route, elsewhere)
        assert status in (404, 422), (route, status)


async def test_the_twin_those_who_conduct_the_case_are_answered(town: Town) -> None:
    answered = 0
    for route in of_things(town):
        if route.method != "GET":
            continue
        for kind in INSIDE:
            status, _ = await town.ask(kind, route, town.real)
            known = status != 404 or route.path.endswith(("/traffic", "/invitation", "/duties", "/waiting", "/live"))
            assert known, (kind, route, status)
            answered += status == 200
    assert answered > 20, answered
