"""What the page tests share: a service without or with models, desks for staff, and the checks every page must stand."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, expect

from scripts.demo.browser import DESK
from scripts.demo.drive import sign_in
from scripts.demo.service import RunningService
from server.settings import ROOT

expect.set_options(timeout=30_000)  # how long to look for something that will come; a busy machine is no fault
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN_AXE = """async () => {
  const result = await axe.run(document, { resultTypes: ['violations'] });
  return result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
}"""
_SPILLS = """() => {
  const wide = document.documentElement.scrollWidth;
  return wide <= window.innerWidth + 1 ? [] : [`page ${wide} > ${window.innerWidth}`];
}"""

_STILL = """() => document.getAnimations().every((a) => a.playState !== 'running'
  || a.effect?.getTiming().iterations === Infinity
  || ['width', 'stroke-dashoffset'].includes(a.transitionProperty))"""
_MISFITS = Path(__file__).with_name("misfits.js").read_text(encoding="utf-8").partition("\n")[2]
_LARGE = "html.phone.phone { font-size: 36px !important }"
SMALL_PHONES = ((360, 640), (844, 390))


async def picture(page: Page, name: str) -> None:
    """A picture of a page that only this course of events shows, into the folder `DR_SCREENS` where that is set."""
    if folder := os.environ.get("DR_SCREENS"):
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=f"{folder}/{name}.png", scale="css", animations="disabled")


async def misfits_of(page: Page, *, shot: str | None = None) -> list[str]:
    """What a person cannot reach or read at 200 %: text twice as large on a phone, half the window on a desk.

    A phone is looked at in small windows too, upright and laid across, with text of either size; `shot` takes one more picture of
    it there (`<shot>-360`).
    """
    size = page.viewport_size or {"width": 1440, "height": 900}
    full = (size["width"], size["height"])
    if size["width"] >= 600:
        return await misfits_at(page, full[0] // 2, full[1] // 2, shot)
    style = await page.add_style_tag(content=_LARGE)
    try:
        if shot:  # before anything is scrolled to be looked at
            async with _window(page, *SMALL_PHONES[0]):
                await picture(page, f"{shot}-360")
        large = [await misfits_at(page, *full, shot)] + [await misfits_at(page, *small) for small in SMALL_PHONES]
    finally:
        await style.evaluate("style => style.remove()")
    usual = [await misfits_at(page, *small) for small in SMALL_PHONES]
    return [f"200 % {one}" for found in large for one in found] + [one for found in usual for one in found]


async def misfits_at(page: Page, width: int, height: int, shot: str | None = None) -> list[str]:
    """What a person cannot reach or read in a window of this size."""
    async with _window(page, width, height):
        if shot:
            await picture(page, shot)
        found: list[str] = await page.evaluate(_MISFITS)
        return [f"{width}x{height}: {one}" for one in found]


@asynccontextmanager
async def _window(page: Page, width: int, height: int) -> AsyncIterator[None]:
    before = page.viewport_size
    await page.set_viewport_size({"width": width, "height": height})
    try:
        yield
    finally:
        if before:
            await page.set_viewport_size(before)


async def settled(page: Page) -> None:
    """Wait until nothing fades or slides any more: a colour half way is nobody's colour.

    Bars that measure (time left, sound level, progress) move as long as they measure and change no colour: not waited for.
    """
    await page.wait_for_function(_STILL)


async def faults_of(page: Page) -> list[str]:
    """Serious findings of axe-core on what is shown now."""
    if not await page.evaluate("() => !!window.axe"):
        await page.add_script_tag(path=str(AXE))
    await settled(page)
    found: list[str] = await page.evaluate(_RUN_AXE)
    return found


async def spills_of(page: Page) -> list[str]:
    """What does not fit at 200 % (half the width in CSS pixels): a page that must be moved sideways to be read."""
    size = page.viewport_size or {"width": 1440, "height": 900}
    await page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
    found: list[str] = await page.evaluate(_SPILLS)
    await page.set_viewport_size(size)
    return found


@asynccontextmanager
async def staff(browser: BrowserContext, service: RunningService, user: str, password: str) -> AsyncIterator[Page]:
    """A window of one more member of staff in the same browser, signed in."""
    assert browser.browser is not None
    context = await browser.browser.new_context(
        viewport=DESK,  # type: ignore[arg-type]
        locale="zh-CN",
        permissions=["camera", "microphone"],
    )
    context.set_default_timeout(60_000)
    try:
        page = await context.new_page()
        await sign_in(page, service.url, user, password)
        yield page
    finally:
        await context.close()


async def call(page: Page, service: RunningService, method: str, path: str, body: Any = None) -> Any:
    """An API call with the page's sign-in; the JSON with its status under `status`."""
    response = await page.request.fetch(f"{service.url}{path}", method=method, data=body)
    parsed = await response.json() if (await response.body()) else {}
    return {"status": response.status, "body": parsed}


def console_of(service: RunningService) -> str:
    """What `make run` printed."""
    return Path(f"{service.data_dir}-console.log").read_text(errors="replace")
