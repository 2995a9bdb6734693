"""One contract for every notifier, and what is particular to files and to mail (against a mail server of our own)."""

import email
import email.policy
import socketserver
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hearing.notify import open_notifier
from hearing.notify.none import NoNotifier
from hearing.ports import Notice

NOTICE = Notice(
    to="lan.chi@example.org",
    name="Đỗ Thị Lan Chi",
    subject="Giấy triệu tập tham gia phiên tòa trực tuyến",
    text="Kính gửi bà Đỗ Thị Lan Chi,\n\nhttps://court.example/join/abc\n",
)


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as a client needs; keeps what it was given."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.recipients: list[str] = []
        self.refuses = False
        super().__init__(("127.0.0.1", 0), Conversation)


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line.decode().strip()
            if word.upper().startswith("DATA"):
                self.say("354 go on")
                self.server.letters.append(self.content())
                self.say("250 kept")
            elif word.upper().startswith("RCPT") and self.server.refuses:
                self.say("550 no such person")
            elif word.upper() == "QUIT":
                return self.say("221 goodbye")
            else:
                if word.upper().startswith("RCPT"):
                    self.server.recipients.append(word)
                self.say("250 yes")

    def content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def mail_url(server: MailServer) -> str:
    return f"smtp://127.0.0.1:{server.server_address[1]}?from=toaan@example.org"


def read(content: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


@pytest.mark.parametrize("way", ["none", "file", "smtp"])
async def test_every_notifier_delivers_a_notice_whole(way: str, tmp_path: Path, mail_server: MailServer) -> None:
    url = {"none": "none:", "file": f"file://{tmp_path}/outbox", "smtp": mail_url(mail_server)}[way]
    notifier = open_notifier(url)
    await notifier.send(NOTICE)
    if isinstance(notifier, NoNotifier):
        assert notifier.sent == [NOTICE]
        return
    letters = mail_server.letters if way == "smtp" else [path.read_bytes() for path in tmp_path.glob("outbox/*.eml")]
    [letter] = [read(content) for content in letters]
    assert letter["Subject"] == NOTICE.subject
    assert letter["To"].addresses[0].addr_spec == NOTICE.to
    assert letter["To"].addresses[0].display_name == NOTICE.name
    assert letter.get_content().replace("\r\n", "\n") == NOTICE.text


async def test_a_notice_in_a_file_is_for_the_owner_only(tmp_path: Path) -> None:
    await open_notifier(f"file://{tmp_path}/outbox").send(NOTICE)
    [path] = tmp_path.glob("outbox/*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_name_cannot_smuggle_in_a_recipient(mail_server: MailServer) -> None:
    sly = Notice(to=NOTICE.to, name="Chi\r\nBcc: sly@example.org", subject=NOTICE.subject, text="")
    with pytest.raises(ValueError, match="linefeed|CR|newline|characters"):
        await open_notifier(mail_url(mail_server)).send(sly)
    assert mail_server.recipients == []


async def test_what_the_mail_server_refuses_is_raised(mail_server: MailServer) -> None:
    mail_server.refuses = True
    with pytest.raises(OSError, match="no such person"):
        await open_notifier(mail_url(mail_server)).send(NOTICE)


async def test_a_person_without_an_address_is_not_silently_skipped(mail_server: MailServer) -> None:
    with pytest.raises(ValueError, match="address"):
        await open_notifier(mail_url(mail_server)).send(Notice(to="", name="Chi", subject="", text=""))


@pytest.mark.parametrize("url", ["pigeon://loft", "file://relative/path", "smtp://host", "smtp://?from=a@b.org"])
def test_an_impossible_address_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="."):
        open_notifier(url)


def test_the_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("secret\n")
    notifier = open_notifier(f"smtps://court@mail.example?from=a@b.org&password-file={tmp_path}/smtp")
    assert notifier._post.password == "secret" and notifier._post.port == 465  # type: ignore[attr-defined]
