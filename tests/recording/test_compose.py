"""The film: everybody in their place, pauses cut, and nothing of a deliberation whatever lies on disk."""

from pathlib import Path

import av
import numpy as np
import pytest

from hearing.proceedings import events as happened
from hearing.proceedings.roles import Role
from hearing.proceedings.words import SourceKind
from recording.compose import NothingRecorded, compose, deliberations, film_spans, seating
from recording.ffmpeg import find_ffmpeg, make_file
from recording.sitting import Sitting
from tests.recording.speech import Court, two_cities

ROOM = {
    "judge": Role.PRESIDING_JUDGE,
    "clerk": Role.CLERK,
    "p": Role.PLAINTIFF,
    "r": Role.RESPONDENT,
    "w": Role.WITNESS,
}


def told(court: Court) -> Sitting:
    court.entries.sort(key=lambda entry: entry.at)
    sitting = Sitting("s1")
    sitting.take_all(court.entries)  # type: ignore[arg-type]
    return sitting


@pytest.fixture
def court(tmp_path: Path) -> Court:
    """10-14 s in court, 20-30 s deliberation of which something lies on disk against all rules, 31-34 s again."""
    court = Court(root=tmp_path, seats=ROOM).begin()
    cameras = {seat: court.announce(seat, SourceKind.CAMERA) for seat in ROOM}
    for seat in ("judge", "p", "r"):
        court.show(cameras[seat], 4, 200, 10_000)
    court.show(cameras["w"], 2, 200, 10_000)
    pcm, _ = two_cities()
    microphone = court.announce("judge")
    court.say(microphone, pcm[16_000 : 16_000 * 5], 10_000)
    court.happens(20_000, happened.PhaseEntered(phase="deliberation"))
    court.show(cameras["judge"], 5, 255, 22_000, track="secret-picture")
    court.say(microphone, pcm[16_000 * 10 : 16_000 * 15], 22_000, track="secret-sound")
    court.happens(30_000, happened.PhaseEntered(phase="pronouncement"))
    court.show(cameras["judge"], 3, 200, 31_000)
    return court


def test_a_deliberation_is_not_in_the_film(court: Court) -> None:
    sitting = told(court)
    assert deliberations(sitting) == [(20_000, 30_000)]
    spans = film_spans(sitting)
    assert [(round(a, -3), round(b, -3)) for a, b in spans] == [(10_000, 14_000), (31_000, 34_000)]
    assert not any(a < 30_000 and b > 20_000 for a, b in spans)


def test_a_deliberation_that_never_ended_hides_all_that_follows(court: Court) -> None:
    court.happens(32_000, happened.PhaseEntered(phase="deliberation"))
    assert all(b <= 32_000 for _, b in film_spans(told(court)))


def test_everybody_has_a_place_of_their_own_in_court_order(court: Court) -> None:
    tiles = {tile.label: tile for tile in seating(told(court), {"judge": "Judge A"})}
    assert set(tiles) == {"Judge A", "p", "r", "w"}, "who has no picture has no place"
    assert len(tiles["Judge A"].tracks) == 3, "a source that came back hangs in the same place"
    assert tiles["Judge A"].y < tiles["p"].y == tiles["r"].y < tiles["w"].y and tiles["p"].x < tiles["r"].x
    boxes = [(t.x, t.y, t.x + t.width, t.y + t.height) for t in tiles.values()]
    for n, one in enumerate(boxes):
        assert 0 <= one[0] < one[2] <= 960 and 0 <= one[1] < one[3] <= 540
        for two in boxes[n + 1 :]:
            assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingRecorded):
        compose(told(Court(root=tmp_path, seats=ROOM).begin()), tmp_path, names={}, program="ffmpeg")


def test_the_film_shows_each_source_at_its_time_and_its_place_dark_without_it(court: Court, tmp_path: Path) -> None:
    sitting = told(court)
    film = compose(sitting, tmp_path, names={"judge": "Thẩm phán: A, 'B' 100%"}, program=find_ffmpeg())
    reached: list[int] = []
    target = tmp_path / "film.mp4"
    make_file(film.arguments, target, progress=lambda ms: reached.append(ms) is not None, nice=0)
    assert reached == sorted(reached) and abs(reached[-1] - film.length_ms) <= 200
    assert abs(film.length_ms - 7_000) <= 150

    def shade(picture: np.ndarray, label: str) -> float:
        tile = next(tile for tile in film.tiles if tile.label.startswith(label))
        x, y = tile.x + tile.width // 2, tile.y + tile.height // 2 - 11
        return float(picture[y - 8 : y + 8, x - 8 : x + 8].mean())

    with av.open(str(target)) as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert abs(len(pictures) - 7 * 15) <= 3
    early, late, after = pictures[15], pictures[45], pictures[-10]
    assert shade(early, "w") > 120 and shade(late, "w") < 70, "the witness's picture ended after 2 s"
    assert shade(late, "p") > 120 and shade(after, "p") < 70
    assert shade(after, "Thẩm") > 120
    # 255 is white, and only the deliberation was that bright.
    assert max(shade(picture, "Thẩm") for picture in pictures) < shade(early, "Thẩm") + 12

    with av.open(str(target)) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    loud = np.sqrt(np.mean(np.square(sound[: 48_000 * 3])))
    assert loud > 0.01 and float(np.sqrt(np.mean(np.square(sound[48_000 * 5 :])))) < loud / 50
