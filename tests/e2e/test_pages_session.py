"""Sessions through the pages beside the main flow: refusals at the door, other people, returns, rejections and what answers them.

A short talk script is published first. Speech is real; three browsers would be two too many, so phones are windows of one.
"""

import asyncio
import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Playwright, async_playwright, expect

from scripts.demo import assets, cast
from scripts.demo.browser import _MICROPHONE, CHROMIUM, PHONE, Person, chromium
from scripts.demo.drive import Agent, Customer, Images, sign_in
from scripts.demo.service import RunningService, running
from scripts.demo.staff import Outbox, download_package, review, wait_state
from tests.e2e import player
from tests.e2e.pages import call, faults_of, misfits_at, misfits_of, picture, staff
from tests.e2e.script import recorded_prompts, short_script, shortest_script

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class House:
    """The service with the short script, a browser with a camera and a microphone, and what people hold in their hands."""

    service: RunningService
    playwright: Playwright
    browser: BrowserContext
    admin: Page
    outbox: Outbox
    images: Images
    folder: Path

    @asynccontextmanager
    async def phone(self, *, may_film: bool = True) -> AsyncIterator[Page]:
        """A customer's phone: a window of the one browser, or a browser of its own that refuses camera and microphone."""
        assert self.browser.browser is not None
        browser = self.browser.browser
        if not may_film:
            browser = await self.playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream"]
            )
        context = await browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            permissions=["camera", "microphone"] if may_film else [],
        )
        if may_film:
            await context.add_init_script(_MICROPHONE)
        context.set_default_timeout(60_000)
        try:
            yield await context.new_page()
        finally:
            await (context if may_film else browser).close()

    @asynccontextmanager
    async def agent(self, login: str) -> AsyncIterator[Agent]:
        """An agent at a desk of their own."""
        async with staff(self.browser, self.service, login, cast.PASSWORD) as page:
            page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
            await page.context.add_init_script(_MICROPHONE)
            yield Agent(Person(login, page), self.service.url, "")

    async def ask(self, page: Page, path: str) -> Any:
        return (await call(page, self.service, "GET", path))["body"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], None], model_dir: Path, testdata: Path
) -> AsyncIterator[House]:
    if not Path(CHROMIUM).exists():
        need("Chromium", "apt-get install chromium, or set DR_CHROMIUM")
    folder = tmp_path_factory.mktemp("pages")
    spoken = recorded_prompts(folder / "spoken")
    photo = "obama_1.jpg"
    images = Images(
        assets.card("id_front", "演示", folder / "front.jpg", photo), assets.card("id_back", "演示", folder / "back.jpg"),
        assets.card("bank_card", "演示", folder / "bank.jpg"), assets.photo_jpeg(photo, folder / "face.jpg"),
    )  # fmt: skip
    async with (
        running(folder / "data", DR_MODEL_DIR=str(model_dir), DR_PROMPT_RECORDINGS_DIR=str(spoken)) as service,
        async_playwright() as playwright,
        chromium(None, is_phone=False, playwright=playwright) as browser,
    ):
        page = await browser.new_page()
        await sign_in(page, service.url, cast.ADMINISTRATOR, cast.PASSWORD)
        await page.goto("about:blank")
        found = House(service, playwright, browser, page, Outbox(page, service.url), images, folder)
        script = "/api/v1/talk-scripts/standard-life/versions"
        made = await call(page, service, "POST", script, {"content": short_script(), "note": "短版"})
        assert made["status"] == 201, made
        assert (await call(page, service, "POST", f"{script}/2/publish", {}))["status"] == 200
        yield found


async def _answers(page: Page, clip: str) -> None:
    """Speak when the page listens."""
    await page.wait_for_selector('[data-testid="listening"]')
    await asyncio.sleep(0.8)  # as anybody who has just been asked
    await page.evaluate("wav => window.__say(wav)", clip)


async def _card(desk: Page, state: str) -> None:
    await expect(desk.locator('[data-testid="answer-card"]')).to_have_attribute("data-state", state, timeout=30_000)


async def _affirm(desk: Page, page: Page, clip: str) -> None:
    """Answer until it was understood; what the machine could not judge is asked again, as an agent would."""
    judged = '[data-testid="answer-card"]:not([data-state="waiting"]):not([data-state="listening"])'
    for attempt in range(3):
        if attempt:
            await desk.click('[data-testid="replay-prompt"]:not([disabled])')
            await desk.wait_for_selector('[data-testid="answer-card"][data-state="listening"]')
        await _answers(page, clip)
        card = await desk.wait_for_selector(judged)
        if card and await card.get_attribute("data-satisfied") == "true":
            return
    raise AssertionError(await desk.locator('[data-testid="answer-card"]').inner_text())


async def _to_node(desk: Page, node_id: str) -> None:
    await desk.click('[data-testid="advance"]:not([disabled])')
    await desk.wait_for_selector(f'[data-testid="node-current"][data-node-id="{node_id}"]')


async def test_a_guardian_a_stranger_and_a_refusal_at_the_door(house: House) -> None:
    """P2026010005: grandmother pays, a child is insured, the mother is guardian. The grandmother says no."""
    url = house.service.url
    async with house.agent("zhangsan") as agent, house.phone() as mother, house.phone(may_film=False) as other:
        desk = agent.person.page
        await desk.click('[data-testid="new-case"]')
        await desk.click('[data-testid="proposal-row"][data-proposal-no="P2026010005"]')
        await desk.click('[data-testid="open-case"]')
        await desk.wait_for_url(re.compile(r"/cases/case_"))
        await expect(desk.get_by_text("未成年人不参加录制，由监护人林静代为参加。")).to_be_visible()
        case_id = desk.url.rsplit("/", 1)[-1]
        # The mother takes her pictures on her own phone; what is no picture is refused in words and leaves nothing behind.
        card = desk.locator('section.person[aria-label="林静"]')
        await card.get_by_role("button", name="短信发送采集链接").click()
        await mother.goto(await house.outbox.link("13800005002", r"(https?://\S*/m/identity#k=[\w\-]+)"))
        await mother.wait_for_selector('[data-testid="capture-face"]', state="attached")
        assert "#" not in mother.url
        broken = house.folder / "not-a-picture.jpg"
        broken.write_bytes(b"\xff\xd8 no picture at all")
        await mother.set_input_files('[data-testid="capture-id_front"]', str(broken))
        await expect(mother.get_by_role("alert")).to_contain_text("不是可以识别的照片")
        for kind in ("id_front", "id_back", "bank_card", "face"):
            async with mother.expect_response(lambda r: r.request.method == "PUT" and "/images/" in r.url) as got:
                await mother.set_input_files(f'[data-testid="capture-{kind}"]', str(getattr(house.images, kind)))
            assert (await got.value).status < 300
        await expect(mother.locator("h1")).to_have_text("照片都收到了")
        assert await faults_of(mother) == []
        await mother.reload()  # the key is out of the address bar, the way back is not
        await expect(mother.locator("h1")).to_have_text("照片都收到了")

        await desk.reload()
        await desk.locator('input[data-testid^="upload-"]').first.wait_for(state="attached")
        for field in await desk.locator('input[data-testid^="upload-"]').all():
            if "孙桂芳" in (await field.get_attribute("aria-label") or ""):
                kind = (await field.get_attribute("data-testid") or "").rpartition("-")[2]
                async with desk.expect_response(lambda r: r.request.method == "PUT" and "/images/" in r.url) as got:
                    await field.set_input_files(str(getattr(house.images, kind)))
                assert (await got.value).status < 300
        code = await agent.create_session()
        assert code.isdigit()

        # A wrong code, then the right one; a stranger's phone gets no SMS; a wrong SMS code says how many tries are left.
        await mother.goto(f"{url}/m/")
        await mother.fill('[data-testid="join-code"]', f"{(int(code) + 1) % 1_000_000:06d}")
        await expect(mother.get_by_text("没有这个会议码")).to_be_visible()
        await mother.fill('[data-testid="join-code"]', code)
        await mother.fill('[data-testid="phone-last4"]', "5002")
        await mother.dblclick('[data-testid="send-sms"]')
        real = await house.outbox.code("13800005002")
        await mother.fill('[data-testid="sms-code"]', f"{(int(real) + 1) % 1_000_000:06d}")
        await expect(mother.get_by_text("验证码不对。请对照最新的一条短信再输入一次，这个验证码还可以试 4 次。")).to_be_visible()
        await mother.fill('[data-testid="sms-code"]', real)
        await mother.wait_for_selector('[data-testid="claim"]')
        roles = mother.locator(".choice")
        assert await roles.locator("b").all_inner_texts() == ["投保人", "监护人"]  # the child attends through her
        await expect(roles.nth(0)).to_contain_text("这是其他人的身份")
        await expect(roles.nth(0).locator("input")).to_be_disabled()
        await mother.click('[data-testid="claim"]')
        await mother.wait_for_selector('[data-testid="consent-agree"]')
        await mother.reload()
        await mother.wait_for_selector('[data-testid="consent-agree"]')  # the same step after a reload

        # The grandmother is 62: large text. Her browser refuses the camera, and says what to do; then she does not agree.
        grandmother = Customer(Person("grandmother", other), url, "13800005001", {"*": [""]})
        await other.goto(f"{url}/m/join?code={code}")
        await other.fill('[data-testid="phone-last4"]', grandmother.phone[-4:])
        await other.click('[data-testid="send-sms"]')
        await other.fill('[data-testid="sms-code"]', await house.outbox.code(grandmother.phone))
        await other.wait_for_selector('[data-testid="claim"]')
        await expect(other.locator(".choice").nth(1)).to_contain_text("已有人以这个身份加入")
        await other.click('[data-testid="claim"]')
        await other.wait_for_selector('[data-testid="consent-agree"]')
        assert await other.evaluate("() => document.documentElement.classList.contains('care')")
        assert await faults_of(other) == []
        await other.click('[data-testid="consent-refuse"]')
        await picture(other, "phone-consent-refuse")
        await other.get_by_role("button", name="确定不同意").click()
        await expect(other.locator("h1")).to_have_text("已按您的意愿结束")
        assert await faults_of(other) == []
        await picture(other, "phone-declined")
        await expect(desk.locator('[data-testid="case-state"]')).to_have_attribute("data-state", "declined", timeout=30_000)
        await picture(desk, "desk-case-declined")
        policy = {"policy_no": "00001354407800005", "issued_at": "2026-11-22T00:00:00+08:00", "proposal_no": "P2026010005"}
        sold = await desk.request.post(
            f"{url}/api/v1/policies", data=policy, headers={"Authorization": f"Bearer {house.service.core_api_key}"}
        )
        assert (sold.status, (await sold.json())["code"]) == (409, "CASE_DECLINED")
        assert "create_session" not in (await house.ask(desk, f"/api/v1/cases/{case_id}"))["allowed_actions"]
        await other.goto(f"{url}/m/")
        await other.fill('[data-testid="join-code"]', code)
        await expect(other.get_by_text("这个会议码已经失效")).to_be_visible()


async def test_a_policyholder_of_66_a_second_window_and_an_abort(house: House) -> None:
    """P2026010003, sold by intermediary staff: one person, two roles on one phone, care mode, camera refused first."""
    async with house.agent("wangwu") as agent, house.phone(may_film=False) as phone:
        desk = agent.person.page
        await agent.open_case("P2026010003", {"*": house.images})
        code = await agent.create_session()
        await agent.enter()
        customer = Customer(Person("customer", phone), house.service.url, "13800003001", {})
        await _join_without_camera(customer, code, house)
        await expect(phone.locator("h1")).to_have_text("还没能打开")
        await expect(phone.locator(".help li").first).to_be_visible()  # instructions, not a blank page
        await picture(phone, "phone-camera-refused")
        assert await faults_of(phone) == []
        await phone.context.grant_permissions(["camera", "microphone"])
        await phone.click('[data-testid="open-devices"]')
        await phone.click('[data-testid="enter-room"]')
        await phone.wait_for_selector('[data-testid="room"]')
        assert await phone.evaluate("() => document.documentElement.classList.contains('care')")
        await desk.wait_for_selector('[data-testid="start-recording"]:not([disabled])')
        view = await house.ask(desk, f"/api/v1/sessions/{agent.session_id}")
        assert {role for person in view["people"] if person["kind"] == "customer" for role in person["roles"]} == {
            "policyholder", "insured",
        }  # fmt: skip
        assert await faults_of(desk) == []
        assert await misfits_of(phone, shot="phone-lobby-200") == []
        assert await misfits_of(desk, shot="desk-lobby-200") == []
        await desk.dblclick('[data-testid="start-recording"]')  # the red button twice is one recording
        await desk.wait_for_selector('[data-testid="room"][data-phase="recording"]')
        await phone.wait_for_selector('[data-testid="card"]')
        assert await faults_of(phone) == []
        assert await misfits_of(phone, shot="phone-room-200") == []
        assert await misfits_of(desk, shot="desk-room-200") == []
        await _another_app_in_front(phone, desk)
        await _without_network(phone, desk)

        second = await desk.context.new_page()
        await second.goto(desk.url)
        await second.wait_for_selector('[data-testid="room"][data-phase="recording"]')
        await expect(desk.get_by_text("会议室已在另一个窗口打开")).to_be_visible()
        await desk.get_by_role("button", name="在这里继续").click()
        await expect(second.get_by_text("会议室已在另一个窗口打开")).to_be_visible()
        await second.close()
        await desk.wait_for_selector('[data-testid="room-more"]')
        await desk.click('[data-testid="room-more"]')
        await desk.locator('[data-testid="abort-session"]:visible').click()
        await desk.locator(".el-message-box textarea").fill("客户家中有急事，另约时间")
        await desk.locator(".el-message-box__btns .el-button--primary").click()
        await expect(desk.get_by_text("会话已中止").first).to_be_visible()
        await expect(phone.get_by_text("中止").first).to_be_visible()
        recordings = (await house.ask(desk, f"/api/v1/recordings?case_id={agent.case_id}"))["items"]
        assert len(recordings) == 1
        seat = next(person["seat_id"] for person in view["people"] if person["kind"] == "customer")
        journal = (house.service.data_dir / "recordings" / recordings[0]["id"] / "journal.ndjson").read_text().splitlines()
        gaps = {entry["kind"] for entry in map(json.loads, journal) if entry["type"] == "gap" and entry["seat_id"] == seat}
        assert "hidden" in gaps


async def _another_app_in_front(phone: Page, desk: Page) -> None:
    """The customer looks at something else: the agent sees it, and it is on the timeline."""
    state = "state => { Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });"
    change = f"{state} document.dispatchEvent(new Event('visibilitychange')) }}"
    told = desk.locator('[data-testid="alert"][data-code="hidden"]')
    await phone.evaluate(change, "hidden")
    await expect(told).to_be_visible()
    await picture(desk, "desk-room-customer-elsewhere")
    await phone.evaluate(change, "visible")
    await expect(told).to_have_count(0)


async def _without_network(phone: Page, desk: Page) -> None:
    """The phone is told that it has no network: it says so, and is back in its seat by itself when there is one again.

    Chromium's switch leaves media links alone; those are cut by the link emulator in `tests/media`.
    """
    await phone.context.set_offline(True)
    await expect(phone.get_by_text("手机没有网络了")).to_be_visible()
    await picture(phone, "phone-no-network")
    assert await faults_of(phone) == []
    assert await misfits_of(phone, shot="phone-offline-200") == []
    tile = desk.locator('[data-testid="person-tile"]').first
    await phone.context.set_offline(False)
    await expect(phone.get_by_test_id("full-busy")).to_have_count(0)
    await expect(tile).to_have_attribute("data-presence", "present")


async def _reject(page: Page, house: House, case_id: str, node_id: str, *, drives_player: bool = False) -> None:
    await page.goto(f"{house.service.url}/desk/inspections")
    await page.locator(f'[data-testid="inspection-row"][data-case-id="{case_id}"]').click()
    if drives_player:
        await player.keys_move_the_film(page)
        await player.lists_jump(page, watermark="赵柳")
        await player.access_log_names(page, "赵柳")
        assert await faults_of(page) == []
        for width, height in ((1280, 720), (1024, 768), (820, 700)):
            assert await misfits_at(page, width, height) == []
    await page.click('[data-testid="lock"]')
    await page.locator(f'[data-node="{node_id}"]').click()
    await page.locator("[data-reason]").first.click()
    await page.fill('[data-testid="fail-text"]', "客户的应答听不清，请在安静的地方补录这一环节，让客户清楚地回答")
    await page.click('[data-testid="node-fail"]')
    await page.click('[data-testid="reject"]')  # at once: the verdict is still on its way
    await page.locator('[data-testid="reject-note"]').fill("这一环节的客户应答听不清楚，请补录之后再送来检查。")
    await page.click('[data-testid="confirm-reject"]')
    await wait_state(page, house.service.url, case_id, {"rejected"}, timeout_s=120)


async def _join_without_camera(customer: Customer, code: str, house: House) -> None:
    page = customer.person.page
    await page.goto(f"{house.service.url}/m/join?code={code}")
    await page.fill('[data-testid="phone-last4"]', customer.phone[-4:])
    await page.click('[data-testid="send-sms"]')
    await page.fill('[data-testid="sms-code"]', await house.outbox.code(customer.phone))
    await page.wait_for_selector('[data-testid="claim"]')
    for label in await page.locator("label.choice").all():
        await label.click()
    await page.click('[data-testid="claim"]')
    await page.wait_for_selector('[data-testid="consent-agree"]')
    for tick in await page.locator('label:has(input[data-testid^="consent-"])').all():
        await tick.click()
    await page.click('[data-testid="consent-agree"]')
    await page.click('[data-testid="open-devices"]')


async def test_override_return_share_rejection_and_appeal(house: House) -> None:
    """P2026010004: beside the agent. Unclear three times, judged by the agent; a reload; rejected, appealed."""
    unclear, yes, agree = assets.clip("aishell3/SSB00570140.wav"), assets.clip("shi4_de"), assets.clip("tong2_yi4")
    async with house.agent("zhangsan") as agent, house.phone() as phone:
        desk = agent.person.page
        await agent.open_case("P2026010004", {"*": house.images})
        customer = Customer(Person("customer", phone), house.service.url, "13800004001", {"*": [yes]})
        await agent.create_session()
        await agent.enter()
        await customer.join(agent.join_code, house.outbox.code)
        await agent.start()
        await _affirm(desk, phone, agree)
        await _to_node(desk, "payment_and_term")
        for attempt in range(3):
            await _answers(phone, unclear)
            await _card(desk, "unclear")
            if attempt < 2:
                assert await desk.locator('[data-testid="override-answer"]').count() == 0  # not before the tries are used up
                await desk.click('[data-testid="replay-prompt"]:not([disabled])')
                await _card(desk, "listening")
        await desk.click('[data-testid="override-answer"]')
        await desk.locator('[data-testid="override-affirmative"]').click()
        await desk.locator('[data-testid="override-reason"]').fill("点头")
        await desk.click('[data-testid="override-submit"]')
        await expect(desk.locator(".el-message").last).to_contain_text("理由太短")
        await desk.locator('[data-testid="override-reason"]').fill("客户点头并小声回答清楚，当面可以听见")
        await desk.click('[data-testid="override-submit"]')
        await _card(desk, "overridden")
        await desk.get_by_role("button", name="记录客户疑问与解答").click()
        await desk.get_by_label("记录客户疑问与解答").fill("客户问是否可以按年交，已依条款第三条解答")
        await desk.keyboard.press("Enter")
        await expect(desk.get_by_text("已依条款第三条解答")).to_be_visible()

        # The agent's own screen: everybody sees it, the next step waits for its end.
        await desk.click('[data-testid="start-screen"]')
        await expect(desk.locator('[data-testid="share"]')).to_have_attribute("data-mine", "true")
        await expect(phone.get_by_label("业务员展示的内容")).to_be_visible(timeout=15_000)
        await expect(desk.locator('[data-testid="advance"]')).to_be_disabled()
        assert await faults_of(desk) == []
        await desk.click('[data-testid="stop-screen"]')
        await expect(desk.locator('[data-testid="share"]')).to_have_count(0)

        # A reload of the phone and of the desk: the same seats in the same recording.
        before = await house.ask(desk, f"/api/v1/sessions/{agent.session_id}")
        await phone.reload()
        await phone.wait_for_selector('[data-testid="room"][data-phase="recording"]')
        await desk.reload()
        await desk.wait_for_selector('[data-testid="room"][data-phase="recording"]')
        await _to_node(desk, "read_documents")
        after = await house.ask(desk, f"/api/v1/sessions/{agent.session_id}")
        assert [p["seat_id"] for p in after["people"]] == [p["seat_id"] for p in before["people"]]
        assert after["recording"]["recording_id"] == before["recording"]["recording_id"]

        await desk.locator('[data-testid^="confirm-on-site-"]').click()
        await _to_node(desk, "closing")
        await _affirm(desk, phone, yes)
        await desk.click('[data-testid="end-recording"]:not([disabled])')
        await desk.dblclick('[data-testid="confirm-end"]')
        await desk.wait_for_selector('[data-testid="back-to-case"]')
        await desk.click('[data-testid="back-to-case"]')
        await wait_state(desk, house.service.url, agent.case_id, {"pending_inspection"}, timeout_s=240)
        first = (await house.ask(desk, f"/api/v1/recordings?case_id={agent.case_id}"))["items"][0]
        gaps = (await house.ask(desk, f"/api/v1/recordings/{first['id']}/timeline"))["gaps"]
        assert gaps

        async with staff(house.browser, house.service, cast.INSPECTOR, cast.PASSWORD) as inspector:
            answers = await house.ask(inspector, f"/api/v1/recordings/{first['id']}/answers")
            overridden = [(one["node_id"], one["override_reason"]) for one in answers if one["override_verdict"]]
            assert overridden == [("payment_and_term", "客户点头并小声回答清楚，当面可以听见")]
            await _reject(inspector, house, agent.case_id, "payment_and_term", drives_player=True)
        await desk.reload()
        await expect(desk.get_by_text("客户的应答听不清，请在安静的地方补录这一环节，让客户清楚地回答")).to_be_visible()
        await desk.get_by_role("button", name="申诉").first.click()
        await desk.locator(".el-dialog:visible textarea").fill("当时客户在场点头确认，录像可见，请复核。")
        await desk.locator(".el-dialog:visible .el-button--primary").click()
        await expect(desk.locator(".el-message").last).to_contain_text("申诉")


async def _record(house: House, agent: Agent, phone: Page) -> dict[str, Any]:
    """Code, phone, room, two nodes, end; the recording once its case waits for inspection."""
    yes, agree = assets.clip("shi4_de"), assets.clip("tong2_yi4")
    desk, customer = agent.person.page, Customer(Person("customer", phone), house.service.url, "13800002001", {"*": [yes]})
    await agent.create_session()
    await agent.enter()
    await customer.join(agent.join_code, house.outbox.code)
    await agent.start()
    await _affirm(desk, phone, agree)
    await _to_node(desk, "closing")
    await _affirm(desk, phone, yes)
    await desk.click('[data-testid="end-recording"]:not([disabled])')
    await desk.click('[data-testid="confirm-end"]')
    await desk.wait_for_selector('[data-testid="back-to-case"]')
    await desk.click('[data-testid="back-to-case"]')
    await wait_state(desk, house.service.url, agent.case_id, {"pending_inspection"}, timeout_s=240)
    newest: dict[str, Any] = (await house.ask(desk, f"/api/v1/recordings?case_id={agent.case_id}"))["items"][0]
    return newest


async def test_a_rejected_case_is_recorded_again_and_passes(house: House) -> None:
    """P2026010002: rejected, appealed, recorded again with everybody joining anew; the first recording stays as it was."""
    path = "/api/v1/talk-scripts/standard-life/versions"
    number = (await call(house.admin, house.service, "POST", path, {"content": shortest_script(), "note": ""}))["body"]["version"]
    assert (await call(house.admin, house.service, "POST", f"{path}/{number}/publish", {}))["status"] == 200
    async with house.agent("lisi") as agent:
        desk, url = agent.person.page, house.service.url
        await agent.open_case("P2026010002", {"*": house.images})
        async with house.phone() as phone:
            first = await _record(house, agent, phone)
        assert (first["kind"], first["parent_id"]) == ("initial", None)
        untouched = await _manifest(desk, house, first)
        async with staff(house.browser, house.service, cast.INSPECTOR, cast.PASSWORD) as inspector:
            await _reject(inspector, house, agent.case_id, "closing")

            await desk.reload()
            outcome = desk.locator('[data-testid="case-outcome"]')
            await expect(outcome).to_contain_text("客户的应答听不清，请在安静的地方补录这一环节，让客户清楚地回答")
            await expect(outcome).to_contain_text("完成补录")  # until when
            await picture(desk, "desk-case-rejected")
            await desk.get_by_role("button", name="申诉").first.click()
            await desk.locator(".el-dialog:visible textarea").fill("当时客户在场点头确认，录像可见，请复核。")
            await desk.locator(".el-dialog:visible .el-button--primary").click()
            await expect(outcome).to_have_attribute("data-state", "appealed")
            await desk.click('[data-testid="start-supplementary"]')
            await expect(desk.locator('[data-testid="case-state"]')).to_have_attribute("data-state", "supplementary")
            await expect(desk.get_by_role("button", name="申诉")).to_have_count(0)
            assert await faults_of(desk) == []
            async with house.phone() as phone:  # a phone that knows nothing of the first call
                second = await _record(house, agent, phone)
            assert (second["kind"], second["parent_id"]) == ("supplementary", first["id"])
            assert second["session_id"] != first["session_id"]
            assert (await _manifest(desk, house, second))["recording"]["parent_id"] == first["id"]

            await expect(desk.locator('[data-testid="case-progress"]')).to_have_count(2)
            await expect(desk.locator('[data-testid="case-progress"]').first).to_contain_text("补充第 1 次录制")
            await picture(desk, "desk-case-supplementary")
            queue = (await house.ask(inspector, f"/api/v1/inspections?q={agent.case_id}"))["items"]
            assert {one["recording_id"]: (one["state"], one["is_supplementary"]) for one in queue} == {
                first["id"]: ("rejected", False), second["id"]: ("queued", True),  # the appeal is answered by the new recording
            }  # fmt: skip
            newer = next(one["id"] for one in queue if one["is_supplementary"])
            await inspector.goto(f"{url}/desk/inspections/{newer}")
            await inspector.click("#tab-history")
            await expect(inspector.locator('[data-testid="other-recordings"]')).to_contain_text("让客户清楚地回答")
            assert await faults_of(inspector) == []
            await review(inspector, url, agent.case_id)
            archive = await download_package(inspector, url, second["id"], house.folder / "second.zip")
        await desk.reload()
        await expect(desk.locator('[data-testid="case-state"]')).to_have_attribute("data-state", "passed")
        await expect(desk.locator('[data-testid="case-outcome"]')).to_have_count(2)
        with zipfile.ZipFile(archive) as package:
            listed = json.loads(package.read("annex/recordings-of-case.json"))
            assert first["id"] in package.read("index.html").decode()
        assert [(one["id"], one["parent_id"], one["inspection"]) for one in listed] == [
            (first["id"], None, "rejected"), (second["id"], first["id"], "passed"),
        ]  # fmt: skip
        assert await _manifest(desk, house, first) == untouched
        verified = await call(house.admin, house.service, "POST", f"/api/v1/recordings/{first['id']}/verify")
        assert verified["body"]["is_intact"]
        assert [one["id"] for one in (await house.ask(desk, f"/api/v1/recordings/{first['id']}"))["supplements"]] == [
            second["id"]
        ]


async def _manifest(page: Page, house: House, recording: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await house.ask(page, f"/api/v1/recordings/{recording['id']}/manifest")
    return found
