"""The log of a seat and the pump: nothing is lost, nothing doubled, and nothing is learnt from the numbers."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearing import tasks
from signaling.outbox import LAG, Outbox, SeatLog
from signaling.protocol import Delivery, Down, Json, Welcome


class Page:
    """The far end of an outbox: keeps what is sent; `unread` is what its connection has not taken."""

    def __init__(self, log: SeatLog) -> None:
        self.log, self.unread, self.sent, self.state = log, 0, list[Down](), 0
        self.arrived = asyncio.Condition()
        self.outbox = Outbox(log, send=self.send, backlog=lambda: self.unread, view=self.view, welcome=self.welcome)
        self.tasks: set[asyncio.Task[Any]] = set()

    async def send(self, down: Down) -> None:
        self.sent.append(down)
        async with self.arrived:
            self.arrived.notify_all()

    async def view(self) -> Json:
        return {"state": self.state}

    async def welcome(self, seq: int, view: Json) -> Welcome:
        return Welcome(seq=seq, view=view, people={}, clock={}, media={}, connection="c")

    async def begin(self, after: int | None) -> None:
        await self.outbox.begin(after)
        tasks.spawn(self.outbox.run(), name="outbox", owner=self.tasks)

    async def end(self) -> None:
        self.outbox.close()
        await tasks.stop(self.tasks)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60), self.arrived:
            await self.arrived.wait_for(lambda: len(self.sent) >= count)


def entry(number: int) -> Json:
    return {"kind": "HandRaised", "body": {"n": number}}


def numbers(deliveries: list[Down]) -> list[int]:
    return [one.seq for one in deliveries if isinstance(one, Delivery)]


async def test_a_new_page_gets_the_whole_view_and_then_every_entry_in_order() -> None:
    page = Page(SeatLog(100))
    await page.begin(None)
    assert page.sent == [Welcome(seq=100, view={"state": 0}, people={}, clock={}, media={}, connection="c")]
    page.state = 1
    page.log.append(entry(1))
    await page.until(2)
    page.state = 2
    page.log.append(entry(2))
    await page.until(3)
    assert page.sent[1:] == [
        Delivery(seq=101, entry=entry(1), view={"state": 1}),
        Delivery(seq=102, entry=entry(2), view={"state": 2}),
    ]
    await page.end()


async def test_a_page_that_comes_back_gets_what_it_missed_and_no_welcome() -> None:
    log = SeatLog(0)
    for n in range(5):
        log.append(entry(n))
    page = Page(log)
    await page.begin(2)
    assert page.sent == [
        Delivery(seq=3, entry=entry(2), view=None),
        Delivery(seq=4, entry=entry(3), view=None),
        Delivery(seq=5, entry=entry(4), view={"state": 0}),
    ]
    await page.end()


async def test_a_page_that_missed_nothing_is_shown_where_it_stands() -> None:
    log = SeatLog(0)
    log.append(entry(1))
    page = Page(log)
    await page.begin(1)
    assert page.sent == [Delivery(seq=1, entry=None, view={"state": 0})]
    await page.end()


async def test_what_happens_while_a_changed_view_goes_out_is_delivered_after_it() -> None:
    page = Page(SeatLog(0))
    await page.begin(None)

    async def slow(down: Down) -> None:
        if isinstance(down, Delivery) and down.entry is None:
            page.log.append(entry(1))
        await Page.send(page, down)

    page.outbox._send = slow
    page.state = 1
    page.log.doubt()
    await page.until(3)
    assert page.sent[1:] == [
        Delivery(seq=1, entry=None, view={"state": 1}),
        Delivery(seq=2, entry=entry(1), view={"state": 1}),
    ]
    await page.end()


@pytest.mark.parametrize("after", [3, 10, 99, 111])
async def test_a_number_that_is_not_held_any_more_or_never_was_brings_the_whole_view(after: int) -> None:
    log = SeatLog(100, kept=4)
    for n in range(10):
        log.append(entry(n))
    page = Page(log)
    await page.begin(after)
    assert [type(one) for one in page.sent] == [Welcome]
    await page.end()


async def test_a_page_that_lags_gets_every_entry_but_only_the_last_view() -> None:
    page = Page(SeatLog(0))
    await page.begin(None)
    page.unread = LAG + 1
    for n in range(50):
        page.state = n
        page.log.append(entry(n))
        await asyncio.sleep(0)
    assert len(page.sent) == 1
    page.unread = 0
    await page.until(51)
    deliveries = page.sent[1:]
    assert numbers(deliveries) == list(range(1, 51))
    views = [one.view for one in deliveries if isinstance(one, Delivery)]
    assert views[-1] == {"state": 49}
    assert views[:-1] == [None] * 49
    await page.end()


async def test_what_others_did_together_is_told_in_one_view_and_the_own_act_at_once() -> None:
    page = Page(SeatLog(0))
    await page.begin(None)
    for number in range(1, 6):
        page.state = number
        page.log.append(entry(number), 30.0)
        await asyncio.sleep(0.01)
    assert len(page.sent) == 1, "it waits for more"
    page.state = 6
    page.log.append(entry(6))
    await page.until(7)
    deliveries = [one for one in page.sent if isinstance(one, Delivery)]
    assert numbers(list(page.sent)) == [1, 2, 3, 4, 5, 6]
    assert [one.view for one in deliveries] == [None] * 5 + [{"state": 6}]
    await page.end()


async def test_a_page_so_far_behind_that_entries_were_given_up_begins_anew() -> None:
    page = Page(SeatLog(0, kept=4))
    await page.begin(None)
    page.unread = LAG + 1
    for n in range(10):
        page.log.append(entry(n))
        await asyncio.sleep(0)
    page.unread = 0
    await page.until(2)
    assert isinstance(page.sent[1], Welcome) and page.sent[1].seq == 10
    await page.end()


async def test_a_hidden_entry_is_noticed_only_by_what_it_changes_in_the_own_view() -> None:
    page = Page(SeatLog(0))
    await page.begin(None)
    page.log.doubt()
    await asyncio.sleep(0)
    page.log.append(entry(1))
    await page.until(2)
    assert page.sent[1] == Delivery(seq=1, entry=entry(1), view={"state": 0})
    page.state = 1
    page.log.doubt()
    await page.until(3)
    assert page.sent[2] == Delivery(seq=2, entry=None, view={"state": 1})
    await page.end()


@pytest.mark.pure
@given(st.lists(st.booleans(), max_size=40), st.integers(0, 45), st.integers(1, 20))
def test_the_log_gives_exactly_what_followed_or_nothing(seen: list[bool], after: int, kept: int) -> None:
    log, shown = SeatLog(0, kept), []
    for number, visible in enumerate(seen):
        if visible:
            log.append(entry(number))
            shown.append(entry(number))
    missing = log.since(after)
    if after > len(shown) or after < len(shown) - kept:
        assert missing is None
    else:
        assert missing == list(enumerate(shown[after:], start=after + 1))
