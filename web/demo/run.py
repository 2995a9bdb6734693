"""`hearing demo`: seeds the sample courts, starts the product, lets the robots hold a hearing, shows where it lies.

The second start on the same folder shows the links at once; `--again` holds another hearing.
"""

import asyncio
import io
import json
import logging
import signal
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from web.serve import wait_until_ready
from web.settings import Settings
from web.supervisor import Supervisor

if TYPE_CHECKING:
    from web.demo import report
    from web.demo.speech import Speech

# aiortc, SQLAlchemy and the like are imported where a hearing is held: a second start needs none of them here.

TRANSCRIPT_WITHIN_S, FILED_WITHIN_S = 90.0, 10.0
# A robot's notice is shorter than a person's: it needs no time to put its coat on.
STEPS = {
    "doors": "The clerk opens the doors",
    "arrive": "Everybody arrives in the waiting room",
    "roll_call": "Duties, papers, roll call; the witness goes to a room apart",
    "opening": "The presiding judge opens the hearing",
    "questioning": "Questioning",
    "witness": "The witness is called",
    "reading": "The witness reads the recording you gave",
    "debate": "Debate",
    "overlap": "Counsel and procurator speak at once for 3 s",
    "deliberation": "The panel deliberates: nothing is recorded",
    "pronouncement": "The judgment is pronounced",
    "closed": "The hearing is closed",
    "transcript": "The transcript is being finished",
}


@dataclass
class Kept:
    """What the demonstration remembers in its own folder between starts."""

    accounts: list[dict[str, str]] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    courtrooms: list[str] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Kept":
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")
        path.chmod(0o600)  # it holds the passwords of the demonstration's accounts


def run(settings: Settings, *, ends: bool, again: bool, report: Path | None, speech: list[str]) -> int:
    """Returns the exit code of the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # progress is read as it is made, also from a file or a pipe
    console = Console(highlight=False)
    if not _free(settings.port):
        console.print(f"[bold red]Port {settings.port} is in use.[/] Choose another with --port N.")
        return 2
    kept = Kept.read(settings.data / "demo.json")
    speeches: list[Speech] = []
    if ends or again or speech or not kept.urls:
        from web.demo.speech import EMBEDDED, UnusableSpeech, load

        try:
            speeches = [load(EMBEDDED, EMBEDDED.with_suffix(".txt")), *map(_given, speech)]
        except UnusableSpeech as unusable:
            console.print(f"[bold red]{unusable}[/]")
            return 2
        for one in speeches:
            if one.shortened_from_s:
                console.print(f"{one.name} lasts {one.shortened_from_s} s; only its first 60 s are read.")
    return asyncio.run(_Demo(settings, console, speeches, kept).run(ends=ends, path=report))


def _given(option: str) -> "Speech":
    from web.demo.speech import UnusableSpeech, load

    sound, separator, text = option.partition("=")
    if not separator or not sound or not text:
        raise UnusableSpeech(f"--speech takes FILE=TEXTFILE, not {option!r}.")
    return load(Path(sound), Path(text))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class _Demo:
    """One run, from the seeds to the report. With no speeches there is no hearing to hold: one is there already."""

    def __init__(self, settings: Settings, console: Console, speeches: "list[Speech]", kept: Kept) -> None:
        self.settings, self.console, self.speeches, self.kept = settings, console, speeches, kept
        self.path = settings.data / "demo.json"

    async def run(self, *, ends: bool, path: Path | None) -> int:
        logging.basicConfig(level="WARNING", format="%(asctime)s demo %(levelname)s %(name)s: %(message)s")
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        self.settings.data.mkdir(parents=True, exist_ok=True)
        if not self.kept.accounts:
            self.console.print("[bold]Two courts, five cases, an account for every role[/]")
            await self._seed()
        supervisor = Supervisor(self.settings)
        supervisor.start()
        try:
            if not await wait_until_ready(self.settings):
                self.console.print("[bold red]The pages do not answer; the log above says why.[/]")
                return 1
            if self.speeches:
                holding = asyncio.ensure_future(self._hold(path))
                stopping = asyncio.ensure_future(told.wait())
                await asyncio.wait({holding, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not holding.done():
                    holding.cancel()
                    await asyncio.gather(holding, return_exceptions=True)
                    return 130
                await holding
            self._show()
            if not ends:
                self.console.print("\nCtrl+C ends.")
                await told.wait()
            return 0
        finally:
            await supervisor.close()

    async def _seed(self) -> None:
        from hearing.seed import seed
        from hearing.store import open_store

        store = await open_store(self.settings.database_url)
        try:
            seeded = await seed(store)
        finally:
            await store.close()
        self.kept = Kept(
            accounts=[
                {"role": a.role, "full_name": a.full_name, "name": a.name, "password": a.password, "key": a.key}
                for a in seeded.accounts
            ],
            cases=seeded.cases,
            people={key: person.id for key, person in seeded.people.items()},
            courtrooms=[room.id for room in seeded.courtrooms["kv3sl"]],
        )
        self.kept.write(self.path)

    async def _hold(self, path: Path | None) -> None:
        """The robots' hearing, then the report."""
        from web.demo import cast, report
        from web.demo.story import Story

        self.console.print("[bold]Robots hold a hearing[/] (criminal, first instance; their speech is a test reading)")
        company = await cast.gather(self.settings.origin, self.kept.accounts, self.kept.cases, self.kept.people,
                                    self.kept.courtrooms)  # fmt: skip
        try:
            story = Story(company.robots, self.speeches[0], self.speeches[1:], self._step)
            await story.play()
            self._step("transcript")
            transcript = await company.transcript(TRANSCRIPT_WITHIN_S)
        finally:
            await company.leave()
        self.kept.urls = company.urls
        self.kept.write(self.path)
        made = report.build(
            report.Evidence(
                data=self.settings.data,
                hearing=company.hearing,
                case=company.case,
                urls=company.urls,
                robots=list(company.robots.values()),
                lines=story.lines,
                speeches=self.speeches,
                entries=await self._entries(company.hearing),
                transcript=transcript,
            )
        )
        if path is not None:
            report.write(made, path)
        self._summary(made)

    async def _entries(self, hearing: str) -> "list[report.Entry]":
        """The record. The finished transcript can be read a moment before it is entered there."""
        from hearing.store import open_store
        from web.demo import report

        store = await open_store(self.settings.database_url)
        until = time.monotonic() + FILED_WITHIN_S
        try:
            while True:
                entries = [report.Entry(at=one.at, event=one.event) for one in await store.record.read(hearing)]
                if report.filed_at(entries, "transcript") is not None or time.monotonic() > until:
                    return entries
                await asyncio.sleep(0.25)
        finally:
            await store.close()

    def _step(self, name: str) -> None:
        self.console.print(f"  · {STEPS[name]}")

    def _summary(self, made: dict[str, Any]) -> None:
        worst = {
            kind: max(
                (abs(t["recorded_ms"] - t["expected_ms"]) for t in made["tracks"] if t["kind"] == kind), default=0
            )
            for kind in ("audio", "video")
        }
        text = made["transcript"]
        self.console.print(
            f"\n  {len(made['tracks'])} tracks; recorded differs from sent by at most {worst['audio']} ms (sound), "
            f"{worst['video']} ms (picture)\n"
            f"  transcript: {text['utterances']} utterances, wrong speaker {text['wrong_speaker']}, "
            f"word error rate {text['wer']}, ready {text['ready_after_close_s']} s after closing\n"
            f"  record: {made['record']['entries']} entries, verified: {made['record']['verified']}",
            soft_wrap=True,
        )

    def _show(self) -> None:
        print_ = self.console.print
        print_("\n[bold]Where it lies[/]")
        for what, url in self.kept.urls.items():
            print_(f"  {what:<12} {url}", soft_wrap=True)
        print_(f"\n[bold]Hold one yourself[/]: {self.settings.origin}  (two browser windows, two accounts)")
        for row in self.kept.accounts:
            print_(f"  {row['role']:<18} {row['name']:<26} {row['password']:<14} {row['full_name']}", soft_wrap=True)
