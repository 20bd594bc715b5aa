"""The callback of the demo case: the core system issues the policy, the customer answers on the phone."""

from datetime import UTC, datetime

import aiohttp
from playwright.async_api import Page

from scripts.demo.drive import Shot, no_shot
from scripts.demo.poses import camera_script
from server.callbacks.library import shipped_calendar
from server.ops.demo.proposals import ACCOUNT_CHARGES

EXPECTED_NO = {"Q12"}
"""The promise question: 否 is the good answer."""


async def issue_policy(url: str, core_api_key: str, proposal_no: str) -> str:
    """Tell the service that the policy is issued. Returns the policy number."""
    policy_no = f"88{proposal_no.removeprefix('P')}"
    now = datetime.now(UTC)
    body = {
        "policy_no": policy_no,
        "proposal_no": proposal_no,
        "issued_at": now.isoformat(),
        "effective_on": shipped_calendar().local_date(now).isoformat(),
        **ACCOUNT_CHARGES.get(proposal_no, {}),
    }
    headers = {"Authorization": f"Bearer {core_api_key}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.post(f"{url}/api/v1/policies", json=body) as response:
        if response.status >= 400:
            raise RuntimeError(await response.text())
    return policy_no


async def answer_callback(page: Page, link: str, shot: Shot = no_shot) -> None:
    """Face, notice, questionnaire (every question as expected), confirmation, signature, result."""
    await page.add_init_script(camera_script("obama_1.jpg"))
    await page.goto(link)
    await page.wait_for_selector('[data-testid="callback-start"]')
    await shot(page, "phone-callback-start")
    await page.click('[data-testid="callback-start"]')
    for _ in range(4):  # on a busy machine the head may turn too late; people try again too
        await prove_face(page, shot)
        if not await page.locator('[data-testid="face-result"]').count():
            break
    await page.wait_for_selector('[data-testid="notice-tick"], [data-testid="policy-row"]')
    if await page.locator('[data-testid="policy-row"]').count():
        await shot(page, "phone-callback-policies")
        await page.locator('[data-testid="policy-row"]').first.click()
    await confirm_notice(page, shot)
    await answer_questions(page, shot)
    await page.wait_for_selector('[data-testid="open-sign-pad"]')
    await shot(page, "phone-callback-confirm")
    await sign(page, shot)
    await page.click('[data-testid="confirm-answers"]:not([disabled])')
    await page.wait_for_selector('[data-testid="callback-result"]')
    await shot(page, "phone-callback-result")


async def prove_face(page: Page, shot: Shot = no_shot) -> None:
    """Do what the prompts ask before the camera; returns when the video was judged."""
    await page.wait_for_selector('[data-testid="face-capture"]:not([disabled])')
    if await page.locator('[data-testid="other-challenge"]', has_text="换成按提示转头").count():
        await page.click('[data-testid="other-challenge"]')  # nobody here can read digits aloud
        await page.wait_for_selector('[data-testid="face-capture"]:not([disabled])')
    await shot(page, "phone-callback-face")
    await page.click('[data-testid="face-capture"]')
    await page.wait_for_selector('[data-testid="face-prompt"][data-action^="turn_"]')
    await shot(page, "phone-callback-face-turn")
    await page.wait_for_selector('[data-testid="face-prompt"]', state="detached", timeout=90_000)


async def confirm_notice(page: Page, shot: Shot = no_shot) -> None:
    """Read and tick the notice."""
    await page.wait_for_selector('[data-testid="notice-tick"]')
    await shot(page, "phone-callback-notice")
    await page.locator('label:has([data-testid="notice-tick"])').click()
    await page.click('[data-testid="start-questions"]')


async def answer_questions(page: Page, shot: Shot = no_shot, wrong: str = "") -> None:
    """Answer everything as expected (`wrong`: a question answered the other way), wait for the minimum time, submit."""
    await page.wait_for_selector('[data-testid="submit-answers"]')
    await shot(page, "phone-callback-questions")
    for radio in await page.locator('[data-testid^="question-"][data-testid$="-yes"]').all():
        name = (await radio.get_attribute("data-testid") or "").removeprefix("question-").removesuffix("-yes")
        answer = "no" if (name in EXPECTED_NO) != (name == wrong) else "yes"
        await page.locator(f'label:has([data-testid="question-{name}-{answer}"])').click()
    await page.wait_for_selector('[data-testid="submit-answers"]:not([disabled])', timeout=120_000)
    await shot(page, "phone-callback-answered")
    await page.click('[data-testid="submit-answers"]')


async def sign(page: Page, shot: Shot = no_shot) -> None:
    """Write a signature on the pad."""
    await page.click('[data-testid="open-sign-pad"]')
    await page.wait_for_selector('[data-testid="sign-pad"]')
    box = await page.locator('[data-testid="sign-pad"]').bounding_box()
    assert box is not None
    for start, end in (((0.2, 0.3), (0.8, 0.35)), ((0.5, 0.15), (0.48, 0.85)), ((0.3, 0.6), (0.75, 0.8))):
        await page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
        await page.mouse.down()
        await page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=12)
        await page.mouse.up()
    await shot(page, "phone-callback-signature")
    await page.click('[data-testid="sign-confirm"]')
    await page.wait_for_selector('[data-testid="sign-pad"]', state="detached")
