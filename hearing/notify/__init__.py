"""Notices to people, chosen by a URL: `none:`, `file:///directory`, `smtp://user:password@host:587?from=address`.

A notifier delivers or raises. Whoever sends decides what a failure means to the person waiting for it.
"""

from importlib import import_module
from urllib.parse import urlsplit

from hearing.ports import Notifier

SCHEMES = {"none": "none", "file": "file", "smtp": "smtp", "smtps": "smtp"}


def open_notifier(url: str) -> Notifier:
    scheme = urlsplit(url).scheme or url
    if scheme not in SCHEMES:
        raise ValueError(f"notices go by {', '.join(SCHEMES)}, not by {scheme!r}")
    notifier: Notifier = import_module(f"{__name__}.{SCHEMES[scheme]}").at(url)
    return notifier
