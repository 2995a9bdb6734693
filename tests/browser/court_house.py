"""A page of the courtroom without a court: the real template, catalogue and modules, and a line that says one view.

Rule: only the socket and the cameras are played; everything that is drawn is the product's own.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.browser.recording_made import TRANSCRIPT, make
from web.i18n import Catalogue, Words
from web.view import STATIC, VIEWER, WORDS, Viewer, page

HERE = Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures"
MADE: web.AppKey[dict[str, Any]] = web.AppKey("made", dict)
CATALOGUE = web.AppKey("catalogue", Catalogue)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def in_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    language = request.query.get("lang", "vi")
    request[WORDS] = Words(request.app[CATALOGUE], language, ZoneInfo("Asia/Ho_Chi_Minh"))
    answer = await handler(request)
    # As in the product: a style attribute written by a script would be lost there, so it must be lost here.
    answer.headers["Content-Security-Policy"] = "style-src 'self'"
    return answer


async def live(request: web.Request) -> web.Response:
    english = request.query.get("lang") == "en"
    answer = page(
        request,
        "live.html",
        page={
            "hearing": request.match_info["name"],
            "number": "21/2026/TLST-HS",
            "title": "Theft of property · defendant Trần Văn Tạo"
            if english
            else "Trộm cắp tài sản · bị cáo Trần Văn Tạo",
            "court": "Tòa án nhân dân khu vực 3 - Sông Lam",
            "links": {"case": "/cases/c1/overview", "playback": "/hearings/h1/playback", "home": "/today"},
        },
    )
    viewer = request.app[VIEWER]
    assert answer.text is not None
    answer.text = answer.text.replace(viewer.static("vendor/socket.io-client.js"), "/played/line.js")
    return answer


async def playback(request: web.Request) -> web.Response:
    about = {
        "hearing": request.match_info["name"],
        "number": "21/2026/TLST-HS",
        "title": "Trộm cắp tài sản",
        "court": "Tòa án nhân dân khu vực 3 - Sông Lam",
        "timezone": "Asia/Ho_Chi_Minh",
        "links": {"back": "/cases/c1/hearings"},
    }
    return page(request, "playback.html", page=about)


async def recorded(request: web.Request) -> web.Response:
    return web.json_response(request.app[MADE])


async def film(request: web.Request) -> web.Response:
    request.app[MADE]["film"] = {"status": "running", "progress": 40, "url": None}
    return web.json_response(request.app[MADE]["film"], status=202)


async def transcript(request: web.Request) -> web.Response:
    return web.json_response(TRANSCRIPT)


async def words(request: web.Request) -> web.Response:
    return web.json_response(dict(request.app[CATALOGUE].texts[request.match_info["language"]]))


def build(recording: Path | None = None, made: dict[str, Any] | None = None) -> web.Application:
    """The application; with `recording`, the folder of a small recording for the player, and what was `made` there."""
    app = web.Application(middlewares=[in_language])
    app[CATALOGUE] = Catalogue.load()
    app[VIEWER] = Viewer()
    app.router.add_get("/hearings/{name}/live", live)
    app.router.add_get("/i18n/{version}/{language}.json", words)
    app.router.add_static(f"/static/{app[VIEWER].version}/", STATIC)
    app.router.add_static("/played/", HERE / "played")
    app.router.add_static("/fixtures/", FIXTURES)
    if recording is not None:
        app[MADE] = made or make(recording)
        app.router.add_get("/hearings/{name}/playback", playback)
        app.router.add_get("/api/hearings/{name}/playback", recorded)
        app.router.add_post("/api/hearings/{name}/film", film)
        app.router.add_get("/made/transcript.json", transcript)
        app.router.add_static("/made/media/", recording)
    return app


def fixture(name: str) -> dict[str, Any]:
    welcome: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return welcome


async def start(recording: Path | None = None, made: dict[str, Any] | None = None) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(build(recording, made))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


if __name__ == "__main__":
    import sys

    web.run_app(build(Path(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), print=None)
