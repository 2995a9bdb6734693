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
