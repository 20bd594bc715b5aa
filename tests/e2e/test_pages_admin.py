"""Administration through the pages, on a service without models: registration, accounts, talk scripts, outbox, health."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from scripts.demo import cast
from scripts.demo.browser import CHROMIUM, chromium
from scripts.demo.drive import sign_in
from scripts.demo.service import RunningService, running
from scripts.demo.staff import Outbox
from tests.e2e.pages import call, console_of, faults_of, spills_of, staff

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class House:
    """The service, a browser, and the administrator's page."""

    service: RunningService
    browser: BrowserContext
    admin: Page

    async def go(self, path: str) -> Page:
        await self.admin.goto(f"{self.service.url}/desk/{path}")
        return self.admin


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], None]) -> AsyncIterator[House]:
    if not Path(CHROMIUM).exists():
        need("Chromium", "apt-get install chromium, or set DR_CHROMIUM")
    folder = tmp_path_factory.mktemp("pages")
    no_models = {"DR_MODEL_DIR": str(folder / "no-models"), "DR_MODEL_MIRROR": str(folder / "no-models")}
    async with (
        running(folder / "data", **no_models) as service,
        async_playwright() as playwright,
        chromium(None, is_phone=False, playwright=playwright) as browser,
    ):
        page = await browser.new_page()
        await sign_in(page, service.url, cast.ADMINISTRATOR, cast.PASSWORD)
        yield House(service, browser, page)


async def test_an_agent_registers_and_works_once_approved(house: House) -> None:
    url, outbox = house.service.url, Outbox(house.admin, house.service.url)
    assert house.browser.browser is not None
    context = await house.browser.browser.new_context(locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{url}/desk/register")
    await page.get_by_role("radio", name="中介公司员工").click()
    await page.click(".submit")
    await expect(page.locator("#company_code-fault")).to_have_text("请填写中介公司代码")
    values = {
        "agent_name": "钱来", "company_code": "Z300", "work_no": "0042", "licence_no": "02000111010080002026009042",
        "org_code": "110103", "phone": "13912340042", "password": "short", "password_again": "other",
    }  # fmt: skip
    for field, value in values.items():
        await page.fill(f"#{field}", value)
    await page.get_by_role("radio", name="女").check(force=True)
    await page.fill("#sms_code", "000000")
    await page.click(".submit")
    await expect(page.locator("#password-fault")).to_have_text("至少 10 个字符")
    await expect(page.locator("#password_again-fault")).to_have_text("两次输入的密码不一致")
    assert await faults_of(page) == []
    for field in ("password", "password_again"):
        await page.fill(f"#{field}", "Langes-Passwort-42")
    await page.click(".submit")
    await expect(page.get_by_role("alert")).to_contain_text("短信验证码不正确或已过期")
    await page.get_by_role("button", name="获取验证码").click()
    await page.fill("#sms_code", await outbox.code("13912340042"))
    await page.dblclick(".submit")
    await expect(page.locator("h2")).to_have_text("注册已提交")
    await expect(page.locator(".state p")).to_contain_text("z300-0042")

    await page.goto(f"{url}/desk/sign-in")
    await page.fill('[data-testid="login-username"]', "z300-0042")
    await page.fill('[data-testid="login-password"]', "Langes-Passwort-42")
    await page.click('[data-testid="login-submit"]')
    await expect(page.get_by_role("alert")).to_contain_text("还在审核中")

    admin = await house.go("")
    await expect(admin.locator('[data-testid="overview"]')).to_be_visible()
    await admin.locator('[data-testid="todo"][data-key="pending"] button').click()
    row = admin.locator("tr", has=admin.locator('[data-testid="user-row"][data-login="z300-0042"]'))
    await expect(row).to_contain_text("02000111010080002026009042")
    await row.locator('[data-testid="approve-user"]').click()
    await admin.get_by_role("button", name="通过审核").last.click()
    await expect(row).to_have_count(0)
    await expect(admin.get_by_text("没有符合条件的账号")).to_be_visible()
    assert "z300-0042" in await outbox.link("13912340042", r"(账号\S+已开通)")

    await page.click('[data-testid="login-submit"]')
    await expect(page.locator('[data-testid="new-case"]').first).to_be_visible()
    await context.close()


async def test_an_account_is_made_reset_and_disabled(house: House) -> None:
    admin = await house.go("admin/users")
    await admin.click('[data-testid="new-user"]')
    drawer = admin.locator(".el-drawer")
    for name, value in {"登录账号": "lin.zhijian", "姓名": "林质检", "初始密码": "Erstes-Passwort-1"}.items():
        await drawer.get_by_label(name).first.fill(value)
    await drawer.get_by_text("质检员", exact=True).click()
    await drawer.get_by_text("业务员", exact=True).click()
    await drawer.get_by_role("button", name="保存").click()
    await expect(drawer.get_by_role("alert")).to_contain_text("须分开")
    await drawer.get_by_text("业务员", exact=True).click()
    await drawer.get_by_role("button", name="保存").click()
    row = admin.locator("tr", has=admin.locator('[data-testid="user-row"][data-login="lin.zhijian"]'))
    await expect(row).to_contain_text("须修改密码")

    async with staff(house.browser, house.service, "lin.zhijian", "Erstes-Passwort-1") as page:
        await expect(page.get_by_role("alert")).to_contain_text("请先修改密码")
        await page.goto(f"{house.service.url}/desk/inspections")
        await expect(page.locator("h1")).to_have_text("我的账号")  # nothing else is open before
        for label, value in {
            "当前密码": "falsch-falsch",
            "新密码": "Zweites-Passwort-2",
            "再次输入新密码": "Zweites-Passwort-2",
        }.items():
            await page.get_by_label(label, exact=True).fill(value)
        await page.get_by_role("button", name="保存新密码").click()
        await expect(page.locator(".el-message").last).to_contain_text("当前密码不正确")
        await page.get_by_label("当前密码", exact=True).fill("Erstes-Passwort-1")
        await page.get_by_role("button", name="保存新密码").click()
        await expect(page.locator(".page > .el-alert")).to_have_count(0)
        await page.goto(f"{house.service.url}/desk/")
        await page.wait_for_url("**/inspections")

        await admin.reload()
        await row.get_by_role("button", name="更多操作").click()
        await admin.locator('[data-testid="reset-password"]:visible').click()
        await admin.get_by_role("button", name="重置密码").click()
        one_time = await admin.locator('[data-testid="one-time-password"]').inner_text()
        await admin.get_by_role("button", name="我已记下").click()
        await page.reload()
        await page.wait_for_selector('[data-testid="login-submit"]')  # every session ended
    async with staff(house.browser, house.service, "lin.zhijian", one_time) as page:
        await expect(page.get_by_role("alert")).to_contain_text("请先修改密码")
        await admin.reload()
        await row.get_by_role("button", name="更多操作").click()
        await admin.locator('[data-testid="disable-user"]:visible').click()
        await admin.get_by_role("button", name="停用").last.click()
        await expect(row.locator('[data-testid="user-row"]')).to_have_attribute("data-status", "disabled")
        await page.reload()
        await page.fill('[data-testid="login-username"]', "lin.zhijian")
        await page.fill('[data-testid="login-password"]', one_time)
        await page.click('[data-testid="login-submit"]')
        await expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")


async def test_a_talk_script_is_edited_checked_compared_and_published(house: House) -> None:
    admin = await house.go("admin/scripts/standard-life/1")
    await admin.click('[data-testid="edit-script"]')
    node = admin.locator("article.node", has=admin.get_by_label("环节名称")).first
    title, text = node.get_by_label("环节名称"), node.locator("textarea").first
    before = await title.input_value()
    await admin.get_by_label("说明", exact=True).fill("把身份环节的标题写得更清楚")
    await title.fill(" ")
    await admin.click('[data-testid="save-script"]')
    alert = admin.get_by_role("alert")
    await expect(alert).to_contain_text("话术内容有误")
    await expect(alert.locator("li")).to_contain_text("名称：请填写文字")
    assert "{" not in await alert.inner_text()  # words, not codes
    await title.fill(f"{before}（更清楚）")
    await text.fill("请{{no_such_field}}出示证件。")
    await expect(node.locator(".warn").last).to_contain_text("no_such_field")
    await admin.click('[data-testid="save-script"]')
    await expect(alert.locator("li")).to_contain_text("没有“no_such_field”这个合并字段")
    await text.fill("请出示证件，并介绍自己。")
    await admin.dblclick('[data-testid="save-script"]')
    await admin.wait_for_url("**/standard-life/2")
    await expect(admin.get_by_test_id("publish-script")).to_be_visible()  # the new version is on the page
    await admin.get_by_role("combobox", name="与其他版本比较").click(force=True)
    await admin.get_by_role("option", name="与第 1 版比较").dispatch_event("click")  # wherever the opening list is just then
    await expect(admin.locator(".after").first).to_contain_text("（更清楚）")
    assert await faults_of(admin) == []
    await house.go("")
    await expect(admin.locator('[data-testid="todo"][data-key="draft"]')).to_contain_text("第 2 版")
    await admin.locator('[data-testid="todo"][data-key="draft"] button').click()
    await admin.click('[data-testid="publish-script"]')
    await admin.get_by_role("button", name="发布").last.click()
    await expect(admin.get_by_text("已发布").first).to_be_visible()
    versions = await call(admin, house.service, "GET", "/api/v1/talk-scripts/standard-life/versions")
    assert [(v["version"], v["status"]) for v in versions["body"]["items"]] == [(2, "published"), (1, "retired")]


async def test_what_is_off_without_models_is_said_on_console_and_pages(house: House) -> None:
    admin = await house.go("")
    off = admin.locator('[data-testid="todo"][data-key="off"], [data-testid="todo"][data-key="down"]')
    await expect(off.first).to_be_visible()
    said = " ".join(await off.all_inner_texts())
    console = console_of(house.service)
    for what in ("应答判定", "视觉模型"):
        assert what in said, said
        assert f"! {what}" in console, console
    await house.go("admin/health")
    states = admin.locator('[data-testid="health-item"]')
    await expect(states.first).to_be_visible()
    by_name = {await item.get_attribute("data-name"): await item.get_attribute("data-status") for item in await states.all()}
    assert by_name["数据库"] == "up"
    assert all(status != "up" for name, status in by_name.items() if name and name.startswith(("视觉模型", "应答判定")))


async def test_a_year_of_workdays_is_read_checked_and_published(house: House) -> None:
    year = datetime.now(UTC).year + 1
    saturday = next(one for n in range(14, 21) if (one := date(year, 2, n)).weekday() == 5)
    monday = next(one for n in range(14, 21) if (one := date(year, 9, n)).weekday() == 0)
    sunday = monday + timedelta(days=6)
    admin = await house.go("workday-calendar")
    await admin.click(f'[data-testid="calendar-{year}"]')
    await expect(admin.get_by_role("heading", name=f"{year} 年的放假和调休")).to_be_visible()
    notice = (
        f"1月1日至3日放假，共3天。2月5日至12日放假，共8天。2月{saturday.day}日上班。5月1日至5日放假。"
        "10月1日至7日放假，共7天。9月31日上班。"
    )
    await admin.fill('[data-testid="calendar-text"] textarea, textarea[data-testid="calendar-text"]', notice)
    await admin.click('[data-testid="calendar-read"]')
    await expect(admin.get_by_role("alert")).to_contain_text("没有读懂，请手工录入：9月31日上班")
    await expect(admin.locator('[data-day="2-12"]')).to_have_class("h")
    await expect(admin.locator(f'[data-day="2-{saturday.day}"]')).to_have_class("m")
    publish = admin.locator('[data-testid="calendar-publish"]')
    await expect(publish).to_be_disabled()
    await admin.click('[data-testid="add-workday"]')
    day = admin.get_by_label("调休上班的日期").last
    await day.fill(monday.isoformat())
    await day.press("Enter")
    await expect(admin.locator('[data-testid="calendar-faults"]')).to_contain_text(f"{monday} 不是周末")
    await day.fill(sunday.isoformat())
    await day.press("Enter")
    await expect(admin.locator('[data-testid="calendar-faults"]')).to_have_count(0)
    await admin.fill('[data-testid="calendar-note"] input, input[data-testid="calendar-note"]', "国务院办公厅通知")
    assert await faults_of(admin) == []
    if folder := os.environ.get("DR_SCREENS"):
        await admin.screenshot(path=str(Path(folder) / "desk-workday-calendar.png"), full_page=True)
    await publish.click()
    await expect(admin.locator("nav li", has=admin.locator(f'[data-testid="calendar-{year}"]'))).to_contain_text("已发布第 1 版")
    await admin.reload()
    await admin.click(f'[data-testid="calendar-{year}"]')
    await expect(admin.locator(f'[data-day="9-{sunday.day}"]')).to_have_class("m")


@pytest.mark.parametrize(
    "path",
    [
        "overview", "admin/users", "admin/scripts", "admin/scripts/standard-life/1", "admin/outbox", "admin/audits",
        "admin/health", "admin/jobs", "account", "cases", "inspections", "callbacks", "callback-statistics", "callback-rules",
        "workday-calendar", "search", "inspection-statistics", "custody", "disposals",
    ],
)  # fmt: skip
async def test_desk_pages_are_accessible_and_fit_at_200_percent(house: House, path: str) -> None:
    page = await house.go(path)
    await page.wait_for_selector("h1")
    await page.wait_for_selector('.async[aria-busy="true"]', state="detached")
    assert await faults_of(page) == []
    assert await spills_of(page) == []


async def test_sign_in_by_keyboard_alone(house: House) -> None:
    assert house.browser.browser is not None
    context = await house.browser.browser.new_context(locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{house.service.url}/desk/")
    await page.wait_for_selector('[data-testid="login-username"]')
    assert await faults_of(page) == []
    assert await spills_of(page) == []
    await page.focus('[data-testid="login-username"]')
    await page.keyboard.type(cast.AGENT)
    await page.keyboard.press("Tab")
    await page.keyboard.type(cast.PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("我的双录")
    await page.keyboard.press("Tab")  # the skip link comes first
    await page.keyboard.press("Enter")
    await page.wait_for_function("() => document.activeElement?.id === 'main'")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("新建双录")
    assert await faults_of(page) == []
    await page.wait_for_selector('[data-testid="proposal-row"]')
    await page.focus('[data-testid="proposal-row"][data-proposal-no="P2026010004"]')
    await page.keyboard.press("Enter")
    await expect(page.locator('[data-testid="open-case"]')).to_be_enabled()
    await page.focus('[data-testid="open-case"]')
    await page.keyboard.press("Enter")
    await page.wait_for_selector('[data-testid="case-state"]')
    assert await faults_of(page) == []
    assert await spills_of(page) == []
    await context.close()
