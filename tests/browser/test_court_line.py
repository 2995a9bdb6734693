"""How the live page notices that its way to the court has gone, and what it does so as not to wait for it."""

from typing import Any

from playwright.async_api import Page

from tests.browser.conftest import Open

MAIN = "document.querySelector('script[type=module][src*=\"main.js\"]').src"

# A line that answers a signal or does not; `closed` counts how often it was given up.
LINE = """async ([main, answers, connected]) => {
  const {CourtSocket} = await import(main.replace('main.js', 'socket.js'));
  const done = [];
  const engine = {pingInterval: 2000, on() {}, close() { done.push('closed'); }};
  const line = {
    connected, on() {}, emit() {}, io: {engine},
    connect() { done.push('connect'); }, disconnect() { done.push('disconnect'); },
    timeout: () => ({async emitWithAck() { if (!answers) throw new Error('operation has timed out'); }}),
  };
  const socket = new CourtSocket('h', {connect: () => line});
  socket.open();
  done.length = 0;
  const alive = await socket.answers({type: 'quality'});
  socket.hurry();
  const before = [...done];
  socket.close();
  socket.hurry();
  return [alive, before, done.slice(before.length)];
}"""

# What arrives at a connection, look after look; what was told after each of them.
PULSE = """async ([main, bytes, state]) => {
  const {Pulse} = await import(main.replace('main.js', 'pulse.js'));
  const told = [];
  let look = 0;
  const end = {track: {}, getStats: async () => new Map([['t', {type: 'transport', bytesReceived: bytes[look]}]])};
  const connection = {connectionState: state, getSenders: () => [end]};
  const pulse = new Pulse((silent) => told.push(`${look} ${silent ? 'silent' : 'heard'}`));
  pulse.watch(connection);
  for (look = 0; look < bytes.length; look += 1) await pulse.look();
  return [told, pulse.silent];
}"""

# The court begins its side anew in the middle of an answer to its last offer; what the page answers in five seconds.
AFRESH = """async (main) => {
  const {CourtMedia} = await import(main.replace('main.js', 'media.js'));
  const answered = [];
  const media = new CourtMedia((body) => body.type === 'subscribed' && answered.push(body.offer), () => true);
  const far = new RTCPeerConnection();
  far.addTransceiver('audio', {direction: 'sendonly'});
  await far.setLocalDescription(await far.createOffer());
  const {sdp} = far.localDescription;
  media.receive({type: 'subscribe', offer: 1, sdp, streams: [], peer: 'a'});
  await new Promise((done) => { const look = () => media.sub ? done() : queueMicrotask(look); look(); });
  media.restart();
  media.receive({type: 'subscribe', offer: 2, sdp, streams: [], peer: 'b'});
  for (let tries = 0; tries < 50 && !answered.includes(2); tries += 1) {
    await new Promise((done) => setTimeout(done, 100));
  }
  return answered;
}"""


async def main(page: Page) -> str:
    found: str = await page.evaluate(MAIN)
    return found


async def line(page: Page, *, answers: bool, connected: bool = True) -> list[Any]:
    found: list[Any] = await page.evaluate(LINE, [await main(page), answers, connected])
    return found


async def pulse(page: Page, *arrived: int | None, state: str = "connected") -> list[Any]:
    found: list[Any] = await page.evaluate(PULSE, [await main(page), arrived, state])
    return found


async def test_a_line_in_doubt_that_answers_is_kept(live: Open) -> None:
    assert await line(await live("waiting"), answers=True) == [True, [], ["disconnect"]]


async def test_a_line_in_doubt_that_does_not_answer_is_opened_anew_at_once(live: Open) -> None:
    assert await line(await live("waiting"), answers=False) == [False, ["closed"], ["disconnect"]]


async def test_what_was_heard_another_way_hurries_the_next_attempt_but_opens_no_closed_line(live: Open) -> None:
    alive, hurried, closed = await line(await live("waiting"), answers=True, connected=False)
    assert (alive, hurried) == (False, ["disconnect", "connect"])
    assert closed == ["disconnect"], "who has closed the page's line is not followed"


async def test_silence_is_told_once_and_so_is_its_end(live: Open) -> None:
    page = await live("waiting")
    told, silent = await pulse(page, 10, 20, 20, 20, 20, 20, 30, 40)
    assert (told, silent) == (["4 silent", "6 heard"], False)
    assert await pulse(page, 10, 20, 20, 20, 20) == [["4 silent"], True]
    assert await pulse(page, 10, 20, 20, 20, 30, 30, 30, 40) == [[], False], "a second without news is none"


async def test_a_connection_that_cannot_have_heard_anything_is_not_silent(live: Open) -> None:
    page = await live("waiting")
    assert await pulse(page, 0, 0, 0, 0, 0, 0, state="connecting") == [[], False]
    assert await pulse(page, None, None, None, None, None) == [[], False], "a browser that does not tell"


async def test_a_connection_given_up_in_the_middle_of_an_answer_holds_up_nothing(live: Open) -> None:
    page = await live("waiting")
    assert await page.evaluate(AFRESH, await main(page)) == [2]
