"""Notices by e-mail: `smtp://user:password@host:587?from=court@example.org` (STARTTLS), `smtps://` (TLS at once).

A plain connection is made only to the same machine, where a relay listens. The password is better kept in a file:
`?password-file=/run/secrets/smtp`.
"""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from hearing.notify.letter import letter
from hearing.ports import Clock, Notice
from hearing.system import SystemClock

TIMEOUT_S = 20
HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """The mail server. `secure` is TLS from the first byte; else STARTTLS, unless the server is on this machine."""

    host: str
    port: int
    secure: bool
    sender: str
    user: str = ""
    password: str = ""


class SmtpNotifier:
    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock

    async def send(self, notice: Notice) -> None:
        """Raises `ValueError` for a person without an address, `smtplib.SMTPException` or `OSError` otherwise."""
        if not notice.to:
            raise ValueError("no e-mail address")
        await asyncio.to_thread(self._send, notice)

    def _send(self, notice: Notice) -> None:
        message = letter(notice, sender=self._post.sender, clock=self._clock)
        with self._connect() as server:
            if self._post.user:
                server.login(self._post.user, self._post.password)
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        post, context = self._post, ssl.create_default_context()
        if post.secure:
            return smtplib.SMTP_SSL(post.host, post.port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(post.host, post.port, timeout=TIMEOUT_S)
        if post.host not in HERE:
            server.starttls(context=context)
        return server


def at(url: str) -> SmtpNotifier:
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if not parts.hostname or "from" not in options:
        raise ValueError("a mail server needs a name and a sender: smtp://host:587?from=court@example.org")
    password = unquote(parts.password or "")
    if "password-file" in options:
        password = Path(options["password-file"]).read_text().strip()
    secure = parts.scheme == "smtps"
    return SmtpNotifier(
        Post(
            host=parts.hostname,
            port=parts.port or (465 if secure else 587),
            secure=secure,
            sender=options["from"],
            user=unquote(parts.username or ""),
            password=password,
        ),
        SystemClock(),
    )
