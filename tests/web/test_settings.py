"""Settings: read once, handed to children unchanged."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from web.settings import UNIX_PATH_LIMIT, Settings

pytestmark = pytest.mark.pure


def test_a_child_started_with_the_environment_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Settings(data=Path("/srv/court"), port=9000, host="0.0.0.0", certificate=Path("/etc/c.pem"))
    for name, value in ours.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == ours


@pytest.mark.parametrize(
    ("host", "tls", "secure"),
    [("127.0.0.1", "auto", False), ("0.0.0.0", "auto", True), ("0.0.0.0", "off", False), ("localhost", "on", True)],
)
def test_everything_but_this_machine_alone_is_served_over_tls(host: str, tls: str, secure: bool) -> None:
    settings = Settings.model_validate({"host": host, "tls": tls})
    assert settings.secure is secure
    assert settings.origin.startswith("https://" if secure else "http://")


def test_the_control_socket_fits_the_kernel_wherever_the_data_lie() -> None:
    deep = Settings(data=Path("/srv") / ("court/" * 40))
    assert len(str(deep.media_socket(0))) <= UNIX_PATH_LIMIT
    assert deep.media_socket(0) != deep.media_socket(1)


def test_an_unknown_setting_or_a_wrong_port_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"port": 70000})
    with pytest.raises(ValidationError):
        Settings.model_validate({"colour": "red"})


def test_behind_a_proxy_that_speaks_tls_cookies_are_for_tls_though_we_speak_plain_http() -> None:
    behind = Settings.model_validate({"tls": "off", "public_origin": "https://court.example"})
    assert not behind.secure and behind.secure_for_people
    assert not Settings.model_validate({"tls": "off", "public_origin": "http://court.example"}).secure_for_people


def test_an_origin_with_an_ipv6_address_has_brackets() -> None:
    assert Settings.model_validate({"host": "2001:db8::7", "port": 8000}).origin == "https://[2001:db8::7]:8000"
    assert Settings.model_validate({"host": "::", "port": 8000}).origin == "https://localhost:8000"


def test_turn_servers_and_secrets_are_read_from_lists(tmp_path: Path) -> None:
    secret = tmp_path / "turn"
    secret.write_text("new\nold\n")
    settings = Settings.model_validate({"turn_urls": "turn:a, turns:b:443,", "turn_secret": secret})
    assert settings.turn_servers == ("turn:a", "turns:b:443") and settings.turn_secrets == (b"new", b"old")
    assert Settings().turn_servers == () == Settings().turn_secrets
