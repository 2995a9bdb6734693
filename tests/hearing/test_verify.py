"""The verifier, run as a process of its own: it passes what is whole and names everything that was changed.

Each attack is made as somebody with the database file in hand would make it: the append-only triggers are taken down
first, and where it helps the attacker the hashes are computed anew.
"""

import ast
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hearing import chain, wire
from hearing.docket import Docket
from hearing.proceedings import COURT
from hearing.proceedings.commands import Arrive, AttachItem, CloseSegment, OpenTrack, StartSitting
from hearing.proceedings.events import NoteLogged
from hearing.proceedings.words import Kind
from hearing.store import Store, open_store
from recording.storage import open_store as open_blobs
from tests.support import s3
from tests.support.hearings import CLERK, JUDGE, note, schedule

ROOT = Path(__file__).parents[2]
HEADER = b"the header of the file"
PIECES = (b"first cluster" * 50, b"second cluster" * 50, b"third cluster" * 50)
TRACK = "hearing-1/sitting-1/track-1.webm"


@pytest.fixture
async def court(tmp_path: Path) -> Path:
    """A data directory with one hearing, a track of three segments and one item."""
    store = await open_store(f"sqlite:///{tmp_path / 'hearing.sqlite'}")
    await fill(store, tmp_path)
    await store.close()
    return tmp_path


async def fill(store: Store, data: Path) -> None:
    docket = Docket(store.record, store.clock, store.ids)
    (data / TRACK_PATH).parent.mkdir(parents=True)
    (data / TRACK_PATH).write_bytes(HEADER + b"".join(PIECES))
    commands: list[tuple[Any, str]] = [
        (schedule(), "person-clerk"),
        (StartSitting(sitting="sitting-1"), CLERK),
        (Arrive(seat=JUDGE, connection="connection-1"), COURT),
        (OpenTrack(track="track-1", source="source-1", kind=Kind.AUDIO, codec="opus", file=TRACK), COURT),
    ]
    offset, prev = len(HEADER), sha256(HEADER)
    for index, piece in enumerate(PIECES):
        segment = CloseSegment(
            track="track-1",
            index=index,
            offset=offset,
            length=len(piece),
            t0_ms=index * 4000,
            t1_ms=index * 4000 + 4000,
            sha256=sha256(piece),
            prev=prev,
            key_id="none",
        )
        commands.append((segment, COURT))
        offset, prev = offset + len(piece), sha256(piece)
    commands += [(note(1), CLERK), (note(2), CLERK)]
    for number, (command, by) in enumerate(commands):
        await docket.handle("hearing-1", command, by=by, op_id=f"op-{number}")
    await docket.close()
    court = await store.courts.add(name="Tòa án", time_zone="Asia/Ho_Chi_Minh", pack="vn")
    case = await store.cases.open(court=court.id, kind="civil", title="Vụ án")
    (data / "blobs").mkdir()
    (data / "blobs" / "scan").write_bytes(b"a scanned page")
    await store.cases.add_item(
        case=case.id,
        kind="scan",
        source="party",
        title="Giấy vay tiền",
        blob="scan",
        sha256=sha256(b"a scanned page"),
        size=14,
        media_type="application/pdf",
        visibility="parties",
        by="person-clerk",
    )


TRACK_PATH = Path("recordings") / TRACK


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def verify(data: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = started(data, "--json", *options)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def started(data: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hearing.verify", "--data", str(data), *options]
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env=environment)


def found(data: Path) -> list[tuple[int, str]]:
    code, result = verify(data)
    assert code == 1 and result["verified"] is False
    return [(finding["entry"], finding["what"]) for finding in result["findings"]]


def attack(data: Path, *statements: str, values: tuple[Any, ...] = ()) -> None:
    with sqlite3.connect(data / "hearing.sqlite") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert connection.execute(statement, values).rowcount > 0
    connection.close()


async def test_what_is_whole_is_verified_and_counted(court: Path) -> None:
    code, result = verify(court)
    assert (code, result["verified"], result["findings"]) == (0, True, [])
    counts = {name: result[name] for name in ("hearings", "entries", "tracks", "segments", "items")}
    assert counts == {"hearings": 1, "entries": 9, "tracks": 1, "segments": 3, "items": 1}
    assert result["media_bytes"] == sum(map(len, PIECES))


async def test_one_flipped_bit_in_a_body_is_found(court: Path) -> None:
    with sqlite3.connect(court / "hearing.sqlite") as connection:
        [body] = connection.execute("SELECT body FROM bodies WHERE number = 8").fetchone()
        connection.execute(
            "UPDATE bodies SET body = ? WHERE number = 8", (body[:-3] + bytes([body[-3] ^ 1]) + body[-2:],)
        )
    connection.close()
    assert found(court) == [(8, "the body is not the one that was hashed")]


async def test_one_flipped_bit_in_a_track_is_found(court: Path) -> None:
    path = court / TRACK_PATH
    content = bytearray(path.read_bytes())
    content[len(HEADER) + len(PIECES[0]) + 5] ^= 1
    path.write_bytes(content)
    assert found(court) == [(6, "segment 1 of track track-1: the bytes in track-1.webm were changed")]


async def test_a_changed_header_of_a_track_is_found(court: Path) -> None:
    path = court / TRACK_PATH
    path.write_bytes(b"T" + path.read_bytes()[1:])
    assert found(court) == [(5, "segment 0 of track track-1 does not follow on the header of track-1.webm")]


async def test_a_track_that_was_cut_short_is_found(court: Path) -> None:
    path = court / TRACK_PATH
    path.write_bytes(path.read_bytes()[:-1])
    assert found(court) == [(7, "segment 2 of track track-1: the bytes are not in track-1.webm")]


async def test_a_missing_track_is_found(court: Path) -> None:
    (court / TRACK_PATH).unlink()
    assert (4, "track track-1: the file track-1.webm is missing") in found(court)


async def test_a_deleted_entry_is_found(court: Path) -> None:
    attack(court, "DELETE FROM bodies WHERE number = 8", "DELETE FROM entries WHERE number = 8")
    assert found(court) == [(9, "entry 8 is missing")]


async def test_a_cut_off_end_is_found(court: Path) -> None:
    attack(court, "DELETE FROM bodies WHERE number > 7", "DELETE FROM entries WHERE number > 7")
    assert found(court) == [(9, "the record ends at entry 7, its end was cut off")]


async def test_a_whole_hearing_taken_away_is_found(court: Path) -> None:
    attack(court, "DELETE FROM bodies", "DELETE FROM entries")
    assert found(court) == [(9, "the record ends at entry 0, its end was cut off")]


async def test_two_entries_that_changed_places_are_found(court: Path) -> None:
    attack(
        court,
        "UPDATE bodies SET number = -number WHERE number IN (8, 9)",
        "UPDATE entries SET number = 108 - number, op_id = 'x' || op_id WHERE number IN (8, 9)",
        "UPDATE entries SET number = 17 - (108 - number) WHERE number > 90",
        "UPDATE bodies SET number = 17 + number WHERE number < 0",
    )
    assert {entry for entry, _ in found(court)} == {8, 9}


@pytest.mark.parametrize(
    ("column", "value"),
    [("by", "seat-judge"), ("at", "2026-06-12T01:00:00.000001Z"), ("kind", "HandRaised"), ("op_id", "op-other")],
)
async def test_every_column_of_the_header_is_under_the_hash(court: Path, column: str, value: str) -> None:
    attack(court, f'UPDATE entries SET "{column}" = ? WHERE number = 8', values=(value,))
    assert (8, "the header is not the one that was hashed") in found(court)


async def test_a_forged_entry_with_fresh_hashes_breaks_the_chain_behind_it(court: Path) -> None:
    """The clever forger hashes body and header anew; the next entry still names the old hash."""
    body = wire.encode(NoteLogged(note="note-1", text="Lời khác hẳn", about=None, said_at_ms=None, by=CLERK))
    with sqlite3.connect(court / "hearing.sqlite") as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM entries WHERE number = 8").fetchone()
        connection.execute("DROP TRIGGER entries_stay")
        body_hash = chain.body_sha256(b"salt", body)
        names = ("hearing", "number", "by", "kind", "schema", "op_id", "ordinal", "key_id", "prev")
        fields: dict[str, Any] = {name: row[name] for name in names}
        hash = chain.entry_hash(**fields, at=chain.parse_instant(row["at"]), body_sha256=body_hash)
        connection.execute("UPDATE bodies SET body = ?, salt = ? WHERE number = 8", (body, b"salt"))
        connection.execute("UPDATE entries SET body_sha256 = ?, hash = ? WHERE number = 8", (body_hash, hash))
    connection.close()
    assert found(court) == [(9, "does not follow on the entry before it")]


async def test_a_body_that_vanished_without_an_erasure_is_found(court: Path) -> None:
    attack(court, "DELETE FROM bodies WHERE number = 8")
    assert found(court) == [(8, "the body is missing and was not erased")]


async def test_a_lawful_erasure_is_counted_and_no_finding(court: Path) -> None:
    store = await open_store(f"sqlite:///{court / 'hearing.sqlite'}")
    stand_in = wire.encode(NoteLogged(note="note-1", text="", about=None, said_at_ms=None, by=CLERK))
    await store.record.erase("hearing-1", 8, stand_in=stand_in, by="person-1", reason="quyết định")
    await store.close()
    code, result = verify(court)
    assert (code, result["erased"]) == (0, 1)


async def test_a_changed_item_and_a_missing_one_are_found(court: Path) -> None:
    (court / "blobs" / "scan").write_bytes(b"a forged page!")
    [(_, what)] = found(court)
    assert what.endswith("its bytes were changed")
    (court / "blobs" / "scan").unlink()
    [(_, what)] = found(court)
    assert what.endswith("its bytes are missing")


async def test_an_item_that_is_not_the_one_the_record_names_is_found(court: Path) -> None:
    attack(court, "UPDATE items SET id = 'item-1'")
    store = await open_store(f"sqlite:///{court / 'hearing.sqlite'}")
    docket = Docket(store.record, store.clock, store.ids)
    named = AttachItem(item="item-1", kind="scan", sha256=sha256(b"another page"), title="Giấy vay tiền")
    await docket.handle("hearing-1", named, by=COURT, op_id="op-attach")
    await docket.close()
    await store.close()
    assert found(court) == [(10, "item item-1 is not the one that the record names")]
    attack(court, "DELETE FROM items")
    assert found(court) == [(10, "item item-1 is in the record but not in the case file")]


async def test_a_path_out_of_the_recordings_is_not_followed(court: Path) -> None:
    attack(court, "UPDATE items SET blob = '../hearing.sqlite'")
    [(_, what)] = found(court)
    assert "outside" in what


async def test_the_answer_can_be_read_by_people(court: Path) -> None:
    command = [sys.executable, "-m", "hearing.verify", "--data", str(court)]
    whole = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert whole.returncode == 0 and whole.stdout.splitlines()[-1] == "verified"
    (court / TRACK_PATH).unlink()
    broken = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert broken.returncode == 1 and "NOT verified" in broken.stdout


def test_a_directory_without_a_record_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hearing.verify", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2 and "cannot check" in done.stderr


async def test_postgresql_is_verified_by_the_same_program(database_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    store = await open_store(database_url)
    await fill(store, data)
    await store.close()
    assert verify(data, "--database", database_url)[0] == 0
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE bodies SET body = body || 'x'::bytea WHERE number = 8")
        code, result = verify(data, "--database", database_url)
        assert code == 1 and result["findings"][0]["entry"] == 8


@pytest.mark.skipif(not s3.HERE, reason="there is no S3 client or no server to try it on")
async def test_items_in_a_bucket_are_fetched_and_compared(court: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    (court / "blobs" / "scan").unlink()
    with s3.serving() as endpoint:
        url = f"s3://{s3.BUCKET}/court?endpoint={endpoint}&region=us-east-1"
        code, result = verify(court, "--storage", url)
        assert code == 1 and [one["what"][-21:] for one in result["findings"]] == ["its bytes are missing"]
        await open_blobs(url).put("scan", b"a scanned page")
        assert verify(court, "--storage", url)[0] == 0
        await open_blobs(url).delete("scan")
        await open_blobs(url).put("scan", b"a forged page!")
        code, result = verify(court, "--storage", url)
        assert code == 1 and result["findings"][0]["what"].endswith("its bytes were changed")
        attack(court, "UPDATE items SET blob = 'court/../scan'")
        assert "outside" in verify(court, "--storage", url)[1]["findings"][0]["what"]


@pytest.mark.parametrize("storage", ["s3://bucket/court?endpoint=http://127.0.0.1:9&region=us-east-1", "ftp://a/b"])
async def test_a_store_that_cannot_be_read_is_never_called_verified(court: Path, storage: str) -> None:
    done = started(court, "--storage", storage, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    assert done.returncode == 2 and "cannot check" in done.stderr and "verified" not in done.stdout


async def test_the_command_takes_the_store_from_the_settings(court: Path, tmp_path: Path) -> None:
    (court / "blobs").rename(tmp_path / "elsewhere")
    command = [sys.executable, "-m", "web.cli", "verify", "--data", str(court)]
    for variables, code in (({}, 1), ({"HEARING_STORAGE": f"file://{tmp_path / 'elsewhere'}"}, 0)):
        environment = {**os.environ, **variables}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env=environment)
        assert done.returncode == code, done.stdout + done.stderr


def test_the_verifier_imports_nothing_of_the_product() -> None:
    """Its independence is the point: standard library, psycopg for a PostgreSQL address and obstore for an S3 one."""
    tree = ast.parse((ROOT / "hearing" / "verify.py").read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)])
    }
    assert imported - set(sys.stdlib_module_names) == {"psycopg", "obstore"}
    probe = "import sys, hearing.verify; print([m for m in sys.modules if m.startswith('hearing.')])"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=ROOT, check=True)
    assert loaded.stdout.strip() == "['hearing.verify']"
