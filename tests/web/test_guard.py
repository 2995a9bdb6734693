"""The Host header, where a request may come from, and the address that tries are counted for."""

from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from tests.web.scene import PASSWORD, Scene, build
from web import auth, guard
from web.guard import proper_host, same_origin

Client = TestClient  # type: ignore[type-arg]


def asked(host: str, **headers: str) -> web.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("POST", "/x", headers={"Host": host, **named})


@pytest.mark.parametrize(
    "host",
    [
        "court.example.org",
        "court.example.org:8443",
        "127.0.0.1:8000",
        "[::1]",
        "[fe80::1]:443",
        "may-toa_an",
        "a" * 253,
    ],
)
def test_a_host_is_a_name_or_an_address_and_perhaps_a_port(host: str) -> None:
    assert proper_host(asked(host))
    assert guard.host_of(asked(host), "") == host


@pytest.mark.parametrize(
    "host",
    ["", "a b", "a,b", "a/b", "a;b", "a'b", 'a"b', "<script>", "user@host", "a:", "a:b", "a:123456", "[::1", "[]",
     "[g::1]", "tòa-án.vn", "a" * 254, "a\\b", "a?b", "a#b", "a:80:80", "a\tb"],
)  # fmt: skip
def test_anything_else_gets_into_no_header_and_no_link(host: str) -> None:
    assert not proper_host(asked(host))
    assert guard.host_of(asked(host), "") == guard.NO_HOST
    assert guard.host_of(asked(host), "https://court.example.org") == "court.example.org"


async def test_a_strange_host_is_told_400(client: Client) -> None:
    for path in ("/sign-in", "/api/me", "/no-such-page", "/static/x"):
        answer = await client.get(path, headers={"Host": "evil' 'unsafe-inline"})
        assert answer.status == 400, path
        assert "unsafe-inline" not in str(answer.headers)
    assert (await client.get("/sign-in", headers={"Host": "court.example.org"})).status == 200


OURS = "court.example.org"
PAGE = f"https://{OURS}"
COOKIE = "session=x"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec_Fetch_Site": "same-origin", "Origin": PAGE}, True),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "null", "Cookie": COOKIE}, True),
        ({"Sec_Fetch_Site": "none", "Cookie": COOKIE}, True),
        ({"Origin": PAGE, "Cookie": COOKIE}, True),
        ({}, True),  # no browser, and no credential that a browser adds by itself
        ({"Cookie": COOKIE}, False),
        ({"Sec_Fetch_Site": "cross-site", "Origin": PAGE}, False),
        ({"Sec_Fetch_Site": "same-site", "Origin": f"https://files.{OURS}"}, False),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"}, False),
        ({"Sec_Fetch_Site": "same-origin", "Origin": f"{PAGE}.evil.example"}, False),
        ({"Sec_Fetch_Site": ""}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": f"https://evil.example#{OURS}"}, False),
        ({"Origin": f"https://{OURS}:8443"}, False),
        ({"Origin": f"https://{OURS}@evil.example"}, False),
    ],
)
@pytest.mark.parametrize("public", ["", PAGE])
def test_what_changes_something_comes_from_our_own_pages(headers: dict[str, str], allowed: bool, public: str) -> None:
    host = "10.0.0.7:8000" if public else OURS  # behind a proxy the configured origin counts, not what reaches us
    assert same_origin(asked(host, **headers), public) is allowed


def test_the_cookie_of_a_secure_door_cannot_come_from_a_neighbour() -> None:
    """`__Host-`: browsers take it over TLS only, for `/`, from this very host and none beside it."""
    assert auth.cookie_name(secure=True) == "__Host-session"
    assert (
        auth.cookie_name(secure=False) == "session"
    )  # plain HTTP is for this machine alone: it could not set the other


async def test_signing_in_over_tls_sets_a_host_cookie_and_no_other_is_read(scene: Scene) -> None:
    parts = replace(scene.parts, secure=True)
    async with TestClient(TestServer(build(parts))) as client:
        form = {"name": "judge", "password": PASSWORD}
        site = {"Sec-Fetch-Site": "same-origin"}
        came = await client.post("/sign-in", data=form, headers=site, allow_redirects=False)
        cookie = came.headers["Set-Cookie"]
        assert cookie.startswith("__Host-session=")
        told = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= told
        assert not any(part.startswith("domain") for part in told)
        token = came.cookies["__Host-session"].value
        client.session.cookie_jar.clear()
        for name, status in (("__Host-session", 200), ("session", 401), ("__Secure-session", 401)):
            answer = await client.get("/api/me", headers={"Cookie": f"{name}={token}"})
            assert answer.status == status, name
        out = await client.post(
            "/sign-out", headers={**site, "Cookie": f"__Host-session={token}"}, allow_redirects=False
        )
        gone = out.headers["Set-Cookie"].lower()
        assert gone.startswith("__host-session=") and "secure" in gone and "path=/" in gone and "max-age=0" in gone
        assert (await client.get("/api/me", headers={"Cookie": f"__Host-session={token}"})).status == 401


async def test_one_address_that_tries_every_name_is_stopped_and_its_neighbours_are_not(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    async def wrong(*values: object) -> bool:
        hashed.append("tried")
        return False

    monkeypatch.setattr("hearing.people.Passwords.matches", wrong)
    parts = replace(scene.parts, public_origin="https://court.example.org")
    async with TestClient(TestServer(build(parts))) as client:

        async def tried(name: str, forwarded: str, password: str = "x" * 12) -> int:
            body = {"name": name, "password": password}
            answer = await client.post("/api/sign-in", json=body, headers={"X-Forwarded-For": forwarded})
            return answer.status

        statuses = [await tried(f"name-{number}", f"6.6.6.{number}, 192.0.2.1") for number in range(62)]
        assert statuses == [401] * 60 + [429] * 2, "what a caller writes before the proxy's own word counts for nothing"
        spent = len(hashed)
        assert await tried("judge", "192.0.2.1") == 429 and len(hashed) == spent, "no password was looked at any more"
        assert await tried("judge", "192.0.2.2") == 401


async def test_without_a_proxy_nobody_chooses_an_address(client: Client) -> None:
    body = {"name": "judge", "password": "khong-dung-mat-khau"}
    statuses = []
    for number in range(6):
        answer = await client.post("/api/sign-in", json=body, headers={"X-Forwarded-For": f"192.0.2.{number}"})
        statuses.append(answer.status)
    assert statuses == [401] * 5 + [429]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("court.example", "court.example"),
        ("court.example:8443", "court.example"),
        ("[2001:db8::7]", "[2001:db8::7]"),
        ("[2001:db8::7]:8000", "[2001:db8::7]"),
    ],
)
def test_the_name_of_a_host_goes_without_its_port(host: str, name: str) -> None:
    assert guard.name_of(host) == name


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_tries_are_counted_for_a_line_not_for_each_of_its_addresses(address: str, counted: str) -> None:
    assert auth.counted(address) == counted
