"""The configuration for coturn: complete, towards the media servers only; what a coturn makes of it is another test."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from web.cli import app
from web.turn_config import EVERYWHERE, Incomplete, Relay, allowed, write

pytestmark = pytest.mark.pure

URLS = ("turn:turn.example", "turn:turn.example?transport=tcp", "turns:turn.example:443?transport=tcp")


def relay(**changes: object) -> Relay:
    values: dict[str, object] = {
        "urls": URLS, "secrets": (b"new", b"old"), "media": ("198.51.100.7", "[2001:db8::7]"),
        "certificate": Path("/etc/turn.pem"), "private_key": Path("/etc/turn.key"),
    }  # fmt: skip
    return Relay(**{**values, **changes})  # type: ignore[arg-type]


def lines(**changes: object) -> list[str]:
    return write(relay(**changes)).splitlines()


def test_peers_are_the_media_servers_and_nobody_else() -> None:
    found = lines()
    assert [one for one in found if one.startswith("allowed-peer-ip")] == [
        "allowed-peer-ip=198.51.100.7", "allowed-peer-ip=2001:db8::7",
    ]  # fmt: skip
    assert [one for one in found if one.startswith("denied-peer-ip")] == [f"denied-peer-ip={one}" for one in EVERYWHERE]
    assert "no-tcp-relay" in found and "no-multicast-peers" in found


def test_it_serves_the_ways_of_the_urls_and_no_other() -> None:
    found = lines()
    assert "listening-port=3478" in found and "tls-listening-port=443" in found
    assert not {"no-udp", "no-tcp", "no-tls"} & set(found)
    assert {"no-udp", "no-tcp"} & set(lines(urls=URLS[2:])) == {"no-udp", "no-tcp"}
    assert "no-tls" in lines(urls=URLS[:1], certificate=None)


def test_both_secrets_are_accepted_while_one_follows_the_other() -> None:
    assert [one for one in lines() if one.startswith("static-auth-secret")] == [
        "static-auth-secret=new", "static-auth-secret=old",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"urls": ()},
        {"urls": ("stun:stun.example",)},
        {"secrets": ()},
        {"media": ()},
        {"media": ("127.0.0.1", "::1", "fe80::1")},
        {"media": ("media.example",)},
        {"certificate": None},
        {"urls": ("turn:turn.example:3478", "turn:turn.example:3479?transport=tcp")},
    ],
)
def test_what_would_not_work_is_told_instead_of_written(changes: dict[str, object]) -> None:
    with pytest.raises(Incomplete):
        write(relay(**changes))


def test_a_relay_never_reaches_loopback() -> None:
    assert allowed(["127.0.0.1", "198.51.100.7", "198.51.100.7", "::1"]) == ["198.51.100.7"]


def test_the_command_prints_it_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "turn"
    secret.write_text("one\ntwo\n")
    monkeypatch.setenv("HEARING_TURN_URLS", ", ".join(URLS))
    monkeypatch.setenv("HEARING_TURN_SECRET", str(secret))
    monkeypatch.setenv("HEARING_MEDIA_ADDRESSES", "198.51.100.7")
    done = CliRunner().invoke(app, ["turn-config", "--certificate", "/c.pem", "--private-key", "/k.pem"])
    assert done.exit_code == 0, done.output
    assert "allowed-peer-ip=198.51.100.7" in done.stdout and "static-auth-secret=two" in done.stdout
    assert "allowed-peer-ip=127.0.0.1" not in done.stdout
    assert CliRunner().invoke(app, ["turn-config"]).exit_code == 2
