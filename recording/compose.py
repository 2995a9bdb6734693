"""The sitting as one film: everybody in their place, all sound mixed, on the hearing clock. Pure, but for the graph.

Rules: nothing of a deliberation is ever in it, whatever lies on disk; where nothing was recorded there is no film,
and the clock in the picture shows how long the pause was; where one source is missing its place is dark.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from hearing.proceedings.roles import ROLES, Group
from recording.sitting import Sitting, TrackStory

WIDTH, HEIGHT, RATE = 960, 540, 15
BACKGROUND, PLACE = "0x1b1f27", "0x262c38"
LABEL_HEIGHT = 22
# A hole this long in one track darkens its place; a shorter one is a hiccup and keeps the last picture.
DARK_AFTER_MS = 1_500
# A pause this long in everything is cut out of the film.
CUT_AFTER_MS = 3_000
DELIBERATION = "deliberation"
# Faces that cover Vietnamese, in order of preference.
FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf")

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """A place in the picture: who sits there, and the tracks that show them."""

    label: str
    tracks: tuple[str, ...]
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """What to make: the arguments without the output, and how long the film will be."""

    arguments: list[str]
    length_ms: int
    tiles: tuple[Tile, ...]
    kept: tuple[Span, ...]


class NothingRecorded(Exception):
    """No sound and no picture was kept of this sitting."""


def deliberations(sitting: Sitting) -> list[Span]:
    """When the panel deliberated, by the record."""
    spans: list[Span] = []
    since: int | None = None
    for mark in sitting.marks:
        if mark.kind == "phase":
            if since is not None:
                spans.append((since, mark.t0_ms))
            since = mark.t0_ms if mark.label == DELIBERATION else None
    if since is not None:
        spans.append((since, max(since, sitting.last_ms()) + 1))
    return spans


def spans_of(track: TrackStory, without: Iterable[Span] = (), *, join_ms: int = DARK_AFTER_MS) -> list[Span]:
    """When this track has something to show or to play."""
    return _subtract(_joined(track.spans, join_ms), without)


def film_spans(sitting: Sitting) -> list[Span]:
    """The stretches of the hearing clock that are in the film."""
    secret = deliberations(sitting)
    every = (span for track in sitting.tracks.values() for span in spans_of(track))
    return _subtract(_joined(every, CUT_AFTER_MS), secret)


def seating(sitting: Sitting, names: dict[str, str]) -> list[Tile]:
    """The court as it sits: panel above, clerk below it, the sides left and right, who testifies at the bottom.

    Sides follow the order of the seats: where a procurator sits on the left, the first party sits on the right.
    """
    pictures: dict[tuple[str, ...], list[str]] = {}
    for track in sitting.tracks.values():
        if track.kind == "video" and track.spans:
            seats = sitting.user(track.source, track.spans[0][0]).seats or (track.source,)
            kind = sitting.kinds.get(track.source, "camera")
            key = seats if kind == "camera" else (*seats, kind)
            pictures.setdefault(key, []).append(track.track)
    rows: dict[str, list[tuple[str, tuple[str, ...]]]] = {
        name: [] for name in ("panel", "clerk", "left", "right", "stand")
    }
    order = {seat: index for index, seat in enumerate(sitting.seats)}
    side: dict[str, str] = {}
    for key in sorted(pictures, key=lambda key: order.get(key[0], len(order))):
        place = _place(sitting, key[0], rows, side)
        side[key[0]] = place
        label = " / ".join(names.get(seat, seat) for seat in key)
        rows[place].append((label, tuple(pictures[key])))
    return _tiles(rows)


def compose(sitting: Sitting, recordings: Path, *, names: dict[str, str], program: str, threads: int = 1) -> Film:
    """The command that makes the film. Raises `NothingRecorded`."""
    kept = film_spans(sitting)
    if not kept:
        raise NothingRecorded(sitting.id)
    secret = deliberations(sitting)
    end_ms = kept[-1][1]
    tiles = seating(sitting, names)
    font = _font()
    canvas = f"color=c={BACKGROUND}:s={WIDTH}x{HEIGHT}:r={RATE}:d={end_ms / 1000:.3f}"
    picture = ffmpeg.input(canvas, f="lavfi").video
    for tile in tiles:
        picture = _furnish(picture, tile, font)
    for tile in tiles:
        for name in tile.tracks:
            track = sitting.tracks[name]
            spans = spans_of(track, secret)
            if spans:
                picture = _hang(picture, tile, recordings / track.file, track.spans[0][0], spans)
    if font:
        picture = picture.drawtext(
            text=r"%{pts\:hms}",
            escape_text=False,
            fontfile=font,
            fontsize=16,
            fontcolor="white@0.8",
            x="w-tw-10",
            y="h-th-8",
        )
    sound = _mix(sitting, recordings, secret, end_ms)
    chosen = _between(kept)
    picture = picture.filter("select", chosen).filter("setpts", "N/FRAME_RATE/TB")
    sound = sound.filter("aselect", chosen).filter("asetpts", "N/SR/TB")
    output = ffmpeg.output(
        picture,
        sound,
        "pipe:",
        vcodec="libx264",
        preset="veryfast",
        crf=28,
        pix_fmt="yuv420p",
        r=RATE,
        acodec="aac",
        audio_bitrate="96k",
        movflags="+faststart",
        threads=threads,
        filter_complex_threads=threads,
        map_metadata=-1,
    )
    return Film(
        # The output's name is added by whoever runs the program.
        arguments=output.compile(cmd=program)[:-1],
        length_ms=sum(t1 - t0 for t0, t1 in kept),
        tiles=tuple(tiles),
        kept=tuple(kept),
    )


def _furnish(picture: Any, tile: Tile, font: str | None) -> Any:
    """The empty place: what is seen while its source is missing."""
    picture = picture.drawbox(x=tile.x, y=tile.y, width=tile.width, height=tile.height, color=PLACE, thickness="fill")
    if font:
        picture = picture.drawtext(
            text=tile.label,
            expansion="none",
            fontfile=font,
            fontsize=13,
            fontcolor="white",
            x=tile.x + 6,
            y=tile.y + tile.height - LABEL_HEIGHT + 4,
        )
    return picture


def _hang(picture: Any, tile: Tile, file: Path, start_ms: int, spans: Sequence[Span]) -> Any:
    """A track's picture into its place, at its times."""
    width, height = tile.width - 4, tile.height - LABEL_HEIGHT - 2
    source = (
        ffmpeg.input(str(file), threads=1)
        .video.filter("setpts", f"PTS-STARTPTS+{start_ms / 1000:.3f}/TB")
        .filter("scale", width, height, force_original_aspect_ratio="decrease", force_divisible_by=2)
    )
    return ffmpeg.overlay(
        picture,
        source,
        x=f"{tile.x + 2}+({width}-w)/2",
        y=f"{tile.y + 2}+({height}-h)/2",
        enable=_between(spans),
        eof_action="pass",
    )


def _mix(sitting: Sitting, recordings: Path, secret: Sequence[Span], end_ms: int) -> Any:
    """Every sound track on the hearing clock, silent where it has nothing, none lowered for the others' sake."""
    tracks = []
    for track in sitting.tracks.values():
        spans = spans_of(track, secret, join_ms=100) if track.kind == "audio" else []
        if not spans:
            continue
        sound = (
            ffmpeg.input(str(recordings / track.file))
            .audio.filter("aformat", sample_rates=48_000, channel_layouts="mono")
            .filter("asetpts", f"PTS-STARTPTS+{track.spans[0][0] / 1000:.3f}/TB")
            .filter("aresample", **{"async": 1, "first_pts": 0})
        )
        if secret:
            sound = sound.filter("volume", 0, enable=_between(secret))
        tracks.append(sound)
    silence = ffmpeg.input(f"anullsrc=r=48000:cl=mono:d={end_ms / 1000:.3f}", f="lavfi").audio
    return ffmpeg.filter([silence, *tracks], "amix", inputs=len(tracks) + 1, normalize=0, duration="first")


def _place(
    sitting: Sitting, seat: str, rows: dict[str, list[tuple[str, tuple[str, ...]]]], side: dict[str, str]
) -> str:
    if seat not in sitting.seats:
        return "stand"
    described = sitting.seats[seat]
    match ROLES[described.role].group:
        case Group.PANEL | Group.PRESIDING:
            return "panel"
        case Group.CLERK:
            return "clerk"
        case Group.PROCURATOR:
            return "left"
        case Group.WITNESS | Group.SUPPORT | Group.PUBLIC:
            return "stand"
    if described.accompanies in side and side[described.accompanies] in ("left", "right"):
        return side[described.accompanies]
    return "left" if len(rows["left"]) <= len(rows["right"]) else "right"


def _tiles(rows: dict[str, list[tuple[str, tuple[str, ...]]]]) -> list[Tile]:
    """Bands from above to below; the two sides share a band, each with its half."""
    middle = max(len(rows["left"]), len(rows["right"])) > 0
    bands = [name for name in ("panel", "clerk") if rows[name]] + (["sides"] if middle else [])
    bands += ["stand"] if rows["stand"] else []
    if not bands:
        return []
    height = HEIGHT // len(bands) // 2 * 2
    tiles: list[Tile] = []
    for number, band in enumerate(bands):
        y = number * height
        if band == "sides":
            tiles += _row(rows["left"], 0, y, WIDTH // 2, height)
            tiles += _row(rows["right"], WIDTH // 2, y, WIDTH // 2, height)
        else:
            tiles += _row(rows[band], 0, y, WIDTH, height)
    return tiles


def _row(who: list[tuple[str, tuple[str, ...]]], x: int, y: int, width: int, height: int) -> list[Tile]:
    """Equal places side by side, in the middle of the band, none wider than a 16:9 picture needs."""
    if not who:
        return []
    each = min(width // len(who), height * 16 // 9) // 2 * 2
    left = x + (width - each * len(who)) // 2
    return [
        Tile(label=label, tracks=tracks, x=left + n * each + 2, y=y + 2, width=each - 4, height=height - 4)
        for n, (label, tracks) in enumerate(who)
    ]


def _joined(spans: Iterable[Span], join_ms: int) -> list[Span]:
    joined: list[Span] = []
    for t0, t1 in sorted(spans):
        if joined and t0 - joined[-1][1] <= join_ms:
            joined[-1] = (joined[-1][0], max(joined[-1][1], t1))
        else:
            joined.append((t0, t1))
    return joined


def _subtract(spans: Iterable[Span], without: Iterable[Span]) -> list[Span]:
    left = list(spans)
    for w0, w1 in without:
        left = [part for t0, t1 in left for part in ((t0, min(t1, w0)), (max(t0, w1), t1)) if part[1] > part[0]]
    return left


def _between(spans: Sequence[Span]) -> str:
    # Half a frame less at the end, so that the frame at which a span ends does not belong to it.
    return "+".join(f"between(t,{t0 / 1000:.3f},{t1 / 1000 - 0.001:.3f})" for t0, t1 in spans)


def _font(look: Callable[[Path, str], Iterable[Path]] = lambda folder, name: folder.rglob(name)) -> str | None:
    """A font file; without one the film has no labels and no clock, and nothing else is missing."""
    for name in FONTS:
        found = next(iter(look(Path("/usr/share/fonts"), name)), None)
        if found is not None:
            return str(found)
    return None
