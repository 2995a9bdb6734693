"""What the libraries may write into the log. Rule: nothing of a caller stands there, no address and no line sent."""

import logging


class Anonymous(logging.Filter):
    """aiohttp logs whoever sends broken HTTP, with address and the bytes; here only what kind of fault it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and record.msg.startswith("Error handling request from"):
            fault = record.exc_info[0] if record.exc_info else None
            record.msg, record.args = "a request was not HTTP (%s)", (fault.__name__ if fault else "unknown",)
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def quiet() -> None:
    """Called once by every process, before it serves."""
    for noisy in ("aiosqlite", "aioice", "alembic", "dbos"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(Anonymous())
