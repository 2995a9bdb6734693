import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from signaling.turn import Turn, place_of, read_secrets

pytestmark = pytest.mark.pure

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_credential_is_what_the_turn_server_computes_and_ends_by_itself() -> None:
    turn = Turn(urls=("turns:turn.example:443",), secret=b"secret", lifetime=timedelta(hours=1))
    (server,) = turn.ice_servers("connection-1", NOW)
    until, _, label = server["username"].partition(":")
    assert int(until) == NOW.timestamp() + 3600
    expected = hmac.new(b"secret", server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == expected
    assert server["urls"] == ["turns:turn.example:443"]
    assert "connection-1" not in label


def test_without_a_server_or_without_a_secret_there_is_nothing_to_give_away() -> None:
    assert Turn().ice_servers("c", NOW) == []
    assert Turn(urls=("stun:stun.example",)).ice_servers("c", NOW) == [{"urls": ["stun:stun.example"]}]


def test_each_way_a_firewall_may_block_can_be_tried_alone() -> None:
    urls = (
        "turn:turn.example", "turn:turn.example:3478?transport=tcp", "turns:turn.example:443?transport=tcp",
        "turns:[2001:db8::1]:443", "stun:stun.example",
    )  # fmt: skip
    ways = Turn(urls=urls, secret=b"secret").ways("probe", NOW)
    assert {way: servers[0]["urls"] for way, servers in ways.items()} == {
        "udp": [urls[0]], "tcp": [urls[1]], "tls": [urls[2], urls[3]],
    }  # fmt: skip
    assert all(servers[0]["username"] and servers[0]["credential"] for servers in ways.values())
    assert Turn().ways("probe", NOW) == {} == Turn(urls=("stun:stun.example",)).ways("probe", NOW)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("turn:turn.example", ("turn.example", 3478)),
        ("turns:turn.example?transport=tcp", ("turn.example", 5349)),
        ("turns:turn.example:443", ("turn.example", 443)),
        ("turn:[2001:db8::1]:3479?transport=udp", ("2001:db8::1", 3479)),
        ("turn:[2001:db8::1]", ("2001:db8::1", 3478)),
    ],
)
def test_the_place_of_a_turn_server_is_read_from_its_url(url: str, place: tuple[str, int]) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize("url", ["stun:stun.example", "turn:", "turn:[2001:db8::1", "turn:a:b", "https://turn.example"])
def test_what_is_no_turn_server_has_no_place(url: str) -> None:
    with pytest.raises(ValueError):
        place_of(url)


def test_of_the_secret_file_the_first_line_is_used_and_the_others_are_kept() -> None:
    assert read_secrets(b"new\n\n old \n") == (b"new", b"old")
    assert read_secrets(b"\n") == ()
