"""Recorded bytes and items of the file, by range, through the same doors as the pages.

Rule: a stranger is told that nothing is there; nobody on the way keeps what is handed out.
"""

import re
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

from aiohttp import web

from hearing.access import Verb
from hearing.errors import Malformed, Refused
from recording.segments import Track, manifests, read_bytes
from recording.storage.file import FileStore
from web import auth
from web.parts import PARTS

routes = web.RouteTableDef()

Content = Callable[[int, int], AsyncIterator[bytes]]
RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")
# Shown in the page; everything else is handed out as an attachment, never run in our origin.
SHOWN = frozenset({"video/mp4", "video/webm", "audio/webm", "audio/mp4"})


@routes.get("/media/{hearing}/{track}")
async def track_bytes(request: web.Request) -> web.StreamResponse:
    """One track as the record knows it: a WebM file that may still grow."""
    parts = request.app[PARTS]
    hearing = request.match_info["hearing"]
    await parts.store.access.hearing(auth.signed_in(request).actor, Verb.PLAY, hearing)
    track = await find_track(request, hearing, request.match_info["track"])
    store = FileStore(parts.recordings or parts.data / "recordings")
    media_type = f"{track.kind}/webm"
    return await _send(
        request, track.size, media_type, lambda start, end: read_bytes(store, track, start, end), tag=f"{track.size}"
    )


async def find_track(request: web.Request, hearing: str, wanted: str) -> Track:
    for manifest in manifests(await request.app[PARTS].store.record.read(hearing)).values():
        if wanted in manifest.tracks:
            return manifest.tracks[wanted]
    raise Refused("not-found")


@routes.get("/items/{item}")
async def item_bytes(request: web.Request) -> web.StreamResponse:
    """The bytes of an item of a case file; whoever opens a sealed one is written down by the store."""
    parts = request.app[PARTS]
    item = await parts.store.cases.item(auth.signed_in(request).actor, request.match_info["item"])

    def content(start: int, end: int) -> AsyncIterator[bytes]:
        return parts.blobs.open(item.blob, start, end - start)

    shown = item.media_type in SHOWN and "download" not in request.query
    return await _send(request, item.size, item.media_type, content, tag=item.sha256, name="" if shown else item.title)


async def send_blob(request: web.Request, blob: str, media_type: str) -> web.StreamResponse:
    """A blob that was authorised by the caller."""
    parts = request.app[PARTS]
    found = await parts.blobs.stat(blob)
    if found is None:
        raise Refused("not-found")

    def content(start: int, end: int) -> AsyncIterator[bytes]:
        return parts.blobs.open(blob, start, end - start)

    return await _send(request, found.size, media_type, content, tag=blob)


async def _send(
    request: web.Request,
    size: int,
    media_type: str,
    content: Content,
    *,
    tag: str,
    name: str = "",
) -> web.StreamResponse:
    start, end = _range(request.headers.get("Range", ""), size)
    partial = "Range" in request.headers
    answer = web.StreamResponse(status=206 if partial else 200)
    answer.content_type = media_type
    answer.content_length = end - start
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["ETag"] = f'"{tag}"'
    if partial:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if name:
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    await answer.prepare(request)
    if request.method != "HEAD" and end > start:
        async for chunk in content(start, end):
            await answer.write(chunk)
    await answer.write_eof()
    return answer


def _range(header: str, size: int) -> tuple[int, int]:
    """The half-open stretch asked for. Raises `Malformed`, or 416 for one that lies behind the end."""
    if not header:
        return 0, size
    found = RANGE.match(header.replace(" ", ""))
    if found is None or (not found[1] and not found[2]):
        raise Malformed("only one byte range is served")
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if start >= size or start >= end:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, end
