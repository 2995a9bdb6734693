"""Every scene, dialog, notice and empty list of the live page in both languages, from a wide screen to 320 pixels.

The states come from played views.
"""

import json
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.test_court_pages import FIXTURES
from tests.support.looks import DESK, NARROW, PHONE, faults_of, seen, speak

WORDS = json.loads((Path(__file__).parents[2] / "web/locale/vi/court.json").read_text("utf-8"))
PICTURES = os.environ.get("LOOKS", "")

# Dialogs that are no question; `seat` and `waiting` are opened about somebody.
PLAIN = {
    "seat": {"seat": "counsel"},
    "waiting": {},
    "decisions": {"commands": None},
    "more": {"commands": None},
    "floor": {},
    "keys": {},
    "help": {},
}
EVERY_DIALOG = """async () => {
  const main = document.querySelector('script[src*="/court/main.js"]').src;
  const {QUESTIONS} = await import(main.replace('main.js', 'dialogs.js'));
  return Object.keys(QUESTIONS);
}"""
# The court allows everything at once, as it never does: so that each dialog can be seen with all it may hold.
ALLOW = """(commands) => line.say((view) => {
  const seats = view.seats.map((seat) => seat.id).filter((id) => id !== view.you.seat);
  for (const command of commands) {
    view.allowed[command] ??= [];
    if (view.allowed[command].length === 0 && ABOUT.includes(command)) view.allowed[command] = seats;
  }
  view.allowed.Admit = ['witness', 'victim'];
  view.seats.find((seat) => seat.id === 'victim').place = 'waiting_room';
  view.allowed.ChangeMode = ['online', 'hybrid', 'in_person', 'remote_bench'];
  view.allowed.ChangeVisibility = ['closed', 'partly_closed', 'public'];
  view.allowed.EndWithoutJudgment = ['agreement', 'stayed', 'stopped', 'returned'];
  view.allowed.RaiseHand = ['speak', 'objection', 'request', 'cannot_hear'];
  view.seats.find((seat) => seat.id === 'officer').role = 'reserve_assessor';
})"""
ABOUT = [
    "ContinueWithout", "TryInAbsence", "Remove", "ReturnToWaitingRoom", "SendToWitnessRoom", "CallWitness",
    "ReleaseWitness", "MoveSeat", "ReplaceMember", "CheckPapers", "CallRoll", "GiveFloor", "ConfirmIdentity", "Mute",
    "Unmute",
]  # fmt: skip
OPEN = """async ([dialog, args]) => {
  const [box, shown] = [document.querySelector('court-dialog'), document.querySelector('court-dialog dialog')];
  if (shown?.open) await new Promise((done) => {
    shown.addEventListener('close', () => setTimeout(done), {once: true});
    box.close();
  });
  box.show(dialog, args);
}"""


async def open_page(browser: Browser, house: str, name: str, *, phone: bool = False) -> Page:
    context = await browser.new_context(
        viewport=PHONE if phone else DESK, has_touch=phone, is_mobile=phone, reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(f"{house}/hearings/{name}/live")
    await page.wait_for_selector("body[data-scene]")
    await page.wait_for_function("window.line.signals !== undefined")
    return page


def arguments(dialog: str, commands: list[str]) -> dict[str, object]:
    if dialog in PLAIN:
        offered = [command for command in commands if f"court.do.{command}" in WORDS]
        return {key: offered if value is None else value for key, value in PLAIN[dialog].items()}
    if dialog == "EnterPhase":
        return {"phase": "debate"}
    if dialog == "WaiveItem":
        return {"item": "evidence_examined"}
    if dialog in ABOUT:
        return {"seat": "counsel", "targets": ["counsel"]}
    return {}


@pytest.mark.parametrize("size", [DESK, PHONE, NARROW], ids=["desk", "phone", "narrow"])
async def test_every_dialog_is_whole_and_without_barrier(browser: Browser, house: str, size: dict[str, int]) -> None:
    page = await open_page(browser, house, "judge", phone=size["width"] < 700)
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    questions: list[str] = await page.evaluate(EVERY_DIALOG)
    assert len(questions) >= 30, "the list of questions was not found"
    await page.evaluate(ALLOW.replace("ABOUT", str(ABOUT)), questions)
    found: dict[str, list[str]] = {}
    for dialog in [*PLAIN, *questions]:
        await page.evaluate(OPEN, [dialog, arguments(dialog, questions)])
        for language in ("vi", "en"):
            await speak(page, language)
            label = f"{dialog}-{size['width']}-{language}"
            assert await page.locator("court-dialog dialog h2").inner_text(), f"{label} has no title"
            if PICTURES:
                await page.locator("court-dialog dialog").screenshot(path=f"{PICTURES}/dialog-{label}.png")
            if wrong := await faults_of(page, within="court-dialog dialog", axe=size is not NARROW):
                found[label] = wrong
    assert found == {}


@pytest.mark.parametrize("name", FIXTURES)
async def test_every_scene_is_whole_at_every_width(browser: Browser, house: str, name: str) -> None:
    page = await open_page(browser, house, name)
    found = await seen(page, f"scene-{name}", widths=(DESK, PHONE, NARROW), pictures=PICTURES)
    assert found == {}


# What may go wrong or be missing, by the person who sees it: what makes it so, and what is there when it is.
TROUBLES = {
    "refused": ("judge", "tell('wish', {command: 'EndTurn', args: {}})", ".note-bad"),
    "denied": ("listening", "devices('NotAllowedError')", ".note-warn"),
    "none": ("waiting", "devices('NotFoundError')", ".note-warn"),
    "busy": ("judge", "devices('NotReadableError')", ".note-warn"),
    "failed": ("waiting", "devices('TypeError')", ".note-warn"),
    "insecure": ("waiting", "without()", ".note-warn"),
    "blocked": ("defendant", "blocked()", ".note-warn a"),
    "moved": ("defendant", "line.signal({type: 'moved'})", ".note-warn"),
    "lost-party": ("defendant", "line.cut()", ".alarm"),
    "lost-judge": ("judge", "line.cut()", ".alarm"),
    "lost-waiting": ("waiting", "line.cut()", "body[data-alarm=true]"),
    "recorder": ("clerk", "line.say(FULL)", ".alarm"),
    "held-judge": ("judge", "line.signal(FLOW('off'))", ".note-warn"),
    "held-listening": ("listening", "line.signal(FLOW('off'))", ".note-warn"),
    "small-clerk": ("clerk", "line.signal(FLOW('thumbnail'))", ".sign-warn"),
    "lines": ("clerk", "tell('panel', 'lines'); lines()", ".line-panel .line-bad"),
    "lines-figures": ("clerk", "tell('panel', 'lines'); lines(); figures()", ".line-panel details[open] td"),
    "lines-fine": ("clerk", "tell('panel', 'lines'); lines(0, 9)", ".line-panel .pill-ok"),
    "no-capacity": ("defendant", "line.signal({type: 'refused', code: 'no-capacity-for-person'})", ".note-warn"),
    "failing": ("defendant", "connects('failed')", ".line-bad"),
    "weak": ("defendant", "connects('connected'); later()", ".note-warn"),
    "empty-judge": ("judge", "line.say(EMPTY)", ".hands .muted"),
    "empty-clerk": ("clerk", "line.say(EMPTY)", ".hands .muted"),
    "empty-party": ("listening", "line.say(EMPTY)", "court-stage"),
}
HELPERS = """
const tell = (type, detail) => document.body.dispatchEvent(new CustomEvent(type, {detail, bubbles: true}));
const devices = (name) => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', name); };
  tell('devices');
};
const line_of = (rtt_ms, loss, state = 'connected') => ({
  state, age_s: 1, figures: {rtt_ms, loss, outgoing_bps: 900000, sending_bps: 512345, receiving_bps: 1834000},
});
const LINES = {
  defendant: line_of(910, 0.141), victim: line_of(430, 0.052), counsel: line_of(38, 0.002),
  officer: {state: 'waiting', age_s: 0, figures: {}}, witness: {state: 'connected', age_s: 60, figures: {}},
  presiding: line_of(24, 0), assessor1: line_of(22, 0), assessor2: line_of(31, 0.001), procurator: line_of(26, 0),
  clerk: line_of(20, 0),
};
const lines = (loss, rtt_ms) => {
  const all = (one) => Object.fromEntries(Object.keys(LINES).map((seat) => [seat, one]));
  const told = loss === undefined ? LINES : all(line_of(rtt_ms, loss));
  const say = () => line.signal({type: 'lines', lines: told});
  say();
  setInterval(say, 2000);
};
const figures = () => setTimeout(() => { document.querySelector('.line-panel details').open = true; }, 300);
const connects = (state) => {
  const pair = {type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.95, availableOutgoingBitrate: 40000};
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      setTimeout(() => this.dispatchEvent(new Event('connectionstatechange')));
    }
    get connectionState() { return state; }
    async getStats() { return new Map([['pair', pair]]); }
  };
  tell('devices');
};
/** The clock jumps once the page has measured: what has lasted long enough is said. */
const later = () => setTimeout(() => {
  const now = Date.now.bind(Date);
  Date.now = () => now() + 15_000;
}, 4500);
const without = () => {
  Object.defineProperty(navigator, 'mediaDevices', {value: undefined});
  tell('devices');
};
const blocked = () => {
  const notices = document.querySelector('standing-notes');
  const state = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Object.getPrototypeOf(notices)), 'state');
  Object.defineProperty(notices, 'state', {
    get() { return state.get.call(this); },
    set(value) { state.set.call(this, {...value, media: {...value.media, blocked: true}}); },
  });
  notices.state = notices.state;
};
const FULL = (view) => { view.alarms = [{id: 'a', reason: 'incident-too-long', since: view.floor.since}]; };
line.answer = {refused: 'not-connected'};
const FLOW = (size) => {
  const cameras = line.last.view.sources.filter((one) => one.kind === 'camera').map((one) => one.id);
  return {type: 'flow', sources: Object.fromEntries(cameras.map((one) => [one, size])), limited: cameras};
};
const EMPTY = (view) => {
  Object.assign(view, {floor: null, hands: [], notes: [], checklist: [], next_phases: [], sources: []});
  for (const seat of view.seats) seat.hand = null;
  view.seats = view.seats.filter((seat) => seat.role !== 'witness');
};
"""

NOTED = "while (!document.querySelector('.note-bad')) await new Promise(requestAnimationFrame);"


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_every_trouble_and_every_empty_list_is_told_well(browser: Browser, house: str, trouble: str) -> None:
    name, makes, there = TROUBLES[trouble]
    page = await open_page(browser, house, name)
    await page.evaluate(f"() => {{ {HELPERS} {makes}; }}")
    await page.wait_for_selector(there)
    again = f"async () => {{ {HELPERS} {makes}; {NOTED} }}" if trouble == "refused" else ""
    assert await seen(page, f"trouble-{trouble}", pictures=PICTURES, again=again) == {}


GROWN = """(before) => [...document.querySelectorAll('.guide p, .calm')]
  .some((node) => node.offsetHeight > before * 1.5)"""


@pytest.mark.parametrize("name", ["listening", "defendant", "recess", "waiting", "witness", "called", "judge", "clerk"])
async def test_text_of_twice_the_size_is_not_cut_off(browser: Browser, house: str, name: str) -> None:
    page = await open_page(browser, house, name, phone=True)
    text = page.locator(".guide p:visible, .calm:visible").first
    before = await text.evaluate("(node) => node.offsetHeight")
    await page.evaluate("document.documentElement.style.setProperty('text-size-adjust', '200%')")
    await page.wait_for_function(GROWN, arg=before)
    for language in ("vi", "en"):
        await speak(page, language)
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/large-{name}-{language}.png")
        # The signs on the smallest pictures are looked at in the usual size.
        found = [one for one in await faults_of(page, axe=False) if not one.startswith(("off its tile", "overlap"))]
        assert found == [], language
