"""Checks the record and the recordings from outside: `python -m hearing.verify --data DIR`, or `hearing verify`.

Rule: it shares no code with what wrote them. It follows `docs/record.md` with the standard library alone (psycopg only
for a PostgreSQL URL, obstore only for an S3 one), opens everything for reading, and imports nothing of the product, so
that a fault in the writer cannot hide in the reader. What cannot be read is not verified: then it ends with 2.
"""

import argparse
import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

FORMAT = "hearing-entry-1"
ZEROS = "0" * 64
CHUNK = 1 << 20

ENTRIES = """
    SELECT e.hearing, e.number, e.at, e.by, e.kind, e.schema, e.op_id, e.ordinal, e.key_id, e.body_sha256, e.prev,
           e.hash, b.salt, b.body, b.erased_at, b.hearing AS body_of
    FROM entries AS e LEFT JOIN bodies AS b ON b.hearing = e.hearing AND b.number = e.number
    ORDER BY e.hearing, e.number
"""
HEADER = ("hearing", "number", "at", "by", "kind", "schema", "op_id", "ordinal", "key_id", "body_sha256", "prev")


@dataclass
class Finding:
    """One thing that is wrong. `entry` is 0 when it is not about one entry."""

    hearing: str
    entry: int
    what: str


@dataclass
class Result:
    hearings: int = 0
    entries: int = 0
    erased: int = 0
    tracks: int = 0
    segments: int = 0
    media_bytes: int = 0
    items: int = 0
    findings: list[Finding] = field(default_factory=list)
    attached: dict[str, tuple[str, int, str]] = field(default_factory=dict, repr=False)

    @property
    def verified(self) -> bool:
        return not self.findings

    def wrong(self, hearing: str, entry: int, what: str) -> None:
        self.findings.append(Finding(hearing, entry, what))


@dataclass
class Track:
    """A track file as the record describes it so far."""

    path: Path
    number: int
    next_index: int = 0
    end: int = 0
    prev: str = ""


class Rows:
    """Rows as dictionaries, from SQLite (opened read-only) or from PostgreSQL."""

    def __init__(self, database: str) -> None:
        self._connection: Any
        if database.startswith("postgresql"):
            import psycopg
            from psycopg.rows import dict_row

            self._connection = psycopg.connect(database, row_factory=dict_row)
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        else:
            path = Path(database.removeprefix("sqlite:///"))
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            self._connection.row_factory = lambda cursor, row: {
                column[0]: value for column, value in zip(cursor.description, row, strict=True)
            }
            self._connection.execute("BEGIN")
        # One snapshot for the whole check, on both: a court in session goes on writing meanwhile.

    def __call__(self, query: str) -> Iterator[dict[str, Any]]:
        cursor = self._connection.execute(query)
        while batch := cursor.fetchmany(500):
            yield from batch

    def close(self) -> None:
        self._connection.close()


def netstrings(fields: list[str]) -> bytes:
    return b"".join(str(len(field.encode())).encode() + b":" + field.encode() + b"," for field in fields)


def header_hash(row: dict[str, Any]) -> str:
    return hashlib.sha256(netstrings([FORMAT, *(str(row[name]) for name in HEADER)])).hexdigest()


def verify(database: str, data: Path, storage: str = "") -> Result:
    result = Result()
    rows, blobs = Rows(database), open_blobs(storage or f"file://{(data / 'blobs').absolute()}")
    try:
        check_entries(rows, data, result)
        check_items(rows, blobs, result)
    finally:
        rows.close()
    return result


def check_entries(rows: Rows, data: Path, result: Result) -> None:
    heads = {row["hearing"]: row for row in rows("SELECT hearing, number, hash FROM heads")}
    last: dict[str, dict[str, Any]] = {}
    tracks: dict[str, Track] = {}
    current = None
    for row in rows(ENTRIES):
        hearing, number = row["hearing"], row["number"]
        if hearing != current:
            finish_tracks(current, tracks, result)
            current, tracks = hearing, {}
        check_entry(row, last.get(hearing), result)
        if row["body"] is not None:
            check_recording(row, tracks, data, result)
        last[hearing] = row
        result.entries += 1
        if hearing not in heads:
            heads[hearing] = {"number": number, "hash": row["hash"]}
            result.wrong(hearing, number, "the hearing has entries but no head")
    finish_tracks(current, tracks, result)
    result.hearings = len(last)
    for hearing, head in heads.items():
        end = last.get(hearing, {"number": 0, "hash": ZEROS})
        if end["number"] < head["number"]:
            result.wrong(hearing, head["number"], f"the record ends at entry {end['number']}, its end was cut off")
        elif (end["number"], end["hash"]) != (head["number"], head["hash"]):
            result.wrong(hearing, end["number"], "the last entry is not the one that the head names")
    for row in rows("SELECT id FROM hearings"):
        if row["id"] not in last:
            result.wrong(row["id"], 0, "the hearing is listed but has no entries")


def check_entry(row: dict[str, Any], before: dict[str, Any] | None, result: Result) -> None:
    hearing, number = row["hearing"], row["number"]
    expected = before["number"] + 1 if before else 1
    if number != expected:
        missing = f"entry {expected} is" if number == expected + 1 else f"entries {expected} to {number - 1} are"
        result.wrong(hearing, number, f"{missing} missing")
    elif row["prev"] != (before["hash"] if before else ZEROS):
        result.wrong(hearing, number, "does not follow on the entry before it")
    if header_hash(row) != row["hash"]:
        result.wrong(hearing, number, "the header is not the one that was hashed")
    if row["body_of"] is None:
        result.wrong(hearing, number, "the body is missing and was not erased")
    elif row["body"] is None:
        result.erased += 1
        if row["erased_at"] is None:
            result.wrong(hearing, number, "the body is empty and nobody has erased it")
    elif hashlib.sha256(bytes(row["salt"] or b"") + bytes(row["body"])).hexdigest() != row["body_sha256"]:
        result.wrong(hearing, number, "the body is not the one that was hashed")
    if before and row["at"] < before["at"]:
        result.wrong(hearing, number, "is dated before the entry before it")


# --- recordings -------------------------------------------------------------------------------------------------------


def check_recording(row: dict[str, Any], tracks: dict[str, Track], data: Path, result: Result) -> None:
    if row["kind"] not in ("TrackOpened", "SegmentClosed", "ItemAttached"):
        return
    hearing, number = row["hearing"], row["number"]
    try:
        body = json.loads(bytes(row["body"]))
        if row["kind"] == "ItemAttached":
            result.attached[body["item"]] = (hearing, number, body["sha256"])
            return
        name = body["track"]
        if row["kind"] == "TrackOpened":
            tracks[name] = Track(path=inside(data / "recordings", body["file"]), number=number)
            result.tracks += 1
        elif name not in tracks:
            result.wrong(hearing, number, f"track {name} was never opened")
        else:
            check_segment(hearing, number, body, tracks[name], result)
    except (ValueError, KeyError, TypeError) as fault:
        result.wrong(hearing, number, f"the body cannot be read: {fault!r}")


def inside(root: Path, file: str) -> Path:
    path = (root / file).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError(f"{file} lies outside {root.name}")
    return path


def check_segment(hearing: str, number: int, body: dict[str, Any], track: Track, result: Result) -> None:
    name = f"segment {body['index']} of track {body['track']}"
    result.segments += 1
    prev = file_hash(track.path, 0, body["offset"]) if body["index"] == 0 else track.prev
    if body["index"] != track.next_index:
        result.wrong(hearing, number, f"{name}: segment {track.next_index} was expected")
    elif body["index"] > 0 and body["offset"] != track.end:
        result.wrong(hearing, number, f"{name} does not begin where the segment before it ends")
    elif body["prev"] != prev:
        before = "the segment before it" if body["index"] else f"the header of {track.path.name}"
        result.wrong(hearing, number, f"{name} does not follow on {before}")
    if body["t1_ms"] < body["t0_ms"]:
        result.wrong(hearing, number, f"{name} ends before it begins")
    found = file_hash(track.path, body["offset"], body["length"])
    if found is None:
        result.wrong(hearing, number, f"{name}: the bytes are not in {track.path.name}")
    elif found != body["sha256"]:
        result.wrong(hearing, number, f"{name}: the bytes in {track.path.name} were changed")
    else:
        result.media_bytes += body["length"]
    track.next_index, track.end, track.prev = body["index"] + 1, body["offset"] + body["length"], body["sha256"]


def finish_tracks(hearing: str | None, tracks: dict[str, Track], result: Result) -> None:
    for name, track in tracks.items():
        if not track.path.is_file():
            result.wrong(str(hearing), track.number, f"track {name}: the file {track.path.name} is missing")


def file_hash(path: Path, offset: int = 0, length: int | None = None) -> str | None:
    """The hash of a stretch of a file, or None when the file does not hold it whole."""
    if not path.is_file():
        return None
    digest, left = hashlib.sha256(), path.stat().st_size if length is None else length
    with path.open("rb") as file:
        file.seek(offset)
        while left:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                return None
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


# --- case items -------------------------------------------------------------------------------------------------------


class Folder:
    """Files of the cases in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def sha256(self, name: str) -> str | None:
        """The hash of a file, None when it is not there. `ValueError` for a name that leads elsewhere."""
        return file_hash(inside(self._root, name))


class Bucket:
    """Files of the cases in an S3 store. Access keys come from where such clients look for them."""

    def __init__(self, url: str) -> None:
        from obstore.store import S3Store

        parts = urlsplit(url)
        settings: Any = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        client: Any = {"allow_http": settings.get("endpoint", "").startswith("http://")}
        self._store: Any = S3Store(
            parts.hostname or "", prefix=parts.path.strip("/") or None, client_options=client, config=settings or None
        )

    def sha256(self, name: str) -> str | None:
        """As `Folder.sha256`. A store that does not answer is no finding: it ends the check."""
        import obstore

        if any(part in ("", ".", "..") for part in name.split("/")):
            raise ValueError(f"{name} lies outside the store")
        digest = hashlib.sha256()
        try:
            for chunk in obstore.get(self._store, name).stream(min_chunk_size=CHUNK):
                digest.update(bytes(chunk))
        except FileNotFoundError:
            return None
        return digest.hexdigest()


def open_blobs(url: str) -> Folder | Bucket:
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc:
        return Folder(Path(parts.path))
    if parts.scheme == "s3":
        return Bucket(url)
    raise ValueError(f"files of the cases cannot be read from {parts.scheme or url!r}: give file:// or s3://")


def check_items(rows: Rows, blobs: Folder | Bucket, result: Result) -> None:
    for row in rows("SELECT id, hearing, title, blob, sha256 FROM items ORDER BY id"):
        result.items += 1
        _, number, attached = result.attached.pop(row["id"], ("", 0, row["sha256"]))
        if attached != row["sha256"]:
            result.wrong(row["hearing"], number, f"item {row['id']} is not the one that the record names")
        place = row["hearing"] or "-"
        try:
            found = blobs.sha256(row["blob"])
        except ValueError as fault:
            result.wrong(place, 0, f"item {row['id']}: {fault}")
            continue
        if found is None:
            result.wrong(place, 0, f"item {row['id']}: its bytes are missing")
        elif found != row["sha256"]:
            result.wrong(place, 0, f"item {row['id']}: its bytes were changed")
    for item, (hearing, number, _) in result.attached.items():
        result.wrong(hearing, number, f"item {item} is in the record but not in the case file")


# --- the command ------------------------------------------------------------------------------------------------------


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hearing verify", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the data directory")
    parser.add_argument("--database", help="sqlite:///path or postgresql://...; else hearing.sqlite in the directory")
    parser.add_argument("--storage", default="", help="s3://bucket/prefix?endpoint=... or file:///folder; else blobs/")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """0 when everything is as it was written, 1 when something is wrong, 2 when it could not be checked."""
    options = arguments(argv)
    database = options.database or f"sqlite:///{options.data / 'hearing.sqlite'}"
    try:
        result = verify(database, options.data, options.storage)
    except Exception as fault:
        print(f"cannot check {options.data}: {fault}", file=sys.stderr)
        return 2
    if options.json:
        shown = {name: value for name, value in asdict(result).items() if name != "attached"}
        print(json.dumps({"verified": result.verified, **shown}, ensure_ascii=False, indent=2))
        return 0 if result.verified else 1
    print(
        f"{result.hearings} hearings, {result.entries} entries ({result.erased} erased), {result.tracks} tracks, "
        f"{result.segments} segments ({result.media_bytes} bytes), {result.items} items"
    )
    for finding in result.findings:
        print(f"WRONG  {finding.hearing}  entry {finding.entry or '-'}  {finding.what}")
    print("verified" if result.verified else f"NOT verified: {len(result.findings)} wrong")
    return 0 if result.verified else 1


if __name__ == "__main__":
    sys.exit(main())
