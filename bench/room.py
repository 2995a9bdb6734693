"""Twenty people in one courtroom on one machine: nineteen made beforehand, one real page on a slow phone.

Chromium's processor is slowed down four times, its screen is a phone's. What the page receives, how soon it answers a
tap and what keeps it busy is read from the browser's own statistics; what the server costs, from the kernel's.

A phone has processors of its own; this one shares those of the server. It is slowed down by being kept busy, so it
nearly always wants one, and beside a full machine it waited as long as it ran: slowed down eight times, not four.
Therefore its main thread goes first, if root measures; how long it waited all the same is printed.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, Page, async_playwright

from bench.crowd import Made, Person, Talk
from tests.support.product import Case, Product
from tests.support.window import STATISTICS, WATCH
from web.demo.client import CourtClient

RESULTS = Path(__file__).parent / "results.json"
PHONE = "b_related"
PEOPLE: tuple[tuple[str, str, bool], ...] = (
    ("tp1", "presiding_judge", True),
    ("tk1", "clerk", True),
    ("ht1", "assessor", False),
    ("ht3", "assessor", False),
    ("b_plaintiff", "plaintiff", False),
    ("b_respondent", "respondent", False),
    (PHONE, "related_person", False),
    *(
        (key, "related_person", False)
        for key in (
            "b_protector", "a_defendant", "a_victim", "a_counsel", "a_officer", "a_witness", "c_plaintiff",
            "c_respondent", "d_plaintiff", "d_respondent", "d_related", "e_claimant",
        )
    ),
    ("e_respondent", "related_person", False),
)  # fmt: skip
TALKING = ("tp1", "b_plaintiff", "b_respondent", "a_victim")
"""Their microphones are open; they speak by turns."""

SLOWER = 4
FIRST = -10
"""The niceness of the page's main thread and of its browser's session."""
CALM_S = 0.4
"""Before each tap: what our own questions to the page cost it must not be counted as its answer to a tap."""
MOST_VIDEOS, TAP_P95_MS, LONGEST_TASK_MS = 7, 300.0, 200.0
SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip

TIMING = """
window.control = (name) => [...document.querySelectorAll('controls-bar button, court-dialog button')]
  .find((one) => (one.getAttribute('aria-label') ?? one.textContent).trim().startsWith(name)
    && one.getClientRects().length);
window.middle = (name) => {
  const {x, y, width, height} = control(name).getBoundingClientRect();
  return [x + width / 2, y + height / 2];
};
window.tasks = [];
window.events = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) tasks.push([one.startTime, one.duration]);
}).observe({type: 'longtask', buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) events.push([one.startTime, one.duration, one.name]);
}).observe({type: 'event', durationThreshold: 16, buffered: true});
"""

ANSWERED = """
([from, to]) => new Promise((answered, failed) => {
  let pressed = 0, going = null;
  const painted = (then) => requestAnimationFrame(() => { const channel = new MessageChannel();
    channel.port1.onmessage = () => then(performance.now() - pressed); channel.port2.postMessage(0); });
  // Woken by what changes in the page: to look at each picture of the screen would keep a slow page busy by itself.
  const look = () => {
    if (pressed && control(from)?.ariaBusy === 'true') painted((ms) => { going ??= ms; });
    if (!pressed || !(to === '' ? !document.querySelector('dialog[open]') : control(to))) return;
    watching.disconnect();
    painted((ms) => answered([ms, going]));
  };
  const watching = new MutationObserver(look);
  for (const one of document.querySelectorAll('controls-bar, court-dialog')) {
    watching.observe(one, {subtree: true, childList: true, attributes: true, characterData: true});
  }
  addEventListener('pointerdown', (event) => { pressed = event.timeStamp; }, {capture: true, once: true});
  setTimeout(() => failed(new Error(`no answer to ${from}: ${to}`)), 10_000);
})
"""


@dataclass(kw_only=True)
class Figures:
    """By what was tapped: `taps_ms` from touching to the answer painted, `going_ms` until the button said that it is on
    its way. `tasks_ms`: what kept the page busy.
    """

    people: int
    videos: list[int] = field(default_factory=list)
    frames_per_s: float = 0.0
    sounds: int = 0
    taps_ms: dict[str, list[float]] = field(default_factory=dict)
    going_ms: dict[str, list[float]] = field(default_factory=dict)
    events_ms: list[float] = field(default_factory=list)
    tasks_ms: list[float] = field(default_factory=list)
    cores: dict[str, float] = field(default_factory=dict)
    waited: float = 0.0
    """The share of the time in which the page's main thread was ready to run and had no processor."""

    def faults(self) -> list[str]:
        found = []
        if max(self.videos, default=0) > MOST_VIDEOS or not min(self.videos, default=0):
            found.append(f"the page received {self.videos} videos")
        if (slow := p95([one for taps in self.taps_ms.values() for one in taps])) > TAP_P95_MS:
            found.append(f"a tap was answered after {slow:.0f} ms (p95)")
        if (longest := max(self.tasks_ms, default=0.0)) > LONGEST_TASK_MS:
            found.append(f"the page was busy for {longest:.0f} ms at once")
        return found


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))] if values else 0.0


class Room:
    """The hearing: everybody comes, is let in, and it is opened."""

    def __init__(self, product: Product, case: Case) -> None:
        self.product, self.case = product, case
        self.crowd: dict[str, Person] = {}
        self.talk: Talk | None = None

    async def fill(self, phone: "Phone") -> None:
        made = Made()
        for key, _, _ in PEOPLE:
            if key != PHONE:
                client = CourtClient(self.product.origin, await self.product.token(key), self.case.hearing)
                self.crowd[key] = Person(key, client)
        clerk = self.crowd["tk1"].client
        await clerk.connect()
        await clerk.command("StartSitting", sitting=str(uuid.uuid4()))
        for number, (key, person) in enumerate(self.crowd.items()):
            if key != "tk1":
                await person.arrive()
            await person.send(number, made)
            if "AcceptDuties" in person.client.view["allowed"]:
                await person.client.command("AcceptDuties", version="1")
        self.talk = Talk(list(self.crowd.values()), made.speech)
        self.talk.speaking = [person.feeds[0].number for key, person in self.crowd.items() if key in TALKING]
        self.talk.start()
        await phone.enter(self.case)
        for seat in self.case.seats.values():
            if seat in clerk.view["allowed"].get("CheckPapers", ()):
                await clerk.command("CheckPapers", seat=seat, document="identity_card", last4="0000")
            await clerk.command("CallRoll", seat=seat, present=True)
        if "rules_announced" in clerk.view["allowed"].get("TickItem", ()):
            await clerk.command("TickItem", item="rules_announced")
        await clerk.command("Admit", seats=list(self.case.seats.values()))
        await phone.page.wait_for_selector("body[data-scene=courtroom]")
        judge = self.crowd["tp1"].client
        await judge.until("the courtroom", lambda: judge.view["you"]["place"] == "courtroom", 20.0)
        await asyncio.sleep(0.5)
        for item in judge.view["checklist"]:
            if item["state"] == "open" and item["code"] in judge.view["allowed"].get("TickItem", ()):
                await judge.command("TickItem", item=item["code"])
        await judge.command("OpenHearing")
        for key in TALKING[1:]:
            await judge.command("Unmute", seat=self.case.seats[key])

    async def empty(self) -> None:
        if self.talk is not None:
            self.talk.stop()
        await asyncio.gather(*(person.leave() for person in self.crowd.values()))


class Phone:
    """The one real page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._main = Path()

    @classmethod
    async def open(cls, browser: Browser, slower: int) -> "Phone":
        context = await browser.new_context(
            viewport={"width": 390, "height": 844},
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            locale="vi-VN",
        )
        page = await context.new_page()
        await page.add_init_script(WATCH + TIMING)
        session = await context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        return cls(page)

    async def enter(self, case: Case) -> None:
        page, origin = self.page, case.product.origin
        await page.goto(f"{origin}/sign-in")
        await page.get_by_label("Mã tham gia").fill(case.codes[PHONE])
        await page.get_by_role("button", name="Tiếp tục").click()
        await page.wait_for_url(lambda url: not url.rstrip("/").endswith(("/sign-in", "/join")))
        await page.goto(f"{origin}/hearings/{case.hearing}/duties")
        await page.get_by_role("checkbox", name="Tôi đã đọc").check()
        await page.get_by_role("button", name="Đồng ý và tiếp tục").click()
        await page.wait_for_url("**/invitation")
        await page.goto(f"{origin}/hearings/{case.hearing}/live")
        await page.wait_for_selector("body[data-scene=waiting]")

    async def go_first(self) -> None:
        """Let nothing else on this machine keep the page's main thread waiting, as far as this user may."""
        browser = self.page.context.browser
        assert browser is not None
        found = await (await browser.new_browser_cdp_session()).send("SystemInfo.getProcessInfo")
        pages = [one for one in found["processInfo"] if one["type"] == "renderer"]
        main = max(pages, key=lambda one: float(one["cpuTime"]))["id"]  # the others show nothing
        self._main = Path(f"/proc/{main}/schedstat")
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, main, FIRST)
            Path(f"/proc/{main}/autogroup").write_text(str(FIRST))

    def waited_s(self) -> float:
        """How long its main thread was ready to run and had no processor."""
        return int(self._main.read_text().split()[1]) / 1e9

    async def arriving(self) -> dict[str, dict[int, tuple[int, int]]]:
        """By kind: the streams that come in, with their packets and decoded frames so far."""
        found: dict[str, dict[int, tuple[int, int]]] = {"audio": {}, "video": {}}
        for connection in await self.page.evaluate(STATISTICS):
            for row in connection["inbound"]:
                found[row["kind"]][row["ssrc"]] = (row["packets"], row["frames"])
        return found

    async def tap(self, name: str, answer: str) -> tuple[float, float | None]:
        """Milliseconds from touching `name` until a control called `answer` is painted; empty: until no dialog is.

        Beside it those until `name` says that it is on its way, None when it never did.
        """
        waiting = asyncio.ensure_future(self.page.evaluate(ANSWERED, [name, answer]))
        await asyncio.sleep(0.05)
        await self.page.touchscreen.tap(*await self.page.evaluate("(name) => middle(name)", name))
        answered, going = await waiting
        return answered, going


def cpu_ns(product: Product) -> dict[str, int]:
    """Of each process of the product: user and system time, of threads that have ended too."""
    found = {}
    for name, row in json.loads((product.data / "processes.json").read_text()).items():
        times = psutil.Process(row["pid"]).cpu_times()
        found[name] = round((times.user + times.system) * 1e9)
    return found


async def measure(product: Product, phone: Phone, seconds: float) -> Figures:
    figures = Figures(people=len(PEOPLE))
    await phone.page.evaluate("tasks.length = 0; events.length = 0")
    began, waited, cpu, first = time.monotonic(), phone.waited_s(), cpu_ns(product), await phone.arriving()
    frames = sum(two for _, two in first["video"].values())
    hand, down, help_, close = "Xin phát biểu", "Thôi xin phát biểu", "Trợ giúp", "Trở lại"
    before = first
    while time.monotonic() < began + seconds:
        for name, answer in ((hand, down), (down, hand), (help_, close), (close, "")):
            await asyncio.sleep(CALM_S)
            answered, going = await phone.tap(name, answer)
            figures.taps_ms.setdefault(name, []).append(answered)
            if going is not None:
                figures.going_ms.setdefault(name, []).append(going)
        after = await phone.arriving()
        for kind, grown in (("video", figures.videos), ("audio", [])):
            grown.append(sum(packets > before[kind].get(ssrc, (0, 0))[0] for ssrc, (packets, _) in after[kind].items()))
            if kind == "audio":
                figures.sounds = max(figures.sounds, grown[-1])
        before = after
    took = time.monotonic() - began
    figures.waited = (phone.waited_s() - waited) / took
    figures.frames_per_s = (sum(two for _, two in (await phone.arriving())["video"].values()) - frames) / took
    figures.cores = {name: (now - cpu.get(name, now)) / 1e9 / took for name, now in cpu_ns(product).items()}
    figures.tasks_ms = [float(one[1]) for one in await phone.page.evaluate("tasks")]
    figures.events_ms = [float(one[1]) for one in await phone.page.evaluate("events")]
    return figures


async def hold(seconds: float, slower: int, shot: str) -> Figures:
    with tempfile.TemporaryDirectory(prefix="hearing-room-") as folder:
        product = Product(Path(folder) / "data")
        await asyncio.to_thread(product.start)
        try:
            return await _hold(product, seconds, slower, shot)
        except BaseException:
            print(product.log[-3000:], file=sys.stderr)
            raise
        finally:
            await asyncio.to_thread(product.stop)


async def _hold(product: Product, seconds: float, slower: int, shot: str) -> Figures:
    case = await product.schedule("B", PEOPLE)
    room = Room(product, case)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        try:
            phone = await Phone.open(browser, slower)
            await room.fill(phone)
            await phone.go_first()
            await asyncio.sleep(5)  # everybody is seen
            figures = await measure(product, phone, seconds)
            if shot:
                await phone.page.screenshot(path=shot)
            return figures
        finally:
            await room.empty()
            await browser.close()


def tell(figures: Figures) -> None:
    print(f"{figures.people} people; the page received {figures.videos} videos and {figures.sounds} sounds, "
          f"{figures.frames_per_s:.0f} frames/s in all")  # fmt: skip
    for name, taps in figures.taps_ms.items():
        middle = statistics.median(taps)
        going = figures.going_ms.get(name, [])
        said = f"; said to be on its way after {statistics.median(going):.0f}, {p95(going):.0f} ms" if going else ""
        print(f"tap {name!r}: median {middle:.0f}, p95 {p95(taps):.0f}, worst {max(taps):.0f} ms of {len(taps)}{said}")
    every = [one for taps in figures.taps_ms.values() for one in taps]
    print(f"all taps: p95 {p95(every):.0f} ms of {len(every)}; the browser's own event timing: p95 "
          f"{p95(figures.events_ms):.0f}, worst {max(figures.events_ms, default=0):.0f} ms")  # fmt: skip
    print(f"long tasks: {len(figures.tasks_ms)}, longest {max(figures.tasks_ms, default=0):.0f} ms; "
          f"the page waited {figures.waited:.0%} of the time for a processor")  # fmt: skip
    cores = ", ".join(f"{name} {share:.1%}" for name, share in sorted(figures.cores.items()))
    print(f"server, of a core: {cores}; in all {sum(figures.cores.values()):.1%}")
    for fault in figures.faults():
        print(f"MISSED {fault}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--slower", type=int, default=SLOWER, help="how many times slower the page's processor is")
    parser.add_argument("--shot", default="", help="a picture of the page goes to this file")
    parser.add_argument("--quick", action="store_true", help="ten seconds, to see that it runs; nothing is written")
    arguments = parser.parse_args()
    figures = asyncio.run(hold(10.0 if arguments.quick else arguments.seconds, arguments.slower, arguments.shot))
    tell(figures)
    if not arguments.quick:
        whole: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        whole["room"] = asdict(figures)
        RESULTS.write_text(json.dumps(whole, indent=2) + "\n")
    return 1 if figures.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
