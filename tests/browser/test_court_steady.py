"""What the live page keeps steady: a choice under the finger, a question just opened, a line that is alive."""

import asyncio
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Open

ALLOW = "line.say((view) => {{ view.allowed = {{...view.allowed, {acts}}}; }})"

WATCHED = """async (main) => {
  const {CourtSocket} = await import(main.replace('main.js', 'socket.js'));
  window.cuts = 0;
  const engine = {pingInterval: 2000, on() {}, close() { window.cuts += 1; }};
  const line = {connected: true, on() {}, emit() {}, connect() {}, disconnect() {}, io: {engine}};
  new CourtSocket('h', {connect: () => line}).open();
}"""

# A line that takes a wish and loses the answer `losses` times; `back` is when it is opened again.
LOSING = """async ([main, losses, back]) => {
  const {CourtSocket} = await import(main.replace('main.js', 'socket.js'));
  const on = {};
  const sent = window.sent = [];
  const line = {
    connected: true, connect() {}, disconnect() {}, io: {engine: {pingInterval: 600000, on() {}, close() {}}},
    on(event, handler) { on[event] = handler; },
    emit() {},
    timeout: () => ({async emitWithAck(event, wish) {
      sent.push(wish);
      if (sent.length > losses) return {number: 7};
      line.connected = false;
      on.disconnect('transport close');
      setTimeout(() => { line.connected = true; on.welcome({seq: 1}); }, back);
      throw new Error('socket has been disconnected');
    }}),
  };
  const socket = new CourtSocket('h', {connect: () => line});
  on.welcome({seq: 0});
  return [await socket.command('EndTurn', {}), sent];
}"""


async def asked(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate("line.asked.map(({name, args}) => ({name, args}))")
    return found


async def test_what_a_dialog_offers_keeps_its_place_when_the_court_answers_meanwhile(live: Open) -> None:
    page = await live("judge")
    acts = (
        "GiveFloor: ['counsel'], Mute: ['counsel'], Unmute: [], ReturnToWaitingRoom: ['counsel'], Remove: ['counsel']"
    )
    await page.evaluate(ALLOW.format(acts=acts))
    await page.get_by_role("button", name="Việc với Người bào chữa", exact=False).first.click()
    picks = page.get_by_role("dialog").locator(".pick")
    before = await picks.locator("b").all_inner_texts()
    await expect(picks).to_have_count(5)
    await page.evaluate("window.nodes = [...document.querySelectorAll('dialog .pick')]")
    await page.evaluate(ALLOW.format(acts="GiveFloor: [], Mute: ['nobody'], Unmute: ['counsel']"))
    await page.evaluate("line.say((view) => { delete view.allowed.GiveFloor; })")
    await expect(picks).to_have_count(6)
    assert (await picks.locator("b").all_inner_texts())[:5] == before, "the new choice stands behind the others"
    assert await page.evaluate("nodes.every((one, n) => one === document.querySelectorAll('dialog .pick')[n])")
    for index in (0, 1, 2):  # giving the floor, muting, muting with the lock
        await expect(picks.nth(index)).to_be_disabled()
        await expect(picks.nth(index)).to_contain_text("Lúc này không còn làm được.")
        await picks.nth(index).dispatch_event("click")
    assert await asked(page) == []
    await picks.nth(5).click()
    assert await asked(page) == [{"name": "Unmute", "args": {"seat": "counsel"}}]


async def test_a_row_of_the_hands_belongs_to_one_person_wherever_it_moves(live: Open) -> None:
    page = await live("judge")
    invite = page.get_by_role("button", name="Mời Người bào chữa Bạch Thu Thủy phát biểu")
    await invite.evaluate("(one) => { window.node = one; }")
    await page.evaluate(
        """line.say((view) => {
          view.hands = [{seat: 'procurator', reason: 'objection', text: '', at: '2020-01-01T00:00:00Z'}, ...view.hands];
          view.allowed.GiveFloor = [...view.allowed.GiveFloor, 'procurator'];
        })"""
    )
    await expect(page.get_by_role("list").filter(has=invite).get_by_role("listitem").first).to_contain_text(
        "Kiểm sát viên"
    )
    assert await invite.evaluate("(one) => one === window.node")


async def test_a_question_that_follows_the_last_one_at_once_stays(live: Open) -> None:
    page = await live("judge")
    await page.evaluate(
        """async () => {
          const one = document.querySelector('court-dialog');
          one.show('CloseHearing');
          one.close();
          one.show('StartRecess');
          await new Promise((done) => setTimeout(done, 50));  // the browser tells of the first closing
        }"""
    )
    await expect(page.get_by_role("dialog").get_by_label("Số phút nghỉ")).to_be_visible()


async def test_a_page_that_stood_still_does_not_take_its_own_silence_for_a_dead_line(live: Open) -> None:
    page = await live("waiting")
    await page.clock.install()
    await page.evaluate(WATCHED, await page.locator("script[type=module][src*='court/main.js']").get_attribute("src"))
    await page.clock.fast_forward(30_000)
    assert await page.evaluate("cuts") == 0
    await page.clock.run_for(6_000)
    assert await page.evaluate("cuts") > 0


async def losing(page: Page, losses: int, back_ms: int) -> tuple[Any, list[dict[str, Any]]]:
    main = await page.locator("script[type=module][src*='court/main.js']").get_attribute("src")
    answer, sent = await page.evaluate(LOSING, [main, losses, back_ms])
    return answer, sent


async def test_a_wish_whose_answer_was_lost_is_asked_again_under_the_same_number(live: Open) -> None:
    answer, sent = await losing(await live("waiting"), losses=1, back_ms=300)
    assert answer == {"number": 7}
    assert len(sent) == 2 and sent[0] == sent[1], "the court can tell that it is the same wish"


async def test_a_wish_that_is_lost_twice_is_given_back(live: Open) -> None:
    answer, sent = await losing(await live("waiting"), losses=2, back_ms=10)
    assert answer == {"lost": True} and len(sent) == 2


async def test_a_line_that_stays_away_gives_the_wish_back(live: Open) -> None:
    page = await live("waiting")
    await page.clock.install()
    answer = asyncio.ensure_future(losing(page, losses=1, back_ms=60_000))
    await page.wait_for_function("window.sent?.length === 1")
    await page.clock.run_for(8_500)
    told, sent = await answer
    assert told == {"lost": True} and len(sent) == 1


# How often each tile is drawn from here on.
DRAWN = """() => {
  const kind = customElements.get('seat-tile').prototype;
  const {template} = kind;
  window.drawn = {};
  kind.template = function (state) {
    drawn[this.dataset.seat] = (drawn[this.dataset.seat] ?? 0) + 1;
    return template.call(this, state);
  };
}"""


async def test_the_stage_is_drawn_when_something_on_it_changes_and_each_tile_once(live: Open) -> None:
    page = await live("judge")
    await page.wait_for_timeout(3000)  # the own devices have come
    await page.evaluate(DRAWN)
    clock = page.locator("court-header .recorder")
    before = await clock.inner_text()
    await expect(clock).not_to_have_text(before)
    await page.wait_for_timeout(2500)
    seconds = await page.evaluate("drawn")
    assert max(seconds.values(), default=0) <= 1, "the line was measured perhaps, but no tile shows a time"
    await page.evaluate("line.say((view) => { view.seats.find(({id}) => id === 'counsel').connected = false; })")
    lost = page.locator('seat-tile[data-seat="counsel"] .nowrap')
    first = await lost.inner_text()
    await expect(lost).not_to_have_text(first)  # who is gone is counted each second


# An element that shows another one, which counts the seconds of whoever is lost. The answer: how often each was drawn
# after each change, and what the inner one then said.
NESTED = """async (main) => {
  const {CourtElement} = await import(main.replace('main.js', 'element.js'));
  const drawn = {outer: 0, inner: 0};
  class Inner extends CourtElement {
    draw(state) { drawn.inner += 1; this.textContent = state.view.lost ? `lost ${state.now}` : 'here'; }
  }
  class Outer extends CourtElement {
    inner = new Inner();
    draw(state) {
      drawn.outer += 1;
      if (!this.inner.isConnected) this.append(this.inner);
      this.inner.state = state;
      this.title = state.page;
    }
  }
  customElements.define('test-inner', Inner);
  customElements.define('test-outer', Outer);
  const outer = new Outer();
  document.body.append(outer);
  let whole = {view: {lost: false}, page: 'one', now: 1, log: []};
  const rows = [];
  for (const fields of [
    {}, {now: 2}, {log: [1]}, {page: 'two'}, {view: {lost: true}}, {now: 3}, {page: 'three'}, {now: 4},
    {view: {lost: false}}, {now: 5},
  ]) {
    drawn.outer = drawn.inner = 0;
    outer.state = whole = {...whole, ...fields};
    rows.push([Object.keys(fields).join(), drawn.outer, drawn.inner, outer.inner.textContent]);
  }
  return rows;
}"""


async def test_an_element_is_drawn_when_something_it_read_has_changed_and_not_else(live: Open) -> None:
    page = await live("judge")
    main = await page.locator("script[type=module][src*='court/main.js']").get_attribute("src")
    assert await page.evaluate(NESTED, main) == [
        ["", 1, 1, "here"],
        ["now", 0, 0, "here"],
        ["log", 0, 0, "here"],
        ["page", 1, 0, "here"],
        ["view", 1, 1, "lost 2"],
        ["now", 1, 1, "lost 3"],
        ["page", 1, 0, "lost 3"],
        ["now", 1, 1, "lost 4"],  # what the inner one once read, the outer one still follows
        ["view", 1, 1, "here"],
        ["now", 0, 0, "here"],
    ]


async def test_a_ring_goes_out_although_nothing_more_is_heard_of_anybody(live: Open) -> None:
    page = await live("judge")
    source = await page.evaluate(
        """() => {
          const {view} = document.querySelector('court-stage').state;
          return view.sources.find((one) => one.kind === 'microphone' && one.seats.includes('procurator')).id;
        }"""
    )
    await page.evaluate("(id) => line.signal({type: 'levels', levels: {[id]: -20}})", source)
    ring = page.locator('seat-tile[data-seat="procurator"] .tile-speaking')
    await expect(ring).to_have_count(1)
    await expect(ring).to_have_count(0, timeout=3000)
