"""What those may learn who should learn nothing: every call of the API and every page, by every kind of session.

Rule: the table of calls is held against the product's own description, so that a new call without a row fails here.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from hearing.store import open_store
from recording.storage import open_store as open_blobs
from tests.product.attack_house import Court, House

SEALED_TITLE = "Bản khai niêm phong của trẻ em"
OPEN_TITLE = "Biên bản giao nhận"
SEALED_CASE = "Vụ việc kín về con nuôi"
CONTENT = b"%PDF-1.7 sealed words that nobody outside may read"


@dataclass
class Sessions:
    """token by kind of session; `none` has none."""

    tokens: dict[str, str | None] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    track: str = ""
    sealed_case: str = ""


OUTSIDE = ("stranger", "invited elsewhere", "clerk of another court", "judge of another court")
KNOWN = ("witness",)
INSIDE = ("party", "judge", "clerk")


async def open_sessions(house: House, court: Court) -> Sessions:
    """A session of each kind, two items and a sealed case, and a track to ask for."""
    found = Sessions()
    other = await house.product.schedule(
        "B",
        [("tp1", "presiding_judge", True), ("ht1", "assessor", True), ("ht3", "assessor", True), ("tk1", "clerk", True),
         ("b_plaintiff", "plaintiff", True), ("b_respondent", "respondent", True)],
    )  # fmt: skip
    house.secrets |= set(other.codes.values())
    invited = await house.ask("POST", "/api/invitations/exchange", json={"code": other.codes["b_plaintiff"]})
    assert invited.status == 200, invited.text
    found.tokens = {
        "none": None,
        "stranger": await house.token("b_respondent"),
        "invited elsewhere": invited.json["token"],
        "clerk of another court": await house.token("tk2"),
        "judge of another court": await house.token("tp2"),
        "witness": await house.token("a_witness"),
        "party": await house.token("a_defendant"),
        "judge": await house.token("tp1"),
        "clerk": await house.token("tk1"),
    }
    house.secrets.add(invited.json["token"])
    store = await open_store(f"sqlite:///{house.product.data / 'hearing.sqlite'}")
    try:
        blobs = open_blobs(f"file://{house.product.data / 'blobs'}")
        for key, title in (("open", OPEN_TITLE), ("sealed", SEALED_TITLE)):
            blob = await blobs.put(f"items/{uuid.uuid4().hex}.pdf", CONTENT)
            item = await store.cases.add_item(
                case=court.case, kind="document", source="upload", title=title, blob=blob.name, sha256="0" * 64,
                size=len(CONTENT), media_type="application/pdf", visibility="parties", by="seed",
            )  # fmt: skip
            found.items[key] = item.id
        await store.cases.seal(found.items["sealed"], "Tài liệu của trẻ em")
    finally:
        await store.close()
    body = {"court": house.product.seeded.courts["kv3sl"].id, "kind": "family", "title": SEALED_CASE, "sealed": True,
            "parties": [{"name": "Khổng Thị Kín Đáo", "role": "plaintiff"}]}  # fmt: skip
    made = await house.ask("POST", "/api/cases", token=found.tokens["clerk"], json=body)
    assert made.status == 201, made.text
    found.sealed_case = made.json["id"]
    tracks = await house.ask("GET", f"/api/hearings/{court.hearing}/tracks", token=found.tokens["judge"])
    found.track = tracks.json[0]["id"]
    return found


def table(house: House, court: Court) -> dict[tuple[str, str], dict[str, Any]]:
    """(method, path) -> what is sent, and the statuses for each kind: outside, known, inside."""
    h = court.hearing
    # A stranger learns nothing; who has a seat knows that the hearing is there, and may be told no.
    nothing, seated, whole = {404}, {403}, {200}
    case = {"court": house.product.seeded.courts["kv3sl"].id, "kind": "civil", "title": "Vụ việc thử"}
    plan = {
        "starts_at": "2030-01-01T00:00:00Z",
        "points": [{"id": "p", "kind": "central"}],
        "seats": [{"person": house.product.seeded.people["tp1"].id, "role": "presiding_judge", "point": "p"}],
    }
    own = {"json": None, "outside": whole, "known": whole, "inside": whole}
    play = {"json": None, "outside": nothing, "known": seated, "inside": whole}
    text = {"json": None, "outside": nothing, "known": seated, "inside": {200, 404}}
    return {
        ("GET", "/api/me"): own,
        ("GET", "/api/courts"): own,
        ("GET", "/api/cases"): own,
        ("POST", "/api/cases"): {"json": case, "outside": nothing, "known": nothing, "inside": None},
        ("GET", "/api/cases/{case}"): {"json": None, "outside": nothing, "known": nothing, "inside": whole},
        ("POST", "/api/cases/{case}/hearings"): {"json": plan, "outside": nothing, "known": nothing, "inside": None},
        ("GET", "/api/hearings/{hearing}"): {"json": None, "outside": nothing, "known": whole, "inside": whole},
        ("GET", "/api/hearings/{hearing}/tracks"): play,
        ("GET", "/api/hearings/{hearing}/playback"): play,
        ("POST", "/api/hearings/{hearing}/film"): {"json": {}, "outside": nothing, "known": seated, "inside": None},
        ("GET", "/api/hearings/{hearing}/traffic"): {
            "json": None,
            "outside": nothing,
            "known": seated,
            "inside": whole,
        },
        ("GET", f"/api/hearings/{h}/transcript"): text,
        ("GET", f"/api/hearings/{h}/transcript.json"): text,
        ("GET", f"/api/hearings/{h}/transcript.vtt"): text,
        ("GET", f"/api/hearings/{h}/transcript.txt"): text,
        ("POST", "/api/sign-in"): {"json": {}, "outside": {422}, "known": {422}, "inside": {422}},
        ("POST", "/api/invitations/exchange"): {"json": {}, "outside": {422}, "known": {422}, "inside": {422}},
    }


async def check_api(house: House, court: Court, sessions: Sessions) -> int:
    """Every call of the description with every kind of session; returns how many calls were made."""
    described = (await house.ask("GET", "/api/openapi.json")).json["paths"]
    rows = table(house, court)
    calls = {(method.upper(), path) for path, methods in described.items() for method in methods}
    missing = calls - set(rows)
    assert not missing, f"calls without a row in this table: {missing}"
    names = [house.product.account(key).full_name for key in ("a_defendant", "a_victim", "a_witness", "tp1")]
    made = 0
    for (method, path), row in rows.items():
        address = path.replace("{case}", court.case).replace("{hearing}", court.hearing)
        for kind, token in sessions.tokens.items():
            expected = row["inside" if kind in INSIDE else "known" if kind in KNOWN else "outside"]
            if kind == "none":
                public = path in ("/api/sign-in", "/api/invitations/exchange")
                expected = row["outside"] if public else {401}
            elif method == "POST" and path == "/api/cases" and kind in ("party", "judge"):
                expected = {403, 404}
            elif method == "POST" and path == "/api/cases/{case}/hearings" and kind == "party":
                expected = {403}
            elif path.endswith("/traffic") and kind == "party":
                expected = {403}
            if expected is None:
                continue  # it would be done: other tests do it
            options = {} if row["json"] is None else {"json": row["json"]}
            answer = await house.ask(method, address, token=token, **options)
            made += 1
            assert answer.status in expected, (kind, method, address, answer.status, answer.text[:300])
            if kind in OUTSIDE and "/me" not in path and "/courts" not in path:
                leaked = [one for one in (court.case, *names[:3], "Trộm cắp") if one in answer.text]
                # The person of case B may read the own case, where the same judge sits.
                assert not leaked, (kind, method, address, leaked)
    seen = (await house.ask("GET", f"/api/hearings/{court.hearing}", token=sessions.tokens["witness"])).json
    assert [one["seat"] for one in seen["seats"]] == [court.seats["a_witness"]], seen["seats"]
    return made


async def check_pages(house: House, court: Court, sessions: Sessions) -> None:
    """Pages, media and items: sign-in first for nobody, 404 for a stranger, the thing itself for those inside."""
    c, h = court.case, court.hearing
    pages = [f"/cases/{c}/{tab}" for tab in ("overview", "hearings", "recordings", "documents", "people", "schedule")]
    pages += [f"/hearings/{h}/{page}" for page in ("live", "waiting", "playback", "invitation", "duties", "film",
                                                   "film.mp4", "invitation.ics", "invitations")]  # fmt: skip
    things = [f"/media/{h}/{sessions.track}", *(f"/items/{item}" for item in sessions.items.values())]
    for path in (*pages, *things):
        for kind in ("none", *OUTSIDE):
            answer = await house.ask("GET", path, token=sessions.tokens[kind])
            wanted = 303 if kind == "none" else 404
            assert answer.status == wanted, (kind, path, answer.status)
            assert kind != "none" or answer.headers["Location"].startswith("/sign-in"), path
        if path.startswith(("/cases", "/items")) or path in things:
            answer = await house.ask("GET", path, token=sessions.tokens["witness"])
            assert answer.status in (403, 404), ("witness", path, answer.status)
            assert OPEN_TITLE not in answer.text and "sealed words" not in answer.text
    for path in (f"/cases/{c}/overview", f"/cases/{c}/documents", f"/hearings/{h}/playback", things[0]):
        answer = await house.ask("GET", path, token=sessions.tokens["judge"])
        assert answer.status == 200, (path, answer.status)


async def check_sealed(house: House, court: Court, sessions: Sessions) -> None:
    """A sealed item and a sealed case: absent from counts, search and lists, not only refused."""
    sealed, plain = sessions.items["sealed"], sessions.items["open"]
    for kind in ("party", "clerk", "witness", *OUTSIDE):
        assert (await house.ask("GET", f"/items/{sealed}", token=sessions.tokens[kind])).status == 404, kind
    for kind in ("party", "clerk", "judge"):
        read = await house.ask("GET", f"/items/{plain}", token=sessions.tokens[kind])
        assert read.status == 200 and "sealed words" in read.text, (kind, read.status)
        assert "attachment" in read.headers["Content-Disposition"], kind
    read = await house.ask("GET", f"/items/{sealed}", token=sessions.tokens["judge"])
    assert read.status == 200, "the control: the presiding judge opens it"
    for kind in ("party", "clerk"):
        for path in ("overview", "documents", "recordings", "hearings", "people"):
            shown = await house.ask("GET", f"/cases/{court.case}/{path}", token=sessions.tokens[kind])
            assert SEALED_TITLE not in shown.text and sealed not in shown.text, (kind, path)
    listed = await house.ask("GET", f"/cases/{court.case}/documents", token=sessions.tokens["clerk"])
    assert OPEN_TITLE in listed.text, "the control: the list shows what is not sealed"
    for kind in ("clerk", "judge", "party", *OUTSIDE):
        token = sessions.tokens[kind]
        for query in ("", "?q=con%20nu%C3%B4i", "?q=k%C3%ADn", "?q=Kh%E1%BB%95ng"):
            found = await house.ask("GET", f"/api/cases{query}", token=token)
            assert sessions.sealed_case not in found.text and "con nuôi" not in found.text, (kind, query)
            shown = await house.ask("GET", f"/cases{query}", token=token)
            assert sessions.sealed_case not in shown.text and SEALED_CASE not in shown.text, (kind, query)
        assert (await house.ask("GET", f"/api/cases/{sessions.sealed_case}", token=token)).status == 404, kind
    control = await house.ask("GET", "/api/cases?q=Tr%E1%BA%A7n", token=sessions.tokens["judge"])
    assert court.case in control.text, "the control: the search finds what is not sealed"
