import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from signaling.turn import Turn

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
