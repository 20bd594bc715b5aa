"""Pictures of what a finished case makes possible: searching it, hearing it again, and giving it up when its years are over."""

import asyncio
import contextlib
import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
from playwright.async_api import Page, Playwright

from scripts.demo import cast
from scripts.demo.browser import chromium
from scripts.demo.drive import Shot, sign_in
from scripts.demo.service import RunningService
from scripts.demo.staff import Outbox, api
from scripts.demo.whole_case import Outcome

REASON = "保存期限已满，按公司档案制度销毁。"


async def picture(playwright: Playwright, service: RunningService, outcome: Outcome, shot: Shot) -> None:
    """Take them all."""
    async with chromium(None, is_phone=False, playwright=playwright) as desk:
        page = await desk.new_page()
        await _searched(page, service.url, shot)
        await _heard_again(page, service.url, outcome, shot)
        await _over(page, service, outcome, shot)
        await _as(page, service.url, cast.ADMINISTRATOR)
        async with chromium(None, is_phone=True, playwright=playwright) as phone:
            await _opened_again(await phone.new_page(), Outbox(page, service.url), shot)


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


async def _as(page: Page, url: str, user: str) -> None:
    await page.context.clear_cookies()
    await sign_in(page, url, user, cast.PASSWORD)


async def _searched(page: Page, url: str, shot: Shot) -> None:
    await _as(page, url, cast.INSPECTOR)
    await page.goto(f"{url}/desk/search")
    await page.fill('[data-testid="search-words"]', "清楚")
    for label in ("录制日期从", "到"):
        field = page.get_by_label(label, exact=True)
        await field.fill(_today().isoformat())
        await field.press("Enter")
    await page.click('[data-testid="search-go"]')
    await page.locator('[data-testid="search-hit"]').first.wait_for()
    await shot(page, "desk-search")


async def _heard_again(page: Page, url: str, outcome: Outcome, shot: Shot) -> None:
    await _as(page, url, cast.OPERATOR)
    await page.goto(f"{url}/desk/callbacks/{outcome.callback['callback_id']}")
    play = page.get_by_test_id("play-said")
    await play.first.wait_for()
    await shot(page, "desk-callback-beside-recording")
    await play.first.click()
    await page.wait_for_function("() => document.querySelector('video')?.currentTime > 1")
    await shot(page, "desk-callback-recording")


async def _over(page: Page, service: RunningService, outcome: Outcome, shot: Shot) -> None:
    """The contract has ended; its ten years cannot be waited for, so the day is set back in the database."""
    url, path = service.url, f"/api/v1/proposals/{cast.PROPOSAL_NO}/contract"
    report = {"ended_on": _today().isoformat(), "end_reason": "surrendered"}
    headers = {"Authorization": f"Bearer {service.core_api_key}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.put(f"{url}{path}", json=report) as response:
        response.raise_for_status()
    await _as(page, url, "hegui")
    async with asyncio.timeout(60):
        while True:
            kept = await api(page, url, "/api/v1/custody/recordings")
            if kept["items"][0]["state"] == "retained":
                break
            await asyncio.sleep(0.5)
    await asyncio.to_thread(_set_back, service.data_dir / "service.db", (_today() - timedelta(days=1)).isoformat())
    await page.goto(f"{url}/desk/custody?state=due")
    await page.locator(".el-table__row .el-checkbox").click()
    await shot(page, "desk-custody-due")
    await page.click('[data-testid="propose"]')
    await page.get_by_test_id("disposal-reason").fill(REASON)
    await page.click('[data-testid="confirm-propose"]')
    await page.click('[data-testid="approve-disposal"]')
    await page.locator(".el-message-box .el-button--primary").click()
    await page.get_by_test_id("approve-disposal").wait_for(state="detached")
    await page.wait_for_function("() => !document.querySelector('.el-message')")  # there may be two of them
    await shot(page, "desk-disposal")


def _set_back(database: Path, day: str) -> None:
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as opened, opened:
        opened.execute("UPDATE recording_custody SET retain_until = ?", (day,))


async def _opened_again(page: Page, outbox: Outbox, shot: Shot) -> None:
    """The link of the callback, once more."""
    link = await outbox.link(cast.POLICYHOLDER[1], r"(https?://\S*/m/c#k=[\w\-]+)")
    await page.goto(link)
    await page.locator("main h2, main h1").first.wait_for()
    await asyncio.sleep(1)
    await shot(page, "phone-callback-done")
