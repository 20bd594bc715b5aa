"""Hands for the people of the demo: what an agent and a customer do on their pages, from sign-in to the end of the recording."""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Error, Page

from scripts.demo.browser import Person

Answers = Mapping[str, list[str]]
"""Node id → spoken clips (base64 WAV), one per attempt; the last one is repeated. `*` stands for every other node."""

Shot = Callable[[Page, str], Awaitable[None]]


STALL_S = 300.0
"""Longest time any node of the demo case takes, reading three documents on a slow machine included."""

STOPWATCH = """() => {
  const noted = (window.stopwatch = []);
  const note = (what) => noted.push([what, performance.now()]);
  const press = (event) => { const it = event.target.closest?.('[data-testid]'); if (it) note(`click:${it.dataset.testid}`); };
  document.addEventListener('click', press, true);
  let last = '';
  const look = () => {
    const phase = document.querySelector('[data-testid="room"]')?.dataset.phase ?? '';
    if (phase && phase !== last) note(`phase:${(last = phase)}`);
  };
  const what = { attributes: true, attributeFilter: ['data-phase'], childList: true, subtree: true };
  new MutationObserver(look).observe(document.body, what);
  look();
}"""
"""Notes clicks and changes of the session's phase with the browser's monotonic clock, to the frame."""


class Stuck(Exception):
    """The session does not go on; the text says what the pages show."""


async def no_shot(_page: Page, _name: str) -> None:
    """Take no screenshots."""


@dataclass(slots=True)
class Images:
    """Pictures of one customer's documents and face."""

    id_front: Path
    id_back: Path
    bank_card: Path
    face: Path


async def sign_in(page: Page, url: str, user: str, password: str) -> None:
    """Sign in at the desk."""
    await page.goto(f"{url}/desk/")
    await page.fill('[data-testid="login-username"]', user)
    await page.fill('[data-testid="login-password"]', password)
    await page.click('[data-testid="login-submit"]')
    await page.wait_for_selector('[data-testid^="nav-"]')


@dataclass(slots=True)
class Agent:
    """A sales agent at the desk."""

    person: Person
    url: str
    speech: str
    shot: Shot = no_shot
    case_id: str = ""
    session_id: str = ""
    join_code: str = ""
    visited: list[str] = field(default_factory=list)
    _moved_at: float = 0.0

    async def open_case(self, proposal_no: str, images: Mapping[str, Images]) -> str:
        """Open a case from a proposal and capture the identity material. `images` by participant name prefix or `*`."""
        page = self.person.page
        await page.click('[data-testid="new-case"]')
        await page.click(f'[data-testid="proposal-row"][data-proposal-no="{proposal_no}"]')
        await page.wait_for_selector('[data-testid="open-case"]:not([disabled])')
        await self.shot(page, "desk-case-new")
        await page.click('[data-testid="open-case"]')
        await page.wait_for_url(re.compile(r"/cases/case_"))
        self.case_id = page.url.rsplit("/", 1)[-1].partition("?")[0]
        inputs = page.locator('input[data-testid^="upload-"]')
        await inputs.first.wait_for(state="attached")
        names = [await inputs.nth(i).get_attribute("data-testid") or "" for i in range(await inputs.count())]
        for name in names:
            owner, _, kind = name.removeprefix("upload-").rpartition("-")
            label = await page.locator(f'[data-testid="{name}"]').get_attribute("aria-label") or ""
            chosen = next((images[key] for key in images if key != "*" and key in label), images.get("*"))
            if chosen is None:
                raise LookupError(f"no images for {owner} ({label})")
            async with page.expect_response(lambda r: r.request.method == "PUT" and "/images/" in r.url, timeout=60_000) as got:
                await page.set_input_files(f'[data-testid="{name}"]', str(getattr(chosen, kind)))
            response = await got.value
            if response.status >= 400:
                raise RuntimeError(f"{name}: {await response.text()}")
        await self.shot(page, "desk-case-identity")
        return self.case_id

    async def create_session(self) -> str:
        """Create the remote session; returns the join code."""
        page = self.person.page
        await page.wait_for_selector('[data-testid="create-session"]:not([disabled])')
        async with page.expect_response(lambda r: r.url.endswith("/session") and r.request.method == "POST") as got:
            await page.click('[data-testid="create-session"]')
        response = await got.value
        body = await response.json()
        if response.status >= 400:
            raise RuntimeError(str(body))
        self.session_id = body["session_id"]
        text = await page.locator('[data-testid="join-code"]').first.inner_text()
        self.join_code = re.sub(r"\D", "", text)[:6]
        await self.shot(page, "desk-case-code")
        return self.join_code

    async def enter(self) -> None:
        """Device check, then the room, before anybody else."""
        page = self.person.page
        await page.click('[data-testid="prepare-room"]')
        await page.wait_for_selector('[data-testid="enter-room"]')
        await asyncio.sleep(1.5)
        await self.shot(page, "desk-prepare")
        await page.click('[data-testid="enter-room"]')
        await page.wait_for_selector('[data-testid="room"]')

    async def start(self) -> None:
        """Press the red button as soon as everybody is in. A stopwatch in the page notes when; see `recorded_s`."""
        page = self.person.page
        await page.wait_for_selector('[data-testid="start-recording"]:not([disabled])', timeout=60_000)
        await page.evaluate(STOPWATCH)
        await self.shot(page, "desk-room-lobby")
        await page.click('[data-testid="start-recording"]')
        await page.wait_for_selector('[data-testid="room"][data-phase="recording"]')

    async def run_nodes(self, *, timeout_s: float = 900) -> None:
        """Drive every node: confirm papers, speak, replay what was not understood, advance; ends the recording."""
        page = self.person.page
        self._moved_at = time.monotonic()
        async with asyncio.timeout(timeout_s):
            while True:
                if time.monotonic() - self._moved_at > STALL_S:
                    raise Stuck(f"no progress for {STALL_S:.0f} s at {await self.describe()}")
                phase = await page.locator('[data-testid="room"]').get_attribute("data-phase")
                if phase != "recording":
                    return
                node = page.locator('[data-testid="node-current"]')
                if await node.count() == 0:
                    await asyncio.sleep(0.3)
                    continue
                node_id = await node.get_attribute("data-node-id") or ""
                kind = await node.get_attribute("data-kind") or ""
                if node_id not in self.visited:
                    self.visited.append(node_id)
                    self._moved_at = time.monotonic()
                    if kind == "agent_statement" or node_id == "agent_identity":
                        await self.person.say(self.speech)
                with contextlib.suppress(Error):
                    await self._once(page, node_id, kind)
                await asyncio.sleep(0.4)

    async def recorded_s(self) -> tuple[float, float]:
        """Between how many seconds the recording was on, by the browser's own clock, which no part of the service has touched.

        At least from when the page showed that it records until 结束 was confirmed; at most from the red button until the page
        showed that it was over.
        """
        noted: list[tuple[str, float]] = [(what, at) for what, at in await self.person.page.evaluate("window.stopwatch")]
        pressed = next(at for what, at in noted if what == "click:start-recording")
        shown = next(at for what, at in noted if what == "phase:recording")
        confirmed = next(at for what, at in noted if what == "click:confirm-end")
        over = next(at for what, at in noted if what.startswith("phase:") and at > confirmed)
        return (confirmed - shown) / 1000, (over - pressed) / 1000

    async def describe(self) -> str:
        """What the agent sees: node, answers, what is missing, warnings."""
        page = self.person.page

        async def texts(testid: str) -> list[str]:
            found = await page.locator(f'[data-testid="{testid}"]').all_inner_texts()
            return [" ".join(text.split()) for text in found]

        node = page.locator('[data-testid="node-current"]')
        node_id = await node.first.get_attribute("data-node-id") if await node.count() else None
        answers, missing, alerts = await texts("answer-card"), await texts("missing-item"), await texts("alert")
        return f"node {node_id}; answers {answers}; missing {missing}; alerts {alerts}; visited {len(self.visited)}"

    async def _once(self, page: Page, node_id: str, kind: str) -> None:
        for button in await page.locator('[data-testid^="confirm-id-"]:not([disabled])').all():
            if await button.is_visible():
                await button.click()
        end = page.locator('[data-testid="end-recording"]:not([disabled])')
        advance = page.locator('[data-testid="advance"]:not([disabled])')
        if await advance.count():
            await self.shot(page, f"desk-room-{node_id}")
            await advance.click()
            await asyncio.sleep(0.3)
        elif kind == "closing" and await end.count():
            await self.shot(page, f"desk-room-{node_id}")
            await end.click()
            await page.click('[data-testid="confirm-end"]')
            await page.wait_for_selector('[data-testid="room"]:not([data-phase="recording"])')
        else:
            await self._replay_if_needed(page, node_id)

    async def _replay_if_needed(self, page: Page, node_id: str) -> None:
        states = [await card.get_attribute("data-state") for card in await page.locator('[data-testid="answer-card"]').all()]
        if (
            not any(state in ("negative", "unclear", "silent") for state in states)
            or "listening" in states
            or "waiting" in states
        ):
            return
        replay = page.locator('[data-testid="replay-prompt"]:not([disabled])')
        if await page.locator('[data-testid="override-answer"]').count() and not await replay.count():
            await asyncio.sleep(2)  # the button is off for a moment while the command is on its way
            if not await replay.count():
                raise Stuck(f"no attempts left at {await self.describe()}")
        if await replay.count():
            await self.shot(page, f"desk-room-{node_id}-again")
            await replay.click()
            await asyncio.sleep(0.5)


@dataclass(slots=True)
class Customer:
    """A customer at a phone."""

    person: Person
    url: str
    phone: str
    answers: Answers
    shot: Shot = no_shot
    spoken: dict[str, int] = field(default_factory=dict)
    role: str = ""

    async def join(self, code: str, read_sms: Callable[[str], Awaitable[str]], roles: list[str] | None = None) -> None:
        """From the code to the room. `read_sms(phone)` gives the newest code sent to this phone."""
        page = self.person.page
        await page.goto(f"{self.url}/m/")
        await self.shot(page, "phone-code")
        await page.fill('[data-testid="join-code"]', code)
        await page.wait_for_selector('[data-testid="phone-last4"]')
        await page.fill('[data-testid="phone-last4"]', self.phone[-4:])
        await self.shot(page, "phone-last4")
        await page.click('[data-testid="send-sms"]')
        await page.wait_for_selector('[data-testid="sms-code"]')
        await self.shot(page, "phone-sms-code")
        await page.fill('[data-testid="sms-code"]', await read_sms(self.phone))
        await page.wait_for_selector('[data-testid="claim"]')
        for box in await page.locator('input[data-testid^="role-"]:not([disabled])').all():
            name = await box.get_attribute("data-testid") or ""
            if (roles is None or name.removeprefix("role-") in roles) and not await box.is_checked():
                await page.locator(f'label:has([data-testid="{name}"])').click()
        await self.shot(page, "phone-roles")
        await page.click('[data-testid="claim"]')
        await page.wait_for_selector('[data-testid="consent-agree"]')
        await self.shot(page, "phone-consents")
        for tick in await page.locator('label:has(input[data-testid^="consent-"])').all():
            await tick.click()
        await page.click('[data-testid="consent-agree"]')
        await page.wait_for_selector('[data-testid="open-devices"], [data-testid="enter-room"]')
        for _ in range(10):  # where the browser already allows it, the page opens them by itself
            if await page.locator('[data-testid="enter-room"]').count():
                break
            with contextlib.suppress(TimeoutError, Error):
                await page.click('[data-testid="open-devices"]', timeout=1_000)
        await page.wait_for_selector('[data-testid="enter-room"]')
        await self.person.say(next(iter(self.answers.values()))[0])
        await self.shot(page, "phone-devices")
        await page.click('[data-testid="enter-room"]')
        await page.wait_for_selector('[data-testid="room"]')

    async def take_part(self, *, timeout_s: float = 900) -> None:
        """Do what the page asks until the session is over."""
        page = self.person.page
        async with asyncio.timeout(timeout_s):
            while True:
                room = page.locator('[data-testid="room"]')
                if await room.count() == 0:
                    return
                # An element may change under the finger, as it does for people: look again.
                with contextlib.suppress(Error):
                    if await page.locator('[data-testid="reader"]').count():
                        await self._read_on(page)
                    elif await page.locator('[data-testid="listening"]').count():
                        await self._answer(page)
                    else:
                        await self._press(page)
                await asyncio.sleep(0.25)

    async def _answer(self, page: Page) -> None:
        node = await page.locator('[data-testid="card"]').get_attribute("data-node-id") or "*"
        clips = self.answers.get(node) or self.answers["*"]
        number = self.spoken.get(node, 0)
        self.spoken[node] = number + 1
        await self.shot(page, "phone-listening")
        await self.person.say(clips[min(number, len(clips) - 1)])
        for _ in range(80):
            if not await page.locator('[data-testid="listening"]').count():
                return
            await asyncio.sleep(0.1)

    async def _press(self, page: Page) -> None:
        for testid in ("confirm-agent-id", "start-share", "stop-share"):
            button = page.locator(f'[data-testid="{testid}"]:not([disabled])')
            if await button.count() and await button.first.is_visible():
                await self.shot(page, f"phone-{self.role}-{testid}")
                await button.first.click()
                await asyncio.sleep(0.5)
                return

    async def _read_on(self, page: Page) -> None:
        if await page.locator('[data-testid="sign-pad"]').count():
            await self._sign(page)
            return
        for testid in ("stop-share",):
            button = page.locator(f'[data-testid="{testid}"]:not([disabled])')
            if await button.count() and await button.first.is_enabled() and await self._is_in_front(page, testid):
                await button.first.click()
                return
        action = page.locator('[data-testid="reader"] footer button').first
        if await action.count() and await action.is_enabled() and await action.is_visible():
            name = await action.get_attribute("data-testid")
            if name in ("reader-start", "sign-open", "reader-enlarge-title"):
                await asyncio.sleep(0.6)
                await self.shot(page, f"phone-{self.role}-{name}")
            await action.click(timeout=2_000)

    async def _is_in_front(self, page: Page, testid: str) -> bool:
        inert: bool = await page.evaluate("id => !!document.querySelector(`[data-testid=\"${id}\"]`)?.closest('[inert]')", testid)
        return not inert

    async def _sign(self, page: Page) -> None:
        box = await page.locator('[data-testid="sign-pad"]').bounding_box()
        if box is None:
            return
        x, y, w, h = box["x"], box["y"], box["width"], box["height"]
        strokes = [
            [(0.2, 0.3), (0.5, 0.28), (0.8, 0.32)],
            [(0.5, 0.15), (0.5, 0.5), (0.48, 0.85)],
            [(0.25, 0.6), (0.5, 0.55), (0.78, 0.85)],
        ]
        for stroke in strokes:
            await page.mouse.move(x + stroke[0][0] * w, y + stroke[0][1] * h)
            await page.mouse.down()
            for px, py in stroke[1:]:
                await page.mouse.move(x + px * w, y + py * h, steps=8)
            await page.mouse.up()
        await self.shot(page, f"phone-{self.role}-signed")
        await page.click('[data-testid="sign-confirm"]')
        await page.wait_for_selector('[data-testid="sign-pad"]', state="detached")
