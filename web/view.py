"""What every template is given: words, the person, addresses of static files, icons. One environment per process.

Rule: a page hands over plain values; a template asks for nothing that is not in its context or here.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from aiohttp import web
from markupsafe import Markup

from web.i18n import Words

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"

WORDS = web.RequestKey("words", Words)


class Viewer:
    """Renders templates; knows the version path of the static files and the import map's hash for the policy."""

    def __init__(self, *, static: Path = STATIC, templates: Path = TEMPLATES) -> None:
        self.version = _version(static)
        self.import_map = json.dumps(
            {
                "imports": {
                    "lit-html": self.static("vendor/lit-html.js"),
                    "socket.io-client": self.static("vendor/socket.io-client.js"),
                    "i18n": self.static("i18n.js"),
                }
            }
        )
        digest = base64.b64encode(hashlib.sha256(self.import_map.encode()).digest()).decode()
        self.import_map_hash = f"sha256-{digest}"
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._environment.globals.update(
            static=self.static, icon=self.icon, import_map=Markup(self.import_map), me=None, court_name=""
        )

    def static(self, path: str) -> str:
        return f"/static/{self.version}/{path}"

    def icon(self, name: str, size: int = 20) -> Markup:
        """An icon beside a word: hidden from screen readers, because the word says it."""
        extra = f" icon-{size}" if size != 20 else ""
        address = self.static("vendor/icons.svg")
        return Markup('<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
            extra, address, name
        )

    def render(self, request: web.Request, template: str, values: Mapping[str, object]) -> str:
        words = request[WORDS]

        def in_language(code: str) -> str:
            return f"{request.path}?{urlencode({**request.query, 'lang': code})}"

        if (me := values.get("me")) is not None and "court_name" not in values:
            values = {**values, "court_name": getattr(me, "court_name", "")}
        return self._environment.get_template(template).render(
            t=words, lang=words.lang, zone=words.zone.key, here=request.path, in_language=in_language, **values
        )


VIEWER = web.AppKey("viewer", Viewer)


def page(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> web.Response:
    """A rendered page; pages are personal, so nobody on the way may keep them."""
    text = request.app[VIEWER].render(request, template, values)
    answer = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.update(headers or {})
    return answer


def see_other(address: str) -> web.Response:
    """Go on to `address`; unlike a raised redirect it can carry cookies."""
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _version(static: Path) -> str:
    """Changes with any static file, so that addresses may be kept for ever by browsers."""
    digest = hashlib.sha256()
    for path in sorted(static.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(static).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
