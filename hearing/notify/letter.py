"""A notice as an e-mail message. Used by whatever carries one."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from hearing.ports import Clock, Notice


def letter(notice: Notice, *, sender: str, clock: Clock) -> EmailMessage:
    """Headers go through `email`, which refuses line breaks: a name cannot smuggle in a second recipient."""
    message = EmailMessage()
    message["From"] = sender
    if notice.to:
        message["To"] = str(Address(display_name=notice.name, addr_spec=notice.to))
    message["Subject"] = notice.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain="hearing.invalid")
    message.set_content(notice.text)
    return message
