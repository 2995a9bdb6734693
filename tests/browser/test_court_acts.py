"""What a person does on the live page: wishes that go up, answers that come down, keys, notes, the lost line."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open


async def asked(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate("line.asked.map(({name, args}) => ({name, args}))")
    return found


async def test_the_judge_invites_the_hand_that_objects_first(live: Open) -> None:
    page = await live("judge")
    await page.keyboard.press("1")
    await expect(page.get_by_role("button", name="Mời Người bào chữa Bạch Thu Thủy phát biểu")).to_be_visible()
    assert await asked(page) == [{"name": "GiveFloor", "args": {"seat": "counsel"}}]


async def test_the_next_in_the_order_of_the_law_goes_on_asking_the_same_person(live: Open) -> None:
    page = await live("judge")
    await page.get_by_role("button", name="Mời Người bào chữa Bạch Thu Thủy", exact=True).click()
    args = {"seat": "counsel", "answering": "defendant", "purpose": "question"}
    assert await asked(page) == [{"name": "GiveFloor", "args": args}]


async def test_a_suspension_is_asked_with_its_consequence_and_needs_a_reason(live: Open) -> None:
    page = await live("judge")
    await page.get_by_role("button", name="Quyết định khác").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Tạm ngừng phiên tòa…").click()
    await expect(dialog).to_contain_text("không quá 05 ngày")
    await dialog.get_by_role("button", name="Tạm ngừng", exact=True).click()
    assert await asked(page) == []
    await dialog.get_by_label("Lý do (ghi vào biên bản)").fill("Cần xác minh thêm chứng cứ")
    await dialog.get_by_role("button", name="Tạm ngừng", exact=True).click()
    assert await asked(page) == [{"name": "SuspendHearing", "args": {"reason": "Cần xác minh thêm chứng cứ"}}]


async def test_escape_returns_and_the_focus_goes_back_to_the_opener(live: Open) -> None:
    page = await live("judge")
    opener = page.get_by_role("button", name="Kết thúc phiên tòa…")
    await opener.click()
    await expect(page.get_by_role("button", name="Trở lại")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    assert await asked(page) == []


async def test_a_refusal_is_a_sentence_and_the_button_stays(live: Open) -> None:
    page = await live("judge")
    await page.evaluate("line.answer = {refused: 'not-connected'}")
    await page.get_by_role("button", name="Kết thúc lượt").click()
    await expect(page.get_by_role("alert").filter(has_text="chưa kết nối")).to_be_visible()
    await expect(page.get_by_role("button", name="Kết thúc lượt")).to_be_enabled()


async def test_a_granted_wish_is_on_its_way_until_its_view_comes_or_a_second_has_passed(live: Open) -> None:
    page = await live("judge")
    button = page.get_by_role("button", name="Kết thúc lượt")
    granted_and_shown = """async (shows) => {
        const all = [...document.querySelectorAll('button')];
        const button = all.find((one) => one.textContent.trim() === 'Kết thúc lượt');
        const busy = () => button.getAttribute('aria-busy');
        const pause = (ms) => new Promise((done) => setTimeout(done, ms));
        button.click();
        await pause(200);
        const granted = busy();
        if (shows) line.say(() => {});
        await pause(100);
        return [granted, busy()];
    }"""
    assert await page.evaluate(granted_and_shown, True) == ["true", "false"]
    assert await page.evaluate(granted_and_shown, False) == ["true", "true"]
    await expect(button).to_have_attribute("aria-busy", "false")
    assert len(await asked(page)) == 2


@pytest.mark.parametrize("up", [False, True])
async def test_a_raised_or_lowered_hand_says_at_once_that_it_is_on_its_way(live: Open, up: bool) -> None:
    page = await live("defendant")
    if up:
        hand = {"seat": "defendant", "reason": "speak", "since": 4_061_000}
        await page.evaluate("(hand) => line.say((view) => { view.you.hand = 'speak'; view.hands = [hand]; })", hand)
    button = page.get_by_role("button", name="Thôi xin phát biểu" if up else "Xin phát biểu")
    before = await button.bounding_box()
    shown: list[Any] = await button.evaluate("""async (button) => {
        button.click();
        await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
        const {width, height} = button.getBoundingClientRect();
        return [button.getAttribute('aria-busy'), button.innerText.trim(), width, height];
    }""")
    assert before is not None and shown == ["true", "Đang gửi…", before["width"], before["height"]]
    await expect(button).to_have_attribute("aria-busy", "false")
    assert [one["name"] for one in await asked(page)] == ["LowerHand" if up else "RaiseHand"]


async def test_on_its_way_a_button_without_an_icon_turns_a_sign_and_moves_nothing(live: Open) -> None:
    page = await live("judge")
    shown: list[Any] = await page.get_by_role("button", name="Kết thúc lượt").evaluate("""async (button) => {
        const place = () => JSON.stringify(button.getBoundingClientRect());
        const before = place();
        button.click();
        await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
        return [Boolean(button.querySelector('.icon')), place() === before];
    }""")
    assert shown == [True, True]
    await expect(page.get_by_role("button", name="Đang gửi…")).to_have_count(1)  # what the ear is told


async def test_what_the_court_would_refuse_is_not_offered_to_a_party(live: Open) -> None:
    page = await live("defendant")
    await expect(page.get_by_role("button", name="Xin phát biểu")).to_be_visible()
    await page.evaluate("line.say((view) => { view.allowed = {}; })")
    await expect(page.get_by_role("button", name="Xin phát biểu")).to_have_count(0)
    await expect(page.get_by_role("button", name="Trợ giúp")).to_be_visible()


async def test_the_step_that_is_not_open_yet_says_how_many_things_are_missing(live: Open) -> None:
    page = await live("judge")
    step = page.get_by_role("button", name="Chuyển sang Tranh luận")
    await expect(step).to_have_attribute("aria-disabled", "true")
    await expect(step).to_have_accessible_description("Còn 2 việc chưa xong")


async def test_the_clerk_writes_a_note_that_keeps_the_time_of_its_first_key(live: Open) -> None:
    page = await live("clerk")
    await page.keyboard.press("n")
    await page.keyboard.press("Alt+5")
    await page.keyboard.type("/khai đi theo đường đê")
    box = page.get_by_label("Nội dung")
    await expect(box).to_have_value("khai: đi theo đường đê")
    await page.keyboard.press("Control+Enter")
    [note] = await asked(page)
    assert note["name"] == "LogNote"
    assert note["args"]["text"] == "khai: đi theo đường đê"
    assert note["args"]["about"] == "procurator"
    shown_ms: float = await page.evaluate("performance.now()")
    assert 4_062_000 <= note["args"]["said_at_ms"] <= 4_062_000 + shown_ms + 1_000
    await expect(box).to_have_value("")


async def test_a_note_written_while_the_line_is_gone_is_kept_and_sent_again_once(live: Open) -> None:
    page = await live("clerk")
    await page.evaluate("line.cut()")
    await expect(page.get_by_role("alert").filter(has_text="Mất kết nối. Đang nối lại.")).to_be_visible()
    await page.get_by_label("Nội dung").fill("ghi khi mất mạng")
    await page.get_by_role("button", name="Lưu", exact=True).click()
    await expect(page.get_by_text("Chưa gửi, giữ trên máy")).to_be_visible()
    await page.evaluate("line.connect()")
    await expect(page.get_by_text("Chưa gửi, giữ trên máy")).to_have_count(0)
    assert [one["args"]["text"] for one in await asked(page)] == ["ghi khi mất mạng"]
    assert await page.evaluate("line.hello.after") == 1


async def test_keys_do_nothing_while_somebody_writes(live: Open) -> None:
    page = await live("clerk")
    await page.get_by_label("Nội dung").click()
    await page.keyboard.type("hm")
    assert await asked(page) == []


async def test_admission_gives_ten_seconds_of_notice_and_then_the_room(live: Open) -> None:
    page = await live("called")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Tòa sẽ mời Bà vào sau")
    assert await page.evaluate("document.documentElement.dataset.theme") == "light"
    enter = (
        "line.say((view) => { view.you.place = 'courtroom'; view.you.enters_at_ms = null; view.stage = 'in_session'; })"
    )
    await page.evaluate(enter)
    await expect(page.get_by_role("list", name="Những người trong phòng xử án")).to_be_visible()
    assert await page.evaluate("document.documentElement.dataset.theme") == "dim"
    await expect(page.locator("[aria-live=polite]").first).to_contain_text("Bà đã vào phòng xử án")


async def test_a_tile_keeps_its_node_when_the_floor_moves(live: Open) -> None:
    page = await live("judge")
    await page.evaluate("window.node = document.querySelector('[data-seat=counsel] video')")
    before = await page.locator('[data-seat="counsel"]').bounding_box()
    await page.evaluate("line.say((view) => { view.floor = {...view.floor, seat: 'counsel', answering: null}; })")
    await expect(page.locator('[data-seat="counsel"][data-size="stand"]')).to_be_visible()
    after = await page.locator('[data-seat="counsel"]').bounding_box()
    assert before and after and after["width"] > before["width"] * 1.5
    assert await page.evaluate("window.node === document.querySelector('[data-seat=counsel] video')")
    assert await page.evaluate("!window.node.paused")


async def test_being_given_the_floor_is_said_at_once(live: Open) -> None:
    page = await live("listening")
    await page.evaluate(
        """line.say((view) => {
          view.floor = {seat: 'victim', answering: null, purpose: 'speech', since: view.floor.since};
          view.you.microphone = 'open';
        })"""
    )
    await expect(page.locator("[aria-live=assertive]")).to_have_text("Đến lượt Bà nói. Micro đang bật.")
    await expect(page.get_by_role("region", name="Hướng dẫn")).to_contain_text("Đến lượt Bà nói.")


async def test_the_language_changes_without_leaving_the_hearing(live: Open) -> None:
    page = await live("judge")
    await page.evaluate("window.node = document.querySelector('[data-seat=counsel] video')")
    await page.get_by_role("button", name="EN, English").click()
    await expect(page.get_by_role("button", name="End turn")).to_be_visible()
    assert await page.evaluate("window.node === document.querySelector('[data-seat=counsel] video')")
    assert await page.evaluate("line.connected")


async def test_another_device_takes_the_seat_and_this_page_lets_go(live: Open) -> None:
    page = await live("defendant")
    await page.evaluate("line.signal({type: 'moved'})")
    await expect(page.get_by_role("button", name="Chuyển sang máy này")).to_be_visible()
    assert not await page.evaluate("line.connected")


async def test_a_camera_that_is_forbidden_says_what_to_do(live: Open) -> None:
    page = await live("waiting", devices=True)
    await page.wait_for_function("hearingTimes.marks.devices")  # an earlier opening that ends later would count
    await page.evaluate(
        """() => {
          navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
        }"""
    )
    await page.get_by_role("button", name="Thử lại thiết bị").click()
    await expect(page.get_by_text("Bấm hình ổ khóa trên thanh địa chỉ, chọn Cho phép.")).to_be_visible()
