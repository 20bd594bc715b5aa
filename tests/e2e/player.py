"""Drives the player of an inspection by its keys, lists and lanes, on a real recording, and looks at what it shows."""

import asyncio
import re

from playwright.async_api import Page, expect

_AT = "([t, within]) => Math.abs(Number(document.querySelector('[data-testid=review]')?.dataset.t) - t) <= within"
_FILM = "() => { const v = document.querySelector('[data-testid=player]'); return v && (%s); }"


async def at(page: Page) -> int:
    """Where the film stands, in milliseconds of the session."""
    return int(await page.get_by_test_id("review").get_attribute("data-t") or -1)


async def reaches(page: Page, t_ms: float, *, within: float = 120) -> None:
    """Wait until the film stands there, and the picture of that moment is decoded."""
    await page.wait_for_function(_AT, arg=[t_ms, within])
    await page.wait_for_function(_FILM % "!v.seeking && v.readyState >= 2")


async def keys_move_the_film(page: Page) -> None:
    """Arrows and j, l by five seconds; comma and full stop by a frame; r through the speeds; the space bar plays and pauses."""
    await page.wait_for_function(_FILM % "v.readyState >= 2 && v.videoWidth > 0")
    await reaches(page, 0)
    await page.keyboard.press("ArrowRight")
    await reaches(page, 5_000)
    await page.keyboard.press("l")
    await reaches(page, 10_000)
    await page.keyboard.press("ArrowLeft")
    await reaches(page, 5_000)
    before = await at(page)
    await page.keyboard.press(".")
    await page.wait_for_function(_AT.replace("<= within", "> within"), arg=[before, 0])
    await reaches(page, before, within=140)  # the middle of the next frame
    stepped = await at(page)
    assert before < stepped
    await page.keyboard.press(",")
    await page.wait_for_function("t => Number(document.querySelector('[data-testid=review]').dataset.t) < t", arg=stepped)
    for rate in (1.25, 1.5, 2, 1):
        await page.keyboard.press("r")
        assert await page.evaluate(_FILM % "v.playbackRate") == rate
    await page.keyboard.press(" ")
    await page.wait_for_function(_FILM % "!v.paused")
    await page.wait_for_function("t => Number(document.querySelector('[data-testid=review]').dataset.t) > t", arg=stepped + 1_000)
    await page.keyboard.press(" ")
    await page.wait_for_function(_FILM % "v.paused")


async def lists_jump(page: Page, watermark: str) -> None:
    """Nodes by key and by click, transcript lines, the lanes; the watermark names who looks; a person's track keeps the clock."""
    rail = page.locator("[data-node]")
    starts = [await rail.nth(number).locator(".at").inner_text() for number in range(await rail.count())]
    seconds = [int(minute) * 60 + int(second) for minute, second in (start.split(":")[-2:] for start in starts)]
    await rail.first.click()
    await reaches(page, seconds[0] * 1_000, within=1_000)
    await page.keyboard.press("n")
    await reaches(page, seconds[1] * 1_000, within=1_000)
    await expect(rail.nth(1)).to_have_attribute("aria-current", "step")
    await page.keyboard.press("p")
    await reaches(page, seconds[0] * 1_000, within=1_000)
    line = page.locator("[data-line]").last
    if await line.count():
        text = await line.locator(".dr-number").inner_text()
        minute, second = text.split(":")[-2:]
        await line.click()
        await reaches(page, (int(minute) * 60 + int(second)) * 1_000, within=1_000)
        await expect(line).to_have_class(re.compile(r"\bnow\b"))
    await expect(page.locator(".watermark")).to_contain_text(watermark)
    length = float(await page.evaluate(_FILM % "v.duration")) * 1_000
    lane = page.locator(".lanes .track").first
    box = await lane.bounding_box()
    assert box is not None
    await lane.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    await reaches(page, length / 2, within=length / 50)
    early = 2_000  # every case has the first person's first file then; later files begin where somebody came back
    await lane.click(position={"x": box["width"] * early / length, "y": box["height"] / 2})
    await reaches(page, early, within=length / 50)
    early = await at(page)
    await page.get_by_test_id("track").click()
    options = page.locator(".el-select-dropdown__item:visible")
    await options.first.wait_for()
    names = await options.all_inner_texts()
    person = next(number for number, name in enumerate(names) if "画面与声音" in name)
    await options.nth(person).click()
    await page.wait_for_function(_FILM % "v.readyState >= 2 && v.videoWidth > 0")
    await asyncio.gather(reaches(page, early, within=500), expect(page.get_by_test_id("track")).to_contain_text(names[person]))


async def access_log_names(page: Page, name: str) -> None:
    """Who looked is shown beside the history."""
    await page.locator("#tab-history").click()
    await expect(page.get_by_test_id("access-log")).to_contain_text(name)
    await expect(page.get_by_test_id("access-log")).to_contain_text("打开播放器")
    await page.locator("#tab-transcript").click()
