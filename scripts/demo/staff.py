"""Hands of the other staff: the administrator who sees the outbox, the inspector who reviews."""

import asyncio
import contextlib
import re
import time
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page
from playwright.async_api import TimeoutError as Timeout

from scripts.demo.drive import Shot, Stuck, no_shot

_DOWNLOAD = aiohttp.ClientTimeout(total=600)


async def api(page: Page, url: str, path: str) -> Any:
    """GET a JSON endpoint with the page's sign-in. Raises `RuntimeError` for anything but success."""
    response = await page.request.get(f"{url}{path}")
    if not response.ok:
        raise RuntimeError(f"{path}: {response.status} {await response.text()}")
    return await response.json()


class Outbox:
    """Reads codes and links out of the administrators' outbox (texts are readable in development only)."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._url = url
        self._used: set[str] = set()

    async def code(self, phone: str) -> str:
        """The newest unused verification code sent to a phone."""
        return await self._find(phone, r"验证码是(\d{6})", 90)

    async def link(self, phone: str, pattern: str = r"(https?://\S+)", seconds: float = 90) -> str:
        """A link sent to a phone."""
        return await self._find(phone, pattern, seconds)

    async def _find(self, phone: str, pattern: str, seconds: float) -> str:
        async with asyncio.timeout(seconds):
            while True:
                page = await api(self._page, self._url, "/api/v1/admin/outbox?page_size=50")
                for item in page["items"]:
                    found = re.search(pattern, item["text"])
                    if found and item["id"] not in self._used and item["to_masked"][-4:] == phone[-4:]:
                        self._used.add(item["id"])
                        return found[1]
                await asyncio.sleep(0.3)


async def wait_state(page: Page, url: str, case_id: str, wanted: set[str], *, timeout_s: float = 600) -> str:
    """Wait until a case is in one of the states, for as long as anything moves: a long film on a busy machine is slow, not stuck.

    Args:
        timeout_s: so long neither the case's state nor a step of finalising may stand still.

    Raises:
        Stuck: nothing moved for that long, or finalising failed.
    """
    seen, since = "", time.monotonic()
    while True:
        state: str = (await api(page, url, f"/api/v1/cases/{case_id}"))["state"]
        if state in wanted:
            return state
        steps = await _steps(page, url, case_id)
        if f"{state} {steps}" != seen:
            seen, since = f"{state} {steps}", time.monotonic()
        elif time.monotonic() - since > timeout_s:
            raise Stuck(f"case {case_id} is {state} and did not move for {timeout_s:.0f} s: {steps}")
        await asyncio.sleep(0.5)


async def _steps(page: Page, url: str, case_id: str) -> str:
    """What finalising the case's recordings has come to. Raises `Stuck` for a recording that failed."""
    told = []
    for item in (await api(page, url, f"/api/v1/recordings?case_id={case_id}"))["items"]:
        recording = await api(page, url, f"/api/v1/recordings/{item['id']}")
        steps = [f"{s['name']} {s['state']} {s['progress']} {s['tries']} {s['error_code'] or ''}" for s in recording["steps"]]
        told.append(f"{recording['state']}: {', '.join(steps)}")
        if recording["state"] == "failed":
            raise Stuck(f"finalising failed: {told[-1]}")
    return "; ".join(told)


async def review(page: Page, url: str, case_id: str, shot: Shot = no_shot) -> None:
    """Inspect a case and pass it, on the pages."""
    await page.goto(f"{url}/desk/inspections")
    row = page.locator(f'[data-testid="inspection-row"][data-case-id="{case_id}"]')
    await row.wait_for()
    await shot(page, "desk-inspections")
    await row.click()
    await page.wait_for_selector('[data-testid="review"]')
    await page.click('[data-testid="lock"]')
    await page.wait_for_selector('[data-testid="pass"]')
    await shot(page, "desk-review")
    await page.click('[data-testid="play"]')
    await asyncio.sleep(2)
    await shot(page, "desk-review-playing")
    lane = await page.locator(".lanes .track").first.bounding_box()
    if lane is not None:
        await page.mouse.move(lane["x"] + lane["width"] * 0.6, lane["y"] + lane["height"] / 2)
        await page.wait_for_selector('[data-testid="peek"]')
        await shot(page, "desk-review-peek")
    await _watch(page, url)
    await _judge_every_node(page)
    await page.click('[data-testid="pass"]')
    await page.wait_for_selector('[data-testid="confirm-pass"]')
    box = page.locator('[data-testid="acknowledge"]')
    if await box.count():
        await box.click()
    for field in await page.locator(".el-dialog textarea:visible, .el-dialog input[data-check]:visible").all():
        await field.fill("已核对录像与台账，情况属实，同意通过。")
    await shot(page, "desk-review-pass")
    await page.click('[data-testid="confirm-pass"]')
    await wait_state(page, url, case_id, {"passed"}, timeout_s=120)


async def _watch(page: Page, url: str, most_s: float = 900) -> None:
    """Play the film from its first node to its end at twice the speed, and what is still missing after it, until the server has
    credited what the rules ask. Where they ask for no share of the whole film, only a little of each node.

    Raises:
        Stuck: the film does not play.
    """
    for _ in range(3):
        await page.keyboard.press("r")
    deadline = time.monotonic() + most_s
    asked = (await api(page, url, f"/api/v1/inspections/{page.url.rpartition('/')[2]}"))["watch"]
    left: list[str] = [] if asked["needed_share"] else asked["unseen_nodes"]
    while time.monotonic() < deadline:
        for node_id in left:
            stays = page.locator(f'[data-node="{node_id}"]')
            for number in range(await stays.count()):
                await stays.nth(number).click()
                await _plays_on(page, 2_300)
        if not left:
            await page.locator("[data-node]").first.click()
            await _plays_on(page, None, deadline - time.monotonic())
        await page.click('[data-testid="pass"]')
        await page.wait_for_selector('[data-testid="confirm-pass"]')
        with contextlib.suppress(Timeout):  # what was played last is being told
            await page.get_by_test_id("unwatched").wait_for(state="detached", timeout=6_000)
        is_enough = not await page.get_by_test_id("unwatched").count()
        left = await page.locator('[data-testid="unwatched"] [data-unseen]').evaluate_all(
            "all => all.map(one => one.dataset.unseen)"
        )
        await page.click(".el-dialog__headerbtn")
        await page.locator(".el-dialog").wait_for(state="hidden")
        if is_enough:
            return
    raise Stuck("the film was not watched to its end")


async def _judge_every_node(page: Page) -> None:
    """Say of each node that it passes."""
    if not await page.evaluate("document.querySelector('[data-testid=player]').paused"):
        await page.click('[data-testid="play"]')
    nodes = page.locator("[data-node]")
    for number in range(await nodes.count()):
        node = nodes.nth(number)
        if await node.locator(".verdict").count():
            continue  # judged where it came up before
        await node.click()
        name = await node.get_attribute("data-node")
        await page.locator(f'[data-testid="judged-node"][data-node-id="{name}"]').wait_for()
        await page.click('[data-testid="node-pass"]')
        await node.locator(".verdict").wait_for()


async def _plays_on(page: Page, film_ms: int | None, most_s: float = 30) -> None:
    """Let the film run for so much of its own time, or to its end."""
    await page.wait_for_function("() => !document.querySelector('[data-testid=player]').seeking")
    at = int(await page.get_by_test_id("review").get_attribute("data-t") or 0)
    if await page.evaluate("document.querySelector('[data-testid=player]').paused"):
        await page.click('[data-testid="play"]')
    await page.wait_for_function(
        "([at, more]) => document.querySelector('[data-testid=player]').ended"
        " || (more && Number(document.querySelector('[data-testid=review]').dataset.t) > at + more)",
        arg=[at, film_ms or 0],
        timeout=max(1.0, most_s) * 1_000,
    )


async def download_package(page: Page, url: str, recording_id: str, target: Path) -> Path:
    """Fetch the regulator package of a sealed recording, streamed to a file (a browser would hold it in memory)."""
    cookies = {str(cookie.get("name")): str(cookie.get("value")) for cookie in await page.context.cookies(url)}
    address = f"{url}/api/v1/recordings/{recording_id}/package"
    async with aiohttp.ClientSession(cookies=cookies) as http, http.get(address, timeout=_DOWNLOAD) as response:
        if response.status != 200:
            raise RuntimeError(f"package: {response.status} {await response.text()}")
        with target.open("wb") as file:
            async for chunk in response.content.iter_chunked(1 << 20):
                file.write(chunk)
    return target
