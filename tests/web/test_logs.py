"""What the libraries may write into the log."""

import logging

import pytest

from web.logs import Anonymous

pytestmark = pytest.mark.pure


def test_who_sends_broken_http_is_not_named() -> None:
    try:
        raise ValueError("GET /join/ACDE-FGHJ HTTP/9.9")
    except ValueError as fault:
        info = (ValueError, fault, fault.__traceback__)
    record = logging.LogRecord(
        "aiohttp.server", logging.ERROR, "", 0, "Error handling request from %s", ("192.0.2.7",), info
    )
    assert Anonymous().filter(record)
    line = logging.Formatter().format(record)
    assert line == "a request was not HTTP (ValueError)"


def test_other_lines_stay() -> None:
    record = logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, "Unhandled exception", (), None)
    assert Anonymous().filter(record)
    assert (record.getMessage(), record.levelno) == ("Unhandled exception", logging.ERROR)
